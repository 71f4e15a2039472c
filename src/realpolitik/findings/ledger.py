"""The ledger: forecasts sealed before the act, and what became of them, in an append-only folder that anybody can verify."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from realpolitik.terms import InputError, Problem, frame_digest

from .finding import Finding
from .store import load_finding

if TYPE_CHECKING:
    import polars as pl

OUTCOMES = ("yes", "abstain", "no", "absent")
RECORD = "record.json"
DIGEST = "record.json.sha256"
#: What may become of a draft other than a recorded vote, and why none of these can be graded.
FATES: Mapping[str, str] = {
    "failed": "the draft failed: members' votes are not in the record",
    "withdrawn": "the draft was withdrawn",
    "consensus": "adopted without a vote",
}


@dataclass(frozen=True)
class Sealed:
    """One sealed forecast: what it is about, what would resolve it, and the digests that let anybody check it.

    ``previous`` is the SHA-256 of the record before it, so the digest of the last record (the ledger's head) stands for
    everything before it. Whoever can write the folder can write all of it anew: only a head that was published where its
    owner cannot change it shows that, by ``verify(ledger, head)``.
    """

    number: int
    resolution: str  #: symbol of the draft
    title: str
    date: str  #: day on which the vote was expected
    sealed: str  #: day of sealing, ISO 8601
    as_of: str  #: knowledge date of the forecast
    known: Mapping[str, str]  #: votes that it was told, sponsors' among them
    resolves: str  #: the rule by which the outcome will be read
    finding: str  #: digest of the forecast
    inputs: Mapping[str, str]
    sessions: Mapping[str, str]  #: digest of what was read of each session, to say which of them was corrected later
    baselines: Mapping[str, str]  #: digest of each baseline's table
    previous: str
    kind: str = "forecast"  #: or ``text and sponsors only`` where the draft has no predecessor
    entry: str = "forecast"


@dataclass(frozen=True)
class Outcome:
    """What became of one sealed draft; a later entry for the same forecast corrects an earlier one, which stays."""

    number: int
    of: int  #: number of the sealed forecast
    became: str  #: symbol under which the record of votes has it, or one of ``FATES``
    day: str
    source: str
    entered: str
    previous: str
    entry: str = "outcome"


def seal(
    finding: Finding,
    ledger: Path,
    *,
    resolution: str,
    resolves: str,
    baselines: Mapping[str, pl.DataFrame],
    today: date,
    sessions: Mapping[str, str] | None = None,
) -> Sealed:
    """Write a forecast into the ledger as its next record; nothing that stands there is touched.

    Title, day of the vote, knowledge date and announced votes are the forecast's own. Raises InputError where the finding is
    no forecast of a vote after ``today``, a baseline is about other members, the same forecast was sealed before, or the
    ledger's chain is broken.
    """
    _check_forecast(finding, baselines, today)
    ledger.mkdir(parents=True, exist_ok=True)
    previous, number = _end(ledger)
    if any(r.finding == finding.digest for _, r in forecasts(ledger)):
        raise InputError(f"{resolution}: this very forecast is in the ledger already")
    record = Sealed(
        number=number,
        resolution=resolution,
        sealed=today.isoformat(),
        resolves=resolves,
        sessions=dict(sessions or {}),
        baselines={name: frame_digest(frame) for name, frame in baselines.items()},
        previous=previous,
        **_said(finding),
    )

    def fill(work: Path) -> None:
        finding.save(work / "finding")
        for name, frame in baselines.items():
            frame.write_csv(work / _csv(name))

    _append(ledger, record, resolution, fill)
    return record


def resolve(ledger: Path, number: int, *, became: str, day: str, source: str, today: date) -> Outcome:
    """Enter what became of a sealed draft: the symbol under which it was voted on, or failed, withdrawn or consensus.

    Raises InputError where there is no such forecast, the day is not a past one, the source is empty, or the chain is broken.
    """
    _check_outcome(ledger, number, became, day, source, today)
    previous, place = _end(ledger)
    record = Outcome(place, number, became.strip(), day, source.strip(), today.isoformat(), previous)
    _append(ledger, record, f"outcome of {number:04d}", lambda work: None)
    return record


def _said(finding: Finding) -> dict[str, Any]:
    """What a record repeats of its forecast."""
    target = finding.parameters["resolution"]
    return {
        "title": target.title,
        "date": str(target.date),
        "as_of": str(finding.parameters["as_of"]),
        "known": dict.fromkeys(target.sponsors, "yes") | dict(finding.parameters.get("known") or {}),
        "finding": finding.digest,
        "inputs": dict(finding.inputs),
        "kind": _kind(finding),
    }


def _kind(finding: Finding) -> str:
    earlier = finding.tables.get("precedents")
    return "text and sponsors only" if earlier is not None and not earlier["version"].any() else "forecast"


def _check_forecast(finding: Finding, baselines: Mapping[str, pl.DataFrame], today: date) -> None:
    missing = [column for column in ("state", *OUTCOMES) if column not in finding.table.columns]
    target: Any = finding.parameters.get("resolution")
    if missing:
        raise InputError(
            [Problem(finding.method, "table", ", ".join(finding.table.columns), f"columns {', '.join(missing)}")]
        )
    if not hasattr(target, "sponsors"):
        raise InputError([Problem(finding.method, "resolution", str(target), "a draft with its title and day")])
    as_of, day, now = str(finding.parameters["as_of"]), str(target.date), today.isoformat()
    problems = _other_members(finding, baselines)
    if as_of > now:
        problems.append(Problem("", "as_of", as_of, f"a day up to today, {now}"))
    if day <= now:
        problems.append(Problem("", "date", day, f"the day of a vote to come, after {now}"))
    if problems:
        raise InputError(problems)


def _other_members(finding: Finding, baselines: Mapping[str, pl.DataFrame], file: str = "") -> list[Problem]:
    """No forecast leaves out members that it fears: it names those that the simple rules name."""
    own = set(finding.table["state"])
    differ = {name: sorted(own ^ set(frame["state"])) for name, frame in baselines.items()}
    return [
        Problem(file, f"baseline {name}", ", ".join(states), "the members that the forecast names")
        for name, states in differ.items()
        if states
    ]


def _check_outcome(ledger: Path, number: int, became: str, day: str, source: str, today: date) -> None:
    known = [record.number for _, record in forecasts(ledger)]
    problems = []
    if number not in known:
        problems.append(
            Problem("", "number", str(number), f"a sealed forecast: {', '.join(map(str, known)) or 'none'}")
        )
    if not became.strip():
        problems.append(Problem("", "became", became, f"the symbol of the roll call, or {', '.join(FATES)}"))
    if not _is_day(day) or day > today.isoformat():
        problems.append(Problem("", "day", day, f"a day up to today, {today}, as YYYY-MM-DD"))
    if not source.strip():
        problems.append(Problem("", "source", source, "where this can be read"))
    if problems:
        raise InputError(problems)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _append(ledger: Path, record: Sealed | Outcome, name: str, fill: Callable[[Path], None]) -> None:
    """The record is made whole under another name and then renamed; a name that exists is never replaced."""
    work = Path(tempfile.mkdtemp(dir=ledger, prefix=".sealing-"))
    try:
        fill(work)
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        (work / RECORD).write_bytes(text.encode())
        (work / DIGEST).write_text(f"{_hash(work / RECORD)}  {RECORD}\n", "ascii")
        work.chmod(0o755)
        os.rename(work, ledger / f"{record.number:04d}-{_slug(name)}")
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def folders(ledger: Path) -> list[Path]:
    """The ledger's records in order; unfinished work is passed over."""
    found = [p for p in ledger.iterdir() if p.is_dir() and re.match(r"\d{4,}-", p.name)] if ledger.is_dir() else []
    return sorted(found, key=lambda p: (int(p.name.partition("-")[0]), p.name))


def entries(ledger: Path) -> list[tuple[Path, Sealed | Outcome]]:
    """Every record in order, with its folder; InputError names those that cannot be read."""
    found, problems = [], []
    for folder in folders(ledger):
        try:
            found.append((folder, _read(folder)))
        except (OSError, ValueError) as error:
            problems.append(Problem(folder.name, RECORD, str(error), "a record of the ledger"))
    if problems:
        raise InputError(problems)
    return found


def forecasts(ledger: Path) -> list[tuple[Path, Sealed]]:
    """The sealed forecasts in order, each with its folder."""
    return [(folder, record) for folder, record in entries(ledger) if isinstance(record, Sealed)]


def resolved(ledger: Path) -> dict[int, Outcome]:
    """What became of the sealed drafts, by number of the forecast: the last entry for each."""
    return {record.of: record for _, record in entries(ledger) if isinstance(record, Outcome)}


def head(ledger: Path) -> str:
    """SHA-256 of the last record, which stands for the whole ledger; empty where there is none."""
    there = folders(ledger)
    return _hash(there[-1] / RECORD) if there else ""


def _read(folder: Path) -> Sealed | Outcome:
    data = json.loads((folder / RECORD).read_text("utf-8"))
    kind = {"forecast": Sealed, "outcome": Outcome}.get(str(data.get("entry")) if isinstance(data, dict) else "")
    if kind is None:
        raise ValueError("neither a forecast nor an outcome")
    needed = {f.name for f in fields(kind) if f.default is MISSING}
    strange = sorted((needed - set(data)) | (set(data) - {f.name for f in fields(kind)}))
    wrong = [
        f"{f.name} {data[f.name]!r}" for f in fields(kind) if f.name in data and not _fits(data[f.name], str(f.type))
    ]
    if strange or wrong:
        raise ValueError("; ".join([*(f"field {name} missing or unknown" for name in strange), *wrong]))
    return kind(**data)


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("Mapping"):
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    return type(value).__name__ == kind


def _end(ledger: Path) -> tuple[str, int]:
    """The digest that the next record repeats, and its number; InputError where the chain is broken."""
    problems = _check_chain(ledger)
    if problems:
        raise InputError(problems)
    return head(ledger), len(folders(ledger)) + 1


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(ledger: Path, published: str = "") -> list[Problem]:
    """Everything that is wrong with a ledger: changed, missing or reordered records, forecasts that no longer match theirs.

    ``published`` is a head of this ledger that was made public earlier: a ledger that was cut short or written anew since
    does not hold it. An empty ledger is a problem.
    """
    there = folders(ledger)
    if not there:
        return [Problem(str(ledger), "", "no record", "a ledger with at least one sealed forecast")]
    problems, sealed = _check_chain(ledger), set[int]()
    for folder in there:
        try:
            record = _read(folder)
            problems += (
                _check_sealed(folder, record) if isinstance(record, Sealed) else _check_of(folder, record, sealed)
            )
            sealed |= {record.number} if isinstance(record, Sealed) else set()
        except (OSError, ValueError, InputError) as error:
            problems.append(Problem(folder.name, RECORD, str(error).splitlines()[0], "a record of the ledger"))
    if published and published not in {_hash(f / RECORD) for f in there if (f / RECORD).exists()}:
        problems.append(
            Problem(str(ledger), "head", published, "the digest of a record: some were changed or taken out")
        )
    return problems


def _check_chain(ledger: Path) -> list[Problem]:
    """Numbers, digests and the digests of the records before, without a look at the forecasts."""
    found, previous = [], ""
    for place, folder in enumerate(folders(ledger), 1):
        own = _hash(folder / RECORD) if (folder / RECORD).exists() else ""
        kept = (folder / DIGEST).read_text("utf-8", "replace").split() if (folder / DIGEST).exists() else []
        if kept != [own, RECORD]:
            found.append(Problem(folder.name, RECORD, own, "the digest beside it: the record was changed"))
        try:
            found += _check_link(folder.name, _read(folder), place, previous)
        except (OSError, ValueError) as error:
            found.append(Problem(folder.name, RECORD, str(error), "a record of the ledger"))
        previous = own
    return found


def _check_link(name: str, record: Sealed | Outcome, place: int, previous: str) -> list[Problem]:
    found = []
    if record.number != place:
        found.append(Problem(name, "number", str(record.number), f"{place}: a record is missing or out of order"))
    if record.previous != previous:
        expected = f"{previous[:16] or 'empty'}: an earlier record was changed"
        found.append(Problem(name, "previous", record.previous[:16], expected))
    return found


def _check_sealed(folder: Path, record: Sealed) -> list[Problem]:
    finding = load_finding(folder / "finding")
    if not hasattr(finding.parameters.get("resolution"), "sponsors"):
        return [Problem(folder.name, "finding", finding.method, "the forecast of a draft")]
    found = [
        Problem(folder.name, name, str(getattr(record, name)), f"what the forecast says: {value}")
        for name, value in _said(finding).items()
        if getattr(record, name) != value
    ]
    if not record.as_of <= record.sealed < record.date:
        found.append(
            Problem(folder.name, "sealed", record.sealed, f"a day from {record.as_of} to before {record.date}")
        )
    return found + _check_baselines(folder, record, finding)


def _check_baselines(folder: Path, record: Sealed, finding: Finding) -> list[Problem]:
    names = {_csv(name): name for name in record.baselines}
    files = {path.name for path in folder.glob("baseline-*.csv")}
    found = [
        Problem(folder.name, name, "", "the record and the folder to name the same baselines")
        for name in sorted(set(names) ^ files)
    ]
    tables = {names[file]: baseline(folder, names[file]) for file in sorted(set(names) & files)}
    for name, frame in tables.items():
        if frame_digest(frame) != record.baselines[name]:
            expected = f"the table with digest {record.baselines[name][:16]}"
            found.append(Problem(folder.name, f"baseline {name}", "", expected))
    return found or _other_members(finding, tables, folder.name)


def _check_of(folder: Path, record: Outcome, sealed: set[int]) -> list[Problem]:
    found = []
    if record.of not in sealed:
        found.append(Problem(folder.name, "of", str(record.of), "the number of a forecast sealed before"))
    if not _is_day(record.day) or record.day > record.entered:
        found.append(Problem(folder.name, "day", record.day, f"a day up to {record.entered}"))
    return found


def baseline(folder: Path, rule: str) -> pl.DataFrame:
    """The sealed table of one simple rule; InputError where it cannot be read."""
    import polars as pl

    kinds = {"state": pl.String} | dict.fromkeys(OUTCOMES, pl.Float64)
    try:
        return pl.read_csv(folder / _csv(rule), schema_overrides=kinds)
    except (OSError, pl.exceptions.PolarsError) as error:
        expected = f"the table of a simple rule ({str(error).splitlines()[0]})"
        raise InputError([Problem(folder.name, f"baseline {rule}", "", expected)]) from error


def _csv(rule: str) -> str:
    return f"baseline-{_slug(rule)}.csv"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "record"
