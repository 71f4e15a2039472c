"""A conflict's states as a tableau: what is taken up in each, and under which concepts nobody would leave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realpolitik.findings import Finding

from .charts import ACCENT, QUIET, Specification, plain_chart, specification

MOST, ROW, COLUMN = 40, 24, 34
KEY = "■ taken up · ● nobody would leave · letters: who would leave"
GAP = 0.6  #: columns left free between options, concepts and names


def stability_chart(finding: Finding, labels: Mapping[str, str] | None = None, most: int = MOST, **_: Any) -> Any:
    """A row per state: filled squares for what is taken up, discs where the state is an equilibrium, else who would leave.

    States that are equilibria under more concepts come first. Findings on readings of uncertain preferences are drawn as
    plain shares.
    """
    told = finding.tables.get("by_decision_maker")
    if told is None:
        return plain_chart(finding)
    concepts = [c for c in told["concept"].unique(maintain_order=True).to_list() if c in finding.table.columns]
    options = [c for c in finding.table.columns[1:] if "." in c]
    rows = sorted(finding.table.to_dicts(), key=lambda r: (-sum(bool(r[c]) for c in concepts), r["state"]))[:most]
    short = _initials(told["decision_maker"].unique(maintain_order=True).to_list())
    leaves: dict[tuple[int, str], list[str]] = {}
    for state, party, concept in told.filter(~told["stable"]).select("state", "decision_maker", "concept").iter_rows():
        leaves.setdefault((state, concept), []).append(short[party])
    marks = [mark for place, row in enumerate(rows) for mark in _marks(place, row, options, concepts, leaves)]
    heads: list[dict[str, Any]] = [
        *({"x": k, "said": _option(name, labels or {}), "y": -0.7} for k, name in enumerate(options)),
        *({"x": len(options) + GAP + k, "said": name.upper(), "y": -0.7} for k, name in enumerate(concepts)),
    ]
    names: list[dict[str, Any]] = [
        {"x": -0.7, "y": place, "said": (labels or {}).get(str(row["state"]), str(row["state"]))}
        for place, row in enumerate(rows)
    ]
    return _drawn(marks, heads, names, len(options) + len(concepts) + GAP, len(rows))


def _marks(
    place: int,
    row: Mapping[str, Any],
    options: list[str],
    concepts: list[str],
    leaves: Mapping[tuple[int, str], list[str]],
) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = [
        {"x": k, "y": place, "kind": "taken" if row[name] else "not", "said": ""} for k, name in enumerate(options)
    ]
    for k, concept in enumerate(concepts):
        who = leaves.get((row["state"], concept), [])
        holds = bool(row[concept])
        out.append({"x": len(options) + GAP + k, "y": place, "kind": "holds" if holds else "left",
                    "said": "" if holds else " ".join(who)})  # fmt: skip
    return out


def _initials(names: list[str]) -> dict[str, str]:
    """As many first letters of each name as tell it from the others.

    >>> _initials(["Iran", "Israel", "USA"])
    {'Iran': 'Ir', 'Israel': 'Is', 'USA': 'U'}
    """
    return {
        name: next(
            (name[:k] for k in range(1, len(name)) if sum(other.startswith(name[:k]) for other in names) == 1), name
        )
        for name in names
    }


def _option(name: str, labels: Mapping[str, str]) -> str:
    party, option = name.split(".", 1)
    return f"{labels.get(party, party)}: {labels.get(name, option)}"


def _drawn(
    marks: list[dict[str, Any]], heads: list[dict[str, Any]], names: list[dict[str, Any]], wide: float, high: int
) -> Specification:
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [-1, wide], "nice": False}}
    y = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [high + 0.6, -1], "nice": False}}
    at = {"x": x, "y": y}

    def layer(mark: dict[str, Any], kind: str) -> dict[str, Any]:
        return {"transform": [{"filter": f"datum.kind === '{kind}'"}], "mark": mark | {"opacity": 1}, "encoding": at}

    square = {"type": "point", "shape": "square", "size": 130}
    layers = [
        layer(square | {"filled": True, "color": QUIET}, "taken"),
        layer(square | {"filled": False, "color": QUIET, "strokeWidth": 1}, "not"),
        layer({"type": "point", "filled": True, "size": 120, "color": ACCENT}, "holds"),
        {
            "transform": [{"filter": "datum.kind === 'left'"}],
            "mark": {"type": "text", "fontSize": 10.5},
            "encoding": at | {"text": {"field": "said"}},
        },
        {
            "data": {"values": heads},
            "mark": {"type": "text", "angle": 305, "align": "left", "baseline": "middle", "fontSize": 11},
            "encoding": at | {"text": {"field": "said"}},
        },
        {
            "data": {"values": names},
            "mark": {"type": "text", "align": "right", "baseline": "middle", "fontSize": 11},
            "encoding": at | {"text": {"field": "said"}},
        },
        {
            "data": {"values": [{"x": -0.4, "y": high + 0.2, "said": KEY}]},
            "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 11},
            "encoding": at | {"text": {"field": "said"}},
        },
    ]
    spec = specification(
        marks, "States, what is taken up in each, and under which concepts nobody leaves", layer=layers
    )
    del spec["autosize"]
    return Specification(spec | {"width": COLUMN * (wide + 1), "height": ROW * (high + 1.6)})
