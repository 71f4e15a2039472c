"""The course of what a brief asks about: in how many readings each way holds, what would break it, what carries it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from realpolitik.case import Case
from realpolitik.case.row import Row
from realpolitik.findings import Finding
from realpolitik.findings.brief import WHOLE, Block, Bullets, Cell, Closed, Grid, Paragraph, Part, Parts
from realpolitik.terms import Span, parse_sources

from .cells import cell_at, linked, lookup
from .readings import BREAKS, CARRIES, MOST, READINGS, TAKES, outcome, variants

if TYPE_CHECKING:
    from .plan import Material

Known = list[tuple[str, str, Finding]]  #: each coder with the name and the finding of the scenarios


def factor_name(case: Case, id: str) -> str:
    """A factor's name, or its id where it has none."""
    return next((str(getattr(row, "name", id)) for row in case.tables.get("factors", ()) if row.id == id), id)


def course(material: Material, known: Known) -> list[Block]:
    """The answer: which ways are open to which coder, and for each coder in how many readings some scenario has each."""
    asked = outcome(material.case)
    ways = [v for f, _, v in variants(material.case) if f == asked]
    blocks: list[Block] = [Paragraph((_headline(material, known, asked, ways),), tone="question")]
    for holder, name, finding in known:
        said = _in_readings(material, holder, asked, ways)
        judged = _as_judged(name, finding, asked, ways)
        blocks.append(
            Paragraph((*said, *judged, *_ranged(material, holder)), label=_capital(material.case.label(holder)))
        )
    blocks.append(Paragraph((WARNING,), tone="small"))
    return blocks


def _headline(material: Material, known: Known, factor: str, ways: list[str]) -> str:
    """Which ways are open in some reading of every coder, of some, and of none."""
    held = {
        way: [
            with_scenario(finding) > 0
            for holder, _, _ in known
            if (finding := material.findings.get(f"readings.{holder}.{factor}.{way}")) is not None
        ]
        for way in ways
    }
    coders = {1: "the coder", 2: "both coders"}.get(len(known), "all coders")
    said = [
        (f"open in some reading of {coders}", [w for w, h in held.items() if h and all(h)]),
        (
            "open in some reading of one coder and none of another",
            [w for w, h in held.items() if any(h) and not all(h)],
        ),
        (
            f"in no reading of {'the' if len(known) == 1 else 'any'} coder",
            [w for w, h in held.items() if h and not any(h)],
        ),
    ]
    told = [f"{_listed(found)} {'is' if len(found) == 1 else 'are'} {words}" for words, found in said if found]
    return f"{_capital(factor_name(material.case, factor))}: {'; '.join(told)}."


def _listed(ways: list[str]) -> str:
    quoted = [f"“{way}”" for way in ways]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _ranged(material: Material, holder: str) -> list[Part]:
    """How many judged cells vary at all."""
    from realpolitik.methods.scenarios import cross_impact

    for name, finding in of_coder(material, holder):
        cells = cross_impact(material.case, holder=holder).judgements
        vary = sum(j.low is not None or j.high is not None for j in cells)
        if not vary:
            return []
        ranged, every = (Cell(name, WHOLE, finding.answer, shown=f"{number:,}") for number in (vary, len(cells)))
        return [
            " ",
            ranged,
            " of ",
            every,
            " judged cells have a range and vary; the others stay as judged in every reading.",
        ]
    return []


WARNING = (
    "These counts measure the judgements: how much hangs on their exact strength. They are not odds of what will happen, "
    "and shares of readings are not likelihoods. A reading can have scenarios of several kinds, so the counts overlap."
)


def _in_readings(material: Material, holder: str, factor: str, ways: list[str]) -> list[Part]:
    """In k of n readings some scenario has each way."""
    parts: list[Part] = []
    for way in ways:
        name = f"readings.{holder}.{factor}.{way}"
        finding = material.findings.get(name)
        if finding is None:
            continue
        held = Cell(name, WHOLE, finding.answer, shown=f"{with_scenario(finding):,}")
        drawn = Cell(name, WHOLE, finding.answer, shown=f"{finding.parameters['draws']:,}")
        verb = ("some scenario has “", way, "”") if not parts else ("“", way, "”")
        parts += [", in " if parts else "In ", held, *((" of ", drawn, " readings ") if not parts else (" ",)), *verb]
    return [*parts, ". "] if parts else parts


def with_scenario(finding: Finding) -> int:
    """In how many readings there is a scenario at all."""
    sizes = finding.tables["sizes"]
    return int(sizes.filter(sizes["scenarios"] > 0)["readings"].sum())


def _as_judged(name: str, finding: Finding, factor: str, ways: list[str]) -> list[Part]:
    """How many of the scenarios at the values as judged have each way, and whether all are known."""
    found = finding.table[factor].to_list() if factor in finding.table.columns else []
    parts: list[Part] = ["As judged: "]
    for way in ways:
        count = Cell(name, WHOLE, finding.answer, shown=f"{found.count(way)} of {len(found)}")
        parts += [", " if len(parts) > 1 else "", "“", way, "” in ", count]
    parts.append(" scenarios. ")
    if finding.complete:
        return [*parts, "The list of scenarios is complete: every combination was searched."]
    return [*parts, *linked(finding.caveats[0] if finding.caveats else "The list is limited.", name, finding)]


