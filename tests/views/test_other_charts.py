"""Tile maps, orders, tableaus, settlements and spreads draw what the findings' tables hold."""

from __future__ import annotations

import json

import polars as pl
import pytest

import realpolitik as rp
from realpolitik.methods.alignment.roll_calls.made import made_votes
from realpolitik.methods.bargaining import read_bargaining
from realpolitik.methods.stability import parse_conflict, stability
from realpolitik.studies.record import roll_call
from realpolitik.terms import InputError
from realpolitik.views.tiles import tiles

PRISONERS = """
decision_makers:
  A: {options: [cooperate]}
  B: {options: [cooperate]}
preferences:
  A: {ranking: [NY, YY, NN, YN]}
  B: {ranking: [YN, YY, NN, NY]}
"""


@pytest.fixture(scope="module")
def record() -> rp.RollCalls:
    return rp.read_case("iran-ukraine-2022").evidence.votes


def test_a_tile_map_has_a_stripe_for_every_vote_of_every_member(record):
    found = [roll_call(record, resolution=f"A/RES/ES-11/{k}") for k in (1, 2)]
    stripes = found[0].plot(beside=found[1:])["data"]["values"]
    for one in found:
        drawn = {r["state"]: r["vote"] for r in stripes if r["resolution"] == one.parameters["resolution"]}
        assert drawn == dict(one.table.select("state", "vote").iter_rows())
    assert len(stripes) == 2 * len(tiles())


def test_stripes_stay_inside_their_tiles_and_apart(record):
    found = [roll_call(record, resolution=f"A/RES/ES-11/{k}") for k in (1, 2)]
    spans = {}
    for r in found[0].plot(beside=found[1:])["data"]["values"]:
        spans.setdefault(r["state"], []).append((r["x"], r["x2"]))
    assert all(a[1] <= b[0] for a, b in (sorted(both) for both in spans.values()))
    assert all(int(a) == int(b) for both in spans.values() for a, b in both)


@pytest.fixture(scope="module")
def forecast() -> tuple[rp.Finding, rp.Finding]:
    votes = made_votes()
    return rp.forecast_roll_call(votes, resolution="A/RES/12/3"), roll_call(votes, resolution="A/RES/12/3")


def test_members_are_ordered_by_the_share_of_yes_among_votes(forecast):
    finding, acts = forecast
    rows = finding.plot(view="order", acts=acts)["data"]["values"]
    yes = {r["x"]: r["y2"] - r["y"] for r in rows if r["vote"] == "yes" and r["y"] >= 0}
    assert [yes[k] for k in sorted(yes)] == sorted(yes.values(), reverse=True)
    table = {r["state"]: r for r in finding.table.iter_rows(named=True)}
    for r in rows:
        if r["y"] >= 0:
            own = table[r["state"]]
            share = own[r["vote"]] / (own["yes"] + own["abstain"] + own["no"])
            assert r["y2"] - r["y"] == pytest.approx(share, abs=2e-4)
    assert {r["state"]: r["vote"] for r in rows if r["y"] < 0} == dict(acts.table.select("state", "vote").iter_rows())


def test_a_name_that_is_no_member_and_an_unknown_view_are_errors(forecast):
    finding, acts = forecast
    with pytest.raises(InputError, match="ZZZ"):
        finding.plot(view="order", acts=acts, states=["ZZZ"])
    with pytest.raises(InputError, match="view"):
        finding.plot(view="circle")


def test_a_tableau_marks_options_equilibria_and_who_would_leave():
    finding = stability(parse_conflict(PRISONERS), concepts=("nash", "seq"))
    marks = finding.plot()["data"]["values"]
    assert sum(m["kind"] == "taken" for m in marks) == 4
    assert sum(m["kind"] == "holds" for m in marks) == sum(finding.table["nash"]) + sum(finding.table["seq"])
    left = [m["said"] for m in marks if m["kind"] == "left"]
    told = finding.tables["by_decision_maker"].filter(~pl.col("stable"))
    assert sum(len(said.split()) for said in left) == told.height


def test_actors_are_as_high_as_their_weight_and_models_as_in_the_table():
    given = read_bargaining(
        pl.DataFrame(
            {"issue": "tax", "actor": ["A", "B", "C"], "position": [0, 40, 40], "salience": [0.5, 1.0, 0.5], "power": 1}
        )
    )
    finding = rp.bargain(given, models=("compromise", "median"))
    actors, models = finding.plot(outcome=30.0)["vconcat"]
    heights = {r["actor"]: r["share"] - r["foot"] for r in actors["data"]["values"]}
    assert heights == pytest.approx({"A": 0.25, "B": 0.5, "C": 0.25})
    assert [r["mean"] for r in models["data"]["values"]] == finding.table["mean"].to_list()


def test_a_spread_counts_every_pair_once_and_says_the_median(record):
    found = rp.similarity(record, measure="agreement", by="year", interval="none")
    spec = found.plot(view="distribution", period=2022)
    rows = spec["data"]["values"]
    values = found.table.filter(pl.col("period") == 2022)["value"].drop_nulls()
    assert sum(r["share"] for r in rows if r["share"] is not None) == pytest.approx(1, abs=1e-3)
    assert next(r["median"] for r in rows if "median" in r) == pytest.approx(values.median(), abs=1e-4)


def test_published_values_are_dots_of_the_lines_colour(record):
    found = rp.similarity(record, measure="lijphart", by="year", states=["USA", "ISR", "IRN"])
    other = pl.DataFrame({"a": ["USA"], "b": ["ISR"], "period": [2019], "value": [0.96]})
    rows = found.plot(pairs=[("USA", "ISR"), ("USA", "IRN")], published=other, labels={"ISR": "Israel"})["data"][
        "values"
    ]
    dots = [r for r in rows if r["drawn"] == "dots"]
    assert [(r["like"], r["at"], r["value"]) for r in dots] == [("Israel", 2019, 0.96)]


def test_all_are_json(record, forecast):
    for spec in (
        roll_call(record, resolution="A/RES/ES-11/1").plot(),
        forecast[0].plot(view="order"),
        forecast[0].plot(),
    ):
        assert json.loads(json.dumps(spec, allow_nan=False))
