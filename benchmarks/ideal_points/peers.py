"""The same votes through the peers that install from PyPI: seconds, and agreement of positions with `map` and `gibbs`.

One session of the record (74), one position per state, since py-irt knows no time. Each peer in an environment of its own:

    python benchmarks/ideal_points/peers.py record ../shared/data /tmp/peers          # in the package's environment
    python3.11 -m venv /tmp/py-irt   && /tmp/py-irt/bin/pip install py-irt==0.7.1
    python3.12 -m venv /tmp/dynamirt && /tmp/dynamirt/bin/pip install dynamirt==0.2.0
    /tmp/py-irt/bin/python   benchmarks/ideal_points/peers.py py-irt   /tmp/peers
    /tmp/dynamirt/bin/python benchmarks/ideal_points/peers.py dynamirt /tmp/peers

py-irt is binary and its slopes are positive: it reads yes against the rest, once as it stands and once with the roll calls
turned by the sign of the slope that `map` found on the same two answers. dynamirt's graded model reads yes, abstain, no;
its slopes are given a normal prior, its own default being positive too.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

SESSION = 74


class Clock:
    """Seconds of CPU and wall since it was made."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        return f"CPU {time.process_time() - self.cpu:.2f} s, wall {time.perf_counter() - self.wall:.2f} s"


def agreement(ours: np.ndarray, theirs: np.ndarray) -> str:
    """Pearson's and Spearman's correlation, whatever the peer's sign."""
    ranks = [np.argsort(np.argsort(x)) for x in (ours, theirs)]
    r, rho = np.corrcoef(ours, theirs)[0, 1], np.corrcoef(*ranks)[0, 1]
    return f"r {abs(r):.3f}, rank correlation {abs(rho):.3f}"


def record(data: Path, out: Path) -> None:
    """Write the votes for the peers and our own positions beside them."""
    import realpolitik as rp
    from realpolitik.methods.alignment.ideal_points.gibbs_engine import GibbsSettings, fit_gibbs
    from realpolitik.methods.alignment.ideal_points.map_engine import fit_map
    from realpolitik.methods.alignment.ideal_points.model import Model, build_model

    votes = rp.read_votes(data / "votes" / "votes.parquet", roll_calls=data / "votes" / "rollcalls.parquet")
    taken = votes.body("GA").recorded()
    taken = taken.keep(taken.session == SESSION)
    anchors = {taken.state_code["USA"]: 1.0, taken.state_code["RUS"]: -1.0}
    kept: dict[str, Any] = {}
    for name, answer in (("three", taken.vote), ("two", np.where(taken.vote == 1, np.int8(2), taken.vote))):
        model: Model = build_model(taken.ptr, taken.state, answer, taken.session.astype(int), anchors=anchors)
        fit_map(model, 0.05)
        clock = Clock()
        fit = fit_map(model, 0.05)
        print(f"{name} answers: {model.votes} votes, {model.items} roll calls, {model.nodes} states; map {clock}")
        fit_gibbs(model, 1, 0.05, GibbsSettings(sweeps=10, warm=4, directions=10))
        clock = Clock()
        drawn = fit_gibbs(model, 1, 0.05, GibbsSettings(sweeps=600, warm=120, directions=10))
        print(f"    gibbs, 4 chains of 600, one thread: {clock}, largest R-hat {drawn.r_hat.max():.3f}")
        print(f"    map against gibbs: {agreement(drawn.standard, fit.standard)}")
        kept |= {f"{name}_node": model.node, f"{name}_item": model.item_of_vote, f"{name}_answer": model.answer}
        kept |= {f"{name}_map": fit.standard, f"{name}_gibbs": drawn.standard, f"{name}_slope": fit.items[:, 0]}
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / "record.npz", **kept)


def matrix(kept: Any, name: str) -> np.ndarray:
    """(states, roll calls) answers, NaN where there is no vote."""
    node, item = kept[f"{name}_node"], kept[f"{name}_item"]
    out = np.full((int(node.max()) + 1, int(item.max()) + 1), np.nan)
    out[node, item] = kept[f"{name}_answer"]
    return out


def py_irt(out: Path) -> None:
    from py_irt.config import IrtConfig
    from py_irt.training import IrtModelTrainer

    kept = np.load(out / "record.npz")
    yes = 1.0 - matrix(kept, "two") / 2.0
    towards = np.where(kept["two_slope"] > 0, 1 - yes, yes)
    for turned, answers in (("as they stand", yes), ("turned by our slopes", towards)):
        file = out / "votes.jsonlines"
        with file.open("w") as lines:
            for k, row in enumerate(answers):
                known = {f"i{j}": int(v) for j, v in enumerate(row) if not np.isnan(v)}
                lines.write(json.dumps({"subject_id": f"s{k}", "responses": known}) + "\n")
        config = IrtConfig(model_type="2pl", priors="hierarchical", epochs=2000, seed=1)
        trainer = IrtModelTrainer(data_path=file, config=config, verbose=False)
        clock = Clock()
        trainer.train(device="cpu")
        found = trainer.best_params
        place = {int(name[1:]): k for k, name in found["subject_ids"].items()}
        theirs = np.array([found["ability"][place[k]] for k in range(len(answers))])
        print(f"py-irt {version('py-irt')}, 2pl, 2,000 epochs, votes {turned}: {clock}")
        print(f"    with gibbs on the same two answers: {agreement(kept['two_gibbs'], theirs)}")
        print(f"    with gibbs on three answers: {agreement(kept['three_gibbs'], theirs)}")


def dynamirt(out: Path) -> None:
    import numpyro.distributions as dist
    from dynamirt import dynamirt as build
    from dynamirt import fit_mcmc
    from dynamirt.loadings import Full

    kept = np.load(out / "record.npz")
    answers = matrix(kept, "three")
    model = build(model_type="GRM", loadings=Full(dist.Normal(0.0, 2.0)), model_type_kwargs={"n_cat": 3})
    length = {"num_warmup": 500, "num_samples": 500, "num_chains": 1, "progress_bar": False}
    clock = Clock()
    fit = fit_mcmc(model, answers, mcmc_kwargs=length)
    draws = fit.to_idata().posterior["theta"].values[0, :, :, 0]
    print(f"dynamirt {version('dynamirt')}, graded model, one chain of 500 after 500: {clock}")
    halves = draws.reshape(2, -1, draws.shape[1])
    within, between = halves.var(1, ddof=1).mean(0), halves.mean(1).var(0, ddof=1)
    r_hat = np.sqrt((halves.shape[1] - 1) / halves.shape[1] + between / within).max()
    print(
        f"    with gibbs on three answers: {agreement(kept['three_gibbs'], draws.mean(0))}; largest split R-hat {r_hat:.2f}"
    )


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    {"record": record, "py-irt": py_irt, "dynamirt": dynamirt}[what](*map(Path, paths))
