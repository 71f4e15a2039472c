"""Where the actors of an issue stand on its scale, and where each model puts the settlement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from realpolitik.findings import Finding

from .charts import ACCENT, QUIET, Specification, plain_chart, specification
from .trajectories import spread

ROW, MOST, TALL, WIDE, LETTERS = 24, 14, 140, 480, 13


def bargain_chart(
    finding: Finding,
    issue: str = "",
    outcome: float | None = None,
    unit: str = "",
    labels: Mapping[str, str] | None = None,
    **_: Any,
) -> Any:
    """Actors as bars of their share of all weight at their positions; below, each model's point and 90 % interval.

    ``outcome`` draws what was decided, where that is known; ``unit`` names the scale.
    """
    actors = finding.tables.get("actors")
    if actors is None or actors.is_empty():
        return plain_chart(finding)
    chosen = issue or finding.table["issue"][0]
    stands = _stands(actors.filter(pl.col("issue") == chosen), labels or {})
    models = finding.table.filter(pl.col("issue") == chosen).head(MOST)
    rows = [
        {
            "name": (labels or {}).get(r["model"], r["model"].replace("_", " ")),
            "first": k == 0,
            **{c: r[c] for c in ("mean", "q05", "q95")},
        }
        for k, r in enumerate(models.iter_rows(named=True))
    ]
    ends = [v for r in rows for v in (r["q05"], r["q95"], r["mean"])] + [r["position"] for r in stands]
    room = 0.06 * (max(ends) - min(ends)) or 1
    x = {"type": "quantitative", "scale": {"domain": [min(ends) - room, max(ends) + room], "nice": False, "zero": False},
         "axis": {"title": unit or "position", "grid": False}}  # fmt: skip
    spec = specification(
        [],
        f"Positions and models' settlements, {chosen}",
        vconcat=[_actors(stands, outcome, x, room), _models(rows, outcome, x)],
        spacing=16,
    )
    for part in ("width", "autosize", "data"):
        del spec[part]
    return Specification(spec)


def _actors(stands: list[dict[str, Any]], outcome: float | None, x: dict[str, Any], room: float) -> dict[str, Any]:
    plain = x | {"axis": {"title": None, "labels": False, "grid": False}}
    boxes = [row | {"left": row["position"] - room / 4, "right": row["position"] + room / 4} for row in stands]
    y = {"type": "quantitative", "axis": {"title": "share of all weight", "format": ".0%", "tickCount": 4}}
    stack = {
        "x": plain | {"field": "left"},
        "x2": {"field": "right"},
        "y": y | {"field": "share"},
        "y2": {"field": "foot"},
    }
    return {
        "data": {"values": boxes},
        "height": TALL,
        "width": WIDE,
        "layer": [
            *_outcome(outcome, plain, said=True),
            {
                "mark": {"type": "rect", "color": QUIET, "stroke": "var(--paper, #ffffff)", "strokeWidth": 1.5},
                "encoding": stack,
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 10.5, "baseline": "middle"},
                "encoding": {"x": plain | {"field": "right"}, "y": y | {"field": "at"}, "text": {"field": "actor"}},
            },
        ],
    }


def _models(rows: list[dict[str, Any]], outcome: float | None, x: dict[str, Any]) -> dict[str, Any]:
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 200}}
    first = {"condition": {"test": "datum.first", "value": ACCENT}, "value": QUIET}
    return {
        "data": {"values": rows},
        "height": ROW * len(rows),
        "width": WIDE,
        "layer": [
            *_outcome(outcome, x),
            {
                "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.4, "strokeCap": "round"},
                "encoding": {"x": x | {"field": "q05"}, "x2": {"field": "q95"}, "y": y, "color": first},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
                "encoding": {"x": x | {"field": "mean"}, "y": y, "color": first},
            },
        ],
    }


def _stands(actors: pl.DataFrame, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Actors stacked at their positions, each as high as its share of all weight (power times salience)."""
    foot: dict[float, float] = {}
    out: list[dict[str, Any]] = []
    for r in actors.sort("per_position", descending=True, maintain_order=True).iter_rows(named=True):
        start = foot.get(r["position"], 0.0)
        foot[r["position"]] = top = start + r["per_position"]
        out.append({"actor": labels.get(r["actor"], r["actor"]), "position": r["position"], "foot": round(start, 4),
                    "share": round(top, 4)})  # fmt: skip
    highest = max(foot.values())
    unit = highest / TALL
    for position in foot:
        here = [row for row in out if row["position"] == position]
        wanted = [(row["foot"] + row["share"]) / 2 / unit for row in here]
        for row, place in zip(here, spread(wanted, LETTERS, 0, 2 * TALL), strict=True):
            row["at"] = round(place * unit, 4)
    return out


def _outcome(outcome: float | None, x: Mapping[str, Any], said: bool = False) -> list[dict[str, Any]]:
    if outcome is None:
        return []
    data = {"values": [{"at": outcome, "said": f"decided: {outcome:g}"}]}
    at = {**x, "field": "at"}
    text = {"type": "text", "align": "center", "dy": -5, "fontSize": 11, "baseline": "bottom"}
    rule = {
        "data": data,
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": "currentColor"},
        "encoding": {"x": at},
    }
    name = {"data": data, "mark": text, "encoding": {"x": at, "y": {"value": 0}, "text": {"field": "said"}}}
    return [rule, name] if said else [rule]
