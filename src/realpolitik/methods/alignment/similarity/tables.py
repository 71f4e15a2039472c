"""Joint tables of pairs of states, period by period, from votes in the order of their roll calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import kernels

ABSENT = 3


@dataclass(frozen=True)
class Ballots:
    """Votes sorted by roll call: call j holds ptr[j] .. ptr[j + 1]; answer 0 yes, 1 abstain, 2 no, 3 absent."""

    ptr: NDArray[np.int64]
    state: NDArray[np.integer]
    answer: NDArray[np.int8]
    states: int

    def with_absences(self, absences: str) -> tuple[Ballots, int]:
        """The same votes with absence read as asked, and the number of answers that count."""
        if absences == "as_abstention":
            read = np.where(self.answer == ABSENT, np.int8(1), self.answer)
            return Ballots(self.ptr, self.state, read, self.states), 3
        return self, 4 if absences == "as_category" else 3


@dataclass(frozen=True)
class PeriodTables:
    """Joint tables of the pairs of one period; first and second are codes of states.

    tables: number (or weight) of roll calls by the two answers; squares: sums of their squared weights.
    """

    period: int
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    tables: NDArray[np.float64]
    squares: NDArray[np.float64]


def period_tables(
    ballots: Ballots,
    periods: Sequence[tuple[int, NDArray[np.int64]]],
    *,
    absences: str = "dropped",
    states: NDArray[np.int64] | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Iterator[PeriodTables]:
    """Tables of all pairs (or of pairs among `states`) for every (period, roll calls); absences as named in ABSENCES."""
    read, kinds = ballots.with_absences(absences)
    for period, calls in periods:
        rows, place = _present(read, calls, states)
        first, second = np.triu_indices(len(rows), 1)
        tables = np.empty((len(first), kinds, kinds))
        if weights is None:
            masks = np.zeros((len(rows), kinds, -(-len(calls) // kernels.WIDTH)), np.uint64)
            kernels.pack(read.ptr, read.state, read.answer, calls, place, kinds, masks)
            kernels.joint_tables(masks, first, second, tables)
            squares = tables
        else:
            codes, squares = _codes(read, calls, place, len(rows), kinds), np.empty_like(tables)
            kernels.weighted_tables(codes, weights[calls], first, second, tables)
            kernels.weighted_tables(codes, weights[calls] ** 2, first, second, squares)
        yield PeriodTables(period, rows[first], rows[second], tables, squares)


def _present(
    ballots: Ballots, calls: NDArray[np.int64], states: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes of the states listed on these roll calls, and the row of each code (-1: none)."""
    listed = np.zeros(ballots.states, bool)
    for call in calls:
        listed[ballots.state[ballots.ptr[call] : ballots.ptr[call + 1]]] = True
    if states is not None:
        wanted = np.zeros(ballots.states, bool)
        wanted[states] = True
        listed &= wanted
    rows = np.flatnonzero(listed)
    place = np.full(ballots.states, -1)
    place[rows] = np.arange(len(rows))
    return rows, place


def _codes(
    ballots: Ballots, calls: NDArray[np.int64], place: NDArray[np.int64], rows: int, kinds: int
) -> NDArray[np.int8]:
    out = np.full((rows, len(calls)), -1, np.int8)
    for column, call in enumerate(calls):
        part = slice(ballots.ptr[call], ballots.ptr[call + 1])
        row, answer = place[ballots.state[part]], ballots.answer[part]
        good = (row >= 0) & (answer < kinds)
        out[row[good], column] = answer[good]
    return out


def distances(name: str, kinds: int) -> NDArray[np.float64]:
    """Distance between answers, 1 at most: nominal (0 or 1), linear (by steps), squared (by steps, squared)."""
    gap = np.abs(np.subtract.outer(np.arange(kinds), np.arange(kinds))) / (kinds - 1)
    return {"nominal": (gap > 0).astype(float), "linear": gap, "squared": gap**2}[name]


def values(tables: NDArray[np.float64], form: int, distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """One measure of every table (NaN where it is undefined)."""
    out = np.empty(len(tables))
    kernels.measures(tables, form, distance, out)
    return out


def all_values(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """All twelve measures of 3 x 3 tables, a column each in the order of their codes."""
    out = np.empty((len(tables), 12))
    kernels.every_measure(tables, out)
    return out
