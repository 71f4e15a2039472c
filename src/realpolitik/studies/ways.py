"""The ways from the present to every scenario of a brief, with the steps that would have to be pushed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from realpolitik.case import Case
from realpolitik.findings import Finding
from realpolitik.findings.brief import WHOLE, Block, Cell, Closed, Grid, Paragraph, Part, Parts

from .cells import cell_at
from .course import Known, factor_name
from .readings import PATHS, variants

if TYPE_CHECKING:
    from .plan import Material

SAID = (
    "One factor changes at a time. A step is free where the judgements pull the factor that way, given the rest, and has to be "
    "pushed where they do not; each way has the fewest pushes and, among those, the fewest steps. Scenarios are numbered as in "
    "their drawing; a pushed step is marked *."
)


def ways(material: Material, known: Known) -> list[Block]:
    """For each coder in how many scenarios the present ends by itself, and the way to each of them."""
    blocks: list[Block] = []
    for holder, _, solved in known:
        name = f"ways.{holder}"
        finding = material.findings.get(name)
        if finding is None or finding.method != PATHS or finding.table.is_empty():
            continue
        label = material.case.label(holder)
        free = finding.table["pushes"].to_list().count(0)
        counts = [Cell(name, WHOLE, finding.answer, shown=f"{number:,}") for number in (free, finding.table.height)]
        parts: list[Part] = [counts[0], " of ", counts[1], " scenarios can be reached from the present without a push."]
        parts += _open_start(material.case, finding)
        blocks += [
            Paragraph(tuple(parts), label=f"From the present ({label})"),
            Closed(f"The way to each scenario ({label})", (_grid(material.case, name, finding, solved),)),
        ]
    return [*blocks, Paragraph((SAID,), tone="small")] if blocks else []


def _grid(case: Case, name: str, finding: Finding, solved: Finding) -> Grid:
    numbers, steps = _numbers(solved), _steps(case, finding)
    lines: list[tuple[int, tuple[Parts, ...]]] = []
    for row, scenario in enumerate(finding.table["scenario"].to_list()):
        pushes, length = (cell_at(name, finding, "", column, row) for column in ("pushes", "steps"))
        way = steps.get(scenario, "the present itself")
        numbered = cell_at(name, finding, "", "scenario", row, shown=str(numbers[scenario]))
        lines.append((numbers[scenario], ((numbered,), (pushes,), (length,), (way,))))
    rows = tuple(line for _, line in sorted(lines, key=lambda pair: pair[0]))
    return Grid(("Scenario", "Pushes", "Steps", "The way"), rows, "From the present to every scenario")


def _open_start(case: Case, finding: Finding) -> list[Part]:
    """Which factors have no present, so that a way begins at whichever of their variants is nearest."""
    unsaid = [name for factor, name in _names(case).items() if factor not in finding.parameters["start"]]
    if not unsaid:
        return []
    return [
        f" No present is given for: {'; '.join(unsaid)}. Each way begins at whichever variants of these are nearest."
    ]


def _names(case: Case) -> dict[str, str]:
    return {factor: name for factor, name, _ in variants(case)}


def _numbers(solved: Finding) -> dict[str, int]:
    """The scenarios by their variants, as `ways_from_present` names them, with their rows in the table, from 1."""
    names = solved.table.select(solved.key).rows()
    return {" | ".join(variants): number for number, variants in enumerate(names, 1)}


def _steps(case: Case, finding: Finding) -> Mapping[str, str]:
    told: dict[str, list[str]] = {}
    for scenario, factor, to, pushed in (
        finding.tables["steps"].select("scenario", "descriptor", "to", "pushed").iter_rows()
    ):
        told.setdefault(scenario, []).append(f"{factor_name(case, factor)} to “{to}”{'*' if pushed else ''}")
    return {scenario: "; ".join(steps) for scenario, steps in told.items()}
