"""Forecasts for the ledger: made with the simple rules beside them, and made again to verify them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from realpolitik.evidence import RollCalls, read_votes
from realpolitik.findings import Finding, load_finding
from realpolitik.findings import ledger as book
from realpolitik.terms import InputError, Problem, Vote, frame_digest, nearest


def draft_forecast(
    votes: Path, roll_calls: Path, call: Mapping[str, Any], known: Sequence[str], as_of: str
) -> tuple[RollCalls, Finding]:
    """The record as it stood on the knowledge date, and the forecast of a draft made from it.

    The forecast's own knowledge date is the record's last day, up to which any later edition of it can be cut again.
    """
    from realpolitik.methods.alignment.roll_calls import RollCall, forecast_roll_call

    record = known_record(_read(votes, roll_calls), as_of)
    last = str(record.day.max()) if record.n_calls else as_of
    finding = forecast_roll_call(record, resolution=RollCall(**call), as_of=last, known=announced(known))
    return record, finding


def baselines(record: RollCalls, call: Mapping[str, Any], as_of: str) -> dict[str, pl.DataFrame]:
    """The simple rules' shares for the same draft, one table per rule."""
    from realpolitik.methods.alignment.roll_calls import RollCall

    return _rules(record, RollCall(**call), as_of)


def _rules(record: RollCalls, call: Any, as_of: str) -> dict[str, pl.DataFrame]:
    from realpolitik.methods.alignment.roll_calls import simple_rules

    table = simple_rules(record, resolution=call, as_of=as_of).table
    return {
        rule: table.filter(table["rule"] == rule).select("state", *book.OUTCOMES)
        for rule in table["rule"].unique(maintain_order=True).to_list()
    }


def check_coming(day: str, today: date) -> None:
    """InputError where the day of a vote cannot be read, is past or is today: days have no hours, and the vote may be known."""
    try:
        coming = date.fromisoformat(day) > today
    except ValueError:
        coming = False
    if not coming:
        raise InputError(
            [Problem("", "date", day, f"the day of a vote to come, YYYY-MM-DD, after {today.isoformat()}")]
        )


def announced(known: Sequence[str]) -> dict[str, str]:
    """Announced votes written ``USA=yes``; one error lists every one that cannot be read."""
    found, problems = {}, []
    words = [v.value for v in Vote]
    for text in known:
        state, _, word = text.partition("=")
        if word not in words:
            problems.append(
                Problem(
                    "", "known", text, f"STATE=vote with a vote of {', '.join(words)}", nearest=nearest(word, words)
                )
            )
        found[state] = word
    if problems:
        raise InputError(problems)
    return found


def known_record(record: RollCalls, day: str) -> RollCalls:
    """The record cut at a day, without states that had not voted by then: the same from any later edition that corrected nothing before that day."""
    cut = record.as_of(day)
    there = sorted(set(cut.state.tolist()))
    place = np.full(len(cut.states), -1, dtype=np.int16)
    place[there] = np.arange(len(there))
    return replace(
        cut, states=tuple(cut.states[code] for code in there), state=place[cut.state], dropped={}, known_by=""
    )


def session_digests(record: RollCalls) -> dict[str, str]:
    """SHA-256 of each session's roll calls and votes, by which a later correction of the record is found."""
    votes = record.frame("recorded_votes").select(pl.col("roll_call", "state", "vote").cast(pl.String), "session")
    parts = votes.partition_by("session", as_dict=True, include_key=False)
    calls = record.calls.partition_by("session", as_dict=True)
    return {
        str(*session): frame_digest(pl.DataFrame({"part": [frame_digest(f) for f in (calls[session], parts[session])]}))
        for session in sorted(set(calls) & set(parts))
    }


def remake(ledger: Path, votes: Path, roll_calls: Path) -> list[Problem]:
    """Every sealed forecast, with its simple rules, made again from the votes known then; a problem for each that differs.

    The votes may go on after the knowledge date: they are cut at it first. Where a session's record was corrected since, the
    problem names it.
    """
    record = _read(votes, roll_calls)
    problems = []
    for folder, sealed in book.forecasts(ledger):
        known = known_record(record, sealed.as_of)
        try:
            problems += _remade(load_finding(folder / "finding"), known, folder.name, sealed)
        except ValueError as error:
            why = "; ".join(filter(None, (str(error), _corrected(sealed, known))))
            problems.append(
                Problem(folder.name, "finding", sealed.finding[:16], f"the same digest when made again ({why})")
            )
    return problems


def _corrected(sealed: book.Sealed, record: RollCalls) -> str:
    now = session_digests(record) if sealed.sessions else {}
    differ = sorted((s for s in {*now, *sealed.sessions} if now.get(s) != sealed.sessions.get(s)), key=int)
    return f"other votes or roll calls than those sealed in session {', '.join(differ)}" if differ else ""


def _remade(finding: Finding, record: RollCalls, name: str, sealed: book.Sealed) -> list[Problem]:
    finding.replay(record)
    again = {
        rule: frame_digest(frame)
        for rule, frame in _rules(record, finding.parameters["resolution"], sealed.as_of).items()
    }
    return [
        Problem(name, f"baseline {rule}", digest[:16], "the same table when made again")
        for rule, digest in sealed.baselines.items()
        if again.get(rule) != digest
    ]


def outcomes(ledger: Path, record: RollCalls) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The recorded votes by which sealed forecasts are graded, by the symbol entered for each, and the day of each vote."""
    symbols = dict.fromkeys(o.became for o in book.resolved(ledger).values() if o.became in record.place)
    return {s: record.votes_on(s) for s in symbols}, {s: record.call(s)["date"].isoformat() for s in symbols}


def _read(votes: Path, roll_calls: Path) -> RollCalls:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_votes(votes, roll_calls=roll_calls)
