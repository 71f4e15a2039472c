"""In what share of the readings of the judgements a scenario holds: a complete re-solve for every reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from . import kernels as k
from ._arrays import F64, I8, I64
from .packing import Rule, first_rows, judged_blocks, largest_gaps, layout, new_search
from .sharing import awaited

SHARE = 0.2  # of readings one step up, and as many one step down, where no range is declared
NODES = 10_000_000  # per reading; beyond it the reading counts as cut, never as solved
PIECE = 2_500  # readings solved in a row: fixed, so that sums do not depend on the number of threads
FIRST_ROOM = 4096  # scenarios remembered before the table has to grow
Z95 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class Readings:
    """The uncertain cells of a matrix in whole numbers."""

    base: I64
    cells: I64  #: row, column, how, low, number of values, stream, step
    low: I64
    high: I64
    step: int  #: one point of the original scale
    share: float = SHARE


@dataclass(frozen=True, eq=False)
class Robustness:
    """What complete solves of many readings gave."""

    draws: int  #: readings solved
    wanted: int  #: readings asked for; more than were solved where an interrupt came
    scenarios: I8  #: every scenario that held in some reading
    counts: I64  #: in how many readings each held
    empty: int  #: readings without any scenario
    cut: int  #: readings that reached the node limit
    sizes: I64  #: number of scenarios of each reading, in the order of the draws
    mean: F64  #: per variant: its mean share of a reading's scenarios
    low: F64
    high: F64

    @property
    def complete(self) -> bool:
        return self.cut == 0 and self.draws == self.wanted


def readings(
    value: I64, low: I64, high: I64, judged: np.ndarray, *, step: int = 1, lattice: int | I64 = 1, share: float = SHARE,
    ranged: np.ndarray | None = None,
) -> Readings:  # fmt: skip
    """Which cells vary and how: over their declared range where there is one, else one step up or down.

    `lattice` is the distance of the values that a declared range may take, in the units of `value`, for all or each. Only judged cells
    vary; a judged zero does too. Cells of `ranged` vary over low..high even where both ends are equal (that is: never).
    """
    declared = (high > low) if ranged is None else ranged
    rows, columns = np.nonzero(judged)
    apart = np.broadcast_to(np.asarray(lattice, np.int64), value.shape)
    out = np.zeros((len(rows), 7), np.int64)
    lo, hi = value.copy(), value.copy()
    for m, (r, c) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if declared[r, c]:
            number = int((high[r, c] - low[r, c]) // apart[r, c]) + 1
            out[m] = (r, c, k.LATTICE, low[r, c], number, m, apart[r, c])
            lo[r, c], hi[r, c] = low[r, c], high[r, c]
        else:
            out[m] = (r, c, k.THREE_POINT, value[r, c], 0, m, step)
            lo[r, c], hi[r, c] = value[r, c] - step, value[r, c] + step
    return Readings(value, out, lo, hi, step, share)


def resolve(
    what: Readings, variants: I64, draws: int, seed: int, *, allowed: I64 | None = None, margin: int = 0, threads: int = 1,
    nodes: int = NODES, rules: Sequence[Rule] = (),
) -> Robustness:  # fmt: skip
    """Solves `draws` readings completely; the same readings for the same seed whatever the conditions and threads."""
    first = first_rows(variants)
    blocks = judged_blocks(np.abs(what.low) + np.abs(what.high), first)
    t = layout(variants, blocks, largest_gaps(what.low, what.high, first, margin), rules)
    masks = (1 << variants).astype(np.int64) - 1 if allowed is None else allowed
    stop = np.zeros(1, np.int64)
    ranges = list(pairwise([*range(0, draws, PIECE), draws]))
    with ThreadPoolExecutor(threads) as pool:
        work = [pool.submit(_part, what, t, masks, seed, margin, nodes, *r, stop) for r in ranges]
        parts = _gathered(work, stop)
    return _joined(parts, draws, int(first[-1]))


def _gathered(work: list[Future[_Part]], stop: I64) -> list[_Part]:
    """The parts in order; after an interrupt, what was solved until then."""
    try:
        return [awaited(w) for w in work]
    except KeyboardInterrupt:
        stop[0] = 1
        return [w.result() for w in work if not w.cancel()]


@dataclass(eq=False)
class _Part:
    rows: I8
    counts: I64
    state: I64
    moments: F64
    sizes: I64


def _part(
    what: Readings, shared: I64, allowed: I64, seed: int, margin: int, nodes: int, begin: int, end: int, stop: I64
) -> _Part:
    t = shared.copy()
    s = new_search(t)
    n, total = int(t[k.N]), int(t[t[k.FIRST] + t[k.N]])
    part = _Part(np.zeros((0, n), np.int8), np.zeros(0, np.int64), np.zeros(7, np.int64), np.zeros((2, total)),
                 np.zeros(end - begin, np.int64))  # fmt: skip
    out, room = np.zeros((256, n), np.int8), FIRST_ROOM
    at = begin
    while at < end and not stop[0]:
        rows, counts = np.zeros((room, n), np.int8), np.zeros(room, np.int64)
        rows[: len(part.rows)], counts[: len(part.counts)] = part.rows, part.counts
        table = _table(rows[: len(part.rows)], 2 * room + 1, counts)
        at = k.resolve(what.base, what.cells, seed, at, end, what.step, what.share, margin, allowed, nodes, t, s, out,
                       table, rows, counts, part.state, part.moments, part.sizes[at - begin :], stop)  # fmt: skip
        used = int(part.state[k.R_USED])
        part.rows, part.counts = rows[:used].copy(), counts[:used].copy()
        room *= 4
    part.sizes = part.sizes[: at - begin]
    return part


def _table(rows: I8, size: int, counts: I64) -> I64:
    """A hash table that knows the given rows, their counts unchanged."""
    table = np.full(size, -1, np.int64)
    state = np.zeros(7, np.int64)
    other, known = np.zeros_like(counts), np.zeros((len(counts), rows.shape[1]), np.int8)
    for r in range(len(rows)):
        k.remember(rows, r, 1, table, known, other, state)
    return table


def _joined(parts: list[_Part], wanted: int, total: int) -> Robustness:
    draws = sum(len(part.sizes) for part in parts)
    if not draws:
        raise KeyboardInterrupt
    counts: dict[bytes, int] = {}
    width = parts[0].rows.shape[1]
    for part in parts:
        for row, number in zip(part.rows, part.counts.tolist(), strict=True):
            if number:
                counts[row.tobytes()] = counts.get(row.tobytes(), 0) + number
    keys = sorted(counts, key=lambda key: (-counts[key], key))
    rows = np.frombuffer(b"".join(keys), dtype=np.int8).reshape(-1, width) if keys else np.zeros((0, width), np.int8)
    state = np.sum([p.state for p in parts], axis=0)
    moments = np.sum([p.moments for p in parts], axis=0)
    filled = max(draws - int(state[k.R_EMPTY]), 1)
    mean = moments[0] / filled
    low, high = np.array([wilson(float(x) * filled, filled) for x in mean]).reshape(-1, 2).T
    return Robustness(
        draws, wanted, rows, np.array([counts[key] for key in keys], np.int64), int(state[k.R_EMPTY]), int(state[k.R_CUT]),
        np.concatenate([p.sizes for p in parts]), mean, low, high,
    )  # fmt: skip


def wilson(hits: float, trials: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share (Wilson 1927, Journal of the American Statistical Association 22, eq. 6).

    >>> tuple(round(x, 4) for x in wilson(8, 10))
    (0.4902, 0.9433)
    """
    if trials == 0:
        return 0.0, 1.0
    share = hits / trials
    scale = 1 + Z95**2 / trials
    centre = (share + Z95**2 / (2 * trials)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / trials + Z95**2 / (4 * trials**2)) / scale
    return max(centre - half, 0.0), min(centre + half, 1.0)
