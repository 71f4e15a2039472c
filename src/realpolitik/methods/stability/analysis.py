"""The method: which states no party leaves, under which idea of foresight, and on which preferences that hangs."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from realpolitik.case import Case
from realpolitik.findings import EXPLANATION, RECORD, Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, as_day, nearest
from realpolitik.terms import Problem as Wrong

from .arrays import all_ranks, check_size, feasible
from .checks import check_conflict
from .model import Conflict

STABILITY = Method(
    name="stability.stability",
    question="Which outcomes would no party leave, and on which preferences does that hang?",
    function="realpolitik.methods.stability.analysis:stability",
    literature=(
        "Fang, Hipel and Kilgour 1993, Interactive Decision Making: The Graph Model for Conflict Resolution, Wiley",
        "Kilgour, Hipel and Fang 1987, Automatica 23(1), doi:10.1016/0005-1098(87)90117-8",
        "Inohara and Hipel 2008, Journal of Systems Science and Systems Engineering 17, coalition analysis",
        "Rego and Vieira 2017, Group Decision and Negotiation 26, symmetric sequential stability",
    ),
    needs=("conflicts",),
    subject="case",
    systems=(9,),
)
SOLO = ("nash", "gmr", "smr", "seq", "sseq", "sim")
COALITION = tuple(f"coalition_{name}" for name in ("nash", "gmr", "smr", "seq", "sseq"))
_LIMITED = re.compile(r"limited_move_([1-9]\d?)\Z")
MOST_ROWS = 3_000_000
MOST_REASONS = 2_000
MOST_COMBINATIONS = 4e9
SHARES_SAY = (
    "shares of the admissible rankings, all weighing the same: readings of the constraints, not how often it happens"
)


def stability(
    conflict_or_case: Conflict | Case,
    *,
    concepts: Sequence[str] = SOLO,
    conflict: str | None = None,
    variant: str | None = None,
    simultaneous: str = "any",
    draws: int = 2_000,
    seed: int = 1,
    seconds: float | None = None,
    threads: int = 1,
    verify: bool = False,
) -> Finding:
    """Whether each state is one that no party would leave, per concept: True is an equilibrium.

    Definitions: Fang, Hipel and Kilgour 1993 (nash, gmr, smr, seq, sim, limited_move_h); Rego and Vieira 2017 (sseq);
    Inohara and Hipel 2008 (coalition_nash, ..._gmr, ..._smr, ..._seq, ..._sseq). In sequences of sanctions nobody moves
    twice in succession, but a party may move again after another has moved.

    Parameters: ``conflict_or_case`` a Conflict, or a case with ``conflict`` naming a file of its folder ``conflicts``
    (and ``variant`` one of its variants). ``simultaneous``: in sim any set of opponents moves (``any``) or ``one``.
    ``draws``: profiles drawn where a ranking is known only in part. ``seconds``: after that no further concept is begun
    and the finding is marked incomplete. ``verify``: also read the definitions word by word and compare (small only).

    Returns a Finding: ``table`` has state, one boolean per option, one per concept; ``by_decision_maker`` has state,
    decision_maker, concept, stable, margin (places in the ranking by which the state misses stability; 0 where stable).
    Where rankings are known only in part, True means in every profile looked at, margins are null, and ``shares`` and
    ``deciding`` say the rest. Further tables: ``coalitions``, ``paths``, ``reasons``, ``observed`` where there is any.

    Raises InputError for an unknown concept, for what is wrong with the conflict, and before the work where it is too large.

    >>> from realpolitik.methods.stability import parse_conflict, stability
    >>> game = parse_conflict('''
    ... decision_makers: {A: {options: [yield]}, B: {options: [yield]}}
    ... preferences:
    ...   A: {ranking: [NY, YY, NN, YN]}
    ...   B: {ranking: [YN, YY, NN, NY]}''')
    >>> found = stability(game, concepts=("nash", "seq"))
    >>> found.table.filter(found.table["seq"])["state"].to_list()
    [0, 3]
    """
    subject = _subject(conflict_or_case, conflict, variant)
    names = _concepts(concepts)
    _arguments(simultaneous, draws, threads)
    check_size(len(subject.options))
    problems = check_conflict(subject)
    if problems:
        raise InputError(problems)
    ask = _Ask(subject, names, simultaneous == "any", draws, seed, seconds, threads, verify)
    found = _on_readings(ask) if subject.is_uncertain else _on_rankings(ask)
    parameters = {
        "concepts": list(names),
        "conflict": conflict,
        "variant": variant,
        "simultaneous": simultaneous,
        "draws": draws,
        "seconds": seconds,
    }
    return conclude(
        STABILITY,
        subject,
        ("options", "infeasible", "preferences"),
        parameters=parameters,
        seed=seed,
        key=("state",),
        grade=Grade.JUDGEMENT,
        grade_reason="follows from declared options and preferences; a source for every preference would strengthen it, "
        "no data would make it an estimate",
        stands_as=EXPLANATION if subject.observed or subject.accounts else RECORD,
        traces=_traces(subject),
        **found,
    )


@dataclass(frozen=True, eq=False)
class _Ask:
    """One question to a conflict."""

    conflict: Conflict
    concepts: tuple[str, ...]
    subsets: bool
    draws: int
    seed: int
    seconds: float | None
    threads: int
    verify: bool


def _subject(given: Conflict | Case, name: str | None, variant: str | None) -> Conflict:
    if isinstance(given, Conflict):
        return given
    if not isinstance(given, Case):
        raise InputError([Wrong("", "conflict_or_case", type(given).__name__, "a Conflict or a Case")])
    from .conflict_file import parse_conflict
    from .gmcr_file import parse_gmcr

    files = conflict_files(given)
    if name is None and len(files) == 1:
        name = next(iter(files))
    if name not in files:
        expected = (
            "one of " + ", ".join(files) if files else "a conflict file in the case's folder conflicts; it has none"
        )
        raise InputError([Wrong("", "conflict", str(name), expected, nearest=nearest(str(name), files))])
    file = files[name]
    if file.endswith(".gmcr"):
        return parse_gmcr(given.attachments[file], file)
    return _known_by(parse_conflict(given.attachments[file], file, variant=variant), getattr(given, "known_by", ""))


def _known_by(conflict: Conflict, day: str) -> Conflict:
    """The conflict without what was observed after a case's knowledge date."""
    if not day:
        return conflict
    kept = tuple(o for o in conflict.observed if as_day(o.when) <= as_day(day))
    return replace(conflict, observed=kept)


