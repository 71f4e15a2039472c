"""The rule list of kinds of act: on titles written here, and on roll calls coded by hand before the rules were run on them."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from realpolitik.methods.alignment.roll_calls.kinds import KINDS, RULES, kind_of_act

CODED = Path(__file__).with_name("kinds_coded_by_hand.csv")
FRESH = Path(__file__).with_name("kinds_coded_fresh.csv")


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Territorial integrity of Ruritania", "territory_or_force"),
        ("Situation of human rights in Ruritania", "human_rights_country"),
        ("Humanitarian consequences of the aggression against Ruritania", "humanitarian"),
        ("Suspension of the rights of membership of Ruritania in the Human Rights Council", "penalty_or_membership"),
        ("Problem of the militarization of Upper Ruritania", "militarisation"),
        ("Furtherance of remedy and reparation for aggression against Ruritania", "reparation"),
        ("Comprehensive Nuclear-Test-Ban Treaty", "nuclear_disarmament"),
        ("The right to food", "human_rights"),
        ("Israeli settlements in the Occupied Palestinian Territory", "middle_east"),
        ("Nothing that any rule knows", "other"),
    ],
)
def test_titles(title: str, kind: str) -> None:
    assert kind_of_act(f"{title} : resolution / adopted by the General Assembly") == kind


def test_a_preparation_is_no_reparation() -> None:
    assert kind_of_act("Preparation of an international development strategy") == "development"


def test_every_rule_names_a_kind() -> None:
    assert {rule.kind for rule in RULES} | {"other"} == set(KINDS)


def read_titles(shared_data: Path) -> dict[str, dict[str, str]]:
    import polars as pl

    rolls = pl.read_parquet(shared_data / "votes" / "rollcalls.parquet").filter(pl.col("body") == "GA").unique("symbol")
    return {row["symbol"]: row for row in rolls.iter_rows(named=True)}


def beside_rules(rows: list[dict[str, str]], titles: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    """Symbol, kind by hand and kind by the rules of each coded roll call."""
    texts = [titles[row["symbol"]] for row in rows]
    return [
        (row["symbol"], row["kind"], kind_of_act(text["title"], text["agenda"] or ""))
        for row, text in zip(rows, texts, strict=True)
    ]


def test_hand_coding(shared_data: Path) -> None:
    coded = beside_rules(list(csv.DictReader(CODED.open(encoding="utf-8"))), read_titles(shared_data))
    wrong = [row for row in coded if row[1] != row[2]]
    assert len(coded) == 110
    assert len(wrong) <= 0.1 * len(coded), wrong


@pytest.mark.parametrize(("part", "agree", "kappa"), [("60-74", 46, 0.91), ("to 59", 47, 0.93)])
def test_fresh_titles(shared_data: Path, part: str, agree: int, kappa: float) -> None:
    """The figures of the documentation: coded by `kinds_coded_fresh.md` before the rules were run, never used to mend them."""
    rows = [row for row in csv.DictReader(FRESH.open(encoding="utf-8")) if row["part"] == part]
    coded = beside_rules(rows, read_titles(shared_data))
    share = sum(hand == rule for _, hand, rule in coded) / len(coded)
    by_hand, by_rule = Counter(row[1] for row in coded), Counter(row[2] for row in coded)
    by_accident = sum(n * by_rule[kind] for kind, n in by_hand.items()) / len(coded) ** 2
    assert len(coded) == 50
    assert share * 50 == pytest.approx(agree), [row for row in coded if row[1] != row[2]]
    assert (share - by_accident) / (1 - by_accident) == pytest.approx(kappa, abs=0.005)
