# mypy: allow-untyped-defs, disable-error-code="call-arg"
# numba infers the types of compiled functions from the call.
"""Compiled steps: joint tables of all pairs by counting bits, and every measure from one table."""

import math

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from .measures import AGREEMENT, COSINE, KAPPA, PI, SCORE, TAU_B

WIDTH = 64


@intrinsic
def bits(typingctx, word):
    """Number of bits set in a 64-bit word."""

    def build(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), build


@njit(cache=True, nogil=True, error_model="numpy")
def pack(ptr, state, answer, calls, place, kinds, masks):
    """Set bit `c` of masks[state, answer] for every vote on the c-th of `calls`; place maps states to rows (-1: left out)."""
    for c in range(calls.shape[0]):
        bit = np.uint64(1) << np.uint64(c % WIDTH)
        word = c // WIDTH
        for k in range(ptr[calls[c]], ptr[calls[c] + 1]):
            row, kind = place[state[k]], answer[k]
            if row >= 0 and 0 <= kind < kinds:
                masks[row, kind, word] |= bit


@njit(cache=True, nogil=True, error_model="numpy")
def joint_tables(masks, first, second, tables):
    """tables[p, i, j]: roll calls on which first[p] answered i and second[p] answered j."""
    kinds, words = masks.shape[1], masks.shape[2]
    for p in range(first.shape[0]):
        a, b = first[p], second[p]
        for i in range(kinds):
            for j in range(kinds):
                n = np.uint64(0)
                for w in range(words):
                    n += bits(masks[a, i, w] & masks[b, j, w])
                tables[p, i, j] = n


@njit(cache=True, nogil=True, error_model="numpy")
def weighted_tables(codes, weights, first, second, tables):
    """As joint_tables, each roll call counting its weight; codes (states, calls) is -1 where there is no answer."""
    tables[:] = 0.0
    for p in range(first.shape[0]):
        for c in range(codes.shape[1]):
            i, j = codes[first[p], c], codes[second[p], c]
            if i >= 0 and j >= 0:
                tables[p, i, j] += weights[c]


@njit(cache=True, nogil=True, error_model="numpy")
def line(t, i, row):
    """Sum of the i-th row of a table, or of its i-th column."""
    total = 0.0
    for j in range(t.shape[0]):
        total += t[i, j] if row else t[j, i]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def measure(t, form, d):
    """One measure of a joint table (states' answers in rows and columns); d: distances of answers, 1 at most."""
    k = t.shape[0]
    n = t.sum()
    if n <= 0.0:
        return math.nan
    if form == TAU_B:
        return tau_b(t)
    if form == COSINE:
        return cosine(t)
    seen = expected = alike = 0.0
    for i in range(k):
        own, other = line(t, i, True), line(t, i, False)
        for j in range(k):
            seen += d[i, j] * t[i, j] / n
            alike += (1.0 - d[i, j]) * t[i, j]
            if form == KAPPA:
                expected += d[i, j] * own * line(t, j, False) / (n * n)
            elif form == PI:
                expected += d[i, j] * (own + other) * (line(t, j, True) + line(t, j, False)) / (4.0 * n * n)
    if form == AGREEMENT:
        return alike / n
    if form == SCORE:
        return 1.0 - 2.0 * seen
    return 1.0 - seen / expected if expected > 1e-12 else math.nan


@njit(cache=True, nogil=True, error_model="numpy")
def tau_b(t):
    """Kendall's tau-b of an ordered table."""
    k = t.shape[0]
    n = t.sum()
    agree = against = ties_a = ties_b = 0.0
    for i in range(k):
        ties_a += t[i].sum() ** 2
        ties_b += t[:, i].sum() ** 2
        for j in range(k):
            for r in range(i + 1, k):
                for c in range(k):
                    if c > j:
                        agree += t[i, j] * t[r, c]
                    elif c < j:
                        against += t[i, j] * t[r, c]
    below = (n * n - ties_a) * (n * n - ties_b)
    return 2.0 * (agree - against) / math.sqrt(below) if below > 1e-12 else math.nan


@njit(cache=True, nogil=True, error_model="numpy")
def cosine(t):
    """Cosine of two vote vectors coded 1, 0, -1."""
    both = t[0, 0] + t[2, 2] - t[0, 2] - t[2, 0]
    a, b = t[0].sum() + t[2].sum(), t[:, 0].sum() + t[:, 2].sum()
    return both / math.sqrt(a * b) if a * b > 0.0 else math.nan


