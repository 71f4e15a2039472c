"""What the engines recover: simulated positions, a brute-force posterior, another sampler's posterior."""

import importlib.util
import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import gamma, norm

from realpolitik.methods.alignment.ideal_points import (
    blocks,
    bsv2017,
    diagnostics,
    gibbs_engine,
    given_drift,
    kernels,
    map_engine,
    several,
)
from realpolitik.methods.alignment.ideal_points.model import build_model
from realpolitik.methods.alignment.ideal_points.simulate import simulate
from realpolitik.methods.alignment.ideal_points.start import oriented

HOME = Path(__file__).parents[4]


def fitted(seed, fixed=None, doubted=False, **settings):
    """Standardised truth, estimate and its sd on the voting nodes of one simulated record."""
    s = simulate(np.random.default_rng(seed), **{"states": 60, "sessions": 8, "calls": 30, **settings})
    ends = np.argsort(-np.abs(s.theta.mean(1)))[:6]
    anchors = {int(i): float(np.sign(s.theta[i].mean())) for i in ends}
    model = build_model(s.ptr, s.state, s.answer, s.session, anchors=anchors)
    fit = map_engine.fit_map(model, fixed)
    if doubted:
        fit = given_drift.allow_for_drift(model, fit)[0]
    counted = model.node_votes > 0
    truth = s.theta[model.node_state, model.node_session - 1][counted]
    return (truth - truth.mean()) / truth.std(), fit.standard[counted], fit.standard_sd[counted]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"drift": 0.2},  # learning starts at 0.05
        {"drift": 0.01},
        {"drift_spread": 1.0},  # one walk's variance assumed for all, each state has its own
        {"leave_rather_than_abstain": 0.6},  # absence informs
    ],
    ids=["as assumed", "faster walk", "slower walk", "unequal walks", "leaving rather than abstaining"],
)
def test_ninety_percent_intervals_hold_about_ninety_percent(settings):
    inside = np.concatenate(
        [np.abs(t - m) < 1.645 * sd for t, m, sd in (fitted(seed, **settings) for seed in range(8))]
    )
    assert 0.87 <= inside.mean() <= 0.93


def linked_record():
    """Simulated votes in which every third roll call repeats one of the session before."""
    s = simulate(np.random.default_rng(4), states=25, sessions=5, calls=12)
    links = np.arange(60)
    links[12::3] = links[:-12:3]
    ends = np.argsort(s.theta.mean(1))
    anchors = {int(ends[-1]): 1.0, int(ends[0]): -1.0}
    return build_model(s.ptr, s.state, s.answer, s.session, links=links, anchors=anchors)


def test_newton_sees_what_an_item_ties_between_sessions():
    model, q = linked_record(), 0.05
    fit = map_engine.fit_map(model, q, map_engine.MapSettings(tolerance=1e-6))
    pieces, factor = map_engine.definite_pieces(
        model, fit.theta, fit.items.copy(), kernels.hazard_table(), q, fit.doubt
    )
    own, eye = pieces.weight + map_engine.prior_precision(model, q), np.eye(model.nodes)
    dense = map_engine.walk_times(model, own, q, eye)
    loads = np.zeros((model.nodes, model.items, 3))
    loads[model.node, model.item_of_vote] = pieces.cross
    dense -= np.einsum("njk,mjk->nm", loads, loads)
    rhs = np.random.default_rng(1).normal(size=model.nodes)
    exact = np.linalg.solve(dense, rhs)
    found = map_engine.solve_joint(model, factor, pieces, q, rhs, 1e-8, 200)
    np.testing.assert_allclose(found, exact, atol=1e-6 * np.abs(exact).max())
    counted, inverse = model.node_votes > 0, np.linalg.inv(dense)
    directions = np.stack([counted, counted * fit.standard], axis=1) / counted.sum()
    spread = map_engine._standardised_variance(np.diag(inverse), fit.standard, directions, inverse @ directions)
    ratio = fit.standard_sd / (np.sqrt(spread) / fit.scale)
    assert np.median(ratio) == pytest.approx(1, abs=0.03)  # what the standard errors leave out is small
    assert ratio.min() > 0.85
    alone = blocks.solve(factor, rhs)
    assert np.abs(alone - exact).max() > 1e-3 * np.abs(exact).max()  # without the ties it is another system


