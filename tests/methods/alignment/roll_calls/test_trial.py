"""The trial: same votes for every row, no look-ahead, the crisis panel by its rule."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import realpolitik as rp
from realpolitik.methods.alignment.roll_calls.made import STATES, made_votes
from realpolitik.methods.alignment.roll_calls.panel import announced_sets, grade_panel, grade_rules, panel_rows
from realpolitik.methods.alignment.roll_calls.resolution import record_of
from realpolitik.methods.alignment.roll_calls.rules import RULES
from realpolitik.methods.alignment.roll_calls.trial import FIRST_MOVERS, run_trial
from realpolitik.terms import InputError


@pytest.fixture(scope="module")
def votes() -> rp.RollCalls:
    return made_votes()


@pytest.fixture(scope="module")
def finding(votes: rp.RollCalls) -> rp.Finding:
    return rp.backtest_roll_calls(votes, first=11, last=12, known=["AAA", "LLL"])


def test_columns_and_rows(finding: rp.Finding) -> None:
    assert finding.table.columns == [
        "rule",
        "known",
        "subset",
        "n",
        "accuracy",
        "balanced",
        "log_loss",
        "brier",
        "ece",
        "low",
        "high",
    ]
    rows = finding.table.filter(pl.col("subset") == "all").select("rule", "known").rows()
    assert set(rows) == {("forecast", 0), ("forecast", 2), ("first_step", 0), *((rule, 0) for rule in RULES)}
    assert finding.table.group_by("subset").agg(pl.col("n").n_unique())["n"].to_list() == [1] * 5


def test_announced_members_are_not_scored(votes: rp.RollCalls, finding: rp.Finding) -> None:
    cast = votes.vote[(votes.session[votes.item] >= 11) & (votes.state != 0) & (votes.state != 11)]
    assert finding.table.filter(pl.col("subset") == "all")["n"][0] == (cast < 3).sum()


def test_the_reference_row_differs_from_itself_by_nothing(finding: rp.Finding) -> None:
    rows = finding.table.filter((pl.col("rule") == "last_vote_on_series") & (pl.col("n") > 0))
    assert rows.select(pl.col("low", "high").abs().sum()).row(0) == (0.0, 0.0)


def test_the_forecast_is_no_toy_on_the_made_record(finding: rp.Finding) -> None:
    rows = dict(
        finding.table.filter((pl.col("subset") == "all") & (pl.col("known") == 0)).select("rule", "log_loss").rows()
    )
    assert rows["forecast"] < min(rows[rule] for rule in RULES if rule != "last_votes_calibrated")
    assert rows["forecast"] < rows["last_votes_calibrated"] + 0.03


def test_later_sessions_do_not_change_earlier_forecasts(votes: rp.RollCalls) -> None:
    record = record_of(votes)
    late = record.sessions == 12
    other = replace(
        record,
        votes=np.where(late[:, None] & (record.votes >= 0), (record.votes + 1) % 4, record.votes).astype(np.int8),
    )
    a, b = (run_trial(r, 11, 12, ("AAA", "LLL")) for r in (record, other))
    early = ~late[a.roll_call]
    assert early.sum() > 100
    for key, p in a.forecasts.items():
        assert np.array_equal(p[early], b.forecasts[key][early]), key


def test_spans_and_members_that_are_not_there(votes: rp.RollCalls) -> None:
    with pytest.raises(InputError, match="sessions with roll calls"):
        rp.backtest_roll_calls(votes, first=40, last=41)
    with pytest.raises(InputError, match="XXX"):
        rp.backtest_roll_calls(votes, first=11, last=12, known=["XXX"])


@pytest.mark.parametrize("known", [-2, "AAA", ["AAA", "AAA"], list(STATES), 99])
def test_announced_members_that_cannot_be(votes: rp.RollCalls, known: object) -> None:
    with pytest.raises(InputError, match="known"):
        rp.backtest_roll_calls(votes, first=12, last=12, known=known)  # type: ignore[arg-type]


def test_an_empty_subset_is_null_and_not_a_number(votes: rp.RollCalls) -> None:
    found = rp.backtest_roll_calls(votes, first=12, last=12, known=0)
    assert found.table.filter(pl.col("n") == 0)["accuracy"].null_count() > 0
    assert not any(found.table[c].is_nan().any() for c in ("accuracy", "balanced", "log_loss", "brier", "ece", "low"))


def test_decisions_and_intervals_stand_beside_the_table(finding: rp.Finding) -> None:
    plain = finding.tables["decisions"].filter((pl.col("decision") == "most_probable") & (pl.col("subset") == "all"))
    table = finding.table.filter((pl.col("rule") == "forecast") & (pl.col("subset") == "all"))
    assert plain.select("accuracy", "balanced").rows() == table.select("accuracy", "balanced").rows()
    rows = finding.tables["intervals"].filter((pl.col("subset") == "all") & (pl.col("measure") == "log_loss"))
    assert {"last_vote_on_series"} <= set(rows["against"])
    for row in rows.iter_rows(named=True):
        assert row["low"] <= row["difference"] <= row["high"]
    everything = finding.table.filter(pl.col("subset") == "all").select("rule", "known", "log_loss")
    loss = {(rule, known): value for rule, known, value in everything.rows()}
    first = rows.row(0, named=True)
    assert first["difference"] == pytest.approx(loss["forecast", first["known"]] - loss[first["against"], 0])


def test_a_drawn_set_follows_its_seed(votes: rp.RollCalls) -> None:
    a, b = (rp.backtest_roll_calls(votes, first=12, last=12, known=3, drawn=True, seed=5) for _ in range(2))
    assert a.tables["announced"].equals(b.tables["announced"])
    assert a.digest == b.digest


def test_panel_roll_calls_are_forecast_from_the_days_before_and_scored_on_the_others(votes: rp.RollCalls) -> None:
    record = record_of(votes)
    rows = np.array([record.symbols.index(s) for s in ("A/RES/11/3", "A/RES/12/3", "A/RES/12/9")])
    sets = {"none": (), "two": ("AAA", "LLL")}
    graded = grade_panel(record, rows, sets)
    rules = grade_rules(record, rows, sets)
    for name, known in sets.items():
        assert [g.row for g in graded[name]] == rows.tolist()
        for ours, plain in zip(graded[name], rules[name], strict=True):
            cast = (record.votes[ours.row] < 3) & ~np.isin(record.states, known)
            assert ours.state.tolist() == np.where(cast)[0].tolist()
            assert len(ours.ours) == cast.sum()
            assert np.array_equal(ours.rules["last_vote_on_series"], plain.rules["last_vote_on_series"])
    own = np.concatenate([g.ours for g in graded["none"]]).mean()
    assert own < np.concatenate([g.rules["always_yes"] for g in graded["none"]]).mean()
    later = np.arange(len(record.votes)) > rows[1]
    other = replace(record, votes=np.where(later[:, None], (record.votes + 1) % 4, record.votes).astype(np.int8))
    again = grade_panel(other, rows[:2], sets)
    for name in sets:
        for a, b in zip(graded[name], again[name], strict=False):
            assert np.array_equal(a.ours, b.ours)


def test_the_panel_lists_the_crises_by_its_rule(shared_data: Path) -> None:
    folder = shared_data / "votes"
    record = record_of(rp.read_votes(folder / "votes.parquet", roll_calls=folder / "rollcalls.parquet"), 24)
    rows = panel_rows(record)
    symbols = {record.symbols[row] for row in rows}
    assert {"A/RES/ES-6/2", "A/RES/38/7", "A/RES/68/262", "A/RES/ES-11/1", "A/RES/ES-11/4"} <= symbols
    assert record.minority[rows].min() >= 0.1
    ten = announced_sets(record, rows)["ten others"]
    assert len(ten) == 10
    assert not set(ten) & set(FIRST_MOVERS)


def test_one_session_of_the_record_beats_the_last_vote(shared_data: Path) -> None:
    folder = shared_data / "votes"
    votes = rp.read_votes(folder / "votes.parquet", roll_calls=folder / "rollcalls.parquet")
    table = rp.backtest_roll_calls(votes, first=59, last=59, known=0).table.filter(pl.col("subset") == "all")
    rows = dict(table.select("rule", "log_loss").rows())
    assert rows["forecast"] < rows["last_vote_on_series"]
