"""Why a scenario holds together: per factor the impacts that carry it, each with its reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ._arrays import I8, I64
from .measures import balances
from .model import CrossImpactModel, Judgement


@dataclass(frozen=True)
class Carrier:
    """An impact that helps a variant ahead of a rival; `net` is by how many points.

    It is what `judgement` adds to the variant, less what `other`, where that cell is judged too, adds to the rival.
    """

    judgement: Judgement
    other: Judgement | None
    net: float
    alone: bool  #: without it the variant falls behind the rival
    rival: str
    slack: float  #: how far the variant is ahead of that rival


@dataclass(frozen=True)
class Support:
    """How one factor's variant stands against its best rival in a scenario."""

    descriptor: str
    variant: str
    balance: float
    rival: str
    rival_balance: float
    carriers: tuple[Carrier, ...]  #: the decisive ones: the fewest, strongest first, without which it falls behind
    against: tuple[Carrier, ...]  #: impacts that favour the rival

    @property
    def slack(self) -> float:
        return self.balance - self.rival_balance


def support(model: CrossImpactModel, scenario: I64 | I8) -> tuple[Support, ...]:
    """The support of every factor that has a choice, in the order of the model."""
    x = np.asarray(scenario, dtype=np.int64)
    found = balances(model.whole, model.first, x[None].astype(np.int8))[0]
    return tuple(_one(model, x, found, j) for j in range(len(x)) if model.variants[j] > 1)