def test_the_mode_of_a_linked_record_is_a_mode():
    model = linked_record()
    fit = map_engine.fit_map(model, 0.05)
    best = map_engine.fit_map(model, 0.05, map_engine.MapSettings(tolerance=1e-10))
    assert fit.converged
    assert np.abs(fit.standard - best.standard).max() < 0.02


@pytest.mark.parametrize("fixed", [0.0125, 0.2], ids=["a quarter of the truth", "four times the truth"])
def test_intervals_allow_for_a_drift_fixed_wrongly(fixed):
    inside = np.concatenate(
        [np.abs(t - m) < 1.645 * sd for t, m, sd in (fitted(seed, fixed, True) for seed in range(6))]
    )
    assert (
        0.85 <= inside.mean() <= 0.93
    )  # .860 at four times the truth, the fit run to the end: close to the truth, below it


def test_a_drift_held_for_certain_and_wrong_is_overconfident():
    inside = np.concatenate([np.abs(t - m) < 1.645 * sd for t, m, sd in (fitted(seed, 0.0125) for seed in range(4))])
    assert inside.mean() < 0.85  # so the standard errors of a given drift are not left as they are


def test_the_sandwich_changes_nothing_where_the_drift_is_the_learnt_one():
    model = linked_record()
    fit = map_engine.fit_map(model)
    same, learnt = given_drift.allow_for_drift(model, fit)
    assert learnt == pytest.approx(fit.drift)
    np.testing.assert_allclose(same.standard_sd, fit.standard_sd)
    wider, _ = given_drift.allow_for_drift(model, map_engine.fit_map(model, fit.drift / 3))
    narrow = map_engine.fit_map(model, fit.drift / 3)
    assert (wider.standard_sd >= narrow.standard_sd).all()


def brute_force(answers, points=13):
    """E[x_i x_k] of a one-session posterior, positions and items on weighted grids (the sign of x is not identified)."""
    x = np.linspace(-3.9, 3.9, points)
    b = np.linspace(-4, 4, 15) * np.sqrt(2)
    g = np.linspace(-4, 4, 17) * 3
    d = np.linspace(0.1, 9, 12)
    bb, gg, dd = (v.ravel() for v in np.meshgrid(b, g, d, indexing="ij"))
    mass = norm.pdf(bb, scale=np.sqrt(2)) * norm.pdf(gg, scale=3) * gamma(2).pdf(dd)
    low, high = norm.cdf(gg - bb * x[:, None]), norm.cdf(gg + dd - bb * x[:, None])
    p = np.stack([low, high - low, 1 - high])  # answer, point, item
    states = answers.shape[1]
    weight = np.ones((points,) * states)
    for place in product(range(points), repeat=states):
        weight[place] = np.prod(norm.pdf(x[list(place)]))
        for row in answers:
            weight[place] *= mass @ np.prod([p[row[i], place[i]] for i in range(states)], axis=0)
    weight /= weight.sum()
    moments = np.zeros((states, states))
    for place in product(range(points), repeat=states):
        v = x[list(place)]
        moments += weight[place] * np.outer(v, v)
    return moments


def test_gibbs_against_the_posterior_on_a_grid():
    answers = np.array([[0, 1, 2], [0, 2, 2], [1, 1, 0], [0, 0, 2]], np.int8)
    model = build_model(np.arange(5) * 3, np.tile(np.arange(3), 4), answers.ravel(), np.ones(4, int))
    mode = map_engine.fit_map(model, 0.05)
    ridge = gibbs_engine.find_ridge(model, mode, 2)
    chain = gibbs_engine.Chain(model, mode, ridge, np.random.SeedSequence(3), 0.05)
    kept = []
    for k in range(4_000):
        chain.sweep(adapt=k < 500)
        if k >= 500:
            kept.append(chain.theta[np.argsort(model.node_state)].copy())
    drawn = np.array(kept)
    np.testing.assert_allclose(drawn.T @ drawn / len(drawn), brute_force(answers), atol=0.2)  # of entries up to 3


