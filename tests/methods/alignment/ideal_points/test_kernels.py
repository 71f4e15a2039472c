"""Likelihood pieces, derivatives and linear algebra against slow, plain versions."""

import numpy as np
import pytest
from scipy.special import log_ndtr
from scipy.stats import norm

from realpolitik.methods.alignment.ideal_points import blocks, gibbs_kernels, kernels, map_engine, rescale
from realpolitik.methods.alignment.ideal_points.model import build_model
from realpolitik.methods.alignment.ideal_points.simulate import simulate

TABLE = kernels.hazard_table()
LOGS = gibbs_kernels.log_cdf_table()


@pytest.fixture(scope="module")
def small():
    s = simulate(np.random.default_rng(5), states=8, sessions=4, calls=6, absent=0.1)
    answer = s.answer.copy()
    answer[(s.state == 3) & (np.repeat(s.session, 8) == 2)] = 3  # a gap in one path
    model = build_model(s.ptr, s.state, answer, s.session, anchors={0: 1.0})
    rng = np.random.default_rng(6)
    par = np.column_stack([rng.normal(size=model.items), rng.normal(size=model.items), rng.gamma(2, 0.5, model.items)])
    return model, rng.normal(size=model.nodes), par


def log_posterior(model, theta, par, q):
    """The model as written down, with scipy's normal distribution."""
    b, g, d = par[model.item_of_vote].T
    a = g - b * theta[model.node]
    p = np.select([model.answer == 0, model.answer == 1], [norm.cdf(a), norm.cdf(a + d) - norm.cdf(a)], norm.sf(a + d))
    first = model.previous < 0
    back = model.previous[~first]
    out = (
        np.log(p).sum()
        - 0.5 * (theta[first] ** 2).sum()
        - 0.5 * ((theta[~first] - theta[back]) ** 2 / (q * model.gap[~first])).sum()
    )
    b, g, d = par.T
    return out - 0.25 * (b**2).sum() - (g**2).sum() / 18 + np.log(d).sum() - d.sum()


def numerical_gradient(f, x, h=1e-5):
    out = np.empty_like(x)
    for k in range(len(x)):
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        out[k] = (f(up) - f(down)) / (2 * h)
    return out


def test_hazard_and_log_cdf_tables():
    x = np.linspace(-40, 12, 5001)
    exact = np.exp(norm.logpdf(x) - log_ndtr(x))
    ours = np.array([kernels.hazard.py_func(TABLE, v) for v in x])
    np.testing.assert_allclose(ours, exact, rtol=2e-6, atol=2e-9)
    logs = np.array([gibbs_kernels.log_cdf.py_func(LOGS, v) for v in x])
    np.testing.assert_allclose(logs, log_ndtr(x), rtol=1e-6, atol=1e-8)


def test_inverse_of_the_normal_distribution():
    log_p = np.concatenate([-np.logspace(-12, 2.5, 400)])
    ours = np.array([gibbs_kernels.inverse_log(v) for v in log_p])
    np.testing.assert_allclose(log_ndtr(ours), log_p, rtol=1e-6, atol=1e-12)


def test_probability_of_abstaining_in_both_tails():
    for a in (-30.0, -6.0, -0.5, 0.0, 2.0, 7.0, 30.0):
        for d in (0.01, 0.5, 3.0):
            low, high = (a, a + d) if 2 * a + d <= 0 else (-a - d, -a)
            exact = log_ndtr(high) + np.log(-np.expm1(log_ndtr(low) - log_ndtr(high)))
            assert kernels.log_between.py_func(a, d) == pytest.approx(exact, rel=1e-9)
            ha, hu = kernels.between.py_func(TABLE, a, d)
            assert ha == pytest.approx(np.exp(norm.logpdf(a) - exact), rel=3e-5)
            assert hu == pytest.approx(np.exp(norm.logpdf(a + d) - exact), rel=3e-5)


