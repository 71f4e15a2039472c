"""A Finding: what a method concluded, with everything needed to check, explain and repeat it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realpolitik._version import __version__
from realpolitik.terms import Grade, InputError, Problem, frame_digest, nearest

from . import rendering
from .plain import canonical
from .subject import Subject, as_known
from .trace import Selection, Template, Trace, count, fill

if TYPE_CHECKING:
    import polars as pl

RECORD, FORECAST, EXPLANATION = "record", "forecast", "explanation"


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """What a method concluded about a question.

    ``table`` holds the answer, one row per ``key``; ``tables`` hold more. ``grade`` is that of its weakest input that
    matters. ``complete`` is False where a limit cut the work. ``stands_as`` is ``record``, ``forecast`` (nothing from
    after the act was read) or ``explanation`` (a source knew the outcome). ``dropped`` counts the rows that the
    knowledge date ``known_by`` left out, by data set; ``replay`` cuts its input at that date again. ``subject`` is the
    input itself, kept while in memory and never saved.
    """

    method: str
    question: str
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]  #: digest of each data set that was read
    table: pl.DataFrame
    key: tuple[str, ...]
    grade: Grade
    traces: tuple[Template, ...]
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    seed: int | None = None
    version: str = __version__
    complete: bool = True
    stands_as: str = RECORD
    answer: str = ""  #: the finding in one sentence
    grade_reason: str = ""  #: why the grade is what it is, and what would raise it
    caveats: tuple[str, ...] = ()
    literature: tuple[str, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    known_by: str = ""  #: day at which the input was cut, ISO 8601; empty where it was not
    subject: Subject | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """The method's short name, by which views are looked up."""
        return self.method.rpartition(".")[2]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that is said and shown: rows, column types, parameters, inputs, traces, grade, words.

        The same for a finding read back. Times, paths, the version and what a knowledge date left out are not in it.
        """
        said = {
            "method": self.method, "parameters": self.parameters, "inputs": self.inputs, "seed": self.seed, "key": self.key,
            "grade": self.grade, "complete": self.complete, "stands_as": self.stands_as, "known_by": self.known_by,
            "words": [self.question, self.answer, self.grade_reason, self.caveats, self.literature],
            "traces": [[t.column, t.says, [[leaf.dataset, leaf.where] for leaf in t.leaves]] for t in self.traces],
        }  # fmt: skip
        digest = hashlib.sha256(canonical(said))
        for name, frame in [("", self.table), *sorted(self.tables.items())]:
            digest.update(f"{name}:{frame_digest(frame)}".encode())
        return digest.hexdigest()

    def explain(self, *, column: str, table: str = "", **key: Any) -> Trace:
        """Where one cell comes from; ``key`` picks the row, for example ``state="IRN"``."""
        row = self.row(table=table, **key)
        if column not in row:
            raise InputError([Problem("", "column", column, _one_of(row), nearest=nearest(column, row))])
        says, leaves = fill(self._template(column, table), {**self.parameters, **row}, self.inputs)
        if self.subject is not None:
            leaves = [count(leaf, self.subject) for leaf in leaves]
        cell = {"finding": self.method, "table": table, "key": key, "column": column, "value": row[column]}
        return Trace(cell, says, str(self.grade), tuple(leaves))

    def row(self, *, table: str = "", **key: Any) -> dict[str, Any]:
        """The one row that ``key`` picks; an error says whether none or several fit."""
        import polars as pl

        if table and table not in self.tables:
            raise InputError(
                [Problem(self.method, "table", table, _one_of(self.tables), nearest=nearest(table, self.tables))]
            )
        frame = self.tables[table] if table else self.table
        unknown = [name for name in key if name not in frame.columns]
        if unknown:
            raise InputError(
                [Problem("", "key", n, _one_of(frame.columns), nearest=nearest(n, frame.columns)) for n in unknown]
            )
        found = frame.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in key.items())) if key else frame
        if found.height != 1:
            said = ", ".join(f"{name}={value!r}" for name, value in key.items()) or "no key"
            raise InputError(
                [
                    Problem(
                        "",
                        "key",
                        said,
                        f"exactly one row by {', '.join(frame.columns if table else self.key)}; {found.height} fit",
                    )
                ]
            )
        return found.row(0, named=True)

    def influence(self, *, column: str, table: str = "", top: int = 20, limit: int = 2_000, **key: Any) -> pl.DataFrame:
        """The records that move a cell most when each is left out: dataset, record, without, change.

        Runs the method again without each record of the cell's leaves (at most ``limit``; InputError beyond that).
        ``change`` is the absolute difference of numbers, 0 or 1 for other values, and infinite where the row is gone.
        """
        from .influence import leave_one_out

        return leave_one_out(self, column, table, key, top, limit)

    def replay(self, subject: Subject | None = None) -> Finding:
        """Run the method again on the same input, cut at ``known_by``; ValueError where the digest is not the same."""
        from .method import find_method

        given = subject if subject is not None else self.subject
        if given is None:
            raise InputError("replay needs the input: pass the case or the votes that the finding was made from")
        parameters = dict(self.parameters) | ({} if self.seed is None else {"seed": self.seed})
        again: Finding = find_method(self.method).load()(as_known(given, self.known_by), **parameters)
        if again.digest != self.digest:
            other = [name for name in self.inputs if again.inputs.get(name) != self.inputs[name]]
            why = f"its input has changed: {', '.join(other)}" if other else "on the same input"
            raise ValueError(f"{self.method}: the finding made again differs ({why})")
        return again

    def with_subject(self, subject: Subject) -> Finding:
        """The same finding with its input, cut at ``known_by``, attached, so that traces can count and resolve."""
        attached = replace(self, subject=as_known(subject, self.known_by))
        attached.__dict__["digest"] = self.digest  # which the input is not part of
        return attached

    def cite(self) -> str:
        """BibTeX for this package and the literature behind the method."""
        from .cite import bibtex

        return bibtex(self)

    def save(self, path: str | Path) -> Path:
        """Write ``finding.json`` and Parquet tables into a folder; what stood there before survives a failure."""
        from .store import save

        return save(self, Path(path))

    def plot(self, **options: Any) -> Any:
        """A Vega-Lite chart of the finding, or its table where no chart is registered."""
        return rendering.render(self, "chart", **options)

    def to_pandas(self) -> Any:
        """The table as a pandas data frame (pandas must be installed)."""
        import pandas as pd

        plain = {c.name: c.to_numpy() if c.dtype.is_numeric() else c.to_list() for c in self.table}
        return pd.DataFrame(plain)

    def _repr_html_(self) -> str:
        return str(rendering.render(self, "html"))

    def _template(self, column: str, table: str) -> Template:
        wanted = f"{table}.{column}" if table else column
        fallback = f"{table}.*" if table else "*"
        for name in (wanted, fallback, "*"):
            for template in self.traces:
                if template.column == name:
                    return template
        raise InputError(f"{self.method}: no trace is declared for column {wanted!r}")


def _one_of(names: Any) -> str:
    return "one of " + ", ".join(names)


def conclude(method: Any, subject: Subject, datasets: tuple[str, ...], **fields: Any) -> Finding:
    """A Finding by ``method`` on ``subject``: fills in question, literature, digests of what was read and what was dropped."""
    return Finding(
        method=method.name,
        question=fields.pop("question", method.question),
        literature=method.literature,
        inputs={name: subject.digest_of(name) for name in datasets},
        dropped={name: subject.dropped[name] for name in datasets if subject.dropped.get(name)},
        known_by=getattr(subject, "known_by", ""),
        subject=subject,
        **fields,
    )


__all__ = ["EXPLANATION", "FORECAST", "RECORD", "Finding", "Selection", "conclude"]
