"""Charts of the pages on members and roll calls: votes by year and kind, the nearest, movement, agreement, groups, positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from realpolitik.findings import Finding

from .charts import ACCENT, QUIET, VOTE_COLOURS, Specification, specification
from .trajectories import MARKS, Line, trajectories

Labels = Mapping[str, str]
OUTCOMES = tuple(VOTE_COLOURS)
VOTES: Mapping[str, Any] = {
    "field": "vote",
    "type": "nominal",
    "sort": None,
    "scale": {"domain": list(OUTCOMES), "range": list(VOTE_COLOURS.values())},
    "legend": {"orient": "top", "title": None, "columns": 2},
}
SHARE: Mapping[str, Any] = {
    "field": "share",
    "type": "quantitative",
    "stack": True,
    "scale": {"domain": [0, 1]},
    "axis": {"title": None, "format": ".0%", "tickCount": 5},
}
ROW, LABEL = 22, 260
SOFT = "var(--soft, #47525c)"
FEWEST = 10  #: roll calls below which a period is not drawn
QUIETLY = ("all pairs", "all members")  #: lines to compare with, in the quiet colour


def member_acts_chart(
    finding: Finding, view: str = "years", name: str = "the member", labels: Labels | None = None, **_: Any
) -> Specification:
    """A member's votes as shares: by year, or by kind of act with those of all members below."""
    return _years(finding) if view == "years" else _kinds(finding, name, labels)


def _years(finding: Finding) -> Specification:
    rows = [
        {"year": r["year"], "vote": word, "order": i, "roll calls": r[word]}
        for r in finding.tables["by_year"].iter_rows(named=True)
        for i, word in enumerate(OUTCOMES)
    ]
    years = sorted({row["year"] for row in rows})
    step = 1 if len(years) <= 24 else 5
    axis = {
        "title": None,
        "labelAngle": 0,
        "labelOverlap": True,
        "labelSeparation": 3,
        "values": [y for y in years if y % step == 0 or len(years) <= 24],
        "ticks": False,
    }
    encoding = {
        "x": {"field": "year", "type": "ordinal", "axis": axis, "scale": {"paddingInner": 0.12}},
        "y": {
            "field": "roll calls",
            "type": "quantitative",
            "stack": True,
            "axis": {"format": "d", "tickMinStep": 1, "tickCount": 6},
        },
        "color": dict(VOTES),
        "order": {"field": "order"},
    }
    return specification(rows, "Votes by year", mark="bar", encoding=encoding, height=230)


def _kinds(finding: Finding, name: str, labels: Labels | None) -> Specification:
    frame = finding.tables["by_kind"].sort("roll_calls", "kind", descending=[True, False])
    rows = []
    for r in frame.iter_rows(named=True):
        for i, word in enumerate(OUTCOMES):
            known = {"kind": (labels or {}).get(r["kind"], r["kind"]), "vote": word, "order": i}
            rows += [known | {"who": name, "share": r[word] / r["roll_calls"], "fade": 1.0}]
            rows += [known | {"who": "all members", "share": r[f"all_{word}"], "fade": 0.45}]
    encoding = {
        "x": dict(SHARE),
        "y": {"field": "kind", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": LABEL}, "scale": {"paddingInner": 0.3}},
        "yOffset": {"field": "who", "sort": [name, "all members"], "scale": {"paddingInner": 0.08}},
        "color": dict(VOTES),
        "opacity": {"field": "fade", "type": "quantitative", "scale": {"domain": [0, 1], "range": [0, 1]}, "legend": None},
        "order": {"field": "order"},
    }  # fmt: skip
    return specification(rows, "Votes by kind of act", mark="bar", encoding=encoding, height=36 * frame.height)


def peers_chart(finding: Finding, labels: Labels | None = None, shown: int = 12, **_: Any) -> Specification:
    """Kappa with the nearest and the farthest members, with intervals, and in the earlier span."""
    frame = finding.table
    ends = pl.concat([frame.head(shown), frame.tail(max(0, min(shown, frame.height - shown)))])
    rows = [
        {"name": (labels or {}).get(r["other"], r["other"])} | {k: r[k] for k in ("kappa", "low", "high", "earlier")}
        for r in ends.iter_rows(named=True)
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": LABEL}}
    x = {
        "field": "kappa",
        "type": "quantitative",
        "scale": {"domain": [-1, 1]},
        "axis": {"title": "kappa", "tickCount": 9},
    }
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 4, "opacity": 0.4, "color": ACCENT}, "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}},
        {"transform": [{"filter": "isValid(datum.earlier)"}], "mark": {"type": "point", "size": 55, "color": QUIET, "filled": False}, "encoding": {"x": x | {"field": "earlier"}}},
        {"mark": {"type": "point", "size": 75, "filled": True, "opacity": 1, "color": ACCENT}, "encoding": {"x": x}},
    ]  # fmt: skip
    return specification(rows, "Nearest and farthest members", encoding={"y": y}, layer=layers, height=19 * len(rows))


