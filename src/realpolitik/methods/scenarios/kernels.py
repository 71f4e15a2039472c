# mypy: disable-error-code="assignment,return-value,arg-type"
# (numba fixes the widths of integers that mypy tells apart)
"""Compiled search, counting and re-solving. Everything that calls each other is in this one, hence long, file:
numba's file cache does not see changes in callees of other modules.

Vocabulary. A *gap* (j, c, l) is the impact balance of candidate c of descriptor j less that of its rival l. The
*bound* of a gap is the most it can still become, given the variants every source may still take. All bounds of one
target are packed into 64-bit words, one lane per gap, each lane biased by half its range, so that one integer
addition moves all of them and one AND finds a negative one (the top bit of its lane is clear).

The tables of a matrix are one integer array `t`: a header of offsets (the names below), then the tables. A search is
another integer array `s`: scratch first, then one row per depth with the domains, the bounds, the lanes that matter
(`mine`) and those of decided targets (`sure`).

On large dense matrices gaps of decided targets also have *prices*. `g` holds what every row of the matrix adds to every
gap, as plain numbers; `u` the priced sum of each row, the price of each gap, which candidate of each target is priced,
each descriptor's best variant and its worth, and notes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ._arrays import F64, I8, I16, I32, I64

WORD = 64
(
    N,  # number of descriptors
    WORDS,  # number of words
    ROW,  # length of one row of a search
    FEWEST,  # undecided descriptors from which prices are looked at
    DENSE,  # 1 when every source has an entry for every word
    VARIANTS,  # variants of each descriptor
    FIRST,  # first row of each descriptor in the matrix, and the total
    WORD_AT,  # first word of each target, and the total
    BITS,  # bits of one lane, per target
    LANES,  # lanes in one word, per target
    ALIVE_AT,  # per word: where its masks start in ALIVE
    ALIVE,  # per word and domain: top bits of the lanes of the candidates in that domain
    TOUCHED_AT,  # per source: where its touched words start, and the total
    TOUCHED,  # words that a source touches
    OWNER,  # per touched word: the place of its target in its block of 64
    GAIN_AT,  # per source: where its gains start in GAIN
    BEST_AT,  # per source: where its best gains start in BEST
    IN_AT,  # per target: first incoming edge, and the total
    IN_FROM,  # per incoming edge: its source
    IN_POS,  # per incoming edge: its first word among the words its source touches
    EDGE,  # per incoming edge: source, words it touches, where its best gains and its gains of this target start
    BASE,  # per word: margin, self-impacts and descriptors with one variant
    REACH,  # per word: the most that narrowing one source can take from each lane
    PULL,  # per descriptor: the spread it can induce on all others
    PAIR_AT,  # per target: its first gap among all gaps (rows of `g`)
    PLACE,  # per gap: its word and, in the last six bits, how far up its lane begins
    GAIN,  # per source variant and touched word
    BEST,  # per source domain and touched word: lane-wise maximum over the domain
    SPREAD,  # the same less the lane-wise minimum: the most that deciding this source can take away
    RULES,  # number of ruled-out combinations
    RULE_AT,
    RULE_DESCRIPTOR,
    RULE_VARIANT,
    BLOCKS,  # 64-bit sets that hold one bit per descriptor
    OPEN,  # where in a row the set of undecided descriptors begins (not used by the dense kernels)
    CUT_AT,  # per source and block of targets: where its touched words start
    SOURCES,  # per target: the set of its sources
    END,
) = range(38)

(S_DEPTH, S_FRESH, S_NODES, S_FOUND, S_DONE, S_BRANCH, S_TODO, S_MARKS, S_SUM, S_ROWS) = range(10)

ROUNDS = 3  # looks at the prices per node
FIRST_PRICE = 1000.0  # sets the scale of the prices
DEAREST = 4000
LOG = np.array([1] + [int(1000 * np.log(max(k, 2))) for k in range(1, 66)], dtype=np.int64)


@njit(cache=True, nogil=True)
def fill(impact: I64, margin: int, t: I64) -> None:
    """Writes the gains of an integer matrix into the tables. Lanes run over candidates, then over their rivals."""
    n = t[N]
    t[t[BASE] : t[GAIN]] = 0
    widest = 1
    fixed = np.zeros(impact.shape[1], np.int64)
    for i in range(n):
        widest = max(widest, t[t[VARIANTS] + i])
        if t[t[VARIANTS] + i] == 1:
            row = t[t[FIRST] + i]
            for c in range(fixed.shape[0]):
                if c != row:
                    fixed[c] += impact[row, c]
    scratch = np.empty((2, max(1 << widest, widest * widest * widest)), np.int64)
    for j in range(n):
        v = t[t[VARIANTS] + j]
        bits = t[t[BITS] + j]
        end = bits * t[t[LANES] + j]
        word = t[BASE] + t[t[WORD_AT] + j]
        first = t[t[FIRST] + j]
        shift = 0
        for c in range(first, first + v):
            for r in range(first, first + v):
                if r == c:
                    continue
                if shift == end:
                    shift = 0
                    word += 1
                total = margin + (1 << (bits - 1)) + impact[c, c] - impact[c, r] + fixed[c] - fixed[r]
                t[word] += total << shift
                shift += bits
        fill_target(impact, j, t, scratch)


@njit(cache=True, nogil=True)
def whole_lanes(top: int, bits: int) -> int:
    """All bits of the lanes whose top bits are given."""
    low = np.int64(np.uint64(top) >> np.uint64(bits - 1))
    return top | (top - low)


@njit(cache=True, nogil=True)
def not_less(x: int, y: int, tops: int, bits: int) -> int:
    """All bits of the lanes in which x is at least y, both without sign; `tops` has the top bit of every lane."""
    apart = (x | tops) - (y & ~tops)
    return whole_lanes(((x & ~y) | (~(x ^ y) & apart)) & tops, bits)


@njit(cache=True, nogil=True)
def lane_weights(v: int, bits: int, lanes: int, out: I64) -> None:
    """What one point for each candidate adds to each word of its target: word after word, candidate after candidate."""
    out[: v * ((v * (v - 1) + lanes - 1) // lanes)] = 0
    k = 0
    for c in range(v):
        for r in range(v):
            if r != c:
                one = np.int64(1) << (k % lanes * bits)
                out[k // lanes * v + c] += one
                out[k // lanes * v + r] -= one
                k += 1


@njit(cache=True, nogil=True)
def fill_target(impact: I64, j: int, t: I64, scratch: I64) -> None:
    """Gains, best gains and reach of everything that acts on target j, all lanes of a word at once.

    The highest and the lowest gains of a domain are compared with half a lane added, so that none is negative.
    """
    v = t[t[VARIANTS] + j]
    bits = t[t[BITS] + j]
    begin = t[t[WORD_AT] + j]
    words = t[t[WORD_AT] + j + 1] - begin
    column = np.uintp(t[t[FIRST] + j])
    floor, weight = scratch[0], scratch[1]
    lane_weights(v, bits, t[t[LANES] + j], weight)
    for e in range(t[t[IN_AT] + j], t[t[IN_AT] + j + 1]):
        edge = t[EDGE] + 4 * e
        i = t[edge]
        stride = np.uintp(t[edge + 1])
        row = np.uintp(t[t[FIRST] + i])
        values = t[t[VARIANTS] + i]
        for q in range(words):
            tops = t[t[ALIVE] + t[t[ALIVE_AT] + begin + q] + (1 << v) - 1]
            gain = np.uintp(t[edge + 3] + q)
            best = np.uintp(t[BEST] + t[edge + 2] + q)
            wide = np.uintp(t[SPREAD] + t[edge + 2] + q)
            for a in range(np.uintp(values)):
                word = 0
                for c in range(np.uintp(v)):
                    word += impact[row + a, column + c] * weight[np.uintp(q * v) + c]
                t[gain + a * stride] = word
                t[best + (np.uintp(1) << a) * stride] = word
                t[wide + (np.uintp(1) << a) * stride] = 0
                floor[np.uintp(1) << a] = word + tops
            for m in range(1, 1 << values):
                rest = m & (m - 1)
                if rest:
                    one = np.uintp(m ^ rest)
                    x, y = t[best + np.uintp(rest) * stride] + tops, t[best + one * stride] + tops
                    lanes = not_less(x, y, tops, bits)
                    high = x & lanes | y & ~lanes
                    x, y = floor[np.uintp(rest)], floor[one]
                    lanes = not_less(x, y, tops, bits)
                    low = y & lanes | x & ~lanes
                    floor[np.uintp(m)] = low
                    t[best + np.uintp(m) * stride] = high - tops
                    t[wide + np.uintp(m) * stride] = high - low
            spread = t[wide + np.uintp((1 << values) - 1) * stride]
            reach = t[REACH] + begin + q
            lanes = not_less(spread, t[reach], tops, bits)
            t[reach] = spread & lanes | t[reach] & ~lanes
            for k in range(t[t[LANES] + j]):
                t[t[PULL] + i] += np.int64(np.uint64(spread) >> np.uint64(k * bits)) & whole_lanes(
                    1 << (bits - 1), bits
                )


@njit(cache=True, nogil=True)
def ones(x: int) -> int:
    """Number of set bits (a pattern that LLVM turns into one instruction)."""
    y = np.uint64(x)
    y = y - ((y >> np.uint64(1)) & np.uint64(0x5555555555555555))
    y = (y & np.uint64(0x3333333333333333)) + ((y >> np.uint64(2)) & np.uint64(0x3333333333333333))
    y = (y + (y >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((y * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True, forceinline=True)
def narrow(i: int, new: int, row: int, s: I64, t: I64) -> None:
    """Gives descriptor i the domain `new` and notes which targets have to be looked at again."""
    mine = np.uintp(row + t[N] + t[WORDS])
    one = new & (new - 1) == 0
    for w in range(np.uintp(t[np.uintp(t[WORD_AT] + i)]), np.uintp(t[np.uintp(t[WORD_AT] + i + 1)])):
        s[mine + w] = t[np.uintp(t[ALIVE] + t[np.uintp(t[ALIVE_AT]) + w] + new)]
    blocks = t[BLOCKS]
    lost = np.uintp(s[S_MARKS])
    if one:
        block = i >> 6
        bit = 1 << (i & 63)
        s[np.uintp(row + t[OPEN] + block)] &= ~bit
        s[lost + np.uintp(blocks + block)] |= bit
    cut = np.uintp(t[CUT_AT] + i * blocks)
    at = t[cut]
    stride = t[np.uintp(t[TOUCHED_AT] + i + 1)] - at
    best = t[BEST] + t[np.uintp(t[BEST_AT] + i)] - at
    a = np.uintp(best + new * stride)
    b = np.uintp(best + s[np.uintp(row + i)] * stride)
    s[np.uintp(row + i)] = new
    bounds = np.uintp(row + t[N])
    reach = np.uintp(t[REACH])
    touched = np.uintp(t[TOUCHED])
    owner = np.uintp(t[OWNER])
    for block in range(np.uintp(blocks)):
        gone = 0
        tight = 0
        for k in range(np.uintp(t[cut + block]), np.uintp(t[cut + block + np.uintp(1)])):
            w = np.uintp(t[touched + k])
            now = s[bounds + w] + t[a + k] - t[b + k]
            s[bounds + w] = now
            bit = t[owner + k]
            alive = s[mine + w]
            gone |= np.int64(~now & alive != 0) << bit
            tight |= np.int64(~(now - t[reach + w]) & alive != 0) << bit
        s[lost + block] |= gone
        s[lost + np.uintp(blocks) + block] |= tight & ~s[np.uintp(row + t[OPEN]) + block]


@njit(cache=True, nogil=True, forceinline=True)
def forget(s: I64, t: I64) -> None:
    """Forgets which targets were to be looked at."""
    for k in range(np.uintp(s[S_MARKS]), np.uintp(s[S_MARKS] + 2 * t[BLOCKS])):
        s[k] = 0


@njit(cache=True, nogil=True, forceinline=True)
def drop_losers(j: int, row: int, s: I64, t: I64) -> bool:
    """Rule A: a candidate goes when some rival beats it whatever the open sources do."""
    keep = s[np.uintp(row + j)]
    d = keep
    bound = np.uintp(row + t[N])
    mine = bound + np.uintp(t[WORDS])
    for w in range(np.uintp(t[np.uintp(t[WORD_AT] + j)]), np.uintp(t[np.uintp(t[WORD_AT] + j + 1)])):
        bad = ~s[bound + w] & s[mine + w]
        alive = np.uintp(t[ALIVE] + t[np.uintp(t[ALIVE_AT]) + w])
        rest = keep
        while bad and rest:
            bit = rest & -rest
            rest ^= bit
            if bad & t[alive + np.uintp(bit)]:
                keep ^= bit
    if keep == 0:
        return False
    if keep != d:
        narrow(j, keep, row, s, t)
    return True


@njit(cache=True, nogil=True, forceinline=True)
def drop_spoilers(j: int, row: int, s: I64, t: I64) -> bool:
    """Rule B: a source's variant goes when it alone would make the decided target j lose."""
    first = t[np.uintp(t[WORD_AT] + j)]
    words = np.uintp(t[np.uintp(t[WORD_AT] + j + 1)] - first)
    bound = np.uintp(row + t[N] + first)
    mine = bound + np.uintp(t[WORDS])
    domains = np.uintp(row)
    spread = np.uintp(t[SPREAD])
    ahead = t[BEST] - t[SPREAD]
    blocks = np.uintp(t[BLOCKS])
    edges = t[EDGE] + 4 * t[np.uintp(t[IN_AT] + j)]
    for block in range(blocks):
        sources = t[np.uintp(t[SOURCES] + j * t[BLOCKS]) + block]
        left = sources & s[np.uintp(row + t[OPEN]) + block]
        while left:
            low = left & -left
            left ^= low
            edge = np.uintp(edges + 4 * ones(sources & (low - 1)))
            i = t[edge]
            stride = t[edge + np.uintp(1)]
            di = s[domains + np.uintp(i)]
            wide = spread + np.uintp(t[edge + np.uintp(2)] + di * stride)
            bad = ~(s[bound] - t[wide]) & s[mine]
            for q in range(np.uintp(1), words):
                bad |= ~(s[bound + q] - t[wide + q]) & s[mine + q]
            if bad == 0:
                continue
            best = np.uintp(np.int64(wide) + ahead)
            gain = np.uintp(t[edge + np.uintp(3)])
            keep = di
            rest = di
            bit = 1
            while rest:
                if rest & 1:
                    bad = ~(s[bound] + t[gain] - t[best]) & s[mine]
                    for q in range(np.uintp(1), words):
                        bad |= ~(s[bound + q] + t[gain + q] - t[best + q]) & s[mine + q]
                    if bad:
                        keep ^= bit
                rest >>= 1
                bit <<= 1
                gain += np.uintp(stride)
            if keep == 0:
                return False
            if keep != di:
                narrow(i, keep, row, s, t)
        edges += 4 * ones(sources)
    return True


