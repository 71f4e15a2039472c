"""How far each named precedent and each announced vote moves each member's probabilities.

Shapley values (Shapley 1953) of the forecast as a function of the sources left in, by sampled orders taken forwards and backwards
(Castro, Gómez and Tejada 2009, Computers & Operations Research 36(5)): whatever the orders, they sum to the forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from .record import OUTCOMES

if TYPE_CHECKING:
    from .prepare import Prepared

REST = "rates, kind of act and other precedents"


def share_out(ready: Prepared, named: np.ndarray, told: Mapping[str, int], pairs: int, seed: int) -> pl.DataFrame:
    """Table state, source, outcome, value, se; the values of a state and outcome sum to its probability."""
    record = ready.past.record
    sources = [record.symbols[r] for r in ready.past.rows[named]]
    sources += [f"announced:{state} {OUTCOMES[code]}" for state, code in told.items()]
    values, spread, rest = _shapley(ready, named, len(told), pairs, seed)
    columns = [record.column[s] for s in told]
    values[:, columns] = spread[:, columns] = 0
    rest[columns] = np.eye(4)[list(told.values())] if told else rest[columns]
    shown = np.where(ready.member[0])[0]
    everything = np.concatenate([rest[None], values])[:, shown] if pairs else np.empty((0, len(shown), 4))
    errors = np.concatenate([np.zeros_like(rest)[None], spread])[:, shown] if pairs else everything
    names = [REST, *sources] if pairs else []
    s, i, c = np.indices(everything.shape).reshape(3, -1)
    return pl.DataFrame(
        {
            "state": np.array(record.states)[shown][i],
            "source": pl.Series([names[k] for k in s], dtype=pl.String),
            "outcome": np.array(OUTCOMES)[c],
            "value": everything.reshape(-1),
            "se": pl.Series(errors.reshape(-1)).fill_nan(None),
        }
    ).sort("state", "source", "outcome", maintain_order=True)


def _shapley(
    ready: Prepared, named: np.ndarray, announced: int, pairs: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values (sources x states x outcomes), their standard errors over the pairs of orders, and what is left with every
    source taken out."""
    n = len(named) + announced
    seen: dict[bytes, np.ndarray] = {}

    def forecast(there: np.ndarray) -> np.ndarray:
        key = there.tobytes()
        if key not in seen:
            seen[key] = ready.probabilities(named[~there[: len(named)]], there[len(named) :])
        return seen[key]

    rest = forecast(np.zeros(n, bool))
    total, squares = np.zeros((2, n, *rest.shape))
    rng = np.random.default_rng(seed)
    for order in (rng.permutation(n) for _ in range(pairs)):
        pair = np.zeros_like(total)
        for direction in (order, order[::-1]):
            there, before = np.zeros(n, bool), rest
            for k in direction:
                there[k] = True
                after = forecast(there)
                pair[k] += (after - before) / 2
                before = after
        total, squares = total + pair, squares + pair**2
    mean = total / max(1, pairs)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = (
            np.sqrt(np.maximum(squares / pairs - mean**2, 0) / (pairs - 1)) if pairs > 1 else np.full_like(mean, np.nan)
        )
    return mean, error, rest.copy()
