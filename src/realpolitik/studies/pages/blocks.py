"""Lines, lists and tables that the pages on members and roll calls share; every figure in them is a cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from realpolitik.findings import Finding
from realpolitik.findings.brief import Block, Brief, Bullets, Cell, Closed, Grid, Paragraph, Part, Parts, Section
from realpolitik.terms import InputError

from ..cells import answer_parts, cell_at, linked
from .ground import Ground, short_title

VOTED = {"yes": "yes", "abstain": "abstained", "no": "no", "absent": "did not vote"}
OUTCOMES = tuple(VOTED)
HEIRS = np.datetime64("1992-01-01")  #: before it a record can hold votes of states that are no more
CODE = re.compile(r"\b[A-Z]{3}\b")


class Told:
    """A finding by its name on the page, with short ways to its cells."""

    def __init__(self, name: str, finding: Finding) -> None:
        self.name, self.finding = name, finding

    def frame(self, table: str = "") -> Any:
        return self.finding.tables[table] if table else self.finding.table

    def row(self, table: str = "", **key: Any) -> int | None:
        """The place of the first row with these values, or None."""
        frame = self.frame(table)
        columns = {name: frame[name].to_list() for name in key}
        return next((i for i in range(frame.height) if all(columns[n][i] == v for n, v in key.items())), None)

    def at(self, column: str, row: int = 0, table: str = "", shown: str = "") -> Cell:
        return cell_at(self.name, self.finding, table, column, row, shown)

    def share(self, column: str, row: int = 0, table: str = "") -> Cell:
        value = self.frame(table)[column][row]
        return self.at(column, row, table, "–" if value is None else f"{value:.0%}")

    def signed(self, column: str, row: int = 0, table: str = "") -> Cell:
        value = self.frame(table)[column][row]
        return self.at(column, row, table, "–" if value is None else f"{value:+.2f}".replace("-", "−"))

    def fixed(self, column: str, row: int = 0, table: str = "") -> Cell:
        value = self.frame(table)[column][row]
        return self.at(column, row, table, "–" if value is None else f"{value:.2f}".replace("-", "−"))

    def call(self, row: int, table: str = "", column: str = "roll_call") -> Parts:
        """A roll call: symbol, title, day."""
        return (self.at(column, row, table), ", ", self.title(row, table), " (", self.at("date", row, table), ")")

    def title(self, row: int, table: str = "") -> Cell:
        found = self.at("title", row, table, short_title(self.frame(table)["title"][row]) or "no title in the record")
        return Cell(found.finding, found.column, found.value, found.key, found.table, found.shown, theirs=True)

    def tally(self, row: int, table: str = "") -> Parts:
        """The four counts of a roll call."""
        parts: list[Part] = []
        for word in OUTCOMES:
            parts += [f"{word} ", self.at(word, row, table), ", "]
        return tuple(parts[:-1])

    def answer(self, label: str = "", names: Callable[[str], str] = str) -> Paragraph:
        """The finding's answer, members by their names."""
        parts = answer_parts(self.name, self.finding)
        said = (CODE.sub(lambda m: names(m[0]), p).replace("_", " ") if isinstance(p, str) else p for p in parts)
        return Paragraph(tuple(said), label)

    def limits(self) -> Block:
        """Why the grade is what it is, and what the finding cannot tell."""
        items = [self.finding.grade_reason, *self.finding.caveats]
        return Closed(
            "Grade and limits", (Bullets(tuple(linked(text, self.name, self.finding) for text in items if text)),)
        )


def told(ground: Ground, name: str) -> Told | None:
    """A finding of the page, or None where it could not be made."""
    return Told(name, ground.findings[name]) if name in ground.findings else None


KINDS = {
    "human_rights_country": "human rights in a country",
    "middle_east": "the Middle East",
    "law_and_cooperation": "law and cooperation",
}


def kind_words(kind: str) -> str:
    """A kind of act as words.

    >>> kind_words("territory_or_force")
    'territory or force'
    """
    return KINDS.get(kind, kind.replace("_", " "))


def joined(items: Iterable[Parts], between: str = ", ") -> Parts:
    """Runs of text one after the other."""
    parts: list[Part] = []
    for item in items:
        parts += [between] if parts else []
        parts += item
    return tuple(parts)


def list_or(items: Sequence[Parts], otherwise: str) -> Block:
    """A list, or a sentence where it is empty."""
    return Bullets(tuple(items)) if items else Paragraph((otherwise,))


def grid(head: Sequence[str], rows: Iterable[Iterable[Any]], caption: str = "", finding: str = "") -> Grid:
    """A table from rows of runs."""
    return Grid(tuple(head), tuple(tuple(row) for row in rows), caption, finding)


def limits_of(ground: Ground) -> Section:
    """Grade and limits of every finding of a page, and what could not be made."""
    blocks: list[Block] = []
    for name, finding in ground.findings.items():
        found = Told(name, finding)
        texts = tuple(linked(t, name, finding) for t in (finding.grade_reason, *finding.caveats) if t)
        blocks.append(Closed(f"{finding.question} ({finding.grade})", (found.answer(), Bullets(texts))))
    works = dict.fromkeys(work for finding in ground.findings.values() for work in finding.literature)
    if works:
        blocks.append(
            Closed("Literature behind the methods", (Bullets(tuple((Cell("", "", w, theirs=True),) for w in works)),))
        )
    said = "Recorded votes as the United Nations publishes them"
    coded = "those of the case" if ground.case else "read from title and agenda by a stated rule"
    told = f"{said}; kinds of act and series are {coded}."
    if ground.votes.day.min() < HEIRS:
        told += " The record prints states that are no more under the codes of their heirs: the Soviet Union as Russia, for example."
    return Section("limits", "Grades, limits, sources", (Paragraph((told,)), *blocks))


def finished(
    ground: Ground, sort: str, title: str, question: str, sections: Iterable[Section | None], beside: Mapping[str, str]
) -> Brief:
    """A page as a Brief, which the views draw."""
    return Brief(
        name=ground.name,
        title=title,
        question=question,
        as_of=ground.as_of,
        sections=tuple(section for section in sections if section),
        findings=dict(ground.findings),
        systems=(),
        subject=ground.case or ground.votes,
        sort=sort,
        note=ground.case.about.title if ground.case else "",
        beside=dict(beside),
    )


def attempt(ground: Ground, name: str, make: Callable[[], Finding]) -> Told | None:
    """A finding made by a function, or None with its reason kept."""
    try:
        ground.findings[name] = make()
    except InputError as error:
        ground.missed[name] = (str(error).splitlines() or [""])[0]
    return told(ground, name)


def reason(ground: Ground, name: str) -> Parts:
    """Why a finding could not be made, as a reference: its figures are not ours."""
    return (Cell("", "", ground.missed.get(name, "It was not asked for."), theirs=True),)
