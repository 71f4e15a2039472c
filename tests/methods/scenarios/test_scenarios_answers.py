"""The findings: their columns, conditions, what carries and breaks them, and that they replay."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scenarios_by_hand import as_model, random_matrix

from realpolitik.case import Case
from realpolitik.case.case import About
from realpolitik.case.case import build as build_case
from realpolitik.methods import scenarios as sc
from realpolitik.methods.scenarios import dynamics, search
from realpolitik.methods.scenarios.changes_needed import deficits
from realpolitik.methods.scenarios.model import CrossImpactModel, Descriptor, Judgement, build
from realpolitik.methods.scenarios.rows import Factor, Impact
from realpolitik.terms import Estimate, Grade, InputError

GOLDEN = Path(__file__).parents[2] / "golden"
SOURCE = "judged:tester-2026-11-21: made up for the test"


@pytest.fixture(scope="module")
def land() -> CrossImpactModel:
    return sc.read_cross_impact(GOLDEN / "scenarios-somewhereland.csv")


@pytest.fixture(scope="module")
def draft(shared_data: Path) -> CrossImpactModel:
    """The draft of the two documents' factors: a regression case, never a validation."""
    place = shared_data.parent / "prototypes" / "scenarios" / "iran-ukraine-factors.json"
    if not place.exists():
        pytest.skip("needs the draft factors of the shared prototypes")
    body = json.loads(place.read_text(encoding="utf-8"))
    descriptors = [Descriptor(d, tuple(v)) for d, v in body["descriptors"].items()]
    cells = []
    for k, b in enumerate(body["impacts"]):
        source = (
            f"data:draft/{b['evidence'][0]['document']}-{b['evidence'][0]['paragraphs'][0]}"
            if b["evidence"]
            else "data:draft/none"
        )
        for a, row in enumerate(b["rows"]):
            for c, value in enumerate(row):
                v, w = body["descriptors"][b["source"]][a], body["descriptors"][b["target"]][c]
                cells.append(
                    Judgement(
                        b["source"],
                        v,
                        b["target"],
                        w,
                        value,
                        None,
                        None,
                        b["kind"],
                        source,
                        b["paraphrase"],
                        "",
                        f"{k}-{a}-{c}",
                    )
                )
    return build(descriptors, cells, name="draft")


def test_columns_are_those_of_the_design(land: CrossImpactModel) -> None:
    found = sc.consistent_scenarios(land)
    assert found.table.columns == [*land.ids, "_total_impact", "_inconsistency", "_weight"]
    assert found.complete
    assert found.grade == Grade.JUDGEMENT
    assert found.table["_weight"].sum() == 486
    assert sc.count_scenarios(land).table["count"].to_list() == [10]
    assert sc.count_scenarios(land).tables["marginals"].columns[:4:3] == ["descriptor", "digits"]
    assert sc.basins(land).table.columns[:1] + sc.basins(land).table.columns[3:5] == ["attractor", "states", "share"]
    assert sc.scenario_robustness(land, draws=50).table.columns[:4] == ["scenario", "share", "low", "high"]


def test_no_answer_speaks_of_chance(land: CrossImpactModel) -> None:
    start = land.decode([0] * 6)
    findings = [
        sc.consistent_scenarios(land), sc.count_scenarios(land), sc.basins(land), sc.succession(land, start),
        sc.scenario_robustness(land, draws=50), sc.what_carries(land, units=["block"]), sc.influence_map(land),
        sc.what_would_take(land, {"Economy": "Shrinking"}), sc.what_would_break(land, start), sc.ways_from_present(land, start),
    ]  # fmt: skip
    for f in findings:
        text = " ".join([f.answer, f.question, *f.caveats, f.grade_reason]).lower()
        assert not any(word in text for word in ("probab", "likel", "chance"))
        assert f.answer
        assert f.caveats


