"""The forecast of a roll call: four outcomes for every member, from the record held before the vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from realpolitik.evidence import RollCalls
from realpolitik.findings import FORECAST as STANDS_AS_FORECAST
from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

from .cards import FORECAST
from .contributions import share_out
from .kinds import KINDS
from .model import TRAINING
from .prepare import Prepared, prepare
from .record import OUTCOMES, Record
from .resolution import RollCall, announced_votes, day_of, find_target, record_of, sessions_behind, with_target
from .rules import rule_forecasts
from .totals import expected_totals

REACH = 2 * TRAINING + 12  #: sessions of record that a forecast reads
WHOLE = 40  #: roll calls a session from which a record is like the one on which the skill was measured (about 75)
ASSEMBLY = 100  #: members below which an assembly is unlike the one on which the skill was measured
MEASURED = 50  #: first session on which the forecast was tried


def forecast_roll_call(
    votes: RollCalls,
    *,
    resolution: str | RollCall,
    as_of: str | date | None = None,
    known: Mapping[str, str] | None = None,
    contributions: int = 4,
    general: bool = False,
    seed: int = 1,
) -> Finding:
    """Probabilities that each member votes yes, abstains, votes no or stays away, on one General Assembly roll call.

    Two fitted steps, each trained on the fourteen sessions before the target's: precedents (earlier versions by title and
    text, like texts, kind of act, the member's rates, what like-voting members did), then the drift of members' latest
    errors and announced votes (Gaussian conditioning on the covariance of past forecast errors, agreement, one shift of
    the cut-points for everybody). See docs/methods/roll-call-forecast.md for the equations and the measured skill.

    :param votes: roll calls as read by `read_votes`
    :param resolution: symbol of a recorded roll call, or a `RollCall`; of a recorded one only title, agenda and day are read
    :param as_of: last day of the record that may be read; the day before the vote at the latest
    :param known: announced votes, state (ISO alpha-3) to yes, abstain, no or absent; sponsors count as announced yes
    :param contributions: pairs of orders in which precedents and announced votes are taken out and put back; 0 for none
    :param general: train for whoever announces, as `prepare_roll_call` does, and not for the members in `known`
    :param seed: seed of the trees and of the orders
    :returns: Finding; table: state, yes, abstain, no, absent (they sum to 1); announced: state, vote, from;
        contributions: state, source, outcome, value, se (the values sum to the probability; se: of the sampled orders); totals: outcome, expected, low, high (90 %; null where not
        estimated); precedents: source, title, date, kind, likeness, version; rules: rule, state, outcomes
    :raises InputError: unknown symbol, state or word; no vote in the record on or before `as_of`

    >>> from realpolitik.methods.alignment.roll_calls.made import made_votes
    >>> finding = forecast_roll_call(made_votes(), resolution="A/RES/12/3", contributions=0)
    >>> finding.table.columns
    ['state', 'yes', 'abstain', 'no', 'absent']
    """
    check_settings(contributions)
    target, symbol, day = find_target(votes, resolution)
    held = held_back(as_of, day)
    record = record_before(votes, held, target, symbol, day)
    told = announced_votes(known, target.sponsors, record.states)
    ready = prepare(record, () if general else tuple(told), seed).announce(told)
    given = {
        "resolution": resolution,
        "as_of": str(held),
        "known": dict(known or {}),
        "contributions": contributions,
        "general": general,
    }
    return finding_of(votes, target, ready, given, seed)


def finding_of(votes: RollCalls, target: RollCall, ready: Prepared, given: dict[str, Any], seed: int) -> Finding:
    """The finding of a forecast that is ready, with its parameters."""
    record = ready.past.record
    symbol = given["resolution"] if isinstance(given["resolution"], str) else ""
    told = {record.states[i]: int(code) for i, code in zip(ready.known, ready.told, strict=True)}
    p = _with_announced(ready.probabilities(), record, told)
    named = _named(ready)
    shown = ready.member[0]
    table = _outcome_table(np.array(record.states)[shown], p[shown])
    estimated = ready.model is not None and like_the_whole_record(record)
    totals = expected_totals(p[shown], len(ready.precedents.versions[0]), len(told))
    return conclude(
        FORECAST,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters=given,
        seed=seed,
        table=table,
        key=("state",),
        tables={
            "announced": _announced_table(told, target.sponsors),
            "contributions": share_out(ready, named, told, given["contributions"], seed),
            "precedents": _precedent_table(ready, named),
            "rules": _rule_table(ready),
            "totals": totals
            if estimated
            else totals.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64)),
        },
        grade=Grade.ESTIMATED if estimated else Grade.JUDGEMENT,
        grade_reason=_reason(ready, record, estimated),
        answer=_answer(table, totals, symbol or target.title, estimated),
        caveats=_caveats(ready, target, told),
        stands_as=STANDS_AS_FORECAST,
        traces=_traces(given["as_of"], symbol, told, int(record.sessions[0])),
    )


def check_settings(contributions: int) -> None:
    """InputError where the number of orders cannot be."""
    if contributions < 0:
        raise InputError([Problem("", "contributions", str(contributions), "0 or more pairs of orders")])


def held_back(as_of: str | date | None, day: np.datetime64) -> np.datetime64:
    """The last day that may be read: as asked for, and before the vote."""
    before = day - np.timedelta64(1, "D")
    return before if as_of is None else min(day_of(as_of, "as_of"), before)


def record_before(votes: RollCalls, held: np.datetime64, target: RollCall, symbol: str, day: np.datetime64) -> Record:
    cut = votes.body("GA").recorded()
    mask = cut.day <= held
    if symbol:
        mask &= (cut.calls["id"] != symbol).to_numpy()
    if not mask.any():
        first = str(cut.day.min()) if cut.n_calls else "none: the record is empty"
        raise InputError(
            [Problem("", "as_of", str(held), f"a day on or after the first General Assembly roll call ({first})")]
        )
    cut = cut.keep(mask)
    record = record_of(cut, max(1, int(cut.session.max()) - REACH))
    return with_target(record, target, symbol or "target", day)


def _with_announced(p: np.ndarray, record: Record, told: Mapping[str, int]) -> np.ndarray:
    out = p.copy()
    for state, code in told.items():
        out[record.column[state]] = np.eye(4)[code]
    return out


def _announced_table(told: Mapping[str, int], sponsors: Sequence[str]) -> pl.DataFrame:
    """The votes taken as given, none of them read from the record."""
    rows = [(s, OUTCOMES[c], "sponsor" if s in sponsors else "announced") for s, c in told.items()]
    return pl.DataFrame(rows, schema={"state": pl.String, "vote": pl.String, "from": pl.String}, orient="row")


def _outcome_table(states: np.ndarray, p: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"state": states, **{name: p[:, c] for c, name in enumerate(OUTCOMES)}}).sort("state")


def _named(ready: Prepared, most: int = 6) -> np.ndarray:
    """Places in the past of the precedents that are named: the versions, then those of the same kind and of like text."""
    versions = ready.precedents.versions[0]
    weight = (ready.precedents.like[0] + 0.25 * (ready.precedents.kind[0] > 0)) * 0.95**ready.past.age
    weight[versions] = 0
    others = np.argsort(-weight, kind="stable")[:most]
    return np.concatenate([versions, others[weight[others] > 0.1]]).astype(int)


def _precedent_table(ready: Prepared, named: np.ndarray) -> pl.DataFrame:
    record, rows = ready.past.record, ready.past.rows[named]
    return pl.DataFrame(
        {
            "source": [record.symbols[r] for r in rows],
            "title": [record.titles[r] for r in rows],
            "date": [record.dates[r].astype(object) for r in rows],
            "kind": [KINDS[record.kinds[r]] for r in rows],
            "same_kind": ready.precedents.kind[0, named] > 0,
            "likeness": ready.precedents.like[0, named].astype(float),
            "version": np.isin(named, ready.precedents.versions[0]),
        },
        schema_overrides={"source": pl.String, "title": pl.String, "date": pl.Date, "kind": pl.String},
    )


def _rule_table(ready: Prepared) -> pl.DataFrame:
    found = rule_forecasts(ready.past, np.array([ready.target]), ready.precedents)
    member, states = ready.member[0], np.array(ready.past.record.states)
    parts = [
        _outcome_table(states[member], p[0][member]).with_columns(pl.lit(name).alias("rule"))
        for name, p in found.items()
    ]
    return pl.concat(parts).select("rule", "state", *OUTCOMES)


def like_the_whole_record(record: Record) -> bool:
    """Whether the target is of the kind on which the skill was measured: as many roll calls in training, as large an
    assembly, no session missing before it, and none earlier than those on which the forecast was tried."""
    session, last = int(record.sessions[-1]), record.sessions[:-1]
    held = int(((last < session) & (last >= session - TRAINING)).sum())
    members = int((record.votes[-1 - WHOLE : -1] >= 0).any(0).sum())
    fresh = sessions_behind(record) <= 1
    return held >= WHOLE * TRAINING and members >= ASSEMBLY and fresh and session >= MEASURED


def _reason(ready: Prepared, record: Record, estimated: bool) -> str:
    cell = (
        "of a title with earlier versions"
        if len(ready.precedents.versions[0])
        else "of a title without earlier version"
    )
    if estimated:
        return (
            f"Fitted on earlier sessions; its skill on sessions 60 to 74, beside the simple rules, is on the method's page: for "
            f"a vote {cell} read the rows {'all and contested' if 'with ' in cell else 'new and contested, and the panel'}."
        )
    if ready.model is not None:
        return (
            "Fitted, but outside what the skill was measured on (the whole record of the General Assembly, up to date, from "
            f"session {MEASURED} on), so the outcomes are ordered and not estimated. The whole, recent record would raise it."
        )
    return "Too few earlier votes to fit anything: shares among like roll calls, a stated prior. More record would raise it."


def _answer(table: pl.DataFrame, totals: pl.DataFrame, name: str, estimated: bool) -> str:
    if estimated:
        each = [f"{e:.0f} {word} ({low:.0f} to {high:.0f})" for word, e, low, high in totals.rows()]
        return f"Expected on {name}, 90 % of like roll calls in brackets: " + ", ".join(each) + "."
    foremost = table.select(OUTCOMES).to_numpy().argmax(axis=1)
    said = ", ".join(f"{int((foremost == c).sum())} {word}" for c, word in enumerate(OUTCOMES))
    return f"Foremost outcome on {name}, by member: {said}. Ordered, not estimated."


def _caveats(ready: Prepared, target: RollCall, told: Mapping[str, int]) -> tuple[str, ...]:
    out = ["Absent in the record mixes staying away with not taking part in the vote."]
    if not len(ready.precedents.versions[0]):
        out.append(
            "No earlier version within eight sessions: the forecast rests on like texts, kind of act and the members' ties."
        )
    record = ready.past.record
    behind = sessions_behind(record)
    if behind > 1:
        out.append(
            f"The record ends on {record.dates[-2]}, {behind} sessions before the vote: on such gaps the forecast is worse than "
            "an up-to-date last vote on the title. Add the sessions between."
        )
    if told:
        out.append("Announced and taken as given: " + ", ".join(f"{s} {OUTCOMES[c]}" for s, c in told.items()) + ".")
    if told and ready.update is None:
        out.append(
            "Too few earlier votes to learn what announced votes say of the others: nobody else is moved by them."
        )
    if target.sponsors:
        out.append("Sponsors are counted as announced yes; the accuracy of this is not measured.")
    if target.text:
        out.append("The draft text is read as further words of the agenda; the accuracy of this is not measured.")
    return tuple(out)


def _traces(held: str, symbol: str, told: Mapping[str, int], since: int) -> tuple[Template, ...]:
    read = {"body": "GA", "date<=": date.fromisoformat(held), "session>=": since}
    leaves = [Leaf("recorded_votes", read), Leaf("roll_calls", read)]
    if symbol:
        leaves.append(Leaf("roll_calls", {"id": symbol}))
    says = "fitted on all General Assembly roll calls held by {as_of}; of the target its title and agenda"
    if told:
        given = ", ".join(f"{state} {OUTCOMES[code]}" for state, code in told.items())
        says += f"; announced, as handed in and not read from the record: {given}"
    return (Template("*", says, tuple(leaves)),)
