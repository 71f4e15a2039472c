"""What is known of a vote before it is cast: earlier versions, precedents by text and kind, the state's own rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .covariance import Movement, absent_share, learn_movement, positions, without_own
from .record import NOT_A_MEMBER, Record
from .text import weighted_terms

WINDOW = 10  #: sessions of the past that are read
VERSIONS = 6  #: earlier versions that are read
NEAR = 0.7  #: likeness of texts from which a roll call without a same-titled one counts as a version
FLOOR = 0.002


@dataclass(frozen=True)
class Past:
    """The part of the record that a forecast with one origin may read, prepared once for all its targets."""

    record: Record
    rows: np.ndarray
    age: np.ndarray
    onehot: np.ndarray
    movement: Movement
    rates: np.ndarray
    absent: np.ndarray
    agreement: np.ndarray


@dataclass(frozen=True)
class Precedents:
    """Weights of past roll calls (targets x past rows) by likeness and by kind, and each target's versions."""

    like: np.ndarray
    kind: np.ndarray
    broad: np.ndarray
    sharp: np.ndarray
    versions: tuple[np.ndarray, ...]

    def without(self, rows: np.ndarray) -> Precedents:
        """The same with some past rows left out."""
        keep = np.ones(self.like.shape[1], bool)
        keep[rows] = False
        left = tuple(v[keep[v]] for v in self.versions)
        return Precedents(self.like * keep, self.kind * keep, self.broad * keep, self.sharp * keep, left)


@dataclass(frozen=True)
class Block:
    """Features of every member for each target: values (targets x states x features); gate: 0, 1, 2+ versions."""

    targets: np.ndarray
    member: np.ndarray
    gate: np.ndarray
    values: np.ndarray


def read_past(record: Record, stop: int, session: int) -> Past:
    """Prepare the roll calls before row `stop` and within `WINDOW` sessions of `session`."""
    rows = np.where(record.sessions[:stop] >= session - WINDOW)[0]
    age = (session - record.sessions[rows]).astype(np.float32)
    votes = record.votes[rows]
    onehot = np.stack([votes == c for c in range(4)]).astype(np.float32)
    recent = np.where(age <= 6, 0.9**age, 0) * np.where(record.minority[rows] > 0.03, 1.0, 0.15)
    prior = np.broadcast_to(np.array([0.72, 0.1, 0.08, 0.1])[:, None, None], (4, 1, votes.shape[1]))
    rates = shares(np.where(age <= 4, 0.7**age, 0)[None], onehot, prior, 2.0)[:, 0]
    absent = np.stack([absent_share(votes[-60:]), absent_share(votes[age <= 3]), absent_share(votes[age <= 1])])
    agreement = _agreement(votes[(record.minority[rows] > 0.1) & (age <= 6)])
    return Past(record, rows, age, onehot, learn_movement(votes, recent), rates, absent, agreement)


def shares(weight: np.ndarray, onehot: np.ndarray, prior: np.ndarray, strength: float) -> np.ndarray:
    """Weighted shares of the four outcomes, outcomes x targets x states, shrunk to `prior` with that strength."""
    counts = np.stack([weight @ o for o in onehot])
    return (counts + strength * prior) / (counts.sum(0) + strength)


def find_precedents(past: Past, targets: np.ndarray) -> Precedents:
    """Weigh past roll calls for each target, by text and kind, recent ones more."""
    record = past.record
    known = np.zeros(len(record.symbols), bool)
    known[past.rows] = True
    terms = weighted_terms(record.terms, known)
    like = (terms[targets] @ terms[past.rows].T).toarray()
    kind = (record.kinds[targets][:, None] == record.kinds[past.rows][None]) * 0.75**past.age
    sharp = np.where(like > 0.25, like**6, 0) * 0.75**past.age
    found = tuple(_versions(past, target, like[t]) for t, target in enumerate(targets))
    return Precedents(like, kind, like**2 * 0.85**past.age, sharp, found)


def _versions(past: Past, target: int, like: np.ndarray) -> np.ndarray:
    """Earlier versions, newest first (places in `past.rows`): equal title keys, else near texts."""
    same = (past.record.key_codes[past.rows] == past.record.key_codes[target]) & (past.age <= 8)
    if not same.any():
        same = (like > NEAR) & (past.age <= 8)
    return np.where(same)[0][::-1][:VERSIONS]


