"""Write the page that compares two members or two blocs."""

from __future__ import annotations

from typing import Annotated

import typer

from .brief import AsOf
from .output import CaseName, Json
from .pages import Calls, Format, Out, Votes, with_record, write_page

SAYS = "A member's ISO code, several parted by commas, a comparison set of the case, or a regional group."


def pair(
    case: CaseName,
    a: Annotated[str, typer.Argument(help=SAYS, metavar="A")],
    b: Annotated[str, typer.Argument(help="The same, for the other side.", metavar="B")],
    as_of: AsOf = None,
    votes: Votes = None,
    roll_calls: Calls = None,
    out: Out = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Write the page that compares two members or two blocs: agreement over time, and where they part most."""
    from realpolitik.studies import pair as make
    from realpolitik.studies.pages.beside import folder_name

    page = make(with_record(case, votes, roll_calls), a, b, as_of)
    write_page(page, f"pairs/{folder_name(a)}-{folder_name(b)}", out, format, json)