@njit(cache=True, nogil=True)
def apply_rules(row: int, s: I64, t: I64) -> bool:
    """Takes the last open literal from every ruled-out combination that is otherwise complete."""
    for r in range(t[RULES]):
        last = -1
        idle = False
        for k in range(t[t[RULE_AT] + r], t[t[RULE_AT] + r + 1]):
            d = s[row + t[t[RULE_DESCRIPTOR] + k]]
            bit = 1 << t[t[RULE_VARIANT] + k]
            if d & bit == 0 or (d != bit and last >= 0):
                idle = True
                break
            if d != bit:
                last = k
        if idle:
            continue
        if last < 0:
            return False
        i = t[t[RULE_DESCRIPTOR] + last]
        narrow(i, s[row + i] & ~(1 << t[t[RULE_VARIANT] + last]), row, s, t)
    return True


@njit(cache=True, nogil=True, forceinline=True)
def next_noted(at: int, s: I64, blocks: int) -> int:
    """Takes a target off the notes at `at`; -1 when there is none."""
    for block in range(blocks):
        noted = s[np.uintp(at + block)]
        if noted:
            low = noted & -noted
            s[np.uintp(at + block)] = noted ^ low
            return (block << 6) + ones(low - 1)
    return -1


@njit(cache=True, nogil=True, forceinline=True)
def propagate(row: int, s: I64, t: I64) -> bool:
    """Both rules until nothing changes; false when a descriptor has no variant left."""
    blocks = t[BLOCKS]
    lost = s[S_MARKS]
    while True:
        j = next_noted(lost, s, blocks)
        if j >= 0:
            if drop_losers(j, row, s, t):
                continue
            forget(s, t)
            return False
        j = next_noted(lost + blocks, s, blocks)
        if j >= 0:
            if drop_spoilers(j, row, s, t):
                continue
            forget(s, t)
            return False
        if t[RULES] == 0:
            return True
        if not apply_rules(row, s, t):
            forget(s, t)
            return False
        if not any_noted(s, t):
            return True


