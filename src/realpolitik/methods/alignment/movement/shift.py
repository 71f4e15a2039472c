"""Who moved, after the kind of act and the shift of all members are taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.runner.seeds import generator
from realpolitik.terms import Grade, InputError, Problem, nearest

from ..roll_calls.text import title_key
from .cards import MOVEMENT, MOVES_BETWEEN
from .scores import SCORE, kinds_of, sheet

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

Floats = NDArray[np.float64]
WORDS = ("yes", "abstain", "no", "absent")


def movement(
    votes: RollCalls,
    *,
    before: tuple[int, int],
    after: tuple[int, int],
    kinds: Sequence[str | None] | None = None,
    least: int = 2,
    draws: int = 400,
    body: str = "GA",
    seed: int = 1,
) -> Finding:
    """Change of a state's votes between two spans of sessions, from -1 (no to yes) to 1 (yes to no), like with like.

    Each vote is scored 0 yes, 0.5 abstain, 1 no, less the mean on that roll call of the members that voted in both spans
    (so that who joined or left moves nobody); a state's change is the difference of its means between the spans inside
    each kind of act, averaged over the kinds that both spans hold (weight: harmonic mean of their numbers of roll
    calls). So neither a change of agenda between kinds nor a shift of all members counts as a movement.

    Parameters
    ----------
    before, after : first and last session of each span; no session in both.
    kinds : kind of act of each roll call of ``body``; None: the column ``kind`` of the data, where it is empty the rules on
        title and agenda (``roll_calls.kind_of_act``; "other" where no rule matches).
    least : fewest votes of a state in each span and kind for the kind to count for it.
    draws, seed : bootstrap over series (the roll calls of one title, in both spans together), all members on the same draws.

    Returns
    -------
    Finding with table state, change, sd, low, high (90 %), shrunk, n_before, n_after, in_top_ten (share of the
    resamples in which the state is among the ten largest changes). Table ``kinds``: state, kind, change.

    Raises
    ------
    InputError
        If the spans overlap or hold no common kind of act, or a setting is out of its range.
    """
    _check_settings(before, after, least, draws)
    taken = votes.body(body).recorded() if kinds is None else votes.body(body)
    kind = kinds_of(taken, kinds)
    _check_kinds(taken, kind)
    spans = [_span(taken, span) for span in (before, after)]
    shared = [k for k in sorted(set(kind[spans[0]]) & set(kind[spans[1]])) if k is not None]
    if not shared:
        raise InputError([Problem("", "before, after", f"{before}, {after}", "two spans with a kind of act in common")])
    stayed = np.all([_voted(taken, calls) for calls in spans], axis=0)
    series = _series(taken)
    parts = [[calls[kind[calls] == k] for calls in spans] for k in shared]
    blocks = [[Block(sheet(taken, own).residuals(stayed), series[own]) for own in pair] for pair in parts]
    change, by_kind, counts = _change(blocks, None, least)
    drawn = _change(blocks, _multiplicity(blocks, draws, generator(seed, "movement")), least)[0]
    table = _shift_table(taken, change[:, 0], drawn.T, counts[:, :, 0])
    names = list(taken.states)
    return conclude(
        MOVEMENT,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={"before": list(before), "after": list(after), "kinds": None if kinds is None else list(kinds),
                    "least": least, "draws": draws, "body": body},
        seed=seed,
        table=table,
        key=("state",),
        tables={"kinds": _kind_table(names, shared, by_kind[:, :, 0])},
        grade=Grade.RECORDED,
        grade_reason="Sums over recorded acts; the interval says how far they rest on which roll calls were held.",
        answer=_said(table, before, after),
        caveats=("Absences are left out: a state that leaves rather than abstains does not show here.",
                 f"Kinds of act compared: {', '.join(map(str, shared))}.",
                 "A change within a kind can still come from other texts of that kind."),
        traces=(Template("*", "Change of {state}'s votes from sessions {before} to {after}, less the mean of the members that voted in both",
                         (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))),),
    )  # fmt: skip


def _check_kinds(votes: RollCalls, kind: NDArray[np.object_]) -> None:
    if len(kind) != votes.n_calls:
        raise InputError(
            [Problem("", "kinds", f"{len(kind)} kinds", f"one for each of the {votes.n_calls} roll calls")]
        )


def _span(votes: RollCalls, span: tuple[int, int]) -> NDArray[np.int64]:
    held = np.diff(votes.ptr) > 0
    inside = (votes.session >= span[0]) & (votes.session <= span[1]) & held
    if not inside.any():
        known = f"sessions between {votes.session.min()} and {votes.session.max()}"
        raise InputError([Problem("", "span", f"{span[0]} to {span[1]}", f"{known} with roll calls")])
    return np.flatnonzero(inside)


@dataclass(frozen=True)
class Block:
    """One span's roll calls of one kind: what is left of each score (states x calls; NaN: no vote), and each call's series."""

    left: Floats
    series: NDArray[np.int64]


def _check_settings(before: tuple[int, int], after: tuple[int, int], least: int, draws: int) -> None:
    problems = [
        Problem("", name, f"{span[0]} to {span[1]}", "the first session before the last")
        for name, span in (("before", before), ("after", after))
        if span[0] > span[1]
    ]
    if not problems and before[0] <= after[1] and after[0] <= before[1]:
        problems.append(Problem("", "before, after", f"{before}, {after}", "two spans without a session in common"))
    if least < 1:
        problems.append(Problem("", "least", str(least), "1 vote or more"))
    if draws < 2:
        problems.append(Problem("", "draws", str(draws), "2 or more"))
    if problems:
        raise InputError(problems)


def _voted(votes: RollCalls, calls: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each state voted yes, abstain or no on one of some roll calls."""
    return np.asarray(np.isfinite(sheet(votes, calls).scores()).any(1))


