"""Bad input: one clear report that lists everything, and nothing lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from realpolitik.case import check_case, read_case
from realpolitik.terms import CaseError

ACTORS = "id,name,kind,source\nIRN,Iran,state,judged:me-2026-01-02: why\nRUS,Russia,state,judged:me-2026-01-02: why\n"
YAML = "name: small\ntitle: Small\nquestion: Who?\nfocal: IRN\ndocuments:\n  D0: {characters: 100, known: 2022-03}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "case.yaml").write_text(YAML, "utf-8")
    (tmp_path / "actors.csv").write_text(ACTORS, "utf-8")
    return tmp_path


def problems(folder: Path) -> list[str]:
    found = check_case(folder)
    if found:
        with pytest.raises(CaseError) as error:
            read_case(folder)
        assert error.value.problems == found
    return [str(problem) for problem in found]


def test_a_good_case_has_none(folder: Path) -> None:
    assert problems(folder) == []


def test_twelve_mistakes_are_twelve_lines(folder: Path) -> None:
    (folder / "case.yaml").write_text(YAML.replace("question", "questin"), "utf-8")  # 1: unknown key, 2: missing key
    (folder / "issues.csv").write_text("id,name,source\nwar,War,judged:me-2026-01-02: why\n", "utf-8")
    (folder / "positions.csv").write_text(
        "id,actor,issue,channel,stance,value,when,known,source\n"
        "p1,IRN,war,vote,withheld,,2022,2022,judged:me-2026-01-02: why\n"  # 3: channel
        "p2,IRM,war,words,support,,2022,2022,judged:me-2026-01-02: why\n"  # 4: actor
        "p3,IRN,war,words,suport,,2022,2022,judged:me-2026-01-02: why\n"  # 5: stance
        "p4,IRN,war,words,support,0.2..inf,2022,2022,judged:me-2026-01-02: why\n"  # 6: value
        "p5,IRN,war,words,support,,2022-13,2022,judged:me-2026-01-02: why\n"  # 7: date
        "p1,IRN,war,words,support,,2022,2022,judged:me-2026-01-02: why\n"  # 8: id twice
        "p7,IRN,war,words,support,,2022,2022,\n"  # 9: no source
        "p8,IRN,war,words,support,,2022,2022,because\n"  # 10: source
        "p9,IRN,war,words,support,,2022,2022\n",  # 11: a cell too few
        "utf-8",
    )
    (folder / "reason.csv").write_text("id\n", "utf-8")  # 12: no such table
    found = problems(folder)
    assert len(found) == len("\n".join(found).splitlines()) == 12
    nearest = ("question", "votes", "IRN", "support", "reasons.csv")
    for said in (
        *(f"did you mean {name!r}" for name in nearest),
        "a number, an interval",
        "month must be",
        "already",
        "8 cells",
        "it is required",
    ):
        assert said in "\n".join(found), said


def test_an_act_known_before_it_was_done(folder: Path) -> None:
    (folder / "events.csv").write_text(
        "id,name,kind,when,known,source\ne1,Vote,vote,2022-03-02,2022-02,judged:me-2026-01-02: why\n", "utf-8"
    )
    assert "not before the act" in problems(folder)[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (ACTORS.encode("utf-16"), "UTF-16"),
        (ACTORS.replace("Iran", "Irán").encode("latin-1"), "byte 0xe1"),
        (ACTORS.encode() + b'USA,"United', "well-formed CSV"),
        (ACTORS.encode()[:-20], "source"),
        (ACTORS.replace(",", ";").encode(), "parted by semicolons"),
        (ACTORS.replace(",", "\t").encode(), "parted by tabs"),
        (ACTORS.encode() + b"USA,America, United States,state,judged:me-2026-01-02: why\n", "double quotes"),
        (ACTORS.encode() + ACTORS.encode(), "the header once"),
        (ACTORS.encode() + b"USA,a\x00b,state,judged:me-2026-01-02: why\n", "control character 0x0"),
        (ACTORS.replace("id,name", "id,nmae").encode(), "did you mean 'name'"),
        (ACTORS.replace("id,name", "id,id").encode(), "each column once"),
        (ACTORS.replace("RUS,", "IRN,").encode(), "line 2 has it already"),
        (ACTORS.replace("RUS,", "irn,").encode(), "does not look like 'IRN'"),
        (ACTORS.replace("RUS,", "RUЅ,").encode(), "ASCII letters"),
        (ACTORS.replace("RUS,", "../RUS,").encode(), "ASCII letters"),
        (
            ACTORS.encode() + b"USA," + b"x" * 200_000 + b",state,judged:me-2026-01-02: why\n",
            "field larger than field limit",
        ),
    ],
)
def test_damaged_tables(folder: Path, content: bytes, said: str) -> None:
    (folder / "actors.csv").write_bytes(content)
    found = problems(folder)
    assert any(said in line for line in found), found
    assert all(len(line) < 500 for line in found)
    assert (folder / "actors.csv").read_bytes() == content


def test_a_byte_order_mark_is_passed_over(folder: Path) -> None:
    (folder / "actors.csv").write_text(ACTORS, "utf-8-sig")
    assert problems(folder) == []


def test_a_field_of_100_mb_is_refused_quickly(folder: Path) -> None:
    (folder / "actors.csv").write_bytes(ACTORS.encode() + b"USA," + b"x" * 100_000_000 + b",state,x\n")
    start = time.process_time()
    assert "at most 64,000,000 bytes" in "\n".join(problems(folder))
    assert time.process_time() - start < 2


def test_formulas_are_kept_as_text(folder: Path) -> None:
    formula = '=HYPERLINK("http://x")'
    (folder / "actors.csv").write_text(
        ACTORS + '"USA","=HYPERLINK(""http://x"")",state,judged:me-2026-01-02: why\n', "utf-8"
    )
    assert read_case(folder).label("USA") == formula


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "no aliases"),
        ("[" * 3000, "levels"),
        ("", "keys and values"),
        ("- a\n- b\n", "keys and values"),
        ("name: [", "valid YAML"),
        (YAML + "name: again\n", "each key once"),
        (YAML + "roll_calls: ../../etc\n", "inside the case folder"),
        (YAML + "conflicts: /etc\n", "inside the case folder"),
        (
            YAML.replace("characters: 100", "characters: 100, file: ../../../etc/passwd"),
            "a file inside the case folder",
        ),
        (YAML.replace("characters: 100", "characters: .inf"), "valid integer"),
        (YAML.replace("D0:", "../D0:"), "ASCII letters"),
        (YAML.replace("focal: IRN", "focal: !!python/object/apply:os.system [ls]"), "valid string"),
        ("x: " + "y" * 1_100_000, "at most 1,000,000 bytes"),
    ],
)
def test_hostile_structure(folder: Path, text: str, said: str) -> None:
    (folder / "case.yaml").write_text(text, "utf-8")
    start = time.process_time()
    found = problems(folder)
    assert any(said in line for line in found), found
    assert time.process_time() - start < 5


def test_a_link_out_of_the_case_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("outside") / "secret.txt"
    secret.write_text("secret", "utf-8")
    (folder / "text.txt").symlink_to(secret)
    (folder / "case.yaml").write_text(YAML.replace("characters: 100", "characters: 100, file: text.txt"), "utf-8")
    assert any("inside the case folder" in line for line in problems(folder))


def test_accounts_of_one_holder_that_contradict(folder: Path) -> None:
    rows = "id,actor,resolution,vote,holder,known,source\nv1,IRN,R1,abstain,D0,2022,doc:D0@1-9\nv2,IRN,R1,no,D0,2022,doc:D0@1-9\n"
    (folder / "votes.csv").write_text(rows, "utf-8")
    assert any("the same as line 2, or another holder" in line for line in problems(folder))
    (folder / "votes.csv").write_text(rows.replace("R1,no,D0", "R1,no,RUS"), "utf-8")
    assert problems(folder) == []


def test_damaged_roll_calls(folder: Path) -> None:
    (folder / "roll_calls").mkdir()
    (folder / "roll_calls" / "roll_calls.csv").write_text(
        "id,body,printed_session,date,title,agenda,kind,series\nR1,GA,76,2022-03-02,War,war,force,s\n", "utf-8"
    )
    (folder / "roll_calls" / "votes.csv").write_text(
        "roll_call,yes,abstain,no,absent\nR2,IRN,,,\nR1,IRN RUS,IRN,Usa,\n", "utf-8"
    )
    found = problems(folder)
    assert [line.split(":")[1] for line in found] == ["2", "3", "3"]


def test_no_such_case_names_the_nearest() -> None:
    found = check_case("iran-ukrain-2022")
    assert found[0].nearest == "iran-ukraine-2022"


def test_twenty_thousand_rows_check_in_two_seconds(folder: Path) -> None:
    (folder / "issues.csv").write_text("id,name,source\nwar,War,judged:me-2026-01-02: why\n", "utf-8")
    head = "id,speaker,issue,concept,stance,text,when,known,holder,source\n"
    rows = (
        f"s{n},{'IRN' if n % 2 else 'RUS'},war,c{n % 50},support,said {n},2022-02-{n % 27 + 1:02d},2022-03,D0,doc:D0@{n % 90}-{n % 90 + 5}\n"
        for n in range(20_000)
    )
    (folder / "statements.csv").write_text(head + "".join(rows), "utf-8")
    check_case(folder)
    start = time.process_time()
    assert check_case(folder) == ()
    assert time.process_time() - start < 2
