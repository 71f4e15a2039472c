"""What is wrong with the settings or the votes of a fit, and what to say where they are thin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from realpolitik.terms import Problem, nearest

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

    from .model import Model

ENGINES = ("map", "gibbs", "bsv2017")
ABSENCES = ("missing", "as_abstention")
LINKS = ("title", "none")
ANCHORS: Mapping[str, float] = {
    "USA": 1.0, "GBR": 1.0, "CAN": 1.0, "ISR": 1.0, "RUS": -1.0, "BLR": -1.0, "CUB": -1.0,
}  # fmt: skip
MEMBERS = ("mean", "median")  #: what a position can be held against, inside its session
LENGTHS = {"map": (0, 0), "gibbs": (800, 160), "bsv2017": (8_000, 2_000)}  #: sweeps and those thrown away
FEWEST = 3  #: positions below which standardising leaves nothing to estimate
THIN = (5, 3)  #: positions, and contested votes for each, below which the intervals are no estimate


@dataclass(frozen=True)
class Settings:
    """The settings of `ideal_points`, as given."""

    engine: str
    dimensions: int
    drift: float | None
    links: str | Sequence[int]
    anchors: Mapping[str, float] | None
    succession: Mapping[str, str] | None
    absences: str
    roll_calls: Sequence[str] | None
    body: str
    chains: int
    sweeps: int | None
    warm: int | None
    threads: int
    distances: Sequence[str] | None = None
    relative: str | None = None
    draws: int = 0

    def lengths(self) -> tuple[int, int]:
        """Sweeps and those thrown away; by default the engine's own, and a fifth of the sweeps."""
        sweeps, warm = LENGTHS[self.engine]
        if self.sweeps is None:
            return sweeps, warm if self.warm is None else self.warm
        return self.sweeps, self.sweeps // 5 if self.warm is None else self.warm


def problems_with(given: Settings, votes: RollCalls) -> list[Problem]:
    """Everything wrong with the settings, or with the dates of the body's roll calls."""
    return [
        *_of_words(given),
        *_of_numbers(given),
        *_of_tables(given, votes),
        *_of_names(given, votes),
        *_of_dates(given, votes),
    ]


def problems_with_votes(votes: object) -> list[Problem]:
    """Anything else than recorded votes in the place of them."""
    from realpolitik.evidence import RollCalls

    if isinstance(votes, RollCalls):
        return []
    return [Problem("", "votes", type(votes).__name__, "recorded votes, as read_votes returns them")]


