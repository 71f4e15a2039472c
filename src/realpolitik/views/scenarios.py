"""Charts of cross-impact findings: scenario tableau, consistency, influence map and network, landscape, readings, basins."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from math import atan2, cos, degrees, hypot, pi, sin
from typing import Any

import polars as pl

from realpolitik.findings import Finding
from realpolitik.terms import InputError, Problem, nearest

from .charts import ACCENT, QUIET, Specification, specification

MOST = 60  #: scenarios drawn at most
MOST_TIES = 60  #: ties of the network drawn at most, the strongest first
LINE = "var(--line, #d5dbe0)"
SHAPES = {"driver": "triangle-up", "linkage": "diamond", "outcome": "triangle-down", "autonomous": "circle"}
MEASURES = {"_total_impact": "total impact", "_inconsistency": "inconsistency", "_weight": "states that end there"}
ROW, LABEL = 15, 300  #: height of a line of the tableau, and room for its name, in pixels
WIDE, SIDE = 720, 460
MARGIN = 0.1  #: room below zero on the map, as a share of the highest value
Labels = Mapping[str, str]
Variants = Mapping[str, Sequence[str]]
Drawn = Callable[..., Specification]


def consistent_scenarios_chart(finding: Finding, view: str = "tableau", **options: Any) -> Specification:
    """The scenarios as a tableau of variants, or their total impact, inconsistency and weight side by side."""
    return _view(view, {"tableau": _tableau, "consistency": _consistency})(finding, **options)


def influence_map_chart(finding: Finding, view: str = "map", **options: Any) -> Specification:
    """Influence against dependence, the network of who acts on whom, or the scenarios placed by likeness."""
    return _view(view, {"map": _map, "network": _network, "landscape": _landscape})(finding, **options)


def scenario_robustness_chart(finding: Finding, most: int = MOST, **_: Any) -> Specification:
    """Share of the readings in which each scenario holds, with its interval; those of the judgements as given in the accent."""
    names = _telling(finding, most)
    rows = [
        {
            "name": names.get(r["scenario"], r["scenario"]),
            **{c: r[c] for c in ("share", "low", "high", "base")},
        }
        for r in _first(finding.table, most)
    ]
    return _shares(
        rows, f"Share of readings in which each scenario holds{_cut(finding.table, most)}", "share of readings", "base"
    )


def _telling(finding: Finding, most: int) -> dict[str, str]:
    """The drawn scenarios by the variants in which they differ, those of the judgements as given with their number."""
    every, judged = finding.tables["scenarios"], finding.table.filter(pl.col("base"))["scenario"].to_list()
    whole = finding.table.height < finding.parameters["listed"]
    numbers = _numbers(finding, every.filter(pl.col("scenario").is_in(judged)), "scenario") if whole else {}
    shown = finding.table["scenario"].head(most).to_list()
    return _numbered(_differing(every.filter(pl.col("scenario").is_in(shown)), "scenario"), numbers)


def _numbers(finding: Finding, frame: pl.DataFrame, key: str) -> dict[Any, int]:
    """The rows, from 1, of all consistent scenarios in the table of `consistent_scenarios`: in the order of the variants."""
    if finding.subject is None:
        return {}
    factors = finding.subject.frame("factors").iter_rows(named=True)
    known = {row["id"]: {v: place for place, v in enumerate(row["variants"])} for row in factors}
    ids = [c for c in frame.columns if c != key]
    rows = sorted(frame.iter_rows(named=True), key=lambda row: [known[c][row[c]] for c in ids])
    return {row[key]: number for number, row in enumerate(rows, 1)}


def _numbered(names: dict[Any, str], numbers: Mapping[Any, int]) -> dict[Any, str]:
    return {key: f"{numbers[key]}: {name}" if key in numbers else name for key, name in names.items()}


def _differing(frame: pl.DataFrame, key: str) -> dict[Any, str]:
    """Each row by the variants in which the rows differ, or by all of them where there is one row."""
    variants = [c for c in frame.columns if c != key]
    differ = [c for c in variants if frame[c].n_unique() > 1] or variants
    return {row[key]: " | ".join(row[c] for c in differ) for row in frame.iter_rows(named=True)}


def basins_chart(
    finding: Finding, most: int = MOST, beside: Mapping[int, float] | None = None, named: bool = True, **_: Any
) -> Specification:
    """Share of all states that end in each scenario or cycle; scenarios in the accent.

    ``beside`` maps attractors to shares known from elsewhere, drawn as dots; ``named=False`` keeps their numbers only.
    """
    names = _attractors(finding, most)
    rows = [
        {
            "name": names[r["attractor"]] if named else f"{r['kind']} {r['attractor']}",
            "scenario": r["kind"] == "scenario",
            "beside": (beside or {}).get(r["attractor"]),
            **{c: r[c] for c in ("share", "low", "high")},
        }
        for r in _first(finding.table, most)
    ]
    said = "; dots: known from elsewhere" if beside else ""
    return _shares(
        rows,
        f"Share of states that end in each attractor{_cut(finding.table, most)}{said}",
        "share of states",
        "scenario",
    )


def _view(name: str, known: Mapping[str, Drawn]) -> Drawn:
    if name not in known:
        raise InputError([Problem("", "view", name, "one of " + ", ".join(known), nearest=nearest(name, known))])
    return known[name]


def _first(frame: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    return frame.head(most).to_dicts()


def _cut(frame: pl.DataFrame, most: int) -> str:
    return f" (the first {most} of {frame.height})" if frame.height > most else ""


def _tableau(
    finding: Finding, labels: Labels | None = None, most: int = MOST, variants: Variants | None = None, first: str = "",
    **_: Any,
) -> Specification:  # fmt: skip
    """A column per scenario and a row per variant, filled where the scenario has it, in the order of the model.

    ``variants`` names the descriptors that are drawn, each with its variants; by default all. ``first`` is drawn above
    the others in the accent, and scenarios that have the same variants of it stand together.
    """
    drawn = _drawn(finding, variants, first)
    names = {d: (labels or {}).get(d, d) for d in drawn}
    numbers = _like_beside_like(finding.table.head(most), drawn)
    order = {number: place for place, number in enumerate(numbers)}
    rows = [
        {"scenario": i, "place": order[i], "descriptor": names[d], "variant": r[d], "row": f"{names[d]}: {r[d]}", "first": d == first}
        for d in drawn
        for i, r in enumerate(_first(finding.table, most), 1)
    ]  # fmt: skip
    lines = [f"{names[d]}: {v}" for d, known in drawn.items() for v in known]
    begins = [f"{names[d]}: {known[0]}" for d, known in drawn.items() if known]
    encoding: dict[str, dict[str, Any]] = {
        "x": {
            "field": "scenario",
            "type": "ordinal",
            "scale": {"domain": numbers, "paddingInner": 0.12, "paddingOuter": 0.06},
            "axis": {
                "title": f"scenario, by its row in the table{_cut(finding.table, most)}",
                "labelAngle": 0,
                "labelFontSize": 11,
                "labelOverlap": "greedy",
            },
        },
        "y": {
            "field": "row",
            "type": "nominal",
            "scale": {"domain": lines, "paddingInner": 0.14},
            "axis": {"title": None, "labelLimit": LABEL, "labelExpr": _named_once(begins), "labelPadding": 8},
        },
    }
    told = [{"field": name, "type": "nominal"} for name in ("scenario", "descriptor", "variant")]
    colour = {"condition": {"test": "datum.first", "value": ACCENT}, "value": QUIET}
    layers = [
        {
            "data": {"values": [{"row": line} for line in begins]},
            "mark": {"type": "rule", "color": LINE, "yOffset": -1},
            "encoding": {"y": encoding["y"] | {"bandPosition": 0}},
        },
        {"mark": {"type": "rect"}, "encoding": encoding | {"color": colour, "tooltip": told}},
    ]
    return specification(rows, "Variants of every scenario", layer=layers, height=ROW * len(lines))


def _drawn(finding: Finding, variants: Variants | None, first: str) -> dict[str, list[str]]:
    """Descriptors with their variants in the order of the model, where it is known, else of the alphabet."""
    subject = finding.subject
    known = {}
    if subject is not None:
        known = {row["id"]: list(row["variants"]) for row in subject.frame("factors").iter_rows(named=True)}
    found = {d: known.get(d, sorted(set(finding.table[d]))) for d in _descriptors(finding)}
    if variants is not None:
        found = {d: list(variants[d]) for d in found if d in variants}
    return {d: found[d] for d in sorted(found, key=lambda d: d != first)}


def _like_beside_like(frame: pl.DataFrame, drawn: Mapping[str, list[str]]) -> list[int]:
    """The scenarios' rows in the table, from 1, those with the same variants of the descriptors drawn first together."""
    place = {d: {v: i for i, v in enumerate(known)} for d, known in drawn.items()}
    rows = list(enumerate(frame.iter_rows(named=True), 1))
    rows.sort(key=lambda row: [place[d].get(row[1][d], -1) for d in drawn])
    return [number for number, _ in rows]


