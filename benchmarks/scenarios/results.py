"""RESULTS.md from the JSON files that run.py wrote: python benchmarks/scenarios/results.py FOLDER [NOTE...] > RESULTS.md

Files are told apart by the kind of run in their names (search, sat, ours, count, resolve, basins).
"""

from __future__ import annotations

import json
import math
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

KINDS = ("search", "sat", "ours", "count", "resolve", "basins")
OTHERS = {"search": "the prototype", "sat": "CP-SAT listing all"}
Rows = list[dict[str, Any]]


def read(folder: Path) -> dict[str, Rows]:
    """Rows by kind; of a matrix and seed that ran twice, the later file counts."""
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {kind: {} for kind in KINDS}
    for path in sorted(folder.glob("*.json"), key=lambda p: p.stat().st_mtime):
        for kind in KINDS:
            if kind in path.name:
                for row in json.loads(path.read_text()):
                    found[kind][row.get("matrix"), row.get("seed")] = row
    return {kind: list(rows.values()) for kind, rows in found.items()}


def seeds(rows: Rows) -> str:
    numbers = sorted(row["seed"] for row in rows)
    whole = numbers == list(range(numbers[0], numbers[-1] + 1)) and len(numbers) > 1
    return f"{numbers[0]}-{numbers[-1]}" if whole else ", ".join(map(str, numbers))


def ratios(kind: str, rows: Rows) -> list[str]:
    """One line per matrix: seconds of both sides, geometric mean and least of the ratios."""
    if not rows:
        return []
    out = ["", f"## Beside {OTHERS[kind]}, CPU seconds of one thread", "",
           "| matrices | seeds | ours, median | worst | other, median | ratio, geometric mean | least | other stopped |",
           "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name in dict.fromkeys(row["matrix"] for row in rows):
        mine = [row for row in rows if row["matrix"] == name]
        both = [row["other"] / row["seconds"] for row in mine]
        out.append(
            f"| {name} | {seeds(mine)} | {median(r['seconds'] for r in mine):.3f} | {max(r['seconds'] for r in mine):.3f} "
            f"| {median(r['other'] for r in mine):.2f} | {math.exp(sum(map(math.log, both)) / len(both)):.1f} "
            f"| {min(both):.1f} | {sum(r['stopped'] for r in mine)} of {len(mine)} |"
        )
    every = [row["other"] / row["seconds"] for row in rows]
    mean = math.exp(sum(map(math.log, every)) / len(every))
    return [*out, "", f"All {len(every)} matrices: geometric mean {mean:.1f}, least {min(every):.1f}. Where the other side was "
            "stopped, the ratio is a lower bound."]  # fmt: skip


def plain(kind: str, rows: Rows) -> list[str]:
    if not rows:
        return []
    names = list(rows[0])
    lines = ["| " + " | ".join(str(row.get(name, "")) for name in names) + " |" for row in rows]
    return ["", f"## {kind.capitalize()}", "", "| " + " | ".join(names) + " |", "|" + "---|" * len(names), *lines]


def alone(rows: Rows) -> list[str]:
    """Medians over the seeds of each matrix; a median of wall seconds is what the goals are in."""
    if not rows:
        return []
    out = ["", "## Ours alone, seconds", "",
           "| matrices | seeds | wall, two threads, median | worst | wall, one thread, median | CPU, one thread, median | nodes, median |",
           "|---|---|---|---|---|---|---|"]  # fmt: skip
    for name in dict.fromkeys(row["matrix"] for row in rows):
        mine = [row for row in rows if row["matrix"] == name and "wall" in row]
        if mine:
            one, cpu, nodes = (median(r[c] for r in mine) for c in ("wall, one thread", "cpu, one thread", "nodes"))
            walls = [row["wall"] for row in mine]
            out.append(
                f"| {name} | {seeds(mine)} | {median(walls):.3f} | {max(walls):.3f} | {one:.3f} | {cpu:.3f} | {nodes:,.0f} |"
            )
    return out


def machine() -> str:
    load = Path("/proc/loadavg")
    now = f", load average {load.read_text().split()[0]}" if load.exists() else ""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return f"{date.today():%d %B %Y}; commit {commit}; two cores ({platform.machine()}){now} when this was written."


def main() -> None:
    found = read(Path(sys.argv[1]))
    lines = ["# Scenarios: measured", "", machine(),
             "Made by `run.py` (its docstring says how) and `results.py`. CPU seconds grow by a third or so on a busy machine; "
             "both sides of a ratio ran in one process."]  # fmt: skip
    for kind in ("search", "sat"):
        lines += ratios(kind, found[kind])
    lines += alone(found["ours"])
    for kind in ("count", "resolve", "basins"):
        lines += plain(kind, found[kind])
    lines += [
        "",
        "CP-SAT's limit counts wall seconds: on a busy machine a run that was stopped has had fewer seconds of CPU.",
    ]
    print("\n".join([*lines, *sys.argv[2:]]))


if __name__ == "__main__":
    main()
