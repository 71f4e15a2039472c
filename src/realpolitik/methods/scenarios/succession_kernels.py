# mypy: disable-error-code="assignment,return-value,arg-type"
# (numba fixes the widths of integers that mypy tells apart)
"""Compiled succession: the next state under each rule, and the basins of all attractors over the whole space.

States are numbered with the last descriptor fastest. Basins are found without a table over all states: the images of
all states are marked in a bitmap, numbered, and only they are followed to their attractors, each with the number of
states it is the image of. Kernels that call each other share this file.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from ._arrays import F64, I8, I64, U64, Any_

GLOBAL, LOCAL, INCREMENTAL, ADIABATIC = range(4)


@njit(cache=True, nogil=True)
def best_variant(balance: I64, begin: int, end: int, current: int) -> int:
    """The variant with the highest balance: the current one if it is among them, else the lowest."""
    best = current
    for c in range(end - begin):
        if balance[begin + c] > balance[begin + best]:
            best = c
    if balance[begin + best] > balance[begin + current]:
        for c in range(best):
            if balance[begin + c] == balance[begin + best]:
                return c
        return best
    return current


@njit(cache=True, nogil=True)
def next_state(x: I64, balance: I64, first: I64, rule: int, group: I64, frozen: I64, out: I64) -> bool:
    """Writes the state that follows `x`; true when it differs. `group` orders descriptors for the adiabatic rule."""
    n = x.shape[0]
    worst = -1
    gap = 0
    active = -1
    for j in range(n):
        out[j] = x[j]
        if frozen[j]:
            continue
        target = best_variant(balance, first[j], first[j + 1], x[j])
        if target == x[j]:
            continue
        lag = balance[first[j] + target] - balance[first[j] + x[j]]
        if rule == INCREMENTAL:
            out[j] = x[j] + 1 if target > x[j] else x[j] - 1
        else:
            out[j] = target
        if lag > gap:
            gap = lag
            worst = j
        if active < 0 or group[j] < active:
            active = group[j]
    if worst < 0:
        return False
    for j in range(n):
        if (rule == LOCAL and j != worst) or (rule == ADIABATIC and group[j] != active):
            out[j] = x[j]
    return True


@njit(cache=True, nogil=True)
def balance_of(impact: I64, first: I64, x: I64, out: I64) -> None:
    out[:] = 0
    for i in range(x.shape[0]):
        row = first[i] + x[i]
        for c in range(out.shape[0]):
            out[c] += impact[row, c]


@njit(cache=True, nogil=True)
def follow(impact: I64, first: I64, start: I64, rule: int, group: I64, frozen: I64, out: I8) -> tuple[int, int]:
    """Writes the states from `start` on; (number written, position where the cycle begins, -1 when `out` was full)."""
    n = start.shape[0]
    x = start.copy()
    y = np.empty(n, np.int64)
    balance = np.empty(first[n], np.int64)
    for k in range(out.shape[0]):
        for q in range(k):
            same = True
            for j in range(n):
                if out[q, j] != x[j]:
                    same = False
                    break
            if same:
                return k, q
        for j in range(n):
            out[k, j] = x[j]
        balance_of(impact, first, x, balance)
        next_state(x, balance, first, rule, group, frozen, y)
        x[:] = y
    return out.shape[0], -1


@njit(cache=True, nogil=True)
def digits(state: int, variants: I64, out: I64) -> None:
    for k in range(variants.shape[0] - 1, -1, -1):
        out[k] = state % variants[k]
        state //= variants[k]


@njit(cache=True, nogil=True)
def successors(
    impact: I64, variants: I64, first: I64, rule: int, group: I64, frozen: I64, begin: int, out: I64
) -> None:
    """The states that follow begin, begin + 1, ...: any rule, one state after another."""
    n = variants.shape[0]
    x, y = np.empty(n, np.int64), np.empty(n, np.int64)
    balance = np.empty(first[n], np.int64)
    digits(begin, variants, x)
    balance_of(impact, first, x, balance)
    for s in range(out.shape[0]):
        next_state(x, balance, first, rule, group, frozen, y)
        number = 0
        for j in range(n):
            number = number * variants[j] + y[j]
        out[s] = number
        for k in range(n - 1, -1, -1):
            old = first[k] + x[k]
            x[k] = x[k] + 1 if x[k] + 1 < variants[k] else 0
            for c in range(balance.shape[0]):
                balance[c] += impact[first[k] + x[k], c] - impact[old, c]
            if x[k]:
                break


@njit(cache=True, nogil=True)
def inner_table(keys: Any_, variants: I64, first: I64, split: int, out: Any_) -> None:
    """Twice the balance that the fast descriptors give each column, plus one where the column is their own variant."""
    n = variants.shape[0]
    x = np.zeros(n, np.int64)
    for state in range(out.shape[1]):
        rest = state
        for k in range(n - 1, split - 1, -1):
            x[k] = rest % variants[k]
            rest //= variants[k]
        for k in range(split, n):
            row = first[k] + x[k]
            for c in range(out.shape[0]):
                out[c, state] += keys[row, c]
            out[row, state] += 1


@njit(cache=True, nogil=True)
def images(
    keys: Any_,
    inner: Any_,
    variants: I64,
    first: I64,
    split: int,
    outer: int,
    best: Any_,
    place: Any_,
    low: Any_,
    high: np.ndarray,
) -> None:
    """Global succession for all states with one setting of the slow descriptors; one vector pass per column."""  # fmt: skip
    n = variants.shape[0]
    size = inner.shape[1]
    x = np.zeros(n, np.int64)
    rest = outer
    for k in range(split - 1, -1, -1):
        x[k] = rest % variants[k]
        rest //= variants[k]
    base = np.zeros(inner.shape[0], keys.dtype)
    for k in range(split):
        row = first[k] + x[k]
        for c in range(base.shape[0]):
            base[c] += keys[row, c]
        base[row] += 1
    for s in range(size):
        low[s] = 0
        high[s] = 0
    for j in range(n):
        column = inner[first[j]]
        add = base[first[j]]
        for s in range(size):
            best[s] = column[s] + add
            place[s] = 0
        for c in range(1, variants[j]):
            column = inner[first[j] + c]
            add = base[first[j] + c]
            variant = place.dtype.type(c)
            for s in range(size):
                value = best.dtype.type(column[s] + add)
                better = value > best[s]
                place[s] = variant if better else place[s]
                best[s] = value if better else best[s]
        factor = np.int32(variants[j])
        if j < split:
            for s in range(size):
                high[s] = np.int32(high[s] * factor) + np.int32(place[s])
        else:
            for s in range(size):
                low[s] = np.int16(low[s] * factor) + np.int16(place[s])


@njit(cache=True, nogil=True)
def mark(
    keys: Any_, inner: Any_, variants: I64, first: I64, split: int, begin: int, end: int, bits: U64, kept: np.ndarray
) -> None:
    """Marks the images of the states with slow settings begin..end-1, and keeps them where `kept` has room."""
    size = inner.shape[1]
    best, place, low = np.empty(size, keys.dtype), np.empty(size, keys.dtype), np.empty(size, np.int16)
    high = np.empty(size, np.int32)
    for outer in range(begin, end):
        images(keys, inner, variants, first, split, outer, best, place, low, high)
        if kept.shape[0]:
            part = kept[outer * size : (outer + 1) * size]
            for s in range(size):
                part[s] = high[s] * np.int32(size) + np.int32(low[s])
        last = np.int64(-1)
        for s in range(size):
            state = np.int64(high[s]) * size + np.int64(low[s])
            if state != last:
                last = state
                bits[state >> 6] |= np.uint64(1) << np.uint64(state & 63)


@njit(cache=True, nogil=True)
def ones(x: int) -> int:
    """Number of set bits (a pattern that LLVM turns into one instruction)."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def number_images(bits: U64, ranks: I64) -> int:
    """Interleaves, per 64 states, how many images come before them and which of them are images."""
    total = 0
    for w in range(bits.shape[0]):
        ranks[2 * w] = total
        ranks[2 * w + 1] = np.int64(bits[w])
        total += ones(bits[w])
    return total


