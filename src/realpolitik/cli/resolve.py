"""Enter what became of a sealed draft."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import Json, emit, say


def resolve(
    ledger: Annotated[Path, typer.Argument(help="The folder of sealed forecasts.", exists=True, file_okay=False)],
    number: Annotated[int, typer.Argument(help="Number of the sealed forecast.")],
    became: Annotated[
        str,
        typer.Option(help="Symbol under which it was voted on, such as A/RES/80/7; or failed, withdrawn, consensus."),
    ],
    day: Annotated[str, typer.Option(help="Day of the vote or of the withdrawal, YYYY-MM-DD.")],
    source: Annotated[str, typer.Option(help="Where this can be read: an address or a document's symbol.")],
    json: Json = False,
) -> None:
    """Enter into the ledger what a sealed draft became, so that it is graded by the right vote, or named as ungraded."""
    import datetime
    from dataclasses import asdict

    from realpolitik.findings import ledger as book

    entered = book.resolve(ledger, number, became=became, day=day, source=source, today=datetime.date.today())
    head = book.head(ledger)
    if json:
        emit(asdict(entered) | {"head": head})
    else:
        say(
            f"entered as record {entered.number} of {ledger}: forecast {number} became {entered.became} on {entered.day}"
        )
        say(f"head of the ledger, to be published where nobody can change it: {head}")
