"""Run one method on a case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .brief import AsOf
from .output import Json, emit, say

Given = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="NAME=VALUE",
        help="A parameter of the method, as JSON or plain text; may be given more than once.",
    ),
]
MATRICES = (".scw", ".json", ".csv")
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of a method that draws.")]


Subject = Annotated[
    str,
    typer.Argument(
        help="A built-in case's name, a case folder, or a cross-impact matrix (.scw, .json, .csv).", metavar="CASE"
    ),
]


def run(
    case: Subject,
    method: Annotated[str, typer.Argument(help="A method's name; `realpolitik methods CASE` lists them.")],
    given: Given = None,
    as_of: AsOf = None,
    seed: Seed = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Save the finding into this folder.")] = None,
    rows: Annotated[int, typer.Option("--rows", min=0, help="How many rows of the table to print.")] = 20,
    json: Json = False,
) -> None:
    """Run one method by name and print its answer, its grade and its table."""
    found = finding_of(case, method, given, as_of, seed)
    if out:
        found.save(out)
    if json:
        emit(record(found))
    else:
        say(told(found, rows) + (f"\nsaved in {out}" if out else ""))


def finding_of(case: str, method: str, given: list[str] | None, as_of: str | None, seed: int | None) -> Any:
    """The finding that the options of a verb ask for."""
    from realpolitik.studies import run as make

    parameters = values(given or [])
    if as_of:
        parameters["as_of"] = as_of
    if seed is not None:
        parameters["seed"] = seed
    if Path(case).suffix.lower() in MATRICES and Path(case).is_file():
        return of_matrix(Path(case), method, parameters)
    return make(case, method, **parameters)


def of_matrix(path: Path, method: str, parameters: dict[str, Any]) -> Any:
    """The finding of a scenario method on a cross-impact matrix that stands in a file of its own."""
    from realpolitik.methods.scenarios import read_cross_impact
    from realpolitik.studies.run import check_parameters, find
    from realpolitik.terms import InputError

    card = find(method)
    if not card.name.startswith("scenarios."):
        raise InputError(
            f"{card.name} takes a case; a cross-impact matrix ({path.name}) is solved by scenarios.* methods"
        )
    check_parameters(card, parameters)
    return card.load()(read_cross_impact(path), **{**card.defaults, **parameters})


def values(given: list[str]) -> dict[str, Any]:
    """``NAME=VALUE`` pairs; a value that reads as JSON is that, else it is text.

    >>> values(["draws=200", "actor=IRN"])
    {'draws': 200, 'actor': 'IRN'}
    """
    bad = [text for text in given if "=" not in text]
    if bad:
        raise typer.BadParameter(f"expected NAME=VALUE, not {', '.join(bad)}")
    return {name.strip(): _value(text) for name, text in (pair.split("=", 1) for pair in given)}


def _value(text: str) -> Any:
    from json import JSONDecodeError, loads

    try:
        return loads(text)
    except JSONDecodeError:
        return text


def record(finding: Any) -> dict[str, Any]:
    """A finding as JSON: what it says, and its tables as lists of rows."""
    from realpolitik.findings.brief import as_json

    tables = {"": finding.table, **finding.tables}
    heads = (
        "method",
        "question",
        "answer",
        "grade_reason",
        "stands_as",
        "complete",
        "parameters",
        "seed",
        "caveats",
        "dropped",
        "digest",
        "version",
    )
    told = {name: as_json(getattr(finding, name)) for name in heads}
    return told | {
        "grade": str(finding.grade),
        "key": list(finding.key),
        "tables": {name or "table": as_json(frame.to_dicts()) for name, frame in tables.items()},
    }


def told(finding: Any, rows: int) -> str:
    """A finding for a person: question, answer, grade and the first rows."""
    lines = [
        finding.question,
        finding.answer,
        f"grade: {finding.grade}; stands as: {finding.stands_as}. {finding.grade_reason}",
    ]
    if finding.dropped:
        lines.append(
            "left out by the knowledge date: " + ", ".join(f"{n} of {name}" for name, n in finding.dropped.items())
        )
    if rows:
        lines.append(table_text(finding.table.head(rows), finding.key))
        if finding.table.height > rows:
            lines.append(f"{rows} of {finding.table.height} rows; --rows shows more, --out saves all")
    return "\n".join(lines)


def table_text(frame: Any, key: Sequence[str], width: int | None = None) -> str:
    """A table's columns that fit beside each other, those of the key first; the names of the others below.

    >>> import polars as pl
    >>> print(table_text(pl.DataFrame({"name": ["a", "bb"], "n": [1, 20]}), ["name"], 40))
    name   n
    a      1
    bb    20
    """
    from shutil import get_terminal_size

    room = width or max(get_terminal_size().columns, 60)
    plain = [c for c in (*key, *(c for c in frame.columns if c not in key)) if not frame.schema[c].is_nested()]
    columns = {c: [c, *(_cell_text(v) for v in frame[c].to_list())] for c in plain}
    shown: dict[str, list[str]] = {}
    for name, cells in columns.items():
        if sum(max(map(len, c)) + 2 for c in shown.values()) + max(map(len, cells)) <= room or not shown:
            shown[name] = cells
    right = {c for c in shown if frame.schema[c].is_numeric()}
    aligned = {
        c: [t.rjust(max(map(len, cells))) if c in right else t.ljust(max(map(len, cells))) for t in cells]
        for c, cells in shown.items()
    }
    text = "\n".join("  ".join(cells).rstrip() for cells in zip(*aligned.values(), strict=True))
    left = [c for c in frame.columns if c not in shown]
    return text + (f"\nfurther columns (in --json and --out): {', '.join(left)}" if left else "")


def _cell_text(value: Any, longest: int = 44) -> str:
    text = "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."
