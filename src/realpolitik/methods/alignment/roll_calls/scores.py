"""Scores of forecasts of roll calls, over members that voted or over all four outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FLOOR = 1e-4
EVENING = 0.05  #: power of the base rates by which the evened decision divides; chosen on sessions 50 to 59
BINS = 15


@dataclass(frozen=True)
class Scored:
    """Accuracy, balanced accuracy, mean log loss, Brier score and calibration error of some forecasts."""

    n: int
    accuracy: float
    balanced: float
    log_loss: float
    brier: float
    ece: float


def given_a_vote(p: np.ndarray) -> np.ndarray:
    """Probabilities of yes, abstain, no, floored and made to sum to one: rows x 3."""
    three = np.clip(p[:, :3], FLOOR, 1)
    return three / three.sum(1, keepdims=True)


def log_losses(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Minus log of the probability given to what happened, one per row."""
    return -np.log(np.maximum(p[np.arange(len(y)), y], FLOOR))


def evened(p: np.ndarray, rates: np.ndarray, power: float = EVENING) -> np.ndarray:
    """The outcome with the largest probability / base rate ** power: 0 is the most probable, 1 is best for balanced accuracy."""
    return np.asarray((p / np.maximum(rates, FLOOR) ** power).argmax(1))


def score(p: np.ndarray, y: np.ndarray) -> Scored:
    """Score rows of probabilities (rows x outcomes) against outcomes (codes)."""
    if not len(y):
        return Scored(0, *[float("nan")] * 5)
    choice = p.argmax(1)
    balanced = balanced_accuracy(choice, y)
    brier = float(((p - np.eye(p.shape[1])[y]) ** 2).sum(1).mean())
    return Scored(
        len(y), float((choice == y).mean()), balanced, float(log_losses(p, y).mean()), brier, calibration_error(p, y)
    )


def balanced_accuracy(choice: np.ndarray, y: np.ndarray) -> float:
    """Mean over the outcomes that occurred of the share told right."""
    return float(np.mean([(choice[y == c] == c).mean() for c in np.unique(y)]))


def calibration_error(p: np.ndarray, y: np.ndarray) -> float:
    """Mean gap between forecast and observed share in 15 bins of equal mass, averaged over the outcomes."""
    return float(np.mean([np.average(np.abs(f - o), weights=n) for _, n, f, o in reliability(p, y)]))


def reliability(p: np.ndarray, y: np.ndarray) -> list[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Per outcome: sizes, mean forecast and observed share of 15 bins of equal mass."""
    out = []
    for c in range(p.shape[1]):
        edges = np.unique(np.quantile(p[:, c], np.arange(1, BINS) / BINS))
        place = np.searchsorted(edges, p[:, c], side="left")
        sizes = np.bincount(place, minlength=len(edges) + 1)
        there = sizes > 0
        forecast, observed = (np.bincount(place, w, len(sizes))[there] / sizes[there] for w in (p[:, c], y == c))
        out.append((c, sizes[there], forecast, observed))
    return out


def paired_interval(
    difference: np.ndarray, cluster: np.ndarray, rng: np.random.Generator, draws: int = 1000, level: float = 0.9
) -> tuple[float, float]:
    """Interval of a mean difference when whole clusters (roll calls) are drawn again with replacement."""
    if not len(difference):
        return float("nan"), float("nan")
    code = cluster - cluster.min()
    sizes = np.bincount(code)
    sums, sizes = np.bincount(code, difference)[sizes > 0], sizes[sizes > 0]
    picks = rng.integers(0, len(sums), (draws, len(sums)))
    means = sums[picks].sum(1) / sizes[picks].sum(1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
