"""Roll calls: kinds of act, simple rules, the forecast of a vote, its trial against the record, Council arithmetic."""

from importlib import import_module
from typing import Any

_WHERE = {
    "PreparedRollCall": "live",
    "RollCall": "resolution",
    "backtest_roll_calls": "backtest",
    "council": "security_council",
    "crisis_panel": "panel",
    "forecast_roll_call": "forecast",
    "kind_of_act": "kinds",
    "prepare_roll_call": "live",
    "simple_rules": "simple",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return __all__
