"""Engine `map`: positions and items at their common mode, each told of the other's uncertainty, with standard errors.

The plain mode of positions and items together stands elsewhere than the bulk of the posterior: nothing holds the scale
there but the priors, and it takes whatever scale they like best, session by session. So a vote's b x counts with its
second moment, b^2 (x^2 + var x) for an item and (b^2 + var b) x^2 for a position, as in variational EM (Imai, Lo & Olmsted
2016, American Political Science Review 110(4)). On the UN record the point is then the posterior mean to .3 of its sd.

A few block sweeps bring the fit near; there joint Newton takes over: the items are eliminated exactly, the
block-tridiagonal system over sessions is solved exactly, and the same factor gives the variances. The walk's variance
q is learnt between Newton steps from the expected squared steps (EM on the Laplace approximation).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas
from threadpoolctl import threadpool_limits

from . import blocks, kernels, rescale
from .model import Model
from .start import oriented, start_items, start_positions

Floats = NDArray[np.float64]

CYCLE = 3  #: sweeps from one leap to the next
LONGEST_LEAP = 8.0
NEGLIGIBLE = 0.02  #: a change of log q that moves no position by more than some hundredths of its sd
POWER = 2.0  #: EM steps of log q are short: taken this many times in the sweeps


@dataclass(frozen=True)
class MapSettings:
    """sweeps: block sweeps before joint Newton; newton: most joint steps; tolerance: largest last move of a position at
    which the fit stops (each is about half the one before); drift_tolerance: largest last change of log q; longest:
    largest move of a position in one step."""

    sweeps: int = 22
    newton: int = 40
    tolerance: float = 0.05
    drift_tolerance: float = 0.05
    longest: float = 2.0


@dataclass(frozen=True)
class Doubt:
    """What positions and items are told of each other's uncertainty, kept up to date in place.

    positions (nodes,): variance of each position. items (items, 3): covariance of b with b, g and d, positions given.
    """

    positions: Floats
    items: Floats

    @staticmethod
    def none(model: Model) -> Doubt:
        return Doubt(np.zeros(model.nodes), np.zeros((model.items, 3)))


@dataclass(frozen=True)
class MapFit:
    """Mode under doubt and Laplace standard errors; `standard` holds positions with mean 0 and sd 1 over all voting nodes."""

    theta: Floats
    items: Floats
    drift: float
    variance: Floats
    step_covariance: Floats
    standard: Floats
    standard_sd: Floats
    centre: float
    scale: float
    converged: bool
    moves: tuple[float, ...]
    doubt: Doubt

    @property
    def standard_items(self) -> Floats:
        """(items, 3) b, g, d for which g - b x holds with the standardised positions."""
        return on_scale(self.items, self.centre, self.scale)


def on_scale(items: Floats, centre: float, scale: float) -> Floats:
    """Items (b, g, d) of positions x as items of (x - centre) / scale: no vote's probability changes."""
    b, g, d = items.T
    return np.stack([b * scale, g - b * centre, d], axis=1)


@dataclass(frozen=True)
class Joint:
    score: Floats
    weight: Floats
    chols: Floats
    grads: Floats
    cross: NDArray[np.float32]


def fit_map(model: Model, drift: float | None = None, settings: MapSettings | None = None) -> MapFit:
    """Joint mode under doubt; `drift` is the walk's variance per session, or None to learn it."""
    with threadpool_limits(1, user_api="blas"):
        return _fit(model, drift, settings or MapSettings())


def _fit(model: Model, drift: float | None, settings: MapSettings) -> MapFit:
    table, prior = kernels.hazard_table(), model.priors.vector()
    walk = _Drift(0.05 if drift is None else drift, drift is None, settings.drift_tolerance)
    theta, par, doubt = start_positions(model), start_items(model), Doubt.none(model)
    sweep(model, theta, par, doubt, table, walk, settings)
    moves: list[float] = []
    converged = False
    while len(moves) < settings.newton and not converged:
        before = theta.copy()
        rescale_sessions(model, theta, par, doubt, node_scores(model, theta, par, doubt, table)[0], walk.q)
        pieces, factor = definite_pieces(model, theta, par, table, walk.q, doubt)
        doubt.positions[:], covariance = blocks.variances(factor)
        theta += np.clip(_step(model, factor, pieces, theta, walk.q), -settings.longest, settings.longest)
        moves.append(float(np.abs(theta - before).max()))
        kernels.newton_items(par, doubt.items, model.cuts, model.node, theta, doubt.positions, prior, table, 2)
        settled, changed = len(moves) > 1 and moves[-1] < settings.tolerance, False
        if walk.moving:
            changed = walk.learn(model, theta, doubt.positions, covariance, settled)
        converged = settled and not walk.moving and not changed
    return _finish(model, factor, theta, par, walk.q, doubt, converged, tuple(moves))


