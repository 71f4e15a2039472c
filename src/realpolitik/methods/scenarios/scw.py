"""ScenarioWizard's project files (.scw) and solution files (.sl), read by section and written byte for byte alike.

Format: ScenarioWizard manual, appendix 1, checked against published files. The program runs on Windows: its text is
read as code page 1252, which is Latin-1 with quotation marks and dashes; lines end in LF or CRLF. Comment records at the
end, one per descriptor and one per block, carry the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from realpolitik.terms import InputError, Problem

from .model import CrossImpactModel, Descriptor, Judgement, build, cells_of

HEAD = "$ ScenarioWizard"
SOLUTION = re.compile(r'"((?: \d+)+ ?)",(-?\d+),(-?\d+),(-?\d+),(-?\d+),"(.*)"\s*$')
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?$")
SOURCED = re.compile(r"(?:^|\s)\[(?=(?:doc|vote|data|web|judged):)")  # where a source of ours begins
REFERENCE = re.compile(r"(?:^|\s)\[([^\[\]]*)\]$")  # any other last part in brackets
PART = " | "  # between the texts of several cells in the comment of their block
OPEN_QUOTE = re.compile(r'"(?=[^\S\n]*\n)')  # would end the comment there
CHARACTERS = [bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256)]
BYTES = {character: b for b, character in enumerate(CHARACTERS)}


def decoded(data: bytes) -> str:
    """Text of a file of Windows' Western code page, its line ends as LF; the five bytes that it leaves undefined stay."""
    text = data.decode("latin-1").translate(dict(enumerate(CHARACTERS)))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def encoded(text: str, newline: str) -> bytes:
    """The bytes of a text; InputError names the characters that the code page lacks."""
    if missing := sorted(set(text) - set(BYTES)):
        shown = " ".join(missing[:20])
        raise InputError([Problem("", "characters", shown, "characters of Windows code page 1252, or .json or .csv")])
    return bytes(BYTES[character] for character in text.replace("\n", newline))


@dataclass
class _Lines:
    """A file's lines with a place in them; collects what is wrong."""

    file: str
    lines: list[str]
    at: int = 0
    problems: list[Problem] = field(default_factory=list)

    def peek(self) -> str | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def take(self) -> str:
        line = self.peek()
        self.at += 1
        return line or ""

    def wrong(self, what: str, value: str | None, expected: str) -> None:
        shown = "end of file" if value is None else value
        self.problems.append(Problem(self.file, what, shown, expected, line=min(self.at + 1, len(self.lines) or 1)))

    def expect_hash(self, what: str) -> None:
        line = self.peek()
        if line is None or line.strip() != "#":
            self.wrong(what, line, "a line with #")
            raise InputError(self.problems)
        self.at += 1


def decode_scw(data: bytes, file: str = "") -> CrossImpactModel:
    """A model from the bytes of a .scw file; InputError lists what is wrong, with lines."""
    text = decoded(data)
    lines = _Lines(file, text.split("\n"))
    version = lines.peek() or ""
    if not version.startswith(HEAD):
        lines.wrong("first line", version or None, f"'{HEAD} 4.0'")
        raise InputError(lines.problems)
    lines.take()
    name = lines.take()
    style = ("\r\n" if b"\r\n" in data else "\n", version, not re.search(r"\n# *[^#\s-].* -> ", text))
    names = _lists(lines, "descriptors", named=True)
    long = _lists(lines, "long texts", named=False)
    lines.expect_hash("second # after the long texts")
    _same_shape(lines, names, long)
    sizes = [len(v) for _, v in names]
    colours = _colours(lines, sum(sizes))
    matrix = _matrix(lines, sum(sizes))
    if lines.problems:
        raise InputError(lines.problems)
    comments = _comments(lines, len(names))
    if lines.problems:
        raise InputError(lines.problems)
    return _model(file, name, names, long, colours, matrix, comments, style)


def _lists(lines: _Lines, what: str, *, named: bool) -> list[tuple[str, list[str]]]:
    out: list[tuple[str, list[str]]] = []
    while (line := lines.peek()) is not None and line.strip() != "#":
        if line.startswith("&"):
            out.append((line[1:].rstrip(), []))
        elif not out:
            lines.wrong(what, line, "a line that begins with &")
        elif named and not line.lstrip().startswith("-"):
            lines.wrong(f"variant of {out[-1][0]}", line, "a line that begins with ' -'")
        else:
            out[-1][1].append(line.lstrip()[1:].rstrip() if named else line.strip())
        lines.take()
    lines.expect_hash(what)
    if not out:
        lines.wrong(what, "#", "at least one descriptor")
    return out


