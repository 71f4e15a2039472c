"""One roll call by regional group, and beside the earlier versions of its text: who changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from realpolitik.findings import RECORD, Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade

from .member_acts import WORDS, counts_by_call

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

VERSIONS = Method(
    name="studies.versions",
    question="How did each member and group vote, and who changed since the text before it in its series?",
    function="realpolitik.studies.pages.versions:versions",
    literature=("Charter of the United Nations, Article 18",),
    needs=("recorded_votes",),
    subject="votes",
)
SCORE = {"yes": 0.0, "abstain": 0.5, "no": 1.0}


def versions(votes: RollCalls, *, resolution: str) -> Finding:
    """Each member's vote with its regional group, its vote on the version before and what changed.

    Table: state, group, vote, before (null without an earlier version), change: same, towards yes, towards no, came (was
    absent), stayed away, or new (not listed before). Tables: ``groups`` (votes by regional group), ``versions`` (this roll call and
    earlier ones of its series, the latest first, with totals), ``turns`` (before, vote, members) and, for the Assembly,
    ``margin``: how many yes votes would have had to be no for the text to fail by a simple majority and by two thirds of those
    present and voting (abstentions are not votes: rule 86 of the Assembly's rules). Which majority applied is not in the record.
    Raises InputError where the roll call or its votes are not in the data.

    >>> import realpolitik as rp
    >>> votes = rp.read_case("iran-ukraine-2022").evidence.votes
    >>> versions(votes, resolution="A/RES/ES-11/1").row(state="SRB")["vote"]
    'yes'
    """
    import polars as pl

    call = votes.call(resolution)
    line = _line(votes, call)
    now = votes.votes_on(resolution)
    before = votes.votes_on(line[1]) if len(line) > 1 else {}
    table = _table(now, before, bool(len(line) > 1))
    counts = counts_by_call(votes)
    listed = votes.calls.select("id", "date", "title", "agenda")[[votes.place[s] for s in line]].rename(
        {"id": "roll_call"}
    )
    totals = {word: counts[[votes.place[s] for s in line], i] for i, word in enumerate(WORDS)}
    compared = table.filter(pl.col("change").is_not_null())
    earlier = line[1] if len(line) > 1 else ""
    both = {"roll_call": [resolution, *([earlier] if earlier else [])]}
    own = Leaf("recorded_votes", {"roll_call": "{resolution}"})
    return conclude(
        VERSIONS,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"resolution": resolution},
        table=table,
        key=("state",),
        tables={
            "groups": _groups(table),
            "versions": listed.with_columns(**totals),
            "turns": compared.group_by("before", "vote").agg(pl.len().cast(pl.Int64).alias("members")).sort("before", "vote"),
            "changes": compared.group_by("change").agg(pl.len().cast(pl.Int64).alias("members")).sort("change"),
            "margin": _margin(now, str(call["body"])),
        },
        grade=Grade.RECORDED,
        grade_reason="Counts of recorded votes.",
        stands_as=RECORD,
        answer=_answer(table, earlier),
        caveats=(
            "Texts are linked by the series that the record declares, else by equal words of the title; one series can hold unlike texts.",
            "Regional groups are those in which members caucus for elections; the membership of 2022 is used for all years.",
            "Absent is listed without a vote: staying away and not taking part are one word in the record.",
        ),
        traces=(
            Template("vote", "The recorded vote of {state} on {resolution}", (Leaf("recorded_votes", {"roll_call": "{resolution}", "state": "{state}"}),)),
            Template("group", "Regional group of {state}", (Leaf("recorded_votes", {"roll_call": "{resolution}", "state": "{state}"}),)),
            Template("*", "Votes of {state} on {resolution} and on the text before it in the series", (Leaf("recorded_votes", both | {"state": "{state}"}), Leaf("roll_calls", {"body": str(call["body"])}))),
            Template("groups.*", "Votes of the members of the group '{group}' on {resolution}, counted", (own,)),
            Template("versions.*", "Votes of all members on {roll_call}, counted", (Leaf("recorded_votes", {"roll_call": "{roll_call}"}), Leaf("roll_calls", {"id": "{roll_call}"}))),
            Template("turns.*", "Members that voted {before} on the text before it in the series and {vote} on {resolution}, counted", (Leaf("recorded_votes", both), Leaf("roll_calls", {"body": str(call["body"])}))),
            Template("changes.*", "Members by what changed since the text before it in the series, counted", (Leaf("recorded_votes", both), Leaf("roll_calls", {"body": str(call["body"])}))),
            Template("margin.*", "Yes and no votes on {resolution} against a majority of those present and voting", (own,)),
        ),
    )  # fmt: skip


def _line(votes: RollCalls, call: dict[str, Any]) -> list[str]:
    """The roll call and the earlier ones of its series in the same body whose votes are held, the latest first."""
    import numpy as np
    import polars as pl

    if not call["series"]:
        return [call["id"]]
    held = pl.Series(np.diff(votes.ptr) > 0)
    same = votes.calls.filter(held).filter(
        (pl.col("series") == call["series"]) & (pl.col("body") == call["body"]) & (pl.col("date") < call["date"])
    )
    return [call["id"], *same.sort("date", "id", descending=True)["id"].to_list()]


def _table(now: dict[str, str], before: dict[str, str], compared: bool) -> pl.DataFrame:
    import polars as pl

    from realpolitik.methods.alignment.roll_calls.regions import GROUPS

    group = {state: name for name, members in GROUPS.items() for state in members}
    rows = [
        (s, group.get(s, "none"), vote, before.get(s), _change(before.get(s), vote) if compared else None)
        for s, vote in sorted(now.items())
    ]
    names = ("state", "group", "vote", "before", "change")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _change(before: str | None, now: str) -> str:
    if before is None:
        return "new"
    if before == now:
        return "same"
    if before == "absent":
        return "came"
    if now == "absent":
        return "stayed away"
    return "towards no" if SCORE[now] > SCORE[before] else "towards yes"


def _groups(table: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    counts = [(pl.col("vote") == word).sum().cast(pl.Int64).alias(word) for word in WORDS]
    return (
        table.group_by("group")
        .agg(*counts, pl.len().cast(pl.Int64).alias("members"))
        .sort("members", "group", descending=[True, False])
    )


def _margin(now: dict[str, str], body: str) -> pl.DataFrame:
    """Yes votes that would have had to be no: the smallest k with (yes - k) not above the share of yes + no."""
    import polars as pl

    schema: dict[str, Any] = {"majority": pl.String, "yes": pl.Int64, "no": pl.Int64, "turned": pl.Int64}
    if body != "GA":
        return pl.DataFrame(schema=schema)
    yes, no = (sum(vote == word for vote in now.values()) for word in ("yes", "no"))
    cast = yes + no
    simple = max(0, yes - cast // 2)  # carried while yes exceeds half of the votes cast
    two_thirds = max(0, yes - -(-2 * cast // 3) + 1)  # carried while yes is two thirds or more
    rows = [("simple majority", yes, no, simple), ("two-thirds majority", yes, no, two_thirds)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _answer(table: pl.DataFrame, earlier: str) -> str:
    if not earlier:
        return f"{table.height} members are listed; no earlier text of its series is in the record."
    same = table.filter(table["change"] == "same").height
    known = table.filter(table["before"].is_not_null()).height
    return f"{same} of {known} members did as they had done on {earlier}."
