"""CP-SAT as the other half of the portfolio, and for questions that ask for the least of something (extra `sat`)."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from realpolitik.terms import InputError

from ._arrays import I8, I64
from .packing import Rule, first_rows, judged_blocks
from .search import COMPLETE, INTERRUPTED, MOST_LISTED, Solutions, ordered

HAND_OVER_NODES = 2_000_000
HAND_OVER_SHARE = 0.05
SMALLEST = 70  # descriptors
SPARSE_BELOW = 0.12  # share of judged blocks


def installed() -> bool:
    return find_spec("ortools") is not None


def suits(impact: I64, variants: I64) -> bool:
    """Whether a search that gets nowhere is handed over: on large sparse matrices learning from failures may still pay."""
    if len(variants) < SMALLEST:
        return False
    return bool(judged_blocks(impact, first_rows(variants)).mean() < SPARSE_BELOW)


class Formulation:
    """The constraints of a consistent scenario as a CP-SAT model: one boolean per variant."""

    def __init__(self, impact: I64, variants: I64, allowed: I64 | None, rules: Sequence[Rule]):
        from ortools.sat.python import cp_model

        self.cp = cp_model
        self.model = cp_model.CpModel()
        self.impact, self.variants, self.first = impact, variants, first_rows(variants)
        self.chosen = [self.model.new_bool_var(f"r{r}") for r in range(int(self.first[-1]))]
        for i, v in enumerate(variants):
            self.model.add_exactly_one(self.of(i))
            for a in range(int(v)):
                if allowed is not None and not int(allowed[i]) >> a & 1:
                    self.model.add(self.of(i)[a] == 0)
        for rule in rules:
            self.model.add_bool_or([self.of(i)[a].negated() for i, a in rule])

    def of(self, i: int) -> list[Any]:
        return self.chosen[self.first[i] : self.first[i + 1]]

    def gap(self, j: int, c: int, rival: int) -> Any:
        """Balance of candidate c of j less that of its rival, as an expression; a self-impact counts for c."""
        f = int(self.first[j])
        weight = self.impact[:, f + c] - self.impact[:, f + rival]
        own = int(weight[f + c])
        rows = [r for r in range(len(weight)) if weight[r] and not f <= r < self.first[j + 1]]
        return sum(int(weight[r]) * self.chosen[r] for r in rows) + own

    def each_gap(self) -> Any:
        for j, v in enumerate(self.variants):
            for c in range(int(v)):
                for rival in range(int(v)):
                    if rival != c:
                        yield j, c, rival

    def require_consistent(self, margin: int) -> None:
        for j, c, rival in self.each_gap():
            self.model.add(self.gap(j, c, rival) >= -margin).only_enforce_if(self.of(j)[c])

    def deficits(self) -> list[Any]:
        """One variable per descriptor: at least how far its chosen variant lags behind any rival."""
        top = int(np.abs(self.impact).sum()) * 2 + 1
        out = [self.model.new_int_var(0, top, f"d{j}") for j in range(len(self.variants))]
        for j, c, rival in self.each_gap():
            self.model.add(out[j] >= -self.gap(j, c, rival)).only_enforce_if(self.of(j)[c])
        return out

    def read(self, value: Any) -> list[int]:
        return [next(a for a, y in enumerate(self.of(i)) if value(y)) for i in range(len(self.variants))]


def need() -> None:
    if not installed():
        raise InputError("this needs OR-tools: pip install 'realpolitik[sat]'")


def solve(
    impact: I64,
    variants: I64,
    *,
    allowed: I64 | None = None,
    margin: int = 0,
    rules: Sequence[Rule] = (),
    limit: int | None = None,
    seconds: float | None = None,
) -> Solutions:
    """All scenarios with inconsistency up to `margin`, listed by CP-SAT."""
    need()
    form = Formulation(impact, variants, allowed, rules)
    form.require_consistent(margin)
    solver = form.cp.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    if seconds is not None:
        solver.parameters.max_time_in_seconds = seconds
    most = MOST_LISTED if limit is None else limit
    collector = _collector(form, most)
    begin = time.monotonic()
    try:
        status = solver.solve(form.model, collector)
    except KeyboardInterrupt:
        status = form.cp.UNKNOWN
    done = status in (form.cp.OPTIMAL, form.cp.INFEASIBLE)
    over = len(collector.found) > most
    stopped = COMPLETE if done and not over else _limit(over, most, seconds, time.monotonic() - begin)
    rows = np.array(collector.found[:most], dtype=np.int8).reshape(-1, len(variants))
    return Solutions(ordered(rows), stopped, 1.0 if done else 0.0, collector.branches, time.monotonic() - begin, "sat")


def _limit(over: bool, most: int, seconds: float | None, passed: float) -> str:
    if over:
        return f"limit of {most} scenarios"
    return f"limit of {seconds:g} seconds" if seconds is not None and passed >= 0.9 * seconds else INTERRUPTED


def _collector(form: Formulation, most: int) -> Any:
    class Collect(form.cp.CpSolverSolutionCallback):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.found: list[list[int]] = []
            self.branches = 0

        def on_solution_callback(self) -> None:
            self.found.append(form.read(self.value))
            self.branches = int(self.num_branches)
            if len(self.found) > most:
                self.stop_search()

    return Collect()


def cheapest(
    impact: I64, variants: I64, *, allowed: I64, rules: Sequence[Rule] = (), seconds: float | None = None
) -> tuple[int, I8 | None]:
    """The least total deficit of any allowed scenario, and a scenario that has it.

    None with a lower bound of the least where the search was stopped before it was proven.
    """
    need()
    form = Formulation(impact, variants, allowed, rules)
    form.model.minimize(sum(form.deficits()))
    solver = form.cp.CpSolver()
    solver.parameters.num_workers = 1
    if seconds is not None:
        solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(form.model)
    if status == form.cp.INFEASIBLE:
        raise InputError("no scenario meets the conditions and the ruled-out combinations")
    if status != form.cp.OPTIMAL:
        return max(math.ceil(solver.best_objective_bound - 1e-6), 0), None
    return round(solver.objective_value), np.array(form.read(solver.value), dtype=np.int8)
