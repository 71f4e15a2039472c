"""A roll call whose forecast is updated as votes are announced: fitted once, then answered at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from realpolitik.evidence import RollCalls
from realpolitik.findings import Finding

from .forecast import check_settings, finding_of, held_back, record_before
from .prepare import Prepared, prepare
from .resolution import RollCall, announced_votes, find_target


@dataclass(frozen=True)
class PreparedRollCall:
    """One roll call with everything fitted that announced votes do not change.

    `announce` gives a new one with further votes, in a few hundredths of a second; `forecast` gives the finding, the same
    as `forecast_roll_call(..., general=True)` on the same announced votes would.
    """

    votes: RollCalls
    resolution: str | RollCall
    target: RollCall
    held: np.datetime64
    ready: Prepared
    seed: int
    known: Mapping[str, str]

    def announce(self, known: Mapping[str, str] | None = None, **more: str) -> PreparedRollCall:
        """The same with further announced votes: state to yes, abstain, no or absent; a later word replaces an earlier.

        Raises InputError, naming every state or word that is unknown.
        """
        told = {**self.known, **(known or {}), **more}
        codes = announced_votes(told, self.target.sponsors, self.ready.past.record.states)
        return replace(self, known=told, ready=self.ready.announce(codes))

    def forecast(self, contributions: int = 0) -> Finding:
        """The forecast as it stands: the finding of `forecast_roll_call`; `contributions` as there."""
        given = {
            "resolution": self.resolution,
            "as_of": str(self.held),
            "known": dict(self.known),
            "contributions": contributions,
            "general": True,
        }
        return finding_of(self.votes, self.target, self.ready, given, self.seed)


def prepare_roll_call(
    votes: RollCalls, resolution: str | RollCall, as_of: str | date | None = None, seed: int = 1
) -> PreparedRollCall:
    """A roll call made ready for announced votes as they come: the slow part of a forecast, done once.

    The second step is trained on members drawn anew for each earlier roll call, so it holds whoever announces;
    `forecast_roll_call` with `known=` trains also for the very members, which is a little better and takes as long as this.

    :param votes: roll calls as read by `read_votes`
    :param resolution: symbol of a recorded roll call, or a `RollCall`; of a recorded one only title, agenda and day are read
    :param as_of: last day of the record that may be read; the day before the vote at the latest
    :param seed: seed of the trees and of the members drawn in training
    :returns: PreparedRollCall; its sponsors count as announced yes
    :raises InputError: as `forecast_roll_call`

    >>> from realpolitik.methods.alignment.roll_calls.made import made_votes
    >>> ready = prepare_roll_call(made_votes(), "A/RES/12/3")
    >>> ready.announce(LLL="yes").announce({"AAA": "no"}).forecast().row(state="AAA")["no"]
    1.0
    """
    check_settings(0)
    target, symbol, day = find_target(votes, resolution)
    held = held_back(as_of, day)
    record = record_before(votes, held, target, symbol, day)
    told = announced_votes({}, target.sponsors, record.states)
    ready = prepare(record, (), seed).announce(told)
    return PreparedRollCall(votes, resolution, target, held, ready, seed, {})
