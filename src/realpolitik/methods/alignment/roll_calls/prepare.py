"""Everything that a forecast of one roll call needs and that announced votes do not change, fitted on the rows before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .announced import Nearby, Sitting, Ties, learn_ties
from .features import Past, Precedents, describe, find_precedents, read_past, shares
from .model import (
    FIRST,
    Chain,
    Learner,
    Update,
    block_lesson,
    forecast_block,
    fresh_sitting,
    one_thread,
    session_block,
    steps_ahead,
    teach,
    training_sessions,
)
from .network import Network
from .record import Record

MEMBERSHIP = 40  #: a state listed on one of the last so many roll calls is a member
ENOUGH = 2000  #: votes in training below which the fitted model is not used


@dataclass(frozen=True)
class Prepared:
    """What was read and fitted for one target, and the votes announced so far (`known`: columns; `told`: codes)."""

    past: Past
    member: np.ndarray
    precedents: Precedents
    model: Network | None = None
    ties: Ties | None = None
    update: Update | None = None
    seen: tuple[np.ndarray, Nearby] | None = None  #: drift before the target, and the roll calls near it
    known: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    told: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def target(self) -> int:
        """Row of the target: the last."""
        return len(self.past.record.symbols) - 1

    def announce(self, told: dict[str, int]) -> Prepared:
        """The same with exactly these votes announced."""
        column = self.past.record.column
        known = np.array([column[s] for s in told], int)
        return replace(self, known=known, told=np.array(list(told.values()), np.int64))

    def probabilities(self, hidden: np.ndarray | None = None, heard: np.ndarray | None = None) -> np.ndarray:
        """States x outcomes, with some past rows hidden and only some announced votes heard."""
        use = self.precedents if hidden is None else self.precedents.without(hidden)
        sitting = self._sitting(use)
        if self.update is None or self.ties is None:
            return np.asarray(sitting.base[0])
        told = self.told if heard is None else np.where(heard, self.told, -1)
        return np.asarray(self.update.probabilities(sitting, self.ties, self.known, told[None])[0])

    def _sitting(self, use: Precedents) -> Sitting:
        targets = np.array([self.target])
        if self.model is None:
            return _from_shares(self.past, targets, self.member, use)
        sitting = forecast_block(self.model, describe(self.past, targets, self.member, use))
        return sitting if self.seen is None else replace(sitting, drift=self.seen[0], nearby=self.seen[1])


def _from_shares(past: Past, targets: np.ndarray, member: np.ndarray, use: Precedents) -> Sitting:
    """Where there is too little to train on: shares among like roll calls, shrunk to kind and to the state's rates."""
    kind = shares(use.kind, past.onehot, past.rates[:, None], 4.0)
    sharp = shares(use.sharp, past.onehot, shares(use.broad, past.onehot, kind, 0.3), 0.3)
    gate = np.array([min(len(v), 2) for v in use.versions], np.int8)
    return fresh_sitting(targets, member, gate, np.moveaxis(sharp, 0, -1))


@one_thread
def prepare(record: Record, members: Sequence[str], seed: int) -> Prepared:
    """Fit both steps for the record's last row on the rows before it; `members`: those whose announcing is trained for."""
    target = len(record.symbols) - 1
    session = int(record.sessions[target])
    member = np.any(record.votes[max(0, target - MEMBERSHIP) : target] >= 0, axis=0, keepdims=True)
    past = read_past(record, target, session)
    plain = Prepared(past, member, find_precedents(past, np.array([target])))
    sessions = training_sessions(record, session)
    if sum(int((record.votes[record.sessions == s] >= 0).sum()) for s in sessions) < ENOUGH:
        return plain
    chain = Chain(record.before(target), {}, {}, {}, {}, {})
    learner = Learner(chain, {"known": np.array([record.column[s] for s in members], int)}, seed)
    for s in steps_ahead(chain, sessions[0], session):
        if s < session:
            learner.hear(s)
    model = _first_step(chain, sessions, session)
    if not learner.general:
        return replace(plain, model=model)
    learner.learn()
    ties = learn_ties(record, target, session, chain.before(session))
    ready = replace(plain, model=model, ties=ties)
    now = replace(chain, record=record).with_drift(ready._sitting(plain.precedents), session, ties)
    return replace(ready, seen=(now.drift, now.nearby), update=Update(tuple(learner.mixtures.values())))


def _first_step(chain: Chain, sessions: list[int], session: int) -> Network:
    """The model of a session in the chain, or one trained for the session that comes after it."""
    if session in chain.models:
        return chain.models[session]
    record = chain.record
    taught = [chain.lessons.get(s) or block_lesson(record, session_block(record, s)) for s in sessions]
    return teach(taught, FIRST, next(iter(list(chain.models.values())[::-1]), None), session)
