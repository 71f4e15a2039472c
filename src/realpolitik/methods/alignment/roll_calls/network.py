"""A perceptron with one hidden layer and direct links for the four outcomes.

Leaky rectified units (Maas, Hannun and Ng 2013); Adam (Kingma and Ba 2015, algorithm 1) over small batches, its step falling
as half a cosine, in coordinates whitened by the features' own covariance, in which the loss of a logit is about equally
curved everywhere. Hidden units and direct links stand side by side in one matrix: one row's work is a run over whole vectors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from scipy.linalg import cholesky, solve_triangular

CLASSES = 4
LEAK = 0.01
EDGE = 6.0  #: features are cut at so many standard deviations
BATCH = 512
LEAST_STEPS, LEAST_LATER = 300, 100  #: batches of a first and of a later fit, however few its rows
EPOCHS = 4  #: times that a first fit sees every row
FEW = 60.0  #: ridge times rows, at least: few rows are trusted less
CURVATURE = 0.12  #: of the log loss in a score, about
PART = 4096  #: rows squared at a time: rows are many and memory is dear
SOME = 20_000  #: rows from which the features' covariance is taken
RATE = 3e-3  #: first step of Adam in a first fit


#: The number of every pattern of sixteen bits read as half precision: compiled code has no such type.
_SINGLE = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)


@dataclass(frozen=True)
class Schooling:
    """How a network is trained: hidden units, ridge (half of it times the sum of squared weights is added to the mean loss) and
    the rows at most of a first fit; when it goes on from an earlier one, the share of the rows seen and the first step of Adam."""

    hidden: int
    ridge: float
    most: int
    again: float
    rate: float


@dataclass(frozen=True)
class Network:
    """Weights of features (features x hidden and direct), their bias, and hidden x outcomes; the features' centre and scale,
    and the matrix that turns weights on whitened features into weights on standardised ones."""

    centre: np.ndarray
    scale: np.ndarray
    whiten: np.ndarray
    into: np.ndarray
    bias: np.ndarray
    out: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Scores of the outcomes, rows x outcomes."""
        z = np.clip((x - self.centre) / self.scale, -EDGE, EDGE)
        inner = z @ self.into + self.bias
        units = len(self.out)
        hidden = inner[..., :units]
        return np.asarray(np.maximum(hidden, LEAK * hidden) @ self.out + inner[..., units:])


def softmax(scores: np.ndarray) -> np.ndarray:
    """Exponentials of the scores, normalised over the last axis."""
    out = np.exp(scores - scores.max(-1, keepdims=True))
    return out / out.sum(-1, keepdims=True)


