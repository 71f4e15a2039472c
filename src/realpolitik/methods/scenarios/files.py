"""Reading and writing cross-impact models: ScenarioWizard's .scw, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from realpolitik.terms import InputError, Problem

from .model import CrossImpactModel, Descriptor, Forbidden, Judgement, build, cells_of
from .rows import Kind
from .scw import decode_scw, encode_scw

SUFFIXES = (".scw", ".json", ".csv")
COLUMNS = (
    "factor", "variant", "on", "on_variant", "value", "low", "high", "kind", "source", "note", "holder", "id", "name",
)  # fmt: skip
PRESENT, FORBIDDEN = "present", "forbidden"  #: kinds of a line without ``on``


def read_cross_impact(path: str | Path) -> CrossImpactModel:
    """A cross-impact model from a file: how strongly each variant of a factor promotes or hinders each other one.

    Parameters
    ----------
    path : a ScenarioWizard project (``.scw``), or ``.json`` or ``.csv`` as `write_cross_impact` writes them; a CSV
        may also be a plain matrix with the columns ``descriptor, variant`` and one per variant in the same order.

    Returns
    -------
    CrossImpactModel

    Raises
    ------
    InputError : lists everything that is wrong with the file, each with its line.
    """
    place = Path(path)
    if place.suffix.lower() not in SUFFIXES:
        raise InputError([Problem(place.name, "file name", place.suffix, "one of " + ", ".join(SUFFIXES))])
    data = place.read_bytes()
    if place.suffix.lower() == ".scw":
        return decode_scw(data, place.name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Problem(place.name, "encoding", f"byte {error.start}", "UTF-8")]) from error
    return decode_json(text, place.name) if place.suffix.lower() == ".json" else decode_csv(text, place.name)


def write_cross_impact(model: CrossImpactModel, path: str | Path) -> Path:
    """Writes a model as ``.scw``, ``.json`` or ``.csv``; what stood there before survives a failure.

    ``.json`` keeps all but colours and the comments of empty blocks; ``.csv`` also leaves out the notes of factors and
    of the model. ``.scw`` has no place for ranges, for stated or implied, or for what holds now.

    Raises
    ------
    InputError : the format cannot hold the model: a ``.scw`` ruled-out combinations, values that are not whole, or
        characters that Windows' Western code page lacks. Nothing is then written.
    """
    place = Path(path)
    encoders = {".scw": encode_scw, ".json": encode_json, ".csv": encode_csv}
    if place.suffix.lower() not in encoders:
        raise InputError([Problem(place.name, "file name", place.suffix, "one of " + ", ".join(SUFFIXES))])
    data = encoders[place.suffix.lower()](model)
    part = place.with_name(place.name + ".part")
    part.write_bytes(data)
    part.replace(place)
    return place


def encode_json(model: CrossImpactModel) -> bytes:
    """The model with all its evidence."""
    body = {
        "format": "realpolitik cross-impact 1",
        "name": model.name,
        "note": model.note,
        "holders": list(model.holders),
        "descriptors": [_plain(d) for d in model.descriptors],
        "judgements": [_plain(j) for j in model.judgements],
        "forbidden": [{"variants": dict(f.variants), "source": f.source} for f in model.forbidden],
    }
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


def _plain(item: Descriptor | Judgement) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value not in ("", None, ())}


def decode_json(text: str, file: str = "") -> CrossImpactModel:
    """A model from JSON as `encode_json` writes it, or from ``descriptors``, ``variants`` and ``matrix``.

    Names are texts, values numbers and variants lists of texts: nothing is turned into another type.
    """
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError([Problem(file, "JSON", error.msg, "well-formed JSON", line=error.lineno)]) from error
    if not isinstance(body, dict):
        raise InputError([Problem(file, "JSON", type(body).__name__, "an object")])
    try:
        return _from_json(body, file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        expected = "descriptors, judgements and forbidden as written by write_cross_impact, or a matrix"
        raise InputError([Problem(file, "JSON", f"{type(error).__name__}: {error}", expected)]) from error


def _from_json(body: Mapping[str, Any], file: str) -> CrossImpactModel:
    if "matrix" in body:
        pairs = zip(body["descriptors"], body["variants"], strict=True)
        named = [_made(Descriptor, {"id": d, "variants": v}) for d, v in pairs]
        return build(named, cells_of(named, body["matrix"]), file=file, name=str(body.get("name", "")))
    descriptors = [_made(Descriptor, d) for d in body["descriptors"]]
    judgements = [_made(Judgement, j) for j in body["judgements"]]
    forbidden = [_rule(f) for f in body.get("forbidden", ())]
    return build(descriptors, judgements, forbidden=forbidden, file=file, name=str(body.get("name", "")),
                 note=str(body.get("note", "")), holders=_texts("holders", body.get("holders", [])))  # fmt: skip


def _made(kind: Any, given: Mapping[str, Any]) -> Any:
    """A descriptor or judgement; TypeError or ValueError where a field has another type than it should."""
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name in ("variants", "long", "printed"):
            made[name] = _texts(name, value)
        elif name in ("value", "low", "high"):
            made[name] = _is(name, value, (int, float), "a number")
        else:
            made[name] = _is(name, value, str, "a text")
    return kind(**made | ({"kind": Kind(made["kind"])} if "kind" in made else {}))


def _rule(given: Mapping[str, Any]) -> Forbidden:
    pairs = tuple((d, _is(d, v, str, "a text")) for d, v in given["variants"].items())
    return Forbidden(pairs, _is("source", given.get("source", ""), str, "a text"))


def _texts(name: str, value: Any) -> tuple[str, ...]:
    return tuple(_is(name, text, str, "a list of texts") for text in _is(name, value, list, "a list of texts"))


def _is(name: str, value: Any, kind: Any, expected: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, not {expected}")
    return value


def encode_csv(model: CrossImpactModel) -> bytes:
    """One line per variant (its ``on`` empty), then one per judgement, then one per variant of a ruled-out combination.

    A variant's line has the factor's ``name`` and ``source``, the variant's long text as ``note`` and the kind "present"
    where it holds now. The lines of a ruled-out combination have the kind "forbidden" and its number as ``value``.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for d in model.descriptors:
        for v, text in zip(d.variants, d.long or ("",) * len(d.variants), strict=True):
            kind = PRESENT if v == d.present else ""
            writer.writerow(
                {"factor": d.id, "variant": v, "kind": kind, "source": d.source, "note": text, "name": d.name}
            )
    for j in model.judgements:
        writer.writerow({c: _number(x) for c, x in asdict(j).items() if x is not None})
    for number, rule in enumerate(model.forbidden, 1):
        for factor, v in rule.variants:
            writer.writerow({"factor": factor, "variant": v, "value": number, "kind": FORBIDDEN, "source": rule.source})
    return out.getvalue().encode()


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def decode_csv(text: str, file: str = "") -> CrossImpactModel:
    """A model from CSV: as `encode_csv` writes it, or a matrix headed ``descriptor, variant, ...``."""
    rows = list(csv.reader(io.StringIO(text)))
    head = [c.strip() for c in rows[0]] if rows else []
    if head[:2] == ["descriptor", "variant"]:
        return _from_matrix(rows[1:], file)
    missing = [c for c in COLUMNS[:5] if c not in head]
    if missing:
        expected = "the columns " + ", ".join(COLUMNS[:5]) + ", or descriptor, variant and a matrix"
        raise InputError([Problem(file, "header", ", ".join(head), expected, line=1)])
    return _from_list([dict(zip(head, row, strict=False)) for row in rows[1:]], file)