def conflict_files(case: Case) -> dict[str, str]:
    """The conflict files of a case (its attachments in the folder conflicts) by their short names."""
    kinds = (".yaml", ".yml", ".gmcr")
    found = sorted(n for n in case.attachments if n.startswith("conflicts/") and n.endswith(kinds))
    return {file.removeprefix("conflicts/").rpartition(".")[0]: file for file in found}


def _concepts(concepts: Sequence[str]) -> tuple[str, ...]:
    names = (concepts,) if isinstance(concepts, str) else tuple(concepts)
    known = (*SOLO, *COALITION, "limited_move_2")
    unknown = [name for name in names if name not in known and not _LIMITED.match(str(name))]
    problems = [
        Wrong(
            "",
            "concepts",
            str(name),
            "one of " + ", ".join(known) + " (any horizon)",
            nearest=nearest(str(name), known),
        )
        for name in unknown
    ]
    problems += [Wrong("", "concepts", "none", "at least one concept")] if not names else []
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(names))


def _arguments(simultaneous: str, draws: int, threads: int) -> None:
    problems = []
    if simultaneous not in ("any", "one"):
        problems.append(Wrong("", "simultaneous", str(simultaneous), "any or one"))
    if not isinstance(draws, int) or draws < 1:
        problems.append(Wrong("", "draws", str(draws), "a whole number above zero"))
    if not isinstance(threads, int) or threads < 1:
        problems.append(Wrong("", "threads", str(threads), "a whole number above zero"))
    if problems:
        raise InputError(problems)


