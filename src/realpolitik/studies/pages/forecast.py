"""The page of a forecast: four outcomes for every member at the grade they have, what moves them, and what was not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from realpolitik.findings import find_method
from realpolitik.findings.brief import (
    Block,
    Brief,
    Bullets,
    Chart,
    Closed,
    Paragraph,
    Part,
    Parts,
    Section,
    Tiles,
)
from realpolitik.terms import Grade, InputError, as_day

from .ahead import ORDER, SHIFTS
from .blocks import OUTCOMES, Told, finished, grid, joined, kind_words, limits_of, list_or, told
from .ground import Ground, Grounds, ground, short_title

if TYPE_CHECKING:
    from realpolitik.methods.alignment.roll_calls.resolution import RollCall

DRAWN, SOURCES = 24, 6


def forecast(
    taken: Grounds, resolution: str | RollCall, as_of: str | None = None, *, known: Mapping[str, str] | None = None
) -> Brief:
    """The page of a roll call's forecast, recorded or still to come, ready to be written.

    Parameters
    ----------
    taken
        A case, a built-in name, a folder, or roll calls as ``read_votes`` gives them.
    resolution
        A recorded roll call's symbol, of which only title, agenda and day are read, or a ``RollCall`` that is to come.
    as_of
        The last day of the record that is read; the day before the vote where not given, and at the latest.
    known
        Votes that were announced, by member: each is named on the page and is a leaf of the trace.

    Outcomes are shares only where the forecast is estimated; on a choice of roll calls they are an order.
    Raises InputError for an unknown roll call, member or word, or where nothing was known on the day.

    >>> import realpolitik as rp
    >>> page = rp.forecast("iran-ukraine-2022", "A/RES/ES-11/1")
    >>> page.findings["order"].grade.value
    'judgement'
    """
    return forecast_page(ground(taken, ""), resolution, as_of, known, {})


def forecast_page(
    place: Ground, target: str | RollCall, as_of: str | None, known: Mapping[str, str] | None, beside: Mapping[str, str]
) -> Brief:
    """The page on a ground that is already made; its record is not cut, for the forecast cuts it itself."""
    from realpolitik.methods.alignment.roll_calls.resolution import find_target

    described, symbol, day = find_target(place.whole, target)
    held = str(day.astype(object) - timedelta(days=1))
    if as_of:
        held = min(held, str(as_day(as_of)))
    g = replace(place, findings={}, missed={}, as_of=held, votes=place.whole.as_of(held))
    given = {"resolution": target, "as_of": held} | ({"known": dict(known)} if known else {})
    if g.make("forecast", find_method("alignment.forecast_roll_call"), whole=True, **given) is None:
        raise InputError(g.missed["forecast"])
    g.make("order", ORDER, whole=True, **given)
    g.make("rules", find_method("alignment.simple_rules"), whole=True, resolution=target, as_of=held)
    if g.findings["forecast"].grade is Grade.ESTIMATED:
        g.make("shifts", SHIFTS, whole=True, resolution=target, as_of=held)
    shown = _named(g)
    title = short_title(described.title) or symbol
    sections = (
        _expected(g, shown), _rules(g, shown), _rests_on(g), _announced(g, known), _shift(g), _unseen(g, described, known),
        _map(g), _members(g), _moved(g, shown), _against_rules(g), limits_of(g),
    )  # fmt: skip
    sort = f"Forecast{f' · {symbol}' if symbol else ''} · vote of {day!s}"
    return finished(
        g, sort, title, f"How will each member vote on {symbol or 'this text'}, and what moves that?", sections, beside
    )


def _estimated(g: Ground) -> bool:
    return g.findings["forecast"].grade is Grade.ESTIMATED


def _named(g: Ground) -> list[str]:
    """Members told one by one: the case's own, else those whose order is least settled."""
    listed = g.findings["forecast"].table["state"].to_list()
    if g.case:
        about = g.case.about
        wanted = [about.focal, about.partner, *(s for group in about.comparison.values() for s in group)]
        return [s for s in dict.fromkeys(wanted) if s in listed]
    return [listed[i] for i in _unsettled(g)[:8]]


def _unsettled(g: Ground) -> list[int]:
    """Rows of the forecast, those with the closest first two outcomes first."""
    frame = g.findings["forecast"].table
    gaps = []
    for i, row in enumerate(frame.select(OUTCOMES).iter_rows()):
        first, second = sorted(row, reverse=True)[:2]
        gaps.append((first - second, i))
    return [i for _, i in sorted(gaps)]


