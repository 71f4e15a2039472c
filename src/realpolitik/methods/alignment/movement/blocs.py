"""Blocs of states that vote alike, and how firmly each state belongs to its bloc."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from realpolitik.findings import Finding, Leaf, Template, conclude
from realpolitik.runner.seeds import generator
from realpolitik.terms import Grade, InputError, Problem

from .cards import BLOCS
from .scores import Sheet, sheet

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def blocs(
    votes: RollCalls,
    *,
    first: int,
    last: int,
    number: int | None = None,
    most: int = 8,
    least: float = 0.5,
    smallest: int = 5,
    draws: int = 100,
    body: str = "GA",
    seed: int = 1,
) -> Finding:
    """Bloc of each state in a span of sessions, with the share of resamples in which it stays with its bloc.

    Distance is the share of differing votes on contested roll calls; blocs are cut from the average-linkage tree.
    A group of at least ``smallest`` states counts as a bloc; smaller ones are shown, not counted. Without ``number`` the
    cut into 2 to ``most`` groups is taken whose counted blocs are the most stable on average, among those with at least
    two of them; where no cut has two, all groups count. Stability: roll calls are resampled ``draws`` times and each bloc is compared with the most alike bloc of the resample (Jaccard
    index, Hennig 2007); above 0.75 a bloc is held stable, below 0.5 it is dissolved.

    Returns
    -------
    Finding with table state, bloc (1 the largest), firmness (share of resamples in which the state is in the bloc's
    counterpart), agreement (mean share of identical votes with its bloc), others (with all outside). Tables ``stability``
    (bloc, members, stability, counted) and ``numbers`` (number, blocs: those counted, stability: their mean).

    Raises
    ------
    InputError
        If fewer than three states voted on at least the share ``least`` of the contested roll calls, or ``number`` or
        ``draws`` cannot be.
    """
    taken = votes.body(body).recorded()
    calls = np.flatnonzero((taken.session >= first) & (taken.session <= last))
    codes = sheet(taken, calls).codes
    codes = codes[:, _contested(codes)]
    voted = ((codes >= 0) & (codes < 3)).mean(1) if codes.shape[1] else np.zeros(len(codes))
    rows = np.flatnonzero(voted >= least)
    if len(rows) < 3:
        raise InputError(
            [Problem("", "first, last", f"{first}, {last}", "sessions in which at least three states voted often")]
        )
    _check(number, draws, len(rows))
    matrix = Sheet(codes[rows])
    resamples = _resamples(matrix, draws, generator(seed, "blocs"))
    alike = agreement(matrix, np.ones(codes.shape[1]))
    choices = range(2, min(most, len(rows) - 1) + 1) if number is None else [number]
    tried = []
    for k in choices:
        groups = cut(alike, k)
        tried.append((k, groups, *_stability(groups, [cut(r, k) for r in resamples])))
    best = _steadiest(tried, smallest)
    labels = best[1]
    counted = _counted(labels, smallest)
    names = [taken.states[r] for r in rows]
    return conclude(
        BLOCS,
        votes,
        ("recorded_votes",),
        parameters={"first": first, "last": last, "number": number, "most": most, "least": least, "smallest": smallest, "draws": draws, "body": body},
        seed=seed,
        table=_table(names, labels, best[3], alike),
        key=("state",),
        tables={"stability": _bloc_table(labels, best[2], counted), "numbers": _number_table(tried, smallest)},
        grade=Grade.RECORDED,
        grade_reason="Counts of recorded acts; the number of blocs is a choice, and the table of numbers shows the others.",
        answer=_answer(best[2], labels, counted),
        caveats=(f"{len(taken.states) - len(rows)} states voted too seldom to be placed.", "A bloc here is a pattern of votes, not a pact."),
        traces=(
            Template(
                "*",
                "Blocs from all pairs' votes in sessions {first} to {last}",
                (Leaf("recorded_votes", {"body": body, "session>=": first, "session<=": last}),),
            ),
        ),
    )  # fmt: skip


Tried = tuple[int, Labels, Floats, Floats]


def _check(number: int | None, draws: int, states: int) -> None:
    problems = []
    if number is not None and not 2 <= number < states:
        problems.append(Problem("", "number", str(number), f"2 to {states - 1} groups of {states} states"))
    if draws < 1:
        problems.append(Problem("", "draws", str(draws), "at least one resample"))
    if problems:
        raise InputError(problems)


def _counted(labels: Labels, smallest: int) -> NDArray[np.bool_]:
    """Which groups count as blocs: those of at least ``smallest`` states; all, where fewer than two are so large."""
    large = np.bincount(labels) >= smallest
    return large if large.sum() > 1 else np.ones(len(large), bool)


def _steadiest(tried: list[Tried], smallest: int) -> Tried:
    """The cut whose counted blocs are the most stable on average, among those with two blocs of ``smallest`` or more."""
    parted = [t for t in tried if (np.bincount(t[1]) >= smallest).sum() > 1]
    return max(parted or tried, key=lambda t: (t[2][_counted(t[1], smallest)].mean(), -t[0]))


def _answer(stability: Floats, labels: Labels, counted: NDArray[np.bool_]) -> str:
    sizes = np.bincount(labels)
    of = ", ".join(map(str, sizes[counted]))
    rest = f"; {sizes[~counted].sum()} states stand in smaller groups" if (~counted).any() else ""
    low, high = stability[counted].min(), stability[counted].max()
    return f"{counted.sum()} blocs ({of} states){rest}; stability {low:.2f} to {high:.2f} (above 0.75 is stable)."


def _contested(codes: NDArray[np.int8]) -> NDArray[np.bool_]:
    return np.asarray(sum((codes == k).any(0).astype(int) for k in range(3)) > 1)


def agreement(matrix: Sheet, weight: Floats) -> Floats:
    """Share of identical votes of every pair, roll calls weighted; 0.5 where a pair never voted together."""
    same = np.zeros((len(matrix.codes), len(matrix.codes)))
    voted = ((matrix.codes >= 0) & (matrix.codes < 3)).astype(float)
    for k in range(3):
        one = (matrix.codes == k).astype(float)
        same += (one * weight) @ one.T
    both = (voted * weight) @ voted.T
    return np.where(both > 0, same / np.maximum(both, 1e-12), 0.5)


def cut(alike: Floats, number: int) -> Labels:
    """Blocs 0, 1, ... of the average-linkage tree, the largest first."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distance = 1.0 - 0.5 * (alike + alike.T)
    np.fill_diagonal(distance, 0.0)
    raw = fcluster(linkage(squareform(distance, checks=False), "average"), number, "maxclust") - 1
    order = np.argsort(-np.bincount(raw), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return np.asarray(place[raw])


def _resamples(matrix: Sheet, draws: int, rng: np.random.Generator) -> list[Floats]:
    calls = matrix.codes.shape[1]
    return [agreement(matrix, rng.multinomial(calls, np.full(calls, 1 / calls)).astype(float)) for _ in range(draws)]


def _stability(labels: Labels, drawn: list[Labels]) -> tuple[Floats, Floats]:
    """Mean Jaccard index of each bloc with its counterpart, and each state's share of resamples inside it."""
    blocs_ = labels.max() + 1
    jaccard, inside = np.zeros(blocs_), np.zeros(len(labels))
    for other in drawn:
        for k in range(blocs_):
            own = labels == k
            common = np.bincount(other[own], minlength=other.max() + 1)
            union = own.sum() + np.bincount(other) - common
            match = int(np.argmax(common / union))
            jaccard[k] += (common / union)[match] / len(drawn)
            inside += (own & (other == match)) / len(drawn)
    return jaccard, inside


def _table(names: list[str], labels: Labels, firm: Floats, alike: Floats) -> pl.DataFrame:
    import polars as pl

    same = labels[:, None] == labels[None, :]
    np.fill_diagonal(same, False)
    away = labels[:, None] != labels[None, :]
    with np.errstate(invalid="ignore"):
        own, rest = (alike * same).sum(1) / same.sum(1), (alike * away).sum(1) / away.sum(1)
    columns = {"state": names, "bloc": labels + 1, "firmness": firm, "agreement": own, "others": rest}
    return pl.DataFrame(columns).with_columns(pl.col("agreement", "others").fill_nan(None)).sort("bloc", "state")


def _bloc_table(labels: Labels, stability: Floats, counted: NDArray[np.bool_]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {
            "bloc": np.arange(len(stability)) + 1,
            "members": np.bincount(labels),
            "stability": stability,
            "counted": counted,
        }
    )


def _number_table(tried: list[Tried], smallest: int) -> pl.DataFrame:
    import polars as pl

    rows = [(k, _counted(labels, smallest), stability) for k, labels, stability, _ in tried]
    return pl.DataFrame(
        {
            "number": [k for k, _, _ in rows],
            "blocs": [int(counted.sum()) for _, counted, _ in rows],
            "stability": [float(stability[counted].mean()) for _, counted, stability in rows],
        }
    )
