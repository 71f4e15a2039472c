"""The exact sampler in several dimensions: its kernels and moves against plain versions, its posterior against NUTS, against the
one-dimensional engine and against its own prior, and what the public function makes of it."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import log_ndtr
from scipy.stats import ortho_group

import realpolitik as rp
from realpolitik.methods.alignment.ideal_points import gibbs_engine, ideal_points, several, several_gibbs, several_moves
from realpolitik.methods.alignment.ideal_points import several_gibbs_kernels as kernels
from realpolitik.methods.alignment.ideal_points.gibbs_kernels import log_cdf_table
from realpolitik.methods.alignment.ideal_points.map_engine import prior_score
from realpolitik.methods.alignment.ideal_points.model import build_model
from realpolitik.methods.alignment.ideal_points.simulate import simulate_several

HOME = Path(__file__).parents[4]
LOGS = log_cdf_table()
AXES = (0, 1)


def oracle(name):
    spec = importlib.util.spec_from_file_location(name, HOME / "benchmarks" / "ideal_points" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def small():
    """A record with a gap in one path and a resolution repeated a session later, and a point to look from."""
    s = simulate_several(np.random.default_rng(5), 2, states=8, sessions=4, calls=6, absent=0.1)
    answer = s.answer.copy()
    answer[(s.state == 3) & (np.repeat(s.session, 8) == 2)] = 3
    links = np.arange(24)
    links[8] = 2
    model = build_model(s.ptr, s.state, answer, s.session, links=links, anchors={0: 1.0})
    rng = np.random.default_rng(6)
    m = model.items
    par = np.column_stack([rng.normal(size=(m, 2)), rng.normal(size=m), rng.gamma(2, 0.5, m)])
    return model, rng.normal(size=(model.nodes, 2)), par


def vote_likelihoods(model, theta, par):
    """log P of every vote by scipy."""
    item = par[model.item_of_vote]
    low = item[:, 2] - (item[:, :2] * theta[model.node]).sum(1)
    high = low + item[:, 3]
    flip = low + high > 0
    a, u = np.where(flip, -high, low), np.where(flip, -low, high)
    between = log_ndtr(u) + np.log(-np.expm1(log_ndtr(a) - log_ndtr(u)))
    return np.select([model.answer == 0, model.answer == 1], [log_ndtr(low), between], log_ndtr(-high))


def log_prior(model, theta, par, q):
    p, first = model.priors, model.previous < 0
    back = model.previous[~first]
    walk = -0.5 * (theta[first] ** 2).sum() / p.start
    walk -= 0.5 * (((theta[~first] - theta[back]) ** 2).sum(1) / (q * model.gap[~first])).sum()
    items = -0.5 * (par[:, :2] ** 2).sum() / p.slope - 0.5 * (par[:, 2] ** 2).sum() / p.cut
    return walk + items + ((p.width_shape - 1) * np.log(par[:, 3]) - p.width_rate * par[:, 3]).sum()


def gradient(f, x, h=1e-5):
    out = np.empty_like(x)
    for k in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[k] += h
        down[k] -= h
        out[k] = (f(up) - f(down)) / (2 * h)
    return out


def test_likelihood_and_gradient_of_the_whole_posterior(small):
    model, theta, par = small
    score, slope, fit = np.empty(theta.shape), np.empty(par.shape), np.empty(model.items)
    votes, prior = (model.cuts, model.node), model.priors.vector()
    kernels.joint_density(AXES, par, *votes, theta, prior, LOGS, score, slope, fit)
    by_item = np.bincount(model.item_of_vote, vote_likelihoods(model, theta, par), model.items)
    np.testing.assert_allclose(fit, by_item, rtol=1e-6)
    np.testing.assert_allclose(kernels.item_log_likelihoods(AXES, par, *votes, theta, LOGS), by_item, rtol=1e-6)

    def density(theta, par):
        return vote_likelihoods(model, theta, par).sum() + log_prior(model, theta, par, 0.07)

    back = np.column_stack([prior_score(model, x, 0.07) for x in theta.T])
    np.testing.assert_allclose(score + back, gradient(lambda x: density(x, par), theta), rtol=2e-5, atol=2e-5)
    exact = gradient(lambda x: density(theta, x), par)
    exact[:, 3] = exact[:, 3] * par[:, 3] + 1  # in log d, with the Jacobian
    np.testing.assert_allclose(slope, exact, rtol=2e-5, atol=2e-5)
    trial, gain = theta + np.random.default_rng(2).normal(size=theta.shape), np.empty(model.nodes)
    kernels.node_gain(AXES, par, *votes, theta, trial, LOGS, gain)
    change = vote_likelihoods(model, trial, par) - vote_likelihoods(model, theta, par)
    np.testing.assert_allclose(gain, np.bincount(model.node, change, model.nodes), rtol=1e-5, atol=1e-6)


def test_curvature_of_nodes_and_proposals_at_the_items_own_modes(small):
    model, theta, par = small
    votes, prior = (model.cuts, model.node), model.priors.vector()
    score, weight = np.empty(theta.shape), np.empty((*theta.shape, 2))
    kernels.node_derivatives(AXES, par, *votes, theta, LOGS, score, weight)

    def slope_at(k, x):
        moved = theta.copy()
        moved[k] = x
        out = np.empty(theta.shape)
        kernels.node_derivatives(AXES, par, *votes, moved, LOGS, out, np.empty_like(weight))
        return out[k]

    for k in (0, 7, 20):
        numeric = -np.array([(slope_at(k, theta[k] + e) - slope_at(k, theta[k] - e)) / 2e-4 for e in 1e-4 * np.eye(2)])
        np.testing.assert_allclose(weight[k], numeric, rtol=2e-3, atol=2e-3)
    centre, factor = np.empty(par.shape), np.empty((model.items, 4, 4))
    kernels.item_proposals(AXES, par, centre, factor, *votes, theta, prior, LOGS, 30)
    at = np.column_stack([centre[:, :3], np.exp(centre[:, 3])])
    up, fit = np.empty(par.shape), np.empty(model.items)
    kernels.joint_density(AXES, at, *votes, theta, prior, LOGS, np.empty(theta.shape), up, fit)
    pull = np.linalg.solve(np.tril(factor), up[..., None])[..., 0]
    assert (pull**2).sum(1).max() < 1e-3  # what is left of the slope, in units of the item's doubt


def dense_walk(model, q):
    """Precision of the walk along one axis."""
    out = np.zeros((model.nodes, model.nodes))
    for k, back in enumerate(model.previous):
        step = 1 / model.priors.start if back < 0 else 1 / (q * model.gap[k])
        out[k, k] += step
        if back >= 0:
            out[back, back] += step
            out[k, back] -= step
            out[back, k] -= step
    return out


def test_paths_are_drawn_from_the_dense_gaussian(small):
    model, theta, par = small
    q, rng = 0.07, np.random.default_rng(3)
    score, weight = rng.normal(size=theta.shape), np.empty((*theta.shape, 2))
    kernels.node_derivatives(AXES, par, model.cuts, model.node, theta, LOGS, np.empty(theta.shape), weight)
    dense = np.kron(dense_walk(model, q), np.eye(2))
    for k in range(model.nodes):
        dense[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] += weight[k]
    step = 1 / (q * model.gap)
    walk = (model.path_ptr, model.path_node, step, 1 / model.priors.start)
    mean, drawn = np.empty(theta.shape), np.empty(theta.shape)
    kernels.draw_paths(AXES, mean, *walk, score, weight, np.zeros(theta.shape))
    np.testing.assert_allclose(mean.ravel(), np.linalg.solve(dense, score.ravel()), rtol=1e-8)
    root = []  # how each noise enters: root root' must be the covariance
    for k in range(theta.size):
        noise = np.zeros(theta.size)
        noise[k] = 1.0
        kernels.draw_paths(AXES, drawn, *walk, score, weight, noise.reshape(theta.shape))
        root.append((drawn - mean).ravel())
    np.testing.assert_allclose(np.array(root).T @ np.array(root), np.linalg.inv(dense), rtol=1e-8, atol=1e-10)


def test_latent_values_lie_where_the_votes_say(small):
    model, theta, par = small
    uniforms = np.full(model.votes, 0.5)  # the medians
    score, weight = np.empty(theta.shape), np.empty((*theta.shape, 2))
    kernels.draw_latent(AXES, par, model.cuts, model.node, theta, LOGS, uniforms, score, weight)
    item = par[model.item_of_vote]
    mean = (item[:, :2] * theta[model.node]).sum(1)
    low = np.where(model.answer == 0, -np.inf, np.where(model.answer == 1, item[:, 2], item[:, 2] + item[:, 3])) - mean
    high = np.where(model.answer == 0, item[:, 2], np.where(model.answer == 1, item[:, 2] + item[:, 3], np.inf)) - mean
    from scipy.stats import truncnorm

    z = mean + truncnorm(low, high).median()
    exact = np.stack([np.bincount(model.node, z * b, model.nodes) for b in item[:, :2].T], axis=1)
    np.testing.assert_allclose(score, exact, rtol=1e-4, atol=1e-4)


def test_group_moves_change_no_vote_and_shear_is_the_gaussian_it_should_be(small):
    model, theta, par = small
    groups = several_moves.groups_at(model, theta, par, 0.07)
    gen, frame = np.random.default_rng(1), ortho_group.rvs(2, random_state=3)
    before = vote_likelihoods(model, theta, par)
    x, items = theta.copy(), par.copy()
    several_moves.move_along(model, x, items, 0.07, frame[0], groups, gen)
    several_moves.shear(model, x, items, 0.07, frame[0], frame[1], groups, gen)
    assert np.abs(x - theta).max() > 0.01
    np.testing.assert_allclose(vote_likelihoods(model, x, items), before, rtol=1e-7, atol=1e-9)

    def sheared(a):
        number = np.searchsorted(model.sessions, model.node_session)
        by_session = groups.wide @ a
        moved, bent = theta.copy(), par.copy()
        moved += np.outer(by_session[number] * (theta @ frame[1]), frame[0])
        bent[:, :2] -= np.outer(by_session[model.item_session[:, 0]] * (par[:, :2] @ frame[0]), frame[1])
        return log_prior(model, moved, bent, 0.07)

    k = groups.wide.shape[1]
    zero, h = np.zeros(k), 1e-3
    slope = gradient(sheared, zero, h)
    precision = -np.array([(gradient(sheared, e, h) - gradient(sheared, -e, h)) / (2 * h) for e in h * np.eye(k)])
    drawn = []
    for _ in range(4_000):
        x, items = theta.copy(), par.copy()
        several_moves.shear(model, x, items, 0.07, frame[0], frame[1], groups, gen)
        drawn.append([((x - theta) @ frame[0])[i] / (theta @ frame[1])[i] for i in first_of(model, groups)])
    drawn = np.array(drawn)
    covariance = np.linalg.inv(precision)
    error = np.sqrt(np.diag(covariance) / len(drawn))
    assert (np.abs(drawn.mean(0) - covariance @ slope) < 4 * error).all()
    np.testing.assert_allclose(drawn.std(0), np.sqrt(np.diag(covariance)), rtol=0.06)


def first_of(model, groups):
    """A node of every group of sessions."""
    number = np.searchsorted(model.sessions, model.node_session)
    return [int(np.flatnonzero(groups.wide[number, g])[0]) for g in range(groups.wide.shape[1])]


@pytest.mark.parametrize("dimensions", [1, 2])
def test_slow_directions_are_those_of_the_dense_matrix(small, dimensions):
    model, theta, par = small
    theta, par = np.ascontiguousarray(theta[:, :dimensions]), par[:, [*range(dimensions), 2, 3]]
    there = several_moves._Curvature(model, theta, par, 0.07, LOGS)
    eye = np.eye(theta.size).reshape(-1, *theta.shape)
    taken, own = (np.array([f(e).ravel() for e in eye]) for f in (there.taken, there.own))
    np.testing.assert_allclose(taken, taken.T, atol=1e-9)
    np.testing.assert_allclose(own, own.T, atol=1e-9)
    np.testing.assert_allclose([there.solve(there.own(e)).ravel() for e in eye], np.eye(theta.size), atol=1e-7)
    assert np.linalg.eigvalsh(own - taken).min() > 0
    found = several_moves.find_directions(model, theta, par, 0.07, LOGS, 5)
    v = np.moveaxis(found.positions, -1, 0).reshape(5, -1).astype(float)
    np.testing.assert_allclose(np.diag(v @ (own - taken) @ v.T), 1, rtol=1e-4)
    if dimensions == 2:
        assert np.abs(v @ own @ several_moves._turns(theta)[0].ravel()).max() < 1e-3  # a turn would change nothing
    else:
        values = np.sort(np.linalg.eigvals(np.linalg.solve(own, taken)).real)[::-1]
        np.testing.assert_allclose(found.slowness, 1 / (1 - values[:5]), rtol=1e-3)
        np.testing.assert_allclose(np.diag(v @ own @ v.T), found.slowness, rtol=1e-3)


def test_one_dimension_agrees_with_nuts_and_with_the_other_engine():
    record = oracle("small_record")
    model, golden = record.small_model(), json.loads((HOME / "tests" / "golden" / "alignment_nuts.json").read_text())
    settings = gibbs_engine.GibbsSettings(3, 800, 150, 1, 1, 20)
    fit = several_gibbs.fit_several_gibbs(model, 1, 2, record.DRIFT, settings)
    other = gibbs_engine.fit_gibbs(model, 2, record.DRIFT, settings)
    mean, sd = np.array(golden["mean"]), np.array(golden["sd"])
    assert fit.r_hat.max() < 1.04
    assert np.abs(fit.standard[:, 0] - mean).max() < 0.15 * sd.mean()
    assert np.median(fit.standard_sd[:, 0] / sd) == pytest.approx(1, abs=0.025)
    assert np.abs(fit.standard[:, 0] - other.standard).max() < 0.15 * sd.mean()
    assert np.median(fit.standard_sd[:, 0] / other.standard_sd) == pytest.approx(1, abs=0.03)


def test_two_dimensions_agree_with_nuts():
    record = oracle("nuts_several")
    golden = json.loads((HOME / "tests" / "golden" / "alignment_nuts_several.json").read_text())
    model = record.small_model().with_priors(**golden["priors"])
    settings = gibbs_engine.GibbsSettings(3, 800, 150, 1, 1, 20)
    fit = several_gibbs.fit_several_gibbs(model, 2, 2, record.DRIFT, settings)
    assert golden["largest_r_hat"] < 1.01
    assert fit.r_hat.max() < 1.04
    reference, counted = np.array(golden["reference"]), model.node_votes > 0
    drawn = np.array(
        [record.turned(d, reference, counted) for d in fit.draws.reshape(-1, model.nodes, 2).astype(float)]
    )
    mean, sd = np.array(golden["mean"]), np.array(golden["sd"])
    assert np.abs((drawn.mean(0) - mean) / sd).max() < 0.2
    np.testing.assert_allclose(np.median(drawn.std(0, ddof=1) / sd, axis=0), 1, atol=0.025)


def test_votes_drawn_again_and_again_give_the_prior_back():
    """Geweke 2004: sampling parameters given votes and votes given parameters in turn leaves the joint distribution as it
    is, so that the parameters keep their prior's moments, the drift's among them."""
    s = simulate_several(np.random.default_rng(1), 2, states=4, sessions=2, calls=3, absent=0.1)
    links = np.array([0, 1, 2, 0, 4, 5])
    model = build_model(s.ptr, s.state, s.answer, s.session, links=links, anchors={0: 1.0})
    start, _ = several_gibbs.prepare(model, 2, None, 3)
    chain, rng = several_gibbs.SeveralChain(model, start, np.random.SeedSequence(2), None), np.random.default_rng(3)
    chain.q, chain.theta, chain.par = from_prior(model, rng)
    item, node, seen = model.item_of_vote, model.node, []
    for _ in range(3_000):
        chain.model = with_votes_drawn(model, item, node, chain.theta, chain.par, rng)
        chain.votes = (chain.model.cuts, chain.model.node)
        chain.sweep()
        seen.append(told(model, chain.q, chain.theta, chain.par))
    expected = np.array([told(model, *from_prior(model, rng)) for _ in range(20_000)])
    batches = np.array(seen).reshape(20, 150, -1).mean(1)
    error = np.sqrt(batches.var(0, ddof=1) / 20 + expected.var(0) / len(expected))
    away = (batches.mean(0) - expected.mean(0)) / error
    assert (np.abs(away) < 3.5).all(), away.round(2)
    assert (error < 0.35 * expected.std(0)).all()  # so that the test can see something


def from_prior(model, rng):
    p, m = model.priors, model.items
    q = p.drift_scale / rng.gamma(p.drift_shape)
    theta = rng.standard_normal((model.nodes, 2))
    for k in np.argsort(model.node_session, kind="stable"):
        back = model.previous[k]
        theta[k] *= np.sqrt(p.start if back < 0 else q * model.gap[k])
        theta[k] += theta[back] if back >= 0 else 0.0
    b, g = rng.standard_normal((m, 2)) * np.sqrt(p.slope), rng.standard_normal(m) * np.sqrt(p.cut)
    return q, theta, np.column_stack([b, g, rng.gamma(p.width_shape, 1 / p.width_rate, m)])


def with_votes_drawn(model, item, node, theta, par, rng):
    """The same votes cast anew; unanimous roll calls stay."""
    z = (par[item, :2] * theta[node]).sum(1) + rng.standard_normal(len(item))
    answer = (z > par[item, 2]).astype(np.int64) + (z > par[item, 2] + par[item, 3])
    cell = item.astype(np.int64) * 3 + answer
    ends = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=3 * model.items))])
    cuts = np.stack([ends[0:-1:3], ends[1::3], ends[2::3], ends[3::3]], axis=1)
    return replace(model, cuts=cuts, node=node[np.argsort(cell, kind="stable")])


def told(model, q, theta, par):
    """Moments that no turn changes."""
    inner = model.previous >= 0
    step = ((theta[inner] - theta[model.previous[inner]]) ** 2).mean() / q
    pulled = par[:, :2] @ theta.T
    length = np.log((theta**2).sum()), np.log((par[:, :2] ** 2).sum()), np.log(np.linalg.det(theta.T @ theta))
    return [
        np.log(q),
        step,
        *length,
        pulled.std(),
        par[:, 2].mean(),
        np.log(par[:, 3]).mean(),
        np.abs(par[:, 2]).mean(),
    ]


def test_a_turned_chain_gives_the_same_draw(small):
    model, _, _ = small
    start, _ = several_gibbs.prepare(model, 2, 0.05, 3)
    chain = several_gibbs.SeveralChain(model, start, np.random.SeedSequence(1), 0.05)
    for _ in range(5):
        chain.sweep(adapt=True)
    one, items = chain.standardised()
    turn = ortho_group.rvs(2, random_state=1) @ np.diag([1, -1])
    chain.theta, chain.par[:, :2] = chain.theta @ turn, chain.par[:, :2] @ turn
    other, turned = chain.standardised()
    np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_allclose(items, turned, atol=1e-9)
    counted = one[model.node_votes > 0]
    np.testing.assert_allclose(np.cov(counted.T, bias=True), np.eye(2), atol=1e-9)
    raw = vote_likelihoods(model, chain.theta, chain.par)
    np.testing.assert_allclose(vote_likelihoods(model, one, items), raw, rtol=1e-7, atol=1e-9)


def test_slow_directions_carried_along_move_the_votes_alike(small):
    model, _, _ = small
    start, _ = several_gibbs.prepare(model, 2, 0.05, 3)
    chain = several_gibbs.SeveralChain(model, start, np.random.SeedSequence(1), 0.05)
    theta, par = start.mode.theta, start.mode.items
    matrix, shift = np.array([[1.7, 0.3], [-0.2, 0.6]]), np.array([0.4, -0.3])
    chain.home = theta @ matrix + shift
    chain._carry_directions(theta)
    there = par.copy()
    there[:, :2] = par[:, :2] @ np.linalg.inv(matrix).T
    there[:, 2] += there[:, :2] @ shift

    def moved(theta, par, directions, by):
        items = par + np.column_stack([(directions.items @ by)[:, :3], np.zeros(model.items)])
        return vote_likelihoods(model, theta + directions.positions @ by, items)

    by = np.array([0.3, -0.2, 0.5], np.float32)
    ours, theirs = moved(theta, par, start.directions, by), moved(chain.home, there, chain.directions, by)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    assert np.abs(ours - moved(chain.home, there, start.directions, by)).max() > 0.01


def test_a_chain_far_from_the_mode_settles_where_it_is(small):
    model, _, _ = small
    start, _ = several_gibbs.prepare(model, 2, None, 3)
    chain = several_gibbs.SeveralChain(model, start, np.random.SeedSequence(1), None)
    chain.theta *= 3.0
    chain.par[:, :2] /= 3.0
    chain.q *= 9.0
    chain.sweep(adapt=True)
    assert chain.strayed()
    chain.settle(renew=True)
    far = chain.home.std() / start.mode.theta.std()
    assert far > 1.5
    assert chain.directions.positions.shape == start.directions.positions.shape
    home = chain.home.copy()
    chain.sweep()
    np.testing.assert_array_equal(chain.home, home)


def test_draws_repeat_with_the_seed_whatever_the_threads():
    s = simulate_several(np.random.default_rng(2), 3, states=15, sessions=2, calls=12)
    model = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: 1.0})
    seen = []
    fits = [
        several_gibbs.fit_several_gibbs(
            model, 3, 7, None, gibbs_engine.GibbsSettings(2, 20, 8, 2, threads, 4), progress=seen.append
        )
        for threads in (1, 2)
    ]
    np.testing.assert_array_equal(fits[0].draws, fits[1].draws)
    assert fits[0].draws.shape == (2, 6, model.nodes, 3)
    assert not np.array_equal(fits[0].draws[0], fits[0].draws[1])
    assert sorted(seen) == sorted(4 * list(range(20)))


@pytest.mark.parametrize(("dimensions", "states", "sessions", "calls"), [(2, 4, 1, 2), (3, 4, 2, 1), (4, 6, 2, 3)])
@pytest.mark.filterwarnings("error")
def test_a_handful_of_votes_gives_finite_draws(dimensions, states, sessions, calls):
    for seed in (1, 2):
        s = simulate_several(np.random.default_rng(seed), dimensions, states=states, sessions=sessions, calls=calls)
        model = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: 1.0})
        settings = gibbs_engine.GibbsSettings(2, 40, 20, 1, 1, 10)
        fit = several_gibbs.fit_several_gibbs(model, dimensions, seed, None, settings)
        assert np.isfinite(fit.draws).all()
        assert np.isfinite(fit.items).all()


def test_an_interrupt_ends_all_chains():
    s = simulate_several(np.random.default_rng(2), 2, states=8, sessions=2, calls=8)
    model = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: 1.0})

    def interrupt(sweep):
        if sweep == 3:
            raise KeyboardInterrupt

    endless = gibbs_engine.GibbsSettings(2, 10_000_000, 9_999_990, 1, 2, 3)
    with pytest.raises(KeyboardInterrupt):
        several_gibbs.fit_several_gibbs(model, 2, 1, None, endless, interrupt)


def test_ninety_percent_intervals_hold_about_ninety_percent():
    inside = [covered(seed) for seed in range(4)]
    assert 0.87 <= np.mean(inside) <= 0.93, inside


def covered(seed):
    """Share of the truth, standardised and turned as the draws are, inside 90 % intervals of one simulated record."""
    s = simulate_several(np.random.default_rng(seed), 2, states=50, sessions=4, calls=30)
    model = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: float(np.sign(s.theta[0, :, 0].mean()))})
    fit = several_gibbs.fit_several_gibbs(model, 2, seed, None, gibbs_engine.GibbsSettings(2, 400, 100, 1, 1, 20))
    seen = model.node_votes > 0
    truth = s.theta[model.node_state, model.node_session - 1]
    centre, turn = several_gibbs.onto_axes(truth, seen, several_gibbs.weighed(fit.mode, seen))
    truth = (truth - centre) @ turn
    low, high = np.quantile(fit.draws.reshape(-1, model.nodes, 2), [0.05, 0.95], axis=0)
    return ((truth > low) & (truth < high))[seen].mean()


@pytest.fixture(scope="module")
def votes():
    """A made record of 12 states on two axes, over three years."""
    s = simulate_several(np.random.default_rng(8), 2, states=12, sessions=3, calls=12, absent=0.0)
    names = ["USA", "GBR", "RUS", "CUB", *(f"S{k:02d}" for k in range(8))]
    calls = pl.DataFrame({"id": [f"R{k}" for k in range(36)], "date": [f"{2000 + k // 12}-12-01" for k in range(36)]})
    words = np.array(["yes", "abstain", "no"])
    rows = {
        "roll_call": np.repeat(calls["id"].to_numpy(), 12).tolist(),
        "state": [names[i] for i in s.state],
        "vote": words[s.answer].tolist(),
    }
    return rp.read_votes(pl.DataFrame(rows), roll_calls=calls)


def test_tables_have_a_dimension(votes):
    found = ideal_points(votes, engine="gibbs", dimensions=2, links="none", chains=2, sweeps=60, draws=10)
    assert found.table.columns == ["state", "session", "dimension", "mean", "sd", "q05", "q50", "q95"]
    assert found.table.height == 2 * 36
    assert found.tables["diagnostics"].columns == ["state", "session", "dimension", "r_hat", "ess"]
    assert found.tables["draws"].columns == ["chain", "draw", "state", "session", "dimension", "position"]
    assert found.tables["draws"].height == 10 * 2 * 36
    assert found.complete == (found.tables["diagnostics"]["r_hat"].max() < 1.05)
    assert found.tables["items"].select(pl.all().is_null().any()).row(0) == (False,) * 9
    again = ideal_points(votes, engine="gibbs", dimensions=2, links="none", chains=2, sweeps=60, draws=10)
    assert found.digest == again.digest


def test_axes_are_those_of_the_mode(votes):
    drawn = ideal_points(votes, engine="gibbs", dimensions=2, links="none", chains=2, sweeps=300).table
    mode = ideal_points(votes, engine="map", dimensions=2, links="none").table
    both = drawn.join(mode, on=["state", "session", "dimension"], suffix="_map")
    r = both.group_by("dimension").agg(pl.corr("mean", "mean_map").alias("r"))["r"]
    assert r.min() > 0.9


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"engine": "bsv2017", "dimensions": 2}, "published program has one dimension"),
        ({"engine": "gibbs", "dimensions": 2, "distances": ["USA", "RUS"]}, "depends on how the axes are turned"),
        ({"engine": "gibbs", "dimensions": 3, "relative": "mean"}, "depends on how the axes are turned"),
    ],
)
def test_what_several_dimensions_cannot_serve_is_a_clear_error(votes, setting, says):
    with pytest.raises(rp.InputError, match=says):
        ideal_points(votes, **setting)


def test_the_mode_says_what_it_said():
    s = simulate_several(np.random.default_rng(3), 2, states=30, sessions=2, calls=30)
    model = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: 1.0})
    mode = several.find_mode(model, 2, 0.05)
    fit = several.standardised_mode(model, mode)
    np.testing.assert_allclose(
        vote_likelihoods(model, fit.standard, fit.items), vote_likelihoods(model, mode.theta, mode.items), rtol=1e-6
    )
