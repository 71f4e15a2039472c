"""Every member's votes, counted by kind of act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

from .cards import VOTES_BY_KIND
from .scores import kinds_of

if TYPE_CHECKING:
    from realpolitik.evidence import RollCalls


def votes_by_kind(
    votes: RollCalls,
    *,
    kinds: Sequence[str | None] | None = None,
    first: int = 2008,
    last: int = 2022,
    body: str = "GA",
) -> Finding:
    """Number of yes, abstain, no and absent of each member on each kind of act, in the years `first` to `last`.

    ``kinds`` is the kind of act of each roll call of ``body``; None: the column ``kind`` of the data, where it is empty the
    rules on title and agenda (``roll_calls.kind_of_act``). Returns a Finding with table state, kind, yes, abstain, no, absent, roll_calls. Raises InputError where no roll call falls in the years.
    """
    import numpy as np
    import polars as pl

    taken = votes.body(body)
    kind = kinds_of(taken, kinds)
    if len(kind) != taken.n_calls:
        raise InputError(
            [Problem("", "kinds", f"{len(kind)} kinds", f"one for each of the {taken.n_calls} roll calls")]
        )
    year = taken.day.astype("datetime64[Y]").astype(np.int64) + 1970
    inside = ((year >= first) & (year <= last))[taken.item]
    if not inside.any():
        raise InputError([Problem("", "first, last", f"{first}, {last}", f"years with roll calls of {body}")])
    frame = pl.DataFrame(
        {
            "state": pl.Series(list(taken.states))[taken.state[inside].astype(np.int64)],
            "kind": pl.Series(kind[taken.item[inside]].tolist(), dtype=pl.String),
            "vote": taken.vote[inside],
        }
    )
    counts = [
        (pl.col("vote") == code).sum().alias(word) for code, word in enumerate(("yes", "abstain", "no", "absent"))
    ]
    table = frame.group_by("state", "kind").agg(*counts, pl.len().alias("roll_calls")).sort("state", "kind")
    return conclude(
        VOTES_BY_KIND,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"kinds": None if kinds is None else list(kinds), "first": first, "last": last, "body": body},
        table=table,
        key=("state", "kind"),
        grade=Grade.RECORDED,
        answer=f"{frame.height} votes of {table['state'].n_unique()} members on {table['kind'].n_unique()} kinds of act, {first} to {last}.",
        caveats=(
            "Where the data name no kind of act it is read from title and agenda by rule; what no rule matches is 'other'.",
        ),
        traces=(
            Template(
                "*",
                "Votes of {state} in {first} to {last}, counted by the kind of act of their roll call",
                (Leaf("recorded_votes", {"state": "{state}", "body": body}), Leaf("roll_calls", {"body": body})),
            ),
        ),
    )
