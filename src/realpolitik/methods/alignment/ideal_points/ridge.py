"""The directions in which sweeping over positions and items is slowest, and Hamiltonian moves inside them.

Where positions and items can change together at little cost (a bloc against the items that set it apart), the joint
posterior is a long ridge: wide along it, narrow across for either block alone. At the mode, with S the precision of the
positions after eliminating the items and P their precision with the items given, the slow directions are
the leading solutions of P v = lambda S v. The items follow each direction by their linear response. The subspace is
fixed before sampling, so a Hamiltonian move inside it, accepted or refused as a whole, leaves the posterior as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import blocks, kernels
from .map_engine import Joint, MapFit, definite_pieces, prior_precision, walk_times
from .model import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ridge:
    """positions (nodes, k) and items (items * 3, k; as b, g, log d): unit steps along the slow directions."""

    positions: NDArray[np.float32]
    items: NDArray[np.float32]
    slowness: Floats  # (k,) posterior variance over the variance with items given: about the sweeps one step takes

    def on_scale(self, stretch: float, shift: float) -> Ridge:
        """The same directions where positions x have become stretch * x + shift: b is divided by the stretch, and g
        takes the shift up."""
        items = self.items.reshape(-1, 3, self.items.shape[1]).copy()
        items[:, 0] /= stretch
        items[:, 1] += np.float32(shift) * items[:, 0]
        return Ridge(self.positions * np.float32(stretch), items.reshape(self.items.shape), self.slowness)


def find_ridge(model: Model, mode: MapFit, directions: int, near: Ridge | None = None) -> Ridge:
    """Leading slow directions by subspace iteration on S^-1 P; from those of a point `near` in half the rounds."""
    theta, par = mode.theta.copy(), mode.items.copy()
    table = kernels.hazard_table()
    pieces, factor = definite_pieces(model, theta, par, table, mode.drift)
    own = pieces.weight + prior_precision(model, mode.drift)
    k = min(directions, model.nodes)
    v = np.random.default_rng(0).standard_normal((model.nodes, k)) if near is None else near.positions.astype(float)
    for _ in range(6 if near is None else 3):
        v = np.linalg.qr(blocks.solve(factor, walk_times(model, own, mode.drift, v)))[0]
    moved = walk_times(model, own, mode.drift, v)
    solved = blocks.solve(factor, moved)
    values, turn = _ritz(v, moved, solved)
    v = v @ turn
    v /= np.sqrt(np.maximum(_quadratic(model, pieces, mode.drift, v), 1e-12))
    return Ridge(v.astype(np.float32), _response(model, pieces, par, v).astype(np.float32), values)


def _ritz(v: Floats, moved: Floats, solved: Floats) -> tuple[Floats, Floats]:
    """Values and vectors of S^-1 P inside span(v), which is self-adjoint in the P inner product."""
    gram = v.T @ moved
    cross = moved.T @ solved
    low = np.linalg.cholesky(gram)
    inner = np.linalg.solve(low, np.linalg.solve(low, cross).T)
    values, vectors = np.linalg.eigh(0.5 * (inner + inner.T))
    return values[::-1], np.linalg.solve(low.T, vectors)[:, ::-1]


def _quadratic(model: Model, pieces: Joint, q: float, v: Floats) -> Floats:
    """v' S v of every column."""
    likelihood = walk_times(model, pieces.weight + prior_precision(model, q), q, v)
    out = (v * likelihood).sum(0)
    for c in range(v.shape[1]):
        pulled = _pulled(model, pieces, v[:, c])
        out[c] -= (pulled * pulled).sum()
    return np.asarray(out)


def _pulled(model: Model, pieces: Joint, v: Floats) -> Floats:
    out = np.empty((model.items, 3))
    kernels.cross_times(v, model.cuts, model.node, pieces.cross, out)
    return out


def _response(model: Model, pieces: Joint, par: Floats, v: Floats) -> Floats:
    out = np.empty((model.items, 3, v.shape[1]))
    for c in range(v.shape[1]):
        part = -_pulled(model, pieces, v[:, c])
        kernels.back_substitute(pieces.chols, part)
        part[:, 2] = np.clip(part[:, 2] / par[:, 2], -0.5, 0.5)
        out[:, :, c] = part
    return out.reshape(model.items * 3, -1)
