"""What is compared and how: the settings of a similarity, all checked at once, and the votes and tables they choose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from realpolitik.terms import InputError, Problem, nearest

from . import intervals
from .measures import ABSENCES, ALIASES, MEASURES, WITH_OWN_DISTANCES, Measure
from .tables import Ballots, PeriodTables, distances, period_tables, values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from realpolitik.evidence import RollCalls

INTERVALS = ("jackknife", "bootstrap", "none")
LEAST_DRAWS = 20


@dataclass(frozen=True)
class Settings:
    """Settings of one comparison (see `similarity` for each)."""

    measure: str
    states: tuple[str, ...] | None
    absences: str
    interval: str
    draws: int
    level: float
    weights: tuple[float, ...] | None
    contested: float | None
    distance: tuple[tuple[float, ...], ...] | None
    dmax: float | None
    body: str
    seed: int

    @property
    def chosen(self) -> Measure:
        """The measure's own entry in `MEASURES`."""
        return MEASURES[self.measure]

    @property
    def kinds(self) -> int:
        """How many answers count."""
        return 4 if self.absences == "as_category" else 3

    @property
    def gaps(self) -> NDArray[np.float64]:
        """Distance between answers, 1 at most."""
        if self.distance is None:
            return distances(self.chosen.distance, self.kinds)
        given = np.asarray(self.distance, float)
        return given / (self.dmax or given.max())

    def parameters(self) -> dict[str, Any]:
        """As they are kept in the finding (without the seed)."""
        names = (
            "measure",
            "states",
            "absences",
            "interval",
            "draws",
            "level",
            "weights",
            "contested",
            "distance",
            "dmax",
            "body",
        )
        return {name: getattr(self, name) for name in names}

    def how(self) -> str:
        """How the interval was made, in a sentence."""
        if self.interval == "none":
            return "Interval: none."
        kind = (
            "infinitesimal jackknife" if self.interval == "jackknife" else f"Bayesian bootstrap of {self.draws} draws"
        )
        return (
            f"Interval: {self.level:.0%}, {kind} over roll calls, with {intervals.FURTHER[self.interval]} more, spread over "
            f"all pairs of answers; none below {intervals.LEAST} roll calls in common."
        )


def settings(
    measure: str,
    states: Iterable[str] | None,
    weights: Iterable[float] | None,
    distance: Any,
    **others: Any,
) -> Settings:
    """Settings from what a user hands in: a short name made full, anything iterable made a tuple."""
    return Settings(
        measure=ALIASES.get(str(measure), str(measure)),
        states=None if states is None else (states,) if isinstance(states, str) else tuple(states),
        weights=None if weights is None else tuple(_float(w) for w in weights),
        distance=None if distance is None else _matrix(distance),
        **others,
    )


def _float(number: Any) -> float:
    try:
        return float(number)
    except (TypeError, ValueError):
        return math.nan


def _matrix(rows: Any) -> tuple[tuple[float, ...], ...]:
    try:
        return tuple(tuple(_float(x) for x in row) for row in rows)
    except TypeError:
        return ()


def check(votes: Any, given: Settings, more: Iterable[Problem] = ()) -> None:
    """One error that lists everything wrong, ``more`` of it found by the caller."""
    from realpolitik.evidence import RollCalls

    if not isinstance(votes, RollCalls):
        raise InputError([Problem("", "votes", type(votes).__name__, "recorded votes, as read_votes returns them")])
    problems = [*_names(given), *more, *_states(votes, given.states), *_numbers(given), *_distances(given)]
    calls = int((votes.calls["body"] == given.body).sum())
    if not calls:
        problems.append(Problem("", "body", str(given.body), "a body with roll calls in the data"))
    problems += _weights(given.weights, calls, given.body)
    if problems:
        raise InputError(problems)


def one_of(name: str, value: Any, known: Iterable[str]) -> list[Problem]:
    """A problem where a setting is none of the known words."""
    words = list(known)
    if value in words:
        return []
    return [Problem("", name, str(value), "one of " + ", ".join(words), nearest=nearest(str(value), words))]


def _names(given: Settings) -> list[Problem]:
    found = [*one_of("measure", given.measure, (*MEASURES, *ALIASES)), *one_of("absences", given.absences, ABSENCES)]
    found += one_of("interval", given.interval, INTERVALS)
    ordered = given.measure in MEASURES and not given.chosen.nominal and given.distance is None
    if given.absences == "as_category" and ordered:
        names = ", ".join(k for k, m in MEASURES.items() if m.nominal)
        expected = f"an ordered measure has no place for absence; use {names}, or give a distance"
        found.append(Problem("", "absences", given.absences, expected))
    return found


def _states(votes: RollCalls, states: tuple[str, ...] | None) -> list[Problem]:
    if states is None:
        return []
    found = [
        Problem("", "states", str(s), "a state with votes in the data", nearest=nearest(str(s), votes.states))
        for s in states
        if s not in votes.state_code
    ]
    if len(set(states)) < 2:
        found.append(Problem("", "states", ", ".join(map(str, states)), "at least two states"))
    return found


def _number(name: str, value: Any, least: float, most: float, expected: str) -> list[Problem]:
    number = isinstance(value, Real) and not isinstance(value, bool)
    return [] if number and least <= value <= most else [Problem("", name, str(value), expected)]


