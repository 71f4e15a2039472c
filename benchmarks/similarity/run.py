"""How often the intervals of similarity hold the truth when roll calls are few.

    python benchmarks/similarity/run.py ../shared/data

A pair's shares of the nine pairs of answers are taken for the truth, n roll calls are drawn from them, and the share of
90 % intervals is counted that hold the measure of the true shares. The pairs: 300 drawn with seed 1 from all pairs with
40 or more common votes in sessions 20, 45, 60 and 74 of the Assembly, and four made ones. Draws on which the measure is
undefined are not counted.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import realpolitik as rp
from realpolitik.methods.alignment.similarity import MEASURES, intervals, tables

SIZES = (5, 10, 30, 87)
SHOWN = ("agreement", "s_score", "kappa", "kappa_quadratic", "pi", "tau_b", "cosine")
MADE = {
    "always alike": [[0.9, 0, 0], [0, 0.08, 0], [0, 0, 0.02]],
    "alike on 97 of 100": [[0.85, 0.02, 0], [0.01, 0.08, 0], [0, 0, 0.04]],
    "half alike": [[0.4, 0.2, 0.1], [0.05, 0.05, 0.05], [0.05, 0.05, 0.05]],
    "alike on 3 of 100": [[0.03, 0.15, 0.6], [0, 0, 0.2], [0.02, 0, 0]],
}
Numbers = NDArray[np.float64]


def pairs_of_the_record(data: Path) -> Numbers:
    """Shares of the pairs of answers of 300 pairs of members, shape (300, 3, 3)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        votes = rp.read_votes(data / "votes" / "votes.parquet", roll_calls=data / "votes" / "rollcalls.parquet")
    votes = votes.body("GA").recorded()
    ballots = tables.Ballots(votes.ptr, votes.state, votes.vote, len(votes.states))
    sessions = [(s, np.flatnonzero(votes.session == s)) for s in (20, 45, 60, 74)]
    joint = np.concatenate([part.tables for part in tables.period_tables(ballots, sessions)])
    joint = joint[joint.sum((1, 2)) >= 40]
    chosen = joint[np.random.default_rng(1).choice(len(joint), 300, replace=False)]
    return chosen / chosen.sum((1, 2), keepdims=True)


def held(truth: Numbers, n: int, name: str, how: str, each: int) -> float:
    """Share of intervals that hold the truth, ``each`` draws of n roll calls per pair."""
    rng = np.random.default_rng(n)
    chosen = MEASURES[name]
    form, gaps = chosen.form, tables.distances(chosen.distance, 3)
    drawn = np.concatenate([rng.multinomial(n, share.ravel(), each) for share in truth]).reshape(-1, 3, 3).astype(float)
    true = np.repeat(tables.values(truth, form, gaps), each)
    if how == "jackknife":
        low, high = intervals.jackknife(drawn, drawn, form, gaps, 0.9)
    else:
        low, high = intervals.bootstrap(drawn, drawn, form, gaps, 200, rng, 0.9)
    known = np.isfinite(low) & np.isfinite(true)
    return float(((low <= true + 1e-9) & (true - 1e-9 <= high))[known].mean())


def main(data: Path) -> None:
    truths = {"pairs of the record": (pairs_of_the_record(data), 5)}
    truths |= {label: (np.array([shares], float), 1000) for label, shares in MADE.items()}
    for how in ("jackknife", "bootstrap"):
        print(f"\n| {how} | n |", " | ".join(SHOWN), "|")
        print("|---" * (len(SHOWN) + 2) + "|")
        for label, (truth, each) in truths.items():
            for n in SIZES:
                shares = " | ".join(f"{held(truth, n, name, how, each):.2f}" for name in SHOWN)
                print(f"| {label} | {n} | {shares} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    main(parser.parse_args().data)
