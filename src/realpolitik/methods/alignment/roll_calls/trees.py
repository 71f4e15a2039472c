"""Boosted trees with one leaf vector for the four outcomes.

Friedman 2001, Annals of Statistics 29(5), algorithm 6 with second-order leaves. Histograms of a node's rows, the larger
child's as the parent's less the smaller's (Ke and others 2017, LightGBM, NeurIPS 30). All kernels stand in this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

BINS = 32
NEAR = 64  #: rows taken through all trees at a time, so that they stay near the processor
SLOPES = 8  #: gradient and curvature of the loss for each outcome, added side by side


@dataclass(frozen=True)
class Trees:
    """Complete binary trees: split feature (-1: none) and threshold of each node, leaf values per outcome."""

    feature: np.ndarray
    threshold: np.ndarray
    leaf: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        """What the trees add to the scores of the outcomes, rows x outcomes."""
        return _apply(np.ascontiguousarray(x, np.float32), self.feature, self.threshold, self.leaf)


def bin_edges(x: np.ndarray) -> np.ndarray:
    """Inner quantiles of each feature, features x (BINS - 1)."""
    step = max(1, len(x) // 8000)
    return np.quantile(x[::step], np.arange(1, BINS) / BINS, axis=0).T.astype(np.float32)


def bin_values(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Bin of every value, rows x features."""
    return _bin(np.ascontiguousarray(x, dtype=np.float32), np.ascontiguousarray(edges))


@njit(cache=True, nogil=True)
def _bin(x: Any, edges: Any) -> Any:
    out = np.empty(x.shape, np.uint8)
    for i in range(x.shape[0]):
        for f in range(x.shape[1]):
            lo, hi = 0, edges.shape[1]
            while lo < hi:
                mid = (lo + hi) // 2
                if edges[f, mid] < x[i, f]:
                    lo = mid + 1
                else:
                    hi = mid
            out[i, f] = lo
    return out


def grow(
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    seed: int,
    trees: int = 100,
    depth: int = 4,
    rate: float = 0.1,
    penalty: float = 20.0,
    columns: float = 0.5,
    part: float = 0.4,
) -> Trees:
    """Fit trees to the outcomes `y` of weighted rows, each on random parts of the features and rows."""
    edges = bin_edges(x)
    rng = np.random.default_rng(seed)
    n_features = x.shape[1]
    chosen = np.stack([rng.permutation(n_features)[: max(1, int(columns * n_features))] for _ in range(trees)])
    used = np.sort(np.stack([rng.permutation(len(x))[: int(part * len(x))] for _ in range(8)]), 1)
    feature, split, leaf = _grow(
        bin_values(x, edges), y.astype(np.int64), weight.astype(np.float32), chosen, used, depth, rate, part * penalty
    )
    return Trees(feature, edges[feature, split], leaf)


@intrinsic  # type: ignore[untyped-decorator]
def _add_eight(context: Any, into: Any, at: Any, source: Any, start: Any) -> Any:
    """Add eight neighbouring float32 of `source` to eight of `into` at once: the compiler would add them one by one."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        eight = ir.VectorType(ir.FloatType(), SLOPES).as_pointer()
        places = []
        for kind, array, index in ((into, values[0], values[1]), (source, values[2], values[3])):
            data = context.make_array(kind)(context, builder, array).data
            places.append(builder.bitcast(builder.gep(data, [index]), eight))
        total = builder.fadd(builder.load(places[0], align=4), builder.load(places[1], align=4))
        builder.store(total, places[0], align=4)
        return context.get_dummy_value()

    return types.void(into, types.intp, source, types.intp), generate


@njit(cache=True, nogil=True)
def _histogram(bins: Any, slope: Any, rows: Any, features: Any, hist: Any) -> Any:
    """Sums of the slopes of some rows by feature and bin."""
    sums, slopes = hist.reshape(-1), slope.reshape(-1)
    sums[:] = 0
    for i in rows:
        own = bins[i]
        for k in range(len(features)):
            _add_eight(sums, (k * BINS + own[features[k]]) * SLOPES, slopes, i * SLOPES)  # type: ignore[call-arg]


@njit(cache=True, nogil=True, fastmath=True)
def _slopes(scores: Any, y: Any, weight: Any, rows: Any, slope: Any) -> Any:
    """Gradient and curvature of some rows' weighted log loss in the score of each outcome."""
    p = np.empty(4, np.float32)
    for i in rows:
        top = max(max(scores[i, 0], scores[i, 1]), max(scores[i, 2], scores[i, 3]))
        total = np.float32(0.0)
        for c in range(4):
            p[c] = np.exp(scores[i, c] - top)
            total += p[c]
        for c in range(4):
            q = p[c] / total
            slope[i, c] = weight[i] * (q - (1.0 if y[i] == c else 0.0))
            slope[i, 4 + c] = weight[i] * q * (1 - q)


@njit(cache=True, nogil=True)
def _best_split(hist: Any, penalty: Any) -> Any:
    best, best_k, best_b = 0.0, -1, 0
    total, left = np.zeros(SLOPES), np.zeros(SLOPES)
    for b in range(hist.shape[1]):
        for c in range(SLOPES):
            total[c] += hist[0, b, c]
    whole = 0.0
    for c in range(4):
        whole += total[c] ** 2 / (total[4 + c] + penalty)
    for k in range(hist.shape[0]):
        left[:] = 0
        for b in range(hist.shape[1] - 1):
            gain = -whole
            for c in range(SLOPES):
                left[c] += hist[k, b, c]
            for c in range(4):
                right = total[c] - left[c]
                gain += left[c] ** 2 / (left[4 + c] + penalty) + right**2 / (total[4 + c] - left[4 + c] + penalty)
            if gain > best + 1e-6:
                best, best_k, best_b = gain, k, b
    return best_k, best_b


