"""General Debate speeches as a method's input: one text per state and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import narwhals as nw
import polars as pl

from realpolitik.terms import InputError, Problem, frame_digest

COLUMNS = {"state": ("state", "iso3", "iso3c", "ccodealp"), "year": ("year",), "text": ("text", "speech")}


@dataclass(frozen=True, eq=False)
class Speeches:
    """Speeches with columns id (state and year), state, year, text; a votes record may stand beside them.

    ``missing`` names the speeches of which there is no text: a speech that is not there is not a silent one.
    """

    table: pl.DataFrame
    votes: Any = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @classmethod
    def from_frame(cls, frame: Any, votes: Any = None) -> Speeches:
        """From any data frame with a state (iso3), year and text column; one error lists everything that is wrong.

        :raises InputError: missing columns; rows without state or whole year; two texts of one state and year
        """
        held = nw.from_native(frame, eager_only=True)
        found = {name: next((c for c in held.columns if c.lower() in usual), None) for name, usual in COLUMNS.items()}
        lacking = [
            Problem("", name, ", ".join(held.columns), f"a column named {' or '.join(COLUMNS[name])}")
            for name, c in found.items()
            if c is None
        ]
        if lacking:
            raise InputError(lacking)
        given = pl.DataFrame({name: held[str(c)].to_list() for name, c in found.items()}, strict=False)
        keyed = given.select(
            pl.format("{}-{}", "state", "year").alias("id"),
            pl.col("state").cast(pl.String),
            pl.col("year").cast(pl.Int64, strict=False),
            pl.col("text").cast(pl.String),
        ).sort("id")
        problems = [*_unplaced(keyed), *_twice(keyed)]
        if problems:
            raise InputError(problems)
        spoken = pl.col("text").fill_null("").str.strip_chars() != ""
        missing = keyed.filter(~spoken)["id"].to_list()
        return cls(keyed.filter(spoken), votes, missing=tuple(missing))

    def frame(self, dataset: str) -> pl.DataFrame:
        """``speeches``, or a data set of the votes beside them."""
        if dataset == "speeches":
            return self.table
        frame: pl.DataFrame = self.votes.frame(dataset)
        return frame

    def digest_of(self, dataset: str) -> str:
        """SHA-256 of one data set's records."""
        return self._digest if dataset == "speeches" else str(self.votes.digest_of(dataset))

    def without(self, dataset: str, record: str) -> Speeches:
        """All but one speech, or all but one vote."""
        if dataset != "speeches":
            return replace(self, votes=self.votes.without(dataset, record))
        if record not in self.table["id"]:
            raise KeyError(record)
        return replace(self, table=self.table.filter(pl.col("id") != record))

    @cached_property
    def _digest(self) -> str:
        return frame_digest(self.table)


def _unplaced(keyed: pl.DataFrame) -> list[Problem]:
    rows = keyed.filter(pl.col("state").is_null() | pl.col("year").is_null()).height
    return [Problem("", "state, year", f"{rows} rows without", "a state and a whole year in every row")] if rows else []


def _twice(keyed: pl.DataFrame) -> list[Problem]:
    again = keyed.drop_nulls(["state", "year"]).group_by("id", maintain_order=True).len().filter(pl.col("len") > 1)
    return [
        Problem("", "text", f"{n} of {name}", "one text per state and year: join them or choose")
        for name, n in again.rows()
    ]
