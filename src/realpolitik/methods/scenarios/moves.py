"""Succession, basins and ways from the present as findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from realpolitik.findings import Finding, conclude
from realpolitik.terms import InputError, Problem

from . import dynamics
from ._arrays import I8, I64
from .cards import BASINS, PATHS, SUCCESSION
from .conditions import (
    DATASETS,
    GRADE,
    Subject,
    ask,
    counted,
    everything,
    in_points,
    label,
    said,
    scenario_columns,
    standing_caveats,
    unheeded,
)
from .measures import inconsistency
from .model import CrossImpactModel
from .search import solve

Order = Sequence[str | Sequence[str]]


def _groups(model: CrossImpactModel, order: Order | None) -> I64:
    """Numbers of the descriptors from fast to slow; those not named are slowest."""
    if order is None:
        return np.arange(len(model.ids), dtype=np.int64)
    out = np.full(len(model.ids), len(order), dtype=np.int64)
    named = [(rank, d) for rank, part in enumerate(order) for d in ([part] if isinstance(part, str) else part)]
    if problems := model.unknown({d: () for _, d in named}):
        raise InputError(problems)
    for rank, d in named:
        out[model.place[d]] = rank
    return out


def succession(
    model: Subject, start: Mapping[str, str], *, rule: str = "global", order: Order | None = None,
    do: Mapping[str, str] | None = None, steps: int = dynamics.LONGEST, holder: str | None = None,
) -> Finding:  # fmt: skip
    """The states that follow a start when every factor moves to the variant with the highest impact balance.

    Weimer-Jehle 2006, section 4.3. Ends in a consistent scenario or in a cycle. Ties keep the current variant.

    Parameters
    ----------
    model, do, holder : as for `consistent_scenarios`.
    start : a variant for every descriptor.
    rule : "global" (all move at once), "local" (only the one that lags most), "incremental" (all, one variant at a
        time) or "adiabatic" (only the fastest group that is not settled).
    order : for the adiabatic rule, descriptors or groups of them from fast to slow; by default as the model lists them.
    steps : most steps; the finding is not ``complete`` when it has not settled by then.

    Returns
    -------
    Finding : one row per step (0 is the start): ``step``, a column per descriptor, ``_changed``, ``_inconsistency``
        and ``_recurs`` (whether the state belongs to where it ends).

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> succession(m, {"A": "a2", "B": "b1"}).table["B"].to_list()
    ['b1', 'b2']
    """
    question = ask(model, None, do, 0, holder)
    m = question.model
    begin = m.encode({**start, **(do or {})})
    walk = dynamics.walk(m.whole, m.variants, begin, rule=rule, group=_groups(m, order), steps=steps)
    ends = {0: f"has not settled within {steps} steps", 1: "ends in a consistent scenario"}
    return conclude(
        SUCCESSION, model, DATASETS,
        parameters={"start": dict(start), "rule": rule, "order": _plain(order), "do": dict(do or {}), "steps": steps,
                    "holder": holder},
        table=_walk_frame(m, walk), key=("step",), complete=walk.period > 0,
        answer=f"After {counted(len(walk.states) - max(walk.period, 1), 'step')} it "
        + ends.get(walk.period, f"runs in a cycle of {walk.period} states")
        + f"{said({}, do or {})}.",
        caveats=("A step is one of logic, not of time: nothing says how long it takes.", *unheeded(m), *standing_caveats(m)),
        traces=(everything("Every factor's balance under the state before", model=m),), **GRADE,
    )  # fmt: skip


def _plain(order: Order | None) -> list[list[str]] | None:
    return None if order is None else [[p] if isinstance(p, str) else list(p) for p in order]


def _walk_frame(m: CrossImpactModel, walk: dynamics.Walk) -> pl.DataFrame:
    rows = walk.states
    moved = [np.nonzero(x != y)[0] for x, y in pairwise(rows)]
    changed = ["", *(", ".join(m.ids[int(j)] for j in which) for which in moved)]
    return pl.DataFrame(
        [
            pl.Series("step", range(len(rows)), dtype=pl.Int64),
            *scenario_columns(m, rows).values(),
            pl.Series("_changed", changed, dtype=pl.String),
            in_points(inconsistency(m.whole, m.first, rows), m.scale).alias("_inconsistency"),
            pl.Series("_recurs", [0 <= walk.cycle <= k for k in range(len(rows))], dtype=pl.Boolean),
        ]
    )


def basins(
    model: Subject, *, rule: str = "global", order: Order | None = None, do: Mapping[str, str] | None = None,
    starts: int = 20_000, most_states: int = dynamics.MOST_STATES, seed: int = 1, threads: int | None = None,
    holder: str | None = None,
) -> Finding:  # fmt: skip
    """How much of the space of states ends in which consistent scenario or cycle (its combinatorial weight).

    Exact over the whole space up to ``most_states``; beyond it ``starts`` states are drawn and the shares have 95 %
    Wilson intervals. The tie rule (keep the current variant) is the one under which ScenarioWizard's published weights
    come out.

    Parameters
    ----------
    model, rule, order, do, holder : as for `succession`.
    starts, seed : for sampled starts. threads : for the exact count, all cores unless told; the result does not depend on it.

    Returns
    -------
    Finding : ``attractor`` (from 1, the largest first), ``kind`` (scenario, cycle, or ruled out: a consistent state
        that the model rules out), ``period``, ``states``,
        ``share``, ``low``, ``high``; ``tables["members"]``: attractor, step and a column per descriptor.
        ``complete`` is False for sampled starts.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> basins(m).table.select("kind", "states").rows()
    [('scenario', 2), ('scenario', 2)]
    """
    wrong = [Problem("", name, str(value), f"a number from {least} on")
             for name, value, least in (("starts", starts, 1), ("threads", 1 if threads is None else threads, 1), ("seed", seed, 0)) if value < least]  # fmt: skip
    if wrong:
        raise InputError(wrong)
    question = ask(model, None, do, 0, holder)
    m = question.model
    found = dynamics.basins(
        m.whole,
        m.variants,
        rule=rule,
        group=_groups(m, order),
        threads=threads,
        most_states=most_states,
        starts=starts,
        seed=seed,
    )
    how = (f"Complete: all {found.total:,} states were followed." if found.exact else
           f"Limited: {found.total:,} starts were drawn; {found.unsettled} had not settled. Small basins may be missing.")  # fmt: skip
    table = _basin_frame(m, found)
    return conclude(
        BASINS, model, DATASETS,
        parameters={"rule": rule, "order": _plain(order), "do": dict(do or {}), "starts": starts,
                    "most_states": most_states, "holder": holder},
        seed=seed, table=table, key=("attractor",), tables={"members": _members(m, found)}, complete=found.exact,
        answer=_basins_answer(table, found.total) + f"{said({}, do or {})}.",
        caveats=(how, "A basin measures the space of combinations, not what the future holds.", *unheeded(m), *standing_caveats(m)),
        traces=(everything("Succession of all states under all judgements", model=m),), **GRADE,
    )  # fmt: skip


def _basins_answer(table: pl.DataFrame, total: int) -> str:
    kinds = table["kind"].to_list()
    parts = [counted(kinds.count("scenario"), "consistent scenario"), counted(kinds.count("cycle"), "cycle")]
    if "ruled out" in kinds:
        parts.append(counted(kinds.count("ruled out"), "ruled-out state"))
    verb = "attracts" if len(kinds) == 1 else "attract"
    return f"{', '.join(parts[:-1])} and {parts[-1]} {verb} {counted(total, 'state')}"


def _kind(m: CrossImpactModel, attractor: dynamics.Attractor) -> str:
    if attractor.period > 1:
        return "cycle"
    state = attractor.states[0]
    return "ruled out" if any(all(state[i] == a for i, a in rule) for rule in m.rules) else "scenario"


def _basin_frame(m: CrossImpactModel, found: dynamics.Basins) -> pl.DataFrame:
    parts = found.attractors
    return pl.DataFrame(
        {
            "attractor": pl.Series(range(1, len(parts) + 1), dtype=pl.Int64),
            "kind": pl.Series([_kind(m, a) for a in parts], dtype=pl.String),
            "period": pl.Series([a.period for a in parts], dtype=pl.Int64),
            "states": pl.Series([a.basin for a in parts], dtype=pl.Int64),
            **{c: pl.Series([getattr(a, c) for a in parts], dtype=pl.Float64) for c in ("share", "low", "high")},
        }
    )


def _members(m: CrossImpactModel, found: dynamics.Basins) -> pl.DataFrame:
    rows = [(k, step) for k, a in enumerate(found.attractors, 1) for step in range(a.period)]
    states: I8 = np.concatenate([a.states for a in found.attractors] or [np.zeros((0, len(m.ids)), np.int8)])
    return pl.DataFrame(
        [
            pl.Series("attractor", [k for k, _ in rows], dtype=pl.Int64),
            pl.Series("step", [s for _, s in rows], dtype=pl.Int64),
            *scenario_columns(m, states).values(),
        ]
    )


def ways_from_present(
    model: Subject, start: Mapping[str, str] | None = None, *, do: Mapping[str, str] | None = None, tolerance: float = 0,
    anywhere: bool = False, holder: str | None = None,
) -> Finding:  # fmt: skip
    """The cheapest way from the present to each consistent future: how many of its steps have to be pushed.

    One factor changes at a time. A step is free where the factor's balance rises by it and a push where it does not;
    the way has the fewest pushes and, among those, the fewest steps (Dijkstra over all states, at most six million).

    Parameters
    ----------
    model, do, tolerance, holder : as for `consistent_scenarios`.
    start : the present variant of each descriptor; where one is left out, the variant that the model gives as
        ``present``.
    anywhere : where neither says it, the descriptor may begin at any variant, whichever is nearest to the future asked
        about; by default that is an error.

    Returns
    -------
    Finding : ``scenario`` (its variants), ``pushes``, ``steps``; ``tables["steps"]``: scenario, step, descriptor,
        to, pushed.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> ways_from_present(m, {"A": "a1", "B": "b1"}).table.rows()
    [('a1 | b1', 0, 0), ('a2 | b2', 1, 2)]
    """
    question = ask(model, None, do, tolerance, holder)
    m = question.model
    begin = {**_present(m, start or {}, do or {}, anywhere), **(do or {})}
    unsaid = [d for d in m.ids if d not in begin]
    futures = solve(m.whole, m.variants, **question.solver)
    full = {d.id: begin.get(d.id, d.variants[0]) for d in m.descriptors}
    paths = dynamics.paths_from(m.whole, m.variants, m.encode(full), [m.place[d] for d in unsaid])
    ways = [paths.to(s) for s in futures.scenarios]
    table = pl.DataFrame(
        {
            "scenario": pl.Series([label(m, s) for s in futures.scenarios], dtype=pl.String),
            "pushes": pl.Series([paths.pushes(s) for s in futures.scenarios], dtype=pl.Int64),
            "steps": pl.Series([len(w) - 1 for w in ways], dtype=pl.Int64),
        }
    ).sort("pushes", "steps", "scenario")
    free = table.filter(pl.col("pushes") == 0).height
    return conclude(
        PATHS, model, DATASETS,
        parameters={"start": begin, "do": dict(do or {}), "tolerance": tolerance, "anywhere": anywhere,
                    "holder": holder},
        table=table, key=("scenario",), tables={"steps": _step_frame(m, paths, futures.scenarios, ways)},
        complete=futures.complete,
        answer=f"{free} of {table.height} consistent futures can be reached from the present without a push.",
        caveats=("A step is one of logic, not of time.", *_begins(unsaid), *unheeded(m), *standing_caveats(m)),
        traces=(everything("Every factor's balance in every state on the way", model=m),), **GRADE,
    )  # fmt: skip


def _begins(unsaid: list[str]) -> list[str]:
    """Which descriptors have no present, where that is allowed."""
    if not unsaid:
        return []
    return [
        f"No present is given for {', '.join(unsaid)}: each way begins at whichever variants are nearest to its end."
    ]


def _present(m: CrossImpactModel, start: Mapping[str, str], do: Mapping[str, str], anywhere: bool) -> dict[str, str]:
    known = {d.id for d in m.descriptors if d.present or len(d.variants) == 1} | set(start) | set(do)
    if problems := m.unknown(start):
        raise InputError(problems)
    if not anywhere and (missing := [d for d in m.ids if d not in known]):
        raise InputError(
            [Problem("", "present", d, "a present variant in the model, or one in start=") for d in missing]
        )
    return {d.id: start.get(d.id, d.present or d.variants[0]) for d in m.descriptors if d.id in known}


def _step_frame(m: CrossImpactModel, paths: dynamics.Paths, scenarios: I8, ways: list[I8]) -> pl.DataFrame:
    rows = []
    for scenario, way in zip(scenarios, ways, strict=True):
        for k in range(1, len(way)):
            j = int(np.nonzero(way[k] != way[k - 1])[0][0])
            pushed = paths.pushes(way[k]) > paths.pushes(way[k - 1])
            d = m.descriptors[j]
            rows.append((label(m, scenario), k, d.id, d.variants[way[k - 1][j]], d.variants[way[k][j]], pushed))
    schema = {"scenario": pl.String, "step": pl.Int64, "descriptor": pl.String, "from": pl.String, "to": pl.String,
              "pushed": pl.Boolean}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")
