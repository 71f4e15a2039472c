"""Movement, counts by kind, blocs and residuals: planted patterns must be found, and nothing that was not planted."""

import warnings

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import realpolitik as rp
from realpolitik.methods.alignment.movement import blocs, movement, moves_between, surprises, votes_by_kind
from realpolitik.methods.alignment.movement.blocs import agreement, cut
from realpolitik.methods.alignment.movement.scores import Sheet

WORDS = np.array(["yes", "abstain", "no", "absent"])


def record(codes, sessions, titles=None):
    """Votes from a matrix (states, calls) of 0..3."""
    states, calls = codes.shape
    frame = pl.DataFrame({"id": [f"R{k}" for k in range(calls)], "date": [f"{1945 + s}-12-01" for s in sessions]})
    frame = frame.with_columns(title=pl.Series(titles or [""] * calls))
    rows = {
        "roll_call": [f"R{k}" for _ in range(states) for k in range(calls)],
        "state": [f"S{i:02d}" for i in range(states) for _ in range(calls)],
        "vote": WORDS[codes.ravel()].tolist(),
    }
    return rp.read_votes(pl.DataFrame(rows), roll_calls=frame)


def ordinal(rng, states, calls, shift=0.0):
    x = rng.normal(size=(states, 1)) + shift + rng.normal(size=(states, calls))
    return (x > 0.3).astype(int) + (x > 1.0)


@pytest.fixture(scope="module")
def assembly(shared_data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rp.read_votes(
            shared_data / "votes" / "votes.parquet", roll_calls=shared_data / "votes" / "rollcalls.parquet"
        )


def test_the_state_that_moved_comes_first():
    rng = np.random.default_rng(1)
    codes = ordinal(rng, 30, 120)
    codes[7, :60], codes[7, 60:] = 0, 2
    found = movement(record(codes, [70] * 60 + [71] * 60), before=(70, 70), after=(71, 71))
    first = found.table.row(0, named=True)
    assert first["state"] == "S07"
    assert first["low"] > 0.5
    assert first["in_top_ten"] == 1.0
    others = found.table.filter(pl.col("state") != "S07")
    covered = ((others["low"] <= 0) & (others["high"] >= 0)).mean()
    assert covered > 0.7


def test_a_shift_of_all_members_is_no_movement():
    rng = np.random.default_rng(2)
    place = rng.normal(size=(40, 1))
    x = place + rng.normal(size=(40, 200)) + np.repeat([0.0, 0.8], 100)
    codes = (x > 0.3).astype(int) + (x > 1.0)
    found = movement(record(codes, [70] * 100 + [71] * 100), before=(70, 70), after=(71, 71))
    assert abs(found.table["change"].mean()) < 1e-9
    assert found.table["change"].abs().max() < 0.25


def test_a_change_of_agenda_between_kinds_is_no_movement():
    rng = np.random.default_rng(3)
    codes = ordinal(rng, 20, 200)
    kinds = np.array(["rights"] * 80 + ["trade"] * 20 + ["rights"] * 20 + ["trade"] * 80)
    codes[0] = np.where(kinds == "rights", 2, 0)
    votes = record(codes, [70] * 100 + [71] * 100)
    naive = movement(votes, before=(70, 70), after=(71, 71)).row(state="S00")
    like_with_like = movement(votes, before=(70, 70), after=(71, 71), kinds=kinds.tolist()).row(state="S00")
    assert naive["change"] < -0.5
    assert abs(like_with_like["change"]) < 0.1
    assert like_with_like["low"] <= 0 <= like_with_like["high"]


def test_who_joins_or_leaves_moves_nobody():
    rng = np.random.default_rng(11)
    codes = ordinal(rng, 20, 80)
    codes[10:15, :40], codes[10:15, 40:] = 2, 3  # five leave, all of them against
    codes[15:, :40], codes[15:, 40:] = 3, 0  # five join, all of them in favour
    found = movement(record(codes, [70] * 40 + [71] * 40), before=(70, 70), after=(71, 71), draws=20)
    stayed = movement(record(codes[:10], [70] * 40 + [71] * 40), before=(70, 70), after=(71, 71), draws=20)
    assert_frame_equal(found.table.sort("state"), stayed.table.sort("state"))


def test_ten_versions_of_a_series_are_not_ten_observations():
    rng = np.random.default_rng(12)
    codes = np.repeat(ordinal(rng, 20, 8), 10, axis=1)
    letters = [f"on matter {c * 3}" for c in "abcdefgh"]
    titles = [t for t in letters for _ in range(10)]
    sessions = [70] * 40 + [71] * 40
    spread = {
        name: movement(record(codes, sessions, given), before=(70, 70), after=(71, 71), kinds=["a"] * 80)
        .table["sd"]
        .median()
        for name, given in (("series", titles), ("apart", None))
    }
    assert spread["series"] > 2 * spread["apart"]


@pytest.mark.parametrize("sessions", [[70, 71, 70, 71] * 25, [70] * 48 + [71] * 52])
def test_the_interval_holds_what_other_series_would_have_given(sessions):
    """Sixty assemblies in which nobody moves, 25 series of four: 90 % intervals hold 0 about as often as they say."""
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        lead = rng.normal(size=(12, 25, 1)) + rng.normal(size=(12, 25, 4))
        codes = ((lead > 0.3).astype(int) + (lead > 1.0)).reshape(12, 100)
        titles = [f"on matter {chr(97 + k)}{chr(97 + k)}" for k in range(25) for _ in range(4)]
        settings = {"before": (70, 70), "after": (71, 71), "kinds": ["a"] * 100, "draws": 200, "seed": seed}
        table = movement(record(codes, sessions, titles), **settings).table
        held += ((table["low"] <= 0) & (table["high"] >= 0)).to_list()
    assert np.mean(held) == pytest.approx(0.89, abs=0.04)  # a little below .9: 25 series are few


def test_the_answer_says_towards_what_at_both_ends():
    codes = ordinal(np.random.default_rng(1), 30, 120)
    codes[7, :60], codes[7, 60:] = 2, 0
    said = movement(record(codes, [70] * 60 + [71] * 60), before=(70, 70), after=(71, 71)).answer
    numbers = [float(part.split()[-1]) for part in said.split(" towards yes")[:-1]]
    assert "towards no" not in said
    assert numbers[1] < numbers[0] < numbers[2]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"before": (70, 71)}, "before, after"),
        ({"before": (71, 70), "after": (72, 73)}, "before"),
        ({"draws": 0}, "draws"),
        ({"least": 0}, "least"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, field):
    votes = record(ordinal(np.random.default_rng(5), 6, 8), [70] * 4 + [71] * 4)
    with pytest.raises(rp.InputError) as caught:
        movement(votes, **({"before": (70, 70), "after": (71, 71)} | wrong))
    assert [p.field for p in caught.value.problems] == [field]


