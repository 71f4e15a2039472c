"""Arithmetic of a Security Council vote: threshold, vetoes, whose vote decided it. Counts of recorded votes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import comb

import polars as pl

from realpolitik.evidence import RollCalls
from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.terms import Grade, InputError, Problem
from realpolitik.terms.codes import seat

from .cards import COUNCIL

PERMANENT = ("CHN", "FRA", "GBR", "RUS", "USA")
#: First day of the Council of fifteen. The amendment was in force from 31 August 1965, but the Council of eleven went on by
#: the old rule until its members changed: S/RES/218 of 23 November 1965 was adopted by seven votes.
ENLARGED = date(1966, 1, 1)
PROCEDURAL_WORDS = ("emergency special session", "emergency session of the general assembly")


@dataclass(frozen=True)
class Rule:
    """Seats, the affirmative votes that a decision needs, and whose no prevents it, by Articles 23 and 27 as they stood.

    ``permanent`` holds the codes of the permanent members of the day, also those under which a record may keep them: SUN
    beside RUS until 1991, TWN beside CHN until 25 October 1971.
    """

    seats: int
    threshold: int
    since: str
    permanent: tuple[str, ...] = PERMANENT


def rule_on(day: date) -> Rule:
    """The rule in force on a day: seven of eleven until 1965, nine of fifteen since.

    >>> rule_on(date(2022, 2, 25)).threshold
    9
    >>> rule_on(date(1955, 12, 14)).permanent
    ('CHN', 'FRA', 'GBR', 'RUS', 'SUN', 'TWN', 'USA')
    """
    permanent = tuple(sorted({*PERMANENT, *(seat(state, day) for state in PERMANENT)}))
    if day < ENLARGED:
        return Rule(11, 7, "Charter Article 27 as of 1945", permanent)
    return Rule(15, 9, "Charter Article 27 as amended by A/RES/1991(XVIII) A", permanent)


def is_adopted(votes: Mapping[str, str], rule: Rule, procedural: bool) -> bool:
    """Whether the votes carry: enough yes and, unless procedural, no permanent member against."""
    enough = sum(vote == "yes" for vote in votes.values()) >= rule.threshold
    return enough and (procedural or not vetoes(votes, rule))


def vetoes(votes: Mapping[str, str], rule: Rule) -> tuple[str, ...]:
    """Permanent members that voted no.

    A voluntary abstention is no veto (practice since 1946; ICJ, Namibia, 1971, par. 22). Nor is an absence here, as the Council
    has acted since 1950; that was contested by the absent member.
    """
    return tuple(sorted(state for state in rule.permanent if votes.get(state) == "no"))


def is_pivotal(state: str, votes: Mapping[str, str], rule: Rule, procedural: bool) -> bool:
    """Whether some other vote of this member alone would have turned the result.

    >>> votes = dict.fromkeys("ABCDEFGH", "yes") | {"USA": "yes", "CHN": "abstain"}
    >>> is_pivotal("CHN", votes, rule_on(date(2022, 1, 1)), False), is_pivotal("A", votes, rule_on(date(2022, 1, 1)), False)
    (True, True)
    """
    outcome = is_adopted(votes, rule, procedural)
    return any(is_adopted({**votes, state: other}, rule, procedural) != outcome for other in ("yes", "abstain", "no"))


def swings(votes: Mapping[str, str], rule: Rule, procedural: bool) -> dict[str, tuple[str, ...]]:
    """For each member, the votes that would have turned the result, the others' votes as they were; empty: none."""
    outcome = is_adopted(votes, rule, procedural)
    return {
        state: tuple(
            w
            for w in ("yes", "abstain", "no")
            if w != vote and is_adopted({**votes, state: w}, rule, procedural) != outcome
        )
        for state, vote in votes.items()
    }


def shapley_shubik(rule: Rule, permanent: int = 5) -> tuple[float, float]:
    """Power of a permanent and of an elected member before any vote: share of orders in which it is pivotal.

    The classical game, in which an abstention of a permanent member counts as a veto.

    >>> [round(x, 4) for x in shapley_shubik(rule_on(date(2022, 1, 1)))]
    [0.1963, 0.0019]
    >>> [round(x, 4) for x in shapley_shubik(rule_on(date(1960, 1, 1)))]
    [0.1974, 0.0022]
    """
    elected = rule.seats - permanent
    needed = rule.threshold - permanent
    total, place = rule.seats, rule.threshold - 1
    one = comb(elected - 1, needed - 1) / (comb(total - 1, place) * total)
    return (1 - elected * one) / permanent, one


