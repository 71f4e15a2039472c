"""Absences: how many, and whether members were away where the model would have had them abstain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from .model import ABSENT

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

    from .model import Model

Floats = NDArray[np.float64]


def absence_table(model: Model, taken: RollCalls, positions: Floats, items: Floats) -> pl.DataFrame:
    """Per state and session: called, absent, share, and the model's mean share of abstention if absent and if voting."""
    import polars as pl

    sessions = np.unique(taken.session)
    number = np.searchsorted(sessions, taken.session)[taken.item]
    cell = taken.state.astype(np.int64) * len(sessions) + number
    size = len(taken.states) * len(sessions)
    away = taken.vote == ABSENT
    called, absent = (np.bincount(part, minlength=size) for part in (cell, cell[away]))
    at = np.flatnonzero(called)
    expected, known = _abstention(model, taken, cell, len(sessions), positions, items)
    shares = {
        name: _mean(cell[known & part], expected[known & part], size)[at]
        for name, part in (("if_absent", away), ("if_voting", ~away))
    }
    columns = {
        "state": pl.Series(list(taken.states))[at // len(sessions)],
        "session": sessions[at % len(sessions)],
        "called": called[at],
        "absent": absent[at],
        "share": absent[at] / called[at],
    }
    table = pl.DataFrame({**columns, **shares})
    return table.with_columns(pl.col("if_absent", "if_voting").fill_nan(None)).sort("state", "session")


def _mean(cell: NDArray[np.int64], value: Floats, size: int) -> Floats:
    count = np.bincount(cell, minlength=size)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.bincount(cell, value, size) / np.where(count > 0, count, np.nan))


def _abstention(
    model: Model, taken: RollCalls, cell: NDArray[np.int64], sessions: int, positions: Floats, items: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """The model's P(abstain) of every listed member on every contested roll call, and where it has one."""
    item_of_call = np.full(len(taken.calls), -1)
    for item, calls in enumerate(model.calls_of_item):
        item_of_call[calls] = item
    node_of_cell = np.full(len(taken.states) * sessions, -1)
    number = np.searchsorted(np.unique(taken.session), model.node_session)
    node_of_cell[model.node_state * sessions + number] = np.arange(model.nodes)
    item, node = item_of_call[taken.item], node_of_cell[cell]
    known = (item >= 0) & (node >= 0)
    known[known] = np.isfinite(positions.reshape(model.nodes, -1)[node[known], 0])
    out = np.zeros(len(cell))
    x = positions.reshape(model.nodes, -1)[node[known]]
    lower = items[item[known], -2] - (items[item[known], :-2] * x).sum(1)
    out[known] = ndtr(lower + items[item[known], -1]) - ndtr(lower)
    return out, known
