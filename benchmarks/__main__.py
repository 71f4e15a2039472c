"""Run the benchmarks of every room, or of the rooms named: ``python -m benchmarks [ROOM ...]``.

Each runs in a process of its own; one that cannot run (a peer or a data set is not there) says why, and the rest go on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOMS = {
    "unga": ("unga/run.py",),
    "ideal_points": ("ideal_points/run.py", "../shared/data"),
    "similarity": ("similarity/run.py", "../shared/data"),
    "bargaining": ("bargaining/speed.py",),
    "scenarios": ("scenarios/run.py", "search"),
    "stability": ("stability/goals.py",),
}


def main(rooms: list[str]) -> int:
    """0 where every benchmark finished, 1 where one did not, 2 for a room that is not there."""
    if unknown := [room for room in rooms if room not in ROOMS]:
        print(f"no benchmark for {', '.join(unknown)}; there are {', '.join(ROOMS)}", file=sys.stderr)
        return 2
    failed = []
    for room in rooms or list(ROOMS):
        print(f"== {room}", flush=True)
        script, *given = ROOMS[room]
        if subprocess.run([sys.executable, str(HERE / script), *given], check=False).returncode:
            failed.append(room)
    if failed:
        print(f"did not finish: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
