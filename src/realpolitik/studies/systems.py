"""The twenty-four questions, and who answers each: a method, else the coded rows, else nobody yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from realpolitik.case import Case
from realpolitik.case.row import Row
from realpolitik.case.tables import Gap
from realpolitik.findings import Finding, registered
from realpolitik.findings.brief import ANSWERED, NOT_BUILT, NOT_IN_EVIDENCE, Cell, Parts, SystemAnswer

from .cells import answer_parts, first_cells, judgement_share, lookup


@dataclass(frozen=True)
class System:
    """One mechanism: its question, the methods that answer it (best first), and the tables whose rows all bear on it.

    ``own`` tables belong to the system as a whole; of ``shared`` tables only rows on one of the system's issues do.
    """

    number: int
    question: str
    methods: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


SYSTEMS: tuple[System, ...] = (
    System(1, "Why did it decide so, and what would tip the choice?", ("decision.weigh_reasons",), ("reasons", "options")),
    System(
        2, "Who votes how, and who has moved beyond what everyone did?",
        ("alignment.forecast_roll_call", "alignment.simple_rules", "alignment.movers", "studies.forecast_scored"), ("votes",), ("positions",),
    ),
    System(3, "Did a vote in the Council change the outcome?", ("alignment.council",), (), ("votes", "exchanges", "events")),
    System(4, "On which channel does it stand with its partner, beside comparable states?", ("alignment.profile",), ("positions",)),
    System(5, "What did it do last time, and did it do the same again?", ("alignment.precedents",), ("precedents",)),
    System(6, "Who recognised the territorial change, who refused, and when?", ("alignment.recognition",), ("recognitions",)),
    System(7, "Who is with whom in the debate at home?", ("discourse.congruence", "discourse.quotations"), (), ("statements",)),
    System(8, "Does opinion at home matter, and when?", ("discourse.opinion_gap",), ("opinion",), ("statements", "claims")),
    System(9, "Could the spoiler hold up the deal, and what would end the hold-up?", ("stability.stability",), (), ("events", "claims")),
    System(10, "Which issues are tied, by whom, at whose cost?", ("bargaining.issue_linkage",), ("linkages",)),
    System(11, "Was there anything to swap? Who paid, and how did they answer?", ("bargaining.alleged_exchanges",), ("exchanges",), ("events",)),
    System(12, "What does the shock cost and offer, to whom, and if what?", ("decision.implications",), ("implications",)),
    System(13, "Is the trade target within reach, and who depends on whom?", ("ties.trade",), (), ("figures", "claims", "ties")),
    System(14, "What could a rival supplier's return do to prices and revenue?", ("ties.energy",), (), ("claims", "figures", "ties")),
    System(15, "Will the arms be sold?", ("ties.arms",), (), ("ties", "claims", "events", "sanctions")),
    System(16, "Was it a member then?", ("ties.memberships",), ("memberships",)),
    System(17, "What would an exemption from sanctions cover?", ("ties.sanctions",), ("sanctions",)),
    System(18, "Is the belief about power right, and does it change the choice?", ("decision.beliefs",), (), ("claims", "statements")),
    System(19, "From which point on does hedging against an election pay?", ("decision.hedging",), (), ("claims", "ties", "events")),
    System(20, "Is one partner the guns and the other the money?", ("ties.domains",), (), ("ties", "claims")),
    System(21, "When would the transit route change?", ("decision.routes",), (), ("claims", "ties", "implications")),
    System(22, "What would the states between the blocs need to change sides?", ("bargaining.changing_sides",), (), ("claims", "events", "positions")),
    System(23, "Did the stance help with the neighbours?", ("ties.neighbours",), (), ("ties", "claims", "events")),
    System(24, "If what, then what? What would break the tie?", ("scenarios.consistent_scenarios", "scenarios.scenario_robustness", "scenarios.what_carries"), (), ("claims",)),
)  # fmt: skip


IN_DETAIL = ("takes.", "breaks.")  #: findings that follow up another one and stand in its section only


def methods_for(system: System) -> tuple[str, ...]:
    """The installed methods for a system: those it names, in order, then any other whose card names the system."""
    cards = registered()
    named = [name for name in system.methods if name in cards]
    others = [name for name, card in cards.items() if system.number in card.systems and name not in named]
    return (*named, *others, *(name for name in system.methods if name.startswith("studies.")))


def rows_for(case: Case, system: System) -> Iterator[Row]:
    """The case's rows for a system: all of its own tables, and of shared tables those on one of the system's issues."""
    issues = {row.id for row in case.tables.get("issues", ()) if str(system.number) in getattr(row, "systems", ())}
    for table in system.own:
        yield from case.tables.get(table, ())
    for table in system.shared:
        yield from (row for row in case.tables.get(table, ()) if _on(row, issues))


def _on(row: Row, issues: set[str]) -> bool:
    return bool(issues & {getattr(row, "issue", ""), getattr(row, "with_issue", "")})


def answers(case: Case, findings: Mapping[str, Finding]) -> tuple[SystemAnswer, ...]:
    """How each of the twenty-four questions is answered on a case, given the findings that were made."""
    return tuple(_answer(case, system, findings) for system in SYSTEMS)


def _answer(case: Case, system: System, findings: Mapping[str, Finding]) -> SystemAnswer:
    wanted = methods_for(system)
    made = sorted(
        (name for name, f in findings.items() if f.method in wanted and not name.startswith(IN_DETAIL)),
        key=lambda name: wanted.index(findings[name].method),
    )
    if made:
        return _by_methods(case, system, {name: findings[name] for name in made})
    rows = [row for row in rows_for(case, system) if f"coded.{row.table}" in findings]
    if rows:
        return _by_rows(case, system, rows, findings)
    gaps = _gaps(case, system)
    if gaps:
        cells = tuple(_row_cell(row, findings) for row in gaps)
        text: Parts = ("Not in the evidence: ", *_joined(cells))
        return SystemAnswer(
            system.number,
            system.question,
            NOT_IN_EVIDENCE,
            text,
            "coded",
            cells,
            judgement_share(cells, findings),
            ("coded.gaps",),
        )
    if any(name in registered() for name in system.methods):
        said = "Not in the evidence: the case has no rows for it, though a method would read them."
        return SystemAnswer(system.number, system.question, NOT_IN_EVIDENCE, (said,))
    return SystemAnswer(
        system.number,
        system.question,
        NOT_BUILT,
        ("Not built yet: no method reads it and the case has no rows for it.",),
    )


def _by_methods(case: Case, system: System, made: Mapping[str, Finding]) -> SystemAnswer:
    from realpolitik.terms import weakest

    parts: list[str | Cell] = []
    cells: list[Cell] = []
    for name, finding in made.items():
        parts += [" "] if parts else []
        said = answer_parts(name, finding)
        parts += said
        cells += [part for part in said if isinstance(part, Cell) and part.column != "answer"]
        cells += first_cells(name, finding, getattr(case.about, "focal", ""))
    kept = tuple({cell.name: cell for cell in cells}.values())
    grade = str(weakest(*(finding.grade for finding in made.values())))
    share = judgement_share(kept, made)
    return SystemAnswer(system.number, system.question, ANSWERED, tuple(parts), grade, kept, share, tuple(made))


def _by_rows(case: Case, system: System, rows: list[Row], findings: Mapping[str, Finding]) -> SystemAnswer:
    cells = tuple(_row_cell(row, findings) for row in rows)
    text: Parts = ("Coded, not quantified. ", *_joined(cells[:4]), " …" if len(cells) > 4 else "")
    gaps = _gaps(case, system)
    if gaps:
        text = (*text, " Not in the evidence: ", *_joined([_row_cell(row, findings) for row in gaps]))
    names = tuple(dict.fromkeys(cell.finding for cell in cells))
    share = judgement_share(cells, findings)
    return SystemAnswer(system.number, system.question, ANSWERED, text, "coded", cells[:40], share, names)


def _gaps(case: Case, system: System) -> list[Row]:
    return [gap for gap in case.rows(Gap) if str(system.number) in gap.systems]


def _row_cell(row: Row, findings: Mapping[str, Finding]) -> Cell:
    name = f"coded.{row.table}"
    value = lookup(findings[name]).row("", {"id": row.id})["says"]
    return Cell(name, "says", value, {"id": row.id}, theirs=True)


def _joined(cells: tuple[Cell, ...] | list[Cell]) -> list[str | Cell]:
    parts: list[str | Cell] = []
    for cell in cells:
        parts += [" "] if parts else []
        parts += [cell] if cell.text.endswith((".", "?", "!")) else [cell, "."]
    return parts
