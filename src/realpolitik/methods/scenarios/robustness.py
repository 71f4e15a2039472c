"""In what share of the readings of the judgements a scenario holds: a complete re-solve for every reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from queue import SimpleQueue

import numpy as np

from . import kernels as k
from ._arrays import F64, I8, I64
from .packing import Rule, first_rows, judged_blocks, largest_gaps, layout, new_search
from .sharing import awaited, cores

SHARE = 0.2  # of readings one step up, and as many one step down, where no range is declared
NODES = 10_000_000  # per reading; beyond it the reading counts as cut, never as solved
PIECE = 250  # readings solved in a row: fixed, so that sums do not depend on the number of threads
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
    what: Readings, variants: I64, draws: int, seed: int, *, allowed: I64 | None = None, margin: int = 0, threads: int | None = None,
    nodes: int = NODES, rules: Sequence[Rule] = (),
) -> Robustness:  # fmt: skip
    """Solves `draws` readings completely; the same readings for the same seed whatever the conditions and threads."""
    first = first_rows(variants)
    blocks = judged_blocks(np.abs(what.low) + np.abs(what.high), first)
    t = layout(variants, blocks, largest_gaps(what.low, what.high, first, margin), rules)
    masks = (1 << variants).astype(np.int64) - 1 if allowed is None else allowed
    stop = np.zeros(1, np.int64)
    ranges = list(pairwise([*range(0, draws, PIECE), draws]))
    hands: SimpleQueue[_Hand] = SimpleQueue()
    every = [
        _Hand(what, t, masks, seed, margin, nodes, stop) for _ in range(max(min(threads or cores(), len(ranges)), 1))
    ]
    for hand in every:
        hands.put(hand)
    with ThreadPoolExecutor(len(every)) as pool:
        parts = _gathered([pool.submit(_solved, hands, *r) for r in ranges], stop)
    return _joined(parts, every, draws)


def _solved(hands: SimpleQueue[_Hand], begin: int, end: int) -> _Part:
    hand = hands.get()
    try:
        return hand.solve(begin, end)
    finally:
        hands.put(hand)


def _gathered(work: list[Future[_Part]], stop: I64) -> list[_Part]:
    """The parts in order; after an interrupt, what was solved until then."""
    try:
        return [awaited(w) for w in work]
    except KeyboardInterrupt:
        stop[0] = 1
        return [w.result() for w in work if not w.cancel()]


@dataclass(frozen=True, eq=False)
class _Part:
    """Consecutive readings: added up in their order, sums do not depend on which thread solved them."""

    moments: F64
    sizes: I64


class _Hand:
    """What one thread works with, and the scenarios it has met."""

    def __init__(self, what: Readings, shared: I64, allowed: I64, seed: int, margin: int, nodes: int, stop: I64):
        self.what, self.allowed, self.seed, self.margin, self.nodes, self.stop = (
            what,
            allowed,
            seed,
            margin,
            nodes,
            stop,
        )
        self.t, self.s = shared.copy(), new_search(shared)
        self.state = np.zeros(7, np.int64)
        n = int(shared[k.N])
        self.out, self.rows = np.zeros((256, n), np.int8), np.zeros((FIRST_ROOM, n), np.int8)
        self.counts, self.table = np.zeros(FIRST_ROOM, np.int64), np.full(2 * FIRST_ROOM + 1, -1, np.int64)

    def solve(self, begin: int, end: int) -> _Part:
        total = int(self.t[self.t[k.FIRST] + self.t[k.N]])
        moments, sizes, at = np.zeros((2, total)), np.zeros(end - begin, np.int64), begin
        while at < end and not self.stop[0]:
            what = self.what
            at = k.resolve(what.base, what.cells, self.seed, at, end, what.step, what.share, self.margin, self.allowed,
                           self.nodes, self.t, self.s, self.out, self.table, self.rows, self.counts, self.state, moments,
                           sizes[at - begin :], self.stop)  # fmt: skip
            if at < end and not self.stop[0]:
                self._grow()
        return _Part(moments, sizes[: at - begin])

    def _grow(self) -> None:
        used, room = int(self.state[k.R_USED]), 4 * len(self.rows)
        rows, counts = np.zeros((room, self.rows.shape[1]), np.int8), np.zeros(room, np.int64)
        rows[:used], counts[:used] = self.rows[:used], self.counts[:used]
        self.table = _table(rows[:used], 2 * room + 1, counts)
        self.rows, self.counts = rows, counts


def _table(rows: I8, size: int, counts: I64) -> I64:
    """A hash table that knows the given rows, their counts unchanged."""
    table = np.full(size, -1, np.int64)
    state = np.zeros(7, np.int64)
    other, known = np.zeros_like(counts), np.zeros((len(counts), rows.shape[1]), np.int8)
    for r in range(len(rows)):
        k.remember(rows, r, 1, table, known, other, state)
    return table


def _joined(parts: list[_Part], hands: list[_Hand], wanted: int) -> Robustness:
    draws = sum(len(part.sizes) for part in parts)
    if not draws:
        raise KeyboardInterrupt
    counts: dict[bytes, int] = {}
    width = hands[0].rows.shape[1]
    for hand in hands:
        used = int(hand.state[k.R_USED])
        for row, number in zip(hand.rows[:used], hand.counts[:used].tolist(), strict=True):
            if number:
                counts[row.tobytes()] = counts.get(row.tobytes(), 0) + number
    keys = sorted(counts, key=lambda key: (-counts[key], key))
    rows = np.frombuffer(b"".join(keys), dtype=np.int8).reshape(-1, width) if keys else np.zeros((0, width), np.int8)
    state = np.sum([hand.state for hand in hands], axis=0)
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