def _traces(conflict: Conflict) -> tuple[Template, ...]:
    every = tuple(Leaf(name) for name in ("options", "infeasible", "preferences") if conflict.frame(name).height)
    bits = tuple(
        Template(name, f"Whether state {{state}} has option {name} taken: bit {k} of its number", (Leaf("options"),))
        for k, name in enumerate(conflict.option_names)
    )
    says = "State {state} judged by the moves and preferences of every party, by the definition of the concept"
    own = "State {state} judged for {decision_maker} under {concept}: its improvements and the others' answers to them"
    return (*bits, Template("by_decision_maker.*", own, every), Template("*", says, every))


def _on_rankings(ask: _Ask) -> dict[str, Any]:
    """The fields of the finding where every ranking is known."""
    from .verdicts import judge

    can_be = feasible(ask.conflict)
    ranks = all_ranks(ask.conflict, can_be)
    judged = judge(ask, ranks, can_be)
    states = np.flatnonzero(can_be)
    equilibria = {name: judged.equilibria(name)[states] if name in judged.finished else None for name in ask.concepts}
    tables, caveats = _tables(ask, judged, states, equilibria)
    unfinished = [name for name in ask.concepts if name not in judged.finished]
    if unfinished:
        caveats.append(f"The time of {ask.seconds} s ran out: not finished and left empty: {', '.join(unfinished)}.")
    return {
        "table": _state_table(ask.conflict, states, equilibria),
        "tables": tables,
        "complete": not unfinished,
        "answer": _answer(equilibria, states),
        "caveats": tuple(caveats),
    }


def _state_table(conflict: Conflict, states: np.ndarray, concepts: Mapping[str, np.ndarray | None]) -> pl.DataFrame:
    columns: dict[str, Any] = {"state": pl.Series(states, dtype=pl.Int64)}
    for k, name in enumerate(conflict.option_names):
        columns[name] = pl.Series((states >> k & 1).astype(bool))
    for name, holds in concepts.items():
        columns[name] = pl.Series([None] * states.size, dtype=pl.Boolean) if holds is None else pl.Series(holds)
    return pl.DataFrame(columns)