def movement_chart(finding: Finding, focal: str = "", labels: Labels | None = None, **_: Any) -> Specification:
    """Every member's movement with its interval, in order; the focal member, and those at either end, by name."""
    frame = finding.table.sort("change", "state")
    last = frame.height - 1
    own = next((i for i, state in enumerate(frame["state"]) if state == focal), -1)
    named = {own, *(i for i in (0, last) if abs(i - own) > frame.height / 8)}
    rows = [
        {"place": i, "change": r["change"], "low": r["low"], "high": r["high"], "focal": r["state"] == focal,
         "name": (labels or {}).get(r["state"], r["state"]) if i in named else ""}
        for i, r in enumerate(frame.iter_rows(named=True))
    ]  # fmt: skip
    colour = {"condition": {"test": "datum.focal", "value": ACCENT}, "value": QUIET}
    x = {"field": "place", "type": "quantitative", "axis": None, "scale": {"domain": [-1, last + 1], "nice": False}}
    y = {
        "field": "change",
        "type": "quantitative",
        "axis": {"title": "towards yes  ·  towards no", "format": "+.1f", "tickCount": 6},
    }
    ends = {"expr": f"datum.place < {last / 5} ? 'left' : datum.place > {last * 4 / 5} ? 'right' : 'center'"}
    text: dict[str, Any] = {
        "mark": {"type": "text", "fontSize": 12, "fontWeight": 600, "dy": -12, "align": ends},
        "transform": [{"filter": "datum.name != ''"}],
        "encoding": {"text": {"field": "name"}, "y": y | {"field": "high"}, "color": colour},
    }
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.45}, "encoding": {"y": y | {"field": "low"}, "y2": {"field": "high"}, "color": colour}},
        {"transform": [{"filter": "!datum.focal"}], "mark": {"type": "point", "filled": True, "size": 14, "opacity": 0.9}, "encoding": {"y": y, "color": colour}},
        {"transform": [{"filter": "datum.focal"}], "mark": {"type": "point", "filled": True, "size": 95, "opacity": 1}, "encoding": {"y": y, "color": colour}},
        text,
    ]  # fmt: skip
    return specification(rows, "Movement of all members", encoding={"x": x}, layer=layers, height=260)


def sides_chart(finding: Finding, measure: str = "kappa", names: Labels | None = None, **_: Any) -> Specification:
    """Agreement or kappa by period with intervals and, for kappa, the deciles of all pairs; or agreement by kind of act."""
    if measure == "kinds":
        return _agreement_by_kind(finding, names)
    frame = finding.table.filter((pl.col("period") != "all") & pl.col(measure).is_not_null())
    wide = frame.filter(pl.col("n") >= FEWEST)
    frame = frame if wide.is_empty() else wide
    lines = [
        Line((names or {}).get(relation, relation), tuple((int(r["period"][-4:]), r[measure], r[f"{measure}_low"], r[f"{measure}_high"]) for r in part.iter_rows(named=True)))
        for (relation,), part in frame.group_by("relation", maintain_order=True)
    ]  # fmt: skip
    if measure == "kappa":
        base = frame.filter(pl.col("relation") == "between")
        for column, name in (("q90", "upper tenth of pairs"), ("q50", "middle pair"), ("q10", "lower tenth of pairs")):
            points = tuple((int(p[-4:]), v, None, None) for p, v in base.select("period", column).iter_rows())
            lines.append(Line(name, points, "dashed", "all pairs"))
    domain = (-1.02, 1.02) if measure == "kappa" else (0.0, 1.02)
    up = "kappa" if measure == "kappa" else "identical votes"
    return _drawn(lines, trajectories(lines, "Agreement over time", across="year", up=up, domain=domain))


