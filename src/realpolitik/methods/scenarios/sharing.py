"""What is left of a search, split into parts that threads take one after another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import TypeVar

import numpy as np

from . import kernels as k
from ._arrays import I8, I16, I32, I64
from .packing import new_search, no_prices

T = TypeVar("T")

TURN = 0.1  # seconds between two looks at whether there was an interrupt
PARTS = 16  # into which what is left is split at least
STEP = 20_000  # nodes between two looks at whether to stop
SHARED_STEP = 3_000  # the same where another thread may be waiting for work
FIRST_ROOM = 256
MOST_ROOM = 65_536


@dataclass(frozen=True, eq=False)
class Part:
    """A node of the search tree that was not explored, and its share of the tree."""

    row: I64
    share: float


@dataclass(frozen=True, eq=False)
class Piece:
    """What a thread found and explored since it last said so."""

    scenarios: I8
    share: float  #: of the tree
    nodes: int


def cores() -> int:
    """Cores that this process may use, at most eight."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, 8)


def awaited(work: Future[T]) -> T:
    """The result, waited for in short turns: a lock held without end keeps an interrupt from being heard."""
    while True:
        if wait([work], timeout=TURN).done:
            return work.result()


def split(s: I64, t: I64) -> list[Part]:
    """The open nodes of a search, those of the largest share taken apart until there are enough."""
    parts = _open_nodes(s, t)
    other = new_search(t)
    while 0 < len(parts) < PARTS:
        largest = max(range(len(parts)), key=lambda q: parts[q].share)
        children = _children(parts[largest], other, t)
        if children is None:
            break
        parts[largest : largest + 1] = children
    return parts


def _open_nodes(s: I64, t: I64) -> list[Part]:
    """The deepest first, since making a child writes over the rows below."""
    rows, size = int(s[k.S_ROWS]), int(t[k.ROW])
    deepest, weight, out = int(s[k.S_DEPTH]), [1.0], []
    for d in range(deepest + 1):
        domain = int(s[rows + d * size + s[s[k.S_BRANCH] + d]]).bit_count()
        weight.append(weight[-1] / max(domain, 1))
    if s[k.S_FRESH]:
        out.append(Part(s[rows + deepest * size :][:size].copy(), weight[deepest]))
    for d in range(deepest - (1 if s[k.S_FRESH] else 0), -1, -1):
        branch, todo = int(s[s[k.S_BRANCH] + d]), int(s[s[k.S_TODO] + d])
        out += _branches(branch, todo, rows + d * size, s, t, weight[d + 1])
    return out


def _branches(i: int, values: int, row: int, s: I64, t: I64, share: float) -> list[Part]:
    size = int(t[k.ROW])
    return [
        Part(s[row + size :][:size].copy(), share)
        for a in range(values.bit_length())
        if values >> a & 1 and k.descend(i, 1 << a, row, s, t)
    ]


def _children(part: Part, s: I64, t: I64) -> list[Part] | None:
    """None when the part is a scenario already."""
    row = int(s[k.S_ROWS])
    s[row : row + len(part.row)] = part.row
    i = int(k.pick(row, s, t))
    if i < 0:
        return None
    domain = int(part.row[i])
    return _branches(i, domain, row, s, t, part.share / domain.bit_count())


def together(parts: list[Part], t: I64, g: I16, threads: int) -> Iterator[Piece]:
    """Explores all parts; what is found is the same however many threads there are, its order is not."""
    work = _Work(t, g, parts)
    pool = ThreadPoolExecutor(threads)
    try:
        for _ in range(threads):
            pool.submit(work.keep_on)
        while True:
            try:
                piece = work.told.get(timeout=TURN)
            except Empty:
                continue
            if isinstance(piece, BaseException):
                raise piece
            if piece is None:
                return
            yield piece
    finally:
        work.stop.set()
        for _ in range(threads):
            work.parts.put(None)
        pool.shutdown(cancel_futures=True)


class _Work:
    """Parts that wait for a thread. A thread without one makes the others split theirs."""

    def __init__(self, t: I64, g: I16, parts: list[Part]):
        self.t, self.g = t, g
        self.parts: SimpleQueue[Part | None] = SimpleQueue()
        self.told: SimpleQueue[Piece | BaseException | None] = SimpleQueue()
        self.stop, self.lock = Event(), Lock()
        self.open, self.idle = len(parts), 0
        for part in parts:
            self.parts.put(part)

    def keep_on(self) -> None:
        try:
            s, u = new_search(self.t), no_prices(self.g, self.t)
            fresh, out = u.copy(), np.zeros((FIRST_ROOM, int(self.t[k.N])), np.int8)
            while (part := self._next()) is not None and not self.stop.is_set():
                u[:] = fresh
                out = self._explore(part, s, u, out)
        except BaseException as error:  # told in the thread that waits
            self.told.put(error)

    def _next(self) -> Part | None:
        with self.lock:
            self.idle += 1
        part = self.parts.get()
        with self.lock:
            self.idle -= 1
        return part

    def _explore(self, part: Part, s: I64, u: I32, out: I8) -> I8:
        s[s[k.S_ROWS] : s[k.S_ROWS] + len(part.row)] = part.row
        s[k.S_DEPTH], s[k.S_FRESH], s[k.S_NODES], s[k.S_DONE] = 0, 1, 0, 0
        nodes, share, rest = 0, 0.0, list[Part]()
        over = False
        while not over and not self.stop.is_set():
            found = k.search(s, self.t, self.g, u, out, SHARED_STEP)
            now = part.share * explored(s, self.t)
            over = bool(s[k.S_DONE])
            if not over and self.idle and self.parts.empty():
                rest, over = self._taken_apart(part, s), True
            self.told.put(Piece(out[:found].copy(), now - share, int(s[k.S_NODES]) - nodes))
            nodes, share = int(s[k.S_NODES]), now
            if found == len(out) and len(out) < MOST_ROOM:
                out = np.zeros((4 * len(out), out.shape[1]), np.int8)
        self._finish(rest)
        return out

    def _taken_apart(self, part: Part, s: I64) -> list[Part]:
        """All open nodes of a search, the largest first; the search itself cannot go on after that."""
        rest = [Part(other.row, other.share * part.share) for other in _open_nodes(s, self.t)]
        return rest[::-1]

    def _finish(self, rest: list[Part]) -> None:
        with self.lock:
            self.open += len(rest) - 1
            over = self.open == 0
        for part in rest:
            self.parts.put(part)
        if over:
            self.told.put(None)


def explored(s: I64, t: I64) -> float:
    """Estimated share of the search tree behind us: every branch counts its alternatives as equally large."""
    if s[k.S_DONE]:
        return 1.0
    share, weight = 0.0, 1.0
    deepest = int(s[k.S_DEPTH])
    for d in range(deepest + (0 if s[k.S_FRESH] else 1)):
        size = int(s[s[k.S_ROWS] + d * t[k.ROW] + s[s[k.S_BRANCH] + d]]).bit_count()
        open_ = int(s[s[k.S_TODO] + d]).bit_count()
        running = d < deepest
        share += weight * (size - open_ - running) / size
        weight /= size
    return share