@njit(cache=True, nogil=True, error_model="numpy")
def measures(tables, form, d, out):
    """out[p]: the measure of tables[p]."""
    for p in range(tables.shape[0]):
        out[p] = measure(tables[p], form, d)


@njit(cache=True, nogil=True, error_model="numpy")
def every_measure(tables, out):
    """out[p, m]: all twelve measures of 3 x 3 tables, from shared sums (the same numbers as `measure`)."""
    for p in range(tables.shape[0]):
        t = tables[p]
        a0, a1, a2 = t[0, 0] + t[0, 1] + t[0, 2], t[1, 0] + t[1, 1] + t[1, 2], t[2, 0] + t[2, 1] + t[2, 2]
        b0, b1, b2 = t[0, 0] + t[1, 0] + t[2, 0], t[0, 1] + t[1, 1] + t[2, 1], t[0, 2] + t[1, 2] + t[2, 2]
        n = a0 + a1 + a2
        if n <= 0.0:
            out[p, :] = math.nan
            continue
        one = (t[0, 1] + t[1, 0] + t[1, 2] + t[2, 1]) / n
        two = (t[0, 2] + t[2, 0]) / n
        out[p, 0] = 1.0 - one - two
        out[p, 1] = 1.0 - one - 2.0 * two
        out[p, 2] = 1.0 - 0.5 * one - 2.0 * two
        out[p, 3] = 1.0 - 0.5 * one - two
        nn = 1.0 / (n * n)
        near = (a0 * b1 + a1 * b0 + a1 * b2 + a2 * b1) * nn
        far = (a0 * b2 + a2 * b0) * nn
        m0, m1, m2 = 0.5 * (a0 + b0), 0.5 * (a1 + b1), 0.5 * (a2 + b2)
        near_pi, far_pi = 2.0 * m1 * (m0 + m2) * nn, 2.0 * m0 * m2 * nn
        out[p, 4] = 1.0 - (one + two) / (near + far) if near + far > 1e-12 else math.nan
        out[p, 5] = 1.0 - (0.5 * one + two) / (0.5 * near + far) if near + far > 1e-12 else math.nan
        out[p, 6] = 1.0 - (0.25 * one + two) / (0.25 * near + far) if near + far > 1e-12 else math.nan
        out[p, 7] = 1.0 - (one + two) / (near_pi + far_pi) if near_pi + far_pi > 1e-12 else math.nan
        out[p, 8] = 1.0 - (0.5 * one + two) / (0.5 * near_pi + far_pi) if near_pi + far_pi > 1e-12 else math.nan
        out[p, 9] = 1.0 - (0.25 * one + two) / (0.25 * near_pi + far_pi) if near_pi + far_pi > 1e-12 else math.nan
        agree = t[0, 0] * (t[1, 1] + t[1, 2] + t[2, 1] + t[2, 2]) + t[0, 1] * (t[1, 2] + t[2, 2])
        agree += t[1, 0] * (t[2, 1] + t[2, 2]) + t[1, 1] * t[2, 2]
        against = t[0, 2] * (t[1, 0] + t[1, 1] + t[2, 0] + t[2, 1]) + t[0, 1] * (t[1, 0] + t[2, 0])
        against += t[1, 2] * (t[2, 0] + t[2, 1]) + t[1, 1] * t[2, 0]
        below = (n * n - a0 * a0 - a1 * a1 - a2 * a2) * (n * n - b0 * b0 - b1 * b1 - b2 * b2)
        out[p, 10] = 2.0 * (agree - against) / math.sqrt(below) if below > 1e-12 else math.nan
        both = t[0, 0] + t[2, 2] - t[0, 2] - t[2, 0]
        sizes = (a0 + a2) * (b0 + b2)
        out[p, 11] = both / math.sqrt(sizes) if sizes > 0.0 else math.nan


@njit(cache=True, nogil=True, error_model="numpy")
def jackknife(tables, squares, form, d, value, error):
    """Each measure and its standard error by the infinitesimal jackknife; squares: sums of squared weights by cell.

    The error is the root of the sum over roll calls of (weight times slope of the measure in that roll call's cell)².
    """
    k = tables.shape[1]
    for p in range(tables.shape[0]):
        t = tables[p]
        value[p] = measure(t, form, d)
        step = 1e-4 * t.sum()
        spread = 0.0
        for i in range(k):
            for j in range(k):
                held = t[i, j]
                t[i, j] = held + step
                slope = (measure(t, form, d) - value[p]) / step
                t[i, j] = held
                spread += squares[p, i, j] * slope * slope
        error[p] = math.sqrt(spread)
