"""The crisis panel: roll calls of emergency special sessions and first resolutions on a country's situation.

The list is made by the rule below and by nothing else. Settings and the simple rule to beat are chosen on the part
before 2014; the rest is run once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from realpolitik.evidence import RollCalls
from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.terms import Grade, InputError, Problem, nearest

from .announced import learn_ties
from .cards import PANEL
from .features import describe, find_precedents, read_past
from .kinds import KINDS
from .model import KEEP, TRAINING, Chain, Learner, forecast_block, one_thread, steps_ahead
from .record import Record
from .resolution import record_of
from .rules import RULES, rule_forecasts
from .scores import given_a_vote, log_losses
from .text import clean_title
from .trial import FIRST_MOVERS

SITUATION_KINDS = (
    "territory_or_force",
    "human_rights_country",
    "militarisation",
    "reparation",
    "penalty_or_membership",
    "humanitarian",
    "unilateral_measures",
    "peace_and_security",
)
SITUATION_WORDS = re.compile(
    r"situation (of human rights |of democracy and human rights )?in|human rights (situation )?in|aggression against|territorial integrity of|"
    r"intervention in|invasion of|embargo (imposed|against)|suspension of the rights|withdrawal of|question of (cyprus|east timor)|"
    r"militari[sz]ation of|occupied territories of|status of internally displaced|(aggression|attack) (by|of)"
)
NOT_A_COUNTRY = re.compile(
    r"in the world|in the field|middle east|palestin|non-self-governing|southern africa|in the armed|in the context"
)
SPLIT = np.datetime64("2014-01-01")
FIRST_DAY, LAST_DAY = np.datetime64("1980-01-01"), np.datetime64("2022-12-31")
PARTS = ("before 2014", "from 2014")


@dataclass(frozen=True)
class Graded:
    """Log loss of each vote cast on one roll call, by announced set: ours and each rule's."""

    row: int
    state: np.ndarray
    ours: np.ndarray
    rules: dict[str, np.ndarray]
    right: float


def panel_rows(record: Record) -> np.ndarray:
    """Rows of the panel: emergency special sessions, or first resolutions on a country's situation; minority >= 10 %."""
    day = (record.dates >= FIRST_DAY) & (record.dates <= LAST_DAY)
    emergency = np.array(["ES-" in symbol for symbol in record.symbols])
    situation = np.array(
        [_is_situation(title, KINDS[kind]) for title, kind in zip(record.titles, record.kinds, strict=True)]
    )
    first = np.array(
        [_is_first(record, row) if s and d else False for row, (s, d) in enumerate(zip(situation, day, strict=True))]
    )
    return np.where(day & (record.minority >= 0.1) & (emergency | (situation & first)))[0]


def _is_situation(title: str, kind: str) -> bool:
    text = clean_title(title)
    return kind in SITUATION_KINDS and bool(SITUATION_WORDS.search(text)) and not NOT_A_COUNTRY.search(text)


def _is_first(record: Record, row: int) -> bool:
    """Whether no earlier roll call of the last eight sessions is a version of it, by title or by near text."""
    stop = int(np.searchsorted(record.dates, record.dates[row]))
    past = read_past(record, stop, int(record.sessions[row]))
    return not len(find_precedents(past, np.array([row])).versions[0])


def announced_sets(record: Record, rows: np.ndarray) -> dict[str, tuple[str, ...]]:
    """Nobody; USA and Russia; ten others drawn once with seed 1 from the members of all panel roll calls, outside the note's ten."""
    steady = (record.votes[rows] >= 0).all(0)
    pool = [s for s, there in zip(record.states, steady, strict=True) if there and s not in FIRST_MOVERS]
    if len(pool) < 10 or not {"USA", "RUS"} <= set(record.states):
        raise InputError("the panel needs USA, RUS and ten others that are members on all of its roll calls")
    ten = np.random.default_rng(1).choice(sorted(pool), 10, replace=False)
    return {"none": (), "USA and RUS": ("USA", "RUS"), "ten others": tuple(sorted(ten.tolist()))}


