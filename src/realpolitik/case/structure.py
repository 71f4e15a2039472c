"""``case.yaml``: what the case is about and its documents, read strictly, with the line of every mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from realpolitik.terms import Problem, When, nearest

from .cells import AN_ID, IDENTIFIER

FILE = "case.yaml"
LARGEST = 1_000_000  #: bytes; the file holds the structure, rows belong into CSV tables
DEEPEST = 20
_HASH = re.compile(r"[0-9a-f]{64}\Z")

Path_ = tuple[str | int, ...]


class Strict(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentEntry(Strict):
    """A document of the case; ``file`` only where the case ships the text itself."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = Field("", description="Date of publication (EDTF)")
    known: str = Field("", description="When its contents could first be known (EDTF)")
    sha256: str = Field("", description="SHA-256 of the file's bytes")
    characters: int = Field(0, ge=0, description="Length of the raw text in code points")
    language: str = "en"
    knew: tuple[str, ...] = Field((), description="Resolutions whose outcome the author knew")
    note: str = ""
    file: str = Field("", description="Path inside the case folder, where the text is shipped with the case")

    @field_validator("sha256")
    @classmethod
    def _sha256(cls, value: str) -> str:
        return _expect(value, not value or bool(_HASH.match(value)), "64 hex digits in lower case")

    @field_validator("published", "known")
    @classmethod
    def _date(cls, value: str) -> str:
        return _dated(value)