def _tables(
    ask: _Ask, judged: Any, states: np.ndarray, equilibria: dict[str, Any]
) -> tuple[dict[str, pl.DataFrame], list[str]]:
    conflict, caveats = ask.conflict, []
    solo = [name for name in ask.concepts if name in judged.stable and name in judged.finished]
    shown = states
    if states.size * len(conflict.names) * max(1, len(solo)) > MOST_ROWS:
        shown = _worth_showing(conflict, states, equilibria, MOST_ROWS // (len(conflict.names) * max(1, len(solo))))
        caveats.append(
            f"by_decision_maker lists {shown.size} of {states.size} states: the status quo, those observed, and "
            "equilibria under the most concepts first; reason() explains any other."
        )
    tables = {"by_decision_maker": _by_decision_maker(conflict, judged, shown, solo)}
    if judged.coalitions:
        tables["coalitions"] = _by_coalition(conflict, judged, states)
    if conflict.status_quo is not None:
        tables["paths"] = path_table(conflict, _targets(conflict, states, equilibria))
    told = [name for name in solo if name in SOLO]
    if 0 < states.size * len(conflict.names) * len(told) <= MOST_REASONS:
        tables["reasons"] = _reasons(conflict, states, told, ask.subsets)
    if conflict.observed:
        tables["observed"] = _observed(conflict, states, equilibria)
    return tables, caveats


def _worth_showing(conflict: Conflict, states: np.ndarray, equilibria: dict[str, Any], most: int) -> np.ndarray:
    first = [s for s in (conflict.status_quo, *(o.state for o in conflict.observed)) if s is not None]
    count = sum((holds.astype(int) for holds in equilibria.values() if holds is not None), np.zeros(states.size, int))
    order = states[np.argsort(-count, kind="stable")][: max(0, most - len(first))]
    return np.unique(np.concatenate([np.array(first, int), order]))


def _by_decision_maker(conflict: Conflict, judged: Any, states: np.ndarray, concepts: list[str]) -> pl.DataFrame:
    """Rows state by state, then party, then concept."""
    shape = (states.size, len(conflict.names), len(concepts))
    stable = np.zeros(shape, bool)
    margin = np.zeros(shape, np.int32)
    known = np.zeros(shape, bool)
    for c, name in enumerate(concepts):
        stable[:, :, c] = judged.stable[name][:, states].T
        if name in judged.margins:
            margin[:, :, c] = judged.margins[name][:, states].T
            known[:, :, c] = True
    margins = pl.Series("margin", margin.ravel(), dtype=pl.Int32)
    if not known.all():
        margins = pl.select(pl.when(pl.Series(known.ravel())).then(margins).alias("margin")).to_series()
    return pl.DataFrame(
        {
            "state": pl.Series(np.repeat(states, shape[1] * shape[2]), dtype=pl.Int64),
            "decision_maker": pl.Series(np.array(conflict.names, object), dtype=pl.String).gather(
                np.tile(np.repeat(np.arange(shape[1]), shape[2]), shape[0])
            ),
            "concept": pl.Series(np.array(concepts, object), dtype=pl.String).gather(
                np.tile(np.arange(shape[2]), shape[0] * shape[1])
            ),
            "stable": pl.Series(stable.ravel()),
            "margin": margins,
        }
    )


def _by_coalition(conflict: Conflict, judged: Any, states: np.ndarray) -> pl.DataFrame:
    rows = [
        (int(state), "+".join(conflict.names[k] for k in group), concept, bool(stable[f]))
        for concept, groups in judged.coalitions.items()
        for group, stable in groups.items()
        for f, state in enumerate(states)
    ]
    schema = {"state": pl.Int64, "coalition": pl.String, "concept": pl.String, "stable": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _targets(conflict: Conflict, states: np.ndarray, equilibria: dict[str, Any]) -> list[int]:
    some = np.zeros(states.size, bool)
    for holds in equilibria.values():
        some |= False if holds is None else holds
    seen = [o.state for o in conflict.observed]
    return sorted({*seen, *states[some][:200].tolist()} - {conflict.status_quo})


def path_table(conflict: Conflict, targets: list[int]) -> pl.DataFrame:
    """Shortest paths from the status quo to some states: by moves of any kind, and by improvements only."""
    from .moves import paths, say_path

    rows = []
    for kind, improvements in (("moves", False), ("improvements", True)):
        reached = paths(conflict, improvements=improvements)
        for state in targets:
            steps = reached.path(state)
            rows.append((state, kind, reached.can_reach(state), len(steps), say_path(conflict, steps)))
    schema = {"state": pl.Int64, "by": pl.String, "reached": pl.Boolean, "length": pl.Int64, "path": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _reasons(conflict: Conflict, states: np.ndarray, concepts: list[str], subsets: bool) -> pl.DataFrame:
    from .narration import Narrator

    narrator = Narrator(conflict, subsets=subsets)
    rows = [
        (int(s), name, concept, narrator.reason(int(s), name, concept).text)
        for s in states
        for name in conflict.names
        for concept in concepts
    ]
    schema = {"state": pl.Int64, "decision_maker": pl.String, "concept": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _observed(conflict: Conflict, states: np.ndarray, equilibria: dict[str, Any]) -> pl.DataFrame:
    place = {int(s): f for f, s in enumerate(states)}
    rows = []
    for o in conflict.observed:
        holds = [name for name, found in equilibria.items() if found is not None and found[place[o.state]]]
        rows.append(
            (o.when, o.account, o.state, ", ".join(conflict.taken(o.state)), ", ".join(holds), o.note, o.source)
        )
    names = ("when", "account", "state", "taken", "equilibrium_under", "note", "source")
    return pl.DataFrame(rows, schema={n: pl.Int64 if n == "state" else pl.String for n in names}, orient="row")


def _answer(equilibria: dict[str, Any], states: np.ndarray) -> str:
    parts = []
    for name, holds in equilibria.items():
        if holds is not None:
            found = states[holds]
            listed = ": " + ", ".join(map(str, found.tolist())) if 0 < found.size <= 8 else ""
            parts.append(f"{name} {found.size}{listed}")
    return f"Of {states.size} states no party leaves, by concept: " + "; ".join(parts) + "."


def _on_readings(ask: _Ask) -> dict[str, Any]:
    """The fields of the finding where some rankings are known only in part."""
    from .rankings import draw_rankings
    from .readings import deciding_table, shares, shares_by_decision_maker
    from .uncertain import sample_stability

    conflict = ask.conflict
    refused = [name for name in ask.concepts if name not in SOLO]
    if refused:
        expected = "one of " + ", ".join(SOLO) + " where rankings are known only in part"
        raise InputError([Wrong("", "concepts", name, expected) for name in refused])
    states = np.flatnonzero(feasible(conflict))
    draws = draw_rankings(conflict, states, ask.draws, ask.seed)
    until = None if ask.seconds is None else time.monotonic() + ask.seconds
    sampled = sample_stability(conflict, draws, ask.concepts, subsets=ask.subsets, until=until)
    equilibria = dict.fromkeys(ask.concepts) | {
        n: sampled.equilibria[:, c].all(0) for c, n in enumerate(sampled.concepts)
    }
    unfinished = [name for name in ask.concepts if name not in sampled.concepts]
    tables = {
        "by_decision_maker": _by_decision_maker(
            conflict, _Always(sampled, 1 << len(conflict.options)), states, list(sampled.concepts)
        )
    }
    tables["shares"] = shares(sampled)
    tables["deciding"] = deciding_table(conflict, sampled)
    tables["shares_by_decision_maker"] = shares_by_decision_maker(conflict, sampled)
    if conflict.status_quo is not None:
        tables["paths"] = path_table(conflict, _most_stable(sampled, conflict))
    if conflict.observed:
        tables["observed"] = _observed(conflict, states, equilibria).join(
            tables["shares"].pivot("concept", index="state", values="share"), on="state", how="left"
        )
    return {
        "table": _state_table(conflict, states, equilibria),
        "tables": tables,
        "complete": not unfinished,
        "answer": _answer_shares(tables["shares"], draws.ranks.shape[0]),
        "caveats": _reading_caveats(ask, draws, unfinished),
    }


class _Always:
    """Sampled verdicts in the form that ``_by_decision_maker`` reads: stable in every profile, no margins."""

    def __init__(self, sampled: Any, cells: int):
        self.margins: dict[str, np.ndarray] = {}
        self.stable = {}
        for c, name in enumerate(sampled.concepts):
            full = np.zeros((sampled.stable.shape[2], cells), bool)
            full[:, sampled.draws.states] = sampled.stable[:, c].all(0)
            self.stable[name] = full


def _most_stable(sampled: Any, conflict: Conflict) -> list[int]:
    best = sampled.equilibria.mean(0)
    top = {int(sampled.draws.states[f]) for row in best for f in np.argsort(-row, kind="stable")[:8]}
    return sorted((top | {o.state for o in conflict.observed}) - {conflict.status_quo})


def _answer_shares(table: pl.DataFrame, count: int) -> str:
    parts = []
    for concept in table["concept"].unique(maintain_order=True):
        best = (
            table.filter(pl.col("concept") == concept)
            .sort("share", "state", descending=[True, False])
            .row(0, named=True)
        )
        parts.append(f"{concept}: state {best['state']} in {best['holds']} of {count}")
    return "The state that most readings leave stable for every party, by concept: " + "; ".join(parts) + "."


def _reading_caveats(ask: _Ask, draws: Any, unfinished: list[str]) -> tuple[str, ...]:
    said = []
    for name, how in draws.how.items():
        number = draws.admissible[name]
        said.append(f"{name} {how}" + (f" of {number}" if number is not None and number > 1 else ""))
    caveats = [f"Shares are {SHARES_SAY}.", f"Rankings: {'; '.join(said)}."]
    if ask.conflict.variant:
        caveats.append(f"Variant {ask.conflict.variant} of the file.")
    if ask.conflict.observed:
        caveats.append(
            "The sources knew the outcome: an explanation, not a forecast. What was observed is not read by it."
        )
    if unfinished:
        caveats.append(f"The time of {ask.seconds} s ran out: not finished and left empty: {', '.join(unfinished)}.")
    return tuple(caveats)