def _one(model: CrossImpactModel, x: I64, found: I64, j: int) -> Support:
    first, last = int(model.first[j]), int(model.first[j + 1])
    block = found[first:last].copy()
    own = int(block[x[j]])
    block[x[j]] = np.iinfo(np.int64).min
    best = int(block.argmax())
    rows = x + model.first[:-1]
    net = model.whole[rows, first + x[j]][:, None] - model.whole[rows, first:last]
    d = model.descriptors[j]
    lead = _Lead(model, rows, net, own - found[first:last], j, int(x[j]), best)
    return Support(
        d.id, d.variants[x[j]], own / model.scale, d.variants[best], int(block[best]) / model.scale,
        tuple(lead.carriers()), tuple(lead.opposed()),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Lead:
    """By how much each impact on a descriptor (rows) favours its variant over each rival (columns)."""

    model: CrossImpactModel
    rows: I64
    net: I64
    slack: I64
    j: int
    own: int
    best: int  #: the best rival

    def carriers(self) -> Iterator[Carrier]:
        """Those without which some rival is ahead; where there are none, the fewest without which the best rival is."""
        alone = [c for i in range(len(self.rows)) if (c := self._alone(i))]
        if alone:
            yield from (self._carrier(i, rival, True) for i, rival in sorted(alone, key=self._strength))
            return
        total, slack = 0, int(self.slack[self.best])
        for i in sorted((i for i in range(len(self.rows)) if self.net[i, self.best] > 0), key=self._for_best):
            yield self._carrier(i, self.best, False)
            total += int(self.net[i, self.best])
            if total > slack:
                return

    def opposed(self) -> Iterator[Carrier]:
        """Impacts that favour the best rival."""
        against = [i for i in range(len(self.rows)) if self.net[i, self.best] < 0]
        for i in sorted(against, key=lambda i: (self.net[i, self.best], i)):
            yield self._carrier(i, self.best, False)

    def _alone(self, i: int) -> tuple[int, int] | None:
        """The impact and the rival that is furthest ahead without it."""
        rivals = [r for r in range(self.net.shape[1]) if r != self.own and self.net[i, r] > max(int(self.slack[r]), 0)]
        return (i, min(rivals, key=lambda r: (self.slack[r] - self.net[i, r], r != self.best))) if rivals else None

    def _strength(self, found: tuple[int, int]) -> tuple[int, int]:
        return -int(self.net[found]), found[0]

    def _for_best(self, i: int) -> tuple[int, int]:
        return -int(self.net[i, self.best]), i

    def _carrier(self, i: int, rival: int, alone: bool) -> Carrier:
        first, scale = int(self.model.first[self.j]), self.model.scale
        cell, other = _cells(self.model, int(self.rows[i]), first + self.own, first + rival)
        name = self.model.descriptors[self.j].variants[rival]
        return Carrier(cell, other, float(self.net[i, rival]) / scale, alone, name, float(self.slack[rival]) / scale)


def _cells(model: CrossImpactModel, row: int, own: int, rival: int) -> tuple[Judgement, Judgement | None]:
    """The judgements behind a net impact: on the own variant and on the rival, the first alone where one of them is 0."""
    cells = [c for c in (model.by_cell.get((row, own)), model.by_cell.get((row, rival))) if c is not None]
    heavy = [c for c in cells if c.value] or cells
    return heavy[0], heavy[1] if len(heavy) == 2 else None


def reference(model: CrossImpactModel, j: Judgement) -> str:
    """Where a judgement comes from: its sentences or judge, else the cell of the file it was read from."""
    return j.source or f"data:{'-'.join(model.name.split()) or 'model'}/{j.record}"


def passage(model: CrossImpactModel, j: Judgement) -> str:
    """The reference without the coder's own note where a document is named."""
    parts = [p.strip() for p in reference(model, j).split(";")]
    return "; ".join(p for p in parts if p.startswith(("doc:", "vote:", "data:", "web:"))) or "; ".join(parts)


def decisive_frame(model: CrossImpactModel, scenarios: I8, numbers: Sequence[int]) -> pl.DataFrame:
    """One row per decisive impact: the scenario's number, factor, rival, slack, and the impact with its reference.

    ``other_value``, ``other_source`` and ``other_judgement`` are of the cell on the rival, where that is judged too.
    """
    rows = []
    for number, scenario in zip(numbers, scenarios, strict=True):
        for s in support(model, scenario):
            for c in s.carriers:
                j, o = c.judgement, c.other
                other = (None, None, None) if o is None else (float(o.value), reference(model, o), o.record)
                rows.append((number, s.descriptor, s.variant, c.rival, c.slack, j.factor, j.variant, j.on_variant,
                             float(j.value), c.net, c.alone, str(j.kind), reference(model, j), j.note, j.record, *other))  # fmt: skip
    schema = {
        "scenario": pl.Int64, "descriptor": pl.String, "variant": pl.String, "rival": pl.String, "slack": pl.Float64,
        "by": pl.String, "by_variant": pl.String, "on_variant": pl.String, "value": pl.Float64, "net": pl.Float64,
        "alone": pl.Boolean, "kind": pl.String, "source": pl.String, "note": pl.String, "judgement": pl.String,
        "other_value": pl.Float64, "other_source": pl.String, "other_judgement": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def narrative(model: CrossImpactModel, scenario: I64 | I8) -> str:
    """Why a scenario holds together, in sentences, every decisive impact with its reference.

    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 2, 0], [0, 0, 0, 0], [0] * 4, [0] * 4])
    >>> print(narrative(m, [0, 0]))
    A: a1, and nothing decides between it and a2.
    B: b1 (2 ahead of b2), because of A: a1 (+2, stated; data:model/A/a1 > B/b1).
    """
    return "\n".join(_sentence(model, s) for s in support(model, scenario))


def _sentence(model: CrossImpactModel, s: Support) -> str:
    head = f"{_name(model, s.descriptor)}: {s.variant}"
    if not s.carriers:
        return f"{head}, and nothing decides between it and {s.rival}." if s.slack == 0 else f"{head}."
    ahead = f"{s.slack:g} ahead of {s.rival}" if s.slack > 0 else f"level with {s.rival}"
    if s.slack < 0:
        ahead = f"{-s.slack:g} behind {s.rival}"
    why = ", and ".join(_quoted(model, c, s.rival) for c in s.carriers)
    text = f"{head} ({ahead}), because of {why}"
    if s.against:
        text += "; against it: " + ", ".join(_quoted(model, c, s.rival) for c in s.against)
    return text + "."


def _quoted(model: CrossImpactModel, c: Carrier, rival: str) -> str:
    j = c.judgement
    over = "" if c.rival == rival else f" against {c.rival}"
    told = f"{j.kind}{_noted(j)}; {passage(model, j)}"
    if c.other is not None:
        told += f", {j.value:+g}; and {c.other.value:+g} on {c.other.on_variant}{_noted(c.other)}; {passage(model, c.other)}"
    return f"{_name(model, j.factor)}: {j.variant} ({c.net:+g}{over}, {told})"


def _noted(j: Judgement) -> str:
    return f": {j.note}" if j.note else ""


def _name(model: CrossImpactModel, descriptor: str) -> str:
    return model.descriptors[model.place[descriptor]].label
