"""ScenarioWizard's files, JSON and CSV: byte for byte, and every kind of damage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scenarios_by_hand import as_model, random_matrix

from realpolitik.methods.scenarios import consistent_scenarios, forbidding, read_solutions, with_values, write_solutions
from realpolitik.methods.scenarios.files import decode_json, read_cross_impact, write_cross_impact
from realpolitik.methods.scenarios.model import CrossImpactModel, Descriptor, Judgement, build
from realpolitik.methods.scenarios.scw import Solution, decode_scw, decode_sl, encode_scw, encode_sl
from realpolitik.terms import InputError

WITH_EVIDENCE = build(
    [Descriptor("WAR", ("short", "long"), "the war"), Descriptor("TIES", ("hold", "break"), note="the tie")],
    [
        Judgement("WAR", "short", "TIES", "hold", 1, source="doc:D0@10-20", note="said so"),
        Judgement("WAR", "long", "TIES", "break", 2, 1, 3, source="doc:D0@10-20", note="said so"),
    ],
    name="small.scw",
)


@pytest.mark.parametrize("name", ["CIB_global", "CIB_natl_regional"])
def test_published_files_come_back_byte_for_byte(shared_data: Path, name: str) -> None:
    project = (shared_data / "scenarios" / f"{name}.scw").read_bytes()
    assert encode_scw(decode_scw(project, name)) == project
    solutions = (shared_data / "scenarios" / f"{name}.sl").read_bytes()
    assert encode_sl(decode_sl(solutions, name)) == solutions


def test_line_ends_and_comment_keys_are_kept() -> None:
    model = WITH_EVIDENCE
    for text in (encode_scw(model), encode_scw(model).replace(b"\r\n", b"\n")):
        assert encode_scw(decode_scw(text)) == text


def test_comments_carry_the_evidence() -> None:
    again = decode_scw(encode_scw(WITH_EVIDENCE))
    assert {(j.source, j.note) for j in again.judgements} == {("doc:D0@10-20", "said so")}
    assert again.descriptors[0].name == "the war"
    assert again.descriptors[1].note == "the tie"
    assert np.array_equal(again.impact, WITH_EVIDENCE.impact)


@pytest.mark.parametrize("suffix", [".scw", ".json", ".csv"])
def test_every_format_keeps_the_matrix(tmp_path: Path, suffix: str) -> None:
    for seed in range(20):
        model = as_model(random_matrix(seed))
        again = read_cross_impact(write_cross_impact(model, tmp_path / f"m{suffix}"))
        assert again.ids == model.ids
        assert np.array_equal(again.impact, model.impact)
        assert np.array_equal(again.judged, model.judged)


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_json_and_csv_keep_ranges_and_sources(tmp_path: Path, suffix: str) -> None:
    again = read_cross_impact(write_cross_impact(WITH_EVIDENCE, tmp_path / f"m{suffix}"))
    assert again.judgements == WITH_EVIDENCE.judgements


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    place = write_cross_impact(WITH_EVIDENCE, tmp_path / "m.scw")
    before = place.read_bytes()
    halves = WITH_EVIDENCE.changed(judgements=(Judgement("WAR", "short", "TIES", "hold", 0.5),))
    with pytest.raises(InputError, match="whole numbers only"):
        write_cross_impact(halves, place)
    assert place.read_bytes() == before


def test_solutions_round_trip() -> None:
    solutions = [Solution((0, 1), 12, 1, -3, "a"), Solution((1, 0), 1, 0, 2)]
    assert decode_sl(encode_sl(solutions)) == solutions


def test_blank_and_repeated_names_are_told_apart_and_written_back() -> None:
    text = encode_scw(WITH_EVIDENCE).replace(b" -hold", b" -").replace(b" -break", b" -")
    model = decode_scw(text)
    assert model.descriptors[1].variants == ("variant 1", "variant 2")
    assert encode_scw(model) == text


DAMAGE = {
    "empty": lambda b: b"",
    "other file": lambda b: b"%PDF-1.4\n" + b,
    "no first line": lambda b: b.split(b"\n", 1)[1],
    "cut in the names": lambda b: b[:60],
    "cut in the matrix": lambda b: b[: b.index(b" 1 ,") + 2],
    "letter in the matrix": lambda b: b.replace(b" 1 , 0 ", b" x , 0 "),
    "short row": lambda b: b.replace(b" 0 , 0 , 1 , 0 ", b" 0 , 0 , 1 "),
    "missing row": lambda b: b.replace(b" 0 , 0 , 1 , 0 \r\n", b""),
    "colours missing": lambda b: b.replace(b"FFFFFF\r\n", b"", 1),
    "long texts of another shape": lambda b: b.replace(b"&the war\r\n \r\n", b"&the war\r\n"),
    "comments missing": lambda b: b[: b.index(b"# TIES -> ")],
    "open quotation mark": lambda b: b[: b.rindex(b'"')],
    "same descriptor twice": lambda b: b.replace(b"&TIES", b"&WAR"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_damaged_projects_are_refused_with_their_place(how: str) -> None:
    data = DAMAGE[how](encode_scw(WITH_EVIDENCE))
    if how == "same descriptor twice":
        assert decode_scw(data).ids == ("WAR", "WAR (2)")
        return
    with pytest.raises(InputError) as caught:
        decode_scw(data, "m.scw")
    assert all(p.file == "m.scw" and p.expected for p in caught.value.problems)


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(len(out)))
        match int(rng.integers(4)):
            case 0:
                out[at] = int(rng.integers(256))
            case 1:
                del out[at : at + int(rng.integers(1, 40))]
            case 2:
                out[at:at] = bytes(rng.integers(0, 256, int(rng.integers(1, 20))).astype(np.uint8))
            case 3:
                other = int(rng.integers(len(out)))
                out[at:at] = out[other : other + 30]
        if not out:
            break
    return bytes(out)


@pytest.mark.parametrize("number", [1_500, pytest.param(30_000, marks=pytest.mark.slow)])
def test_fuzzed_projects_give_a_model_or_one_error(number: int) -> None:
    rng = np.random.default_rng(11)
    good = [encode_scw(as_model(random_matrix(s))) for s in (1, 2)] + [encode_scw(WITH_EVIDENCE)]
    refused = 0
    for k in range(number):
        try:
            assert isinstance(decode_scw(mutated(good[k % 3], rng), "fuzz.scw"), CrossImpactModel)
        except InputError as error:
            refused += bool(error.problems)
    assert 0 < refused <= number


def test_other_bad_files(tmp_path: Path) -> None:
    cases = {
        "a.txt": "",
        "b.json": "{",
        "c.json": "[]",
        "d.json": '{"descriptors": [{"id": 1}]}',
        "e.csv": "x,y\n1,2\n",
        "f.csv": "factor,variant,on,on_variant,value\nA,a,,,\nA,b,,,\nA,a,A,z,q\n",
        "g.csv": "descriptor,variant,a,b\nA,a,0\nA,b,0,k\n",
    }
    for name, text in cases.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(InputError):
            read_cross_impact(tmp_path / name)
    (tmp_path / "h.csv").write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(InputError):
        read_cross_impact(tmp_path / "h.csv")


def two_cells(**fields: str) -> CrossImpactModel:
    first, second = (Judgement("A", v, "B", w, 2) for v, w in (("a1", "b1"), ("a2", "b2")))
    return build(
        [Descriptor("A", ("a1", "a2"), **fields), Descriptor("B", ("b1", "b2"))],
        [
            replace(first, source="doc:D0@1-9", note="the first [sic]"),
            replace(second, source="doc:D1@5-20; judged:C-2026-11-22: why", note="the second: hedged"),
        ],
    )


def test_every_cell_keeps_its_own_evidence_in_a_project() -> None:
    model = two_cells()
    again = decode_scw(encode_scw(model))
    told = {j.key: (j.note, j.source) for j in model.judgements}
    for j in again.judgements:
        assert (j.note, j.source) == told.get(j.key, ("", ""))
    assert encode_scw(again) == encode_scw(model)


@pytest.mark.parametrize(
    ("comment", "note", "source"),
    [
        ("plain", "plain", ""),
        ("see [1] and more [doc:D0@1-9]", "see [1] and more", "doc:D0@1-9"),
        ("as [doc:D0@1-9] says [doc:D1@5-20]", "as [doc:D0@1-9] says", "doc:D1@5-20"),
        ("one [doc:D0@1-9] | two [doc:D1@5-20]", "one; two", "doc:D0@1-9; doc:D1@5-20"),
        ("said [by the minister]", "said", "by the minister"),
    ],
)
def test_the_comment_of_a_block_is_about_all_its_cells(comment: str, note: str, source: str) -> None:
    data = encode_scw(WITH_EVIDENCE).replace(b"said so [doc:D0@10-20]", comment.encode())
    model = decode_scw(data)
    assert {(j.note, j.source) for j in model.judgements} == {(note, source)}
    assert encode_scw(model) == data


def test_a_new_source_is_written_into_a_block_that_was_read_with_a_comment() -> None:
    read = decode_scw(encode_scw(WITH_EVIDENCE))
    changed = with_values(read, {read.judgements[0].record: 3}, "doc:NEW@1-3")
    again = decode_scw(encode_scw(changed))
    assert [j.source for j in again.judgements] == ["doc:NEW@1-3", *["doc:D0@10-20"] * 3]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_names_quotes_and_lines_of_comments_come_back_byte_for_byte(newline: bytes) -> None:
    text = encode_scw(WITH_EVIDENCE).replace(b"&the war", b"&WAR")
    text = text.replace(b'"the tie"', b'"a "special" tie\r\nwith # a second line "and a quote""')
    text = text.replace(b"\r\n", newline)
    model = decode_scw(text)
    assert model.descriptors[0].name == "WAR"
    assert model.descriptors[1].note == 'a "special" tie\nwith # a second line "and a quote"'
    assert encode_scw(model) == text


def test_a_quotation_mark_at_the_end_of_a_line_of_a_note_does_not_end_the_comment() -> None:
    model = two_cells(note='He said "no"\nand left').changed(note='"\n"quoted"')
    again = decode_scw(encode_scw(model))
    assert again.descriptors[0].note == "He said \"no'\nand left"
    assert again.judgements[0].note == "the first [sic]"


def test_windows_text_is_read_and_written_and_what_it_lacks_is_refused() -> None:
    data = encode_scw(WITH_EVIDENCE).replace(b"the tie", b"Iran\x92s \x93tie\x94 \x96 \x81")
    model = decode_scw(data)
    assert model.descriptors[1].note == "Iran\u2019s \u201ctie\u201d \u2013 \x81"
    assert encode_scw(model) == data
    with pytest.raises(InputError, match="П у"):
        encode_scw(model.changed(note="Пу"))


def test_a_project_refuses_what_it_has_no_place_for() -> None:
    model = forbidding(two_cells(), {"A": "a1", "B": "b2"})
    with pytest.raises(InputError, match="ruled-out combinations"):
        encode_scw(model)
    with pytest.raises(InputError, match="one line") as caught:
        encode_scw(two_cells(name="two\nlines").changed(name="x\ny"))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_json_and_csv_keep_ruled_out_combinations_names_and_what_holds_now(tmp_path: Path, suffix: str) -> None:
    model = two_cells(name="the first", present="a2", long=("one, at length", "another"), source="doc:D0@1-2")
    model = forbidding(model, {"A": "a1", "B": "b2"}, {"A": "a2"}, source="doc:D2@3-4")
    model = model.changed(judgements=tuple(replace(j, id=f"i{k}") for k, j in enumerate(model.judgements)))
    again = read_cross_impact(write_cross_impact(model, tmp_path / f"m{suffix}"))
    assert again.descriptors == model.descriptors
    assert again.judgements == model.judgements
    assert again.forbidden == model.forbidden


def test_lines_of_one_factor_that_lie_apart_are_refused_in_a_matrix(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("descriptor,variant,a1,b1,a2\nA,a1,0,1,0\nB,b1,0,0,0\nA,a2,0,0,0\n")
    with pytest.raises(InputError, match="one after another") as caught:
        read_cross_impact(tmp_path / "m.csv")
    assert caught.value.problems[0].line == 4


@pytest.mark.parametrize(
    "text",
    [
        '{"descriptors": [{"id": "A", "variants": "ab"}], "judgements": []}',
        '{"descriptors": [{"id": ["A"], "variants": ["a"]}], "judgements": []}',
        '{"descriptors": [{"id": "A", "variants": ["a", ["b"]]}], "judgements": []}',
        '{"descriptors": [{"id": 1, "variants": ["a"]}], "judgements": []}',
        '{"descriptors": ["A"], "variants": ["ab"], "matrix": [[0, 0], [0, 0]]}',
        '{"descriptors": [{"id": "A", "variants": ["a", "b"]}], "judgements": [{"factor": "A", "variant": "a", "on": "A", "on_variant": "b", "value": "2"}]}',
        '{"descriptors": [{"id": "A", "variants": ["a"]}], "judgements": [], "forbidden": [{"variants": {"A": 1}}]}',
    ],
)
def test_json_of_another_type_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        decode_json(text, "m.json")


@pytest.mark.parametrize("name", ["CIB_global", "CIB_natl_regional"])
def test_solution_files_go_both_ways(shared_data: Path, tmp_path: Path, name: str) -> None:
    model = read_cross_impact(shared_data / "scenarios" / f"{name}.scw")
    published = shared_data / "scenarios" / f"{name}.sl"
    told = read_solutions(published, model)
    found = consistent_scenarios(model)
    written = read_solutions(write_solutions(found, model, tmp_path / "m.sl"), model)
    exact = [c for c in told.columns if c != "_weight"]
    assert told.select(exact).sort(model.ids).equals(written.select(exact).sort(model.ids))
    assert written["_weight"].to_list() == found.table["_weight"].fill_null(0).to_list()
    with pytest.raises(InputError, match="one for each descriptor"):
        read_solutions(published, two_cells())
    with pytest.raises(InputError, match="cut by a limit"):
        write_solutions(consistent_scenarios(model, limit=1), model, tmp_path / "m.sl")


def test_a_solution_file_counts_in_plain_digits() -> None:
    with pytest.raises(InputError, match="whole number"):
        decode_sl(encode_sl([Solution((0, 1), 1, 0, 2)]).replace(b" 1 ", b" \xb2 "))