@njit(cache=True, nogil=True)
def rank(ranks: I64, state: int) -> int:
    """The number of an image."""
    at = np.uintp(2 * (state >> 6))
    below = np.uint64(ranks[at + np.uintp(1)]) & ((np.uint64(1) << np.uint64(state & 63)) - np.uint64(1))
    return ranks[at] + ones(below)


@njit(cache=True, nogil=True)
def weigh(
    keys: Any_,
    inner: Any_,
    variants: I64,
    first: I64,
    split: int,
    begin: int,
    end: int,
    ranks: I64,
    weight: np.ndarray,
    image: np.ndarray,
    kept: np.ndarray,
) -> None:
    """Counts how many states lead to each image, and notes where each image leads itself."""  # fmt: skip
    size = inner.shape[1]
    best, place, low = np.empty(size, keys.dtype), np.empty(size, keys.dtype), np.empty(size, np.int16)
    high = np.empty(size, np.int32)
    to = np.empty(size, np.int32)
    for outer in range(begin, end):
        if kept.shape[0]:
            part = kept[outer * size : (outer + 1) * size]
            for s in range(size):
                to[s] = rank(ranks, np.int64(part[s]))
        else:
            images(keys, inner, variants, first, split, outer, best, place, low, high)
            for s in range(size):
                to[s] = rank(ranks, np.int64(high[s]) * size + np.int64(low[s]))
        for s in range(size):
            weight[to[s]] += 1
        keep_images(to, outer * size, ranks, image)


