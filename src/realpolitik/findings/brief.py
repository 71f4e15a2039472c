"""A Brief: what a reader is told about a case, as sections of text, tables and charts whose figures are all cells.

A Brief holds no mark-up. A renderer draws it (``findings.rendering``); every figure in it is a ``Cell`` of one of its
findings, so that the page can open the trace behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realpolitik.terms import InputError, Problem, nearest
from realpolitik.terms.files import write_atomic

from . import rendering
from .finding import Finding
from .subject import Subject
from .trace import Trace

FILES = {"html": "index.html", "json": "brief.json", "md": "brief.md", "docx": "brief.docx"}
ANSWERED, NOT_IN_EVIDENCE, NOT_BUILT = "answered", "not in the evidence", "not built yet"
SINCE = "since"  #: the name of what is told outside every finding
LONG_KEY = 120  #: a longer key is named by its digest
WHOLE = "answer"  #: the column of a cell that stands for a finding as a whole


@dataclass(frozen=True)
class Cell:
    """One value of a finding, as it is printed; ``theirs`` marks the words of a source, which are not ours."""

    finding: str  #: its name in ``Brief.findings``
    column: str
    value: Any
    key: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""
    shown: str = ""
    theirs: bool = False

    @property
    def text(self) -> str:
        """The value as a reader sees it."""
        return self.shown or plain(self.value)

    @property
    def name(self) -> str:
        """What identifies the cell on the page: ``finding/table:column[key=value]``."""
        key = ",".join(f"{name}={value}" for name, value in self.key.items())
        if len(key) > LONG_KEY:
            key = hashlib.sha256(key.encode()).hexdigest()[:12]
        table = f"/{self.table}" if self.table else ""
        return f"{self.finding}{table}:{self.column}[{key}]"


Part = str | Cell
Parts = tuple[Part, ...]


@dataclass(frozen=True)
class Paragraph:
    """A run of text; ``label`` stands before it, ``tone`` says what sort of line it is."""

    parts: Parts
    label: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[Parts, ...]
    title: str = ""


@dataclass(frozen=True)
class Grid:
    """Rows of text and cells under column heads, the first of a row being its head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Parts, ...], ...]
    caption: str = ""
    finding: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of a finding, drawn by the view registered for its kind."""

    finding: str
    caption: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tiles:
    """One tile per member state: a cell for each, by ISO code; ``marked`` are outlined."""

    cells: Mapping[str, Cell]
    caption: str
    marked: tuple[str, ...] = ()
    outlined: str = "the actor and the states it is compared with"  #: who the outlined ones are


@dataclass(frozen=True)
class Step:
    """One premise of an argument: how it bears on the conclusion, what it says, how firmly, and who holds it."""

    id: str
    link: str
    premise: str  #: ``table:id`` of the row
    text: Parts
    hedge: str = ""
    holder: str = ""


@dataclass(frozen=True)
class Conclusion:
    """A conclusion of a source with the steps that lead to it or stand against it."""

    id: str  #: ``claims:id``
    text: Parts
    holder: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class ArgumentMap:
    """The sources' argument; on a page a step can be struck and the conclusions read again."""

    conclusions: tuple[Conclusion, ...]


@dataclass(frozen=True)
class Closed:
    """Blocks that stay closed until the reader opens them."""

    title: str
    blocks: tuple[Block, ...]


Block = Paragraph | Bullets | Grid | Chart | Tiles | ArgumentMap | Closed


