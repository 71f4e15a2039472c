"""Scenarios: cross-impact balances with evidence in every cell, solved completely."""

from importlib import import_module
from typing import Any

_WHERE = {
    "CrossImpactModel": "model",
    "Descriptor": "model",
    "Judgement": "model",
    "build": "model",
    "from_matrix": "model",
    "read_cross_impact": "files",
    "write_cross_impact": "files",
    "read_solutions": "solutions",
    "write_solutions": "solutions",
    "cross_impact": "from_case",
    "Factor": "rows",
    "Impact": "rows",
    "standardised": "changes",
    "weighted": "changes",
    "held": "changes",
    "forbidding": "changes",
    "implying": "changes",
    "with_values": "changes",
    "without_block": "changes",
    "consistent_scenarios": "consistent",
    "count_scenarios": "number",
    "succession": "moves",
    "basins": "moves",
    "ways_from_present": "moves",
    "scenario_robustness": "readings",
    "what_carries": "sensitivity",
    "what_would_take": "changes_needed",
    "what_would_break": "changes_needed",
    "influence_map": "drivers",
    "compare_coders": "experts",
    "pooled": "experts",
    "krippendorff": "experts",
    "support": "carriers",
    "narrative": "carriers",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
