"""Where members have lately left their forecasts: errors on like texts, like acts and of the last days, session's own votes included.

Every error read here is that of a forecast made before its vote, and of a vote held on an earlier day than the target's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .record import Record
from .text import weighted_terms

BACK = 3  #: earlier sessions whose errors are read
COLUMNS = 32


@dataclass(frozen=True)
class Errors:
    """Outcome less forecast on some roll calls: rows x states x outcomes, 0 where not a member; and who was one."""

    rows: np.ndarray
    values: np.ndarray
    member: np.ndarray


def errors_of(record: Record, rows: np.ndarray, base: np.ndarray) -> Errors:
    """Errors of the forecasts `base` (roll calls x states x outcomes) of some rows of the record."""
    votes = record.votes[rows]
    member = votes >= 0
    values = np.where(member[..., None], np.eye(4)[np.maximum(votes, 0)] - base, 0)
    return Errors(rows, values.astype(np.float32), member.astype(np.float32))


def join_errors(parts: Sequence[Errors], states: int) -> Errors:
    """Several sessions' errors as one."""
    if not parts:
        return Errors(np.empty(0, int), np.empty((0, states, 4), np.float32), np.empty((0, states), np.float32))
    return Errors(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("rows", "values", "member")))


def drift(
    record: Record, targets: np.ndarray, session: int, parts: Sequence[Errors], agreement: np.ndarray
) -> np.ndarray:
    """Weighted mean errors of every member before each target, targets x states x COLUMNS.

    Weights: likeness of text, the same sharpened, kind of act, the last weeks, the last year, this session; then errors
    of position of members that usually agree with it (by text, by kind), and the mean error of all on like texts.
    """
    past = join_errors(parts, len(record.states))
    weights = _weights(record, targets, session, past.rows)
    found = {name: _mean(past, w, strength) for name, (w, strength) in weights.items()}
    friends = agreement.astype(np.float32) ** 10
    np.fill_diagonal(friends, 0)
    place = past.values[:, :, 1] * 0.5 + past.values[:, :, 2]
    columns = []
    for name, (mean, mass) in found.items():
        columns.append(mean)
        if name in ("like", "session"):
            columns.append(np.log1p(mass)[..., None])
    for name in ("like", "kind"):
        weight = weights[name][0]
        columns.append(((weight @ place) @ friends / ((weight @ past.member) @ friends + 0.3))[..., None])
    everybody = found["like"][0].mean(1, keepdims=True)
    columns.append(np.broadcast_to(everybody, found["like"][0].shape))
    return np.concatenate(columns, -1).astype(np.float32)


def _weights(
    record: Record, targets: np.ndarray, session: int, rows: np.ndarray
) -> dict[str, tuple[np.ndarray, float]]:
    """Weight of every earlier row for every target, and how many errors of nothing it is shrunk by."""
    known = record.sessions < session
    terms = weighted_terms(record.terms, known)
    days = (record.dates[targets][:, None] - record.dates[rows][None]).astype(float)
    before = days > 0
    like = np.asarray((terms[targets] @ terms[rows].T).todense()) * before
    age = (session - record.sessions[rows]).astype(float)
    kind = (record.kinds[targets][:, None] == record.kinds[rows][None]) & before
    weights = {
        "like": (like**2 * 0.8**age, 0.3),
        "sharp": (np.where(like > 0.3, like**4, 0) * 0.8**age, 0.2),
        "kind": (kind * 0.7**age, 2.0),
        "weeks": (before * np.exp(-days / 20), 3.0),
        "year": (before * np.exp(-days / 300), 10.0),
        "session": (before & (age == 0), 3.0),
    }
    return {name: (w.astype(np.float32), strength) for name, (w, strength) in weights.items()}


def _mean(past: Errors, weight: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean error by target, state and outcome, shrunk to nothing; and the weight of the errors it rests on."""
    mass = weight @ past.member
    total = np.stack([weight @ past.values[:, :, c] for c in range(4)], -1)
    return total / (mass[..., None] + strength), mass