@njit(cache=True, nogil=True)
def any_noted(s: I64, t: I64) -> bool:
    some = 0
    for k in range(s[S_MARKS], s[S_MARKS] + 2 * t[BLOCKS]):
        some |= s[k]
    return some != 0


@njit(cache=True, nogil=True)
def narrow_dense(i: int, new: int, source: int, row: int, s: I64, t: I64) -> int:
    """As `narrow`, in one pass over all words, reading the bounds from row `source`; not 0 when a gap is lost."""
    n = t[N]
    words = np.uintp(t[WORDS])
    a = np.uintp(t[BEST] + t[t[BEST_AT] + i] + new * t[WORDS])
    b = np.uintp(t[BEST] + t[t[BEST_AT] + i] + s[source + i] * t[WORDS])
    bound = np.uintp(row + n)
    old = np.uintp(source + n)
    mine = np.uintp(row + n + t[WORDS])
    s[row + i] = new
    one = new & (new - 1) == 0
    for w in range(t[t[WORD_AT] + i], t[t[WORD_AT] + i + 1]):
        alive = t[t[ALIVE] + t[t[ALIVE_AT] + w] + new]
        s[row + n + t[WORDS] + w] = alive
        if one:
            s[row + n + 2 * t[WORDS] + w] = alive
    lost = 0
    for w in range(words):
        now = s[old + w] + t[a + w] - t[b + w]
        s[bound + w] = now
        lost |= ~now & s[mine + w]
    return lost


@njit(cache=True, nogil=True)
def losers_dense(row: int, s: I64, t: I64) -> bool:
    """Rule A for every target that has a lost gap, until there is none."""
    n = t[N]
    words = t[WORDS]
    lost = 1
    while lost:
        lost = 0
        for j in range(n):
            d = s[row + j]
            keep = d
            for w in range(t[t[WORD_AT] + j], t[t[WORD_AT] + j + 1]):
                bad = ~s[row + n + w] & s[row + n + words + w]
                rest = keep
                while bad and rest:
                    bit = rest & -rest
                    rest ^= bit
                    if bad & t[t[ALIVE] + t[t[ALIVE_AT] + w] + bit]:
                        keep ^= bit
            if keep == 0:
                return False
            if keep != d:
                lost |= narrow_dense(j, keep, row, row, s, t)
    return True


@njit(cache=True, nogil=True)
def spoilers_dense(i: int, row: int, s: I64, t: I64) -> int:
    """Rule B for one source: the variants that no decided target would lose by."""
    words = np.uintp(t[WORDS])
    bound = np.uintp(row + t[N])
    sure = np.uintp(row + t[N] + 2 * t[WORDS])
    d = s[row + i]
    at = t[t[BEST_AT] + i] + d * t[WORDS]
    wide = np.uintp(t[SPREAD] + at)
    bad = 0
    for w in range(words):
        bad |= ~(s[bound + w] - t[wide + w]) & s[sure + w]
    if bad == 0:
        return d
    keep = d
    best = np.uintp(t[BEST] + at)
    for a in range(t[t[VARIANTS] + i]):
        if d >> a & 1:
            gain = np.uintp(t[GAIN] + t[t[GAIN_AT] + i] + a * t[WORDS])
            bad = 0
            for w in range(words):
                bad |= ~(s[bound + w] + t[gain + w] - t[best + w]) & s[sure + w]
            if bad:
                keep &= ~(1 << a)
    return keep


@njit(cache=True, nogil=True)
def propagate_dense(row: int, lost: int, s: I64, t: I64) -> bool:
    """Both rules until nothing changes, for matrices where most blocks are judged."""
    n = t[N]
    while True:
        if lost and not losers_dense(row, s, t):
            return False
        lost = 0
        changed = False
        for i in range(n):
            d = s[row + i]
            if d & (d - 1) == 0:
                continue
            keep = spoilers_dense(i, row, s, t)
            if keep == 0:
                return False
            if keep != d:
                changed = True
                lost |= narrow_dense(i, keep, row, row, s, t)
                if lost:
                    break
        if not changed and not lost:
            return True


