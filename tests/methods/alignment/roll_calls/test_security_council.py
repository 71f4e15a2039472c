"""Council arithmetic: against brute force over all votes, on made and recorded resolutions."""

from __future__ import annotations

from datetime import date
from itertools import permutations, product
from pathlib import Path

import polars as pl
import pytest

import realpolitik as rp
from realpolitik.methods.alignment.roll_calls.made import made_council, made_votes
from realpolitik.methods.alignment.roll_calls.security_council import (
    PERMANENT,
    Rule,
    council,
    is_adopted,
    is_pivotal,
    rule_on,
    shapley_shubik,
    swings,
)
from realpolitik.terms import InputError


def test_the_rule_changes_with_the_enlarged_council() -> None:
    assert (rule_on(date(1965, 12, 31)).threshold, rule_on(date(1965, 12, 31)).seats) == (7, 11)
    assert (rule_on(date(1966, 1, 1)).threshold, rule_on(date(1966, 1, 1)).seats) == (9, 15)


def test_swings_are_what_brute_force_finds() -> None:
    rule = Rule(5, 3, "made")
    members = ("USA", "CHN", "XXA", "XXB", "XXC")
    for words in product(("yes", "abstain", "no"), repeat=5):
        votes = dict(zip(members, words, strict=True))
        for procedural in (False, True):
            outcome = is_adopted(votes, rule, procedural)
            turned = swings(votes, rule, procedural)
            for state in members:
                changed = [
                    w for w in ("yes", "abstain", "no") if is_adopted({**votes, state: w}, rule, procedural) != outcome
                ]
                assert is_pivotal(state, votes, rule, procedural) == bool(changed)
                assert set(turned[state]) == set(changed) - {votes[state]}


HEIRS = {"SUN": "RUS", "TWN": "CHN"}


@pytest.mark.parametrize("code", ["SUN", "TWN"])
def test_a_predecessors_no_is_a_veto_while_it_held_the_seat(code: str) -> None:
    votes = {**dict.fromkeys("ABCDEFG", "yes"), "USA": "yes", code: "no"}
    assert not is_adopted(votes, rule_on(date(1955, 1, 1)), False)
    assert is_adopted({**votes, "H": "yes"}, rule_on(date(2000, 1, 1)), False)


def test_the_same_council_under_heirs_and_predecessors_codes() -> None:
    cast = {
        **dict.fromkeys(["FRA", "GBR", "USA", "CHN", "BRA", "PER", "IRN", "TUR", "BEL"], "yes"),
        "NZL": "abstain",
        "RUS": "no",
    }
    frame = pl.DataFrame({"roll_call": "S/RES/110(1955)", "state": list(cast), "vote": list(cast.values())})
    calls = pl.DataFrame({"id": ["S/RES/110(1955)"], "body": ["SC"], "date": ["1955-12-14"], "title": ["Membership"]})
    votes = rp.read_votes(frame, roll_calls=calls)
    printed, dated = council(votes, "S/RES/110(1955)"), council(votes.dated(), "S/RES/110(1955)")
    heirs = dated.table.with_columns(pl.col("state").replace(HEIRS)).sort("state")
    assert heirs.equals(printed.table)
    assert dated.table.filter("permanent")["state"].to_list() == ["FRA", "GBR", "SUN", "TWN", "USA"]
    assert dated.tables["arithmetic"]["procedural"][0]
    real = council(votes.dated(), "S/RES/110(1955)", procedural=False)
    assert real.tables["arithmetic"].select("vetoes", "adopted").row(0) == ("SUN", False)


def test_power_by_brute_force_in_a_small_council() -> None:
    rule = Rule(5, 4, "made")
    got = shapley_shubik(rule, permanent=2)
    counts = [0] * 5
    for order in permutations(range(5)):
        there: set[int] = set()
        for member in order:
            there.add(member)
            if len(there) >= 4 and {0, 1} <= there:
                counts[member] += 1
                break
    assert got[0] == pytest.approx(counts[0] / 120)
    assert got[1] == pytest.approx(counts[4] / 120)


def test_the_published_power_index_of_the_council_of_fifteen() -> None:
    """Permanent .1963, elected .00186: Straffin 1993, Game Theory and Strategy, p. 194, on the Shapley-Shubik index."""
    permanent, elected = shapley_shubik(rule_on(date(1990, 1, 1)))
    assert permanent == pytest.approx(0.1963, abs=5e-5)
    assert elected == pytest.approx(0.00186, abs=5e-6)


def test_zero_elected_members_is_an_answer() -> None:
    finding = council(made_council(), "S/RES/1(2022)")
    pivotal = finding.table.filter(pl.col("pivotal"))
    assert set(pivotal["state"]) == set(PERMANENT)
    assert "turned it: 0;" in finding.answer
    assert finding.grade == "recorded"


def test_procedural_votes_have_no_veto() -> None:
    finding = council(made_council(), "S/RES/1(2022)", procedural=True)
    assert finding.table["pivotal"].sum() == 0


def test_the_assembly_is_refused() -> None:
    with pytest.raises(InputError, match="Security Council"):
        council(made_votes(), "A/RES/12/3")


def test_recorded_resolutions_of_february_2022(shared_data: Path) -> None:
    folder = shared_data / "votes"
    votes = rp.read_votes(folder / "votes.parquet", roll_calls=folder / "rollcalls.parquet")
    convening = council(votes, "S/RES/2623(2022)")
    assert convening.tables["arithmetic"].row(0, named=True)["procedural"]
    assert convening.row(state="ARE") == {
        "state": "ARE",
        "permanent": False,
        "vote": "abstain",
        "pivotal": False,
        "turned_by": "",
    }
    yemen = council(votes, "S/RES/2624(2022)")
    assert yemen.row(state="RUS")["turned_by"] == "no"
    assert not yemen.table.filter(~pl.col("permanent"))["pivotal"].any()
