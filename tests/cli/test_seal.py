"""A made forecast from sealing to scoring, from the command line: sealed, checked, made again from a longer record, graded."""

import json
import shutil
from datetime import date, timedelta

import polars as pl
import pytest

from realpolitik.cli import main
from realpolitik.evidence import read_votes
from realpolitik.findings import grading, load_finding
from realpolitik.findings import ledger as book
from realpolitik.methods.alignment.roll_calls import RollCall
from realpolitik.methods.alignment.roll_calls.made import made_votes
from realpolitik.studies.sealing import announced, check_coming, remake
from realpolitik.terms import InputError

TODAY = date.today()
SYMBOL = "A/RES/99/1"
HELD = TODAY + timedelta(1)
DRAFT = "A/99/L.3"
TITLE = "Situation of human rights in Ruritania"


def write(folder, calls, votes):
    folder.mkdir(exist_ok=True)
    calls.write_parquet(folder / "calls.parquet")
    votes.write_parquet(folder / "votes.parquet")
    return folder


def tables():
    """The made record, moved so that its last session is the latest that has ended by now."""
    record = made_votes(sessions=8)
    years = TODAY.year - (TODAY.month < 11) - (1945 + 8)
    calls = record.frame("roll_calls").select("id", "body", pl.col("date").dt.offset_by(f"{years}y"), "title", "agenda")
    return calls, record.frame("recorded_votes").select(pl.col("roll_call", "state", "vote").cast(pl.String))


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return ended.value.code


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A ledger with one forecast, the record it was made from, and that record with the vote and a new member added."""
    base = tmp_path_factory.mktemp("sealing")
    calls, votes = tables()
    then = write(base / "then", calls, votes)
    code = run(
        "seal", "--votes", then / "votes.parquet", "--roll-calls", then / "calls.parquet", "--ledger", base / "ledger", "--title", TITLE,
        "--date", HELD, "--symbol", DRAFT, "--known", "AAA=no", "--sponsors", "LLL",
    )  # fmt: skip
    assert code == 0
    new = pl.DataFrame(
        {"id": [SYMBOL], "body": ["GA"], "date": [HELD], "title": [TITLE], "agenda": [""]},
        schema=calls.schema,
    )
    states = [*votes["state"].unique().sort().to_list(), "AAB"]
    cast = pl.DataFrame({"roll_call": SYMBOL, "state": states, "vote": ["no"] * 4 + ["yes"] * (len(states) - 4)})
    later = write(base / "later", pl.concat([calls, new]), pl.concat([votes, cast]))
    return base / "ledger", then, later


def test_the_sealed_forecast_is_made_again_from_a_record_that_goes_on(sealed, capsys):
    ledger, then, later = sealed
    assert run("verify", ledger) == 0
    for folder in (then, later):
        assert run("verify", ledger, "--votes", folder / "votes.parquet", "--roll-calls", folder / "calls.parquet") == 0
    assert f"1 record, nothing wrong; head {book.head(ledger)}" in capsys.readouterr().out


def test_a_head_that_the_ledger_does_not_hold_is_a_problem(sealed, capsys):
    assert run("verify", sealed[0], "--head", book.head(sealed[0])) == 0
    assert run("verify", sealed[0], "--head", "0" * 64) == 1
    assert "some were changed or taken out" in capsys.readouterr().out


def test_the_record_repeats_what_the_forecast_was_told(sealed):
    ((_, record),) = book.forecasts(sealed[0])
    assert record.known == {"AAA": "no", "LLL": "yes"}
    assert (record.resolution, record.title, record.date) == (DRAFT, TITLE, HELD.isoformat())
    assert record.as_of == str(tables()[0]["date"].max()) < record.sealed == TODAY.isoformat()


def test_an_edition_that_closes_the_gap_before_the_sealing_makes_the_same_forecast(sealed, tmp_path):
    ledger, then, _ = sealed
    calls, votes = pl.read_parquet(then / "calls.parquet"), pl.read_parquet(then / "votes.parquet")
    day = pl.lit(TODAY - timedelta(1))
    more = calls.tail(1).with_columns(id=pl.lit("A/RES/98/99"), date=day)
    cast = votes.filter(pl.col("roll_call") == calls["id"][-1]).with_columns(roll_call=pl.lit("A/RES/98/99"))
    other = write(tmp_path / "other", pl.concat([calls, more]), pl.concat([votes, cast]))
    assert remake(ledger, other / "votes.parquet", other / "calls.parquet") == []


def test_a_session_that_was_corrected_later_is_named(sealed, tmp_path):
    ledger, then, _ = sealed
    calls, votes = pl.read_parquet(then / "calls.parquet"), pl.read_parquet(then / "votes.parquet")
    first = (pl.col("roll_call") == calls.sort("date")["id"][0]) & (pl.col("state") == "CCC")
    corrected = votes.with_columns(
        pl.when(first).then(pl.col("vote").replace({"yes": "no", "no": "yes"})).otherwise("vote").alias("vote")
    )
    assert not corrected.equals(votes)
    other = write(tmp_path / "other", calls, corrected)
    session = read_votes(corrected, roll_calls=calls).session[0]
    problems = remake(ledger, other / "votes.parquet", other / "calls.parquet")
    assert f"other votes or roll calls than those sealed in session {session})" in str(problems[0])


def test_the_draft_comes_back_as_what_it_was(sealed):
    finding = load_finding(book.folders(sealed[0])[0] / "finding")
    assert finding.parameters["resolution"] == RollCall(TITLE, date=str(HELD), sponsors=["LLL"])
    assert grading.told(finding) == {"AAA", "LLL"}
    assert finding.stands_as == "forecast"


def test_another_record_is_noticed(sealed, tmp_path):
    ledger, then, _ = sealed
    votes = pl.read_parquet(then / "votes.parquet")
    other = write(
        tmp_path / "other",
        pl.read_parquet(then / "calls.parquet"),
        votes.with_columns(pl.col("vote").replace({"no": "yes"})),
    )
    problems = remake(ledger, other / "votes.parquet", other / "calls.parquet")
    assert "its input has changed: recorded_votes" in str(problems[0])


@pytest.fixture
def held(sealed, tmp_path):
    """The ledger on a later day, with what the draft became."""
    ledger = shutil.copytree(sealed[0], tmp_path / "held")
    book.resolve(ledger, 1, became=SYMBOL, day=HELD.isoformat(), source="A/99/PV.7", today=HELD)
    return ledger


def graded(ledger, folder, capsys):
    capsys.readouterr()
    assert (
        run("score", ledger, "--votes", folder / "votes.parquet", "--roll-calls", folder / "calls.parquet", "--json")
        == 0
    )
    return json.loads(capsys.readouterr().out)


def test_scores_leave_out_the_members_that_were_told(sealed, held, capsys):
    said = graded(held, sealed[2], capsys)
    assert {(row["n"], row["missing"]) for row in said["scores"]} == {(10, 1)}
    assert {"forecast", "always_yes"} <= {row["rule"] for row in said["scores"]}
    assert said["ranking"] is None
    assert said["ungraded"] == []
    assert said["head"] == book.head(held)
    assert {"AAA", "LLL"}.isdisjoint(row["state"] for row in said["misses"])


def test_a_forecast_without_an_outcome_is_listed_and_not_graded(sealed, capsys):
    said = graded(sealed[0], sealed[2], capsys)
    assert said["scores"] == []
    assert [(row["number"], row["why"]) for row in said["ungraded"]] == [(1, "the vote is to come")]


def test_score_says_the_worst_misses_first(sealed, held, capsys):
    capsys.readouterr()
    assert run("score", held, "--votes", sealed[2] / "votes.parquet", "--roll-calls", sealed[2] / "calls.parquet") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Worst misses: the votes to which a forecast gave least"
    assert SYMBOL in said[1]
    assert "Sealed and not graded: 0" in said


def test_outcomes_are_entered_from_the_command_line(sealed, tmp_path, capsys):
    ledger = shutil.copytree(sealed[0], tmp_path / "ledger")
    options = ("--day", TODAY, "--source", "A/99/PV.7")
    assert run("resolve", ledger, 2, "--became", "failed", *options) == 1
    assert run("resolve", ledger, 1, "--became", "failed", *options) == 0
    assert book.head(ledger) in capsys.readouterr().out
    assert book.resolved(ledger)[1].became == "failed"
    assert "the draft failed" in graded(ledger, sealed[2], capsys)["ungraded"][0]["why"]


def test_what_was_sealed_on_the_day_of_the_vote_is_not_scored(sealed, tmp_path):
    ledger = shutil.copytree(sealed[0], tmp_path / "ledger")
    cast = {SYMBOL: read_votes(sealed[2] / "votes.parquet", roll_calls=sealed[2] / "calls.parquet").votes_on(SYMBOL)}
    for day, scored in ((HELD, True), (TODAY, False), (date(2000, 1, 1), False)):
        book.resolve(ledger, 1, became=SYMBOL, day=day.isoformat(), source="A/99/PV.7", today=HELD)
        assert grading.score(ledger, cast, {SYMBOL: day.isoformat()}).is_empty() != scored


def test_a_damaged_ledger_is_neither_made_again_nor_scored(sealed, tmp_path, capsys):
    ledger = shutil.copytree(sealed[0], tmp_path / "ledger")
    (book.folders(ledger)[0] / "baseline-always-yes.csv").write_text("state\n")
    assert (
        run("verify", ledger, "--votes", sealed[2] / "votes.parquet", "--roll-calls", sealed[2] / "calls.parquet") == 1
    )
    assert (
        run("score", ledger, "--votes", sealed[2] / "votes.parquet", "--roll-calls", sealed[2] / "calls.parquet") == 1
    )


@pytest.mark.parametrize("day", ["2001-01-01", TODAY.isoformat(), "soon", ""])
def test_a_vote_that_may_have_been_held_is_no_forecast(day):
    with pytest.raises(InputError, match="a vote to come"):
        check_coming(day, TODAY)


def test_every_announced_vote_that_cannot_be_read_is_listed():
    with pytest.raises(InputError) as caught:
        announced(["USA=yes", "RUS", "IRN=abstains"])
    assert [p.value for p in caught.value.problems] == ["RUS", "IRN=abstains"]