def test_absence_does_not_count_as_a_vote():
    rng = np.random.default_rng(4)
    codes = ordinal(rng, 12, 40)
    codes[3] = 3
    found = movement(record(codes, [70] * 20 + [71] * 20), before=(70, 70), after=(71, 71))
    assert "S03" not in found.table["state"].to_list()


def test_spans_without_a_common_kind_are_an_error():
    votes = record(ordinal(np.random.default_rng(5), 6, 8), [70] * 4 + [71] * 4)
    with pytest.raises(rp.InputError, match="kind of act in common"):
        movement(votes, before=(70, 70), after=(71, 71), kinds=["a"] * 4 + ["b"] * 4)
    with pytest.raises(rp.InputError, match="sessions between"):
        movement(votes, before=(1, 2), after=(71, 71))


def test_moves_between_two_resolutions_of_the_record(assembly):
    found = moves_between(assembly, first="A/RES/76/179", last="A/RES/ES-11/1")
    turns = {(a, b): n for a, b, n in found.tables["turns"].iter_rows()}
    assert [turns[("no", word)] for word in ("no", "abstain", "yes", "absent")] == [5, 13, 5, 2]
    iran = found.row(state="IRN")
    assert (iran["first"], iran["last"]) == ("no", "abstain")
    assert abs(iran["residual"]) < 0.05  # it did what those who voted alike did on average
    with pytest.raises(rp.InputError, match="did you mean"):
        moves_between(assembly, first="A/RES/76/179", last="A/RES/ES-11/01")


def test_votes_by_kind_are_counts(assembly):
    kinds = ["even" if k % 2 else "odd" for k in range(assembly.body("GA").n_calls)]
    found = votes_by_kind(assembly, kinds=kinds)
    year = pl.col("date").dt.year()
    inside = assembly.frame("recorded_votes").filter((pl.col("body") == "GA") & year.is_between(2008, 2022))
    assert found.table["roll_calls"].sum() == inside.height
    iran = inside.filter(pl.col("state").cast(pl.String) == "IRN")
    assert (
        found.table.filter(pl.col("state") == "IRN")["absent"].sum() == (iran["vote"].cast(pl.String) == "absent").sum()
    )


def test_planted_blocs_are_found_with_their_firmness():
    rng = np.random.default_rng(6)
    side = np.repeat([0, 1, 2], [12, 8, 5])
    lead = rng.integers(0, 3, (3, 90))
    codes = np.where(rng.random((25, 90)) < 0.8, lead[side], rng.integers(0, 3, (25, 90)))
    found = blocs(record(codes, [70] * 90), first=70, last=70, draws=30)
    labels = found.table.sort("state")["bloc"].to_numpy()
    np.testing.assert_array_equal(labels, side + 1)
    assert found.tables["stability"]["stability"].min() > 0.9
    assert (found.table["agreement"] > found.table["others"]).all()