def breaks(material: Material, known: Known) -> list[Block]:
    """How many points of judgement break each way that holds, and how many it takes for one that does not."""
    case, asked = material.case, outcome(material.case)
    items: list[Parts] = []
    for holder, _, _ in known:
        for factor, _, way in variants(case):
            if factor != asked:
                continue
            items += _broken(material, holder, asked, way)
            items += _taken(material, holder, asked, way)
    return [Bullets(tuple(items), "What would break it")] if items else []


def _broken(material: Material, holder: str, factor: str, way: str) -> Iterator[Parts]:
    """When the way gives way in the scenario that the judgements support most, and where that scenario is weakest."""
    name = f"breaks.{holder}.{factor}.{way}"
    finding = material.findings.get(name)
    if finding is None or finding.method != BREAKS or factor not in finding.table["descriptor"].to_list():
        return
    own = finding.table["descriptor"].to_list().index(factor)
    said = f"{_capital(material.case.label(holder))}, “{way}”, in the scenario that the judgements support most: "
    parts: list[Part] = [said, *_gives_way(material.case, name, finding, own)]
    if own:
        parts += ["; the scenario as a whole breaks sooner, where ", *_gives_way(material.case, name, finding, 0)]
    yield (*parts, ".")


def _gives_way(case: Case, name: str, finding: Finding, row: int) -> Parts:
    record = finding.table.row(row, named=True)
    points = cell_at(name, finding, "", "points", row, f"{record['points']:g}")
    turn = " point of judgement turns " if record["points"] == 1 else " points of judgement turn "
    return (points, f"{turn}{factor_name(case, record['descriptor'])} to “{record['rival']}”")


def _taken(material: Material, holder: str, factor: str, way: str) -> Iterator[Parts]:
    """What it would take for a way that no scenario has."""
    name = f"takes.{holder}.{factor}.{way}"
    finding = material.findings.get(name)
    if finding is None or finding.method != TAKES or finding.table.is_empty():
        return
    said = f"{_capital(material.case.label(holder))}, “{way}”: in no scenario as judged; it would take "
    yield (said, *points_of(name, finding), *_where(material.case, name, finding), ".")


def points_of(name: str, finding: Finding) -> Parts:
    """The least points of judgement of a finding about what it would take."""
    least = finding.table["_points"][0]
    return (
        cell_at(name, finding, "", "_points", 0, f"{least:g}"),
        " point" if least == 1 else " points",
        " of judgement",
    )


def _where(case: Case, name: str, finding: Finding) -> Parts:
    """Which factors' balances have to be moved."""
    repairs = finding.tables["repairs"]
    parts: list[Part] = []
    for row, record in enumerate(repairs.iter_rows(named=True)):
        points = cell_at(name, finding, "repairs", "points", row, f"{record['points']:g}")
        parts += [
            ", " if parts else " (",
            points,
            f" on {factor_name(case, record['descriptor'])}, toward “{record['variant']}”",
        ]
    return (*parts, ")") if parts else ()


def carries(material: Material) -> list[Block]:
    """The passages without which a conclusion would change: about the outcome first, then about other factors."""
    blocks: list[Block] = []
    asked = outcome(material.case)
    for name, finding in material.findings.items():
        if finding.method != CARRIES:
            continue
        label = material.case.label(str(finding.parameters.get("holder") or ""))
        own, other = _passages(finding, asked)
        blocks.append(Paragraph((), label=f"What carries it ({label})"))
        if own:
            blocks += _grouped(material, name, finding, own)
        else:
            blocks.append(Paragraph(("No single passage: leaving any one out changes nothing about it.",)))
        if other:
            title = f"Passages that change a conclusion about another factor ({label})"
            blocks.append(Closed(title, tuple(_grouped(material, name, finding, other))))
    return blocks


Groups = dict[tuple[str, ...], list[int]]  #: rows of passages by what changes without them


def _passages(finding: Finding, factor: str) -> tuple[Groups, Groups]:
    """The passages that change a conclusion about a factor, and those that change others only."""
    own: Groups = {}
    other: Groups = {}
    for row, record in enumerate(finding.table.iter_rows(named=True)):
        if not record["moves"] or record["unit"] != "sentence" or record["name"].startswith("judged:"):
            continue
        about = tuple(c for c in record["changed"] if c.startswith(f"{factor} = "))
        (own if about else other).setdefault(about or tuple(record["changed"]), []).append(row)
    return own, other


def _grouped(material: Material, name: str, finding: Finding, groups: Groups) -> list[Block]:
    """What changes, then the passages of which any one is enough."""
    blocks: list[Block] = []
    for changed, rows in groups.items():
        any_of = "Without this passage, " if len(rows) == 1 else "Without any one of these passages, "
        told = cell_at(name, finding, "", "changed", rows[0], _changes(material.case, changed))
        blocks.append(Paragraph((any_of, told, ".")))
        blocks.append(Bullets(tuple(_passage(material, name, finding, row) for row in rows[:MOST])))
    return blocks


