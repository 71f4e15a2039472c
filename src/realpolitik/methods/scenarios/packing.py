"""Lays a cross-impact matrix out for the compiled search."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from realpolitik.terms import InputError

from . import kernels as k
from ._arrays import I16, I32, I64, Bool

DENSE_FROM = 0.4  # share of judged blocks from which the one-pass kernels are faster
PRICED_FROM = 2.0**34  # combinations from which prices save more than they cost
PRICED_DOWN_TO = 8  # undecided descriptors; with fewer left, plain search is faster
MOST_NUMBERS = 2**27  # in the tables of one matrix: 1 GiB

Rule = Sequence[tuple[int, int]]


def first_rows(variants: I64) -> I64:
    return np.concatenate([[0], np.cumsum(variants)]).astype(np.int64)


def judged_blocks(impact: I64, first: I64) -> Bool:
    """Which descriptor says anything about which, as a square boolean array."""
    columns = np.add.reduceat((impact != 0).astype(np.int64), first[:-1], axis=1)
    return np.asarray(np.add.reduceat(columns, first[:-1], axis=0) > 0)


def largest_gaps(low: I64, high: I64, first: I64, margin: int) -> I64:
    """A bound on the size of every gap of each target when each cell may lie between low and high."""
    out = np.zeros(len(first) - 1, np.int64)
    for j in range(len(out)):
        columns = slice(first[j], first[j + 1])
        spread = np.maximum.reduceat(high[:, columns].max(axis=1) - low[:, columns].min(axis=1), first[:-1])
        out[j] = spread.sum() + 2 * spread.max(initial=0) + margin
    return out


def layout(variants: I64, blocks: Bool, largest_gap: I64, rules: Sequence[Rule] = (), dense: bool | None = None) -> I64:
    """Tables for the given judged blocks, gains still empty; `largest_gap[j]` bounds every gap of target j."""
    n = len(variants)
    if dense is None:
        dense = not rules and bool(blocks.mean() > DENSE_FROM)
    bits = np.maximum(np.ceil(np.log2(2.0 * largest_gap + 3)).astype(np.int64), 2)
    lanes = k.WORD // bits
    words = -(-variants * (variants - 1) // lanes)
    word_at = first_rows(words)
    alive_at, alive = _alive(variants, word_at, bits, lanes)
    edges = _edges(variants, blocks | dense, words, word_at, dense)
    stride = np.diff(edges["touched_at"])
    total = int(word_at[-1])
    _refuse_too_large(int((stride * 2.0 ** (variants + 1)).sum()))
    parts: dict[int, Any] = {
        k.VARIANTS: variants, k.FIRST: first_rows(variants), k.WORD_AT: word_at,
        k.PAIR_AT: first_rows(variants * (variants - 1)), k.PLACE: _places(variants, word_at, bits, lanes),
        k.BITS: bits, k.LANES: lanes,
        k.ALIVE_AT: alive_at, k.ALIVE: alive, k.TOUCHED_AT: edges["touched_at"], k.TOUCHED: edges["touched"],
        k.OWNER: edges["owner"], k.GAIN_AT: first_rows(stride * variants), k.BEST_AT: first_rows(stride * 2**variants),
        k.IN_AT: edges["in_at"], k.IN_FROM: edges["in_from"], k.IN_POS: edges["in_pos"],
        k.EDGE: np.zeros(4 * len(edges["in_from"])),
        k.BASE: np.zeros(total), k.REACH: np.zeros(total), k.PULL: np.zeros(n),
        k.GAIN: np.zeros((stride * variants).sum()), k.BEST: np.zeros((stride * 2**variants).sum()),
        k.SPREAD: np.zeros((stride * 2**variants).sum()),
        k.RULE_AT: first_rows(np.array([len(r) for r in rules], np.int64)),
        k.RULE_DESCRIPTOR: [i for r in rules for i, _ in r], k.RULE_VARIANT: [a for r in rules for _, a in r],
        k.CUT_AT: edges["cut_at"], k.SOURCES: edges["sources"],
    }  # fmt: skip
    header = {
        k.N: n,
        k.WORDS: total,
        k.ROW: n + 3 * total if dense else n + 2 * total + blocks_of(n),
        k.OPEN: n + 2 * total,
        k.BLOCKS: blocks_of(n),
        k.DENSE: int(dense),
        k.FEWEST: PRICED_DOWN_TO,
        k.RULES: len(rules),
    }
    t = _join(parts, header)
    _write_edges(t)
    return t


def _write_edges(t: I64) -> None:
    """What propagation reads of every incoming edge, side by side."""
    begin, end = int(t[k.EDGE]), int(t[k.BASE])
    source = t[t[k.IN_FROM] : t[k.IN_FROM] + (end - begin) // 4]
    place = t[t[k.IN_POS] : t[k.IN_POS] + len(source)]
    stride = t[t[k.TOUCHED_AT] + source + 1] - t[t[k.TOUCHED_AT] + source]
    best, gain = t[t[k.BEST_AT] + source] + place, t[k.GAIN] + t[t[k.GAIN_AT] + source] + place
    t[begin:end] = np.stack([source, stride, best, gain], axis=1).ravel()


def _refuse_too_large(numbers: int) -> None:
    if numbers > MOST_NUMBERS:
        raise InputError(
            f"the tables of this matrix would take {8 * numbers / 2**30:.1f} GiB, since a descriptor with v variants takes 2**v "
            "rows: split the descriptors with the most variants, or leave variants out"
        )


def _join(parts: dict[int, Any], header: dict[int, int]) -> I64:
    arrays = {name: np.asarray(part, dtype=np.int64) for name, part in parts.items()}
    out = np.zeros(k.END + sum(len(a) for a in arrays.values()), np.int64)
    at = k.END
    for name, array in arrays.items():
        out[name] = at
        out[at : at + len(array)] = array
        at += len(array)
    for name, value in header.items():
        out[name] = value
    return out


def blocks_of(number: int) -> int:
    """64-bit words that hold one bit for each of `number` descriptors."""
    return -(-number // 64)


def _edges(variants: I64, blocks: Bool, words: I64, word_at: I64, itself: bool) -> dict[str, I64]:
    n, sets = len(variants), blocks_of(len(variants))
    keep = blocks & (variants > 1)[:, None] & (words > 0)
    if not itself:
        keep = keep & ~np.eye(n, dtype=bool)
    source, target = np.nonzero(keep)
    length = words[target]
    place = np.cumsum(length) - length
    within = np.arange(int(length.sum())) - np.repeat(place, length)
    cuts = np.bincount(source * sets + target // 64, weights=length, minlength=n * sets)
    touched_at = first_rows(np.bincount(source, weights=length, minlength=n))
    bit = np.left_shift(np.uint64(1), (np.arange(n) % 64).astype(np.uint64))
    others = np.flatnonzero(source != target)
    into = others[np.argsort(target[others], kind="stable")]
    sources = np.zeros(n * sets, np.uint64)
    np.bitwise_or.at(sources, target[into] * sets + source[into] // 64, bit[source[into]])
    return {
        "touched": np.repeat(word_at[target], length) + within, "owner": np.repeat(target % 64, length),
        "touched_at": touched_at, "cut_at": first_rows(cuts), "sources": sources.view(np.int64),
        "in_at": first_rows(np.bincount(target[into], minlength=n)), "in_from": source[into],
        "in_pos": place[into] - touched_at[source[into]],
    }  # fmt: skip


def _places(variants: I64, word_at: I64, bits: I64, lanes: I64) -> list[int]:
    return [
        int(word_at[j] + lane // lanes[j]) << 6 | int(lane % lanes[j] * bits[j])
        for j, v in enumerate(variants.tolist())
        for lane in range(v * (v - 1))
    ]


def _alive(variants: I64, word_at: I64, bits: I64, lanes: I64) -> tuple[list[int], I64]:
    at: list[int] = []
    total = 0
    out: list[I64] = [np.zeros(0, np.int64)]
    for j, v in enumerate(variants.tolist()):
        for q in range(int(word_at[j + 1] - word_at[j])):
            at.append(total)
            out.append(_alive_of_word(v, q, int(bits[j]), int(lanes[j])))
            total += len(out[-1])
    return at, np.concatenate(out)


@lru_cache(maxsize=256)
def _alive_of_word(variants: int, word: int, bits: int, lanes: int) -> I64:
    masks = np.zeros(2**variants, np.uint64)
    for c in range(variants):
        own = [lane - word * lanes for lane in range(c * (variants - 1), (c + 1) * (variants - 1))]
        masks[1 << c] = sum(1 << ((lane + 1) * bits - 1) for lane in own if 0 <= lane < lanes)
    for m in range(1, len(masks)):
        masks[m] = masks[m & (m - 1)] | masks[m & -m]
    return masks.view(np.int64)


def pack(impact: I64, variants: I64, margin: int, rules: Sequence[Rule] = ()) -> I64:
    """The tables of one matrix."""
    first = first_rows(variants)
    t = layout(variants, judged_blocks(impact, first), largest_gaps(impact, impact, first, margin), rules)
    k.fill(impact, margin, t)
    return t


def new_search(t: I64) -> I64:
    """An empty search for the tables `t`."""
    depth = int(t[k.N]) + 2
    at = np.cumsum([k.S_ROWS + 1, depth, depth, 2 * int(t[k.BLOCKS]), int(t[k.WORDS]), depth * int(t[k.ROW])])
    s = np.zeros(at[-1], np.int64)
    for name, begin in zip((k.S_BRANCH, k.S_TODO, k.S_MARKS, k.S_SUM, k.S_ROWS), at, strict=False):
        s[name] = begin
    return s


def gap_table(impact: I64, variants: I64, margin: int, t: I64) -> I16:
    """What every row adds to every gap, for the prices; no rows where prices do not pay or would not fit their types."""
    gaps, rows = int((variants * (variants - 1)).sum()), int(variants.sum())
    largest = 2 * int(np.abs(impact).max(initial=0)) + margin
    fits = largest < 2**15 and gaps * k.DEAREST * largest < 2**31
    if not t[k.DENSE] or not fits or np.prod(variants.astype(float)) < PRICED_FROM:
        return np.zeros((0, 1), np.int16)
    g = np.zeros((gaps, -(-(rows + 1) // 16) * 16), np.int16)
    k.fill_gaps(impact, margin, t, g)
    return g


def no_prices(g: I16, t: I64) -> I32:
    """The prices before a search: none."""
    gaps, width, n = len(g), g.shape[1], int(t[k.N])
    u = np.zeros(width + 3 * gaps + 3 * n, np.int32)
    u[width + gaps : width + gaps + n] = -1
    return u
