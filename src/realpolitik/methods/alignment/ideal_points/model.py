"""The model all engines share: which votes inform it, in what order, and the priors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

YES, ABSTAIN, NO, ABSENT = 0, 1, 2, 3


@dataclass(frozen=True)
class Priors:
    """Slope ~ N(0, slope), lower cut-point ~ N(0, cut), width ~ Gamma(shape, rate), first position ~ N(0, start)."""

    slope: float = 2.0
    cut: float = 9.0
    width_shape: float = 2.0
    width_rate: float = 1.0
    start: float = 1.0
    drift_shape: float = 2.0
    drift_scale: float = 0.02

    def vector(self) -> Floats:
        """The four numbers the kernels take: slope variance, cut variance, shape - 1, rate."""
        return np.array([self.slope, self.cut, self.width_shape - 1.0, self.width_rate])


@dataclass(frozen=True)
class Dropped:
    """What does not inform the scale, counted."""

    unanimous_items: int
    votes_on_unanimous_items: int
    absences: int
    states_without_votes: tuple[int, ...]


@dataclass(frozen=True)
class Model:
    """Votes of contested items sorted by item and answer, on a grid of state-sessions sorted by session.

    A state-session ("node") exists for every session from a state's first to its last informative vote, also where it
    cast none: the random walk passes through it.
    """

    cuts: Ints  # (items, 4): yes from cuts[0], abstain from cuts[1], no from cuts[2], end cuts[3]
    node: NDArray[np.uint32]  # (votes,) unsigned, so that kernels need no check for an index from the end
    item_of_group: Ints  # (items,) the link group each item stands for
    node_state: Ints
    node_session: Ints
    node_votes: Ints
    sessions: Ints  # distinct sessions in order
    session_ptr: Ints  # nodes of session number k are session_ptr[k] .. session_ptr[k + 1]
    path_ptr: Ints
    path_node: Ints  # nodes by state, in order of time
    states: int
    priors: Priors
    calls_of_item: tuple[Ints, ...]  # the roll calls behind each item
    dropped: Dropped
    anchors: dict[int, float] = field(default_factory=dict)
    absent: Floats = field(default_factory=lambda: np.empty(0))  # (nodes,) share of recorded roll calls not voted on

    @property
    def items(self) -> int:
        return len(self.cuts)

    @property
    def nodes(self) -> int:
        return len(self.node_state)

    @property
    def votes(self) -> int:
        return len(self.node)

    @cached_property
    def previous(self) -> Ints:
        """The same state's node one session earlier, or -1."""
        out = np.full(self.nodes, -1)
        inner = np.ones(self.nodes, bool)
        inner[self.path_ptr[:-1]] = False
        at = np.flatnonzero(inner)
        out[self.path_node[at]] = self.path_node[at - 1]
        return out

    @cached_property
    def gap(self) -> Floats:
        """Sessions passed since the previous node of the path (1 for a first node)."""
        back = self.previous
        out = np.ones(self.nodes)
        moved = back >= 0
        out[moved] = self.node_session[moved] - self.node_session[back[moved]]
        return out

    @cached_property
    def item_of_vote(self) -> NDArray[np.int32]:
        return np.repeat(np.arange(self.items, dtype=np.int32), self.cuts[:, 3] - self.cuts[:, 0])

    @cached_property
    def answer(self) -> NDArray[np.int8]:
        """0 yes, 1 abstain, 2 no, for every vote in the model's order."""
        return np.tile(np.array([YES, ABSTAIN, NO], np.int8), self.items).repeat(np.diff(self.cuts).ravel())

    @cached_property
    def item_session(self) -> Ints:
        """(items, 2) number of the first and last session in which an item was voted on."""
        number = np.searchsorted(self.sessions, self.node_session)[self.node]
        starts = self.cuts[:, 0]
        return np.stack([np.minimum.reduceat(number, starts), np.maximum.reduceat(number, starts)], axis=1)

    @cached_property
    def by_session(self) -> tuple[tuple[Ints, Ints, Ints, int], ...]:
        """For each session: its votes, the row (node) and column (item) of each inside the session, number of columns."""
        number = np.searchsorted(self.sessions, self.node_session)[self.node]
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], np.arange(len(self.sessions) + 1))
        out = []
        for k in range(len(self.sessions)):
            votes = order[ends[k] : ends[k + 1]]
            item = self.item_of_vote[votes]
            column = np.cumsum(np.diff(item, prepend=item[:1]) != 0)
            out.append(
                (votes, self.node[votes] - self.session_ptr[k], column, int(column[-1]) + 1 if len(column) else 0)
            )
        return tuple(out)

    def with_priors(self, **changes: float) -> Model:
        return replace(self, priors=replace(self.priors, **changes))


