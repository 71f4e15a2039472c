"""The page as its source: every figure a cell, our words apart from theirs, text never mark-up, nothing fetched."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files

import pytest
from hypothesis import given, settings

import realpolitik as rp
from page_reading import read
from realpolitik.findings.brief import Brief, words
from realpolitik.findings.figures import FIGURE, pieces
from realpolitik.studies import brief
from realpolitik.views.markdown import brief_markdown
from realpolitik.views.page import page
from realpolitik.views.record import as_record
from small_case import TEXT, small_case
from strategies import cases

FORBIDDEN = re.compile(r"\b(probabilit\w*|chances?|likely|unlikely)\b", re.I)
STATIC = files("realpolitik.views") / "static"


@pytest.fixture(scope="module")
def small() -> Brief:
    return brief(small_case())


@pytest.fixture(scope="module")
def built_in() -> Brief:
    return rp.brief("iran-ukraine-2022", as_of="2022-03-31")


def figures(texts: list[str]) -> list[str]:
    return [piece for text in texts for piece, kind in pieces(text) if kind == FIGURE]


def embedded(html: str, id: str):
    return json.loads(re.search(rf'id="{id}">(.*?)</script>', html, re.S)[1])


@pytest.mark.parametrize("which", ["small", "built_in"])
def test_no_figure_stands_outside_a_cell(which: str, request: pytest.FixtureRequest) -> None:
    found = read(page(request.getfixturevalue(which)))
    assert len(found.cells) > 30
    assert figures(found.bare) == []


def test_the_test_for_bare_figures_can_fail() -> None:
    assert figures(read("<p>It rose by 12 since <time>2014</time>.</p>").bare) == ["12"]
    assert figures(read('<p><b data-cell="x">12</b> of them</p>').bare) == []


@pytest.mark.parametrize("which", ["small", "built_in"])
def test_every_cell_has_its_trace_in_the_page(which: str, request: pytest.FixtureRequest) -> None:
    html = page(request.getfixturevalue(which))
    known = embedded(html, "trace-data")["cells"]
    missing = {name for name in read(html).cells if name not in known and not name.startswith("declared:")}
    assert missing == set()
    assert all(trace["says"] and trace["grade"] for trace in known.values())


@pytest.mark.parametrize("which", ["small", "built_in"])
def test_our_words_promise_no_odds_where_nothing_is_estimated(which: str, request: pytest.FixtureRequest) -> None:
    ours = read(page(request.getfixturevalue(which))).ours
    assert [text for text in ours if FORBIDDEN.search(text)] == []


@settings(max_examples=15)
@given(case=cases(rows=2))
def test_any_case_gives_a_page_that_keeps_the_rules(case) -> None:
    made = brief(case)
    html = page(made)
    found = read(html)
    own = _declared(case)
    assert [figure for figure in figures(found.bare) if figure not in own] == []
    json.loads(as_record(made))
    assert brief_markdown(made).startswith("# ")


def _declared(case) -> str:
    """Names that the analyst gave to actors, options and documents; they are not figures of ours."""
    names = [row.name for table in ("actors", "options") for row in case.tables.get(table, ())]
    return " ".join([*names, *(row.id for rows in case.tables.values() for row in rows)])


def test_text_of_documents_never_becomes_mark_up(small: Brief) -> None:
    html = page(small)
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", html, re.S)
    assert "alert(" not in "".join(code for code in scripts if not code.startswith("{"))
    assert all("<" not in code for code in scripts if code.startswith("{"))
    assert "<img" not in re.sub(r"<script.*?</script>", "", html, flags=re.S)
    assert "\\<script\\>" in brief_markdown(small)


def test_nothing_is_fetched(built_in: Brief) -> None:
    found = read(page(built_in))
    assert [link for link in found.links if not link.startswith(("#", "data:,"))] == list(built_in.links)
    assert all(link == f"{page.place}/index.html" for link, page in zip(built_in.links, built_in.pages, strict=True))


def test_passages_are_shown_only_from_a_readers_copy(tmp_path) -> None:
    copy = tmp_path / "d0.txt"
    copy.write_text(TEXT)
    without, attached = page(brief(small_case())), page(brief(small_case(), documents={"D0": copy}))
    assert "Iran abstained." not in json.dumps(embedded(without, "trace-data"))
    assert "Iran abstained." in json.dumps(embedded(attached, "trace-data"))


def test_brief_json_answers_every_system(built_in: Brief) -> None:
    record = json.loads(as_record(built_in))
    assert [system["id"] for system in record["systems"]] == list(range(1, 25))
    assert all(
        list(s) == ["id", "question", "status", "grade", "answer", "cells", "judgement_share"]
        for s in record["systems"]
    )
    assert {s["status"] for s in record["systems"]} <= {"answered", "not in the evidence", "not built yet"}
    for system in record["systems"]:
        for cell in system["cells"]:
            trace = built_in.findings[cell["finding"]].explain(
                column=cell["column"], table=cell.get("table", ""), **cell["key"]
            )
            assert (
                json.loads(json.dumps(trace.cell["value"])) == cell["value"]
                or trace.cell["value"] != trace.cell["value"]
            )


def test_the_first_systems_are_answered_by_methods_on_the_built_in_case(built_in: Brief) -> None:
    by_method = {
        a.id for a in built_in.systems if a.findings and not all(name.startswith("coded.") for name in a.findings)
    }
    assert {1, 4, 5, 6, 12} <= by_method


def test_all_formats_are_written(small: Brief, tmp_path) -> None:
    folder = small.write(tmp_path, ("html", "json", "md", "docx"))
    written = ["brief.docx", "brief.json", "brief.md", "index.html"]
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == written
    from docx import Document

    text = "\n".join(p.text for p in Document(str(folder / "brief.docx")).paragraphs)
    assert small.title in text
    assert "Strongest counter-case" in text
    assert words(small.systems[0].answer)


def test_the_vendored_scripts_are_those_on_record() -> None:
    record = json.loads((STATIC / "vendored.json").read_text("utf-8"))
    assert {entry["name"] for entry in record} == {"vega", "vega-lite", "vega-embed"}
    for entry in record:
        assert hashlib.sha256((STATIC / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (STATIC / f"{entry['name']}.LICENSE.txt").is_file()