@one_thread
def grade_panel(
    record: Record, rows: np.ndarray, sets: Mapping[str, tuple[str, ...]], seed: int = 1
) -> dict[str, list[Graded]]:
    """Forecast each panel roll call, for each announced set, from the record of the days before it; score it on the others.

    Sessions are gone through once, and what no later one needs is let go: memory does not grow with the panel.
    """
    chain = Chain(record, {}, {}, {}, {}, {})
    columns = {name: np.array([record.column[s] for s in known], int) for name, known in sets.items()}
    learner = Learner(chain, columns, seed)
    out: dict[str, list[Graded]] = {name: [] for name in sets}
    sessions = record.sessions[rows]
    for session in steps_ahead(chain, int(sessions.min()) - TRAINING, int(sessions.max()), KEEP):
        if session in sessions:
            learner.learn()
            for row in rows[sessions == session]:
                for name, graded in _grade(learner, int(row)).items():
                    out[name].append(graded)
        learner.hear(session)
    return out


def _grade(learner: Learner, row: int) -> dict[str, Graded]:
    chain, record = learner.chain, learner.chain.record
    session, stop = int(record.sessions[row]), int(np.searchsorted(record.dates, record.dates[row]))
    past, target = read_past(record, stop, session), np.array([row])
    use = find_precedents(past, target)
    ties = learn_ties(record, stop, session, chain.before(session))
    sitting = forecast_block(chain.models[session], describe(past, target, record.votes[target] >= 0, use))
    sitting = chain.with_drift(sitting, session, ties)
    rules = {name: q[0] for name, q in rule_forecasts(past, target, use).items()}
    out = {}
    for name, column in learner.columns.items():
        p = learner.probabilities(name, sitting, ties, record.votes[target][:, column])[0]
        out[name] = _graded(record, row, column, p, rules)
    return out


def _graded(record: Record, row: int, column: np.ndarray, p: np.ndarray, rules: dict[str, np.ndarray]) -> Graded:
    votes = record.votes[row]
    cast = (votes >= 0) & (votes < 3)
    cast[column] = False
    y = votes[cast].astype(int)
    ours = given_a_vote(p[cast])
    losses = {name: log_losses(given_a_vote(q[cast]), y) for name, q in rules.items()}
    return Graded(row, np.where(cast)[0], log_losses(ours, y), losses, float((ours.argmax(1) == y).mean()))


def grade_rules(record: Record, rows: np.ndarray, sets: Mapping[str, tuple[str, ...]]) -> dict[str, list[Graded]]:
    """The simple rules alone on some panel roll calls, for each announced set; ours is left out."""
    out: dict[str, list[Graded]] = {name: [] for name in sets}
    for row in rows.tolist():
        stop = int(np.searchsorted(record.dates, record.dates[row]))
        past, target = read_past(record, stop, int(record.sessions[row])), np.array([row])
        rules = {name: q[0] for name, q in rule_forecasts(past, target).items()}
        for name, known in sets.items():
            column = np.array([record.column[s] for s in known], int)
            out[name].append(_graded(record, row, column, rules["always_yes"], rules))
    return out


def best_rule(graded: list[Graded]) -> str:
    """The simple rule with the least mean log loss."""
    return min(RULES, key=lambda name: float(np.concatenate([g.rules[name] for g in graded]).mean()))


def skill(graded: list[Graded], rule: str, seed: int = 1) -> tuple[int, int, float, float, float]:
    """Roll calls, votes, share of the rule's log loss that the forecast saves, and its 90 % interval over roll calls."""
    ours, theirs = (np.concatenate(x) for x in ([g.ours for g in graded], [g.rules[rule] for g in graded]))
    cluster = np.concatenate([np.full(len(g.ours), g.row) for g in graded])
    low, high = _skill_interval(ours, theirs, cluster, np.random.default_rng(seed))
    return len(graded), len(ours), float(1 - ours.mean() / theirs.mean()), low, high


