"""Readings of the judgements: every one solved completely, the same for every condition and number of threads."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import polars as pl
import pytest
from scenarios_by_hand import Matrix, as_model, consistent, random_matrix

from realpolitik.methods.scenarios import kernels, robustness
from realpolitik.methods.scenarios.changes import forbidding
from realpolitik.methods.scenarios.model import Descriptor, Judgement, build, from_matrix
from realpolitik.methods.scenarios.readings import scenario_robustness, whole_readings


def reading(what: robustness.Readings, seed: int, draw: int) -> np.ndarray:
    impact = what.base.copy()
    kernels.read_cells(what.base, what.cells, seed, draw, what.step, what.share, impact)
    return impact


@pytest.mark.parametrize("seed", [1, 4, 5, 7, 12, 15])
def test_counts_are_those_of_solving_each_reading_by_the_definition(seed: int) -> None:
    m = random_matrix(seed)
    judged = np.asarray(as_model(m).judged)
    what = robustness.readings(m.impact, m.impact, m.impact, judged)
    found = robustness.resolve(what, m.variants, 60, 9, allowed=m.allowed, margin=m.margin, rules=m.rules)
    counts: Counter = Counter()
    shares = np.zeros(int(m.first[-1]))
    filled = 0
    for draw in range(60):
        scenarios = consistent(Matrix(reading(what, 9, draw), m.variants, m.margin, m.rules, m.allowed)).astype(np.int8)
        assert found.sizes[draw] == len(scenarios)
        counts.update(row.tobytes() for row in scenarios)
        if len(scenarios):
            filled += 1
            for j in range(len(m.variants)):
                for a in range(m.variants[j]):
                    shares[m.first[j] + a] += (scenarios[:, j] == a).mean()
    assert {s.tobytes(): int(k) for s, k in zip(found.scenarios, found.counts, strict=True)} == dict(counts)
    assert found.empty == 60 - filled
    assert np.allclose(found.mean, shares / max(filled, 1))


def test_threads_and_room_do_not_change_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    m = random_matrix(4)
    what = robustness.readings(m.impact, m.impact, m.impact, np.asarray(as_model(m).judged))
    roomy = robustness.resolve(what, m.variants, 300, 2)
    monkeypatch.setattr(robustness, "FIRST_ROOM", 32)
    monkeypatch.setattr(robustness, "PIECE", 70)
    one = robustness.resolve(what, m.variants, 300, 2)
    assert np.array_equal(roomy.counts, one.counts)
    assert np.array_equal(roomy.sizes, one.sizes)
    for threads in (1, 3):
        other = robustness.resolve(what, m.variants, 300, 2, threads=threads)
        assert np.array_equal(one.scenarios, other.scenarios)
        assert np.array_equal(one.counts, other.counts)
        assert np.array_equal(one.sizes, other.sizes)
        assert np.array_equal(one.mean, other.mean)
    assert len(one.scenarios) > 32


def test_conditions_see_the_same_readings() -> None:
    m = random_matrix(16)
    what = robustness.readings(m.impact, m.impact, m.impact, np.asarray(as_model(m).judged))
    free = robustness.resolve(what, m.variants, 200, 5)
    allowed = (1 << m.variants) - 1
    allowed[0] = 1
    bound = robustness.resolve(what, m.variants, 200, 5, allowed=allowed)
    kept = {s.tobytes(): int(k) for s, k in zip(free.scenarios, free.counts, strict=True) if s[0] == 0}
    assert kept == {s.tobytes(): int(k) for s, k in zip(bound.scenarios, bound.counts, strict=True)}


def test_a_node_limit_is_reported_and_never_counts_as_empty() -> None:
    m = random_matrix(16)
    what = robustness.readings(m.impact, m.impact, m.impact, np.asarray(as_model(m).judged))
    cut = robustness.resolve(what, m.variants, 50, 5, nodes=1)
    assert not cut.complete
    assert cut.cut + cut.empty <= 50


TWO = [Descriptor("A", ("a",)), Descriptor("B", ("b1", "b2"))]


def test_a_declared_range_is_taken_evenly() -> None:
    """B = b1 holds when its balance is at least 0: three of the five whole values from -2 to 2."""
    model = build(TWO, [Judgement("A", "a", "B", "b1", 0, -2, 2)])
    found = scenario_robustness(model, draws=4_000, seed=3)
    share = dict(zip(found.table["scenario"], found.table["share"], strict=True))
    assert share["a | b1"] == pytest.approx(0.6, abs=0.03)
    assert share["a | b2"] == pytest.approx(0.6, abs=0.03)
    low, high = found.row(scenario="a | b1")["low"], found.row(scenario="a | b1")["high"]
    assert low < 0.6 < high


def test_fractional_ranges_and_tolerance() -> None:
    model = build(TWO, [Judgement("A", "a", "B", "b1", 0.25, -0.5, 1.0)])
    share = dict(scenario_robustness(model, draws=4_000, seed=3).table.select("scenario", "share").iter_rows())
    assert share["a | b1"] == pytest.approx(2 / 3, abs=0.03)
    wide = scenario_robustness(model, draws=500, seed=3, tolerance=1)
    assert wide.table["share"].to_list() == [1.0, 1.0]


def test_undeclared_cells_move_only_when_nothing_is_declared_or_asked() -> None:
    declared = build(TWO, [Judgement("A", "a", "B", "b1", 1, 1, 1), Judgement("A", "a", "B", "b2", 0)])
    assert scenario_robustness(declared, draws=200).table["share"].to_list() == [1.0]
    silent = build(TWO, [Judgement("A", "a", "B", "b1", 0), Judgement("A", "a", "B", "b2", 0)])
    share = dict(scenario_robustness(silent, draws=4_000).table.select("scenario", "share").iter_rows())
    # b1 loses when b2 ends up ahead: 0.2*0.6 + 0.6*0.2 + 0.2*0.2 with the moves +1, 0, -1 of .2, .6, .2
    assert share["a | b1"] == pytest.approx(1 - (0.2 * 0.8 + 0.6 * 0.2), abs=0.03)


def test_ruled_out_combinations_stay_out() -> None:
    silent = build(TWO, [Judgement("A", "a", "B", "b1", 0), Judgement("A", "a", "B", "b2", 0)])
    found = scenario_robustness(forbidding(silent, {"B": "b2"}), draws=100)
    assert found.table["scenario"].to_list() == ["a | b1"]


def test_wilson_is_the_published_interval() -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662."""
    assert robustness.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_tolerance_is_scaled_with_the_values() -> None:
    model = build(TWO, [Judgement("A", "a", "B", "b1", 0.5)])
    what, margin = whole_readings(model, 1.5, 0.2)
    assert margin == 1.5 * what.step
    assert what.base.max() == what.step / 2


