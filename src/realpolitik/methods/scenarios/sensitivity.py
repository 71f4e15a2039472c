"""What a conclusion rests on: leave out each judgement, each block and each sentence, and solve again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from realpolitik.findings import Finding, conclude
from realpolitik.terms import Judgement as Judged
from realpolitik.terms import Source, Span, parse_sources

from .cards import CARRIES
from .conditions import DATASETS, GRADE, Given, Subject, ask, everything, standing_caveats
from .model import CrossImpactModel, Judgement
from .search import INTERRUPTED, solve

ALL, SOME, NONE = "in all", "in some", "in none"
NOTHING = "no scenario"
LIMIT = 200_000
UNITS = ("sentence", "block", "judgement")


@dataclass(frozen=True)
class Verdict:
    """How many scenarios there are, and per variant how many have it."""

    scenarios: int
    counts: tuple[int, ...]

    def word(self, row: int) -> str:
        """Whether a variant holds in all, some or none of the scenarios."""
        if not self.scenarios:
            return NOTHING
        return NONE if not self.counts[row] else ALL if self.counts[row] == self.scenarios else SOME


def what_carries(
    model: Subject, outcome: Given | None = None, *, units: Sequence[str] = UNITS,
    do: Mapping[str, str] | None = None, tolerance: float = 0, holder: str | None = None,
) -> Finding:  # fmt: skip
    """Which judgements, blocks and sentences a conclusion rests on: what changes when each is left out.

    A conclusion about a variant is one of: it holds in all, in some or in none of the consistent scenarios. A unit
    carries it when leaving the unit out (its judgements set to 0) and solving again changes that word.

    Parameters
    ----------
    model, do, tolerance, holder : as for `consistent_scenarios`.
    outcome : the variants that the conclusion is about (one or several per descriptor); by default every variant of every descriptor.
    units : any of "sentence" (each passage that judgements name; leaving it out takes away those
        that rest on it alone; overlapping spans are one passage), "block" (all that one
        descriptor does to another) and "judgement" (one cell).

    Returns
    -------
    Finding : ``unit``, ``name``, ``judgements`` (how many it takes away), ``scenarios`` (how many are left without it),
        ``moves`` (whether any conclusion changes), ``changed`` ("D = v: in some, now in none"); those that move
        something first. ``tables["conclusions"]``: descriptor, variant, holds, scenarios, carried_by (number of
        sentences, blocks and judgements that carry it each).

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1"], "B": ["b1", "b2"]}, [[0, 2, 0], [0, 0, 0], [0, 0, 0]])
    >>> what_carries(m, {"B": "b2"}, units=["block"]).table.select("name", "moves", "changed").rows()
    [('A > B', True, ['B = b2: in none, now in some'])]
    """
    question = ask(model, outcome, do, tolerance, holder)
    m = question.model
    rows = _rows(m, outcome)
    base = _verdict(m, question.margin)
    wanted = list(_units(m, units))
    found = _without_each(m, question.margin, wanted)
    table = _table(m, rows, base, found)
    sentences = table.filter((pl.col("unit") == "sentence") & pl.col("moves")).height
    return conclude(
        CARRIES, model, DATASETS,
        parameters={"outcome": dict(outcome or {}) or None, "units": list(units), "do": dict(do or {}), "tolerance": tolerance,
                    "holder": holder},
        table=table, key=("unit", "name"), tables={"conclusions": _conclusions(m, rows, base, found)},
        answer=_answer(table, sentences, "sentence" in units), complete=len(found) == len(wanted),
        caveats=(_how_far(len(found), len(wanted)), *standing_caveats(m)),
        traces=(everything("Solved again with these judgements left out", model=m),
                everything("Solved with all judgements", "conclusions.*", model=m)), **GRADE,
    )  # fmt: skip


def _without_each(m: CrossImpactModel, margin: int, wanted: Sequence[tuple[str, str, frozenset[str]]]) -> Found:
    """Solved without each unit; an interrupt keeps those that were tried."""
    found: Found = []
    try:
        for kind, name, cells in wanted:
            found.append((kind, name, cells, _verdict(_cut(m, cells), margin)))
    except KeyboardInterrupt:
        if not found:
            raise
    return found


def _how_far(tried: int, wanted: int) -> str:
    if tried == wanted:
        return f"Complete: solved again without each of {wanted} units."
    return f"Limited by an interrupt: {tried} of {wanted} units were left out in turn; the others may carry the conclusion too."


def _answer(table: pl.DataFrame, sentences: int, asked: bool) -> str:
    moving = table.filter(pl.col("moves")).height
    if asked:
        return (
            "The conclusion rests on no single sentence."
            if not sentences
            else f"The conclusion rests on {sentences} sentence{'s' if sentences > 1 else ''}: leaving any out changes it."
        )
    return f"Leaving out any of {moving} units changes the conclusion."


def _rows(m: CrossImpactModel, outcome: Given | None) -> list[int]:
    if outcome:
        return [m.row(d, v) for d, wanted in outcome.items() for v in ([wanted] if isinstance(wanted, str) else wanted)]
    return [
        int(m.first[i]) + a for i, d in enumerate(m.descriptors) for a in range(len(d.variants)) if len(d.variants) > 1
    ]


def _units(m: CrossImpactModel, units: Sequence[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
    if "sentence" in units:
        yield from _sentence_units(m)
    for kind, key in (("block", _block), ("judgement", _record)):
        if kind not in units:
            continue
        groups: dict[str, set[str]] = {}
        for j in m.judgements:
            for name in key(j):
                groups.setdefault(name, set()).add(j.record)
        for name, records in groups.items():
            yield kind, name, frozenset(records)


def passages(m: CrossImpactModel) -> dict[str, frozenset[str]]:
    """Per judgement (its record) the passages it rests on; spans of one document that overlap are one passage.

    A coder's own note beside a document counts only where there is nothing else.
    """
    named = {j.record: _sources(j.source) for j in m.judgements}
    spans = sorted(
        {s for found in named.values() for s in found if isinstance(s, Span)}, key=lambda s: (s.document, s.start)
    )
    merged: dict[Span, str] = {}
    group: list[Span] = []
    for span in [*spans, None]:
        if span and group and span.document == group[0].document and span.start < max(s.end for s in group):
            group.append(span)
            continue
        for s in group:
            merged[s] = str(Span(s.document, group[0].start, max(x.end for x in group)))
        group = [span] if span else []
    return {r: frozenset(merged[s] if isinstance(s, Span) else str(s) for s in found) for r, found in named.items()}


def _sources(text: str) -> list[Source | str]:
    """The sources named in one line, without those of a judge where there are others."""
    try:
        found = parse_sources(text)
    except ValueError:
        return [text]
    return [s for s in found if not isinstance(s, Judged)] or list(found)


def _sentence_units(m: CrossImpactModel) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each passage with the judgements that rest on it alone: those with another passage keep standing."""
    resting = passages(m)
    for name in dict.fromkeys(p for found in resting.values() for p in sorted(found)):
        yield "sentence", name, frozenset(r for r, found in resting.items() if found == {name})