def _skill_interval(
    ours: np.ndarray, theirs: np.ndarray, cluster: np.ndarray, rng: np.random.Generator, draws: int = 2000
) -> tuple[float, float]:
    """90 % interval of the skill when whole roll calls are drawn again, both losses with them."""
    _, code = np.unique(cluster, return_inverse=True)
    sums = np.stack([np.bincount(code, x) for x in (ours, theirs)])
    picks = rng.integers(0, sums.shape[1], (draws, sums.shape[1]))
    lost = sums[:, picks].sum(-1)
    low, high = np.quantile(1 - lost[0] / lost[1], [0.05, 0.95])
    return float(low), float(high)


def crisis_panel(votes: RollCalls, *, part: str = "before 2014", seed: int = 1) -> Finding:
    """Share of the best simple rule's log loss that the forecast saves on crises; above 0 it knows more than the rule.

    :param votes: roll calls as read by `read_votes`
    :param part: "before 2014" (where everything is chosen) or "from 2014"
    :param seed: seed of trees and bootstrap
    :returns: Finding; table: announced, rule, roll_calls, n, skill, low, high (90 %, over roll calls); roll_calls: announced,
        resolution, date, title, kind, n, right, log_loss, and the log loss of the rule and of always-yes
    :raises InputError: no panel roll calls in the record

    >>> from realpolitik.methods.alignment.roll_calls.made import made_votes
    >>> crisis_panel(made_votes())
    Traceback (most recent call last):
    ...
    realpolitik.terms.errors.InputError: the record holds no roll call of the crisis panel in both parts
    """
    record = record_of(votes, 24)
    rows = panel_rows(record) if len(record.symbols) else np.empty(0, int)
    early, late = rows[record.dates[rows] < SPLIT], rows[record.dates[rows] >= SPLIT]
    if not len(early) or not len(late):
        raise InputError("the record holds no roll call of the crisis panel in both parts")
    if part not in PARTS:
        raise InputError([Problem("", "part", part, " or ".join(PARTS), nearest=nearest(part, PARTS))])
    table, detail = [], []
    sets = announced_sets(record, rows)
    graded = grade_panel(record, early if part == PARTS[0] else late, sets, seed)
    before = graded if part == PARTS[0] else grade_rules(record, early, sets)
    for name in sets:
        rule = best_rule(before[name])
        table.append((name, rule, *skill(graded[name], rule, seed)))
        detail += [_detail(record, name, rule, g) for g in graded[name]]
    names = ["announced", "rule", "roll_calls", "n", "skill", "low", "high"]
    fields = [
        "announced",
        "resolution",
        "date",
        "title",
        "kind",
        "n",
        "right",
        "log_loss",
        "rule_log_loss",
        "always_yes",
    ]
    read = {"body": "GA", "session>=": 24}
    return conclude(
        PANEL,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"part": part},
        seed=seed,
        table=pl.DataFrame(table, schema=names, orient="row"),
        key=("announced",),
        tables={"roll_calls": pl.DataFrame(detail, schema=fields, orient="row")},
        grade=Grade.RECORDED,
        grade_reason="Scores of forecasts against recorded votes, each from the record of the days before.",
        answer="; ".join(f"{row[0]} announced: skill {row[4]:+.2f} ({row[5]:+.2f} to {row[6]:+.2f})" for row in table),
        traces=(Template("*", "panel {part}", (Leaf("recorded_votes", read), Leaf("roll_calls", read))),),
    )


def _detail(record: Record, name: str, rule: str, g: Graded) -> tuple[object, ...]:
    row = g.row
    title, kind = clean_title(record.titles[row]), KINDS[record.kinds[row]]
    return (name, record.symbols[row], record.dates[row].astype(object), title, kind, len(g.ours), g.right,
            float(g.ours.mean()), float(g.rules[rule].mean()), float(g.rules["always_yes"].mean()))  # fmt: skip
