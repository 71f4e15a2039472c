"""Positions against each other inside a session: pairs of states, and each state against the mean or median member.

Two positions share the items' doubt and the standardisation's, so that the sd of their difference is not the root of
the sum of their squares. It is taken from the draws, or from the session's joint covariance around the mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from . import blocks, kernels
from .map_engine import MapFit, definite_pieces, standard_directions
from .model import Model

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]

Z90 = 1.6448536269514722
MEDIAN_DRAWS = 1_000  #: draws around the mode by which the median member is found


@dataclass(frozen=True)
class Placed:
    """One session's voting members: their nodes, and either mean and joint covariance or draws (draws, members)."""

    session: int
    nodes: Ints
    mean: Floats
    covariance: Floats | None = None
    draws: Floats | None = None


def around_the_mode(model: Model, fit: MapFit, learnt: float, push: float = 0.02) -> Iterator[Placed]:
    """Sessions with the covariance of standardised positions; `learnt` is the drift the votes speak for."""
    now = _covariances(model, fit, fit.drift)
    if learnt <= fit.drift:
        yield from (_placed(model, fit.standard, k, c) for k, c in now)
        return
    pushed = _covariances(model, fit, fit.drift * float(np.exp(push)))
    for (k, c), (_, other) in zip(now, pushed, strict=True):  # the sandwich of `given_drift`, whole
        yield _placed(model, fit.standard, k, c + (learnt / fit.drift - 1.0) * (other - c) / push)


def from_draws(model: Model, draws: NDArray[np.float32]) -> Iterator[Placed]:
    """Sessions with the draws of all chains, one after the other."""
    flat = draws.reshape(-1, draws.shape[2])
    for k, session in enumerate(model.sessions):
        nodes = _voting(model, k)
        drawn = flat[:, nodes].astype(np.float64)
        yield Placed(int(session), nodes, drawn.mean(0), draws=drawn)


def _voting(model: Model, k: int) -> Ints:
    lo, hi = model.session_ptr[k], model.session_ptr[k + 1]
    return np.asarray(lo + np.flatnonzero(model.node_votes[lo:hi] > 0))


def _placed(model: Model, standard: Floats, k: int, covariance: Floats) -> Placed:
    nodes = _voting(model, k)
    return Placed(int(model.sessions[k]), nodes, standard[nodes], covariance)


def _covariances(model: Model, fit: MapFit, q: float) -> Iterator[tuple[int, Floats]]:
    """Number of each session, last first, and the covariance of its voting members' standardised positions.

    The whole matrix of which `map_engine.standard_variance` gives the diagonal.
    """
    factor = definite_pieces(model, fit.theta, fit.items.copy(), kernels.hazard_table(), q, fit.doubt)[1]
    directions = standard_directions(model, fit.standard)
    reach = blocks.solve(factor, directions)
    inner = directions.T @ reach
    for k, _, full in blocks.backward(factor):
        nodes = _voting(model, k)
        loads = np.stack([np.ones(len(nodes)), fit.standard[nodes]], axis=1)
        mixed = reach[nodes] @ loads.T
        here = nodes - model.session_ptr[k]
        yield k, (full[np.ix_(here, here)] - mixed - mixed.T + loads @ inner @ loads.T) / fit.scale**2


