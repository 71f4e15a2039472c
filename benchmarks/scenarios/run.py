"""Scenarios side by side with the prototype and CP-SAT on the same matrices in one process.

    python benchmarks/scenarios/run.py ours|search|sat|count|resolve|basins [--seeds 0-9] [--json out.json]

`ours` prints wall seconds on all cores and CPU seconds on one, of ours alone. The others compare CPU seconds
(`time.process_time`) of one thread each. Compiled beforehand on other matrices, packing included; `basins` and `resolve`
print wall seconds too. The prototype is read from ../shared/prototypes/scenarios beside the checkout.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1].parent / "shared"
sys.path[:0] = [str(HERE), str(SHARED / "prototypes" / "scenarios")]

import matrices as mx  # noqa: E402

from realpolitik.methods.scenarios import counting, dynamics, robustness, search  # noqa: E402


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def geometric(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def warm() -> None:
    for density in (0.2, 1.0):
        impact, variants = mx.matrix(mx.Size("warm", 8, 3, density), 99)
        search.solve(impact, variants)
        counting.count(impact, variants).sample(2, 1)
        dynamics.basins(impact, variants)
        robustness.resolve(all_cells(impact, variants), variants, 5, 1)
    search.solve(*mx.matrix(mx.Size("warm", 24, 3, 1.0), 99), limit=1)


def all_cells(impact: np.ndarray, variants: np.ndarray) -> robustness.Readings:
    """Every cell of a judged block moves one point up or down in a fifth of the readings each."""
    from realpolitik.methods.scenarios.packing import first_rows, judged_blocks

    first = first_rows(variants)
    judged = np.repeat(np.repeat(judged_blocks(impact, first), variants, axis=0), variants, axis=1)
    return robustness.readings(impact, impact, impact, judged)


def ours_alone(sizes: tuple[mx.Size, ...], seeds: list[int], threads: int) -> list[dict[str, Any]]:
    """Wall seconds as users have it, and CPU seconds of one thread."""
    out = []
    for size in sizes:
        for seed in seeds:
            impact, variants = mx.matrix(size, seed)
            _, wall, found = timed(
                lambda i=impact, v=variants: search.solve(i, v, engine="propagation", threads=threads)
            )
            cpu, alone, _ = timed(lambda i=impact, v=variants: search.solve(i, v, engine="propagation", threads=1))
            out.append({"matrix": size.name, "seed": seed, "scenarios": len(found.scenarios), "nodes": found.nodes,
                        "threads": threads, "wall": round(wall, 4), "wall, one thread": round(alone, 4),
                        "cpu, one thread": round(cpu, 4)})  # fmt: skip
            print(*out[-1].values(), flush=True)
        walls, alones = (sorted(r[c] for r in out if r["matrix"] == size.name) for c in ("wall", "wall, one thread"))
        print(
            f"{size.name}: median wall {np.median(walls):.3f} s (worst {walls[-1]:.3f}); one thread {np.median(alones):.3f} s"
        )
    return out


def against_prototype(sizes: tuple[mx.Size, ...], seeds: list[int], patience: float) -> list[dict[str, Any]]:
    """The prototype is stopped at a number of nodes worth about `patience` seconds: the ratio is then a lower bound."""
    from cib3 import CIM, random_cim, solve3

    solve3(random_cim(6, 3, 1.0, 3, 1))
    out = []
    for size in sizes:
        for seed in seeds:
            impact, variants = mx.matrix(size, seed)
            ours, _, found = timed(lambda i=impact, v=variants: search.solve(i, v, engine="propagation", threads=1))
            model = CIM([str(i) for i in range(len(variants))], [list(range(v)) for v in variants], impact)
            cap = max(int(patience / (3e-8 * int((variants * (variants - 1)).sum()))), 10**6)
            theirs, _, (number, rows, _) = timed(lambda m=model, c=cap: solve3(m, nodecap=c))
            if number >= 0:
                same = sorted(map(tuple, rows.tolist())) == sorted(map(tuple, found.scenarios.tolist()))
                assert same, (size.name, seed)
            out.append(row(size.name, seed, found, ours, theirs, number < 0))
    return out


def against_sat(sizes: tuple[mx.Size, ...], seeds: list[int], patience: float) -> list[dict[str, Any]]:
    """CP-SAT, one worker (listing all needs that), stopped after `patience` seconds; ours with the portfolio as users have it."""
    out = []
    for size in sizes:
        for seed in seeds:
            impact, variants = mx.matrix(size, seed)
            ours, _, found = timed(lambda i=impact, v=variants: search.solve(i, v, threads=1))
            theirs, _, other = timed(lambda i=impact, v=variants: search.solve(i, v, engine="sat", seconds=patience))
            assert not other.complete or np.array_equal(other.scenarios, found.scenarios)
            out.append(row(size.name, seed, found, ours, theirs, not other.complete))
    return out


def row(name: str, seed: int, found: search.Solutions, ours: float, theirs: float, stopped: bool) -> dict[str, Any]:
    out = {"matrix": name, "seed": seed, "scenarios": len(found.scenarios), "nodes": found.nodes, "engine": found.engine,
           "seconds": round(ours, 4), "other": round(theirs, 3), "stopped": stopped, "ratio": round(theirs / ours, 2)}  # fmt: skip
    print(*out.values(), flush=True)
    return out


def summary(rows: list[dict[str, Any]]) -> None:
    for name in dict.fromkeys(r["matrix"] for r in rows):
        mine = [r for r in rows if r["matrix"] == name]
        seconds = sorted(r["seconds"] for r in mine)
        stopped = sum(r["stopped"] for r in mine)
        print(f"{name}: median {seconds[len(seconds) // 2]:.3f} s; ratio {geometric([r['ratio'] for r in mine]):.2f} "
              f"(least {min(r['ratio'] for r in mine):.2f}; {stopped} of {len(mine)} a lower bound)")  # fmt: skip
    print(f"all: geometric mean {geometric([r['ratio'] for r in rows]):.2f}, least {min(r['ratio'] for r in rows):.2f}")


def counts(seeds: list[int]) -> list[dict[str, Any]]:
    """Count, marginals and a thousand uniform samples."""
    out = []
    for seed in seeds:
        impact, variants = mx.matrix(mx.COUNT, seed)

        def work(i: np.ndarray = impact, v: np.ndarray = variants) -> counting.Count:
            number = counting.count(i, v)
            assert len(number.marginals) == 2 * len(v)
            number.sample(1000, 1)
            return number

        cpu, _, number = timed(work)
        out.append({"matrix": mx.COUNT.name, "seed": seed, "count": str(number.total), "seconds": round(cpu, 4)})
        print(*out[-1].values(), flush=True)
    return out


def resolves(threads: int) -> list[dict[str, Any]]:
    """Complete re-solves per second, beside the prototype's (which keeps no frequency of a scenario)."""
    from cib3 import CIM, factors
    from mc import mc

    small = factors()
    impact, variants = mx.matrix(mx.RESOLVE, 0)
    large = CIM([str(i) for i in range(len(variants))], [list(range(v)) for v in variants], impact)
    mc(small, 10)
    out = []
    for name, model, draws in (("draft factors", small, 40_000), (mx.RESOLVE.name, large, 2_000)):
        what = all_cells(model.M, model.v)
        cpu, wall, found = timed(lambda w=what, m=model, d=draws: robustness.resolve(w, m.v, d, 1, threads=threads))
        other, other_wall, _ = timed(lambda m=model, d=draws: mc(m, d, threads=threads))
        assert found.complete
        out.append({"matrix": name, "draws": draws, "threads": threads, "per second": round(draws / wall),
                    "per cpu second": round(draws / cpu), "prototype per second": round(draws / other_wall),
                    "prototype per cpu second": round(draws / other), "ratio": round(other / cpu, 2)})  # fmt: skip
        print(out[-1], flush=True)
    return out


