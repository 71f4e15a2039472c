# mypy: allow-untyped-defs, disable-error-code="call-arg"
# numba infers the types of compiled functions from the call.
"""Compiled steps of the one-dimensional model: likelihood pieces, block Newton, and the assembly for joint Newton.

One vote on item (b, g, d) by a state at x has, with a = g - b x and u = a + d,
P(yes) = Phi(a), P(abstain) = Phi(u) - Phi(a), P(no) = 1 - Phi(u).
Votes are sorted by item and, inside an item, by answer, so that every loop below is free of branches on the answer.
"""

import math

import numpy as np
from numba import njit

HALF_ROOT = 1.0 / math.sqrt(2.0)
DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
TABLE_END = 10.0
TABLE_STEPS_PER_UNIT = 32
SMALLEST_WIDTH = 1e-4


def hazard_table() -> np.ndarray:
    """phi(x) / Phi(x) on [-10, 10] as cubic pieces (value and slope exact at the knots); shape (640, 4)."""
    from scipy.special import log_ndtr

    x = np.linspace(-TABLE_END, TABLE_END, int(2 * TABLE_END * TABLE_STEPS_PER_UNIT) + 1)
    h = np.exp(-0.5 * x * x - log_ndtr(x)) * DENSITY
    return cubic_pieces(h, -h * (h + x) / TABLE_STEPS_PER_UNIT)


def cdf_table() -> np.ndarray:
    """Phi(x) on [-10, 10] as cubic pieces (value and slope exact at the knots); shape (640, 4)."""
    from scipy.special import ndtr

    x = np.linspace(-TABLE_END, TABLE_END, int(2 * TABLE_END * TABLE_STEPS_PER_UNIT) + 1)
    return cubic_pieces(ndtr(x), np.exp(-0.5 * x * x) * DENSITY / TABLE_STEPS_PER_UNIT)


