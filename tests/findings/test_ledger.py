"""The ledger: sealed once, checked by anybody, scored against arithmetic done by hand."""

import json
import math
import shutil
from datetime import date

import polars as pl
import pytest

from realpolitik.findings import Finding, Leaf, Template, grading
from realpolitik.findings import ledger as book
from realpolitik.methods.alignment.roll_calls import RollCall
from realpolitik.methods.alignment.roll_calls.scores import FLOOR
from realpolitik.terms import Grade, InputError

TODAY = date(2026, 11, 21)
HELD = "2026-12-10"
LATER = date(2026, 12, 20)
VOTE = {"A": "yes", "B": "no"}


def table(*shares):
    return pl.DataFrame(
        [(state, *row) for state, row in zip("ABCDEFGH", shares, strict=False)],
        schema=["state", *book.OUTCOMES],
        orient="row",
    )


def forecast(name="R1", yes=0.5, day=HELD, **more):
    fields = {
        "method": "alignment.forecast_roll_call", "question": "Who?", "inputs": {"recorded_votes": "abc"},
        "parameters": {"resolution": RollCall(f"On {name}", date=day), "as_of": "2026-11-20", "known": {}},
        "table": table((yes, 0.5 - yes / 2, 0.5 - yes / 2, 0.0), (0.25, 0.25, 0.5, 0.0)), "key": ("state",), "grade": Grade.ESTIMATED,
        "traces": (Template("*", "x", (Leaf("recorded_votes"),)),),
    }  # fmt: skip
    return Finding(**fields | more)


def put(finding, folder, name="R1", baselines=None, today=TODAY):
    base = {"always yes": table((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0))} if baselines is None else baselines
    return book.seal(finding, folder, resolution=name, resolves="the recorded vote", baselines=base, today=today)


def sealed(folder, name="R1", **more):
    return put(forecast(name, **more), folder, name)


def became(folder, number, symbol, day=HELD, today=LATER):
    return book.resolve(folder, number, became=symbol, day=day, source="https://example.org", today=today)