def _series(votes: RollCalls) -> NDArray[np.int64]:
    """Number of each roll call's series: those of one title; a roll call without a title is a series of its own."""
    titles = votes.calls["title"].fill_null("").to_list()
    keys = [title_key(title) or f"untitled {call}" for call, title in enumerate(titles)]
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


def _multiplicity(blocks: list[list[Block]], draws: int, rng: np.random.Generator) -> Floats:
    """How often each series is drawn, series x draws: as many as there are, with replacement."""
    there = np.unique(np.concatenate([block.series for pair in blocks for block in pair]))
    out = np.zeros((int(there.max()) + 1, draws))
    out[there] = rng.multinomial(len(there), np.full(len(there), 1 / len(there)), size=draws).T
    return out


def _means(block: Block, times: Floats | None) -> tuple[Floats, Floats]:
    """Mean of what is left and number of votes, states x draws; without draws each roll call counts once."""
    voted = np.isfinite(block.left)
    weight = np.ones((len(block.series), 1)) if times is None else times[block.series]
    n = voted.astype(float) @ weight
    return np.where(voted, block.left, 0.0) @ weight / np.maximum(n, 1), n


def _change(blocks: list[list[Block]], times: Floats | None, least: int) -> tuple[Floats, Floats, Floats]:
    """Change, states x draws (NaN where no kind counts); by kind in front; votes that count, spans x states x draws."""
    weight = np.array([2.0 / sum(1.0 / len(block.series) for block in pair) for pair in blocks])
    pairs = [[_means(block, times) for block in pair] for pair in blocks]
    mean = np.array([[m for m, _ in pair] for pair in pairs])
    n = np.array([[c for _, c in pair] for pair in pairs])
    fine: NDArray[np.bool_] = np.asarray((n >= least).all(1))
    by_kind = np.where(fine, mean[:, 1] - mean[:, 0], np.nan)
    w = np.where(fine, weight[:, None, None], 0.0)
    total = w.sum(0)
    change = np.where(total > 0, np.where(fine, by_kind * w, 0.0).sum(0) / np.maximum(total, 1e-12), np.nan)
    return change, by_kind, np.where(fine[:, None], n, 0).sum(0)


def _shift_table(votes: RollCalls, change: Floats, drawn: Floats, counts: Floats) -> pl.DataFrame:
    import polars as pl

    seen = np.flatnonzero(np.isfinite(change) & (np.isfinite(drawn).sum(0) > 1))
    x, d = change[seen], drawn[:, seen]
    sd = np.nanstd(d, axis=0, ddof=1)
    low, high = np.nanquantile(d, [0.05, 0.95], axis=0)
    spread = max(float(x.var()) - float((sd**2).mean()), 0.0)
    size = np.where(np.isfinite(d), np.abs(d), -1.0)
    top = np.argsort(-size, axis=1, kind="stable")[:, :10]
    share = np.bincount(top.ravel(), minlength=len(seen)) / len(d)
    frame = pl.DataFrame(
        {
            "state": [votes.states[s] for s in seen],
            "change": x,
            "sd": sd,
            "low": low,
            "high": high,
            "shrunk": x * spread / np.maximum(spread + sd**2, 1e-12),
            "n_before": counts[0][seen].astype(np.int64),
            "n_after": counts[1][seen].astype(np.int64),
            "in_top_ten": share,
        }
    )
    return frame.sort(pl.col("shrunk").abs(), "state", descending=[True, False])