def _from_matrix(rows: list[list[str]], file: str) -> CrossImpactModel:
    named: dict[str, list[str]] = {}
    matrix: list[list[float]] = []
    problems: list[Problem] = []
    kept = [(number, row) for number, row in enumerate(rows, 2) if any(c.strip() for c in row)]
    for number, row in kept:
        name = row[0].strip()
        if name in named and name != next(reversed(named)):
            problems.append(Problem(file, "descriptor", name, "its lines one after another", line=number))
        named.setdefault(name, []).append(row[1].strip() if len(row) > 1 else "")
        cells = [_float(c, problems, file, number) for c in row[2:]]
        if len(cells) != len(kept):
            problems.append(Problem(file, "row", f"{len(cells)} numbers", f"{len(kept)}, one per variant", line=number))
        matrix.append(cells)
    if problems or not kept:
        raise InputError(problems or [Problem(file, "rows", "none", "one row per variant")])
    descriptors = [Descriptor(d, tuple(v)) for d, v in named.items()]
    return build(descriptors, cells_of(descriptors, matrix), file=file)


def _from_list(rows: list[dict[str, str]], file: str) -> CrossImpactModel:
    variants: list[dict[str, str]] = []
    judgements: list[Judgement] = []
    rules: dict[str, list[dict[str, str]]] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        if not any(v.strip() for v in row.values()):
            continue
        full = dict.fromkeys(COLUMNS, "") | row
        if full["on"]:
            judgements += _judged(full, number, problems, file)
        elif full["kind"] == FORBIDDEN:
            if not full["value"].strip():
                problems.append(Problem(file, "value", "", "the number of the ruled-out combination", line=number))
            rules.setdefault(full["value"], []).append(full)
        elif full["kind"] in ("", PRESENT):
            variants.append(full)
        else:
            expected = f"empty, {PRESENT} or {FORBIDDEN} in a line without on"
            problems.append(Problem(file, "kind", full["kind"], expected, line=number))
    if problems:
        raise InputError(problems)
    forbidden = [
        Forbidden(tuple((r["factor"], r["variant"]) for r in rule), rule[0]["source"]) for rule in rules.values()
    ]
    return build(_descriptors(variants), judgements, forbidden=forbidden, file=file)


def _judged(row: dict[str, str], line: int, problems: list[Problem], file: str) -> list[Judgement]:
    low, high = (_optional(row[c], problems, file, line) for c in ("low", "high"))
    value = _float(row["value"], problems, file, line)
    kind = row["kind"] or Kind.STATED
    if kind not in tuple(Kind):
        problems.append(Problem(file, "kind", kind, "one of " + ", ".join(Kind), line=line))
        return []
    cell = (row["factor"], row["variant"], row["on"], row["on_variant"])
    return [Judgement(*cell, value, low, high, Kind(kind), row["source"], row["note"], row["holder"], row["id"])]


def _descriptors(rows: list[dict[str, str]]) -> list[Descriptor]:
    """The factors from the lines of their variants."""
    by_factor: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_factor.setdefault(row["factor"], []).append(row)
    return [
        Descriptor(
            d,
            tuple(r["variant"] for r in lines),
            name=lines[0]["name"],
            present=next((r["variant"] for r in lines if r["kind"] == PRESENT), ""),
            long=tuple(r["note"] for r in lines) if any(r["note"] for r in lines) else (),
            source=lines[0]["source"],
        )
        for d, lines in by_factor.items()
    ]


def _optional(text: str, problems: list[Problem], file: str, line: int) -> float | None:
    return _float(text, problems, file, line) if text.strip() else None


def _float(text: str, problems: list[Problem], file: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        problems.append(Problem(file, "value", text, "a number", line=line))
        return 0.0
