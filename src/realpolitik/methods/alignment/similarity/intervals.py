"""Intervals of a measure over roll calls, honest for few roll calls and at the edge of what a measure can reach.

Both read a pair's table with a further roll call or two spread evenly over all pairs of answers, so that a pair that agreed
on ten of ten is not held to agree for ever. The interval contains the value and stays in the measure's range.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import kernels, tables
from .measures import AGREEMENT

Numbers = NDArray[np.float64]
LEAST = 5  #: roll calls in common (with weights: as many of equal weight) below which no interval is given
FURTHER = {
    "jackknife": 2,
    "bootstrap": 1,
}  #: roll calls spread over all pairs of answers (Agresti and Coull 1998; Perks 1947)
BLOCK = 100_000  #: tables held at once


def smoothed(joint: Numbers, squares: Numbers, further: int) -> tuple[Numbers, Numbers]:
    """Tables and squared weights with the further roll calls, of typical weight, an equal part of them in every cell."""
    total = joint.sum((1, 2))
    typical = np.divide(squares.sum((1, 2)), total, out=np.ones(len(joint)), where=total > 0)[:, None, None]
    part = further / joint.shape[1] ** 2
    return joint + part * typical, squares + part * typical**2


def effective(joint: Numbers, squares: Numbers) -> Numbers:
    """Roll calls behind each table; unequal weights count as fewer (Kish 1965)."""
    below = squares.sum((1, 2))
    return np.divide(joint.sum((1, 2)) ** 2, below, out=np.zeros(len(joint)), where=below > 0)


def enough(joint: Numbers, squares: Numbers) -> NDArray[np.bool_]:
    """Whether a table has the roll calls that an interval needs."""
    return effective(joint, squares) > LEAST - 1e-9


def bootstrap(
    joint: Numbers, squares: Numbers, form: int, distance: Numbers, draws: int, rng: np.random.Generator, level: float
) -> tuple[Numbers, Numbers]:
    """Percentile interval over draws of the roll calls' weights (the Bayesian bootstrap, Rubin 1981), by table.

    A sum of exponential weights over the roll calls of one cell is a gamma variate, so cells are drawn, not roll calls.
    """
    mean, variance = smoothed(joint, squares, FURTHER["bootstrap"])
    low, high = np.empty(len(joint)), np.empty(len(joint))
    size = max(1, BLOCK // draws)
    for start in range(0, len(joint), size):
        part = slice(start, start + size)
        m, v = mean[part], variance[part]
        drawn = rng.standard_gamma(m * m / v, (draws, *m.shape)) * (v / m)
        value = tables.values(drawn.reshape(-1, *m.shape[1:]), form, distance).reshape(draws, -1)
        low[part], high[part] = np.nanquantile(value, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return _around(joint, form, distance, low, high)


def jackknife(joint: Numbers, squares: Numbers, form: int, distance: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """Student's interval with the standard error of the infinitesimal jackknife (Jaeckel 1972), on the smoothed table."""
    from scipy.special import stdtrit

    mean, variance = smoothed(joint, squares, FURTHER["jackknife"])
    value, error = np.empty(len(joint)), np.empty(len(joint))
    kernels.jackknife(mean, variance, form, distance, value, error)
    sizes, place = np.unique(effective(joint, squares), return_inverse=True)
    half = stdtrit(np.maximum(sizes - 1, 1), 0.5 + level / 2)[place] * error
    return _around(joint, form, distance, value - half, value + half)


def _around(joint: Numbers, form: int, distance: Numbers, low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    value = tables.values(joint, form, distance)
    lowest = np.minimum(value, 0.0 if form == AGREEMENT else -1.0)
    return np.maximum(np.minimum(low, value), lowest), np.minimum(np.maximum(high, value), 1.0)
