"""Starting values: cut-points from each item's shares, positions from the first principal axis of the votes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtri

from .model import Model

Floats = NDArray[np.float64]


def start_items(model: Model) -> Floats:
    """Slope 0 and the cut-points that reproduce the item's shares; (items, 3) as b, g, d."""
    yes, middle, no = np.diff(model.cuts, axis=1).T
    total = yes + middle + no
    par = np.zeros((model.items, 3))
    par[:, 1] = ndtri((yes + 0.5) / (total + 1.5))
    par[:, 2] = np.maximum(ndtri((yes + middle + 1.0) / (total + 1.5)) - par[:, 1], 0.05)
    return par


def principal_axes(model: Model, axes: int = 1, rounds: int = 8) -> Floats:
    """Leading axes of the states' votes about each item's mean, by orthogonal iteration; (states, axes)."""
    item = model.item_of_vote
    share = np.bincount(item, model.answer, model.items) / (model.cuts[:, 3] - model.cuts[:, 0])
    state = model.node_state[model.node].astype(np.int32)
    starts = np.append(model.cuts[:, 0], model.votes)
    centred = csr_array((model.answer - share[item], state, starts), shape=(model.items, model.states))
    votes = np.maximum(np.bincount(state, minlength=model.states), 1)[:, None]
    size = np.diff(starts)[:, None]
    x = np.cos(np.outer(np.arange(model.states) + 1.0, np.arange(1, axes + 1) * 1.7))
    for _ in range(rounds):
        x = np.linalg.qr(centred.T @ (centred @ x / size) / votes)[0]
    spread = x.std(0)
    return (x - x.mean(0)) / np.where(spread > 0, spread, 1.0)


def start_positions(model: Model) -> Floats:
    """One position per node, constant over a state's path, signed so that the anchors have their declared sign."""
    x = principal_axes(model)[:, 0]
    return (x * polarity(model, x))[model.node_state]


def polarity(model: Model, by_state: Floats) -> float:
    """+1 or -1: the sign under which the positions agree with the anchors (+1 without anchors)."""
    total = sum(value * by_state[state] for state, value in model.anchors.items())
    return -1.0 if total < 0 else 1.0


def oriented(model: Model, theta: Floats) -> float:
    """Sign of a fit: anchors weighed over all their sessions."""
    votes = np.bincount(model.node_state, minlength=model.states)
    mean = np.bincount(model.node_state, theta, model.states) / np.maximum(votes, 1)
    return polarity(model, mean)
