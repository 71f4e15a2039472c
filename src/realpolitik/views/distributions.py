"""How measures of similarity are spread over all pairs of a period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from realpolitik.findings import Finding
from realpolitik.terms import InputError, Problem

from .charts import Specification, specification
from .trajectories import COLOURS, said

BINS = 50


def spread_of_pairs(found: Sequence[Finding], period: Any = None, bins: int = BINS) -> Specification:
    """Histograms of each measure over all pairs, one above the other on one scale, with the median of each.

    ``period`` is a session, year or window of the findings; the last one where not given.
    """
    wanted = found[0].table["period"].max() if period is None else period
    bars: list[dict[str, Any]] = []
    medians: list[dict[str, Any]] = []
    for one in found:
        name = said(str(one.parameters["measure"]))
        values = one.table.filter(pl.col("period") == wanted)["value"].drop_nulls()
        if values.is_empty():
            raise InputError([Problem("", "period", str(wanted), f"a period in which {name} is defined for some pair")])
        bars += [{"measure": name} | bar for bar in _bars(values, bins)]
        middle = float(np.median(values.to_numpy()))
        medians.append({"measure": name, "median": round(middle, 4), "said": f"median {middle:.2f}"})
    names = [row["measure"] for row in medians]
    colour = {"field": "measure", "type": "nominal", "legend": None, "sort": None,
              "scale": {"domain": names, "range": list(COLOURS[: len(names)])}}  # fmt: skip
    x = {"field": "left", "type": "quantitative", "scale": {"domain": [-1, 1], "nice": False},
         "axis": {"title": "similarity of a pair", "values": [-1, -0.5, 0, 0.5, 1], "grid": False}}  # fmt: skip
    y = {"field": "share", "type": "quantitative", "axis": {"title": None, "format": ".0%", "tickCount": 3}}
    rows = bars + [{**row, "share": None} for row in medians]
    inner = {
        "width": 520,
        "height": 76,
        "layer": [
            {
                "transform": [{"filter": "isValid(datum.share)"}],
                "mark": {"type": "rect", "strokeWidth": 0},
                "encoding": {"x": x, "x2": {"field": "right"}, "y": y, "y2": {"field": "foot"}, "color": colour},
            },
            {
                "transform": [{"filter": "isValid(datum.median)"}],
                "mark": {"type": "rule", "color": "currentColor", "strokeWidth": 1.5},
                "encoding": {"x": x | {"field": "median"}},
            },
            *(_median(x, side) for side in ("left", "right")),
        ],
    }
    header = {"labelAngle": 0, "labelAlign": "left", "labelFontSize": 12, "labelFontWeight": 600}
    spec = specification(
        rows,
        f"Share of all pairs by similarity, {', '.join(names)}",
        facet={"row": {"field": "measure", "type": "nominal", "title": None, "sort": names, "header": header}},
        spec=inner,
        spacing=10,
    )
    spec["resolve"] = {"scale": {"y": "shared", "x": "shared"}}
    del spec["width"], spec["autosize"]
    return spec


def _median(x: dict[str, Any], side: str) -> dict[str, Any]:
    """The median in words, on the side of its rule that has room."""
    right = "datum.median < 0.4" if side == "left" else "datum.median >= 0.4"
    return {
        "transform": [{"filter": f"isValid(datum.median) && {right}"}],
        "mark": {"type": "text", "align": side, "dx": 5 if side == "left" else -5, "baseline": "top", "fontSize": 11},
        "encoding": {"x": x | {"field": "median"}, "y": {"value": 1}, "text": {"field": "said"}},
    }


def _bars(values: pl.Series, bins: int) -> list[dict[str, Any]]:
    """Bins of equal width from -1 to 1 that hold any pair; the last one holds 1 itself."""
    place = ((values + 1) / 2 * bins).floor().clip(0, bins - 1).cast(pl.Int64)
    count = place.value_counts().sort(place.name)
    return [
        {
            "left": round(2 * k / bins - 1, 4),
            "right": round(2 * (k + 1) / bins - 1, 4),
            "foot": 0,
            "share": round(n / len(values), 5),
        }
        for k, n in count.iter_rows()
    ]
