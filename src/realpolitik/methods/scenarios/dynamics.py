"""Succession: where a state moves when every variant follows its impact balance, and how much of the space ends where.

Weimer-Jehle 2006, section 4.3. On a tie a descriptor keeps its variant; the rules differ in who moves at once:
global (all), local (the one that lags most), incremental (all, one variant at a time) and adiabatic (the fastest
group that is not settled).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise, product
from threading import Event

import numpy as np

from realpolitik.terms import InputError, Problem, nearest

from . import succession_kernels as k
from ._arrays import I8, I64
from .packing import first_rows
from .robustness import wilson
from .sharing import awaited, cores

RULES = {"global": k.GLOBAL, "local": k.LOCAL, "incremental": k.INCREMENTAL, "adiabatic": k.ADIABATIC}
MOST_STATES = 1_000_000_000
MOST_IMAGES = 2**31 - 2
MOST_KEPT = 2**26  # images kept between the two passes: 256 MiB
INNER = 2_500  # states handled in one vector pass
BLOCK = 1 << 16
TURN_STATES = 1 << 22  # states that a thread handles before it looks whether to stop
LONGEST = 4_096  # steps
MOST_PATH_STATES = 6_000_000


@dataclass(frozen=True, eq=False)
class Walk:
    """The states from a start on; those from `cycle` on repeat for ever (`cycle` -1: not settled within the steps)."""

    states: I8
    cycle: int

    @property
    def period(self) -> int:
        """1 for a consistent scenario, more for a cycle, 0 when it did not settle."""
        return len(self.states) - self.cycle if self.cycle >= 0 else 0


@dataclass(frozen=True, eq=False)
class Attractor:
    """Where succession ends: a consistent scenario (period 1) or a cycle, and how many states end there."""

    states: I8
    period: int
    basin: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Basins:
    """All attractors, the largest basin first; `exact` unless the starts were sampled."""

    attractors: tuple[Attractor, ...]
    total: int  #: states of the space, or starts drawn
    exact: bool
    unsettled: int = 0  #: starts that had not settled within the longest walk


def rule_number(rule: str) -> int:
    if rule not in RULES:
        raise InputError([Problem("", "rule", rule, "one of " + ", ".join(RULES), nearest=nearest(rule, RULES))])
    return RULES[rule]


def walk(
    impact: I64, variants: I64, start: I64, *, rule: str = "global", group: I64 | None = None, steps: int = LONGEST
) -> Walk:
    """The succession from one state. `group` numbers the descriptors from fast to slow for the adiabatic rule."""
    n = len(variants)
    out = np.zeros((steps + 1, n), np.int8)
    used, cycle = k.follow(
        impact, first_rows(variants), start, rule_number(rule), _groups(group, n), np.zeros(n, np.int64), out
    )
    return Walk(out[:used].copy(), int(cycle))


def _groups(group: I64 | None, n: int) -> I64:
    return np.arange(n, dtype=np.int64) if group is None else group


def basins(
    impact: I64, variants: I64, *, rule: str = "global", group: I64 | None = None, threads: int | None = None,
    most_states: int = MOST_STATES, starts: int = 20_000, seed: int = 1,
) -> Basins:  # fmt: skip
    """Basins of all attractors: exact over the whole space up to `most_states`, else from sampled starts."""
    states, hands = math.prod(variants.tolist()), threads or cores()
    if states > most_states:
        return sampled(impact, variants, rule=rule, group=group, starts=starts, seed=seed)
    if rule == "global" and 2 * int(np.abs(impact).sum(axis=0).max(initial=0)) + 2 < 2**15:
        space: _Space = _Vectors(impact, variants, hands)
    else:
        space = _OneByOne(impact, variants, rule_number(rule), _groups(group, len(variants)), hands)
    return _settled(space, impact, variants, rule, group, states)


class _Space:
    """How the images of all states are made, in pieces that can be shared out."""

    pieces: int
    threads: int
    states: int

    def mark(self, begin: int, end: int, bits: np.ndarray) -> None:
        raise NotImplementedError

    def weigh(self, begin: int, end: int, ranks: I64, weight: np.ndarray, image: np.ndarray) -> None:
        raise NotImplementedError

    def share(self) -> list[tuple[int, int]]:
        cuts = [self.pieces * p // self.threads for p in range(self.threads + 1)]
        return list(pairwise(cuts))


class _Vectors(_Space):
    """Global succession, thousands of states at once."""

    def __init__(self, impact: I64, variants: I64, threads: int):
        self.variants, self.first, self.threads = variants, first_rows(variants), threads
        self.split, self.size = len(variants), 1
        while self.split > 0 and self.size * variants[self.split - 1] <= INNER:
            self.split -= 1
            self.size *= int(variants[self.split])
        self.keys = (2 * impact).astype(np.int16)
        self.inner = np.zeros((impact.shape[1], self.size), np.int16)
        k.inner_table(self.keys, variants, self.first, self.split, self.inner)
        self.pieces = int(np.prod(variants[: self.split], dtype=np.int64))
        self.states = self.pieces * self.size
        self.kept = np.empty(self.states if self.states <= MOST_KEPT else 0, np.int32)

    def mark(self, begin: int, end: int, bits: np.ndarray) -> None:
        k.mark(self.keys, self.inner, self.variants, self.first, self.split, begin, end, bits, self.kept)

    def weigh(self, begin: int, end: int, ranks: I64, weight: np.ndarray, image: np.ndarray) -> None:
        k.weigh(
            self.keys, self.inner, self.variants, self.first, self.split, begin, end, ranks, weight, image, self.kept
        )


class _OneByOne(_Space):
    """Any rule, one state after another."""

    def __init__(self, impact: I64, variants: I64, rule: int, group: I64, threads: int):
        self.impact, self.variants, self.first = impact, variants, first_rows(variants)
        self.rule, self.group, self.threads = rule, group, threads
        self.states = int(np.prod(variants, dtype=np.int64))
        self.pieces = -(-self.states // BLOCK)

    def _images(self, piece: int) -> I64:
        out = np.empty(min(BLOCK, self.states - piece * BLOCK), np.int64)
        still = np.zeros(len(self.variants), np.int64)
        k.successors(self.impact, self.variants, self.first, self.rule, self.group, still, piece * BLOCK, out)
        return out

    def mark(self, begin: int, end: int, bits: np.ndarray) -> None:
        for piece in range(begin, end):
            k.mark_list(self._images(piece), bits)

    def weigh(self, begin: int, end: int, ranks: I64, weight: np.ndarray, image: np.ndarray) -> None:
        for piece in range(begin, end):
            k.weigh_list(self._images(piece), piece * BLOCK, ranks, weight, image)


def _settled(space: _Space, impact: I64, variants: I64, rule: str, group: I64 | None, states: int) -> Basins:
    words = -(-states // 64)
    with ThreadPoolExecutor(space.threads) as pool:
        maps = [np.zeros(words, np.uint64) for _ in range(space.threads)]
        _in_turns(pool, space, space.mark, [(bits,) for bits in maps])
        for other in maps[1:]:
            maps[0] |= other
        ranks = np.empty(2 * words, np.int64)
        number = int(k.number_images(maps[0], ranks))
        if number > MOST_IMAGES:
            raise InputError("too many states have a state before them; use sampled starts")
        weights = [np.zeros(number, np.int64) for _ in range(space.threads)]
        image = np.empty(number, np.int32)
        _in_turns(pool, space, space.weigh, [(ranks, weight, image) for weight in weights])
    weight = np.sum(weights, axis=0) if len(weights) > 1 else weights[0]
    room = 1 << 12
    while True:
        member, period, basin, found = k.settle(image, weight, room)
        if found >= 0:
            break
        room *= 16
    one = [int(k.state_of(ranks, words, m)) for m in member[:found]]
    parts = [_attractor(impact, variants, rule, group, state, int(p), int(b), states)
             for state, p, b in zip(one, period[:found], basin[:found], strict=True)]  # fmt: skip
    return Basins(_by_size(parts), states, True)


def _in_turns(
    pool: ThreadPoolExecutor, space: _Space, work: Callable[..., None], into: Sequence[tuple[np.ndarray, ...]]
) -> None:
    """Each thread's share of the pieces, in turns short enough for an interrupt to be heard between them."""
    stop = Event()
    turn = max(-(-TURN_STATES * space.pieces // space.states), 1)

    def share(begin: int, end: int, arrays: tuple[np.ndarray, ...]) -> None:
        for at in range(begin, end, turn):
            if not stop.is_set():
                work(at, min(at + turn, end), *arrays)

    jobs = [pool.submit(share, *ends, arrays) for ends, arrays in zip(space.share(), into, strict=True)]
    try:
        for job in jobs:
            awaited(job)
    except BaseException:
        stop.set()
        raise


def _by_size(parts: list[Attractor]) -> tuple[Attractor, ...]:
    return tuple(sorted(parts, key=lambda a: (-a.basin, a.states.tolist())))


def _attractor(
    impact: I64, variants: I64, rule: str, group: I64 | None, state: int, period: int, basin: int, total: int
) -> Attractor:
    start = np.zeros(len(variants), np.int64)
    k.digits(state, variants, start)
    cycle = walk(impact, variants, start, rule=rule, group=group, steps=period + 1).states[:period]
    least = min(range(period), key=lambda p: cycle[p].tolist())
    share = basin / total
    return Attractor(np.roll(cycle, -least, axis=0), period, basin, share, share, share)


def sampled(
    impact: I64, variants: I64, *, rule: str = "global", group: I64 | None = None, starts: int = 20_000, seed: int = 1
) -> Basins:
    """Basins from starts drawn uniformly, with 95 % Wilson intervals."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7]))
    n, first = len(variants), first_rows(variants)
    begin = rng.integers(0, variants, size=(starts, n)).astype(np.int8)
    out, period = np.zeros_like(begin), np.zeros(starts, np.int64)
    path = np.zeros((LONGEST, n), np.int8)
    number, groups = rule_number(rule), _groups(group, n)
    k.attract(impact, first, begin, number, groups, np.zeros(n, np.int64), path, out, period)
    kept = period > 0
    ends, counts = np.unique(out[kept], axis=0, return_counts=True)
    parts = []
    for row, hits in zip(ends, counts.tolist(), strict=True):
        cycle = walk(impact, variants, row.astype(np.int64), rule=rule, group=group)
        parts.append(Attractor(cycle.states, cycle.period, hits, hits / starts, *wilson(hits, starts)))
    return Basins(_by_size(parts), starts, False, int((~kept).sum()))


@dataclass(frozen=True, eq=False)
class Paths:
    """The cheapest ways from one state, or the nearest of some, to all others, one descriptor at a time."""

    variants: I64
    cost: I64
    before: I64

    def number(self, scenario: Sequence[int]) -> int:
        out = 0
        for v, a in zip(self.variants.tolist(), scenario, strict=True):
            out = out * v + int(a)
        return out

    def pushes(self, scenario: Sequence[int]) -> int:
        """How many of the steps go against the balances and have to be pushed."""
        return int(self.cost[self.number(scenario)]) >> 20

    def to(self, scenario: Sequence[int]) -> I8:
        """The states on the way, the start first."""
        state, out = self.number(scenario), []
        while state >= 0:
            x = np.zeros(len(self.variants), np.int64)
            k.digits(state, self.variants, x)
            out.append(x)
            state = int(self.before[state])
        return np.array(out[::-1], dtype=np.int8)


def paths_from(impact: I64, variants: I64, start: I64, anywhere: Sequence[int] = ()) -> Paths:
    """Least pushes, then least steps, from a state to every other (InputError beyond six million states).

    The descriptors `anywhere` may begin at any of their variants, whichever is nearest.
    """
    states = int(np.prod(variants, dtype=np.float64))
    if states > MOST_PATH_STATES:
        raise InputError(f"{states} states are too many for paths (at most {MOST_PATH_STATES}); add do= conditions")
    cost, before = np.empty(states, np.int64), np.empty(states, np.int64)
    paths = Paths(variants, cost, before)
    options = [range(v) if j in anywhere else (a,) for j, (v, a) in enumerate(zip(variants, start, strict=True))]
    starts = np.array([paths.number(state) for state in product(*options)], np.int64)
    k.push_paths(impact, variants, first_rows(variants), starts, cost, before)
    return paths
