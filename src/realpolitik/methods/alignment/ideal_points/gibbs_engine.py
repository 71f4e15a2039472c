"""Engine `gibbs`: draws from the exact posterior, several chains, with R-hat and effective sample size.

One sweep: items by independence Metropolis-Hastings with the latent values integrated out; latent values; each state's
whole path; the walk's variance; then a shift (exact) and a stretch (Hamiltonian) of every session along the model's
invariance, where plain Gibbs would creep. Chains start from draws around the mode, spread twice as wide as its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from . import gibbs_kernels, kernels, rescale
from .diagnostics import Drawn, Tally, diagnose
from .map_engine import MapFit, fit_map, on_scale, prior_score
from .model import Model
from .ridge import Ridge, find_ridge
from .start import oriented

Floats = NDArray[np.float64]

STRETCH = 10  #: sessions proposed together where a path is cut
PATHS = ("cut", "whole", "cut", "whole", "cut", "latent")  #: how paths are drawn, sweep by sweep
SETTLED = (
    0.15,
    0.4,
    0.7,
    1.0,
)  #: shares of the warm-up after which proposals start from where the chain has been since
RIDGE_EVERY = 3  #: sweeps from one move along the slow directions to the next
PINNED = 1e12  #: precision of a node that stays


@dataclass(frozen=True)
class GibbsSettings:
    """chains, sweeps each (of which warm are thrown away), every `thin`-th kept; threads: chains run at a time."""

    chains: int = 4
    sweeps: int = 800
    warm: int = 160
    thin: int = 1
    threads: int = 1
    directions: int = 40

    @property
    def kept(self) -> int:
        return (self.sweeps - self.warm) // self.thin


@dataclass(frozen=True)
class GibbsFit(Drawn):
    """Kept draws of standardised positions (chains, draws, nodes), of the drift, and how well the chains agree."""

    draws: NDArray[np.float32]
    drift: Floats  # (chains, draws)
    r_hat: Floats  # (nodes,)
    ess: Floats  # (nodes,)
    accepted: float
    ridge_accepted: float
    mode: MapFit
    items: Floats  # (items, 3) posterior means of b, g, d on the scale of the standardised positions
    items_sd: Floats


def fit_gibbs(
    model: Model,
    seed: int = 1,
    drift: float | None = None,
    settings: GibbsSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> GibbsFit:
    """Posterior draws; `drift` fixes the walk's variance, None gives it its inverse-gamma prior."""
    settings = settings or GibbsSettings()
    with threadpool_limits(1, user_api="blas"):
        mode = fit_map(model, drift)
        ridge = find_ridge(model, mode, settings.directions)
        seeds = np.random.SeedSequence(seed).spawn(settings.chains)
        draws = np.empty((settings.chains, settings.kept, model.nodes), np.float32)
        chains = [Chain(model, mode, ridge, s, drift) for s in seeds]
        runs = run_chains(chains, draws, settings, progress)
    rates = np.array([(c.taken / (settings.sweeps * model.items), c.moved / max(c.tried, 1)) for c in chains]).mean(0)
    items = Tally(runs[0][1].count * len(runs), sum(r[1].total for r in runs), sum(r[1].squares for r in runs))
    return GibbsFit(
        draws,
        np.stack([r[0] for r in runs]),
        *diagnose(draws),
        float(rates[0]),
        float(rates[1]),
        mode,
        items.mean,
        items.sd,
    )


class Sampler(Protocol):
    """What one chain of an exact sampler can do."""

    q: float

    def sweep(self, adapt: bool) -> None: ...

    def settle(self, renew: bool) -> None: ...

    def standardised(self) -> tuple[Floats, Floats]: ...


