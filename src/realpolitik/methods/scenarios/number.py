"""Counts of consistent scenarios as a finding."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from realpolitik.findings import Finding, conclude

from .cards import COUNT
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
    lenient,
    said,
    scenario_columns,
    standing_caveats,
)
from .counting import Count, count
from .search import INTERRUPTED

LARGEST = 2**63 - 1


def count_scenarios(
    model: Subject, given: Given | None = None, do: Mapping[str, str] | None = None, tolerance: float = 0, *,
    samples: int = 0, seed: int = 1, seconds: float | None = None, holder: str | None = None,
) -> Finding:  # fmt: skip
    """How many consistent scenarios there are, exactly, and in how many of them each variant occurs, without listing.

    AND/OR search with a cache of parts (Dechter and Mateescu 2007): after propagation, parts that no open factor ties
    together are counted apart and multiplied.

    Parameters
    ----------
    model, given, do, tolerance, holder : as for `consistent_scenarios`.
    samples : how many scenarios to draw uniformly, with replacement, into ``tables["samples"]``.
    seed : of the samples.
    seconds : stop counting after so many. The count is then, as after an interrupt, a lower bound, the marginals and
        samples are those of the scenarios counted, and the finding is not ``complete``.

    Returns
    -------
    Finding : ``table`` has ``count`` (null beyond 2**63 - 1) and ``digits``, the count as text; ``marginals``:
        descriptor, variant, count (and digits), share of the scenarios.

    Raises
    ------
    InputError : unknown descriptors or variants. MemoryError : the graph of scenarios exceeds 2 GiB.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> count_scenarios(m).table["count"][0]
    2
    """
    question = ask(model, given, do, tolerance, holder)
    m = question.model
    found = count(m.whole, m.variants, seconds=seconds, **question.solver)
    tables = {"marginals": _marginals(question, found.marginals, found.total)}
    if samples:
        tables["samples"] = pl.DataFrame(list(scenario_columns(m, found.sample(samples, seed)).values()))
    return conclude(
        COUNT, model, DATASETS,
        parameters={"given": dict(given or {}), "do": dict(do or {}), "tolerance": tolerance, "samples": samples,
                    "seconds": seconds, "holder": holder},
        seed=seed, table=pl.DataFrame({"count": _fitting([found.total]), "digits": [str(found.total)]}), key=(),
        tables=tables, complete=found.complete,
        answer=f"{'' if found.complete else 'At least '}{found.total:,} of {counted(m.combinations, 'combination')} {agreeing(found.total, 'hold')} together"
        f"{lenient(question)}{said(given or {}, do or {})}.",
        caveats=(f"{_statement(found)} A share of the scenarios is not a weight of the future.", *standing_caveats(m)),
        traces=(everything("Counted over all combinations under all judgements", model=m),
                everything("Counted over all combinations under all judgements", "marginals.*", model=m)), **GRADE,
    )  # fmt: skip


def _statement(found: Count) -> str:
    if found.complete:
        return "Complete: counted exactly."
    limit = "an interrupt" if found.stopped == INTERRUPTED else f"the {found.stopped}"
    return f"Limited by {limit}: there are at least so many; the shares are those of the scenarios counted so far."


def _fitting(values: list[int]) -> pl.Series:
    return pl.Series([v if v <= LARGEST else None for v in values], dtype=pl.Int64)


def _marginals(question: Question, counts: list[int], total: int) -> pl.DataFrame:
    names = [(d.id, v) for d in question.model.descriptors for v in d.variants]
    return pl.DataFrame(
        {
            "descriptor": [d for d, _ in names],
            "variant": [v for _, v in names],
            "count": _fitting(counts),
            "digits": [str(c) for c in counts],
            "share": [c / total if total else 0.0 for c in counts],
        }
    )
