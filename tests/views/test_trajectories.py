"""Lines over time: every value drawn, gaps kept open, names that do not overlap, and a clear error for what is not there."""

from __future__ import annotations

import json
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import realpolitik as rp
from realpolitik.terms import InputError
from realpolitik.views.trajectories import LINE_HEIGHT, Line, spread, trajectories

BALLOTS = {"USA": "nnynanny", "GBR": "naynnnay", "RUS": "yynyyyan", "CUB": "yynyayyy", "IND": "yyayayay"}
WORDS = {"y": "yes", "a": "abstain", "n": "no"}


@pytest.fixture(scope="module")
def votes() -> rp.RollCalls:
    calls = pl.DataFrame(
        {"id": [f"R{k}" for k in range(8)], "date": [f"20{10 + k // 2}-12-0{k % 2 + 1}" for k in range(8)]}
    )
    rows = [(f"R{k}", s, WORDS[v]) for s, vs in BALLOTS.items() for k, v in enumerate(vs)]
    return rp.read_votes(pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row"), roll_calls=calls)


def values(spec: dict) -> list[dict]:
    return spec["data"]["values"]


def test_positions_are_drawn_as_they_stand_in_the_table(votes):
    found = rp.ideal_points(votes, links="none")
    rows = values(found.plot(states=["USA", "CUB"], labels={"USA": "United States"}))
    table = {(r["state"], r["session"] + 1945): r for r in found.table.iter_rows(named=True)}
    assert len(rows) == 8
    for row in rows:
        own = table["USA" if row["series"] == "United States" else row["series"], row["at"]]
        assert (row["value"], row["low"], row["high"]) == pytest.approx((own["mean"], own["q05"], own["q95"]), abs=1e-4)


def test_without_names_the_outermost_states_are_drawn(votes):
    found = rp.ideal_points(votes, links="none")
    last = found.table.filter(pl.col("session") == pl.col("session").max()).sort("mean")["state"].to_list()
    assert {row["series"] for row in values(found.plot(most=2))} == {last[0], last[-1]}


def test_a_published_series_stands_dashed_beside_ours(votes):
    found = rp.ideal_points(votes, links="none")
    other = pl.DataFrame({"state": ["USA", "IND"], "session": [66, 66], "value": [1.5, 0.0]})
    rows = values(found.plot(states=["USA"], beside=other, beside_name="published"))
    dashed = [row for row in rows if row["drawn"] == "dashed"]
    assert [(r["series"], r["value"], r["like"], r["low"]) for r in dashed] == [("USA, published", 1.5, "USA", None)]


def test_measures_of_one_pair_share_a_chart(votes):
    kappa, share = (rp.similarity(votes, measure=m, states=["USA", "RUS"]) for m in ("kappa", "agreement"))
    spec = kappa.plot(beside=[share])
    assert {row["series"] for row in values(spec)} == {"kappa", "agreement"}
    drawn = {row["at"]: row["value"] for row in values(spec) if row["series"] == "agreement"}
    assert drawn == pytest.approx({1945 + p: v for p, v in share.table.select("period", "value").iter_rows()}, abs=1e-4)


def test_pairs_may_be_named_in_either_order_and_unknown_ones_are_named(votes):
    found = rp.similarity(votes, measure="agreement", by="year")
    assert values(found.plot(pairs=[("USA", "CUB")])) == values(found.plot(pairs=[("CUB", "USA")]))
    with pytest.raises(InputError, match="USA and XXX"):
        found.plot(pairs=[("USA", "XXX")])
    with pytest.raises(InputError, match="ZZZ"):
        rp.ideal_points(votes, links="none").plot(states=["ZZZ"])


def test_a_finding_over_all_periods_is_points_with_intervals(votes):
    found = rp.similarity(votes, measure="agreement", by="all")
    shown = values(found.plot())
    assert [row["value"] for row in shown] == sorted((row["value"] for row in shown), reverse=True)
    assert all(row["low"] <= row["value"] <= row["high"] for row in shown)


def test_a_gap_ends_a_run_and_a_missing_value_is_no_point():
    line = Line("A", ((1, 0.0, None, None), (2, None, None, None), (3, 1.0, None, None), (9, 2.0, None, None)))
    rows = values(trajectories([line], "gaps", across="year", up="value"))
    assert [(row["at"], row["run"]) for row in rows] == [(1, "A/0"), (3, "A/0"), (9, "A/1")]


def test_nothing_to_draw_is_an_error():
    with pytest.raises(InputError, match="at least one value"):
        trajectories([Line("A", ((1, None, None, None),))], "nothing", across="year", up="value")


@given(st.lists(st.floats(-50, 350), max_size=20))
def test_names_stand_apart_in_order_and_inside(wanted):
    places = spread(sorted(wanted), LINE_HEIGHT, 0, 340)
    assert len(places) == len(wanted)
    assert all(b - a >= LINE_HEIGHT - 1e-6 for a, b in pairwise(places))
    assert all(-1e-6 <= place <= 340 + 1e-6 for place in places)


def test_names_with_room_stay_where_their_lines_end():
    assert spread([10.0, 100.0, 200.0], 15, 0, 340) == [10.0, 100.0, 200.0]


def test_it_is_json(votes):
    assert json.loads(json.dumps(rp.ideal_points(votes, links="none").plot(notes={2011: "a note"}), allow_nan=False))


def test_notes_that_would_run_into_each_other_stand_one_above_the_other():
    line = Line("A", tuple((float(year), 0.5, None, None) for year in range(1946, 2023)))
    notes = {1985: "Gorbachev", 1991: "end of the USSR", 2014: "Crimea"}
    spec = trajectories([line], "notes", across="year", up="value", notes=notes)
    heights = {row["note"]: row["up"] for row in spec["layer"][-1]["data"]["values"]}
    assert heights["Gorbachev"] == heights["Crimea"] > heights["end of the USSR"]
