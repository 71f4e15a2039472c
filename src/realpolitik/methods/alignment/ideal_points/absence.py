"""Absences: how many, and whether members were away where the model would have had them abstain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import kernels
from .model import ABSENT

if TYPE_CHECKING:
    import polars as pl

    from realpolitik.evidence import RollCalls

    from .model import Model

Floats = NDArray[np.float64]


def absence_table(model: Model, taken: RollCalls, positions: Floats, items: Floats) -> pl.DataFrame:
    """Per state and session: called, absent, share, and the model's mean share of abstention if absent and if voting."""
    import polars as pl

    sessions, number = np.unique(taken.session, return_inverse=True)
    tally = np.zeros((2, 3, len(taken.states), len(sessions)))
    kernels.count_absences(
        taken.ptr, taken.state, taken.vote == ABSENT, number, _item_of_call(model, taken), _nodes(model, sessions, positions),
        positions.reshape(model.nodes, -1), items, kernels.cdf_table(), tally,
    )  # fmt: skip
    called = tally[:, 0].sum(0)
    at = np.nonzero(called)
    columns = {
        "state": pl.Series(list(taken.states))[at[0]],
        "session": sessions[at[1]],
        "called": called[at].astype(np.int64),
        "absent": tally[1, 0][at].astype(np.int64),
        "share": tally[1, 0][at] / called[at],
    }
    with np.errstate(invalid="ignore"):
        shares = {
            name: (part[2] / part[1])[at] for name, part in zip(("if_absent", "if_voting"), tally[::-1], strict=True)
        }
    table = pl.DataFrame({**columns, **shares})
    return table.with_columns(pl.col("if_absent", "if_voting").fill_nan(None)).sort("state", "session")


def _item_of_call(model: Model, taken: RollCalls) -> NDArray[np.int64]:
    """The contested item of each roll call, or -1."""
    out = np.full(len(taken.calls), -1)
    out[np.concatenate(model.calls_of_item)] = np.repeat(np.arange(model.items), [len(c) for c in model.calls_of_item])
    return out


def _nodes(model: Model, sessions: NDArray[np.integer], positions: Floats) -> NDArray[np.int64]:
    """(states, sessions) node with a position, or -1."""
    known = np.isfinite(positions.reshape(model.nodes, -1)[:, 0])
    out = np.full((model.states, len(sessions)), -1)
    out[model.node_state[known], np.searchsorted(sessions, model.node_session[known])] = np.flatnonzero(known)
    return out
