"""A member's fitted position over time beside that of all members, where the record is wide enough to fit one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from realpolitik.findings import RECORD, Finding, Leaf, Method, Template, conclude, find_method
from realpolitik.terms import Grade, InputError, Problem

from ..run import kept_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from realpolitik.evidence import RollCalls

BREADTH = Method(
    name="studies.breadth",
    question="How wide is the record: how many sessions, and how many roll calls in a session?",
    function="realpolitik.studies.pages.positions:breadth",
    literature=(),
    needs=("recorded_votes",),
    subject="votes",
)
POSITIONS = Method(
    name="studies.positions",
    question="Where did a member stand in each session, and where did all members?",
    function="realpolitik.studies.pages.positions:positions",
    literature=("Bailey, Strezhnev & Voeten 2017, Journal of Conflict Resolution 61(2), doi:10.1177/0022002715595700",),
    needs=("recorded_votes",),
    subject="votes",
)
WIDE = 40  #: roll calls in a typical session from which a position is fitted; the whole record holds about 75


def breadth(votes: RollCalls, *, body: str = "GA") -> Finding:
    """Sessions, roll calls with recorded votes, and roll calls in the middle session of a record; ``needed`` for positions.

    >>> import realpolitik as rp
    >>> breadth(rp.read_case("iran-ukraine-2022").evidence.votes).row(body="GA")["wide"]
    False
    """
    import numpy as np
    import polars as pl

    taken = votes.body(body).recorded()
    sizes = np.unique(taken.session, return_counts=True)[1] if taken.n_calls else np.zeros(1)
    middle = float(np.median(sizes))
    row = {
        "body": body,
        "sessions": len(sizes),
        "roll_calls": taken.n_calls,
        "middle": middle,
        "needed": WIDE,
        "wide": middle >= WIDE,
    }
    return conclude(
        BREADTH,
        votes,
        ("roll_calls",),
        parameters={"body": body},
        table=pl.DataFrame([row]),
        key=("body",),
        grade=Grade.RECORDED,
        stands_as=RECORD,
        answer=f"{taken.n_calls} roll calls in {len(sizes)} sessions, {middle:.0f} in the middle one.",
        traces=(
            Template(
                "*", "Roll calls of {body} with recorded votes, counted", (Leaf("roll_calls", {"body": "{body}"}),)
            ),
        ),
    )


def positions(votes: RollCalls, *, states: Sequence[str], body: str = "GA") -> Finding:
    """Positions of some members by session (map engine), with the deciles of those of all members in the table ``members``.

    Table: state, session, mean, low, high (90 %). In standard deviations of all member-sessions; the side of the United States is
    positive. Grade estimated, as the fit's. Raises InputError where a typical session holds fewer than forty roll calls.
    """
    import polars as pl

    wide = breadth(votes, body=body).row(body=body)
    if not wide["wide"]:
        raise InputError(
            [
                Problem(
                    "",
                    "votes",
                    f"{wide['middle']:.0f} roll calls in the middle session",
                    f"{WIDE} or more: a scale of a few chosen texts would measure the choice",
                )
            ]
        )
    fit = kept_on(votes, find_method("alignment.ideal_points"), {"body": body})
    table = fit.table.filter(pl.col("state").is_in(list(states))).select(
        "state", "session", "mean", low="q05", high="q95"
    )
    members = (
        fit.table.group_by("session")
        .agg(
            *(
                pl.col("mean").quantile(q, "linear").alias(name)
                for q, name in ((0.1, "q10"), (0.5, "q50"), (0.9, "q90"))
            ),
            pl.len().cast(pl.Int64).alias("n"),
        )
        .sort("session")
    )
    session = max(table["session"].to_list())
    last = table.filter(pl.col("session") == session)
    said = "; ".join(
        f"{r['state']} {r['mean']:.2f} ({r['low']:.2f} to {r['high']:.2f})" for r in last.iter_rows(named=True)
    )
    return conclude(
        POSITIONS,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"states": list(states), "body": body},
        table=table,
        key=("state", "session"),
        tables={"members": members},
        grade=fit.grade,
        grade_reason=fit.grade_reason,
        stands_as=RECORD,
        answer=f"In session {session}: {said}, in standard deviations; the middle of all members is {members['q50'][-1]:.2f}.",
        caveats=fit.caveats,
        traces=(Template("*", "Positions fitted jointly to all contested roll calls of {body}", (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))),),
    )  # fmt: skip
