"""Two members, or two blocs, compared: agreement over time, beside all pairs, by kind of act, and where they part most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from realpolitik.findings.brief import Block, Brief, Bullets, Chart, Closed, Paragraph, Parts, Section
from realpolitik.methods.alignment.roll_calls.regions import GROUPS
from realpolitik.terms import InputError, Problem, nearest

from .blocks import Told, finished, grid, joined, kind_words, limits_of, list_or
from .ground import Ground, Grounds, ground, the_members
from .sides import LEAST, SIDES

PARTED, PERIODS = 15, 12
Given = str | Sequence[str]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what it is called, and its members."""

    name: str
    members: tuple[str, ...]


def pair(taken: Grounds, a: Given, b: Given, as_of: str | None = None) -> Brief:
    """The page that compares two members, or two blocs, ready to be written.

    Parameters
    ----------
    taken
        A case, a built-in name, a folder, or roll calls as ``read_votes`` gives them.
    a, b
        A member's code, several codes (a list, or text parted by commas), the name of one of the case's comparison sets, or a
        regional group (africa, asia_pacific, eastern_europe, latin_america, western_europe_and_others).
    as_of
        The knowledge date; the case's own where not given, none where it is ``""``.

    Raises InputError for unknown members and groups (with the nearest), and where a member stands on both sides.

    >>> import realpolitik as rp
    >>> rp.pair("iran-ukraine-2022", "IRN", "RUS").title
    'Iran and Russia'
    """
    return pair_page(ground(taken, as_of), a, b, {})


def pair_page(place: Ground, a: Given, b: Given, beside: Mapping[str, str]) -> Brief:
    """The page on a ground that is already made."""
    first, second = side(place, a), side(place, b)
    g = replace(place, findings={}, missed={})
    g.findings["sides"] = _must(g, first, second)
    single = len(first.members) == len(second.members) == 1
    question = f"How far do {first.name} and {second.name} vote alike, is that usual, and where do they part?"
    sections = (
        _overall(g), _usual(g), _inside(g, first, second) if not single else _crossed(g, first, second),
        _closest(g, first, second), _parted_first(g), _who(first, second, single),
        _time(g, first, second), _kinds(g), _parted(g, first, second), limits_of(g),
    )  # fmt: skip
    sort = "Two members" if single else "Two blocs"
    return finished(g, sort, _headed(f"{first.name} and {second.name}"), question, sections, beside)


def _headed(text: str) -> str:
    return text[:1].upper() + text[1:]


def _must(g: Ground, a: Side, b: Side):  # type: ignore[no-untyped-def]
    found = g.make("sides", SIDES, a=list(a.members), b=list(b.members))
    if found is None:
        raise InputError(g.missed["sides"])
    return found


