"""Forecast a roll call again with every vote that is announced."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .output import Json, emit, say
from .seal import Calls, Votes


def announce(
    votes: Votes,
    roll_calls: Calls,
    told: Annotated[
        list[str] | None, typer.Argument(help="Announced votes in order, as USA=yes; none: read from standard input.")
    ] = None,
    resolution: Annotated[str, typer.Option(help="Symbol of a recorded roll call; its votes are not read.")] = "",
    title: Annotated[str, typer.Option(help="Title of a draft, where the vote is still to come.")] = "",
    date: Annotated[str, typer.Option(help="Day of the vote on the draft, YYYY-MM-DD.")] = "",
    agenda: Annotated[str, typer.Option(help="Agenda item of the draft.")] = "",
    as_of: Annotated[str | None, typer.Option("--as-of", help="Last day of the record that may be read.")] = None,
    json: Json = False,
) -> None:
    """Fit a roll call once, then forecast it again with every announced vote; tell whose foremost outcome turned."""
    from realpolitik.evidence import read_votes
    from realpolitik.methods.alignment.roll_calls import RollCall, prepare_roll_call
    from realpolitik.studies.sealing import announced
    from realpolitik.terms import InputError

    if bool(resolution) == bool(title):
        raise InputError("name a recorded roll call with --resolution, or describe a draft with --title and --date")
    target = resolution or RollCall(title, agenda, date or None)
    ready = prepare_roll_call(read_votes(votes, roll_calls=roll_calls), target, as_of)
    finding = ready.forecast()
    before, steps = _foremost(finding.table), [{"announced": "", "answer": finding.answer, "turned": {}}]
    if not json:
        say(finding.answer)
    for word in told or (line.strip() for line in sys.stdin if line.strip()):
        ready = ready.announce(announced([word]))
        finding = ready.forecast()
        now = _foremost(finding.table)
        turned = {s: [before[s], now[s]] for s in now if before[s] != now[s] and s not in ready.known}
        steps.append({"announced": word, "answer": finding.answer, "turned": turned})
        if not json:
            say(f"{word}: {finding.answer}\n  turned: {_said(turned)}")
        before = now
    if json:
        emit({"grade": str(finding.grade), "steps": steps, "table": finding.table.to_dicts()})


def _foremost(table) -> dict[str, str]:  # type: ignore[no-untyped-def]
    words = ("yes", "abstain", "no", "absent")
    return {row["state"]: max(words, key=lambda w: row[w]) for row in table.iter_rows(named=True)}


def _said(turned: dict[str, list[str]]) -> str:
    return ", ".join(f"{state} from {old} to {new}" for state, (old, new) in turned.items()) or "nobody"
