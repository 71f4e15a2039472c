"""Two fitted steps: the forecast from precedents, and its update by announced votes; both trained on earlier sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from .announced import Nearby, Sitting, Ties, describe_announced, learn_ties, look_back
from .drift import BACK, COLUMNS, Errors, drift, errors_of
from .features import Block, describe, read_past
from .network import Network, Schooling, fit, softmax
from .record import Record
from .trees import Trees, grow

THINNING = 5
SHARP_YES = 4  #: feature: log odds of yes among near precedents
KEEP = 9  #: sessions whose forecasts and errors are read later: eight, and one since the next is made ahead
TRAINING = 14  #: sessions a step is trained on
FIRST_SESSION = 3  #: sessions of the record before the first for which features can be made
REGROW = 5  #: sessions after which trees are grown anew
SIZES = (0, 0, 0, 2, 3, 5, 8, 10, 10, 12, 15)  #: numbers of members that announce in general lessons
POOL = 40  #: members of a session among whom they are drawn
DRAWS = 3  #: draws for a session's general lesson
FIRST = Schooling(hidden=4, ridge=0.01, most=200_000, again=1.0, rate=7e-4)
SECOND = Schooling(hidden=12, ridge=0.001, most=100_000, again=1 / 3, rate=7e-4)
TREE_ROWS = 60_000  #: rows at most from which trees are grown
TRUST = (2.0, 1.0)  #: weights of the model for whoever announces and of that for the very members

#: Decorator: small matrices, for which more threads of linear algebra only wait for each other.
one_thread = threadpool_limits.wrap(limits=1, user_api="blas")


@dataclass(frozen=True)
class Lesson:
    """Rows to learn from: features (in half precision: they are many), outcomes and weights, one row per member and roll call."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray


def thin(x: np.ndarray, y: np.ndarray, easy: np.ndarray) -> Lesson:
    """Keep every hard row and one easy row in five, with five times the weight."""
    order = np.cumsum(easy)
    keep = ~easy | (order % THINNING == 0)
    weight = np.where(easy[keep], np.float32(THINNING), np.float32(1))
    return Lesson(x[keep].astype(np.float16), y[keep].astype(np.int8), weight)


def join(lessons: list[Lesson], most: float = np.inf, seed: int = 0) -> Lesson:
    """Several lessons as one; where they have more rows than `most`, some of each, drawn by the seed."""
    rng = np.random.default_rng(seed)
    share = min(1.0, most / sum(len(part.y) for part in lessons))
    rows = [_some(len(part.y), share, rng) for part in lessons]
    return Lesson(
        *(
            np.concatenate([getattr(part, name)[r] for part, r in zip(lessons, rows, strict=True)])
            for name in ("x", "y", "weight")
        )
    )


def _some(n: int, share: float, rng: np.random.Generator) -> slice | np.ndarray:
    """All of `n` rows, or a share of them drawn."""
    return slice(None) if share == 1 else np.sort(rng.permutation(n)[: round(share * n)])


def rows_of(record: Record, session: int) -> np.ndarray:
    """Rows of a session's roll calls."""
    return np.where(record.sessions == session)[0]


def session_block(record: Record, session: int) -> Block:
    """Features of a session's roll calls as seen at its opening."""
    targets = rows_of(record, session)
    return describe(read_past(record, int(targets[0]), session), targets, record.votes[targets] >= 0)


def training_sessions(record: Record, session: int) -> list[int]:
    """The last `TRAINING` sessions before `session` that have roll calls and a past of their own."""
    there = np.unique(record.sessions[record.sessions < session])
    return [int(s) for s in there[2:][-TRAINING:]]


def block_lesson(record: Record, block: Block) -> Lesson:
    """What a session's votes teach the first step; easy rows are those whose near precedents are nearly all yes."""
    x = with_gate(block.values, block.gate)[block.member]
    return thin(x, record.votes[block.targets][block.member].astype(np.int64), x[:, SHARP_YES] > 3.5)


def teach(lessons: list[Lesson], how: Schooling, start: Network | None, seed: int) -> Network:
    """Train a network, or train an earlier one on, with some lessons."""
    rows = join(lessons, how.again * sum(len(part.y) for part in lessons) if start else how.most, seed)
    return fit(rows.x, rows.y, rows.weight, seed, how, start)


@dataclass(frozen=True)
class Mixture:
    """A network and trees, their log probabilities averaged."""

    network: Network
    trees: Trees

    def probabilities(self, values: np.ndarray, gate: np.ndarray) -> np.ndarray:
        """Probabilities of the four outcomes, targets x states x outcomes."""
        rows = with_gate(values, gate).reshape(-1, values.shape[-1] + 1)
        logs = [np.log(softmax(part.scores(rows))) for part in (self.network, self.trees)]
        return softmax(np.mean(logs, axis=0)).reshape(*values.shape[:2], -1)


