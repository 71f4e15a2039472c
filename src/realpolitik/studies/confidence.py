"""Likelihood in words, for estimated findings only; and apart from it, confidence in the evidence, with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from realpolitik.findings.brief import Cell, Part, Parts
from realpolitik.terms import Grade, Judgement, parse_sources

from .cells import cell_at

if TYPE_CHECKING:
    from .plan import Material

ICD_203 = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even odds"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.01, "almost certain"),
)
OUTCOMES = ("yes", "abstain", "no", "absent")


def estimative_word(probability: float) -> str:
    """The word of Intelligence Community Directive 203 (2015, D.6.e(2)(a)) for a probability.

    >>> estimative_word(0.6)
    'likely'
    """
    return next(word for limit, word in ICD_203 if probability < limit)


def odds(material: Material) -> Parts:
    """The likelihood of the foremost outcome in the standard words where it is estimated; else that it is not."""
    found = material.first("forecast_roll_call")
    if found and found[1].grade is Grade.ESTIMATED and material.focal in found[1].table["state"].to_list():
        name, finding = found
        row = finding.table["state"].to_list().index(material.focal)
        top = max(OUTCOMES, key=lambda outcome: finding.table[outcome][row])
        value = finding.table[top][row]
        return (
            f"On the record before the act, {top} was {estimative_word(value)} (",
            cell_at(name, finding, "", top, row),
            ", estimated).",
        )
    grade = found[1].grade if found else _grade(material)
    return (f"Not estimated (grade: {grade}).",)


def _grade(material: Material) -> str:
    weighed = material.first("weigh_reasons")
    return str(weighed[1].grade) if weighed else "coded"


def confidence(material: Material) -> tuple[str, tuple[Parts, ...]]:
    """Low, moderate or high, with the reason for each of four questions to the evidence.

    The rule is fixed: high where all four are answered well, low where two or more are not, moderate between.
    """
    tests = (_sources(material), _record(material), _agreement(material), _foresight(material))
    failed = sum(not good for good, _ in tests)
    level = "High" if failed == 0 else "Moderate" if failed == 1 else "Low"
    return level, tuple(("+ " if good else "− ", *parts) for good, parts in tests)


def _count(material: Material, column: str) -> tuple[int, Cell]:
    finding = material.findings["standing"]
    return int(finding.table[column][0]), cell_at("standing", finding, "", column, 0)


def _sources(material: Material) -> tuple[bool, Parts]:
    number, cell = _count(material, "documents")
    publishers = {d.publisher or d.id for d in material.case.evidence.documents.values()}
    judged, judgements = _count(material, "judged")
    rows, all_rows = _count(material, "rows")
    several, told = number >= 2 and len(publishers) >= 2, 2 * judged <= rows
    text: list[Part] = [
        cell,
        " document" + ("" if number == 1 else "s"),
        " from different publishers" if several else ": no second, independent source",
    ]
    text += ["."] if told else ["; ", judgements, " of ", all_rows, " rows are judgements."]
    return several and told, tuple(text)


def _record(material: Material) -> tuple[bool, Parts]:
    number, cell = _count(material, "on_record")
    return number > 0, (
        cell,
        " rows rest on a recorded vote." if number else " rows rest on a recorded vote: words only.",
    )


def _agreement(material: Material) -> tuple[bool, Parts]:
    rivals, cell = _count(material, "rivals")
    other, disputed = _count(material, "disputed")
    good = rivals == 0 and other == 0
    return good, (cell, " accounts differ; ", disputed, " claims are alleged or denied.")


def _foresight(material: Material) -> tuple[bool, Parts]:
    target = material.case.about.forecast.get("resolution", "")
    knew = [d.id for d in material.case.evidence.documents.values() if target in d.knew]
    if target and knew:
        return False, ("The sources knew the outcome that they explain.",)
    if not material.case.evidence.documents:
        return False, ("No document is named: who knew what, and when, cannot be told.",)
    return True, ("No source is known to have known the outcome.",)


def is_judged(source: str) -> bool:
    """Whether a row's source names a judgement."""
    return any(isinstance(found, Judgement) for found in parse_sources(source))
