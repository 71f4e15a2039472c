"""The public function: columns, absences, degenerate pairs, errors, and the record of session 74."""

import json
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import realpolitik as rp
from realpolitik.methods.alignment.similarity import MEASURES, similarity, similarity_matrix

GOLDEN = json.loads((Path(__file__).parents[3] / "golden" / "alignment_similarity.json").read_text())


def record(ballots, sessions=None):
    calls = len(next(iter(ballots.values())))
    years = sessions or [2020] * calls
    frame = pl.DataFrame(
        {"id": [f"R{k}" for k in range(calls)], "date": [f"{y}-12-{k + 1:02d}" for k, y in enumerate(years)]}
    )
    words = {"y": "yes", "a": "abstain", "n": "no", "x": "absent"}
    rows = [(f"R{k}", s, words[v]) for s, vs in ballots.items() for k, v in enumerate(vs) if v in words]
    return rp.read_votes(pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row"), roll_calls=frame)


@pytest.fixture(scope="module")
def assembly(shared_data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rp.read_votes(
            shared_data / "votes" / "votes.parquet", roll_calls=shared_data / "votes" / "rollcalls.parquet"
        )


def test_columns_and_periods():
    votes = record({"A": "yyan", "B": "yaan", "C": "nnya"}, [2019, 2019, 2020, 2020])
    found = similarity(votes, measure="agreement", by="year")
    assert found.table.columns == ["a", "b", "period", "value", "n", "low", "high"]
    assert found.table.height == 6
    assert found.row(a="A", b="B", period=2019)["value"] == 0.5
    assert similarity(votes, measure="agreement", by="window", window=2).row(a="A", b="B", period="2019-2020")["n"] == 4
    assert similarity(votes, measure="agreement", by="all").row(a="A", b="B", period="all")["value"] == 0.75


def test_absences_are_dropped_or_counted_by_name():
    votes = record({"A": "yyxx", "B": "ynax"})
    assert similarity(votes, measure="agreement").table.row(0)[3:5] == (0.5, 2.0)
    assert similarity(votes, measure="agreement", absences="as_abstention").table.row(0)[3:5] == (0.75, 4.0)
    assert similarity(votes, measure="agreement", absences="as_category").table.row(0)[3:5] == (0.5, 4.0)
    with pytest.raises(rp.InputError, match="no place for absence"):
        similarity(votes, measure="s_score", absences="as_category")


def test_undefined_values_are_null_and_counted_with_the_reason():
    found = similarity(record({"A": "yyy", "B": "yyy", "C": "xxx"}), measure="kappa")
    assert found.table["value"].to_list() == [None, None, None]
    assert dict(found.tables["undefined"].select("reason", "pairs").iter_rows())["no roll call in common"] == 2


def test_interval_contains_the_value_and_repeats_with_the_seed():
    votes = record({"A": "yyannyyany", "B": "yaanyyynny"})
    one, two = (similarity(votes, measure="s_score", seed=5) for _ in range(2))
    assert one.digest == two.digest
    row = one.table.row(0, named=True)
    assert row["low"] < row["value"] < row["high"]


def test_weights_count_roll_calls_more_or_less():
    votes = record({"A": "yn", "B": "yy"})
    assert similarity(votes, measure="agreement", weights=[3, 1]).table.row(0)[3:5] == (0.75, 4.0)


def test_every_problem_is_listed_at_once():
    with pytest.raises(rp.InputError) as error:
        similarity(record({"A": "y", "B": "n"}), measure="kapa", by="decade", states=["A", "Z"])
    assert [p.field for p in error.value.problems] == ["measure", "by", "states"]
    assert error.value.problems[0].nearest == "kappa"


@pytest.mark.parametrize("interval", ["jackknife", "bootstrap"])
def test_few_roll_calls_give_a_value_and_no_false_certainty(interval):
    found = similarity(record({"A": "yyyy", "B": "yyyy", "C": "xxxx"}), measure="agreement", interval=interval)
    assert found.row(a="A", b="B", period=75)["value"] == 1.0
    assert found.table.select("low", "high").null_count().row(0) == (3, 3)
    assert found.tables["undefined"].drop("period").sort("pairs").rows() == [
        ("interval", "fewer than 5 roll calls in common", 1),
        ("value", "no roll call in common", 2),
    ]
    ten = similarity(record({"A": "y" * 10, "B": "y" * 10}), measure="agreement", interval=interval).table.row(0)
    assert (ten[3], ten[6]) == (1.0, 1.0)
    assert 0.5 < ten[5] < 0.86


def test_intervals_stay_in_the_range_of_the_measure_and_exist_where_the_value_does():
    votes = record({"A": "nnyynnnny", "B": "yynnnyyyn"})
    for measure in ("agreement", "lijphart"):
        row = similarity(votes, measure=measure).table.row(0, named=True)
        assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
    one = similarity(record({"A": "yyyyyyyyya", "B": "yyyyyyyyya"}), measure="kappa").table.row(0, named=True)
    assert one["value"] == one["high"] == 1.0
    assert one["low"] < 0.8


def test_a_pair_has_one_interval_whatever_stands_beside_it():
    votes = record({name: "".join(np.random.default_rng(k).choice(list("yan"), 12)) for k, name in enumerate("ABCDEF")})
    alone = similarity(votes, states=["A", "B"]).table.row(0)
    assert similarity(votes).table.row(0) == alone


def test_contested_leaves_out_what_most_agreed_on():
    votes = record({"A": "yyyy", "B": "yyyn", "C": "yyan", "D": "yyyn", "E": "yyyx"})
    kept = {
        c: similarity(votes, measure="agreement", contested=c, states=["A", "B"]).table["n"][0] for c in (None, 0, 0.25)
    }
    assert kept == {None: 4.0, 0: 2.0, 0.25: 1.0}
    found = similarity(votes, measure="agreement", contested=0, states=["A", "B"])
    assert "not unanimous" in " ".join(found.caveats)
    assert [leaf.count for leaf in found.explain(column="value", a="A", b="B", period=75).leaves] == [8, 20]
    with pytest.raises(rp.InputError, match="roll calls of GA"):
        similarity(record({"A": "yy", "B": "yy"}), contested=0)


def test_a_distance_of_ones_own():
    votes = record({"A": "yyanyyan", "B": "yanynyyn"})
    linear = [[0, 1, 2], [1, 0, 1], [2, 1, 0]]
    one, two = (similarity(votes, measure=m, distance=d).table for m, d in (("s_abs", None), ("s_abs", linear)))
    assert one.equals(two)
    assert similarity(votes, measure="s_sq").table.equals(similarity(votes, measure="s_squared").table)
    weighted = similarity(votes, measure="kappa_linear").table["value"][0]
    assert similarity(votes, measure="kappa", distance=linear).table["value"][0] == pytest.approx(weighted)
    gap = (1 - one["value"][0]) / 2  # mean distance, 1 at most
    assert similarity(votes, measure="s_score", distance=linear, dmax=3).table["value"][0] == pytest.approx(
        1 - 4 / 3 * gap
    )
    four = [[abs(i - j) for i in range(4)] for j in range(4)]
    absent = similarity(record({"A": "yx", "B": "yy"}), measure="s_score", distance=four, absences="as_category")
    assert absent.table["value"][0] == 0.0
    for wrong in ([[0, 1], [1, 0]], [[0, 1, 2], [1, 0], [2]], [[0, 1, 2], [2, 0, 1], [1, 2, 0]], np.zeros((3, 3)), 3):
        with pytest.raises(rp.InputError, match="3 by 3 symmetric"):
            similarity(votes, measure="kappa", distance=wrong)
    with pytest.raises(rp.InputError, match="at least the largest distance, 2"):
        similarity(votes, measure="kappa", distance=linear, dmax=1)
    with pytest.raises(rp.InputError, match="a measure of: s_score, kappa, pi"):
        similarity(votes, measure="tau_b", distance=linear)


def test_weights_have_intervals_and_a_roll_call_of_weight_0_is_left_out():
    votes = record({"A": "yynnyyayyn", "B": "yynyyynyyn"})
    plain = similarity(votes, measure="agreement", weights=[1] * 10).table
    assert plain.equals(similarity(votes, measure="agreement").table)
    five = similarity(votes, measure="agreement", weights=[5] * 10).table
    assert_frame_equal(plain, five.with_columns(pl.col("n") / 5))
    topic = similarity(votes, measure="agreement", weights=[1] * 6 + [0] * 4).table.row(0, named=True)
    first = similarity(record({"A": "yynnyy", "B": "yynyyy"}), measure="agreement").table.row(0, named=True)
    assert topic == first


def test_every_setting_is_checked_at_once():
    votes = record({"A": "yy", "B": "yn"})
    with pytest.raises(rp.InputError) as error:
        similarity(
            votes, measure=None, by=3, states=iter(["A"]), window=0, level=2, draws=20.5, weights=[1, -1], contested=1, dmax=2,
            interval="jacknife", body="EP",
        )  # fmt: skip
    fields = [p.field for p in error.value.problems]
    assert fields == [
        "measure",
        "interval",
        "by",
        "window",
        "states",
        "level",
        "draws",
        "contested",
        "dmax",
        "body",
        "weights",
    ]
    with pytest.raises(rp.InputError, match="not a number"):
        similarity(votes, weights=[1, float("nan")])
    for states in ("AB", ["A"], []):
        with pytest.raises(rp.InputError, match="two states"):
            similarity(votes, states=states)
    assert similarity(votes, states=iter(["A", "B"])).table.height == 1
    with pytest.raises(rp.InputError, match="as read_votes returns them"):
        similarity([1, 2])
    with pytest.raises(rp.InputError, match="with recorded votes"):
        similarity(votes.only([]))


def test_undated_roll_calls_count_in_all_only():
    rows = [(c, s, "yes") for c in "ab" for s in "XY"]
    ballots = pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row")
    half = rp.read_votes(ballots, roll_calls=pl.DataFrame({"id": ["a", "b"], "date": ["2020-12-01", None]}))
    for by, period in (("session", 75), ("year", 2020), ("window", "2020-2020")):
        found = similarity(half, measure="agreement", by=by)
        assert found.table.row(0)[:5] == ("X", "Y", period, 1.0, 1.0)
        assert "1 roll calls without a date are left out." in found.caveats
    assert similarity(half, measure="agreement", by="all").table["n"][0] == 2
    with pytest.raises(rp.InputError, match="and a date"):
        similarity(rp.read_votes(ballots), by="year")


def test_a_window_starts_with_the_record_and_traces_read_the_period_only():
    votes = record({"A": "yyan", "B": "yaan", "C": "nnya"}, [2017, 2018, 2019, 2020])
    counts = {}
    for by, period in (("year", 2018), ("window", "2017-2018"), ("window", "2018-2020"), ("all", "all")):
        found = similarity(votes, measure="agreement", by=by, window=3)
        row = found.row(a="A", b="B", period=period)
        trace = found.explain(column="value", a="A", b="B", period=period)
        assert len(trace.resolve(votes)[0]) == trace.leaves[0].count == 2 * row["n"]
        counts[period] = row["n"]
    assert counts == {2018: 1, "2017-2018": 2, "2018-2020": 3, "all": 4}


def test_a_square_matrix_for_networks():
    votes = record({"C": "yyan", "A": "yaan", "B": "nnyx"})
    found = similarity(votes, measure="agreement")
    square = similarity_matrix(found, diagonal=1.0)
    assert square.columns == ["state", "A", "B", "C"]
    assert square["state"].to_list() == ["A", "B", "C"]
    numbers = square.drop("state").to_numpy()
    np.testing.assert_array_equal(numbers, numbers.T)
    assert numbers[0, 2] == found.row(a="A", b="C", period=75)["value"] == 0.75
    assert similarity_matrix(found, column="n")["A"].to_list() == [None, 3.0, 4.0]
    years = similarity(record({"A": "yy", "B": "yn"}, [2019, 2020]), by="year", measure="agreement")
    assert similarity_matrix(years, period=2020)["B"].to_list() == [0.0, None]
    with pytest.raises(rp.InputError, match="one of the periods, 2019 to 2020"):
        similarity_matrix(years)
    with pytest.raises(rp.InputError, match="one of value, n, low, high"):
        similarity_matrix(found, column="values")
    for thing in ([("R1", "A", "yes")], None, pl.DataFrame({"a": ["A"]})):
        with pytest.raises(rp.InputError, match="a finding of similarity"):
            similarity_matrix(thing)


@pytest.mark.parametrize("measure", ["agreement", "s_score", "s_squared", "kappa", "pi", "kappa_quadratic"])
def test_session_74_of_the_assembly(assembly, measure):
    states = sorted({r[k] for r in GOLDEN["session_74"] for k in "ab"})
    found = similarity(assembly, measure=measure, states=states, interval="none")
    for expected in GOLDEN["session_74"]:
        row = found.row(a=expected["a"], b=expected["b"], period=74)
        assert row["n"] == expected["n"]
        assert row["value"] == pytest.approx(expected[measure], abs=5e-5)


def test_the_trace_counts_the_votes_behind_a_cell(assembly):
    found = similarity(assembly, states=["IRN", "RUS"], interval="none")
    trace = found.explain(column="value", a="IRN", b="RUS", period=74)
    assert trace.leaves[0].count == 188
    assert trace.leaves[0].where["session"] == 74


def test_every_pair_of_the_record_is_covered(assembly):
    found = similarity(assembly, measure="agreement", by="year", interval="none")
    votes = assembly.body("GA").recorded().frame("recorded_votes").with_columns(pl.col("date").dt.year().alias("year"))
    members = votes.group_by("year").agg(pl.col("state").n_unique().alias("n"))
    assert found.table.height == members.select((pl.col("n") * (pl.col("n") - 1) // 2).sum()).item()
    assert set(MEASURES) >= {"tau_b", "lijphart", "cosine"}
