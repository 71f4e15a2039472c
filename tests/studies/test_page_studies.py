"""Pages on members and roll calls: their numbers against plain counting, their two clocks, their grades, their errors."""

from __future__ import annotations

import dataclasses
import json
from itertools import product

import numpy as np
import polars as pl
import pytest

import realpolitik as rp
from realpolitik.evidence import RollCalls
from realpolitik.findings.brief import Closed, Grid, cells_of, words
from realpolitik.methods.alignment.roll_calls.rules import RULES
from realpolitik.studies.pages.ahead import forecast_misses, outcome_order
from realpolitik.studies.pages.ground import ground, with_kinds
from realpolitik.studies.pages.member_acts import member_acts
from realpolitik.studies.pages.peers import peers, spans
from realpolitik.studies.pages.sides import sides
from realpolitik.studies.pages.versions import versions
from realpolitik.terms import Grade, InputError
from small_case import small_case

CASE, TARGET = "iran-ukraine-2022", "A/RES/ES-11/1"
WORDS = ("yes", "abstain", "no", "absent")


@pytest.fixture(scope="module")
def votes() -> RollCalls:
    return rp.read_case(CASE).as_of("2022-03-31").evidence.votes


@pytest.fixture(scope="module")
def assembly(votes: RollCalls) -> dict[str, dict[str, str]]:
    return {symbol: votes.votes_on(symbol) for symbol in votes.body("GA").recorded().calls["id"].to_list()}


def text_of(page, id: str) -> str:
    found = []
    for block in page.section(id).blocks:
        found += [words(block.parts)] if hasattr(block, "parts") else list(map(words, getattr(block, "items", ())))
    return " ".join(found)


# -- the numbers, counted again ------------------------------------------------------------------------------------


def test_a_members_votes_and_company_are_counted(votes, assembly) -> None:
    found = member_acts(votes, state="IRN")
    assert found.table.height == sum("IRN" in cast for cast in assembly.values())
    for row in found.table.iter_rows(named=True):
        cast = list(assembly[row["roll_call"]].values())
        assert row["vote"] == assembly[row["roll_call"]]["IRN"]
        assert row["alike"] == cast.count(row["vote"])
        assert [row[word] for word in WORDS] == [cast.count(word) for word in WORDS]
    whole = found.tables["all"].row(0, named=True)
    assert sum(whole[word] for word in WORDS) == found.table.height
    cast = found.table.filter(pl.col("vote") != "absent")
    most = cast.filter(pl.col("alike") == pl.max_horizontal("yes", "abstain", "no")).height
    assert whole["with_most"] == pytest.approx(most / cast.height)


@pytest.mark.parametrize("pair", [("IRN", "RUS"), ("USA", "CUB")])
def test_two_members_agree_as_similarity_says(votes, pair) -> None:
    own = sides(votes, a=[pair[0]], b=[pair[1]]).row(period="all", relation="between")
    for measure in ("agreement", "kappa"):
        other = rp.similarity(votes, measure=measure, by="all", states=list(pair)).table.row(0, named=True)
        assert own[measure] == pytest.approx(other["value"])
        assert own["n"] == other["n"]
        assert own[f"{measure}_low"] == pytest.approx(other["low"], abs=0.03)
        assert own[f"{measure}_high"] == pytest.approx(other["high"], abs=0.03)
    everyone = rp.similarity(votes, measure="kappa", by="all", interval="none").table
    everyone = everyone.filter(pl.col("n") >= 10).drop_nulls("value")
    assert own["lower"] == pytest.approx((everyone["value"] < own["kappa"] - 1e-12).mean())


