"""Write a roll call's page."""

from __future__ import annotations

from typing import Annotated

import typer

from .brief import AsOf
from .output import CaseName, Json
from .pages import Calls, Format, Out, Votes, with_record, write_page


def resolution(
    case: CaseName,
    symbol: Annotated[str, typer.Argument(help="The roll call's symbol, for example A/RES/ES-11/1.", metavar="SYMBOL")],
    as_of: AsOf = None,
    votes: Votes = None,
    roll_calls: Calls = None,
    out: Out = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Write a recorded roll call's own page: who voted how, who changed, and what had been expected."""
    from realpolitik.studies import resolution as make
    from realpolitik.studies.pages.beside import folder_name

    page = make(with_record(case, votes, roll_calls), symbol, as_of)
    write_page(page, f"resolutions/{folder_name(symbol)}", out, format, json)
