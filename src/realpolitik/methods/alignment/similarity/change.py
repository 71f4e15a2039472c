"""The difference of two states' similarity between two spans, with an interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

from realpolitik.findings import Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

from .compare import SIMILARITY, caveats

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from realpolitik.evidence import RollCalls
    from realpolitik.findings import Finding

    from .settings import Compared, Settings

UNITS = {"session": "session", "year": "date"}

CHANGE = Method(
    name="alignment.similarity_change",
    question="Do two states vote more or less alike than before?",
    function="realpolitik.methods.alignment.similarity.change:similarity_change",
    literature=(
        *SIMILARITY.literature,
        "Zou & Donner 2008, Statistics in Medicine 27(10), doi:10.1002/sim.3095",
    ),
    needs=("recorded_votes",),
    subject="votes",
    systems=(2, 4),
)


def similarity_change(
    votes: RollCalls,
    *,
    before: Sequence[int],
    after: Sequence[int],
    by: str = "session",
    measure: str = "kappa",
    states: Iterable[str] | None = None,
    absences: str = "dropped",
    contested: float | None = None,
    weights: Sequence[float] | None = None,
    distance: Sequence[Sequence[float]] | None = None,
    dmax: float | None = None,
    interval: str = "jackknife",
    draws: int = 200,
    level: float = 0.9,
    body: str = "GA",
    seed: int = 1,
) -> Finding:
    """Similarity in the span ``after`` less that in the span ``before``, for every pair; above 0: more alike.

    The interval joins those of the two spans by squares and sums (Zou and Donner 2008; of two shares,
    Newcombe's tenth method of 1998), since the roll
    calls of the two are different; an interval that leaves out 0 says that the votes differ by more than which roll
    calls happened to be held, not that either state changed its mind: the agenda may have.

    Parameters
    ----------
    before, after : first and last session (or year) of each span; the spans must not share any.
    by : session or year.
    others : as for `similarity`.

    Returns
    -------
    Finding with table a, b, before, after, change, low, high, n_before, n_after, the largest change first.

    Raises
    ------
    InputError
        Every unknown name, state or setting at once; spans that overlap or hold no roll call.

    Examples
    --------
    >>> import polars as pl
    >>> import realpolitik as rp
    >>> days = [f"20{y}-12-{k:02d}" for y in (18, 20) for k in range(1, 9)]
    >>> calls = pl.DataFrame({"id": [f"R{k}" for k in range(16)], "date": days})
    >>> ballots = {"A": "yynynyyn" + "ynynynyn", "B": "nnynynnn" + "ynynynyy"}
    >>> words = {"y": "yes", "n": "no"}
    >>> rows = [(c, s, words[v]) for s, vs in ballots.items() for c, v in zip(calls["id"], vs)]
    >>> frame = pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row")
    >>> votes = rp.read_votes(frame, roll_calls=calls)
    >>> found = similarity_change(votes, before=(2018, 2018), after=(2020, 2020), by="year", measure="agreement")
    >>> row = found.row(a="A", b="B")
    >>> row["before"], row["after"], row["low"] > 0
    (0.125, 0.875, True)
    """
    from . import settings as chosen

    given = chosen.settings(
        measure, states, weights, distance, dmax=dmax, absences=absences, contested=contested,
        interval=interval, draws=draws, level=level, body=body, seed=seed,
    )  # fmt: skip
    chosen.check(votes, given, [*chosen.one_of("by", by, UNITS), *_spans(before, after)])
    taken, weighted, undated = chosen.taken(votes, given, UNITS[by])
    found = chosen.compared(taken, weighted, _calls(taken, by, (before, after)), given)
    table = _joined(taken, found)
    return conclude(
        CHANGE,
        votes,
        ("recorded_votes",),
        parameters=given.parameters()
        | {"before": [int(end) for end in before], "after": [int(end) for end in after], "by": by},
        seed=seed,
        table=table,
        key=("a", "b"),
        grade=Grade.RECORDED,
        grade_reason="A difference of sums over recorded acts; the interval says how far it rests on which roll calls were held.",
        answer=_answer(table, given.measure, by, before, after),
        caveats=(*caveats(given, undated), "A change can come from either state, or from another agenda."),
        traces=_traces(given, by, before, after),
    )


def _spans(before: Sequence[int], after: Sequence[int]) -> list[Problem]:
    found = [
        Problem("", name, str(span), "two whole numbers, the first not above the second")
        for name, span in (("before", before), ("after", after))
        if not _is_span(span)
    ]
    if not found and before[0] <= after[1] and after[0] <= before[1]:
        found.append(Problem("", "after", str(after), f"a span that shares nothing with {before}"))
    return found


def _is_span(span: Any) -> bool:
    whole = isinstance(span, Sequence) and len(span) == 2 and all(isinstance(end, Integral) for end in span)
    return whole and span[0] <= span[1]


def _calls(votes: RollCalls, by: str, spans: Iterable[Sequence[int]]) -> list[tuple[int, np.ndarray]]:
    import numpy as np

    key = votes.session if by == "session" else votes.day.astype("datetime64[Y]").astype(np.int64) + 1970
    found = [(number, np.flatnonzero((key >= first) & (key <= last))) for number, (first, last) in enumerate(spans)]
    problems = [
        Problem("", name, "no roll call", f"a span of {by}s with recorded votes ({key.min()} to {key.max()})")
        for name, (_, calls) in zip(("before", "after"), found, strict=True)
        if not len(calls)
    ]
    if problems:
        raise InputError(problems)
    return found


def _joined(votes: RollCalls, found: Compared) -> pl.DataFrame:
    """Pairs that are members in both spans, with the difference and its interval."""
    import numpy as np
    import polars as pl

    edges = np.cumsum([0, *(len(part.first) for part in found.parts)])
    frames = []
    for number, part in enumerate(found.parts):
        own = slice(edges[number], edges[number + 1])
        columns = {"value": found.value, "n": found.n, "low": found.low, "high": found.high}
        frames.append(pl.DataFrame({"a": part.first, "b": part.second} | {k: v[own] for k, v in columns.items()}))
    both = frames[0].join(frames[1], on=["a", "b"], suffix="_after")
    value, later = pl.col("value"), pl.col("value_after")
    change = later - value
    names = pl.Series(list(votes.states))
    table = both.select(
        names[both["a"]].alias("a"),
        names[both["b"]].alias("b"),
        value.alias("before"),
        later.alias("after"),
        change.alias("change"),
        (change - ((later - pl.col("low_after")) ** 2 + (pl.col("high") - value) ** 2).sqrt()).alias("low"),
        (change + ((pl.col("high_after") - later) ** 2 + (value - pl.col("low")) ** 2).sqrt()).alias("high"),
        pl.col("n").alias("n_before"),
        pl.col("n_after"),
    )
    numbers = ("before", "after", "change", "low", "high")
    return table.with_columns(pl.col(numbers).fill_nan(None)).sort(
        pl.col("change").abs(), descending=True, nulls_last=True, maintain_order=True
    )


def _answer(table: pl.DataFrame, name: str, by: str, before: Sequence[int], after: Sequence[int]) -> str:
    import polars as pl

    known = table.drop_nulls("change")
    spans = f"{by}s {before[0]} to {before[1]} and {after[0]} to {after[1]}"
    if known.is_empty():
        return f"No pair has a defined {name} in both {spans}."
    apart = known.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
    top = known.row(0, named=True)
    return (
        f"Between {spans}, {name} of {top['a']} and {top['b']} changed most, by {top['change']:+.2f}; for {apart} of "
        f"{known.height} pairs the interval leaves out 0."
    )


def _traces(given: Settings, by: str, before: Sequence[int], after: Sequence[int]) -> tuple[Template, ...]:
    first, last = _leaves(given, by, before), _leaves(given, by, after)
    return (
        Template("before", "{measure} of the votes of {a} and {b} in the span before", first),
        Template("n_before", "roll calls on which {a} and {b} count in the span before", first),
        Template("after", "{measure} of the votes of {a} and {b} in the span after", last),
        Template("n_after", "roll calls on which {a} and {b} count in the span after", last),
        Template("*", "{measure} of the votes of {a} and {b} in the span after less that before", (*first, *last)),
    )


def _leaves(given: Settings, by: str, span: Sequence[int]) -> tuple[Leaf, ...]:
    when: dict[str, Any] = (
        {"session>=": int(span[0]), "session<=": int(span[1])}
        if by == "session"
        else {"date>=": f"{span[0]}-01-01", "date<=": f"{span[1]}-12-31"}
    )
    where = {"body": given.body} | when
    pair = Leaf("recorded_votes", {"state": ["{a}", "{b}"]} | where)
    return (pair,) if given.contested is None else (pair, Leaf("recorded_votes", where))
