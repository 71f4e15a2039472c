"""Several experts' matrices of the same factors: pooled, or compared cell by cell and future by future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from realpolitik.case import Case
from realpolitik.findings import Finding, conclude
from realpolitik.terms import InputError, Problem, nearest

from ._arrays import F64, I8
from .cards import EXPERTS
from .conditions import DATASETS, GRADE, everything, label, standing_caveats
from .from_case import cross_impact
from .measures import inconsistency
from .model import CrossImpactModel, Judgement
from .search import ordered, solve

NO_OPINION, ZERO = SILENCES = ("no opinion", "zero")


def pooled(models: Sequence[CrossImpactModel], *, silence: str = NO_OPINION) -> CrossImpactModel:
    """One model from several: each cell the mean of the coders' values, its range from the lowest to the highest.

    Parameters
    ----------
    models : with the same factors and variants.
    silence : what it means that a coder judged no cell at all of a pair of factors that another judged: "no opinion"
        (the mean is over those who judged the pair, as in a panel whose members are asked about their own fields) or
        "zero" (they found no influence, as where everybody read the whole; `compare_coders` takes it so). A single
        empty cell of a pair that the coder did judge is 0 either way.

    A cell on which all agree gets no range of its own. It counts as stated when anybody found it stated; sources are
    those of all. A combination that any coder rules out stays ruled out.

    Raises
    ------
    InputError : the models have different factors or variants (their order may differ; that of the first is taken),
        or an unknown ``silence``.

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> factors = {"A": ["a1", "a2"], "B": ["b1", "b2"]}
    >>> spoke = from_matrix(factors, [[0, 0, 2, -2], [0] * 4, [0] * 4, [0] * 4])
    >>> silent = from_matrix(factors, [[0] * 4] * 4)
    >>> [pooled([spoke, silent], silence=s).judgements[0].value for s in ("no opinion", "zero")]
    [2.0, 1.0]
    """
    if silence not in SILENCES:
        raise InputError(
            [Problem("", "silence", silence, "one of " + ", ".join(SILENCES), nearest=nearest(silence, SILENCES))]
        )
    models = same_factors(models)
    judged = [{j.block for j in m.judgements} for m in models]
    by_cell: dict[tuple[str, str, str, str], list[Judgement]] = {}
    for m in models:
        for j in m.judgements:
            by_cell.setdefault(j.key, []).append(j)
    return models[0].changed(
        judgements=tuple(
            _mean(cells, len(models) if silence == ZERO else sum(cells[0].block in blocks for blocks in judged))
            for cells in by_cell.values()
        ),
        forbidden=tuple(dict.fromkeys(f for m in models for f in m.forbidden)),
        holders=tuple(h for m in models for h in m.holders[:1]), block_notes={},
    )  # fmt: skip


def _mean(cells: list[Judgement], coders: int) -> Judgement:
    silent = [0.0] * (coders - len(cells))
    low = min(*silent, *(c.value if c.low is None else c.low for c in cells), float("inf"))
    high = max(*silent, *(c.value if c.high is None else c.high for c in cells), float("-inf"))
    ranged = low < high or any(c.low is not None or c.high is not None for c in cells)
    return replace(
        cells[0], value=sum(c.value for c in cells) / coders, low=low if ranged else None, high=high if ranged else None,
        kind=min((c.kind for c in cells), key=lambda kind: kind != "stated"),
        source="; ".join(dict.fromkeys(c.source for c in cells if c.source)),
        note="; ".join(dict.fromkeys(c.note for c in cells if c.note)), holder=" + ".join(dict.fromkeys(c.holder for c in cells)), id="",
    )  # fmt: skip


def same_factors(models: Sequence[CrossImpactModel]) -> list[CrossImpactModel]:
    """The models with their factors and variants in the order of the first; InputError lists what one has and another lacks."""
    if not models:
        raise InputError([Problem("", "models", "none", "at least one")])
    first = {d.id: d.variants for d in models[0].descriptors}
    problems = []
    for k, m in enumerate(models[1:], 2):
        mine = {d.id: d.variants for d in m.descriptors}
        for d in dict.fromkeys([*first, *mine]):
            if set(mine.get(d, ())) != set(first.get(d, ())):
                expected = f"the variants {first[d]}" if d in first else "a factor of the first model"
                problems.append(Problem("", f"model {k}, {d}", str(mine.get(d, "no such factor")), expected))
    if problems:
        raise InputError(problems)
    return [models[0], *(m.changed(descriptors=models[0].descriptors, colours=()) for m in models[1:])]


def krippendorff(ratings: F64) -> float:
    """Agreement of coders beyond chance: 1 perfect, 0 as if drawn at random (Krippendorff's alpha, interval scale).

    `ratings` has a row per coder and a column per unit, nan where a coder did not judge it. Krippendorff 2011: one less
    observed over expected squared differences. nan where nothing varies.

    >>> round(krippendorff(np.array([[1.0, 2, 3, 0], [1, 2, 2, 0]])), 3)
    0.889
    """
    used = ratings[:, (~np.isnan(ratings)).sum(axis=0) > 1]
    values = used[~np.isnan(used)]
    if len(values) < 2:
        return float("nan")
    observed = 0.0
    for unit in used.T:
        have = unit[~np.isnan(unit)]
        observed += ((have[:, None] - have[None, :]) ** 2).sum() / (len(have) - 1)
    observed /= len(values)
    expected = 2 * values.var() * len(values) / (len(values) - 1)
    return float(1 - observed / expected) if expected > 0 else float("nan")


def compare_coders(model: Case | Sequence[CrossImpactModel], *, holders: Sequence[str] | None = None) -> Finding:
    """Where coders of the same factors agree, and whether their matrices lead to the same futures.

    Agreement is taken over all cells of the blocks that any of them judged, an unjudged cell counting as 0, in the
    pooled matrix too: whether there is an influence at all is part of the coding.

    Parameters
    ----------
    model : a case whose ``impacts`` have several holders, or models with the same factors.
    holders : of a case: which, by default all.

    Returns
    -------
    Finding : ``factor``, ``variant``, ``on``, ``on_variant``, a column per coder, ``apart`` (largest difference), the
        widest first. ``tables``: ``agreement`` (measure, value: Krippendorff's alpha of the values, share of cells
        with the same sign, share equal, share of blocks judged by all), ``futures`` (scenario, a column per coder:
        whether it is consistent, and ``pooled``). Not ``complete`` where a limit or an interrupt cut a list of scenarios:
        some may then be missing, and what is said of those listed is exact.

    Raises
    ------
    InputError : fewer than two coders, or different factors.
    """
    models = same_factors(_models(model, holders))
    names = _coder_names(models)
    subject = model if isinstance(model, Case) else pooled(models, silence=ZERO)
    cells, ratings = _ratings(models)
    table = _cell_frame(models[0], cells, ratings, names)
    agreement, alpha = _agreement(models, ratings)
    futures, complete, listed = _futures(models, names)
    return conclude(
        EXPERTS, subject, DATASETS, parameters={"holders": names}, table=table,
        key=("factor", "variant", "on", "on_variant"), tables={"agreement": agreement, "futures": futures}, complete=complete,
        answer=f"{len(models)} coders; Krippendorff's alpha of {len(cells)} cells is {alpha:.2f}.",
        caveats=(listed, "A cell that a coder left empty counts as 0.", "Agreement shows that a text is read alike, not that it is right.", *standing_caveats(models[0])),
        traces=(everything("The coders' judgements of the cell, and each coder's matrix solved"),), **GRADE,
    )  # fmt: skip


def _models(model: Case | Sequence[CrossImpactModel], holders: Sequence[str] | None) -> list[CrossImpactModel]:
    if isinstance(model, Case):
        wanted = holders if holders is not None else cross_impact(model).holders
        models = [cross_impact(model, holder=h) for h in wanted]
    else:
        models = [model] if isinstance(model, CrossImpactModel) else list(model)
    if len(models) < 2:
        raise InputError([Problem("", "coders", str(len(models)), "at least two")])
    return models


def _coder_names(models: Sequence[CrossImpactModel]) -> list[str]:
    names = [m.holders[0] if m.holders and m.holders[0] else f"coder {k}" for k, m in enumerate(models, 1)]
    return [n if names.count(n) == 1 else f"{n} {k}" for k, n in enumerate(names, 1)]


def _ratings(models: Sequence[CrossImpactModel]) -> tuple[list[tuple[int, int]], F64]:
    any_judged = np.any([m.judged for m in models], axis=0)
    rows, columns = np.nonzero(any_judged)
    ratings = np.array([m.impact[rows, columns] for m in models])
    return list(zip(rows.tolist(), columns.tolist(), strict=True)), ratings


def _cell_frame(m: CrossImpactModel, cells: list[tuple[int, int]], ratings: F64, names: list[str]) -> pl.DataFrame:
    of = [(d.id, v) for d in m.descriptors for v in d.variants]
    columns = {
        "factor": [of[r][0] for r, _ in cells], "variant": [of[r][1] for r, _ in cells],
        "on": [of[c][0] for _, c in cells], "on_variant": [of[c][1] for _, c in cells],
        **dict(zip(names, ratings.tolist(), strict=True)),
        "apart": (ratings.max(axis=0) - ratings.min(axis=0)).tolist(),
    }  # fmt: skip
    return pl.DataFrame(columns).sort("apart", "factor", "variant", "on", "on_variant", descending=[True, *[False] * 4])


def _agreement(models: Sequence[CrossImpactModel], ratings: F64) -> tuple[pl.DataFrame, float]:
    alpha = krippendorff(ratings)
    signs = np.sign(ratings)
    blocks = [{j.block for j in m.judgements} for m in models]
    shared = set.intersection(*blocks)
    rows = [
        ("alpha", alpha),
        ("same sign", float((signs == signs[0]).all(axis=0).mean())),
        ("equal", float((ratings == ratings[0]).all(axis=0).mean())),
        ("blocks judged by all", len(shared) / max(len(set.union(*blocks)), 1)),
    ]
    return pl.DataFrame(rows, schema={"measure": pl.String, "value": pl.Float64}, orient="row"), alpha


def _futures(models: Sequence[CrossImpactModel], names: list[str]) -> tuple[pl.DataFrame, bool, str]:
    """Every scenario found for anybody and for whom it is consistent, whether the list is complete, and the same in words."""
    everyone = dict(zip([*names, "pooled"], [*models, pooled(models, silence=ZERO)], strict=True))
    found, cut = _listed(everyone)
    rows = ordered(np.unique(np.concatenate(found), axis=0))
    columns = {"scenario": pl.Series([label(models[0], s) for s in rows], dtype=pl.String)}
    for name, m in everyone.items():
        columns[name] = pl.Series(_holds(m, rows), dtype=pl.Boolean)
    said = "Complete: all scenarios of every coder are listed." if not cut else "Limited: " + "; ".join(cut) + "."
    return pl.DataFrame(columns), not cut, said


def _listed(everyone: Mapping[str, CrossImpactModel]) -> tuple[list[I8], list[str]]:
    """The scenarios of each, and where a list was cut; after an interrupt nobody else's are searched."""
    found, cut, interrupted = [], [], False
    for name, m in everyone.items():
        if interrupted:
            cut.append(f"the scenarios of {name} were not searched")
            continue
        solved = solve(m.whole, m.variants, rules=m.rules)
        found.append(solved.scenarios)
        interrupted = solved.stopped == "interrupted"
        if not solved.complete:
            cut.append(f"the list of {name} was cut ({solved.stopped})")
    return found, cut


def _holds(m: CrossImpactModel, rows: I8) -> list[bool]:
    """Whether each scenario is consistent for a model, by the definition."""
    good = inconsistency(m.whole, m.first, rows) == 0
    for rule in m.rules:
        good &= ~np.all([rows[:, d] == v for d, v in rule], axis=0)
    return [bool(x) for x in good]
