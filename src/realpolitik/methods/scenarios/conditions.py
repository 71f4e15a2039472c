"""What the verbs of this room share: from a case or a model, under given= and do=, to whole numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from realpolitik.case import Case
from realpolitik.findings import Leaf, Template
from realpolitik.terms import Grade, InputError, Problem

from ._arrays import I8, I64
from .changes import held
from .from_case import cross_impact
from .model import CrossImpactModel

Given = Mapping[str, str | Sequence[str]]
Subject = Case | CrossImpactModel
DATASETS = ("factors", "impacts")
EVERYTHING = (Leaf("impacts", {}), Leaf("factors", {}))
NOT_A_CHANCE = (
    "Consistency says which futures hold together under these judgements. How many they are, how much weight they have "
    "and in what share of readings they hold measures the judgements, never the future."
)
GRADE = {
    "grade": Grade.JUDGEMENT,
    "grade_reason": "Follows from declared judgements of influence. A second coder who has not read the conclusions, and "
    "outcomes scored against a frozen coding, would show how far to trust it.",
}


@dataclass(frozen=True, eq=False)
class Question:
    """A model under conditions, in whole numbers."""

    model: CrossImpactModel  #: with the interventions made
    allowed: I64
    margin: int

    @property
    def solver(self) -> dict[str, Any]:
        """The arguments that searching and counting share."""
        return {"allowed": self.allowed, "margin": self.margin, "rules": self.model.rules}


def as_model(subject: Subject, holder: str | None = None) -> CrossImpactModel:
    """The model itself, or that of a case's factors and impacts."""
    return subject if isinstance(subject, CrossImpactModel) else cross_impact(subject, holder=holder)


def ask(
    subject: Subject, given: Given | None = None, do: Mapping[str, str] | None = None, tolerance: float = 0,
    holder: str | None = None,
) -> Question:  # fmt: skip
    """The question in whole numbers; InputError lists every unknown name."""
    model = as_model(subject, holder)
    given, do = given or {}, do or {}
    problems = model.unknown(given) + model.unknown(do)
    both = [Problem("", "given and do", d, "either, not both") for d in given if d in do]
    both += [Problem("", f"do {d}", str(v), "one variant") for d, v in do.items() if not isinstance(v, str)]
    both += [Problem("", f"given {d}", "no variant", "at least one") for d, v in given.items() if not v]
    if not tolerance >= 0 or math.isinf(tolerance):
        both.append(Problem("", "tolerance", str(tolerance), "a number from 0 on"))
    if problems or both:
        raise InputError([*problems, *both])
    changed = held(model, do) if do else model
    return Question(changed, changed.allowed(given), math.floor(tolerance * changed.scale + 1e-9))


def scenario_columns(model: CrossImpactModel, scenarios: I8) -> dict[str, pl.Series]:
    """A column per descriptor with the variant's name."""
    out = {}
    for j, d in enumerate(model.descriptors):
        names = np.array(d.variants, dtype=object)
        out[d.id] = pl.Series(d.id, list(names[scenarios[:, j]]), dtype=pl.String)
    return out


def in_points(values: I64, scale: int) -> pl.Series:
    """Balances in the points of the judgements: whole where the judgements are."""
    if scale == 1:
        return pl.Series(values, dtype=pl.Int64)
    return pl.Series(values / scale, dtype=pl.Float64)


def label(model: CrossImpactModel, scenario: Sequence[int]) -> str:
    """A scenario in one line: its variants in the order of the descriptors."""
    return " | ".join(model.decode(scenario).values())


def counted(number: int, noun: str) -> str:
    """The number with its noun.

    >>> counted(1, "scenario"), counted(2_000, "scenario")
    ('1 scenario', '2,000 scenarios')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def agreeing(number: int, verb: str) -> str:
    """The verb after so many."""
    return f"{verb}s" if number == 1 else verb


def lenient(question: Question) -> str:
    """What the tolerance allows, in words, to follow a verb."""
    points = question.margin / question.model.scale
    return f" with no factor more than {points:g} behind a rival" if points else ""


def unheeded(model: CrossImpactModel) -> tuple[str, ...]:
    """Said where a method follows the impacts alone although the model rules combinations out."""
    if not model.rules:
        return ()
    return (f"{counted(len(model.rules), 'ruled-out combination')} of the model cannot be followed step by step: states on "
            "the way may have them.",)  # fmt: skip


def said(given: Given, do: Mapping[str, str]) -> str:
    """The conditions in words, to follow a noun."""
    parts = [f"given {d} = {v if isinstance(v, str) else ' or '.join(v)}" for d, v in given.items()]
    parts += [f"with {d} held at {v}" for d, v in do.items()]
    return " " + ", ".join(parts) if parts else ""


def everything(says: str, column: str = "*", *, model: CrossImpactModel | None = None) -> Template:
    """A trace to all judgements (of the coder whose they are): the solution is one of the whole matrix."""
    if model is not None and len(model.holders) > 1:
        return Template(column, says, (Leaf("impacts", {"holder": model.holders[0]}), Leaf("factors", {})))
    return Template(column, says, EVERYTHING)


def standing_caveats(model: CrossImpactModel) -> tuple[str, ...]:
    """What has to be said of every answer from this model."""
    out = [NOT_A_CHANCE]
    if model.constants:
        out.append(
            f"{len(model.constants)} constant(s) act as a prior on what they touch: {', '.join(model.constants)}. "
            "Solve without them to see what they carry."
        )
    implied = sum(j.kind == "implied" for j in model.judgements)
    if implied:
        out.append(f"{implied} of {len(model.judgements)} cells are implied: read into the text, not stated by it.")
    if len(model.holders) > 1:
        out.append(f"Judgements of {model.holders[0]}; also coded by {', '.join(model.holders[1:])}.")
    if model.scale >= 1_000_000:
        out.append("Values were rounded to a millionth of a point; ties closer than that are not told apart.")
    return tuple(out)