class CaseEntry(Strict):
    """The whole of case.yaml."""

    name: str = Field(description="The case's own name, as its folder is called")
    title: str = Field(description="One line for the head of the page")
    question: str = Field(description="What the case asks, as one sentence")
    focal: str = Field(description="Actor whose position is asked about")
    partner: str = Field("", description="Actor whose tie with the focal actor is strained")
    issue: str = Field("", description="The issue of the shock")
    as_of: str = Field("", description="Knowledge date used where none is given (EDTF)")
    comparison: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Named sets of actors to compare with"
    )
    forecast: dict[str, str] = Field(default_factory=dict, description="The roll call asked about: resolution, as_of")
    documents: dict[str, DocumentEntry] = Field(
        default_factory=dict, description="Documents by the name that sources use: doc:NAME@start-end"
    )
    roll_calls: str = Field("roll_calls", description="Folder of the case's roll calls")
    conflicts: str = Field("conflicts", description="Folder of the case's conflict files")

    @field_validator("name", "focal")
    @classmethod
    def _id(cls, value: str) -> str:
        return _expect(value, bool(IDENTIFIER.match(value)), AN_ID)

    @field_validator("as_of")
    @classmethod
    def _date(cls, value: str) -> str:
        return _dated(value)

    @field_validator("documents")
    @classmethod
    def _names(cls, value: dict[str, DocumentEntry]) -> dict[str, DocumentEntry]:
        bad = [name for name in value if not IDENTIFIER.match(name)]
        _expect(bad[0] if bad else "", not bad, AN_ID)
        return value

    @field_validator("forecast")
    @classmethod
    def _forecast(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = [key for key in value if key not in ("resolution", "as_of")]
        _expect(unknown[0] if unknown else "", not unknown, "resolution and as_of only")
        _dated(value.get("as_of", ""))
        return value


def _expect(value: str, holds: bool, expected: str) -> str:
    if not holds:
        raise ValueError(expected)
    return value


def _dated(value: str) -> str:
    if value:
        try:
            When.parse(value)
        except ValueError as error:
            raise ValueError("a date as YYYY, YYYY-MM, YYYY-MM-DD or an interval A/B") from error
    return value


def read_structure(path: Path, problems: list[Problem]) -> tuple[CaseEntry | None, dict[Path_, int]]:
    """The contents of case.yaml (None where nothing in it can be used) and the line of each of its parts."""
    text = _text(path, problems)
    if text is None:
        return None, {}
    lines: dict[Path_, int] = {}
    found = len(problems)
    data = _plain(text, lines, problems)
    if len(problems) > found:
        return None, lines
    if not isinstance(data, dict):
        problems.append(Problem(FILE, "", str(data or ""), "keys and values: name, title, question, focal, ...", 1))
        return None, lines
    try:
        return CaseEntry.model_validate(data), lines
    except ValidationError as error:
        problems.extend(_problem(item, lines) for item in error.errors())
        return _salvaged(data, {item["loc"][0] for item in error.errors()}), lines


def _salvaged(data: dict[str, Any], bad: set[int | str]) -> CaseEntry | None:
    """What can be used of a file with mistakes, so that the rows can still be checked against it."""
    good = {key: value for key, value in data.items() if key not in bad}
    missing: dict[str, Any] = {
        name: "" for name, field in CaseEntry.model_fields.items() if field.is_required() and name not in good
    }
    try:
        entry = CaseEntry.model_validate(good | dict.fromkeys(missing, "x"))
    except ValidationError:
        return None
    listed = data.get("documents")
    if "documents" in bad and isinstance(listed, dict):
        missing |= {"documents": {str(name): DocumentEntry.model_validate({}) for name in listed}}
    return entry.model_copy(update=missing)


def _text(path: Path, problems: list[Problem]) -> str | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        problems.append(Problem(FILE, "", str(path), f"a readable file ({error.strerror})"))
        return None
    if len(content) > LARGEST:
        problems.append(
            Problem(FILE, "", f"{len(content):,} bytes", f"at most {LARGEST:,} bytes; rows belong into CSV tables")
        )
        return None
    return decode(content, FILE, problems)


def decode(content: bytes, file: str, problems: list[Problem]) -> str | None:
    """UTF-8 text (a byte-order mark is passed over); other encodings are one problem that names the line."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        problems.append(Problem(file, "encoding", "UTF-16", "UTF-8; save the file again as UTF-8"))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        shown = content[error.start : error.start + 1].hex()
        problems.append(Problem(file, "encoding", f"byte 0x{shown}", "UTF-8; save the file again as UTF-8", line))
        return None
    if control := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text):
        line = text.count("\n", 0, control.start()) + 1
        problems.append(Problem(file, "", f"control character {ord(control[0]):#04x}", "plain text", line))
        return None
    return text


def _plain(text: str, lines: dict[Path_, int], problems: list[Problem]) -> Any:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                expected = "no aliases (*name)" if isinstance(event, yaml.AliasEvent) else f"at most {DEEPEST} levels"
                problems.append(
                    Problem(FILE, "", str(getattr(event, "anchor", "")), expected, _line_of(event.start_mark))
                )
                return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error).splitlines()[0]
        problems.append(Problem(FILE, "", str(said), "valid YAML", _line_of(mark)))
        return None
    return None if node is None else _value(node, (), lines, problems)


def _line_of(mark: Any) -> int | None:
    return None if mark is None else mark.line + 1


def _value(node: yaml.Node, at: Path_, lines: dict[Path_, int], problems: list[Problem]) -> Any:
    lines[at] = _line_of(node.start_mark) or 1
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, at, lines, problems))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*at, place), lines, problems) for place, item in enumerate(node.value)]
    return None if node.tag.endswith(":null") else node.value


def _pairs(
    node: yaml.MappingNode, at: Path_, lines: dict[Path_, int], problems: list[Problem]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            problems.append(
                Problem(FILE, ".".join(map(str, (*at, name))), name, "each key once", _line_of(key.start_mark) or 1)
            )
        seen.add(name)
        made = _value(value, (*at, name), lines, problems)
        lines[(*at, name)] = _line_of(key.start_mark) or 1
        if made is not None:
            yield name, made


def _problem(item: Any, lines: dict[Path_, int]) -> Problem:
    at: Path_ = item["loc"]
    line = next((lines[at[:n]] for n in range(len(at), -1, -1) if at[:n] in lines), None)
    field, value, kind = ".".join(map(str, at)), item["input"], item["type"]
    if kind == "missing":
        return Problem(FILE, field, "", "a value: it is required", line)
    if kind == "extra_forbidden":
        known = DocumentEntry.model_fields if at[0] == "documents" and len(at) > 2 else CaseEntry.model_fields
        return Problem(FILE, field, str(at[-1]), "a known key", line, nearest(str(at[-1]), known))
    said = item["msg"].replace("Input should", "input should").removeprefix("Value error, ")
    return Problem(FILE, field, str(value), said, line)


__all__ = ["CaseEntry", "DocumentEntry", "decode", "read_structure"]