def _named_once(begins: list[str]) -> str:
    """A descriptor's name stands beside its first variant only."""
    return f"indexof({json.dumps(begins)}, datum.label) >= 0 ? datum.label : slice(datum.label, indexof(datum.label, ': ') + 2)"


def _descriptors(finding: Finding) -> list[str]:
    return [name for name in finding.table.columns if name not in MEASURES]


def _consistency(finding: Finding, most: int = MOST, **_: Any) -> Specification:
    """Total impact, inconsistency and weight of each scenario; a measure without values is left out."""
    measures = {c: said for c, said in MEASURES.items() if finding.table[c].null_count() < max(1, finding.table.height)}
    rows = [
        {"scenario": place, "measure": said, "value": r[column], "worst": r["_inconsistency"] > 0}
        for place, r in enumerate(_first(finding.table, most), 1)
        for column, said in measures.items()
    ]
    encoding = {
        "x": {"field": "value", "type": "quantitative", "axis": {"title": None, "tickCount": 4}},
        "y": {"field": "scenario", "type": "ordinal", "axis": {"title": "scenario"}},
    }
    colour = {"condition": {"test": "datum.worst", "value": QUIET}, "value": ACCENT}
    layers = [
        {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": {"color": colour}},
        {
            "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11},
            "encoding": {"text": {"field": "value", "type": "quantitative", "format": ",.4~f"}},
        },
    ]
    inner = {"encoding": encoding, "layer": layers, "height": {"step": 20}, "width": 220}
    facet = {"field": "measure", "type": "nominal", "title": None, "sort": list(measures.values())}
    spec = specification(
        rows, f"Consistency of the scenarios{_cut(finding.table, most)}", facet=facet, columns=3, spec=inner
    )
    spec["resolve"] = {"scale": {"x": "independent", "y": "shared"}}
    return _own_size(spec)


def _own_size(spec: Specification) -> Specification:
    """Without the width of the container, for charts whose parts have widths of their own."""
    del spec["width"], spec["autosize"]
    return spec


def _sized(rows: list[dict[str, Any]], description: str, **parts: Any) -> Specification:
    spec = _own_size(specification(rows, description, **parts))
    return Specification(spec | {"width": WIDE, "height": SIDE})


def _map(finding: Finding, labels: Labels | None = None, indirect: bool = False, **_: Any) -> Specification:
    """Influence over dependence, as in MICMAC, with lines at the means; the roles are those of the direct sums."""
    up, along = ("indirect_active", "indirect_passive") if indirect else ("active", "passive")
    rows = [
        {
            "name": (labels or {}).get(r["descriptor"], r["descriptor"]),
            "influence": r[up],
            "dependence": r[along],
            "role": r["role"],
        }
        for r in finding.table.iter_rows(named=True)
    ]
    said = ", indirect" if indirect else ""
    tops = {name: 1.05 * max((row[name] for row in rows), default=0.0) or 1.0 for name in ("dependence", "influence")}
    encoding = {
        axis: {
            "field": name,
            "type": "quantitative",
            "scale": {"domain": [-MARGIN * tops[name], tops[name]], "nice": False},
            "axis": {"title": name + said, "grid": False, "labelExpr": "datum.value < 0 ? '' : datum.label"},
        }
        for axis, name in zip("xy", tops, strict=True)
    }
    shape = {
        "field": "role",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": list(SHAPES), "range": list(SHAPES.values())},
        "legend": {"orient": "top", "title": None},
    }
    colour = {"condition": {"test": "datum.role === 'driver'", "value": ACCENT}, "value": QUIET}
    layers: list[dict[str, Any]] = [
        *(
            {"mark": {"type": "rule", "color": LINE}, "encoding": {axis: encoding[axis] | {"aggregate": "mean"}}}
            for axis in encoding
        ),
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": encoding | {"shape": shape, "color": colour},
        },
        _written(encoding),
    ]
    return _sized(_apart(rows, tops), f"Influence and dependence{said}", layer=layers)