@dataclass(frozen=True)
class Section:
    """A titled part of a brief; those with ``first`` make up the first screen and the printed page."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    first: bool = False
    findings: tuple[str, ...] = ()  #: the findings it draws on; their grades are printed
    note: str = ""


@dataclass(frozen=True)
class Page:
    """A further page that is written beside a brief: its place (``members/IRN``), its title, and how it is made."""

    place: str
    title: str
    make: Callable[[], Brief]


@dataclass(frozen=True)
class SystemAnswer:
    """How one of the twenty-four mechanisms answers its question on this case."""

    id: int
    question: str
    status: str
    answer: Parts
    grade: str = ""
    cells: tuple[Cell, ...] = ()
    judgement_share: float = 0.0
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Brief:
    """What a reader is told about a case as it was known on a day."""

    name: str
    title: str
    question: str
    as_of: str
    sections: tuple[Section, ...]
    findings: Mapping[str, Finding]
    systems: tuple[SystemAnswer, ...]
    subject: Subject | None = field(default=None, repr=False)
    since: Finding | None = field(default=None, repr=False)  #: what happened since, outside every finding
    sort: str = "Brief"  #: what sort of page it is, printed above the title
    note: str = ""  #: printed beside the sort
    pages: tuple[Page, ...] = ()  #: further pages, written beside this one
    beside: Mapping[str, str] = field(default_factory=dict)  #: titles of pages that stand beside this one, by address
    kind = "brief"

    @property
    def links(self) -> Mapping[str, str]:
        """Titles of the pages that can be opened from this one, by address."""
        return {f"{page.place}/{FILES['html']}": page.title for page in self.pages} | dict(self.beside)

    def finding(self, name: str) -> Finding | None:
        """The finding that a cell names; ``since`` for what is told outside the findings; None for plain text."""
        return self.since if name == SINCE else self.findings.get(name)

    def section(self, id: str) -> Section:
        """One section by its id; the error names the nearest."""
        found = {section.id: section for section in self.sections}
        if id not in found:
            raise InputError([Problem("", "section", id, "one of " + ", ".join(found), nearest=nearest(id, found))])
        return found[id]

    def explain(self, cell: Cell) -> Trace:
        """Where a cell of this brief comes from."""
        found = self.finding(cell.finding)
        if found is None:
            raise InputError(
                [
                    Problem(
                        "",
                        "finding",
                        cell.finding,
                        "one of " + ", ".join(self.findings),
                        nearest=nearest(cell.finding, self.findings),
                    )
                ]
            )
        return found.explain(column=cell.column, table=cell.table, **cell.key)

    def cells(self) -> Iterator[Cell]:
        """Every cell that stands in a section or in the answer of a system."""
        for section in self.sections:
            yield from cells_of(section.blocks)
        for system in self.systems:
            yield from _cells_in([system.answer])

    def write(self, folder: str | Path, formats: Sequence[str] = ("html", "json")) -> Path:
        """Write the brief into a folder: ``index.html``, ``brief.json``, ``brief.md``, ``brief.docx``; returns the folder.

        Its further pages are written into folders below, each with the same files; every page stands for itself.
        """
        unknown = [name for name in formats if name not in FILES]
        if unknown:
            raise InputError(
                [Problem("", "format", n, "one of " + ", ".join(FILES), nearest=nearest(n, FILES)) for n in unknown]
            )
        target = Path(folder)
        drawn = {name: rendering.render(self, name) for name in formats}
        target.mkdir(parents=True, exist_ok=True)
        for name, content in drawn.items():
            write_atomic(target / FILES[name], content if isinstance(content, bytes) else content.encode())
        for page in self.pages:
            page.make().write(target / page.place, formats)
        return target

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{_escape(section.title)}</li>" for section in self.sections)
        return f"<h3>{_escape(self.title)}</h3><p>{_escape(self.question)}</p><ul>{listed}</ul>"


def cells_of(blocks: Sequence[Block]) -> Iterator[Cell]:
    """Every cell of some blocks, in reading order."""
    for block in blocks:
        match block:
            case Paragraph():
                yield from _cells_in([block.parts])
            case Bullets():
                yield from _cells_in(block.items)
            case Grid():
                for row in block.rows:
                    yield from _cells_in(row)
            case Tiles():
                yield from block.cells.values()
            case ArgumentMap():
                for conclusion in block.conclusions:
                    yield from _cells_in([conclusion.text, *(step.text for step in conclusion.steps)])
            case Closed():
                yield from cells_of(block.blocks)


def _cells_in(runs: Sequence[Parts]) -> Iterator[Cell]:
    for run in runs:
        yield from (part for part in run if isinstance(part, Cell))


def words(parts: Parts) -> str:
    """A run of text without its links."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def plain(value: Any) -> str:
    """A value as a reader sees it: no trailing digits, lists joined, nothing for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(map(plain, value))
    return str(value)


def _number(value: float) -> str:
    if value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "without limit"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value)}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"


def as_json(value: Any) -> Any:
    """A value as JSON knows it: no NaN, lists for tuples, text for what it does not know."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): as_json(item) for name, item in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return json.loads(json.dumps(value, default=str))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