def _block(j: Judgement) -> list[str]:
    return [f"{j.factor} > {j.on}"]


def _record(j: Judgement) -> list[str]:
    return [j.record] if j.value else []


def _cut(m: CrossImpactModel, records: frozenset[str]) -> CrossImpactModel:
    return m.changed(judgements=tuple(j for j in m.judgements if j.record not in records))


def _verdict(m: CrossImpactModel, margin: int) -> Verdict:
    found = solve(m.whole, m.variants, margin=margin, rules=m.rules, limit=LIMIT)
    if found.stopped == INTERRUPTED:
        raise KeyboardInterrupt
    if not found.complete:
        return _counted(m, margin)
    counts = [np.bincount(found.scenarios[:, j], minlength=int(v)) for j, v in enumerate(m.variants)]
    return Verdict(len(found.scenarios), tuple(int(c) for part in counts for c in part))


def _counted(m: CrossImpactModel, margin: int) -> Verdict:
    """Too many to list: counted."""
    from .counting import count

    found = count(m.whole, m.variants, margin=margin, rules=m.rules)
    return Verdict(found.total, tuple(found.marginals))


Found = list[tuple[str, str, frozenset[str], Verdict]]


def _table(m: CrossImpactModel, rows: list[int], base: Verdict, found: Found) -> pl.DataFrame:
    names = _names(m)
    out = []
    for kind, name, cells, verdict in found:
        changed = [
            f"{names[r]}: {base.word(r)}, now {verdict.word(r)}" for r in rows if base.word(r) != verdict.word(r)
        ]
        out.append((kind, name, len(cells), verdict.scenarios, bool(changed), changed))
    out.sort(key=lambda r: (UNITS.index(r[0]), not r[4], -len(r[5]), r[1]))
    schema: dict[str, Any] = {"unit": pl.String, "name": pl.String, "judgements": pl.Int64, "scenarios": pl.Int64, "moves": pl.Boolean,
              "changed": pl.List(pl.String)}  # fmt: skip
    return pl.DataFrame(out, schema=schema, orient="row")


def _names(m: CrossImpactModel) -> list[str]:
    return [f"{d.id} = {v}" for d in m.descriptors for v in d.variants]


def _conclusions(m: CrossImpactModel, rows: list[int], base: Verdict, found: Found) -> pl.DataFrame:
    pairs = [(d.id, v) for d in m.descriptors for v in d.variants]
    out = []
    for r in rows:
        by = {kind: sum(k == kind and v.word(r) != base.word(r) for k, _, _, v in found) for kind in UNITS}
        out.append((*pairs[r], base.word(r), base.counts[r], *by.values()))
    schema: dict[str, Any] = {"descriptor": pl.String, "variant": pl.String, "holds": pl.String, "scenarios": pl.Int64,
              "sentences": pl.Int64, "blocks": pl.Int64, "judgements": pl.Int64}  # fmt: skip
    return pl.DataFrame(out, schema=schema, orient="row")
