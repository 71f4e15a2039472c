"""How each state spoke of an issue in one year, and beside it how it voted."""

from __future__ import annotations

import polars as pl

from realpolitik.findings import Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

from .speeches import Speeches
from .tone import UKRAINE, Issue, tone_of

SPEECH_TONE = Method(
    name="alignment.speech_tone",
    question="Did each state name the issue in the General Debate, and did it censure or defend the act?",
    function="realpolitik.methods.alignment.rhetoric.finding:speech_tone",
    literature=("Baturo, Dasandi and Mikhaylov 2017, Research and Politics 4(2), doi:10.1177/2053168017712821",),
    needs=("speeches",),
    subject="speeches",
    systems=(4,),
)

CHECKED = (
    "A word list read by a machine. Two readers coded 100 speeches of 2022 independently: it agrees with the first in 94 "
    "(kappa .91), with the second, who did not know the list, in 89 (kappa .84). It finds 1 of 4 defences."
)
UNCHECKED = "A word list read by a machine; no reader has checked it on this issue."


def speech_tone(speeches: Speeches, *, year: int, issue: Issue = UKRAINE, resolution: str | None = None) -> Finding:
    """Whether each state named an issue in its General Debate speech, and its tone: silent, names, censures or defends.

    :param speeches: speeches, with a record of roll calls beside them where `resolution` is given
    :param year: year of the debate
    :param issue: the words that name the issue, and those that censure or defend the act
    :param resolution: symbol of a roll call to set beside the words
    :returns: Finding; table: state, tone, mentions, words, per_thousand, censuring, defending[, vote]; beside: tone, vote, n
    :raises InputError: no speeches of that year; an issue that is none; a resolution without votes beside the speeches

    >>> frame = pl.DataFrame({"iso3": ["AAA", "BBB"], "year": [2022, 2022], "text": ["The war in Ukraine is illegal.", "Peace."]})
    >>> speech_tone(Speeches.from_frame(frame), year=2022).table["tone"].to_list()
    ['censures', 'silent']
    """
    _check(speeches, year, issue, resolution)
    chosen = speeches.table.filter(pl.col("year") == year)
    table, beside = _table(chosen, issue), pl.DataFrame(schema={"tone": pl.String, "vote": pl.String, "n": pl.Int64})
    if resolution is not None:
        cast = speeches.votes.votes_on(resolution)
        table = table.with_columns(
            pl.col("state").replace_strict(cast, default=None, return_dtype=pl.String).alias("vote")
        )
        beside = table.group_by("tone", "vote").len("n").with_columns(pl.col("n").cast(pl.Int64)).sort("tone", "vote")
    return conclude(
        SPEECH_TONE,
        speeches,
        ("speeches", *(("recorded_votes",) if resolution else ())),
        parameters={"year": year, "issue": issue, "resolution": resolution},
        table=table,
        key=("state",),
        tables={"beside": beside},
        grade=Grade.CODED,
        grade_reason=CHECKED if issue == UKRAINE else UNCHECKED,
        answer=_answer(table, issue),
        caveats=(
            "Silence is a value, not a gap.",
            "English versions, some from scans; quotation, irony, a denial and whom a censure is aimed at are not seen.",
            *_without_text(speeches, year),
        ),
        traces=_traces(resolution),
    )


def _check(speeches: Speeches, year: int, issue: Issue, resolution: str | None) -> None:
    problems = []
    years = speeches.table["year"].unique().sort().to_list()
    if year not in years:
        held = f" ({years[0]} to {years[-1]})" if years else "; there are none at all"
        problems.append(Problem("", "year", str(year), f"a year with speeches{held}"))
    if not isinstance(issue, Issue):
        expected = "an Issue, with the words that name it, censure and defend"
        problems.append(Problem("", "issue", repr(issue), expected))
    if resolution is not None and speeches.votes is None:
        problems.append(Problem("", "resolution", resolution, "a record of roll calls given with the speeches"))
    if problems:
        raise InputError(problems)


def _without_text(speeches: Speeches, year: int) -> list[str]:
    states = [name.rpartition("-")[0] for name in speeches.missing if name.endswith(f"-{year}")]
    return [f"No text of the speech of {', '.join(states)}: left out, not counted as silent."] if states else []


def _table(chosen: pl.DataFrame, issue: Issue) -> pl.DataFrame:
    found = [tone_of(text, issue) for text in chosen["text"]]
    return pl.DataFrame(
        {
            "state": chosen["state"],
            "tone": [t.tone for t in found],
            "mentions": [t.mentions for t in found],
            "words": [t.words for t in found],
            "per_thousand": [1000 * t.mentions / max(t.words, 1) for t in found],
            "censuring": [t.censuring for t in found],
            "defending": [t.defending for t in found],
        }
    )


def _answer(table: pl.DataFrame, issue: Issue) -> str:
    counts = dict(table.group_by("tone").len().rows())
    named = table.height - counts.get("silent", 0)
    return (
        f"{named} of {table.height} speeches name {issue.name}: {counts.get('censures', 0)} censure, "
        f"{counts.get('defends', 0)} defend, {counts.get('names', 0)} only name it."
    )


def _traces(resolution: str | None) -> tuple[Template, ...]:
    own = Leaf("speeches", {"state": "{state}", "year": "{year}"})
    all_of = Leaf("speeches", {"year": "{year}"})
    found = [Template("*", "the words of {state}'s speech of {year}", (own,))]
    if resolution:
        found.append(
            Template(
                "vote",
                "the recorded vote of {state} on {resolution}",
                (Leaf("recorded_votes", {"roll_call": "{resolution}", "state": "{state}"}),),
            )
        )
        both = (all_of, Leaf("recorded_votes", {"roll_call": "{resolution}"}))
        found.append(Template("beside.*", "tones and votes of all states in {year}", both))
    return tuple(found)
