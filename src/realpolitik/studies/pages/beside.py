"""The pages that are written beside a case's brief: its main actor and partner, the two compared, its key roll calls, the forecast."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from realpolitik.case import Case
from realpolitik.findings.brief import FILES, Brief, Page
from realpolitik.terms import InputError

from .forecast import forecast_page
from .ground import Ground, ground
from .member import member_page
from .pair import pair_page
from .resolution import resolution_page

MOST = 3  #: roll calls with a page of their own
HOME = "../../"  #: from a page to the folder of its brief


def pages_beside(case: Case, as_of: str) -> tuple[Page, ...]:
    """The further pages of a brief, each made only when it is written; none where the case has no recorded votes."""
    try:
        place = ground(case, as_of)
    except InputError:
        return ()
    made = _wanted(place, ground(case, ""))
    titles = {f"{HOME}{FILES['html']}": "The brief"} | {
        f"{HOME}{where}/{FILES['html']}": title for where, title, _ in made
    }
    return tuple(Page(where, title, partial(_make, build, titles, where)) for where, title, build in made)


Build = Callable[[dict[str, str]], Brief]


def _make(build: Build, titles: dict[str, str], where: str) -> Brief:
    return build({address: title for address, title in titles.items() if address != f"{HOME}{where}/{FILES['html']}"})


def _wanted(place: Ground, whole: Ground) -> list[tuple[str, str, Build]]:
    case = place.case
    if case is None:
        return []
    about, held = case.about, place.assembly
    actors = [
        s
        for s in dict.fromkeys((about.focal, about.partner))
        if s in held.state_code and (held.state == held.state_code[s]).any()
    ]
    found: list[tuple[str, str, Build]] = []
    for state in actors:
        found.append((f"members/{state}", place.label(state), partial(member_page, place, state)))
    if len(actors) == 2:
        a, b = actors
        found.append((f"pairs/{a}-{b}", f"{place.label(a)} and {place.label(b)}", partial(pair_page, place, a, b)))
    for symbol in key_roll_calls(place):
        found.append((f"resolutions/{folder_name(symbol)}", symbol, partial(resolution_page, place, symbol)))
    target = about.forecast.get("resolution", "")
    if target in whole.whole.place and whole.whole.call(target)["body"] == "GA":
        day = about.forecast.get("as_of") or None
        day = min(filter(None, (day, place.as_of)), default=None)
        found.append(
            (
                f"forecasts/{folder_name(target)}",
                f"Forecast of {target}",
                partial(forecast_page, whole, target, day, None),
            )
        )
    return found


def key_roll_calls(place: Ground) -> list[str]:
    """The Assembly's roll calls that the case asks about or its sources name, known on the day, with votes in the record."""
    if place.case is None:
        return []
    named = [place.case.about.forecast.get("resolution", "")]
    named += [str(getattr(row, "resolution", "")) for row in place.case.tables.get("votes", ())]
    held = set(place.assembly.calls["id"].to_list())
    return [symbol for symbol in dict.fromkeys(named) if symbol in held][:MOST]


def folder_name(symbol: str) -> str:
    """A symbol as the name of a folder.

    >>> folder_name("A/RES/ES-11/1")
    'A-RES-ES-11-1'
    """
    return "".join(c if c.isalnum() or c in "-." else "-" for c in symbol).strip("-.")