def cubic_pieces(value: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Cubics between neighbouring knots from values and slopes (per knot) there; shape (knots - 1, 4)."""
    rise = value[1:] - value[:-1]
    square = 3 * rise - 2 * slope[:-1] - slope[1:]
    cube = slope[:-1] + slope[1:] - 2 * rise
    return np.ascontiguousarray(np.stack([value[:-1], slope[:-1], square, cube], axis=1))


@njit(inline="always", error_model="numpy")
def share_below(table, x):
    """Phi(x), to 1e-8."""
    p = (min(max(x, -TABLE_END), TABLE_END - 1e-9) + TABLE_END) * TABLE_STEPS_PER_UNIT
    whole = int(p)
    p -= whole
    k = np.uint64(whole)
    return table[k, 0] + p * (table[k, 1] + p * (table[k, 2] + p * table[k, 3]))


@njit(inline="always", error_model="numpy")
def hazard(table, x):
    """phi(x) / Phi(x)."""
    if x >= TABLE_END - 1e-9:
        return 7e-23
    if x <= -TABLE_END:
        r = 1.0 / (x * x)
        return -x / (1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r)))
    p = (x + TABLE_END) * TABLE_STEPS_PER_UNIT
    whole = int(p)
    p -= whole
    k = np.uint64(whole)  # unsigned: no index from the end, so no check for one
    return table[k, 0] + p * (table[k, 1] + p * (table[k, 2] + p * table[k, 3]))


@njit(inline="always", error_model="numpy")
def between(table, a, d):
    """phi(a) / P and phi(a + d) / P with P = Phi(a + d) - Phi(a), without cancellation in either tail."""
    u = a + d
    if a + u <= 0.0:
        ratio = math.exp(0.5 * d * (a + u))
        hu = 1.0 / (1.0 / hazard(table, u) - ratio / hazard(table, a))
        return ratio * hu, hu
    ratio = math.exp(-0.5 * d * (a + u))
    ha = 1.0 / (1.0 / hazard(table, -a) - ratio / hazard(table, -u))
    return ha, ratio * ha


@njit(inline="always", error_model="numpy")
def log_cdf(x):
    """log Phi(x)."""
    if x > -10.0:
        return math.log(0.5 * math.erfc(-x * HALF_ROOT))
    r = 1.0 / (x * x)
    return -0.5 * x * x + math.log(DENSITY / -x * (1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r))))


@njit(inline="always", error_model="numpy")
def log_between(a, d):
    """log(Phi(a + d) - Phi(a))."""
    low, high = (a, a + d) if 2.0 * a + d <= 0.0 else (-a - d, -a)
    top = log_cdf(high)
    return top + math.log(max(-math.expm1(log_cdf(low) - top), 1e-300))


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_log_posterior(b, g, d, j, cuts, node, theta, prior, held):
    """Log likelihood of item j's votes plus the log prior of its parameters (up to a constant), slope held by `held`."""
    f = -0.5 * b * b * (1.0 / prior[0] + held) - 0.5 * g * g / prior[1] + prior[2] * math.log(d) - prior[3] * d
    for k in range(cuts[j, 0], cuts[j, 1]):
        f += log_cdf(g - b * theta[node[k]])
    for k in range(cuts[j, 1], cuts[j, 2]):
        f += log_between(g - b * theta[node[k]], d)
    for k in range(cuts[j, 2], cuts[j, 3]):
        f += log_cdf(b * theta[node[k]] - g - d)
    return f


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_derivatives(b, g, d, j, cuts, node, theta, spread, prior, table, grad, hess):
    """Gradient and negative Hessian (order bb, bg, bd, gg, gd, dd) of the log posterior of one item.

    spread (nodes,): variance of each position. A vote of weight w holds the slope with precision w times the variance
    (the second moment of b x is b^2 (x^2 + variance)); the sum of these is returned.
    """
    held = 0.0
    gb, gg, gd = -b / prior[0], -g / prior[1], prior[2] / d - prior[3]
    hbb, hbg, hbd, hgg, hgd, hdd = 1.0 / prior[0], 0.0, 0.0, 1.0 / prior[1], 0.0, prior[2] / (d * d)
    for k in range(cuts[j, 0], cuts[j, 1]):
        t = theta[node[k]]
        x = g - b * t
        h = hazard(table, x)
        w = h * (h + x)
        held += w * spread[node[k]]
        gg += h
        gb -= t * h
        hgg += w
        hbg -= t * w
        hbb += t * t * w
    for k in range(cuts[j, 1], cuts[j, 2]):
        t = theta[node[k]]
        a = g - b * t
        u = a + d
        ha, hu = between(table, a, d)
        low = ha * (ha - a)
        high = hu * (hu + u)
        both = -ha * hu
        w = low + 2.0 * both + high
        held += w * spread[node[k]]
        up = both + high
        gg += hu - ha
        gb -= t * (hu - ha)
        gd += hu
        hgg += w
        hbg -= t * w
        hbb += t * t * w
        hgd += up
        hbd -= t * up
        hdd += high
    for k in range(cuts[j, 2], cuts[j, 3]):
        t = theta[node[k]]
        x = b * t - g - d
        h = hazard(table, x)
        w = h * (h + x)
        held += w * spread[node[k]]
        gg -= h
        gd -= h
        gb += t * h
        hgg += w
        hgd += w
        hdd += w
        hbg -= t * w
        hbd -= t * w
        hbb += t * t * w
    grad[0], grad[1], grad[2] = gb - b * held, gg, gd
    hess[0], hess[1], hess[2], hess[3], hess[4], hess[5] = hbb + held, hbg, hbd, hgg, hgd, hdd
    return held


@njit(inline="always", error_model="numpy")
def cholesky3(h, c):
    """Lower factor of the 3 x 3 matrix (bb, bg, bd, gg, gd, dd), in the order 00, 10, 20, 11, 21, 22."""
    c[0] = math.sqrt(h[0])
    c[1] = h[1] / c[0]
    c[2] = h[2] / c[0]
    c[3] = math.sqrt(max(h[3] - c[1] * c[1], 1e-12))
    c[4] = (h[4] - c[2] * c[1]) / c[3]
    c[5] = math.sqrt(max(h[5] - c[2] * c[2] - c[4] * c[4], 1e-12))


@njit(inline="always", error_model="numpy")
def forward3(c, x):
    """x <- L^-1 x."""
    x[0] /= c[0]
    x[1] = (x[1] - c[1] * x[0]) / c[3]
    x[2] = (x[2] - c[2] * x[0] - c[4] * x[1]) / c[5]


@njit(inline="always", error_model="numpy")
def backward3(c, x):
    """x <- L^-T x."""
    x[2] /= c[5]
    x[1] = (x[1] - c[4] * x[2]) / c[3]
    x[0] = (x[0] - c[1] * x[1] - c[2] * x[2]) / c[0]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def newton_items(par, doubt, cuts, node, theta, spread, prior, table, steps):
    """Newton on every item in turn; a long step is halved until the item's posterior rises.

    doubt (items, 3): covariance of b with b, g and d given the positions, at the last step's start.
    """
    grad, hess, chol = np.empty(3), np.empty(6), np.empty(6)
    for j in range(par.shape[0]):
        for _ in range(steps):
            b, g, d = par[j, 0], par[j, 1], par[j, 2]
            held = item_derivatives(b, g, d, j, cuts, node, theta, spread, prior, table, grad, hess)
            cholesky3(hess, chol)
            forward3(chol, grad)
            backward3(chol, grad)
            doubt[j, 0], doubt[j, 1], doubt[j, 2] = 1.0, 0.0, 0.0
            forward3(chol, doubt[j])
            backward3(chol, doubt[j])
            size = abs(grad[0]) + abs(grad[1]) + abs(grad[2])
            if size < 0.3 and d + grad[2] > 0.5 * d:
                par[j, 0], par[j, 1], par[j, 2] = b + grad[0], g + grad[1], d + grad[2]
                if size < 1e-3:
                    break
                continue
            now = item_log_posterior(b, g, d, j, cuts, node, theta, prior, held)
            length = 1.0
            for _ in range(25):
                nd = d + length * grad[2]
                nb, ng = b + length * grad[0], g + length * grad[1]
                if nd > SMALLEST_WIDTH and item_log_posterior(nb, ng, nd, j, cuts, node, theta, prior, held) >= now:
                    par[j, 0], par[j, 1], par[j, 2] = nb, ng, nd
                    break
                length *= 0.5


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def node_derivatives(par, doubt, cuts, node, theta, table, score, weight):
    """Per state-session: first derivative and negative second derivative of the log likelihood in its position.

    doubt (items, 3): covariance of b with b, g and d. A vote of weight w holds its position with precision w var b.
    """
    score[:] = 0.0
    weight[:] = 0.0
    for j in range(par.shape[0]):
        b, g, d = par[j, 0], par[j, 1], par[j, 2]
        vb, lower, upper = doubt[j, 0], doubt[j, 1], doubt[j, 1] + doubt[j, 2]
        bb = b * b + vb
        for k in range(cuts[j, 0], cuts[j, 1]):
            s = node[k]
            t = theta[s]
            x = g - b * t
            h = hazard(table, x)
            w = h * (h + x)
            score[s] -= b * h + w * (t * vb - lower)
            weight[s] += bb * w
        for k in range(cuts[j, 1], cuts[j, 2]):
            s = node[k]
            t = theta[s]
            a = g - b * t
            ha, hu = between(table, a, d)
            diff = ha - hu
            w = diff * diff - a * ha + (a + d) * hu
            up = hu * (hu + a + d) - ha * hu
            score[s] += b * diff - w * (t * vb - lower) + up * doubt[j, 2]
            weight[s] += bb * w
        for k in range(cuts[j, 2], cuts[j, 3]):
            s = node[k]
            t = theta[s]
            x = b * t - g - d
            h = hazard(table, x)
            w = h * (h + x)
            score[s] += b * h - w * (t * vb - upper)
            weight[s] += bb * w


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def path_newton(theta, path_ptr, path_node, step_precision, first_precision, score, weight, longest):
    """One Newton step on each state's whole path (tridiagonal, LDL'); returns the largest move."""
    most = 0.0
    for c in range(path_ptr.shape[0] - 1):
        lo = path_ptr[c]
        n = path_ptr[c + 1] - lo
        pivot, off, x = np.empty(n), np.zeros(n), np.empty(n)
        for t in range(n):
            s = path_node[lo + t]
            pivot[t] = weight[s]
            x[t] = score[s]
        s = path_node[lo]
        pivot[0] += first_precision
        x[0] -= first_precision * theta[s]
        for t in range(1, n):
            r, s = s, path_node[lo + t]
            p = step_precision[s]
            change = p * (theta[s] - theta[r])
            x[t] -= change
            x[t - 1] += change
            pivot[t] += p
            pivot[t - 1] += p
            off[t] = -p
        for t in range(1, n):
            ratio = off[t] / pivot[t - 1]
            pivot[t] -= ratio * off[t]
            x[t] -= ratio * x[t - 1]
            off[t] = ratio
        x[n - 1] /= pivot[n - 1]
        for t in range(n - 2, -1, -1):
            x[t] = x[t] / pivot[t] - off[t + 1] * x[t + 1]
        for t in range(n):
            move = min(max(x[t], -longest), longest)
            theta[path_node[lo + t]] += move
            most = max(most, abs(move))
    return most


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def log_likelihood(par, cuts, node, theta):
    """Log likelihood of all votes."""
    f = 0.0
    for j in range(par.shape[0]):
        b, g, d = par[j, 0], par[j, 1], par[j, 2]
        for k in range(cuts[j, 0], cuts[j, 1]):
            f += log_cdf(g - b * theta[node[k]])
        for k in range(cuts[j, 1], cuts[j, 2]):
            f += log_between(g - b * theta[node[k]], d)
        for k in range(cuts[j, 2], cuts[j, 3]):
            f += log_cdf(b * theta[node[k]] - g - d)
    return f


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def joint_pieces(par, doubt, cuts, node, theta, spread, prior, table, exact, score, weight, chols, grads, cross):
    """Everything joint Newton needs in one pass over the votes.

    score, weight: as in node_derivatives; spread: as in item_derivatives. chols (J, 6): factor L_j of each item's negative Hessian. grads (J, 3):
    L_j^-1 times its gradient. cross (votes, 3): L_j^-1 times the mixed negative derivative of (position, item);
    with exact = 0 its term in the vote's own score is left out (Gauss-Newton: the joint matrix is then definite).
    """
    grad, hess, x3 = np.empty(3), np.empty(6), np.empty(3)
    score[:] = 0.0
    weight[:] = 0.0
    for j in range(par.shape[0]):
        b, g, d = par[j, 0], par[j, 1], par[j, 2]
        item_derivatives(b, g, d, j, cuts, node, theta, spread, prior, table, grad, hess)
        chol = chols[j]
        cholesky3(hess, chol)
        forward3(chol, grad)
        grads[j, 0], grads[j, 1], grads[j, 2] = grad[0], grad[1], grad[2]
        for k in range(cuts[j, 0], cuts[j, 3]):
            s = node[k]
            t = theta[s]
            a = g - b * t
            if k < cuts[j, 1]:
                slope = hazard(table, a)
                w = slope * (slope + a)
                up = 0.0
            elif k < cuts[j, 2]:
                ha, hu = between(table, a, d)
                slope = hu - ha
                w = slope * slope - a * ha + (a + d) * hu
                up = hu * (hu + a + d) - ha * hu
            else:
                x = -a - d
                slope = -hazard(table, x)
                w = slope * (slope - x)
                up = w
            score[s] -= b * slope + w * (t * doubt[j, 0] - doubt[j, 1]) - up * doubt[j, 2]
            weight[s] += (b * b + doubt[j, 0]) * w
            x3[0] = exact * slope + b * t * w
            x3[1] = -b * w
            x3[2] = -b * up
            forward3(chol, x3)
            cross[k, 0], cross[k, 1], cross[k, 2] = x3[0], x3[1], x3[2]


@njit(cache=True, nogil=True, error_model="numpy")
def fill_session(wide, votes, row, column, cross):
    """Rows = state-sessions of one session, three columns per item voted in it; the Schur term is wide @ wide.T."""
    wide[:] = 0.0
    for v in range(votes.shape[0]):
        for i in range(3):
            wide[row[v], 3 * column[v] + i] = cross[votes[v], i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def pull_items(rhs, cuts, node, cross, grads):
    """rhs <- rhs - cross' * (scaled item gradients): the items eliminated from the right-hand side."""
    for j in range(cuts.shape[0]):
        for k in range(cuts[j, 0], cuts[j, 3]):
            rhs[node[k]] -= cross[k, 0] * grads[j, 0] + cross[k, 1] * grads[j, 1] + cross[k, 2] * grads[j, 2]


@njit(cache=True, nogil=True, error_model="numpy")
def path_variances(path_ptr, path_node, step_precision, first_precision, weight, variance, covariance):
    """Posterior variance of each node with the items held fixed, and its covariance with the node before (tridiagonal)."""
    for c in range(path_ptr.shape[0] - 1):
        lo = path_ptr[c]
        n = path_ptr[c + 1] - lo
        pivot, ratio = np.empty(n), np.zeros(n)
        for t in range(n):
            s = path_node[lo + t]
            own = first_precision if t == 0 else step_precision[s]
            after = step_precision[path_node[lo + t + 1]] if t < n - 1 else 0.0
            pivot[t] = weight[s] + own + after
            if t > 0:
                ratio[t] = own / pivot[t - 1]
                pivot[t] -= ratio[t] * own
        s = path_node[lo + n - 1]
        variance[s] = 1.0 / pivot[n - 1]
        for t in range(n - 2, -1, -1):
            r, s = s, path_node[lo + t]
            covariance[r] = ratio[t + 1] * variance[r]
            variance[s] = 1.0 / pivot[t] + ratio[t + 1] * covariance[r]


@njit(cache=True, nogil=True, error_model="numpy")
def item_proposals(stored, centre, factor, cuts, node, theta, prior, table):
    """Centre and precision factor of each item's proposal in (b, g, log d): Newton from a stored point.

    The stored point never changes, so the proposal depends on the positions only, not on the item's current values.
    """
    grad, hess, still = np.empty(3), np.empty(6), np.zeros(theta.shape[0])
    for j in range(stored.shape[0]):
        b, g, ld = stored[j, 0], stored[j, 1], math.log(stored[j, 2])
        for turn in range(2):
            d = math.exp(ld)
            item_derivatives(b, g, d, j, cuts, node, theta, still, prior, table, grad, hess)
            slope = grad[2] * d + 1.0
            hess[2] *= d
            hess[4] *= d
            hess[5] = hess[5] * d * d + max(-grad[2] * d, 0.0)
            grad[2] = slope
            cholesky3(hess, factor[j])
            if turn == 0:
                forward3(factor[j], grad)
                backward3(factor[j], grad)
                b, g, ld = b + grad[0], g + grad[1], ld + min(max(grad[2], -1.0), 1.0)
        centre[j, 0], centre[j, 1], centre[j, 2] = b, g, ld


@njit(cache=True, nogil=True, error_model="numpy")
def cross_times(v, cuts, node, cross, out):
    """out[j] = cross' v over the votes of item j (already scaled by the item's factor)."""
    for j in range(cuts.shape[0]):
        x0 = x1 = x2 = 0.0
        for k in range(cuts[j, 0], cuts[j, 3]):
            m = v[node[k]]
            x0 += cross[k, 0] * m
            x1 += cross[k, 1] * m
            x2 += cross[k, 2] * m
        out[j, 0], out[j, 1], out[j, 2] = x0, x1, x2


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def subtract_items(v, cuts, node, cross, out):
    """out <- out - cross (cross' v): what the eliminated items take from the precision of the positions."""
    for j in range(cuts.shape[0]):
        x0 = x1 = x2 = 0.0
        for k in range(cuts[j, 0], cuts[j, 3]):
            m = v[node[k]]
            x0 += cross[k, 0] * m
            x1 += cross[k, 1] * m
            x2 += cross[k, 2] * m
        for k in range(cuts[j, 0], cuts[j, 3]):
            out[node[k]] -= cross[k, 0] * x0 + cross[k, 1] * x1 + cross[k, 2] * x2


@njit(cache=True, nogil=True, error_model="numpy")
def mirror(a):
    """Copy the lower half of a square matrix to the upper one, in tiles."""
    n = a.shape[0]
    for top in range(0, n, 16):
        for left in range(0, top + 1, 16):
            for i in range(top, min(top + 16, n)):
                for j in range(left, min(left + 16, i)):
                    a[j, i] = a[i, j]


@njit(cache=True, nogil=True, error_model="numpy")
def subtract_tie(block, inverse, before, after, precision):
    """block[after, after] -= precision * inverse[before, before] * precision, lower half only (places in rising order)."""
    for i in range(before.shape[0]):
        row, source = block[after[i]], inverse[before[i]]
        for j in range(i + 1):
            row[after[j]] -= precision[i] * precision[j] * source[before[j]]


@njit(cache=True, nogil=True, error_model="numpy")
def back_substitute(chols, x):
    """x[j] <- L_j^-T x[j] for every item."""
    for j in range(x.shape[0]):
        backward3(chols[j], x[j])


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def count_absences(ptr, state, away, session, item_of_call, node, positions, items, cdf, out):
    """out (2, 3, states, sessions): for voting and for absent members the roll calls, those of them that are contested,
    and on these the sum of the model's shares of abstention."""
    dimensions = positions.shape[1]
    for call in range(ptr.shape[0] - 1):
        t, j = session[call], item_of_call[call]
        for k in range(ptr[call], ptr[call + 1]):
            i, absent = state[k], int(away[k])
            out[absent, 0, i, t] += 1.0
            s = node[i, t]
            if j < 0 or s < 0:
                continue
            low = items[j, dimensions]
            for axis in range(dimensions):
                low -= items[j, axis] * positions[s, axis]
            out[absent, 1, i, t] += 1.0
            out[absent, 2, i, t] += share_below(cdf, low + items[j, dimensions + 1]) - share_below(cdf, low)