@njit(cache=True, nogil=True)
def _part(bins: Any, rows: Any, spare: Any, feature: Any, threshold: Any) -> int:
    """Bring the rows that go left to the front, both parts in their order; how many they are."""
    left = right = 0
    for i in rows:
        goes = feature >= 0 and bins[i, feature] > threshold
        rows[left] = i
        spare[right] = i
        left += 1 - goes
        right += goes
    for j in range(right):
        rows[left + j] = spare[j]
    return left


def _one_tree(
    bins: np.ndarray, slope: np.ndarray, rows: np.ndarray, features: np.ndarray, depth: int, penalty: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Splits of one complete tree grown on some rows (feature and bin of each node); the rows in the order of the leaves,
    and where each leaf begins."""
    feature, threshold = np.full(2**depth - 1, -1, np.int32), np.zeros(2**depth - 1, np.uint8)
    order, spare, cut = rows.copy(), np.empty_like(rows), np.array([0, len(rows)])
    hist = np.empty((1, len(features), BINS, SLOPES), np.float32)
    _histogram(bins, slope, order, features, hist[0])
    for level in range(depth):
        first, finer = 2**level - 1, np.repeat(cut, 2)[1:]
        for q in range(2**level):
            k, b = _best_split(hist[q], penalty)
            if k >= 0:
                feature[first + q], threshold[first + q] = features[k], b
            own = order[cut[q] : cut[q + 1]]
            finer[2 * q + 1] = cut[q] + _part(bins, own, spare, feature[first + q], threshold[first + q])
        if level < depth - 1:
            hist = _finer_histograms(bins, slope, order, finer, hist, features)
        cut = finer
    return feature, threshold, order, cut


def _finer_histograms(
    bins: np.ndarray, slope: np.ndarray, order: np.ndarray, cut: np.ndarray, above: np.ndarray, features: np.ndarray
) -> np.ndarray:
    """Histograms of a level's nodes: of each pair of children the smaller is counted, the larger is what is left."""
    hist = np.empty((2 * len(above), *above.shape[1:]), np.float32)
    size = np.diff(cut)
    for parent, whole in enumerate(above):
        small, large = 2 * parent + np.argsort(size[2 * parent : 2 * parent + 2], kind="stable")
        _histogram(bins, slope, order[cut[small] : cut[small + 1]], features, hist[small])
        np.subtract(whole, hist[small], out=hist[large])
    return hist


def _grow(
    bins: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    chosen: np.ndarray,
    used: np.ndarray,
    depth: int,
    rate: float,
    penalty: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, trees = len(y), len(chosen)
    feature, threshold = np.empty((trees, 2**depth - 1), np.int32), np.empty((trees, 2**depth - 1), np.uint8)
    leaf = np.empty((trees, 2**depth, 4), np.float32)
    scores, slope = np.zeros((n, 4), np.float32), np.empty((n, SLOPES), np.float32)
    for t in range(trees):
        _slopes(scores, y, weight, used[t % len(used)], slope)
        feature[t], threshold[t], order, cut = _one_tree(bins, slope, used[t % len(used)], chosen[t], depth, penalty)
        _leaves(slope, order, cut, rate, penalty, leaf[t])
        _add(bins, feature[t], threshold[t], leaf[t], depth, scores)
    return feature, threshold, leaf


@njit(cache=True, nogil=True)
def _leaves(slope: Any, order: Any, cut: Any, rate: Any, penalty: Any, leaf: Any) -> Any:
    """Value of every leaf: one Newton step on its rows."""
    total = np.zeros(SLOPES)
    for q in range(len(leaf)):
        total[:] = 0
        for j in range(cut[q], cut[q + 1]):
            for c in range(SLOPES):
                total[c] += slope[order[j], c]
        for c in range(4):
            leaf[q, c] = -rate * total[c] / (total[4 + c] + penalty)


@njit(cache=True, nogil=True)
def _add(x: Any, feature: Any, threshold: Any, leaf: Any, depth: Any, scores: Any) -> Any:
    """Add one tree's leaves to the scores; rows and thresholds are both bins or both values."""
    for i in range(len(x)):
        q = 0
        for level in range(depth):
            at = 2**level - 1 + q
            right = feature[at] >= 0 and x[i, feature[at]] > threshold[at]
            q = 2 * q + (1 if right else 0)
        for c in range(4):
            scores[i, c] += leaf[q, c]


@njit(cache=True, nogil=True)
def _apply(x: Any, feature: Any, threshold: Any, leaf: Any) -> Any:
    scores = np.zeros((len(x), 4), np.float32)
    depth = int(np.log2(leaf.shape[1]) + 0.5)
    for start in range(0, len(x), NEAR):
        rows, to = x[start : start + NEAR], scores[start : start + NEAR]
        for t in range(len(feature)):
            _add(rows, feature[t], threshold[t], leaf[t], depth, to)
    return scores
