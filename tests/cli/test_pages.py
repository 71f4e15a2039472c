"""The verbs that write a page on members or roll calls: where they write, what they say under --json, and their errors."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from realpolitik.cli.app import app
from realpolitik.methods.alignment.roll_calls.made import made_votes
from realpolitik.terms import InputError

CASE = "iran-ukraine-2022"


def said(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("member", CASE, "IRN"), "members/IRN"),
        (("pair", CASE, "IRN,SYR", "africa"), "pairs/IRN-SYR-africa"),
        (("resolution", CASE, "A/RES/68/262"), "resolutions/A-RES-68-262"),
        (("forecast", CASE, "--known", "USA=yes"), "forecasts/A-RES-ES-11-1"),
        (("forecast", CASE, "--title", "Status of Jerusalem", "--date", "2023-12-01"), "forecasts/Status-of-Jerusalem"),
    ],
)
def test_a_page_is_written_where_the_brief_would_put_it(arguments, place, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = said(*arguments, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [Path(path) for path in told["written"]] == [
        Path("out") / CASE / place / name for name in ("index.html", "brief.json")
    ]
    assert all(Path(path).is_file() for path in told["written"])
    assert told["grades"]
    assert told["answers"].keys() == told["grades"].keys()


def test_a_whole_record_can_take_the_place_of_the_cases_own(tmp_path) -> None:
    record = made_votes()
    votes = record.frame("recorded_votes").select("roll_call", pl.col("state", "vote").cast(pl.String))
    votes.with_columns(pl.col("roll_call").cast(pl.String)).write_csv(tmp_path / "votes.csv")
    record.calls.select("id", "body", "date", "title").write_csv(tmp_path / "calls.csv")
    given = ["--votes", str(tmp_path / "votes.csv"), "--roll-calls", str(tmp_path / "calls.csv")]
    done = said("member", CASE, "AAA", "--as-of", "", *given, "--out", str(tmp_path / "out"), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["title"] == "AAA"
    alone = said("member", CASE, "AAA", *given[:2])
    assert alone.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("member", CASE, "Iran"), "IRN"),
        (("pair", CASE, "IRN", "USS"), "USA"),
        (("resolution", CASE, "A/RES/68/263"), "A/RES/68/262"),
        (("forecast", CASE, "A/RES/ES-11/1", "--known", "USA=yse"), "yes"),
        (("forecast", "india-ukraine-2022", "nothing"), "a roll call in the data"),
    ],
)
def test_what_is_wrong_is_said_with_the_nearest(arguments, hint: str) -> None:
    done = said(*arguments)
    assert isinstance(done.exception, InputError)
    assert hint in str(done.exception)


def test_a_wrong_use_is_told_from_wrong_input() -> None:
    assert said("forecast", CASE, "A/RES/ES-11/1", "--title", "x").exit_code == 2
    assert said("forecast", CASE, "--known", "USA").exit_code == 2
