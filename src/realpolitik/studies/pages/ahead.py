"""A forecast told at the grade it has: its order, where the act fell in it, the shift of analogous acts, and who stands out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from realpolitik.findings import FORECAST, RECORD, Finding, Leaf, Method, Template, conclude, find_method
from realpolitik.runner import track
from realpolitik.terms import Grade, InputError, Problem

from ..run import kept_on

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls
    from realpolitik.methods.alignment.roll_calls.resolution import RollCall

_HERE = "realpolitik.studies.pages.ahead"
OUTCOMES = ("yes", "abstain", "no", "absent")
ORDER = Method(
    name="studies.outcome_order",
    question="Which outcome does the forecast put first for each member, and which sources move it?",
    function=f"{_HERE}:outcome_order", literature=(), needs=("recorded_votes",), subject="votes",
)  # fmt: skip
MISSES = Method(
    name="studies.forecast_misses",
    question="For which members did the forecast put another outcome first, and how far off was it?",
    function=f"{_HERE}:forecast_misses", literature=(), needs=("recorded_votes",), subject="votes",
)  # fmt: skip
SHIFTS = Method(
    name="studies.shifts",
    question="On acts of this kind, how far did all members together depart from what was expected before?",
    function=f"{_HERE}:shifts", literature=(), needs=("recorded_votes",), subject="votes",
)  # fmt: skip
STANDOUTS = Method(
    name="studies.standouts",
    question="Whose recent votes lie further from their forecasts than those of all members do?",
    function=f"{_HERE}:standouts",
    literature=("Holm 1979, Scandinavian Journal of Statistics 6(2), A simple sequentially rejective multiple test procedure",),
    needs=("recorded_votes",), subject="votes",
)  # fmt: skip
MOST_SHIFTS, CALLS = 6, 12
EVERY = (Leaf("recorded_votes"), Leaf("roll_calls"))


def made_before(
    votes: RollCalls,
    resolution: str | RollCall,
    as_of: str,
    known: Mapping[str, str] | None = None,
    contributions: int = 4,
) -> Finding:
    """The forecast itself, kept."""
    given: dict[str, Any] = {"resolution": resolution, "as_of": as_of}
    given |= {"known": dict(known)} if known else {}
    given |= {"contributions": contributions} if contributions != 4 else {}
    return kept_on(votes, find_method("alignment.forecast_roll_call"), given)


def day_before(votes: RollCalls, resolution: str) -> str:
    """The day before a recorded roll call."""
    return str(votes.call(resolution)["date"] - timedelta(days=1))


def outcome_order(
    votes: RollCalls, *, resolution: str | RollCall, as_of: str, known: Mapping[str, str] | None = None
) -> Finding:
    """The four outcomes of each member in the order of the forecast, and the source that moved the foremost one most.

    Table: state, first, second, third, fourth, announced; tables ``counts`` (outcome, members: for how many it is foremost) and
    ``moved`` (state, source, towards, away: for each named source the outcomes that it raised and lowered most). An order says
    less than a share and holds at any grade; the shares are the forecast's own. Grade and limits are the forecast's.
    """
    import numpy as np
    import polars as pl

    made = made_before(votes, resolution, as_of, known)
    shares = made.table.select(OUTCOMES).to_numpy()
    places = np.argsort(-shares, axis=1, kind="stable")
    names = np.array(OUTCOMES)[places]
    told = dict(known or {})
    table = pl.DataFrame(
        {"state": made.table["state"], **{n: names[:, i].tolist() for i, n in enumerate(("first", "second", "third", "fourth"))},
         "announced": [s in told for s in made.table["state"]]}
    )  # fmt: skip
    counts = pl.DataFrame(
        {"outcome": list(OUTCOMES), "members": [table.filter(pl.col("first") == o).height for o in OUTCOMES]}
    )
    said = ", ".join(f"{n} {word}" for word, n in counts.iter_rows())
    return conclude(
        ORDER, votes, ("recorded_votes", "roll_calls"),
        parameters={"resolution": resolution, "as_of": as_of, "known": told},
        table=table, key=("state",), tables={"counts": counts, "moved": _moved(made)},
        grade=made.grade, grade_reason=made.grade_reason, stands_as=FORECAST,
        answer=f"Foremost outcome by member: {said}.",
        caveats=made.caveats,
        traces=(
            Template("counts.*", "Members for which {outcome} is the foremost outcome, counted", made.traces[0].leaves),
            Template("*", "Order of the outcomes: " + made.traces[0].says, made.traces[0].leaves),
        ),
    )  # fmt: skip


def _moved(made: Finding) -> pl.DataFrame:
    """For each member and named source, the outcome that it raised most and the one that it lowered most."""
    import polars as pl

    from realpolitik.methods.alignment.roll_calls.contributions import REST

    frame = made.tables["contributions"].filter(pl.col("source") != REST)
    return (
        frame.sort("state", "source", "value", maintain_order=True)
        .group_by("state", "source", maintain_order=True)
        .agg(towards=pl.col("outcome").last(), away=pl.col("outcome").first(), size=pl.col("value").abs().max())
        .filter(pl.col("size") > 1e-9)
        .sort("state", "size", descending=[False, True])
        .drop("size")
    )


def forecast_misses(votes: RollCalls, *, resolution: str, as_of: str) -> Finding:
    """Each member's recorded vote beside the forecast made before it, the worst misses first.

    Table: state, vote, first (the foremost outcome), place (of the act in the forecast's order: 1 told, 4 put last), share (what
    the forecast gave the act), against (the named source that lowered the act most; empty where none did). Table ``crossed``:
    first, vote, members. The forecast read nothing of the vote. Grade: the forecast's, since the shares are its own; where it is
    no estimate, only first, place and against are to be read. Raises InputError where the vote is not recorded.
    """
    import polars as pl

    cast = votes.votes_on(resolution)
    made = made_before(votes, resolution, as_of)
    pushed = _pushed_down(made, cast)
    rows = []
    for row in made.table.iter_rows(named=True):
        if row["state"] not in cast:
            continue
        vote = cast[row["state"]]
        order = sorted(OUTCOMES, key=lambda outcome: -row[outcome])
        rows.append((row["state"], vote, order[0], order.index(vote) + 1, row[vote], pushed.get(row["state"], "")))
    schema = {
        "state": pl.String,
        "vote": pl.String,
        "first": pl.String,
        "place": pl.Int64,
        "share": pl.Float64,
        "against": pl.String,
    }
    table = pl.DataFrame(rows, schema=schema, orient="row").sort("share", "state")
    crossed = table.group_by("first", "vote").agg(pl.len().cast(pl.Int64).alias("members")).sort("first", "vote")
    missed = table.filter(pl.col("place") > 1).height
    return conclude(
        MISSES, votes, ("recorded_votes", "roll_calls"),
        parameters={"resolution": resolution, "as_of": as_of},
        table=table, key=("state",), tables={"crossed": crossed},
        grade=made.grade, grade_reason=made.grade_reason, stands_as=RECORD,
        answer=f"The forecast put another outcome first for {missed} of {table.height} members.",
        caveats=("One roll call says little of skill.", "Members that the record lists for the vote and not before it are left out."),
        traces=(
            Template("*", "What the forecast from the record up to {as_of} said of {resolution}, held against the recorded vote", EVERY),
        ),
    )  # fmt: skip


def _pushed_down(made: Finding, cast: Mapping[str, str]) -> dict[str, str]:
    """For each member, the named source that lowered its actual vote most."""
    from realpolitik.methods.alignment.roll_calls.contributions import REST

    worst: dict[str, tuple[float, str]] = {}
    for row in made.tables["contributions"].iter_rows(named=True):
        state, source = row["state"], row["source"]
        if (
            source != REST
            and row["outcome"] == cast.get(state)
            and row["value"] < min(-1e-6, worst.get(state, (0.0, ""))[0])
        ):
            worst[state] = (row["value"], source)
    return {state: source for state, (_, source) in worst.items()}


def shifts(votes: RollCalls, *, resolution: str | RollCall, as_of: str) -> Finding:
    """For the forecast's named precedents of the same kind: members not voting yes as expected the day before, and as recorded.

    Each precedent is forecast from the record held the day before it, as the target is. ``expected`` is the sum over members of
    what the forecast left to abstain, no and absent; ``recorded`` the number that did so; ``shift`` their difference: how far all
    members together departed from the forecast. Its range over these few acts is how unsure the cut-points of a new act are.
    Table: roll_call, date, title, expected, recorded, shift. Grade: the forecast's.
    """
    import polars as pl

    made = made_before(votes, resolution, as_of)
    named = made.tables["precedents"].filter(pl.col("same_kind"))["source"].to_list()[:MOST_SHIFTS]
    rows, grades = [], [made.grade]
    for symbol in track(named, "forecasts of like acts"):
        try:
            earlier = made_before(votes, symbol, day_before(votes, symbol), contributions=0)
        except InputError:
            continue
        cast = votes.votes_on(symbol)
        seen = earlier.table.filter(pl.col("state").is_in(list(cast)))
        call = votes.call(symbol)
        expected = float((1 - seen["yes"]).sum())
        away = sum(cast[s] != "yes" for s in seen["state"])
        rows.append((symbol, call["date"], call["title"], expected, away, away - expected))
        grades.append(earlier.grade)
    schema = {
        "roll_call": pl.String,
        "date": pl.Date,
        "title": pl.String,
        "expected": pl.Float64,
        "recorded": pl.Int64,
        "shift": pl.Float64,
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    estimated = all(grade is Grade.ESTIMATED for grade in grades)
    moved = sorted(table["shift"].to_list())
    said = f"On {table.height} named acts of this kind all members together departed from the forecast"
    reach = f" by {moved[0]:.0f} to {moved[-1]:.0f} members not voting yes." if table.height and estimated else "."
    return conclude(
        SHIFTS, votes, ("recorded_votes", "roll_calls"),
        parameters={"resolution": resolution, "as_of": as_of},
        table=table, key=("roll_call",),
        grade=Grade.ESTIMATED if estimated else Grade.JUDGEMENT, grade_reason=made.grade_reason, stands_as=RECORD,
        answer=said + reach if table.height else "No act of this kind is named among the precedents: the shift of a new act is not known.",
        caveats=("A handful of acts: their range is no interval.",),
        traces=(Template("*", "Forecast of {roll_call} from the record of the day before, held against its recorded votes", EVERY),),
    )  # fmt: skip


def standouts(votes: RollCalls, *, calls: int = CALLS) -> Finding:
    """How far each member's votes on the last contested roll calls lie from their forecasts, tested on all members together.

    The last ``calls`` General Assembly roll calls with a minority of a tenth or more are each forecast from the day before.
    Table: state, n, residual (above 0: further towards no than forecast), z, adjusted (two-sided, for the number of members: Holm),
    stands_out (adjusted below .05). Where the spread of the others' z exceeds 1, z is divided by it first. Raises InputError
    where the forecasts are no estimates: a distance to an order is not defined.
    """
    import numpy as np
    import polars as pl

    from realpolitik.methods.alignment.movement import surprises

    from .member_acts import counts_by_call

    taken = votes.body("GA").recorded()
    counts = counts_by_call(taken)[:, :3]
    contested = np.flatnonzero(1 - counts.max(1) / np.maximum(counts.sum(1), 1) >= 0.1)[-calls:]
    symbols = [taken.calls["id"][int(i)] for i in contested]
    states: list[str] = []
    shares, acts = [], []
    for symbol in track(symbols, "forecasts of the latest contested roll calls"):
        made = made_before(votes, symbol, day_before(votes, symbol), contributions=0)
        if made.grade is not Grade.ESTIMATED:
            raise InputError(
                [
                    Problem(
                        "", "votes", symbol, "a record on which forecasts are estimated: on this one they are ordered"
                    )
                ]
            )
        cast = votes.votes_on(symbol)
        for row in made.table.filter(pl.col("state").is_in(list(cast))).iter_rows(named=True):
            states.append(row["state"])
            shares.append([row[outcome] for outcome in OUTCOMES])
            acts.append(OUTCOMES.index(cast[row["state"]]))
    table = surprises(states, np.array(shares), np.array(acts)).sort("adjusted", "state")
    out = table.filter(pl.col("stands_out"))["state"].to_list()
    said = ", ".join(out) if out else "nobody"
    return conclude(
        STANDOUTS, votes, ("recorded_votes", "roll_calls"), parameters={"calls": calls},
        table=table, key=("state",), grade=Grade.ESTIMATED,
        grade_reason="Recorded votes against forecasts with measured skill, tested for all members together.", stands_as=RECORD,
        answer=f"On the last {len(symbols)} contested roll calls, against all members: {said} stands out.",
        caveats=("Roll calls of one day are not independent of each other; the test treats them so.",),
        traces=(Template("*", "Votes of {state} on the last {calls} contested roll calls, less their forecasts of the day before", EVERY),),
    )  # fmt: skip