def _line(g: Ground, state: str) -> Parts:
    """One member's outcomes: with shares where they are estimated, else as an order."""
    order = Told("order", g.findings["order"])
    row = order.row(state=state) or 0
    if not _estimated(g):
        return joined(((order.at(place, row),) for place in ("first", "second", "third", "fourth")), ", then ")
    made = Told("forecast", g.findings["forecast"])
    place = made.row(state=state) or 0
    parts: list[Part] = []
    for column in ("first", "second", "third", "fourth"):
        outcome = order.frame()[column][row]
        parts += [f"{outcome} ", made.share(outcome, place), ", "]
    return tuple(parts[:-1])


def _expected(g: Ground, shown: list[str]) -> Section:
    made, order = Told("forecast", g.findings["forecast"]), Told("order", g.findings["order"])
    note = (
        "Shares are estimated: the model’s skill was measured on votes that it had not seen."
        if _estimated(g)
        else "An order from a choice of roll calls; it is not estimated, and no share of the future is given."
    )
    blocks: list[Block] = [made.answer("All members") if _estimated(g) else order.answer("All members")]
    blocks += [Paragraph((*_line(g, s), "."), label=g.label(s)) for s in shown[:3]]
    if not g.case:
        note = f"The least settled members are named. {note}"
    return Section("expected", "What is expected", (*blocks, Paragraph((note,), tone="small")), True, ("order",))


def _rules(g: Ground, shown: list[str]) -> Section:
    rules = told(g, "rules")
    if rules is None:
        return Section(
            "rules-first", "Simple rules beside it", (Paragraph(("No simple rule could be applied.",)),), True
        )
    items = []
    for state in shown[:3]:
        said = []
        for rule in _rule_names(rules):
            row = rules.row(rule=rule, state=state)
            if row is not None:
                said.append((f"{rule.replace('_', ' ')} ", rules.at("says", row)))
        items.append((f"{g.label(state)}: ", *joined(said)))
    note = "A forecast that does not print its baselines proves nothing."
    return Section(
        "rules-first",
        "Simple rules beside it",
        (list_or(items, "None."), Paragraph((note,), tone="small")),
        True,
        ("rules",),
    )


def _rests_on(g: Ground) -> Section:
    made = Told("forecast", g.findings["forecast"])
    frame = made.frame("precedents")
    items = []
    for i in range(min(4, frame.height)):
        why = (
            "an earlier text of the same title"
            if frame["version"][i]
            else "the same kind of act"
            if frame["same_kind"][i]
            else "a like text"
        )
        items.append((*made.call(i, "precedents", "source"), f": {why}"))
    return Section(
        "rests-on",
        "What it rests on",
        (list_or(items, "No precedent is near enough to be named."),),
        True,
        ("forecast",),
    )


def _announced(g: Ground, known: Mapping[str, str] | None) -> Section:
    if not known:
        text = "None were handed in. Announced votes would sharpen it; each would be named here and in every trace."
        return Section("announced", "Announced votes", (Paragraph((text,)),), True)
    items = tuple((f"{g.label(s)}: {vote}, taken as given",) for s, vote in known.items())
    note = "Where the skill of the forecast with announced votes is quoted, the simple rule that it is held against does not see them."
    return Section("announced", "Announced votes", (Bullets(items), Paragraph((note,), tone="small")), True)


def _shift(g: Ground) -> Section:
    """How far all members together departed from the forecasts of like acts; the answer above gives the totals' range."""
    shifts = told(g, "shifts")
    if shifts is None:
        text = "How far a new shock moves everybody is not known beforehand. It is not measured here: these forecasts are ordered, not estimated."
        return Section("shift", "The shift of all members", (Paragraph((text,)),), True)
    frame = shifts.frame()
    items = [
        (*shifts.call(i), ": expected ", shifts.at("expected", i, shown=f"{frame['expected'][i]:.0f}"), " not voting yes, recorded ", shifts.at("recorded", i))
        for i in range(min(3, frame.height))
    ]  # fmt: skip
    blocks: list[Block] = [shifts.answer(), *([Bullets(tuple(items))] if items else [])]
    return Section("shift", "The shift of all members", tuple(blocks), True, ("shifts",))


def _unseen(g: Ground, target: RollCall, known: Mapping[str, str] | None) -> Section:
    items: list[Parts] = [(f"Everything after {g.as_of}.",)]
    items += [("The draft’s text: none was handed in.",)] if not target.text else []
    items += [("Its sponsors: none were handed in.",)] if not target.sponsors else []
    items += [("What was said and agreed beforehand.",), ("Drafts that failed: the record has none.",)]
    return Section("unseen", "What was not seen", (Bullets(tuple(items)),), True)


