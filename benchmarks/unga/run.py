"""One command, one table: rolling-origin forecasts of General Assembly roll calls, every row on the same votes.

    python benchmarks/unga/run.py [--data DIR] [--first 60] [--last 74] [--known 10] [--drawn] [--peers] [--old-kinds]
                                  [--panel PART] [--out DIR]

`--data` is a folder with rollcalls.parquet and votes.parquet; later votes put there are forecast unchanged. `--peers` adds
gradient boosting (scikit-learn, on the same features) and text only. `--old-kinds` leaves out of the rules for kinds of act
every alternative that matches nothing before the first session: words that were found later. Times are of this process, one
thread unless the environment says otherwise.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import time
from dataclasses import replace
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402

import realpolitik as rp  # noqa: E402
from realpolitik.methods.alignment.roll_calls import backtest as bt  # noqa: E402
from realpolitik.methods.alignment.roll_calls import crisis_panel, kinds  # noqa: E402
from realpolitik.methods.alignment.roll_calls.announced import describe_announced  # noqa: E402
from realpolitik.methods.alignment.roll_calls.features import find_precedents, read_past, shares  # noqa: E402
from realpolitik.methods.alignment.roll_calls.model import (  # noqa: E402
    lesson,
    roll,
    rows_of,
    session_block,
    training_sessions,
    with_gate,
)
from realpolitik.methods.alignment.roll_calls.resolution import record_of  # noqa: E402
from realpolitik.methods.alignment.roll_calls.text import clean_agenda, clean_title  # noqa: E402
from realpolitik.methods.alignment.roll_calls.trial import run_trial  # noqa: E402

PEER_SESSIONS = 4  #: on which gradient boosting is trained
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "votes"


def boosting(x: np.ndarray, y: np.ndarray, weight: np.ndarray, target: np.ndarray) -> np.ndarray:
    """scikit-learn's histogram gradient boosting with the settings of the published note's prototype, on 40,000 rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    pick = np.random.default_rng(0).permutation(len(y))[:40_000]
    model = HistGradientBoostingClassifier(
        max_iter=50, learning_rate=0.12, max_leaf_nodes=24, l2_regularization=1, early_stopping=False, random_state=0
    )
    found = model.fit(x[pick], y[pick], sample_weight=weight[pick])
    out = np.zeros((len(target), 4))
    out[:, found.classes_] = found.predict_proba(target)
    return out