def test_blocs_are_compared_member_by_member(votes, assembly) -> None:
    a, b = ["IRN", "SYR", "CUB"], ["FRA", "GBR", "USA"]
    found = sides(votes, a=a, b=b)
    pairs = {"between": list(product(a, b)), "within a": [(x, y) for x in a for y in a if x < y]}
    for relation, wanted in pairs.items():
        both = [
            cast[x] == cast[y]
            for cast in assembly.values()
            for x, y in wanted
            if cast.get(x, "absent") != "absent" and cast.get(y, "absent") != "absent"
        ]
        assert found.row(period="all", relation=relation)["agreement"] == pytest.approx(np.mean(both))
    held = [[c for m in a if (c := cast.get(m, "absent")) != "absent"] for cast in assembly.values()]
    index = [1.5 * max(map(c.count, c)) / len(c) - 0.5 for c in held if len(c) >= 2]
    assert found.row(table="cohesion", side="a")["cohesion"] == pytest.approx(np.mean(index))


def test_votes_on_which_two_part_come_furthest_first(votes, assembly) -> None:
    frame = sides(votes, a=["IRN"], b=["RUS"]).tables["votes"]
    place = dict(zip(WORDS, (0, 0.5, 1), strict=False))
    for row in frame.iter_rows(named=True):
        cast = assembly[row["roll_call"]]
        assert (row["a"], row["b"]) == (cast["IRN"], cast["RUS"])
        assert row["apart"] == abs(place[row["a"]] - place[row["b"]])
        assert row["company"] == min(list(cast.values()).count(row[side]) for side in ("a", "b"))
    order = [(-row["apart"], row["company"]) for row in frame.iter_rows(named=True)]
    assert order == sorted(order)


def test_the_nearest_are_those_of_similarity(votes) -> None:
    before, after = spans(votes)
    found = peers(votes, state="IRN", before=before, after=after)
    session = votes.body("GA").recorded().session
    cut = votes.body("GA").recorded()
    now = rp.similarity(cut.keep((session >= after[0]) & (session <= after[1])), by="all", interval="none").table
    row = now.filter((pl.col("a") == "IRN") & (pl.col("b") == "RUS")).row(0, named=True)
    assert found.row(other="RUS")["kappa"] == pytest.approx(row["value"])
    assert found.table["kappa"].is_sorted(descending=True)


def test_changes_since_the_text_before(votes, assembly) -> None:
    found = versions(votes, resolution="A/RES/76/178")
    now, before = assembly["A/RES/76/178"], assembly["A/RES/75/191"]
    assert found.tables["versions"]["roll_call"][1] == "A/RES/75/191"
    assert found.table.filter(pl.col("change") == "same").height == sum(before.get(s) == v for s, v in now.items())
    assert found.tables["turns"]["members"].sum() == len(now)
    groups = found.tables["groups"]
    assert [groups[word].sum() for word in WORDS] == [list(now.values()).count(word) for word in WORDS]


@pytest.mark.parametrize("symbol", [TARGET, "A/RES/76/178", "A/RES/68/262"])
def test_the_margin_is_the_fewest_that_would_have_sufficed(votes, assembly, symbol: str) -> None:
    cast = list(assembly[symbol].values())
    yes, no = cast.count("yes"), cast.count("no")
    simple = next(k for k in range(yes + 1) if not yes - k > no + k)
    two_thirds = next(k for k in range(yes + 1) if not 3 * (yes - k) >= 2 * (yes + no))
    margin = versions(votes, resolution=symbol).tables["margin"]
    assert margin["turned"].to_list() == [simple, two_thirds]


# -- what a page may read, and what it may say ---------------------------------------------------------------------


def flipped(votes: RollCalls, symbol: str) -> RollCalls:
    """The record with every vote on one roll call turned round."""
    lo, hi = votes.ptr[votes.place[symbol]], votes.ptr[votes.place[symbol] + 1]
    vote = votes.vote.copy()
    vote[lo:hi] = 3 - vote[lo:hi]
    return dataclasses.replace(votes, vote=vote)