@njit(cache=True, nogil=True)
def fill_gaps(impact: I64, margin: int, t: I64, g: I16) -> None:
    """Writes every gap's gain from every row of the matrix, in the column behind them margin and self-impact."""
    rows = impact.shape[0]
    p = 0
    for j in range(t[N]):
        first, last = t[t[FIRST] + j], t[t[FIRST] + j + 1]
        for c in range(first, last):
            for r in range(first, last):
                if r == c:
                    continue
                for k in range(rows):
                    g[p, k] = impact[k, c] - impact[k, r]
                g[p, first:last] = 0
                g[p, rows] = margin + impact[c, c] - impact[c, r]
                p += 1


@njit(cache=True, nogil=True)
def reprice(p: int, new: int, g: I16, u: I32) -> None:
    """Gives gap p the price `new`."""
    width = np.uintp(g.shape[1])
    step = np.int32(new - u[width + np.uintp(p)])
    u[width + np.uintp(p)] = new
    row = g[p]
    for k in range(width):
        u[k] += step * np.int32(row[k])


@njit(cache=True, nogil=True)
def forget_prices(row: int, s: I64, t: I64, g: I16, u: I32) -> None:
    """Takes the prices from gaps of targets that are no longer decided so."""
    priced = np.uintp(g.shape[1] + g.shape[0])
    first = np.uintp(row)
    for j in range(np.uintp(t[N])):
        c = np.int64(u[priced + j])
        if c >= 0 and s[first + j] != 1 << c:
            rivals = t[t[VARIANTS] + np.int64(j)] - 1
            p = t[t[PAIR_AT] + np.int64(j)] + c * rivals
            for r in range(rivals):
                if u[g.shape[1] + p + r]:
                    reprice(p + r, 0, g, u)
            u[priced + j] = -1


@njit(cache=True, nogil=True)
def most_worth(row: int, s: I64, t: I64, g: I16, u: I32) -> int:
    """The most that all priced gaps can come to together; each descriptor's best variant goes to `u`."""
    n = np.uintp(t[N])
    chosen = np.uintp(g.shape[1] + g.shape[0]) + n
    domains = np.uintp(row)
    first = np.uintp(t[FIRST])
    total = np.int64(u[np.uintp(t[first + n])])
    for i in range(n):
        d = s[domains + i]
        at = np.uintp(t[first + i])
        best = np.int64(-1) << 40
        arg = np.int64(0)
        a = np.int64(0)
        while d:
            if d & 1:
                worth = np.int64(u[at])
                if worth > best:
                    best = worth
                    arg = a
            d >>= 1
            at += np.uintp(1)
            a += 1
        u[chosen + i] = arg
        u[chosen + n + i] = best
        total += best
    return total


@njit(cache=True, nogil=True)
def drop_worthless(total: int, row: int, s: I64, t: I64, g: I16, u: I32) -> int:
    """Rule C: a variant goes when with it the priced gaps cannot all be kept; -1 a contradiction, 1 something went."""
    n = t[N]
    at = g.shape[1] + g.shape[0] + 2 * n
    some = 0
    lost = 0
    for i in range(n):
        d = s[row + i]
        if d & (d - 1) == 0:
            continue
        least = u[at + i] - total
        keep = d
        k = t[t[FIRST] + i]
        for a in range(t[t[VARIANTS] + i]):
            if d >> a & 1 and u[k + a] < least:
                keep ^= 1 << a
        if keep != d:
            some = 1
            lost |= narrow_dense(i, keep, row, row, s, t)
    if some and not propagate_dense(row, lost, s, t):
        return -1
    return some


@njit(cache=True, nogil=True)
def add_up_best(row: int, s: I64, t: I64, g: I16, u: I32) -> None:
    """Writes every gap where each descriptor takes its best variant into the words at S_SUM."""
    n = np.uintp(t[N])
    words = np.uintp(t[WORDS])
    sums = np.uintp(s[S_SUM])
    domains = np.uintp(row)
    chosen = np.uintp(g.shape[1] + g.shape[0]) + n
    bound = domains + n
    for w in range(words):
        s[sums + w] = s[bound + w]
    for i in range(n):
        d = s[domains + i]
        if d & (d - 1):
            gain = np.uintp(t[GAIN] + t[t[GAIN_AT] + np.int64(i)] + u[chosen + i] * t[WORDS])
            best = np.uintp(t[BEST] + t[t[BEST_AT] + np.int64(i)] + d * t[WORDS])
            for w in range(words):
                s[sums + w] += t[gain + w] - t[best + w]


@njit(cache=True, nogil=True)
def new_prices(total: int, row: int, s: I64, t: I64, g: I16, u: I32) -> bool:
    """One step of the prices towards a contradiction (Polyak's subgradient step); false when none can be had.

    Where every descriptor takes its best variant, gaps that come out negative get dearer and others cheaper.
    """
    add_up_best(row, s, t, g, u)
    n = np.uintp(t[N])
    sums = np.uintp(s[S_SUM])
    domains = np.uintp(row)
    prices = np.uintp(g.shape[1])
    priced = prices + np.uintp(g.shape[0])
    noted = priced + np.uintp(3) * n
    norm = np.int64(0)
    worst = np.int64(0)
    pairs = np.uintp(0)
    for j in range(n):
        d = s[domains + j]
        if d & (d - 1):
            continue
        c = 0
        while not d >> c & 1:
            c += 1
        u[priced + j] = c
        half = np.int64(1) << (t[t[BITS] + np.int64(j)] - 1)
        rivals = t[t[VARIANTS] + np.int64(j)] - 1
        p = np.uintp(t[t[PAIR_AT] + np.int64(j)] + c * rivals)
        for _ in range(rivals):
            place = t[np.uintp(t[PLACE]) + p]
            z = (s[sums + np.uintp(place >> 6)] >> (place & 63) & (2 * half - 1)) - half
            if z < 0 or u[prices + p]:
                norm += z * z
                worst = min(worst, z)
                u[noted + pairs] = p
                u[noted + pairs + np.uintp(1)] = z
                pairs += np.uintp(2)
            p += np.uintp(1)
    if worst == 0:
        return False
    step = max(float(total), FIRST_PRICE) / norm
    for k in range(np.uintp(0), pairs, np.uintp(2)):
        p = np.uintp(u[noted + k])
        price = np.int64(u[prices + p])
        new = min(max(np.int64(price - step * u[noted + k + np.uintp(1)] + 0.5), 0), DEAREST)
        if new != price:
            reprice(p, new, g, u)
    return True


@njit(cache=True, nogil=True)
def undecided(row: int, s: I64, t: I64) -> int:
    count = 0
    for i in range(np.uintp(t[N])):
        d = s[np.uintp(row) + i]
        count += (d & (d - 1)) != 0
    return count