def test_findings_replay_and_save(land: CrossImpactModel, tmp_path: Path) -> None:
    again = [
        (sc.consistent_scenarios(land, {"Economy": "Dynamic"}), sc.consistent_scenarios(land, {"Economy": "Dynamic"})),
        (sc.scenario_robustness(land, draws=80, seed=4), sc.scenario_robustness(land, draws=80, seed=4, threads=2)),
        (sc.count_scenarios(land, samples=20, seed=2), sc.count_scenarios(land, samples=20, seed=2)),
    ]
    for one, two in again:
        assert one.digest == two.digest
        json.dumps(dict(one.parameters))
    assert (again[0][0].save(tmp_path / "f")).exists()


def test_given_and_do_are_different(draft: CrossImpactModel) -> None:
    """Regression values of the draft model: kernel 11; a fundamental change is never self-supporting, but can be imposed."""
    assert sc.consistent_scenarios(draft).table.height == 11
    assert [sc.count_scenarios(draft, tolerance=t).table["count"][0] for t in (1, 2)] == [13, 365]
    change = {"IRPOL": "fundamental change"}
    assert sc.consistent_scenarios(draft, given=change).table.height == 0
    done = sc.consistent_scenarios(draft, do=change).table
    assert done.height == 16
    assert done.filter(pl.col("TIES") == "distancing").height == 5
    assert done.filter(pl.col("STANCE") == "condemn").height == 5
    assert sc.consistent_scenarios(draft, do={"JCPOA": "collapsed"}).table.height == 8
    assert sc.consistent_scenarios(draft, given={"JCPOA": "collapsed"}).table.height == 4


def test_do_is_cutting_the_columns_and_fixing_the_variant() -> None:
    for seed in range(30):
        m = as_model(random_matrix(seed))
        d = m.descriptors[1]
        cut = m.changed(judgements=tuple(j for j in m.judgements if j.on != d.id))
        wanted = sc.consistent_scenarios(cut, given={d.id: d.variants[0]}).table.select(m.ids)
        assert sc.consistent_scenarios(m, do={d.id: d.variants[0]}).table.select(m.ids).equals(wanted)


def test_cheapest_ways_of_the_draft(draft: CrossImpactModel) -> None:
    """By enumeration of all 221,184 combinations: distancing 2, condemn 2, fundamental change 2, back Russia 6."""
    wanted = {
        ("TIES", "distancing"): 2,
        ("STANCE", "condemn"): 2,
        ("IRPOL", "fundamental change"): 2,
        ("STANCE", "back Russia"): 6,
    }
    for (d, v), points in wanted.items():
        found = sc.what_would_take(draft, {d: v})
        assert found.table["_points"][0] == points
        assert found.complete


def test_cheapest_way_is_the_least_over_all_combinations() -> None:
    from scenarios_by_hand import all_states

    for seed in range(25):
        raw = random_matrix(seed)
        m = as_model(raw)
        x = all_states(raw.variants).astype(np.int8)
        d, v = m.descriptors[-1].id, m.descriptors[-1].variants[-1]
        cost = deficits(m, x[x[:, -1] == raw.variants[-1] - 1]).sum(axis=1).min()
        assert sc.what_would_take(m, {d: v}).table["_points"][0] == cost


def test_repairs_repair_and_breaks_break(land: CrossImpactModel) -> None:
    """Raising the impacts on a lagging variant by the stated points makes the scenario consistent; breaking likewise."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        x = np.array([rng.integers(v) for v in land.variants])
        found = sc.what_would_break(land, land.decode(x))
        repairs = found.table.filter(pl.col("effect") == "repairs")
        mended = land
        for d, variant, points in repairs.select("descriptor", "variant", "points").iter_rows():
            mended = _raised(mended, x, d, variant, points)
        walk = dynamics.walk(mended.whole, mended.variants, x)
        assert (walk.period, len(walk.states)) == (1, 1)
    kept = search.solve(land.whole, land.variants).scenarios[0].astype(np.int64)
    easiest = sc.what_would_break(land, land.decode(kept)).row(
        descriptor=sc.what_would_break(land, land.decode(kept)).table["descriptor"][0]
    )
    broken = _raised(land, kept, easiest["descriptor"], easiest["rival"], easiest["points"])
    assert kept.astype(np.int8).tobytes() not in {
        s.tobytes() for s in search.solve(broken.whole, broken.variants).scenarios
    }
    short = _raised(land, kept, easiest["descriptor"], easiest["rival"], easiest["points"] - 1)
    assert kept.astype(np.int8).tobytes() in {s.tobytes() for s in search.solve(short.whole, short.variants).scenarios}


def _raised(m: CrossImpactModel, x: np.ndarray, on: str, variant: str, points: float) -> CrossImpactModel:
    """The model with one more impact on a variant, from the scenario's variant of another descriptor."""
    other = next(d for d in m.ids if d != on)
    by = m.decode(x)[other]
    row, column = m.row(other, by), m.row(on, variant)
    old = m.by_cell.get((row, column))
    new = Judgement(other, by, on, variant, (old.value if old else 0.0) + points)
    return m.changed(judgements=(*(j for j in m.judgements if j is not old), new))