class _Drift:
    """The walk's variance and its learning: EM on log q, with secant steps once two EM steps are known."""

    def __init__(self, q: float, learnt: bool, tolerance: float):
        self.q, self.learnt, self.moving, self.tolerance = q, learnt, learnt, tolerance
        self.seen: tuple[float, float] | None = None
        self.slope = -0.25

    def learn(self, model: Model, theta: Floats, variance: Floats, covariance: Floats, settled: bool) -> bool:
        """Update q, and whether it changed; it stops moving once a change, after the first or with settled positions, is
        below the tolerance, and is left alone where the change would be negligible."""
        at, step = np.log(self.q), np.log(expected_drift(model, theta, variance, covariance) / self.q)
        known = settled or self.seen is not None
        if self.seen is not None and abs(at - self.seen[0]) > 0.02:
            self.slope = float(np.clip((step - self.seen[1]) / (at - self.seen[0]), -1.0, -0.12))
        self.seen = (float(at), float(step))
        jump = float(np.clip(-step / self.slope, -1.0, 1.0))
        self.moving = not known or abs(jump) >= self.tolerance
        if not self.moving and abs(jump) < NEGLIGIBLE:
            return False
        self.q *= float(np.exp(jump))
        return True


def sweep(
    model: Model, theta: Floats, par: Floats, doubt: Doubt, table: Floats, walk: _Drift, settings: MapSettings
) -> None:
    """Block sweeps: items, then paths; every third is followed by a leap along the last two and a rescaling of sessions."""
    covariance = np.empty(model.nodes)
    moved = np.zeros_like(theta)
    for k in range(settings.sweeps):
        score, weight = _items_then_nodes(model, theta, par, doubt, table)
        before, last = theta.copy(), moved
        walks = model.path_ptr, model.path_node, 1.0 / (walk.q * model.gap), 1.0 / model.priors.start
        kernels.path_newton(theta, *walks, score, weight, 1.0)
        moved = theta - before
        kernels.path_variances(*walks, weight, doubt.positions, covariance)
        if walk.learnt and k > 5:
            walk.q *= (expected_drift(model, theta, doubt.positions, covariance) / walk.q) ** POWER
        if k > 3 and k % CYCLE == 0 and k < settings.sweeps - 2:
            theta += np.clip(leap(last, moved), -settings.longest, settings.longest)
            rescale_sessions(model, theta, par, doubt, score, walk.q)


def rescale_sessions(model: Model, theta: Floats, par: Floats, doubt: Doubt, score: Floats, q: float) -> None:
    """Shift and stretch every group of sessions to where the priors and the doubts' pull, which no stretch changes, balance.

    score (nodes,): derivative of the log likelihood in every position, the items at their mode: along a stretch or a shift
    the likelihood itself does not change, so that what is left of it is the pull of the doubts.
    """
    number = np.searchsorted(model.sessions, model.node_session)
    at, size = model.item_session[:, 0], len(model.sessions)
    sums = rescale.moments(model, theta, par, q)
    stretch = np.bincount(number, theta * score, size) - sums.item[:, 0]
    shift = np.bincount(number, score, size) + sums.item[:, 2]
    wide = rescale.spread(rescale.groups_of_sessions(model))
    a, c = rescale.best_move(sums, wide, np.concatenate([stretch, shift]))
    rescale.apply_move(model, theta, par, a, c)
    doubt.positions[:] *= np.exp(2 * a)[number]
    doubt.items[:, 1] += doubt.items[:, 0] * c[at]
    doubt.items[:, 0] *= np.exp(-a)[at]
    doubt.items[:] *= np.exp(-a)[at][:, None]


def node_scores(model: Model, theta: Floats, par: Floats, doubt: Doubt, table: Floats) -> tuple[Floats, Floats]:
    """Score and weight of every node."""
    score, weight = np.empty((2, model.nodes))
    kernels.node_derivatives(par, doubt.items, model.cuts, model.node, theta, table, score, weight)
    return score, weight


def leap(first: Floats, second: Floats) -> Floats:
    """Where two steps of a slow iteration lead, from the end of the second (Varadhan and Roland 2008, Scandinavian
    Journal of Statistics 35(2), scheme S3): x + 2 a r + a^2 v - (x + r + (r + v)), with r the first step and v the change."""
    change = second - first
    size = float(np.linalg.norm(change))
    a = min(max(float(np.linalg.norm(first)) / size, 1.0), LONGEST_LEAP) if size > 0 else 1.0
    return 2 * (a - 1) * first + (a * a - 1) * change


