"""Moves along the model's own invariance: x -> e^a x + c in a session, with b -> e^-a b and g -> g + e^-a b c.

No vote's probability changes under it, so only the priors speak: the moves cost a few sums over nodes and items, and
they run along exactly the directions in which sweeping over positions and items is slow. Sessions that share an item
(linked resolutions) move together. Group moves of this kind: Liu and Sabatti 2000, Biometrika 87(2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import Model

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Sums that the priors need, per session: of first nodes, of steps into the session, of its items."""

    first: Floats  # (sessions, 3): n, sum x, sum x^2, each over the start variance
    step: Floats  # (sessions, 6): n, x, x^2, before, before^2, x * before, each over the walk's variance
    item: Floats  # (sessions, 3): b^2 / slope variance, b^2 / cut variance, b g / cut variance
    jacobian: Floats  # (sessions,): nodes minus items


def groups_of_sessions(model: Model) -> Ints:
    """Number of the group of each session: sessions between the first and last vote on an item go together."""
    low, high = model.item_session.T
    joined = np.zeros(len(model.sessions) + 1, np.int64)
    np.add.at(joined, low, 1)
    np.add.at(joined, high, -1)
    open_after = np.cumsum(joined[:-1])
    return np.concatenate([[0], np.cumsum(open_after[:-1] == 0)]).astype(np.int64)


def moments(model: Model, theta: Floats, par: Floats, q: float) -> Moments:
    """The sums at the current point."""
    number = np.searchsorted(model.sessions, model.node_session)
    size = len(model.sessions)
    head = model.previous < 0
    x0 = theta[head]
    first = np.stack([np.bincount(number[head], w, size) for w in (np.ones_like(x0), x0, x0 * x0)], 1)
    x, before = theta[~head], theta[model.previous[~head]]
    w = 1.0 / (q * model.gap[~head])
    terms = (w, w * x, w * x * x, w * before, w * before * before, w * x * before)
    step = np.stack([np.bincount(number[~head], v, size) for v in terms], 1)
    at, p = model.item_session[:, 0], model.priors
    b, g = par[:, 0], par[:, 1]
    item = np.stack([np.bincount(at, v, size) for v in (b * b / p.slope, b * b / p.cut, b * g / p.cut)], 1)
    balance = np.bincount(number, minlength=size) - np.bincount(at, minlength=size)
    return Moments(
        np.asarray(first / p.start, float), np.asarray(step, float), np.asarray(item, float), balance.astype(float)
    )


def log_density(m: Moments, a: Floats, c: Floats) -> float:
    """Log prior (up to a constant) after the move, without the Jacobian."""
    s, r = np.exp(a), np.exp(-a)
    sp, cp = np.roll(s, 1), np.roll(c, 1)
    f = (m.first[:, 2] * s * s + 2 * s * c * m.first[:, 1] + m.first[:, 0] * c * c).sum()
    n, x, xx, y, yy, xy = m.step.T
    f += (s * s * xx + sp * sp * yy - 2 * s * sp * xy + n * (c - cp) ** 2 + 2 * (c - cp) * (s * x - sp * y)).sum()
    bs, bb, bg = m.item.T
    f += (r * r * bs + 2 * r * c * bg + (r * c) ** 2 * bb).sum()
    return float(-0.5 * f)


def derivatives(m: Moments, a: Floats, c: Floats) -> tuple[Floats, Floats]:
    """Gradient (2T: a then c) and Hessian of `log_density`."""
    size = len(a)
    s, r = np.exp(a), np.exp(-a)
    sp, cp = np.roll(s, 1), np.roll(c, 1)
    n, x, xx, y, yy, xy = m.step.T
    bs, bb, bg = m.item.T
    n0, x0, xx0 = m.first.T
    into = -(s * xx - sp * xy + (c - cp) * x)
    out = -(sp * yy - s * xy - (c - cp) * y)
    by_scale = -(s * xx0 + c * x0) + into + np.roll(out, -1)
    shift = -(n * (c - cp) + s * x - sp * y)
    ga = s * by_scale + r * r * bs + r * c * bg + (r * c) ** 2 * bb
    gc = -(s * x0 + n0 * c) + shift - np.roll(shift, -1) - r * bg - r * r * c * bb
    h = np.zeros((2 * size, 2 * size))
    k = np.arange(size)
    h[k, k] = s * by_scale - s * s * (xx0 + xx + np.roll(yy, -1)) - 2 * r * r * bs - r * c * bg - 2 * (r * c) ** 2 * bb
    h[size + k, size + k] = -(n0 + n + np.roll(n, -1)) - r * r * bb
    h[k, size + k] = s * (-x0 - x - np.roll(y, -1)) + r * bg + 2 * r * r * c * bb
    j, i = k[1:], k[:-1]
    h[j, i] = s[j] * s[i] * xy[j]
    h[size + j, size + i] = n[j]
    h[j, size + i] = s[j] * x[j]
    h[i, size + j] = s[i] * y[j]
    return np.concatenate([ga, gc]), h + np.triu(h, 1).T + np.tril(h, -1).T


def scale_gradient(m: Moments, a: Floats) -> Floats:
    """Gradient of `log_density` in a where no session is shifted."""
    s, r = np.exp(a), np.exp(-a)
    sp = np.roll(s, 1)
    _, _, xx, _, yy, xy = m.step.T
    into, out = sp * xy - s * xx, s * xy - sp * yy
    return np.asarray(s * (into + np.roll(out, -1) - s * m.first[:, 2]) + r * r * m.item[:, 0])


def spread(groups: Ints) -> Floats:
    """Matrix that maps one (a, c) per group of sessions to one per session."""
    wide = (groups[:, None] == np.arange(groups[-1] + 1)).astype(float)
    return np.block([[wide, np.zeros_like(wide)], [np.zeros_like(wide), wide]])


def best_move(m: Moments, wide: Floats, outward: Floats, rounds: int = 8) -> tuple[Floats, Floats]:
    """The move with the highest prior density, where something beside the priors pulls at (a, c) with constant force `outward`
    (2 * sessions,): Newton with damping until the Hessian is negative definite."""
    size = len(m.jacobian)
    z, pull = np.zeros(wide.shape[1]), wide.T @ outward
    now = log_density(m, *np.split(wide @ z, 2))
    for _ in range(rounds):
        grad, hess = derivatives(m, *np.split(wide @ z, 2))
        step = _ascent(wide.T @ grad + pull, wide.T @ hess @ wide)
        length = min(1.0, 0.5 / max(float(np.abs((wide @ step)[:size]).max()), 1e-12))
        while length > 1e-4:
            trial = log_density(m, *np.split(wide @ (z + length * step), 2)) + float(pull @ (z + length * step))
            if trial >= now:
                z, now = z + length * step, trial
                break
            length *= 0.5
        if np.abs(step).max() < 1e-3:
            break
    a, c = np.split(wide @ z, 2)
    return a, c


def _ascent(grad: Floats, hess: Floats) -> Floats:
    values, vectors = np.linalg.eigh(-hess)
    return np.asarray(vectors @ ((vectors.T @ grad) / np.maximum(np.abs(values), 1e-6)))


def apply_move(model: Model, theta: Floats, par: Floats, a: Floats, c: Floats) -> None:
    """Change positions and items in place."""
    number = np.searchsorted(model.sessions, model.node_session)
    theta *= np.exp(a)[number]
    theta += c[number]
    at = model.item_session[:, 0]
    par[:, 0] *= np.exp(-a)[at]
    par[:, 1] += par[:, 0] * c[at]