@njit(cache=True, nogil=True)
def keep_images(to: np.ndarray, begin: int, ranks: I64, image: np.ndarray) -> None:
    """Of the states begin, begin + 1, ... that lead to the images `to`, notes those that are images themselves."""
    end = begin + to.shape[0]
    own = rank(ranks, begin)
    for w in range(begin >> 6, (end + 63) >> 6):
        left = ranks[2 * w + 1]
        if left == 0:
            continue
        for k in range(max(begin - 64 * w, 0), min(end - 64 * w, 64)):
            if left >> k & 1:
                image[own] = to[64 * w + k - begin]
                own += 1


@njit(cache=True, nogil=True)
def mark_list(states: I64, bits: U64) -> None:
    for state in states:
        bits[state >> 6] |= np.uint64(1) << np.uint64(state & 63)


@njit(cache=True, nogil=True)
def weigh_list(states: I64, begin: int, ranks: I64, weight: np.ndarray, image: np.ndarray) -> None:
    """As `weigh`, for images that are already computed."""
    to = np.empty(states.shape[0], np.int32)
    for s in range(states.shape[0]):
        to[s] = rank(ranks, states[s])
        weight[to[s]] += 1
    keep_images(to, begin, ranks, image)


@njit(cache=True, nogil=True)
def settle(image: np.ndarray, weight: np.ndarray, room: int) -> tuple:
    """Follows every image to its attractor: (one image of each attractor, its period, states in its basin).

    The arrays are shorter than the number of attractors when there are more than `room`.
    """
    label = np.full(image.shape[0], -1, np.int32)
    path = np.empty(1024, np.int64)
    member, period, basin = np.zeros(room, np.int64), np.zeros(room, np.int64), np.zeros(room, np.int64)
    found = 0
    for begin in range(image.shape[0]):
        length = 0
        x = np.int64(begin)
        while label[x] == -1:
            label[x] = -2 - length
            if length == path.shape[0]:
                longer = np.empty(2 * length, np.int64)
                longer[:length] = path
                path = longer
            path[length] = x
            length += 1
            x = np.int64(image[x])
        mine = label[x]
        if mine < -1:
            if found == room:
                return member, period, basin, -1
            mine = np.int32(found)
            member[found] = x
            period[found] = length - (-2 - label[x])
            found += 1
        for k in range(length):
            label[path[k]] = mine
        basin[mine] += weight[begin]
    return member, period, basin, found


