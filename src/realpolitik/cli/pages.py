"""What the verbs that write a page on members or roll calls share: the record they stand on, and how a page is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import emit, say

if TYPE_CHECKING:
    from realpolitik.findings.brief import Brief

Votes = Annotated[
    Path | None,
    typer.Option("--votes", metavar="FILE", help="A whole record instead of the case's roll calls: Parquet or CSV.", exists=True, dir_okay=False),
]  # fmt: skip
Calls = Annotated[
    Path | None,
    typer.Option("--roll-calls", metavar="FILE", help="The roll calls that those votes belong to.", exists=True, dir_okay=False),
]  # fmt: skip
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder to write into; where the brief would put it if not given."),
]
Format = Annotated[
    list[str] | None,
    typer.Option("--format", metavar="FORMAT", help="html, json, md or docx; may be given more than once."),
]


def with_record(case: str, votes: Path | None, roll_calls: Path | None) -> Any:
    """The case, with its roll calls replaced by the reader's own record where one is given."""
    from dataclasses import replace

    from realpolitik.evidence import read_votes
    from realpolitik.studies.run import as_case

    read = as_case(case)
    if votes is None and roll_calls is None:
        return read
    if votes is None or roll_calls is None:
        raise typer.BadParameter("--votes and --roll-calls belong together")
    record = read_votes(votes, roll_calls=roll_calls)
    return replace(read, evidence=replace(read.evidence, votes=record))


def write_page(page: Brief, place: str, out: Path | None, format: list[str] | None, json: bool) -> None:
    """Write a page and say where; under ``--json`` also what it says, section by section."""
    from realpolitik.findings.brief import FILES

    given = format or ["html", "json"]
    formats = tuple(dict.fromkeys(part.strip() for text in given for part in text.split(",") if part.strip()))
    folder = page.write(out or Path("out") / page.name / place, formats)
    written = [str(folder / FILES[name]) for name in formats]
    if json:
        grades = {name: str(finding.grade) for name, finding in page.findings.items()}
        answers = {name: finding.answer for name, finding in page.findings.items()}
        emit(
            {
                "case": page.name,
                "title": page.title,
                "as_of": page.as_of,
                "written": written,
                "grades": grades,
                "answers": answers,
            }
        )
    else:
        say("\n".join(written))