def _of_words(given: Settings) -> list[Problem]:
    named = [("engine", given.engine, ENGINES), ("absences", given.absences, ABSENCES)]
    if isinstance(given.links, str) or not isinstance(given.links, Iterable):
        named.append(("links", given.links, LINKS))
    return [
        Problem("", name, str(value), "one of " + ", ".join(known), nearest=nearest(str(value), known))
        for name, value, known in named
        if value not in known
    ]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _real(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _of_numbers(given: Settings) -> list[Problem]:
    out = []
    if not _whole(given.dimensions) or not 1 <= given.dimensions <= 4:
        out.append(Problem("", "dimensions", str(given.dimensions), "1, 2, 3 or 4"))
    elif given.dimensions > 1 and given.engine == "bsv2017":
        expected = "1: the published program has one dimension; several need engine='map' or 'gibbs'"
        out.append(Problem("", "dimensions", str(given.dimensions), expected))
    if given.drift is not None and not (_real(given.drift) and given.drift > 0):
        out.append(Problem("", "drift", str(given.drift), "a finite variance above 0, or None to learn it"))
    for name in ("chains", "threads"):
        if not _whole(getattr(given, name)) or getattr(given, name) < 1:
            out.append(Problem("", name, str(getattr(given, name)), "a whole number of 1 or more"))
    if given.engine in ENGINES and given.engine != "map":
        out += _of_lengths(given)
    return out


def _of_tables(given: Settings, votes: RollCalls) -> list[Problem]:
    """What is wrong with the further tables asked for."""
    out = []
    if given.distances is not None:
        out += _of_distances(given.distances, votes)
    if given.relative not in (None, *MEMBERS):
        expected = "one of " + ", ".join(MEMBERS) + ", or None"
        out.append(
            Problem("", "relative", str(given.relative), expected, nearest=nearest(str(given.relative), MEMBERS))
        )
    if not _whole(given.draws) or given.draws < 0:
        out.append(Problem("", "draws", str(given.draws), "a whole number of 0 or more"))
    elif given.draws and given.engine == "map":
        out.append(Problem("", "draws", str(given.draws), "0 with this engine; draws need engine='gibbs'"))
    asked = [n for n in ("distances", "relative") if getattr(given, n) is not None]
    if asked and given.dimensions != 1:
        expected = "one dimension: in several, a difference along one axis depends on how the axes are turned"
        out.append(Problem("", asked[0], str(getattr(given, asked[0])), expected))
    return out


def _of_distances(states: object, votes: RollCalls) -> list[Problem]:
    if isinstance(states, str) or not isinstance(states, Iterable):
        return [Problem("", "distances", str(states), "two or more states, as a list")]
    named = list(states)
    out = [
        Problem("", "distances", str(s), "a state with votes in the data", nearest=nearest(str(s), votes.states))
        for s in named
        if s not in votes.state_code
    ]
    if not out and len(set(named)) < 2:
        out.append(Problem("", "distances", ", ".join(named), "two or more states"))
    return out


def _of_lengths(given: Settings) -> list[Problem]:
    wrong = [n for n in ("sweeps", "warm") if getattr(given, n) is not None and not _whole(getattr(given, n))]
    if wrong:
        return [Problem("", name, str(getattr(given, name)), "a whole number, or None") for name in wrong]
    sweeps, warm = given.lengths()
    if 0 <= warm <= sweeps - 4:
        return []
    return [Problem("", "sweeps", f"{sweeps} of which warm {warm}", "at least four sweeps that are kept")]


def _of_names(given: Settings, votes: RollCalls) -> list[Problem]:
    named = [*(given.anchors or {}), *(s for pair in (given.succession or {}).items() for s in pair)]
    out = [
        Problem("", "state", str(s), "a state with votes in the data", nearest=nearest(str(s), votes.states))
        for s in named
        if s not in votes.state_code
    ]
    out += [
        Problem("", "anchors", f"{s}: {value!r}", "a number: positive or negative")
        for s, value in (given.anchors or {}).items()
        if not _real(value)
    ]
    out += [
        Problem("", "roll_calls", str(s), "a roll call in the data", nearest=nearest(str(s), votes.place))
        for s in given.roll_calls or ()
        if s not in votes.place
    ]
    if given.body not in votes.calls["body"].unique().to_list():
        out.append(Problem("", "body", str(given.body), "a body with roll calls in the data"))
    return out


def _of_dates(given: Settings, votes: RollCalls) -> list[Problem]:
    calls = votes.calls.filter((votes.calls["body"] == given.body) & votes.calls["session"].is_null())
    if calls.is_empty():
        return []
    some = ", ".join(calls["id"].head(5).to_list())
    return [Problem("", "date", some, f"a day for every roll call; {calls.height} have none")]


def problems_of_size(model: Model, dimensions: int) -> list[Problem]:
    """Too few positions to standardise, or too few states for the axes asked for."""
    positions = int((model.node_votes > 0).sum())
    states = len(set(model.node_state[model.node_votes > 0].tolist()))
    out = []
    if positions < FEWEST:
        expected = f"at least {FEWEST} states or sessions: fewer are set apart by the standardisation alone"
        out.append(Problem("", "positions", str(positions), expected))
    elif dimensions > 1 and dimensions >= states:
        out.append(Problem("", "dimensions", str(dimensions), f"fewer than the {states} states with contested votes"))
    return out


def too_few(model: Model) -> tuple[str, ...]:
    """A caveat where the votes are too few for intervals to mean anything; else nothing."""
    positions = int((model.node_votes > 0).sum())
    if positions >= THIN[0] and model.votes >= THIN[1] * positions:
        return ()
    return (
        f"Only {model.votes} contested votes for {positions} positions: the order is the priors' and the standardisation's "
        "as much as the votes', and the intervals are no estimate.",
    )


def sign_caveats(model: Model, taken: RollCalls, table: pl.DataFrame) -> tuple[str, ...]:
    """Where nothing fixes the sign, or an anchor ended on the other side."""
    import polars as pl

    first = table.filter(pl.col("dimension") == 1) if "dimension" in table.columns else table
    mean = dict(first.group_by("state").agg(pl.col("mean").mean()).iter_rows())
    anchors = {taken.states[k]: value for k, value in model.anchors.items() if taken.states[k] in mean and value}
    if not anchors:
        return ("No anchor among the members that vote: which side is positive is arbitrary.",)
    wrong = sorted(state for state, value in anchors.items() if value * mean[state] < 0)
    if not wrong:
        return ()
    return (f"On the other side than their anchor says, on average: {', '.join(wrong)}.",)


def unplaced(model: Model, taken: RollCalls, most: int = 12) -> tuple[str, ...]:
    """A caveat that names the members without a position."""
    import numpy as np

    listed = set(np.flatnonzero(np.bincount(taken.state)).tolist())
    names = [taken.states[k] for k in model.dropped.states_without_votes if k in listed]
    if not names:
        return ()
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (f"No position, for want of a vote on a contested roll call: {', '.join(names[:most])}{more}.",)