def _numbers(given: Settings) -> list[Problem]:
    tiny = 1e-9
    found = _number("level", given.level, tiny, 1 - tiny, "a share between 0 and 1, as 0.9")
    if not isinstance(given.draws, Integral) or given.draws < LEAST_DRAWS:
        found.append(Problem("", "draws", str(given.draws), f"a whole number, {LEAST_DRAWS} or more"))
    if given.contested is not None:
        found += _number("contested", given.contested, 0, 0.5, "a share from 0 (not unanimous) to 0.5, or None")
    return found


def _weights(weights: tuple[float, ...] | None, calls: int, body: str) -> list[Problem]:
    if weights is None:
        return []
    if len(weights) != calls:
        expected = f"one for each of the {calls} roll calls of {body}"
        return [Problem("", "weights", f"{len(weights)} weights", expected)]
    bad = sum(not (math.isfinite(w) and w >= 0) for w in weights)
    if bad or not any(weights):
        return [Problem("", "weights", f"{bad} below 0 or not a number", "numbers of 0 or more, not all 0")]
    return []


def _distances(given: Settings) -> list[Problem]:
    if given.distance is None:
        return [] if given.dmax is None else [Problem("", "dmax", str(given.dmax), "given with a distance matrix only")]
    found = []
    if given.measure in MEASURES and given.measure not in WITH_OWN_DISTANCES:
        found.append(Problem("", "distance", given.measure, "a measure of: " + ", ".join(WITH_OWN_DISTANCES)))
    size = given.kinds
    expected = f"a {size} by {size} symmetric matrix of numbers of 0 or more, 0 on the diagonal, not all 0"
    same = len({len(row) for row in given.distance}) == 1
    matrix = np.asarray(given.distance, float) if same else np.zeros((0, 0))
    square = matrix.shape == (size, size) and np.isfinite(matrix).all() and (matrix >= 0).all() and matrix.any()
    if not square or matrix.diagonal().any() or (matrix != matrix.T).any():
        return [*found, Problem("", "distance", str(given.distance), expected)]
    if given.dmax is not None:
        found += _number("dmax", given.dmax, matrix.max(), math.inf, f"at least the largest distance, {matrix.max():g}")
    return found


def taken(votes: RollCalls, given: Settings, dated: str | None) -> tuple[RollCalls, NDArray[np.float64] | None, int]:
    """The roll calls that count, their weights, and how many were left out because they have no ``dated`` (a column)."""
    own = votes.body(given.body)
    mask = np.diff(own.ptr) > 0
    undated = mask & own.calls[dated].is_null().to_numpy() if dated else np.zeros_like(mask)
    mask &= ~undated
    if given.contested is not None:
        share = minority(own)
        mask &= (share > 0) & (share >= given.contested)
    if not mask.any():
        expected = "roll calls with recorded votes" + (f" and a {dated}" if undated.any() else "")
        more = " on which members differed" if given.contested is not None else ""
        raise InputError([Problem("", "votes", f"{own.n_calls} roll calls of {given.body}", expected + more)])
    weights = None if given.weights is None else np.asarray(given.weights, float)[mask]
    return own.keep(mask), weights, int(undated.sum())


def minority(votes: RollCalls) -> NDArray[np.float64]:
    """Of each roll call, the share of members voting yes, abstain or no that did not vote as most did; 0 without votes."""
    cast = votes.vote < 3
    counts = np.bincount(votes.item[cast] * 3 + votes.vote[cast], minlength=3 * votes.n_calls).reshape(-1, 3)
    return 1.0 - counts.max(1) / np.maximum(counts.sum(1), 1) if len(counts) else np.zeros(0)


@dataclass(frozen=True)
class Compared:
    """Pairs with their tables, values and intervals, period after period; NaN where undefined."""

    parts: list[PeriodTables]
    value: NDArray[np.float64]
    n: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def compared(
    votes: RollCalls,
    weights: NDArray[np.float64] | None,
    periods: Sequence[tuple[int, NDArray[np.int64]]],
    given: Settings,
) -> Compared:
    """Every pair in every (number, roll calls) of `periods`."""
    only = None if given.states is None else np.array([votes.state_code[s] for s in dict.fromkeys(given.states)])
    ballots = Ballots(votes.ptr, votes.state, votes.vote, len(votes.states))
    parts = list(period_tables(ballots, periods, absences=given.absences, states=only, weights=weights))
    joint = np.concatenate([part.tables for part in parts])
    squares = joint if weights is None else np.concatenate([part.squares for part in parts])
    form = given.chosen.form
    low, high = _bounds(joint, squares, form, given)
    return Compared(parts, values(joint, form, given.gaps), joint.sum((1, 2)), low, high)


def _bounds(
    joint: NDArray[np.float64], squares: NDArray[np.float64], form: int, given: Settings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Intervals of every table that has the roll calls for one, a block at a time."""
    from realpolitik.runner.seeds import generator

    low, high = np.full((2, len(joint)), np.nan)
    rng, gaps = generator(given.seed, "similarity"), given.gaps
    for start in range(0, len(joint) if given.interval != "none" else 0, intervals.BLOCK):
        block = slice(start, start + intervals.BLOCK)
        rows = start + np.flatnonzero(intervals.enough(joint[block], squares[block]))
        some, of_some = joint[rows], squares[rows]
        if given.interval == "jackknife":
            low[rows], high[rows] = intervals.jackknife(some, of_some, form, gaps, given.level)
        else:
            low[rows], high[rows] = intervals.bootstrap(some, of_some, form, gaps, given.draws, rng, given.level)
    return low, high