def _apart(rows: list[dict[str, Any]], tops: Mapping[str, float]) -> list[dict[str, Any]]:
    """The rows from the top, each with how far its name must move to stand clear of the points and names before it."""
    whole = 1 + MARGIN
    points = [
        (
            WIDE * (r["dependence"] / tops["dependence"] + MARGIN) / whole,
            SIDE * (1 - r["influence"] / tops["influence"]) / whole,
        )
        for r in rows
    ]
    taken = [(x - 6, x + 6, y) for x, y in points]
    out = []
    for row, (x, y) in sorted(zip(rows, points, strict=True), key=lambda both: both[1][1]):
        left, right = x + 8, x + 14 + 6.2 * len(row["name"])
        moved = next(
            d
            for d in _either_way()
            if not any(left < end and start < right and abs(y + d - at) < 12 for start, end, at in taken)
        )
        taken.append((left, right, y + moved))
        out.append(row | {"down": moved})
    return out


def _either_way() -> Iterator[int]:
    """0, 1, -1, 2, -2, ..."""
    yield 0
    for step in count(1):
        yield from (step, -step)


def _written(encoding: Mapping[str, Any]) -> dict[str, Any]:
    mark = {"type": "text", "align": "left", "dx": 9, "dy": {"expr": "datum.down"}, "fontSize": 11}
    return {"mark": mark, "encoding": {**encoding, "text": {"field": "name"}}}