def _changes(case: Case, changed: tuple[str, ...]) -> str:
    """What each conclusion turns into, by factor.

    "ties = distancing: in none, now in some" becomes
    "tie of Iran and Russia: “distancing” in some scenarios (as judged: in none)".
    """
    by_factor: dict[str, list[str]] = {}
    for line in changed:
        factor, _, rest = line.partition(" = ")
        variant, _, words = rest.rpartition(": ")
        before, _, now = words.partition(", now ")
        by_factor.setdefault(factor, []).append(f"“{variant}” {HOLDS.get(now, now)} (as judged: {before})")
    return "; ".join(f"{factor_name(case, factor)}: {', '.join(told)}" for factor, told in by_factor.items())


HOLDS = {
    "in all": "in all scenarios",
    "in some": "in some scenarios",
    "in none": "in no scenario",
    "no scenario": "nowhere, as no scenario is left",
}


def _passage(material: Material, name: str, finding: Finding, row: int) -> Parts:
    """A passage in its own words where a copy is attached, and the judgements that rest on it."""
    case, source = material.case, finding.table["name"][row]
    quoted = cell_at(name, finding, "", "name", row, _quoted(case, source))
    parts: list[Part] = [replace(quoted, theirs=True)]
    for i, judged in enumerate(_resting(case, str(finding.parameters.get("holder") or ""), source)):
        parts += [", " if i else ", read for ", _judgement_cell(material, judged)]
    return (*parts, ".")


def _quoted(case: Case, source: str) -> str:
    """The passage, or where it stands when no copy of the document is attached."""
    found = parse_sources(source)
    if not found or not isinstance(found[0], Span):
        return source
    span = found[0]
    document = case.evidence.documents.get(span.document)
    passage = document.text(span) if document else None
    return (
        f"“{' '.join(passage.split())}” ({span.document})"
        if passage
        else f"{span.document}, characters {span.start} to {span.end}"
    )


def _resting(case: Case, holder: str, source: str) -> list[Row]:
    """One judgement for each block that a coder read from a passage."""
    found = parse_sources(source)
    wanted = found[0] if found and isinstance(found[0], Span) else None
    blocks: dict[tuple[str, str], Row] = {}
    for row in case.tables.get("impacts", ()):
        if row.holder == holder and any(_within(s, wanted, source) for s in parse_sources(row.source)):
            blocks.setdefault((str(getattr(row, "factor", "")), str(getattr(row, "on", ""))), row)
    return list(blocks.values())


def _within(source: Any, span: Span | None, text: str) -> bool:
    if isinstance(source, Span) and span is not None:
        return source.document == span.document and span.start <= source.start and source.end <= span.end
    return str(source) == text


def _judgement_cell(material: Material, row: Row) -> Cell:
    case = material.case
    name = f"coded.{row.table}"
    by, on = (factor_name(case, str(getattr(row, field, ""))) for field in ("factor", "on"))
    shown = f"the effect of {by} on {on}"
    says = lookup(material.findings[name]).row("", {"id": row.id})["says"]
    return Cell(name, "says", says, {"id": row.id}, shown=shown, theirs=True)


def all_factors(material: Material, known: Known) -> Closed:
    """For every variant: how many scenarios as judged have it, and the mean share of the readings' scenarios that do."""
    head = ["Factor", "Variant"]
    for holder, _, _ in known:
        label = material.case.label(holder)
        head += [f"{label}: in scenarios as judged", f"{label}: mean share of a reading’s scenarios"]
    rows = []
    for factor, name, variant in variants(material.case):
        line: list[Parts] = [(name,), (variant,)]
        for holder, solved_name, finding in known:
            found = finding.table[factor].to_list() if factor in finding.table.columns else []
            count = Cell(solved_name, WHOLE, finding.answer, shown=f"{found.count(variant)} of {len(found)}")
            line += [(count,), _share(material, holder, factor, variant)]
        rows.append(tuple(line))
    grid = Grid(tuple(head), tuple(rows), "Every variant of every factor, by coder")
    return Closed("All factors, variant by variant", (Paragraph((WARNING,), tone="small"), grid))


def _share(material: Material, holder: str, factor: str, variant: str) -> Parts:
    for name, finding in of_coder(material, holder):
        frame = finding.tables["marginals"]
        for row, pair in enumerate(frame.select("descriptor", "variant").iter_rows()):
            if pair == (factor, variant):
                return (cell_at(name, finding, "marginals", "share", row),)
    return ("–",)


def of_coder(material: Material, holder: str) -> Iterator[tuple[str, Finding]]:
    """The readings of a coder's judgements under no condition."""
    for name, finding in material.findings.items():
        own = (finding.parameters.get("holder") or "") == holder
        if finding.method == READINGS and own and not finding.parameters.get("given"):
            yield name, finding


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
