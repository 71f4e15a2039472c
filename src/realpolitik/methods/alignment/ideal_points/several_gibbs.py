"""Engine `gibbs` in several dimensions: draws from the exact posterior, turned to the mode's axes.

The model is that of one dimension with vectors b and x and the same priors, which no turn of all positions and slopes
changes. One sweep: items by independence Metropolis-Hastings with the latent values integrated out; each state's whole
path around its mode, or through latent values; the walk's variance; shift, stretch and shear of every group of sessions;
and Hamiltonian moves along the slow directions. A chain turns as it will. Every kept draw is standardised (mean 0, sd 1, no
correlation over voting nodes, as `several.standardised_mode` does) and turned to the standardised mode by a weighted
orthogonal Procrustes rotation (Schoenemann 1966, Psychometrika 31(1), doi:10.1007/BF02289451): positions are
known relative to these axes only, and R-hat is judged on the turned draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from . import several_gibbs_kernels as kernels
from .diagnostics import Drawn, Tally, diagnose
from .gibbs_engine import PATHS, PINNED, RIDGE_EVERY, STRETCH, GibbsSettings, run_chains
from .gibbs_kernels import log_cdf_table
from .map_engine import prior_score
from .model import Model
from .several import SeveralFit, SeveralMode, find_mode, standardised_mode, turned_items
from .several_moves import Directions, Groups, find_directions, groups_at, move_along, shear

Floats = NDArray[np.float64]

NEWTON = 12  #: most Newton steps from the stored point to the centre of an item's proposal
STEP = 2.38  #: length of an item's random step, times the root of its size (Roberts, Gelman and Gilks 1997)
MOST_BENT = 1e3  #: condition of a linear map that directions can still be carried along
CUT, WHOLE = 2, 3  #: Newton steps to the centre of proposed paths, cut or whole


@dataclass(frozen=True)
class SeveralGibbsFit(Drawn):
    """Kept draws of turned positions (chains, draws, nodes, dimensions), of the drift, and how well the chains agree."""

    draws: NDArray[np.float32]
    drift: Floats  # (chains, draws)
    r_hat: Floats  # (nodes, dimensions)
    ess: Floats  # (nodes, dimensions)
    accepted: float
    slow_accepted: float
    mode: SeveralFit
    items: Floats  # (items, dimensions + 2) posterior means of b, g, d on the scale of the turned positions
    items_sd: Floats


@dataclass(frozen=True)
class Start:
    """What all chains share: the mode, the axes that draws are turned to, groups of sessions, slow directions."""

    mode: SeveralMode
    reference: Floats  # (nodes, dimensions) standardised mode, times the weight of each node
    groups: Groups
    directions: Directions
    logs: Floats


def fit_several_gibbs(
    model: Model,
    dimensions: int,
    seed: int = 1,
    drift: float | None = None,
    settings: GibbsSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> SeveralGibbsFit:
    """Posterior draws; `drift` fixes the walk's variance, None gives it its inverse-gamma prior."""
    settings = settings or GibbsSettings()
    with threadpool_limits(1, user_api="blas"):
        start, mode = prepare(model, dimensions, drift, settings.directions)
        seeds = np.random.SeedSequence(seed).spawn(settings.chains)
        draws = np.empty((settings.chains, settings.kept, model.nodes, dimensions), np.float32)
        chains = [SeveralChain(model, start, s, drift) for s in seeds]
        runs = run_chains(chains, draws, settings, progress)
    items = Tally(runs[0][1].count * len(runs), sum(r[1].total for r in runs), sum(r[1].squares for r in runs))
    r_hat, ess = diagnose(draws.reshape(*draws.shape[:2], -1))
    return SeveralGibbsFit(
        draws,
        np.stack([r[0] for r in runs]),
        r_hat.reshape(model.nodes, dimensions),
        ess.reshape(model.nodes, dimensions),
        float(np.mean([c.taken / (settings.sweeps * model.items) for c in chains])),
        float(np.mean([c.moved / max(c.tried, 1) for c in chains])),
        mode,
        items.mean,
        items.sd,
    )


