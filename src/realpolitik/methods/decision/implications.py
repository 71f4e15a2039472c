"""The register of what a shock costs and offers: risks and openings, the conditions they hang on, and where sources disagree."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from realpolitik.case import Case
from realpolitik.case.tables import Implication
from realpolitik.findings import EXPLANATION, Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, Problem

if TYPE_CHECKING:
    import polars as pl

IMPLICATIONS = Method(
    name="decision.implications",
    question="What does the shock cost and offer, to whom, and if what?",
    function="realpolitik.methods.decision.implications:implications",
    literature=(),
    needs=(Implication,),
    systems=(12,),
)

_COLUMNS = (
    "id",
    "actor",
    "interest",
    "level",
    "sign",
    "mechanism",
    "condition",
    "issue",
    "holder",
    "hedge",
    "status",
    "when",
)


def implications(case: Case, *, actor: str | None = None) -> Finding:
    """The declared implications of the shock for an actor's interests: one row each, with sign, mechanism and condition.

    Nothing is added up: a risk and an opening are not on one scale. Grade coded. Tables: ``conditions`` (each condition with
    the rows that hang on it), ``balance`` (risks and openings counted by level) and ``disagreements`` (interests on which
    different holders give different signs; ``outright`` where they do so under the same condition, or under none: signs that
    hang on different conditions can both be right). Raises InputError where the case has no implications for the actor.

    >>> import realpolitik as rp
    >>> from realpolitik.methods.decision.implications import implications
    >>> implications(rp.read_case("iran-ukraine-2022")).grade.value
    'coded'
    """
    import polars as pl

    who = actor or case.about.focal
    rows = case.frame("implications").filter(pl.col("actor") == who) if case.has("implications") else None
    if rows is None or rows.is_empty():
        raise InputError([Problem("implications.csv", "actor", who, "at least one implication for this actor")])
    table = rows.select(_COLUMNS)
    conditions = (
        table.filter(pl.col("condition") != "")
        .group_by("condition", maintain_order=True)
        .agg(
            pl.col("id").alias("rows"),
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("sign").unique().sort().alias("signs"),
        )
        .sort("n", "condition", descending=[True, False])
    )
    balance = (
        table.group_by("level", maintain_order=True)
        .agg(
            (pl.col("sign") == "-").sum().cast(pl.Int64).alias("risks"),
            (pl.col("sign") == "+").sum().cast(pl.Int64).alias("openings"),
            (pl.col("sign") == "+/-").sum().cast(pl.Int64).alias("mixed"),
        )
        .sort("level")
    )
    disagreements = _disagreements(table)
    risks, openings = int(balance["risks"].sum()), int(balance["openings"].sum())
    row = Leaf("implications", {"id": "{id}"})
    return conclude(
        IMPLICATIONS,
        case,
        ("implications",),
        parameters={"actor": who},
        table=table,
        key=("id",),
        tables={"conditions": conditions, "balance": balance, "disagreements": disagreements},
        grade=Grade.CODED,
        grade_reason="Read from the sources and not measured; each row names what would have to be measured.",
        stands_as=EXPLANATION,
        answer=_answer(case.label(who), risks, openings, conditions["n"].to_list(), table.height),
        caveats=(
            "Rows are counted, not weighed: many small risks do not outweigh one large opening.",
            "What two sources tell is counted twice.",
        ),
        traces=(
            Template("*", "As the source tells it", (row,)),
            Template(
                "conditions.*",
                "The rows that hang on this condition",
                (Leaf("implications", {"actor": "{actor}", "condition": "{condition}"}),),
            ),
            Template(
                "balance.*",
                "The rows of this level, counted by sign",
                (Leaf("implications", {"actor": "{actor}", "level": "{level}"}),),
            ),
            Template(
                "disagreements.*",
                "The rows on this interest",
                (Leaf("implications", {"actor": "{actor}", "interest": "{interest}"}),),
            ),
        ),
    )


def _answer(who: str, risks: int, openings: int, hanging: list[int], rows: int) -> str:
    named = f"{_some(risks, 'risk')} and {_some(openings, 'opening')}"
    decide = f"{_some(len(hanging), 'condition')} {'decides' if len(hanging) == 1 else 'decide'}"
    return f"The sources name {named} for {who}; {decide} over {sum(hanging)} of the {_some(rows, 'row')}."


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _disagreements(table: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    rows = []
    for (interest,), group in table.group_by("interest", maintain_order=True):
        told = list(group.select("holder", "sign", "condition").iter_rows())
        pairs = [(a, b) for a, b in combinations(told, 2) if a[0] != b[0] and a[1] != b[1]]
        if pairs:
            signs, holders = sorted({t[1] for t in told}), sorted({t[0] for t in told})
            rows.append((interest, signs, holders, any(a[2] == b[2] for a, b in pairs), group["id"].to_list()))
    many = pl.List(pl.String)
    schema: dict[str, Any] = {
        "interest": pl.String,
        "signs": many,
        "holders": many,
        "outright": pl.Boolean,
        "rows": many,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
