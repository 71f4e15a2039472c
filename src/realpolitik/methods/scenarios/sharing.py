"""What is left of a search, split into parts that threads take one after another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

import numpy as np

from . import kernels as k
from ._arrays import I8, I16, I64
from .packing import new_search, no_prices

T = TypeVar("T")

TURN = 0.1  # seconds between two looks at whether there was an interrupt
PARTS = 64  # into which what is left is split at least
STEP = 20_000  # nodes between two looks at whether to stop
FIRST_ROOM = 256
MOST_ROOM = 65_536


@dataclass(frozen=True, eq=False)
class Part:
    """A node of the search tree that was not explored, and its share of the tree."""

    row: I64
    share: float


@dataclass(frozen=True, eq=False)
class Piece:
    """What a thread found since it last said so, and what it has done of its part."""

    part: int
    scenarios: I8
    explored: float
    nodes: int  #: since the last piece
    done: bool


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
    queue: SimpleQueue[Piece | BaseException] = SimpleQueue()
    stop = Event()
    pool = ThreadPoolExecutor(threads)
    try:
        for q, part in enumerate(parts):
            pool.submit(_explore, q, part, t, g, queue, stop)
        left = len(parts)
        while left:
            try:
                piece = queue.get(timeout=TURN)
            except Empty:
                continue
            if isinstance(piece, BaseException):
                raise piece
            left -= piece.done
            yield piece
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _explore(q: int, part: Part, t: I64, g: I16, queue: SimpleQueue[Piece | BaseException], stop: Event) -> None:
    try:
        s, u, out = new_search(t), no_prices(g, t), np.zeros((FIRST_ROOM, int(t[k.N])), np.int8)
        s[s[k.S_ROWS] : s[k.S_ROWS] + len(part.row)] = part.row
        s[k.S_FRESH] = 1
        while not s[k.S_DONE] and not stop.is_set():
            before = int(s[k.S_NODES])
            found = k.search(s, t, g, u, out, STEP)
            queue.put(Piece(q, out[:found].copy(), explored(s, t), int(s[k.S_NODES]) - before, bool(s[k.S_DONE])))
            if found == len(out) and len(out) < MOST_ROOM:
                out = np.zeros((4 * len(out), out.shape[1]), np.int8)
    except BaseException as error:  # told in the thread that waits
        queue.put(error)


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