def _map(g: Ground) -> Section:
    order = Told("order", g.findings["order"])
    cells = {state: order.at("first", i) for i, state in enumerate(order.frame()["state"].to_list())}
    marked = tuple(order.frame().filter(order.frame()["announced"])["state"].to_list())
    tiles = Tiles(
        cells, "The outcome put first for each member", marked, "members whose vote was announced" if marked else ""
    )
    return Section("map", "What is put first, member by member", (order.answer(), tiles), findings=("order",))


def _members(g: Ground) -> Section:
    made, order = Told("forecast", g.findings["forecast"]), Told("order", g.findings["order"])
    states = made.frame()["state"].to_list()
    blocks: list[Block] = []
    if _estimated(g):
        close = [states[i] for i in _unsettled(g)[:DRAWN]]
        labels = {s: g.label(s) for s in states}
        blocks.append(
            Chart(
                "forecast",
                "The members whose first two outcomes lie closest",
                {"states": tuple(close), "labels": labels},
            )
        )
        rows = [((g.label(s),), *((made.share(o, i),) for o in OUTCOMES)) for i, s in enumerate(states)]
        table = grid(("Member", *OUTCOMES), rows, "", "forecast")
    else:
        rows = [
            ((g.label(s),), *((order.at(p, i),) for p in ("first", "second", "third", "fourth")))
            for i, s in enumerate(order.frame()["state"].to_list())
        ]
        table = grid(("Member", "first", "second", "third", "last"), rows, "", "order")
    blocks.append(Closed("Every member", (table,)))
    return Section("members", "Every member", tuple(blocks), findings=("forecast",))


def _moved(g: Ground, shown: list[str]) -> Section:
    blocks: list[Block] = []
    for state in shown[:10]:
        table = _shares_moved(g, state) if _estimated(g) else _order_moved(g, state)
        blocks.append(Closed(f"{g.label(state)}", (table,)))
    text = "What each named precedent and announced vote adds, averaged over the orders in which they can be taken in; the rest is the member’s own rates and other precedents."
    return Section("moved", "What moves it", (Paragraph((text,)), *blocks), findings=("forecast",))


def _shares_moved(g: Ground, state: str) -> Block:
    made = Told("forecast", g.findings["forecast"])
    frame = made.frame("contributions")
    found: dict[str, dict[str, int]] = {}
    for i, (s, source, outcome) in enumerate(frame.select("state", "source", "outcome").iter_rows()):
        if s == state:
            found.setdefault(source, {})[outcome] = i
    ranked = sorted(found, key=lambda source: -max(abs(frame["value"][i]) for i in found[source].values()))
    rows = [
        ((_source(source),), *((made.signed("value", found[source][o], "contributions"),) for o in OUTCOMES))
        for source in ranked[: SOURCES + 1]
    ]
    return grid(("Source", *OUTCOMES), rows, "In shares; each column sums to the forecast", "forecast")


def _source(source: str) -> str:
    return source.replace("announced:", "announced: ")


def _order_moved(g: Ground, state: str) -> Block:
    order = Told("order", g.findings["order"])
    frame = order.frame("moved")
    here = [i for i in range(frame.height) if frame["state"][i] == state][:SOURCES]
    items = [
        (
            order.at("source", i, "moved"),
            " speaks most for ",
            order.at("towards", i, "moved"),
            " and against ",
            order.at("away", i, "moved"),
        )
        for i in here
    ]
    return list_or(items, "No named source moves it.")


def _rule_names(rules: Told) -> list[str]:
    """The rules that the finding holds, in its own order: none is left out of the page."""
    return list(rules.frame()["rule"].unique(maintain_order=True))


def _against_rules(g: Ground) -> Section | None:
    rules = told(g, "rules")
    if rules is None:
        return None
    order = Told("order", g.findings["order"])
    frame = rules.frame()
    says = {(r, s): i for i, (r, s) in enumerate(frame.select("rule", "state").iter_rows())}
    known = _rule_names(rules)
    rows = []
    for i, state in enumerate(order.frame()["state"].to_list()):
        first = order.frame()["first"][i]
        told_by = [frame["says"][says[rule, state]] for rule in known if (rule, state) in says]
        if any(word != first for word in told_by):
            rows.append(
                (
                    (g.label(state),),
                    (order.at("first", i),),
                    *(((rules.at("says", says[rule, state]),) if (rule, state) in says else ("–",)) for rule in known),
                )
            )
    table = grid(
        ("Member", "forecast", *(rule.replace("_", " ") for rule in known)),
        rows,
        "Members on which the forecast and some rule differ; a rule never names absence",
        "rules",
    )
    return Section(
        "rules", "Beside the simple rules", (rules.answer(), Closed("Member by member", (table,))), findings=("rules",)
    )


__all__ = ["forecast", "forecast_page", "kind_words"]
