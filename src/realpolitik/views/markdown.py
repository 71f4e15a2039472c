"""A brief or a finding as Markdown; text of documents is escaped, so that it never becomes mark-up."""

from __future__ import annotations

import re
from typing import Any

from realpolitik.findings import Finding
from realpolitik.findings.brief import (
    ArgumentMap,
    Block,
    Brief,
    Bullets,
    Chart,
    Closed,
    Grid,
    Paragraph,
    Parts,
    Section,
    Tiles,
    plain,
    words,
)

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!&])")


def escaped(text: str) -> str:
    """Text in which no character is mark-up.

    >>> escaped("<b>*x*</b>")
    '\\\\<b\\\\>\\\\*x\\\\*\\\\</b\\\\>'
    """
    return " ".join(_MARKS.sub(r"\\\1", text).split())


def brief_markdown(brief: Brief, **_: Any) -> str:
    """The whole brief as Markdown."""
    known = f"As known on {brief.as_of}" if brief.as_of else "No knowledge date set"
    head = [f"# {escaped(brief.title)}", f"{known}. Grades: recorded, estimated, judgement, coded."]
    return "\n\n".join([*head, *(_section(section, brief) for section in brief.sections)]) + "\n"


def _section(section: Section, brief: Brief) -> str:
    grades = sorted({str(brief.findings[name].grade) for name in section.findings if name in brief.findings})
    title = f"## {escaped(section.title)}" + (f" ({', '.join(grades)})" if grades else "")
    return "\n\n".join([title, *(text for block in section.blocks if (text := _block(block)))])


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return (f"**{escaped(block.label)}:** " if block.label else "") + _run(block.parts)
        case Bullets():
            title = f"**{escaped(block.title)}**\n\n" if block.title else ""
            return title + "\n".join(f"- {_run(item)}" for item in block.items)
        case Grid():
            return _grid(block)
        case Chart():
            return f"*Chart: {escaped(block.caption)} (see the page).*"
        case Tiles():
            return _tiles(block)
        case ArgumentMap():
            return "\n\n".join(_conclusion(c) for c in block.conclusions)
        case Closed():
            return "\n\n".join([f"**{escaped(block.title)}**", *(_block(inner) for inner in block.blocks)])


def _run(parts: Parts) -> str:
    return escaped(words(parts))


def _grid(grid: Grid) -> str:
    lines = [f"| {' | '.join(escaped(head) or ' ' for head in grid.head)} |", "|" + " --- |" * len(grid.head)]
    lines += [f"| {' | '.join(_run(cell) or ' ' for cell in row)} |" for row in grid.rows]
    return (f"{escaped(grid.caption)}\n\n" if grid.caption else "") + "\n".join(lines)


def _tiles(tiles: Tiles) -> str:
    groups: dict[str, list[str]] = {}
    for state, cell in tiles.cells.items():
        groups.setdefault(cell.text, []).append(state)
    return "\n".join(
        [
            f"{escaped(tiles.caption)}\n",
            *(f"- {escaped(name)}: {', '.join(sorted(found))}" for name, found in groups.items()),
        ]
    )


def _conclusion(conclusion: Any) -> str:
    head = f"**{_run(conclusion.text)}** ({escaped(conclusion.holder)})"
    return "\n".join(
        [
            head + "\n",
            *(
                f"- {step.link}: {_run(step.text)}" + (f" ({escaped(step.holder)})" if step.holder else "")
                for step in conclusion.steps
            ),
        ]
    )


def finding_markdown(finding: Finding, **_: Any) -> str:
    """A finding's question, answer, grade and first rows as Markdown."""
    head = "| " + " | ".join(map(escaped, finding.table.columns)) + " |"
    rows = [
        "| " + " | ".join(escaped(plain(value)) for value in row) + " |" for row in finding.table.head(60).iter_rows()
    ]
    rule = "|" + " --- |" * finding.table.width
    told = f"**{escaped(finding.question)}**\n\n{escaped(finding.answer)}\n\nGrade: {finding.grade}. {escaped(finding.grade_reason)}"
    return "\n".join([told, "", head, rule, *rows]) + "\n"
