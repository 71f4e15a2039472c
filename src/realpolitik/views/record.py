"""A brief as JSON: the answers to the twenty-four questions with their cells, the sections as text, the findings behind them."""

from __future__ import annotations

import json
from typing import Any

from realpolitik.findings import Finding
from realpolitik.findings.brief import (
    ArgumentMap,
    Block,
    Brief,
    Bullets,
    Cell,
    Chart,
    Closed,
    Grid,
    Paragraph,
    Section,
    SystemAnswer,
    Tiles,
    as_json,
    words,
)

FORMAT = 1


def as_record(brief: Brief, **_: Any) -> str:
    """The text of ``brief.json``."""
    record = {
        "format": FORMAT,
        "sort": brief.sort,
        "case": brief.name,
        "title": brief.title,
        "question": brief.question,
        "as_of": brief.as_of,
        "systems": [_system(answer) for answer in brief.systems],
        "pages": dict(brief.links),
        "sections": [_section(section) for section in brief.sections],
        "findings": {name: _finding(finding) for name, finding in brief.findings.items()},
    }
    if not brief.systems:  # a page on members or roll calls: its cells stand together, as those of a system do
        record["cells"] = [cell_record(cell) for cell in {c.name: c for c in brief.cells()}.values() if cell.finding]
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)


def _system(answer: SystemAnswer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "question": answer.question,
        "status": answer.status,
        "grade": answer.grade,
        "answer": words(answer.answer),
        "cells": [cell_record(cell) for cell in answer.cells],
        "judgement_share": answer.judgement_share,
    }


def cell_record(cell: Cell) -> dict[str, Any]:
    """A cell as JSON: finding, key, column, value, and the table where it is not the first."""
    record = {"finding": cell.finding, "key": as_json(cell.key), "column": cell.column, "value": as_json(cell.value)}
    return record | ({"table": cell.table} if cell.table else {})


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "findings": list(section.findings),
        "blocks": [_block(block) for block in section.blocks],
    }


def _block(block: Block) -> Any:
    match block:
        case Paragraph():
            return {"text": words(block.parts)} | ({"label": block.label} if block.label else {})
        case Bullets():
            return ({"title": block.title} if block.title else {}) | {"list": [words(item) for item in block.items]}
        case Grid():
            return {
                "caption": block.caption,
                "head": list(block.head),
                "rows": [[words(cell) for cell in row] for row in block.rows],
            }
        case Chart():
            return {"chart": block.finding, "caption": block.caption}
        case Tiles():
            return {
                "caption": block.caption,
                "tiles": {state: as_json(cell.value) for state, cell in block.cells.items()},
            }
        case ArgumentMap():
            return {"argument": [_conclusion(conclusion) for conclusion in block.conclusions]}
        case Closed():
            return {"closed": block.title, "blocks": [_block(inner) for inner in block.blocks]}


def _conclusion(conclusion: Any) -> dict[str, Any]:
    steps = [
        {"id": s.id, "link": s.link, "premise": s.premise, "text": words(s.text), "hedge": s.hedge, "holder": s.holder}
        for s in conclusion.steps
    ]
    return {"claim": conclusion.id, "text": words(conclusion.text), "holder": conclusion.holder, "steps": steps}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "method": finding.method,
        "question": finding.question,
        "answer": finding.answer,
        "grade": str(finding.grade),
        "grade_reason": finding.grade_reason,
        "stands_as": finding.stands_as,
        "complete": finding.complete,
        "parameters": as_json(dict(finding.parameters)),
        "seed": finding.seed,
        "digest": finding.digest,
        "dropped": dict(finding.dropped),
        "caveats": list(finding.caveats),
        "literature": list(finding.literature),
        "rows": finding.table.height,
    }
