"""Similarity of every pair of states' votes, by period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

from realpolitik.findings import Leaf, Method, Template, conclude
from realpolitik.terms import Grade, Problem

from .measures import ABSENCES, Measure

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from realpolitik.evidence import RollCalls
    from realpolitik.findings import Finding

    from .settings import Compared, Settings

PERIODS = {
    "session": "session",
    "year": "date",
    "window": "date",
    "all": None,
}  #: by what, and the column that it needs

SIMILARITY = Method(
    name="alignment.similarity",
    question="How alike do two states vote?",
    function="realpolitik.methods.alignment.similarity.compare:similarity",
    literature=(
        "Signorino & Ritter 1999, International Studies Quarterly 43(1), doi:10.1111/0020-8833.00113",
        "Haege 2011, Political Analysis 19(3), doi:10.1093/pan/mpr023",
        "Cohen 1960, Educational and Psychological Measurement 20(1), doi:10.1177/001316446002000104",
        "Scott 1955, Public Opinion Quarterly 19(3), doi:10.1086/266577",
        "Lijphart 1963, American Political Science Review 57(4), doi:10.2307/1952608",
    ),
    needs=("recorded_votes",),
    subject="votes",
    systems=(2, 4),
)


def similarity(
    votes: RollCalls,
    *,
    measure: str = "kappa",
    by: str = "session",
    states: Iterable[str] | None = None,
    absences: str = "dropped",
    window: int = 5,
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
    """Similarity of two states' votes: 1 identical; the lowest is 0 for agreement and Lijphart, -1 or above for others.

    The default is Cohen's nominal kappa: chance-corrected, as Haege 2011 advises, because most votes are yes and plain
    agreement is high for every pair. Nominal means that yes beside abstain is as unlike as yes beside no; Haege's own
    series for votes weighs by squared distance, which is ``kappa_quadratic``. 0 is what the two states' shares of yes,
    abstain and no alone would give. Undefined values (see `MEASURES`) are null, and the table ``undefined`` counts
    them, and the missing intervals, with the reason.

    Parameters
    ----------
    votes : recorded votes; roll calls of other bodies than ``body`` are left out.
    measure : a name of `MEASURES`: agreement, s_score (or s_abs), s_squared (or s_sq), lijphart, kappa, kappa_linear,
        kappa_quadratic, pi, pi_linear, pi_quadratic, tau_b, cosine.
    by : session, year, window (the ``window`` years up to each year) or all. Undated roll calls count in all only.
    states : pairs among these only; None: all pairs.
    absences : ``dropped`` (only roll calls on which both voted), ``as_abstention``, or ``as_category`` (a fourth
        answer; agreement, kappa and pi, or with ``distance``). Roll calls for which a state is not listed are left out.
    contested : None: every roll call; 0: unanimous ones left out; 0.1: only those on which at least a tenth of the
        members voting yes, abstain or no did not vote as most did.
    weights : weight of each roll call of the body (0: left out), by topic for example.
    distance : distances between yes, abstain, no (and absent) for s_score, kappa or pi: 3 by 3 (4 by 4), symmetric.
    dmax : the largest distance possible, by which ``distance`` is divided; None: the largest one given.
    interval : ``jackknife`` (infinitesimal, over roll calls), ``bootstrap`` (Bayesian, over roll calls) or ``none``.
    draws, level, seed : bootstrap draws, share inside the interval, and seed.

    Returns
    -------
    Finding with table a, b, period, value, n (roll calls counted; with weights their sum), low, high.

    Raises
    ------
    InputError
        Every unknown name, state or setting at once.

    Examples
    --------
    >>> import polars as pl
    >>> import realpolitik as rp
    >>> calls = pl.DataFrame({"id": ["R1", "R2", "R3"], "date": ["2020-12-01", "2020-12-02", "2020-12-03"]})
    >>> ballots = {"A": ["yes", "yes", "no"], "B": ["yes", "abstain", "no"]}
    >>> rows = [(c, s, v) for s, vs in ballots.items() for c, v in zip(calls["id"], vs)]
    >>> frame = pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row")
    >>> found = similarity(rp.read_votes(frame, roll_calls=calls), measure="s_score", interval="none")
    >>> found.table.row(0)[:5]
    ('A', 'B', 75, 0.6666666666666667, 3.0)
    """
    from . import settings as chosen

    given = chosen.settings(
        measure, states, weights, distance, dmax=dmax, absences=absences, contested=contested,
        interval=interval, draws=draws, level=level, body=body, seed=seed,
    )  # fmt: skip
    chosen.check(votes, given, [*chosen.one_of("by", by, PERIODS), *_window(window)])
    taken, weighted, undated = chosen.taken(votes, given, PERIODS[by])
    periods = _periods(taken, by, window)
    found = chosen.compared(taken, weighted, [(k, c) for k, _, c in periods], given)
    table = _table(taken, found, [label for _, label, _ in periods])
    return conclude(
        SIMILARITY,
        votes,
        ("recorded_votes",),
        parameters=given.parameters() | {"by": by, "window": window},
        seed=seed,
        table=table,
        key=("a", "b", "period"),
        tables={"undefined": _undefined(table, given)},
        grade=Grade.RECORDED,
        grade_reason="A sum over recorded acts; the interval says how far it rests on which roll calls were held.",
        answer=_answer(table, given.measure, given.chosen),
        caveats=caveats(given, undated),
        traces=_traces(given, by),
    )


def caveats(given: Settings, undated: int) -> tuple[str, ...]:
    """What a reader must know of any comparison made with these settings."""
    found = [f"Absences: {ABSENCES[given.absences]}.", given.how()]
    if undated:
        found.append(f"{undated} roll calls without a date are left out.")
    if given.contested is None:
        one_sided = (
            "A high value can come from a one-sided agenda; compare with the same pair's value on contested roll calls."
        )
        found.append(one_sided)
    else:
        found.append(f"Only roll calls that were not unanimous, with a minority of {given.contested:.0%} or more.")
    return tuple(found)


def _window(window: int) -> list[Problem]:
    good = isinstance(window, Integral) and not isinstance(window, bool) and window >= 1
    return [] if good else [Problem("", "window", str(window), "a whole number of years, 1 or more")]


def _periods(votes: RollCalls, by: str, window: int) -> list[tuple[int, Any, np.ndarray]]:
    """(number, label, roll calls) of every period that has roll calls; a window never starts before the record."""
    import numpy as np

    if by == "all":
        return [(0, "all", np.arange(votes.n_calls))]
    if by == "session":
        key = votes.session.astype(np.int64)
    else:
        key = votes.day.astype("datetime64[Y]").astype(np.int64) + 1970
    out: list[tuple[int, Any, np.ndarray]] = []
    for number, end in enumerate(np.unique(key)):
        first = max(end - window + 1, key.min()) if by == "window" else end
        label = f"{first}-{end}" if by == "window" else int(end)
        out.append((number, label, np.flatnonzero((key >= first) & (key <= end))))
    return out


def _table(votes: RollCalls, found: Compared, labels: list[Any]) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    names = pl.Series(list(votes.states))
    period = np.repeat([p.period for p in found.parts], [len(p.first) for p in found.parts])
    frame = pl.DataFrame(
        {
            "a": names[np.concatenate([p.first for p in found.parts])],
            "b": names[np.concatenate([p.second for p in found.parts])],
            "period": pl.Series(labels)[period],
            "value": found.value,
            "n": found.n,
            "low": found.low,
            "high": found.high,
        }
    )
    return frame.with_columns(pl.col("value", "low", "high").fill_nan(None))


def _undefined(table: pl.DataFrame, given: Settings) -> pl.DataFrame:
    """Missing values and intervals by period and reason."""
    import polars as pl

    from .intervals import LEAST

    asked = given.interval != "none"
    missing = pl.when(pl.col("value").is_null()).then(pl.lit("value")).otherwise(pl.lit("interval"))
    reason = (
        pl.when(pl.col("n") == 0)
        .then(pl.lit("no roll call in common"))
        .when(pl.col("value").is_null())
        .then(pl.lit(given.chosen.undefined))
        .otherwise(pl.lit(f"fewer than {LEAST} roll calls in common"))
    )
    gaps = table.filter(pl.col("value").is_null() | (pl.col("low").is_null() if asked else False))
    return gaps.group_by("period", missing.alias("missing"), reason.alias("reason"), maintain_order=True).agg(
        pl.len().alias("pairs")
    )


def _answer(table: pl.DataFrame, name: str, chosen: Measure) -> str:
    known = table.drop_nulls("value")
    if known.height == 0:
        return f"No pair has a defined {name}: no roll call in common{', or ' if chosen.undefined else ''}{chosen.undefined}."
    return f"{known.height} values of {name} ({chosen.says}); median {float(known['value'].median()):.2f}."  # type: ignore[arg-type]


def _traces(given: Settings, by: str) -> tuple[Template, ...]:
    where = {"body": given.body} | _when(by)
    leaves = [Leaf("recorded_votes", {"state": ["{a}", "{b}"]} | where)]
    if given.contested is not None:
        leaves.append(Leaf("recorded_votes", where))
    return (Template("*", "{measure} of the votes of {a} and {b} in {period}", tuple(leaves)),)


def _when(by: str) -> dict[str, Any]:
    """Conditions on the votes of one period, with places for its label."""
    if by == "all":
        return {}
    if by == "session":
        return {"session": "{period}"}
    first, last = "{period}", "{period}"
    if by == "window":  # a label such as 2016-2020, by its letters
        first, last = ("".join(f"{{period[{k}]}}" for k in digits) for digits in (range(4), range(5, 9)))
    return {"date>=": first + "-01-01", "date<=": last + "-12-31"}
