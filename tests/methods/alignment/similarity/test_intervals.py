"""Intervals over roll calls: against resampling by hand, at the edge of the range, and how often they hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realpolitik.methods.alignment.similarity import MEASURES, intervals, tables

T90_399 = 1.6486815  # R: qt(.95, 399)


def form_of(name):
    chosen = MEASURES[name]
    return chosen.form, tables.distances(chosen.distance, 3)


def joint_of(a, b):
    out = np.zeros((1, 3, 3))
    np.add.at(out[0], (a, b), 1.0)
    return out


def bounds(joint, name, how, level=0.9, draws=400, squares=None):
    squares = joint if squares is None else squares
    if how == "jackknife":
        return intervals.jackknife(joint, squares, *form_of(name), level)
    return intervals.bootstrap(joint, squares, *form_of(name), draws, np.random.default_rng(1), level)


@pytest.mark.parametrize("name", MEASURES)
def test_jackknife_error_is_that_of_leaving_each_roll_call_out(name):
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 3, (2, 400))
    left = np.array([tables.values(joint_of(np.delete(a, k), np.delete(b, k)), *form_of(name))[0] for k in range(400)])
    error = math.sqrt(399 / 400 * ((left - left.mean()) ** 2).sum())
    low, high = bounds(joint_of(a, b), name, "jackknife")
    assert (high[0] - low[0]) / (2 * T90_399) == pytest.approx(error, rel=0.02)


def test_bootstrap_agrees_with_resampling_roll_calls():
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 3, (2, 300))
    picks = rng.integers(0, 300, (4000, 300))
    by_hand = np.quantile([np.mean(a[p] == b[p]) for p in picks], [0.05, 0.95])
    low, high = bounds(joint_of(a, b), "agreement", "bootstrap", draws=4000)
    np.testing.assert_allclose([low[0], high[0]], by_hand, atol=0.008)


def test_weighted_bootstrap_agrees_with_weighing_roll_calls_by_hand():
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 3, (2, 300))
    weights = rng.choice([0.5, 1.0, 4.0], 300)
    joint, squares = np.zeros((2, 1, 3, 3))
    np.add.at(joint[0], (a, b), weights)
    np.add.at(squares[0], (a, b), weights**2)
    drawn = rng.exponential(size=(4000, 300)) * weights
    by_hand = np.quantile(((a == b) * drawn).sum(1) / drawn.sum(1), [0.05, 0.95])
    for how in ("bootstrap", "jackknife"):
        low, high = bounds(joint, "agreement", how, draws=4000, squares=squares)
        np.testing.assert_allclose([low[0], high[0]], by_hand, atol=0.012)


@pytest.mark.parametrize("how", ["jackknife", "bootstrap"])
@pytest.mark.parametrize("name", ["agreement", "s_score", "lijphart", "cosine"])
def test_ten_of_ten_alike_is_not_certain(name, how):
    low, high = bounds(joint_of([0] * 5 + [2] * 5, [0] * 5 + [2] * 5), name, how)
    assert high[0] == 1.0
    assert low[0] < 0.86


tables_3 = st.lists(st.integers(0, 12), min_size=9, max_size=9).filter(any)


@given(tables_3, st.sampled_from(sorted(MEASURES)), st.sampled_from(["jackknife", "bootstrap"]))
def test_interval_holds_the_value_inside_the_range(cells, name, how):
    joint = np.array(cells, float).reshape(1, 3, 3)
    value = tables.values(joint, *form_of(name))[0]
    low, high = bounds(joint, name, how, draws=50)
    if math.isnan(value):
        assert math.isnan(low[0])
        assert math.isnan(high[0])
    else:
        assert MEASURES[name].lowest <= low[0] <= value <= high[0] <= 1.0


def test_a_dissent_that_alone_defines_kappa_has_an_interval():
    joint = joint_of([0] * 9 + [1], [0] * 10)
    for how in ("jackknife", "bootstrap"):
        low, high = bounds(joint, "kappa", how)
        assert low[0] < 0 < high[0]


def test_intervals_need_five_roll_calls_and_unequal_weights_count_as_fewer():
    joint = np.array([4.0, 5.0, 5.0]).reshape(3, 1, 1) * np.eye(3) / 3
    squares = joint.copy()
    squares[2] *= 1.5
    assert intervals.enough(joint, squares).tolist() == [False, True, False]


TRUTHS = {  # shares of the pairs of answers: yes, abstain, no of one state down, of the other across
    "alike on 97 of 100": [[0.85, 0.02, 0.0], [0.01, 0.08, 0.0], [0.0, 0.0, 0.04]],
    "half alike": [[0.4, 0.2, 0.1], [0.05, 0.05, 0.05], [0.05, 0.05, 0.05]],
    "apart": [[0.03, 0.15, 0.6], [0.0, 0.0, 0.2], [0.02, 0.0, 0.0]],
}


@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize("n", [5, 10, 30])
def test_intervals_of_few_roll_calls_hold_the_truth(truth, n):
    shares = np.array(TRUTHS[truth])
    drawn = np.random.default_rng(n).multinomial(n, shares.ravel(), 2000).reshape(-1, 3, 3).astype(float)
    for name in MEASURES:
        true = tables.values(shares[None], *form_of(name))[0]
        low, high = bounds(drawn, name, "jackknife")
        known = np.isfinite(low)
        held = ((low <= true + 1e-9) & (true <= high + 1e-9))[known].mean()
        assert held >= 0.84, (name, held)
