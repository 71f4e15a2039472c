"""The record of roll calls as arrays, in order of date, as the forecast reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from .kinds import kinds_of_acts
from .text import term_matrix, title_key

OUTCOMES = ("yes", "abstain", "no", "absent")
YES, ABSTAIN, NO, ABSENT = range(4)
NOT_A_MEMBER = -1


@dataclass(frozen=True)
class Record:
    """Roll calls x states in order of date; `votes` holds 0 yes, 1 abstain, 2 no, 3 absent, -1 not a member."""

    symbols: tuple[str, ...]
    titles: tuple[str, ...]
    agendas: tuple[str, ...]
    dates: np.ndarray
    sessions: np.ndarray
    states: tuple[str, ...]
    votes: np.ndarray

    @cached_property
    def kinds(self) -> np.ndarray:
        """Index into `kinds.KINDS` of every roll call."""
        return kinds_of_acts(self.titles, self.agendas)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Title key of every roll call."""
        return tuple(map(title_key, self.titles))

    @cached_property
    def key_codes(self) -> np.ndarray:
        """Number of every roll call's title key; one without words has a number of its own, so it is no version of any."""
        codes = np.unique(self.keys, return_inverse=True)[1]
        return np.where([bool(key) for key in self.keys], codes, -1 - np.arange(len(codes)))

    @cached_property
    def terms(self) -> sparse.csr_matrix:
        """Roll calls x terms."""
        return term_matrix(self.titles, self.agendas)

    @cached_property
    def column(self) -> dict[str, int]:
        """Column of each state."""
        return {state: i for i, state in enumerate(self.states)}

    @cached_property
    def minority(self) -> np.ndarray:
        """Share of the cast votes that did not go to the largest of yes, abstain and no."""
        counts = np.stack([(self.votes == c).sum(1) for c in range(3)])
        return 1 - counts.max(0) / np.maximum(counts.sum(0), 1)

    def before(self, stop: int) -> Record:
        """The rows before `stop`, with what was already read of their texts."""
        cut = Record(
            self.symbols[:stop],
            self.titles[:stop],
            self.agendas[:stop],
            self.dates[:stop],
            self.sessions[:stop],
            self.states,
            self.votes[:stop],
        )
        cut.__dict__.update({name: getattr(self, name)[:stop] for name in ("kinds", "keys", "key_codes", "terms")})
        return cut


def session_of(dates: np.ndarray) -> np.ndarray:
    """Regular session in or after which a date falls: session 1 opened in 1946, each later one in September."""
    month = dates.astype("datetime64[M]").astype(int)
    year, month_of_year = 1970 + month // 12, month % 12 + 1
    return np.maximum(year - 1945 - (month_of_year < 9), 1)
