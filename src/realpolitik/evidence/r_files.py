"""Data frames from R's .rda files: the binary (XDR) form of R's serialization, vectors and data frames only.

Format: R Core Team, R Internals, section 1.8 "Serialization Formats", versions 2 and 3.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SYMBOL, PAIRS, POINTER, CHARACTERS, LOGICAL, INTEGER, REAL, STRINGS, LIST = 1, 2, 22, 9, 10, 13, 14, 16, 19
ALTERNATIVE, NOTHING, REFERENCE = 238, 254, 255
CONSTANTS = frozenset({241, 242, 250, 251, 252, 253})
MISSING = -(2**31)


class NotRead(ValueError):
    """The file holds something other than plain vectors, or is no file of this kind."""


@dataclass
class Vector:
    """One R vector: an array, or a list of strings or vectors, with its attributes."""

    values: Any
    attributes: dict[str, Any] = field(default_factory=dict)


def read_frames(path: Path) -> dict[str, dict[str, pl.Series]]:
    """Every data frame of an .rda file by name, as columns: numbers as Float64, strings and factors as String, NA as null.

    Raises NotRead where the file is in another form or holds other things than vectors and data frames.
    """
    stream = _Stream(_unpacked(path.read_bytes()))
    try:
        named = stream.start()
    except (IndexError, ValueError) as error:
        raise NotRead(f"{path.name}: {error or 'it ends too early'}") from error
    return {
        name: {column: _series(column, vector) for column, vector in zip(_names(frame), frame.values, strict=True)}
        for name, frame in named.items()
        if isinstance(frame, Vector) and isinstance(frame.values, list) and _names(frame)
    }


def _unpacked(raw: bytes) -> bytes:
    for magic, unpack in ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress)):
        if raw.startswith(magic):
            try:
                return unpack(raw)
            except (OSError, EOFError, lzma.LZMAError) as error:
                raise NotRead(str(error)) from error
    return raw


def _names(vector: Vector) -> list[str]:
    names = vector.attributes.get("names")
    return list(names.values) if isinstance(names, Vector) else []


def _series(name: str, vector: Any) -> pl.Series:
    if not isinstance(vector, Vector):
        raise NotRead(f"{name} is no vector")
    values, levels = vector.values, vector.attributes.get("levels")
    if levels is not None:
        return pl.Series(name, [None, *levels.values], dtype=pl.String).gather(np.maximum(values, 0).astype(np.uint32))
    if isinstance(values, list):
        if values and isinstance(values[0], Vector):
            raise NotRead(f"{name} is a list")
        return pl.Series(name, values, dtype=pl.String)
    if values.dtype == np.int32:
        return pl.Series(name, np.where(values == MISSING, np.nan, values)).fill_nan(None)
    return pl.Series(name, values).fill_nan(None)


def _decoded(word: bytes, flags: bytes) -> str:
    latin = int.from_bytes(flags, "big") >> 12 & 4
    return word.decode("latin-1" if latin else "utf-8", "replace")


class _Stream:
    """The bytes of a file and how far they are read."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at, self.seen = raw, 0, list[Any]()

    def start(self) -> dict[str, Any]:
        """The named values of the whole file."""
        if self.raw[:4] not in (b"RDX2", b"RDX3") or self.raw[4:7] != b"\nX\n":
            raise NotRead("it is no .rda file in R's binary form")
        self.at = 7
        version = self.integer()
        self.at += 8
        if version == 3:
            encoding = self.integer()
            self.at += encoding
        return self.pairs(self.integer())

    def integer(self) -> int:
        if self.at + 4 > len(self.raw):
            raise NotRead("it ends too early")
        self.at += 4
        return int.from_bytes(self.raw[self.at - 4 : self.at], "big", signed=True)

    def length(self) -> int:
        n = self.integer()
        return n if n >= 0 else (self.integer() << 32) + self.integer()

    def array(self, kind: str) -> np.ndarray:
        n = self.length()
        found = np.frombuffer(self.raw, kind, n, self.at)
        self.at += found.nbytes
        return found.astype(kind[1:])

    def item(self) -> Any:
        return self.typed(self.integer())

    def typed(self, flags: int) -> Any:
        """The value that follows its flags."""
        kind = flags & 255
        if kind in CONSTANTS or kind == NOTHING:
            return None
        if kind == REFERENCE:
            return self.seen[(flags >> 8 or self.integer()) - 1]
        if kind == SYMBOL:
            self.integer()
            self.seen.append(self.characters())
            return self.seen[-1]
        if kind == PAIRS:
            return self.pairs(flags)
        if kind == POINTER:
            self.seen.append(None)
            self.item(), self.item()
            return self.attributed(None, flags)
        if kind == ALTERNATIVE:
            return self.alternative()
        return self.attributed(self.vector(kind), flags)

    def attributed(self, values: Any, flags: int) -> Any:
        attributes = self.item() if flags & 512 else None
        return None if values is None else Vector(values, attributes or {})

    def vector(self, kind: int) -> Any:
        if kind in (LOGICAL, INTEGER):
            return self.array(">i4")
        if kind == REAL:
            return self.array(">f8")
        if kind == STRINGS:
            return self.strings(self.length())
        if kind == LIST:
            return [self.item() for _ in range(self.length())]
        raise NotRead(f"it holds a value of type {kind}")

    def characters(self) -> str | None:
        n = self.integer()
        if n < 0:
            return None
        self.at += n
        return _decoded(self.raw[self.at - n : self.at], b"")

    def strings(self, n: int) -> list[str | None]:
        """A vector of strings, each decoded once: the long part of every file."""
        raw, at = self.raw, self.at
        known: dict[bytes, str | None] = {}
        out: list[str | None] = []
        number = int.from_bytes
        for _ in range(n):
            size = number(raw[at + 4 : at + 8], "big")
            end = at + 8 if size == 0xFFFFFFFF else at + 8 + size
            word = raw[at:end]
            if word not in known:
                known[word] = None if size == 0xFFFFFFFF else _decoded(word[8:], word[:4])
            out.append(known[word])
            at = end
        if at > len(raw):
            raise NotRead("it ends too early")
        self.at = at
        return out

    def pairs(self, flags: int) -> dict[str, Any]:
        """A tagged list: attributes, or the named values of a file."""
        out: dict[str, Any] = {}
        while flags & 255 == PAIRS:
            if flags & 512:
                self.item()
            tag = self.item() if flags & 1024 else str(len(out))
            out[str(tag)] = self.item()
            flags = self.integer()
        return out

    def alternative(self) -> Any:
        """A compact form: a run of numbers by start and step, or a wrapped vector."""
        name = str(next(iter(self.item().values())))
        state, attributes = self.item(), self.item()
        if name in ("compact_intseq", "compact_realseq"):
            n, first, step = state.values
            values = first + step * np.arange(int(n))
            return Vector(values.astype(np.int32) if name == "compact_intseq" else values, attributes or {})
        if name.startswith("wrap_"):
            inner = state.values[0] if isinstance(state, Vector) else next(iter(state.values()))
            return Vector(inner.values, attributes or {})
        raise NotRead(f"it holds a value of the form {name}")
