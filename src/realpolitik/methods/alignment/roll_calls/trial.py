"""Rolling-origin trials: every rule and the forecast on the same votes of a span of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .features import read_past
from .model import (
    REGROW,
    TRAINING,
    Chain,
    Lesson,
    Mixture,
    Update,
    drawn_lesson,
    fit_pair,
    lesson,
    one_thread,
    roll,
    rows_of,
)
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


def update_sessions(
    chain: Chain, sessions: Sequence[int], known: np.ndarray, seed: int
) -> dict[int, dict[int, np.ndarray]]:
    """Forecasts by session with nothing announced (0) and with the votes of `known` announced (their number), each trained
    on the sessions before it: for whoever announces, and for the very members."""
    nobody = np.empty(0, int)
    general: dict[int, Lesson] = {}
    own: dict[int, Lesson] = {}
    mixtures: tuple[Mixture | None, Mixture | None] = (None, None)
    out: dict[int, dict[int, np.ndarray]] = {n: {} for n in {0, len(known)}}
    for place, session in enumerate(sessions):
        before = [s for s in chain.sittings if s < session][-TRAINING:]
        if not before:
            out |= {n: {**p, session: chain.sittings[session].base} for n, p in out.items()}
            continue
        _hear(chain, before, known, general, own, seed)
        regrow = place % REGROW == 0
        lessons = [own[s] for s in before] if len(known) else None
        wide, close = fit_pair([general[s] for s in before], lessons, mixtures, regrow, seed)
        mixtures = (wide, close)
        out[0][session] = apply_update(chain, Update((wide,)), session, nobody)
        if close:
            out[len(known)][session] = apply_update(chain, Update((wide, close)), session, known)
    return out


def _hear(
    chain: Chain,
    sessions: list[int],
    known: np.ndarray,
    general: dict[int, Lesson],
    own: dict[int, Lesson],
    seed: int,
) -> None:
    """Add the lessons of some sessions that are not there yet; let those of earlier ones go."""
    for s in sessions:
        sitting, ties = chain.sittings[s], chain.ties[s]
        if s not in general:
            general[s] = drawn_lesson(chain.record, sitting, ties, seed)
        if len(known) and s not in own:
            own[s] = lesson(chain.record, sitting, ties, known)
    for held in (general, own):
        for s in [s for s in held if s < sessions[0]]:
            del held[s]


def apply_update(chain: Chain, update: Update, session: int, known: np.ndarray) -> np.ndarray:
    """Forecast of one session with the votes of `known` announced as recorded."""
    sitting = chain.sittings[session]
    told = chain.record.votes[sitting.targets][:, known]
    return update.probabilities(sitting, chain.ties[session], known, told)


@one_thread
def chain_for(record: Record, first: int, last: int) -> Chain:
    """The first step's forecasts of the sessions of a trial and of those before it on which its second step is trained."""
    lead = [int(s) for s in np.unique(record.sessions) if s < first][-TRAINING:]
    chain = roll(record, lead[0] if lead else first, last)
    chain.lessons.clear()  # of the first step, which is learnt
    return chain


@one_thread
def run_trial(
    record: Record,
    first: int,
    last: int,
    known: Sequence[str],
    seed: int = 1,
    simple: bool = True,
    chain: Chain | None = None,
) -> Trial:
    """Forecast all sessions from `first` to `last` with nothing announced and with `known` announced."""
    sessions = [int(s) for s in np.unique(record.sessions) if first <= s <= last]
    column = np.array([record.column[s] for s in known], int)
    chain = chain or chain_for(record, first, last)
    found = update_sessions(chain, sessions, column, seed)
    parts = [_session_part(chain, s, column, {n: p[s] for n, p in found.items()}, simple) for s in sessions]
    keys = parts[0][0].keys()
    forecasts = {key: np.concatenate([part[0][key] for part in parts]) for key in keys}
    return Trial(forecasts, *(np.concatenate([part[1][i] for part in parts]) for i in range(9)))


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
