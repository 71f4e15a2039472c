"""Rolling-origin trials: every rule and the forecast on the same votes of a span of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .features import read_past
from .model import KEEP, TRAINING, Chain, Learner, one_thread, rows_of, steps_ahead
from .record import Record
from .rules import rule_forecasts

OURS = "forecast"
RATES = 8  #: sessions whose base rates the evened decision takes
FIRST_STEP = "first_step"  #: the forecast from precedents alone, as seen at the session's opening
FIRST_MOVERS = ("USA", "RUS", "CHN", "FRA", "IND", "BRA", "ZAF", "SAU", "TUR", "NGA")


@dataclass(frozen=True)
class Trial:
    """Forecasts of the members that were not announced: rows of probabilities by (rule, number announced)."""

    forecasts: dict[tuple[str, int], np.ndarray]
    outcome: np.ndarray
    roll_call: np.ndarray
    state: np.ndarray
    contested: np.ndarray
    new: np.ndarray
    new_title: np.ndarray
    absent: np.ndarray
    title: np.ndarray
    rates: np.ndarray

    def subsets(self) -> dict[str, np.ndarray]:
        """Rows of each subset: contested, a minority of 10 % or more; new, the member cast no vote on the version before;
        new title, no roll call of the eight sessions before has it."""
        return {
            "all": np.ones(len(self.outcome), bool),
            "contested": self.contested,
            "new": self.new,
            "new_and_contested": self.new & self.contested,
            "new_title_and_contested": self.new_title & self.contested,
        }


def without_version(record: Record, session: int) -> tuple[np.ndarray, np.ndarray]:
    """Which of a session's roll calls have a title unseen in the eight sessions before; which members cast no vote on
    the latest roll call with the title (roll calls x states)."""
    before = np.where((record.sessions < session) & (record.sessions >= session - 8))[0]
    latest = {record.key_codes[row]: row for row in before}
    places = [latest.get(record.key_codes[row], -1) for row in rows_of(record, session)]
    cast = np.array(
        [
            (record.votes[p] >= 0) & (record.votes[p] < 3) if p >= 0 else np.zeros(len(record.states), bool)
            for p in places
        ]
    )
    return np.array(places) < 0, ~cast


def base_rates(record: Record, session: int) -> np.ndarray:
    """Shares of yes, abstain and no among the votes cast in the eight sessions before one."""
    votes = record.votes[(record.sessions < session) & (record.sessions >= session - RATES)]
    counts = np.array([(votes == c).sum() for c in range(3)], float) + 1
    return counts / counts.sum()


@one_thread
def run_trial(record: Record, first: int, last: int, known: Sequence[str], seed: int = 1, simple: bool = True) -> Trial:
    """Forecast all sessions from `first` to `last` with nothing announced and with `known` announced.

    Sessions are gone through once, and what no later one needs is let go.
    """
    parts = _run(record, first, last, known, seed, simple)
    forecasts = {key: np.concatenate([part[0][key] for part in parts]) for key in parts[0][0]}
    return Trial(forecasts, *(np.concatenate([part[1][i] for part in parts]) for i in range(9)))


def _run(record: Record, first: int, last: int, known: Sequence[str], seed: int, simple: bool):  # type: ignore[no-untyped-def]
    """The forecasts and facts of each session; what was learnt on the way goes when it returns."""
    columns = {"none": np.empty(0, int), "known": np.array([record.column[s] for s in known], int)}
    lead = [int(s) for s in np.unique(record.sessions) if s < first][-TRAINING:]
    chain, parts = Chain(record, {}, {}, {}, {}, {}), []
    learner = Learner(chain, columns, seed)
    for session in steps_ahead(chain, lead[0] if lead else first, last, KEEP):
        if session >= first:
            learner.learn()
            parts.append(_session_part(chain, session, columns["known"], _announced(learner, session), simple))
        learner.hear(session)
    return parts


def _announced(learner: Learner, session: int) -> dict[int, np.ndarray]:
    """Forecasts of a session with nothing announced (0) and with the votes of the known members as recorded (their number)."""
    sitting, ties = learner.chain.sittings[session], learner.chain.ties[session]
    votes = learner.chain.record.votes[sitting.targets]
    return {len(c): learner.probabilities(n, sitting, ties, votes[:, c]) for n, c in learner.columns.items()}


def _session_part(chain: Chain, session: int, known: np.ndarray, ours: dict[int, np.ndarray], simple: bool):  # type: ignore[no-untyped-def]
    record, sitting = chain.record, chain.sittings[session]
    others = sitting.member.copy()
    others[:, known] = False
    past = read_past(record, int(sitting.targets[0]), session)
    found = {(OURS, n): p[others] for n, p in ours.items()} | {(FIRST_STEP, 0): sitting.base[others]}
    if simple:
        found |= {(name, 0): p[others] for name, p in rule_forecasts(past, sitting.targets).items()}
    found = {key: p.astype(np.float32) for key, p in found.items()}
    t, i = np.nonzero(others)
    hot = record.minority[sitting.targets] >= 0.1
    new_title, new = without_version(record, session)
    facts = (
        record.votes[sitting.targets][others].astype(int),
        sitting.targets[t],
        i,
        hot[t],
        new[others],
        new_title[t],
        past.absent[1][i],
        record.key_codes[sitting.targets][t],
        np.broadcast_to(base_rates(record, session), (len(t), 3)),
    )
    return found, facts
