"""The data sets that can be used, and where their files belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .output import Json, emit, note, say

if TYPE_CHECKING:
    from realpolitik.evidence.known_data import DataSet


def data(
    name: Annotated[str, typer.Argument(help="One data set; all of them without it.")] = "",
    get: Annotated[
        str, typer.Option("--get", metavar="URL", help="Fetch the file from this address and keep it.")
    ] = "",
    sha256: Annotated[
        str, typer.Option("--sha256", metavar="HEX", help="The digest that the fetched file must have.")
    ] = "",
    json: Json = False,
) -> None:
    """List the data sets with licence, version and citation; say where each file belongs; fetch one."""
    from realpolitik.evidence.attached import data_folder
    from realpolitik.evidence.download import fetch
    from realpolitik.evidence.known_data import KNOWN
    from realpolitik.terms import InputError, Problem, nearest

    names = [d.name for d in KNOWN]
    if name and name not in names:
        raise InputError([Problem("", "data set", name, "one of " + ", ".join(names), nearest=nearest(name, names))])
    folder = data_folder() / "sets"
    chosen = [d for d in KNOWN if not name or d.name == name]
    address = get or (chosen[0].url if name else "")
    if get and not name:
        raise InputError("name the data set that --get is for")
    if name and address and (get or not (folder / chosen[0].file).exists()):
        path = fetch(address, folder / chosen[0].file, sha256=sha256 or chosen[0].sha256)
        note(f"kept as {path}")
    if json:
        emit([{**vars_of(d), "path": str(folder / d.file), "present": (folder / d.file).exists()} for d in chosen])
        return
    for d in chosen:
        there = "here" if (folder / d.file).exists() else f"not here: {_how(d)}place it by hand at {folder / d.file}"
        say(
            f"{d.name} ({d.version}): {d.holds}\n  licence: {d.licence}\n  cite: {d.citation}\n  read by: {d.reads}\n  {there}"
        )


def vars_of(dataset: object) -> dict[str, str]:
    """A data set's fields by name."""
    from dataclasses import asdict

    return asdict(dataset)  # type: ignore[call-overload,no-any-return]


def _how(d: DataSet) -> str:
    fetched = f"`realpolitik data {d.name}` fetches it, or " if d.url else ""
    return f"{fetched}take it from {d.home} and "