def prepare(model: Model, dimensions: int, drift: float | None, directions: int) -> tuple[Start, SeveralFit]:
    """What the chains start from, and the mode on its reported axes."""
    mode, logs = find_mode(model, dimensions, drift), log_cdf_table()
    fit = standardised_mode(model, mode)
    reference = weighed(fit, model.node_votes > 0)
    at = mode.theta, mode.items, mode.drift
    slow = find_directions(model, *at, logs, directions)
    return Start(mode, reference, groups_at(model, *at), slow, logs), fit


def turn_between(reference: Floats, x: Floats) -> Floats:
    """The orthogonal R with x nearest to reference @ R (weights multiplied into either)."""
    left, _, right = np.linalg.svd(reference.T @ x)
    return np.asarray(left @ right)


def onto_axes(x: Floats, counted: NDArray[np.bool_], reference: Floats) -> tuple[Floats, Floats]:
    """Centre and matrix for which (x - centre) @ matrix has mean 0, sd 1 and no correlation over the counted nodes and, among
    those, is nearest to a reference (weights multiplied in)."""
    centre = x[counted].mean(0)
    covariance = np.atleast_2d(np.cov(x[counted].T, bias=True))
    white = np.linalg.inv(np.linalg.cholesky(covariance)).T
    return centre, white @ turn_between((x - centre) @ white, reference)


def weighed(fit: SeveralFit, counted: NDArray[np.bool_]) -> Floats:
    """The standardised mode, each node times its weight in the turn: the inverse of its variance, 0 without votes."""
    return np.where(counted[:, None], fit.standard / (fit.standard_sd**2).sum(1, keepdims=True), 0.0)


