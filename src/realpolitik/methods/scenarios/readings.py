"""Robustness over the readings of the judgements, as a finding."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

from realpolitik.findings import Finding, conclude
from realpolitik.terms import InputError, Problem

from . import robustness
from .cards import ROBUSTNESS
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
    label,
    said,
    scenario_columns,
    standing_caveats,
)
from .model import SCALES, CrossImpactModel
from .robustness import SHARE, Readings, Robustness, resolve, wilson

LISTED = 500


def scenario_robustness(
    model: Subject, draws: int = 10_000, seed: int = 1, *, given: Given | None = None, do: Mapping[str, str] | None = None,
    tolerance: float = 0, undeclared: float | None = None, listed: int = LISTED, threads: int | None = None, holder: str | None = None,
) -> Finding:  # fmt: skip
    """In what share of the readings of the judgements each scenario is consistent, every reading solved completely.

    A reading takes each judged cell from its declared range, every value as often. Cells without a range move one
    point up in a share ``undeclared`` of the readings and one down in as many. The readings depend on the seed and the
    cell only: the same for all conditions, so that answers can be compared.

    Parameters
    ----------
    model, given, do, tolerance, holder : as for `consistent_scenarios`.
    draws : number of readings.
    undeclared : by default 0.2 where the model declares no range at all, else 0 (only declared ranges vary).
    listed : how many scenarios, the most frequent first, are in the table.
    threads : all cores unless told; the result does not depend on it.

    Returns
    -------
    Finding : ``scenario`` (its variants), ``share`` of readings in which it is consistent, ``low``, ``high`` (95 %
        Wilson), ``readings`` and ``base`` (whether it is consistent at the stated values). ``tables``: ``marginals``
        (descriptor, variant, share, low, high: the mean share of a reading's scenarios, each reading weighing the
        same; the intervals are Wilson's, as though a reading had the variant in all of its scenarios or in none, and so
        never too narrow), ``sizes`` (scenarios, readings), ``scenarios`` (a column per descriptor).

    Raises
    ------
    InputError : unknown names, a number of draws below 1, or a share outside 0 to 0.5.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> scenario_robustness(m, draws=200).table.columns
    ['scenario', 'share', 'low', 'high', 'readings', 'base']
    """
    question = ask(model, given, do, tolerance, holder)
    m = question.model
    share = _undeclared(m, undeclared)
    problems = [] if draws >= 1 else [Problem("", "draws", str(draws), "a number from 1 on")]
    problems += [] if 0 <= share <= 0.5 else [Problem("", "undeclared", str(share), "a share from 0 to 0.5")]
    if problems:
        raise InputError(problems)
    what, margin = whole_readings(m, tolerance, share)
    found = resolve(what, m.variants, draws, seed, allowed=question.allowed, margin=margin, threads=threads,
                    rules=m.rules)  # fmt: skip
    return conclude(
        ROBUSTNESS, model, DATASETS,
        parameters={"draws": draws, "given": dict(given or {}), "do": dict(do or {}), "tolerance": tolerance,
                    "undeclared": undeclared, "listed": listed, "holder": holder},
        seed=seed, table=_table(question, found, listed), key=("scenario",), complete=found.complete,
        tables={"marginals": _marginals(m, found), "sizes": _sizes(found), "scenarios": _scenarios(m, found, listed)},
        answer=_answer(m, found, said(given or {}, do or {})), caveats=(*_caveats(m, found, share, listed), *standing_caveats(m)),
        traces=(everything("Counted over readings of all judgements, each solved completely", model=m),), **GRADE,
    )  # fmt: skip


def _undeclared(m: CrossImpactModel, wanted: float | None) -> float:
    if wanted is not None:
        return wanted
    return SHARE if not any(j.low is not None for j in m.judgements) else 0.0


def whole_readings(m: CrossImpactModel, tolerance: float, share: float) -> tuple[Readings, int]:
    """The uncertain cells in whole numbers, and the tolerance in the same."""
    declared = np.zeros_like(m.judged)
    declared[m.cells] = [j.low is not None or j.high is not None for j in m.judgements]
    ends = np.concatenate([m.impact[m.judged], m.low[m.judged], m.high[m.judged]])
    scale = next((s for s in SCALES if np.allclose(ends * s, np.rint(ends * s), rtol=0, atol=1e-9 * s)), SCALES[-1])
    scale = scale if scale == 1 else math.lcm(scale, 100)
    whole = (m.low == np.rint(m.low)) & (m.high == np.rint(m.high))
    value, low, high = (np.rint(x * scale).astype(np.int64) for x in (m.impact, m.low, m.high))
    vary = m.judged if share > 0 else m.judged & declared
    what = robustness.readings(
        value, low, high, vary, step=scale, lattice=np.where(whole, scale, 1), share=share, ranged=declared
    )
    return what, math.floor(tolerance * scale + 1e-9)


def _table(question: Question, found: Robustness, listed: int) -> pl.DataFrame:
    m = question.model
    base = _consistent_now(question, found)
    rows = []
    for scenario, hits, now in zip(found.scenarios[:listed], found.counts.tolist(), base, strict=False):
        rows.append((label(m, scenario), hits / found.draws, *wilson(hits, found.draws), hits, now))
    schema = {"scenario": pl.String, "share": pl.Float64, "low": pl.Float64, "high": pl.Float64, "readings": pl.Int64,
              "base": pl.Boolean}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _consistent_now(question: Question, found: Robustness) -> list[bool]:
    from .measures import inconsistency

    m = question.model
    return [bool(x) for x in inconsistency(m.whole, m.first, found.scenarios) <= question.margin]


def _marginals(m: CrossImpactModel, found: Robustness) -> pl.DataFrame:
    names = [(d.id, v) for d in m.descriptors for v in d.variants]
    return pl.DataFrame(
        {
            "descriptor": [d for d, _ in names],
            "variant": [v for _, v in names],
            "share": found.mean,
            "low": found.low,
            "high": found.high,
        }
    )


def _sizes(found: Robustness) -> pl.DataFrame:
    sizes, counts = np.unique(found.sizes, return_counts=True)
    return pl.DataFrame({"scenarios": sizes.astype(np.int64), "readings": counts.astype(np.int64)})


def _scenarios(m: CrossImpactModel, found: Robustness, listed: int) -> pl.DataFrame:
    rows = found.scenarios[:listed]
    names = pl.Series("scenario", [label(m, s) for s in rows], dtype=pl.String)
    return pl.DataFrame([names, *scenario_columns(m, rows).values()])


def _answer(m: CrossImpactModel, found: Robustness, conditions: str) -> str:
    if not len(found.scenarios):
        if not found.complete:
            return f"No scenario was found in {counted(found.draws, 'reading')}{conditions}, not all of them solved."
        return f"No scenario holds in any of {found.draws:,} readings{conditions}."
    return (
        f"{counted(len(found.scenarios), 'scenario')} {agreeing(len(found.scenarios), 'hold')} in some of {found.draws:,} "
        f"readings{conditions}; the most frequent in {int(found.counts[0]):,}; {found.empty:,} {'reading' if found.empty == 1 else 'readings'} "
        f"{'has' if found.empty == 1 else 'have'} none."
    )


def _caveats(m: CrossImpactModel, found: Robustness, share: float, listed: int) -> tuple[str, ...]:
    out = []
    if found.draws < found.wanted:
        out.append(f"Limited by an interrupt: {found.draws:,} of {found.wanted:,} readings were solved.")
    if found.cut:
        out.append(f"Limited: {found.cut} readings reached the node limit and count with what was found.")
    elif found.complete:
        out.append(f"Complete: all {found.draws:,} readings were solved completely.")
    ranged = sum(j.low is not None for j in m.judgements)
    others = f"move one point up in a share {share:g} of the readings and one down in as many, judged zeros included"
    if not share:
        others = "never vary: what rests on them alone holds in every reading"
    out.append(f"{ranged} of {len(m.judgements)} cells have a declared range; the others {others}.")
    if len(found.scenarios) > listed:
        out.append(f"The table lists the {listed} most frequent of {len(found.scenarios):,} scenarios.")
    return tuple(out)
