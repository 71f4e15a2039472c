"""Recorded votes: who voted how on what, held as arrays so that a million votes stay quick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from realpolitik.terms import InputError, Problem, When, as_day, frame_digest, nearest
from realpolitik.terms.codes import SEATS

WORDS = ("yes", "abstain", "no", "absent")  #: the code of a vote is its place here
YES, ABSTAIN, NO, ABSENT = range(4)
CALL_COLUMNS = {
    "id": pl.String,
    "body": pl.String,
    "session": pl.Int16,
    "printed_session": pl.String,
    "date": pl.Date,
    "title": pl.String,
    "agenda": pl.String,
    "kind": pl.String,
    "series": pl.String,
}


@dataclass(frozen=True, eq=False)
class RollCalls:
    """Roll calls and the votes cast on them, both in order of date.

    ``calls`` has a row per roll call: id (the symbol), body (GA, SC or another assembly's), session (counted from 1
    September, see ``regular_session``), printed_session (as the data have it), date, title, agenda, kind (kind of act,
    where coded), series. A date may be missing; what asks for days or sessions then says which.
    ``item`` (int32), ``state`` (int16, place in ``states``) and ``vote`` (int8, place in ``WORDS``) have an entry per
    vote, sorted by item and then state. A member that is not listed for a roll call was not a member (or its vote is
    not in the data); ABSENT means listed and not voting.
    """

    calls: pl.DataFrame
    states: tuple[str, ...]
    item: np.ndarray
    state: np.ndarray
    vote: np.ndarray
    dropped: Mapping[str, int] = field(default_factory=dict)
    known_by: str = ""  #: the knowledge date at which they were cut, ISO 8601

    # -- sizes and look-ups -------------------------------------------------------------------------------------
    @property
    def n_votes(self) -> int:
        """Number of votes, absences included."""
        return len(self.vote)

    @property
    def n_calls(self) -> int:
        """Number of roll calls, those without recorded votes included."""
        return self.calls.height

    @cached_property
    def ptr(self) -> np.ndarray:
        """Bounds of each roll call's votes, int64, shape (n_calls + 1,): votes of call j are ptr[j]:ptr[j+1]."""
        return np.searchsorted(self.item, np.arange(self.n_calls + 1))

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The row of each roll call in ``calls`` by its id."""
        return {symbol: row for row, symbol in enumerate(self.calls["id"].to_list())}

    @cached_property
    def state_code(self) -> Mapping[str, int]:
        """The place of each state in ``states``."""
        return {state: code for code, state in enumerate(self.states)}

    @cached_property
    def session(self) -> np.ndarray:
        """Session of each roll call, int16, shape (n_calls,); InputError names roll calls without a date."""
        return self._dated("session").to_numpy()

    @cached_property
    def day(self) -> np.ndarray:
        """Date of each roll call, datetime64[D], shape (n_calls,); InputError names roll calls without one."""
        return self._dated("date").to_numpy().astype("datetime64[D]")

    def _dated(self, column: str) -> pl.Series:
        values = self.calls[column]
        if values.null_count():
            symbols = self.calls.filter(values.is_null())["id"].head(20).to_list()
            expected = "a day for every roll call, since sessions and knowledge dates rest on it"
            raise InputError([Problem("roll_calls", "date", symbol, expected) for symbol in symbols])
        return values

    def call(self, symbol: str) -> dict[str, Any]:
        """One roll call's row; the error names the nearest symbol."""
        if symbol not in self.place:
            raise InputError(
                [Problem("", "resolution", symbol, "a roll call in the data", nearest=nearest(symbol, self.place))]
            )
        return self.calls.row(self.place[symbol], named=True)

    def votes_on(self, symbol: str) -> dict[str, str]:
        """Each listed member's vote on one roll call, in words."""
        self.call(symbol)
        lo, hi = self.ptr[self.place[symbol]], self.ptr[self.place[symbol] + 1]
        return {self.states[s]: WORDS[v] for s, v in zip(self.state[lo:hi], self.vote[lo:hi], strict=True)}

    # -- cuts ---------------------------------------------------------------------------------------------------
    def keep(self, mask: np.ndarray | pl.Expr) -> RollCalls:
        """Only the roll calls of a mask (bool, shape (n_calls,)) or a polars condition on ``calls``, and their votes."""
        chosen = (
            self.calls.select(mask.alias("m"))["m"].fill_null(False).to_numpy() if isinstance(mask, pl.Expr) else mask
        )
        new = np.cumsum(chosen) - 1
        kept = chosen[self.item]
        item = new[self.item[kept]].astype(np.int32)
        return replace(
            self, calls=self.calls.filter(pl.Series(chosen)), item=item, state=self.state[kept], vote=self.vote[kept]
        )

    def as_of(self, day: str | date | When) -> RollCalls:
        """Only what was known on a day (a partial date counts at its end): the roll calls held up to and including it."""
        try:
            last = as_day(day)
        except (TypeError, ValueError, AttributeError) as error:
            raise InputError([Problem("", "as_of", str(day), "a day, YYYY-MM-DD, or a partial date")]) from error
        mask = self.day <= np.datetime64(last)
        cut = self.keep(mask)
        dropped = {"recorded_votes": self.n_votes - cut.n_votes, "roll_calls": int((~mask).sum())}
        earlier = {name: self.dropped.get(name, 0) + number for name, number in dropped.items()}
        known_by = min(filter(None, (self.known_by, last.isoformat())))
        return replace(cut, dropped={name: number for name, number in earlier.items() if number}, known_by=known_by)

    def body(self, name: str) -> RollCalls:
        """Only one body's roll calls: ``GA`` or ``SC``."""
        return self.keep(pl.col("body") == name)

    def recorded(self) -> RollCalls:
        """Only the roll calls for which members' votes are in the data."""
        return self.keep(np.diff(self.ptr) > 0)

    def only(self, states: Iterable[str]) -> RollCalls:
        """Only some states' votes; unknown states are one error that lists them all."""
        wanted = tuple(states)
        unknown = [s for s in wanted if s not in self.state_code]
        if unknown:
            known = self.states
            raise InputError(
                [Problem("", "state", s, "a state with votes in the data", nearest=nearest(s, known)) for s in unknown]
            )
        kept = np.isin(self.state, [self.state_code[s] for s in wanted])
        return replace(self, item=self.item[kept], state=self.state[kept], vote=self.vote[kept])

    def dated(self) -> RollCalls:
        """The same votes with predecessors under their own codes (``terms.codes.seat``), where the record prints their heirs'.

        SUN before RUS, BYS before BLR, YAR before YEM, TWN in China's seat before 25 October 1971.
        """
        names, state = list(self.states), self.state.copy()
        for heir, holder, until in SEATS:
            if heir in self.state_code:
                early = (self.state == self.state_code[heir]) & (self.day[self.item] < np.datetime64(until))
                if early.any():
                    if holder not in names:
                        names.append(holder)
                    state[early] = names.index(holder)
        order = sorted(names)
        place = np.array([order.index(name) for name in names], dtype=np.int16)
        state = place[state]
        rows = np.lexsort((state, self.item))
        return replace(self, states=tuple(order), item=self.item[rows], state=state[rows], vote=self.vote[rows])

    def totals(self, symbol: str) -> dict[str, int]:
        """How many members voted in each way on one roll call."""
        self.call(symbol)
        lo, hi = self.ptr[self.place[symbol]], self.ptr[self.place[symbol] + 1]
        return dict(zip(WORDS, np.bincount(self.vote[lo:hi], minlength=4).tolist(), strict=True))

    # -- as a method's subject ----------------------------------------------------------------------------------
    def frame(self, dataset: str) -> pl.DataFrame:
        """``recorded_votes`` (roll_call, state, vote, body, session, date) or ``roll_calls``."""
        if dataset == "recorded_votes":
            return self._votes
        if dataset == "roll_calls":
            return self.calls
        raise KeyError(dataset)

    def digest_of(self, dataset: str) -> str:
        """SHA-256 of one data set's records."""
        return self._digests[dataset]

    def without(self, dataset: str, record: str) -> RollCalls:
        """All but one vote (``A/RES/68/262/IRN``) or one roll call (``A/RES/68/262``)."""
        if dataset == "roll_calls":
            self.call(record)
            return self.keep(pl.col("id") != record)
        symbol, _, state = record.rpartition("/")
        item, code = self.place[symbol], self.state_code[state]
        kept = ~((self.item == item) & (self.state == code))
        if kept.all():
            raise KeyError(record)
        return replace(self, item=self.item[kept], state=self.state[kept], vote=self.vote[kept])

    @cached_property
    def _votes(self) -> pl.DataFrame:
        symbols = pl.Enum(self.calls["id"])
        bodies = self.calls["body"].unique().sort()
        body_code = bodies.search_sorted(self.calls["body"]).to_numpy()
        return pl.DataFrame(
            {
                "roll_call": pl.Series(self.item.astype(np.uint32)).cat.to(symbols),
                "state": pl.Series(self.state.astype(np.uint32)).cat.to(pl.Enum(list(self.states))),
                "vote": pl.Series(self.vote.astype(np.uint32)).cat.to(pl.Enum(list(WORDS))),
                "body": pl.Series(body_code[self.item].astype(np.uint32)).cat.to(pl.Enum(bodies)),
                "session": self.calls["session"].gather(self.item),
                "date": self.calls["date"].gather(self.item),
            }
        )

    @cached_property
    def _digests(self) -> Mapping[str, str]:
        codes = pl.DataFrame({"item": self.item, "state": self.state, "vote": self.vote})
        calls = frame_digest(self.calls)
        names = pl.DataFrame({"state": list(self.states)})
        votes = frame_digest(pl.DataFrame({"part": [calls, frame_digest(codes), frame_digest(names)]}))
        return {"roll_calls": calls, "recorded_votes": votes}


def regular_session(day: date) -> int:
    """The General Assembly's regular session to which a day is counted: from 1 September; the first ran into 1946.

    Sessions open some days later, on the Tuesday of the third week of September by rule 1 of procedure since 2003: a roll call
    on the last days of a session, 19 of the UN's 5,322 to 2022, is counted to the next. ``printed_session`` keeps what the record says.

    >>> regular_session(date(2022, 3, 2)), regular_session(date(2020, 9, 11))
    (76, 75)
    """
    return max(1, day.year - 1945 if day.month >= 9 else day.year - 1946)
