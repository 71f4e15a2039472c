# mypy: allow-untyped-defs, disable-error-code="call-arg"
# numba infers the types of compiled functions from the call.
"""Compiled steps of the exact sampler, with their own random generator (xoshiro256+, one state per chain)."""

import math

import numpy as np
from numba import njit

from .kernels import cubic_pieces

HALF_ROOT = 1.0 / math.sqrt(2.0)
DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
END = 10.0
STEPS = 32
TAIL = 0.02425
LOG_TAIL = math.log(TAIL)
SMALLEST = 1e-300
FLUSH = 1e-200
NU = 6.0  # degrees of freedom of the items' proposal


def log_cdf_table() -> np.ndarray:
    """log Phi on [-10, 10] as cubic pieces; shape (640, 4)."""
    from scipy.special import log_ndtr

    x = np.linspace(-END, END, int(2 * END * STEPS) + 1)
    f = log_ndtr(x)
    return cubic_pieces(f, np.exp(-0.5 * x * x - f) * DENSITY / STEPS)


@njit(inline="always", error_model="numpy")
def uniform(rng):
    """A number strictly between 0 and 1."""
    out = rng[0] + rng[3]
    t = rng[1] << np.uint64(17)
    rng[2] ^= rng[0]
    rng[3] ^= rng[1]
    rng[1] ^= rng[2]
    rng[0] ^= rng[3]
    rng[2] ^= t
    rng[3] = (rng[3] << np.uint64(45)) | (rng[3] >> np.uint64(19))
    return (np.float64(out >> np.uint64(12)) + 0.5) * (1.0 / 4503599627370496.0)


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
    k = np.uint64(whole)  # unsigned: no index from the end, so no check for one
    c1, c2, c3 = table[k, 1], table[k, 2], table[k, 3]
    return table[k, 0] + p * (c1 + p * (c2 + p * c3)), STEPS * (c1 + p * (2.0 * c2 + p * (3.0 * c3)))


@njit(inline="always", error_model="numpy")
def log_between(table, a, d):
    """log(Phi(a + d) - Phi(a))."""
    low, high = a, a + d
    if low + high > 0.0:
        low, high = -high, -low
    top = log_cdf(table, high)
    return top + math.log(max(-math.expm1(log_cdf(table, low) - top), 1e-300))


@njit(inline="always", error_model="numpy")
def far(log_p):
    """Inverse of Phi in the lower tail, from log p (Acklam's rational approximation, relative error 1e-9)."""
    q = math.sqrt(-2.0 * log_p)
    top = ((((-7.784894002430293e-3 * q - 3.223964580411365e-1) * q - 2.400758277161838) * q - 2.549732539343734) * q
           + 4.374664141464968) * q + 2.938163982698783  # fmt: skip
    return top / ((((7.784695709041462e-3 * q + 3.224671290700398e-1) * q + 2.445134137142996) * q
                   + 3.754408661907416) * q + 1.0)  # fmt: skip


@njit(inline="always", error_model="numpy")
def middle(p):
    """Inverse of Phi between the tails (Acklam)."""
    q = p - 0.5
    r = q * q
    top = (((((-3.969683028665376e1 * r + 2.209460984245205e2) * r - 2.759285104469687e2) * r + 1.383577518672690e2) * r
            - 3.066479806614716e1) * r + 2.506628277459239) * q  # fmt: skip
    return top / (((((-5.447609879822406e1 * r + 1.615858368580409e2) * r - 1.556989798598866e2) * r
                    + 6.680131188771972e1) * r - 1.328068155288572e1) * r + 1.0)  # fmt: skip


@njit(inline="always", error_model="numpy")
def inverse_log(log_p):
    """x with log Phi(x) = log_p."""
    if log_p < LOG_TAIL:
        return far(log_p)
    p = math.exp(log_p)
    if p > 1.0 - TAIL:
        return -far(math.log(max(-math.expm1(log_p), 1e-17)))
    return middle(p)


@njit(inline="always", error_model="numpy")
def normal(rng):
    """A standard normal number, by inversion."""
    p = uniform(rng)
    if p < TAIL:
        return far(math.log(p))
    if p > 1.0 - TAIL:
        return -far(math.log(1.0 - p))
    return middle(p)


