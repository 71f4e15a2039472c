"""Verify every record of a ledger of sealed forecasts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import Json, emit, problem_record, say


def verify(
    ledger: Annotated[Path, typer.Argument(help="The folder of sealed forecasts.", exists=True, file_okay=False)],
    votes: Annotated[
        Path | None, typer.Option("--votes", help="The record of votes, to make every forecast again.")
    ] = None,
    roll_calls: Annotated[
        Path | None, typer.Option("--roll-calls", help="The roll calls those votes belong to.")
    ] = None,
    head: Annotated[
        str,
        typer.Option(help="A head of this ledger that was published earlier; one that was rewritten does not hold it."),
    ] = "",
    json: Json = False,
) -> None:
    """Check the chain of records and every digest; with the votes at hand, make every forecast again."""
    from realpolitik.findings import ledger as book

    if (votes is None) != (roll_calls is None):
        raise typer.BadParameter("--votes and --roll-calls go together")
    problems = book.verify(ledger, head)
    if votes and roll_calls and not problems:
        from realpolitik.studies.sealing import remake

        problems += remake(ledger, votes, roll_calls)
    number, last = len(book.folders(ledger)), book.head(ledger)
    if json:
        emit({"records": number, "head": last, "problems": [problem_record(p) for p in problems]})
    else:
        said = f"{number} record{'' if number == 1 else 's'}, nothing wrong; head {last}"
        say("\n".join(map(str, problems)) if problems else said)
    if problems:
        raise typer.Exit(1)