def edit(folder, **fields):
    path = folder / book.RECORD
    path.write_text(
        json.dumps(json.loads(path.read_text()) | fields, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    )


def refresh(ledger):
    """Write every digest of the chain anew, as somebody would who hides a change."""
    previous = ""
    for folder in book.folders(ledger):
        edit(folder, previous=previous)
        previous = book._hash(folder / book.RECORD)
        (folder / book.DIGEST).write_text(f"{previous}  {book.RECORD}\n")


@pytest.fixture
def three(tmp_path):
    ledger = tmp_path / "ledger"
    for name in ("R1", "R2", "R3"):
        sealed(ledger, name)
    return ledger


def test_records_chain_and_verify(three):
    assert [r.number for _, r in book.forecasts(three)] == [1, 2, 3]
    assert book.verify(three) == []
    assert book.verify(three, book.head(three)) == []


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("field", ["resolves", "resolution", "sealed", "as_of", "title", "date"])
def test_a_changed_record_is_seen_the_last_one_too(three, place, field):
    edit(book.folders(three)[place], **{field: "2026-11-19"})
    assert "the digest beside it: the record was changed" in "\n".join(map(str, book.verify(three)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("as_of", "1950-01-01"), ("title", "another"), ("date", "2026-12-24"), ("inputs", {}), ("known", {"A": "yes"}),
        ("kind", "text and sponsors only"), ("finding", "0" * 64), ("baselines", {}), ("sealed", "2026-12-10"),
    ],
)  # fmt: skip
def test_a_record_says_what_its_forecast_says_whatever_its_digests(three, field, value):
    edit(book.folders(three)[2], **{field: value})
    refresh(three)
    named = [p.field for p in book.verify(three)]
    assert named == (["baseline-always-yes.csv"] if field == "baselines" else [field])


def test_a_ledger_cut_short_or_written_anew_does_not_hold_the_published_head(three, tmp_path):
    published = book.head(three)
    short = shutil.copytree(three, tmp_path / "short")
    shutil.rmtree(book.folders(short)[2])
    assert book.verify(short) == []
    assert [p.field for p in book.verify(short, published)] == ["head"]
    edit(book.folders(three)[0], sealed="2026-11-20")
    refresh(three)
    assert book.verify(three) == []
    assert [p.field for p in book.verify(three, published)] == ["head"]


def test_a_head_published_earlier_still_holds(three):
    published = book.head(three)
    sealed(three, "R4")
    assert book.head(three) != published
    assert book.verify(three, published) == []


def test_an_empty_ledger_is_a_problem(tmp_path):
    assert "at least one sealed forecast" in str(book.verify(tmp_path)[0])
    assert "at least one sealed forecast" in str(book.verify(tmp_path / "nowhere")[0])


def test_a_changed_forecast_is_named(three):
    manifest = book.folders(three)[0] / "finding" / "finding.json"
    manifest.write_text(manifest.read_text().replace('"grade": "estimated"', '"grade": "recorded"'))
    assert "changed after it was written" in book.verify(three)[0].value


@pytest.mark.parametrize(
    "text", ["", "state\n", "state,yes,abstain,no,absent\nA,0.5,0.5,0,0\nB,1,0,0,0\n", "x\n\x00,,,\n"]
)
def test_a_changed_baseline_is_named(three, text):
    path = book.folders(three)[0] / "baseline-always-yes.csv"
    path.write_text(path.read_text().replace("A,1.0", "A,0.5"))
    assert [p.field for p in book.verify(three)] == ["baseline always yes"]
    path.write_text(text)
    assert [p.file for p in book.verify(three)] == [book.folders(three)[0].name]


def test_a_missing_record_is_named(three):
    shutil.rmtree(book.folders(three)[1])
    assert {p.field for p in book.verify(three)} == {"number", "previous"}
    with pytest.raises(InputError, match="missing or out of order"):
        sealed(three, "R4")


@pytest.mark.parametrize(
    "fields",
    [{"baselines": [1]}, {"number": "1"}, {"previous": None}, {"entry": "x"}, {"more": 1}, {"known": {"A": 1}}],
)
def test_a_record_of_the_wrong_form_is_a_problem_and_no_traceback(three, fields):
    edit(book.folders(three)[0], **fields)
    refresh(three) if "previous" not in fields else None
    assert book.folders(three)[0].name in {p.file for p in book.verify(three)}
    for content in (b"[1]", b"\xe9", b"{"):
        (book.folders(three)[0] / book.RECORD).write_bytes(content)
        assert book.folders(three)[0].name in {p.file for p in book.verify(three)}


def test_the_same_forecast_is_not_sealed_twice_and_nothing_is_left_behind(tmp_path):
    sealed(tmp_path, "R1")
    with pytest.raises(InputError, match="already"):
        sealed(tmp_path, "R1")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_vote_of_today_is_not_sealed(tmp_path):
    with pytest.raises(InputError, match="a vote to come"):
        sealed(tmp_path, day=TODAY.isoformat())
    assert not list(tmp_path.iterdir())


def test_a_forecast_names_the_members_that_its_baselines_name(tmp_path):
    wider = {"always yes": table(*[(1.0, 0.0, 0.0, 0.0)] * 3)}
    with pytest.raises(InputError, match="'C': expected the members that the forecast names"):
        put(forecast(), tmp_path, baselines=wider)


@pytest.mark.parametrize(
    ("versions", "kind"), [([], "text and sponsors only"), ([False], "text and sponsors only"), ([True], "forecast")]
)
def test_a_draft_without_a_predecessor_is_marked(tmp_path, versions, kind):
    precedents = pl.DataFrame({"version": versions}, schema={"version": pl.Boolean})
    assert put(forecast(tables={"precedents": precedents}), tmp_path).kind == kind
    assert book.verify(tmp_path) == []


def test_scores_are_those_of_the_definition_and_the_worst_comes_first(tmp_path):
    sealed(tmp_path, "R1")
    became(tmp_path, 1, "A/RES/81/7")
    found = grading.score(tmp_path, {"A/RES/81/7": VOTE}, {"A/RES/81/7": HELD})
    own = found.filter(pl.col("rule") == "forecast").row(0, named=True)
    assert own["log_loss"] == pytest.approx(math.log(2))
    assert own["accuracy"] == 1.0
    assert own["brier"] == pytest.approx(((0.5**2 + 0.25**2 + 0.25**2) + (0.25**2 + 0.25**2 + 0.5**2)) / 2)
    assert found["rule"][0] == "always yes"
    assert found.row(0, named=True)["worst"] == "B"
    assert found["log_loss"][0] == pytest.approx(-math.log(FLOOR) / 2)


def test_what_a_draft_became_grades_it_and_not_its_own_symbol(tmp_path):
    sealed(tmp_path, "A/81/L.2")
    cast, held = {"A/81/L.2": VOTE, "A/RES/81/7": VOTE}, {"A/81/L.2": HELD, "A/RES/81/7": HELD}
    assert grading.score(tmp_path, cast, held).is_empty()
    became(tmp_path, 1, "A/RES/81/8")
    assert grading.score(tmp_path, cast, held).is_empty()
    became(tmp_path, 1, "A/RES/81/7")
    assert grading.score(tmp_path, cast, held)["roll_call"].unique().to_list() == ["A/RES/81/7"]
    assert book.verify(tmp_path) == []


@pytest.mark.parametrize(("day", "graded"), [("2026-11-22", True), (TODAY.isoformat(), False), ("2026-11-20", False)])
def test_only_what_was_sealed_on_an_earlier_day_is_graded(tmp_path, day, graded):
    sealed(tmp_path)
    became(tmp_path, 1, "S", day=day)
    assert grading.score(tmp_path, {"S": VOTE}, {"S": day}).is_empty() != graded
    assert grading.ungraded(tmp_path, {"S": day}, LATER).is_empty() == graded


def test_what_has_no_grade_is_listed_with_its_age_and_the_reason(tmp_path):
    for name in ("R1", "R2", "R3", "R4", "R5"):
        sealed(tmp_path, name)
    sealed(tmp_path, "R6", day="2027-01-05")
    became(tmp_path, 1, "A")
    became(tmp_path, 2, "failed")
    became(tmp_path, 3, "B")
    became(tmp_path, 4, "C")
    found = grading.ungraded(tmp_path, {"A": HELD, "C": "2026-12-11"}, LATER)
    assert found["number"].to_list() == [2, 3, 4, 5, 6]
    assert set(found["age"]) == {29}
    assert [why.partition(":")[0] for why in found["why"]] == [
        "the draft failed", "B is not in the record of votes",
        "C was held on 2026-12-11 by the record of votes, on 2026-12-10 as entered", "no outcome entered", "the vote is to come",
    ]  # fmt: skip


def test_an_outcome_is_part_of_the_chain(three):
    became(three, 2, "A/RES/81/7")
    assert book.verify(three) == []
    edit(book.folders(three)[3], became="A/RES/81/8")
    assert [p.field for p in book.verify(three)] == [book.RECORD]
    edit(book.folders(three)[3], of=4)
    refresh(three)
    assert [p.field for p in book.verify(three)] == ["of"]


def test_an_outcome_that_cannot_be_is_refused_with_every_reason(three):
    with pytest.raises(InputError) as caught:
        book.resolve(three, 9, became=" ", day="2027-01-01", source="", today=LATER)
    assert [p.field for p in caught.value.problems] == ["number", "became", "day", "source"]


def test_misses_begin_with_the_least_share_given_to_what_was_voted(tmp_path):
    sealed(tmp_path, "R1")
    sealed(tmp_path, "R2", yes=0.02)
    for number in (1, 2):
        became(tmp_path, number, f"S{number}")
    found = grading.misses(tmp_path, {"S1": VOTE, "S2": VOTE}, {"S1": HELD, "S2": HELD})
    assert found.row(0) == (2, "S2", "A", "yes", 0.02)
    assert found["given"].is_sorted()


def test_members_that_the_tables_do_not_name_are_counted(tmp_path):
    sealed(tmp_path)
    became(tmp_path, 1, "S")
    found = grading.score(tmp_path, {"S": VOTE | {"Z": "no"}}, {"S": HELD})
    assert found.select("n", "missing").unique().row(0) == (2, 1)
    assert grading.score(tmp_path, {"S": {"Z": "no"}}, {"S": HELD})["log_loss"].to_list() == [None, None]


def test_unknown_outcomes_are_not_scored_and_few_give_no_ranking(tmp_path):
    sealed(tmp_path, "R1")
    assert grading.score(tmp_path, {}, {}).is_empty()
    became(tmp_path, 1, "S")
    assert grading.ranking(grading.score(tmp_path, {"S": VOTE}, {"S": HELD})) is None


def test_thirty_graded_roll_calls_give_a_ranking_in_which_each_counts_once(tmp_path):
    for k in range(30):
        sealed(tmp_path, f"R{k}", yes=0.5 + k / 1000)
    for k in range(5):
        sealed(tmp_path, "R0", yes=0.9 + k / 1000)
    for k in range(35):
        became(tmp_path, k + 1, f"S{k if k < 30 else 0}")
    symbols = [f"S{k}" for k in range(30)]
    found = grading.ranking(grading.score(tmp_path, dict.fromkeys(symbols, VOTE), dict.fromkeys(symbols, HELD)))
    assert found["rule"].to_list() == ["forecast", "always yes"]
    assert found["roll_calls"].to_list() == [30, 30]
    own = [-math.log(0.5 + k / 1000) for k in range(30)]
    own[0] = (own[0] + sum(-math.log(0.9 + k / 1000) for k in range(5))) / 6
    assert found["log_loss"][0] == pytest.approx((sum(own) / 30 + math.log(2)) / 2)
    assert grading.FLOOR == FLOOR


def test_a_finding_without_outcomes_or_of_a_vote_on_record_is_refused(tmp_path):
    with pytest.raises(InputError, match="columns yes, abstain, no, absent"):
        put(forecast(table=forecast().table.select("state")), tmp_path)
    with pytest.raises(InputError, match="a draft with its title and day"):
        put(forecast(parameters={"resolution": "A/RES/1", "as_of": "2026-11-20"}), tmp_path)
