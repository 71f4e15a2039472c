"""Where states stand when a crisis strains their ties, on every channel and why; what it costs and offers them;
whether the ties hold; and what would change the answer. Everything public is named here and loaded on first use."""

from importlib import import_module
from typing import Any

from ._version import __version__ as __version__

_WHERE = {
    "Case": "case",
    "Estimate": "terms",
    "Finding": "findings",
    "Grade": "terms",
    "InputError": "terms",
    "CaseError": "terms",
    "Problem": "terms",
    "RollCall": "methods.alignment.roll_calls",
    "RollCalls": "evidence",
    "backtest_roll_calls": "methods.alignment.roll_calls",
    "bargain": "methods.bargaining",
    "basins": "methods.scenarios",
    "brief": "studies",
    "check_case": "case",
    "compare": "studies",
    "consistent_scenarios": "methods.scenarios",
    "count_scenarios": "methods.scenarios",
    "cross_impact": "methods.scenarios",
    "exchange": "methods.bargaining",
    "forecast": "studies",
    "forecast_roll_call": "methods.alignment.roll_calls",
    "ideal_points": "methods.alignment.ideal_points",
    "load_finding": "findings",
    "member": "studies",
    "methods": "studies",
    "pair": "studies",
    "prepare_roll_call": "methods.alignment.roll_calls",
    "read_bargaining": "methods.bargaining",
    "read_case": "case",
    "read_conflict": "methods.stability",
    "read_cross_impact": "methods.scenarios",
    "read_votes": "evidence",
    "resolution": "studies",
    "run": "studies",
    "scenario_robustness": "methods.scenarios",
    "similarity": "methods.alignment.similarity",
    "similarity_change": "methods.alignment.similarity",
    "similarity_matrix": "methods.alignment.similarity",
    "stability": "methods.stability",
    "succession": "methods.scenarios",
}

__all__ = sorted([*_WHERE, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
