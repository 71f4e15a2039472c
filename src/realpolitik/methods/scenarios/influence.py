"""Views on the same matrix that say who drives whom: kernels on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._arrays import F64, I64

MOST_POWERS = 20


@dataclass(frozen=True, eq=False)
class Micmac:
    """Direct and indirect influence between descriptors."""

    direct: F64  #: (descriptors, descriptors), row acts on column
    indirect: F64  #: the power of `direct` at which the rankings settled
    power: int


def block_strength(impact: F64, first: I64) -> F64:
    """Strength of each descriptor on each other one: the mean absolute value of the cells of the block.

    Self-impacts are left out.
    """
    columns = np.add.reduceat(np.abs(impact), first[:-1], axis=1)
    sums = np.add.reduceat(columns, first[:-1], axis=0)
    size = np.diff(first)
    out = sums / np.outer(size, size)
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def active_passive(impact: F64, first: I64) -> tuple[F64, F64]:
    """Active sum (what a descriptor does to all others) and passive sum (what they do to it), in mean points per cell."""
    strength = block_strength(impact, first)
    return strength.sum(axis=1), strength.sum(axis=0)


def micmac(strength: F64) -> Micmac:
    """Indirect influence: powers of the direct matrix until the rankings by influence and dependence stay the same.

    Duperrin and Godet 1973. Powers are scaled to their largest entry; at most 20 are tried. Where nothing acts back on
    itself the powers end in zeros; the last one that does not is taken (the longest chains), and ``power`` 1 says that
    nothing acts at second hand.
    """
    power = strength.copy()
    before = _ranks(power)
    for k in range(2, MOST_POWERS + 1):
        longer = power @ strength
        top = longer.max(initial=0.0)
        if top == 0:
            return Micmac(strength, power, k - 1)
        power = longer / top
        now = _ranks(power)
        if now == before:
            return Micmac(strength, power, k)
        before = now
    return Micmac(strength, power, MOST_POWERS)


def _ranks(power: F64) -> tuple[tuple[int, ...], tuple[int, ...]]:
    rows, columns = np.round(power.sum(axis=1), 12), np.round(power.sum(axis=0), 12)
    order = lambda x: tuple(int(i) for i in np.argsort(-x, kind="stable"))  # noqa: E731
    return order(rows), order(columns)


def cognitive_map(
    impact: F64, start: F64, *, steepness: float = 1.0, steps: int = 200, clamp: I64 | None = None
) -> F64:
    """Activation of every variant over time in a fuzzy cognitive map, shape (steps taken + 1, variants), each 0 to 1.

    Kosko 1986, International Journal of Man-Machine Studies 24: A(t+1) = 1 / (1 + exp(-s (A(t) W))), with W the impacts
    divided by their largest absolute value. Stops when nothing moves by more than 1e-6. `clamp` lists the variants that
    keep their first activation.
    """
    weights = impact / max(float(np.abs(impact).max(initial=0.0)), 1e-300)
    fixed = np.zeros(0, np.int64) if clamp is None else clamp
    states = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        new = 1.0 / (1.0 + np.exp(-steepness * (states[-1] @ weights)))
        new[fixed] = states[0][fixed]
        states.append(new)
        if np.abs(states[-1] - states[-2]).max(initial=0.0) < 1e-6:
            break
    return np.array(states)


def markov_shares(impact: F64, first: I64, *, firmness: float = 1.0, steps: int = 200_000, seed: int = 1) -> F64:
    """Share of time each variant holds when one descriptor at a time is drawn anew with weight exp(firmness * balance).

    A Markov version of cross-impact analysis: Gibbs moves over the scenarios, `steps` of them after a tenth as many to
    settle. As `firmness` grows it follows succession; at 0 every variant holds as long. Shares of time in a chain of
    logic, not of the future.
    """
    from .succession_kernels import gibbs

    rng = np.random.default_rng(np.random.SeedSequence([seed, 11]))
    sizes = np.diff(first)
    warm = steps // 10
    picks, draws = rng.integers(0, len(sizes), steps + warm), rng.random(steps + warm)
    time = np.zeros(int(first[-1]))
    gibbs(np.asarray(impact, dtype=float), first, firmness, rng.integers(0, sizes), picks, draws, warm, time)
    return time / steps


def landscape(scenarios: np.ndarray) -> F64:
    """Coordinates of scenarios on a map, shape (scenarios, 2): near each other where they share variants.

    Classical multidimensional scaling (Torgerson 1952) of the number of descriptors in which two scenarios differ; the
    sign of each axis is fixed by its largest entry.
    """
    rows = np.asarray(scenarios)
    if len(rows) < 2:
        return np.zeros((len(rows), 2))
    apart = (rows[:, None, :] != rows[None, :, :]).sum(axis=2).astype(float)
    centred = -0.5 * (apart**2 - (apart**2).mean(0) - (apart**2).mean(1)[:, None] + (apart**2).mean())
    values, vectors = np.linalg.eigh(centred)
    out = np.zeros((len(rows), 2))
    for axis in range(2):
        vector = vectors[:, -1 - axis]
        vector = vector * np.sign(vector[np.abs(vector).argmax()])
        out[:, axis] = vector * np.sqrt(max(values[-1 - axis], 0.0))
    return out