def fit_mixture(lessons: list[Lesson], start: Mixture | None, regrow: bool, seed: int) -> Mixture:
    """Train a mixture; its network goes on from an earlier one, whose trees are kept unless they are to be grown anew."""
    network = teach(lessons, SECOND, start.network if start else None, seed)
    if start and not regrow:
        return Mixture(network, start.trees)
    rows = join(lessons, TREE_ROWS, seed)
    return Mixture(network, grow(rows.x.astype(np.float32), rows.y, rows.weight, seed))


def with_gate(values: np.ndarray, gate: np.ndarray) -> np.ndarray:
    """Features with the number of earlier versions (none, one, two or more) as the last."""
    last = np.broadcast_to(gate[:, None, None], (*values.shape[:2], 1))
    return np.concatenate([values, last], -1, dtype=np.float32)


def forecast_block(model: Network, block: Block) -> Sitting:
    """The forecast from precedents for a block's targets, without drift."""
    base = softmax(model.scores(with_gate(block.values, block.gate)))
    return fresh_sitting(block.targets, block.member, block.gate, base)


def fresh_sitting(targets: np.ndarray, member: np.ndarray, gate: np.ndarray, base: np.ndarray) -> Sitting:
    """A sitting without drift and without roll calls to compare announced votes with."""
    return Sitting(
        targets, member, gate, base, np.zeros((*member.shape, COLUMNS), np.float32), Nearby.none(*member.shape)
    )


@dataclass(frozen=True)
class Update:
    """The second step: how announced votes and the drift of members move the forecast from precedents.

    One mixture trained for whoever announces, and another trained for the very members where they were known beforehand.
    """

    mixtures: tuple[Mixture, ...]

    def probabilities(self, sitting: Sitting, ties: Ties, known: np.ndarray, told: np.ndarray) -> np.ndarray:
        """Probabilities of the four outcomes, targets x states x outcomes, given the votes told (targets x known).

        The mixtures' logs are averaged; where nobody has announced, these with those of the forecast from precedents.
        """
        values = describe_announced(sitting, ties, known, told)
        found = [np.log(m.probabilities(values, sitting.gate)) for m in self.mixtures]
        logs = np.average(found, axis=0, weights=TRUST[: len(found)])
        silent = np.asarray((told < 0).all(1))[:, None, None]
        return softmax(np.where(silent, 0.5 * (logs + np.log(np.maximum(sitting.base, 1e-6))), logs))


def lesson(
    record: Record,
    sitting: Sitting,
    ties: Ties,
    known: np.ndarray,
    told: np.ndarray | None = None,
    learn_from: np.ndarray | None = None,
) -> Lesson:
    """Features of an earlier session as if `known` had announced there: all of them, or those in `told` (-1: not).

    `learn_from`: which votes (targets x states) are rows of the lesson; by default those of all members that did not announce.
    """
    votes = record.votes[sitting.targets]
    told = votes[:, known] if told is None else told
    values = describe_announced(sitting, ties, known, told)
    others = sitting.member.copy() if learn_from is None else sitting.member & learn_from
    others[:, known] &= told < 0
    x = with_gate(values, sitting.gate)[others]
    return thin(x, votes[others].astype(np.int64), sitting.base[others][:, 0] > 0.97)


def drawn_lesson(record: Record, sitting: Sitting, ties: Ties, seed: int) -> Lesson:
    """An earlier session as if members drawn for each roll call had announced, from nobody to fifteen: the general lesson.

    They are drawn anew for each of `DRAWS` parts of the votes, so that no lesson rests on one draw.
    """
    votes = record.votes[sitting.targets]
    steady = np.where((votes >= 0).all(0))[0]
    part = np.add.outer(np.arange(votes.shape[0]), np.arange(votes.shape[1])) % DRAWS
    found = []
    for draw in range(DRAWS):
        rng = np.random.default_rng([seed, int(record.sessions[sitting.targets[0]]), draw])
        known = np.sort(rng.choice(steady, min(POOL, len(steady)), replace=False))
        told = votes[:, known].copy()
        for row in told:
            row[rng.permutation(len(known))[rng.choice(SIZES) :]] = -1
        found.append(lesson(record, sitting, ties, known, told, part == draw))
    return join(found)


def fit_all(
    lessons: list[list[Lesson]], starts: Sequence[Mixture | None], regrow: bool, seed: int
) -> tuple[Mixture, ...]:
    """A mixture for each list of lessons, going on from `starts`; side by side on two threads."""
    with ThreadPoolExecutor(2) as pool:
        return tuple(pool.map(lambda part, start: fit_mixture(part, start, regrow, seed), lessons, starts))


