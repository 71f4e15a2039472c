"""With whom a member votes now, and with whom it did ten sessions before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from realpolitik.findings import RECORD, Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

PEERS = Method(
    name="studies.peers",
    question="Which members vote most and least like one, and who came nearer or went away?",
    function="realpolitik.studies.pages.peers:peers",
    literature=(
        "Cohen 1960, Educational and Psychological Measurement 20(1), doi:10.1177/001316446002000104",
        "Haege 2011, Political Analysis 19(3), doi:10.1093/pan/mpr023",
    ),
    needs=("recorded_votes",),
    subject="votes",
)
SPAN, BACK = 5, 10  #: sessions in a span; how many sessions earlier the first one lies
LEAST = 10  #: common votes below which two members are not compared


def spans(votes: RollCalls, body: str = "GA") -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The last five sessions and the five that lie ten sessions before; halves of a shorter record; None where it is one session."""
    taken = votes.body(body).recorded()
    known = sorted(set(taken.session.tolist()))
    if len(known) < 2:
        return None
    last = known[-1]
    earlier = (last - BACK - SPAN + 1, last - BACK)
    if any(earlier[0] <= session <= earlier[1] for session in known):
        return earlier, (last - SPAN + 1, last)
    half = len(known) // 2
    return (known[0], known[half - 1]), (known[half], last)


def peers(
    votes: RollCalls,
    *,
    state: str,
    before: tuple[int, int],
    after: tuple[int, int],
    least: int = LEAST,
    body: str = "GA",
) -> Finding:
    """Kappa of a member's votes with those of every other, in the later span of sessions and in the earlier.

    Table: other, kappa, low, high (90 %, a roll call left out at a time), agreement, n, earlier (kappa in the earlier span),
    n_earlier, change; those most alike first. Pairs with fewer than ``least`` common votes are left out, and null in the earlier
    span. Raises InputError where nobody is left.

    >>> import realpolitik as rp
    >>> votes = rp.read_case("iran-ukraine-2022").evidence.votes
    >>> peers(votes, state="IRN", before=(62, 66), after=(72, 76)).table["other"].head(2).to_list()
    ['UZB', 'TKM']
    """
    import polars as pl

    now = _with(votes, state, after, body, "jackknife")
    then = _with(votes, state, before, body, "none").select("other", earlier="kappa", n_earlier="n")
    then = then.filter(pl.col("n_earlier") >= least)
    table = (
        now.filter(pl.col("n") >= least)
        .join(then, on="other", how="left")
        .with_columns(change=pl.col("kappa") - pl.col("earlier"))
        .sort("kappa", "other", descending=[True, False], nulls_last=True)
    )
    if table.is_empty():
        raise InputError(
            [
                Problem(
                    "",
                    "state",
                    state,
                    f"a member with {least} votes in common with another in sessions {after[0]} to {after[1]}",
                )
            ]
        )
    read = {"body": body, "session>=": before[0], "session<=": after[1]}
    return conclude(
        PEERS,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"state": state, "before": list(before), "after": list(after), "least": least, "body": body},
        table=table,
        key=("other",),
        grade=Grade.RECORDED,
        grade_reason="Sums over recorded acts; the interval says how far they rest on which roll calls were held.",
        stands_as=RECORD,
        answer=_answer(table, state, after),
        caveats=(
            f"Sessions {after[0]} to {after[1]} beside sessions {before[0]} to {before[1]}; at least {least} common votes.",
            "A change can come from either of the two, or from another agenda.",
        ),
        traces=(
            Template("*", "Votes of {state} and of {other}, compared roll call by roll call", (Leaf("recorded_votes", read | {"state": ["{state}", "{other}"]}), Leaf("roll_calls", {"body": body}))),
        ),
    )  # fmt: skip


def _with(votes: RollCalls, state: str, span: tuple[int, int], body: str, interval: str) -> pl.DataFrame:
    """Kappa and agreement of one member with all others in some sessions."""
    import polars as pl

    from realpolitik.methods.alignment.similarity import similarity

    taken = votes.body(body).recorded()
    taken = taken.keep((taken.session >= span[0]) & (taken.session <= span[1]))
    if state not in taken.state_code or not (taken.state == taken.state_code[state]).any():
        return pl.DataFrame(
            schema={
                "other": pl.String,
                "kappa": pl.Float64,
                "n": pl.Float64,
                "low": pl.Float64,
                "high": pl.Float64,
                "agreement": pl.Float64,
            }
        )
    own = (pl.col("a") == state) | (pl.col("b") == state)
    other = pl.when(pl.col("a") == state).then("b").otherwise("a").alias("other")
    found = [similarity(taken, measure=m, by="all", interval=how).table.filter(own).with_columns(other)
             for m, how in (("kappa", interval), ("agreement", "none"))]  # fmt: skip
    kappa = found[0].select("other", pl.col("value").alias("kappa"), pl.col("n").cast(pl.Int64), "low", "high")
    return kappa.join(found[1].select("other", agreement="value"), on="other").filter(pl.col("kappa").is_not_null())


def _answer(table: pl.DataFrame, state: str, after: tuple[int, int]) -> str:
    first, last = table.row(0, named=True), table.row(table.height - 1, named=True)
    return (
        f"In sessions {after[0]} to {after[1]} {state} voted most like {first['other']} (kappa {first['kappa']:.2f}) "
        f"and least like {last['other']} ({last['kappa']:.2f})."
    )
