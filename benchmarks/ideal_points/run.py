"""Ideal points and similarity on the Assembly's whole record: time, memory, and agreement with the published series.

    python benchmarks/ideal_points/run.py ../shared/data [--no-timing] [--gibbs [--links title] [--dimensions 2] [--sessions 60 74]] [--coverage] [--published] [--held-back]

--published needs `rdata` and takes minutes: reading the .rda files alone takes one. Seconds are CPU seconds beside wall
seconds, medians and least of five after one warm-up on other data: the least is what a quiet machine shows.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import ndtr

import realpolitik as rp
from realpolitik.methods.alignment.ideal_points import ideal_points
from realpolitik.methods.alignment.ideal_points.bsv2017 import BsvSettings, fit_bsv2017, left_out
from realpolitik.methods.alignment.ideal_points.gibbs_engine import GibbsSettings, fit_gibbs
from realpolitik.methods.alignment.ideal_points.given_drift import allow_for_drift
from realpolitik.methods.alignment.ideal_points.kernels import hazard_table
from realpolitik.methods.alignment.ideal_points.links import matched_links, title_links
from realpolitik.methods.alignment.ideal_points.map_engine import MapFit, definite_pieces, fit_map
from realpolitik.methods.alignment.ideal_points.model import Model, build_model
from realpolitik.methods.alignment.ideal_points.several_gibbs import fit_several_gibbs, onto_axes, weighed
from realpolitik.methods.alignment.ideal_points.simulate import simulate, simulate_several
from realpolitik.methods.alignment.similarity import compare, tables

RENAMED = {
    "Eswatini": "Swaziland",
    "Côte d’Ivoire": "Côte d\x92Ivoire",
    "Federal Republic of Germany": "German Federal Republic",
    "North Macedonia": "Macedonia",
}
ZANZIBAR = 511


def timed(what: str, run: Callable[[], object], times: int = 5) -> None:
    wall, cpu = [], []
    for _ in range(times):
        w, c = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - w)
        cpu.append(time.process_time() - c)
    middle = f"CPU {statistics.median(cpu):6.2f} s   wall {statistics.median(wall):6.2f} s"
    print(f"{what:58s} {middle}   (least: {min(cpu):.2f} and {min(wall):.2f})", flush=True)


def read(data: Path) -> rp.RollCalls:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rp.read_votes(data / "votes" / "votes.parquet", roll_calls=data / "votes" / "rollcalls.parquet")


def every_measure(data: Path) -> int:
    """All twelve measures of all pairs in all years, reading the files included."""
    votes = read(data).body("GA").recorded()
    ballots = tables.Ballots(votes.ptr, votes.state, votes.vote, len(votes.states))
    periods = [(number, calls) for number, _, calls in compare._periods(votes, "year", 5)]
    return sum(len(tables.all_values(part.tables)) for part in tables.period_tables(ballots, periods))


def model_of(votes: rp.RollCalls, links: str = "none") -> Model:
    code = votes.state_code
    groups = title_links(votes.calls["title"].to_list(), votes.session) if links == "title" else None
    anchors = {code["USA"]: 1.0, code["GBR"]: 1.0, code["RUS"]: -1.0, code["CUB"]: -1.0}
    return build_model(votes.ptr, votes.state, votes.vote, votes.session, links=groups, anchors=anchors)


def agreement(table: pl.DataFrame, label: str) -> None:
    """Table: key, session, mean, IdealPoint."""
    late = table.filter(pl.col("session") >= 45)
    within = (
        table.group_by("session")
        .agg(pl.corr("mean", "IdealPoint").alias("r"), pl.len().alias("n"))
        .filter(pl.col("n") > 20)
    )
    r = pl.corr("mean", "IdealPoint")
    print(
        f"{label:40s} n {table.height}  r {table.select(r).item():.5f}  since session 45 {late.select(r).item():.4f}  "
        f"within session: median {within['r'].median():.4f}, least {within['r'].min():.3f}"
    )


def coverage(seeds: int = 8) -> None:
    """Share of the truth inside 90 % intervals, engine map."""
    cases: dict[str, tuple[float | None, dict[str, float]]] = {
        "as assumed": (None, {}),
        "true drift 0.2, learnt from 0.05": (None, {"drift": 0.2}),
        "true drift 0.01, learnt from 0.05": (None, {"drift": 0.01}),
        "each state its own drift": (None, {"drift_spread": 1.0}),
        "80 % of abstainers stay away": (None, {"leave_rather_than_abstain": 0.8}),
        "drift fixed at four times the truth": (0.2, {}),
        "drift fixed at a quarter of the truth": (0.0125, {}),
    }
    for name, (fixed, settings) in cases.items():
        inside = []
        for seed in range(seeds):
            s = simulate(np.random.default_rng(seed), **settings)  # type: ignore[arg-type]
            ends = np.argsort(-np.abs(s.theta.mean(1)))[:6]
            m = build_model(
                s.ptr, s.state, s.answer, s.session, anchors={int(i): float(np.sign(s.theta[i].mean())) for i in ends}
            )
            fit, seen = fit_map(m, fixed), m.node_votes > 0
            if fixed is not None:
                fit = allow_for_drift(m, fit)[0]
            truth = s.theta[m.node_state, m.node_session - 1]
            truth = (truth - truth[seen].mean()) / truth[seen].std()
            inside.append((np.abs(truth - fit.standard) < 1.645 * fit.standard_sd)[seen].mean())
        print(f"coverage of 90 % intervals, {name:40s} {np.mean(inside):.3f}  ({min(inside):.3f} to {max(inside):.3f})")


def coverage_several(dimensions: int, seeds: int = 8) -> None:
    """Share of the truth, put on the mode's axes as the draws are, inside 90 % intervals; engines gibbs and map."""
    settings, found = GibbsSettings(2, 600, 150, 1, 2, 30), []
    for seed in range(seeds):
        s = simulate_several(np.random.default_rng(100 + seed), dimensions, states=60, sessions=6, calls=30)
        m = build_model(s.ptr, s.state, s.answer, s.session, anchors={0: 1.0})
        fit, seen = fit_several_gibbs(m, dimensions, seed, None, settings), m.node_votes > 0
        truth = s.theta[m.node_state, m.node_session - 1]
        centre, turn = onto_axes(truth, seen, weighed(fit.mode, seen))
        truth = (truth - centre) @ turn
        low, high = np.quantile(fit.draws.reshape(-1, *truth.shape), [0.05, 0.95], axis=0)
        near = np.abs(truth - fit.mode.standard) < 1.645 * fit.mode.standard_sd
        found.append([((truth > low) & (truth < high))[seen].mean(0), near[seen].mean(0), fit.r_hat[seen].max(0)])
        print(
            f"record {seed}: gibbs {found[-1][0].round(3)}, map {found[-1][1].round(3)}, largest R-hat {found[-1][2].round(3)}",
            flush=True,
        )
    gibbs, mode, _ = np.mean(found, axis=0)
    print(f"coverage of 90 % intervals, {dimensions} dimensions: gibbs {gibbs.round(3)}, map {mode.round(3)} by axis")


