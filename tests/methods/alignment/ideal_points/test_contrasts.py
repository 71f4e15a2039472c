"""Positions against each other: the joint covariance against the dense inverse, draws against the mode, and bad input."""

import numpy as np
import polars as pl
import pytest

import realpolitik as rp
from realpolitik.methods.alignment.ideal_points import contrasts, given_drift, ideal_points, kernels, map_engine
from realpolitik.methods.alignment.ideal_points.model import build_model
from realpolitik.methods.alignment.ideal_points.simulate import simulate

NAMES = ["USA", "GBR", "FRA", "BRA", "IND", "EGY", "CHN", "IRN", "RUS", "CUB", "MEX", "KEN"]


@pytest.fixture(scope="module")
def simulated():
    return simulate(np.random.default_rng(12), states=12, sessions=4, calls=20, absent=0.1)


@pytest.fixture(scope="module")
def model(simulated):
    s = simulated
    answer = s.answer.copy()
    answer[(s.state == 3) & (np.repeat(s.session, 12) == 2)] = 3  # passes through a session without voting
    return build_model(s.ptr, s.state, answer, s.session, anchors={0: 1.0})


@pytest.fixture(scope="module")
def votes(simulated):
    s, words = simulated, ["yes", "abstain", "no", "absent"]
    calls = pl.DataFrame(
        {"id": [f"R{k}" for k in range(80)], "date": [f"{2018 + k // 20}-12-{k % 20 + 1:02d}" for k in range(80)]}
    )
    frame = pl.DataFrame(
        {
            "roll_call": [f"R{k}" for k in np.repeat(np.arange(80), 12)],
            "state": [NAMES[i] for i in s.state],
            "vote": [words[a] for a in s.answer],
        }
    )
    return rp.read_votes(frame, roll_calls=calls)


def dense_covariance(model, fit, q):
    """Covariance of all standardised positions from the dense inverse, by the delta method written out."""
    pieces, _ = map_engine.definite_pieces(model, fit.theta, fit.items.copy(), kernels.hazard_table(), q, fit.doubt)
    loads = np.zeros((model.nodes, model.items, 3))
    loads[model.node, model.item_of_vote] = pieces.cross
    own = pieces.weight + map_engine.prior_precision(model, q)
    precision = map_engine.walk_times(model, own, q, np.eye(model.nodes))
    raw = np.linalg.inv(precision - np.einsum("njk,mjk->nm", loads, loads))
    counted = model.node_votes > 0
    mean = counted / counted.sum()
    scale = counted * fit.standard / counted.sum()
    jacobian = np.eye(model.nodes) - np.outer(np.ones(model.nodes), mean) - np.outer(fit.standard, scale)
    return jacobian @ raw @ jacobian.T / fit.scale**2


def test_covariance_within_a_session_is_that_of_the_dense_inverse(model):
    fit = map_engine.fit_map(model, 0.05, map_engine.MapSettings(tolerance=1e-8))
    dense = dense_covariance(model, fit, 0.05)
    seen = 0
    for at in contrasts.around_the_mode(model, fit, fit.drift):
        np.testing.assert_allclose(at.covariance, dense[np.ix_(at.nodes, at.nodes)], rtol=2e-4, atol=2e-6)
        np.testing.assert_allclose(np.sqrt(np.diag(at.covariance)), fit.standard_sd[at.nodes], rtol=2e-3)
        seen += len(at.nodes)
    assert seen == (model.node_votes > 0).sum()


def test_a_given_drift_widens_the_whole_covariance(model):
    fit = map_engine.fit_map(model, map_engine.fit_map(model).drift / 4)
    wide, learnt = given_drift.allow_for_drift(model, fit)
    assert (wide.standard_sd > fit.standard_sd).all()
    for at in contrasts.around_the_mode(model, wide, learnt):
        np.testing.assert_allclose(np.sqrt(np.diag(at.covariance)), wide.standard_sd[at.nodes], rtol=0.02)
        assert np.linalg.eigvalsh(at.covariance).min() > -1e-6


@pytest.fixture(scope="module")
def both(votes):
    asked = {"links": "none", "distances": ["USA", "IRN", "CUB"], "relative": "median"}
    settings = {"chains": 4, "sweeps": 700, "warm": 200}
    return ideal_points(votes, **asked), ideal_points(votes, engine="gibbs", draws=10_000, **settings, **asked)


def test_the_mode_and_the_draws_agree_on_differences(both):
    of_mode, drawn = (f.tables["distances"] for f in both)
    assert of_mode.columns == ["a", "b", "session", "difference", "sd", "q05", "q50", "q95", "above"]
    assert of_mode.select("a", "b", "session").rows() == drawn.select("a", "b", "session").rows()
    assert set(zip(of_mode["a"], of_mode["b"], strict=True)) == {
        ("USA", "IRN"), ("USA", "CUB"), ("IRN", "CUB"),
    }  # fmt: skip
    ratio = of_mode["sd"] / drawn["sd"]
    assert ratio.median() == pytest.approx(1, abs=0.1)
    gap = ((of_mode["difference"] - drawn["difference"]) / drawn["sd"]).abs()
    assert gap.max() < 1.0  # a dozen states: the posterior is skewed, its mode is not its mean
    np.testing.assert_allclose(of_mode["above"], drawn["above"], atol=0.12)


