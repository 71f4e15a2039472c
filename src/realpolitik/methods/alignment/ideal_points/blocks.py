"""Linear algebra of the joint posterior: items eliminated, what is left is block-tridiagonal over sessions.

Inside a session the items tie all states to each other (a dense block); between sessions the random walk ties each
state to itself only. Cholesky over sessions costs states^3 per session, and a backward pass gives the exact diagonal
of the inverse (the Kalman smoother with correlated states).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from . import kernels

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Ties:
    """For one step between sessions: positions of the states that continue, and the precision of their step."""

    before: Ints
    after: Ints
    precision: Floats


@dataclass(frozen=True)
class Factor:
    """Inverses of the pivots of the block-tridiagonal matrix, session by session, and the ties between them."""

    inverse: tuple[Floats, ...]
    ties: tuple[Ties, ...]
    ptr: Ints
    definite: bool


def symmetric_inverse(a: Floats) -> tuple[Floats, bool]:
    """Inverse of a symmetric positive definite matrix, of which the lower half is read; False if it is not one."""
    c, info = lapack.dpotrf(a.T, lower=False, overwrite_a=True, clean=False)
    if info:
        return a, False
    c, info = lapack.dpotri(c, lower=False, overwrite_c=True)
    kernels.mirror(c.T)
    return c.T, info == 0


def factorise(diagonal: list[Floats], ties: tuple[Ties, ...], ptr: Ints) -> Factor:
    """Pivots from the first session to the last."""
    inverse: list[Floats] = []
    for k, block in enumerate(diagonal):
        if k:
            tie = ties[k - 1]
            kernels.subtract_tie(block, inverse[-1], tie.before, tie.after, tie.precision)
        out, good = symmetric_inverse(block)
        if not good:
            return Factor(tuple(inverse), ties, ptr, False)
        inverse.append(out)
    return Factor(tuple(inverse), ties, ptr, True)


def solve(f: Factor, rhs: Floats) -> Floats:
    """x with S x = rhs; rhs is (nodes,) or (nodes, columns)."""
    parts = [rhs[f.ptr[k] : f.ptr[k + 1]].copy() for k in range(len(f.inverse))]
    for k in range(1, len(parts)):
        tie = f.ties[k - 1]
        ahead = f.inverse[k - 1] @ parts[k - 1]
        parts[k][tie.after] += _rows(tie.precision, ahead[tie.before])
    out = np.empty_like(rhs)
    for k in range(len(parts) - 1, -1, -1):
        if k < len(parts) - 1:
            tie = f.ties[k]
            later = out[f.ptr[k + 1] : f.ptr[k + 2]]
            parts[k][tie.before] += _rows(tie.precision, later[tie.after])
        out[f.ptr[k] : f.ptr[k + 1]] = f.inverse[k] @ parts[k]
    return out


def _rows(weights: Floats, rows: Floats) -> Floats:
    return weights[:, None] * rows if rows.ndim == 2 else weights * rows


def backward(f: Factor) -> Iterator[tuple[int, Floats, Floats]]:
    """From the last session to the first: its number, its covariance with the session after it, its own covariance."""
    full = f.inverse[-1]
    yield len(f.inverse) - 1, np.empty((len(full), 0)), full
    for k in range(len(f.inverse) - 2, -1, -1):
        tie = f.ties[k]
        gain = f.inverse[k][:, tie.before] * tie.precision
        carried = gain @ full[np.ix_(tie.after, tie.after)]
        full = f.inverse[k] + carried @ gain.T
        yield k, carried, full


def variances(f: Factor) -> tuple[Floats, Floats]:
    """Diagonal of the inverse, and the covariance of each node with the same state's node one session earlier."""
    diag, step = np.empty(f.ptr[-1]), np.full(f.ptr[-1], np.nan)
    for k, carried, full in backward(f):
        diag[f.ptr[k] : f.ptr[k + 1]] = np.diag(full)
        if k < len(f.inverse) - 1:
            tie = f.ties[k]
            step[f.ptr[k + 1] + tie.after] = carried[tie.before, np.arange(len(tie.after))]
    return diag, step
