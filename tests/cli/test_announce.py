"""Announced votes entered one by one on the command line: the table at the end is the library's own."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest

import realpolitik as rp
from realpolitik.cli.app import main
from realpolitik.methods.alignment.roll_calls.made import made_votes


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return ended.value.code


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    folder, votes = tmp_path_factory.mktemp("record"), made_votes()
    votes.calls.select("id", "body", "date", "title").write_parquet(folder / "calls.parquet")
    cast = votes.frame("recorded_votes").select(pl.col("roll_call", "state", "vote").cast(pl.String))
    cast.write_parquet(folder / "votes.parquet")
    return ["--votes", folder / "votes.parquet", "--roll-calls", folder / "calls.parquet"]


def test_announced_votes_in_order(record, capsys):
    assert run("announce", *record, "--resolution", "A/RES/12/3", "LLL=yes", "AAA=yes", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert [step["announced"] for step in said["steps"]] == ["", "LLL=yes", "AAA=yes"]
    votes = rp.read_votes(record[1], roll_calls=record[3])
    known = {"LLL": "yes", "AAA": "yes"}
    whole = rp.forecast_roll_call(votes, resolution="A/RES/12/3", known=known, general=True, contributions=0)
    assert pl.DataFrame(said["table"]).equals(whole.table)


def test_announced_votes_from_standard_input(record, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("LLL=yes\n\n"))
    draft = ["--title", "Territorial integrity of Ruritania", "--date", "1958-10-01"]
    assert run("announce", *record, *draft) == 0
    out = capsys.readouterr().out
    assert "LLL=yes: " in out
    assert "turned: " in out


def test_what_cannot_be_announced(record, capsys):
    assert run("announce", *record, "LLL=yes") == 1
    assert run("announce", *record, "--resolution", "A/RES/12/3", "LLL=yess") == 1
    assert "did you mean 'yes'" in capsys.readouterr().err
