"""Kernels of the forecast against brute-force readings of their definitions and against other implementations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss

from realpolitik.methods.alignment.roll_calls import covariance, network, scores, text, trees
from realpolitik.methods.alignment.roll_calls.announced import (
    PRIOR,
    cut_point_shift,
    describe_announced,
    gain,
    learn_ties,
    look_back,
)
from realpolitik.methods.alignment.roll_calls.drift import COLUMNS, drift, errors_of
from realpolitik.methods.alignment.roll_calls.features import describe, find_precedents, read_past
from realpolitik.methods.alignment.roll_calls.made import made_votes
from realpolitik.methods.alignment.roll_calls.model import drawn_lesson, fresh_sitting, lesson, roll
from realpolitik.methods.alignment.roll_calls.regions import GROUPS, group_members
from realpolitik.methods.alignment.roll_calls.resolution import record_of

PLAIN = network.Schooling(hidden=0, ridge=0.0, most=10_000, again=1.0, rate=1e-3)


def _problem(n: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float16).astype(np.float32)  # what half precision holds
    p = network.softmax(x @ rng.normal(scale=0.5, size=(4, 4)))
    return x, np.array([rng.choice(4, p=row / row.sum()) for row in p.astype(float)])


def test_a_network_without_hidden_units_agrees_with_a_logit() -> None:
    x, y = _problem()
    ours = network.fit(x.astype(np.float16), y, np.ones(len(y)), 1, PLAIN)
    theirs = LogisticRegression(C=1 / network.FEW, max_iter=2000, tol=1e-8).fit((x - ours.centre) / ours.scale, y)
    assert np.abs(network.softmax(ours.scores(x)) - theirs.predict_proba((x - ours.centre) / ours.scale)).mean() < 0.01


def _by_hand(x, y, share, order, net, how):  # type: ignore[no-untyped-def]
    """The same descent written anew: gradients by finite differences in double precision, Adam by its published steps."""
    z = np.clip((x.astype(float) - net.centre) / net.scale, -network.EDGE, network.EDGE)
    whiten = net.whiten.astype(float)
    parts = [np.linalg.solve(whiten, net.into.astype(float)), net.bias.astype(float), net.out.astype(float)]

    def loss(plain, bias, out, rows):  # type: ignore[no-untyped-def]
        into = whiten @ plain
        inner = z[rows] @ into + bias
        hidden = inner[:, : len(out)]
        p = network.softmax(np.where(hidden > 0, hidden, network.LEAK * hidden) @ out + inner[:, len(out) :])
        ridge = 0.5 * max(how.ridge, network.FEW / len(y)) * ((into**2).sum() + (out**2).sum())
        return ridge - (share[rows] * np.log(p[np.arange(len(rows)), y[rows]])).sum() / len(rows)

    means, squares = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    steps = -(-len(order) // network.BATCH)
    for step in range(steps):
        rows = order[step * network.BATCH : (step + 1) * network.BATCH]
        slopes = [np.zeros_like(part) for part in parts]
        for part, slope in zip(parts, slopes, strict=True):
            for place in np.ndindex(part.shape):
                kept = part[place]
                part[place] = kept + 1e-6
                above = loss(*parts, rows)
                part[place] = kept - 1e-6
                slope[place], part[place] = (above - loss(*parts, rows)) / 2e-6, kept
        rate = how.rate * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5
        for k, slope in enumerate(slopes):
            means[k] = 0.9 * means[k] + 0.1 * slope
            squares[k] = 0.999 * squares[k] + 0.001 * slope**2
            first, second = means[k] / (1 - 0.9 ** (step + 1)), squares[k] / (1 - 0.999 ** (step + 1))
            parts[k] -= rate * first / (np.sqrt(second) + 1e-8)
    return [whiten @ parts[0], *parts[1:]]


def test_a_networks_descent_is_the_published_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "LEAST_LATER", 1)
    how = network.Schooling(hidden=3, ridge=0.05, most=10_000, again=1.0, rate=0.02)
    x, y = _problem(1200)
    weight = 1.0 + (np.arange(1200) % 3 == 0)
    start = network.fit(x.astype(np.float16), y, weight, 5, how)
    ours = network.fit(x.astype(np.float16), y, weight, 6, how, start)
    order = np.random.default_rng(6).permutation(len(y))
    theirs = _by_hand(x, y, weight / weight.mean(), order, start, how)
    for mine, other in zip((ours.into, ours.bias, ours.out), theirs, strict=True):
        assert np.abs(mine - other).max() < 1e-5
    assert max(np.abs(ours.into - start.into).max(), np.abs(ours.out - start.out).max()) > 0.01


def test_a_network_learns_an_interaction_and_repeats_with_the_same_seed() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(8000, 3)).astype(np.float32)
    y = np.where(x[:, 0] * x[:, 1] > 0, 0, 2)
    how = replace(PLAIN, hidden=12)
    a, b = (network.fit(x.astype(np.float16), y, np.ones(len(y)), 1, how) for _ in range(2))
    assert (a.scores(x).argmax(1) == y).mean() > 0.85
    assert np.array_equal(a.scores(x), b.scores(x))


def test_a_weight_counts_as_rows() -> None:
    x, y = _problem(3000)
    weight = np.where(np.arange(3000) % 3 == 0, 3.0, 1.0)
    again = np.repeat(np.arange(3000), weight.astype(int))
    a, b = (
        network.fit(x.astype(np.float16), y, weight, 1, PLAIN),
        network.fit(x[again].astype(np.float16), y[again], np.ones(len(again)), 2, PLAIN),
    )
    assert np.abs(network.softmax(a.scores(x)) - network.softmax(b.scores(x))).max() < 0.03


def test_trees_learn_an_interaction_that_a_logit_cannot() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 3)).astype(np.float32)
    y = np.where(x[:, 0] * x[:, 1] > 0, 0, 2)
    grown = trees.grow(x, y, np.ones(len(y)), seed=1, columns=1.0, penalty=1.0)
    assert (grown.scores(x).argmax(1) == y).mean() > 0.9


def test_trees_repeat_with_the_same_seed() -> None:
    x, y = _problem(600)
    a, b = (trees.grow(x, y, np.ones(len(y)), seed=3, trees=5).scores(x) for _ in range(2))
    assert np.array_equal(a, b)


def test_each_split_of_a_tree_gains_most_and_each_leaf_is_a_newton_step() -> None:
    x, y = _problem(300)
    rng = np.random.default_rng(4)
    weight = rng.choice([1.0, 5.0], len(y))
    tree = trees.grow(x, y, weight, seed=5, trees=1, depth=2, rate=1.0, penalty=2.0, columns=1.0, part=1.0)
    slope = weight[:, None] * (0.25 - np.eye(4)[y])
    curve = np.repeat(weight[:, None], 4, axis=1) * 0.25 * 0.75
    edges = trees.bin_edges(x)

    def worth(rows: np.ndarray) -> float:
        return float((slope[rows].sum(0) ** 2 / (curve[rows].sum(0) + 2.0)).sum())

    def gain_of(rows: np.ndarray, feature: int, threshold: float) -> float:
        right = x[rows, feature] > threshold
        return worth(rows[~right]) + worth(rows[right]) - worth(rows)

    every = np.arange(len(y))
    goes = x[:, tree.feature[0, 0]] > tree.threshold[0, 0]
    parts = {0: every, 1: every[~goes], 2: every[goes]}
    for node, rows in parts.items():
        best = max(gain_of(rows, f, e) for f in range(x.shape[1]) for e in edges[f])
        assert gain_of(rows, tree.feature[0, node], tree.threshold[0, node]) == pytest.approx(best, rel=1e-4)
    for child in (1, 2):
        right = x[parts[child], tree.feature[0, child]] > tree.threshold[0, child]
        for leaf, rows in ((2 * child - 2, parts[child][~right]), (2 * child - 1, parts[child][right])):
            step = -slope[rows].sum(0) / (curve[rows].sum(0) + 2.0)
            assert tree.leaf[0, leaf] == pytest.approx(step, abs=1e-4)
            assert tree.scores(x[rows]) == pytest.approx(np.tile(step, (len(rows), 1)), abs=1e-4)


def test_terms_stand_in_one_order_whatever_the_hash() -> None:
    found = text.terms_of("Situation of human rights in the Islamic Republic of Iran", "HUMAN RIGHTS--IRAN")
    assert list(found) == sorted(set(found))
    assert {"human_rights", "a:iran"} <= set(found)


def test_features_of_a_session_are_those_of_its_targets_one_by_one() -> None:
    record = record_of(made_votes(sessions=6))
    targets = np.where(record.sessions == 6)[0]
    past = read_past(record, int(targets[0]), 6)
    together = describe(past, targets, record.votes[targets] >= 0)
    for k, target in enumerate(targets):
        alone = describe(past, targets[k : k + 1], record.votes[[target]] >= 0)
        assert alone.values[0] == pytest.approx(together.values[k], abs=1e-5)
        assert alone.gate[0] == together.gate[k]
    columns = 5 * 4 + 3
    last = together.values[..., columns : columns + 25].argmax(-1) // 5
    for k in range(len(targets)):
        versions = find_precedents(past, targets[k : k + 1]).versions[0]
        votes = record.votes[past.rows[versions[0]]] if len(versions) else np.full(len(record.states), -1)
        assert np.array_equal(last[k], np.where(votes < 0, 4, votes))


def test_general_lessons_take_each_vote_once_from_one_of_the_draws() -> None:
    record = record_of(made_votes(sessions=6))
    chain = roll(record, 4, 6)
    whole = lesson(record, chain.sittings[6], chain.ties[6], np.empty(0, int))
    drawn = drawn_lesson(record, chain.sittings[6], chain.ties[6], seed=1)
    announced = whole.weight.sum() - drawn.weight.sum()
    assert 0 < announced < whole.weight.sum()
    assert np.array_equal(drawn.x, drawn_lesson(record, chain.sittings[6], chain.ties[6], seed=1).x)
    assert not np.array_equal(drawn.x, drawn_lesson(record, chain.sittings[6], chain.ties[6], seed=2).x)


def test_lift_is_the_log_of_a_joint_share_over_the_product_of_its_margins() -> None:
    record = record_of(made_votes(sessions=8))
    stop = int(np.searchsorted(record.sessions, 8))
    lift = learn_ties(record, stop, 8, []).lift
    counts = np.full((3, 3), PRIOR / 9)
    for row in np.where((record.sessions[:stop] >= 2) & (record.minority[:stop] > 0.05))[0]:
        a, b = record.votes[row, [1, 4]]
        if 0 <= a < 3 and 0 <= b < 3:
            counts[a, b] += 0.85 ** float(8 - record.sessions[row])
    share = counts / counts.sum()
    assert lift[:, :, 1, 4] == pytest.approx(np.log(share / np.outer(share.sum(1), share.sum(0))), abs=1e-4)


def test_announced_votes_are_compared_with_earlier_days_only() -> None:
    record = record_of(made_votes(sessions=8))
    targets = np.where(record.sessions == 8)[0]
    nearby = look_back(record, targets, 8)
    rows = np.where((record.sessions >= 2) & (record.sessions <= 8) & (record.minority > 0.1))[0]
    later = record.dates[rows][None] >= record.dates[targets][:, None]
    assert 0 < later.sum() < later.size
    assert not nearby.weight[later].any()
    assert not nearby.like[later].any()
    assert (nearby.weight[~later] > 0).all()


def test_patterns_are_those_of_a_plain_loop() -> None:
    record = record_of(made_votes(sessions=8))
    chain = roll(record, 6, 8)
    sitting, ties = chain.sittings[8], chain.ties[8]
    known, told = np.array([0, 3, 5]), record.votes[sitting.targets][:, [0, 3, 5]].copy()
    told[0, 1] = -1
    values = describe_announced(sitting, ties, known, told)
    width = values.shape[-1] - COLUMNS
    found = values[..., width - 9 : width - 6]
    near, place = sitting.nearby, np.array([0.0, 0.5, 1.0])
    for t in range(min(3, len(sitting.targets))):
        heard = [k for k in range(3) if 0 <= told[t, k] < 3]
        weight = np.zeros(len(near.votes))
        for r, votes in enumerate(near.votes):
            both = [k for k in heard if 0 <= votes[known[k]] < 3]
            if both:
                apart = np.mean([abs(place[told[t, k]] - place[votes[known[k]]]) for k in both])
                weight[r] = np.exp(-apart / 0.05) * near.weight[t, r] * len(both) / (told[t] >= 0).sum()
        for i in range(len(record.states)):
            three = sitting.base[t, i, :3] / sitting.base[t, i, :3].sum()
            counts = np.array([weight[near.votes[:, i] == c].sum() for c in range(3)])
            logs = np.log(np.maximum((counts + 0.5 * three) / (counts.sum() + 0.5), 0.003))
            assert found[t, i] == pytest.approx(logs - logs.mean(), abs=2e-4)


def test_bins_follow_their_edges() -> None:
    x = np.array([[0.0], [0.5], [1.0], [2.0]], np.float32)
    assert trees.bin_values(x, np.array([[0.5, 1.0]], np.float32)).ravel().tolist() == [0, 0, 1, 2]


def test_gain_is_gaussian_conditioning() -> None:
    rng = np.random.default_rng(2)
    root = rng.normal(size=(6, 6))
    cov = root @ root.T
    seen, rest = np.array([1, 4]), np.array([0, 2, 3, 5])
    pull, left = gain(cov, seen)
    precision = np.linalg.inv(cov)
    expected = -np.linalg.solve(precision[np.ix_(rest, rest)], precision[np.ix_(rest, seen)])
    assert np.allclose(pull[rest], expected)
    assert np.allclose(left[rest], np.diag(np.linalg.inv(precision[np.ix_(rest, rest)])))
    assert np.allclose(pull[seen], np.eye(2))


def test_without_own_is_the_conditional_mean_of_each_entry() -> None:
    rng = np.random.default_rng(3)
    votes = rng.integers(0, 3, (80, 5))
    movement = covariance.learn_movement(votes, np.ones(80))
    place = rng.random(5)
    got = covariance.without_own(place[None], movement)[0]
    for i in range(5):
        rest = [k for k in range(5) if k != i]
        block = movement.covariance[np.ix_(rest, rest)]
        expected = movement.mean[i] + movement.covariance[i, rest] @ np.linalg.solve(
            block, (place - movement.mean)[rest]
        )
        assert got[i] == pytest.approx(expected)


def test_cut_points_stay_without_news_and_move_with_it() -> None:
    base = np.tile([0.7, 0.15, 0.1, 0.05], (1, 6, 1))
    sitting = fresh_sitting(np.array([0]), np.ones((1, 6), bool), np.zeros(1, int), base)
    known = np.array([0, 1, 2])
    assert np.allclose(cut_point_shift(sitting, known, np.full((1, 3), -1)), 0)
    moved = cut_point_shift(sitting, known, np.array([[1, 1, 1]]))[0]
    assert moved[0] > 0.5 > 0 > moved[1]


def test_drift_reads_earlier_days_only_and_is_the_weighted_mean_error() -> None:
    record = record_of(made_votes(sessions=4))
    session = 4
    rows = np.where(record.sessions == session)[0]
    base = np.full((len(rows), len(record.states), 4), 0.25)
    errors = errors_of(record, rows, base)
    alike = np.full((len(record.states),) * 2, 0.5)
    found = drift(record, rows, session, [errors], alike)
    assert found.shape == (len(rows), len(record.states), COLUMNS)
    assert not found[0].any(), "nothing was held before the session's first day"
    third = rows[3]
    before = record.votes[rows[:3]]
    mean = (np.eye(4)[before] - 0.25).sum(0) / (3 + 3.0)
    assert found[3][:, 21:25] == pytest.approx(mean, abs=1e-6)
    other = replace(record, votes=np.where(np.arange(len(record.votes))[:, None] >= third, 0, record.votes))
    again = drift(other, rows, session, [errors_of(other, rows, base)], alike)
    assert np.array_equal(again[:4], found[:4])
    assert not np.array_equal(again[5], found[5])


def test_evening_names_rare_outcomes_sooner() -> None:
    p, rates = np.array([[0.5, 0.45, 0.05], [0.9, 0.08, 0.02]]), np.array([0.8, 0.15, 0.05])
    assert scores.evened(p, rates, 0).tolist() == [0, 0]
    assert scores.evened(p, rates, 0.1).tolist() == [1, 0]
    assert scores.evened(p, rates, 1).tolist() == [1, 0]


def test_scores_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.ones(3), 500)
    y = rng.integers(0, 3, 500)
    got = scores.score(p, y)
    assert got.log_loss == pytest.approx(log_loss(y, np.clip(p, 1e-4, 1), labels=[0, 1, 2]), abs=1e-3)
    assert got.balanced == pytest.approx(balanced_accuracy_score(y, p.argmax(1)))


def test_calibration_error_is_small_for_true_probabilities_and_large_for_wrong_ones() -> None:
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(3), 40_000)
    y = (rng.random(40_000)[:, None] > p.cumsum(1)).sum(1)
    assert scores.calibration_error(p, y) < 0.01
    assert scores.calibration_error(p[:, [1, 2, 0]], y) > 0.1


def test_paired_interval_draws_whole_clusters() -> None:
    difference, cluster = np.repeat([0.0, 1.0], 500), np.repeat([0, 1], 500)
    low, high = scores.paired_interval(difference, cluster, np.random.default_rng(0))
    assert (low, high) == (0.0, 1.0)


def test_titles_meet_across_years_and_tails() -> None:
    a = text.title_key("Programme budget for 2019 : resolution / adopted by the General Assembly")
    assert a == text.title_key("Programme budget for 2020")
    assert text.title_key("Nuclear disarmament") != a


def test_likeness_is_one_for_equal_texts_and_less_for_others() -> None:
    terms = text.term_matrix(["Right to food", "Right to food", "Law of the sea"], ["", "", ""])
    weighted = text.weighted_terms(terms, np.array([True, True, True]))
    like = (weighted @ weighted.T).toarray()
    assert like[0, 1] == pytest.approx(1)
    assert like[0, 2] == 0


def test_no_state_stands_in_two_groups() -> None:
    members = [s for group in GROUPS.values() for s in group]
    assert len(members) == len(set(members))
    assert group_members(["FRA", "DEU", "IRN"]).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
