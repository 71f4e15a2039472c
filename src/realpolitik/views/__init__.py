"""A finding or a brief as a chart, table, tile map, paragraph or page. Renderers are looked up, never called by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def _later(module: str, name: str) -> Callable[..., Any]:
    """A renderer that is imported when it is first used."""

    def render(thing: Any, **options: Any) -> Any:
        return getattr(import_module(f"{__name__}.{module}"), name)(thing, **options)

    render.__name__ = name
    return render


RENDERERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("brief", "html"): _later("page", "page"),
    ("brief", "page"): _later("page", "page"),
    ("brief", "json"): _later("record", "as_record"),
    ("brief", "md"): _later("markdown", "brief_markdown"),
    ("brief", "markdown"): _later("markdown", "brief_markdown"),
    ("brief", "docx"): _later("word", "brief_document"),
    ("profile", "chart"): _later("charts", "profile_chart"),
    ("weigh_reasons", "chart"): _later("charts", "acceptability_chart"),
    ("forecast_roll_call", "chart"): _later("forecasts", "forecast_chart"),
    ("consistent_scenarios", "chart"): _later("scenarios", "consistent_scenarios_chart"),
    ("influence_map", "chart"): _later("scenarios", "influence_map_chart"),
    ("scenario_robustness", "chart"): _later("scenarios", "scenario_robustness_chart"),
    ("basins", "chart"): _later("scenarios", "basins_chart"),
    ("ideal_points", "chart"): _later("trajectories", "ideal_points_chart"),
    ("similarity", "chart"): _later("trajectories", "similarity_chart"),
    ("roll_call", "chart"): _later("tilemaps", "roll_call_chart"),
    ("stability", "chart"): _later("conflicts", "stability_chart"),
    ("bargain", "chart"): _later("settlements", "bargain_chart"),
    ("member_acts", "chart"): _later("members", "member_acts_chart"),
    ("peers", "chart"): _later("members", "peers_chart"),
    ("movement", "chart"): _later("members", "movement_chart"),
    ("sides", "chart"): _later("members", "sides_chart"),
    ("versions", "chart"): _later("members", "versions_chart"),
    ("positions", "chart"): _later("members", "positions_chart"),
    ("*", "chart"): _later("charts", "plain_chart"),
    ("*", "html"): _later("tables", "finding_html"),
    ("*", "markdown"): _later("markdown", "finding_markdown"),
}

__all__ = ["RENDERERS"]
