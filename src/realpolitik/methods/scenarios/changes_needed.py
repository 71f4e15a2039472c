"""The smallest change of judgements that makes a scenario or an outcome hold, or that breaks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from realpolitik.findings import Finding, conclude
from realpolitik.terms import InputError

from . import sat
from ._arrays import I8
from .cards import BREAKS, TAKES
from .carriers import support
from .conditions import (
    DATASETS,
    GRADE,
    Question,
    Subject,
    ask,
    everything,
    in_points,
    label,
    scenario_columns,
    standing_caveats,
)
from .measures import slacks
from .model import CrossImpactModel
from .search import INTERRUPTED, ordered, solve

LIMIT = 300_000


def what_would_take(
    model: Subject, outcome: Mapping[str, str | Sequence[str]], *, do: Mapping[str, str] | None = None, nearest: int = 10,
    holder: str | None = None,
) -> Finding:  # fmt: skip
    """How many points of judgement have to change before some scenario with the outcome is consistent.

    The cost of a scenario is the sum over its factors of how far each lags behind its best rival: raising the impacts
    on the chosen variant, or lowering those on its rivals, by so many points in all makes it consistent, and no smaller
    change does (the factors' balances are moved by different cells).

    Parameters
    ----------
    model, do, holder : as for `consistent_scenarios`.
    outcome : the variants wanted.
    nearest : how many of the cheapest scenarios are listed.

    Returns
    -------
    Finding : a column per descriptor, ``_points`` (0 where it is consistent as it stands), the cheapest first;
        ``tables["repairs"]``: scenario, descriptor, variant, rival, points.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1"], "B": ["b1", "b2"]}, [[0, 2, 0], [0, 0, 0], [0, 0, 0]])
    >>> what_would_take(m, {"B": "b2"}).table["_points"].to_list()
    [2]
    """
    question = ask(model, outcome, do, 0, holder)
    m = question.model
    found, points, at_least, complete = _cheapest(question)
    order = np.lexsort((*found.T[::-1], points))[:nearest]
    found, points = found[order], points[order]
    table = pl.DataFrame([*scenario_columns(m, found).values(), in_points(points, m.scale).alias("_points")])
    said = ", ".join(f"{d} = {v}" for d, v in outcome.items())
    least, proven = float(points[0]) / m.scale, at_least >= int(points[0])
    return conclude(
        TAKES, model, DATASETS,
        parameters={"outcome": dict(outcome), "do": dict(do or {}), "nearest": nearest, "holder": holder},
        table=table, key=m.ids, tables={"repairs": _repairs(m, found)}, complete=complete,
        answer=_takes(said, least, proven), caveats=(_how_sure(proven, complete, at_least / m.scale), *standing_caveats(m)),
        traces=(everything("The least sum of what factors lag behind, over all scenarios with the outcome", model=m),), **GRADE,
    )  # fmt: skip


def _takes(said: str, least: float, proven: bool) -> str:
    if not least:
        return f"{said} holds in a consistent scenario as the judgements stand."
    most = "" if proven else "at most "
    points = "1 point of judgement changes" if least == 1 else f"{least:g} points of judgement change"
    return f"{said} holds in a consistent scenario once {most}{points}."


def _how_sure(proven: bool, complete: bool, at_least: float) -> str:
    if complete:
        return "Complete: no scenario with the outcome costs less than the first."
    if proven:
        return "The least number of points is exact; the listed scenarios are the cheapest found."
    return f"Limited: stopped before the least was proven; it takes {at_least:g} points or more."


def _points(number: float) -> str:
    return f"{number:g} point{'' if number == 1 else 's'} of judgement"


def deficits(m: CrossImpactModel, scenarios: I8) -> np.ndarray:
    """How far each factor's variant lags behind its best rival, in whole units, shape (scenarios, descriptors)."""
    return np.maximum(0, -slacks(m.whole, m.first, scenarios))


def _cheapest(question: Question) -> tuple[I8, np.ndarray, int, bool]:
    """Scenarios that hold the cheapest one, their costs, a proven lower bound, and whether all the cheapest are there.

    A scenario of cost c has no factor that lags by more than c: widening the tolerance until it reaches the least cost
    found proves that cost. CP-SAT proves it directly where the widened sets grow too large.
    """
    m = question.model
    margin, step, proven = 0, 1, 0
    while True:
        found = solve(m.whole, m.variants, allowed=question.allowed, margin=margin, rules=m.rules, limit=LIMIT)
        points = deficits(m, found.scenarios).sum(axis=1)
        if found.complete and len(points) and int(points.min()) <= margin:
            return found.scenarios, points, int(points.min()), True
        if not found.complete or margin > int(np.abs(m.whole).sum()):
            break
        margin, step, proven = margin + step, 2 * step if m.scale > 1 else 1, margin + 1
    rows = found.scenarios
    if found.complete:
        raise InputError("no scenario meets the conditions and the ruled-out combinations")
    if found.stopped == INTERRUPTED:
        if not len(rows):
            raise KeyboardInterrupt
        return rows, points, proven, False
    if not sat.installed():
        raise InputError("too many scenarios to compare; this needs OR-tools: pip install 'realpolitik[sat]'")
    least, best = sat.cheapest(m.whole, m.variants, allowed=question.allowed, rules=m.rules)
    if best is not None:
        rows = ordered(np.unique(np.concatenate([best[None], rows]), axis=0))
    return rows, deficits(m, rows).sum(axis=1), least, False


def _repairs(m: CrossImpactModel, scenarios: I8) -> pl.DataFrame:
    rows = []
    for scenario in scenarios:
        for s in support(m, scenario):
            if s.slack < 0:
                rows.append((label(m, scenario), s.descriptor, s.variant, s.rival, float(-s.slack)))
    schema = {
        "scenario": pl.String,
        "descriptor": pl.String,
        "variant": pl.String,
        "rival": pl.String,
        "points": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def what_would_break(
    model: Subject, scenario: Mapping[str, str], *, do: Mapping[str, str] | None = None, holder: str | None = None
) -> Finding:
    """How many points of judgement break a scenario, factor by factor, and how many each lagging factor needs.

    A factor that is ahead by s is overtaken after s points and one step more (one point where the judgements are
    whole). The least over the factors breaks the scenario.

    Parameters
    ----------
    model, do, holder : as for `consistent_scenarios`.
    scenario : a variant for every descriptor.

    Returns
    -------
    Finding : ``descriptor``, ``variant``, ``rival``, ``slack``, ``points``, ``effect`` (breaks or repairs), the
        smallest first.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1"], "B": ["b1", "b2"]}, [[0, 2, 0], [0, 0, 0], [0, 0, 0]])
    >>> what_would_break(m, {"A": "a1", "B": "b1"}).table.select("points", "effect").rows()
    [(3.0, 'breaks')]
    """
    question = ask(model, None, do, 0, holder)
    m = question.model
    x = m.encode({**scenario, **(do or {})})
    rows = [
        (s.descriptor, s.variant, s.rival, s.slack, s.slack + 1 / m.scale if s.slack >= 0 else -s.slack,
         "breaks" if s.slack >= 0 else "repairs")
        for s in support(m, x)
    ]  # fmt: skip
    schema = {"descriptor": pl.String, "variant": pl.String, "rival": pl.String, "slack": pl.Float64, "points": pl.Float64,
              "effect": pl.String}  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row").sort(
        "effect", "points", "descriptor", descending=[True, False, False]
    )
    lag = table.filter(pl.col("effect") == "repairs")
    if lag.height:
        lacking = sum(r[4] for r in rows if r[5] == "repairs")
        answer = f"The scenario is not consistent; {_points(lacking)} would make it so."
    else:
        answer = (
            f"{_points(least)} {'breaks' if least == 1 else 'break'} the scenario."
            if (least := min((r[4] for r in rows), default=0.0))
            else "Nothing can change."
        )
    return conclude(
        BREAKS, model, DATASETS, parameters={"scenario": dict(scenario), "do": dict(do or {}), "holder": holder},
        table=table, key=("descriptor",), answer=answer, caveats=standing_caveats(m),
        traces=(everything("The factor's balances under the scenario", model=m),), **GRADE,
    )  # fmt: skip