@njit(inline="always", error_model="numpy")
def gain_between(table, low, high, new_low, new_high):
    """Log of the ratio of Phi(new_high) - Phi(new_low) to Phi(high) - Phi(low)."""
    if low + high > 0.0:
        low, high = -high, -low
    if new_low + new_high > 0.0:
        new_low, new_high = -new_high, -new_low
    top, new_top = log_cdf(table, high), log_cdf(table, new_high)
    rest = 1.0 - math.exp(log_cdf(table, low) - top)
    new_rest = 1.0 - math.exp(log_cdf(table, new_low) - new_top)
    return new_top - top + math.log(max(new_rest, SMALLEST) / max(rest, SMALLEST))


@njit(inline="always", error_model="numpy")
def item_log_prior(b, g, d, prior):
    """Log prior of (b, g, log d) up to a constant, with the Jacobian of log d."""
    return -0.5 * b * b / prior[0] - 0.5 * g * g / prior[1] + (prior[2] + 1.0) * math.log(d) - prior[3] * d


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_log_likelihood(b, g, d, j, cuts, node, theta, logs):
    """Log likelihood of item j's votes; the shares of abstentions are multiplied before their logarithm is taken."""
    f, product = 0.0, 1.0
    for k in range(cuts[j, 0], cuts[j, 1]):
        f += log_cdf(logs, g - b * theta[node[k]])
    for k in range(cuts[j, 1], cuts[j, 2]):
        low = g - b * theta[node[k]]
        high = low + d
        if low + high > 0.0:
            low, high = -high, -low
        top = log_cdf(logs, high)
        f += top
        product *= max(1.0 - math.exp(log_cdf(logs, low) - top), SMALLEST)
        if product < FLUSH:
            f += math.log(product)
            product = 1.0
    for k in range(cuts[j, 2], cuts[j, 3]):
        f += log_cdf(logs, b * theta[node[k]] - g - d)
    return f + math.log(product)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def item_log_likelihoods(par, cuts, node, theta, logs):
    """Log likelihood of every item's votes."""
    out = np.empty(par.shape[0])
    for j in range(par.shape[0]):
        out[j] = item_log_likelihood(par[j, 0], par[j, 1], par[j, 2], j, cuts, node, theta, logs)
    return out


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def joint_density(par, cuts, node, theta, prior, logs, score, slope, fit):
    """Log likelihood and its gradient in one pass over the votes.

    fit (items,): log likelihood of each item's votes. score (nodes,): its derivative in every position. slope (items, 3):
    the derivative of log likelihood and item priors in (b, g, log d), with the Jacobian.
    """
    score[:] = 0.0
    for j in range(par.shape[0]):
        b, g, d = par[j, 0], par[j, 1], par[j, 2]
        gb, gg, gd = -b / prior[0], -g / prior[1], prior[2] / d - prior[3]
        f, product, half = 0.0, 1.0, 0.5 * d
        for k in range(cuts[j, 0], cuts[j, 1]):
            s = node[k]
            t = theta[s]
            value, h = log_cdf_and_slope(logs, g - b * t)
            f += value
            gg += h
            gb -= t * h
            score[s] -= b * h
        for k in range(cuts[j, 1], cuts[j, 2]):
            s = node[k]
            t = theta[s]
            middle = g - b * t + half
            away = -abs(middle)
            top, up = log_cdf_and_slope(logs, away + half)
            bottom, down = log_cdf_and_slope(logs, away - half)
            share = math.exp(bottom - top)
            rest = max(1.0 - share, SMALLEST)
            f += top
            product *= rest
            if product < FLUSH:
                f += math.log(product)
                product = 1.0
            inverse = 1.0 / rest
            both, diff = inverse * (up + share * down), -math.copysign(inverse * (up - share * down), middle)
            gg += diff
            gd += 0.5 * (both + diff)
            gb -= t * diff
            score[s] -= b * diff
        for k in range(cuts[j, 2], cuts[j, 3]):
            s = node[k]
            t = theta[s]
            value, h = log_cdf_and_slope(logs, b * t - g - d)
            f += value
            gg -= h
            gd -= h
            gb += t * h
            score[s] += b * h
        slope[j, 0], slope[j, 1], slope[j, 2] = gb, gg, gd * d + 1.0
        fit[j] = f + math.log(product)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def propose_items(par, fit, centre, factor, cuts, node, theta, prior, logs, rng):
    """Independence Metropolis-Hastings on (b, g, log d) of every item, latent values integrated out.

    centre (items, 3) and factor (items, 6; L with L L' = precision) describe a t proposal with six degrees of freedom;
    they depend on the positions, never on the items' current values. fit (items,): log likelihood of each item's votes,
    read and kept up to date. Returns the number accepted.
    """
    taken = 0
    for j in range(par.shape[0]):
        e0, e1, e2 = normal(rng), normal(rng), normal(rng)
        w = math.sqrt(NU / (-2.0 * math.log(uniform(rng) * uniform(rng) * uniform(rng))))
        e0, e1, e2 = e0 * w, e1 * w, e2 * w
        c = factor[j]
        x2 = e2 / c[5]
        x1 = (e1 - c[4] * x2) / c[3]
        x0 = (e0 - c[1] * x1 - c[2] * x2) / c[0]
        b, g, ld = centre[j, 0] + x0, centre[j, 1] + x1, centre[j, 2] + x2
        if ld < -9.0 or ld > 4.0:
            continue
        forth = -0.5 * (NU + 3.0) * math.log1p((e0 * e0 + e1 * e1 + e2 * e2) / NU)
        y0, y1, y2 = par[j, 0] - centre[j, 0], par[j, 1] - centre[j, 1], math.log(par[j, 2]) - centre[j, 2]
        r0, r1, r2 = c[0] * y0 + c[1] * y1 + c[2] * y2, c[3] * y1 + c[4] * y2, c[5] * y2
        back = -0.5 * (NU + 3.0) * math.log1p((r0 * r0 + r1 * r1 + r2 * r2) / NU)
        likelihood = item_log_likelihood(b, g, math.exp(ld), j, cuts, node, theta, logs)
        new = likelihood + item_log_prior(b, g, math.exp(ld), prior)
        now = fit[j] + item_log_prior(par[j, 0], par[j, 1], par[j, 2], prior)
        if math.log(uniform(rng)) < new - now + back - forth:
            par[j, 0], par[j, 1], par[j, 2] = b, g, math.exp(ld)
            fit[j] = likelihood
            taken += 1
    return taken


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def node_gain(par, cuts, node, theta, trial, logs, out):
    """Log likelihood of each node's votes at `trial` less that at `theta`."""
    out[:] = 0.0
    for j in range(par.shape[0]):
        b, g, d = par[j, 0], par[j, 1], par[j, 2]
        for k in range(cuts[j, 0], cuts[j, 1]):
            s = node[k]
            out[s] += log_cdf(logs, g - b * trial[s]) - log_cdf(logs, g - b * theta[s])
        for k in range(cuts[j, 1], cuts[j, 2]):
            s = node[k]
            low, new_low = g - b * theta[s], g - b * trial[s]
            out[s] += gain_between(logs, low, low + d, new_low, new_low + d)
        for k in range(cuts[j, 2], cuts[j, 3]):
            s = node[k]
            out[s] += log_cdf(logs, b * trial[s] - g - d) - log_cdf(logs, b * theta[s] - g - d)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def draw_latent(par, cuts, node, theta, logs, rng, score, weight):
    """Latent values given everything else, summed per node: weight = sum b^2, score = sum b z."""
    score[:] = 0.0
    weight[:] = 0.0
    for j in range(par.shape[0]):
        b, g, d = par[j, 0], par[j, 1], par[j, 2]
        for k in range(cuts[j, 0], cuts[j, 3]):
            s = node[k]
            mu = b * theta[s]
            a = g - mu
            if k < cuts[j, 1]:
                z = mu + inverse_log(log_cdf(logs, a) + math.log(uniform(rng)))
            elif k >= cuts[j, 2]:
                z = mu - inverse_log(log_cdf(logs, -a - d) + math.log(uniform(rng)))
            else:
                low, high, sign = a, a + d, 1.0
                if low + high > 0.0:
                    low, high, sign = -high, -low, -1.0
                top = log_cdf(logs, high)
                share = math.exp(log_cdf(logs, low) - top)
                z = mu + sign * inverse_log(top + math.log(share + uniform(rng) * (1.0 - share)))
            score[s] += b * z
            weight[s] += b * b


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def draw_paths(theta, path_ptr, path_node, step_precision, first_precision, score, weight, rng):
    """Every path from its Gaussian conditional (forward elimination, backward sampling)."""
    for c in range(path_ptr.shape[0] - 1):
        lo = path_ptr[c]
        n = path_ptr[c + 1] - lo
        pivot, ratio, x = np.empty(n), np.zeros(n), np.empty(n)
        for t in range(n):
            s = path_node[lo + t]
            own = first_precision if t == 0 else step_precision[s]
            after = step_precision[path_node[lo + t + 1]] if t < n - 1 else 0.0
            pivot[t] = weight[s] + own + after
            x[t] = score[s]
            if t > 0:
                ratio[t] = own / pivot[t - 1]
                pivot[t] -= ratio[t] * own
                x[t] += ratio[t] * x[t - 1]
        later = 0.0
        for t in range(n - 1, -1, -1):
            value = x[t] / pivot[t] + normal(rng) / math.sqrt(pivot[t])
            if t < n - 1:
                value += ratio[t + 1] * later
            theta[path_node[lo + t]] = value
            later = value


