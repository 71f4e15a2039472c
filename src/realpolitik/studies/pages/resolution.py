"""A roll call's own page: the vote, by member and group, beside its earlier versions and the forecast made before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from realpolitik.findings import find_method
from realpolitik.findings.brief import Block, Brief, Bullets, Chart, Closed, Paragraph, Part, Parts, Section, Tiles
from realpolitik.terms import Grade, as_day

from ..record import ROLL_CALL
from ..scored import SCORED
from .ahead import MISSES, ORDER
from .blocks import OUTCOMES, Told, finished, grid, joined, kind_words, limits_of, list_or, reason, told
from .ground import Ground, Grounds, ground, short_title, the_call
from .versions import VERSIONS

WORST, LONG = 15, 220
GROUP_NAMES = {
    "africa": "Africa", "asia_pacific": "Asia and the Pacific", "eastern_europe": "Eastern Europe", "latin_america": "Latin America and the Caribbean",
    "western_europe_and_others": "Western Europe and others", "none": "in no group",
}  # fmt: skip


def resolution(taken: Grounds, symbol: str, as_of: str | None = None) -> Brief:
    """The page of one recorded roll call, ready to be written.

    Parameters
    ----------
    taken
        A case, a built-in name, a folder, or roll calls as ``read_votes`` gives them.
    symbol
        The roll call's symbol (``A/RES/ES-11/1``).
    as_of
        The knowledge date; where not given the case's own, or the day of the vote where that is later.

    The forecast on the page was made from the record up to the day before the vote and read nothing of it.
    Raises InputError where the roll call or its votes are not in the record, or were not yet known on the day.

    >>> import realpolitik as rp
    >>> rp.resolution("iran-ukraine-2022", "A/RES/ES-11/1").title
    'Deplore the invasion of Ukraine and demand withdrawal'
    """
    place = ground(taken, "")
    call = the_call(place.whole, symbol)
    day = as_of if as_of is not None else (place.case.about.as_of if place.case else "")
    if as_of is None and day:
        day = day if as_day(day) >= call["date"] else str(call["date"])
    the_call(place.whole, symbol, place.whole, day)
    return resolution_page(ground(taken, day) if day else place, symbol, {})


def resolution_page(place: Ground, symbol: str, beside: Mapping[str, str]) -> Brief:
    """The page on a ground that is already made."""
    call = the_call(place.votes, symbol)
    g = replace(place, findings={}, missed={})
    g.make("record", ROLL_CALL, resolution=symbol)
    g.make("versions", VERSIONS, resolution=symbol)
    if call["body"] == "GA":
        before = str(call["date"] - timedelta(days=1))
        for name, card in (
            ("forecast", find_method("alignment.forecast_roll_call")),
            ("order", ORDER),
            ("misses", MISSES),
            ("scored", SCORED),
        ):
            if name == "forecast" or "forecast" in g.findings:
                g.make(name, card, whole=True, resolution=symbol, as_of=before)
    else:
        g.missed["forecast"] = "A forecast is made for the General Assembly only."
    title = short_title(call["title"]) or symbol
    question = f"Who voted how on {symbol}, who changed, and what had been expected?"
    sections = (
        _vote(g, call), _groups_first(g), _changed_first(g), _expected(g), _margin(g), _missed_first(g),
        _map(g, symbol), _groups(g), _versions(g), _changes(g), _against(g), _precedents(g), limits_of(g),
    )  # fmt: skip
    return finished(g, f"Roll call · {symbol} · {call['date']}", title, question, sections, beside)


def _vote(g: Ground, call: Mapping[str, object]) -> Section:
    record, versions = Told("record", g.findings["record"]), Told("versions", g.findings["versions"])
    parts: list[Part] = []
    for i, word in enumerate(OUTCOMES):
        parts += [f"{word} ", record.at("members", i, "totals"), ", "]
    blocks: list[Block] = [Paragraph((*parts[:-1], "."), label="Members")]
    agenda = str(call["agenda"] or "")
    if agenda:
        shown = agenda if len(agenda) <= LONG else agenda[: LONG - 1] + "…"
        blocks.append(Paragraph((replace(versions.at("agenda", 0, "versions", shown), theirs=True),), label="Agenda"))
    blocks.append(Paragraph((f"{kind_words(str(call['kind'] or 'not coded'))}.",), label="Kind of act"))
    return Section("vote", "The vote", tuple(blocks), True, ("record",))


def _groups_first(g: Ground) -> Section:
    v = Told("versions", g.findings["versions"])
    frame = v.frame("groups")
    items = [(f"{GROUP_NAMES[frame['group'][i]]}: ", *v.tally(i, "groups")) for i in range(frame.height)]
    return Section("groups-first", "Group by group", (Bullets(tuple(items)),), True, ("versions",))


def _changed_first(g: Ground) -> Section:
    v = Told("versions", g.findings["versions"])
    if v.frame("versions").height < 2:
        said = "None is in the record: no text of the same series, or with the same words in its title."
        return Section("changed", "Since the last text of its series", (Paragraph((said,)),), True, ("versions",))
    counts = v.frame("changes")
    items = joined((f"{counts['change'][i]} ", v.at("members", i, "changes")) for i in range(counts.height))
    turned = [i for i, change in enumerate(v.frame()["change"].to_list()) if change in ("towards no", "towards yes")]
    names = joined(
        (f"{g.label(v.frame()['state'][i])} (", v.at("before", i), " to ", v.at("vote", i), ")") for i in turned[:6]
    )
    blocks: list[Block] = [
        Paragraph(("Before: ", *v.call(1, "versions"), ": ", *v.tally(1, "versions"), ".")),
        Paragraph((*items, "."), label="Members"),
    ]
    blocks += (
        [Paragraph((*names, "." if len(turned) <= 6 else " and others, below."), label="Turned")] if turned else []
    )
    return Section("changed", "Since the last text of its series", tuple(blocks), True, ("versions",))


def _expected(g: Ground) -> Section:
    order, scored = told(g, "order"), told(g, "scored")
    if order is None:
        return Section(
            "expected", "What had been expected", (Paragraph(("No forecast: ", *reason(g, "forecast"))),), True
        )
    day = str(order.finding.parameters["as_of"])
    blocks: list[Block] = [
        Paragraph((f"From the record up to {day}. No vote or total of the act was read.",), tone="small")
    ]
    if g.findings["forecast"].grade is Grade.ESTIMATED:
        blocks.append(Told("forecast", g.findings["forecast"]).answer("Forecast"))
    else:
        blocks.append(order.answer("Forecast"))
        blocks.append(Paragraph(("An order from a choice of roll calls, not estimated.",), tone="small"))
    if scored:
        rules = scored.frame()
        best = next(i for i in range(rules.height) if rules["rule"][i] != "forecast")
        own = scored.row(rule="forecast") or 0
        blocks.append(Paragraph(("The forecast told ", scored.at("right", own), " of ", scored.at("members", own), f"; {rules['rule'][best].replace('_', ' ')}, the best simple rule here, ", scored.at("right", best), ". One vote proves no skill."), label="Held against the vote"))  # fmt: skip
    return Section("expected", "What had been expected", tuple(blocks), True, ("order",))


def _margin(g: Ground) -> Section:
    v = Told("versions", g.findings["versions"])
    frame = v.frame("margin")
    if frame.is_empty():
        return Section(
            "margin",
            "What would have changed it",
            (Paragraph(("See the Council’s rule of voting: `realpolitik run CASE alignment.council`.",)),),
            True,
        )
    items = [
        (f"By {frame['majority'][i]}: ", v.at("turned", i, "margin"), " yes votes would have had to be no.")
        for i in range(frame.height)
    ]
    note = "Of those present and voting; abstentions and absences are not votes (Charter, Article 18). Which majority applied is not in the record."
    return Section("margin", "What would have changed it", (Bullets(tuple(items)), Paragraph((note.replace("Article 18", "on voting in the Assembly"),), tone="small")), True, ("versions",))  # fmt: skip


def _missed_rows(misses: Told) -> list[int]:
    """Members told wrongly, the worst first: by the share given to the act where it is estimated, else by its place in the order."""
    frame = misses.frame()
    rows = [i for i in range(frame.height) if frame["place"][i] > 1]
    if misses.finding.grade is Grade.ESTIMATED:
        return sorted(rows, key=lambda i: (frame["share"][i], frame["state"][i]))
    return sorted(rows, key=lambda i: (-frame["place"][i], frame["state"][i]))


def _missed_first(g: Ground) -> Section:
    misses = told(g, "misses")
    if misses is None:
        return Section(
            "missed-first", "Worst misses", (Paragraph(("There is no forecast to hold against the vote.",)),), True
        )
    rows = _missed_rows(misses)
    items = [
        (
            f"{g.label(misses.frame()['state'][i])}: ",
            misses.at("first", i),
            " first, voted ",
            misses.at("vote", i),
            *_given(misses, i),
        )
        for i in rows[:5]
    ]
    return Section(
        "missed-first",
        "Worst misses",
        (list_or(items, "The forecast put every member’s act first."),),
        True,
        ("misses",),
    )


def _given(misses: Told, row: int) -> Parts:
    if misses.finding.grade is Grade.ESTIMATED:
        return (" (given ", misses.share("share", row), ")")
    return (" (place ", misses.at("place", row), " in the order)")


def _map(g: Ground, symbol: str) -> Section:
    record, misses = Told("record", g.findings["record"]), told(g, "misses")
    cells = {state: record.at("vote", i) for i, state in enumerate(record.frame()["state"].to_list())}
    wrong = tuple(misses.frame()["state"][i] for i in _missed_rows(misses)) if misses else ()
    outlined = "members for which the forecast put another outcome first" if wrong else ""
    tiles = Tiles(cells, f"{symbol}, as recorded: one tile per member", wrong, outlined)
    return Section("map", "Who stood where", (record.answer(), tiles), findings=("record",))


def _groups(g: Ground) -> Section:
    v = Told("versions", g.findings["versions"])
    frame = v.frame("groups")
    rows = [
        (
            (GROUP_NAMES[frame["group"][i]],),
            *((v.at(w, i, "groups"),) for w in OUTCOMES),
            (v.at("members", i, "groups"),),
        )
        for i in range(frame.height)
    ]
    chart = Chart("versions", "Members of each regional group by their vote", {"view": "groups", "labels": GROUP_NAMES})
    return Section(
        "groups",
        "By regional group",
        (chart, grid(("Group", *OUTCOMES, "listed"), rows, "", "versions"), v.limits()),
        findings=("versions",),
    )


def _versions(g: Ground) -> Section | None:
    v = Told("versions", g.findings["versions"])
    frame = v.frame("versions")
    if frame.height < 2:
        return None
    rows = [
        ((*v.call(i, "versions"),), *((v.at(w, i, "versions"),) for w in OUTCOMES))
        for i in range(min(frame.height, 20))
    ]
    chart = Chart("versions", "Members by their vote, text by text", {"view": "versions"})
    return Section(
        "series",
        "Earlier texts of its series",
        (chart, grid(("Roll call", *OUTCOMES), rows, "", "versions")),
        findings=("versions",),
    )


def _changes(g: Ground) -> Section | None:
    v = Told("versions", g.findings["versions"])
    if v.frame("versions").height < 2:
        return None
    frame = v.frame()
    blocks: list[Block] = []
    for change in ("towards no", "towards yes", "came", "stayed away", "new"):
        here = [i for i in range(frame.height) if frame["change"][i] == change]
        items = tuple(
            (
                f"{g.label(frame['state'][i])}: ",
                *((v.at("before", i), " to ") if frame["before"][i] else ()),
                v.at("vote", i),
            )
            for i in here
        )
        if items:
            blocks.append(
                Closed(
                    f"{change}: {', '.join(g.label(frame['state'][i]) for i in here[:4])}{' …' if len(here) > 4 else ''}",
                    (Bullets(items),),
                )
            )
    turns = v.frame("turns")
    found = {(turns["before"][i], turns["vote"][i]): i for i in range(turns.height) if turns["before"][i]}
    rows = [
        (
            (f"before: {x}",),
            *(((v.at("members", found[x, y], "turns"),) if (x, y) in found else ("–",)) for y in OUTCOMES),
        )
        for x in OUTCOMES
    ]
    table = grid(("", *OUTCOMES), rows, "Rows: the text before it in the series; columns: this vote", "versions")
    return Section("changes", "Who changed", (v.answer(), table, *blocks), findings=("versions",))


def _against(g: Ground) -> Section | None:
    misses = told(g, "misses")
    if misses is None:
        return None
    estimated = misses.finding.grade is Grade.ESTIMATED
    rows = []
    for i in _missed_rows(misses)[:WORST]:
        against = (misses.at("against", i),) if misses.frame()["against"][i] else ("none of the named",)
        rows.append(
            (
                (g.label(misses.frame()["state"][i]),),
                (misses.at("vote", i),),
                (misses.at("first", i),),
                (misses.share("share", i),) if estimated else (misses.at("place", i),),
                against,
            )
        )
    heads = (
        "Member",
        "Voted",
        "Put first",
        "Given to the act" if estimated else "Place of the act in the order",
        "Precedent that spoke most against the act",
    )
    crossed = misses.frame("crossed")
    found = {(crossed["first"][i], crossed["vote"][i]): i for i in range(crossed.height)}
    table = [
        (
            (f"put first: {x}",),
            *(((misses.at("members", found[x, y], "crossed"),) if (x, y) in found else ("–",)) for y in OUTCOMES),
        )
        for x in OUTCOMES
    ]
    says = "Had the named precedent been left out, the act would have stood higher: that is what would have changed the forecast."
    blocks = (misses.answer(), grid(("", *OUTCOMES), table, "Rows: what the forecast put first; columns: the vote", "misses"), Paragraph((says,)), grid(heads, rows, "The worst misses first", "misses"), misses.limits())  # fmt: skip
    return Section("against", "Forecast against act", blocks, findings=("misses",))


def _precedents(g: Ground) -> Section | None:
    forecast = told(g, "forecast")
    if forecast is None or forecast.frame("precedents").is_empty():
        return None
    frame = forecast.frame("precedents")
    why = [
        "an earlier text of the same title"
        if frame["version"][i]
        else "the same kind of act"
        if frame["same_kind"][i]
        else "a like text"
        for i in range(frame.height)
    ]
    rows = [
        ((*forecast.call(i, "precedents", "source"),), (why[i],), (kind_words(frame["kind"][i]),))
        for i in range(frame.height)
    ]
    table = grid(
        ("Roll call", "Why it is near", "Kind of act, by rule"),
        rows,
        "Those that the forecast names; it rests on others too",
        "forecast",
    )
    return Section("precedents", "Closest precedents", (table,), findings=("forecast",))
