"""Multinomial logit with a ridge, by quasi-Newton in coordinates whitened by the features' own covariance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

CLASSES = 4
PART = 4096  #: rows of which products are taken at a time
BLOCK = 256  #: rows whose slopes are summed in single precision


@dataclass(frozen=True)
class Multinomial:
    """Coefficients (features x outcomes) on standardised features, with the centre and scale used."""

    centre: np.ndarray
    scale: np.ndarray
    weight: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Linear predictors, rows x outcomes."""
        return ((x - self.centre) / self.scale) @ self.weight

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Probabilities of the four outcomes, rows x outcomes."""
        return softmax(self.scores(x))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Exponentials of the scores, normalised over the last axis."""
    out = np.exp(scores - scores.max(-1, keepdims=True))
    return out / out.sum(-1, keepdims=True)


def fit(
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    ridge: float,
    start: Multinomial | None = None,
    iterations: int = 40,
    overwrite: bool = False,
) -> Multinomial:
    """Minimise weighted mean log loss + ridge * |coefficients|^2 / 2 (the constant, feature 0, hardly penalised).

    `overwrite`: standardise `x` (float32) itself instead of a copy of it.
    """
    share = (weight / weight.sum(dtype=np.float64)).astype(np.float32)
    centre, scale = _standard(x, share)
    z = np.subtract(x, centre.astype(np.float32), out=x if overwrite else None)
    z /= scale.astype(np.float32)
    penalty = np.full(z.shape[1], ridge)
    penalty[0] = 1e-6
    covariance = _weighted_products(z, share)
    lower = cholesky(covariance * 0.12 + np.diag(penalty), lower=True)
    whiten = solve_triangular(lower, np.eye(len(lower)), lower=True).T
    outcome, shape, found = y.astype(np.int64), (z.shape[1], CLASSES), np.empty((CLASSES, z.shape[1]))

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        slope = whiten @ flat.reshape(shape)
        value = _loss(z, np.ascontiguousarray(slope.T, np.float32), outcome, share, found)
        value += 0.5 * float((penalty[:, None] * slope**2).sum())
        return value, (whiten.T @ (found.T + penalty[:, None] * slope)).ravel()

    first = np.zeros(shape) if start is None else lower.T @ (start.weight * (scale / start.scale)[:, None])
    best = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": iterations, "ftol": 1e-6})
    return Multinomial(centre, scale, whiten @ best.x.reshape(shape))


def _standard(x: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means and standard deviations of the features; the constant stays as it is."""
    centre = (share @ x).astype(np.float64)
    squares = sum((share[i : i + PART] @ x[i : i + PART] ** 2).astype(np.float64) for i in range(0, len(x), PART))
    scale = np.sqrt(np.maximum(squares - centre**2, 0)) + 1e-3
    centre[0], scale[0] = 0.0, 1.0
    return centre, scale


def _weighted_products(z: np.ndarray, share: np.ndarray) -> np.ndarray:
    """z' diag(share) z, a part of the rows at a time: rows are many and memory is dear."""
    out = np.zeros((z.shape[1], z.shape[1]))
    for i in range(0, len(z), PART):
        rows = z[i : i + PART]
        out += rows.T @ (rows * share[i : i + PART, None])
    return out


@njit(cache=True, nogil=True, fastmath=True)
def _loss(z: Any, slope: Any, y: Any, share: Any, gradient: Any) -> float:
    """Weighted log loss of the scores z @ slope.T; its gradient in the slopes (outcomes x features) goes into `gradient`."""
    loss, p, part = 0.0, np.empty(4, np.float32), np.zeros(gradient.shape, np.float32)
    gradient[:] = 0
    s0, s1, s2, s3 = slope[0], slope[1], slope[2], slope[3]
    g0, g1, g2, g3 = part[0], part[1], part[2], part[3]
    for i in range(len(y)):
        row = z[i]
        a = b = e = f = np.float32(0.0)
        for k in range(len(row)):
            a += row[k] * s0[k]
            b += row[k] * s1[k]
            e += row[k] * s2[k]
            f += row[k] * s3[k]
        top, own = max(max(a, b), max(e, f)), y[i]
        p[0], p[1], p[2], p[3] = np.exp(a - top), np.exp(b - top), np.exp(e - top), np.exp(f - top)
        total = p[0] + p[1] + p[2] + p[3]
        loss += share[i] * (np.log(total) + top - (a if own == 0 else b if own == 1 else e if own == 2 else f))
        weight = share[i] / total
        a, b, e, f = p[0] * weight, p[1] * weight, p[2] * weight, p[3] * weight
        if own == 0:
            a -= share[i]
        elif own == 1:
            b -= share[i]
        elif own == 2:
            e -= share[i]
        else:
            f -= share[i]
        for k in range(len(row)):
            g0[k] += a * row[k]
            g1[k] += b * row[k]
            g2[k] += e * row[k]
            g3[k] += f * row[k]
        if i % BLOCK == BLOCK - 1 or i == len(y) - 1:
            for c in range(CLASSES):
                for k in range(len(row)):
                    gradient[c, k] += part[c, k]
                    part[c, k] = 0
    return loss
