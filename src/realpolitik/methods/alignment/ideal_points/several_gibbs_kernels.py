# mypy: allow-untyped-defs, disable-error-code="call-arg"
# numba infers the types of compiled functions from the call.
"""Compiled steps of the exact sampler in several dimensions; all chance is drawn outside and handed in.

`axes` is a tuple with one entry per dimension: its length is known when a kernel is compiled, so that loops over axes
are unrolled. One vote on item (b, g, d) by a state at x has, with a = g - b'x and u = a + d, P(yes) = Phi(a),
P(abstain) = Phi(u) - Phi(a), P(no) = 1 - Phi(u). `logs` is the table of log Phi (`gibbs_kernels.log_cdf_table`).
"""

import math

import numpy as np
from numba import njit

DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
END = 10.0
STEPS = 32
TAIL = 0.02425
LOG_TAIL = math.log(TAIL)
SMALLEST = 1e-300
NU = 6.0  # degrees of freedom of the items' proposal
NARROWEST, WIDEST = -9.0, 4.0  # log d
CLOSE = 0.04  # squared length of a Newton step, in units of the doubt, after which the next is not taken


@njit(inline="always", error_model="numpy")
def log_cdf(table, x):
    """log Phi(x)."""
    if x >= END - 1e-9:
        return 0.0
    if x <= -END:
        r = 1.0 / (x * x)
        return -0.5 * x * x + math.log(DENSITY / -x * (1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r))))
    p = (x + END) * STEPS
    whole = int(p)
    p -= whole
    k = np.uint64(whole)  # unsigned: no index from the end, so no check for one
    return table[k, 0] + p * (table[k, 1] + p * (table[k, 2] + p * table[k, 3]))


@njit(inline="always", error_model="numpy")
def log_cdf_and_slope(table, x):
    """log Phi(x) and its derivative, of the same cubic piece."""
    if x >= END - 1e-9:
        return 0.0, 0.0
    if x <= -END:
        r = 1.0 / (x * x)
        mills = 1.0 - r * (1.0 - 3.0 * r * (1.0 - 5.0 * r))
        return -0.5 * x * x + math.log(DENSITY / -x * mills), -x / mills
    p = (x + END) * STEPS
    whole = int(p)
    p -= whole
    k = np.uint64(whole)
    c1, c2, c3 = table[k, 1], table[k, 2], table[k, 3]
    return table[k, 0] + p * (c1 + p * (c2 + p * c3)), STEPS * (c1 + p * (2.0 * c2 + p * (3.0 * c3)))


@njit(inline="always", error_model="numpy")
def inverse_log(log_p):
    """x with log Phi(x) = log_p (Acklam's rational approximation, relative error 1e-9)."""
    if log_p < LOG_TAIL:
        q, sign = math.sqrt(-2.0 * log_p), 1.0
    else:
        p = math.exp(log_p)
        if p <= 1.0 - TAIL:
            q = p - 0.5
            r = q * q
            top = (((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r
                     + 1.383577518672690e2) * r - 3.066479806614716e1) * r + 2.506628277459239) * q  # fmt: skip
            return top / (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r
                            + 6.680131188771972e1) * r - 1.328068155288572e1) * r + 1.0)  # fmt: skip
        q, sign = math.sqrt(-2.0 * math.log(max(-math.expm1(log_p), 1e-17))), -1.0
    top = ((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q
           + 4.374664141464968) * q + 2.938163982698783  # fmt: skip
    return sign * top / ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q
                          + 3.754408661907416) * q + 1.0)  # fmt: skip


@njit(inline="always", error_model="numpy")
def share(logs, answer, a, d):
    """log P of one vote."""
    if answer == 0:
        return log_cdf(logs, a)
    if answer == 2:
        return log_cdf(logs, -a - d)
    half = 0.5 * d
    away = -abs(a + half)
    top = log_cdf(logs, away + half)
    return top + math.log(max(1.0 - math.exp(log_cdf(logs, away - half) - top), SMALLEST))


