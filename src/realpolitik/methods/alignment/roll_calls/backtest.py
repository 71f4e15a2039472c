"""The trial of the forecast and the simple rules against the record, as a finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from realpolitik.evidence import RollCalls
from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.terms import Grade, InputError, Problem, nearest

from .cards import BACKTEST
from .record import OUTCOMES, Record
from .resolution import record_of
from .rules import RULES
from .scores import balanced_accuracy, evened, given_a_vote, log_losses, paired_interval, reliability, score
from .trial import FIRST_MOVERS, OURS, Trial, run_trial

REFERENCE = ("last_vote_on_series", 0)
REACH = 30  #: sessions before the first that are read
EARLIER = 4  #: sessions that must be held before the first that is forecast


def backtest_roll_calls(
    votes: RollCalls,
    *,
    first: int = 60,
    last: int = 74,
    known: int | Sequence[str] = 10,
    drawn: bool = False,
    seed: int = 1,
) -> Finding:
    """How well each rule and the forecast foretold yes, abstain and no, session after session, from earlier sessions only.

    Every row is scored on the same votes: those cast by the members that are not among the announced ones. `low` and
    `high` bound, at 90 %, the row's log loss less that of the member's last vote on the series, by a paired bootstrap
    over whole roll calls: below 0 is better. Calibration error: 15 bins of equal mass per outcome, averaged.

    :param votes: roll calls as read by `read_votes`
    :param first: first session that is forecast
    :param last: last session that is forecast
    :param known: the announced members: a number (10: the ten of the published note; 0: none) or their codes
    :param drawn: draw that number of members by `seed` instead
    :param seed: seed of the draw, of the trees and of the bootstrap
    :returns: Finding; table: rule, known, subset, n, accuracy, balanced, log_loss, brier, ece, low, high;
        decisions: known, subset, decision (most_probable, as in the table, or evened), n, accuracy, balanced; intervals: known, subset, measure, against, drawn_again, difference, low, high (ours less the last vote on the series
        and less the best simple rule; roll calls, or whole titles, drawn again); four_outcomes: rule, known, n, log_loss, ece over yes, abstain, no and absent; reliability: rule, known, outcome,
        bin, n, forecast, observed; announced: state
    :raises InputError: no roll calls in the span, or none before it; unknown members

    >>> from realpolitik.methods.alignment.roll_calls.made import made_votes
    >>> finding = backtest_roll_calls(made_votes(), first=11, last=12, known=["AAA", "LLL"])
    >>> sorted(finding.table["rule"].unique())[-2:]
    ['last_votes_calibrated', 'regional_majority']
    """
    record = record_of(votes, max(1, first - REACH))
    announced = announced_members(record, known, drawn, seed, first, last)
    trial = run_trial(record, first, last, announced, seed)
    tables = tables_of(trial, announced, seed)
    table = tables.pop("table")
    return conclude(
        BACKTEST,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={
            "first": first,
            "last": last,
            "known": known if isinstance(known, int) else list(known),
            "drawn": drawn,
        },
        seed=seed,
        table=table,
        key=("rule", "known", "subset"),
        tables=tables,
        grade=Grade.RECORDED,
        grade_reason="Scores of forecasts against recorded votes; each session was forecast from earlier sessions only.",
        answer=answer_of(table),
        caveats=(
            "Adopted resolutions only: a resolution that failed has no recorded vote in the data.",
            "Absent mixes staying away with not taking part; it is scored in the table four_outcomes.",
        ),
        traces=(_template(first, last),),
    )


def tables_of(trial: Trial, announced: Sequence[str], seed: int) -> dict[str, pl.DataFrame]:
    """Every table of the trial's finding, its own table under the name `table`."""
    makers: dict[str, Callable[[], pl.DataFrame]] = {
        "table": lambda: score_table(trial, seed),
        "decisions": lambda: decision_table(trial),
        "intervals": lambda: interval_table(trial, seed),
        "four_outcomes": lambda: _four_outcomes(trial),
        "reliability": lambda: _reliability(trial),
        "announced": lambda: pl.DataFrame({"state": announced}, schema={"state": pl.String}),
    }
    with ThreadPoolExecutor(2) as pool:  # sorting and counting, mostly outside Python
        return dict(zip(makers, pool.map(lambda make: make(), makers.values()), strict=True))