def basins(threads: int) -> list[dict[str, Any]]:
    from basins import run
    from cib3 import CIM, random_cim

    run(random_cim(6, 3, 1.0, 3, 1))
    out = []
    for seed in (0, 1, 2):
        impact, variants = mx.matrix(mx.BASINS, seed)
        cpu, wall, found = timed(lambda i=impact, v=variants: dynamics.basins(i, v, threads=threads))
        model = CIM([str(i) for i in range(len(variants))], [list(range(v)) for v in variants], impact)
        other, other_wall, _ = timed(lambda m=model: run(m, threads=threads))
        out.append({"seed": seed, "states": found.total, "attractors": len(found.attractors), "threads": threads,
                    "wall": round(wall, 2), "cpu": round(cpu, 2), "prototype wall": round(other_wall, 2),
                    "prototype cpu": round(other, 2), "ratio": round(other_wall / wall, 2)})  # fmt: skip
        print(out[-1], flush=True)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("ours", "search", "sat", "count", "resolve", "basins"))
    parser.add_argument("--seeds", default="0-9")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sizes", default="", help="only matrices whose name contains this")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds after which the other is stopped")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    low, _, high = given.seeds.partition("-")
    seeds = list(range(int(low), int(high or low) + 1))
    print("load average before:", os.getloadavg(), flush=True)
    warm()
    chosen = lambda sizes: tuple(s for s in sizes if given.sizes in s.name)  # noqa: E731
    match given.what:
        case "ours":
            rows = ours_alone(chosen(mx.SEARCH), seeds, given.threads)
        case "search":
            rows = against_prototype(chosen(mx.SEARCH), seeds, given.patience)
            summary(rows)
        case "sat":
            rows = against_sat(chosen((*mx.SEARCH, *mx.MIDDLE)), seeds, given.patience)
            summary(rows)
        case "count":
            rows = counts(seeds)
        case "resolve":
            rows = resolves(given.threads)
        case "basins":
            rows = basins(given.threads)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
