"""Standard errors that allow for a walk's variance fixed by hand being wrong.

With the variance q assumed, the mode is a linear smoother of the votes with H = L + P(q), L the votes' information and
P(q) the walk's precision. If the walk's variance is r q, the mean squared error of the mode is not H^-1 but
H^-1 (L + r P) H^-1 = H^-1 + (r - 1) H^-1 P H^-1, and H^-1 P H^-1 is the derivative of H^-1 in log q: a sandwich in
which only the walk is in doubt. r is estimated from the same votes, by learning q. Below 1 it is not used: items that
were fitted to positions which follow the votes too closely are in error too, and in simulation the mode's error is then
that of H^-1 and not less.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from . import blocks, kernels
from .map_engine import MapFit, definite_pieces, fit_map, standard_variance
from .model import Model

Floats = NDArray[np.float64]


def allow_for_drift(model: Model, fit: MapFit, push: float = 0.02) -> tuple[MapFit, float]:
    """The same fit with standard errors under the learnt drift, and that drift in units of this fit's positions."""
    free = fit_map(model)
    learnt = free.drift * (fit.scale / free.scale) ** 2
    if learnt <= fit.drift:
        return fit, learnt
    now, pushed = (_variance(model, fit, fit.drift * factor) for factor in (1.0, float(np.exp(push))))
    slope = np.clip((pushed - now) / push, 0.0, now)  # H^-1 P H^-1 lies between 0 and H^-1
    return replace(fit, standard_sd=np.sqrt(now + (learnt / fit.drift - 1.0) * slope)), learnt


def _variance(model: Model, fit: MapFit, q: float) -> Floats:
    """Variance of the standardised positions with the walk's variance q."""
    with threadpool_limits(1, user_api="blas"):
        factor = definite_pieces(model, fit.theta, fit.items.copy(), kernels.hazard_table(), q, fit.doubt)[1]
        return standard_variance(model, factor, blocks.variances(factor)[0], fit.standard) / fit.scale**2