@njit(inline="always", error_model="numpy")
def truncated(table, low, high, rng):
    """A standard normal number between low and high."""
    sign = 1.0
    if low + high > 0.0:
        low, high, sign = -high, -low, -1.0
    top = log_cdf(table, high)
    share = math.exp(log_cdf(table, low) - top)
    return sign * inverse_log(top + math.log(share + uniform(rng) * (1.0 - share)))


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def bsv_cut_points(lower, upper, slope, cuts, node, theta, logs, step, edge, rng):
    """Step 2 of the published sampler: both cut-points by one small Metropolis step, flat prior inside +-edge."""
    taken = 0
    for j in range(lower.shape[0]):
        g, u, b = lower[j], upper[j], slope[j]
        ng = g + step * truncated(logs, (-edge - g) / step, (u - g) / step, rng)
        nu = u + step * truncated(logs, (ng - u) / step, (edge - u) / step, rng)
        change = log_cdf(logs, (u - ng) / step) - log_cdf(logs, (nu - g) / step)
        for k in range(cuts[j, 0], cuts[j, 1]):
            mu = b * theta[node[k]]
            change += log_cdf(logs, ng - mu) - log_cdf(logs, g - mu)
        for k in range(cuts[j, 1], cuts[j, 2]):
            mu = b * theta[node[k]]
            change += log_between(logs, ng - mu, nu - ng) - log_between(logs, g - mu, u - g)
        for k in range(cuts[j, 2], cuts[j, 3]):
            mu = b * theta[node[k]]
            change += log_cdf(logs, mu - nu) - log_cdf(logs, mu - u)
        if math.log(uniform(rng)) < change:
            lower[j], upper[j] = ng, nu
            taken += 1
    return taken


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "arcp"})
def bsv_latent(lower, upper, slope, cuts, node, theta, logs, prior_variance, draw_slope, limit, score, weight, rng):
    """Steps 3 and 4: latent values (cut at +-limit), then each slope; sums per node for the next step 1."""
    score[:] = 0.0
    weight[:] = 0.0
    z = np.empty((cuts[:, 3] - cuts[:, 0]).max())
    for j in range(lower.shape[0]):
        g, u, b, lo = lower[j], upper[j], slope[j], cuts[j, 0]
        xx = xz = 0.0
        for k in range(lo, cuts[j, 3]):
            t = theta[node[k]]
            mu = b * t
            if k < cuts[j, 1]:
                v = mu + inverse_log(log_cdf(logs, g - mu) + math.log(uniform(rng)))
            elif k >= cuts[j, 2]:
                v = mu - inverse_log(log_cdf(logs, mu - u) + math.log(uniform(rng)))
            else:
                v = mu + truncated(logs, g - mu, u - mu, rng)
            v = min(max(v, -limit), limit)
            z[k - lo] = v
            xx += t * t
            xz += t * v
        if draw_slope:
            variance = 1.0 / (xx + 1.0 / prior_variance)
            b = variance * xz + math.sqrt(variance) * normal(rng)
            slope[j] = b
        for k in range(lo, cuts[j, 3]):
            score[node[k]] += b * z[k - lo]
            weight[node[k]] += b * b
