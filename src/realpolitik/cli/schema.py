"""Print what a case's files may hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import Json, emit, say


def schema(
    file: Annotated[str, typer.Argument(help="case.yaml or a table such as positions; all of them without it.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write one .schema.json file each into this folder.")
    ] = None,
    json: Json = False,
) -> None:
    """List what case.yaml or a table may hold; with --json or --out, its JSON Schema or Table Schema."""
    import json as text

    from realpolitik.case.schema import schema as all_schemas
    from realpolitik.case.schema import structure_schema, table_schema

    name = file.removesuffix(".csv")
    if not file:
        found = all_schemas()
    else:
        found = {file: structure_schema() if name in ("case", "case.yaml") else table_schema(name)}
    if out is None and json:
        emit(found[file] if file else found)
        return
    if out is None:
        _show(found, one=bool(file))
        return
    out.mkdir(parents=True, exist_ok=True)
    for name, content in found.items():
        (out / f"{name}.schema.json").write_text(text.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    say(f"{len(found)} schemas in {out}")


def _show(found: Mapping[str, Any], *, one: bool) -> None:
    if not one:
        for name, content in found.items():
            say(f"{name:<18} {_first_line(content['description'])}")
        say("the columns of one: realpolitik schema positions")
        return
    content = next(iter(found.values()))
    say(_first_line(content["description"]))
    if "fields" in content:
        listed = [(field["name"], field["description"]) for field in content["fields"]]
    else:
        must = content.get("required", ())
        listed = [
            (name, ("required; " if name in must else "") + entry.get("description", ""))
            for name, entry in content["properties"].items()
        ]
    width = max(len(name) for name, _ in listed)
    for name, said in listed:
        say(f"  {name:<{width}}  {said}")


def _first_line(words: str) -> str:
    return (words.strip().splitlines() or [""])[0]