def test_a_tiny_firm_group_is_shown_and_not_counted():
    rng = np.random.default_rng(10)
    side = np.repeat([0, 1, 2], [14, 9, 2])
    lead = np.stack([rng.integers(0, 2, 90), rng.integers(1, 3, 90), rng.integers(0, 3, 90)])
    codes = np.where(rng.random((25, 90)) < 0.85, lead[side], rng.integers(0, 3, (25, 90)))
    codes[side == 2] = lead[2]
    found = blocs(record(codes, [70] * 90), first=70, last=70, draws=20)
    table = found.tables["stability"]
    assert table.filter("counted")["members"].to_list() == [14, 9]
    assert table.filter(~pl.col("counted"))["members"].to_list() == [2]
    assert "2 states stand in smaller groups" in found.answer
    for wrong in ({"number": 1}, {"number": 99}, {"draws": 0}):
        with pytest.raises(rp.InputError):
            blocs(record(codes, [70] * 90), first=70, last=70, **wrong)


def test_kinds_of_act_are_read_by_rule_where_the_data_name_none(assembly):
    recent = assembly.keep((assembly.session >= 73) & (assembly.session <= 74))
    found = movement(recent, before=(73, 73), after=(74, 74), draws=5)
    kinds = set(found.tables["kinds"]["kind"])
    assert {"nuclear_disarmament", "middle_east", "human_rights"} <= kinds
    counted = votes_by_kind(recent, first=2018, last=2020)
    assert kinds <= set(counted.table["kind"])


def test_noise_makes_no_stable_blocs():
    rng = np.random.default_rng(7)
    found = blocs(record(rng.integers(0, 3, (25, 60)), [70] * 60), first=70, last=70, number=4, draws=30)
    assert found.tables["stability"]["stability"].mean() < 0.6


def test_agreement_and_cut_on_a_small_matrix():
    codes = np.array([[0, 0, 2, 3], [0, 0, 2, 1], [2, 2, 0, 0]], np.int8)
    alike = agreement(Sheet(codes), np.ones(4))
    np.testing.assert_allclose(alike[0], [1, 1, 0])
    assert cut(alike, 2).tolist() == [0, 0, 1]


def test_surprises_are_rare_where_the_forecast_is_right_and_found_where_it_is_not():
    rng = np.random.default_rng(8)
    p = rng.dirichlet([2, 1, 1], 6000)
    acts = (rng.random(6000)[:, None] > p.cumsum(1)[:, :2]).sum(1)
    states = [f"S{k % 100:02d}" for k in range(6000)]
    calm = surprises(states, p, acts)
    assert calm["stands_out"].sum() <= 1
    assert calm["z"].std() == pytest.approx(1, abs=0.2)
    acts[np.array(states) == "S42"] = 2
    assert surprises(states, p, acts).filter("stands_out")["state"].to_list() == ["S42"]


def test_one_member_is_judged_against_the_misfit_of_all():
    rng = np.random.default_rng(9)
    lean = rng.normal(0, 0.35, 100)
    p = np.full((4000, 3), 1 / 3)
    who = np.arange(4000) % 100
    acts = np.where(rng.random(4000) < 0.5 + np.clip(lean[who], -0.45, 0.45), 2, 0)
    found = surprises([f"S{k:02d}" for k in who], p, acts)
    assert found["stands_out"].sum() <= 2  # everybody is off: nobody stands out


def test_a_member_does_not_hide_itself_by_its_own_miss():
    """Three members, one with 30 of 50 acts unforeseen at a share of .1: it stands out against the other two."""
    acts = np.zeros(150, int)
    acts[100:130] = 1
    found = surprises([s for s in "ABC" for _ in range(50)], np.tile([0.9, 0.1, 0.0], (150, 1)), acts)
    assert found.filter("stands_out")["state"].to_list() == ["C"]
    assert found["z"][2] > 3


def test_two_that_are_off_do_not_hide_each_other():
    rng = np.random.default_rng(13)
    p = np.tile([0.8, 0.1, 0.1], (2000, 1))
    acts = (rng.random(2000)[:, None] > p.cumsum(1)[:, :2]).sum(1)
    who = np.arange(2000) % 10
    acts[who < 2] = 2
    assert surprises([f"S{k}" for k in who], p, acts).filter("stands_out")["state"].to_list() == ["S0", "S1"]


def test_a_certain_forecast_that_fails_is_as_strange_as_the_least_share_scored():
    certain, rest = np.array([[1.0, 0.0, 0.0]]), np.tile([0.9, 0.1, 0.0], (49, 1))
    acts = np.zeros(50, int)
    acts[0] = 2
    assert surprises(["A"] * 50, np.vstack([certain, rest]), acts)["z"][0] < 2
    assert surprises(["A"], certain, acts[:1])["z"][0] < 150


def test_surprises_lists_what_is_wrong():
    with pytest.raises(rp.InputError) as error:
        surprises(["A"], np.array([[0.5, 0.2, 0.2]]), np.array([3, 1]))
    assert len(error.value.problems) == 2
