"""A new case to start from: a copy of the small teaching case under a name of its own."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from realpolitik.terms import InputError, Problem
from realpolitik.terms.codes import state

from .cells import AN_ID, IDENTIFIER
from .kinds import find_kind
from .read import BUILT_IN, built_in
from .row import columns
from .saving import save_all

MODEL = "india-ukraine-2022"
STARTED = ("options", "positions", "reasons", "gaps")  #: tables that an empty case begins with, without rows


def new_case(name: str, folder: Path) -> Path:
    """Write a small valid case called ``name`` into ``folder``/``name``; nothing that is there already is touched.

    Raises InputError where the name cannot be used or the folder is there and not empty.
    """
    target = _free(name, folder)
    save_all(target, {path: _named(path, content, name) for path, content in _model().items()})
    return target


def empty_case(name: str, folder: Path, *, focal: str, partner: str = "", issue: str = "the shock") -> Path:
    """Write a valid case with two actors, one issue and tables without rows into ``folder``/``name``.

    ``focal`` and ``partner`` are ids: three capital letters are the code of a state, anything else an organisation;
    ``issue`` is said in words. Raises InputError where an id or code is none, or the folder is there and not empty.
    """
    wrong = [(field, value) for field, value in (("focal", focal), ("partner", partner or "x")) if not _an_id(value)]
    if wrong:
        raise InputError([Problem("", field, value, AN_ID) for field, value in wrong])
    target = _free(name, folder)
    source = f"judged:the analyst-{date.today()}: sets up the case"
    actors = [_actor(code, source) for code in dict.fromkeys((focal, partner)) if code]
    files = {"case.yaml": _structure(name, focal, partner, issue)}
    files["actors.csv"] = _table("actors", actors)
    files["issues.csv"] = _table("issues", [{"id": "shock", "name": issue, "source": source}])
    files |= {f"{table}.csv": _table(table, ()) for table in STARTED}
    save_all(target, files)
    return target


def _free(name: str, folder: Path) -> Path:
    """The new case's folder, where the name is good and nothing stands there yet."""
    if not _an_id(name) or "/" in name:
        raise InputError([Problem("", "name", name, AN_ID.replace(" /", "").replace(" +", ""))])
    if name in built_in():
        raise InputError([Problem("", "name", name, "a name that no built-in case has")])
    target = folder / name
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError([Problem("", "name", str(target), "a folder that is not there yet, or is empty")])
    return target


def _an_id(text: str) -> bool:
    return IDENTIFIER.match(text) is not None


def _actor(code: str, source: str) -> dict[str, str]:
    if len(code) == 3 and code.isupper():
        return {"id": code, "name": state(code).name, "kind": "state", "iso3": code, "source": source}
    return {"id": code, "name": code, "kind": "organisation", "source": source}


def _structure(name: str, focal: str, partner: str, issue: str) -> bytes:
    question = f"Where does {focal} stand on {issue}, and what would tip it?"
    lines = [
        "# The structure of the case. Each table is a CSV file beside this one; `realpolitik schema TABLE` lists its columns.",
        f"name: {name}",
        f"title: {json.dumps(f'{focal} and {issue}', ensure_ascii=False)}",
        f"question: {json.dumps(question, ensure_ascii=False)}",
        f"focal: {focal}",
        *([f"partner: {partner}"] if partner else []),
        "issue: shock",
        "",
    ]
    return "\n".join(lines).encode()


def _table(table: str, rows: Iterable[dict[str, str]]) -> bytes:
    kind = find_kind(table)
    if kind is None:
        raise LookupError(table)
    made = list(rows)
    names = [name for name in columns(kind) if not made or any(name in row for row in made)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return text.getvalue().encode()


def _model() -> dict[str, bytes]:
    root = BUILT_IN / MODEL
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def _named(path: str, content: bytes, name: str) -> bytes:
    if path != "case.yaml":
        return content
    text = re.sub(rf"^name: {MODEL}", f"name: {name}", content.decode(), count=1, flags=re.M)
    return text.replace("(teaching case:", "(copied from the teaching case:").encode()
