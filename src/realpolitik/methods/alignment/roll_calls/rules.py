"""Simple rules for a roll call: what anybody could say without a model. They are what a forecast has to beat."""

from __future__ import annotations

import numpy as np

from .features import Past, Precedents, by_agreement, find_precedents, shares
from .regions import group_members

RULES = (
    "always_yes",
    "regional_majority",
    "last_vote_on_series",
    "last_votes_calibrated",
    "last_vote_on_kind",
    "agreement_weighted",
)
CERTAINTY = {"always_yes": 0.0, "last_vote_on_series": 0.94, "last_vote_on_kind": 0.8}
PRIOR = np.array([0.8, 0.12, 0.08])


def rule_forecasts(past: Past, targets: np.ndarray, use: Precedents | None = None) -> dict[str, np.ndarray]:
    """Forecasts by each rule, targets x states x outcomes: three-way shares, times the member's own absence rate."""
    use = find_precedents(past, targets) if use is None else use
    absent = past.absent[1]
    kind = shares(use.kind, past.onehot, past.rates[:, None], 4.0)
    three = {
        "always_yes": np.broadcast_to(PRIOR, (*kind.shape[1:], 3)),
        "regional_majority": _regional(past, use, kind),
        "last_vote_on_series": _last_on_series(past, use, kind),
        "last_votes_calibrated": _calibrated(past, use, kind),
        "last_vote_on_kind": _last_on_kind(past, use, kind),
        "agreement_weighted": np.moveaxis(by_agreement(past, use), 0, -1),
    }
    return {
        name: np.concatenate([p * (1 - absent)[:, None], np.broadcast_to(absent[:, None], (*p.shape[:2], 1))], 2)
        for name, p in three.items()
    }


def _three(share: np.ndarray) -> np.ndarray:
    """Shares of yes, abstain, no among votes cast, targets x states x 3."""
    cast = np.moveaxis(share[:3], 0, -1)
    return cast / np.maximum(cast.sum(-1, keepdims=True), 1e-9)


def _soften(choice: np.ndarray, certainty: float, otherwise: np.ndarray) -> np.ndarray:
    """Certainty for the chosen vote, the rest shared alike; where there is no choice (3 or more), `otherwise`."""
    soft = np.eye(3)[np.minimum(choice, 2)] * (1.5 * certainty - 0.5) + (1 - certainty) / 2
    return np.where((choice < 3)[..., None], soft, otherwise)


def _latest(past: Past, rows: np.ndarray, n: int) -> np.ndarray:
    """Last vote cast by each state over some past rows (oldest first); 3 where there is none."""
    out = np.full(n, 3)
    for row in past.record.votes[past.rows[rows]]:
        out = np.where((row >= 0) & (row < 3), row, out)
    return out


def _last_on_series(past: Past, use: Precedents, kind: np.ndarray) -> np.ndarray:
    last = np.stack([_latest(past, v[::-1], kind.shape[2]) for v in use.versions])
    return _soften(last, CERTAINTY["last_vote_on_series"], _three(kind))


def _last_two(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Last vote cast by each state and the one before it, over roll calls x states, oldest first; 3 where there is none."""
    last = np.full(votes.shape[1], 3)
    before = last
    for row in votes:
        cast = (row >= 0) & (row < 3)
        before, last = np.where(cast, last, before), np.where(cast, row, last)
    return last, before


def _calibrated(past: Past, use: Precedents, kind: np.ndarray) -> np.ndarray:
    """Shares of what members did after the same last two votes on a series, counted in the record; else those of the kind."""
    table = _after_two(past)
    out = []
    for t, versions in enumerate(use.versions):
        last, before = _last_two(past.record.votes[past.rows[versions[::-1]]])
        out.append(np.where((last < 3)[:, None], table[last, before], _three(kind[:, t])))
    return np.stack(out)


def _after_two(past: Past) -> np.ndarray:
    """Shares of yes, abstain, no after each last vote and vote before it (3: none), by title key, sessions apart: 4 x 4 x 3."""
    votes, code = past.record.votes[past.rows], past.record.key_codes[past.rows]
    counts, seen = np.zeros((4, 4, 3)), dict[int, np.ndarray]()
    for age in np.unique(past.age)[::-1]:
        now = np.where(past.age == age)[0]
        for row in now:
            if code[row] in seen:
                cast = (votes[row] >= 0) & (votes[row] < 3)
                last, before = _last_two(votes[seen[code[row]]])
                np.add.at(counts, (last[cast], before[cast], votes[row][cast]), 1)
        for row in now:
            seen[code[row]] = np.append(seen.get(code[row], np.empty(0, int)), row)
    by_last = (counts.sum(1, keepdims=True) + PRIOR) / (counts.sum((1, 2))[:, None, None] + 1)
    return (counts + 5 * by_last) / (counts.sum(2, keepdims=True) + 5)


def _last_on_kind(past: Past, use: Precedents, kind: np.ndarray) -> np.ndarray:
    seen = {}
    out = []
    for t in range(len(use.kind)):
        rows = np.where(use.kind[t] > 0)[0][-60:]
        key = rows.tobytes()
        if key not in seen:
            seen[key] = _latest(past, rows, kind.shape[2])
        out.append(seen[key])
    return _soften(np.stack(out), CERTAINTY["last_vote_on_kind"], _three(np.repeat(past.rates[:, None], len(out), 1)))


def _regional(past: Past, use: Precedents, kind: np.ndarray) -> np.ndarray:
    """Shares within the regional group on the previous version, else on the kind of act."""
    same = group_members(past.record.states)
    weight = np.zeros_like(use.like)
    for t, versions in enumerate(use.versions):
        weight[t, versions[:1]] = 1
    counts = np.stack([(weight @ o) @ same for o in past.onehot[:3]])
    fallback = np.moveaxis(_three(np.stack([k @ same for k in kind[:3]])), -1, 0)
    return np.moveaxis((counts + fallback) / (counts.sum(0) + 1), 0, -1)