@njit(cache=True, nogil=True)
def squeeze(row: int, s: I64, t: I64, g: I16, u: I32) -> bool:
    """Rule C and the others until nothing changes; false when there is no solution below this row.

    In a scenario every gap of a decided target is at least zero, so any sum of them at prices that are not negative is.
    The most the sum can be is a bound that all targets share, as the relaxation of an integer program has it.
    """
    if undecided(row, s, t) < t[FEWEST]:
        return True
    left = ROUNDS
    while True:
        forget_prices(row, s, t, g, u)
        total = most_worth(row, s, t, g, u)
        if total < 0:
            return False
        some = drop_worthless(total, row, s, t, g, u)
        if some < 0:
            return False
        if some:
            continue
        left -= 1
        if left == 0 or not new_prices(total, row, s, t, g, u):
            return True


@njit(cache=True, nogil=True)
def descend(i: int, new: int, row: int, s: I64, t: I64) -> bool:
    """Makes the next row: descriptor i gets the domain `new`, then both rules."""
    below = row + t[ROW]
    if t[DENSE]:
        for k in range(t[N]):
            s[below + k] = s[row + k]
        a = np.uintp(row + t[N] + t[WORDS])
        b = np.uintp(below + t[N] + t[WORDS])
        for k in range(np.uintp(2 * t[WORDS])):
            s[b + k] = s[a + k]
        s[below + i] = s[row + i]
        return propagate_dense(below, narrow_dense(i, new, row, below, s, t), s, t)
    a = np.uintp(row)
    b = np.uintp(below)
    for k in range(np.uintp(t[ROW])):
        s[b + k] = s[a + k]
    narrow(i, new, below, s, t)
    return propagate(below, s, t)


@njit(cache=True, nogil=True)
def start(allowed: I64, row: int, s: I64, t: I64) -> bool:
    """Sets up the root of a search and propagates once; false when there is no solution at all."""
    n = t[N]
    words = t[WORDS]
    bound = row + n
    forget(s, t)
    for w in range(words):
        s[bound + w] = t[t[BASE] + w]
    for k in range(2 * words, t[ROW] - n):
        s[bound + k] = 0
    for i in range(n):
        s[row + i] = allowed[i]
        if allowed[i] == 0:
            return False
        at = t[t[TOUCHED_AT] + i]
        stride = t[t[TOUCHED_AT] + i + 1] - at
        best = t[BEST] + t[t[BEST_AT] + i] + allowed[i] * stride
        for k in range(stride):
            s[bound + t[t[TOUCHED] + at + k]] += t[best + k]
    for j in range(n):
        one = allowed[j] & (allowed[j] - 1) == 0
        for w in range(t[t[WORD_AT] + j], t[t[WORD_AT] + j + 1]):
            s[bound + words + w] = t[t[ALIVE] + t[t[ALIVE_AT] + w] + allowed[j]]
            if one and t[DENSE]:
                s[bound + 2 * words + w] = s[bound + words + w]
        block = j >> 6
        bit = 1 << (j & 63)
        s[s[S_MARKS] + block] |= bit
        if one:
            s[s[S_MARKS] + t[BLOCKS] + block] |= bit
        elif not t[DENSE]:
            s[row + t[OPEN] + block] |= bit
    if t[DENSE]:
        forget(s, t)
        return propagate_dense(row, 1, s, t)
    return propagate(row, s, t)


@njit(cache=True, nogil=True)
def pick(row: int, s: I64, t: I64) -> int:
    """The undecided descriptor to branch on: strong pull on the others, small domain; -1 when all are decided."""
    best = -1
    top = -1.0
    if t[DENSE]:
        for i in range(t[N]):
            d = s[row + i]
            if d & (d - 1):
                score = (t[t[PULL] + i] + 0.001) / LOG[ones(d)]
                if score > top:
                    top = score
                    best = i
        return best
    for block in range(t[BLOCKS]):
        left = s[np.uintp(row + t[OPEN] + block)]
        while left:
            low = left & -left
            left ^= low
            i = (block << 6) + ones(low - 1)
            score = (t[np.uintp(t[PULL] + i)] + 0.001) / LOG[np.uintp(ones(s[np.uintp(row + i)]))]
            if score > top:
                top = score
                best = i
    return best


@njit(cache=True, nogil=True)
def search(s: I64, t: I64, g: I16, u: I32, out: I8, nodes: int) -> int:
    """Goes on with a search until `out` is full, `nodes` more nodes are used, or it is finished.

    Returns the number of scenarios written; `s[S_DONE]` is 1 when the search is finished.
    """
    n = t[N]
    size = t[ROW]
    d = s[S_DEPTH]
    fresh = s[S_FRESH]
    left = nodes
    written = 0
    while d >= 0:
        row = s[S_ROWS] + d * size
        if fresh:
            if written == out.shape[0] or left <= 0:
                break
            fresh = 0
            if g.shape[0] and not squeeze(row, s, t, g, u):
                d -= 1
                continue
            i = pick(row, s, t)
            if i < 0:
                for j in range(n):
                    c = 0
                    while not s[row + j] >> c & 1:
                        c += 1
                    out[written, j] = c
                written += 1
                d -= 1
                continue
            s[s[S_BRANCH] + d] = i
            s[s[S_TODO] + d] = s[row + i]
        todo = s[s[S_TODO] + d]
        if todo == 0:
            d -= 1
            continue
        low = todo & -todo
        s[s[S_TODO] + d] = todo ^ low
        left -= 1
        if descend(s[s[S_BRANCH] + d], low, row, s, t):
            d += 1
            fresh = 1
    s[S_DEPTH] = d
    s[S_FRESH] = fresh
    s[S_NODES] += nodes - left
    s[S_FOUND] += written
    s[S_DONE] = 1 if d < 0 else 0
    return written


# --- counting -------------------------------------------------------------------------------------------------------
# The number of scenarios as a graph. An OR node is a set of undecided descriptors that must be solved together; each of
# its branches fixes one of them and falls apart into descriptors that are fixed, descriptors that are free, and smaller
# OR nodes (AND). A node met again under other decisions is taken from a cache whose key is everything it depends on.

# After a stop, what is not yet solved counts as having no solution: the number is then a lower bound.

(C_NODES, C_DATA, C_KEYS, C_STOP, C_FULL, C_CALLS, C_HITS) = range(7)


@njit(cache=True, nogil=True)
def still_open(j: int, row: int, s: I64, t: I64, lanes: I64) -> bool:
    """Whether target j can still lose; `lanes[q]` becomes the lanes of its word q that can."""
    n = t[N]
    first = t[t[WORD_AT] + j]
    words = t[t[WORD_AT] + j + 1] - first
    bound = row + n + first
    mine = bound + t[WORDS]
    for q in range(words):
        lanes[q] = s[bound + q]
    for e in range(t[t[IN_AT] + j], t[t[IN_AT] + j + 1]):
        i = t[t[IN_FROM] + e]
        d = s[row + i]
        if d & (d - 1):
            stride = t[t[TOUCHED_AT] + i + 1] - t[t[TOUCHED_AT] + i]
            wide = t[SPREAD] + t[t[BEST_AT] + i] + d * stride + t[t[IN_POS] + e]
            for q in range(words):
                lanes[q] -= t[wide + q]
    some = False
    for q in range(words):
        top = ~lanes[q] & s[mine + q]
        lanes[q] = whole_lanes(top, t[t[BITS] + j]) if top else 0
        some |= top != 0
    return some


