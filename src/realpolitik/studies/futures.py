"""The futures of a brief: the course of the tie first, then the scenarios drawn, the authors' own forecasts and the base rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from realpolitik.case import Case
from realpolitik.case.tables import Claim, ClaimKind, Gap
from realpolitik.findings import Finding
from realpolitik.findings.brief import WHOLE, Block, Bullets, Cell, Chart, Closed, Paragraph, Part, Parts, Section
from realpolitik.terms import DataRef, parse_sources

from .cells import answer_parts, cell_at, linked
from .course import Known, all_factors, breaks, carries, course, factor_name, of_coder, points_of
from .panels import row_cell, with_holder
from .readings import AGREEMENT, TAKES, outcome, solved, variants
from .ways import ways

if TYPE_CHECKING:
    from .plan import Material

MOST_DRAWN = 60  #: scenarios that a tableau still shows
SYSTEM = "24"


def futures(material: Material) -> Section | None:
    """The section of the brief, or None where the case declares no factors."""
    known: Known = list(solved(material.findings))
    if not known:
        return None
    blocks: list[Block] = [
        *course(material, known),
        *breaks(material, known),
        *ways(material, known),
        *carries(material),
        *_agreement(material),
        *_constants(material),
        *_authors(material),
        *_base_rates(material),
        *_tableaux(material, known),
        all_factors(material, known),
        *_takes(material),
        *_limits(material, known),
    ]
    started = ("scenarios.", "takes.", "readings.", "breaks.", "ways.", "agreement")
    used = tuple(name for name in material.findings if name.startswith(started))
    return Section("futures", "If what, then what", tuple(blocks), findings=used)


def _agreement(material: Material) -> list[Block]:
    """How far the coders agree, on the cells and on the scenarios."""
    finding = material.findings.get("agreement")
    if finding is None or finding.method != AGREEMENT:
        return []
    frame = finding.tables["agreement"]
    at = {measure: row for row, measure in enumerate(frame["measure"].to_list())}

    def value(measure: str, form: str) -> Cell:
        row = at[measure]
        return cell_at("agreement", finding, "agreement", "value", row, format(frame["value"][row], form))

    parts: list[Part] = [
        "Over all cells that any of them judged, Krippendorff’s alpha is ", value("alpha", ".2f"), "; the sign is the same in ",
        value("same sign", ".0%"), " of them; ", value("blocks judged by all", ".0%"),
        " of the influences that any sees are seen by all. ", *_shared(finding), "Agreement shows that a text is read alike, not that it is right.",
    ]  # fmt: skip
    return [Paragraph(tuple(parts), label="Agreement of the coders")]


def _shared(finding: Finding) -> list[Part]:
    """How many of the scenarios that hold for some coder hold for all of them."""
    frame = finding.tables["futures"]
    rows = list(zip(*(frame[c] for c in frame.columns if c not in ("scenario", "pooled")), strict=True))
    both, either = (Cell("agreement", WHOLE, finding.answer, shown=f"{sum(map(rule, rows)):,}") for rule in (all, any))
    return [both, " of the ", either, " scenarios that hold for some coder hold for all. "]


def _constants(material: Material) -> list[Block]:
    """Factors with one variant: taken as given, and acting on whatever they touch."""
    rows = [row for row in material.case.tables.get("factors", ()) if len(getattr(row, "variants", ())) == 1]
    if not rows or "coded.factors" not in material.findings:
        return []
    parts: list[Part] = [
        "These have one variant only, act as a prior on all that they touch, and are never questioned: "
    ]
    for i, row in enumerate(rows):
        given = f"{getattr(row, 'name', row.id)} ({', '.join(getattr(row, 'variants', ()))})"
        parts += ["; " if i else "", Cell("coded.factors", "name", given, {"id": row.id}, shown=given, theirs=True)]
    return [Paragraph((*parts, "."), label="Taken as given")]


def _tableaux(material: Material, known: Known) -> list[Block]:
    """The scenarios of each coder where they are few enough to be read; what is the same in all is named once."""
    drawn = [one for one in known if 0 < one[2].table.height <= MOST_DRAWN]
    if not drawn:
        return []
    case, asked = material.case, outcome(material.case)
    moving: dict[str, list[str]] = {}
    always: list[str] = []
    for factor, name, variant in variants(case):
        found = {v for _, _, f in drawn if factor in f.table.columns for v in f.table[factor].to_list()}
        if len(found) > 1:
            moving.setdefault(factor, []).append(variant)
        elif variant in found:
            always.append(f"{name}, “{variant}”")
    said = "A line for each variant, a column for each scenario, a block where the scenario has the variant. "
    said += f"The same in every scenario, and not drawn: {'; '.join(always)}." if always else ""
    short = f"Short names: {'; '.join(f'{f} ({factor_name(case, f)})' for f in moving)}."
    charts = [
        Chart(
            name,
            f"The scenarios of the {case.label(holder)}",
            {"view": "tableau", "variants": moving, "first": asked},
        )
        for holder, name, _ in drawn
    ]
    return [Paragraph((said,), label="The scenarios, one by one"), *charts, Paragraph((short,), tone="small")]


def _takes(material: Material) -> list[Block]:
    """What it would take for the variants of other factors that no scenario has."""
    asked = outcome(material.case)
    items: list[Parts] = []
    for name, finding in material.findings.items():
        if finding.method == TAKES and finding.table.height:
            ((factor, variant),) = finding.parameters["outcome"].items()
            if factor == asked:
                continue
            holder = material.case.label(finding.parameters.get("holder") or "")
            said = f"{factor_name(material.case, factor)}, “{variant}” ({holder}): "
            items.append((said, *points_of(name, finding)))
    return (
        [Closed("Other factors: in no scenario as judged, and what it would take", (Bullets(tuple(items)),))]
        if items
        else []
    )


def _limits(material: Material, known: Known) -> list[Block]:
    """How the readings were drawn, and what is said of every answer from the model."""
    items: list[Parts] = []
    for holder, solved_name, finding in known:
        label = f"{material.case.label(holder)}: "
        items.append((label, *answer_parts(solved_name, finding)))
        for name, read in of_coder(material, holder):
            items += [(label, *linked(caveat, name, read)) for caveat in read.caveats]
    items = list({_plain(item): item for item in items}.values())
    return [Closed("How the readings were drawn, and their limits", (Bullets(tuple(items)),))]


def _plain(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def _authors(material: Material) -> list[Block]:
    kinds = (ClaimKind.CONDITIONAL, ClaimKind.FORECAST)
    rows = [row for row in material.case.rows(Claim) if row.kind in kinds and row.issue == _tie(material.case)]
    items = tuple(
        (*with_holder(material, row), *((" Settled by: ", row.resolves, ".") if row.resolves else ())) for row in rows
    )
    return [Bullets(items, "The authors’ own conditions and expectations for the tie")] if items else []


def _tie(case: Case) -> str:
    """The issue on which most conclusions of the sources bear."""
    concluded = [row.issue for row in case.rows(Claim) if row.kind is ClaimKind.CONCLUSION and row.issue]
    return max(sorted(set(concluded)), key=concluded.count, default="")


def _base_rates(material: Material) -> list[Block]:
    """What comparable ties did: claims that rest on records of data sets alone, and what of it is not in the evidence."""
    rows = [row for row in material.case.rows(Claim) if row.kind is ClaimKind.ASSESSMENT and _counted(row.source)]
    items: list[Parts] = [with_holder(material, row) for row in rows]
    if not items:
        return []
    for gap in material.case.rows(Gap, issue=_tie(material.case)):
        if SYSTEM in gap.systems:
            said: Any = Cell("coded.gaps", "answer", gap.answer, {"id": gap.id}, theirs=True)
            items.append((row_cell(material, gap), " ", said, "."))
    return [Bullets(tuple(items), "Base rate of comparable ties")]


def _counted(source: str) -> bool:
    found = parse_sources(source)
    return bool(found) and all(isinstance(s, DataRef) for s in found)