def _same_shape(lines: _Lines, names: list[tuple[str, list[str]]], long: list[tuple[str, list[str]]]) -> None:
    if [len(v) for _, v in names] != [len(v) for _, v in long]:
        lines.wrong("long texts", f"{[len(v) for _, v in long]}", f"one line per variant: {[len(v) for _, v in names]}")
        raise InputError(lines.problems)


def _colours(lines: _Lines, total: int) -> list[str]:
    out = []
    while (line := lines.peek()) is not None and line.strip() != "#":
        out.append(lines.take().strip())
    lines.expect_hash("colours")
    if len(out) != total:
        lines.wrong("colours", str(len(out)), f"{total} colours, one per variant")
    lines.expect_hash("second # after the colours")
    return out


def _matrix(lines: _Lines, total: int) -> np.ndarray:
    out = np.zeros((total, total))
    row = 0
    while (line := lines.peek()) is not None and line.strip() != "#":
        parts = [p.strip() for p in line.split(",")]
        if len(parts) == total + 1 and not parts[-1]:
            parts.pop()
        if len(parts) != total:
            lines.wrong(f"row {row + 1} of the matrix", line, f"{total} numbers, not {len(parts)}")
        for column, part in enumerate(parts[:total]):
            if not NUMBER.match(part):
                lines.wrong(f"row {row + 1}, column {column + 1} of the matrix", part, "a whole number")
            elif row < total:
                out[row, column] = float(part)
        lines.take()
        row += 1
    if row != total:
        lines.wrong("matrix", f"{row} rows", f"{total} rows")
    lines.expect_hash("matrix")
    return out


def _comments(lines: _Lines, n: int) -> list[str]:
    """General, per descriptor and per block; as many as there are, none required."""
    out: list[str] = []
    while (line := lines.peek()) is not None:
        text_follows = lines.at + 1 < len(lines.lines) and lines.lines[lines.at + 1].startswith('"')
        if line.strip() in ("#", "") and not text_follows:
            lines.take()
            continue
        if not line.startswith("#"):
            lines.wrong("comment", line, "a line that begins with '# '")
            raise InputError(lines.problems)
        lines.take()
        out.append(_quoted(lines))
    if len(out) not in (0, 1 + n + n * n):
        lines.wrong("comments", str(len(out)), f"none, or {1 + n + n * n} of them")
    return out


def _quoted(lines: _Lines) -> str:
    text = lines.take()
    if not text.startswith('"'):
        lines.at -= 1
        lines.wrong("comment", text, "a text in quotation marks")
        raise InputError(lines.problems)
    while not (len(text) > 1 and text.rstrip().endswith('"')):
        more = lines.peek()
        if more is None:
            lines.wrong("comment", None, "a closing quotation mark")
            raise InputError(lines.problems)
        text += "\n" + lines.take()
    return text.rstrip()[1:-1]


def _model(
    file: str, name: str, names: list[tuple[str, list[str]]], long: list[tuple[str, list[str]]], colours: list[str],
    matrix: np.ndarray, comments: list[str], style: tuple[str, str, bool],
) -> CrossImpactModel:  # fmt: skip
    n = len(names)
    notes = comments[1 : n + 1] or [""] * n
    ids = _distinct([d for d, _ in names], "descriptor")
    descriptors = [
        Descriptor(d, tuple(_distinct(v, "variant")), name=full, note=note, long=tuple(texts),
                   printed=tuple(v))
        for d, (_, v), (full, texts), note in zip(ids, names, long, notes, strict=True)
    ]  # fmt: skip
    blocks = {(a, b): comments[1 + n + i * n + j] for i, a in enumerate(ids) for j, b in enumerate(ids) if comments}
    found = {block: evidence_in(text, *_block_variants(descriptors, block)) for block, text in blocks.items() if text}
    cells = [_with_note(j, found.get(j.block, {})) for j in cells_of(descriptors, matrix)]
    return build(
        descriptors, cells, file=file, name=name, note=comments[0] if comments else "", colours=tuple(colours),
        block_notes={block: text for block, text in blocks.items() if text}, style=style,
    )  # fmt: skip


