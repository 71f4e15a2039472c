"""The `map` engine in two to four dimensions: block Newton, then the axes that explain most, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from . import several_kernels as kernels
from .model import Model
from .start import polarity, principal_axes, start_items

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SeveralFit:
    """Positions (nodes, dimensions) with mean 0, sd 1 and no correlation over voting nodes; sd with the items fixed."""

    standard: Floats
    standard_sd: Floats
    items: Floats  # (items, dimensions + 2) slopes, g and d that go with the standardised positions
    drift: float
    converged: bool
    log_posterior: tuple[float, ...]


def fit_several(model: Model, dimensions: int, drift: float | None = None, sweeps: int = 80) -> SeveralFit:
    """Joint mode by sweeps over items and paths; every third sweep takes the last step again.

    The first axis explains most of the votes, the second most of the rest, and so on; anchors sign the first, and the
    others point to the side of the state that comes first in the model.
    """
    return standardised_mode(model, find_mode(model, dimensions, drift, sweeps))


@dataclass(frozen=True)
class SeveralMode:
    """The mode as the sweeps leave it, on axes of their own choice; variance (nodes, dimensions, dimensions), items fixed."""

    theta: Floats
    items: Floats
    variance: Floats
    drift: float
    log_posterior: tuple[float, ...]
    converged: bool


def find_mode(model: Model, dimensions: int, drift: float | None = None, sweeps: int = 80) -> SeveralMode:
    """The joint mode before it is turned and standardised."""
    with threadpool_limits(1, user_api="blas"):
        return _sweeps(model, dimensions, drift, sweeps)


def standardised_mode(model: Model, mode: SeveralMode) -> SeveralFit:
    """The mode on the axes that explain most, in order, with mean 0, sd 1 and no correlation."""
    counted, dimensions = model.node_votes > 0, mode.theta.shape[1]
    turn = _axes(model, mode.theta[counted], mode.items[:, :dimensions])
    centre = mode.theta[counted].mean(0)
    spread = np.sqrt(np.einsum("ki,nkl,li->ni", turn, mode.variance, turn))
    items = turned_items(mode.items, centre, turn)
    return SeveralFit((mode.theta - centre) @ turn, spread, items, mode.drift, mode.converged, mode.log_posterior)


def turned_items(items: Floats, centre: Floats, turn: Floats) -> Floats:
    """Items (b, g, d) of positions x as items of (x - centre) @ turn: no vote's probability changes."""
    slopes = items[:, :-2]
    return np.column_stack([slopes @ np.linalg.inv(turn).T, items[:, -2] - slopes @ centre, items[:, -1]])


def _sweeps(model: Model, dimensions: int, drift: float | None, sweeps: int) -> SeveralMode:
    start = start_items(model)
    par = np.concatenate([np.zeros((model.items, dimensions)), start[:, 1:]], axis=1)
    theta = np.ascontiguousarray(principal_axes(model, dimensions)[model.node_state])
    score, weight = np.empty((model.nodes, dimensions)), np.empty((model.nodes, dimensions, dimensions))
    variance, lag = np.empty_like(weight), np.zeros_like(weight)
    votes = (model.cuts, model.node, model.answer)
    prior, q = model.priors.vector(), 0.05 if drift is None else drift
    path: list[float] = []
    move = np.inf
    for k in range(sweeps):
        path.append(kernels.newton_items(par, *votes, theta, prior))
        kernels.node_terms(par, *votes, theta, score, weight)
        before = theta.copy()
        walk = model.path_ptr, model.path_node, 1.0 / (q * model.gap), 1.0 / model.priors.start
        move = kernels.path_step(theta, *walk, score, weight, variance, lag)
        if drift is None and k >= 5:
            q = _drift(model, theta, variance, lag)
        if move < 5e-3:
            break
        if k > 3 and k % 3 == 0 and k < sweeps - 2:
            theta += theta - before
    return SeveralMode(theta, par, variance, q, tuple(path), bool(move < 0.05))


def _drift(model: Model, theta: Floats, variance: Floats, lag: Floats) -> float:
    inner = model.previous >= 0
    if not inner.any():
        return 0.05
    back = model.previous[inner]
    spread = np.einsum("nii->n", variance[inner] + variance[back] - lag[inner] - lag[inner].swapaxes(1, 2))
    squares = ((theta[inner] - theta[back]) ** 2).sum(1) + spread
    p, n = model.priors, inner.sum() * theta.shape[1]
    return float((p.drift_scale + 0.5 * (squares / model.gap[inner]).sum()) / (p.drift_shape + 1 + 0.5 * n))


def _axes(model: Model, theta: Floats, slopes: Floats) -> Floats:
    """Matrix that turns positions into uncorrelated unit axes, ordered by the slopes they leave, signed by the anchors."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(theta.T, bias=True)))
    white = vectors / np.sqrt(np.maximum(values, 1e-12))
    loads = slopes @ np.linalg.inv(white).T
    size, turn = np.linalg.eigh(loads.T @ loads)
    out = white @ turn[:, np.argsort(-size)]
    counted = np.flatnonzero(model.node_votes > 0)
    x = (theta - theta.mean(0)) @ out
    weight = np.bincount(model.node_state[counted], minlength=model.states)
    for k in range(out.shape[1]):
        mean = np.bincount(model.node_state[counted], x[:, k], model.states) / np.maximum(weight, 1)
        sign = polarity(model, mean) if k == 0 else np.sign(mean[np.flatnonzero(weight)[0]]) or 1.0
        out[:, k] *= sign
    return np.asarray(out)
