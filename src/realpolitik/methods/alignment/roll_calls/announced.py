"""What announced votes say of the others: the forecast from precedents, conditioned on them.

Three readings of the same announcements: Gaussian conditioning on the covariance of past forecast errors and of past
positions (the gain matrix is exact: Eaton 1983, Multivariate Statistics, prop. 3.13); votes of announced states weighted
by past agreement or by nearness of position; and one shift of the cut-points for everybody, which starts at nothing
and is learnt from the announced votes (its prior is the shift's spread).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from .covariance import Movement, learn_movement, low_rank, positions
from .record import Record
from .text import weighted_terms

PLACE = np.array([0.0, 0.5, 1.0])
SHIFT_VARIANCE = np.array([1.0, 1.0])
DAMPED = 0.4  #: announced votes are not independent
PRIOR = 1.5  #: votes on which two states are taken to have voted apart from each other


@dataclass(frozen=True)
class Ties:
    """How states move together before an origin: covariance of standardised errors, of positions, agreement, and by how
    much each outcome of one raises each outcome of another (logs; own outcome, other's outcome, state, other)."""

    errors: np.ndarray
    positions: Movement
    agreement: np.ndarray
    lift: np.ndarray


@dataclass(frozen=True)
class Nearby:
    """Contested roll calls held before the targets, the session's own earlier days included: their votes (rows x states),
    and for each target their weight by age (0: not before it) and their likeness of text (targets x rows)."""

    votes: np.ndarray
    weight: np.ndarray
    like: np.ndarray

    @classmethod
    def none(cls, targets: int, states: int) -> Nearby:
        """No roll calls at all, for so many targets and states."""
        apart = np.zeros((targets, 0), np.float32)
        return cls(np.zeros((0, states), np.int8), apart, apart)


@dataclass(frozen=True)
class Sitting:
    """Targets of one origin with their forecast from precedents: targets x states (x outcomes).

    `drift`: where members have left their forecasts before each target, targets x states x `drift.COLUMNS`.
    `nearby`: the roll calls with which announced votes are compared.
    """

    targets: np.ndarray
    member: np.ndarray
    gate: np.ndarray
    base: np.ndarray
    drift: np.ndarray
    nearby: Nearby

    def mean_and_variance(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of each position (0 yes, 1/2 abstain, 1 no), given that the member votes."""
        cast = self.base[..., :3] / np.maximum(self.base[..., :3].sum(-1, keepdims=True), 1e-9)
        mean = cast @ PLACE
        return mean, np.maximum(cast @ PLACE**2 - mean**2, 0) + 0.01


def standard_errors(sitting: Sitting, votes: np.ndarray) -> np.ndarray:
    """Position less its forecast, in standard deviations; NaN where no vote was cast."""
    mean, variance = sitting.mean_and_variance()
    place = positions(votes)
    return np.where(sitting.member, (place - mean) / np.sqrt(variance), np.nan)


def learn_ties(record: Record, stop: int, session: int, before: list[Sitting]) -> Ties:
    """Covariances and agreement from the roll calls before row `stop` and earlier forecasts' errors."""
    rows = np.where(record.sessions[:stop] >= session - 6)[0]
    age = session - record.sessions[rows]
    weight = np.where(record.minority[rows] > 0.05, 1, 0.1) * 0.9**age
    hot = rows[record.minority[rows] > 0.1]
    cast = [(record.votes[hot] == c).astype(np.float32) for c in range(3)]
    seen, same = sum(cast), sum(y.T @ y for y in cast)
    agreement = (same + 2) / (seen.T @ seen + 4)
    return Ties(
        _error_covariance(record, session, before),
        learn_movement(record.votes[rows], weight),
        agreement,
        _lift(record.votes[rows], age, record.minority[rows]),
    )


def _lift(votes: np.ndarray, age: np.ndarray, minority: np.ndarray) -> np.ndarray:
    """Log of how much likelier two states' outcomes are together than apart, from contested roll calls, newer ones more."""
    hot = minority > 0.05
    weight = np.float32(0.85) ** age[hot].astype(np.float32)
    cast = [(votes[hot] == c).astype(np.float32) for c in range(3)]
    counts = np.stack([[(own * weight[:, None]).T @ other for other in cast] for own in cast])
    joint = (counts + PRIOR / 9) / (counts.sum((0, 1)) + PRIOR)
    return np.asarray(np.log(joint / (joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True))), np.float32)


def look_back(record: Record, targets: np.ndarray, session: int) -> Nearby:
    """The contested roll calls of six sessions before one and of its own."""
    rows = np.where((record.sessions >= session - 6) & (record.sessions <= session) & (record.minority > 0.1))[0]
    terms = weighted_terms(record.terms, record.sessions < session)
    before = record.dates[rows][None] < record.dates[targets][:, None]
    like = np.asarray((terms[targets] @ terms[rows].T).todense(), np.float32) * before
    return Nearby(record.votes[rows], before * np.float32(0.93) ** (session - record.sessions[rows]), like)


def _error_covariance(record: Record, session: int, before: list[Sitting]) -> np.ndarray:
    total, weight = np.zeros((len(record.states),) * 2), 1e-9
    for sitting in before:
        hot = record.minority[sitting.targets] > 0.05
        z = np.clip(np.nan_to_num(standard_errors(sitting, record.votes[sitting.targets]))[hot], -3, 3)
        decay = 0.85 ** float(session - record.sessions[sitting.targets[0]])
        total, weight = total + decay * z.T @ z, weight + decay * len(z)
    return low_rank(total / weight + 1e-6 * np.eye(len(total)), 0.05, 10)[0]


def gain(covariance: np.ndarray, seen: np.ndarray, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Pull of each seen state's surprise on every state, states x seen, and the variance left to each."""
    block = covariance[np.ix_(seen, seen)] + noise * np.eye(len(seen))
    pull = covariance[:, seen] @ np.linalg.inv(block)
    return pull, np.diag(covariance) - np.einsum("ik,ik->i", pull, covariance[:, seen])


def describe_announced(sitting: Sitting, ties: Ties, known: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Features of all members given the votes `told` (targets x known, -1 where not announced) of `known` states."""
    mean, variance = sitting.mean_and_variance()
    logs = np.log(np.maximum(sitting.base, 0.002))
    logs -= logs.mean(-1, keepdims=True)
    place = positions(told)
    heard = np.isfinite(place)
    moved, spread, other, other_spread = _conditioned(mean, variance, ties, known, place, heard)
    delta = moved - mean
    columns = [
        *np.moveaxis(logs, -1, 0),
        delta / np.sqrt(variance),
        delta,
        mean,
        moved,
        other,
        other**2,
    ]
    columns += _by_agreement(ties.agreement, known, told) + _shift_columns(sitting, known, told)
    columns += _summary(sitting, known, told, heard, place, mean, variance)
    columns += [delta * np.abs(delta), delta * (mean > 0.25), delta * (mean > 0.6)]
    columns += _ordered_logs(moved, spread) + _ordered_logs(other, other_spread)
    for x in (mean, np.broadcast_to(ties.positions.mean, mean.shape), moved):
        columns += _by_nearness(x, known, told)
    columns += _by_lift(ties.lift, known, told, sitting.base)
    columns += _by_pattern(sitting.nearby, known, told, sitting.base)
    return np.concatenate(
        [np.moveaxis(np.stack(columns, dtype=np.float32, casting="same_kind"), 0, -1), sitting.drift], -1
    )


def _conditioned(mean, variance, ties, known, place, heard):  # type: ignore[no-untyped-def]
    scale = np.sqrt(variance)
    moved, spread = mean.copy(), scale.copy()
    own = np.diag(ties.positions.covariance)
    other = np.tile(ties.positions.mean, (len(mean), 1))
    other_spread = np.tile(np.sqrt(own), (len(mean), 1))
    cache: dict[bytes, tuple[np.ndarray, ...]] = {}
    for t in np.where(heard.any(1))[0]:
        seen = known[heard[t]]
        if seen.tobytes() not in cache:
            cache[seen.tobytes()] = (*gain(ties.errors, seen, 0.05), *gain(ties.positions.covariance, seen))
        pull, left, pull2, left2 = cache[seen.tobytes()]
        surprise = np.clip((place[t, heard[t]] - mean[t, seen]) / scale[t, seen], -4, 4)
        moved[t] += pull @ surprise * scale[t]
        spread[t] *= np.sqrt(np.clip(left / np.diag(ties.errors), 0.05, 1))
        other[t] += pull2 @ (place[t, heard[t]] - ties.positions.mean[seen])
        other_spread[t] *= np.sqrt(np.clip(left2 / own, 0.05, 1))
    return moved, spread, other, other_spread


def _ordered_logs(mean: np.ndarray, spread: np.ndarray) -> list[np.ndarray]:
    """Log shares of yes, abstain, no for a normal position cut at 1/4 and 3/4."""
    low, high = ndtr((0.25 - mean) / spread), ndtr((0.75 - mean) / spread)
    logs = np.log(np.maximum(np.stack([low, high - low, 1 - high]), 0.01))
    return list(logs - logs.mean(0))


def _by_agreement(agreement: np.ndarray, known: np.ndarray, told: np.ndarray) -> list[np.ndarray]:
    out: list[np.ndarray] = []
    for power in (4, 12):
        weight = agreement[:, known].T ** power
        counts = np.stack([(told == c) @ weight for c in range(3)])
        out += list(np.log((counts + 0.02) / (counts.sum(0) + 0.06)))
    return out


def _by_nearness(x: np.ndarray, known: np.ndarray, told: np.ndarray) -> list[np.ndarray]:
    """Announced votes weighted by how near their states' expected positions are to the member's."""
    x = x.astype(np.float32)
    near = np.exp((x[:, :, None] - x[:, None, known]) ** 2 * np.float32(-0.5 / 0.12**2))
    said = np.stack([told == c for c in range(3)], -1).astype(np.float32)
    counts = np.moveaxis(near @ said, -1, 0)
    return list(np.log((counts + 0.05) / (counts.sum(0) + 0.15)))


def _by_lift(lift: np.ndarray, known: np.ndarray, told: np.ndarray, base: np.ndarray) -> list[np.ndarray]:
    """Each announced vote as independent evidence of each member's: the sum of logs, and that damped, with the forecast so far."""
    total = sum(
        np.einsum("tk,cik->cti", (told == d).astype(np.float32), lift[:, d][..., known], optimize=True)
        for d in range(3)
    )
    total = np.clip(total, -8, 8)
    out = np.concatenate([total - total.mean(0), DAMPED * total + np.log(np.maximum(_three(base), 0.003))])
    out[3:] -= out[3:].mean(0)
    return list(out)


def _three(base: np.ndarray) -> np.ndarray:
    """Shares of yes, abstain and no given a vote, outcomes first."""
    return np.moveaxis(base[..., :3] / np.maximum(base[..., :3].sum(-1, keepdims=True), 1e-9), -1, 0)


def _by_pattern(nearby: Nearby, known: np.ndarray, told: np.ndarray, base: np.ndarray) -> list[np.ndarray]:
    """Votes on past roll calls on which the announced states voted as they do now, shrunk to the forecast so far: of a wide
    and a narrow likeness of their votes, and of the wide one times that of the texts."""
    heard, cast = (told >= 0) & (told < 3), nearby.votes[:, known]
    gaps = np.concatenate([np.where(heard, np.abs(PLACE[np.where(heard, told, 0)] - place), 0) for place in PLACE], 1)
    both = heard.astype(np.float32) @ ((cast >= 0) & (cast < 3)).T.astype(np.float32)
    apart = gaps.astype(np.float32) @ np.concatenate([cast == c for c in range(3)], 1).T.astype(np.float32)
    distance = apart / np.maximum(both, 1)
    trust = nearby.weight * both / np.maximum((told >= 0).sum(1, keepdims=True), 1)
    votes, three = [(nearby.votes == c).astype(np.float32) for c in range(3)], _three(base)
    out: list[np.ndarray] = []
    for width, likeness, strength in ((0.05, 1, 0.5), (0.12, 1, 0.5), (0.12, nearby.like + 0.03, 0.15)):
        weight = (np.exp(-distance / width) * trust * likeness).astype(np.float32)
        counts = np.stack([weight @ v for v in votes])
        logs = np.log(np.maximum((counts + strength * three) / (counts.sum(0) + strength), 0.003))
        out += list(logs - logs.mean(0))
    return out


def cut_point_shift(sitting: Sitting, known: np.ndarray, told: np.ndarray, rounds: int = 6) -> np.ndarray:
    """Shift of the log odds of abstain and no for all members, targets x 2: the mode given the votes announced."""
    logs = np.log(np.maximum(sitting.base[:, known, :3], 0.003))
    heard = (told >= 0) & (told < 3)
    seen = np.stack([told == 1, told == 2], -1).astype(float)
    shift = np.zeros((len(told), 2))
    for _ in range(rounds):
        q = logs.copy()
        q[..., 1:] += shift[:, None]
        q = np.exp(q - q.max(-1, keepdims=True))
        q = (q / q.sum(-1, keepdims=True))[..., 1:] * heard[..., None]
        gradient = (seen - q).sum(1) - shift / SHIFT_VARIANCE
        hessian = -np.einsum("tka,tkb->tab", q, q)
        hessian[:, [0, 1], [0, 1]] += q.sum(1) + 1 / SHIFT_VARIANCE
        shift += np.clip(np.linalg.solve(hessian, gradient[..., None])[..., 0], -2, 2)
    return shift


def _shift_columns(sitting: Sitting, known: np.ndarray, told: np.ndarray) -> list[np.ndarray]:
    shift = cut_point_shift(sitting, known, told)
    return [np.broadcast_to(shift[:, [c]], sitting.member.shape) for c in range(2)]


def _summary(sitting, known, told, heard, place, mean, variance):  # type: ignore[no-untyped-def]
    """Shares announced, shares expected of the same states, and how surprising the announcements are."""
    n = np.maximum(heard.sum(1), 1)
    said = [(told == c).sum(1) / n for c in range(3)]
    expected = [(sitting.base[:, known, c] * heard).sum(1) / n for c in range(3)]
    surprise = np.where(heard, (place - mean[:, known]) ** 2 / variance[:, known], 0).sum(1) / n
    return [np.broadcast_to(x[:, None], mean.shape) for x in (*said, *expected, surprise)]