def _landscape(finding: Finding, **_: Any) -> Specification:
    """Each scenario where the finding's coordinates place it: like scenarios stand together; the axes have no unit."""
    rows = [{"number": i, **r} for i, r in enumerate(finding.tables["landscape"].iter_rows(named=True), 1)]
    encoding = {
        axis: {
            "field": axis,
            "type": "quantitative",
            "scale": {"padding": 24},
            "axis": {"title": None, "labels": False, "grid": False},
        }
        for axis in ("x", "y")
    }
    told = {"field": "scenario", "type": "nominal"}
    point = {
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 0.75, "color": ACCENT},
        "encoding": encoding | {"tooltip": told},
    }
    number = {"mark": {"type": "text", "dy": -12, "fontSize": 11}, "encoding": encoding | {"text": {"field": "number"}}}
    return _sized(rows, "Scenarios by likeness, numbered in the order of the table", layer=[point, number])


def _network(finding: Finding, labels: Labels | None = None, most: int = MOST_TIES, **_: Any) -> Specification:
    """The descriptors on a circle, an arrow from each that acts to what it acts on, wider where stronger."""
    names = finding.table["descriptor"].to_list()
    at = {name: (sin(2 * pi * i / len(names)), cos(2 * pi * i / len(names))) for i, name in enumerate(names)}
    ties = finding.tables["network"].sort("strength", descending=True, maintain_order=True)
    arrows = [_arrow(at[r["by"]], at[r["on"]]) | r for r in _first(ties, most)]
    nodes = [
        {
            "name": (labels or {}).get(name, name),
            "role": role,
            "x": at[name][0],
            "y": at[name][1],
            "side": _side(*at[name]),
        }
        for name, role in finding.table.select("descriptor", "role").iter_rows()
    ]
    ends = {"x": 1.3 * WIDE / SIDE, "y": 1.3}
    encoding = {
        axis: {"field": axis, "type": "quantitative", "axis": None, "scale": {"domain": [-end, end], "nice": False}}
        for axis, end in ends.items()
    }
    width = {
        "field": "strength",
        "type": "quantitative",
        "scale": {"range": [0.5, 5], "domainMin": 0},
        "legend": {"title": "strength", "orient": "bottom", "symbolStrokeColor": QUIET, "titleFontWeight": "normal"},
    }
    angle = {"field": "angle", "type": "quantitative", "scale": None}
    tips = {axis: encoding[axis] | {"field": f"{axis}2"} for axis in ("x", "y")}
    colour = {"condition": {"test": "datum.role === 'driver'", "value": ACCENT}, "value": QUIET}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": arrows},
            "mark": {"type": "rule", "color": QUIET, "opacity": 0.6},
            "encoding": encoding | {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "strokeWidth": width},
        },
        {
            "data": {"values": arrows},
            "mark": {"type": "point", "shape": "triangle", "filled": True, "size": 60, "color": QUIET, "opacity": 1},
            "encoding": tips | {"angle": angle},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 140, "opacity": 1},
            "encoding": encoding | {"color": colour},
        },
        *(
            _beside(encoding, side, dx, dy)
            for side, dx, dy in (("left", 11, 0), ("right", -11, 0), ("top", 0, -16), ("bottom", 0, 16))
        ),
    ]
    return _sized(nodes, f"Who acts on whom{_cut(ties, most)}", layer=layers)