def text_only(record, session: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Each member's votes on like texts and nothing else, shrunk to its own rates: targets x states x outcomes."""
    rows = rows_of(record, session)
    past = read_past(record, int(rows[0]), session)
    like = find_precedents(past, rows).like
    return np.moveaxis(shares(np.where(like > 0.15, like**6, 0), past.onehot, past.rates[:, None], 0.05), 0, -1)


def peer_rows(chain, first: int, last: int, known: tuple[str, ...]):  # type: ignore[no-untyped-def]
    """Forecasts by gradient boosting (none and some announced) and by text only, in the trial's order of rows."""
    record = chain.record
    column = np.array([record.column[s] for s in known], int)
    sessions = [int(s) for s in np.unique(record.sessions) if first <= s <= last]
    out: dict[tuple[str, int], list[np.ndarray]] = {("gradient_boosting", 0): [], ("text_only", 0): []}
    blocks = {}
    for session in sessions:
        others = chain.sittings[session].member.copy()
        others[:, column] = False
        train = training_sessions(record, session)[-PEER_SESSIONS:]
        blocks = {s: blocks[s] if s in blocks else session_block(record, s) for s in [*train, session]}
        x = np.concatenate([blocks[s].values[blocks[s].member] for s in train])
        y = np.concatenate([record.votes[blocks[s].targets][blocks[s].member] for s in train]).astype(int)
        out[("gradient_boosting", 0)].append(boosting(x, y, np.ones(len(y)), blocks[session].values[others]))
        out[("text_only", 0)].append(text_only(record, session)[others])
        if known:
            rows = [lesson(record, chain.sittings[s], chain.ties[s], column) for s in train]
            x, y, w = (np.concatenate([getattr(r, f) for r in rows]) for f in ("x", "y", "weight"))
            sitting = chain.sittings[session]
            told = record.votes[sitting.targets][:, column]
            values = describe_announced(sitting, chain.ties[session], column, told)
            target = with_gate(values, sitting.gate)[others]
            out.setdefault(("gradient_boosting", len(known)), []).append(boosting(x, y, w, target))
    return {key: np.concatenate(parts) for key, parts in out.items()}


def alternatives(words: str) -> list[str]:
    """The alternatives of a pattern that stand outside brackets."""
    depth, found = 0, [""]
    for c in words:
        depth += (c == "(") - (c == ")")
        if c == "|" and not depth:
            found.append("")
        else:
            found[-1] += c
    return found


def use_old_kinds(record, first: int) -> int:  # type: ignore[no-untyped-def]
    """Leave out every alternative of the kinds' rules that matches no title or agenda before `first`; how many those are."""
    early = [k for k, s in enumerate(record.sessions) if s < first]
    texts = "\n".join(f"{clean_title(record.titles[k])} | {clean_agenda(record.agendas[k])}" for k in early)
    rules, dropped = [], 0
    for rule in kinds.RULES:
        kept = [a for a in alternatives(rule.words) if re.search(a, texts, re.MULTILINE)]
        dropped += len(alternatives(rule.words)) - len(kept)
        rules += [replace(rule, words="|".join(kept))] if kept else []
    kinds.RULES = tuple(rules)
    kinds.kind_of_act.cache_clear()
    return dropped


def show(table: pl.DataFrame) -> None:
    with pl.Config(
        tbl_rows=200,
        tbl_cols=20,
        tbl_width_chars=200,
        float_precision=4,
        tbl_hide_dataframe_shape=True,
        fmt_str_lengths=60,
    ):
        print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--first", type=int, default=60)
    parser.add_argument("--last", type=int, default=74)
    parser.add_argument("--known", type=int, default=10)
    parser.add_argument(
        "--drawn", action="store_true", help="draw the announced members (seed 1) instead of the note's ten"
    )
    parser.add_argument("--peers", action="store_true", help="add gradient boosting and text only")
    parser.add_argument("--panel", choices=("before 2014", "from 2014"), help="the crisis panel instead of the trial")
    parser.add_argument("--out", type=Path, help="folder for CSV files of every table")
    parser.add_argument("--old-kinds", action="store_true", help="rules for kinds of act without later words")
    given = parser.parse_args()
    votes = rp.read_votes(given.data / "votes.parquet", roll_calls=given.data / "rollcalls.parquet")
    wall, cpu = time.perf_counter(), time.process_time()
    if given.panel:
        finding = crisis_panel(votes, part=given.panel)
        tables, answer = {"table": finding.table, **finding.tables}, finding.answer
    else:
        tables, answer = trial_tables(votes, given)
    took = f"{time.perf_counter() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU"
    for name, table in tables.items():
        if name not in ("reliability", "intervals"):
            show(table)
        if given.out:
            given.out.mkdir(parents=True, exist_ok=True)
            table.write_csv(given.out / f"{name}.csv")
    load, memory = os.getloadavg()[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{answer}\n{took} (load {load:.1f}); peak memory {memory:.0f} MB")


def trial_tables(votes: rp.RollCalls, given: argparse.Namespace) -> tuple[dict[str, pl.DataFrame], str]:
    """Every table of the trial, the peers' rows on the same votes among them where asked for."""
    first, last = given.first, given.last
    record = record_of(votes, max(1, first - bt.REACH))
    if given.old_kinds:
        print(f"{use_old_kinds(record_of(votes), first)} alternatives left out of the rules for kinds of act")
    known = bt.announced_members(record, given.known, given.drawn, 1, first, last)
    start = time.perf_counter()
    trial = run_trial(record, first, last, known)
    print(f"forecasts and simple rules: {time.perf_counter() - start:.1f} s wall")
    if given.peers:
        start = time.perf_counter()
        chain = roll(record, first - PEER_SESSIONS, last)
        trial = replace(trial, forecasts={**trial.forecasts, **peer_rows(chain, first, last, known)})
        print(f"peers: {time.perf_counter() - start:.1f} s wall")
    tables = bt.tables_of(trial, known, 1)
    return tables, bt.answer_of(tables["table"])


if __name__ == "__main__":
    main()
