"""Start a case of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import Json, emit, say


def new(
    name: Annotated[str, typer.Argument(help="The new case's name; its folder is called the same.")],
    folder: Annotated[Path, typer.Option("--in", metavar="DIR", help="Where to put the folder.")] = Path(),
    focal: Annotated[
        str, typer.Option(metavar="STATE", help="Start without the teaching rows: whose position is asked about.")
    ] = "",
    partner: Annotated[
        str, typer.Option(metavar="STATE", help="With --focal: the partner whose tie is strained.")
    ] = "",
    issue: Annotated[str, typer.Option(metavar="WORDS", help="With --focal: the shock, in words.")] = "the shock",
    json: Json = False,
) -> None:
    """Make a small case that runs at once, to change row by row into your own; with --focal, one without rows."""
    from realpolitik.case.start import empty_case, new_case

    if partner and not focal:
        raise typer.BadParameter("--partner needs --focal")
    made = empty_case(name, folder, focal=focal, partner=partner, issue=issue) if focal else new_case(name, folder)
    if json:
        emit({"name": name, "folder": str(made)})
        return
    say(f"{made}: a case without rows" if focal else f"{made}: a small case; README.md in it says what each file is")
    say(f"next: realpolitik check {made}")
    say(f"      realpolitik brief {made} --out {made}/out")
