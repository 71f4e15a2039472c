"""Running methods by name on a case, and saying which could run and what the others lack."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realpolitik.case import Case
from realpolitik.findings import Finding, Method, load_finding, registered
from realpolitik.runner import cache_key, remember
from realpolitik.terms import InputError, Problem, nearest

from .coded import CODED
from .influence import INFLUENCE
from .record import ROLL_CALL
from .scored import SCORED
from .standing import STANDING
from .subjects import attached

if TYPE_CHECKING:
    import polars as pl

CaseLike = Case | str | Path
OWN = (CODED, INFLUENCE, ROLL_CALL, SCORED, STANDING)
QUICK = (CODED.name, ROLL_CALL.name, STANDING.name)  #: made sooner than read back


def as_case(case: CaseLike) -> Case:
    """The case itself, or the one read from a name or a folder."""
    if isinstance(case, Case):
        return case
    from realpolitik.case import read_case

    return read_case(case)


def cards() -> Mapping[str, Method]:
    """Every method that can be run by name, with those of this room."""
    return dict(sorted({**registered(), **{card.name: card for card in OWN}}.items()))


def run(case: CaseLike, method: str, /, **parameters: Any) -> Finding:
    """The finding of a method on a case, kept in the cache for next time.

    Parameters
    ----------
    case
        A case, a built-in name or a folder.
    method
        The method's full name (``decision.weigh_reasons``) or its last part where only one method has it.
    parameters
        Passed on to the method; ``as_of`` cuts the case first where the method does not take it.

    Raises InputError where there is no such method, the case lacks what it needs, or a parameter is unknown.

    >>> import realpolitik as rp
    >>> rp.run("iran-ukraine-2022", "studies.coded_rows", table="options").grade.value
    'coded'
    """
    read = as_case(case)
    card = find(method)
    card.subject_of(read)  # refuses what no case can run
    known = known_parameters(card)
    if "as_of" in parameters and "as_of" not in known:
        read = read.as_of(parameters.pop("as_of"))
    check_parameters(card, parameters)
    lacking = card.missing(read)
    if lacking:
        raise InputError(
            [Problem(f"{name}.csv", "rows", "", f"at least one row: {card.name} needs them") for name in lacking]
        )
    return kept(read, card, parameters)


def find(name: str) -> Method:
    """The card of a method by its full name, or by its last part where that is enough."""
    all_cards = cards()
    if name in all_cards:
        return all_cards[name]
    short = [full for full in all_cards if full.rpartition(".")[2] == name]
    if len(short) == 1:
        return all_cards[short[0]]
    expected = f"one of {', '.join(short)}" if short else "a registered method; `realpolitik methods` lists them"
    raise InputError(
        [
            Problem(
                "",
                "method",
                name,
                expected,
                nearest=nearest(name, [*all_cards, *(n.rpartition(".")[2] for n in all_cards)]),
            )
        ]
    )


def check_parameters(card: Method, given: Collection[str]) -> None:
    """One InputError that names every parameter the method does not know, and every one it cannot run without."""
    known = known_parameters(card)
    expected = "one of " + ", ".join(known)
    wrong = [Problem(card.name, "parameter", n, expected, nearest=nearest(n, known)) for n in given if n not in known]
    wrong += [
        Problem(card.name, "parameter", "", f"{name}: this method cannot run without it")
        for name in required_parameters(card)
        if name not in given
    ]
    if wrong:
        raise InputError(wrong)


def known_parameters(card: Method) -> tuple[str, ...]:
    """The names of a method's parameters, its subject left out."""
    import inspect

    return tuple(inspect.signature(card.load()).parameters)[1:]


def required_parameters(card: Method) -> tuple[str, ...]:
    """The names of a method's parameters that have no default."""
    import inspect

    signature = inspect.signature(card.load()).parameters
    return tuple(
        n for n in known_parameters(card) if n not in card.defaults and signature[n].default is inspect.Parameter.empty
    )


def kept(case: Case, card: Method, parameters: Mapping[str, Any]) -> Finding:
    """The finding from the cache, or made now and kept; its input is attached either way. What is quick is always made now."""
    if card.name in QUICK:
        quick: Finding = card.run(case, **parameters)
        return quick
    return kept_on(card.subject_of(case), card, parameters)


def kept_on(subject: Any, card: Method, parameters: Mapping[str, Any]) -> Finding:
    """The same for a method's own subject: a case or roll calls."""
    plain = {**card.defaults, **parameters}

    def load(folder: Path) -> Finding:
        return attached(load_finding(folder), subject, card)

    def make() -> Finding:
        made: Finding = card.load()(subject, **plain)
        return made

    inputs = case_digests(subject) if isinstance(subject, Case) else votes_digests(subject)
    key = cache_key(
        card.name, {**inputs, "code": code_digest(card.function)}, {"given": repr(sorted(plain.items(), key=str))}, None
    )
    found: Finding = remember(key, load, make)
    return found


@lru_cache(maxsize=8)
def votes_digests(votes: Any) -> dict[str, str]:
    """Digest of roll calls, and of what a knowledge date left out of them."""
    return {name: votes.digest_of(name) for name in ("recorded_votes", "roll_calls")} | {
        "dropped": repr(sorted(votes.dropped.items()))
    }


@lru_cache(maxsize=8)
def case_digests(case: Case) -> dict[str, str]:
    """Digest of everything that a method could read: all tables, the declared frame, the roll calls, attached files."""
    import hashlib

    tables = {name: case.digest_of(name) for name, rows in case.tables.items() if rows}
    frame = {
        "about": hashlib.sha256(repr(case.about).encode()).hexdigest(),
        "dropped": repr(sorted(case.dropped.items())),
    }
    votes = {name: case.digest_of(name) for name in ("recorded_votes", "roll_calls") if case.has(name)}
    further = {
        f"file:{name}": hashlib.sha256(text.encode()).hexdigest()
        for name, text in getattr(case, "attachments", {}).items()
    }
    return {**tables, **frame, **votes, **further}


@lru_cache(maxsize=256)
def code_digest(function: str) -> str:
    """Digest of the source of the method's own package, so that a changed method is run again."""
    import hashlib
    from importlib.util import find_spec

    spec = find_spec(function.partition(":")[0])
    found = hashlib.sha256()
    if spec and spec.origin:
        for path in sorted(Path(spec.origin).parent.rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()


def methods(case: CaseLike | None = None) -> pl.DataFrame:
    """Every method by name: its question, the systems it answers, and whether it can run on a case and what is missing.

    Columns method, question, systems, subject, runnable (null without a case), missing, parameters, literature.

    >>> import realpolitik as rp
    >>> "decision.weigh_reasons" in rp.methods("iran-ukraine-2022")["method"]
    True
    """
    import polars as pl

    read = None if case is None else as_case(case)
    rows = [_row(card, read) for card in cards().values()]
    schema: dict[str, Any] = {
        "method": pl.String, "question": pl.String, "systems": pl.List(pl.Int64), "subject": pl.String, "runnable": pl.Boolean,
        "missing": pl.List(pl.String), "parameters": pl.List(pl.String), "literature": pl.List(pl.String),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def _row(card: Method, case: Case | None) -> dict[str, Any]:
    missing = () if case is None else card.missing(case)
    return {
        "method": card.name,
        "question": card.question,
        "systems": list(card.systems),
        "subject": card.subject,
        "runnable": None if case is None else not missing,
        "missing": list(missing),
        "parameters": list(known_parameters(card)),
        "literature": list(card.literature),
    }
