"""The search, the counts and the samples against the definition; limits, streaming and the two engines."""

from __future__ import annotations

import time
from concurrent.futures import wait

import numpy as np
import pytest
from scenarios_by_hand import Matrix, all_states, consistent, random_matrix
from scipy.stats import chisquare

from realpolitik.methods.scenarios import counting, kernels, packing, sat, search, sharing
from realpolitik.methods.scenarios.measures import slacks
from realpolitik.terms import InputError

QUICK = 600


def check(m: Matrix, seed: int) -> int:
    wanted = consistent(m)
    found = search.solve(m.impact, m.variants, **m.solver)
    assert found.complete
    assert np.array_equal(found.scenarios, wanted), f"scenarios of matrix {seed}"
    number = counting.count(m.impact, m.variants, **m.solver)
    shares = [int((wanted[:, j] == a).sum()) for j, v in enumerate(m.variants) for a in range(v)]
    assert number.total == len(wanted), f"count of matrix {seed}"
    assert number.marginals == shares, f"marginals of matrix {seed}"
    return len(wanted)


def test_same_as_the_definition_on_random_matrices() -> None:
    total = sum(check(random_matrix(seed), seed) for seed in range(QUICK))
    assert total > 3 * QUICK


@pytest.mark.slow
def test_same_as_the_definition_on_ten_thousand_random_matrices() -> None:
    for seed in range(10_000):
        check(random_matrix(seed), seed)


def test_both_kernels_agree() -> None:
    """The one-pass kernel for dense matrices and the event-driven one give the same on the same matrix."""
    for seed in range(60):
        m = random_matrix(seed)
        if m.rules:
            continue
        first = packing.first_rows(m.variants)
        gaps = packing.largest_gaps(m.impact, m.impact, first, m.margin)
        results = []
        for dense in (False, True):
            t = packing.layout(m.variants, packing.judged_blocks(m.impact, first), gaps, (), dense)
            kernels.fill(m.impact, m.margin, t)
            s = packing.new_search(t)
            out = np.zeros((100_000, len(m.variants)), np.int8)
            found = 0
            if kernels.start(m.allowed, s[kernels.S_ROWS], s, t):
                s[kernels.S_FRESH] = 1
                g = packing.gap_table(m.impact, m.variants, m.margin, t)
                found = kernels.search(s, t, g, packing.no_prices(g, t), out, 10**9)
                assert s[kernels.S_DONE]
            results.append(search.ordered(out[:found]))
        assert np.array_equal(*results)


