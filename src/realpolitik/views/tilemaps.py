"""Recorded votes as a tile map: a tile per member of the United Nations, a stripe per roll call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from realpolitik.findings import Finding

from .charts import VOTE_COLOURS, Specification, specification
from .tiles import tiles

STEP, WIDTH = 24, 0.92  #: pixels from tile to tile, and the share of it that a tile fills
LETTERS = 0.4  #: share of a tile's height that its name takes


def roll_call_chart(finding: Finding, beside: Iterable[Finding] = (), **_: Any) -> Specification:
    """How every member voted, by colour; with further roll calls ``beside``, a stripe for each from left to right."""
    found = (finding, *beside)
    votes = [dict(one.table.select("state", "vote").iter_rows()) for one in found]
    names = [str(one.parameters["resolution"]) for one in found]
    stripes = [
        {"state": tile.iso3, "resolution": name, "vote": cast[tile.iso3]} | _place(tile.column, tile.row, k, len(found))
        for tile in tiles()
        for k, (name, cast) in enumerate(zip(names, votes, strict=True))
        if tile.iso3 in cast
    ]
    stripes.sort(key=lambda stripe: list(VOTE_COLOURS).index(str(stripe["vote"])))
    labels = [{"state": tile.iso3, "x": tile.column + WIDTH / 2, "y": tile.row + LETTERS / 2} for tile in tiles()]
    across, down = 1 + max(t.column for t in tiles()), 1 + max(t.row for t in tiles())
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, across], "nice": False}}
    y = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [down, 0], "nice": False}}
    colour = {
        "field": "vote",
        "type": "nominal",
        "scale": {"domain": list(VOTE_COLOURS), "range": list(VOTE_COLOURS.values())},
        "legend": {"orient": "top", "title": None, "symbolType": "square"},
    }
    layers = [
        {
            "mark": {"type": "rect", "strokeWidth": 0},
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "color": colour},
        },
        {
            "data": {"values": labels},
            "mark": {"type": "text", "fontSize": 8.5, "baseline": "middle"},
            "encoding": {"x": x, "y": y, "text": {"field": "state"}},
        },
    ]
    said = names[0] if len(names) == 1 else "stripes from left to right: " + ", ".join(names)
    spec = specification(
        stripes,
        f"Votes of the members of the United Nations, {said}",
        layer=layers,
        height=STEP * down,
        title={"text": said, "anchor": "start", "fontSize": 12, "fontWeight": "normal", "color": "currentColor"},
    )
    del spec["autosize"]
    return Specification(spec | {"width": STEP * across})


def _place(column: int, row: int, stripe: int, of: int) -> dict[str, float]:
    """The corners of one stripe of a tile, below the tile's name."""
    wide = WIDTH / of
    left = column + stripe * wide
    return {"x": round(left, 3), "x2": round(left + wide, 3), "y": row + LETTERS, "y2": row + WIDTH}