@njit(inline="always", error_model="numpy")
def pulls(logs, answer, a, d):
    """log P, phi(a) / P and phi(a + d) / P, with the sign each bound has in P."""
    if answer == 0:
        value, h = log_cdf_and_slope(logs, a)
        return value, h, 0.0
    if answer == 2:
        value, h = log_cdf_and_slope(logs, -a - d)
        return value, 0.0, -h
    half = 0.5 * d
    middle = a + half
    away = -abs(middle)
    top, up = log_cdf_and_slope(logs, away + half)
    bottom, down = log_cdf_and_slope(logs, away - half)
    below = math.exp(bottom - top)
    rest = max(1.0 - below, SMALLEST)
    near, far = up / rest, down * below / rest
    if middle <= 0.0:
        return top + math.log(rest), -far, near
    return top + math.log(rest), -near, far


@njit(inline="always", error_model="numpy")
def curvature(answer, a, d, low, high):
    """Minus the second derivatives of log P: in a common shift, in the upper bound, mixed; from the pulls on both bounds."""
    u = a + d
    by_low, by_high = low * (low + a), high * (high + u)
    both = low * high
    return max(by_low + 2.0 * both + by_high, 0.0), by_high, both + by_high


@njit(inline="always", error_model="numpy")
def bound(axes, par, j, theta, s):
    """a = g - b'x."""
    a = par[j, len(axes)]
    for i in range(len(axes)):
        a -= par[j, i] * theta[s, i]
    return a


@njit(inline="always", error_model="numpy")
def factorise(a, size):
    """Lower Cholesky factor in place."""
    for i in range(size):
        for j in range(i + 1):
            total = a[i, j]
            for k in range(j):
                total -= a[i, k] * a[j, k]
            a[i, j] = math.sqrt(max(total, 1e-12)) if i == j else total / a[j, j]


@njit(inline="always", error_model="numpy")
def forward(low, x, size):
    """x <- L^-1 x."""
    for i in range(size):
        for k in range(i):
            x[i] -= low[i, k] * x[k]
        x[i] /= low[i, i]


