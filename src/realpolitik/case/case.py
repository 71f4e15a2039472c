"""A case: what an analyst declares about actors, issues and their relations, with the evidence beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from realpolitik.evidence import Evidence
from realpolitik.terms import (
    InputError,
    Problem,
    Source,
    Span,
    VoteRef,
    When,
    as_day,
    frame_digest,
    nearest,
    parse_sources,
)

from .cells import read_fields
from .frames import to_frame
from .kinds import find_kind
from .row import Row, columns

if TYPE_CHECKING:
    import polars as pl

R = TypeVar("R", bound=Row)
EVIDENCE_SETS = ("recorded_votes", "roll_calls")


@dataclass(frozen=True)
class About:
    """What a case is about, as ``case.yaml`` says it."""

    name: str
    title: str
    question: str
    focal: str  #: the actor whose position is asked about
    partner: str = ""  #: the partner whose tie is strained
    issue: str = ""  #: the shock's issue
    as_of: str = ""  #: the knowledge date used where none is given
    comparison: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: named sets of actors
    forecast: Mapping[str, str] = field(default_factory=dict)  #: resolution, as_of


@dataclass(frozen=True, eq=False)
class Case:
    """A declared case, frozen: ``about``, tables of rows by name, and the evidence.

    ``case.rows(Reason)`` gives a table's rows; ``case.frame("reasons")`` the same as a polars frame.
    """

    about: About
    tables: Mapping[str, tuple[Row, ...]]
    kinds: Mapping[str, type[Row]]  #: the row type of each table
    evidence: Evidence = field(default_factory=Evidence)
    dropped: Mapping[str, int] = field(default_factory=dict)
    folder: str = ""  #: where it was read from; never part of a digest
    attachments: Mapping[str, str] = field(default_factory=dict)  #: text of ``conflicts/*.yaml`` and the like, by path
    known_by: str = ""  #: the knowledge date at which it was cut, ISO 8601

    @property
    def name(self) -> str:
        """The case's name."""
        return self.about.name

    def rows(self, kind: type[R], **equal: Any) -> tuple[R, ...]:
        """The rows of a table, only those whose fields equal the given values; empty where the case has none."""
        found = self.tables.get(kind.table, ())
        return tuple(r for r in found if all(getattr(r, k) == v for k, v in equal.items()))  # type: ignore[misc]

    def row(self, table: str, id: str) -> Row:
        """One row by its id; the error names the nearest id."""
        index = self._index.get(table, {})
        if id not in index:
            raise InputError([Problem(f"{table}.csv", "id", id, "the id of a row", nearest=nearest(id, index))])
        return index[id]

    def has(self, table: str) -> bool:
        """Whether the case has any row of a table, any file of a folder (``conflicts``), or any roll call for ``roll_calls`` and ``recorded_votes``."""
        if table in EVIDENCE_SETS:
            return self.evidence.votes is not None
        return bool(self.tables.get(table)) or any(name.startswith(f"{table}/") for name in self.attachments)

    def label(self, actor: str) -> str:
        """An actor's name, or its id where the case does not list it."""
        row = self._index.get("actors", {}).get(actor)
        return str(getattr(row, "name", actor))

    def as_of(self, day: str | date | When) -> Case:
        """Only what was known on a day: rows and roll calls with ``known`` up to and including it.

        A row without ``known`` counts from the earliest of its sources (``known_day``); the declared frame (actors,
        issues, options) without ``known`` stays. ``dropped`` says how many went.
        """
        limit = as_day(day)
        kept = {
            name: tuple(r for r in rows if known_day(r, self.evidence) <= limit) for name, rows in self.tables.items()
        }
        gone = {name: len(self.tables[name]) - len(rows) for name, rows in kept.items()}
        evidence = self.evidence.as_of(limit)
        total = {name: self.dropped.get(name, 0) + number for name, number in gone.items()} | dict(evidence.dropped)
        day_said = min(filter(None, (self.known_by, limit.isoformat())))
        return dataclasses.replace(
            self, tables=kept, evidence=evidence, dropped={n: k for n, k in total.items() if k}, known_by=day_said
        )

    def replace(self, table: str, id: str, *, source: str, **fields: Any) -> Case:
        """A new case with one row's fields changed; every change names its source.

        Text is read as a cell of the table would be (``stance="oppose"``, ``value="0.2..0.4"``). Raises InputError where
        the row or a field is not there, or a value does not fit.
        """
        old = self.row(table, id)
        new = dataclasses.replace(old, **read_fields(old, {"source": source, **fields}))
        rows = tuple(new if r.id == id else r for r in self.tables[table])
        return dataclasses.replace(self, tables={**self.tables, table: rows})

    def add(self, *rows: Row) -> Case:
        """A new case with more rows, each put at the end of its table."""
        tables, kinds = dict(self.tables), dict(self.kinds)
        for row in rows:
            if any(r.id == row.id for r in tables.get(row.table, ())):
                raise InputError(
                    [Problem(f"{row.table}.csv", "id", row.id, "an id that no other row of the table has")]
                )
            tables[row.table] = (*tables.get(row.table, ()), row)
            kinds[row.table] = type(row)
        return dataclasses.replace(self, tables=tables, kinds=kinds)

    def without(self, dataset: str, record: str) -> Case:
        """A new case without one row (or one vote or roll call of the evidence)."""
        if dataset in EVIDENCE_SETS:
            return dataclasses.replace(self, evidence=self.evidence.without(dataset, record))
        self.row(dataset, record)
        rows = tuple(r for r in self.tables[dataset] if r.id != record)
        return dataclasses.replace(self, tables={**self.tables, dataset: rows})

    def frame(self, dataset: str) -> pl.DataFrame:
        """A table as a frame (``recorded_votes`` and ``roll_calls`` for the evidence); enums and dates are text."""
        if dataset in EVIDENCE_SETS:
            return self.evidence.frame(dataset)
        if dataset not in self._frames:
            kind = self.kinds.get(dataset) or find_kind(dataset)
            if kind is None:
                raise KeyError(dataset)
            self._frames[dataset] = to_frame(kind, self.tables.get(dataset, ()))
        return self._frames[dataset]

    def digest_of(self, dataset: str) -> str:
        """SHA-256 of one table's rows or of one data set of the evidence."""
        if dataset in EVIDENCE_SETS:
            return self.evidence.digest_of(dataset)
        return frame_digest(self.frame(dataset))

    @cached_property
    def _frames(self) -> dict[str, pl.DataFrame]:
        return {}

    @cached_property
    def _index(self) -> Mapping[str, Mapping[str, Row]]:
        return {name: {r.id: r for r in rows} for name, rows in self.tables.items()}


