"""One member's votes beside those of all members: by roll call, by year, by kind of act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from realpolitik.findings import RECORD, Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from realpolitik.evidence import RollCalls

MEMBER_ACTS = Method(
    name="studies.member_acts",
    question="How did one member vote, and how many voted with it?",
    function="realpolitik.studies.pages.member_acts:member_acts",
    literature=(),
    needs=("recorded_votes",),
    subject="votes",
)
WORDS = ("yes", "abstain", "no", "absent")


def member_acts(votes: RollCalls, *, state: str, body: str = "GA") -> Finding:
    """Each vote of a member with the number of members that voted as it did (``alike``, itself included).

    Table: roll_call, date, title, kind, vote, alike, yes, abstain, no, absent (all members). Tables ``by_year`` and
    ``by_kind``: the member's votes counted, ``roll_calls`` on which it is listed, ``with_most`` (share of its votes cast that
    went with the largest camp: yes, abstain or no) and ``usual`` (the same share over the votes of all members on those roll
    calls). Absent is listed without a vote: staying away and not taking part are one word in the record.
    Raises InputError where the member has no votes in the body.

    >>> import realpolitik as rp
    >>> votes = rp.read_case("iran-ukraine-2022").evidence.votes
    >>> member_acts(votes, state="IRN").row(roll_call="A/RES/ES-11/1")["alike"]
    35
    """
    import polars as pl

    taken = votes.body(body).recorded()
    if state not in taken.state_code or not (taken.state == taken.state_code[state]).any():
        raise InputError([Problem("", "state", state, f"a member with votes of {body} in the record")])
    table = _table(taken, taken.state_code[state])
    year = pl.col("date").dt.year()
    return conclude(
        MEMBER_ACTS,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"state": state, "body": body},
        table=table,
        key=("roll_call",),
        tables={"by_year": _grouped(table.with_columns(year=year), "year"), "by_kind": _grouped(table, "kind"), "all": _grouped(table.with_columns(span=pl.lit("all")), "span")},
        grade=Grade.RECORDED,
        grade_reason="Counts of recorded votes.",
        stands_as=RECORD,
        answer=_answer(state, table),
        caveats=(
            "The record holds adopted texts that were put to a vote: what was agreed without one does not show.",
            "Kinds of act are coded from title and agenda by rule where the record does not code them.",
            "The largest camp is the largest of yes, abstain and no; absence belongs to no camp.",
        ),
        traces=(
            Template("*", "The vote of {state} on {roll_call}, and the votes of all members on it, counted",
                     (Leaf("recorded_votes", {"roll_call": "{roll_call}"}), Leaf("roll_calls", {"id": "{roll_call}"}))),
            Template("by_year.*", "Votes of {state} in {year}, and of all members on the same roll calls, counted",
                     (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))),
            Template("by_kind.*", "Votes of {state} on the kind '{kind}', and of all members on the same roll calls, counted",
                     (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))),
            Template("all.*", "Votes of {state}, and of all members on the same roll calls, counted",
                     (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))),
        ),
    )  # fmt: skip


def counts_by_call(votes: RollCalls) -> np.ndarray:
    """Members by vote (yes, abstain, no, absent) on each roll call, shape (calls, 4)."""
    import numpy as np

    return np.bincount(votes.item.astype(np.int64) * 4 + votes.vote, minlength=4 * votes.n_calls).reshape(-1, 4)


def _table(votes: RollCalls, code: int) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    counts = counts_by_call(votes)
    own = np.flatnonzero(votes.state == code)
    calls, vote = votes.item[own].astype(np.int64), votes.vote[own].astype(np.int64)
    rows = votes.calls.select("id", "date", "title", "kind")[calls].rename({"id": "roll_call"})
    return rows.with_columns(
        pl.col("kind").fill_null("other"),
        vote=pl.Series([WORDS[v] for v in vote], dtype=pl.String),
        alike=counts[calls, vote],
        **{word: counts[calls, place] for place, word in enumerate(WORDS)},
    )


def _grouped(table: pl.DataFrame, by: str) -> pl.DataFrame:
    import polars as pl

    cast, most = pl.sum_horizontal("yes", "abstain", "no"), pl.max_horizontal("yes", "abstain", "no")
    voted = pl.col("vote") != "absent"
    counts: list[Any] = [(pl.col("vote") == word).sum().cast(pl.Int64).alias(word) for word in WORDS]
    return (
        table.with_columns(cast=cast, most=most)
        .group_by(by)
        .agg(
            *counts,
            pl.len().cast(pl.Int64).alias("roll_calls"),
            (pl.col("alike") == pl.col("most")).filter(voted).mean().alias("with_most"),
            (pl.col("most").sum() / pl.col("cast").sum()).alias("usual"),
            *((pl.col(word).sum() / pl.sum_horizontal(WORDS).sum()).alias(f"all_{word}") for word in WORDS),
        )
        .sort(by)
    )


def _answer(state: str, table: pl.DataFrame) -> str:
    counts = {word: table.filter(table["vote"] == word).height for word in WORDS}
    said = ", ".join(f"{n} {word}" for word, n in counts.items())
    days = sorted(table["date"].to_list())
    return f"{state} on {table.height} roll calls, {days[0]} to {days[-1]}: {said}."
