"""Sealed forecasts graded by the recorded votes, the worst misses first; what could not be graded, with its age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .finding import Finding
from .ledger import FATES, OUTCOMES, Outcome, Sealed, baseline, forecasts, resolved
from .store import load_finding

if TYPE_CHECKING:
    import polars as pl

LEAST_GRADED = 30  #: graded roll calls below which no ranking of rules is given
FLOOR = 1e-4  #: least share in a log loss, the same as in ``backtest_roll_calls``

Votes = Mapping[str, Mapping[str, str]]


def score(ledger: Path, outcomes: Votes, held: Mapping[str, str]) -> pl.DataFrame:
    """Scores of every sealed forecast and baseline whose outcome was entered and is in the record of votes, worst first.

    ``outcomes`` gives each member's recorded vote by roll call, ``held`` the day of each: only what was sealed on an earlier
    day is scored. Members whose vote the forecast was told, sponsors among them, are left out for every rule. Columns:
    number, resolution (the draft), roll_call (what it became), rule, n (members scored), missing (members that voted and
    that the table does not name: not members yet when it was sealed), log_loss (four outcomes, natural logarithm, shares
    floored at 1e-4), brier (0 to 2), accuracy, worst (the member missed most).
    """
    import polars as pl

    rows = []
    for folder, record, symbol in _graded(ledger, held):
        finding = load_finding(folder / "finding")
        cast = _untold(finding, outcomes[symbol])
        tables = {"forecast": finding.table} | {name: baseline(folder, name) for name in record.baselines}
        about = (record.number, record.resolution, symbol)
        rows += [(*about, rule, *_scores(table, cast)) for rule, table in tables.items()]
    schema: dict[str, Any] = {
        "number": pl.Int64, "resolution": pl.String, "roll_call": pl.String, "rule": pl.String, "n": pl.Int64,
        "missing": pl.Int64, "log_loss": pl.Float64, "brier": pl.Float64, "accuracy": pl.Float64, "worst": pl.String,
    }  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.sort("log_loss", "number", "rule", descending=[True, False, False], nulls_last=True)


def misses(ledger: Path, outcomes: Votes, held: Mapping[str, str], most: int = 20) -> pl.DataFrame:
    """The forecasts' worst misses: the members to whose vote the least share was given, least first.

    Columns: number, roll_call, state, vote (as recorded), given (the share that the forecast gave it).
    """
    import polars as pl

    rows = []
    for folder, record, symbol in _graded(ledger, held):
        finding = load_finding(folder / "finding")
        cast = _untold(finding, outcomes[symbol])
        named = [row for row in finding.table.iter_rows(named=True) if cast.get(row["state"]) in OUTCOMES]
        rows += [(record.number, symbol, r["state"], cast[r["state"]], r[cast[r["state"]]]) for r in named]
    schema: dict[str, Any] = {
        "number": pl.Int64, "roll_call": pl.String, "state": pl.String, "vote": pl.String, "given": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("given", "number", "state").head(most)


def ungraded(ledger: Path, held: Mapping[str, str], today: date) -> pl.DataFrame:
    """Every sealed forecast without a grade, the oldest first: number, resolution, title, sealed, date, age (days), why.

    ``date`` is the day on which the vote was expected, ``age`` the days since sealing.
    """
    import polars as pl

    rows = []
    for _, record, _, why in _standing(ledger, held):
        if why:
            to_come = why == NOT_ENTERED and record.date >= today.isoformat()
            age = (today - date.fromisoformat(record.sealed)).days
            about = (record.number, record.resolution, record.title, record.sealed, record.date, age)
            rows.append((*about, "the vote is to come" if to_come else why))
    schema: dict[str, Any] = {
        "number": pl.Int64, "resolution": pl.String, "title": pl.String, "sealed": pl.String, "date": pl.String,
        "age": pl.Int64, "why": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").sort("age", "number", descending=[True, False])


def ranking(scores: pl.DataFrame) -> pl.DataFrame | None:
    """Mean scores by rule, best first, each roll call counting once however often it was sealed.

    None below thirty graded roll calls, since so few rank nothing.
    """
    import polars as pl

    graded = scores.filter(pl.col("n") > 0)
    if graded["roll_call"].n_unique() < LEAST_GRADED:
        return None
    measures = pl.col("log_loss", "brier", "accuracy").mean()
    once = graded.group_by("rule", "roll_call").agg(measures)
    return once.group_by("rule").agg(measures, pl.len().alias("roll_calls")).sort("log_loss", "rule")


def told(finding: Finding) -> set[str]:
    """The members whose vote a forecast was told: announced votes and sponsors."""
    return {*finding.parameters.get("known", ()), *getattr(finding.parameters.get("resolution"), "sponsors", ())}


NOT_ENTERED = "no outcome entered"


def _standing(ledger: Path, held: Mapping[str, str]) -> Iterator[tuple[Path, Sealed, str, str]]:
    """Every forecast with its folder, the roll call that grades it, and why none does (empty where one does)."""
    known = resolved(ledger)
    for folder, record in forecasts(ledger):
        outcome = known.get(record.number)
        yield folder, record, outcome.became if outcome else "", _why_not(record, outcome, held)


def _graded(ledger: Path, held: Mapping[str, str]) -> Iterator[tuple[Path, Sealed, str]]:
    return ((folder, record, symbol) for folder, record, symbol, why in _standing(ledger, held) if not why)


def _why_not(record: Sealed, outcome: Outcome | None, held: Mapping[str, str]) -> str:
    if outcome is None:
        return NOT_ENTERED
    if outcome.became in FATES:
        return FATES[outcome.became]
    if outcome.became not in held:
        return f"{outcome.became} is not in the record of votes"
    if held[outcome.became] != outcome.day:
        return (
            f"{outcome.became} was held on {held[outcome.became]} by the record of votes, on {outcome.day} as entered"
        )
    if record.sealed >= outcome.day:
        return f"{outcome.became} was held on {outcome.day}: not sealed on an earlier day"
    return ""


def _untold(finding: Finding, cast: Mapping[str, str]) -> dict[str, str]:
    return {state: vote for state, vote in cast.items() if state not in told(finding)}


def _scores(table: pl.DataFrame, outcome: Mapping[str, str]) -> tuple[Any, ...]:
    lines = [row for row in table.iter_rows(named=True) if outcome.get(row["state"]) in OUTCOMES]
    missing = len([state for state, vote in outcome.items() if vote in OUTCOMES]) - len(lines)
    if not lines:
        return 0, missing, None, None, None, ""
    loss = {row["state"]: -log(max(row[outcome[row["state"]]], FLOOR)) for row in lines}
    brier = sum(sum((row[o] - (outcome[row["state"]] == o)) ** 2 for o in OUTCOMES) for row in lines)
    right = sum(max(OUTCOMES, key=lambda o: row[o]) == outcome[row["state"]] for row in lines)
    n = len(lines)
    return n, missing, sum(loss.values()) / n, brier / n, right / n, max(loss, key=lambda state: loss[state])