@dataclass(frozen=True)
class Chain:
    """Sessions in turn, each forecast from the ones before it: what was learnt, the forecasts and the ties, by session."""

    record: Record
    lessons: dict[int, Lesson]
    models: dict[int, Network]
    sittings: dict[int, Sitting]
    ties: dict[int, Ties]
    errors: dict[int, Errors]

    def before(self, session: int) -> list[Sitting]:
        """Forecasts of the eight sessions before one."""
        return [v for s, v in list(self.sittings.items()) if session - 8 <= s < session]

    def with_drift(self, sitting: Sitting, session: int, ties: Ties) -> Sitting:
        """A sitting of that session with the drift of its members: errors on earlier days, the session's own included."""
        parts = [e for s, e in list(self.errors.items()) if session - BACK <= s <= session]
        moved = drift(self.record, sitting.targets, session, parts, ties.agreement)
        return replace(sitting, drift=moved, nearby=look_back(self.record, sitting.targets, session))


def roll(record: Record, first: int, last: int) -> Chain:
    """Forecast every session from `first` to `last` from precedents, each trained on the sessions before it."""
    chain = Chain(record, {}, {}, {}, {}, {})
    for _ in steps(chain, first, last):
        pass
    return chain


def steps(chain: Chain, first: int, last: int, keep: int | None = None) -> Iterator[int]:
    """Forecast the sessions one by one, yielding each when it stands in the chain; `keep`: forget older ones than that."""
    record, model = chain.record, None
    there = [int(s) for s in np.unique(record.sessions)]
    for session in (s for s in there[FIRST_SESSION:] if first <= s <= last):
        training = training_sessions(record, session)
        for s in training:
            if s not in chain.lessons:
                chain.lessons[s] = block_lesson(record, session_block(record, s))
        _forget(chain.lessons, training[0])
        with ThreadPoolExecutor(1) as beside:  # fitting runs outside Python, reading mostly inside
            fitted = beside.submit(teach, [chain.lessons[s] for s in training], FIRST, model, session)
            block = session_block(record, session)
            model = fitted.result()
        chain.lessons[session] = block_lesson(record, block)
        chain.models[session] = model
        _sit(chain, session, forecast_block(model, block))
        if keep is not None:
            for held in (chain.models, chain.sittings, chain.ties, chain.errors):
                _forget(held, session - keep)
        yield session


def steps_ahead(chain: Chain, first: int, last: int, keep: int | None = None) -> Iterator[int]:
    """The same, each made on another thread while the one before it is used."""
    made = steps(chain, first, last, keep)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, made, None)
        while (session := coming.result()) is not None:
            coming = beside.submit(next, made, None)
            yield session


@dataclass
class Learner:
    """What has been learnt so far of announced votes, for sets of members (`columns`, by name; one may be empty)."""

    chain: Chain
    columns: Mapping[str, np.ndarray]
    seed: int
    grown: int = 0
    general: dict[int, Lesson] = field(default_factory=dict)
    own: dict[str, dict[int, Lesson]] = field(default_factory=dict)
    mixtures: dict[str, Mixture] = field(default_factory=dict)

    def learn(self) -> None:
        """Train on the lessons of the sessions before: for whoever announces (under the name ""), and for each set."""
        lessons = {"": self.general, **self.own} if self.general else {}
        names, regrow = list(lessons), self.grown % REGROW == 0
        starts = [self.mixtures.get(name) for name in names]
        fitted = fit_all([[*lessons[name].values()] for name in names], starts, regrow, self.seed)
        self.mixtures.update(zip(names, fitted, strict=True))
        self.grown += bool(names)

    def hear(self, session: int) -> None:
        """Take the lessons of a session that has been forecast; forget those too old to be learnt from."""
        record, sitting, ties = self.chain.record, self.chain.sittings[session], self.chain.ties[session]
        for held in (self.general, *self.own.values()):
            _forget(held, session - TRAINING + 1)
        self.general[session] = drawn_lesson(record, sitting, ties, self.seed)
        for name, column in self.columns.items():
            if len(column):
                self.own.setdefault(name, {})[session] = lesson(record, sitting, ties, column)

    def probabilities(self, name: str, sitting: Sitting, ties: Ties, told: np.ndarray) -> np.ndarray:
        """Forecast of a sitting with votes of a set's members told (targets x members), by what has been learnt."""
        if not self.mixtures:
            return sitting.base
        parts = [self.mixtures[key] for key in ("", name) if key in self.mixtures]
        return Update(tuple(parts)).probabilities(sitting, ties, self.columns[name], told)


def _forget(held: dict[int, Any], before: int) -> None:
    for session in [s for s in held if s < before]:
        del held[session]


def _sit(chain: Chain, session: int, sitting: Sitting) -> None:
    """Enter a session's forecast into the chain, with ties, errors and drift."""
    record = chain.record
    chain.ties[session] = learn_ties(record, int(sitting.targets[0]), session, chain.before(session))
    chain.errors[session] = errors_of(record, sitting.targets, sitting.base)
    chain.sittings[session] = chain.with_drift(sitting, session, chain.ties[session])
