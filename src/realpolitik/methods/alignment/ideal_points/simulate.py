"""Votes drawn from the model itself, to test what an engine recovers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .model import Priors

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """Votes in the order the model takes, with the positions they came from."""

    ptr: NDArray[np.int64]
    state: NDArray[np.int32]
    answer: NDArray[np.int8]
    session: NDArray[np.int64]
    theta: Floats  # (states, sessions)


def simulate(
    rng: np.random.Generator,
    *,
    states: int = 100,
    sessions: int = 12,
    calls: int = 40,
    drift: float = 0.05,
    absent: float = 0.08,
    leave_rather_than_abstain: float = 0.0,
    drift_spread: float = 0.0,
) -> Simulated:
    """Votes of `states` over `sessions` with `calls` roll calls each.

    absent : chance of being absent whatever the vote would have been. leave_rather_than_abstain : further chance of
    being absent for a state whose vote would have been an abstention. drift_spread : sd of log drift between states.
    """
    q = drift * np.exp(drift_spread * rng.standard_normal(states) - 0.5 * drift_spread**2)
    steps = rng.standard_normal((states, sessions)) * np.sqrt(q)[:, None]
    steps[:, 0] = rng.standard_normal(states)
    theta = np.cumsum(steps, axis=1)
    session = np.repeat(np.arange(1, sessions + 1), calls)
    items = len(session)
    b = rng.standard_normal(items) * np.sqrt(2.0)
    g = rng.standard_normal(items) * 1.2
    d = rng.gamma(2.0, 0.5, items)
    latent = b[:, None] * theta[:, session - 1].T + rng.standard_normal((items, states))
    answer = (latent > g[:, None]).astype(np.int8) + (latent > (g + d)[:, None]).astype(np.int8)
    gone = rng.random((items, states)) < absent + leave_rather_than_abstain * (answer == 1)
    answer[gone] = 3
    return Simulated(
        np.arange(items + 1) * states,
        np.tile(np.arange(states, dtype=np.int32), items),
        answer.ravel(),
        session,
        theta,
    )


def simulate_several(
    rng: np.random.Generator,
    dimensions: int,
    *,
    states: int = 60,
    sessions: int = 6,
    calls: int = 40,
    drift: float = 0.05,
    absent: float = 0.08,
) -> Simulated:
    """The same with positions in several dimensions, drawn from the model's own priors; theta (states, sessions, dimensions)."""
    steps = rng.standard_normal((states, sessions, dimensions)) * np.sqrt(drift)
    steps[:, 0] = rng.standard_normal((states, dimensions)) * np.sqrt(Priors.start)
    theta = np.cumsum(steps, axis=1)
    session = np.repeat(np.arange(1, sessions + 1), calls)
    items = len(session)
    b = rng.standard_normal((items, dimensions)) * np.sqrt(Priors.slope)
    g = rng.standard_normal(items) * np.sqrt(Priors.cut)
    d = rng.gamma(Priors.width_shape, 1.0 / Priors.width_rate, items)
    latent = np.einsum("jk,ijk->ji", b, theta[:, session - 1]) + rng.standard_normal((items, states))
    answer = (latent > g[:, None]).astype(np.int8) + (latent > (g + d)[:, None]).astype(np.int8)
    answer[rng.random((items, states)) < absent] = 3
    state = np.tile(np.arange(states, dtype=np.int32), items)
    return Simulated(np.arange(items + 1) * states, state, answer.ravel(), session, theta)
