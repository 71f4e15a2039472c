"""Pages on members and roll calls as their source: every figure a cell, no odds where nothing is estimated, JSON as the page."""

from __future__ import annotations

import json
import re

import pytest

import realpolitik as rp
from page_reading import read
from realpolitik.findings.brief import Brief, cells_of
from realpolitik.findings.figures import FIGURE, pieces
from realpolitik.views.markdown import brief_markdown
from realpolitik.views.page import page
from realpolitik.views.record import as_record

FORBIDDEN = re.compile(r"\b(probabilit\w*|chances?|likely|unlikely)\b", re.I)
CASE, TARGET = "iran-ukraine-2022", "A/RES/ES-11/1"
MADE = {
    "member": lambda: rp.member(CASE, "IRN"),
    "pair": lambda: rp.pair(CASE, "IRN", "RUS"),
    "blocs": lambda: rp.pair(CASE, "partners", "western_europe_and_others"),
    "resolution": lambda: rp.resolution(CASE, TARGET),
    "forecast": lambda: rp.forecast(CASE, TARGET, known={"USA": "yes"}),
}


@pytest.fixture(scope="module", params=list(MADE))
def made(request: pytest.FixtureRequest) -> Brief:
    return MADE[request.param]()


@pytest.fixture(scope="module")
def html(made: Brief) -> str:
    return page(made)


def figures(texts: list[str]) -> list[str]:
    return [piece for text in texts for piece, kind in pieces(text) if kind == FIGURE]


def test_no_figure_stands_outside_a_cell(html: str) -> None:
    found = read(html)
    assert len(found.cells) > 30
    assert figures(found.bare) == []


def test_every_cell_has_its_trace_in_the_page(html: str) -> None:
    known = json.loads(re.search(r'id="trace-data">(.*?)</script>', html, re.S)[1])["cells"]
    assert {name for name in read(html).cells if name not in known} == set()
    assert all(trace["says"] and trace["grade"] and trace["leaves"] for trace in known.values())


def test_our_words_promise_no_odds_where_nothing_is_estimated(html: str) -> None:
    assert [text for text in read(html).ours if FORBIDDEN.search(text)] == []


def test_nothing_is_fetched_and_the_page_stays_small(html: str) -> None:
    assert [link for link in read(html).links if not link.startswith(("#", "data:,"))] == []
    assert len(html.encode()) < 6_000_000


def test_the_record_says_what_the_page_says(made: Brief) -> None:
    record = json.loads(as_record(made))
    told = json.dumps(record["sections"], ensure_ascii=False)
    for section in made.sections:
        for cell in cells_of(section.blocks):
            assert json.dumps(cell.text, ensure_ascii=False)[1:-1] in told or cell.text in told
    assert [section["id"] for section in record["sections"]] == [section.id for section in made.sections]
    assert record["sort"] == made.sort


def test_values_of_the_record_are_those_of_the_findings(made: Brief) -> None:
    """Each cell's value, as JSON keeps it, is what its finding says of that row."""
    for cell in json.loads(as_record(made))["cells"]:
        finding = made.findings[cell["finding"]]
        if cell["column"] == "answer":
            continue
        value = finding.row(table=cell.get("table", ""), **_typed(finding, cell))[cell["column"]]
        assert json.loads(json.dumps(value, default=str)) == cell["value"] or value != value


def _typed(finding, cell) -> dict:
    frame = finding.tables[cell["table"]] if "table" in cell else finding.table
    return {name: frame[name].cast(str).to_list() and _as(frame[name], value) for name, value in cell["key"].items()}


def _as(column, value):
    return next(found for found in column.to_list() if found == value or str(found) == value)


def test_the_page_is_also_text(made: Brief) -> None:
    told = brief_markdown(made)
    assert told.startswith("# ")
    assert "None" not in told.replace("None is in the record", "").replace("None were handed in", "")