@njit(cache=True, nogil=True)
def state_of(ranks: I64, words: int, number: int) -> int:
    """The state of an image, from its number."""
    low, high = 0, words - 1
    while low < high:
        middle = (low + high + 1) // 2
        if ranks[2 * middle] <= number:
            low = middle
        else:
            high = middle - 1
    left = number - ranks[2 * low]
    bits = np.uint64(ranks[2 * low + 1])
    for k in range(64):
        if bits >> np.uint64(k) & np.uint64(1):
            if left == 0:
                return 64 * low + k
            left -= 1
    return -1


@njit(cache=True, nogil=True)
def attract(
    impact: I64, first: I64, starts: I8, rule: int, group: I64, frozen: I64, path: I8, out: I8, period: I64
) -> None:
    """For each start, the smallest state of the attractor it ends in and that attractor's period (0: not reached)."""
    n = starts.shape[1]
    begin = np.empty(n, np.int64)
    for r in range(starts.shape[0]):
        for j in range(n):
            begin[j] = starts[r, j]
        length, cycle = follow(impact, first, begin, rule, group, frozen, path)
        if cycle < 0:
            period[r] = 0
            continue
        period[r] = length - cycle
        least = cycle
        for k in range(cycle + 1, length):
            for j in range(n):
                if path[k, j] != path[least, j]:
                    if path[k, j] < path[least, j]:
                        least = k
                    break
        for j in range(n):
            out[r, j] = path[least, j]


@njit(cache=True, nogil=True)
def push_paths(impact: I64, variants: I64, first: I64, starts: I64, cost: I64, before: I64) -> None:
    """Least pushes, then least steps, from the nearest of some states to all others, one descriptor at a time.

    A step is free when the descriptor's balance rises by it and a push when it does not. `cost` is pushes * 2**20 plus
    steps; `before` is the state that comes before on the way.
    """
    n = variants.shape[0]
    x = np.empty(n, np.int64)
    balance = np.empty(first[n], np.int64)
    factor = np.ones(n, np.int64)
    for k in range(n - 2, -1, -1):
        factor[k] = factor[k + 1] * variants[k + 1]
    cost[:] = 1 << 60
    before[:] = -1
    heap = [(np.int64(0), np.int64(starts[0]))]
    cost[starts[0]] = 0
    for start in starts[1:]:
        cost[start] = 0
        heapq.heappush(heap, (np.int64(0), np.int64(start)))
    while len(heap) > 0:
        paid, state = heapq.heappop(heap)
        if paid > cost[state]:
            continue
        digits(state, variants, x)
        balance_of(impact, first, x, balance)
        for j in range(n):
            own = balance[first[j] + x[j]]
            for c in range(variants[j]):
                if c == x[j]:
                    continue
                to = state + (c - x[j]) * factor[j]
                price = paid + 1 + (0 if balance[first[j] + c] > own else 1 << 20)
                if price < cost[to]:
                    cost[to] = price
                    before[to] = state
                    heapq.heappush(heap, (np.int64(price), np.int64(to)))


@njit(cache=True, nogil=True)
def gibbs(impact: F64, first: I64, firmness: float, x: I64, picks: I64, draws: F64, warm: int, time: F64) -> None:
    """Draws one descriptor after another anew with weight exp(firmness * balance); adds up the time of each variant."""
    n = x.shape[0]
    balance = np.zeros(first[n])
    for i in range(n):
        balance += impact[first[i] + x[i]]
    for step in range(picks.shape[0]):
        j = picks[step]
        top = balance[first[j] : first[j + 1]].max()
        total = 0.0
        for c in range(first[j], first[j + 1]):
            total += np.exp(firmness * (balance[c] - top))
        left = draws[step] * total
        new = first[j + 1] - first[j] - 1
        for c in range(first[j + 1] - first[j]):
            left -= np.exp(firmness * (balance[first[j] + c] - top))
            if left < 0:
                new = c
                break
        if new != x[j]:
            balance += impact[first[j] + new] - impact[first[j] + x[j]]
            x[j] = new
        if step >= warm:
            for i in range(n):
                time[first[i] + x[i]] += 1
