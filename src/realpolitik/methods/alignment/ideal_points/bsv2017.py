"""Engine `bsv2017`: the estimator behind the published ideal points, with its own habits.

Bailey, Strezhnev and Voeten 2017 (JCR 61(2)) describe a random walk; their released program does something else, and
this engine does what the program does, so that published values can be reproduced:

1. the prior of a position is centred on last iteration's conditional *mean* of the same state's previous session (of its
   second session for the first one); nothing looks ahead;
2. its variance is 0.5 times the share n_t / (n_t + n_t-1) of this session in the votes of both;
3. positions are cut at +-5 and standardised over all state-sessions in every iteration, before anything else uses them;
4. cut-points move by one Metropolis step of sd 0.2/3 inside +-7, latent values are cut at +-9, slopes have prior N(0, 1);
5. session 19, South Africa's votes of session 48 and Zanzibar are left out, amendments and paragraph votes after 1989 too
   (`left_out` names the state-sessions; which roll calls were paragraph votes is the data's to say).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import gibbs_kernels
from .diagnostics import Drawn, Tally, diagnose
from .model import Model
from .start import oriented

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

START = {"USA": 3.0, "CAN": 3.0, "GBR": 3.0, "ISR": 3.0, "RUS": -2.0, "DDR": -2.0}
ZANZIBAR = ("EAZ", "511", "ZZB", "Zanzibar")
SOUTH_AFRICA = ("ZAF", "560", "South Africa")


@dataclass(frozen=True)
class BsvSettings:
    """The program's constants; published runs used 20,000 iterations after 4,000, every 50th kept."""

    iterations: int = 20_000
    burn: int = 4_000
    thin: int = 50
    smooth: float = 0.5
    step: float = 0.2 / 3
    edge: float = 7.0
    latent_limit: float = 9.0
    position_limit: float = 5.0


@dataclass(frozen=True)
class BsvFit(Drawn):
    """Kept draws (chains, draws, nodes) of standardised positions; nodes without votes hold NaN."""

    draws: NDArray[np.float32]
    r_hat: Floats
    ess: Floats
    accepted: float
    items: Floats  # (items, 3) means of slope, lower cut-point and width over the kept draws
    items_sd: Floats


def left_out(states: Sequence[str], state: Ints, session: Ints) -> NDArray[np.bool_]:
    """Votes (state code and session of each) that the published estimates never saw."""
    zanzibar = [i for i, name in enumerate(states) if name in ZANZIBAR]
    south_africa = [i for i, name in enumerate(states) if name in SOUTH_AFRICA]
    return (session == 19) | np.isin(state, zanzibar) | (np.isin(state, south_africa) & (session == 48))


def fit_bsv2017(
    model: Model,
    start: dict[int, float],
    signs: tuple[int, int] | None = None,
    seed: int = 1,
    chains: int = 1,
    settings: BsvSettings | None = None,
    progress: Callable[[int], None] | None = None,
) -> BsvFit:
    """The published sampler.

    Parameters
    ----------
    start : first conditional mean of some states, all sessions alike; the others start at 0.
    signs : (west, east) states whose votes give the slopes' first signs: +1 where west voted further towards no.
    """
    settings = settings or BsvSettings()
    seeds = np.random.SeedSequence(seed).spawn(chains)
    runs = [_chain(model, start, signs, s, settings, progress) for s in seeds]
    draws = np.stack([run[0] for run in runs])
    items = Tally(runs[0][2].count * chains, sum(r[2].total for r in runs), sum(r[2].squares for r in runs))
    accepted = float(np.mean([run[1] for run in runs]))
    return BsvFit(draws, *diagnose(draws), accepted, items.mean, items.sd)


def _chain(
    model: Model,
    start: dict[int, float],
    signs: tuple[int, int] | None,
    seed: np.random.SeedSequence,
    settings: BsvSettings,
    progress: Callable[[int], None] | None,
) -> tuple[NDArray[np.float32], float, Tally]:
    items = Tally()
    gen = np.random.default_rng(seed)
    rng = gen.integers(1, 2**63, 4, dtype=np.uint64)
    logs = gibbs_kernels.log_cdf_table()
    seen = np.flatnonzero(model.node_votes > 0)
    anchor, precision = lag_prior(model, settings.smooth)
    mean = np.zeros(model.nodes)
    for state, value in start.items():
        mean[model.node_state == state] = value
    lower, upper = _first_cut_points(model)
    slope = _first_slopes(model, signs)
    theta, score, weight = np.zeros((3, model.nodes))
    latent = (model.cuts, model.node)
    gibbs_kernels.bsv_latent(
        lower, upper, slope, *latent, theta, logs, 1.0, False, settings.latent_limit, score, weight, rng
    )
    kept = np.full((settings.iterations // settings.thin, model.nodes), np.nan, np.float32)
    taken = 0
    for k in range(settings.burn + settings.iterations):
        pull = np.where(anchor[seen] >= 0, mean[anchor[seen]], 0.0)
        variance = 1.0 / (weight[seen] + precision[seen])
        mean[seen] = variance * (score[seen] + precision[seen] * pull)
        drawn = mean[seen] + np.sqrt(variance) * gen.standard_normal(len(seen))
        drawn = np.clip(drawn, -settings.position_limit, settings.position_limit)
        theta[seen] = (drawn - drawn.mean()) / drawn.std(ddof=1)
        taken += gibbs_kernels.bsv_cut_points(
            lower, upper, slope, *latent, theta, logs, settings.step, settings.edge, rng
        )
        gibbs_kernels.bsv_latent(
            lower, upper, slope, *latent, theta, logs, 1.0, True, settings.latent_limit, score, weight, rng
        )
        at, rest = divmod(k + 1 - settings.burn, settings.thin)
        if at >= 1 and rest == 0:
            sign = oriented(model, theta)
            kept[at - 1, seen] = theta[seen] * sign
            items.add(np.stack([slope * sign, lower, upper - lower], axis=1))
        if progress is not None:
            progress(k)
    return kept, taken / (model.items * (settings.burn + settings.iterations)), items


def lag_prior(model: Model, smooth: float) -> tuple[Ints, Floats]:
    """For each node: the node its prior is centred on (-1: zero), and the prior's precision."""
    anchor, precision = np.full(model.nodes, -1), np.ones(model.nodes)
    for c in range(len(model.path_ptr) - 1):
        path = model.path_node[model.path_ptr[c] : model.path_ptr[c + 1]]
        path = path[model.node_votes[path] > 0]
        if len(path) == 1:
            precision[path] = 1.0 / smooth
            continue
        near = np.concatenate([path[1:2], path[:-1]])
        votes = model.node_votes[path]
        anchor[path] = near
        precision[path] = (votes + model.node_votes[near]) / (votes * smooth)
    return anchor, precision


def _first_cut_points(model: Model) -> tuple[Floats, Floats]:
    yes, middle, no = np.diff(model.cuts, axis=1).T
    total = yes + middle + no
    lower = -1 + 2 * yes / total
    return lower, np.maximum(-1 + 2 * (yes + middle) / total, lower + 1e-6)


def _first_slopes(model: Model, signs: tuple[int, int] | None) -> Floats:
    slope = np.zeros(model.items)
    if signs is None:
        return slope
    votes = []
    for state in signs:
        own = np.full(model.items, np.nan)
        mine = np.flatnonzero(model.node_state[model.node] == state)[::-1]
        own[model.item_of_vote[mine]] = model.answer[mine]
        votes.append(own)
    return np.nan_to_num(np.sign(votes[0] - votes[1]))
