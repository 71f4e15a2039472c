"""The forecast of a roll call: four shares for each state, or all members in order with what they then did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from realpolitik.findings import Finding
from realpolitik.terms import InputError, Problem, nearest

from .charts import QUIET, VOTE_COLOURS, Specification, specification
from .charts import forecast_chart as by_state
from .trajectories import spread

VIEWS = ("states", "order")
STRIP, NAMED = 0.09, 0.05  #: height of the strip of acts and room above it, as shares of the forecast's height
APART = 5.0  #: members' width that a name needs
LEADER = 0.05  #: length of the line from a member to its name
HEIGHT = 330
CAST = ("yes", "abstain", "no")
AXIS = {
    "title": "forecast, share of votes cast",
    "format": ".0%",
    "values": [0, 0.25, 0.5, 0.75, 1],
    "grid": False,
}


def forecast_chart(finding: Finding, view: str = "states", **options: Any) -> Specification:
    """``states``: bars of some states; ``order``: all members from the surest yes down, with ``acts`` as a strip below."""
    if view not in VIEWS:
        raise InputError([Problem("", "view", view, "one of " + ", ".join(VIEWS), nearest=nearest(view, VIEWS))])
    return by_state(finding, **options) if view == "states" else in_order(finding, **options)


def in_order(
    finding: Finding,
    acts: Finding | None = None,
    states: Iterable[str] = (),
    labels: Mapping[str, str] | None = None,
    **_: Any,
) -> Specification:
    """A column per member: yes, abstention and no as shares of the votes expected, the surest yes on the left.

    Absence is left out of the columns, since it blurs their order. ``acts`` is the recorded roll call, drawn below with
    absence; ``states`` are named.
    """
    frame = _ordered(finding.table)
    members = frame["state"].to_list()
    done = dict(acts.table.select("state", "vote").iter_rows()) if acts is not None else {}
    ground = -(NAMED + STRIP if done else 0) - (LEADER if states else 0)
    named = _named(members, list(states), labels or {})
    rows = [box for k, row in enumerate(frame.iter_rows(named=True)) for box in _column(k, row)]
    rows += [
        {"state": s, "vote": done[s], "x": k, "x2": k + 1, "y": -NAMED - STRIP, "y2": -NAMED}
        for k, s in enumerate(members)
        if s in done
    ]
    rows.sort(key=lambda box: list(VOTE_COLOURS).index(str(box["vote"])))
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, len(members)], "nice": False}}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [ground, 1], "nice": False}, "axis": AXIS}
    layers = [_boxes(x, y), *_below(x, ground, named), _said(x, y, len(members), bool(done))]
    said = f"{finding.parameters['resolution']}: {len(members)} members from the surest yes to the least sure"
    return specification(rows, said, layer=layers, height=HEIGHT)


def _ordered(table: pl.DataFrame) -> pl.DataFrame:
    """The forecast's shares among votes cast, the surest yes first."""
    cast = (pl.col("yes") + pl.col("abstain") + pl.col("no")).clip(1e-9)
    frame = table.select("state", *(pl.col(c) / cast for c in CAST))
    return frame.sort("yes", "abstain", "state", descending=[True, True, False])


def _named(members: list[str], states: list[str], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Where names stand below the members they name, moved apart where they would overlap."""
    wrong = [
        Problem("", "states", s, "a member of the forecast", nearest=nearest(s, members))
        for s in states
        if s not in members
    ]
    if wrong:
        raise InputError(wrong)
    states = sorted(states, key=members.index)
    wanted = [members.index(s) + 0.5 for s in states]
    places = spread(wanted, APART, 0, len(members))
    return [
        {"state": labels.get(s, s), "x": round(place, 1), "from": at}
        for s, at, place in zip(states, wanted, places, strict=True)
    ]


def _column(place: int, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The boxes of one member, from the bottom: yes, abstain, no."""
    boxes, foot = [], 0.0
    for outcome in CAST:
        top = foot + float(row[outcome])
        ends = {"x": place, "x2": place + 1, "y": round(foot, 4), "y2": round(top, 4)}
        boxes.append({"state": row["state"], "vote": outcome} | ends)
        foot = top
    return boxes


def _boxes(x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    colour = {"field": "vote", "type": "nominal", "legend": {"orient": "top", "title": None, "symbolType": "square"},
              "scale": {"domain": list(VOTE_COLOURS), "range": list(VOTE_COLOURS.values())}}  # fmt: skip
    corners = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    return {"mark": {"type": "rect", "strokeWidth": 0}, "encoding": corners | {"color": colour}}


def _below(x: dict[str, Any], ground: float, named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names, and a line from each to its member."""
    foot = {"datum": ground}
    ends = {"x": x | {"field": "from"}, "x2": {"field": "x"}, "y": {"datum": ground + LEADER}, "y2": foot}
    text = {"type": "text", "angle": 270, "align": "right", "baseline": "middle", "fontSize": 10.5, "dx": -3}
    data = {"values": named}
    return [
        {"data": data, "mark": {"type": "rule", "color": QUIET}, "encoding": ends},
        {"data": data, "mark": text, "encoding": {"x": x, "y": foot, "text": {"field": "state"}}},
    ]


def _said(x: dict[str, Any], y: dict[str, Any], members: int, done: bool) -> dict[str, Any]:
    rows = [{"x": members, "y": -NAMED - STRIP / 2, "said": "what they did"}] if done else []
    mark = {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "baseline": "middle"}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"x": x, "y": y, "text": {"field": "said"}}}