def test_every_decisive_cell_is_quoted_with_its_reference(draft: CrossImpactModel) -> None:
    found = sc.consistent_scenarios(draft)
    decisive = found.tables["decisive"]
    assert decisive["source"].str.starts_with("data:draft/").all()
    assert decisive["scenario"].n_unique() == 11
    texts = found.tables["narratives"]["text"].to_list()
    for number, text in zip(found.tables["narratives"]["scenario"], texts, strict=True):
        for source in decisive.filter(pl.col("scenario") == number)["source"]:
            assert source in text


def test_both_cells_of_a_net_impact_are_quoted() -> None:
    m = sc.from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 2, -1], [0, 0, 0, 1], [0] * 4, [0] * 4])
    decisive = sc.consistent_scenarios(m).tables["decisive"].row(0, named=True)
    assert (decisive["value"], decisive["other_value"], decisive["net"]) == (2, -1, 3)
    assert decisive["other_source"] == "data:model/A/a1 > B/b2"
    assert sc.narrative(m, [0, 0]).endswith(
        "because of A: a1 (+3, stated; data:model/A/a1 > B/b1, +2; and -1 on b2; data:model/A/a1 > B/b2)."
    )
    assert sc.narrative(m, [1, 1]).endswith("because of A: a2 (+1, stated; data:model/A/a2 > B/b2).")


def test_a_cell_is_decisive_alone_just_when_the_variant_falls_without_it(draft: CrossImpactModel) -> None:
    for x in search.solve(draft.whole, draft.variants).scenarios[:4]:
        for s in sc.support(draft, x):
            for c in s.carriers:
                row = draft.row(c.judgement.factor, c.judgement.variant)
                impact = draft.whole.copy()
                j = draft.place[s.descriptor]
                impact[row, draft.first[j] : draft.first[j + 1]] = 0
                block = impact[x + draft.first[:-1]].sum(axis=0)[draft.first[j] : draft.first[j + 1]]
                names = draft.descriptors[j].variants
                falls = block[names.index(c.rival)] > block[names.index(s.variant)]
                assert falls == c.alone


def test_no_impact_is_left_out_whose_loss_lets_any_rival_ahead() -> None:
    seen = 0
    for seed in range(40):
        m = as_model(random_matrix(seed))
        for x in search.solve(m.whole, m.variants).scenarios[:3]:
            for s in sc.support(m, x):
                j = m.place[s.descriptor]
                block = slice(m.first[j], m.first[j + 1])
                fatal = set()
                for i, row in enumerate(x + m.first[:-1]):
                    without = m.whole[x + m.first[:-1], block].sum(axis=0) - m.whole[row, block]
                    if without.max() > without[x[j]]:
                        fatal.add(m.ids[i])
                assert fatal == {c.judgement.factor for c in s.carriers if c.alone}
                seen += len(fatal)
    assert seen > 50


def test_scenarios_have_one_number_in_every_table(draft: CrossImpactModel) -> None:
    found = sc.consistent_scenarios(draft)
    rows = [" | ".join(row) for row in found.table.select(draft.ids).rows()]
    told = found.tables["narratives"]
    assert told["variants"].to_list() == [rows[number - 1] for number in told["scenario"]]
    decisive = found.tables["decisive"]
    for number, descriptor, variant in decisive.select("scenario", "descriptor", "variant").iter_rows():
        assert found.table[descriptor][number - 1] == variant


