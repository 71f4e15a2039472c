"""Consistent scenarios as a finding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from realpolitik.findings import Finding, conclude

from ._arrays import I8, I64
from .cards import CONSISTENT
from .carriers import decisive_frame, narrative
from .conditions import (
    DATASETS,
    GRADE,
    Given,
    Question,
    Subject,
    agreeing,
    ask,
    counted,
    everything,
    in_points,
    label,
    lenient,
    said,
    scenario_columns,
    standing_caveats,
    unheeded,
)
from .measures import inconsistency, total_impact
from .search import INTERRUPTED, Solutions, solve

MOST_WEIGHED = 30_000_000
EXPLAINED = 40


def consistent_scenarios(
    model: Subject,
    given: Given | None = None,
    do: Mapping[str, str] | None = None,
    tolerance: float = 0,
    limit: int | None = None,
    seconds: float | None = None,
    *,
    engine: str = "auto",
    explained: int = EXPLAINED,
    holder: str | None = None,
) -> Finding:
    """Every combination of variants in which no factor would rather change, given the rest.

    Weimer-Jehle 2006, section 4.2: a scenario is consistent when each factor's variant has an impact balance that no
    rival exceeds; with ``tolerance`` m, none exceeds it by more than m.

    Parameters
    ----------
    model : a CrossImpactModel, or a case with ``factors`` and ``impacts``.
    given : observed variants (one or several per descriptor): keeps the scenarios that have them, their own
        consistency included. Can leave none.
    do : variants set from outside: all impacts into those descriptors are cut.
    tolerance : largest inconsistency allowed, in points.
    limit, seconds : stop after so many scenarios or seconds; the finding then is not ``complete``.
    engine : "auto", "propagation" or "sat" (needs the extra ``sat``).
    explained : how many scenarios, those with the highest total impact first, get the tables ``decisive`` and
        ``narratives``.
    holder : whose coding of a case is used.

    Returns
    -------
    Finding : ``table`` has a column per descriptor, then ``_total_impact`` (the balances of the scenario's own
        variants, added up), ``_inconsistency`` and ``_weight`` (states of the space that end there by global succession;
        null where the space has more than thirty million states). ``tables``: decisive, narratives; their ``scenario``
        is the number of the scenario's row in ``table``, from 1.

    Raises
    ------
    InputError : unknown descriptors or variants, all at once.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> consistent_scenarios(m).table.select("A", "B", "_total_impact").rows()
    [('a1', 'b1', 1), ('a2', 'b2', 1)]
    """
    question = ask(model, given, do, tolerance, holder)
    m = question.model
    found = solve(m.whole, m.variants, limit=limit, seconds=seconds, engine=engine, **question.solver)
    best = strongest(question, found.scenarios, explained)
    told, numbers = found.scenarios[best], (best + 1).tolist()
    return conclude(
        CONSISTENT, model, DATASETS,
        parameters={"given": dict(given or {}), "do": dict(do or {}), "tolerance": tolerance, "limit": limit,
                    "seconds": seconds, "engine": engine, "explained": explained, "holder": holder},
        table=scenario_frame(question, found.scenarios), key=m.ids,
        tables={"decisive": decisive_frame(m, told, numbers), "narratives": _narratives(question, told, numbers)},
        complete=found.complete, answer=_answer(question, found, given or {}, do or {}),
        caveats=(_statement(found), *unheeded(m), *standing_caveats(m)),
        traces=(everything("One of the combinations in which no factor lags behind a rival under all judgements", model=m),),
        **GRADE,
    )  # fmt: skip


def strongest(question: Question, scenarios: I8, number: int) -> I64:
    """The rows of the scenarios with the highest total impact, ties in the order of the table."""
    m = question.model
    score = total_impact(m.whole, m.first, scenarios)
    return np.argsort(-score, kind="stable")[: max(number, 0)]


def scenario_frame(question: Question, scenarios: I8) -> pl.DataFrame:
    m = question.model
    columns = scenario_columns(m, scenarios)
    columns["_total_impact"] = in_points(total_impact(m.whole, m.first, scenarios), m.scale).alias("_total_impact")
    columns["_inconsistency"] = in_points(inconsistency(m.whole, m.first, scenarios), m.scale).alias("_inconsistency")
    columns["_weight"] = pl.Series("_weight", _weights(question, scenarios), dtype=pl.Int64)
    return pl.DataFrame(list(columns.values()))


def _weights(question: Question, scenarios: I8) -> list[int | None]:
    from .dynamics import basins

    m = question.model
    if m.combinations > MOST_WEIGHED or not len(scenarios):
        return [None] * len(scenarios)
    ends = {a.states[0].tobytes(): a.basin for a in basins(m.whole, m.variants).attractors if a.period == 1}
    return [ends.get(s.tobytes(), 0) for s in scenarios]


def _narratives(question: Question, scenarios: I8, numbers: list[int]) -> pl.DataFrame:
    m = question.model
    return pl.DataFrame(
        {
            "scenario": pl.Series(numbers, dtype=pl.Int64),
            "variants": pl.Series([label(m, s) for s in scenarios], dtype=pl.String),
            "text": pl.Series([narrative(m, s) for s in scenarios], dtype=pl.String),
        }
    )


def _statement(found: Solutions) -> str:
    if found.complete:
        return f"Complete: these are all the scenarios there are (engine: {found.engine})."
    left = ""
    if found.explored > 0:
        left = f" About {found.explored:.2%} of the search was done; the rest would take about {found.remaining:.3g} seconds."
    limit = "an interrupt" if found.stopped == INTERRUPTED else f"the {found.stopped}"
    return f"Limited by {limit}: there may be more scenarios than these.{left}"


def _answer(question: Question, found: Solutions, given: Given, do: Mapping[str, str]) -> str:
    number, total = len(found.scenarios), question.model.combinations
    if found.complete and not number:
        return f"No combination of {total:,} holds together{lenient(question)}{said(given, do)}."
    least = "" if found.complete else "At least "
    return f"{least}{number:,} of {counted(total, 'combination')} {agreeing(number, 'hold')} together{lenient(question)}{said(given, do)}."
