"""All consistent scenarios: the compiled search in steps, with limits, progress and the hand-over to CP-SAT."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from realpolitik.terms import InputError, Problem, nearest

from . import kernels as k
from ._arrays import I8, I16, I64
from .packing import Rule, gap_table, new_search, no_prices, pack
from .sharing import FIRST_ROOM, MOST_ROOM, STEP, cores, explored, split, together

MOST_LISTED = 5_000_000
ALONE = 500  # nodes after which a search is split over threads
TINY = 1e-12
COMPLETE = "complete"
INTERRUPTED = "interrupted"
ENGINES = ("auto", "propagation", "sat")


@dataclass(frozen=True)
class Batch:
    """Scenarios found since the last batch, and how much of the search is behind us."""

    scenarios: I8  #: (found, descriptors), positions of variants
    explored: float  #: estimated share of the search tree that is done, 0 to 1
    nodes: int
    done: bool


@dataclass(frozen=True, eq=False)
class Solutions:
    """Scenarios found, and whether they are all there are."""

    scenarios: I8  #: (found, descriptors), positions of variants, in lexicographic order
    stopped: str  #: "complete", or the limit that cut the search
    explored: float
    nodes: int
    seconds: float
    engine: str = "propagation"

    @property
    def complete(self) -> bool:
        return self.stopped == COMPLETE

    @property
    def remaining(self) -> float:
        """Estimated seconds that the rest of the search would take, 0 when complete."""
        if self.complete or self.explored <= 0:
            return 0.0 if self.complete else float("inf")
        return self.seconds * (1 - self.explored) / self.explored


def stream(
    impact: I64, variants: I64, *, allowed: I64 | None = None, margin: int = 0, rules: Sequence[Rule] = (), threads: int = 1,
) -> Iterator[Batch]:  # fmt: skip
    """Scenarios with inconsistency up to `margin` as they are found; stop taking them to stop the search.

    With several threads a search that is not over after some thousand nodes is split; the order of the scenarios then
    depends on which thread is faster, the set of them does not.
    """
    t = pack(impact, variants, margin, rules)
    s, g = new_search(t), gap_table(impact, variants, margin, t)
    u = no_prices(g, t)
    masks = (1 << variants).astype(np.int64) - 1 if allowed is None else allowed
    out = np.zeros((FIRST_ROOM, len(variants)), np.int8)
    if not k.start(masks, s[k.S_ROWS], s, t):
        yield Batch(out[:0], 1.0, 0, True)
        return
    s[k.S_FRESH] = 1
    while not s[k.S_DONE]:
        found = k.search(s, t, g, u, out, STEP if threads == 1 else ALONE)
        yield Batch(out[:found].copy(), explored(s, t), int(s[k.S_NODES]), bool(s[k.S_DONE]))
        if threads > 1 and s[k.S_NODES] >= ALONE and not s[k.S_DONE]:
            yield from _shared(s, t, g, threads)
            return
        if found == len(out) and len(out) < MOST_ROOM:
            out = np.zeros((4 * len(out), len(variants)), np.int8)


def _shared(s: I64, t: I64, g: I16, threads: int) -> Iterator[Batch]:
    """The rest of a search, done by several threads."""
    nodes = int(s[k.S_NODES])
    parts = split(s, t)
    left = sum(part.share for part in parts)
    if parts:
        for piece in together(parts, t, g, threads):
            left -= piece.share
            nodes += piece.nodes
            yield Batch(piece.scenarios, min(max(1 - left, 0.0), 1.0 - TINY), nodes, False)
    yield Batch(np.zeros((0, int(t[k.N])), np.int8), 1.0, nodes, True)


def solve(
    impact: I64,
    variants: I64,
    *,
    allowed: I64 | None = None,
    margin: int = 0,
    rules: Sequence[Rule] = (),
    limit: int | None = None,
    seconds: float | None = None,
    engine: str = "auto",
    threads: int | None = None,
) -> Solutions:
    """All scenarios with inconsistency up to `margin`, or those found before a limit.

    `impact` is whole-numbered, shape (variants, variants); `allowed` holds one bit mask of variants per descriptor;
    `rules` are ruled-out combinations. `engine` is "propagation", "sat", or "auto": propagation first and, where the
    search turns out long on a large sparse matrix and OR-tools is installed, CP-SAT. `threads` is the number of cores
    unless told; with a `limit` it is one, so that the same scenarios are kept every time.
    """
    from . import sat

    if engine not in ENGINES:
        raise InputError(
            [Problem("", "engine", engine, "one of " + ", ".join(ENGINES), nearest=nearest(engine, ENGINES))]
        )
    if engine == "sat":
        return sat.solve(impact, variants, allowed=allowed, margin=margin, rules=rules, limit=limit, seconds=seconds)
    begin = time.monotonic()
    most = MOST_LISTED if limit is None else limit
    hands = 1 if limit is not None else threads or cores()
    stopped, share, nodes, kept, total = COMPLETE, 0.0, 0, [np.zeros((0, len(variants)), np.int8)], 0
    hand_over = engine == "auto" and sat.suits(impact, variants) and sat.installed()
    try:
        for batch in watched(stream(impact, variants, allowed=allowed, margin=margin, rules=rules, threads=hands)):
            kept.append(batch.scenarios)
            total += len(batch.scenarios)
            share, nodes = batch.explored, batch.nodes
            if total > most or (total == most and not batch.done):
                stopped = f"limit of {most} scenarios" if limit is not None else f"more than {most} scenarios"
            elif seconds is not None and time.monotonic() - begin > seconds and not batch.done:
                stopped = f"limit of {seconds:g} seconds"
            elif hand_over and nodes > sat.HAND_OVER_NODES and share < sat.HAND_OVER_SHARE:
                left = None if seconds is None else max(seconds - (time.monotonic() - begin), 0.1)
                return sat.solve(
                    impact, variants, allowed=allowed, margin=margin, rules=rules, limit=limit, seconds=left
                )
            if stopped != COMPLETE:
                break
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    return Solutions(ordered(np.concatenate(kept)[:most]), stopped, share, nodes, time.monotonic() - begin)


def ordered(scenarios: I8) -> I8:
    """The rows in lexicographic order."""
    if not len(scenarios):
        return scenarios
    return np.ascontiguousarray(scenarios[np.lexsort(scenarios.T[::-1])])


def watched(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches, with a bar that shows the share explored where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield from batches
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scenarios", total=1.0)
        for batch in batches:
            bar.update(task, completed=batch.explored)
            yield batch