def unvotes_model(data: Path) -> tuple[Model, list[int]]:
    """The votes behind the published points: `unvotes` less what the published program leaves out, pairs linked."""
    import rdata

    def frame(name: str) -> pl.DataFrame:
        table = rdata.read_rda(data / "votes" / f"{name}.rda")[name]
        known = {
            c: [str(x) if good else None for x, good in zip(table[c], table[c].notna(), strict=True)]
            for c in table.columns
            if c in WANTED[name]
        }
        return pl.DataFrame(known, schema_overrides=dict.fromkeys(known, pl.String))

    WANTED = {"un_votes": ("rcid", "country", "vote"), "un_roll_calls": ("rcid", "session", "amend", "para")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        votes, calls = frame("un_votes"), frame("un_roll_calls")
    number = pl.col("rcid").cast(pl.Float64).cast(pl.Int64)
    calls = calls.with_columns(number, pl.col("session").cast(pl.Float64).cast(pl.Int64))
    part = pl.col("amend").eq_missing("1") | pl.col("para").eq_missing("1")
    calls = calls.filter(~((pl.col("session") >= 45) & part))
    published = pl.read_parquet(data / "ideal_points" / "idealpoints_all_Apr2020.parquet")
    code = dict(published.select("Countryname", "ccode").unique().iter_rows()) | {"Zanzibar": ZANZIBAR}
    votes = votes.with_columns(
        number, pl.col("country").replace(RENAMED).replace_strict(code, return_dtype=pl.Int64).alias("ccode")
    )
    votes = votes.unique(["rcid", "ccode"]).join(calls.select("rcid", "session"), on="rcid").sort("rcid", "ccode")
    names = sorted(votes["ccode"].unique().to_list())
    state = np.searchsorted(names, votes["ccode"].to_numpy())
    drop = left_out([str(n) for n in names], state, votes["session"].to_numpy())
    votes, state = votes.filter(~pl.Series(drop)), state[~drop]
    ids = votes["rcid"].unique().sort().to_list()
    item = np.searchsorted(ids, votes["rcid"].to_numpy())
    ptr = np.searchsorted(item, np.arange(len(ids) + 1))
    answer = votes["vote"].replace_strict({"yes": 0, "abstain": 1, "no": 2}, return_dtype=pl.Int8).to_numpy()
    pairs = pl.read_csv(data / "ideal_points" / "matches.csv").select("rcid1", "rcid2").rows()
    place = {n: k for k, n in enumerate(names)}
    model = build_model(
        ptr, state, answer, votes["session"].to_numpy()[ptr[:-1]], links=matched_links(ids, pairs),
        anchors={place[2]: 1.0, place[200]: 1.0, place[365]: -1.0},
    )  # fmt: skip
    return model, names


def against_published(data: Path, model: Model, names: list[int], mean: np.ndarray, label: str) -> None:
    published = pl.read_parquet(data / "ideal_points" / "idealpoints_all_Apr2020.parquet")
    seen = np.flatnonzero(model.node_votes > 0)
    ours = pl.DataFrame(
        {
            "ccode": np.array(names)[model.node_state[seen]],
            "session": model.node_session[seen],
            "mean": mean[seen],
            "n": model.node_votes[seen],
        }
    )
    both = ours.join(
        published.select(pl.col("ccode", "session").cast(pl.Int64), "IdealPoint", "NVotes"), on=["ccode", "session"]
    )
    same = (both["n"] == both["NVotes"]).mean()
    agreement(both, f"{label} (votes counted alike: {same:.4f})")


def timings(data: Path, votes: rp.RollCalls, model: Model) -> None:
    fit_map(model_of(votes.body("GA").recorded().keep(votes.body("GA").recorded().session < 30)))
    every_measure(data)
    timed("every measure, every pair, every year, reading included", lambda: every_measure(data))
    timed("map with standard errors, no links, drift 0.05", lambda: fit_map(model, 0.05))
    timed("map with standard errors, no links, drift learnt", lambda: fit_map(model))
    timed("rp.ideal_points, as called by default", lambda: ideal_points(votes))


def against_the_record(data: Path, votes: rp.RollCalls) -> None:
    published = pl.read_parquet(data / "ideal_points" / "idealpoints_all_Apr2020.parquet").select(
        pl.col("iso3c").alias("state"), pl.col("session").cast(pl.Int64), "IdealPoint"
    ).drop_nulls()  # fmt: skip
    for links in ("title", "none"):
        agreement(
            ideal_points(votes, links=links).table.join(published, on=["state", "session"]),
            f"map, links {links}, UN record",
        )


SLOPES, CUTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0), (1.0, 2.0, 4.0, 9.0, 25.0, 100.0)