def _drawn(lines: Sequence[Line], spec: Specification) -> Specification:
    """The chart without layers that no line needs, the lines of all pairs or members in the quiet colour."""
    kept = {line.drawn for line in lines}
    unused = [f"datum.drawn === '{drawn}'" for drawn in MARKS if drawn not in kept]
    spec["layer"] = [layer for layer in spec["layer"] if not any(u in str(layer.get("transform", "")) for u in unused)]
    for layer in spec["layer"]:
        scale = layer["encoding"].get("color", {}).get("scale", {})
        names = scale.get("domain", [])
        scale["range"] = [
            SOFT if name in QUIETLY else colour for name, colour in zip(names, scale.get("range", []), strict=False)
        ]
    return spec


def _agreement_by_kind(finding: Finding, names: Labels | None) -> Specification:
    rows = [
        {"kind": (names or {}).get(r["kind"], r["kind"]), "agreement": r["agreement"], "everyone": r["everyone"]}
        for r in finding.tables["by_kind"].iter_rows(named=True)
    ]
    y = {"field": "kind", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": LABEL}}
    x = {
        "field": "agreement",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": "identical votes", "format": ".0%", "tickCount": 5},
    }
    layers = [
        {"mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.35, "color": ACCENT}, "encoding": {"x": x, "x2": {"field": "everyone"}}},
        {"mark": {"type": "point", "size": 65, "color": QUIET, "filled": False}, "encoding": {"x": x | {"field": "everyone"}}},
        {"mark": {"type": "point", "size": 85, "filled": True, "opacity": 1, "color": ACCENT}, "encoding": {"x": x}},
    ]  # fmt: skip
    return specification(rows, "Agreement by kind of act", encoding={"y": y}, layer=layers, height=ROW * len(rows))


def versions_chart(finding: Finding, view: str = "groups", labels: Labels | None = None, **_: Any) -> Specification:
    """Members by vote: in each regional group, or on each version of a text."""
    frame = finding.tables[view]
    if view == "groups":
        named = [((labels or {}).get(r["group"], r["group"]), r) for r in frame.iter_rows(named=True)]
    else:
        named = [(f"{r['roll_call']} · {r['date'].year}", r) for r in frame.head(20).iter_rows(named=True)][::-1]
    return _stacked([(name, r) for name, r in named], "members")


def _stacked(named: Sequence[tuple[str, Mapping[str, Any]]], title: str) -> Specification:
    rows = [
        {"name": name, "vote": word, "order": i, "members": r[word]}
        for name, r in named
        for i, word in enumerate(OUTCOMES)
    ]
    encoding = {
        "x": {"field": "members", "type": "quantitative", "stack": True, "axis": {"title": title, "format": "d", "tickMinStep": 1, "tickCount": 6}},
        "y": {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": LABEL}},
        "color": dict(VOTES),
        "order": {"field": "order"},
    }  # fmt: skip
    return specification(rows, "Members by vote", mark="bar", encoding=encoding, height=ROW * len(named))


def positions_chart(finding: Finding, labels: Labels | None = None, **_: Any) -> Specification:
    """Positions of members by session with intervals, and the deciles of all members, dashed."""
    lines = [
        Line((labels or {}).get(state, state), tuple((int(s), m, lo, hi) for s, m, lo, hi in part.select("session", "mean", "low", "high").iter_rows()))
        for (state,), part in finding.table.sort("state", "session").group_by("state", maintain_order=True)
    ]  # fmt: skip
    first = finding.table["session"].min()
    members = finding.tables["members"].filter(pl.col("session") >= first)
    for column, name in (("q90", "upper tenth"), ("q50", "middle member"), ("q10", "lower tenth")):
        points = tuple((int(s), v, None, None) for s, v in members.select("session", column).iter_rows())
        lines.append(Line(name, points, "dashed", "all members"))
    return _drawn(lines, trajectories(lines, "Positions over time", across="session", up="position"))