def describe(past: Past, targets: np.ndarray, member: np.ndarray, precedents: Precedents | None = None) -> Block:
    """Features of all members for each target, none of them from the target's votes."""
    use = find_precedents(past, targets) if precedents is None else precedents
    kind = shares(use.kind, past.onehot, past.rates[:, None], 4.0)
    broad = shares(use.broad, past.onehot, kind, 0.3)
    sharp = shares(use.sharp, past.onehot, broad, 0.03)
    values = _features(past, use, {"kind": kind, "broad": broad, "sharp": sharp, "friends": by_agreement(past, use)})
    gate = np.array([min(len(v), 2) for v in use.versions], np.int8)
    return Block(targets, member, gate, values)


def by_agreement(past: Past, use: Precedents) -> np.ndarray:
    """Votes on like roll calls, weighted by likeness and by the voter's past agreement with the member: 3 x targets x states."""
    weight = np.where(use.like > 0.2, use.like**5, 0) * 0.8**past.age
    counts = np.stack([(weight @ o) @ past.agreement for o in past.onehot[:3]])
    prior = past.rates[:3] / past.rates[:3].sum(0)
    return (counts + 0.5 * prior[:, None]) / (counts.sum(0) + 0.5)


def _agreement(votes: np.ndarray) -> np.ndarray:
    """Share of contested roll calls on which two members voted alike, to the tenth power: near friends count."""
    cast = [(votes == c).astype(np.float32) for c in range(3)]
    seen = cast[0] + cast[1] + cast[2]
    return np.asarray(((sum(y.T @ y for y in cast) + 2) / (seen.T @ seen + 4)) ** 10)


def _features(past: Past, use: Precedents, share: dict[str, np.ndarray]) -> np.ndarray:
    """Targets x states x features, from shares of the outcomes (outcomes x targets x states) and the versions' own votes."""
    series, last, before, cast = _series(past, use.versions, share["sharp"])
    there = np.array([len(v) > 0 for v in use.versions])[:, None]
    place = np.where(there, positions(np.where(last == 4, -1, last)), _place(series))
    own_place = np.stack([without_own(x, past.movement) for x in (place, _place(share["sharp"]))])
    rates = np.broadcast_to(past.rates[:, None], series.shape)
    shown = (series, share["sharp"], share["broad"], share["kind"], rates, share["friends"])
    alike = np.concatenate([past.movement.mean[None], np.log(np.maximum(past.absent, 1e-4))])
    present = past.rates[3] < 0.9
    item = [x[:3, :, present].mean(2) for x in (series, share["sharp"], share["broad"])]
    known = np.stack([use.like.max(1, initial=0), np.log1p([len(v) for v in use.versions])])
    columns = [
        *(_log_odds(x) for x in shown),
        np.moveaxis(np.eye(25)[last * 5 + before], -1, 0),
        np.moveaxis(np.eye(4)[cast], -1, 0),
        own_place,
        own_place**2,
        *(np.broadcast_to(x, (1, *last.shape)) for x in alike),
        *(np.broadcast_to(x[..., None], (*x.shape, last.shape[1])) for x in (*item, known)),
    ]
    return np.ascontiguousarray(np.moveaxis(np.concatenate(columns, dtype=np.float32), 0, -1))


def _series(past: Past, versions: tuple[np.ndarray, ...], prior: np.ndarray) -> tuple[np.ndarray, ...]:
    """Decayed shares over the versions; the last two entries (4: none); the last vote cast (3: none): targets x states."""
    weight = np.zeros((len(versions), len(past.rows)), np.float32)
    votes = np.full((VERSIONS, *prior.shape[1:]), NOT_A_MEMBER)
    for t, rows in enumerate(versions):
        weight[t, rows] = 0.55 ** np.arange(len(rows))
        votes[: len(rows), t] = past.record.votes[past.rows[rows]]
    entries = np.where(votes < 0, 4, votes)
    cast = np.full(prior.shape[1:], 3)
    for row in votes[::-1]:
        cast = np.where((row >= 0) & (row < 3), row, cast)
    return shares(weight, past.onehot, prior, 0.25), entries[0], entries[1], cast


def _place(share: np.ndarray) -> np.ndarray:
    return (share[1] * 0.5 + share[2]) / np.maximum(1 - share[3], 0.05)


def _log_odds(share: np.ndarray) -> np.ndarray:
    logs = np.log(np.maximum(share, FLOOR))
    return logs - logs.mean(0)
