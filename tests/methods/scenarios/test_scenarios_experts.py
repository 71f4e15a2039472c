"""Several coders' matrices, weights and conditions: what is compared is the same thing, and nothing is taken silently."""

from __future__ import annotations

import numpy as np
import pytest

from realpolitik.methods import scenarios as sc
from realpolitik.methods.scenarios import experts, from_case, influence
from realpolitik.methods.scenarios.search import Solutions, solve
from realpolitik.terms import Estimate, InputError

AB = [sc.Descriptor("A", ("a1", "a2")), sc.Descriptor("B", ("b1", "b2"))]
LAND = sc.from_matrix(
    {"A": ["a1", "a2"], "B": ["b1", "b2"], "C": ["c1", "c2"]},
    [[0, 0, 1, -1, 0, 1], [0, 0, -1, 1, 1, 0], [1, -1, 0, 0, 1, -1], [-1, 1, 0, 0, -1, 1], [0, 1, 1, 0, 0, 0], [1, 0, 0, 1, 0, 0]],
)  # fmt: skip


def cell(value: float, low: float | None = None, high: float | None = None) -> sc.Judgement:
    return sc.Judgement("A", "a1", "B", "b1", value, low, high)


def test_weights_give_no_cell_a_range() -> None:
    doubled = sc.weighted(LAND, {"A": 2})
    assert not any(j.low is not None or j.high is not None for j in doubled.judgements)
    shares = sc.scenario_robustness(doubled, 500, seed=1).table["share"]
    assert shares.min() < 1


@pytest.mark.parametrize(("by", "low", "high"), [(2, 2, None), (-2, None, -2)])
def test_weights_multiply_declared_ends_only(by: float, low: float | None, high: float | None) -> None:
    (found,) = sc.weighted(sc.build(AB, [cell(2, 1)]), {"A": by}).judgements
    assert (found.value, found.low, found.high) == (2 * by, low, high)


def test_a_silenced_factor_stays_silent_in_every_reading() -> None:
    silent = sc.weighted(LAND, dict.fromkeys(LAND.ids, 0))
    assert sc.scenario_robustness(silent, 100, seed=1).table["share"].to_list() == [1.0] * 8


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), 1e4])
def test_weights_are_numbers(weight: float) -> None:
    with pytest.raises(InputError, match="weight of A"):
        sc.weighted(LAND, {"A": weight})


def test_silence_on_a_pair_of_factors_is_no_opinion_or_0_as_told() -> None:
    each = [sc.build(AB, [cell(3)]), sc.build(AB, [sc.Judgement("B", "b1", "A", "a1", -1)])]
    values = [[(j.value, j.low, j.high) for j in sc.pooled(each, silence=s).judgements] for s in ("no opinion", "zero")]
    assert values == [[(3, None, None), (-1, None, None)], [(1.5, 0, 3), (-0.5, -1, 0)]]
    with pytest.raises(InputError, match="no opinion"):
        sc.pooled(each, silence="none")


def test_an_empty_cell_of_a_judged_pair_pools_as_0() -> None:
    other = sc.build(AB, [sc.Judgement("A", "a2", "B", "b1", 1)])
    found = {j.key: j.value for j in sc.pooled([sc.build(AB, [cell(3)]), other]).judgements}
    assert sorted(found.values()) == [0.5, 1.5]


def test_agreement_pools_without_a_range() -> None:
    same = sc.pooled([LAND, LAND])
    assert np.array_equal(same.impact, LAND.impact)
    assert not any(j.low is not None for j in same.judgements)
    (declared,) = sc.pooled([sc.build(AB, [cell(1, 1, 2)])] * 2).judgements
    assert (declared.value, declared.low, declared.high) == (1, 1, 2)


def test_a_combination_that_anybody_rules_out_is_ruled_out() -> None:
    rules = [{"A": "a1"}, {"B": "b1", "C": "c1"}]
    pool = sc.pooled([sc.forbidding(LAND, r) for r in (*rules, rules[0])])
    assert [dict(f.variants) for f in pool.forbidden] == rules


