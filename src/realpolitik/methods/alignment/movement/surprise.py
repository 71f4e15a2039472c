"""What is left between forecast and act, tested on all members before it is shown for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from realpolitik.terms import InputError, Problem

from ..roll_calls.scores import FLOOR

if TYPE_CHECKING:
    import polars as pl

NORMAL_MEDIAN = 0.6744897501960817  #: median distance of a standard normal from 0
Floats = NDArray[np.float64]


def surprises(
    states: Sequence[str], forecast: Floats, acts: NDArray[np.integer], *, level: float = 0.05
) -> pl.DataFrame:
    """How far each member's acts lie from their forecasts, with the test made for all members together.

    Parameters
    ----------
    states : member of each forecast act.
    forecast : (acts, 3) yes, abstain, no, or (acts, 4) with absent; rows sum to 1.
    acts : outcome of each, 0 yes, 1 abstain, 2 no, 3 absent. Absence scores as abstention where it is forecast.
    level : share of false alarms over all members (Holm's step-down).

    Returns
    -------
    state, n, residual (mean score less its expectation; above 0 towards no), z, two_sided (under the forecast's own
    spread), adjusted (for the number of members), stands_out. If the forecast is too narrow for the others (the spread
    of their z, by its median, exceeds 1), z is divided by that spread first: one member is shown only against all
    others. A member alone is held against the forecast's own spread. Forecasts are read as at least 1e-4, as in scores.
    Acts count as independent given the forecast: what a whole bloc does on one roll call counts for each of its members.

    >>> import numpy as np
    >>> surprises(["A", "B"], np.array([[0.9, 0.1, 0.0], [0.5, 0.0, 0.5]]), np.array([0, 2]))["stands_out"].to_list()
    [False, False]
    """
    import polars as pl
    from scipy.special import ndtr

    _check(states, forecast, acts)
    score = np.array([0.0, 0.5, 1.0, 0.5])
    p = np.maximum(np.asarray(forecast, float), FLOOR)
    p /= p.sum(1, keepdims=True)
    grid = score[: p.shape[1]]
    expected = p @ grid
    variance = p @ grid**2 - expected**2
    frame = pl.DataFrame({"state": list(states), "left": score[acts] - expected, "variance": variance})
    out = frame.group_by("state").agg(
        pl.len().alias("n"), pl.col("left").mean().alias("residual"), pl.col("left").sum().alias("s"), pl.col("variance").sum()
    ).sort("state")  # fmt: skip
    z = out["s"].to_numpy() / np.sqrt(out["variance"].to_numpy())
    z = z / _spread_of_others(z)
    two_sided = 2 * ndtr(-np.abs(z))
    adjusted = _holm(two_sided)
    columns = {"z": z, "two_sided": two_sided, "adjusted": adjusted, "stands_out": adjusted < level}
    return out.drop("s", "variance").with_columns(**{k: pl.Series(v) for k, v in columns.items()})


def _spread_of_others(z: Floats) -> Floats:
    """For each member the spread of the others' z, at least 1: their median distance from 0 over that of the normal."""
    size = np.abs(z)
    others = [np.median(np.delete(size, k)) for k in range(len(z))] if len(z) > 1 else [0.0] * len(z)
    return np.maximum(1.0, np.array(others) / NORMAL_MEDIAN)


def _check(states: Sequence[str], forecast: Floats, acts: NDArray[np.integer]) -> None:
    problems = []
    if not len(states) == len(forecast) == len(acts):
        problems.append(
            Problem(
                "",
                "acts",
                f"{len(states)}, {len(forecast)}, {len(acts)}",
                "equal numbers of states, forecasts and acts",
            )
        )
    if np.ndim(forecast) != 2 or np.shape(forecast)[1] not in (3, 4):
        problems.append(Problem("", "forecast", str(np.shape(forecast)), "three or four columns"))
    elif not np.allclose(np.sum(forecast, axis=1), 1, atol=1e-6) or np.min(forecast) < 0:
        problems.append(Problem("", "forecast", "rows", "non-negative rows that sum to 1"))
    elif len(acts) and (np.min(acts) < 0 or np.max(acts) >= np.shape(forecast)[1]):
        problems.append(
            Problem(
                "", "acts", str(sorted(set(np.asarray(acts).tolist()))), "outcomes that the forecast has a column for"
            )
        )
    if problems:
        raise InputError(problems)


def _holm(p: Floats) -> Floats:
    order = np.argsort(p)
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    out = np.empty_like(p)
    out[order] = np.minimum(stepped, 1.0)
    return out