def _template(first: int, last: int) -> Template:
    read = {"body": "GA", "session<=": last, "session>=": max(1, first - REACH)}
    return Template(
        "*",
        "sessions {first} to {last}, each from earlier ones",
        (Leaf("recorded_votes", read), Leaf("roll_calls", read)),
    )


def announced_members(
    record: Record, known: int | Sequence[str], drawn: bool, seed: int, first: int, last: int
) -> tuple[str, ...]:
    span = (record.sessions >= first) & (record.sessions <= last)
    _check(record, known, span, first, last)
    if not isinstance(known, int):
        return tuple(known)
    if known == len(FIRST_MOVERS) and not drawn and all(s in record.column for s in FIRST_MOVERS):
        return FIRST_MOVERS
    steady = _steady(record, span)
    return tuple(np.random.default_rng(seed).choice(steady, known, replace=False).tolist())


def _steady(record: Record, span: np.ndarray) -> list[str]:
    there = np.all(record.votes[span] >= 0, axis=0).tolist()
    return [s for s, always in zip(record.states, there, strict=True) if always]


def _check(record: Record, known: int | Sequence[str], span: np.ndarray, first: int, last: int) -> None:
    """One error for a span without roll calls or too short a past, and for announced members that cannot be."""
    problems = []
    earlier = record.sessions[record.sessions < first]
    if not span.any() or len(np.unique(earlier)) < EARLIER:
        held = f"{record.sessions.min()} to {record.sessions.max()}" if len(record.sessions) else "none"
        expected = f"sessions with roll calls and {EARLIER} before them (held: {held})"
        problems.append(Problem("", "first, last", f"{first}, {last}", expected))
    elif isinstance(known, str):
        problems.append(Problem("", "known", known, "a number, or a list of states as ['USA', 'RUS']"))
    elif isinstance(known, int):
        most = len(_steady(record, span))
        if not 0 <= known <= most:
            problems.append(Problem("", "known", str(known), f"0 to {most}: members throughout the span"))
    else:
        problems += [
            Problem("", "known", str(s), "a member with votes", nearest=nearest(str(s), record.column))
            for s in known
            if s not in record.column
        ]
        problems += [
            Problem("", "known", s, "each member once") for s in dict.fromkeys(known) if list(known).count(s) > 1
        ]
        if len(set(known)) >= int((record.votes[span] >= 0).any(0).sum()):
            problems.append(Problem("", "known", f"{len(known)} members", "some members that are not announced"))
    if problems:
        raise InputError(problems)