def build_model(
    ptr: Sequence[int] | Ints,
    state: NDArray[np.int32],
    answer: NDArray[np.int8],
    session: Sequence[int] | Ints,
    *,
    links: Sequence[int] | Ints | None = None,
    succession: Sequence[tuple[int, int]] = (),
    anchors: dict[int, float] | None = None,
    priors: Priors | None = None,
) -> Model:
    """Model of the votes on contested roll calls.

    Parameters
    ----------
    ptr, state, answer : roll call j holds votes ptr[j] .. ptr[j + 1]; answer is 0 yes, 1 abstain, 2 no, 3 absent.
    session : integer time of each roll call.
    links : group of each roll call; roll calls of one group share all item parameters. None: every roll call its own.
    succession : (new, old) states; the new state's path continues the old one's.
    anchors : signs or start values that fix the polarity, by state.

    Raises
    ------
    ValueError
        If nothing is contested, or the arrays do not fit together; the message lists everything wrong.
    """
    ptr, who, answer, session = _checked(ptr, state, answer, session, links)
    groups = np.arange(len(session)) if links is None else np.unique(np.asarray(links), return_inverse=True)[1]
    item = np.repeat(groups, np.diff(ptr))
    states = int(who.max()) + 1
    path = _paths(states, succession)
    recorded = answer != ABSENT
    contested = _contested(item[recorded], answer[recorded], int(groups.max()) + 1)
    keep = recorded & contested[item]
    if not keep.any():
        raise ValueError("no contested roll call: every recorded vote agrees with all others on its roll call")
    sessions, number = _sessions(ptr, session, keep)
    node, grid = _nodes(who[keep], number[keep], sessions, path)
    kept_items = np.flatnonzero(contested)
    new = np.full(len(contested), -1)
    new[kept_items] = np.arange(len(kept_items))
    cell = new[item[keep]] * 3 + answer[keep]
    order = np.argsort(cell * len(grid["state"]) + node)
    ends = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=3 * len(kept_items)))])
    cuts = np.stack([ends[0:-1:3], ends[1::3], ends[2::3], ends[3::3]], axis=1)
    dropped = Dropped(
        int(len(contested) - len(kept_items)),
        int((recorded & ~contested[item]).sum()),
        int((~recorded).sum()),
        tuple(np.flatnonzero(np.bincount(who[keep], minlength=states) == 0).tolist()),
    )
    return Model(
        cuts=cuts,
        node=node[order].astype(np.uint32),
        item_of_group=kept_items,
        node_votes=np.bincount(node, minlength=len(grid["state"])),
        states=states,
        priors=priors or Priors(),
        calls_of_item=_calls_of(groups, kept_items),
        dropped=dropped,
        anchors=dict(anchors or {}),
        absent=_absent_share(who, number, answer, grid),
        **{"node_state": grid["state"], "node_session": grid["session"]},
        **{k: grid[k] for k in ("sessions", "session_ptr", "path_ptr", "path_node")},
    )


def _calls_of(groups: Ints, kept: Ints) -> tuple[Ints, ...]:
    order = np.argsort(groups, kind="stable")
    ends = np.searchsorted(groups[order], np.arange(groups.max() + 2))
    return tuple(order[ends[g] : ends[g + 1]] for g in kept)


