"""The brief's section on the futures: the course of the tie first, told from the findings, with its sentences and its limits."""

from __future__ import annotations

import hashlib

import pytest

from realpolitik.case import About, build
from realpolitik.case.tables import ActorKind, ActorRow, Claim, ClaimKind, Gap, IssueRow
from realpolitik.evidence import Document, Evidence
from realpolitik.findings.brief import Bullets, Chart, Closed, Grid, Paragraph, words
from realpolitik.methods.scenarios.rows import Factor, Impact
from realpolitik.studies import brief
from realpolitik.studies.course import WARNING, with_scenario
from realpolitik.studies.readings import outcome
from realpolitik.terms import Estimate

TEXT = "A short war keeps the tie. A long one may break it. The pact is old."
JUDGED = "judged:coder-2026-11-22: read from the wording"
SPANS = {"short": "doc:D0@0-26", "long": "doc:D0@27-51", "pact": "doc:D0@52-68"}


def impacts(holder: str, breaking: str) -> list[Impact]:
    cells = [
        ("war", "short", "tie", "holds", "1..3", SPANS["short"]),
        ("war", "long", "tie", "breaks", breaking, SPANS["long"]),
        ("pact", "in force", "war", "short", "0", SPANS["pact"]),
        ("arms", "sent", "tie", "holds", "1", SPANS["short"]),
    ]
    return [
        Impact(id=f"{holder}-{i}", factor=a, variant=v, on=b, on_variant=w, value=Estimate.parse(x), holder=holder, source=source)
        for i, (a, v, b, w, x, source) in enumerate(cells)
    ]  # fmt: skip


def factors() -> list[Factor]:
    named = {
        "war": ("course of the war", ("short", "long")),
        "tie": ("tie of A and B", ("holds", "breaks", "is reversed")),
        "arms": ("arms for A", ("sent", "withheld")),
        "pact": ("the pact of 1990", ("in force",)),
    }
    return [Factor(id=f, name=name, variants=variants, source=JUDGED) for f, (name, variants) in named.items()]


def case(*holders: str):
    rows = [
        ActorRow(id="A", kind=ActorKind.STATE, name="A", source=JUDGED),
        *(ActorRow(id=h, kind=ActorKind.PERSON, name=f"{h} coder", source=JUDGED) for h in holders),
        IssueRow(id="tie-issue", name="The tie", source=JUDGED),
        *factors(),
        *(row for h, x in zip(holders, ("-1..2", "-4"), strict=False) for row in impacts(h, x)),
        Claim(id="c1", kind=ClaimKind.CONCLUSION, text="The tie lasts.", issue="tie-issue", holder="A", source=SPANS["short"]),
        Claim(id="c2", kind=ClaimKind.FORECAST, text="It will last.", issue="tie-issue", holder="A", source=SPANS["short"]),
        Claim(id="c3", kind=ClaimKind.ASSESSMENT, text="Of 10 such ties 7 (70 %) lasted.", source="data:set-1/rows"),
        Gap(id="g1", question="Why do ties break?", answer="Nobody counted", issue="tie-issue", systems=("24",), source=JUDGED),
    ]  # fmt: skip
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    document = Document(id="D0", title="A report", known="2022-03-20", sha256=digest, characters=len(TEXT))
    return build(About("small", "Small", "Does the tie hold?", "A"), rows, Evidence(None, {"D0": document}))


@pytest.fixture(scope="module")
def made():
    return brief(case("first", "second"))


def told(block) -> str:
    match block:
        case Paragraph():
            return f"{block.label} {words(block.parts)}"
        case Bullets():
            return "\n".join([block.title, *map(words, block.items)])
        case Grid():
            return "\n".join([*block.head, block.caption, *(" ".join(map(words, row)) for row in block.rows)])
        case Closed():
            return "\n".join([block.title, *map(told, block.blocks)])
        case Chart():
            return block.caption
    return ""


def test_the_outcome_is_the_factor_on_which_most_others_act() -> None:
    assert outcome(case("first", "second")) == "tie"
    assert outcome(build(About("small", "Small", "What?", "A"), [])) == ""