def score_table(trial: Trial, seed: int) -> pl.DataFrame:
    """One row per rule and subset, on the members that voted; null where a subset holds no vote."""
    rows = []
    cast = trial.outcome < 3
    for subset, chosen in trial.subsets().items():
        use = chosen & cast
        y, cluster = trial.outcome[use], trial.roll_call[use]
        base = log_losses(given_a_vote(trial.forecasts[REFERENCE][use]), y)
        for (rule, known), p in trial.forecasts.items():
            three = given_a_vote(p[use])
            low, high = paired_interval(log_losses(three, y) - base, cluster, np.random.default_rng(seed), 400)
            got = score(three, y)
            rows.append(
                (rule, known, subset, got.n, got.accuracy, got.balanced, got.log_loss, got.brier, got.ece, low, high)
            )
    names = ["rule", "known", "subset", "n", "accuracy", "balanced", "log_loss", "brier", "ece", "low", "high"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


def interval_table(trial: Trial, seed: int, draws: int = 400) -> pl.DataFrame:
    """Our forecasts less the last vote on the series, and less the best simple rule: whole roll calls drawn again, and
    whole titles (the yearly versions of a resolution together), which is wider."""
    rows: list[tuple[object, ...]] = []
    cast = trial.outcome < 3
    ours = {key: p for key, p in trial.forecasts.items() if key[0] == OURS}
    simple = {key[0]: p for key, p in trial.forecasts.items() if key[0] in RULES}
    for subset, chosen in trial.subsets().items():
        use = chosen & cast
        y = trial.outcome[use]
        if not len(y):
            continue
        found = {rule: given_a_vote(p[use]) for rule, p in simple.items()}
        best = min(found, key=lambda rule: float(log_losses(found[rule], y).mean()))
        for (_, known), p in ours.items():
            mine = given_a_vote(p[use])
            for rule in dict.fromkeys((REFERENCE[0], best)):
                for measure, difference in _differences(mine, found[rule], y).items():
                    for name, cluster in (("roll call", trial.roll_call), ("title", trial.title)):
                        low, high = paired_interval(difference, cluster[use], np.random.default_rng(seed), draws)
                        rows.append((known, subset, measure, rule, name, float(difference.mean()), low, high))
    schema = ["known", "subset", "measure", "against", "drawn_again", "difference", "low", "high"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _differences(ours: np.ndarray, theirs: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Per vote: log loss, being right, and being right with each outcome given the same weight in the mean."""
    right = (ours.argmax(1) == y).astype(float) - (theirs.argmax(1) == y)
    counts = np.bincount(y, minlength=3)
    even = len(y) / (np.count_nonzero(counts) * counts[y])
    return {"log_loss": log_losses(ours, y) - log_losses(theirs, y), "accuracy": right, "balanced": right * even}


def decision_table(trial: Trial) -> pl.DataFrame:
    """Our probabilities turned into one outcome each by two rules: the most probable; and evened, which divides by a small
    power of the base rates of the eight sessions before, so that rare outcomes are named a little sooner."""
    rows = []
    cast = trial.outcome < 3
    for subset, chosen in trial.subsets().items():
        use = chosen & cast
        y = trial.outcome[use]
        for (rule, known), p in trial.forecasts.items():
            if rule != OURS or not len(y):
                continue
            three = given_a_vote(p[use])
            made = {"most_probable": three.argmax(1), "evened": evened(three, trial.rates[use])}
            rows += [
                (known, subset, name, len(y), float((choice == y).mean()), balanced_accuracy(choice, y))
                for name, choice in made.items()
            ]
    return pl.DataFrame(rows, schema=["known", "subset", "decision", "n", "accuracy", "balanced"], orient="row")


def _four_outcomes(trial: Trial) -> pl.DataFrame:
    """Log loss over four outcomes, and that of the own absence rate times the three-way forecast."""
    rows = []
    for (rule, known), p in trial.forecasts.items():
        four = np.clip(p, 1e-4, 1)
        four = four / four.sum(1, keepdims=True)
        rows.append((rule, known, *_pair(four, trial.outcome)))
        if rule == OURS:
            mixed = np.column_stack([given_a_vote(p) * (1 - trial.absent)[:, None], trial.absent])
            rows.append(("own_absence_rate_x_forecast", known, *_pair(mixed, trial.outcome)))
    return pl.DataFrame(rows, schema=["rule", "known", "n", "log_loss", "ece"], orient="row")


def _pair(p: np.ndarray, y: np.ndarray) -> tuple[int, float, float]:
    got = score(p, y)
    return got.n, got.log_loss, got.ece


def _reliability(trial: Trial) -> pl.DataFrame:
    cast = trial.outcome < 3
    rows = []
    for (rule, known), p in trial.forecasts.items():
        for c, sizes, forecast, observed in reliability(given_a_vote(p[cast]), trial.outcome[cast]):
            rows += [
                (rule, known, OUTCOMES[c], b, *point)
                for b, point in enumerate(zip(sizes.tolist(), forecast, observed, strict=True))
            ]
    return pl.DataFrame(rows, schema=["rule", "known", "outcome", "bin", "n", "forecast", "observed"], orient="row")


def answer_of(table: pl.DataFrame) -> str:
    every = table.filter(pl.col("subset") == "all")
    ours = every.filter(pl.col("rule") == OURS).row(-1, named=True)
    simple = every.filter(pl.col("rule").is_in(RULES)).sort("log_loss").row(0, named=True)
    return (
        f"Forecast, {ours['known']} announced: {ours['accuracy']:.3f} right, log loss {ours['log_loss']:.3f}; "
        f"best simple rule ({simple['rule']}): {simple['accuracy']:.3f}, {simple['log_loss']:.3f}; {ours['n']} votes."
    )