def test_gradient_of_the_whole_posterior(small):
    model, theta, par = small
    q, prior = 0.07, model.priors.vector()
    score, weight, slope = np.empty(model.nodes), np.empty(model.nodes), np.empty((model.items, 3))
    fit = np.empty(model.items)
    gibbs_kernels.joint_density(par, model.cuts, model.node, theta, prior, LOGS, score, slope, fit)
    exact = numerical_gradient(lambda x: log_posterior(model, x, par, q), theta)
    np.testing.assert_allclose(score + map_engine.prior_score(model, theta, q), exact, rtol=2e-5, atol=2e-5)
    of_items = numerical_gradient(lambda x: log_posterior(model, theta, x.reshape(-1, 3), q), par.ravel()).reshape(
        -1, 3
    )
    of_items[:, 2] = of_items[:, 2] * par[:, 2] + 1
    np.testing.assert_allclose(slope, of_items, rtol=2e-5, atol=2e-5)
    plain_score, plain_slope = exact_gradient(model, theta, par)
    np.testing.assert_allclose(score, plain_score, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(slope[:, :2], plain_slope[:, :2], rtol=2e-5, atol=2e-5)
    sure = np.zeros((model.items, 3))
    kernels.node_derivatives(par, sure, model.cuts, model.node, theta, TABLE, score, weight)
    np.testing.assert_allclose(score + map_engine.prior_score(model, theta, q), exact, rtol=2e-5, atol=2e-5)


def vote_likelihoods(model, theta, par):
    """log P of every vote by scipy, in the model's order."""
    b, g, d = par[model.item_of_vote].T
    low = g - b * theta[model.node]
    high = low + d
    flip = low + high > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    between = log_ndtr(high) + np.log(-np.expm1(log_ndtr(low) - log_ndtr(high)))
    a = g - b * theta[model.node]
    return np.select([model.answer == 0, model.answer == 1], [log_ndtr(a), between], log_ndtr(-a - d))


def test_likelihood_of_every_item_and_its_gain(small):
    model, theta, par = small
    votes = (model.cuts, model.node)
    exact = vote_likelihoods(model, theta, par)
    by_item = np.bincount(model.item_of_vote, exact, model.items)
    score, slope, fit = np.empty(model.nodes), np.empty((model.items, 3)), np.empty(model.items)
    gibbs_kernels.joint_density(par, *votes, theta, model.priors.vector(), LOGS, score, slope, fit)
    np.testing.assert_allclose(fit, by_item, rtol=1e-6)
    np.testing.assert_allclose(gibbs_kernels.item_log_likelihoods(par, *votes, theta, LOGS), by_item, rtol=1e-6)
    trial = theta + np.random.default_rng(2).normal(size=model.nodes)
    gain = np.empty(model.nodes)
    gibbs_kernels.node_gain(par, *votes, theta, trial, LOGS, gain)
    change = vote_likelihoods(model, trial, par) - exact
    np.testing.assert_allclose(gain, np.bincount(model.node, change, model.nodes), rtol=1e-5, atol=1e-6)


def test_many_abstentions_in_a_narrow_band_keep_their_likelihood():
    """Their shares are multiplied before the logarithm is taken: the product must not run out of numbers."""
    states = 400
    model = build_model(
        [0, states], np.arange(states), np.where(np.arange(states) % 200 == 0, 0, 1).astype(np.int8), [1]
    )
    theta, par = np.random.default_rng(3).normal(size=model.nodes), np.array([[1.2, 8.0, 1e-3]])
    fit = gibbs_kernels.item_log_likelihoods(par, model.cuts, model.node, theta, LOGS)
    assert fit[0] == pytest.approx(vote_likelihoods(model, theta, par).sum(), rel=1e-6)
    assert fit[0] < -8_000


def exact_gradient(model, theta, par):
    """Gradient of log likelihood and item priors in positions and (b, g, d), with scipy's normal distribution."""
    b, g, d = par[model.item_of_vote].T
    x = theta[model.node]
    a, p = g - b * x, np.exp(vote_likelihoods(model, theta, par))
    at_low = np.where(model.answer == 0, 1, np.where(model.answer == 1, -1, 0)) * norm.pdf(a) / p
    at_high = np.where(model.answer == 1, 1, np.where(model.answer == 2, -1, 0)) * norm.pdf(a + d) / p
    score = np.bincount(model.node, -b * (at_low + at_high), model.nodes)
    parts = (-x * (at_low + at_high), at_low + at_high, at_high)
    slope = np.stack([np.bincount(model.item_of_vote, part, model.items) for part in parts], axis=1)
    return score, slope + np.stack([-par[:, 0] / 2, -par[:, 1] / 9, 1 / par[:, 2] - 1], axis=1)


def dense_precision(model, theta, par, q):
    """Negative Hessian of the log posterior in (positions, items), by differences of the gradient."""
    n = model.nodes

    def gradient(z):
        score, slope = exact_gradient(model, z[:n], z[n:].reshape(-1, 3))
        return np.concatenate([score + map_engine.prior_score(model, z[:n], q), slope.ravel()])

    z = np.concatenate([theta, par.ravel()])
    h = 1e-5
    return -np.array([(gradient(z + h * e) - gradient(z - h * e)) / (2 * h) for e in np.eye(len(z))])


def curvatures(model, theta, par, h=1e-4):
    """Negative second derivatives of each vote's log likelihood in a = g - b x, and in a and d."""

    def at(da, dd):
        return vote_likelihoods(model, theta, par + np.array([0.0, da, dd]))

    twice = -(at(h, 0) - 2 * at(0, 0) + at(-h, 0)) / h**2
    mixed = -(at(h, h) - at(h, -h) - at(-h, h) + at(-h, -h)) / (4 * h**2)
    return twice, mixed


def pulls(model, theta, par, doubt):
    """What the doubts add to the gradient in positions and in slopes: the expected curvature times its derivative.

    Half the curvature of a vote times the variance of (a, d) is what is expected to be lost; given the positions, var a is
    x^2 var b - 2 x cov(b, g) + ..., cov(a, d) is - x cov(b, d) + ...; given the item, var a is b^2 var x.
    """
    twice, mixed = curvatures(model, theta, par)
    vb, bg, bd = doubt.items[model.item_of_vote].T
    x = theta[model.node]
    on_nodes = np.bincount(model.node, -twice * (x * vb - bg) + mixed * bd, model.nodes)
    on_slopes = np.bincount(model.item_of_vote, -twice * doubt.positions[model.node], model.items) * par[:, 0]
    return on_nodes, on_slopes


def some_doubt(model):
    rng = np.random.default_rng(12)
    return map_engine.Doubt(rng.gamma(2, 0.1, model.nodes), rng.normal(size=(model.items, 3)) * 0.1 + [0.5, 0, 0])


def test_doubts_pull_by_the_curvature_of_each_vote(small):
    model, theta, par = small
    doubt, prior, votes = some_doubt(model), model.priors.vector(), (model.cuts, model.node)
    on_nodes, on_slopes = pulls(model, theta, par, doubt)
    (sure, _), (score, weight) = (
        map_engine.node_scores(model, theta, par, d, TABLE) for d in (map_engine.Doubt.none(model), doubt)
    )
    np.testing.assert_allclose(score - sure, on_nodes, rtol=1e-3, atol=1e-4)
    grad, hess = np.empty(3), np.empty(6)
    plain_grad, plain_hess = np.empty(3), np.empty(6)
    for j in range(model.items):
        held = kernels.item_derivatives(*par[j], j, *votes, theta, doubt.positions, prior, TABLE, grad, hess)
        kernels.item_derivatives(*par[j], j, *votes, theta, 0 * doubt.positions, prior, TABLE, plain_grad, plain_hess)
        np.testing.assert_allclose(grad - plain_grad, [on_slopes[j], 0, 0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(hess - plain_hess, [held, 0, 0, 0, 0, 0], atol=1e-9)
    pieces = map_engine.definite_pieces(model, theta, par, TABLE, 0.07, doubt)[0]
    np.testing.assert_allclose(pieces.score, score, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(pieces.weight, weight, rtol=1e-6)


def test_the_fit_is_stationary_under_its_doubts(small):
    model, _, _ = small
    fit = map_engine.fit_map(model, 0.07, map_engine.MapSettings(newton=300, tolerance=1e-9))
    assert fit.converged
    theta, par, doubt = fit.theta, fit.items.copy(), map_engine.Doubt(fit.variance, np.zeros((model.items, 3)))
    for _ in range(30):  # the doubts that belong to this point
        kernels.newton_items(
            par, doubt.items, model.cuts, model.node, theta, doubt.positions, model.priors.vector(), TABLE, 1
        )
        par = fit.items.copy()
        factor = map_engine.definite_pieces(model, theta, par, TABLE, 0.07, doubt)[1]
        doubt.positions[:] = blocks.variances(factor)[0]
    on_nodes, on_slopes = pulls(model, theta, par, doubt)
    of_nodes = numerical_gradient(lambda x: log_posterior(model, x, par, 0.07), theta)
    of_items = numerical_gradient(lambda x: log_posterior(model, theta, x.reshape(-1, 3), 0.07), par.ravel())
    of_items = of_items.reshape(-1, 3)
    assert np.abs(of_nodes).max() > 0.1  # it is not the plain mode
    np.testing.assert_allclose(of_nodes + on_nodes, 0, atol=2e-3)
    np.testing.assert_allclose(of_items[:, 0] + on_slopes, 0, atol=2e-3)
    np.testing.assert_allclose(of_items[:, 1:], 0, atol=2e-3)


def test_variances_are_those_of_the_dense_inverse(small):
    model, _, _ = small
    fit = map_engine.fit_map(model, 0.07, map_engine.MapSettings(tolerance=1e-7))
    precision, (twice, _) = dense_precision(model, fit.theta, fit.items, 0.07), curvatures(model, fit.theta, fit.items)
    held = np.bincount(model.node, twice * fit.doubt.items[model.item_of_vote, 0], model.nodes)
    held_items = np.zeros((model.items, 3))
    held_items[:, 0] = np.bincount(model.item_of_vote, twice * fit.doubt.positions[model.node], model.items)
    precision += np.diag(np.concatenate([held, held_items.ravel()]))
    covariance = np.linalg.inv(precision)[: model.nodes, : model.nodes]
    np.testing.assert_allclose(fit.variance, np.diag(covariance), rtol=2e-3)
    inner = np.flatnonzero(model.previous >= 0)
    np.testing.assert_allclose(
        fit.step_covariance[inner], covariance[inner, model.previous[inner]], rtol=1e-2, atol=1e-5
    )
    counted = model.node_votes > 0
    m = counted / counted.sum()
    turn = np.eye(model.nodes) - np.outer(np.ones(model.nodes), m) - np.outer(fit.standard, m * fit.standard)
    expected = np.sqrt(np.diag(turn @ covariance @ turn.T)) / fit.scale
    np.testing.assert_allclose(fit.standard_sd, expected, rtol=5e-3)


def test_block_solver_against_the_dense_matrix():
    rng = np.random.default_rng(2)
    sizes = [3, 4, 2]
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    ties = (
        blocks.Ties(np.array([0, 2]), np.array([1, 3]), np.array([0.5, 0.7])),
        blocks.Ties(np.array([1]), np.array([0]), np.array([0.4])),
    )
    dense, diagonal = np.zeros((9, 9)), []
    for k, n in enumerate(sizes):
        a = rng.normal(size=(n, n))
        diagonal.append(a @ a.T + 2 * np.eye(n))
        dense[ptr[k] : ptr[k + 1], ptr[k] : ptr[k + 1]] = diagonal[-1]
    for k, tie in enumerate(ties):
        for i, j, p in zip(tie.before + ptr[k], tie.after + ptr[k + 1], tie.precision, strict=True):
            dense[i, j] = dense[j, i] = -p
    factor = blocks.factorise([d.copy() for d in diagonal], ties, ptr)
    rhs = rng.normal(size=(9, 2))
    np.testing.assert_allclose(blocks.solve(factor, rhs), np.linalg.solve(dense, rhs), atol=1e-10)
    diag, step = blocks.variances(factor)
    inverse = np.linalg.inv(dense)
    np.testing.assert_allclose(diag, np.diag(inverse), atol=1e-10)
    np.testing.assert_allclose(step[[4, 6, 7]], [inverse[0, 4], inverse[2, 6], inverse[4, 7]], atol=1e-10)


def test_rescaling_a_session_changes_no_vote(small):
    model, theta, par = small
    rng = np.random.default_rng(8)
    a, c = 0.3 * rng.normal(size=(2, len(model.sessions)))
    before = kernels.log_likelihood(par, model.cuts, model.node, theta)
    sums = rescale.moments(model, theta, par, 0.07)
    prior = log_posterior(model, theta, par, 0.07) - before
    moved, items = theta.copy(), par.copy()
    rescale.apply_move(model, moved, items, a, c)
    assert kernels.log_likelihood(items, model.cuts, model.node, moved) == pytest.approx(before, abs=1e-8)
    after = log_posterior(model, moved, items, 0.07) - before
    zero = np.zeros_like(a)
    assert after - prior == pytest.approx(
        rescale.log_density(sums, a, c) - rescale.log_density(sums, zero, zero), abs=1e-7
    )
    gradient, hessian = rescale.derivatives(sums, a, c)
    z = np.concatenate([a, c])
    numeric = numerical_gradient(lambda x: rescale.log_density(sums, *np.split(x, 2)), z)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-5)
    by_difference = np.array(
        [numerical_gradient(lambda x, k=k: rescale.derivatives(sums, *np.split(x, 2))[0][k], z) for k in range(len(z))]
    )
    np.testing.assert_allclose(hessian, by_difference, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(rescale.scale_gradient(sums, a), rescale.derivatives(sums, a, zero)[0][: len(a)])


def test_sessions_that_share_an_item_move_together():
    s = simulate(np.random.default_rng(5), states=8, sessions=5, calls=4)
    links = np.arange(20)
    links[9] = links[6]
    model = build_model(s.ptr, s.state, s.answer, s.session, links=links)
    assert rescale.groups_of_sessions(model).tolist() == [0, 1, 1, 2, 3]