class SeveralChain:
    """One chain: its current point and generator. Not shared between threads."""

    def __init__(self, model: Model, start: Start, seed: np.random.SeedSequence, drift: float | None):
        self.model, self.start, self.learnt = model, start, drift is None
        self.gen = np.random.default_rng(seed)
        mode = start.mode
        noise = self.gen.standard_normal(mode.theta.shape)
        self.theta = mode.theta + 2.0 * np.einsum("nij,nj->ni", np.linalg.cholesky(mode.variance), noise)
        self.par, self.q = mode.items.copy(), mode.drift
        self.axes = tuple(range(mode.theta.shape[1]))
        self.directions, self.length = start.directions, 0.3
        self.home, self.stored = mode.theta.copy(), mode.items.copy()
        self.stored[:, -1] = np.maximum(self.stored[:, -1], 0.02)
        self.been = Tally(), Tally()
        self.taken = self.moved = self.tried = self.turn = 0
        self.votes = model.cuts, model.node
        self.fit = self._likelihoods()

    def _likelihoods(self) -> Floats:
        fit = kernels.item_log_likelihoods(self.axes, self.par, *self.votes, self.theta, self.start.logs)
        return np.asarray(fit)

    def sweep(self, adapt: bool = False) -> None:
        self._items()
        way = PATHS[self.turn % len(PATHS)]
        if way == "latent":
            self._latent_paths()
        else:
            self._laplace_paths(*((STRETCH, CUT) if way == "cut" else (self.model.nodes, WHOLE)))
        self.turn += 1
        if self.learnt:
            self.q = self._draw_drift()
        self._along_groups()
        self._scale_all()
        if adapt:
            back = turn_between(self.home, self.theta).T
            self.been[0].add(self.theta @ back)
            slopes, rest = self.par[:, :-2] @ back, self.par[:, -2:]
            self.been[1].add(np.column_stack([slopes, rest[:, 0], np.log(rest[:, 1])]))
        if self.turn % RIDGE_EVERY == 0:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a wild trial is refused
                self._along_slow_directions(adapt)

    def strayed(self, by: float = 0.3) -> bool:
        """Whether the chain has been on another scale than the mode's along any axis (in logs)."""
        sizes = [np.linalg.svd(x - x.mean(0), compute_uv=False) for x in (self.been[0].mean, self.start.mode.theta)]
        return bool(np.abs(np.log(sizes[0] / sizes[1])).max() > by)

    def settle(self, renew: bool = False) -> None:
        """Let proposals start from the mean since the last time; only while warming up, since they must not follow the chain.

        Where the chain has strayed, the slow directions are found anew if asked, else carried along with the positions'
        linear change.
        """
        before, strayed, self.home = self.home, self.strayed(), self.been[0].mean
        self.stored = self.been[1].mean
        self.stored[:, -1] = np.maximum(np.exp(self.stored[:, -1]), 0.02)
        self.been = Tally(), Tally()
        if strayed and renew:
            number = self.directions.positions.shape[-1]
            self.directions = find_directions(self.model, self.home, self.stored, self.q, self.start.logs, number)
            self.length = 0.3
        elif strayed:
            self._carry_directions(before)

    def _carry_directions(self, before: Floats) -> None:
        """The slow directions where positions that were `before` are now at `home`: the linear map between, and its inverse;
        left as they are where so few positions hardly have one."""
        with_one = np.column_stack([before, np.ones(len(before))])
        change = np.linalg.lstsq(with_one, self.home, rcond=None)[0]
        matrix, shift = change[:-1], change[-1]
        if np.linalg.cond(matrix) > MOST_BENT:
            return
        positions = np.einsum("nik,ij->njk", self.directions.positions, matrix)
        items = self.directions.items.copy()
        items[:, :-2] = np.einsum("mik,ji->mjk", items[:, :-2], np.linalg.inv(matrix))
        items[:, -2] += np.einsum("mik,i->mk", items[:, :-2], shift)
        self.directions = Directions(positions.astype(np.float32), items.astype(np.float32), self.directions.slowness)

    def _items(self) -> None:
        """Items given the positions: proposed anew from the stored point turned as the positions are, then by a step from
        where they are, which helps those of nearly unanimous roll calls."""
        m, prior, size = self.model, self.model.priors.vector(), self.par.shape[1]
        stored = self.stored.copy()
        stored[:, :-2] = stored[:, :-2] @ turn_between(self.home, self.theta)
        centre, factor = np.empty((m.items, size)), np.empty((m.items, size, size))
        logs = self.start.logs
        kernels.item_proposals(self.axes, stored, centre, factor, *self.votes, self.theta, prior, logs, NEWTON)
        spread = np.sqrt(kernels.NU / self.gen.chisquare(kernels.NU, m.items))
        self.fit = self._likelihoods()
        for far, scale in ((True, spread[:, None]), (False, STEP / np.sqrt(size))):
            noise, bar = self.gen.standard_normal((m.items, size)) * scale, np.log(self.gen.random(m.items))
            taken = kernels.propose_items(
                self.axes, self.par, self.fit, centre, factor, *self.votes, self.theta, prior, logs, noise, bar, far
            )
            self.taken += taken * far

    def _latent_paths(self) -> None:
        """Latent values, then every path from its Gaussian conditional: always moves, slowly where votes are lopsided."""
        score, weight = self._node_arrays()
        uniforms = self.gen.random(self.model.votes)
        kernels.draw_latent(self.axes, self.par, *self.votes, self.theta, self.start.logs, uniforms, score, weight)
        self._draw_paths(self.theta, score, weight, self.gen.standard_normal(self.theta.shape))

    def _laplace_paths(self, length: int, steps: int) -> None:
        """Independence Metropolis-Hastings on paths, cut into stretches of about `length` sessions between nodes that stay.

        The proposal is Gaussian around the mode given the items, found from a fixed start (turned as the items are) in
        `steps` Newton steps, so that it does not depend on the current path. The walk's prior cancels in the ratio.
        """
        m, logs = self.model, self.start.logs
        centre = self.home @ turn_between(self.stored[:, :-2], self.par[:, :-2])
        score, weight = self._node_arrays()
        for _ in range(steps):
            before = centre.copy()
            kernels.node_derivatives(self.axes, self.par, *self.votes, centre, logs, score, weight)
            self._draw_paths(centre, score + _times(weight, centre), weight, np.zeros_like(centre))
            centre = before + np.clip(centre - before, -2.0, 2.0)
        kernels.node_derivatives(self.axes, self.par, *self.votes, centre, logs, score, weight)
        linear, trial = score + _times(weight, centre), self.theta.copy()
        stay, starts = self._stretches(length)
        held, pinned = weight.copy(), np.where(stay[:, None], PINNED * self.theta, linear)
        held[stay] = PINNED * np.eye(len(self.axes))
        self._draw_paths(trial, pinned, held, self.gen.standard_normal(trial.shape))
        trial[stay] = self.theta[stay]
        gain = np.empty(m.nodes)
        kernels.node_gain(self.axes, self.par, *self.votes, self.theta, trial, logs, gain)
        gain -= (linear * (trial - self.theta)).sum(1)
        gain += 0.5 * ((trial * _times(weight, trial)).sum(1) - (self.theta * _times(weight, self.theta)).sum(1))
        total = np.add.reduceat(gain[m.path_node], starts)
        taken = np.log(self.gen.random(len(total))) < total
        chosen = m.path_node[np.repeat(taken, np.diff(np.append(starts, m.nodes)))]
        self.theta[chosen] = trial[chosen]

    def _node_arrays(self) -> tuple[Floats, Floats]:
        shape = self.theta.shape
        return np.empty(shape), np.empty((*shape, shape[1]))

    def _stretches(self, length: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Nodes that stay (every `length`-th of a path from a random place on), and where stretches start in path order."""
        m = self.model
        place = np.arange(m.nodes) - np.repeat(m.path_ptr[:-1], np.diff(m.path_ptr))
        cut = (place + self.gen.integers(length)) % length == 0 if length < m.nodes else np.zeros(m.nodes, bool)
        stay = np.zeros(m.nodes, bool)
        stay[m.path_node[cut]] = True
        return stay, np.flatnonzero(cut | (place == 0))

    def _draw_paths(self, theta: Floats, linear: Floats, weight: Floats, noise: Floats) -> None:
        m = self.model
        step, first = 1.0 / (self.q * m.gap), 1.0 / m.priors.start
        kernels.draw_paths(self.axes, theta, m.path_ptr, m.path_node, step, first, linear, weight, noise)

    def _draw_drift(self) -> float:
        m, inner = self.model, self.model.previous >= 0
        squares = ((self.theta[inner] - self.theta[m.previous[inner]]) ** 2).sum(1) / m.gap[inner]
        scale = m.priors.drift_scale + 0.5 * squares.sum()
        return float(scale / self.gen.gamma(m.priors.drift_shape + 0.5 * inner.sum() * len(self.axes)))

    def _along_groups(self) -> None:
        """Shift, stretch and shear of every group of sessions along the axes of a random frame."""
        dims = len(self.axes)
        frame = np.linalg.qr(self.gen.standard_normal((dims, dims)))[0].T
        rest: Any = self.start.groups, self.gen
        for one in frame:
            move_along(self.model, self.theta, self.par, self.q, one, *rest)
        for i in range(dims):
            for j in range(dims):
                if i != j:
                    shear(self.model, self.theta, self.par, self.q, frame[i], frame[j], *rest)

    def _scale_all(self, spread: float = 0.03) -> None:
        """Positions, slopes and the walk's variance together: x -> e^a x, b -> e^-a b, q -> e^2a q (random walk in a)."""
        if not self.learnt:
            return
        m, p, dims = self.model, self.model.priors, len(self.axes)
        a = spread * self.gen.standard_normal()
        first, inner = m.previous < 0, m.previous >= 0
        starts = (self.theta[first] ** 2).sum() / p.start
        slopes = (self.par[:, :-2] ** 2).sum() / p.slope
        change = -0.5 * starts * np.expm1(2 * a) - 0.5 * slopes * np.expm1(-2 * a)
        change -= p.drift_scale / self.q * np.expm1(-2 * a) + 2 * a * (p.drift_shape + 1 + 0.5 * dims * inner.sum())
        change += a * (dims * (m.nodes - m.items) + 2)
        if np.log(self.gen.random()) < change:
            self.theta *= np.exp(a)
            self.par[:, :-2] *= np.exp(-a)
            self.q *= float(np.exp(2 * a))

    def _along_slow_directions(self, adapt: bool, steps: int = 4) -> None:
        """A Hamiltonian move inside the fixed slow subspace, on the whole posterior."""
        self.tried += 1
        positions, items = self.directions.positions, self.directions.items
        length = self.length * self.gen.uniform(0.8, 1.2)
        p: Any = self.gen.standard_normal(positions.shape[-1])
        kinetic, theta, par = 0.5 * p @ p, self.theta.copy(), self.par.copy()
        now, slope, _ = self._log_posterior(theta, par)
        p = p + 0.5 * length * slope
        for k in range(steps):
            step = (length * p).astype(np.float32)
            theta += positions @ step
            move = items @ step
            par[:, :-1] += move[:, :-1]
            par[:, -1] *= np.exp(move[:, -1])
            after, slope, fit = self._log_posterior(theta, par)
            p = p + (length if k < steps - 1 else 0.5 * length) * slope
        change = after - now - 0.5 * p @ p + kinetic
        rate = float(np.exp(min(change, 0.0))) if np.isfinite(change) else 0.0
        if adapt:
            self.length *= float(np.exp(0.15 * (rate - 0.75)))
        if self.gen.random() < rate:
            self.theta, self.par, self.fit = theta, par, fit
            self.moved += 1

    def _log_posterior(self, theta: Floats, par: Floats) -> tuple[float, Floats, Floats]:
        """Log posterior in positions and (b, g, log d), its slope along the slow directions, the items' log likelihoods."""
        m, prior = self.model, self.model.priors
        score, up, fit = np.empty(theta.shape), np.empty(par.shape), np.empty(m.items)
        kernels.joint_density(self.axes, par, *self.votes, theta, prior.vector(), self.start.logs, score, up, fit)
        d = par[:, -1]
        items = (prior.width_shape * np.log(d) - prior.width_rate * d).sum()
        items -= 0.5 * ((par[:, :-2] ** 2).sum() / prior.slope + (par[:, -2] ** 2).sum() / prior.cut)
        back = np.column_stack([prior_score(m, x, self.q) for x in theta.T])
        walk = 0.5 * (theta * back).sum()  # the walk's log density is quadratic and highest at 0
        pull = np.tensordot(self.directions.positions, (score + back).astype(np.float32), ([0, 1], [0, 1]))
        pull = pull + np.tensordot(self.directions.items, up.astype(np.float32), ([0, 1], [0, 1]))
        return float(fit.sum() + items + walk), np.asarray(pull, dtype=np.float64), fit

    def standardised(self) -> tuple[Floats, Floats]:
        """Positions with mean 0, sd 1 and no correlation over the nodes with votes, turned to the mode; items with them."""
        centre, turn = onto_axes(self.theta, self.model.node_votes > 0, self.start.reference)
        return (self.theta - centre) @ turn, turned_items(self.par, centre, turn)


def _times(weight: Floats, x: Floats) -> Floats:
    """One small matrix times one vector, for every node."""
    return np.asarray(np.einsum("nij,nj->ni", weight, x))
