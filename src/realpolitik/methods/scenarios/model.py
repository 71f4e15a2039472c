"""A cross-impact model: descriptors with variants, and a judgement with its evidence in every cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from realpolitik.terms import InputError, Problem, frame_digest, nearest

from ._arrays import F64, I64, Bool
from .rows import Kind

if TYPE_CHECKING:
    import polars as pl

MOST_VARIANTS = 14  # of one descriptor: domains are bit masks, and tables are kept for every domain
SCALES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 60, 100, 120, 1000, 10_000, 1_000_000)


@dataclass(frozen=True)
class Descriptor:
    """A factor and the ways it can turn out."""

    id: str
    variants: tuple[str, ...]
    name: str = ""
    present: str = ""  #: the variant that holds now, where that is known
    note: str = ""
    long: tuple[str, ...] = ()  #: a long text per variant
    source: str = ""
    printed: tuple[str, ...] = ()  #: the variants as a file prints them, where that is not distinct

    @property
    def label(self) -> str:
        return self.name or self.id


@dataclass(frozen=True)
class Judgement:
    """One cell: how strongly a variant of ``factor`` promotes (+) or hinders (-) a variant of ``on``.

    ``low`` and ``high`` are the range of readings; ``source`` names the sentences or the judge.
    """

    factor: str
    variant: str
    on: str
    on_variant: str
    value: float
    low: float | None = None
    high: float | None = None
    kind: Kind = Kind.STATED
    source: str = ""
    note: str = ""
    holder: str = ""
    id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.factor, self.variant, self.on, self.on_variant)

    @property
    def record(self) -> str:
        """The id by which this cell is left out or traced."""
        return self.id or f"{self.factor}/{self.variant} > {self.on}/{self.on_variant}"

    @property
    def block(self) -> tuple[str, str]:
        return (self.factor, self.on)


@dataclass(frozen=True)
class Forbidden:
    """A combination of variants that is ruled out whatever the balances say."""

    variants: tuple[tuple[str, str], ...]
    source: str = ""


@dataclass(frozen=True, eq=False)
class CrossImpactModel:
    """Descriptors, judgements and ruled-out combinations; frozen. Checked once, by ``build``.

    Rows are sources and columns are targets: ``impact[first[i] + a, first[j] + c]`` is what variant a of descriptor
    i does to variant c of descriptor j.
    """

    descriptors: tuple[Descriptor, ...]
    judgements: tuple[Judgement, ...]
    forbidden: tuple[Forbidden, ...] = ()
    name: str = ""
    note: str = ""
    holders: tuple[str, ...] = ()  #: whose judgements the source of this model held; the first is taken
    colours: tuple[str, ...] = ()
    block_notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    style: tuple[str, str, bool] | None = None  #: line end, first line and blank comment keys of a .scw file

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(d.id for d in self.descriptors)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Position of each descriptor."""
        return {d.id: i for i, d in enumerate(self.descriptors)}

    @cached_property
    def variants(self) -> I64:
        """Number of variants of each descriptor."""
        return np.array([len(d.variants) for d in self.descriptors], dtype=np.int64)

    @cached_property
    def first(self) -> I64:
        """First row of each descriptor, and the total."""
        return np.concatenate([[0], np.cumsum(self.variants)]).astype(np.int64)

    @property
    def combinations(self) -> int:
        """How many combinations of variants there are, exactly."""
        return math.prod(int(v) for v in self.variants)

    @cached_property
    def _variant_place(self) -> Mapping[tuple[str, str], int]:
        return {(d.id, v): a for d in self.descriptors for a, v in enumerate(d.variants)}

    def row(self, descriptor: str, variant: str) -> int:
        """The row and column of a variant."""
        return int(self.first[self.place[descriptor]]) + self._variant_place[descriptor, variant]

    @cached_property
    def cells(self) -> tuple[I64, I64]:
        """Row and column of each judgement."""
        rows = [self.row(j.factor, j.variant) for j in self.judgements]
        columns = [self.row(j.on, j.on_variant) for j in self.judgements]
        return np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)

    @cached_property
    def impact(self) -> F64:
        """The matrix of values."""
        return self._matrix([j.value for j in self.judgements])

    def _matrix(self, values: Sequence[float]) -> F64:
        out = np.zeros((self.first[-1], self.first[-1]))
        out[self.cells] = values
        return out

    @cached_property
    def low(self) -> F64:
        return self._matrix([j.value if j.low is None else j.low for j in self.judgements])

    @cached_property
    def high(self) -> F64:
        return self._matrix([j.value if j.high is None else j.high for j in self.judgements])

    @cached_property
    def judged(self) -> Bool:
        """Which cells somebody judged, a zero included."""
        out = np.zeros((self.first[-1], self.first[-1]), dtype=np.bool_)
        out[self.cells] = True
        return out

    @cached_property
    def scale(self) -> int:
        """The number by which all values become whole: exact sums need whole numbers."""
        values = np.array([j.value for j in self.judgements] or [0.0])
        for scale in SCALES:
            if np.allclose(values * scale, np.round(values * scale), rtol=0, atol=1e-9 * scale):
                return scale
        return SCALES[-1]

    @cached_property
    def whole(self) -> I64:
        """The matrix times ``scale``, in whole numbers."""
        return np.rint(self.impact * self.scale).astype(np.int64)

    @cached_property
    def rules(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """The ruled-out combinations as (descriptor, variant) positions."""
        return tuple(tuple((self.place[d], self._variant_place[d, v]) for d, v in f.variants) for f in self.forbidden)

    @property
    def constants(self) -> tuple[str, ...]:
        """Descriptors with one variant: facts taken as given, which act as a prior on everything they touch."""
        return tuple(d.id for d in self.descriptors if len(d.variants) == 1)

    @cached_property
    def by_cell(self) -> Mapping[tuple[int, int], Judgement]:
        """The judgement behind each (row, column)."""
        rows, columns = self.cells
        return {(int(r), int(c)): j for r, c, j in zip(rows, columns, self.judgements, strict=True)}

    def decode(self, scenario: Iterable[int]) -> dict[str, str]:
        """A scenario's variants by name, from positions."""
        return {d.id: d.variants[int(a)] for d, a in zip(self.descriptors, scenario, strict=True)}

    def encode(self, scenario: Mapping[str, str]) -> I64:
        """A scenario's variants as positions; InputError lists every name that is unknown or missing."""
        problems = [Problem("", "descriptor", d, "a variant for it") for d in self.ids if d not in scenario]
        problems += self.unknown(scenario)
        if problems:
            raise InputError(problems)
        return np.array([self._variant_place[d, scenario[d]] for d in self.ids], dtype=np.int64)

    def unknown(self, assignment: Mapping[str, str | Sequence[str]]) -> list[Problem]:
        """What is wrong with the names of an assignment."""
        out = []
        for descriptor, given in assignment.items():
            if descriptor not in self.place:
                known = ", ".join(self.ids)
                out.append(
                    Problem("", "descriptor", descriptor, f"one of {known}", nearest=nearest(descriptor, self.ids))
                )
                continue
            known_variants = self.descriptors[self.place[descriptor]].variants
            for variant in [given] if isinstance(given, str) or not isinstance(given, Iterable) else given:
                if variant not in known_variants:
                    near = nearest(str(variant), known_variants)
                    expected = "one of " + ", ".join(known_variants)
                    out.append(Problem("", descriptor, str(variant), expected, nearest=near))
        return out

    def allowed(self, given: Mapping[str, str | Sequence[str]]) -> I64:
        """The variants still possible under conditions, as one bit mask per descriptor."""
        if problems := self.unknown(given):
            raise InputError(problems)
        masks = (1 << self.variants).astype(np.int64) - 1
        for descriptor, wanted in given.items():
            names = [wanted] if isinstance(wanted, str) else list(wanted)
            masks[self.place[descriptor]] = sum({1 << self._variant_place[descriptor, v] for v in names})
        return masks

    def changed(self, **fields: Any) -> CrossImpactModel:
        """The same model with other fields."""
        return replace(self, **fields)

    @property
    def digest(self) -> str:
        """SHA-256 of descriptors, judgements and ruled-out combinations."""
        return self.digest_of("impacts")[:32] + self.digest_of("factors")[:32]

    def frame(self, dataset: str) -> pl.DataFrame:
        """``factors`` (id, name, variants, forbidden, source) or ``impacts`` (one row per judgement)."""
        from .frames import factors_frame, impacts_frame

        if dataset == "factors":
            return factors_frame(self)
        if dataset == "impacts":
            return impacts_frame(self)
        raise KeyError(dataset)

    def digest_of(self, dataset: str) -> str:
        """SHA-256 of a data set's records."""
        return frame_digest(self.frame(dataset))

    def without(self, dataset: str, record: str) -> CrossImpactModel:
        """The model with one judgement set to 0, or one factor with all that it does and suffers left out."""
        if dataset == "impacts":
            kept = tuple(j for j in self.judgements if j.record != record)
            if len(kept) == len(self.judgements):
                raise KeyError(record)
            return replace(self, judgements=kept)
        if dataset != "factors" or record not in self.place:
            raise KeyError(record)
        return replace(
            self,
            descriptors=tuple(d for d in self.descriptors if d.id != record),
            judgements=tuple(j for j in self.judgements if record not in j.block),
            forbidden=tuple(f for f in self.forbidden if record not in dict(f.variants)),
        )


def build(
    descriptors: Sequence[Descriptor],
    judgements: Iterable[Judgement],
    *,
    forbidden: Sequence[Forbidden] = (),
    file: str = "",
    **fields: Any,
) -> CrossImpactModel:
    """A checked model; InputError lists everything that is wrong.

    >>> ab = [Descriptor("A", ("a1", "a2")), Descriptor("B", ("b1", "b2"))]
    >>> build(ab, [Judgement("A", "a1", "B", "b1", 2)]).combinations
    4
    """
    from .checking import problems_of

    model = CrossImpactModel(tuple(descriptors), tuple(judgements), tuple(forbidden), **fields)
    if problems := problems_of(model, file):
        raise InputError(problems)
    return model


def from_matrix(
    variants: Mapping[str, Sequence[str]] | Sequence[Sequence[str]], matrix: Any, **fields: Any
) -> CrossImpactModel:
    """A model from a matrix: rows are sources, columns targets; every cell of a block with any value counts as judged.

    >>> from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4]).ids
    ('A', 'B')
    """
    named = variants if isinstance(variants, Mapping) else {f"D{i + 1}": v for i, v in enumerate(variants)}
    descriptors = [Descriptor(d, tuple(v)) for d, v in named.items()]
    return build(descriptors, cells_of(descriptors, matrix), **fields)


def cells_of(descriptors: Sequence[Descriptor], matrix: Any, **fields: Any) -> list[Judgement]:
    """Judgements for all blocks of a matrix that hold any value."""
    numbers = np.asarray(matrix, dtype=float)
    first = np.concatenate([[0], np.cumsum([len(d.variants) for d in descriptors])]).astype(int)
    if numbers.shape != (first[-1], first[-1]):
        expected = f"{first[-1]} rows and columns, one per variant"
        raise InputError([Problem("", "matrix", f"{numbers.shape}", expected)])
    out: list[Judgement] = []
    for i, source in enumerate(descriptors):
        for j, target in enumerate(descriptors):
            block = numbers[first[i] : first[i + 1], first[j] : first[j + 1]]
            if block.any():
                out += [
                    Judgement(source.id, v, target.id, w, float(block[a, c]), **fields)
                    for a, v in enumerate(source.variants)
                    for c, w in enumerate(target.variants)
                ]
    return out
