"""A roll call that is to be forecast: what is known of it before the vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from realpolitik.evidence import RollCalls
from realpolitik.terms import InputError, Problem, as_day, nearest

from .record import OUTCOMES, Record, session_of


@dataclass(frozen=True)
class RollCall:
    """A roll call before its vote: title, agenda item, day, sponsors (ISO alpha-3) and draft text."""

    title: str
    agenda: str = ""
    date: str | date | None = None
    sponsors: Sequence[str] = ()
    text: str = ""


def record_of(votes: RollCalls, since: int = 0) -> Record:
    """The General Assembly's recorded roll calls from session `since` on, as arrays."""
    calls = votes.body("GA").recorded()
    if since:
        calls = calls.keep(calls.session >= since)
    matrix = np.full((calls.n_calls, len(calls.states)), -1, np.int8)
    matrix[calls.item, calls.state] = calls.vote
    seen = np.any(matrix >= 0, axis=0)
    states = tuple(s for s, there in zip(calls.states, seen.tolist(), strict=True) if there)
    symbols, titles, agendas = (tuple(calls.calls[c].fill_null("").to_list()) for c in ("id", "title", "agenda"))
    return Record(symbols, titles, agendas, calls.day, np.maximum(calls.session, 1), states, matrix[:, seen])


def with_target(record: Record, target: RollCall, symbol: str, day: np.datetime64) -> Record:
    """The record with the target as its last row, its votes unknown.

    Its session is that of its day, but at most the one after the record's last: ages are those that training has seen.
    """
    last = int(record.sessions[-1])
    session = min(max(int(session_of(np.array([day]))[0]), last), last + 1)
    agenda = f"{target.agenda} {target.text}".strip()
    return Record(
        (*record.symbols, symbol),
        (*record.titles, target.title),
        (*record.agendas, agenda),
        np.append(record.dates, day),
        np.append(record.sessions, session),
        record.states,
        np.vstack([record.votes, np.full((1, len(record.states)), -1, np.int8)]),
    )


def sessions_behind(record: Record) -> int:
    """Sessions from the record's last roll call to that of its target, the last row, by their days; 0 or 1: up to date."""
    if len(record.sessions) < 2:
        return 0
    return int(session_of(record.dates[-1:])[0]) - int(record.sessions[-2])


def day_of(value: object, field: str) -> np.datetime64:
    """A day from a date or its text (a partial one counts at its end), or an InputError that says what was expected."""
    try:
        return np.datetime64(as_day(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError([Problem("", field, str(value), "a day, YYYY-MM-DD")]) from error


def find_target(votes: RollCalls, resolution: str | RollCall) -> tuple[RollCall, str, np.datetime64]:
    """Title, agenda and day of a recorded roll call by symbol, or of a coming one; its symbol; its day."""
    if not isinstance(votes, RollCalls):
        raise InputError([Problem("", "votes", type(votes).__name__, "roll calls as read by read_votes")])
    if isinstance(resolution, RollCall):
        if not str(resolution.title or "").strip():
            raise InputError([Problem("", "title", str(resolution.title), "the title of the resolution")])
        held = votes.day.max() if votes.n_calls else np.datetime64("today")
        day = day_of(resolution.date, "date") if resolution.date else held + np.timedelta64(1, "D")
        return resolution, "", day.astype("datetime64[D]")
    if not isinstance(resolution, str):
        raise InputError([Problem("", "resolution", str(resolution), "the symbol of a roll call, or a RollCall")])
    call = votes.call(resolution)
    if call["body"] != "GA":
        raise InputError(
            [
                Problem(
                    "",
                    "resolution",
                    resolution,
                    "a roll call of the General Assembly: the forecast knows no other body",
                )
            ]
        )
    day = np.datetime64(call["date"]).astype("datetime64[D]")
    return RollCall(call["title"] or "", call["agenda"] or "", str(day)), resolution, day


def announced_votes(known: Mapping[str, str] | None, sponsors: Sequence[str], states: Sequence[str]) -> dict[str, int]:
    """Announced votes as codes; sponsors count as having announced yes. One error lists all that is wrong."""
    if not isinstance(known or {}, Mapping):
        raise InputError([Problem("", "known", str(known), "a mapping of states to votes, as {'USA': 'yes'}")])
    if isinstance(sponsors, str):
        raise InputError([Problem("", "sponsors", sponsors, "a list of states, as ['USA', 'FRA']")])
    problems = [
        Problem("", f"known[{state}]", str((known or {})[state]), "yes: it is named as a sponsor")
        for state in sponsors
        if (known or {}).get(state, "yes") != "yes"
    ]
    told = dict.fromkeys(sponsors, "yes") | dict(known or {})
    problems += [
        Problem("", "known", str(state), "a member with votes in the record", nearest=nearest(str(state), states))
        for state in told
        if state not in states
    ]
    problems += [
        Problem("", f"known[{state}]", str(word), ", ".join(OUTCOMES), nearest=nearest(str(word), OUTCOMES))
        for state, word in told.items()
        if word not in OUTCOMES
    ]
    if problems:
        raise InputError(problems)
    return {state: OUTCOMES.index(word) for state, word in told.items()}