def _side(x: float, y: float) -> str:
    """Which end of the name stands at the node, or whether it stands above or below."""
    if abs(x) < 1e-9:
        return "top" if y > 0 else "bottom"
    return "left" if x > 0 else "right"


def _beside(encoding: Mapping[str, Any], side: str, dx: int, dy: int) -> dict[str, Any]:
    """Names outside the circle, away from the arrows."""
    mark = {"type": "text", "align": side if dx else "center", "dx": dx, "dy": dy, "fontSize": 11, "limit": 175}
    return {
        "transform": [{"filter": f"datum.side === '{side}'"}],
        "mark": mark,
        "encoding": {**encoding, "text": {"field": "name"}},
    }


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> dict[str, float]:
    """Where an arrow starts and ends, short of both nodes and a little to one side, so that both ways can be seen."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    far = max(hypot(dx, dy), 1e-9)
    ux, uy = dx / far, dy / far
    short, aside = 0.07, 0.025
    place = {"x": start[0] + short * ux + aside * uy, "y": start[1] + short * uy - aside * ux}
    return place | {
        "x2": end[0] - short * ux + aside * uy,
        "y2": end[1] - short * uy - aside * ux,
        "angle": degrees(atan2(dx, dy)) % 360,
    }


def _attractors(finding: Finding, most: int) -> dict[int, str]:
    """The drawn attractors by the variants in which they differ, scenarios with their number, cycles with their length."""
    drawn = finding.table.head(most)
    members = finding.tables["members"].filter(pl.col("step") == 0).drop("step")
    judged = finding.table.filter(pl.col("kind") == "scenario")["attractor"].to_list()
    consistent = members.filter(pl.col("attractor").is_in(judged))
    numbers = _numbers(finding, consistent, "attractor") if finding.complete else {}
    states = _differing(members.filter(pl.col("attractor").is_in(drawn["attractor"].to_list())), "attractor")
    states = _numbered(states, numbers)
    before = {"scenario": "", "ruled out": "ruled out: "}
    return {
        number: before.get(kind, f"cycle of {period}: ") + states[number]
        for number, kind, period in drawn.select("attractor", "kind", "period").iter_rows()
    }


def _shares(rows: list[dict[str, Any]], description: str, title: str, marked: str) -> Specification:
    """Bars of shares with their intervals; the marked rows in the accent."""
    x = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domainMin": 0},
        "axis": {"title": title, "format": "~p", "tickCount": 5},
    }
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 420}}
    colour = {"condition": {"test": f"datum.{marked}", "value": ACCENT}, "value": QUIET}
    layers = [
        {
            "mark": {"type": "bar", "cornerRadiusEnd": 2},
            "encoding": {"x": x, "color": colour, "tooltip": {"field": "name", "type": "nominal"}},
        },
        {
            "mark": {"type": "rule", "color": "currentColor"},
            "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}},
        },
    ]
    if any(row.get("beside") is not None for row in rows):
        dot = {"type": "point", "filled": True, "size": 55, "opacity": 1, "color": "currentColor"}
        layers.append({"mark": dot, "encoding": {"x": x | {"field": "beside"}}})
    return specification(rows, description, encoding={"y": y}, layer=layers, height=20 * len(rows))