def test_the_same_model_in_another_order_agrees_with_itself() -> None:
    order = [2, 0, 1]
    turned = LAND.changed(
        descriptors=tuple(sc.Descriptor(d.id, d.variants[::-1]) for d in (LAND.descriptors[i] for i in order))
    )
    found = sc.compare_coders([LAND, turned])
    assert found.tables["agreement"]["value"].to_list() == [1.0] * 4
    assert found.table["apart"].max() == 0
    assert found.tables["futures"]["coder 1"].all()
    assert found.tables["futures"]["coder 2"].all()
    assert np.array_equal(sc.pooled([LAND, turned]).impact, LAND.impact)


def test_models_of_other_factors_are_refused_all_at_once() -> None:
    other = sc.build([AB[0], sc.Descriptor("B", ("b1", "z")), sc.Descriptor("D", ("d",))], [])
    with pytest.raises(InputError) as caught:
        sc.compare_coders([sc.build(AB, []), other])
    assert len(caught.value.problems) == 2


def test_a_list_that_a_limit_cut_never_says_that_a_scenario_is_not_consistent(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*arguments: object, **named: object) -> Solutions:
        return solve(*arguments, **{**named, "limit": 1})

    whole = sc.compare_coders([LAND, LAND])
    assert whole.complete
    assert whole.caveats[0].startswith("Complete")
    monkeypatch.setattr(experts, "solve", short)
    cut = sc.compare_coders([LAND, LAND])
    assert not cut.complete
    assert "limit of 1" in cut.caveats[0]
    assert cut.tables["futures"].row(0)[1:] == (True, True, True)
    assert cut.tables["futures"].height < whole.tables["futures"].height


def test_an_interrupt_keeps_what_was_found_and_searches_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def interrupted(impact: np.ndarray, variants: np.ndarray, **named: object) -> Solutions:
        asked.append(1)
        return Solutions(solve(impact, variants).scenarios[:1], "interrupted", 0.5, 1, 0.1)

    monkeypatch.setattr(experts, "solve", interrupted)
    found = sc.compare_coders([LAND, LAND])
    assert asked == [1]
    assert not found.complete
    assert "not searched" in found.caveats[0]
    assert found.table.height


@pytest.mark.parametrize(
    ("conditions", "match"),
    [
        ({"do": {"A": ["a1", "a2"]}}, "one variant"),
        ({"do": {"A": 1}}, "one variant"),
        ({"given": {"A": []}}, "at least one"),
        ({"given": {"A": 3}}, "one of a1, a2"),
    ],
)
def test_conditions_that_are_none_are_refused(conditions: dict, match: str) -> None:
    with pytest.raises(InputError, match=match):
        sc.consistent_scenarios(LAND, **conditions)


def test_a_chain_has_the_indirect_influence_of_its_ends() -> None:
    chain = np.zeros((3, 3))
    chain[0, 1] = chain[1, 2] = 1
    found = influence.micmac(chain)
    assert found.power == 2
    assert found.indirect.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert influence.micmac(chain[:2, :2]).power == 1
    table = sc.influence_map(sc.build([*AB], [cell(2)])).table
    assert table["indirect_active"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "value", "ends"),
    [
        ("2", 2, (None, None)),
        ("0..1", 0.5, (0, 1)),
        ("-2..-1", -1.5, (-2, -1)),
        ("1..3", 2, (1, 3)),
        ("triangular(0, 2, 3)", 2, (0, 3)),
        ("normal(1, 0.5)", 1, (0, 2)),
        ("beta(1, 3)", 0.25, (0, 1)),
    ],
)
def test_a_declared_value_is_its_middle_or_its_peak(text: str, value: float, ends: tuple) -> None:
    declared = Estimate.parse(text)
    assert from_case.stated_value(declared) == value
    assert from_case.ends(declared) == ends


def test_a_conclusion_can_be_about_several_variants() -> None:
    both = sc.what_carries(LAND, {"A": ["a1", "a2"]}, units=["block"])
    assert both.tables["conclusions"]["variant"].to_list() == ["a1", "a2"]


@pytest.mark.parametrize("wrong", [{"starts": 0}, {"threads": 0}, {"seed": -1}])
def test_basins_need_starts_threads_and_a_seed(wrong: dict) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        sc.basins(LAND, **wrong)