def _checked(ptr, state, answer, session, links) -> tuple[Ints, Ints, NDArray[np.int8], Ints]:  # type: ignore[no-untyped-def]
    ptr, session = np.asarray(ptr, np.int64), np.asarray(session, np.int64)
    state, answer = np.asarray(state, np.int64), np.asarray(answer, np.int8)
    wrong = []
    if len(ptr) != len(session) + 1:
        wrong.append(f"ptr has {len(ptr)} entries, expected one more than the {len(session)} roll calls")
    elif ptr[-1] != len(state) or (np.diff(ptr) < 0).any():
        wrong.append("ptr must rise from 0 to the number of votes")
    if len(state) != len(answer):
        wrong.append(f"{len(state)} states but {len(answer)} answers")
    if len(answer) == 0:
        wrong.append("no votes")
    elif answer.min() < YES or answer.max() > ABSENT:
        wrong.append(f"answers must be 0, 1, 2 or 3, found {sorted(set(np.unique(answer)) - {0, 1, 2, 3})}")
    if links is not None and len(links) != len(session):
        wrong.append(f"{len(links)} links for {len(session)} roll calls")
    if not wrong and (again := _duplicates(ptr, state)):
        wrong.append(f"{again} duplicate votes (same roll call, same state)")
    if wrong:
        raise ValueError("; ".join(wrong))
    return ptr, state, answer, session


def _duplicates(ptr: Ints, state: Ints) -> int:
    pairs = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr)) * (int(state.max()) + 1) + state
    if (np.diff(pairs) > 0).all():
        return 0
    return int((np.diff(np.sort(pairs)) == 0).sum())


def _sessions(ptr: Ints, session: Ints, keep: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Sessions with informative votes in order, and the number of its session for every vote (-1: none of them)."""
    calls = np.flatnonzero(np.diff(np.concatenate([[0], np.cumsum(keep)])[ptr]))
    sessions = np.unique(session[calls])
    number = np.searchsorted(sessions, session)
    known = sessions[np.minimum(number, len(sessions) - 1)] == session
    return sessions, np.repeat(np.where(known, number, -1), np.diff(ptr))


def _contested(item: Ints, answer: NDArray[np.int8], groups: int) -> NDArray[np.bool_]:
    tally = np.bincount(item * 3 + answer, minlength=groups * 3).reshape(groups, 3)
    return (tally > 0).sum(1) > 1


def _paths(states: int, succession: Sequence[tuple[int, int]]) -> Ints:
    path = np.arange(states)
    for new, old in succession:
        path[path == path[new]] = path[old]
    return path


def _nodes(state: Ints, number: Ints, sessions: Ints, path: Ints) -> tuple[Ints, dict[str, Ints]]:
    """Node of every vote, and the grid: nodes sorted by session, then state; paths without holes."""
    cell = state * len(sessions) + number
    grid = np.bincount(cell, minlength=len(path) * len(sessions)).reshape(len(path), -1) > 0
    filled = grid.copy()
    for p in np.unique(path[np.flatnonzero(grid.any(1))]):
        members = np.flatnonzero(path == p)
        taken = np.asarray(grid[members].any(0))
        owner = members[np.argmax(grid[members], axis=0)]
        first, last = np.flatnonzero(taken)[[0, -1]]
        for k in np.flatnonzero(~taken[first : last + 1]) + first:
            filled[owner[:k][taken[:k]][-1], k] = True
        if (grid[members].sum(0) > 1).any():
            raise ValueError(f"states {members.tolist()} are declared successors but vote in the same session")
    at_session, at_state = np.nonzero(filled.T)
    index = np.full(filled.shape, -1)
    index[at_state, at_session] = np.arange(len(at_state))
    by_path = np.lexsort((at_session, path[at_state]))
    path_ptr = np.append(np.flatnonzero(np.diff(path[at_state][by_path], prepend=-1)), len(by_path))
    return index.ravel()[cell], {
        "state": at_state,
        "session": sessions[at_session],
        "sessions": sessions,
        "session_ptr": np.searchsorted(at_session, np.arange(len(sessions) + 1)),
        "path_ptr": path_ptr,
        "path_node": by_path,
    }


def _absent_share(state: Ints, number: Ints, answer: NDArray[np.int8], grid: dict[str, Ints]) -> Floats:
    sessions, known = grid["sessions"], number >= 0
    cell = state[known] * len(sessions) + number[known]
    size = (int(state.max()) + 1) * len(sessions)
    called = np.bincount(cell, minlength=size)
    missed = np.bincount(cell[answer[known] == ABSENT], minlength=size)
    at = grid["state"] * len(sessions) + np.searchsorted(sessions, grid["session"])
    with np.errstate(invalid="ignore"):
        return np.where(called[at] > 0, missed[at] / np.maximum(called[at], 1), np.nan)
