"""Every measure against definitions, other implementations and published values."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from realpolitik.methods.alignment.similarity import MEASURES, tables

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "alignment_similarity.json").read_text())


def table_of(a, b, kinds=3):
    out = np.zeros((kinds, kinds))
    for x, y in zip(a, b, strict=True):
        out[x, y] += 1
    return out


def value(a, b, name, kinds=3):
    return values_of(table_of(a, b, kinds)[None], name)[0]


def values_of(joint, name):
    chosen = MEASURES[name]
    return tables.values(joint, chosen.form, tables.distances(chosen.distance, joint.shape[1]))


pairs = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40)


@pytest.mark.parametrize("name", [k for k in GOLDEN["reference"] if k in MEASURES])
def test_reference_vector(name):
    reference = GOLDEN["reference"]
    assert value(reference["a"], reference["b"], name) == pytest.approx(reference[name], abs=1e-9)


@given(pairs)
def test_kappa_is_scikit_learns(votes):
    a, b = zip(*votes, strict=True)
    for name, weights in (("kappa", None), ("kappa_linear", "linear"), ("kappa_quadratic", "quadratic")):
        ours = value(a, b, name)
        if len(set(a) | set(b)) < 2:
            assert math.isnan(ours)
        else:
            assert ours == pytest.approx(cohen_kappa_score(a, b, weights=weights, labels=[0, 1, 2]), abs=1e-9)


@given(pairs)
def test_tau_b_is_the_count_over_pairs_of_votes(votes):
    a, b = map(np.array, zip(*votes, strict=True))
    x, y = np.sign(a[:, None] - a), np.sign(b[:, None] - b)
    below = (x != 0).sum() * (y != 0).sum()
    ours = value(a, b, "tau_b")
    assert math.isnan(ours) if below == 0 else ours == pytest.approx((x * y).sum() / math.sqrt(below), abs=1e-9)


@given(pairs)
def test_distances_and_cosine_from_their_definitions(votes):
    a, b = map(np.array, zip(*votes, strict=True))
    gap = np.abs(a - b)
    assert value(a, b, "agreement") == pytest.approx((gap == 0).mean())
    assert value(a, b, "s_score") == pytest.approx(1 - gap.mean())
    assert value(a, b, "s_squared") == pytest.approx(1 - (gap**2).mean() / 2)
    assert value(a, b, "lijphart") == pytest.approx(1 - gap.mean() / 2)
    x, y = 1 - a, 1 - b
    size = math.sqrt((x @ x) * (y @ y))
    ours = value(a, b, "cosine")
    assert math.isnan(ours) if size == 0 else ours == pytest.approx((x @ y) / size)


@given(pairs)
def test_pi_uses_the_pooled_margins(votes):
    a, b = map(np.array, zip(*votes, strict=True))
    margin = np.bincount(np.concatenate([a, b]), minlength=3) / (2 * len(a))
    for name, d in (("pi", lambda g: g > 0), ("pi_linear", lambda g: g / 2), ("pi_quadratic", lambda g: g**2 / 4)):
        grid = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
        expected = (np.outer(margin, margin) * d(grid)).sum()
        ours = value(a, b, name)
        seen = np.mean(d(np.abs(a - b)).astype(float))
        assert math.isnan(ours) if expected < 1e-12 else ours == pytest.approx(1 - seen / expected, abs=1e-9)


@given(pairs)
def test_the_fast_kernel_gives_every_measure(votes):
    a, b = zip(*votes, strict=True)
    table = table_of(a, b)[None]
    for name, measure in MEASURES.items():
        np.testing.assert_allclose(
            tables.all_values(table)[0, measure.code], values_of(table, name)[0], atol=1e-9, err_msg=name
        )


@given(pairs)
def test_measures_do_not_depend_on_the_order_of_the_pair(votes):
    a, b = zip(*votes, strict=True)
    for name in MEASURES:
        np.testing.assert_allclose(value(a, b, name), value(b, a, name), atol=1e-9, err_msg=name)


def test_no_vote_in_common_is_undefined_for_every_measure():
    assert np.isnan(tables.all_values(np.zeros((1, 3, 3)))).all()
    assert all(math.isnan(value([], [], name)) for name in MEASURES)


@given(st.integers(0, 2**32 - 1))
def test_counting_bits_equals_counting_votes(seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, 4, (4, 70)).astype(np.int8)
    call, state = np.nonzero(codes.T >= 0)
    ptr = np.searchsorted(call, np.arange(71))
    ballots = tables.Ballots(ptr, state, codes[state, call], 4)
    calls = np.sort(rng.choice(70, 66, replace=False))
    for absences, kinds in (("dropped", 3), ("as_abstention", 3), ("as_category", 4)):
        read = np.where((codes == 3) & (absences == "as_abstention"), 1, codes)
        (part,) = tables.period_tables(ballots, [(0, calls)], absences=absences)
        for a, b, table in zip(part.first, part.second, part.tables, strict=True):
            both = [
                (x, y) for x, y in zip(read[a, calls], read[b, calls], strict=True) if 0 <= x < kinds and 0 <= y < kinds
            ]
            np.testing.assert_array_equal(
                table, table_of(*zip(*both, strict=True), kinds) if both else np.zeros((kinds, kinds))
            )
        weights = np.full(70, 2.0)
        (doubled,) = tables.period_tables(ballots, [(0, calls)], absences=absences, weights=weights)
        np.testing.assert_allclose(doubled.tables, 2 * part.tables)
        np.testing.assert_allclose(doubled.squares, 4 * part.squares)
