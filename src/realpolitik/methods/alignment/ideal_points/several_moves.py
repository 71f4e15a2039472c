"""Moves of the exact sampler along what several dimensions leave nearly open.

No vote's probability changes under x -> A x + c in a group of sessions that share items, with b -> A^-T b and
g -> g + b'A^-1 c: only the priors speak. Along one axis this is the shift and the stretch of `rescale`; between two axes it
is a shear, whose conditional is Gaussian. The remaining slow directions are found at the mode, as in `ridge`, here by
Lanczos steps on the block sampler's own matrix, so that what linked items tie between sessions counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator, eigsh

from . import rescale
from . import several_gibbs_kernels as kernels
from .map_engine import prior_precision, walk_times
from .model import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Groups:
    """Sessions that move together: wide (sessions, groups) spreads one number per group; inverse mass and root of the
    mass of the stretch."""

    wide: Floats
    inverse: Floats
    root: Floats


def groups_at(model: Model, theta: Floats, items: Floats, q: float) -> Groups:
    """Groups of sessions, with the stretch's curvature at a point, the mean over its axes, as mass."""
    groups = rescale.groups_of_sessions(model)
    wide = (groups[:, None] == np.arange(groups[-1] + 1)).astype(float)
    curvature = np.zeros((wide.shape[1], wide.shape[1]))
    for k in range(theta.shape[1]):
        sums = rescale.moments(model, theta[:, k], items[:, [k, -2, -1]], q)
        zero = np.zeros(len(wide))
        hess = rescale.derivatives(sums, zero, zero)[1][: len(wide), : len(wide)]
        curvature -= wide.T @ hess @ wide / theta.shape[1]
    values, vectors = np.linalg.eigh(curvature)
    values = np.maximum(values, 1e-3 * values.max())
    return Groups(wide, (vectors / values) @ vectors.T, (vectors * np.sqrt(values)) @ vectors.T)


def move_along(
    model: Model, theta: Floats, items: Floats, q: float, axis: Floats, groups: Groups, gen: np.random.Generator
) -> None:
    """Shift (exact) and stretch (Hamiltonian, accepted or refused) of every group along one axis, in place."""
    x, par = theta @ axis, np.stack([items[:, :-2] @ axis, items[:, -2], items[:, -1]], axis=1)
    before, slope = x.copy(), par[:, 0].copy()
    none = np.zeros(len(model.sessions))
    rescale.apply_move(model, x, par, none, _drawn_shift(model, x, par, q, groups, gen))
    with np.errstate(over="ignore", invalid="ignore"):  # a wild trial is refused
        stretch = _drawn_stretch(model, x, par, q, groups, gen)
    if stretch is not None:
        rescale.apply_move(model, x, par, stretch, none)
    theta += np.outer(x - before, axis)
    items[:, :-2] += np.outer(par[:, 0] - slope, axis)
    items[:, -2] = par[:, 1]


def _drawn_shift(model: Model, x: Floats, par: Floats, q: float, groups: Groups, gen: np.random.Generator) -> Floats:
    zero, wide = np.zeros(len(model.sessions)), groups.wide
    grad, hess = rescale.derivatives(rescale.moments(model, x, par, q), zero, zero)
    half = len(zero)
    return wide @ _gaussian(wide.T @ grad[half:], -wide.T @ hess[half:, half:] @ wide, gen)


def _gaussian(linear: Floats, precision: Floats, gen: np.random.Generator) -> Floats:
    """A draw from the Gaussian with this precision and linear term."""
    factor = np.linalg.cholesky(precision)
    mean = np.linalg.solve(factor, linear)
    return np.asarray(np.linalg.solve(factor.T, mean + gen.standard_normal(len(mean))))


def _drawn_stretch(
    model: Model, x: Floats, par: Floats, q: float, groups: Groups, gen: np.random.Generator, steps: int = 8
) -> Floats | None:
    """log of the stretch of every session, or None where the Hamiltonian move is refused."""
    sums, wide = rescale.moments(model, x, par, q), groups.wide
    zero, jacobian = np.zeros(len(wide)), wide.T @ sums.jacobian
    p = groups.root @ gen.standard_normal(wide.shape[1])
    start = rescale.log_density(sums, zero, zero) - 0.5 * p @ groups.inverse @ p
    a, length = np.zeros(wide.shape[1]), 0.2 * gen.uniform(0.8, 1.2)
    p = p + 0.5 * length * (wide.T @ rescale.scale_gradient(sums, zero) + jacobian)
    for k in range(steps):
        a = a + length * (groups.inverse @ p)
        part = length if k < steps - 1 else 0.5 * length
        p = p + part * (wide.T @ rescale.scale_gradient(sums, wide @ a) + jacobian)
    end = rescale.log_density(sums, wide @ a, zero) + jacobian @ a - 0.5 * p @ groups.inverse @ p
    return np.asarray(wide @ a) if np.log(gen.random()) < end - start else None