def build(about: About, rows: Iterable[Row], evidence: Evidence | None = None) -> Case:
    """A case from rows in memory, in the order given.

    >>> from realpolitik.case.tables import ActorKind, ActorRow
    >>> case = build(About("small", "Small", "Who?", "IRN"), [ActorRow(id="IRN", name="Iran", kind=ActorKind.STATE)])
    >>> case.label("IRN")
    'Iran'
    """
    empty = Case(about, {}, {}, evidence or Evidence())
    return empty.add(*rows)


def known_day(row: Row, evidence: Evidence) -> date:
    """The day from which a row counts as known: its ``known``, else that of its earliest source.

    A span is known when its document was, a vote on the day of the roll call; a judgement adds nothing. A row of the
    declared frame, or one whose sources give no day and that has no ``when``, has always been known.
    """
    if row.known is not None:
        return row.known.end
    if row.frame:
        return date.min
    days = [day for source in parse_sources(row.source) if (day := _source_day(source, evidence))]
    return min(days, default=row.when.end if row.when else date.min)


def _source_day(source: Source, evidence: Evidence) -> date | None:
    if isinstance(source, Span):
        document = evidence.documents.get(source.document)
        text = (document.known or document.published) if document else ""
        return as_day(text) if text else None
    if isinstance(source, VoteRef) and evidence.votes is not None and source.roll_call in evidence.votes.place:
        day: date | None = evidence.votes.call(source.roll_call)["date"]
        return day
    return None


__all__ = ["About", "Case", "build", "columns", "known_day"]