def test_what_carries_is_solving_again_without_it(draft: CrossImpactModel) -> None:
    outcome = {"TIES": "distancing", "STANCE": "sympathy without alignment"}
    found = sc.what_carries(draft, outcome, units=["block"])
    for row in found.table.head(6).iter_rows(named=True):
        factor, on = row["name"].split(" > ")
        cut = sc.consistent_scenarios(sc.without_block(draft, factor, on)).table
        assert cut.height == row["scenarios"]
    moving = found.table.filter(pl.col("moves"))["name"].to_list()
    assert moving == ["GIVEN > STANCE", "GIVEN > IRPOL"] or set(moving) == {"GIVEN > STANCE", "GIVEN > IRPOL"}


def test_a_sentence_may_carry_several_cells() -> None:
    two = [
        Descriptor("A", ("a",)),
        Descriptor("B", ("b1", "b2")),
        Descriptor("C", ("c1", "c2")),
        Descriptor("D", ("d1", "d2")),
    ]
    one, other, union = "doc:D0@1-9", "doc:D0@20-29", "doc:D0@15-30"
    model = build(two, [
        Judgement("A", "a", "B", "b1", 2, source=f"{one}; judged:X-2026-11-21: note"), Judgement("A", "a", "C", "c1", 2, source=one),
        Judgement("A", "a", "D", "d1", 2, source=f"doc:D0@15-30; {other}; doc:D1@1-5"),
    ])  # fmt: skip
    found = sc.what_carries(model, units=["sentence"])
    by_name = {r["name"]: r for r in found.table.iter_rows(named=True)}
    assert by_name[one]["judgements"] == 2
    assert by_name[union]["judgements"] == 0
    assert not by_name[union]["moves"]
    assert other not in by_name
    assert by_name[one]["changed"] == [
        f"{d}: {a}, now in some"
        for d, a in (("B = b1", "in all"), ("B = b2", "in none"), ("C = c1", "in all"), ("C = c2", "in none"))
    ]
    assert found.answer.startswith("The conclusion rests on 1 sentence")


def test_unknown_names_are_listed_together_with_the_nearest(land: CrossImpactModel) -> None:
    with pytest.raises(InputError) as caught:
        sc.consistent_scenarios(land, given={"Goverment": "x", "Economy": "Dynamik"}, do={"Nothing": "y"})
    assert [p.nearest for p in caught.value.problems] == ["Government", "Dynamic", None]
    with pytest.raises(InputError, match="either, not both"):
        sc.consistent_scenarios(land, given={"Economy": "Dynamic"}, do={"Economy": "Dynamic"})
    with pytest.raises(InputError):
        sc.consistent_scenarios(land, tolerance=-1)
    with pytest.raises(InputError):
        sc.scenario_robustness(land, draws=0)
    with pytest.raises(InputError):
        sc.succession(land, {"Economy": "Dynamic"})
    with pytest.raises(InputError):
        sc.basins(land, rule="gobal")


def test_contradictory_constraints_leave_nothing_and_say_so(land: CrossImpactModel) -> None:
    shut = land
    for variant in land.descriptors[0].variants:
        shut = sc.forbidding(shut, {"Government": variant})
    found = sc.consistent_scenarios(shut)
    assert found.table.height == 0
    assert found.complete
    assert "No combination" in found.answer
    assert sc.count_scenarios(shut).table["count"][0] == 0


def test_implications_are_kept(land: CrossImpactModel) -> None:
    bound = sc.implying(land, {"Economy": "Dynamic"}, {"Government": ["Patriots party", "Social party"]})
    table = sc.consistent_scenarios(bound).table
    assert table.height == 10 - 2
    assert table.filter((pl.col("Economy") == "Dynamic") & (pl.col("Government") == "Prosperity party")).height == 0


def test_a_limited_answer_says_so() -> None:
    free = sc.from_matrix([["a", "b"]] * 8, np.zeros((16, 16)))
    found = sc.consistent_scenarios(free, limit=10)
    assert not found.complete
    assert found.answer.startswith("At least 10")
    assert found.caveats[0].startswith("Limited")


