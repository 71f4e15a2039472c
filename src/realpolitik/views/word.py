"""A brief as a Word document (extra ``docx``)."""

from __future__ import annotations

import io
from typing import Any

from realpolitik.findings.brief import ArgumentMap, Block, Brief, Bullets, Chart, Closed, Grid, Paragraph, Tiles, words
from realpolitik.terms import InputError


def brief_document(brief: Brief, **_: Any) -> bytes:
    """The content of ``brief.docx``; InputError where python-docx is not installed."""
    try:
        from docx import Document
    except ImportError as error:
        raise InputError("a Word document needs python-docx: pip install 'realpolitik[docx]'") from error
    document = Document()
    document.core_properties.title = brief.title
    document.add_heading(_clean(brief.title), 0)
    document.add_paragraph(f"As known on {brief.as_of}." if brief.as_of else "No knowledge date is set.")
    for section in brief.sections:
        grades = sorted({str(brief.findings[name].grade) for name in section.findings if name in brief.findings})
        document.add_heading(_clean(section.title + (f" ({', '.join(grades)})" if grades else "")), 1)
        for block in section.blocks:
            _add(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add(document: Any, block: Block) -> None:
    match block:
        case Paragraph():
            line = document.add_paragraph()
            if block.label:
                line.add_run(f"{_clean(block.label)}: ").bold = True
            line.add_run(_clean(words(block.parts)))
        case Bullets():
            if block.title:
                document.add_paragraph().add_run(_clean(block.title)).bold = True
            for item in block.items:
                document.add_paragraph(_clean(words(item)), style="List Bullet")
        case Grid():
            _add_grid(document, block)
        case Chart():
            document.add_paragraph(_clean(f"Chart: {block.caption} (see the page)."))
        case Tiles():
            _add_tiles(document, block)
        case ArgumentMap():
            for conclusion in block.conclusions:
                document.add_paragraph(_clean(words(conclusion.text)), style="Intense Quote")
                for step in conclusion.steps:
                    document.add_paragraph(_clean(f"{step.link}: {words(step.text)}"), style="List Bullet")
        case Closed():
            document.add_heading(_clean(block.title), 2)
            for inner in block.blocks:
                _add(document, inner)


def _add_grid(document: Any, grid: Grid) -> None:
    if grid.caption:
        document.add_paragraph(_clean(grid.caption))
    table = document.add_table(rows=1, cols=len(grid.head))
    table.style = "Light Grid Accent 1"
    for place, head in zip(table.rows[0].cells, grid.head, strict=True):
        place.text = _clean(head)
    for row in grid.rows:
        for place, parts in zip(table.add_row().cells, row, strict=True):
            place.text = _clean(words(parts))


def _add_tiles(document: Any, tiles: Tiles) -> None:
    groups: dict[str, list[str]] = {}
    for state, cell in tiles.cells.items():
        groups.setdefault(cell.text, []).append(state)
    document.add_paragraph(_clean(tiles.caption))
    for name, states in groups.items():
        document.add_paragraph(_clean(f"{name}: {', '.join(sorted(states))}"), style="List Bullet")


def _clean(text: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "￾￿" and not 0xD800 <= ord(c) <= 0xDFFF))