def held_back(model: Model, share: float = 0.05, draws: int = 5) -> None:
    """Log loss of votes held back under each pair of priors, less that under the pair which is best."""
    pairs = [(slope, cut) for slope in SLOPES for cut in CUTS]
    losses: dict[bool, list[np.ndarray]] = {True: [], False: []}
    items = []
    for seed in range(1, draws + 1):
        out = np.random.default_rng(seed).random(model.votes) < share
        kept = less(model, ~out)
        both = (np.diff(kept.cuts, axis=1) > 0).sum(1) > 1
        asked = out & (kept.node_votes[model.node] > 0) & both[model.item_of_vote]
        items.append(model.item_of_vote[asked])
        both_ways = [losses_under(kept.with_priors(slope=slope, cut=cut), model, asked) for slope, cut in pairs]
        for k, kinds in enumerate(losses.values()):
            kinds.append(np.stack([pair[k] for pair in both_ways]))
    for doubted, kinds in losses.items():
        print("doubt integrated out" if doubted else "at the point")
        against_the_best(pairs, np.concatenate(kinds, axis=1), np.concatenate(items))


def losses_under(kept: Model, model: Model, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log loss of the votes asked for, with doubt and at the point."""
    fit = fit_map(kept)
    with_doubt, at_point = (log_loss(kept, fit, model, asked, doubted).astype(np.float32) for doubted in (True, False))
    return with_doubt, at_point


def against_the_best(pairs: list[tuple[float, float]], loss: np.ndarray, item: np.ndarray) -> None:
    best = loss.mean(1, dtype=float).argmin()
    for (slope, cut), change in zip(pairs, loss - loss[best], strict=True):
        error = np.sqrt((np.bincount(item, change) ** 2).sum()) / len(item)
        said = "the least" if not change.any() else f"{change.mean():+.6f} (se {error:.6f})"
        within = "  within one standard error" if change.mean() <= error else ""
        print(f"slopes N(0, {slope:g}), cut-points N(0, {cut:g}): {loss[best].mean():.6f} {said}{within}", flush=True)


def less(model: Model, keep: np.ndarray) -> Model:
    """The same items and positions with fewer votes."""
    cell = model.item_of_vote[keep].astype(np.int64) * 3 + model.answer[keep]
    ends = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=3 * model.items))])
    cuts = np.stack([ends[0:-1:3], ends[1::3], ends[2::3], ends[3::3]], axis=1)
    node = model.node[keep]
    return replace(model, cuts=cuts, node=node, node_votes=np.bincount(node, minlength=model.nodes))


def log_loss(kept: Model, fit: MapFit, model: Model, asked: np.ndarray, doubted: bool) -> np.ndarray:
    """Minus log P of the votes asked for, with the doubt about position and item integrated out or at the point alone."""
    item, x = model.item_of_vote[asked], fit.theta[model.node[asked]]
    b, g, d = fit.items[item].T
    low, high = g - b * x, g + d - b * x
    if doubted:
        pieces = definite_pieces(kept, fit.theta, fit.items.copy(), hazard_table(), fit.drift, fit.doubt)[0]
        root = np.zeros((model.items, 3, 3))
        root[:, [0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]] = pieces.chols[:, [0, 1, 3, 2, 4, 5]]
        spread = np.linalg.inv(root @ root.transpose(0, 2, 1))[item]
        position = fit.variance[model.node[asked]]
        load = np.stack([-x, np.ones_like(x), np.zeros_like(x)], axis=1)
        wide = np.stack([-x, np.ones_like(x), np.ones_like(x)], axis=1)
        common = (b * b + spread[:, 0, 0]) * position
        low = low / np.sqrt(1 + common + np.einsum("ki,kij,kj->k", load, spread, load))
        high = high / np.sqrt(1 + common + np.einsum("ki,kij,kj->k", wide, spread, wide))
    answer = model.answer[asked]
    p = np.select([answer == 0, answer == 1], [ndtr(low), ndtr(high) - ndtr(low)], ndtr(-high))
    return -np.log(np.maximum(p, 1e-9))


def posterior(model: Model, sweeps: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    fit = fit_gibbs(model, settings=GibbsSettings(sweeps=sweeps, warm=sweeps // 5, threads=2))
    seen = model.node_votes > 0
    ratio = fit.mode.standard_sd[seen] / fit.standard_sd[seen]
    print(
        f"gibbs, 4 chains of {sweeps}: CPU {time.process_time() - cpu:.0f} s, wall {time.perf_counter() - wall:.0f} s, "
        f"largest R-hat {fit.r_hat[seen].max():.3f}, above 1.05: {(fit.r_hat[seen] > 1.05).sum()} of {seen.sum()}, "
        f"ESS least {fit.ess[seen].min():.0f}, median {np.median(fit.ess[seen]):.0f}; "
        f"sd of map over sd of gibbs: median {np.median(ratio):.3f}, mean {ratio.mean():.3f}"
    )


def posterior_several(model: Model, dimensions: int, sweeps: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    settings = GibbsSettings(sweeps=sweeps, warm=sweeps // 5, thin=dimensions, threads=2)
    fit, seen = fit_several_gibbs(model, dimensions, settings=settings), model.node_votes > 0
    print(
        f"gibbs, 4 chains of {sweeps}: CPU {time.process_time() - cpu:.0f} s, wall {time.perf_counter() - wall:.0f} s"
    )
    for k in range(dimensions):
        r_hat, ess = fit.r_hat[seen, k], fit.ess[seen, k]
        ratio = fit.mode.standard_sd[seen, k] / fit.standard_sd[seen, k]
        print(
            f"axis {k + 1}: largest R-hat {r_hat.max():.3f}, above 1.05: {(r_hat > 1.05).sum()} of {seen.sum()}, "
            f"ESS least {ess.min():.0f}, median {np.median(ess):.0f}; sd of map over sd of gibbs: median "
            f"{np.median(ratio):.3f}; mean with the mode: r {np.corrcoef(fit.standard[seen, k], fit.mode.standard[seen, k])[0, 1]:.4f}"
        )


def published_estimator(data: Path, iterations: int, seeds: int) -> None:
    other, names = unvotes_model(data)
    against_published(data, other, names, fit_map(other).standard, "map, unvotes, pairs linked")
    place = {n: k for k, n in enumerate(names)}
    start = {place[n]: v for n, v in {2: 3.0, 20: 3.0, 200: 3.0, 666: 3.0, 365: -2.0, 265: -2.0}.items()}
    settings = BsvSettings(iterations=iterations * 3 // 4, burn=iterations // 4, thin=10)
    cpu = time.process_time()
    fit = fit_bsv2017(other, start, (place[2], place[365]), chains=seeds, settings=settings)
    label = f"bsv2017, {iterations} iterations, CPU {time.process_time() - cpu:.0f} s"
    against_published(data, other, names, fit.standard, label)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-timing", action="store_true")
    parser.add_argument("--gibbs", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--published", action="store_true")
    parser.add_argument("--held-back", action="store_true")
    parser.add_argument("--links", choices=("none", "title"), default="none", help="of --gibbs")
    parser.add_argument("--dimensions", type=int, default=1, help="of --gibbs and --coverage")
    parser.add_argument("--sessions", type=int, nargs=2, default=(1, 999), help="of --gibbs")
    parser.add_argument("--sweeps", type=int, default=800)
    parser.add_argument("--iterations", type=int, default=8000)
    asked = parser.parse_args()
    votes = read(asked.data)
    model = model_of(votes.body("GA").recorded())
    if not asked.no_timing:
        timings(asked.data, votes, model)
        against_the_record(asked.data, votes)
        print(f"most memory used so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if asked.coverage and asked.dimensions == 1:
        coverage()
    elif asked.coverage:
        coverage_several(asked.dimensions)
    if asked.held_back:
        held_back(model_of(votes.body("GA").recorded(), "title"))
    if asked.gibbs:
        part = votes.body("GA").recorded()
        first, last = asked.sessions
        asked_for = model_of(part.keep((part.session >= first) & (part.session <= last)), asked.links)
        if asked.dimensions == 1:
            posterior(asked_for, asked.sweeps)
        else:
            posterior_several(asked_for, asked.dimensions, asked.sweeps)
    if asked.published:
        published_estimator(asked.data, asked.iterations, 1)
    print(f"most memory used: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
