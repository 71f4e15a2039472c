"""Do several chains agree, and how many independent draws are they worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

Floats = NDArray[np.float64]


@dataclass
class Tally:
    """Running sums of draws that are not kept one by one."""

    count: int = 0
    total: Any = 0.0
    squares: Any = 0.0

    def add(self, draw: Floats) -> None:
        self.count += 1
        self.total = self.total + draw
        self.squares = self.squares + draw * draw

    @property
    def mean(self) -> Floats:
        return np.asarray(self.total / self.count)

    @property
    def sd(self) -> Floats:
        return np.sqrt(np.maximum(self.squares / self.count - self.mean**2, 0.0))


def diagnose(draws: NDArray[np.floating], block: int = 128) -> tuple[Floats, Floats]:
    """R-hat and effective sample size of every quantity of (chains, draws, quantities).

    R-hat is the rank-normalised split one, the larger of its bulk and its folded value (Vehtari, Gelman, Simpson, Carpenter
    & Buerkner 2021, Bayesian Analysis 16(2), eq. 4 and section 4.1); the effective number of independent draws is that
    in the bulk, of the normal scores of the ranks (section 4.2), by Geyer's initial positive pairs.
    """
    r_hat, ess = np.empty((2, draws.shape[2]))
    for lo in range(0, draws.shape[2], block):
        x = draws[:, :, lo : lo + block].astype(np.float64)
        scores, folded = normal_ranks(x), np.abs(x - np.median(x, axis=(0, 1)))
        r_hat[lo : lo + block] = np.maximum(split_r_hat(scores), split_r_hat(normal_ranks(folded)))
        ess[lo : lo + block] = _effective(scores)
    return r_hat, ess


def normal_ranks(draws: Floats) -> Floats:
    """Normal scores of the ranks of each quantity over all chains; ties share their mean rank."""
    flat = draws.reshape(-1, draws.shape[2])
    ranks = rankdata(flat, axis=0)
    return np.asarray(ndtri((ranks - 0.375) / (len(flat) + 0.25))).reshape(draws.shape)


def split_r_hat(draws: NDArray[np.floating]) -> Floats:
    """Potential scale reduction of (chains, draws, quantities), each chain cut in halves (Gelman et al. 2013, 11.4)."""
    half = draws.shape[1] // 2
    parts = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    within = parts.var(1, ddof=1, dtype=np.float64).mean(0)
    between = parts.mean(1, dtype=np.float64).var(0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt((half - 1) / half + between / within))


def _effective(x: Floats) -> Floats:
    chains, n, _ = x.shape
    mean = x.mean(1)
    centred = x - mean[:, None]
    f = np.fft.rfft(centred, 2 * n, axis=1)
    autocovariance = np.fft.irfft(f * np.conj(f), 2 * n, axis=1)[:, :n] / n
    within = autocovariance[:, 0].mean(0) * n / (n - 1)
    between = mean.var(0, ddof=1) if chains > 1 else 0.0
    total = (n - 1) / n * within + between
    rho = 1 - (within - autocovariance.mean(0)) / np.where(total > 0, total, 1.0)
    pairs = rho[: n // 2 * 2].reshape(n // 2, 2, -1).sum(1)
    alive = np.cumprod(pairs > 0, axis=0)
    falling = np.minimum.accumulate(np.maximum(pairs, 0), axis=0)
    time = 2 * (falling * alive).sum(0) - 1
    return np.asarray(chains * n / np.maximum(time, 1.0 / np.log10(max(chains * n, 10))))


class Drawn:
    """Positions known by their draws (chains, draws, nodes, ...): mean and standard deviation of each."""

    draws: NDArray[np.float32]

    @property
    def standard(self) -> NDArray[np.float64]:
        return np.asarray(self.draws.mean((0, 1), dtype=np.float64))

    @property
    def standard_sd(self) -> NDArray[np.float64]:
        parts = np.array_split(self.draws, max(1, self.draws.shape[2] // 512), axis=2)  # in double, in parts
        return np.concatenate([part.std((0, 1), dtype=np.float64, ddof=1) for part in parts])