def fit(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, seed: int, how: Schooling, start: Network | None = None
) -> Network:
    """Lower the weighted log loss of the outcomes `y`: from random weights, or in one pass from an earlier network's.

    `x`: features in half precision.
    """
    rng = np.random.default_rng(seed)
    epochs = max(1 if start else EPOCHS, -(-(LEAST_LATER if start else LEAST_STEPS) * BATCH // max(len(y), 1)))
    order = np.concatenate([rng.permutation(len(y)) for _ in range(epochs)])
    net = start or _random(x, weight, how, rng)
    into, bias, out = net.into.copy(), net.bias.copy(), net.out.copy()
    share = (weight / weight.mean()).astype(np.float32)
    _descend(
        x.view(np.uint16),
        _SINGLE,
        y.astype(np.int64),
        share,
        order,
        net.centre,
        1 / net.scale,
        net.whiten,
        into,
        bias,
        out,
        np.float32(how.rate if start else RATE),
        np.float32(max(how.ridge, FEW / len(y))),
    )
    return replace(net, into=into, bias=bias, out=out)


def _random(x: np.ndarray, weight: np.ndarray, how: Schooling, rng: np.random.Generator) -> Network:
    """Hidden weights at random, direct links and outcomes at nothing; centre, scale and whitening those of the rows."""
    share = (weight / weight.sum(dtype=np.float64)).astype(np.float32)
    parts = [(share[i : i + PART], x[i : i + PART]) for i in range(0, len(x), PART)]
    centre = np.asarray(sum(w @ part.astype(np.float32) for w, part in parts), np.float32)
    squares = sum(w @ np.square(part.astype(np.float32)) for w, part in parts)
    scale = (np.sqrt(np.maximum(squares - centre**2, 0)) + 1e-3).astype(np.float32)
    some = slice(None, None, max(1, len(x) // SOME))
    z = np.clip((x[some].astype(np.float32) - centre) / scale, -EDGE, EDGE)
    products = (z.T * share[some]) @ z / share[some].sum()
    lower = cholesky(CURVATURE * products.astype(float) + (how.ridge + 1e-4) * np.eye(len(centre)), lower=True)
    whiten = solve_triangular(lower, np.eye(len(centre)), lower=True).T
    into = np.zeros((x.shape[1], how.hidden + CLASSES), np.float32)
    into[:, : how.hidden] = rng.normal(scale=x.shape[1] ** -0.5, size=(x.shape[1], how.hidden))
    zeros = np.zeros(how.hidden + CLASSES, np.float32), np.zeros((how.hidden, CLASSES), np.float32)
    return Network(centre, scale, np.ascontiguousarray(whiten, np.float32), into, *zeros)


@njit(cache=True, nogil=True, fastmath=True)
def _descend(
    x: Any,
    single: Any,
    y: Any,
    share: Any,
    order: Any,
    centre: Any,
    inverse: Any,
    whiten: Any,
    into: Any,
    bias: Any,
    out: Any,
    rate: Any,
    ridge: Any,
) -> Any:
    """Adam over batches of rows in the order given, for the features' weights in whitened coordinates; weights are changed in place."""
    plain = np.ascontiguousarray(np.linalg.solve(whiten, into))
    turned = np.ascontiguousarray(whiten.T)
    mean, square = np.zeros((3, into.size), np.float32), np.zeros((3, into.size), np.float32)
    steps = (len(order) + BATCH - 1) // BATCH
    z = np.empty((BATCH, len(into)), np.float32)
    for step in range(steps):
        rows = order[step * BATCH : (step + 1) * BATCH]
        part = z[: len(rows)]
        _standardise(x, single, rows, centre, inverse, part)
        inner = np.dot(part, into)
        slope_bias, slope_out = np.zeros_like(bias), ridge * out
        _turn_back(inner, y, share, rows, bias, out, slope_bias, slope_out)
        slope_into = np.dot(part.T, inner) + ridge * into
        now = np.float32(rate * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5)
        first, second = np.float32(1 / (1 - 0.9 ** (step + 1))), np.float32(1 / (1 - 0.999 ** (step + 1)))
        _adam(plain.reshape(-1), np.dot(turned, slope_into).reshape(-1), mean[0], square[0], now, first, second)
        _adam(bias, slope_bias, mean[1], square[1], now, first, second)
        _adam(out.reshape(-1), slope_out.reshape(-1), mean[2], square[2], now, first, second)
        into[:] = np.dot(whiten, plain)


@njit(cache=True, nogil=True, fastmath=True)
def _standardise(x: Any, single: Any, rows: Any, centre: Any, inverse: Any, z: Any) -> Any:
    """Features of some rows (bits of half precision, and the number of each), centred, scaled and cut."""
    edge = np.float32(EDGE)
    for n in range(len(rows)):
        own, to = x[rows[n]], z[n]
        for k in range(len(own)):
            to[k] = min(max((single[own[k]] - centre[k]) * inverse[k], -edge), edge)


@njit(cache=True, nogil=True, fastmath=True)
def _turn_back(inner: Any, y: Any, share: Any, rows: Any, bias: Any, out: Any, slope_bias: Any, slope_out: Any) -> Any:
    """Replace the inputs of hidden units and outcomes by the slopes of the batch's mean loss in them; add those of the rest."""
    units, p = len(out), np.empty(CLASSES, np.float32)
    for n in range(len(rows)):
        row, own = inner[n], y[rows[n]]
        for j in range(len(row)):
            row[j] += bias[j]
        for c in range(CLASSES):
            p[c] = row[units + c]
        for j in range(units):
            hidden = max(row[j], np.float32(LEAK) * row[j])
            for c in range(CLASSES):
                p[c] += hidden * out[j, c]
        top = max(max(p[0], p[1]), max(p[2], p[3]))
        total = np.float32(0)
        for c in range(CLASSES):
            p[c] = np.exp(p[c] - top)
            total += p[c]
        weight = share[rows[n]] / np.float32(len(rows))
        for c in range(CLASSES):
            p[c] *= weight / total
        p[own] -= weight
        for j in range(units):
            slant = np.float32(1) if row[j] > 0 else np.float32(LEAK)
            hidden, pull = row[j] * slant, np.float32(0)
            for c in range(CLASSES):
                slope_out[j, c] += hidden * p[c]
                pull += out[j, c] * p[c]
            row[j] = pull * slant
        for c in range(CLASSES):
            row[units + c] = p[c]
        for j in range(len(row)):
            slope_bias[j] += row[j]


@njit(cache=True, nogil=True, fastmath=True)
def _adam(weights: Any, slope: Any, mean: Any, square: Any, rate: Any, first: Any, second: Any) -> Any:
    """One step of Adam."""
    for k in range(len(weights)):
        mean[k] += np.float32(0.1) * (slope[k] - mean[k])
        square[k] += np.float32(0.001) * (slope[k] * slope[k] - square[k])
        weights[k] -= rate * mean[k] * first / (np.sqrt(square[k] * second) + np.float32(1e-8))
