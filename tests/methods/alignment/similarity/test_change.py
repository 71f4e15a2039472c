"""The difference of two spans: values, intervals that hold the truth, traces and errors."""

import numpy as np
import polars as pl
import pytest

import realpolitik as rp
from realpolitik.methods.alignment.similarity import similarity, similarity_change

SHARES = {"before": 0.9, "after": 0.5}


def record(pairs, each, seed):
    """Pairs of states that agree with a share of .9 in 2018 and .5 in 2020, on ``each`` roll calls a year."""
    rng = np.random.default_rng(seed)
    days = [f"{year}-12-{1 + k % 28:02d}" for year in (2018, 2020) for k in range(each)]
    calls = pl.DataFrame({"id": [f"R{k}" for k in range(2 * each)], "date": days})
    rows = []
    for p in range(pairs):
        for k in range(2 * each):
            one = rng.integers(2)
            alike = rng.random() < (SHARES["before"] if k < each else SHARES["after"])
            rows += [(f"R{k}", f"A{p:03d}", one), (f"R{k}", f"B{p:03d}", one if alike else 1 - one)]
    frame = pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row")
    frame = frame.with_columns(pl.col("vote").replace_strict({0: "yes", 1: "no"}, return_dtype=pl.String))
    return rp.read_votes(frame, roll_calls=calls)


@pytest.mark.parametrize("each", [10, 30])
def test_intervals_of_the_difference_hold_the_truth(each):
    votes = record(250, each, seed=each)
    found = similarity_change(votes, before=(2018, 2018), after=(2020, 2020), by="year", measure="agreement").table
    own = found.filter(pl.col("a").str.slice(1) == pl.col("b").str.slice(1))
    assert own.height == 250
    held = own.select(((pl.col("low") <= -0.4) & (pl.col("high") >= -0.4)).mean()).item()
    assert 0.85 <= held <= 0.99


def test_change_is_the_difference_of_the_two_similarities():
    votes = record(2, 8, seed=1)
    found = similarity_change(votes, before=(2017, 2019), after=(2020, 2020), by="year")
    years = similarity(votes, by="year")
    for row in found.table.iter_rows(named=True):
        one, two = (years.row(a=row["a"], b=row["b"], period=y) for y in (2018, 2020))
        assert row["change"] == pytest.approx(two["value"] - one["value"])
        assert (row["before"], row["n_after"]) == (one["value"], two["n"])
    assert found.table["change"].abs().is_sorted(descending=True)
    assert found.replay(votes).digest == found.digest


def test_traces_read_each_span():
    votes = record(1, 8, seed=1)
    found = similarity_change(votes, before=(73, 73), after=(75, 75))
    counts = {
        column: [leaf.count for leaf in found.explain(column=column, a="A000", b="B000").leaves]
        for column in ("before", "after", "change")
    }
    assert counts == {"before": [16], "after": [16], "change": [16, 16]}


def test_spans_are_checked():
    votes = record(1, 8, seed=1)
    for before, after in (((73, 75), (75, 76)), ((75, 73), (76, 76)), ((73,), (75, 75)), ("73", (75, 75))):
        with pytest.raises(rp.InputError, match=r"shares nothing|two whole numbers"):
            similarity_change(votes, before=before, after=after)
    with pytest.raises(rp.InputError, match="after: 'no roll call': expected a span of sessions with recorded votes"):
        similarity_change(votes, before=(73, 73), after=(90, 91))