@njit(cache=True, nogil=True)
def root_of(parent: I64, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def tie_target(j: int, row: int, s: I64, t: I64, lanes: I64, parent: I64) -> int:
    """Joins an open target and the undecided sources that matter to it; returns one of them, or -1."""
    words = t[t[WORD_AT] + j + 1] - t[t[WORD_AT] + j]
    d = s[row + j]
    root = root_of(parent, j) if d & (d - 1) else -1
    for e in range(t[t[IN_AT] + j], t[t[IN_AT] + j + 1]):
        i = t[t[IN_FROM] + e]
        d = s[row + i]
        if d & (d - 1) == 0:
            continue
        stride = t[t[TOUCHED_AT] + i + 1] - t[t[TOUCHED_AT] + i]
        wide = t[SPREAD] + t[t[BEST_AT] + i] + d * stride + t[t[IN_POS] + e]
        matters = False
        for q in range(words):
            matters |= (t[wide + q] & lanes[q]) != 0
        if matters:
            other = root_of(parent, i)
            if root < 0:
                root = other
            elif other != root:
                parent[other] = root
    return root


@njit(cache=True, nogil=True)
def tie_rule(r: int, row: int, s: I64, t: I64, parent: I64) -> int:
    """Joins the undecided descriptors of a ruled-out combination that can still come about; one of them, or -1."""
    root = -1
    for k in range(t[t[RULE_AT] + r], t[t[RULE_AT] + r + 1]):
        if s[row + t[t[RULE_DESCRIPTOR] + k]] >> t[t[RULE_VARIANT] + k] & 1 == 0:
            return -1
    for k in range(t[t[RULE_AT] + r], t[t[RULE_AT] + r + 1]):
        i = t[t[RULE_DESCRIPTOR] + k]
        if s[row + i] & (s[row + i] - 1):
            other = root_of(parent, i)
            if root < 0:
                root = other
            elif other != root:
                parent[other] = root
    return root


@njit(cache=True, nogil=True)
def write_key(part: I64, targets: I64, row: int, s: I64, t: I64, c: I64, keys: I64) -> int:
    """Writes what a part depends on behind the keys in use; returns its length, or -1 when there is no room."""
    at = c[C_KEYS]
    if at + 4 * t[N] + t[WORDS] * 2 + t[RULES] + 8 > keys.shape[0]:
        c[C_FULL] = 1
        return -1
    k = at
    for i in part:
        keys[k] = i
        keys[k + 1] = s[row + i]
        k += 2
    lanes = np.empty(256, np.int64)
    for j in targets:
        if j >= t[N]:
            keys[k] = -1 - j
            k += 1
            continue
        still_open(j, row, s, t, lanes)
        keys[k] = -1 - j
        k += 1
        first = t[t[WORD_AT] + j]
        for q in range(t[t[WORD_AT] + j + 1] - first):
            keys[k] = s[row + t[N] + first + q] & lanes[q]
            keys[k + 1] = lanes[q]
            k += 2
    return k - at


@njit(cache=True, nogil=True)
def hash_of(at: int, length: int, keys: I64) -> int:
    h = np.uint64(length)
    for k in range(length):
        h = (h ^ np.uint64(keys[at + k])) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
    return h


@njit(cache=True, nogil=True)
def find_key(length: int, c: I64, keys: I64, table: I64) -> int:
    """The slot of the key just written: one that holds the same key, or an empty one."""
    at = c[C_KEYS]
    h = hash_of(at, length, keys)
    size = table.shape[0] // 3
    slot = np.int64(h % np.uint64(size))
    while table[3 * slot + 2]:
        if table[3 * slot + 2] == length + 1:
            other = table[3 * slot]
            same = True
            for k in range(length):
                if keys[at + k] != keys[other + k]:
                    same = False
                    break
            if same:
                return slot
        slot = slot + 1 if slot + 1 < size else 0
    return slot


@njit(cache=True, nogil=True)
def empty_slot(at: int, length: int, keys: I64, table: I64) -> int:
    """A free slot for the key at `at`; -1 when the table is nearly full."""
    h = hash_of(at, length, keys)
    size = table.shape[0] // 3
    slot = np.int64(h % np.uint64(size))
    for _ in range(size // 2):
        if table[3 * slot + 2] == 0:
            return slot
        slot = slot + 1 if slot + 1 < size else 0
    return -1


@njit(cache=True, nogil=True)
def split(scope: I64, row: int, s: I64, t: I64, owner: I64, tied: I64) -> int:
    """Writes the part of every undecided descriptor of the scope (`owner`, itself where free) and of every open target.

    `tied` gets one descriptor of the part of each open target (behind them, of each open rule), -1 for the others.
    """
    n = t[N]
    lanes = np.empty(256, np.int64)
    parent = np.arange(n)
    inside = np.zeros(n, np.bool_)
    for i in scope:
        inside[i] = True
    for j in range(n + t[RULES]):
        tied[j] = -1
    for j in range(n):
        near = inside[j]
        for e in range(t[t[IN_AT] + j], t[t[IN_AT] + j + 1]):
            near |= inside[t[t[IN_FROM] + e]]
        if near and still_open(j, row, s, t, lanes):
            tied[j] = tie_target(j, row, s, t, lanes, parent)
    for r in range(t[RULES]):
        tied[n + r] = tie_rule(r, row, s, t, parent)
    for i in scope:
        owner[i] = root_of(parent, i)
    for j in range(n + t[RULES]):
        if tied[j] >= 0:
            tied[j] = root_of(parent, tied[j])
            if not inside[tied[j]]:
                tied[j] = -1
    return 0


@njit(cache=True, nogil=True)
def most_tied(part: I64, targets: I64, row: int, s: I64, t: I64) -> int:
    """The descriptor of a part to branch on: the one that ties most of its open targets together."""
    n = t[N]
    ties = np.zeros(n)
    lanes = np.empty(256, np.int64)
    for j in targets:
        if j >= n or not still_open(j, row, s, t, lanes):
            continue
        ties[j] += 1.0
        words = t[t[WORD_AT] + j + 1] - t[t[WORD_AT] + j]
        for e in range(t[t[IN_AT] + j], t[t[IN_AT] + j + 1]):
            i = t[t[IN_FROM] + e]
            d = s[row + i]
            stride = t[t[TOUCHED_AT] + i + 1] - t[t[TOUCHED_AT] + i]
            wide = t[SPREAD] + t[t[BEST_AT] + i] + d * stride + t[t[IN_POS] + e]
            for q in range(words):
                if t[wide + q] & lanes[q]:
                    ties[i] += 1.0
                    break
    best = -1
    top = -1.0
    for i in part:
        d = s[row + i]
        size = 0
        while d:
            d &= d - 1
            size += 1
        score = (ties[i] + 0.001 * t[t[PULL] + i] / (1.0 + t[t[PULL] + i])) / LOG[size]
        if score > top:
            top = score
            best = i
    return best


@njit(cache=True, nogil=True)
def members(root: int, owner: I64, of: I64, row: int, s: I64) -> I64:
    """The undecided ones of `of` whose part is `root`."""
    out = np.empty(of.shape[0], np.int64)
    count = 0
    for i in of:
        if owner[i] == root and s[row + i] & (s[row + i] - 1):
            out[count] = i
            count += 1
    return out[:count]


@njit(cache=True, nogil=True)
def write_loose(scope: I64, owner: I64, bound: I64, row: int, s: I64, branch: I64) -> int:
    """Writes the fixed and the free descriptors of a scope; returns the length written."""
    fixed = 0
    for i in scope:
        d = s[row + i]
        if d & (d - 1) == 0:
            variant = 0
            while not d >> variant & 1:
                variant += 1
            branch[1 + 2 * fixed] = i
            branch[2 + 2 * fixed] = variant
            fixed += 1
    branch[0] = fixed
    at = 1 + 2 * fixed
    free = 0
    for i in scope:
        d = s[row + i]
        if d & (d - 1) and not bound[owner[i]]:
            branch[at + 1 + 2 * free] = i
            branch[at + 2 + 2 * free] = d
            free += 1
    branch[at] = free
    return at + 1 + 2 * free


@njit(cache=True, nogil=True)
def store(what: I64, length: int, counter: int, c: I64, into: I64) -> int:
    """Appends the first `length` numbers to an array that is filled from the front; -1 when there is no room."""
    at = c[counter]
    if at + length > into.shape[0]:
        c[C_FULL] = 1
        return -1
    for k in range(length):
        into[at + k] = what[k]
    c[counter] += length
    return at


@njit(cache=True, nogil=True)
def expand(scope: I64, row: int, s: I64, t: I64, c: I64, data: I64, nodes: I64, keys: I64, table: I64) -> int:
    """Writes what is left of a scope after propagation as one branch; its place in `data`, -1 when it has no solution.

    A branch is: number of fixed, (descriptor, variant)...; number of free, (descriptor, domain)...; number of nodes,
    node... A node is: number of branches, place of each.
    """
    n = t[N]
    if c[C_FULL] or c[C_STOP]:
        return -1
    c[C_CALLS] += 1
    owner = np.full(n, -1, np.int64)
    tied = np.empty(n + t[RULES], np.int64)
    split(scope, row, s, t, owner, tied)
    bound = np.zeros(n, np.int64)
    for j in range(tied.shape[0]):
        if tied[j] >= 0:
            bound[tied[j]] = 1
    branch = np.empty(4 + 3 * scope.shape[0], np.int64)
    at = write_loose(scope, owner, bound, row, s, branch)
    children = 0
    for root in scope:
        if not bound[root] or owner[root] != root:
            continue
        if c[C_STOP]:
            return -1
        part = members(root, owner, scope, row, s)
        targets = np.nonzero(tied == root)[0]
        length = write_key(part, targets, row, s, t, c, keys)
        if length < 0:
            return -1
        slot = find_key(length, c, keys, table)
        if table[3 * slot + 2] == 0:
            start_of_key = c[C_KEYS]
            c[C_KEYS] += length
            i = most_tied(part, targets, row, s, t)
            places = np.empty(1 + t[t[VARIANTS] + i], np.int64)
            places[0] = 0
            for a in range(t[t[VARIANTS] + i]):
                if s[row + i] >> a & 1 and descend(i, 1 << a, row, s, t):
                    place = expand(part, row + t[ROW], s, t, c, data, nodes, keys, table)
                    if c[C_FULL]:
                        return -1
                    if place >= 0:
                        places[0] += 1
                        places[places[0]] = place
            node = -1
            if places[0]:
                node = c[C_NODES]
                place = store(places, 1 + places[0], C_DATA, c, data)
                if place < 0 or node >= nodes.shape[0]:
                    c[C_FULL] = 1
                    return -1
                nodes[node] = place
                c[C_NODES] += 1
            slot = empty_slot(start_of_key, length, keys, table)
            if slot < 0:
                c[C_FULL] = 1
                return -1
            table[3 * slot] = start_of_key
            table[3 * slot + 1] = node
            table[3 * slot + 2] = length + 1
        else:
            c[C_HITS] += 1
        if table[3 * slot + 1] < 0:
            return -1
        children += 1
        branch[at + children] = table[3 * slot + 1]
    branch[at] = children
    return store(branch, at + 1 + children, C_DATA, c, data)


@njit(cache=True, nogil=True)
def totals(c: I64, data: I64, nodes: I64, root: int, out: F64, exact: I64) -> bool:
    """Number of solutions of every node, as a float and as an integer; false when an integer overflowed."""
    fits = True
    for node in range(c[C_NODES] + 1):
        place = nodes[node] if node < c[C_NODES] else -1
        size = 0.0
        whole = np.int64(0)
        for k in range(data[place] if place >= 0 else 1):
            at = data[place + 1 + k] if place >= 0 else root
            f, w = branch_total(at, data, out, exact)
            size += f
            whole += w
        out[node] = size
        exact[node] = whole
        fits &= size < 4e18
    return fits


@njit(cache=True, nogil=True)
def branch_total(at: int, data: I64, size: F64, exact: I64) -> tuple:
    """Number of solutions of one branch."""
    f = 1.0
    w = np.int64(1)
    at += 1 + 2 * data[at]
    for k in range(data[at]):
        d = data[at + 2 + 2 * k]
        options = 0
        while d:
            d &= d - 1
            options += 1
        f *= options
        w *= options
    at += 1 + 2 * data[at]
    for k in range(data[at]):
        f *= size[data[at + 1 + k]]
        w *= exact[data[at + 1 + k]]
    return f, w


@njit(cache=True, nogil=True)
def spread_marginals(c: I64, data: I64, nodes: I64, root: int, size: F64, exact: I64, first: I64, out: I64) -> None:
    """Adds to `out` in how many solutions each variant occurs; exact while the total fits 62 bits."""
    last = c[C_NODES]
    contexts = np.zeros(last + 1, np.int64)
    contexts[last] = 1
    for node in range(last, -1, -1):
        place = nodes[node] if node < last else -1
        for b in range(data[place] if place >= 0 else 1):
            at = data[place + 1 + b] if place >= 0 else root
            _, whole = branch_total(at, data, size, exact)
            number = contexts[node] * whole
            for k in range(data[at]):
                out[first[data[at + 1 + 2 * k]] + data[at + 2 + 2 * k]] += number
            at += 1 + 2 * data[at]
            for k in range(data[at]):
                i = data[at + 1 + 2 * k]
                d = data[at + 2 + 2 * k]
                options = 0
                rest = d
                while rest:
                    rest &= rest - 1
                    options += 1
                a = 0
                while d:
                    if d & 1:
                        out[first[i] + a] += number // options
                    d >>= 1
                    a += 1
            at += 1 + 2 * data[at]
            for k in range(data[at]):
                child = data[at + 1 + k]
                contexts[child] += number // exact[child]


@njit(cache=True, nogil=True)
def draw(c: I64, data: I64, nodes: I64, root: int, size: F64, exact: I64, seed: int, out: I8) -> None:
    """Fills `out` with scenarios drawn uniformly, with replacement."""
    np.random.seed(seed)  # noqa: NPY002 (numba has its own stream per thread)
    todo = np.empty(c[C_NODES] + 1, np.int64)
    for r in range(out.shape[0]):
        waiting = 0
        at = root
        while True:
            for k in range(data[at]):
                out[r, data[at + 1 + 2 * k]] = data[at + 2 + 2 * k]
            at += 1 + 2 * data[at]
            for k in range(data[at]):
                out[r, data[at + 1 + 2 * k]] = any_bit(data[at + 2 + 2 * k])
            at += 1 + 2 * data[at]
            for k in range(data[at]):
                todo[waiting] = data[at + 1 + k]
                waiting += 1
            if waiting == 0:
                break
            waiting -= 1
            node = todo[waiting]
            place = nodes[node]
            left = np.random.random() * size[node]  # noqa: NPY002 (numba has its own stream per thread)
            at = data[place + 1]
            for b in range(data[place]):
                at = data[place + 1 + b]
                f, _ = branch_total(at, data, size, exact)
                left -= f
                if left < 0:
                    break


@njit(cache=True, nogil=True)
def any_bit(domain: int) -> int:
    """One of the variants of a domain, each as often."""
    options = 0
    rest = domain
    while rest:
        rest &= rest - 1
        options += 1
    skip = np.random.randint(0, options)  # noqa: NPY002 (numba has its own stream per thread)
    a = 0
    while True:
        if domain >> a & 1:
            if skip == 0:
                return a
            skip -= 1
        a += 1


# --- re-solving for many readings of the judgements -----------------------------------------------------------------

(R_DRAWS, R_EMPTY, R_CUT, R_FOUND, R_USED, R_FULL, R_NODES) = range(7)
FIXED, LATTICE, THREE_POINT = range(3)
BETWEEN = 100_000  # nodes between two looks at whether to stop


@njit(cache=True, nogil=True)
def uniform(seed: int, draw: int, cell: int) -> float:
    """A number in [0, 1) that depends on seed, draw and cell only (splitmix64), so that conditions share readings."""
    z = np.uint64(seed) * np.uint64(0xD1B54A32D192ED03) + np.uint64(draw) * np.uint64(0x9E3779B97F4A7C15)
    z += np.uint64(cell + 1) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.float64(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def read_cells(base: I64, cells: I64, seed: int, draw: int, step: int, share: float, impact: I64) -> None:
    """One reading of every uncertain cell: (row, column, how, low, number of values, stream, step)."""
    for k in range(np.uintp(cells.shape[0])):
        row, column = np.uintp(cells[k, 0]), np.uintp(cells[k, 1])
        u = uniform(seed, draw, cells[k, 5])
        if cells[k, 2] == THREE_POINT:
            value = base[row, column] + step * (2 * np.int64(u < share) - np.int64(u < 2 * share))
        else:
            value = cells[k, 3] + np.int64(u * cells[k, 4]) * cells[k, 6]
        impact[row, column] = value


@njit(cache=True, nogil=True)
def remember(out: I8, r: int, by: int, table: I64, rows: I8, counts: I64, r_state: I64) -> int:
    """Adds to the count of a scenario; its number, or -1 when there is no room for a new one."""
    n = rows.shape[1]
    h = np.uint64(n)
    for j in range(n):
        h = (h ^ np.uint64(out[r, j] + 1)) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(31)
    size = table.shape[0]
    slot = np.int64(h % np.uint64(size))
    while table[slot] >= 0:
        k = table[slot]
        same = True
        for j in range(n):
            if rows[k, j] != out[r, j]:
                same = False
                break
        if same:
            counts[k] += by
            return k
        slot = slot + 1 if slot + 1 < size else 0
    k = r_state[R_USED]
    if k == rows.shape[0]:
        return -1
    for j in range(n):
        rows[k, j] = out[r, j]
    table[slot] = k
    counts[k] = by
    r_state[R_USED] += 1
    return k


@njit(cache=True, nogil=True)
def solve_reading(
    by: int,
    most: int,
    nodes: int,
    allowed: I64,
    t: I64,
    s: I64,
    out: I8,
    table: I64,
    rows: I8,
    counts: I64,
    r_state: I64,
    here: I64,
    stop: I64,
) -> int:
    """Adds `by` to the count of each of the first `most` scenarios; how many were counted, and `s[S_DONE]` as usual.

    Sets R_FULL when a scenario found no room, with the number counted until then.
    """  # fmt: skip
    n = t[N]
    g, u = np.zeros((0, 1), np.int16), np.zeros(0, np.int32)
    here[:] = 0
    s[S_DEPTH] = 0
    s[S_FRESH] = 1
    s[S_NODES] = 0
    s[S_DONE] = 1
    found = 0
    if not start(allowed, s[S_ROWS], s, t):
        return 0
    s[S_DONE] = 0
    while not s[S_DONE] and s[S_NODES] < nodes and not stop[0]:
        some = search(s, t, g, u, out, min(nodes - s[S_NODES], BETWEEN))
        for r in range(some):
            if found == most:
                return found
            if remember(out, r, by, table, rows, counts, r_state) < 0:
                r_state[R_FULL] = 1
                return found
            found += 1
            for j in range(n):
                here[t[t[FIRST] + j] + out[r, j]] += 1
    return found


@njit(cache=True, nogil=True)
def resolve(
    base: I64,
    cells: I64,
    seed: int,
    begin: int,
    end: int,
    step: int,
    share: float,
    margin: int,
    allowed: I64,
    nodes: int,
    t: I64,
    s: I64,
    out: I8,
    table: I64,
    rows: I8,
    counts: I64,
    r_state: I64,
    moments: F64,
    sizes: I64,
    stop: I64,
) -> int:
    """Solves the matrix completely for the readings begin..end-1; returns the first reading that was not solved.

    There was no room for it, or `stop[0]` was set meanwhile (the reading under way then counts as cut).
    `moments[0]` and `[1]` add up each variant's share of the reading's scenarios and its square; `sizes` gets the
    number of scenarios of each reading.
    """  # fmt: skip
    impact = base.copy()
    never = np.zeros(1, np.int64)
    here = np.zeros(moments.shape[1], np.int64)
    for d in range(begin, end):
        if stop[0]:
            return d
        read_cells(base, cells, seed, d, step, share, impact)
        fill(impact, margin, t)
        found = solve_reading(1, 1 << 60, nodes, allowed, t, s, out, table, rows, counts, r_state, here, stop)
        if r_state[R_FULL]:
            r_state[R_FULL] = 0
            solve_reading(-1, found, nodes, allowed, t, s, out, table, rows, counts, r_state, here, never)
            return d
        r_state[R_NODES] += s[S_NODES]
        r_state[R_DRAWS] += 1
        r_state[R_CUT] += 1 - s[S_DONE]
        r_state[R_FOUND] += found
        sizes[d - begin] = found
        if found == 0:
            r_state[R_EMPTY] += s[S_DONE]
            continue
        for c in range(moments.shape[1]):
            x = here[c] / found
            moments[0, c] += x
            moments[1, c] += x * x
    return end
