"""How the scenario methods are run for a brief: once for each coder, and once more for what the scenarios leave open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from realpolitik.case import Case
from realpolitik.findings import Finding, Method, find_method

SOLVED, READINGS, CARRIES, TAKES, BREAKS, AGREEMENT, PATHS = (
    "scenarios.consistent_scenarios",
    "scenarios.scenario_robustness",
    "scenarios.what_carries",
    "scenarios.what_would_take",
    "scenarios.what_would_break",
    "scenarios.compare_coders",
    "scenarios.ways_from_present",
)
DRAWS = 2_000
MOST_STATES = 1_000_000  #: combinations of variants up to which ways from the present are sought
MOST = 12  #: outcomes that no scenario has, and sentences, shown at most


def coders(case: Case) -> tuple[str, ...]:
    """Who judged how the factors act on each other, in the order of the rows."""
    return tuple(dict.fromkeys(row.holder for row in case.tables.get("impacts", ())))


def per_coder(case: Case) -> list[dict[str, Any]]:
    """The parameters with which a scenario method is run: once for each coder."""
    return [{"holder": holder} for holder in coders(case)]


def readings(case: Case) -> list[dict[str, Any]]:
    """The same for the readings of the judgements."""
    return [{"draws": DRAWS, "holder": holder} for holder in coders(case)]


def outcome(case: Case) -> str:
    """The factor that the question is about: the one on which most others are judged to act, all coders taken together."""
    acting: dict[str, set[tuple[str, str]]] = {factor: set() for factor, _, _ in variants(case)}
    for row in case.tables.get("impacts", ()):
        on = str(getattr(row, "on", ""))
        if on in acting:
            acting[on].add((row.holder, str(getattr(row, "factor", ""))))
    return max(acting, key=lambda factor: len(acting[factor]), default="")


def still_wanted(case: Case, findings: Mapping[str, Finding]) -> Iterator[tuple[str, Method, Mapping[str, Any]]]:
    """What else to run once the scenarios are known.

    For each coder, the readings in which some scenario has each variant of the outcome, what breaks the best supported
    scenario that has it, what it would take for each variant that none has, and the ways from the present to every
    scenario; then how far the coders agree.
    """
    asked = outcome(case)
    for holder, _, finding in solved(findings):
        for factor, _, variant in variants(case):
            if factor == asked:
                given = {"given": {factor: variant}, "draws": DRAWS, "holder": holder}
                yield f"readings.{holder}.{factor}.{variant}", find_method(READINGS), given
        for variant, scenario in best_supported(finding, asked).items():
            yield (
                f"breaks.{holder}.{asked}.{variant}",
                find_method(BREAKS),
                {"scenario": scenario, "holder": holder},
            )
        absent = sorted(missing(case, finding), key=lambda pair: pair[0] != asked)
        for factor, variant in absent[:MOST]:
            yield (
                f"takes.{holder}.{factor}.{variant}",
                find_method(TAKES),
                {"outcome": {factor: variant}, "holder": holder, "nearest": 1},
            )
        if finding.table.height and _states(case) <= MOST_STATES:
            yield f"ways.{holder}", find_method(PATHS), {"holder": holder, "anywhere": True}
    if len(coders(case)) > 1:
        yield "agreement", find_method(AGREEMENT), {}


def _states(case: Case) -> int:
    return prod(len(getattr(row, "variants", ())) for row in case.tables.get("factors", ()))


def best_supported(finding: Finding, factor: str) -> dict[str, dict[str, str]]:
    """For each variant of a factor that some scenario has, the scenario with the highest total impact."""
    if factor not in finding.table.columns:
        return {}
    ranked = finding.table.sort("_total_impact", descending=True, maintain_order=True)
    found: dict[str, dict[str, str]] = {}
    for row in ranked.iter_rows(named=True):
        found.setdefault(row[factor], {d: v for d, v in row.items() if not d.startswith("_")})
    return found


def solved(findings: Mapping[str, Finding]) -> Iterator[tuple[str, str, Finding]]:
    for name, finding in findings.items():
        if finding.method == SOLVED:
            yield str(finding.parameters.get("holder") or ""), name, finding


def variants(case: Case) -> Iterator[tuple[str, str, str]]:
    """Factor, its name and variant, for every factor that can turn out in several ways."""
    for row in case.tables.get("factors", ()):
        variants = getattr(row, "variants", ())
        if len(variants) > 1:
            for variant in variants:
                yield row.id, str(getattr(row, "name", row.id)), variant


def missing(case: Case, finding: Finding) -> list[tuple[str, str]]:
    return [(f, v) for f, _, v in variants(case) if f in finding.table.columns and v not in finding.table[f].to_list()]