@njit(inline="always", error_model="numpy")
def backward(low, x, size):
    """x <- L^-T x."""
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            x[i] -= low[k, i] * x[k]
        x[i] /= low[i, i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_log_likelihoods(axes, par, cuts, node, theta, logs):
    """Log likelihood of every item's votes."""
    out = np.zeros(par.shape[0])
    for j in range(par.shape[0]):
        d = par[j, len(axes) + 1]
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                out[j] += share(logs, answer, bound(axes, par, j, theta, node[k]), d)
    return out


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_derivatives(axes, point, j, cuts, node, theta, prior, logs, grad, hess):
    """Gradient and minus the Hessian (lower half) of item j's log posterior in (b, g, log d) at point[0] = (b, g, d)."""
    dims = len(axes)
    d = point[0, dims + 1]
    grad[:] = 0.0
    hess[:] = 0.0
    for answer in range(3):
        for k in range(cuts[j, answer], cuts[j, answer + 1]):
            s = node[k]
            a = bound(axes, point, 0, theta, s)
            _, low, high = pulls(logs, answer, a, d)
            w, upper, mixed = curvature(answer, a, d, low, high)
            grad[dims] += low + high
            grad[dims + 1] += high
            hess[dims, dims] += w
            hess[dims + 1, dims] += mixed
            hess[dims + 1, dims + 1] += upper
            for i in range(dims):
                x = theta[s, i]
                grad[i] -= x * (low + high)
                hess[dims, i] -= x * w
                hess[dims + 1, i] -= x * mixed
                for h in range(i + 1):
                    hess[i, h] += x * theta[s, h] * w
    for i in range(dims):
        grad[i] -= point[0, i] / prior[0]
        hess[i, i] += 1.0 / prior[0]
    grad[dims] -= point[0, dims] / prior[1]
    hess[dims, dims] += 1.0 / prior[1]
    slope = d * grad[dims + 1] + prior[2] - prior[3] * d
    grad[dims + 1] = slope + 1.0
    for i in range(dims + 1):
        hess[dims + 1, i] *= d
    hess[dims + 1, dims + 1] = hess[dims + 1, dims + 1] * d * d + prior[2] + max(-slope, 0.0)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_proposals(axes, stored, centre, factor, cuts, node, theta, prior, logs, steps):
    """Centre and precision factor (lower) of each item's proposal in (b, g, log d): Newton from a stored point.

    At most `steps` steps, until one is small against the item's doubt. The stored point does not follow the item, so
    that the proposal depends on the positions only.
    """
    dims = len(axes)
    size = dims + 2
    grad, point = np.empty(size), np.empty((1, size))
    for j in range(stored.shape[0]):
        for i in range(size):
            point[0, i] = stored[j, i]
        for _ in range(steps):
            d = point[0, dims + 1]
            item_derivatives(axes, point, j, cuts, node, theta, prior, logs, grad, factor[j])
            factorise(factor[j], size)
            forward(factor[j], grad, size)
            decrement = 0.0
            for i in range(size):
                decrement += grad[i] * grad[i]
            backward(factor[j], grad, size)
            for i in range(dims + 1):
                centre[j, i] = point[0, i] + grad[i]
                point[0, i] = centre[j, i]
            centre[j, dims + 1] = min(max(math.log(d) + min(max(grad[dims + 1], -1.0), 1.0), NARROWEST), WIDEST)
            point[0, dims + 1] = math.exp(centre[j, dims + 1])
            if decrement < CLOSE:
                break


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def propose_items(axes, par, fit, centre, factor, cuts, node, theta, prior, logs, noise, bar, far):
    """Metropolis-Hastings on (b, g, log d) of every item, latent values integrated out.

    far: independence proposals, t with six degrees of freedom from centre and factor (`item_proposals`); else steps from
    where the item is, with the same factor. noise (items, size) are the standard draws, bar (items,) the logs of uniform
    ones. fit (items,): log likelihood of each item's votes at the current positions, kept up to date. Returns the number
    accepted.
    """
    dims = len(axes)
    size = dims + 2
    trial, back = np.empty((1, size)), np.empty(size)
    taken = 0
    for j in range(par.shape[0]):
        low, length, behind = factor[j], 0.0, 0.0
        for i in range(size):
            trial[0, i] = noise[j, i]
            length += noise[j, i] * noise[j, i]
        backward(low, trial[0], size)
        for i in range(size):
            now = math.log(par[j, i]) if i == dims + 1 else par[j, i]
            back[i] = now - centre[j, i]
            trial[0, i] += centre[j, i] if far else now
        width = trial[0, dims + 1]
        if width < NARROWEST or width > WIDEST:
            continue
        for i in range(size):
            total = 0.0
            for k in range(i, size):
                total += low[k, i] * back[k]
            behind += total * total
        change = 0.5 * (NU + size) * (math.log1p(length / NU) - math.log1p(behind / NU)) if far else 0.0
        d = math.exp(width)
        trial[0, dims + 1] = d
        likelihood = 0.0
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                likelihood += share(logs, answer, bound(axes, trial, 0, theta, node[k]), d)
        change += likelihood - fit[j]
        for i in range(dims):
            change -= 0.5 * (trial[0, i] * trial[0, i] - par[j, i] * par[j, i]) / prior[0]
        change -= 0.5 * (trial[0, dims] * trial[0, dims] - par[j, dims] * par[j, dims]) / prior[1]
        change += (prior[2] + 1.0) * (width - math.log(par[j, dims + 1])) - prior[3] * (d - par[j, dims + 1])
        if bar[j] < change:
            for i in range(size):
                par[j, i] = trial[0, i]
            fit[j] = likelihood
            taken += 1
    return taken


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def node_derivatives(axes, par, cuts, node, theta, logs, score, weight):
    """Per node: gradient (nodes, dims) and minus the Hessian (nodes, dims, dims) of the log likelihood in its position."""
    score[:] = 0.0
    weight[:] = 0.0
    for j in range(par.shape[0]):
        d = par[j, len(axes) + 1]
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                s = node[k]
                a = bound(axes, par, j, theta, s)
                _, low, high = pulls(logs, answer, a, d)
                w, _, _ = curvature(answer, a, d, low, high)
                for i in range(len(axes)):
                    score[s, i] -= par[j, i] * (low + high)
                    for h in range(len(axes)):
                        weight[s, i, h] += par[j, i] * par[j, h] * w


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def node_gain(axes, par, cuts, node, theta, trial, logs, out):
    """Log likelihood of each node's votes at `trial` less that at `theta`."""
    out[:] = 0.0
    for j in range(par.shape[0]):
        d = par[j, len(axes) + 1]
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                s = node[k]
                there = share(logs, answer, bound(axes, par, j, trial, s), d)
                out[s] += there - share(logs, answer, bound(axes, par, j, theta, s), d)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def draw_latent(axes, par, cuts, node, theta, logs, uniforms, score, weight):
    """Latent values given everything else, from one uniform number each, summed per node: weight = sum b b', score = sum b z."""
    score[:] = 0.0
    weight[:] = 0.0
    for j in range(par.shape[0]):
        g, d = par[j, len(axes)], par[j, len(axes) + 1]
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                s = node[k]
                a = bound(axes, par, j, theta, s)
                if answer == 0:
                    e = inverse_log(log_cdf(logs, a) + math.log(uniforms[k]))
                elif answer == 2:
                    e = -inverse_log(log_cdf(logs, -a - d) + math.log(uniforms[k]))
                else:
                    half = 0.5 * d
                    away = -abs(a + half)
                    top = log_cdf(logs, away + half)
                    below = math.exp(log_cdf(logs, away - half) - top)
                    e = inverse_log(top + math.log(below + uniforms[k] * (1.0 - below)))
                    if a + half > 0.0:
                        e = -e
                for i in range(len(axes)):
                    score[s, i] += par[j, i] * (e + g - a)
                    for h in range(len(axes)):
                        weight[s, i, h] += par[j, i] * par[j, h]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def draw_paths(axes, theta, path_ptr, path_node, step_precision, first_precision, linear, weight, noise):
    """Every path from the Gaussian with precision weight + walk and linear term `linear` (nodes, dims).

    noise (nodes, dims): standard normal numbers; zeros give the mean. Forward elimination, backward sampling.
    """
    dims = len(axes)
    chols, x, back = np.empty((weight.shape[0], dims, dims)), np.empty(linear.shape), np.empty(dims)
    for c in range(path_ptr.shape[0] - 1):
        lo, hi = path_ptr[c], path_ptr[c + 1]
        for t in range(lo, hi):
            s = path_node[t]
            own = first_precision if t == lo else step_precision[s]
            after = step_precision[path_node[t + 1]] if t < hi - 1 else 0.0
            pivot = chols[t]
            for i in range(dims):
                x[t, i] = linear[s, i]
                for h in range(dims):
                    pivot[i, h] = weight[s, i, h]
                pivot[i, i] += own + after
            if t > lo:
                for i in range(dims):
                    back[:] = 0.0
                    back[i] = own
                    forward(chols[t - 1], back, dims)
                    backward(chols[t - 1], back, dims)
                    for h in range(dims):
                        pivot[h, i] -= own * back[h]
                        x[t, i] += back[h] * x[t - 1, h]
            factorise(pivot, dims)
        for t in range(hi - 1, lo - 1, -1):
            s = path_node[t]
            if t < hi - 1:
                r = path_node[t + 1]
                for i in range(dims):
                    x[t, i] += step_precision[r] * theta[r, i]
            forward(chols[t], x[t], dims)
            for i in range(dims):
                x[t, i] += noise[s, i]
            backward(chols[t], x[t], dims)
            for i in range(dims):
                theta[s, i] = x[t, i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def joint_density(axes, par, cuts, node, theta, prior, logs, score, slope, fit):
    """Log likelihood and its gradient in one pass over the votes.

    fit (items,): log likelihood of each item's votes. score (nodes, dims): its derivative in every position. slope
    (items, dims + 2): the derivative of log likelihood and item priors in (b, g, log d), with the Jacobian.
    """
    dims = len(axes)
    score[:] = 0.0
    slope[:] = 0.0
    for j in range(par.shape[0]):
        d, f = par[j, dims + 1], 0.0
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                s = node[k]
                value, low, high = pulls(logs, answer, bound(axes, par, j, theta, s), d)
                f += value
                slope[j, dims] += low + high
                slope[j, dims + 1] += high
                for i in range(dims):
                    slope[j, i] -= theta[s, i] * (low + high)
                    score[s, i] -= par[j, i] * (low + high)
        for i in range(dims):
            slope[j, i] -= par[j, i] / prior[0]
        slope[j, dims] -= par[j, dims] / prior[1]
        slope[j, dims + 1] = slope[j, dims + 1] * d + prior[2] - prior[3] * d + 1.0
        fit[j] = f


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def cross_pieces(axes, par, cuts, node, theta, logs, common, mixed, chols, prior, weight):
    """Curvature of the joint posterior, positive semi-definite part (Gauss-Newton), in (x; b, g, log d).

    Per vote: common (in a shift of both bounds) and mixed (with log d). Per item: lower Cholesky factor of its own
    block with the priors. Per node: its own block without the walk.
    """
    dims = len(axes)
    size = dims + 2
    weight[:] = 0.0
    for j in range(par.shape[0]):
        d, block = par[j, dims + 1], chols[j]
        block[:] = 0.0
        for answer in range(3):
            for k in range(cuts[j, answer], cuts[j, answer + 1]):
                s = node[k]
                a = bound(axes, par, j, theta, s)
                _, low, high = pulls(logs, answer, a, d)
                w, upper, both = curvature(answer, a, d, low, high)
                common[k], mixed[k] = w, both * d
                block[dims, dims] += w
                block[dims + 1, dims] += both * d
                block[dims + 1, dims + 1] += upper * d * d
                for i in range(dims):
                    x = theta[s, i]
                    block[dims, i] -= x * w
                    block[dims + 1, i] -= x * both * d
                    for h in range(i + 1):
                        block[i, h] += x * theta[s, h] * w
                    for h in range(dims):
                        weight[s, i, h] += par[j, i] * par[j, h] * w
        for i in range(dims):
            block[i, i] += 1.0 / prior[0]
        block[dims, dims] += 1.0 / prior[1]
        block[dims + 1, dims + 1] += prior[3] * d
        factorise(block, size)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def pull_items(axes, v, par, cuts, node, theta, common, mixed, out):
    """out (items, dims + 2): the joint curvature's rows of the items times v (nodes, dims)."""
    dims = len(axes)
    out[:] = 0.0
    for j in range(par.shape[0]):
        for k in range(cuts[j, 0], cuts[j, 3]):
            s, along = node[k], 0.0
            for i in range(dims):
                along += par[j, i] * v[s, i]
            w = along * common[k]
            out[j, dims] -= w
            out[j, dims + 1] -= along * mixed[k]
            for i in range(dims):
                out[j, i] += w * theta[s, i]


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def pull_nodes(axes, y, par, cuts, node, theta, common, mixed, out):
    """out (nodes, dims): the joint curvature's rows of the positions times y (items, dims + 2)."""
    dims = len(axes)
    out[:] = 0.0
    for j in range(par.shape[0]):
        for k in range(cuts[j, 0], cuts[j, 3]):
            s = node[k]
            along = -common[k] * y[j, dims] - mixed[k] * y[j, dims + 1]
            for i in range(dims):
                along += common[k] * theta[s, i] * y[j, i]
            for i in range(dims):
                out[s, i] += par[j, i] * along


@njit(cache=True, nogil=True, error_model="numpy")
def solve_items(axes, chols, x):
    """x[j] <- (L_j L_j')^-1 x[j] for every item."""
    for j in range(x.shape[0]):
        forward(chols[j], x[j], len(axes) + 2)
        backward(chols[j], x[j], len(axes) + 2)
