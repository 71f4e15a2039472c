"""Write a member's page."""

from __future__ import annotations

from typing import Annotated

import typer

from .brief import AsOf
from .output import CaseName, Json
from .pages import Calls, Format, Out, Votes, with_record, write_page


def member(
    case: CaseName,
    state: Annotated[str, typer.Argument(help="The member's ISO code, for example IRN.", metavar="MEMBER")],
    as_of: AsOf = None,
    votes: Votes = None,
    roll_calls: Calls = None,
    out: Out = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Write a member's own page: its votes by kind and year, its company, what moved, where it stood alone."""
    from realpolitik.studies import member as make

    page = make(with_record(case, votes, roll_calls), state, as_of)
    write_page(page, f"members/{state}", out, format, json)