def test_differences_of_draws_are_those_of_the_draws_themselves(both):
    found = both[1]
    draws = found.tables["draws"]
    assert draws.columns == ["chain", "draw", "state", "session", "position"]
    assert draws.select("chain", "draw").n_unique() == 4 * 500
    wide = draws.with_columns(pl.col("state").cast(pl.String)).pivot(
        on="state", index=["chain", "draw", "session"], values="position"
    )
    by_hand = (
        wide.with_columns(gap=pl.col("USA") - pl.col("CUB"))
        .group_by("session")
        .agg(pl.col("gap").mean(), pl.col("gap").std().alias("sd"), (pl.col("gap") > 0).mean().alias("above"))
        .sort("session")
    )
    ours = found.tables["distances"].filter(a="USA", b="CUB").sort("session")
    np.testing.assert_allclose(ours["difference"], by_hand["gap"], atol=1e-5)
    np.testing.assert_allclose(ours["sd"], by_hand["sd"], rtol=1e-4)
    np.testing.assert_allclose(ours["above"], by_hand["above"], atol=1e-3)
    means = draws.group_by("state", "session").agg(pl.col("position").mean()).sort("state", "session")
    table = found.table.sort(pl.col("state").cast(means["state"].dtype), "session")
    np.testing.assert_allclose(means["position"], table["mean"], atol=1e-5)


def test_draws_outlive_a_parquet_file(both, tmp_path):
    draws = both[1].tables["draws"]
    draws.write_parquet(tmp_path / "draws.parquet")
    assert pl.read_parquet(tmp_path / "draws.parquet").equals(draws)


def test_fewer_draws_are_spread_over_the_chains(model):
    kept = np.random.default_rng(1).normal(size=(4, 100, model.nodes)).astype(np.float32)
    table = contrasts.draws_table(model, kept, 12, [f"S{k}" for k in range(model.states)])
    assert sorted(table.select("chain", "draw").unique().rows()) == [(c, d) for c in range(4) for d in (0, 50, 99)]
    assert table.height == 12 * (model.node_votes > 0).sum()


def test_positions_against_the_sessions_middle(votes, both):
    for found in both:
        table = found.tables["relative"]
        assert table.columns == ["state", "session", "mean", "sd", "q05", "q50", "q95"]
        assert table.select("state", "session").rows() == found.table.select("state", "session").rows()
        middle = table.group_by("session").agg(pl.col("mean").median())["mean"]
        np.testing.assert_allclose(middle, 0, atol=0.15)
    np.testing.assert_allclose(*(f.tables["relative"]["sd"] for f in both), rtol=0.35)
    table = ideal_points(votes, links="none", relative="mean").tables["relative"]
    np.testing.assert_allclose(table.group_by("session").agg(pl.col("mean").sum())["mean"], 0, atol=1e-9)
    spread = both[0].table["mean"] - table["mean"]
    assert spread.n_unique() > 1
    assert pl.DataFrame({"s": table["session"], "d": spread.round(9)}).n_unique() == table["session"].n_unique()


def test_a_session_in_which_one_of_the_pair_does_not_vote_is_left_out(model):
    fit = map_engine.fit_map(model, 0.05)
    names = [f"S{k}" for k in range(model.states)]
    table = contrasts.distances(model, contrasts.around_the_mode(model, fit, fit.drift), ["S3", "S1"], names)
    assert table["session"].to_list() == [1, 3, 4]
    assert table["a"].unique().to_list() == ["S3"]


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ({"distances": "USA"}, "distances"),
        ({"distances": ["USA"]}, "distances"),
        ({"distances": ["USA", "USQ"]}, "distances"),
        ({"distances": 3}, "distances"),
        ({"distances": ["USA", "CUB"], "dimensions": 2}, "distances"),
        ({"relative": "mode"}, "relative"),
        ({"relative": "mean", "dimensions": 2}, "relative"),
        ({"draws": 10}, "draws"),
        ({"draws": -1, "engine": "gibbs"}, "draws"),
        ({"draws": "all", "engine": "gibbs"}, "draws"),
    ],
)
def test_wrong_tables_are_problems(votes, setting, field):
    with pytest.raises(rp.InputError) as error:
        ideal_points(votes, **setting)
    assert [p.field for p in error.value.problems] == [field]


@pytest.mark.parametrize("thing", [[("R1", "USA", "yes")], None, "votes.csv", pl.DataFrame({"a": [1]})])
def test_anything_but_votes_is_one_clear_error(thing):
    with pytest.raises(rp.InputError) as error:
        ideal_points(thing)
    assert [(p.field, p.value) for p in error.value.problems] == [("votes", type(thing).__name__)]


def test_every_table_asked_for_traces_to_the_votes(both):
    pair = both[0].explain(column="difference", table="distances", a="USA", b="CUB", session=74)
    assert "USA less that of CUB in session 74" in pair.says
    assert {leaf.dataset for leaf in pair.leaves} == {"recorded_votes", "roll_calls"}
    assert "USA in session 74" in both[0].explain(column="mean", table="relative", state="USA", session=74).says
    draw = both[1].explain(column="position", table="draws", chain=0, draw=0, state="USA", session=74)
    assert "USA in session 74" in draw.says


def test_a_finding_with_further_tables_replays(votes):
    found = ideal_points(votes, links="none", distances=("USA", "CUB"), relative="median")
    assert found.replay(votes).digest == found.digest