def test_standardising_changes_no_scenario_but_the_scores() -> None:
    for seed in range(20):
        m = as_model(random_matrix(seed))
        s = sc.standardised(m)
        blocks = np.add.reduceat(s.impact, s.first[:-1], axis=1)
        assert np.allclose(blocks, 0)
        assert sc.consistent_scenarios(m).table.select(m.ids).equals(sc.consistent_scenarios(s).table.select(m.ids))


def test_weights_multiply_what_a_factor_does(land: CrossImpactModel) -> None:
    heavy = sc.weighted(land, {"Economy": 3})
    rows = slice(land.first[2], land.first[3])
    assert np.array_equal(heavy.impact[rows], 3 * land.impact[rows])
    others = np.delete(np.arange(17), np.arange(17)[rows])
    assert np.array_equal(heavy.impact[others], land.impact[others])


def small_case(*holders: str) -> Case:
    factors = [
        Factor(id="WAR", name="the war", variants=("short", "long"), source=SOURCE, present="long"),
        Factor(id="TIES", name="the tie", variants=("hold", "break"), source=SOURCE),
    ]
    impacts = [
        Impact(
            id=f"{h}{k}",
            factor="WAR",
            variant=v,
            on="TIES",
            on_variant=w,
            value=Estimate.parse(x),
            source=SOURCE,
            holder=h,
        )
        for h in holders
        for k, (v, w, x) in enumerate([("short", "hold", "2" if h == "one" else "-1"), ("long", "break", "0..2")])
    ]
    return build_case(About("small", "Small", "What if?", "WAR"), [*factors, *impacts])


def test_a_case_becomes_a_model() -> None:
    model = sc.cross_impact(small_case("one"))
    assert model.judged.sum() == 4
    assert [(j.value, j.low, j.high) for j in model.judgements[:2]] == [(2.0, None, None), (1.0, 0.0, 2.0)]
    assert "judged 0" in model.judgements[2].note
    found = sc.consistent_scenarios(small_case("one"))
    assert found.table.select("WAR", "TIES").rows() == [("short", "hold"), ("long", "break")]
    trace = found.explain(column="_total_impact", WAR="short", TIES="hold")
    assert [leaf.count for leaf in trace.leaves] == [2, 2]


def test_two_coders_stand_side_by_side() -> None:
    case = small_case("one", "two")
    assert sc.cross_impact(case).holders == ("one", "two")
    assert sc.cross_impact(case, holder="two").impact.min() == -1
    with pytest.raises(InputError):
        sc.cross_impact(case, holder="three")
    found = sc.compare_coders(case)
    assert found.table["apart"][0] == 3
    assert {"one", "two", "pooled"} <= set(found.tables["futures"].columns)
    pool = sc.pooled([sc.cross_impact(case, holder=h) for h in ("one", "two")])
    cell = pool.by_cell[pool.row("WAR", "short"), pool.row("TIES", "hold")]
    assert (cell.value, cell.low, cell.high) == (0.5, -1, 2)


def test_alpha_is_that_of_another_implementation() -> None:
    other = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(1)
    for _ in range(20):
        ratings = rng.integers(-3, 4, (3, 30)).astype(float)
        ratings[rng.random((3, 30)) < 0.2] = np.nan
        assert sc.krippendorff(ratings) == pytest.approx(
            other.alpha(ratings, level_of_measurement="interval"), abs=1e-12
        )


def test_an_empty_case_is_refused() -> None:
    with pytest.raises(InputError):
        sc.cross_impact(build_case(About("x", "X", "?", "A"), []))


def test_a_leaf_left_out_is_a_judgement_of_0(land: CrossImpactModel) -> None:
    record = land.judgements[0].record
    assert land.without("impacts", record).impact[land.cells[0][0], land.cells[1][0]] == 0
    with pytest.raises(KeyError):
        land.without("impacts", "nothing")
    assert len(land.without("factors", "Economy").ids) == 5


def test_problems_of_a_model_come_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        build(
            [Descriptor("A", ("x", "x"), present="z"), Descriptor("A", ())],
            [
                Judgement("A", "x", "B", "y", 1),
                Judgement("A", "q", "A", "x", float("nan")),
                Judgement("A", "x", "A", "x", 1, 2, 3),
            ],
        )
    assert len(caught.value.problems) >= 6
