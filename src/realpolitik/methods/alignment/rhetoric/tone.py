"""Whether a text names an issue, and whether it censures the act, defends it, or only names it.

A dictionary measure: the words are listed here and nothing is learnt. Only sentences that name the issue, and the
sentence after each, are read. Silence is a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from realpolitik.terms import InputError, Problem

TONES = ("silent", "names", "censures", "defends")

CENSURE = (
    r"aggress(ion|or|ive)|\binvasion|\binvad(e|ed|ing|er)|illegal|unlawful|unprovoked|unjustif|condemn|brutal|"
    r"(flagrant|clear|blatant|gross) (violation|breach)|violat(e|es|ed|ing|ion)|disregards international law|sham referend|"
    r"fake referend|annex(ation|ed|ing)?|atrocit|war crime|barbar|illegitimate|withdraw|senseless war|war of (choice|conquest)"
)
DEFENCE = (
    r"special military operation|right to defend itself|against (neo-?)?(fascism|nazism)|nato expansion|expansion of nato|"
    r"legitimate security concerns of (russia|the russian)"
)


@dataclass(frozen=True)
class Issue:
    """An issue: its name, and patterns for the words that name it, and for those that censure or defend the act.

    The words of censure and defence belong to one act: those listed for the invasion of Ukraine mean nothing elsewhere.

    :raises InputError: a pattern that is empty, matches an empty text or is no regular expression
    """

    name: str
    words: str
    censure: str
    defence: str

    def __post_init__(self) -> None:
        found = [_pattern_problem(field, getattr(self, field)) for field in ("words", "censure", "defence")]
        problems = [problem for problem in found if problem]
        if problems:
            raise InputError(problems)


def _pattern_problem(field: str, pattern: str) -> Problem | None:
    expected = "a regular expression of words, which an empty text does not match"
    try:
        return Problem("", field, repr(pattern), expected) if re.search(pattern, "") else None
    except (re.error, TypeError) as error:
        return Problem("", field, repr(pattern), f"{expected} ({error})")


UKRAINE = Issue("Ukraine", r"ukrain", CENSURE, DEFENCE)


@dataclass(frozen=True)
class Tone:
    """What was found in one text: times named, words in all, sentences read that censure or defend, and the tone."""

    mentions: int
    words: int
    censuring: int
    defending: int
    tone: str


def sentences_of(text: str) -> list[str]:
    """Sentences of a speech: line breaks and words broken at line ends are mended first.

    >>> sentences_of("We condemn the inva-\\nsion. Peace is\\nneeded.")
    ['We condemn the invasion.', 'Peace is needed.']
    """
    joined = re.sub(r"\s+", " ", re.sub(r"(\w)-\s*\n\s*(?=[a-z])", r"\1", text))
    return [s for s in re.split(r"(?<=[.!?])\s+(?=[A-Z“\"])", joined.strip()) if s]


def tone_of(text: str, issue: Issue = UKRAINE) -> Tone:
    """Tone of one text on an issue; it censures or defends by the majority of its telling sentences, else it names.

    >>> tone_of("Russia's aggression against Ukraine violates the Charter.").tone
    'censures'
    >>> tone_of("The war in Ukraine has raised prices.").tone, tone_of("We met in peace.").tone
    ('names', 'silent')
    """
    sentences = sentences_of(text)
    named = [bool(re.search(issue.words, s, re.I)) for s in sentences]
    read = [s for k, s in enumerate(sentences) if named[k] or (k and named[k - 1])]
    censuring = sum(bool(re.search(issue.censure, s, re.I)) for s in read)
    defending = sum(bool(re.search(issue.defence, s, re.I)) for s in read)
    mentions = sum(len(re.findall(issue.words, s, re.I)) for s in sentences)
    words = sum(len(s.split()) for s in sentences)
    return Tone(mentions, words, censuring, defending, _name(mentions, censuring, defending))


def _name(mentions: int, censuring: int, defending: int) -> str:
    if not mentions:
        return "silent"
    if defending and defending >= censuring:
        return "defends"
    return "censures" if censuring else "names"
