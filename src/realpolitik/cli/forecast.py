"""Write the page of a roll call's forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .brief import AsOf
from .output import CaseName, Json
from .pages import Calls, Format, Out, Votes, with_record, write_page


def forecast(
    case: CaseName,
    symbol: Annotated[
        str,
        typer.Argument(
            help="A recorded roll call's symbol; the case's own target where not given.", metavar="[SYMBOL]"
        ),
    ] = "",
    title: Annotated[
        str, typer.Option("--title", help="Title of a roll call that is to come, instead of a symbol.")
    ] = "",
    agenda: Annotated[str, typer.Option("--agenda", help="Its agenda item.")] = "",
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Its day.")] = "",
    sponsors: Annotated[str, typer.Option("--sponsors", help="Its sponsors as ISO codes, parted by commas.")] = "",
    text: Annotated[
        Path | None, typer.Option("--text", help="File with the draft's text.", exists=True, dir_okay=False)
    ] = None,
    known: Annotated[
        list[str] | None,
        typer.Option("--known", metavar="MEMBER=VOTE", help="An announced vote; may be given more than once."),
    ] = None,
    as_of: AsOf = None,
    votes: Votes = None,
    roll_calls: Calls = None,
    out: Out = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Write the page of a roll call's forecast: four outcomes for every member, what moves them, what was not seen."""
    from realpolitik.methods.alignment.roll_calls import RollCall
    from realpolitik.studies import forecast as make
    from realpolitik.studies.pages.beside import folder_name
    from realpolitik.terms import InputError, Problem

    if symbol and title:
        raise typer.BadParameter("give a symbol or --title, not both")
    read = with_record(case, votes, roll_calls)
    target = symbol or read.about.forecast.get("resolution", "")
    if not (target or title):
        raise InputError([Problem("", "symbol", "", "a recorded roll call, or --title of one that is to come")])
    told = _announced(known or [])
    listed = tuple(s.strip() for s in sponsors.split(",") if s.strip())
    draft = RollCall(title, agenda, date or None, listed, text.read_text("utf-8") if text else "")
    page = make(read, draft if title else target, as_of, known=told)
    write_page(page, f"forecasts/{folder_name(title[:60] if title else target)}", out, format, json)


def _announced(given: list[str]) -> dict[str, str]:
    bad = [text for text in given if "=" not in text]
    if bad:
        raise typer.BadParameter(f"expected MEMBER=VOTE, not {', '.join(bad)}", param_hint="--known")
    return dict(text.split("=", 1) for text in given)
