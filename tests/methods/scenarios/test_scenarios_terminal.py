"""A cross-impact matrix on the command line: solved by name, refused with one line, stopped with one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realpolitik.cli import main
from realpolitik.methods import scenarios as sc


@pytest.fixture
def project(tmp_path: Path) -> str:
    rows = [[0, 0, 2, -2], [0, 0, -1, 1], [1, -1, 0, 0], [-1, 1, 0, 0]]
    model = sc.from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, rows, name="small.scw")
    return str(sc.write_cross_impact(model, tmp_path / "small.scw"))


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    return int(ended.value.code or 0)


def test_a_project_is_solved_by_name(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "consistent_scenarios", "--json") == 0
    assert json.loads(capsys.readouterr().out)["answer"] == "2 of 4 combinations hold together."
    assert run(project, "count_scenarios", "-s", "seconds=60") == 0
    assert "2 of 4 combinations" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("weigh_reasons",), "takes a case"),
        (("basins", "-s", "treads=2"), "did you mean 'threads'"),
        (("what_would_break",), "scenario: this method cannot run without it"),
        (("compare_coders",), "at least two"),
    ],
)
def test_what_cannot_be_run_on_a_project(
    project: str, arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, *arguments) == 1
    assert said in capsys.readouterr().err


def test_an_interrupt_ends_with_one_line(
    project: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from realpolitik.methods.scenarios import dynamics

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dynamics, "awaited", interrupted)
    assert run(project, "basins") == 130
    assert capsys.readouterr().err == "interrupted\n"
