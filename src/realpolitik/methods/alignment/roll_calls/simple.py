"""The simple rules for one roll call, as a finding, scored against the record where the vote has been taken."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from realpolitik.evidence import RollCalls
from realpolitik.findings import FORECAST as STANDS_AS_FORECAST
from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.terms import Grade

from .cards import SIMPLE_RULES
from .features import WINDOW, find_precedents, read_past
from .forecast import held_back, record_before
from .prepare import MEMBERSHIP
from .record import OUTCOMES
from .resolution import RollCall, find_target
from .rules import rule_forecasts


def simple_rules(votes: RollCalls, resolution: str | RollCall, as_of: str | date | None = None) -> Finding:
    """What six rules that anybody could apply say of each member's vote: shares in the record, not a fitted model.

    always_yes; regional_majority (the regional group's shares on the version before, else on the kind of act);
    last_vote_on_series (the member's last vote on the title, else its shares on the kind); last_votes_calibrated (what
    members did after the same last two votes on a title, counted); last_vote_on_kind;
    agreement_weighted (votes on like texts, weighted by past agreement with the voter).

    :param votes: roll calls as read by `read_votes`
    :param resolution: symbol of a recorded General Assembly roll call, or a `RollCall`
    :param as_of: last day of the record that may be read; the day before the vote at the latest
    :returns: Finding; table: rule, state, says (the outcome the rule names), yes, abstain, no, absent
    :raises InputError: unknown symbol; no vote in the record on or before `as_of`

    >>> from realpolitik.methods.alignment.roll_calls.made import made_votes
    >>> simple_rules(made_votes(), "A/RES/12/3").table["rule"].n_unique()
    6
    """
    target, symbol, day = find_target(votes, resolution)
    held = held_back(as_of, day)
    record = record_before(votes, held, target, symbol, day)
    last = len(record.symbols) - 1
    session = int(record.sessions[last])
    past = read_past(record, last, session)
    found = rule_forecasts(past, np.array([last]), find_precedents(past, np.array([last])))
    member = (record.votes[max(0, last - MEMBERSHIP) : last] >= 0).any(0)
    table = pl.concat([_rows(name, np.array(record.states)[member], p[0][member]) for name, p in found.items()])
    read = {"body": "GA", "date<=": held.astype(object), "session>=": session - WINDOW}
    return conclude(
        SIMPLE_RULES,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"resolution": resolution, "as_of": str(held)},
        table=table,
        key=("rule", "state"),
        grade=Grade.RECORDED,
        grade_reason="Counts and shares of recorded votes; how often each rule was right is in backtest_roll_calls.",
        answer=_answer(table),
        caveats=(
            "The shares are of past votes; how well a rule foretells is scored elsewhere, and always_yes uses fixed shares.",
        ),
        stands_as=STANDS_AS_FORECAST,
        traces=(
            Template(
                "*",
                "rule {rule} on the record held by {as_of}",
                (Leaf("recorded_votes", read), Leaf("roll_calls", read)),
            ),
        ),
    )


def _rows(name: str, states: np.ndarray, p: np.ndarray) -> pl.DataFrame:
    says = np.array(OUTCOMES)[p[:, :3].argmax(1)]
    shares = {outcome: p[:, c] for c, outcome in enumerate(OUTCOMES)}
    return pl.DataFrame({"rule": [name] * len(states), "state": states, "says": says, **shares})


def _answer(table: pl.DataFrame) -> str:
    said = table.filter(pl.col("says") != "yes").group_by("rule", maintain_order=True).len()
    return (
        "Members that each rule has not voting yes: " + (", ".join(f"{r} {n}" for r, n in said.rows()) or "none") + "."
    )