def test_more_descriptors_than_one_word_has_bits() -> None:
    """A small matrix between descriptors with one variant, on both sides of the 64th."""
    for seed in range(40):
        m = random_matrix(seed)
        before = np.ones(64 - len(m.variants) // 2, np.int64)
        at, rows = len(before), len(m.impact)
        impact = np.zeros((at + rows + 3, at + rows + 3), np.int64)
        impact[at : at + rows, at : at + rows] = m.impact
        variants = np.concatenate([before, m.variants, np.ones(3, np.int64)])
        allowed = (1 << variants) - 1
        allowed[at : at + len(m.variants)] = m.allowed
        rules = [[(at + i, a) for i, a in rule] for rule in m.rules]
        solver = {"allowed": allowed, "margin": m.margin, "rules": rules}
        found = search.solve(impact, variants, **solver).scenarios
        assert np.array_equal(found[:, at:-3], consistent(m))
        assert counting.count(impact, variants, **solver).total == len(found)


def test_large_values_do_not_overflow_their_lanes() -> None:
    for seed in range(100):
        m = random_matrix(seed)
        big = Matrix(m.impact * 100_000, m.variants, m.margin * 100_000, m.rules, m.allowed)
        assert np.array_equal(search.solve(big.impact, big.variants, **big.solver).scenarios, consistent(m))


def test_many_variants_span_several_words() -> None:
    rng = np.random.default_rng(3)
    variants = np.array([9, 2, 7, 3])
    impact = rng.integers(-4, 5, (21, 21))
    m = Matrix(impact, variants, 2, (), (1 << variants) - 1)
    assert np.array_equal(search.solve(impact, variants, margin=2).scenarios, consistent(m))
    assert counting.count(impact, variants, margin=2).total == len(consistent(m))


def test_cp_sat_lists_the_same() -> None:
    pytest.importorskip("ortools")
    for seed in range(30):
        m = random_matrix(seed)
        both = [search.solve(m.impact, m.variants, engine=e, **m.solver) for e in ("propagation", "sat")]
        assert both[1].complete
        assert np.array_equal(both[0].scenarios, both[1].scenarios), seed


def free(n: int) -> tuple[np.ndarray, np.ndarray]:
    """n binary descriptors without any influence: every combination is consistent."""
    return np.zeros((2 * n, 2 * n), np.int64), np.full(n, 2)


def hard() -> tuple[np.ndarray, np.ndarray]:
    """Dense, and far too large to finish."""
    rng = np.random.default_rng(1)
    impact = rng.integers(-3, 4, (120, 120))
    return impact, np.full(40, 3)


@pytest.mark.parametrize("engine", ["propagation", "sat"])
def test_a_limit_on_scenarios_is_never_called_complete(engine: str) -> None:
    if engine == "sat":
        pytest.importorskip("ortools")
    impact, variants = free(6)
    cut = search.solve(impact, variants, limit=10, engine=engine)
    assert (len(cut.scenarios), cut.complete) == (10, False)
    exact = search.solve(impact, variants, limit=64, engine=engine)
    assert (len(exact.scenarios), exact.complete) == (64, True)


def test_a_limit_on_time_stops_and_says_how_far_it_came() -> None:
    impact, variants = hard()
    search.solve(*free(2))
    begin = time.monotonic()
    cut = search.solve(impact, variants, seconds=0.3)
    assert time.monotonic() - begin < 5
    assert not cut.complete
    assert "0.3 seconds" in cut.stopped
    assert 0 < cut.explored < 1
    assert cut.remaining > 0


def test_an_interrupt_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter(range(10**9))

    def impatient(batches):  # type: ignore[no-untyped-def]
        for batch in batches:
            yield batch
            if next(steps) == 1:
                raise KeyboardInterrupt

    monkeypatch.setattr(search, "watched", impatient)
    cut = search.solve(*free(12))
    assert cut.stopped == "interrupted"
    assert not cut.complete
    assert 0 < len(cut.scenarios) < 2**12


def test_streamed_batches_add_up_and_progress_grows() -> None:
    impact, variants = free(12)
    batches = list(search.stream(impact, variants))
    rows = np.concatenate([b.scenarios for b in batches])
    assert len(np.unique(rows, axis=0)) == len(rows) == 2**12
    shares = [b.explored for b in batches]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(batches) > 2


def test_counts_beyond_64_bits_are_exact() -> None:
    impact, variants = free(70)
    impact[0, 2:4] = (1, -1)
    impact[1, 2:4] = (-1, 1)
    number = counting.count(impact, variants)
    assert number.total == 2**69
    assert number.marginals[:4] == [2**68] * 4
    assert number.sample(5, 1).shape == (5, 70)


def test_long_and_short_marginals_agree() -> None:
    for seed in range(200):
        m = random_matrix(seed)
        number = counting.count(m.impact, m.variants, **m.solver)
        if number.root >= 0:
            assert number.marginals == number._long_marginals(m.first)


def test_samples_are_uniform() -> None:
    m = random_matrix(5)
    wanted = consistent(m)
    assert len(wanted) == 36
    drawn = counting.count(m.impact, m.variants, **m.solver).sample(200 * len(wanted), seed=4)
    place = {row.tobytes(): k for k, row in enumerate(wanted.astype(np.int8))}
    hits = np.bincount([place[row.tobytes()] for row in drawn], minlength=len(wanted))
    assert chisquare(hits).pvalue > 1e-4


def test_suits_names_large_sparse_matrices_only() -> None:
    impact, variants = free(80)
    assert sat.suits(impact, variants)
    assert not sat.suits(*hard())


def test_a_long_search_is_handed_over_and_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ortools")
    monkeypatch.setattr(sat, "suits", lambda *_: True)
    monkeypatch.setattr(sat, "HAND_OVER_NODES", -1)
    monkeypatch.setattr(sat, "HAND_OVER_SHARE", 2.0)
    for seed in (1, 2, 5):
        m = random_matrix(seed)
        found = search.solve(m.impact, m.variants, **m.solver)
        assert found.engine == ("sat" if found.nodes or len(found.scenarios) else found.engine)
        assert np.array_equal(found.scenarios, consistent(m))


def test_the_cheapest_scenario_of_cp_sat_is_the_least_of_all() -> None:
    pytest.importorskip("ortools")
    for seed in range(12):
        m = random_matrix(seed)
        x = all_states(m.variants)
        kept = np.all([m.allowed[j] >> x[:, j] & 1 for j in range(len(m.variants))], axis=0)
        for rule in m.rules:
            kept &= ~np.all([x[:, i] == a for i, a in rule], axis=0)
        if not kept.any():
            continue
        behind = np.maximum(0, -slacks(m.impact, m.first, x[kept].astype(np.int8)))
        least, scenario = sat.cheapest(m.impact, m.variants, allowed=m.allowed, rules=m.rules)
        assert least == behind.sum(axis=1).min()
        assert np.maximum(0, -slacks(m.impact, m.first, scenario[None])).sum() == least


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'sat'"):
        search.solve(*free(2), engine="sta")


@pytest.fixture
def priced_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices are looked at in matrices of any size, down to the last undecided descriptor."""
    monkeypatch.setattr(packing, "PRICED_FROM", 1.0)
    monkeypatch.setattr(packing, "PRICED_DOWN_TO", 1)
    monkeypatch.setattr(packing, "DENSE_FROM", -1.0)


def priced(m: Matrix) -> bool:
    t = packing.pack(m.impact, m.variants, m.margin, m.rules)
    return bool(len(packing.gap_table(m.impact, m.variants, m.margin, t)))


@pytest.mark.usefixtures("priced_throughout")
def test_prices_lose_no_scenario() -> None:
    matrices = [m for seed in range(QUICK) if not (m := random_matrix(seed)).rules]
    assert sum(priced(m) for m in matrices) > QUICK / 2
    for m in matrices:
        assert np.array_equal(search.solve(m.impact, m.variants, **m.solver).scenarios, consistent(m))


@pytest.mark.slow
@pytest.mark.usefixtures("priced_throughout")
def test_prices_lose_no_scenario_of_ten_thousand_matrices() -> None:
    for seed in range(10_000):
        m = random_matrix(seed)
        assert np.array_equal(search.solve(m.impact, m.variants, **m.solver).scenarios, consistent(m)), seed


def dense(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    impact = np.random.default_rng(seed).integers(-3, 4, (3 * n, 3 * n))
    return impact, np.full(n, 3)


def test_prices_save_nodes_and_lose_nothing_on_a_larger_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    impact, variants = dense(17, 5)
    plain = search.solve(impact, variants, margin=2, threads=1)
    monkeypatch.setattr(packing, "PRICED_FROM", 1.0)
    with_prices = search.solve(impact, variants, margin=2, threads=1)
    assert np.array_equal(plain.scenarios, with_prices.scenarios)
    assert len(plain.scenarios) > 0
    assert with_prices.nodes < 0.8 * plain.nodes


@pytest.mark.parametrize("alone", [1, 7, 100])
def test_a_split_search_finds_the_same(alone: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "ALONE", alone)
    for seed in range(QUICK // 3):
        m = random_matrix(seed)
        found = search.solve(m.impact, m.variants, threads=2, **m.solver)
        assert found.complete
        assert np.array_equal(found.scenarios, consistent(m)), seed


def test_threads_that_split_again_and_again_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of one node, and a thread that never has enough to do."""
    monkeypatch.setattr(search, "ALONE", 1)
    monkeypatch.setattr(sharing, "SHARED_STEP", 1)
    monkeypatch.setattr(sharing._Work, "idle", property(lambda self: 1, lambda self, value: None), raising=False)
    for seed in range(QUICK // 3):
        m = random_matrix(seed)
        found = search.solve(m.impact, m.variants, threads=3, **m.solver)
        assert found.complete
        assert np.array_equal(found.scenarios, consistent(m)), seed


def test_a_split_search_tells_its_progress_and_stops_when_left() -> None:
    impact, variants = free(14)
    batches = list(search.stream(impact, variants, threads=2))
    assert len(np.unique(np.concatenate([b.scenarios for b in batches]), axis=0)) == 2**14
    shares = [b.explored for b in batches]
    assert shares == sorted(shares)
    assert [b.done for b in batches] == [False] * (len(batches) - 1) + [True]
    begin = time.monotonic()
    for batch in search.stream(*hard(), threads=2):
        if batch.nodes > 50_000:
            break
    assert time.monotonic() - begin < 20


def test_a_matrix_whose_tables_would_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="GiB"):
        packing.pack(np.ones((400, 400), np.int64), np.full(20, 20), 0)


def binary(n: int, density: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    impact = np.zeros((2 * n, 2 * n), np.int64)
    for i, j in zip(*np.nonzero(rng.random((n, n)) < density), strict=True):
        if i != j:
            a, b = rng.integers(-3, 4, 2)
            impact[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = [[a, -a], [b, -b]]
    return impact, np.full(n, 2)


@pytest.mark.parametrize("how", ["seconds", "interrupt"])
def test_a_count_that_is_cut_short_is_a_lower_bound(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    impact, variants = binary(170, 0.02, 1)
    whole = counting.count(impact, variants)
    assert whole.complete
    begin = time.monotonic()

    def waited(work: object, timeout: float) -> object:
        if time.monotonic() - begin > 0.05 and how == "interrupt":
            monkeypatch.setattr(counting, "wait", wait)
            raise KeyboardInterrupt
        return wait(work, 0.001)

    monkeypatch.setattr(counting, "wait", waited)
    cut = counting.count(impact, variants, seconds=0.05 if how == "seconds" else None)
    assert not cut.complete
    assert cut.stopped == ("limit of 0.05 seconds" if how == "seconds" else "interrupted")
    assert 0 < cut.total < whole.total
    assert all(some <= all_ for some, all_ in zip(cut.marginals, whole.marginals, strict=True))
    assert (slacks(impact, packing.first_rows(variants), cut.sample(50, 1)) >= 0).all()


def test_an_interrupted_cp_sat_run_keeps_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    whole = cp_model.CpSolver.solve

    def interrupted(self, model, collector=None):  # type: ignore[no-untyped-def]
        whole(self, model, collector)
        raise KeyboardInterrupt

    monkeypatch.setattr(cp_model.CpSolver, "solve", interrupted)
    cut = search.solve(*free(5), engine="sat")
    assert (len(cut.scenarios), cut.stopped, cut.complete) == (32, "interrupted", False)