def run_chains(
    chains: Sequence[Sampler],
    draws: NDArray[np.float32],
    settings: GibbsSettings,
    progress: Callable[[int], None] | None,
) -> list[tuple[Floats, Tally]]:
    """Run all chains on threads; kept positions go to `draws`, the drift and the items of each chain are returned."""
    stop = Event()
    with ThreadPoolExecutor(settings.threads) as pool:
        try:
            return list(pool.map(lambda c, out: _run(c, out, settings, progress, stop), chains, draws))
        except BaseException:  # an interrupt, or a fault in one chain, ends the others
            stop.set()
            raise


def _run(
    chain: Sampler,
    draws: NDArray[np.float32],
    settings: GibbsSettings,
    progress: Callable[[int], None] | None,
    stop: Event,
) -> tuple[Floats, Tally]:
    """Sweeps of one chain until `stop`."""
    drifts, items = np.empty(len(draws)), Tally()
    settled = [round(settings.warm * share) for share in SETTLED]
    for k in range(settings.sweeps):
        if stop.is_set():
            break
        chain.sweep(adapt=k < settings.warm)
        if k + 1 in settled:
            chain.settle(renew=k + 1 == settled[1])
        at, rest = divmod(k - settings.warm, settings.thin)
        if k >= settings.warm and rest == 0 and at < len(draws):
            draws[at], drawn = chain.standardised()
            items.add(drawn)
            drifts[at] = chain.q
        if progress is not None:
            progress(k)
    return drifts, items


