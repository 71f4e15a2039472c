"""What a page on members or roll calls stands on: a record of votes, with or without a case around it, as known on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from realpolitik.case import Case
from realpolitik.evidence import RollCalls
from realpolitik.findings import Finding, Method
from realpolitik.terms import InputError, Problem, RealpolitikError, as_day, nearest
from realpolitik.terms.codes import states

from ..plan import a_day
from ..run import CaseLike, as_case, kept_on

Grounds = CaseLike | RollCalls


@dataclass(frozen=True, eq=False)
class Ground:
    """The record as known on a day (``votes``) and uncut (``whole``), and the case around it (``case``, cut too)."""

    whole: RollCalls
    votes: RollCalls
    as_of: str
    case: Case | None = None
    findings: dict[str, Finding] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)  #: findings that could not be made, and why

    @property
    def name(self) -> str:
        """The case's name, or that of the plain record."""
        return self.case.about.name if self.case else "votes"

    def label(self, state: str) -> str:
        """A state's name: the case's own, or the one of the table of codes."""
        told = self.case.label(state) if self.case else state
        return told if told != state else NAMES.get(state, state)

    def make(self, name: str, card: Method, *, whole: bool = False, **parameters: Any) -> Finding | None:
        """One finding of the page, kept for next time; None where it cannot be made, and then its reason is kept."""
        try:
            self.findings[name] = kept_on(self.whole if whole else self.votes, card, parameters)
        except Exception as error:  # one finding's failure is named on the page and takes no other with it
            kind = "" if isinstance(error, RealpolitikError) else f"{type(error).__name__}: "
            self.missed[name] = kind + (str(error).splitlines() or [""])[0]
        return self.findings.get(name)

    @cached_property
    def assembly(self) -> RollCalls:
        """The General Assembly's roll calls with recorded votes."""
        return self.votes.body("GA").recorded()


NAMES: Mapping[str, str] = {state.iso3: state.name for state in states()}


def ground(taken: Grounds, as_of: str | None = None) -> Ground:
    """The ground of a page. A case's own knowledge date is used where none is given; ``""`` sets none.

    Kinds of act and series that the record does not code are read from title and agenda by the stated rules.
    Raises InputError where the case cannot be read, has no roll calls, or none is known on the day.
    """
    case = None if isinstance(taken, RollCalls) else as_case(taken)
    votes = taken if isinstance(taken, RollCalls) else case.evidence.votes if case else None
    if votes is None or not votes.n_votes:
        raise InputError("no recorded votes: the case has no roll calls, and none were handed in")
    day = (case.about.as_of if case else "") if as_of is None else as_of
    day = a_day(day) if day else ""
    whole = with_kinds(votes)
    cut = whole.as_of(day) if day else whole
    if not cut.n_votes:
        raise InputError([Problem("", "as_of", day, f"a day on or after the first roll call ({whole.day.min()})")])
    return Ground(whole, cut, day, case.as_of(day) if case and day else case)


def with_kinds(votes: RollCalls) -> RollCalls:
    """The record with kind of act and series filled in by rule for the General Assembly's roll calls that lack them."""
    import polars as pl

    from realpolitik.methods.alignment.roll_calls.kinds import KINDS, kinds_of_acts
    from realpolitik.methods.alignment.roll_calls.text import title_key

    calls = votes.calls
    lacking = (calls["body"] == "GA") & ((calls["kind"].fill_null("") == "") | (calls["series"].fill_null("") == ""))
    if not lacking.any():
        return votes
    titles, agendas = (calls[name].fill_null("").to_list() for name in ("title", "agenda"))
    ruled = {
        "kind": [KINDS[k] for k in kinds_of_acts(titles, agendas)],
        "series": [title_key(title) for title in titles],
    }
    assembly = pl.col("body") == "GA"
    columns = [
        pl.when(assembly & (pl.col(name).fill_null("") == "")).then(pl.Series(name, found)).otherwise(name).alias(name)
        for name, found in ruled.items()
    ]
    return replace(votes, calls=calls.with_columns(columns))


def the_members(votes: RollCalls, wanted: Iterable[str], name: str = "member") -> tuple[str, ...]:
    """Codes of members with votes in the record; one error lists all that are unknown, with the nearest code."""
    found = tuple(dict.fromkeys(text.strip() for text in wanted if text.strip()))
    problems = [
        Problem(
            "", name, text, "the ISO code of a member with votes in the record", nearest=nearest_member(votes, text)
        )
        for text in found
        if text not in votes.state_code
    ]
    if problems or not found:
        raise InputError(problems or [Problem("", name, "", "the ISO code of a member with votes in the record")])
    return found


def nearest_member(votes: RollCalls, text: str) -> str | None:
    """The code that a wrong code or a state's name comes nearest to.

    >>> import realpolitik as rp
    >>> nearest_member(rp.read_case("iran-ukraine-2022").evidence.votes, "Iran")
    'IRN'
    """
    names = {NAMES.get(code, code): code for code in votes.states}
    by_word = {name.split()[0].rstrip(","): code for name, code in names.items()}
    close = nearest(text, [*votes.states, *names, *by_word])
    return names.get(close, by_word.get(close, close)) if close else None


def the_call(votes: RollCalls, symbol: str, known: RollCalls | None = None, day: str = "") -> dict[str, Any]:
    """One roll call's row; InputError where it is not in the record, has no votes there, or was held after the day."""
    import numpy as np

    row = votes.call(symbol)
    place = votes.place[symbol]
    if votes.ptr[place] == votes.ptr[place + 1]:
        raise InputError([Problem("", "resolution", symbol, "a roll call whose votes are in the record")])
    if known is not None and day and np.datetime64(row["date"]) > np.datetime64(as_day(day)):
        raise InputError([Problem("", "as_of", day, f"a day on or after the vote ({row['date']})")])
    return row


def short_title(title: str | None) -> str:
    """A title without the cataloguer's tail.

    >>> short_title("Aggression against Ukraine : resolution / adopted by the General Assembly")
    'Aggression against Ukraine'
    """
    return (title or "").partition(" : resolution")[0].partition(" : draft resolution")[0].strip()