def test_the_forecast_reads_nothing_of_the_vote(votes) -> None:
    made = outcome_order(votes, resolution=TARGET, as_of="2022-03-01")
    other = outcome_order(flipped(votes, TARGET), resolution=TARGET, as_of="2022-03-01")
    assert made.table.equals(other.table)
    assert not forecast_misses(votes, resolution=TARGET, as_of="2022-03-01").table.equals(
        forecast_misses(flipped(votes, TARGET), resolution=TARGET, as_of="2022-03-01").table
    )


@pytest.fixture(scope="module")
def told() -> dict:
    return {"forecast": rp.forecast(CASE, TARGET), "resolution": rp.resolution(CASE, TARGET)}


@pytest.mark.parametrize("which", ["forecast", "resolution"])
def test_what_is_not_estimated_is_an_order_without_shares(told, which: str) -> None:
    page = told[which]
    assert page.findings["order"].grade is Grade.JUDGEMENT
    shown = [cell for section in page.sections for cell in cells_of(section.blocks)]
    assert not [c.name for c in shown if c.finding == "forecast" and c.column in WORDS]
    assert not [c.name for c in shown if c.finding == "misses" and c.column == "share"]
    assert not [c.name for c in shown if c.column == "value" and c.table == "contributions"]
    assert "%" not in text_of(page, "expected")


def test_every_simple_rule_is_on_the_page(told) -> None:
    table = next(
        b
        for block in told["forecast"].section("rules").blocks
        for b in getattr(block, "blocks", ())
        if isinstance(b, Grid)
    )
    assert [name.replace(" ", "_") for name in table.head[2:]] == list(RULES)


def test_the_worst_misses_come_first(told) -> None:
    page = told["resolution"]
    table = next(b for b in page.section("against").blocks if isinstance(b, Grid) and b.head[0] == "Member")
    places = [int(words(row[3])) for row in table.rows]
    assert places == sorted(places, reverse=True)
    assert all(words(row[1]) != words(row[2]) for row in table.rows)


def test_announced_votes_are_named_and_the_limit_of_the_quoted_skill_is_said() -> None:
    page = rp.forecast(CASE, TARGET, known={"USA": "yes", "RUS": "no"})
    assert "Russia: no, taken as given" in text_of(page, "announced")
    assert "simple rule" in text_of(page, "announced")
    assert page.findings["order"].row(state="RUS")["first"] == "no"


def test_a_roll_call_to_come_has_a_page() -> None:
    coming = rp.RollCall(title="Return of persons displaced from Abkhazia", date="2023-06-07", sponsors=("GEO",))
    page = rp.forecast(CASE, coming)
    assert page.title.startswith("Return of persons")
    assert "sponsors" not in text_of(page, "unseen")


def test_a_page_reads_nothing_known_later() -> None:
    page = rp.member(CASE, "IRN", as_of="2014-01-01")
    assert str(page.findings["acts"].table["date"].max()) < "2014-01-01"
    assert page.subject.known_by == "2014-01-01"
    later = rp.resolution(CASE, "A/RES/ES-11/4")
    assert later.as_of == "2022-10-12"
    with pytest.raises(InputError, match="2022-10-12"):
        rp.resolution(CASE, "A/RES/ES-11/4", as_of="2022-03-31")


def test_on_a_narrow_record_no_position_and_no_surprise_is_given() -> None:
    page = rp.member(CASE, "IRN")
    assert "positions" not in page.findings
    assert "standouts" not in page.findings
    assert "No position is fitted" in text_of(page, "unknown")


def test_a_member_that_is_no_actor_of_the_case_has_a_page() -> None:
    page = rp.member(CASE, "FJI")
    assert page.title == "Fiji"
    assert "channels" not in {section.id for section in page.sections}


def test_a_plain_record_will_do() -> None:
    from realpolitik.methods.alignment.roll_calls.made import made_votes

    page = rp.member(made_votes(), "AAA")
    assert page.name == "votes"
    assert rp.pair(made_votes(), "AAA,BBB", ["KKK", "LLL"]).section("inside")
    assert rp.resolution(made_votes(), "A/RES/12/3").findings["versions"].tables["versions"].height > 2