def small_record():
    spec = importlib.util.spec_from_file_location(
        "small_record", HOME / "benchmarks" / "ideal_points" / "small_record.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.small_model(), module.DRIFT


def test_gibbs_and_map_against_nuts():
    file = HOME / "tests" / "golden" / "alignment_nuts.json"
    if not file.exists():
        pytest.skip("golden values not recorded yet: benchmarks/ideal_points/nuts_oracle.py writes them")
    golden = json.loads(file.read_text())
    model, drift = small_record()
    fit = gibbs_engine.fit_gibbs(
        model, seed=2, drift=drift, settings=gibbs_engine.GibbsSettings(4, 1500, 300, 2, 1, 20)
    )
    assert fit.r_hat.max() < 1.05
    mean, sd = np.array(golden["mean"]), np.array(golden["sd"])
    assert np.abs(fit.standard - mean).max() < 0.15 * sd.mean()
    assert np.median(fit.standard_sd / sd) == pytest.approx(1, abs=0.03)
    assert np.corrcoef(fit.mode.standard, mean)[0, 1] > 0.995


def test_slow_directions_on_another_scale_move_the_votes_alike():
    model = linked_record()
    mode = map_engine.fit_map(model, 0.05)
    ridge = gibbs_engine.find_ridge(model, mode, 4)
    stretch, shift = 1.7, -0.4
    other = ridge.on_scale(stretch, shift)
    step = np.array([0.3, -0.2, 0.5, 0.1], np.float32)
    logs = gibbs_engine.gibbs_kernels.log_cdf_table()

    def fit(theta, par, directions):
        move = (directions.items @ step).reshape(-1, 3)
        items = np.column_stack([par[:, :2] + move[:, :2], par[:, 2] * np.exp(move[:, 2])])
        moved = theta + directions.positions @ step
        return gibbs_engine.gibbs_kernels.item_log_likelihoods(items, model.cuts, model.node, moved, logs)

    b, g, d = mode.items.T
    there = np.column_stack([b / stretch, g + b * shift / stretch, d])
    ours, theirs = fit(mode.theta, mode.items, ridge), fit(stretch * mode.theta + shift, there, other)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    assert np.abs(ours - fit(mode.theta, mode.items, ridge.on_scale(2.0, 0.0))).max() > 0.1


def test_slow_directions_are_found_from_those_of_a_point_near_by():
    model = linked_record()
    mode = map_engine.fit_map(model, 0.05)
    first = gibbs_engine.find_ridge(model, mode, 6)
    again = gibbs_engine.find_ridge(model, mode, 6, first)
    np.testing.assert_allclose(again.slowness[:2], first.slowness[:2], rtol=0.02)
    near = gibbs_engine.find_ridge(model, map_engine.fit_map(model, 0.1), 6)
    np.testing.assert_allclose(
        gibbs_engine.find_ridge(model, mode, 6, near).slowness[:2], first.slowness[:2], rtol=0.05
    )


def test_proposals_settle_where_the_chain_has_been():
    model = linked_record()
    mode = map_engine.fit_map(model)
    chain = gibbs_engine.Chain(model, mode, gibbs_engine.find_ridge(model, mode, 4), np.random.SeedSequence(1), None)
    seen = []
    for _ in range(30):
        chain.sweep(adapt=True)
        seen.append(chain.theta.copy())
    chain.start_from_mean()
    moved = chain.home.std() / np.std(mode.theta)
    np.testing.assert_allclose(
        chain.ridge.positions, gibbs_engine.find_ridge(model, mode, 4).positions * moved, rtol=1e-3
    )
    assert np.corrcoef(chain.home, np.mean(seen, axis=0))[0, 1] > 0.98
    home = chain.home.copy()
    for _ in range(5):
        chain.sweep(adapt=False)
    np.testing.assert_array_equal(chain.home, home)


def test_draws_repeat_with_the_seed():
    model, drift = small_record()
    settings = gibbs_engine.GibbsSettings(2, 20, 10, 2, 1, 10)
    one, two = (gibbs_engine.fit_gibbs(model, 7, drift, settings) for _ in range(2))
    np.testing.assert_array_equal(one.draws, two.draws)
    assert not np.array_equal(one.draws[0], one.draws[1])


def test_r_hat_and_effective_size_of_known_chains():
    rng = np.random.default_rng(1)
    independent = rng.normal(size=(4, 500, 3))
    assert diagnostics.split_r_hat(independent).max() < 1.02
    np.testing.assert_allclose(diagnostics.diagnose(independent)[1], 2000, rtol=0.2)
    assert diagnostics.diagnose(independent)[0].max() < 1.02
    wider = independent * np.array([1, 1, 1, 3])[:, None, None]
    assert diagnostics.split_r_hat(wider).max() < 1.05 < diagnostics.diagnose(wider)[0].min()
    apart = independent + np.arange(4)[:, None, None]
    assert diagnostics.split_r_hat(apart).min() > 1.3
    slow = np.zeros((4, 4000, 1))
    for t in range(1, 4000):
        slow[:, t] = 0.9 * slow[:, t - 1] + rng.normal(size=(4, 1))
    assert diagnostics.diagnose(slow)[1][0] == pytest.approx(16000 * 0.1 / 1.9, rel=0.3)


def test_bsv2017_prior_looks_back_and_weighs_by_votes():
    s = simulate(np.random.default_rng(1), states=5, sessions=4, calls=10, absent=0.0)
    answer = s.answer.copy()
    answer[(s.state == 2) & (np.repeat(s.session, 5) == 3)] = 3
    model = build_model(s.ptr, s.state, answer, s.session)
    anchor, precision = bsv2017.lag_prior(model, 0.5)
    at = {(int(i), int(t)): k for k, (i, t) in enumerate(zip(model.node_state, model.node_session, strict=True))}
    assert anchor[at[0, 1]] == at[0, 2]  # the first session leans on the second
    assert anchor[at[0, 3]] == at[0, 2]
    assert anchor[at[2, 4]] == at[2, 2]  # a gap leans on the last session before it
    votes = model.node_votes
    now, then = votes[at[0, 3]], votes[at[0, 2]]
    assert precision[at[0, 3]] == pytest.approx(1 / (0.5 * now / (now + then)))


def test_bsv2017_recovers_simulated_positions():
    s = simulate(np.random.default_rng(9), states=40, sessions=5, calls=25)
    ends = np.argsort(s.theta.mean(1))
    model = build_model(s.ptr, s.state, s.answer, s.session, anchors={int(ends[-1]): 1.0, int(ends[0]): -1.0})
    fit = bsv2017.fit_bsv2017(
        model,
        {int(ends[-1]): 3.0, int(ends[0]): -2.0},
        None,
        settings=bsv2017.BsvSettings(iterations=300, burn=150, thin=3),
    )
    truth = s.theta[model.node_state, model.node_session - 1]
    assert np.corrcoef(truth, fit.standard)[0, 1] > 0.95


def test_two_dimensions_are_found_in_order():
    rng = np.random.default_rng(3)
    states, calls = 80, 150
    x = rng.normal(size=(states, 2))
    b = rng.normal(size=(calls, 2)) * [2.0, 1.2]
    latent = x @ b.T + rng.normal(size=(states, calls)) - rng.normal(size=calls)
    answer = ((latent > 0).astype(np.int8) + (latent > 0.7)).T
    model = build_model(
        np.arange(calls + 1) * states, np.tile(np.arange(states), calls), answer.ravel(), np.ones(calls, int)
    )
    fit = several.fit_several(model, 2, 0.05)
    order = np.argsort(model.node_state)
    together = np.corrcoef(fit.standard[order].T, x.T)[:2, 2:]
    assert (np.abs(together[[0, 1], [0, 1]]) > 0.9).all()
    np.testing.assert_allclose(np.cov(fit.standard.T), np.eye(2), atol=0.05)


def test_polarity_follows_the_anchors():
    s = simulate(np.random.default_rng(9), states=30, sessions=3, calls=20)
    one = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: 1.0})
    other = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: -1.0})
    a, b = map_engine.fit_map(one), map_engine.fit_map(other)
    np.testing.assert_allclose(a.standard, -b.standard, atol=1e-6)
    assert oriented(one, a.theta) == 1.0
