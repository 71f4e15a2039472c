"""A perceptron with one hidden layer and direct links for the four outcomes.

Leaky rectified units (Maas, Hannun and Ng 2013); Adam (Kingma and Ba 2015, algorithm 1) over small batches, its step falling
as half a cosine, weights drawn towards nothing apart from the gradient (Loshchilov and Hutter 2019, AdamW). Hidden units and
direct links stand side by side in one matrix, so that one row's work is a run over whole vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

CLASSES = 4
LEAK = 0.01
EDGE = 6.0  #: features are cut at so many standard deviations
BATCH = 512
LEAST_STEPS = 600  #: batches of a first fit, however few its rows
EPOCHS = 4  #: times that a first fit sees every row
RATE = 3e-3  #: first step of Adam in a first fit


@dataclass(frozen=True)
class Schooling:
    """How a network is trained: hidden units, decay of weights (a step's share of its rate); and when it goes on from an
    earlier one, the share of the rows that it sees and the first step of Adam."""

    hidden: int
    decay: float
    again: float
    rate: float


@dataclass(frozen=True)
class Network:
    """Weights of features (features x hidden and direct), their bias, and hidden x outcomes; the features' centre and scale."""

    centre: np.ndarray
    scale: np.ndarray
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
    """Lower the weighted log loss of the outcomes `y`: from random weights, or in one pass from an earlier network's."""
    rng = np.random.default_rng(seed)
    epochs = 1 if start else max(EPOCHS, -(-LEAST_STEPS * BATCH // max(len(y), 1)))
    order = np.concatenate([rng.permutation(len(y)) for _ in range(epochs)])
    net = start or _random(x, weight, how.hidden, rng)
    into, bias, out = net.into.copy(), net.bias.copy(), net.out.copy()
    share = (weight / weight.mean()).astype(np.float32)
    _descend(
        x,
        y.astype(np.int64),
        share,
        order,
        net.centre,
        1 / net.scale,
        into,
        bias,
        out,
        how.rate if start else RATE,
        how.decay,
    )
    return Network(net.centre, net.scale, into, bias, out)


def _random(x: np.ndarray, weight: np.ndarray, hidden: int, rng: np.random.Generator) -> Network:
    """Hidden weights at random, direct links and outcomes at nothing; centre and scale those of the rows."""
    share = (weight / weight.sum(dtype=np.float64)).astype(np.float32)
    centre = share @ x
    scale = np.sqrt(np.maximum(share @ np.square(x) - centre**2, 0)) + 1e-3
    into = np.zeros((x.shape[1], hidden + CLASSES), np.float32)
    into[:, :hidden] = rng.normal(scale=x.shape[1] ** -0.5, size=(x.shape[1], hidden))
    zeros = np.zeros(hidden + CLASSES, np.float32), np.zeros((hidden, CLASSES), np.float32)
    return Network(centre.astype(np.float32), scale.astype(np.float32), into, *zeros)


@njit(cache=True, nogil=True, fastmath=True)
def _descend(
    x: Any,
    y: Any,
    share: Any,
    order: Any,
    centre: Any,
    inverse: Any,
    into: Any,
    bias: Any,
    out: Any,
    rate: Any,
    decay: Any,
) -> Any:
    """Adam over batches of rows in the order given; the weights are changed in place."""
    wide, features = into.shape[1], into.shape[0]
    flat = features * wide, wide, len(out) * CLASSES
    slope_into, slope_bias, slope_out = np.zeros_like(into), np.zeros_like(bias), np.zeros_like(out)
    mean, square = np.zeros(sum(flat), np.float32), np.zeros(sum(flat), np.float32)
    steps = (len(order) + BATCH - 1) // BATCH
    row = np.empty(features, np.float32)
    for step in range(steps):
        slope_into[:] = 0
        slope_bias[:] = 0
        slope_out[:] = 0
        rows = order[step * BATCH : (step + 1) * BATCH]
        for i in rows:
            for k in range(features):
                row[k] = min(max((x[i, k] - centre[k]) * inverse[k], -np.float32(EDGE)), np.float32(EDGE))
            _one_row(row, y[i], share[i] / len(rows), into, bias, out, slope_into, slope_bias, slope_out)
        now = np.float32(rate * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5)
        first, second = np.float32(1 / (1 - 0.9 ** (step + 1))), np.float32(1 / (1 - 0.999 ** (step + 1)))
        keep = np.float32(1 - now * decay)
        _adam(into.reshape(-1), slope_into.reshape(-1), mean[: flat[0]], square[: flat[0]], now, first, second, keep)
        at = flat[0] + wide
        _adam(bias, slope_bias, mean[flat[0] : at], square[flat[0] : at], now, first, second, np.float32(1))
        _adam(out.reshape(-1), slope_out.reshape(-1), mean[at:], square[at:], now, first, second, keep)


@njit(cache=True, nogil=True, fastmath=True)
def _one_row(
    row: Any, own: Any, share: Any, into: Any, bias: Any, out: Any, slope_into: Any, slope_bias: Any, slope_out: Any
) -> Any:
    """Add one row's gradient of the log loss."""
    inner, back = bias.copy(), np.zeros_like(bias)
    for k in range(len(row)):
        weights, value = into[k], row[k]
        for j in range(len(inner)):
            inner[j] += value * weights[j]
    p = inner[len(out) :].copy()
    for j in range(len(out)):
        hidden = max(inner[j], np.float32(LEAK) * inner[j])
        for c in range(CLASSES):
            p[c] += hidden * out[j, c]
    p = np.exp(p - p.max())
    p *= share / p.sum()
    p[own] -= share
    for j in range(len(out)):
        slant = np.float32(1) if inner[j] > 0 else np.float32(LEAK)
        hidden, pull = inner[j] * slant, np.float32(0)
        for c in range(CLASSES):
            slope_out[j, c] += hidden * p[c]
            pull += out[j, c] * p[c]
        back[j] = pull * slant
    for c in range(CLASSES):
        back[len(out) + c] = p[c]
    for j in range(len(back)):
        slope_bias[j] += back[j]
    for k in range(len(row)):
        slopes, value = slope_into[k], row[k]
        for j in range(len(back)):
            slopes[j] += value * back[j]


@njit(cache=True, nogil=True, fastmath=True)
def _adam(weights: Any, slope: Any, mean: Any, square: Any, rate: Any, first: Any, second: Any, keep: Any) -> Any:
    """One step of Adam; the weights are first drawn towards nothing."""
    for k in range(len(weights)):
        mean[k] += np.float32(0.1) * (slope[k] - mean[k])
        square[k] += np.float32(0.001) * (slope[k] * slope[k] - square[k])
        weights[k] = keep * weights[k] - rate * mean[k] * first / (np.sqrt(square[k] * second) + np.float32(1e-8))
