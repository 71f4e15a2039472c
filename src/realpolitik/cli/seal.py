"""Seal a forecast of a roll call before it is held."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import Json, emit, say

Votes = Annotated[
    Path, typer.Option("--votes", help="The record of votes: Parquet or CSV.", exists=True, dir_okay=False)
]
Calls = Annotated[
    Path, typer.Option("--roll-calls", help="The roll calls those votes belong to.", exists=True, dir_okay=False)
]
Ledger = Annotated[Path, typer.Option("--ledger", help="The public folder of sealed forecasts; only ever added to.")]

RESOLVES = (
    "the recorded vote on what {symbol} becomes, by the symbol that is entered for it afterwards, in the United Nations Digital "
    "Library; members without a recorded vote and members whose vote was told beforehand are not scored"
)


def seal(
    votes: Votes,
    roll_calls: Calls,
    ledger: Ledger,
    title: Annotated[str, typer.Option(help="Title of the draft.")],
    date: Annotated[str, typer.Option(help="Day of the vote, YYYY-MM-DD.")],
    symbol: Annotated[str, typer.Option(help="The draft's own symbol, such as A/80/L.12.")],
    agenda: Annotated[str, typer.Option(help="Agenda item.")] = "",
    sponsors: Annotated[str, typer.Option(help="Sponsors as ISO codes, parted by commas.")] = "",
    text: Annotated[Path | None, typer.Option(help="File with the draft's text.", exists=True, dir_okay=False)] = None,
    known: Annotated[
        list[str] | None, typer.Option(help="An announced vote, for example USA=yes; repeat for more.")
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Knowledge date; today where not given.")] = None,
    json: Json = False,
) -> None:
    """Write a forecast, its inputs' digests, its resolution rule and the simple rules into the ledger, before the vote."""
    import datetime
    from dataclasses import asdict

    from realpolitik.findings import ledger as book
    from realpolitik.studies.sealing import baselines, check_coming, draft_forecast, session_digests

    today = datetime.date.today()
    check_coming(date, today)
    call = {
        "title": title,
        "agenda": agenda,
        "date": date,
        "sponsors": [s.strip() for s in sponsors.split(",") if s.strip()],
    }
    call["text"] = text.read_text("utf-8") if text else ""
    record, finding = draft_forecast(votes, roll_calls, call, known or [], as_of or today.isoformat())
    sealed = book.seal(
        finding,
        ledger,
        resolution=symbol,
        resolves=RESOLVES.format(symbol=symbol),
        baselines=baselines(record, call, as_of or today.isoformat()),
        today=today,
        sessions=session_digests(record),
    )
    head = book.head(ledger)
    if json:
        emit(asdict(sealed) | {"head": head})
    else:
        say(f"sealed as record {sealed.number} of {ledger}: {symbol}, digest {sealed.finding[:16]} ({sealed.kind})")
        say(f"head of the ledger, to be published where nobody can change it: {head}")
