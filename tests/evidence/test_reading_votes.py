"""Reading votes from small tables: what is understood, what is refused, and how it is said."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

import realpolitik as rp
from realpolitik.evidence import RollCalls, read_voeten, read_votes
from realpolitik.evidence.compact import compact_files, read_compact
from realpolitik.terms import InputError
from strategies import roll_calls

CALLS = pl.DataFrame({"id": ["R1", "R2"], "date": ["2022-03-02", "2022-03-24"]})


def votes(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row")


def test_absent_abstain_and_not_a_member_are_three_things() -> None:
    read = read_votes(votes(("R1", "IRN", "abstain"), ("R1", "MAR", "absent")), roll_calls=CALLS)
    assert read.votes_on("R1") == {"IRN": "abstain", "MAR": "absent"}
    assert "USA" not in read.votes_on("R1")


def test_every_mistake_is_listed() -> None:
    with pytest.raises(InputError) as error:
        read_votes(votes(("R1", "IRN", "abstian"), ("R1", "RUS", "maybe")), roll_calls=CALLS)
    assert [p.nearest for p in error.value.problems] == ["abstain", None]
    with pytest.raises(InputError, match="did you mean 'R1'"):
        read_votes(votes(("R11", "IRN", "yes")), roll_calls=CALLS)
    with pytest.raises(InputError, match="IRN on R1"):
        read_votes(votes(("R1", "IRN", "yes"), ("R1", "IRN", "no")), roll_calls=CALLS)


def test_other_words_and_columns() -> None:
    frame = pl.DataFrame({"mp": ["a", "b"], "bill": ["R1", "R1"], "cast": ["aye", "teller"], "seat": [1, 2]})
    with pytest.warns(UserWarning, match="not used: seat"):
        read = read_votes(
            frame, roll_calls=CALLS, voter="mp", roll_call="bill", vote="cast", words={"aye": "yes", "teller": None}
        )
    assert read.votes_on("R1") == {"a": "yes"}


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ([1, 2], "a path to a Parquet or CSV file, or a data frame"),
        (pl.DataFrame({"roll_call": ["R1"], "state": [None], "vote": ["yes"]}), "a state code"),
        (pl.DataFrame({"roll_call": ["R1"], "state": ["IRN"], "vote": [float("nan")]}), "yes, abstain, no or absent"),
        (pl.DataFrame({"roll_call": ["R1"], "state": ["IRN"]}), "a column for the vote"),
    ],
)
def test_unusable_tables(votes: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_votes(votes, roll_calls=CALLS)


@pytest.mark.parametrize(
    "content",
    [b"", b"PAR1", "roll_call,state,vote\nR1,Irán,yes\n".encode("latin-1"), b"roll_call,state,vote\nR1,IRN,yes,x,y\n"],
)
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_damaged_files(tmp_path: Path, content: bytes, ending: str) -> None:
    (tmp_path / f"v.{ending}").write_bytes(content)
    with pytest.raises(InputError, match=f"v.{ending}"):
        read_votes(tmp_path / f"v.{ending}", roll_calls=CALLS)


def test_floats_from_a_data_frame() -> None:
    frame = pl.DataFrame({"roll_call": ["R1", "R1"], "state": ["IRN", "RUS"], "vote": [2.0, 3.0]})
    assert read_votes(frame, roll_calls=CALLS).votes_on("R1") == {"IRN": "abstain", "RUS": "no"}
    with pytest.raises(InputError, match="did you mean 'yes'"):
        read_votes(frame, roll_calls=CALLS, words={"aye": "yess"})


def test_numeric_file(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(
        "rcid,ccode,vote,date\n1,2,1,1990-01-01\n1,365,3,1990-01-01\n1,630,8,1990-01-01\n1,20,9,1990-01-01\n", "utf-8"
    )
    read = read_voeten(tmp_path / "v.csv")
    assert read.votes_on("1") == {"USA": "yes", "RUS": "no", "IRN": "absent"}
    assert read.dated().votes_on("1")["SUN"] == "no"
    (tmp_path / "v.csv").write_text("rcid,ccode,vote,date\n1,9999,1,1990-01-01\n", "utf-8")
    with pytest.raises(InputError, match="9999"):
        read_voeten(tmp_path / "v.csv")


def test_the_number_of_yugoslavia_goes_on_to_its_heirs(tmp_path: Path) -> None:
    days = {"1": "1985-12-01", "2": "2002-12-20", "3": "2003-06-18", "4": "2006-06-30", "5": "2019-12-01"}
    (tmp_path / "v.csv").write_text("rcid,ccode,vote\n" + "".join(f"{r},345,1\n{r},2,3\n" for r in days), "utf-8")
    (tmp_path / "c.csv").write_text("rcid,date\n" + "".join(f"{r},{d}\n" for r, d in reversed(days.items())), "utf-8")
    read = read_voeten(tmp_path / "v.csv", tmp_path / "c.csv")
    assert [min(set(read.votes_on(r)) - {"USA"}) for r in days] == ["YUG", "YUG", "SCG", "SRB", "SRB"]
    assert {read.votes_on(r)["USA"] for r in days} == {"no"}


def test_numbers_with_a_decimal_point(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("rcid,ccode,vote\n10.0,2.0,1.0\n10.0,345.0,8\n", "utf-8")
    (tmp_path / "c.csv").write_text("rcid,date\n10,2019-01-01\n", "utf-8")
    assert read_voeten(tmp_path / "v.csv", tmp_path / "c.csv").votes_on("10") == {"USA": "yes", "SRB": "absent"}


@pytest.mark.parametrize("day", ["xx", "2022-13-01", None, 7])
def test_a_knowledge_date_that_is_none_is_refused(day: object) -> None:
    read = read_votes(votes(("R1", "IRN", "abstain")), roll_calls=CALLS)
    with pytest.raises(InputError, match="as_of"):
        read.as_of(day)  # type: ignore[arg-type]


UNDATED = pl.DataFrame({"id": ["R1", "R2"], "date": ["2022-03-02", None]})


@pytest.mark.parametrize("calls", [None, UNDATED])
@pytest.mark.parametrize(
    "ask",
    [
        lambda v: v.session,
        lambda v: v.day,
        lambda v: v.as_of("2022-01-01"),
        lambda v: rp.ideal_points(v),
        lambda v: rp.forecast_roll_call(v, resolution="R2"),
    ],
)
def test_undated_roll_calls_are_named_where_days_are_asked_for(calls: pl.DataFrame | None, ask: object) -> None:
    frame = votes(("R1", "IRN", "abstain"), ("R1", "RUS", "no"), ("R2", "IRN", "yes"), ("R2", "RUS", "no"))
    with pytest.raises(InputError, match="expected a day for every roll call"):
        ask(read_votes(frame, roll_calls=calls))


def test_undated_roll_calls_can_be_read_compared_and_traced() -> None:
    frame = votes(("R1", "IRN", "abstain"), ("R1", "RUS", "no"), ("R2", "IRN", "yes"), ("R2", "RUS", "no"))
    read = read_votes(frame, roll_calls=UNDATED)
    assert read.frame("recorded_votes").filter(pl.col("roll_call") == "R2")["date"].to_list() == [None, None]
    found = rp.similarity(read, by="all", measure="agreement", interval="none")
    assert found.table["n"].to_list() == [2]


@settings(max_examples=40)
@given(roll_calls())
def test_compact_form_keeps_everything(read: RollCalls) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in compact_files(read).items():
            Path(folder, name).write_bytes(content)
        again = read_compact(Path(folder, "roll_calls.csv"), Path(folder, "votes.csv"))
    assert again.calls.equals(read.calls)
    for symbol in read.calls["id"]:
        assert again.votes_on(symbol) == read.votes_on(symbol)
