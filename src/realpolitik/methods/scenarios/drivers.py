"""Who drives whom, as a finding: active and passive sums, MICMAC, a cognitive map and a Markov version."""

from __future__ import annotations

import numpy as np
import polars as pl

from realpolitik.findings import Finding, conclude

from ._arrays import I8
from .cards import INFLUENCE
from .conditions import DATASETS, GRADE, Subject, as_model, everything, standing_caveats, unheeded
from .influence import active_passive, block_strength, cognitive_map, landscape, markov_shares, micmac
from .model import CrossImpactModel
from .search import INTERRUPTED, solve

MAPPED = 400


def influence_map(
    model: Subject, *, firmness: float = 1.0, steepness: float = 1.0, seed: int = 1, holder: str | None = None
) -> Finding:
    """Which factors drive the others and which are driven, directly and at second hand.

    Active and passive sums are mean points per cell of a block, added over the blocks; the indirect ones come from
    MICMAC (powers of the matrix until the rankings settle). Strengths ignore signs: see the scenarios for those.

    Parameters
    ----------
    model, holder : as for `consistent_scenarios`.
    firmness : of the Markov version; steepness : of the cognitive map; seed : of the Markov version.

    Returns
    -------
    Finding : ``descriptor``, ``active``, ``passive``, ``indirect_active``, ``indirect_passive`` (shares of the whole,
        adding to 1), ``role`` (driver, linkage, outcome or autonomous: above or below the means). ``tables``: ``network``
        (by, on, strength, net on each other's balance), ``variants`` (descriptor, variant, activation in the cognitive
        map from an even start, share of time in the Markov version), ``landscape`` (scenario, x, y: all scenarios,
        or some hundred drawn evenly).

    Example
    -------
    >>> from realpolitik.methods.scenarios import from_matrix
    >>> m = from_matrix({"A": ["a1", "a2"], "B": ["b1", "b2"]}, [[0, 0, 1, -1], [0, 0, -1, 1], [0] * 4, [0] * 4])
    >>> influence_map(m).table.select("descriptor", "active", "passive", "role").rows()
    [('A', 1.0, 0.0, 'driver'), ('B', 0.0, 1.0, 'outcome')]
    """
    m = as_model(model, holder)
    table = _roles(m)
    placed, how = _placed(m, seed)
    drivers = table.filter(pl.col("role") == "driver")["descriptor"].to_list()
    return conclude(
        INFLUENCE, model, DATASETS, parameters={"firmness": firmness, "steepness": steepness, "holder": holder}, seed=seed,
        table=table, key=("descriptor",),
        tables={"network": _network(m), "variants": _variants(m, firmness, steepness, seed), "landscape": _landscape(m, placed)},
        answer="Drivers: " + (", ".join(drivers) or "none stands out") + ".",
        caveats=("The cognitive map and the Markov version are other readings of the same matrix, not evidence of their own.",
                 how, *unheeded(m), *standing_caveats(m)),
        traces=(everything("From the strengths of all judged blocks", model=m),), **GRADE,
    )  # fmt: skip


def _roles(m: CrossImpactModel) -> pl.DataFrame:
    active, passive = active_passive(m.impact, m.first)
    indirect = micmac(block_strength(m.impact, m.first)).indirect
    total = max(float(indirect.sum()), 1e-300)
    high_active, high_passive = active > active.mean(), passive > passive.mean()
    names = {(True, False): "driver", (True, True): "linkage", (False, True): "outcome", (False, False): "autonomous"}
    return pl.DataFrame(
        {
            "descriptor": list(m.ids),
            "active": active,
            "passive": passive,
            "indirect_active": indirect.sum(axis=1) / total,
            "indirect_passive": indirect.sum(axis=0) / total,
            "role": [names[bool(a), bool(p)] for a, p in zip(high_active, high_passive, strict=True)],
        }
    )


def _network(m: CrossImpactModel) -> pl.DataFrame:
    strength = block_strength(m.impact, m.first)
    rows = [(m.ids[i], m.ids[j], float(strength[i, j])) for i, j in zip(*np.nonzero(strength), strict=True)]
    return pl.DataFrame(rows, schema={"by": pl.String, "on": pl.String, "strength": pl.Float64}, orient="row")


def _variants(m: CrossImpactModel, firmness: float, steepness: float, seed: int) -> pl.DataFrame:
    start = np.repeat(1.0 / m.variants, m.variants)
    return pl.DataFrame(
        {
            "descriptor": [d.id for d in m.descriptors for _ in d.variants],
            "variant": [v for d in m.descriptors for v in d.variants],
            "activation": cognitive_map(m.impact, start, steepness=steepness)[-1],
            "time": markov_shares(m.impact, m.first, firmness=firmness, seed=seed),
        }
    )


def _placed(m: CrossImpactModel, seed: int) -> tuple[I8, str]:
    """The scenarios of the landscape: all, or where there are too many, uniform draws; and which it is in words."""
    from .counting import count

    found = solve(m.whole, m.variants, rules=m.rules, limit=MAPPED)
    if found.stopped == INTERRUPTED:
        raise KeyboardInterrupt
    if found.complete:
        return found.scenarios, f"The landscape shows all scenarios there are: {len(found.scenarios)}."
    number = count(m.whole, m.variants, rules=m.rules)
    drawn = np.unique(number.sample(MAPPED, seed), axis=0)
    return drawn, f"The landscape shows {len(drawn)} scenarios drawn evenly from {number.total:,}."


def _landscape(m: CrossImpactModel, found: I8) -> pl.DataFrame:
    from .conditions import label

    place = landscape(found)
    names = pl.Series("scenario", [label(m, s) for s in found], dtype=pl.String)
    return pl.DataFrame([names, pl.Series("x", place[:, 0]), pl.Series("y", place[:, 1])])