def _items_then_nodes(model: Model, theta: Floats, par: Floats, doubt: Doubt, table: Floats) -> Floats:
    """A Newton step on every item, then score and weight of every node; (2, nodes).

    The votes are worked on in halves, at the same time where there are two cores; the halves are fixed, so that the sums
    do not depend on the machine's cores.
    """
    half = int(np.searchsorted(model.cuts[:, 0], model.votes // 2))
    out, prior = np.empty((2, 2, model.nodes)), model.priors.vector()

    def work(k: int) -> None:
        part = slice(0, half) if k == 0 else slice(half, None)
        items = par[part], doubt.items[part], model.cuts[part], model.node, theta
        kernels.newton_items(*items, doubt.positions, prior, table, 1)
        kernels.node_derivatives(*items, table, out[k, 0], out[k, 1])

    with ThreadPoolExecutor(1) as other:
        running = other.submit(work, 1)
        work(0)
        running.result()
    return out[0] + out[1]


def definite_pieces(
    model: Model, theta: Floats, par: Floats, table: Floats, q: float, doubt: Doubt | None = None
) -> tuple[Joint, blocks.Factor]:
    """Pieces and factor with the exact Hessian, or with Gauss-Newton where that is not definite."""
    doubt = doubt or Doubt.none(model)
    pieces = _pieces(model, theta, par, table, True, doubt)
    factor = _factor(model, pieces, q)
    if not factor.definite:
        pieces = _pieces(model, theta, par, table, False, doubt)
        factor = _factor(model, pieces, q)
    return pieces, factor


def _step(model: Model, factor: blocks.Factor, pieces: Joint, theta: Floats, q: float) -> Floats:
    """Newton step of the positions with the items eliminated, good to a tenth."""
    rhs = pieces.score + prior_score(model, theta, q)
    kernels.pull_items(rhs, model.cuts, model.node, pieces.cross, pieces.grads)
    return solve_joint(model, factor, pieces, q, rhs, 0.1)


def solve_joint(
    model: Model, factor: blocks.Factor, pieces: Joint, q: float, rhs: Floats, accuracy: float, most: int = 40
) -> Floats:
    """x with S x = rhs, S the joint precision of all positions with the items eliminated.

    The factor leaves out what an item voted on in several sessions ties between them; conjugate gradients put it back,
    with the factor as their preconditioner. Without such items the factor alone is exact. Stops where the residual,
    in the factor's norm, is below `accuracy` times its start, or where S is found not to be definite.
    """
    x = blocks.solve(factor, rhs)
    if (model.item_session[:, 0] == model.item_session[:, 1]).all():
        return x
    own, start = pieces.weight + prior_precision(model, q), float(rhs @ x)
    residual = rhs - _joint_times(model, pieces, own, q, x)
    ahead = blocks.solve(factor, residual)
    direction, size = ahead.copy(), float(residual @ ahead)
    for _ in range(most):
        if size <= accuracy**2 * start:
            break
        image = _joint_times(model, pieces, own, q, direction)
        curvature = float(direction @ image)
        if curvature <= 0:
            break
        x += size / curvature * direction
        residual -= size / curvature * image
        ahead = blocks.solve(factor, residual)
        before, size = size, float(residual @ ahead)
        direction = ahead + size / before * direction
    return x


def _joint_times(model: Model, pieces: Joint, own: Floats, q: float, x: Floats) -> Floats:
    """S x."""
    out = walk_times(model, own, q, x)
    kernels.subtract_items(x, model.cuts, model.node, pieces.cross, out)
    return out


def walk_times(model: Model, own: Floats, q: float, x: Floats) -> Floats:
    """P x for x (nodes,) or (nodes, columns), where P has the diagonal `own` and the walk's ties beside it."""
    inner = np.flatnonzero(model.previous >= 0)
    back = model.previous[inner]
    out, pull = (own * x.T).T, 1.0 / (q * model.gap[inner])
    out[inner] -= (pull * x[back].T).T
    out[back] -= (pull * x[inner].T).T  # no node is before two others
    return np.asarray(out)


def _pieces(model: Model, theta: Floats, par: Floats, table: Floats, exact: bool, doubt: Doubt) -> Joint:
    out = Joint(
        np.empty(model.nodes),
        np.empty(model.nodes),
        np.empty((model.items, 6)),
        np.empty((model.items, 3)),
        np.empty((model.votes, 3), np.float32),  # half the memory to pass through in every product
    )
    kernels.joint_pieces(
        par, doubt.items, model.cuts, model.node, theta, doubt.positions, model.priors.vector(), table, float(exact),
        out.score, out.weight, out.chols, out.grads, out.cross,
    )  # fmt: skip
    return out


def prior_precision(model: Model, q: float) -> Floats:
    """Diagonal of the walk's precision matrix."""
    out = np.zeros(model.nodes)
    first = model.previous < 0
    out[first] = 1.0 / model.priors.start
    step = 1.0 / (q * model.gap[~first])
    out[~first] += step
    out[model.previous[~first]] += step  # no node is before two others
    return out


def prior_score(model: Model, theta: Floats, q: float) -> Floats:
    """Gradient of the walk's log density."""
    first = model.previous < 0
    out = np.where(first, -theta / model.priors.start, 0.0)
    back = model.previous[~first]
    pull = (theta[~first] - theta[back]) / (q * model.gap[~first])
    out[~first] -= pull
    out[back] += pull
    return out


def walk_ties(model: Model, q: float) -> tuple[blocks.Ties, ...]:
    """Ties between consecutive sessions."""
    out = []
    for k in range(1, len(model.sessions)):
        lo, hi = model.session_ptr[k], model.session_ptr[k + 1]
        back = model.previous[lo:hi]
        after = np.flatnonzero(back >= 0)
        out.append(blocks.Ties(back[after] - model.session_ptr[k - 1], after, 1.0 / (q * model.gap[lo + after])))
    return tuple(out)


def _factor(model: Model, pieces: Joint, q: float) -> blocks.Factor:
    own = pieces.weight + prior_precision(model, q)
    diagonal = []
    for k, (votes, row, column, columns) in enumerate(model.by_session):
        lo, hi = model.session_ptr[k], model.session_ptr[k + 1]
        wide = np.empty((hi - lo, 3 * max(columns, 1)))
        kernels.fill_session(wide, votes, row, column, pieces.cross)
        block = blas.dsyrk(-1.0, wide.T, trans=True, lower=False).T
        block[np.diag_indices(hi - lo)] += own[lo:hi]
        diagonal.append(block)
    return blocks.factorise(diagonal, walk_ties(model, q), model.session_ptr)


def expected_drift(model: Model, theta: Floats, variance: Floats, covariance: Floats) -> float:
    """The q that EM moves to: prior plus expected squared steps under the Laplace approximation."""
    inner = model.previous >= 0
    if not inner.any():
        return 0.05
    back = model.previous[inner]
    expected = (theta[inner] - theta[back]) ** 2 + variance[inner] + variance[back] - 2 * covariance[inner]
    p = model.priors
    return float((p.drift_scale + 0.5 * (expected / model.gap[inner]).sum()) / (p.drift_shape + 1 + 0.5 * inner.sum()))


def _finish(
    model: Model,
    factor: blocks.Factor,
    theta: Floats,
    par: Floats,
    q: float,
    doubt: Doubt,
    good: bool,
    moves: tuple[float, ...],
) -> MapFit:
    sign = oriented(model, theta)
    theta = theta * sign
    par = par * np.array([sign, 1.0, 1.0])
    doubt = Doubt(doubt.positions, doubt.items * np.array([1.0, sign, sign]))
    variance, step = blocks.variances(factor)
    counted = model.node_votes > 0
    centre, scale = float(theta[counted].mean()), float(theta[counted].std())
    standard = (theta - centre) / scale
    sd = np.sqrt(standard_variance(model, factor, variance, standard)) / scale
    return MapFit(theta, par, q, variance, step, standard, sd, centre, scale, good, moves, doubt)


def standard_variance(model: Model, factor: blocks.Factor, variance: Floats, standard: Floats) -> Floats:
    """Variance of the standardised positions, in units of the raw positions' variance."""
    directions = standard_directions(model, standard)
    reach = blocks.solve(factor, directions)  # as `variance` does, without the ties between sessions: both or neither
    return _standardised_variance(variance, standard, directions, reach)


def standard_directions(model: Model, standard: Floats) -> Floats:
    """(nodes, 2) along which a move of the positions changes their mean and their scale."""
    counted = model.node_votes > 0
    return np.stack([counted, counted * standard], axis=1) / counted.sum()


def _standardised_variance(variance: Floats, standard: Floats, directions: Floats, reach: Floats) -> Floats:
    """Variance of (x - mean x) / sd x, in units of sd x squared, by the delta method.

    With z = standardised x, d z_s = d x_s - m'dx - z_s v'dx, where m = 1/n and v = z/n on the counted nodes are the
    columns of `directions` and `reach` is their image under the covariance of x.
    """
    inner = directions.T @ reach
    loads = np.stack([np.ones_like(standard), standard], axis=1)
    out = variance - 2 * (loads * reach).sum(1) + np.einsum("ni,ij,nj->n", loads, inner, loads)
    return np.maximum(out, 1e-12)
