"""How many consistent scenarios there are, variant by variant, and uniform samples of them, without listing any."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import numpy as np

from . import kernels as k
from ._arrays import F64, I8, I64
from .packing import Rule, first_rows, judged_blocks, largest_gaps, layout, new_search
from .search import COMPLETE, INTERRUPTED
from .sharing import TURN

FIRST_ROOM = 1 << 22  # numbers; touched only as they are used
MOST_ROOM = 1 << 28
OVER = "over"


@dataclass(frozen=True, eq=False)
class Count:
    """The set of consistent scenarios as an AND/OR graph."""

    variants: I64
    root: int  #: place of the root branch, -1 when there is no scenario
    counters: I64
    data: I64
    nodes: I64
    size: F64
    exact: I64
    fits: bool  #: whether every count fits 62 bits
    stopped: str = COMPLETE  #: or what cut the count, which then is a lower bound

    @property
    def complete(self) -> bool:
        return self.stopped == COMPLETE

    @property
    def total(self) -> int:
        """The number of scenarios, exactly."""
        if self.root < 0:
            return 0
        return int(self.exact[-1]) if self.fits else self._whole[-1]

    @property
    def marginals(self) -> list[int]:
        """In how many scenarios each variant occurs, exactly, one number per row of the matrix."""
        first = first_rows(self.variants)
        if self.root < 0:
            return [0] * int(first[-1])
        if not self.fits:
            return self._long_marginals(first)
        out = np.zeros(int(first[-1]), np.int64)
        k.spread_marginals(self.counters, self.data, self.nodes, self.root, self.size, self.exact, first, out)
        return [int(x) for x in out]

    def sample(self, number: int, seed: int) -> I8:
        """Scenarios drawn uniformly with replacement, shape (number, descriptors)."""
        out = np.zeros((number if self.root >= 0 else 0, len(self.variants)), np.int8)
        if len(out):
            k.draw(self.counters, self.data, self.nodes, self.root, self.size, self.exact, seed % 2**32, out)
        return out

    def _branches(self, node: int) -> list[int]:
        if node == self.counters[k.C_NODES]:
            return [self.root]
        place = int(self.nodes[node])
        return self.data[place + 1 : place + 1 + int(self.data[place])].tolist()

    def _parts(self, at: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[int]]:
        """Fixed (descriptor, variant), free (descriptor, domain) and nodes of a branch."""
        pairs = []
        for _ in range(2):
            count = int(self.data[at])
            block = self.data[at + 1 : at + 1 + 2 * count].reshape(-1, 2).tolist()
            pairs.append([(i, x) for i, x in block])
            at += 1 + 2 * count
        return pairs[0], pairs[1], self.data[at + 1 : at + 1 + int(self.data[at])].tolist()

    def _branch_whole(self, at: int, whole: list[int]) -> int:
        _, free, nodes = self._parts(at)
        return math.prod(d.bit_count() for _, d in free) * math.prod(whole[c] for c in nodes)

    @property
    def _whole(self) -> list[int]:
        out: list[int] = []
        for node in range(int(self.counters[k.C_NODES]) + 1):
            out.append(sum(self._branch_whole(at, out) for at in self._branches(node)))
        return out

    def _long_marginals(self, first: I64) -> list[int]:
        whole = self._whole
        out = [0] * int(first[-1])
        contexts = [0] * len(whole)
        contexts[-1] = 1
        for node in range(len(whole) - 1, -1, -1):
            for at in self._branches(node):
                number = contexts[node] * self._branch_whole(at, whole)
                fixed, free, nodes = self._parts(at)
                for i, a in fixed:
                    out[first[i] + a] += number
                for i, d in free:
                    for a in range(int(self.variants[i])):
                        out[first[i] + a] += number // d.bit_count() if d >> a & 1 else 0
                for child in nodes:
                    contexts[child] += number // whole[child]
        return out


def count(
    impact: I64, variants: I64, *, allowed: I64 | None = None, margin: int = 0, rules: Sequence[Rule] = (),
    seconds: float | None = None,
) -> Count:  # fmt: skip
    """The consistent scenarios as a graph; the room for it grows until it fits (MemoryError beyond 2 GiB).

    After `seconds`, or an interrupt, the graph holds those found until then, each once.
    """
    first = first_rows(variants)
    gaps = largest_gaps(impact, impact, first, margin)
    t = layout(variants, judged_blocks(impact, first), gaps, rules, dense=False)
    k.fill(impact, margin, t)
    masks = (1 << variants).astype(np.int64) - 1 if allowed is None else allowed
    room, until = FIRST_ROOM, None if seconds is None else time.monotonic() + seconds
    while room <= MOST_ROOM:
        counters, data = np.zeros(7, np.int64), np.empty(room, np.int64)
        nodes, keys = np.empty(room // 8, np.int64), np.empty(2 * room, np.int64)
        table = np.zeros(3 * (room // 8), np.int64)
        s = new_search(t)
        root, stopped = -1, COMPLETE
        if k.start(masks, s[k.S_ROWS], s, t):
            root, stopped = _expanded(s, t, until, counters, data, nodes, keys, table)
        if not counters[k.C_FULL]:
            said = f"limit of {seconds:g} seconds" if seconds is not None and stopped == OVER else stopped
            return replace(_counted(variants, root, counters, data, nodes), stopped=said)
        if stopped == INTERRUPTED:
            raise KeyboardInterrupt
        room *= 4
    raise MemoryError("the graph of the scenarios does not fit into 2 GiB; add conditions or count parts of it")


def _expanded(s: I64, t: I64, until: float | None, counters: I64, *room: I64) -> tuple[int, str]:
    """The place of the root branch and what stopped it. In a thread of its own, so that an interrupt is heard."""
    stopped = COMPLETE
    with ThreadPoolExecutor(1) as pool:
        root = pool.submit(k.expand, np.arange(int(t[k.N])), int(s[k.S_ROWS]), s, t, counters, *room)
        try:
            while not wait([root], timeout=TURN).done:
                if until is not None and time.monotonic() > until and stopped == COMPLETE:
                    counters[k.C_STOP], stopped = 1, OVER
        except KeyboardInterrupt:
            counters[k.C_STOP], stopped = 1, INTERRUPTED
        return int(root.result()), stopped


def _counted(variants: I64, root: int, counters: I64, data: I64, nodes: I64) -> Count:
    number = int(counters[k.C_NODES]) + 1
    size, exact = np.zeros(number), np.zeros(number, np.int64)
    fits = k.totals(counters, data, nodes, root, size, exact) if root >= 0 else True
    used = int(counters[k.C_DATA])
    return Count(variants, root, counters, data[:used].copy(), nodes[:number].copy(), size, exact, bool(fits))