def side(g: Ground, given: Given) -> Side:
    """One side from a code, codes, a set of the case, or a regional group."""
    sets = dict(g.case.about.comparison) if g.case else {}
    if isinstance(given, str) and given in sets:
        return Side(f"{given.replace('_', ' ')}", the_members(g.assembly, sets[given]))
    if isinstance(given, str) and given in GROUPS:
        held = tuple(s for s in GROUPS[given] if s in g.assembly.state_code)
        return Side(given.replace("_", " ").title().replace(" And ", " and "), held)
    codes = given.split(",") if isinstance(given, str) else list(given)
    group = nearest(given, [*sets, *GROUPS]) if isinstance(given, str) and "," not in given and len(given) > 3 else None
    if group:
        raise InputError(
            [
                Problem(
                    "", "side", str(given), "members, a comparison set of the case or a regional group", nearest=group
                )
            ]
        )
    members = the_members(g.assembly, codes)
    names = [g.label(s) for s in members]
    shown = names if len(names) <= 3 else [*names[:3], "others"]
    return Side(" and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0], members)


def _rows(g: Ground, relation: str) -> list[int]:
    """Rows of a relation with a value and enough roll calls, oldest first, the whole record left out."""
    return _held(g, relation, LEAST) or _held(g, relation, 1)


def _held(g: Ground, relation: str, least: int) -> list[int]:
    frame = g.findings["sides"].table
    return [
        i
        for i in range(frame.height)
        if frame["relation"][i] == relation and frame["period"][i] != "all" and frame["n"][i] >= least
    ]


def _line(s: Told, row: int) -> Parts:
    return ("votes identical in ", s.share("agreement", row), " (", s.share("agreement_low", row), " to ", s.share("agreement_high", row), "), kappa ",
            s.fixed("kappa", row), " (", s.fixed("kappa_low", row), " to ", s.fixed("kappa_high", row), "), on ", s.at("n", row), " roll calls")  # fmt: skip


def _overall(g: Ground) -> Section:
    s = Told("sides", g.findings["sides"])
    row = s.row(period="all", relation="between") or 0
    last = _rows(g, "between")[-1]
    period = ("In ", s.at("period", last), ": ")
    blocks: tuple[Block, ...] = (
        Paragraph((*_line(s, row), "."), label="Whole record"),
        Paragraph((*period, *_line(s, last), "."), label="Latest"),
        Paragraph(
            ("Kappa takes out what each side’s habits would give by themselves; intervals draw roll calls again.",),
            tone="small",
        ),
    )
    return Section("overall", "How far they agree", blocks, True, ("sides",))


def _usual(g: Ground) -> Section:
    s = Told("sides", g.findings["sides"])
    row = s.row(period="all", relation="between") or 0
    said: Parts = (s.share("lower", row), " of all pairs of members have a lower kappa on these roll calls; the middle pair has ", s.fixed("q50", row), ", a tenth lie below ", s.fixed("q10", row), " and a tenth above ", s.fixed("q90", row), ".")  # fmt: skip
    rows = _rows(g, "between")
    early, late = rows[0], rows[-1]
    then: Parts = (
        "In ",
        s.at("period", early),
        " it was ",
        s.share("lower", early),
        "; in ",
        s.at("period", late),
        " ",
        s.share("lower", late),
        ".",
    )
    return Section("usual", "Is that usual?", (Paragraph(said), Paragraph(then, label="Over time")), True, ("sides",))


def _crossed(g: Ground, a: Side, b: Side) -> Section:
    s = Told("sides", g.findings["sides"])
    frame = s.frame("crossed")
    order = ("yes", "abstain", "no", "absent")
    found = {(frame["a"][i], frame["b"][i]): i for i in range(frame.height)}
    rows = [
        ((f"{a.name}: {x}",), *(((s.at("n", found[x, y], "crossed"),) if (x, y) in found else ("–",)) for y in order))
        for x in order
    ]
    table = grid(("", *(f"{y}" for y in order)), rows, f"Columns: {b.name}", "sides")
    return Section("crossed", "Vote by vote", (table,), True, ("sides",))


def _inside(g: Ground, a: Side, b: Side) -> Section:
    s = Told("sides", g.findings["sides"])
    items: list[Parts] = []
    for side_, letter in ((a, "a"), (b, "b")):
        whole = s.row(period="all", relation=f"within {letter}")
        held = s.row("cohesion", side=letter)
        if whole is not None:
            items.append((f"{side_.name}: ", *_line(s, whole), "."))
        if held is not None:
            items.append((f"Cohesion of {side_.name}: ", s.fixed("cohesion", held, "cohesion"), " (", s.fixed("low", held, "cohesion"), " to ", s.fixed("high", held, "cohesion"), "), ",
                          s.at("members", held, "cohesion"), " members on ", s.at("n", held, "cohesion"), " roll calls."))  # fmt: skip
    note = Paragraph(("Cohesion: all alike gives the highest value, an even split in three none.",), tone="small")
    return Section("inside", "Inside each bloc", (list_or(items, "Each side is one member."), note), True, ("sides",))


def _closest(g: Ground, a: Side, b: Side) -> Section:
    s = Told("sides", g.findings["sides"])
    frame = s.frame("by_kind")
    wide = [i for i in range(frame.height) if frame["n"][i] >= 5] or list(range(frame.height))
    wide.sort(key=lambda i: frame["agreement"][i] - frame["everyone"][i])
    low, high = wide[:3], wide[::-1][:3]

    def line(i: int) -> Parts:
        return (
            f"{kind_words(frame['kind'][i])}: ",
            s.share("agreement", i, "by_kind"),
            " on ",
            s.at("n", i, "by_kind"),
            " (all pairs ",
            s.share("everyone", i, "by_kind"),
            ")",
        )

    above = [line(i) for i in high if frame["agreement"][i] > frame["everyone"][i]]
    below = [line(i) for i in low if frame["agreement"][i] < frame["everyone"][i]]
    blocks: list[Block] = []
    blocks += [Paragraph((*joined(above, "; "), "."), label="More than all pairs")] if above else []
    blocks += [Paragraph((*joined(below, "; "), "."), label="Less than all pairs")] if below else []
    return Section("closest", "On which kinds of act", tuple(blocks), True, ("sides",))


def _parted_first(g: Ground) -> Section:
    s = Told("sides", g.findings["sides"])
    frame = s.frame("votes")
    rows = [i for i in range(min(4, frame.height)) if frame["apart"][i] > 0]
    items = [(*s.call(i, "votes"), ": ", s.at("a", i, "votes"), " against ", s.at("b", i, "votes")) for i in rows]
    return Section(
        "parted-first",
        "Where they part most",
        (list_or(items, "They never parted on a roll call on which both voted."),),
        True,
        ("sides",),
    )


def _who(a: Side, b: Side, single: bool) -> Section:
    if single:
        items: list[Parts] = [
            (
                "Why they agree: a shared interest, a shared opponent and one following the other look the same in votes.",
            ),
            ("What they agreed on without a vote.",),
        ]
        return Section("unknown", "Not in the evidence", (Bullets(tuple(items)),), True)
    blocks = tuple(Paragraph((", ".join(side.members) + ".",), label=side.name) for side in (a, b))
    return Section("unknown", "Who is compared", blocks, True)


def _time(g: Ground, a: Side, b: Side) -> Section:
    s = Told("sides", g.findings["sides"])
    rows = _rows(g, "between")[::-1][:PERIODS]
    heads = ("Period", "identical votes", "interval", "kappa", "interval", "roll calls", "pairs with a lower kappa")
    lines = [((s.at("period", i),), (s.share("agreement", i),), (s.share("agreement_low", i), " to ", s.share("agreement_high", i)), (s.fixed("kappa", i),),
              (s.fixed("kappa_low", i), " to ", s.fixed("kappa_high", i)), (s.at("n", i),), (s.share("lower", i),)) for i in rows]  # fmt: skip
    names = {"between": f"{a.name} and {b.name}", "within a": f"inside {a.name}", "within b": f"inside {b.name}"}
    defined = any(s.frame()["kappa"][i] is not None for i in rows)
    kappa = Chart(
        "sides",
        "Kappa, each period placed at its last year, with its interval; dashed: the middle of all pairs and the tenths at either end",
        {"measure": "kappa", "names": names},
    )
    share = Chart("sides", "Share of identical votes, with its interval", {"measure": "agreement", "names": names})
    charts: tuple[Block, ...] = (kappa, share) if defined else (share,)
    return Section(
        "time",
        "Agreement over time",
        (*charts, Closed("The latest periods, as figures", (grid(heads, lines, "", "sides"),)), s.limits()),
        findings=("sides",),
    )


def _kinds(g: Ground) -> Section:
    s = Told("sides", g.findings["sides"])
    frame = s.frame("by_kind")
    rows = [((kind_words(frame["kind"][i]),), (s.share("agreement", i, "by_kind"),), (s.share("everyone", i, "by_kind"),), (s.fixed("kappa", i, "by_kind"),), (s.at("n", i, "by_kind"),)) for i in range(frame.height)]  # fmt: skip
    chart = Chart(
        "sides",
        "Share of identical votes by kind of act; hollow: all pairs of members on all such roll calls",
        {"measure": "kinds", "names": {k: kind_words(k) for k in frame["kind"].to_list()}},
    )
    table = grid(("Kind of act", "identical votes", "all pairs", "kappa", "roll calls"), rows, "", "sides")
    return Section("kinds", "By kind of act", (chart, table), findings=("sides",))


def _parted(g: Ground, a: Side, b: Side) -> Section:
    s = Told("sides", g.findings["sides"])
    frame = s.frame("votes")
    shown = [i for i in range(min(PARTED, frame.height)) if frame["apart"][i] > 0]
    rows = [((*s.call(i, "votes"),), (s.at("a", i, "votes"),), (s.at("b", i, "votes"),), (s.at("company", i, "votes"),), s.tally(i, "votes"), (kind_words(frame["kind"][i]),)) for i in shown]  # fmt: skip
    table = grid(("Roll call", a.name, b.name, "In the smaller of their camps", "All members", "Kind of act"), rows, "Furthest apart first; of equal ones those where one of the two had the least company", "sides")  # fmt: skip
    blocks: tuple[Block, ...] = (
        (table,) if shown else (Paragraph(("They never parted on a roll call on which both voted.",)),)
    )
    return Section("parted", "The votes on which they part most", blocks, findings=("sides",))