def distances(model: Model, places: Iterator[Placed], states: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
    """All pairs of `states` in every session in which both vote; `names` are the model's states."""
    import polars as pl

    wanted = [names.index(s) for s in dict.fromkeys(states)]
    parts = []
    for at in places:
        row = {int(i): k for k, i in enumerate(model.node_state[at.nodes])}
        pairs = [(i, j) for i, j in combinations(wanted, 2) if i in row and j in row]
        if pairs:
            i, j = np.array([(row[i], row[j]) for i, j in pairs]).T
            heads = {"a": [names[i] for i, _ in pairs], "b": [names[j] for _, j in pairs], "session": at.session}
            parts.append(pl.DataFrame({**heads, **_numbers(*_differences(at, i, j))}))
    empty = {"a": pl.String, "b": pl.String, "session": pl.Int64} | dict.fromkeys(NUMBERS, pl.Float64)
    table = pl.concat([pl.DataFrame(schema=empty), *(p.cast({"session": pl.Int64}) for p in parts)])
    order = pl.Enum(list(dict.fromkeys(states)))
    return table.sort(pl.col("a").cast(order), pl.col("b").cast(order), "session")


NUMBERS = ("difference", "sd", "q05", "q50", "q95", "above")


def _differences(at: Placed, i: Ints, j: Ints) -> tuple[Floats, Floats | None, Floats | None]:
    """Mean, and sd or draws, of position i less position j."""
    mean = at.mean[i] - at.mean[j]
    if at.draws is not None:
        return mean, None, at.draws[:, i] - at.draws[:, j]
    assert at.covariance is not None
    spread = np.diag(at.covariance)
    return mean, np.sqrt(np.maximum(spread[i] + spread[j] - 2 * at.covariance[i, j], 1e-12)), None


def _numbers(mean: Floats, sd: Floats | None, draws: Floats | None) -> dict[str, Floats]:
    if draws is None:
        assert sd is not None
        return dict(zip(NUMBERS, (mean, sd, mean - Z90 * sd, mean, mean + Z90 * sd, ndtr(mean / sd)), strict=True))
    low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95], axis=0)
    return dict(zip(NUMBERS, (mean, draws.std(0, ddof=1), low, middle, high, (draws > 0).mean(0)), strict=True))


def relative(model: Model, places: Iterator[Placed], to: str, names: Sequence[str], seed: int) -> pl.DataFrame:
    """Every voting member's position less the session's mean or median position."""
    import polars as pl

    rng, parts = np.random.default_rng(seed), []
    for at in places:
        numbers = _numbers(*(_from_mean(at) if to == "mean" else _from_median(at, rng)))
        heads = {"state": pl.Series(list(names))[model.node_state[at.nodes]], "session": at.session}
        parts.append(pl.DataFrame({**heads, **numbers}).cast({"session": pl.Int64}))
    return pl.concat(parts).drop("above").rename({"difference": "mean"}).sort("state", "session")


def _from_mean(at: Placed) -> tuple[Floats, Floats | None, Floats | None]:
    mean = at.mean - at.mean.mean()
    if at.draws is not None:
        return mean, None, at.draws - at.draws.mean(1, keepdims=True)
    assert at.covariance is not None
    to_all = at.covariance.mean(1)
    return mean, np.sqrt(np.maximum(np.diag(at.covariance) - 2 * to_all + to_all.mean(), 1e-12)), None


def _from_median(at: Placed, rng: np.random.Generator) -> tuple[Floats, Floats | None, Floats | None]:
    """The median member differs from draw to draw, so that around the mode too it is found by draws."""
    drawn = at.draws
    if drawn is None:
        assert at.covariance is not None
        values, vectors = np.linalg.eigh(at.covariance)
        noise = rng.standard_normal((MEDIAN_DRAWS, len(values))) * np.sqrt(np.maximum(values, 0.0))
        drawn = at.mean + noise @ vectors.T
    drawn = drawn - np.median(drawn, axis=1, keepdims=True)
    return drawn.mean(0), None, drawn


def draws_table(model: Model, draws: NDArray[np.float32], number: int, names: Sequence[str]) -> pl.DataFrame:
    """At most `number` draws, as many of each chain, evenly spaced: chain, draw, state, session, position."""
    import polars as pl

    seen = np.flatnonzero(model.node_votes > 0)
    each = min(max(1, number // len(draws)), draws.shape[1])
    kept = np.linspace(0, draws.shape[1] - 1, each).round().astype(np.int64)
    chain, draw = np.repeat(np.arange(len(draws)), each), np.tile(kept, len(draws))
    states = pl.Series(list(names), dtype=pl.Enum(list(names)))
    return pl.DataFrame(
        {
            "chain": chain.astype(np.int16).repeat(len(seen)),
            "draw": draw.astype(np.int32).repeat(len(seen)),
            "state": states[np.tile(model.node_state[seen], len(chain))],
            "session": np.tile(model.node_session[seen].astype(np.int16), len(chain)),
            "position": draws[:, kept][:, :, seen].ravel(),
        }
    )