def test_kinds_and_series_are_filled_in_only_where_they_lack(votes) -> None:
    from realpolitik.methods.alignment.roll_calls.made import made_votes

    assert with_kinds(votes) is votes
    filled = with_kinds(made_votes()).calls
    assert set(filled.filter(pl.col("title") == "Nuclear disarmament")["kind"]) == {"nuclear_disarmament"}


def test_blocs_can_be_named() -> None:
    page = rp.pair(CASE, "partners", "western_europe_and_others")
    assert page.sort == "Two blocs"
    assert page.findings["sides"].parameters["a"] == ["SYR", "BLR", "CHN", "IND", "ARE"]


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        (lambda: rp.member(CASE, "Iran"), "IRN"),
        (lambda: rp.pair(CASE, "IRN", "afrika"), "africa"),
        (lambda: rp.pair(CASE, "IRN", "IRN,RUS"), "without a member in common"),
        (lambda: rp.resolution(CASE, "A/RES/ES-11/11"), "A/RES/ES-11/1"),
        (lambda: rp.forecast(CASE, TARGET, known={"USS": "yes"}), "USA"),
        (lambda: rp.forecast(CASE, TARGET, as_of="1950-01-01"), "first General Assembly"),
        (lambda: rp.member(CASE, "IRN", as_of="yesterday"), "as_of"),
        (lambda: rp.member(CASE, "IRN", as_of="1950-01-01"), "as_of"),
    ],
)
def test_what_is_wrong_is_one_clear_error(call, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        call()


# -- beside the brief ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    made = rp.brief(CASE, as_of="2022-03-31")
    return made, made.write(tmp_path_factory.mktemp("pages"), ("html", "json", "md"))


def test_the_brief_has_pages_of_its_actors_pair_roll_calls_and_forecast(written) -> None:
    made, folder = written
    places = [page.place for page in made.pages]
    assert places == [
        "members/IRN", "members/RUS", "pairs/IRN-RUS", "resolutions/A-RES-ES-11-1", "resolutions/A-RES-68-262", "forecasts/A-RES-ES-11-1",
    ]  # fmt: skip
    for place in places:
        assert {path.name for path in (folder / place).iterdir()} == {"index.html", "brief.json", "brief.md"}


def test_every_link_between_the_pages_leads_somewhere(written) -> None:
    made, folder = written
    for place in ["", *(page.place for page in made.pages)]:
        record = json.loads((folder / place / "brief.json").read_text("utf-8"))
        assert record["pages"]
        for address in record["pages"]:
            assert (folder / place / address).resolve().is_file()


def test_pages_of_the_brief_are_those_of_the_functions(written) -> None:
    _, folder = written
    alone = rp.member(CASE, "IRN", as_of="2022-03-31")
    beside = json.loads((folder / "members/IRN/brief.json").read_text("utf-8"))
    assert {n: f["digest"] for n, f in beside["findings"].items()} == {n: f.digest for n, f in alone.findings.items()}


def test_a_case_without_roll_calls_has_no_pages() -> None:
    case = small_case()
    bare = dataclasses.replace(case, evidence=dataclasses.replace(case.evidence, votes=None))
    assert rp.brief(bare).pages == ()


def test_every_cell_of_a_page_has_a_trace() -> None:
    for page in (rp.member(CASE, "IRN"), rp.pair(CASE, "IRN", "RUS"), rp.resolution(CASE, TARGET)):
        for cell in page.cells():
            if cell.finding and cell.column != "answer":
                assert page.explain(cell).says


def test_replay_of_a_pages_findings() -> None:
    page = rp.pair(CASE, "IRN", "RUS")
    assert page.findings["sides"].replay().digest == page.findings["sides"].digest


def test_the_ground_knows_names() -> None:
    place = ground(CASE)
    assert place.label("IRN") == "Iran"
    assert isinstance(rp.member(CASE, "IRN").section("latest").blocks[0], Closed)
