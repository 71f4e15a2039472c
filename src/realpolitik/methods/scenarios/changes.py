"""Explicit operations on a model: each returns a new model, and none happens silently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from realpolitik.terms import InputError, Problem

from .model import CrossImpactModel, Forbidden, Judgement

Assignment = Mapping[str, str | Sequence[str]]
MOST_WEIGHT = 1000


def standardised(model: CrossImpactModel) -> CrossImpactModel:
    """The model with every row of every block shifted to sum to zero.

    Adds one constant to all cells of a row of a block, so no gap, and hence no consistency, changes; total impact
    scores and everything else that adds balances up do change.
    """
    sums: dict[tuple[str, str, str], float] = {}
    for j in model.judgements:
        row = (j.factor, j.variant, j.on)
        sums[row] = sums.get(row, 0.0) + j.value
    size = {d.id: len(d.variants) for d in model.descriptors}
    full = _completed(model)
    return full.changed(
        judgements=tuple(_shifted(j, -sums.get((j.factor, j.variant, j.on), 0.0) / size[j.on]) for j in full.judgements)
    )


def _completed(model: CrossImpactModel) -> CrossImpactModel:
    """Every block that has a judgement gets one for each of its cells."""
    have = {j.key for j in model.judgements}
    by_id = {d.id: d for d in model.descriptors}
    blocks = dict.fromkeys(j.block for j in model.judgements)
    extra = [
        Judgement(i, v, j, w, 0.0)
        for i, j in blocks
        for v in by_id[i].variants
        for w in by_id[j].variants
        if (i, v, j, w) not in have
    ]
    return model.changed(judgements=(*model.judgements, *extra))


def _shifted(j: Judgement, by: float) -> Judgement:
    low = None if j.low is None else j.low + by
    high = None if j.high is None else j.high + by
    return replace(j, value=j.value + by, low=low, high=high)


def weighted(model: CrossImpactModel, weights: Mapping[str, float]) -> CrossImpactModel:
    """The model with everything that the named descriptors do multiplied by their weight.

    Declared ranges are multiplied too, and no other cell gets one. A weight of 0 silences a descriptor: its judgements
    are left out, so that no reading gives them a value. InputError where a weight is no number from -1000 to 1000.
    """
    problems = model.unknown(dict.fromkeys(weights, ()))
    problems += [
        Problem("", f"weight of {d}", str(w), "a number from -1000 to 1000")
        for d, w in weights.items()
        if not abs(w) <= MOST_WEIGHT
    ]
    if problems:
        raise InputError(problems)
    kept = (j for j in model.judgements if weights.get(j.factor, 1.0) != 0)
    return model.changed(judgements=tuple(_times(j, weights.get(j.factor, 1.0)) for j in kept))


def _times(j: Judgement, by: float) -> Judgement:
    low, high = (None if end is None else by * end for end in (j.low, j.high))
    return replace(j, value=by * j.value, low=low if by > 0 else high, high=high if by > 0 else low)


def held(model: CrossImpactModel, do: Mapping[str, str]) -> CrossImpactModel:
    """The model in which the named descriptors are set from outside: one variant each, answering to nothing.

    An intervention, not an observation: all impacts into them are cut, whatever they do to others stays.
    """
    if problems := model.unknown(do):
        raise InputError(problems)
    return model.changed(
        descriptors=tuple(
            replace(d, variants=(do[d.id],), present="", long=(), printed=()) if d.id in do else d
            for d in model.descriptors
        ),
        judgements=tuple(j for j in model.judgements if j.on not in do and do.get(j.factor, j.variant) == j.variant),
        forbidden=tuple(f for f in model.forbidden if all(do.get(d, v) == v for d, v in f.variants)),
    )


def with_values(model: CrossImpactModel, values: Mapping[str, float], source: str) -> CrossImpactModel:
    """The model with the cells of the given record ids set to other values, each by the named source."""
    missing = set(values) - {j.record for j in model.judgements}
    if missing:
        raise InputError(f"no such judgement: {', '.join(sorted(missing))}")
    new = tuple(
        replace(j, value=values[j.record], low=None, high=None, source=source) if j.record in values else j
        for j in model.judgements
    )
    return model.changed(judgements=new)


def without_block(model: CrossImpactModel, factor: str, on: str) -> CrossImpactModel:
    """The model as if nobody had judged what `factor` does to `on`."""
    return model.changed(judgements=tuple(j for j in model.judgements if j.block != (factor, on)))


def forbidding(model: CrossImpactModel, *combinations: Mapping[str, str], source: str = "") -> CrossImpactModel:
    """The model with combinations of variants ruled out.

    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0] * 4] * 4)
    >>> len(forbidding(m, {"A": "a1", "B": "b2"}).forbidden)
    1
    """
    problems = [p for c in combinations for p in model.unknown(c)]
    if problems:
        raise InputError(problems)
    rules = tuple(Forbidden(tuple(c.items()), source) for c in combinations)
    return model.changed(forbidden=(*model.forbidden, *rules))


def implying(model: CrossImpactModel, when: Mapping[str, str], then: Assignment, source: str = "") -> CrossImpactModel:
    """The model in which `when` implies `then` (a variant, or one of several, for each descriptor)."""
    if problems := [*model.unknown(when), *model.unknown(then)]:
        raise InputError(problems)
    return forbidding(model, *_ruled_out(model, when, then), source=source)


def _ruled_out(model: CrossImpactModel, when: Mapping[str, str], then: Assignment) -> Iterable[dict[str, str]]:
    for descriptor, wanted in then.items():
        allowed = {wanted} if isinstance(wanted, str) else set(wanted)
        for variant in model.descriptors[model.place[descriptor]].variants:
            if variant in allowed:
                continue
            if when.get(descriptor, variant) == variant:
                yield {**when, descriptor: variant}