def _kind_table(names: Sequence[str], kinds: Sequence[str], by_kind: Floats) -> pl.DataFrame:
    import polars as pl

    k, s = np.nonzero(np.isfinite(by_kind))
    frame = pl.DataFrame(
        {"state": [names[int(i)] for i in s], "kind": [kinds[int(i)] for i in k], "change": by_kind[k, s]}
    )
    return frame.sort("state", "kind")


def _said(table: pl.DataFrame, before: tuple[int, int], after: tuple[int, int]) -> str:
    if table.height == 0:
        return "No state voted often enough in both spans."
    first = table.row(0, named=True)
    low, high = sorted((first["low"], first["high"]), reverse=first["change"] < 0)
    return (
        f"{first['state']} moved most, noise discounted, between sessions {before[0]}-{before[1]} and {after[0]}-{after[1]}: "
        f"{_towards(first['change'])} (90 % interval {_towards(low)} to {_towards(high)})."
    )


def _towards(change: float) -> str:
    return f"{abs(change):.2f} towards {'no' if change > 0 else 'yes'}"


def moves_between(votes: RollCalls, *, first: str, last: str) -> Finding:
    """How far each member's second vote is from that of the members that voted alike on the first resolution.

    ``residual`` is the member's score on the second (0 yes, 0.5 abstain, 1 no) less the mean of all members with the
    same vote on the first, itself left out; ``sd`` is their spread, ``alike`` their number. The shift of all members,
    and what a different kind of act does to all who voted alike, are in that mean.

    Returns
    -------
    Finding with table state, first, last, residual, sd, alike, largest residuals first. A member absent on the second
    has no residual; one not listed on either is not in the table. Table ``turns``: first, last, members.

    Raises
    ------
    InputError
        If a resolution is unknown or has no recorded votes.
    """
    import polars as pl

    taken = [_recorded(votes, symbol) for symbol in (first, last)]
    rows = [(s, taken[0][s], taken[1][s]) for s in sorted(set(taken[0]) & set(taken[1]))]
    frame = pl.DataFrame(rows, schema=["state", "first", "last"], orient="row")
    score = np.array([SCORE[WORDS.index(v)] for v in frame["last"]])
    group = frame["first"].to_numpy()
    residual, spread, alike = np.full((3, len(rows)), np.nan)
    for k in np.flatnonzero(np.isfinite(score)):
        others = score[(group == group[k]) & np.isfinite(score) & (np.arange(len(rows)) != k)]
        alike[k] = len(others)
        if len(others):
            residual[k], spread[k] = score[k] - others.mean(), others.std()
    frame = frame.with_columns(residual=pl.Series(residual), sd=pl.Series(spread), alike=pl.Series(alike))
    frame = frame.with_columns(pl.col("residual", "sd", "alike").fill_nan(None))
    ordered = frame.sort(pl.col("residual").abs(), "state", descending=[True, False], nulls_last=True)
    turns = frame.group_by("first", "last").agg(pl.len().alias("members")).sort("first", "last")
    return conclude(
        MOVES_BETWEEN,
        votes,
        ("recorded_votes",),
        parameters={"first": first, "last": last},
        table=ordered,
        key=("state",),
        tables={"turns": turns},
        grade=Grade.RECORDED,
        answer=f"{len(rows)} members are listed on both {first} and {last}; {sum(a != b for _, a, b in rows)} changed their vote.",
        caveats=("Two roll calls only: a residual is a question to ask, not a movement shown.",),
        traces=(Template("*", "Votes on {first} and {last}", (Leaf("recorded_votes", {"roll_call": [first, last]}),)),),
    )


def _recorded(votes: RollCalls, symbol: str) -> dict[str, str]:
    if symbol not in votes.place:
        raise InputError(
            [Problem("", "resolution", symbol, "a roll call in the data", nearest=nearest(symbol, votes.place))]
        )
    found = votes.votes_on(symbol)
    if not found:
        raise InputError([Problem("", "resolution", symbol, "a roll call with recorded votes")])
    return found