def test_an_interrupt_keeps_the_readings_that_were_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(work):  # type: ignore[no-untyped-def]
        time.sleep(0.2)
        raise KeyboardInterrupt

    m = from_matrix({f"D{i}": ["a", "b", "c"] for i in range(14)}, np.random.default_rng(2).integers(-3, 4, (42, 42)))
    scenario_robustness(m, draws=1)
    monkeypatch.setattr(robustness, "awaited", impatient)
    found = scenario_robustness(m, draws=10_000_000, threads=2)
    assert not found.complete
    assert "of 10,000,000 readings were solved" in found.caveats[0]


def test_a_whole_range_stays_whole_beside_fractions() -> None:
    factors = [Descriptor("A", ("a1", "a2")), Descriptor("B", ("b1", "b2")), Descriptor("C", ("c1", "c2"))]
    whole = Judgement("A", "a1", "B", "b1", 1, 0, 1)
    shares = []
    for other in (1.0, 0.5):
        m = build(factors, [whole, Judgement("A", "a2", "C", "c1", other)])
        told = scenario_robustness(m, draws=2000).table.filter(pl.col("scenario") == "a1 | b2 | c1")
        shares.append(told["share"][0])
    assert shares[0] == shares[1]
    assert abs(shares[0] - 0.5) < 0.05
