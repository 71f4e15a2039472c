"""Succession, basins and paths against the rules written out one state at a time."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from scenarios_by_hand import Matrix, all_states, consistent, follow, random_matrix

from realpolitik.methods.scenarios import dynamics
from realpolitik.terms import InputError

RULES = tuple(dynamics.RULES)


def ends(m: Matrix, rule: str) -> Counter:
    """Basin of each attractor, named by its smallest state, and its period."""
    out: Counter = Counter()
    for start in map(tuple, all_states(m.variants).tolist()):
        seen: dict[tuple[int, ...], int] = {}
        x = start
        while x not in seen:
            seen[x] = len(seen)
            x = follow(m, x, rule)
        cycle = [s for s, k in seen.items() if k >= seen[x]]
        out[min(cycle), len(cycle)] += 1
    return out


@pytest.mark.parametrize("rule", RULES)
def test_basins_are_those_of_following_every_state(rule: str) -> None:
    for seed in range(24):
        m = random_matrix(seed)
        if np.prod(m.variants) > 400:
            continue
        found = dynamics.basins(m.impact, m.variants, rule=rule)
        assert found.exact
        got = {(tuple(a.states[0].tolist()), a.period): a.basin for a in found.attractors}
        assert got == dict(ends(m, rule)), seed


@pytest.mark.parametrize("rule", RULES)
def test_fixed_points_are_the_consistent_scenarios(rule: str) -> None:
    for seed in range(40):
        m = random_matrix(seed)
        free = Matrix(m.impact, m.variants, 0, (), (1 << m.variants) - 1)
        found = dynamics.basins(m.impact, m.variants, rule=rule)
        fixed = {a.states[0].tobytes() for a in found.attractors if a.period == 1}
        assert fixed == {s.astype(np.int8).tobytes() for s in consistent(free)}


def test_both_ways_of_computing_images_agree_and_threads_do_not_matter() -> None:
    rng = np.random.default_rng(5)
    variants = np.full(9, 3)
    impact = rng.integers(-3, 4, (27, 27))
    fast = dynamics.basins(impact, variants, threads=2)
    slow = dynamics._settled(
        dynamics._OneByOne(impact, variants, 0, np.arange(9), 1), impact, variants, "global", None, 3**9
    )
    assert [(a.basin, a.period, a.states.tobytes()) for a in fast.attractors] == [
        (a.basin, a.period, a.states.tobytes()) for a in slow.attractors
    ]
    assert sum(a.basin for a in fast.attractors) == 3**9


def test_large_values_take_the_exact_way() -> None:
    rng = np.random.default_rng(6)
    variants = np.full(6, 3)
    impact = rng.integers(-3, 4, (18, 18))
    small, large = (dynamics.basins(impact * f, variants) for f in (1, 100_000))
    assert [a.basin for a in small.attractors] == [a.basin for a in large.attractors]


def test_sampled_basins_hold_the_exact_shares() -> None:
    rng = np.random.default_rng(8)
    variants = np.full(8, 3)
    impact = rng.integers(-3, 4, (24, 24))
    exact = {a.states.tobytes(): a.share for a in dynamics.basins(impact, variants).attractors}
    drawn = dynamics.basins(impact, variants, most_states=10, starts=5_000, seed=3)
    assert not drawn.exact
    assert drawn.total == 5_000
    inside = [a.low <= exact[a.states.tobytes()] <= a.high for a in drawn.attractors]
    assert sum(inside) >= len(inside) - 1


def test_a_walk_that_does_not_settle_says_so() -> None:
    m = random_matrix(2)
    walk = dynamics.walk(m.impact, m.variants, all_states(m.variants)[0].astype(np.int64), steps=0)
    assert walk.period == 0


def test_paths_cost_what_the_cheapest_of_all_ways_costs() -> None:
    """Bellman-Ford over all states, by the definition of a push."""
    for seed in (1, 2, 5):
        m = random_matrix(seed)
        states = [tuple(s) for s in all_states(m.variants).tolist()]
        if len(states) > 700:
            continue
        start = states[len(states) // 2]
        cost = dict.fromkeys(states, (10**6, 10**6))
        cost[start] = (0, 0)
        changed = True
        while changed:
            changed = False
            for x in states:
                balance = sum(m.impact[m.first[i] + a] for i, a in enumerate(x))
                for j, c in itertools.chain.from_iterable(((j, c) for c in range(v)) for j, v in enumerate(m.variants)):
                    if c == x[j]:
                        continue
                    y = (*x[:j], c, *x[j + 1 :])
                    push = int(balance[m.first[j] + c] <= balance[m.first[j] + x[j]])
                    price = (cost[x][0] + push, cost[x][1] + 1)
                    if price < cost[y]:
                        cost[y], changed = price, True
        paths = dynamics.paths_from(m.impact, m.variants, np.array(start))
        assert all((paths.pushes(s), len(paths.to(s)) - 1) == cost[s] for s in states)
        others = [
            dynamics.paths_from(m.impact, m.variants, np.array([a, *start[1:]])) for a in range(int(m.variants[0]))
        ]
        nearest = dynamics.paths_from(m.impact, m.variants, np.array(start), [0])
        assert all(nearest.pushes(s) == min(p.pushes(s) for p in others) for s in states)


def test_a_way_begins_anywhere_where_no_present_is_given_and_that_is_allowed() -> None:
    from realpolitik.methods import scenarios as sc

    m = sc.from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    found = sc.ways_from_present(m, {"B": "b1"}, anywhere=True)
    assert found.table.rows() == [("a1 | b1", 0, 0), ("a2 | b2", 0, 1)]
    assert any("No present is given for A" in caveat for caveat in found.caveats)
    with pytest.raises(InputError, match="present"):
        sc.ways_from_present(m, {"B": "b1"})


def test_what_a_model_rules_out_is_no_scenario_of_its_basins() -> None:
    from realpolitik.methods import scenarios as sc

    m = sc.from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    bound = sc.implying(m, {"A": "a1"}, {"B": "b2"})
    found = sc.basins(bound)
    assert sorted(found.table["kind"]) == ["ruled out", "scenario"]
    assert found.answer == "1 consistent scenario, 0 cycles and 1 ruled-out state attract 4 states."
    for told in (
        found,
        sc.succession(bound, {"A": "a1", "B": "b1"}),
        sc.ways_from_present(bound, {"A": "a1", "B": "b1"}),
    ):
        assert any("ruled-out combination" in caveat for caveat in told.caveats)
