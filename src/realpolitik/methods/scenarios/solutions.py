"""ScenarioWizard's solution files (.sl) of a model: read as a table of scenarios, written from a finding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from realpolitik.findings import Finding
from realpolitik.terms import InputError, Problem

from ._arrays import I8
from .conditions import scenario_columns
from .measures import consistency, total_impact
from .model import CrossImpactModel
from .scw import Solution, decode_sl, encode_sl


def read_solutions(path: str | Path, model: CrossImpactModel) -> pl.DataFrame:
    """The scenarios of a solution file, by the names of the model that it belongs to.

    Returns
    -------
    polars.DataFrame : a column per descriptor, then as the file gives them ``_total_impact``, ``_consistency`` (by how
        much the worst descriptor is ahead of its best rival) and ``_weight`` (exact or from drawn starts).

    Raises
    ------
    InputError : a damaged file, or one of a model with other descriptors or fewer variants.
    """
    place = Path(path)
    found = decode_sl(place.read_bytes(), place.name)
    if problems := _foreign(found, model, place.name):
        raise InputError(problems)
    rows = np.array([s.scenario for s in found], dtype=np.int8).reshape(-1, len(model.ids))
    measures = {
        "_total_impact": [s.total_impact for s in found],
        "_consistency": [s.consistency for s in found],
        "_weight": [s.weight for s in found],
    }
    columns = [pl.Series(name, values, dtype=pl.Int64) for name, values in measures.items()]
    return pl.DataFrame([*scenario_columns(model, rows).values(), *columns])


def _foreign(found: list[Solution], model: CrossImpactModel, file: str) -> list[Problem]:
    """What does not fit the model."""
    out = []
    for number, s in enumerate(found, 1):
        if len(s.scenario) != len(model.ids):
            expected = f"{len(model.ids)}, one for each descriptor of the model"
            out.append(Problem(file, f"solution {number}", f"{len(s.scenario)} variants", expected))
            continue
        for d, v in zip(model.descriptors, s.scenario, strict=True):
            if not 0 <= v < len(d.variants):
                expected = f"1 to {len(d.variants)}"
                out.append(Problem(file, f"solution {number}, variant of {d.id}", str(v + 1), expected))
    return out


def write_solutions(found: Finding, model: CrossImpactModel, path: str | Path) -> Path:
    """Writes the scenarios of `consistent_scenarios` as a solution file for ScenarioWizard.

    Values are those of the model; the weight is the finding's, 0 where it has none (spaces of more than thirty million states).

    Raises
    ------
    InputError : a finding that is not complete (a solution file cannot say so), of another model, or of values that are
        not whole.
    """
    problems = [] if found.complete else [Problem("", "scenarios", "cut by a limit", "all of them")]
    problems += [] if model.scale == 1 else [Problem("", "values", "fractions", "whole numbers")]
    missing = [d for d in model.ids if d not in found.table.columns]
    problems += [Problem("", "descriptor", d, "a column of the finding's table") for d in missing]
    if problems:
        raise InputError(problems)
    rows: I8 = np.array([model.encode(r) for r in found.table.select(model.ids).iter_rows(named=True)], dtype=np.int8)
    rows = rows.reshape(-1, len(model.ids))
    values = consistency(model.whole, model.first, rows)
    scores = total_impact(model.whole, model.first, rows)
    weights = [w or 0 for w in found.table["_weight"].to_list()]
    solutions = [
        Solution(tuple(int(a) for a in row), w, int(v), int(t))
        for row, w, v, t in zip(rows, weights, values, scores, strict=True)
    ]
    place = Path(path)
    part = place.with_name(place.name + ".part")
    part.write_bytes(encode_sl(solutions, newline=(model.style or ("\r\n",))[0]))
    part.replace(place)
    return place
