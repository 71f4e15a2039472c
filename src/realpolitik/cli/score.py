"""Score every sealed forecast whose outcome is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Json, emit, say
from .seal import Calls, Votes

if TYPE_CHECKING:
    import polars as pl


def score(
    ledger: Annotated[Path, typer.Argument(help="The folder of sealed forecasts.", exists=True, file_okay=False)],
    votes: Votes,
    roll_calls: Calls,
    json: Json = False,
) -> None:
    """Grade sealed forecasts and simple rules against the record, worst misses first, and list what has no grade."""
    import datetime

    from realpolitik.evidence import read_votes
    from realpolitik.findings import grading
    from realpolitik.findings import ledger as book
    from realpolitik.studies.sealing import outcomes
    from realpolitik.terms import InputError

    problems = book.verify(ledger)
    if problems:
        raise InputError(problems)
    cast, held = outcomes(ledger, read_votes(votes, roll_calls=roll_calls))
    found = {"misses": grading.misses(ledger, cast, held), "scores": grading.score(ledger, cast, held)}
    found["ungraded"] = grading.ungraded(ledger, held, datetime.date.today())
    ranked = grading.ranking(found["scores"])
    if json:
        tables = {name: frame.to_dicts() for name, frame in found.items()}
        emit({"head": book.head(ledger), **tables, "ranking": None if ranked is None else ranked.to_dicts()})
    else:
        _say_tables(found)
        graded = found["scores"]["roll_call"].n_unique()
        few = f"{graded} roll calls graded; rules are ranked from {grading.LEAST_GRADED} on"
        say(few if ranked is None else str(ranked))
        say(f"head of the ledger: {book.head(ledger)}")


def _say_tables(found: dict[str, pl.DataFrame]) -> None:
    say("Worst misses: the votes to which a forecast gave least")
    for row in found["misses"].iter_rows(named=True):
        say(
            f"{row['number']:>4}  {row['roll_call']:<22} {row['state']} voted {row['vote']:<8} given {row['given']:.4f}"
        )
    say("Scores, the worst first")
    for row in found["scores"].filter(found["scores"]["n"] > 0).iter_rows(named=True):
        say(
            f"{row['number']:>4}  {row['roll_call']:<22} {row['rule']:<34} n {row['n']:>3}  log loss {row['log_loss']:.3f}  "
            f"accuracy {row['accuracy']:.3f}  missed most {row['worst']}"
        )
    say(f"Sealed and not graded: {found['ungraded'].height}")
    for row in found["ungraded"].iter_rows(named=True):
        say(f"{row['number']:>4}  {row['resolution']:<22} sealed {row['sealed']}, {row['age']} days ago: {row['why']}")
