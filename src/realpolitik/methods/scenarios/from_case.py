"""A cross-impact model built from a case's factors and impacts."""

from __future__ import annotations

from collections import defaultdict

from realpolitik.case import Case
from realpolitik.terms import Estimate, InputError, Problem, nearest

from .model import CrossImpactModel, Descriptor, Judgement, build
from .rows import Factor, Impact


def cross_impact(case: Case, *, holder: str | None = None) -> CrossImpactModel:
    """The cross-impact model that a case's ``factors`` and ``impacts`` declare.

    Every cell of a block that the coder judged is a judgement: a cell of such a block without a row is a judged 0.

    Parameters
    ----------
    case : has rows in the tables ``factors`` and ``impacts``.
    holder : whose judgements; by default those of the first coder named. The others are in ``model.holders``: rival
        codings stand side by side and are never merged here (see `pooled` and `compared`).

    Raises
    ------
    InputError : the case declares no factors, an impact names an unknown variant, or nobody of that name coded.
    """
    factors = case.rows(Factor)
    if not factors:
        raise InputError([Problem("factors.csv", "rows", "none", "at least one factor with its variants")])
    rows = case.rows(Impact)
    holders = tuple(dict.fromkeys(r.holder for r in rows))
    chosen = holders[0] if holder is None and holders else holder or ""
    if holder is not None and holder not in holders:
        raise InputError(
            [Problem("impacts.csv", "holder", holder, "one of " + ", ".join(holders), nearest=nearest(holder, holders))]
        )
    descriptors = [Descriptor(f.id, f.variants, f.name, f.present, f.note, (), f.source) for f in factors]
    stated = [_judgement(r) for r in rows if r.holder == chosen]
    return build(
        descriptors, [*stated, *_zeros(descriptors, stated, chosen)], file="impacts.csv", name=case.name,
        holders=(chosen, *(h for h in holders if h != chosen)), dropped=case.dropped,
    )  # fmt: skip


def _judgement(row: Impact) -> Judgement:
    low, high = ends(row.value)
    return Judgement(
        row.factor, row.variant, row.on, row.on_variant, stated_value(row.value),
        low, high, row.kind, row.source, row.note, row.holder, row.id,
    )  # fmt: skip


def ends(value: Estimate) -> tuple[float | None, float | None]:
    """The range of a declared value; of a normal one two standard deviations either way, of a lognormal one from 0 to
    twice its mean.

    Only the range is kept of a shape: a reading takes every value of it as often.
    """
    p = value.parameters
    match value.family:
        case "exact":
            return None, None
        case "uniform" | "triangular":
            return p[0], p[-1]
        case "normal":
            return p[0] - 2 * p[1], p[0] + 2 * p[1]
        case "beta":
            return 0.0, 1.0
    return 0.0, 2 * value.centre


def stated_value(value: Estimate) -> float:
    """The value as judged: the peak of a triangular one, else the middle.

    >>> [stated_value(Estimate.parse(text)) for text in ("2", "1..3", "0..1", "triangular(0, 2, 3)")]
    [2.0, 2.0, 0.5, 2.0]
    """
    return float(value.parameters[1] if value.family == "triangular" else value.centre)


def _zeros(descriptors: list[Descriptor], stated: list[Judgement], holder: str) -> list[Judgement]:
    """Judged zeros: what a judged block's coder did not write down, with the sources of the block."""
    by_block: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for j in stated:
        by_block[j.block].append(j)
    have = {j.key for j in stated}
    size = {d.id: d for d in descriptors}
    out = []
    for (a, b), cells in by_block.items():
        if a not in size or b not in size:
            continue
        source = "; ".join(dict.fromkeys(c.source for c in cells if c.source))
        kind = cells[0].kind
        out += [
            Judgement(a, v, b, w, 0.0, None, None, kind, source, "not written down: judged 0", holder)
            for v in size[a].variants
            for w in size[b].variants
            if (a, v, b, w) not in have
        ]
    return out
