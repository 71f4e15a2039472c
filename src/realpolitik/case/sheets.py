"""One table's file: read once, cell by cell, with the line of every row and of every mistake."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from realpolitik.terms import Problem, nearest

from .cells import Column, layout
from .row import Row
from .structure import decode

LARGEST = 64_000_000  #: bytes of one table
_BAD = object()


@dataclass
class Sheet:
    """A table as read: its rows (None where a cell was wrong) and the line each began on."""

    file: str
    kind: type[Row]
    rows: list[Row | None] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  #: the id of each row, good or not
    usable: bool = False  #: whether the file as a whole could be read

    @cached_property
    def ids(self) -> frozenset[str]:
        """Every id that the table gives."""
        return frozenset(self.names)

    def placed(self) -> Iterator[tuple[int, Row]]:
        """Each good row with its line."""
        return ((line, row) for line, row in zip(self.lines, self.rows, strict=True) if row is not None)


def read_sheet(path: Path, kind: type[Row], problems: list[Problem]) -> Sheet:
    """Read one CSV table; every problem is added to ``problems``."""
    sheet = Sheet(path.name, kind)
    text = _text(path, problems)
    if text is None:
        return sheet
    records, lines = _records(text, path.name, problems)
    if not records:
        return sheet
    header, wanted = records[0], layout(kind)
    if not _header_fits(header, wanted, path.name, problems):
        return sheet
    sheet.usable = True
    body, sheet.lines = _even(header, records[1:], lines[1:], path.name, problems)
    if body:
        _fill(sheet, dict(zip(header, zip(*body, strict=True), strict=True)), wanted, problems)
    return sheet


def _text(path: Path, problems: list[Problem]) -> str | None:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            problems.append(Problem(path.name, "", f"{size:,} bytes", f"at most {LARGEST:,} bytes"))
            return None
        content = path.read_bytes()
    except OSError as error:
        problems.append(Problem(path.name, "", str(path), f"a readable file ({error.strerror})"))
        return None
    if not content.strip():
        problems.append(Problem(path.name, "", "", "a header and rows; the file is empty", 1))
        return None
    return decode(content, path.name, problems)


def _records(text: str, file: str, problems: list[Problem]) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    line = 1
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(file, "", "", f"well-formed CSV ({error})", line))
    return records, lines


def _header_fits(header: list[str], wanted: tuple[Column, ...], file: str, problems: list[Problem]) -> bool:
    names = {column.name: column for column in wanted}
    found = len(problems)
    for mark, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and len(set(header[0].split(mark)) & set(names)) > 1:
            expected = f"cells parted by commas; these are parted by {called}: save the file as comma-separated CSV"
            problems.append(Problem(file, "columns", header[0], expected, 1))
            return False
    for place, name in enumerate(header):
        if name in header[:place]:
            problems.append(Problem(file, "columns", name, "each column once", 1))
        elif name not in names:
            free = [other for other in names if other not in header]
            problems.append(
                Problem(file, "columns", name, "a column of this table", 1, nearest(name, free) or nearest(name, names))
            )
    unknown = {problem.nearest for problem in problems[found:]}
    for column in wanted:
        if column.required and column.name not in header and column.name not in unknown:
            problems.append(Problem(file, "columns", "", f"the column {column.name!r}, which is required", 1))
    return len(problems) == found


def _even(
    header: list[str], records: list[list[str]], lines: list[int], file: str, problems: list[Problem]
) -> tuple[list[list[str]], list[int]]:
    """Only the records with as many cells as the header has."""
    body, kept = [], []
    for record, line in zip(records, lines, strict=True):
        if record == header:
            problems.append(Problem(file, "", ",".join(record), "the header once, at the top", line))
        elif len(record) != len(header):
            hint = "; a text with a comma in it stands in double quotes" if len(record) > len(header) else ""
            expected = f"{len(header)} cells, as in the header{hint}"
            problems.append(Problem(file, "", f"{len(record)} cells", expected, line))
        else:
            body.append(record)
            kept.append(line)
    return body, kept


def _fill(sheet: Sheet, cells: dict[str, tuple[str, ...]], wanted: tuple[Column, ...], problems: list[Problem]) -> None:
    present = [column for column in wanted if column.name in cells]
    values = [_parsed(column, cells[column.name], sheet, problems) for column in present]
    names = [column.name for column in present]
    sheet.names = list(cells["id"])
    for row in zip(*values, strict=True):
        whole = not any(value is _BAD for value in row)
        sheet.rows.append(sheet.kind(**dict(zip(names, row, strict=True))) if whole else None)


def _parsed(column: Column, texts: tuple[str, ...], sheet: Sheet, problems: list[Problem]) -> list[Any]:
    """The values of one column; each different text is read once."""
    known: dict[str, Any] = {}
    wrong: dict[str, Callable[[int], Problem]] = {}
    for text in set(texts):
        known[text], says = _read_cell(column, text)
        if known[text] is _BAD:
            wrong[text] = _complaint(column, text, says, sheet.file)
    if wrong:
        problems.extend(wrong[text](line) for text, line in zip(texts, sheet.lines, strict=True) if text in wrong)
    return [known[text] for text in texts]


def _read_cell(column: Column, text: str) -> tuple[Any, str]:
    if not text or (text.isspace() and column.parse is not str):
        if column.required:
            return _BAD, "empty"
        return (column.parse("") if column.several else column.default), ""
    try:
        return column.parse(text), ""
    except ValueError as error:
        return _BAD, str(error)


def _complaint(column: Column, text: str, says: str, file: str) -> Callable[[int], Problem]:
    detail = f" ({says})" if says and says != "empty" and repr(text) not in says else ""
    expected = ("a value: it is required: " if says == "empty" else "") + column.expected + detail
    close = nearest(text, column.choices) if column.choices else None
    if column.name == "id" and text.strip() != text:
        close = text.strip()
    return lambda line: Problem(file, column.name, text, expected, line, close)