class Chain:
    """One chain: its current point and generators. Not shared between threads."""

    def __init__(self, model: Model, mode: MapFit, ridge: Ridge, seed: np.random.SeedSequence, drift: float | None):
        self.ridge, self.ridge_steps, self.ridge_length = ridge, 4, 0.3
        self.moved = self.tried = 0
        self.model, self.learnt = model, drift is None
        self.gen = np.random.default_rng(seed)
        self.rng = self.gen.integers(1, 2**63, 4, dtype=np.uint64)
        self.theta = mode.theta + 2.0 * np.sqrt(mode.variance) * self.gen.standard_normal(model.nodes)
        self.par, self.stored, self.q = mode.items.copy(), mode.items.copy(), mode.drift
        self.stored[:, 2] = np.maximum(self.stored[:, 2], 0.02)
        self.tables = kernels.hazard_table(), gibbs_kernels.log_cdf_table()
        self.score, self.weight = np.empty((2, model.nodes))
        self.sure = np.zeros((model.items, 3))
        self.fit = gibbs_kernels.item_log_likelihoods(self.par, model.cuts, model.node, self.theta, self.tables[1])
        self.wide = rescale.spread(rescale.groups_of_sessions(model))
        self.mass = _stretch_mass(model, mode, self.wide)
        self.taken = self.stretched = self.turn = 0
        self.mode, self.home = mode, mode.theta.copy()
        self.been = Tally(), Tally()
        self.paths_taken: list[float] = []

    def sweep(self, adapt: bool = False) -> None:
        m, prior = self.model, self.model.priors.vector()
        table, logs = self.tables
        centre, factor = np.empty((m.items, 3)), np.empty((m.items, 6))
        kernels.item_proposals(self.stored, centre, factor, m.cuts, m.node, self.theta, prior, table)
        if self.turn % RIDGE_EVERY or not self.turn:  # else the move along the slow directions has left them in place
            self.fit = gibbs_kernels.item_log_likelihoods(self.par, m.cuts, m.node, self.theta, logs)
        self.taken += gibbs_kernels.propose_items(
            self.par, self.fit, centre, factor, m.cuts, m.node, self.theta, prior, logs, self.rng
        )
        way = PATHS[self.turn % len(PATHS)]
        if way == "latent":
            self._latent_paths()
        else:
            self._laplace_paths(*((STRETCH, 1) if way == "cut" else (m.nodes, 2)))
        self.turn += 1
        if self.learnt:
            self.q = self._draw_drift()
        self._shift()
        self._stretch()
        self._scale_all()
        if adapt:
            self.been[0].add(self.theta)
            self.been[1].add(np.column_stack([self.par[:, :2], np.log(self.par[:, 2])]))
        if self.turn % RIDGE_EVERY == 0:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a wild trial is refused
                self._along_ridge(adapt)

    def strayed(self, by: float = 0.3) -> bool:
        """Whether the chain has been on another scale than the mode's (in logs). Elsewhere the mode is the better start for
        proposals: the mean of where a chain has been holds it there."""
        return bool(abs(np.log(self.been[0].mean.std() / self.mode.theta.std())) > by)

    def settle(self, renew: bool) -> None:
        """While warming up: proposals start anew where the chain has strayed from the mode's scale."""
        if self.strayed():
            self.start_from_mean(renew)

    def start_from_mean(self, renew: bool = False) -> None:
        """Let proposals start from the mean since the last time; only while warming up, since they must not follow the chain.

        The mode of a model whose items hold sessions together can stand on another scale than the bulk of the posterior:
        the slow directions are taken along to the chain's scale, or found anew where the chain is.
        """
        before, self.home = self.home, self.been[0].mean
        b, g, log_width = self.been[1].mean.T
        self.stored = np.stack([b, g, np.maximum(np.exp(log_width), 0.02)], axis=1)
        self.been = Tally(), Tally()
        if renew:
            here = replace(self.mode, theta=self.home, items=self.stored, drift=self.q)
            self.ridge = find_ridge(self.model, here, self.ridge.positions.shape[1], self.ridge)
            self.ridge_length = 0.3
            return
        stretch = float(self.home.std() / before.std())
        self.ridge = self.ridge.on_scale(stretch, float(self.home.mean() - stretch * before.mean()))

    def _latent_paths(self) -> None:
        """Latent values, then every path from its Gaussian conditional: always moves, slowly where votes are lopsided."""
        m, logs = self.model, self.tables[1]
        gibbs_kernels.draw_latent(self.par, m.cuts, m.node, self.theta, logs, self.rng, self.score, self.weight)
        self._draw_paths(self.theta, self.score, self.weight)

    def _laplace_paths(self, length: int, steps: int) -> None:
        """Independence Metropolis-Hastings on paths, cut into stretches of about `length` sessions between nodes that stay.

        The proposal is Gaussian around the mode given the items, found from a fixed start in `steps` Newton steps, so that
        it does not depend on the current path; given the nodes that stay, the stretches are independent and each is taken or refused by
        itself. The walk's prior cancels in the ratio.
        """
        m, (table, logs) = self.model, self.tables
        centre, votes = self.home.copy(), (m.cuts, m.node)
        precision, first = 1.0 / (self.q * m.gap), 1.0 / m.priors.start
        for _ in range(steps):
            kernels.node_derivatives(self.par, self.sure, *votes, centre, table, self.score, self.weight)
            kernels.path_newton(centre, m.path_ptr, m.path_node, precision, first, self.score, self.weight, 2.0)
        kernels.node_derivatives(self.par, self.sure, *votes, centre, table, self.score, self.weight)
        linear, trial = self.score + self.weight * centre, self.theta.copy()
        stay, starts = self._stretches(length)
        held = np.where(stay, PINNED, self.weight)
        self._draw_paths(trial, np.where(stay, PINNED * self.theta, linear), held)
        trial[stay] = self.theta[stay]
        gain = np.empty(m.nodes)
        gibbs_kernels.node_gain(self.par, *votes, self.theta, trial, logs, gain)
        gain -= linear * (trial - self.theta) - 0.5 * self.weight * (trial**2 - self.theta**2)
        total = np.add.reduceat(gain[m.path_node], starts)
        taken = np.log(self.gen.random(len(total))) < total
        chosen = m.path_node[np.repeat(taken, np.diff(np.append(starts, m.nodes)))]
        self.theta[chosen] = trial[chosen]
        self.paths_taken.append(float(taken.mean()))

    def _stretches(self, length: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Nodes that stay (every `length`-th of a path from a random place on), and where stretches start in path order."""
        m = self.model
        place = np.arange(m.nodes) - np.repeat(m.path_ptr[:-1], np.diff(m.path_ptr))
        cut = (place + self.gen.integers(length)) % length == 0 if length < m.nodes else np.zeros(m.nodes, bool)
        stay = np.zeros(m.nodes, bool)
        stay[m.path_node[cut]] = True
        return stay, np.flatnonzero(cut | (place == 0))

    def _draw_paths(self, theta: Floats, linear: Floats, weight: Floats) -> None:
        m = self.model
        gibbs_kernels.draw_paths(
            theta, m.path_ptr, m.path_node, 1.0 / (self.q * m.gap), 1.0 / m.priors.start, linear, weight, self.rng
        )

    def _draw_drift(self) -> float:
        m, inner = self.model, self.model.previous >= 0
        squares = (self.theta[inner] - self.theta[m.previous[inner]]) ** 2 / m.gap[inner]
        scale = m.priors.drift_scale + 0.5 * squares.sum()
        return float(scale / self.gen.gamma(m.priors.drift_shape + 0.5 * inner.sum()))

    def _shift(self) -> None:
        """c of every group of sessions from its exact Gaussian conditional."""
        sums = rescale.moments(self.model, self.theta, self.par, self.q)
        zero = np.zeros(len(sums.jacobian))
        grad, hess = rescale.derivatives(sums, zero, zero)
        half = len(zero)
        wide = self.wide[half:, self.wide.shape[1] // 2 :]
        factor = np.linalg.cholesky(-wide.T @ hess[half:, half:] @ wide)
        mean = np.linalg.solve(factor, wide.T @ grad[half:])
        draw = np.linalg.solve(factor.T, mean + self.gen.standard_normal(len(mean)))
        rescale.apply_move(self.model, self.theta, self.par, zero, wide @ draw)

    def _stretch(self, steps: int = 8, length: float = 0.2) -> None:
        """a of every group of sessions by Hamiltonian moves along the orbit, accepted or refused as a whole."""
        sums = rescale.moments(self.model, self.theta, self.par, self.q)
        half = len(sums.jacobian)
        wide = self.wide[:half, : self.wide.shape[1] // 2]
        zero, jac = np.zeros(half), wide.T @ sums.jacobian
        inverse, root = self.mass
        p: Any = root @ self.gen.standard_normal(wide.shape[1])
        before = rescale.log_density(sums, zero, zero) - 0.5 * p @ inverse @ p
        a = np.zeros(wide.shape[1])
        length *= self.gen.uniform(0.8, 1.2)
        p = p + 0.5 * length * (wide.T @ rescale.scale_gradient(sums, wide @ a) + jac)
        for k in range(steps):
            a = a + length * (inverse @ p)
            part = length if k < steps - 1 else 0.5 * length
            p = p + part * (wide.T @ rescale.scale_gradient(sums, wide @ a) + jac)
        after = rescale.log_density(sums, wide @ a, zero) + jac @ a - 0.5 * p @ inverse @ p
        if np.log(self.gen.random()) < after - before:
            rescale.apply_move(self.model, self.theta, self.par, wide @ a, zero)
            self.stretched += 1

    def _scale_all(self, spread: float = 0.03) -> None:
        """Positions, slopes and the walk's variance together: x -> e^a x, b -> e^-a b, q -> e^2a q (random walk in a)."""
        if not self.learnt:
            return
        m, p = self.model, self.model.priors
        a = spread * self.gen.standard_normal()
        first, inner = m.previous < 0, m.previous >= 0
        starts = (self.theta[first] ** 2).sum() / p.start
        slopes = (self.par[:, 0] ** 2).sum() / p.slope
        change = -0.5 * starts * np.expm1(2 * a) - 0.5 * slopes * np.expm1(-2 * a)
        change -= p.drift_scale / self.q * np.expm1(-2 * a) + 2 * a * (p.drift_shape + 1 + 0.5 * inner.sum())
        change += a * (m.nodes - m.items + 2)
        if np.log(self.gen.random()) < change:
            self.theta *= np.exp(a)
            self.par[:, 0] *= np.exp(-a)
            self.q *= float(np.exp(2 * a))

    def _along_ridge(self, adapt: bool) -> None:
        """A Hamiltonian move inside the fixed slow subspace, on the whole posterior."""
        ridge, steps = self.ridge, self.ridge_steps
        self.tried += 1
        length = self.ridge_length * self.gen.uniform(0.8, 1.2)
        p: Any = self.gen.standard_normal(ridge.positions.shape[1])
        kinetic, fit = 0.5 * p @ p, np.empty(self.model.items)
        now, slope = self._log_posterior(self.theta, self.par, self.fit)
        theta, par = self.theta.copy(), self.par.copy()
        p = p + 0.5 * length * slope
        for k in range(steps):
            step = (length * p).astype(np.float32)
            theta += ridge.positions @ step
            move = (ridge.items @ step).reshape(-1, 3)
            par[:, :2] += move[:, :2]
            par[:, 2] *= np.exp(move[:, 2])
            after, slope = self._log_posterior(theta, par, fit)
            p = p + (length if k < steps - 1 else 0.5 * length) * slope
        change = after - now - 0.5 * p @ p + kinetic
        rate = float(np.exp(min(change, 0.0))) if np.isfinite(change) else 0.0
        if adapt:
            self.ridge_length *= float(np.exp(0.15 * (rate - 0.75)))
        if self.gen.random() < rate:
            self.theta, self.par, self.fit = theta, par, fit
            self.moved += 1

    def _log_posterior(self, theta: Floats, par: Floats, fit: Floats) -> tuple[float, Floats]:
        """Log posterior in positions and (b, g, log d), and its slope along the ridge; the items' log likelihoods go to fit."""
        m, prior, up = self.model, self.model.priors, np.empty((self.model.items, 3))
        gibbs_kernels.joint_density(par, m.cuts, m.node, theta, prior.vector(), self.tables[1], self.score, up, fit)
        b, g, d = par.T
        items = (prior.width_shape * np.log(d) - prior.width_rate * d).sum()
        items -= 0.5 * (b @ b / prior.slope + g @ g / prior.cut)
        back = prior_score(m, theta, self.q)
        walk = 0.5 * theta @ back  # the walk's log density is quadratic and highest at 0
        pull = self.ridge.positions.T @ (self.score + back).astype(np.float32)
        pull = pull + self.ridge.items.T @ up.ravel().astype(np.float32)
        return float(fit.sum() + items + walk), np.asarray(pull, dtype=np.float64)

    def standardised(self) -> tuple[Floats, Floats]:
        """Positions with mean 0 and sd 1 over the state-sessions with votes, anchors on their side; items to go with them."""
        sign = oriented(self.model, self.theta)
        x = self.theta * sign
        counted = x[self.model.node_votes > 0]
        centre, scale = float(counted.mean()), float(counted.std())
        return (x - centre) / scale, on_scale(self.par * np.array([sign, 1.0, 1.0]), centre, scale)


def _stretch_mass(model: Model, mode: MapFit, wide: Floats) -> tuple[Floats, Floats]:
    """Inverse mass and root of the mass of the stretch: the curvature of its log density at the mode."""
    sums = rescale.moments(model, mode.theta, mode.items, mode.drift)
    half = len(sums.jacobian)
    _, hess = rescale.derivatives(sums, np.zeros(half), np.zeros(half))
    small = wide[:half, : wide.shape[1] // 2]
    values, vectors = np.linalg.eigh(-small.T @ hess[:half, :half] @ small)
    values = np.maximum(values, 1e-3 * values.max())
    return (vectors / values) @ vectors.T, (vectors * np.sqrt(values)) @ vectors.T