def shear(
    model: Model,
    theta: Floats,
    items: Floats,
    q: float,
    to: Floats,
    source: Floats,
    groups: Groups,
    gen: np.random.Generator,
) -> None:
    """x_to += a x_source with b_source -= a b_to, a of every group from its exact Gaussian conditional, in place."""
    number = np.searchsorted(model.sessions, model.node_session)
    at, size, p = model.item_session[:, 0], len(model.sessions), model.priors
    x, y, b, along = theta @ to, theta @ source, items[:, :-2] @ to, items[:, :-2] @ source
    head, inner = model.previous < 0, np.flatnonzero(model.previous >= 0)
    back, k = model.previous[inner], number[inner]
    w = 1.0 / (q * model.gap[inner])
    step, one, other = x[inner] - x[back], y[inner], y[back]
    linear = np.bincount(at, b * along, size) / p.slope - np.bincount(number[head], (x * y)[head], size) / p.start
    linear += np.bincount(number[back], w * step * other, size) - np.bincount(k, w * step * one, size)
    own = np.bincount(at, b * b, size) / p.slope + np.bincount(number[head], (y * y)[head], size) / p.start
    own += np.bincount(k, w * one * one, size) + np.bincount(number[back], w * other * other, size)
    precision = np.diag(own)
    np.add.at(precision, (k, number[back]), -w * one * other)
    np.add.at(precision, (number[back], k), -w * one * other)
    wide = groups.wide
    a = wide @ _gaussian(wide.T @ linear, wide.T @ precision @ wide, gen)
    theta += np.outer(a[number] * y, to)
    items[:, :-2] -= np.outer(a[at] * b, source)


@dataclass(frozen=True)
class Directions:
    """positions (nodes, dimensions, k) and items (items, dimensions + 2, k; as b, g, log d): unit steps along the slow
    directions; slowness (k,): posterior variance over the variance with items given."""

    positions: NDArray[np.float32]
    items: NDArray[np.float32]
    slowness: Floats


class _Curvature:
    """The joint posterior's curvature at a point, in blocks: positions with the walk, items, and what ties them."""

    def __init__(self, model: Model, theta: Floats, items: Floats, q: float, logs: Floats):
        self.model, self.theta, self.par, self.q = model, theta, items, q
        self.axes, size = tuple(range(theta.shape[1])), items.shape[1]
        self.common, self.mixed = np.empty((2, model.votes))
        self.chols, self.weight = np.empty((model.items, size, size)), np.empty((*theta.shape, theta.shape[1]))
        kernels.cross_pieces(
            self.axes, items, model.cuts, model.node, theta, logs, self.common, self.mixed, self.chols,
            model.priors.vector(), self.weight,
        )  # fmt: skip
        self.walk, self.none = prior_precision(model, q), np.zeros(theta.shape)

    def response(self, v: Floats) -> Floats:
        """How the items' centre follows a move v of the positions, less its sign."""
        m, out = self.model, np.empty(self.par.shape)
        kernels.pull_items(self.axes, v, self.par, m.cuts, m.node, self.theta, self.common, self.mixed, out)
        kernels.solve_items(self.axes, self.chols, out)
        return out

    def taken(self, v: Floats) -> Floats:
        """What eliminating the items takes from the positions' precision, times v."""
        m, out = self.model, np.empty(v.shape)
        y = self.response(v)
        kernels.pull_nodes(self.axes, y, self.par, m.cuts, m.node, self.theta, self.common, self.mixed, out)
        return out

    def own(self, v: Floats) -> Floats:
        """The positions' precision with the items given, times v."""
        return np.asarray(np.einsum("nij,nj->ni", self.weight, v) + walk_times(self.model, self.walk, self.q, v))

    def solve(self, v: Floats) -> Floats:
        """Its inverse times v."""
        m, out = self.model, np.empty(v.shape)
        step, first = 1.0 / (self.q * m.gap), 1.0 / m.priors.start
        kernels.draw_paths(self.axes, out, m.path_ptr, m.path_node, step, first, v, self.weight, self.none)
        return out


def find_directions(model: Model, theta: Floats, items: Floats, q: float, logs: Floats, number: int) -> Directions:
    """Leading solutions of (precision taken by the items) v = lambda (precision with the items given) v, less turns.

    A turn of all positions changes nothing at all and is left out.
    """
    there, shape = _Curvature(model, theta, items, q, logs), theta.shape
    turns = _turns(theta)
    size, k = theta.size, max(1, min(number + len(turns), theta.size // 2 - 1))

    def operator(f):  # type: ignore[no-untyped-def]
        return LinearOperator((size, size), matvec=lambda v: f(v.reshape(shape)).ravel(), dtype=float)

    start = np.random.default_rng(0).standard_normal(size)
    values, vectors = eigsh(
        operator(there.taken),
        k,
        operator(there.own),
        Minv=operator(there.solve),
        v0=start,
        ncv=min(2 * k + 10, size),
        tol=1e-3,
    )
    v = vectors[:, np.argsort(-values)].T.reshape(-1, *shape)
    kept, slowness = [], []
    for one, value in zip(v, np.sort(values)[::-1], strict=True):
        rest = one - sum(((t * there.own(one)).sum() * t / (t * there.own(t)).sum() for t in turns), 0.0 * one)
        if (rest * there.own(rest)).sum() > 0.5:
            kept.append(rest / np.sqrt(max((rest * (there.own(rest) - there.taken(rest))).sum(), 1e-12)))
            slowness.append(1.0 / max(1.0 - value, 1e-9))
    kept, slowness = kept[:number], slowness[:number]
    follow = np.moveaxis(np.array([-there.response(one) for one in kept]).reshape(-1, *items.shape), 0, -1)
    follow[:, -1] = np.clip(follow[:, -1], -0.5, 0.5)
    positions = np.moveaxis(np.array(kept).reshape(-1, *shape), 0, -1)
    return Directions(positions.astype(np.float32), follow.astype(np.float32), np.array(slowness))


def _turns(theta: Floats) -> list[Floats]:
    """The moves of the positions that a small turn in each plane makes."""
    out = []
    for i in range(theta.shape[1]):
        for j in range(i):
            move = np.zeros_like(theta)
            move[:, i], move[:, j] = theta[:, j], -theta[:, i]
            out.append(move)
    return out