def test_it_opens_with_the_readings_of_each_coder(made) -> None:
    blocks = made.section("futures").blocks
    assert [b.label for b in blocks[1:3]] == ["First coder", "Second coder"]
    for coder, block in zip(("first", "second"), blocks[1:3], strict=True):
        asked = outcome(made.subject)
        readings = made.findings[f"scenarios.scenario_robustness.2000.{coder}"]
        frame = readings.tables["scenarios"].join(readings.table, on="scenario")
        for way in next(f.variants for f in made.subject.rows(Factor) if f.id == asked):
            finding = made.findings[f"readings.{coder}.{asked}.{way}"]
            having = frame.filter(frame[asked] == way)["readings"].to_list()
            assert max(having, default=0) <= with_scenario(finding) <= sum(having)
            assert f"{with_scenario(finding):,}" in words(block.parts)
        assert "of 2,000 readings some scenario has" in words(block.parts)
        assert "complete" in words(block.parts)


def test_the_warning_stands_above_every_share(made) -> None:
    blocks = list(made.section("futures").blocks)
    warned = next(i for i, b in enumerate(blocks) if isinstance(b, Paragraph) and words(b.parts) == WARNING)
    assert warned == 3
    grids = [b for c in blocks if isinstance(c, Closed) for b in c.blocks if isinstance(b, Grid)]
    (grid,) = [g for g in grids if g.caption.startswith("Every variant")]
    assert len(set(grid.head)) == len(grid.head)


def test_what_breaks_it_what_carries_it_agreement_constants_forecasts_and_base_rate_follow(made) -> None:
    text = "\n".join(map(told, made.section("futures").blocks))
    parts = ("What would break it", "What carries it (first coder)", "What carries it (second coder)", "Krippendorff’s alpha",
             "the pact of 1990 (in force)", "It will last.", "70 %", "Nobody counted", "The scenarios of the first coder")  # fmt: skip
    assert sorted(parts, key=text.index) == list(parts)
    assert "doc:" not in text
    assert "in no scenario as judged; it would take" in text


def test_passages_are_quoted_where_a_copy_is_attached(made, tmp_path) -> None:
    copy = tmp_path / "d0.txt"
    copy.write_text(TEXT)
    attached = brief(case("first", "second"), documents={"D0": copy})
    without, quoted = ("\n".join(map(told, b.section("futures").blocks)) for b in (made, attached))
    assert "D0, characters 0 to 26" in without
    assert "“A short war keeps the tie.” (D0)" in quoted


def test_both_coders_are_drawn_on_the_same_lines_without_what_never_varies(made) -> None:
    charts = [b for b in made.section("futures").blocks if isinstance(b, Chart)]
    assert len(charts) == 2
    assert charts[0].options == charts[1].options
    assert "pact" not in charts[0].options["variants"]
    lines = [made.findings[c.finding].plot(**c.options)["layer"][1]["encoding"]["y"]["scale"]["domain"] for c in charts]
    assert lines[0] == lines[1]


def test_one_coder_is_enough_and_none_has_no_section() -> None:
    alone = brief(case("first"))
    text = "\n".join(map(told, alone.section("futures").blocks))
    assert "Second coder" not in text
    assert "Krippendorff" not in text
    empty = case("first")
    tables = {name: rows for name, rows in empty.tables.items() if name not in ("factors", "impacts")}
    without = brief(build(empty.about, [row for rows in tables.values() for row in rows], empty.evidence))
    assert not any(section.id == "futures" for section in without.sections)


def test_every_cell_of_the_section_has_a_trace(made) -> None:
    for cell in made.cells():
        if (
            cell.finding.startswith(("readings.", "breaks.", "takes.", "agreement", "scenarios."))
            and cell.column != "answer"
        ):
            assert made.explain(cell).says


def test_titles_of_lists_are_in_every_form(made, tmp_path) -> None:
    folder = made.write(tmp_path / "out", formats=("json", "md", "docx"))
    assert "**What would break it**" in (folder / "brief.md").read_text("utf-8")
    assert '"title": "What would break it"' in (folder / "brief.json").read_text("utf-8")
    docx = pytest.importorskip("docx")
    assert "What would break it" in [p.text for p in docx.Document(str(folder / "brief.docx")).paragraphs]


def test_every_scenario_has_a_way_from_the_present(made) -> None:
    blocks = list(made.section("futures").blocks)
    grids = [b for c in blocks if isinstance(c, Closed) for b in c.blocks if isinstance(b, Grid)]
    found = [g for g in grids if g.caption.startswith("From the present")]
    solved = [f for name, f in made.findings.items() if f.method == "scenarios.consistent_scenarios"]
    assert [[words(row[0]) for row in g.rows] for g in found] == [
        [str(k) for k in range(1, f.table.height + 1)] for f in solved
    ]
    free = [row for g in found for row in g.rows if words(row[1]) == "0"]
    assert free
    assert not any("*" in words(row[3]) for row in free)
