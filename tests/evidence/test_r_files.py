"""R's data files: against rdata, an independent reader, and on bytes written here by the format's own description."""

from __future__ import annotations

import gzip
import struct
import warnings
from pathlib import Path

import polars as pl
import pytest

from realpolitik.evidence import read_unvotes
from realpolitik.evidence.r_files import NotRead, read_frames
from realpolitik.terms import InputError


def _int(value: int) -> bytes:
    return struct.pack(">i", value)


def _chars(word: str | None, flags: int = 0x00040009) -> bytes:
    raw = b"" if word is None else word.encode("latin-1" if flags >> 12 & 4 else "utf-8")
    return _int(flags) + (_int(-1) if word is None else _int(len(raw)) + raw)


def _strings(*words: str | None, flags: int = 0x00040009) -> bytes:
    return _int(16) + _int(len(words)) + b"".join(_chars(w, flags) for w in words)


def _symbol(word: str) -> bytes:
    return _int(1) + _chars(word)


def _attributes(**values: bytes) -> bytes:
    return b"".join(_int(1026) + _symbol(name) + value for name, value in values.items()) + _int(254)


def _file(columns: dict[str, bytes], version: int = 3) -> bytes:
    head = b"RDX%d\nX\n" % version + _int(version) + _int(0x40000) + _int(0x20300)
    head += _int(5) + b"UTF-8" if version == 3 else b""
    compact = _int(238) + _int(2) + _symbol("compact_intseq") + _int(254)
    compact += _int(14) + _int(3) + struct.pack(">ddd", 3, 1, 1) + _int(254)
    frame = _int(19 | 512) + _int(len(columns)) + b"".join(columns.values())
    rows = compact if version == 3 else _int(13) + _int(2) + _int(-(2**31)) + _int(-3)
    frame += _attributes(names=_strings(*columns), row_names=rows)
    return head + _int(1026) + _symbol("frame") + frame + _int(254)


@pytest.fixture
def columns() -> dict[str, bytes]:
    factor = _int(13 | 512) + _int(3) + _int(2) + _int(1) + _int(-(2**31)) + _attributes(levels=_strings("no", "yes"))
    return {
        "word": _strings("Côte", None, "Côte"),
        "whole": _int(13) + _int(3) + _int(7) + _int(-(2**31)) + _int(-7),
        "real": _int(14) + _int(3) + struct.pack(">d", 0.5) + bytes.fromhex("7ff00000000007a2") + struct.pack(">d", 2),
        "vote": factor,
    }


@pytest.mark.parametrize("version", [2, 3])
def test_every_kind_of_column(tmp_path: Path, columns: dict[str, bytes], version: int) -> None:
    path = tmp_path / "frame.rda"
    path.write_bytes(gzip.compress(_file(columns, version)))
    read = read_frames(path)["frame"]
    assert read["word"].to_list() == ["Côte", None, "Côte"]
    assert read["whole"].to_list() == [7, None, -7]
    assert read["real"].to_list() == [0.5, None, 2]
    assert read["vote"].to_list() == ["yes", "no", None]


def test_words_in_latin_letters(tmp_path: Path) -> None:
    path = tmp_path / "frame.rda"
    path.write_bytes(_file({"word": _strings("Côte", flags=0x00004009)}, 2))
    assert read_frames(path)["frame"]["word"].to_list() == ["Côte"]


def test_a_broken_file_is_an_error_at_every_length(tmp_path: Path, columns: dict[str, bytes]) -> None:
    whole, path = _file(columns), tmp_path / "un_votes.rda"
    for length in range(0, len(whole) - 4, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(NotRead):
            read_frames(path)
    with pytest.raises(InputError, match=r"readable \.rda file"):
        read_unvotes(path, path)


def test_the_published_roll_calls_as_rdata_reads_them(shared_data: Path) -> None:
    rdata = pytest.importorskip("rdata")
    path = shared_data / "votes" / "un_roll_calls.rda"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = rdata.read_rda(path)["un_roll_calls"]
    ours = read_frames(path)["un_roll_calls"]
    assert list(ours) == list(theirs.columns)
    for name, column in ours.items():
        gone = theirs[name].isna().to_numpy()
        assert column.is_null().to_list() == gone.tolist(), name
        kept = theirs[name][~gone].to_list()
        assert column.drop_nulls().to_list() == (
            [str(v) for v in kept] if column.dtype == pl.String else [float(v) for v in kept]
        ), name