def _block_variants(descriptors: Sequence[Descriptor], block: tuple[str, str]) -> tuple[Sequence[str], Sequence[str]]:
    by_id = {d.id: d.variants for d in descriptors}
    return by_id[block[0]], by_id[block[1]]


def _with_note(j: Judgement, evidence: Mapping[tuple[str, str], tuple[str, str]]) -> Judgement:
    note, source = evidence.get((j.variant, j.on_variant), ("", ""))
    return replace(j, note=note, source=source) if note or source else j


def evidence_in(
    comment: str, variants: Sequence[str], on_variants: Sequence[str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """Note and source of each cell of a block, from its comment.

    Parts are parted by " | "; each is about all cells of the block unless it begins with those that it is about
    ("a1 > b1, a2 > b2: "). A last text in brackets is the source.

    >>> evidence_in("a1 > b1: said so [doc:D0@1-9] | denied", ["a1"], ["b1", "b2"])
    {('a1', 'b1'): ('said so; denied', 'doc:D0@1-9'), ('a1', 'b2'): ('denied', '')}
    """
    if not comment:
        return {}
    cells = {f"{v} > {w}": (v, w) for v in variants for w in on_variants}
    found: dict[tuple[str, str], list[tuple[str, str]]] = {cell: [] for cell in cells.values()}
    for part in comment.split(PART):
        named, text = _cells_named(part, cells)
        for cell in named:
            found[cell].append(_note_and_source(text))
    return {
        cell: ("; ".join(n for n, _ in parts if n), "; ".join(dict.fromkeys(s for _, s in parts if s)))
        for cell, parts in found.items()
    }


def _cells_named(part: str, cells: Mapping[str, tuple[str, str]]) -> tuple[list[tuple[str, str]], str]:
    """The cells that a part begins with, else all of them, and the rest of it."""
    for colon in re.finditer(": ", part):
        named = part[: colon.start()].split(", ")
        if all(name in cells for name in named):
            return [cells[name] for name in named], part[colon.end() :]
    return list(cells.values()), part


def _note_and_source(text: str) -> tuple[str, str]:
    """A text and the source in brackets at its end."""
    starts = list(SOURCED.finditer(text))
    if starts and text.endswith("]"):
        return text[: starts[-1].start()].rstrip(), text[starts[-1].end() : -1]
    found = REFERENCE.search(text)
    return (text[: found.start()].rstrip(), found[1]) if found else (text, "")


def _distinct(names: list[str], what: str) -> list[str]:
    """Blank or repeated names get a number, as ScenarioWizard allows both."""
    out: list[str] = []
    for position, name in enumerate(names, 1):
        new = name or f"{what} {position}"
        while new in out:
            new = f"{new} ({position})"
        out.append(new)
    return out


def encode_scw(model: CrossImpactModel) -> bytes:
    """The bytes of a .scw file, with the line ends and the way of keying comments of the file it was read from.

    InputError lists what the format has no place for.
    """
    newline, version, blank = model.style or ("\r\n", f"{HEAD} 4.0", False)
    if problems := _unwritable(model):
        raise InputError(problems)
    out = [version, model.name or "project.scw"]
    for d in model.descriptors:
        out += [f"&{d.id}", *(f" -{v}" for v in d.printed or d.variants)]
    out.append("#")
    for d in model.descriptors:
        out += [f"&{d.name}", *(text or " " for text in d.long or ("",) * len(d.variants))]
    out += ["#", "#", *(model.colours or ["FFFFFF"] * int(model.first[-1])), "#", "#"]
    out += [",".join(f"{int(x): d} " for x in row) for row in model.impact]
    out += ["#", "# 0-0", _quote(model.note)]
    for d in model.descriptors:
        out += ["# " if blank else f"# {d.id}", _quote(d.note)]
    notes = _block_notes(model)
    for a in model.ids:
        for b in model.ids:
            out += ["#  -> " if blank else f"# {a} -> {b}", _quote(notes.get((a, b), ""))]
    return encoded("\n".join([*out, "#", "#", ""]), newline)


def _unwritable(model: CrossImpactModel) -> list[Problem]:
    """What a .scw file has no place for."""
    out = []
    if not np.array_equal(np.rint(model.impact), model.impact):
        said = "whole numbers only; write .json or .csv, or multiply the values first"
        out.append(Problem("", "values", "fractions", said))
    if model.forbidden:
        said = "none, as .scw has no place for them; write .json or .csv"
        out.append(Problem("", "ruled-out combinations", str(len(model.forbidden)), said))
    lines = [("name of the model", model.name), *((f"name of {d.id}", d.name) for d in model.descriptors)]
    lines += [(f"long text of {d.id}", text) for d in model.descriptors for text in d.long]
    out += [Problem("", what, text, "one line") for what, text in lines if "\n" in text]
    names = [text for d in model.descriptors for text in (d.id, *(d.printed or d.variants))]
    wanted = "one line that does not end in a blank"
    return out + [Problem("", "name", n, wanted) for n in names if "\n" in n or n != n.rstrip()]


def _quote(text: str) -> str:
    """A comment in quotation marks; one that would end it early becomes an apostrophe."""
    return '"' + OPEN_QUOTE.sub("'", text) + '"'


def _block_notes(model: CrossImpactModel) -> dict[tuple[str, str], str]:
    """A comment per block: as it was read where the evidence of its cells is still that, else written anew."""
    out = dict(model.block_notes)
    by_block: dict[tuple[str, str], list[Judgement]] = {}
    for j in model.judgements:
        by_block.setdefault(j.block, []).append(j)
    for block, cells in by_block.items():
        read = evidence_in(out.get(block, ""), *_block_variants(model.descriptors, block))
        if any(read.get((j.variant, j.on_variant), ("", "")) != (j.note, j.source) for j in cells):
            out[block] = _comment(cells, *map(len, _block_variants(model.descriptors, block)))
    return out


def _comment(cells: Sequence[Judgement], rows: int, columns: int) -> str:
    """Each text once; where there are several, after the cells that it is about if those are not all of the block."""
    texts: dict[str, list[str]] = {}
    for j in cells:
        note = j.note.replace(PART, " / ")
        if text := f"{note} [{j.source}]".strip() if j.source else note:
            texts.setdefault(text, []).append(f"{j.variant} > {j.on_variant}")
    if len(texts) == 1:
        return next(iter(texts))
    return PART.join(
        text if len(named) == rows * columns else f"{', '.join(named)}: {text}" for text, named in texts.items()
    )


@dataclass(frozen=True)
class Solution:
    """One line of a .sl file: positions of variants from 0, weight, consistency value, total impact score."""

    scenario: tuple[int, ...]
    weight: int
    consistency: int
    total_impact: int
    text: str = ""
    third: int = 0  #: 0 in every file seen; its meaning is not documented


def decode_sl(data: bytes, file: str = "") -> list[Solution]:
    """The solutions in a .sl file; InputError lists what is wrong, with lines."""
    lines = decoded(data).split("\n")
    problems: list[Problem] = []
    if not lines[0].startswith(HEAD):
        problems.append(Problem(file, "first line", lines[0], f"'{HEAD} 3.0'", line=1))
    said = lines[2].strip() if len(lines) > 2 else ""
    if not said.isdecimal():
        problems.append(Problem(file, "number of solutions", said, "a whole number", line=3))
    out = []
    for number, line in enumerate(lines[3:], 4):
        if not line.strip():
            continue
        if not (found := SOLUTION.match(line)):
            problems.append(Problem(file, "solution", line, '" 1 2 3",weight,consistency,0,score,""', line=number))
            continue
        scenario = tuple(int(x) - 1 for x in found[1].split())
        weight, value, third, score = (int(found[g]) for g in range(2, 6))
        out.append(Solution(scenario, weight, value, score, found[6], third))
    if said.isdecimal() and int(said) != len(out):
        problems.append(Problem(file, "number of solutions", said, f"{len(out)}, as many as there are lines", line=3))
    if problems:
        raise InputError(problems)
    return out


def encode_sl(solutions: list[Solution], *, newline: str = "\n") -> bytes:
    """The bytes of a .sl file."""
    out = [f"{HEAD} 3.0", "Solution set", f" {len(solutions)} ", ""]
    for s in solutions:
        variants = "".join(f" {a + 1}" for a in s.scenario)
        out.append(f'"{variants}",{s.weight},{s.consistency},{s.third},{s.total_impact},"{s.text}"')
    return encoded("\n".join([*out, ""]), newline)
