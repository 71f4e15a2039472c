"""The verbs on cases and evidence: what they print, what they write, and how they end."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from realpolitik.case import build, check_case, read_case
from realpolitik.case.case import About
from realpolitik.case.replication import export_case
from realpolitik.case.schema import schema
from realpolitik.case.tables import ActorKind, ActorRow
from realpolitik.cli import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_new_makes_a_case_that_runs_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("new", "strait", "--in", str(tmp_path)) == 0
    assert run("check", str(tmp_path / "strait")) == 0
    case = read_case(tmp_path / "strait")
    assert case.name == "strait"
    for table in ("options", "reasons", "positions", "precedents", "recognitions", "implications"):
        assert case.has(table), table
    capsys.readouterr()
    assert run("run", str(tmp_path / "strait"), "decision.weigh_reasons", "--json") == 0
    assert json.loads(capsys.readouterr().out)


def test_new_without_the_teaching_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--focal", "QAT", "--partner", "SAU", "--issue", "the blockade: 2017", "--in", str(tmp_path))
    assert run("new", "gulf", *given) == 0
    case = read_case(tmp_path / "gulf")
    assert [row.id for row in case.tables["actors"]] == ["QAT", "SAU"]
    assert [row.name for row in case.tables["issues"]] == ["the blockade: 2017"]
    assert not case.has("reasons")
    capsys.readouterr()
    assert run("methods", str(tmp_path / "gulf"), "--json") == 0
    runnable = {item["method"] for item in json.loads(capsys.readouterr().out) if item["runnable"]}
    assert "stability.stability" not in runnable
    assert not any(name.startswith(("alignment.", "decision.", "scenarios.")) for name in runnable)
    assert run("brief", str(tmp_path / "gulf"), "--out", str(tmp_path / "out")) == 0


@pytest.mark.parametrize("given", [("--focal", "QTA"), ("--focal", "a b"), ("--partner", "SAU")])
def test_new_refuses_what_is_no_state(tmp_path: Path, given: tuple[str, ...]) -> None:
    assert run("new", "gulf", *given, "--in", str(tmp_path)) != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "a/b", "", "with space", "india-ukraine-2022"])
def test_new_refuses_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    assert run("new", name, "--in", str(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []


def test_new_never_writes_over_anything(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", "utf-8")
    assert run("new", "mine", "--in", str(tmp_path)) == 1
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_export_tables(tmp_path: Path, form: str) -> None:
    assert run("export", "india-ukraine-2022", "--out", str(tmp_path), "--format", form) == 0
    read = pl.read_csv if form == "csv" else pl.read_parquet
    assert read(tmp_path / f"positions.{form}").height == len(read_case("india-ukraine-2022").tables["positions"])
    assert read(tmp_path / f"recorded_votes.{form}").height == 2_167


def test_exported_cells_run_in_no_spreadsheet(tmp_path: Path) -> None:
    actors = [
        ActorRow(id=f"a{n}", name=name, kind=ActorKind.STATE, source="judged:x-2026-01-02: y")
        for n, name in enumerate(("=1+1", "+x", "-x", "@x", "\tx"))
    ]
    export_case(build(About("c", "C", "Q", "a0"), actors), tmp_path)
    assert [name[0] for name in pl.read_csv(tmp_path / "actors.csv")["name"]] == ["'"] * 5


def test_a_replication_folder_repeats(tmp_path: Path) -> None:
    assert run("export", "india-ukraine-2022", "--out", str(tmp_path), "--format", "replication") == 0
    assert check_case(tmp_path / "case") == ()
    for line in (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert "## reasons.csv" in (tmp_path / "codebook.md").read_text("utf-8")
    assert {"repeat.py", "schema.json", "codebook.md"} <= {p.name for p in tmp_path.iterdir()}


def test_export_refuses_an_unknown_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "india-ukraine-2022", "--out", str(tmp_path), "--format", "parqet") == 1
    assert "did you mean 'parquet'" in capsys.readouterr().err


def test_schemas_fit_the_cases_that_are_shipped() -> None:
    import jsonschema
    import yaml

    found = schema()
    jsonschema.Draft202012Validator.check_schema(found["case.yaml"])
    for name in ("iran-ukraine-2022", "india-ukraine-2022"):
        case = read_case(name)
        loader = yaml.BaseLoader  # every scalar is text, as the case's reader takes it
        data = yaml.load((Path(case.folder) / "case.yaml").read_text("utf-8"), loader)
        for document in data.get("documents", {}).values():
            document["characters"] = int(document["characters"])
        jsonschema.validate(data, found["case.yaml"])
        for table, rows in case.tables.items():
            fields = {f["name"]: f for f in found[f"{table}.csv"]["fields"]}
            for row in rows[:50]:
                for field, what in fields.items():
                    allowed = what.get("constraints", {}).get("enum")
                    assert not allowed or str(getattr(row, field) or "") in ("", *allowed)


def test_schema_of_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema", "reasons.csv", "--json") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "reasons"
    assert run("schema", "reasons") == 0
    assert "decisive, contributing or unstated" in capsys.readouterr().out
    assert run("schema", "reason") == 1


def test_data_lists_terms_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("data", "--json") == 0
    for item in json.loads(capsys.readouterr().out):
        assert item["licence"]
        assert item["citation"]
        assert item["version"]
        assert item["present"] is False


def test_ingest(documents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("ingest", "iran-ukraine-2022", *map(str, sorted(documents.glob("*.txt"))), "--json") == 0
    assert [item["problems"] for item in json.loads(capsys.readouterr().out)] == [[], []]
    assert run("ingest", "iran-ukraine-2022", __file__) == 1


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m realpolitik schema --json | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "{"
    assert "Traceback" not in done.stderr
