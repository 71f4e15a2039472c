"""Posterior of one small simulated record in two dimensions by NumPyro's NUTS: a golden value for the sampler's test.

The record is written with the package, the posterior drawn in an environment of its own:
    python benchmarks/ideal_points/nuts_several.py write record.npz
    python -m venv /tmp/nuts && /tmp/nuts/bin/pip install numpyro
    /tmp/nuts/bin/python benchmarks/ideal_points/nuts_several.py draw record.npz tests/golden/alignment_nuts_several.json
Every draw is whitened and turned to a fixed reference, which is kept beside the results.
"""

import json
import sys

import numpy as np

DRIFT = 0.05


def small_model():  # type: ignore[no-untyped-def]
    """20 states, 3 sessions, 15 roll calls each, two dimensions."""
    from realpolitik.methods.alignment.ideal_points.model import build_model
    from realpolitik.methods.alignment.ideal_points.simulate import simulate_several

    s = simulate_several(np.random.default_rng(11), 2, states=20, sessions=3, calls=15, drift=DRIFT)
    ends = np.argsort(s.theta.mean(1)[:, 0])
    anchors = {int(ends[-1]): 1.0, int(ends[0]): -1.0}
    return build_model(s.ptr, s.state, s.answer, s.session, anchors=anchors)


def write(path: str) -> None:
    from dataclasses import asdict

    from realpolitik.methods.alignment.ideal_points.several_gibbs import prepare

    model = small_model()
    start, _ = prepare(model, 2, DRIFT, 4)
    back, mode = model.previous, start.mode
    first = mode.theta / np.sqrt(model.priors.start)
    step = np.where(back[:, None] < 0, first, (mode.theta - mode.theta[back]) / np.sqrt(DRIFT))
    np.savez(
        path, item=model.item_of_vote, node=model.node, answer=model.answer, previous=back, q=DRIFT, counted=model.node_votes > 0,
        start_b=mode.items[:, :2], start_g=mode.items[:, 2], start_d=mode.items[:, 3], start_step=step,
        reference=start.reference, **{f"prior_{k}": v for k, v in asdict(model.priors).items()},
    )  # fmt: skip


def turned(theta: np.ndarray, reference: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Positions with mean 0, sd 1 and no correlation over voting nodes, turned to the reference."""
    x = theta - theta[counted].mean(0)
    values, vectors = np.linalg.eigh(np.cov(x[counted].T, bias=True))
    x = x @ (vectors / np.sqrt(values))
    left, _, right = np.linalg.svd(x.T @ reference)
    return np.asarray(x @ left @ right)


def draw(record_path: str, out_path: str) -> None:
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.special import log_ndtr
    from numpyro.infer import MCMC, NUTS, init_to_value

    numpyro.enable_x64()
    record = np.load(record_path)
    previous, items, q = record["previous"].tolist(), int(record["item"].max()) + 1, float(record["q"])
    item, node, answer = record["item"], record["node"], record["answer"]
    prior = {k[6:]: float(v) for k, v in record.items() if k.startswith("prior_")}

    def log_probability(a, d):  # type: ignore[no-untyped-def]
        u = a + d
        flip = a + u > 0
        low, high = jnp.where(flip, -u, a), jnp.where(flip, -a, u)
        top = log_ndtr(high)
        middle = top + jnp.log(-jnp.expm1(jnp.minimum(log_ndtr(low) - top, -1e-12)))
        return jnp.where(answer == 0, log_ndtr(a), jnp.where(answer == 2, log_ndtr(-u), middle))

    def model() -> None:
        b = numpyro.sample("b", dist.Normal(0, np.sqrt(prior["slope"])).expand([items, 2]))
        g = numpyro.sample("g", dist.Normal(0, np.sqrt(prior["cut"])).expand([items]))
        d = numpyro.sample("d", dist.Gamma(prior["width_shape"], prior["width_rate"]).expand([items]))
        step = numpyro.sample("step", dist.Normal(0, 1).expand([len(previous), 2]))
        theta: list = []
        for k, back in enumerate(previous):
            theta.append(step[k] * np.sqrt(prior["start"]) if back < 0 else theta[back] + np.sqrt(q) * step[k])
        x = numpyro.deterministic("theta", jnp.stack(theta))
        numpyro.factor("votes", log_probability(g[item] - (b[item] * x[node]).sum(-1), d[item]).sum())

    start = {k: record[f"start_{k}"] for k in ("b", "g", "d", "step")}
    kernel = NUTS(model, init_strategy=init_to_value(values=start))
    mcmc = MCMC(kernel, num_warmup=1000, num_samples=4000, num_chains=2, chain_method="sequential", progress_bar=False)
    mcmc.run(jax.random.PRNGKey(1))
    theta = np.asarray(mcmc.get_samples(group_by_chain=True)["theta"])
    x = np.array([[turned(t, record["reference"], record["counted"]) for t in chain] for chain in theta])
    half = x.shape[1] // 2
    parts = np.concatenate([x[:, :half], x[:, half:]])
    r_hat = np.sqrt((half - 1) / half + parts.mean(1).var(0, ddof=1) / parts.var(1, ddof=1).mean(0))
    flat = x.reshape(-1, *x.shape[2:])
    out = {
        "source": f"NumPyro {numpyro.__version__} NUTS, 2 chains of 4000 after 1000, benchmarks/ideal_points/nuts_several.py",
        "largest_r_hat": float(r_hat.max()),
        "priors": prior,
        "reference": record["reference"].round(6).tolist(),
        "mean": flat.mean(0).round(5).tolist(),
        "sd": flat.std(0, ddof=1).round(5).tolist(),
    }
    with open(out_path, "w") as file:
        json.dump(out, file, indent=1)
    print(out["largest_r_hat"])


if __name__ == "__main__":
    write(sys.argv[2]) if sys.argv[1] == "write" else draw(sys.argv[2], sys.argv[3])