def council(votes: RollCalls, symbol: str, procedural: bool | None = None) -> Finding:
    """Which rule held for one Council vote and whose vote alone would have turned it: zero members is an answer.

    The record holds adopted resolutions and, elsewhere, vetoes: members' votes on drafts that failed are not in it. Nothing
    is said of how a draft would fare, since the record was selected on the outcome.

    :param votes: roll calls as read by `read_votes`
    :param symbol: symbol of a Security Council resolution, as "S/RES/2623(2022)"
    :param procedural: whether the vote was procedural (no veto); by default so where the title calls an emergency special
        session, or where the resolution stands as adopted although a permanent member voted no
    :returns: Finding; table: state, permanent, vote, pivotal, turned_by (votes that would have turned the result);
        arithmetic: adopted, yes, threshold, seats, margin, procedural, vetoes, rule
    :raises InputError: unknown symbol, or not a vote of the Security Council

    >>> from realpolitik.methods.alignment.roll_calls.made import made_council
    >>> council(made_council(), "S/RES/1(2022)").table.filter(pl.col("pivotal"))["state"].to_list()
    ['CHN', 'FRA', 'GBR', 'RUS', 'USA']
    """
    call = votes.call(symbol)
    cast = votes.votes_on(symbol)
    if call["body"] != "SC" or not cast:
        raise InputError(
            [Problem("", "symbol", symbol, "a Security Council resolution with members' votes in the data")]
        )
    rule = rule_on(call["date"])
    plain, why = _procedural(call, cast, rule) if procedural is None else (procedural, "as given")
    voted = any(vote != "absent" for vote in cast.values())
    table, summary = _tables(cast, rule, plain, voted)
    return conclude(
        COUNCIL,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"symbol": symbol, "procedural": procedural},
        table=table,
        key=("state",),
        tables={"arithmetic": summary},
        grade=Grade.RECORDED,
        grade_reason="Counts of recorded votes under the rule of the Charter in force that day.",
        answer=_answer(symbol, table, summary),
        caveats=_caveats(plain, why, voted),
        traces=_traces(),
    )


def _procedural(call: Mapping[str, object], cast: Mapping[str, str], rule: Rule) -> tuple[bool, str]:
    """Whether a vote was procedural, and how that is known."""
    text = f"{call['title'] or ''} {call['agenda'] or ''}".lower()
    if any(words in text for words in PROCEDURAL_WORDS):
        return True, "read from the title"
    if str(call["id"]).startswith("S/RES/") and vetoes(cast, rule):
        return True, "inferred: it stands as adopted although a permanent member voted no"
    return False, "nothing in the title or the votes says otherwise"


def _tables(cast: Mapping[str, str], rule: Rule, procedural: bool, voted: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    turned = swings(cast, rule, procedural) if voted else dict.fromkeys(cast, ())
    states = sorted(cast)
    table = pl.DataFrame(
        {
            "state": states,
            "permanent": [s in rule.permanent for s in states],
            "vote": [cast[s] for s in states],
            "pivotal": [bool(turned[s]) for s in states],
            "turned_by": [", ".join(turned[s]) for s in states],
        }
    )
    yes = sum(v == "yes" for v in cast.values())
    summary = {
        "adopted": is_adopted(cast, rule, procedural) or not voted,
        "yes": yes,
        "threshold": rule.threshold,
        "seats": rule.seats,
        "margin": yes - rule.threshold,
        "procedural": procedural,
        "vetoes": ", ".join(vetoes(cast, rule)) if not procedural else "",
        "rule": rule.since,
    }
    return table, pl.DataFrame([summary])


def _answer(symbol: str, table: pl.DataFrame, summary: pl.DataFrame) -> str:
    row = summary.row(0, named=True)
    elected = table.filter(pl.col("pivotal") & ~pl.col("permanent"))["state"].to_list()
    abstained = table.filter((pl.col("vote") == "abstain") & pl.col("pivotal") & ~pl.col("permanent"))[
        "state"
    ].to_list()
    return (
        f"{symbol}: {row['yes']} yes, {row['threshold']} needed. Elected members whose vote alone would have turned it: "
        f"{len(elected)}{' (' + ', '.join(elected) + ')' if elected else ''}; of them abstaining: "
        f"{', '.join(abstained) or 'none'}."
    )


def _caveats(plain: bool, why: str, voted: bool) -> tuple[str, ...]:
    out = [f"Taken as {'procedural: no veto' if plain else 'not procedural: the veto holds'} ({why})."]
    if not voted:
        out.append("Nobody is recorded as voting: adopted without a vote, so nobody's vote decided it.")
    if not plain:
        out.append(
            "Whether a permanent member was party to the dispute, and so bound to abstain by Article 27(3), is not read."
        )
        out.append("A permanent member that did not veto counts as pivotal: its no alone would have turned the result.")
    return (*out, "Members' votes on drafts that failed are not in the data; nothing is said of them.")


def _traces() -> tuple[Template, ...]:
    cast = Leaf("recorded_votes", {"roll_call": "{symbol}"})
    call = Leaf("roll_calls", {"id": "{symbol}"})
    own = Leaf("recorded_votes", {"roll_call": "{symbol}", "state": "{state}"})
    return (
        Template("vote", "the recorded vote of {state} on {symbol}", (own,)),
        Template(
            "permanent", "whether {state}, listed on {symbol}, held a seat named in Article 23 of the Charter", (own,)
        ),
        Template("*", "Article 27 in force on the day of {symbol}, and the votes of all members", (cast, call)),
    )
