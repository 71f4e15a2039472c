"""Votes as a matrix, and what is left of them after the roll call's own mean is taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from realpolitik.evidence import RollCalls

Floats = NDArray[np.float64]
SCORE = np.array([0.0, 0.5, 1.0, np.nan])  #: yes, abstain, no, absent: how far towards no


@dataclass(frozen=True)
class Sheet:
    """Votes (states, calls) as 0 yes, 1 abstain, 2 no, 3 absent, -1 not listed."""

    codes: NDArray[np.int8]

    def scores(self) -> Floats:
        """0 yes, 0.5 abstain, 1 no; NaN where there is no vote."""
        return np.append(SCORE, np.nan)[self.codes]

    def residuals(self, among: NDArray[np.bool_]) -> Floats:
        """Scores less the mean score, on the roll call, of the states among those: the shift of all of them is gone."""
        x = self.scores()
        voted = np.isfinite(x) & among[:, None]
        size = np.maximum(voted.sum(0), 1)
        return x - np.where(voted, x, 0.0).sum(0) / size


def sheet(votes: RollCalls, calls: NDArray[np.int64]) -> Sheet:
    """The votes on some roll calls as a matrix."""
    codes = np.full((len(votes.states), len(calls)), -1, np.int8)
    for column, call in enumerate(calls):
        part = slice(votes.ptr[call], votes.ptr[call + 1])
        codes[votes.state[part], column] = votes.vote[part]
    return Sheet(codes)


def kinds_of(votes: RollCalls, kinds: Sequence[str | None] | None) -> NDArray[np.object_]:
    """Kind of act of each roll call: as given, else as in the data, else by the rules on title and agenda."""
    given = list(kinds) if kinds is not None else votes.calls["kind"].to_list()
    if kinds is not None or all(given):
        return np.array([k or "other" for k in given], dtype=object)
    from ..roll_calls.kinds import KINDS, kinds_of_acts

    titles, agendas = (votes.calls[c].fill_null("").to_list() for c in ("title", "agenda"))
    read = kinds_of_acts(titles, agendas)
    return np.array([k or KINDS[r] for k, r in zip(given, read.tolist(), strict=True)], dtype=object)
