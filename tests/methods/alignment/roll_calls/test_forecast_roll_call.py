"""The forecast of a roll call: sums, no look-ahead, announced votes, contributions, errors; on a made record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import realpolitik as rp
from realpolitik.methods.alignment.roll_calls.forecast import forecast_roll_call
from realpolitik.methods.alignment.roll_calls.made import STATES, TITLES, made_votes
from realpolitik.methods.alignment.roll_calls.simple import simple_rules
from realpolitik.terms import Grade, InputError

OUTCOMES = ["yes", "abstain", "no", "absent"]


@pytest.fixture(scope="module")
def votes() -> rp.RollCalls:
    return made_votes()


@pytest.fixture(scope="module")
def plain(votes: rp.RollCalls) -> rp.Finding:
    return forecast_roll_call(votes, resolution="A/RES/12/3")


@pytest.fixture(scope="module")
def announced(votes: rp.RollCalls) -> rp.Finding:
    return forecast_roll_call(votes, resolution="A/RES/12/3", known={"AAA": "yes", "LLL": "yes"})


def test_every_member_has_four_probabilities_that_sum_to_one(plain: rp.Finding) -> None:
    assert plain.table["state"].to_list() == sorted(STATES)
    total = plain.table.select(pl.sum_horizontal(OUTCOMES)).to_series().to_numpy()
    assert np.allclose(total, 1, atol=1e-9)
    assert plain.table.select(pl.min_horizontal(OUTCOMES)).to_series().min() >= 0
    assert plain.grade == Grade.JUDGEMENT, "a made record is unlike the one on which the skill was measured"
    assert plain.answer.endswith("Ordered, not estimated.")
    assert plain.tables["totals"]["low"].null_count() == 4
    assert plain.stands_as == "forecast"


def test_only_a_record_like_the_whole_one_is_estimated(votes: rp.RollCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WHOLE", "ASSEMBLY", "MEASURED"):
        monkeypatch.setattr(f"realpolitik.methods.alignment.roll_calls.forecast.{name}", 1)
    finding = forecast_roll_call(votes, resolution="A/RES/12/3", contributions=0)
    assert finding.grade == Grade.ESTIMATED
    assert finding.answer.startswith("Expected on")
    totals = finding.tables["totals"]
    assert totals["expected"].sum() == pytest.approx(len(STATES))
    assert ((totals["low"] <= totals["expected"]) & (totals["expected"] <= totals["high"])).all()
    late = rp.RollCall(title="Territorial integrity of Ruritania", date="1962-10-01")
    stale = forecast_roll_call(votes, resolution=late, contributions=0)
    assert stale.grade == Grade.JUDGEMENT
    assert any("The record ends on 1957-10-24, 5 sessions before the vote" in caveat for caveat in stale.caveats)


def test_the_blocs_are_told_apart(plain: rp.Finding) -> None:
    assert plain.row(state="AAA")["no"] > 0.6
    assert plain.row(state="LLL")["yes"] > 0.6


def _change(votes: rp.RollCalls, items: np.ndarray) -> rp.RollCalls:
    changed = votes.vote.copy()
    hit = np.isin(votes.item, items)
    changed[hit] = (changed[hit] + 1) % 4
    return replace(votes, vote=changed)


def test_nothing_from_the_vote_on_is_read(votes: rp.RollCalls, plain: rp.Finding) -> None:
    target = votes.place["A/RES/12/3"]
    later = np.arange(target, votes.n_calls)
    again = forecast_roll_call(_change(votes, later), resolution="A/RES/12/3")
    assert again.table.equals(plain.table)


def test_announced_votes_do_not_open_the_target(votes: rp.RollCalls, announced: rp.Finding) -> None:
    target = votes.place["A/RES/12/3"]
    again = forecast_roll_call(
        _change(votes, np.array([target])), resolution="A/RES/12/3", known={"AAA": "yes", "LLL": "yes"}
    )
    assert again.table.equals(announced.table)


def test_an_earlier_vote_does_matter(votes: rp.RollCalls, plain: rp.Finding) -> None:
    before = np.array([votes.place["A/RES/11/3"]])
    again = forecast_roll_call(_change(votes, before), resolution="A/RES/12/3")
    assert not again.table.equals(plain.table)


def test_as_of_after_the_vote_is_held_back_to_the_day_before(votes: rp.RollCalls, plain: rp.Finding) -> None:
    late = forecast_roll_call(votes, resolution="A/RES/12/3", as_of="1999-01-01")
    assert late.table.equals(plain.table)
    assert late.parameters["as_of"] == plain.parameters["as_of"] < "1957-10-03"


def test_announced_members_are_as_announced_and_move_the_others(plain: rp.Finding, announced: rp.Finding) -> None:
    assert announced.row(state="AAA") == {"state": "AAA", "yes": 1.0, "abstain": 0.0, "no": 0.0, "absent": 0.0}
    assert announced.row(state="BBB")["no"] < plain.row(state="BBB")["no"]
    assert any("AAA yes" in caveat for caveat in announced.caveats)


def test_contributions_sum_to_the_forecast(announced: rp.Finding) -> None:
    total = announced.tables["contributions"].group_by("state", "outcome").agg(pl.col("value").sum())
    wide = total.pivot("outcome", index="state", values="value").sort("state").select("state", *OUTCOMES)
    assert np.allclose(wide.select(OUTCOMES).to_numpy(), announced.table.select(OUTCOMES).to_numpy(), atol=1e-9)
    sources = set(announced.tables["contributions"]["source"])
    assert "announced:AAA yes" in sources
    assert "A/RES/11/3" in sources


def test_precedents_name_the_earlier_versions(plain: rp.Finding) -> None:
    table = plain.tables["precedents"].filter(pl.col("version"))
    assert set(table["title"]) == {"Territorial integrity of Ruritania"}
    assert table["source"][0] == "A/RES/11/3"


def test_a_coming_roll_call_with_sponsors_and_text(votes: rp.RollCalls) -> None:
    coming = rp.RollCall(
        title="Territorial integrity of Ruritania",
        date="1958-10-01",
        sponsors=["LLL"],
        text="Recalling nuclear disarmament",
    )
    finding = forecast_roll_call(votes, resolution=coming, contributions=0)
    assert finding.row(state="LLL")["yes"] == 1.0
    assert finding.tables["contributions"].is_empty()
    assert sum("not measured" in caveat for caveat in finding.caveats) == 2


def test_a_title_without_predecessor_is_marked(votes: rp.RollCalls) -> None:
    finding = forecast_roll_call(votes, resolution=rp.RollCall(title="Wholly unheard of matter"), contributions=1)
    assert any("No earlier version" in caveat for caveat in finding.caveats)


def test_too_short_a_record_gives_a_stated_prior() -> None:
    finding = forecast_roll_call(made_votes(sessions=2), resolution="A/RES/2/3", contributions=1)
    assert finding.grade == Grade.JUDGEMENT
    assert np.isfinite(finding.table.select(OUTCOMES).to_numpy()).all()


def test_unanimous_records_do_not_break_it(votes: rp.RollCalls) -> None:
    finding = forecast_roll_call(
        replace(votes, vote=np.zeros_like(votes.vote)), resolution="A/RES/12/3", contributions=0
    )
    table = finding.table.select(OUTCOMES).to_numpy()
    assert np.isfinite(table).all()
    assert table[:, 0].min() > 0.7


def test_errors_name_everything_that_is_wrong(votes: rp.RollCalls) -> None:
    with pytest.raises(InputError, match=r"A/RES/12/"):
        forecast_roll_call(votes, resolution="A/RES/12/999")
    with pytest.raises(InputError, match="first General Assembly roll call"):
        forecast_roll_call(votes, resolution="A/RES/12/3", as_of="1900-01-01")
    with pytest.raises(InputError) as error:
        forecast_roll_call(votes, resolution="A/RES/12/3", known={"XXX": "yes", "AAA": "abstian"})
    assert len(error.value.problems) == 2
    assert error.value.problems[1].nearest == "abstain"
    with pytest.raises(InputError, match="title"):
        forecast_roll_call(votes, resolution=rp.RollCall(title=" "))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"as_of": "soon"}, "as_of"),
        ({"as_of": 1957}, "as_of"),
        ({"resolution": 3}, "the symbol of a roll call"),
        ({"resolution": None}, "the symbol of a roll call"),
        ({"resolution": rp.RollCall(title=None)}, "the title"),  # type: ignore[arg-type]
        ({"resolution": rp.RollCall(title="Peace", date="tomorrow")}, "date"),
        ({"resolution": rp.RollCall(title="Peace", sponsors="LLL")}, "a list of states"),
        ({"resolution": rp.RollCall(title="Peace", sponsors=["LLL"]), "known": {"LLL": "no"}}, "named as a sponsor"),
        ({"known": ["AAA"]}, "a mapping of states to votes"),
        ({"contributions": -3}, "0 or more"),
    ],
)
def test_settings_that_cannot_be_are_said(votes: rp.RollCalls, given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        forecast_roll_call(votes, **{"resolution": "A/RES/12/3", **given})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="read_votes"):
        forecast_roll_call([], resolution="A/RES/12/3")  # type: ignore[arg-type]


def test_a_partial_date_counts_at_its_end(votes: rp.RollCalls) -> None:
    early = forecast_roll_call(votes, resolution="A/RES/12/3", as_of="1956", contributions=0)
    assert early.parameters["as_of"] == "1956-12-31"


@pytest.mark.parametrize("sessions", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("enough", [100, 2000])
def test_a_young_record_gives_a_stated_prior_or_says_what_is_missing(
    sessions: int, enough: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realpolitik.methods.alignment.roll_calls.prepare.ENOUGH", enough)
    young = made_votes(sessions=sessions)
    for known in ({}, {"AAA": "no"}):
        for call in (f"A/RES/{sessions}/1", f"A/RES/{sessions}/9", rp.RollCall(title="Peace")):
            if call == "A/RES/1/1":
                with pytest.raises(InputError, match="first General Assembly roll call"):
                    forecast_roll_call(young, resolution=call, known=known)
                continue
            finding = forecast_roll_call(young, resolution=call, known=known, contributions=1)
            assert finding.grade == Grade.JUDGEMENT
            assert np.allclose(finding.table.select(pl.sum_horizontal(OUTCOMES)).to_series(), 1)


def test_a_state_that_never_voted_is_not_a_member_and_cannot_announce(votes: rp.RollCalls) -> None:
    silent = replace(votes, states=(*votes.states, "ZZZ"))
    assert "ZZZ" not in forecast_roll_call(silent, resolution="A/RES/12/3", contributions=0).table["state"].to_list()
    with pytest.raises(InputError, match="ZZZ"):
        forecast_roll_call(silent, resolution="A/RES/12/3", known={"ZZZ": "yes"})


def test_announced_votes_are_handed_in_and_no_leaf_opens_the_target(announced: rp.Finding) -> None:
    assert announced.tables["announced"].rows() == [("AAA", "yes", "announced"), ("LLL", "yes", "announced")]
    trace = announced.explain(column="no", state="CCC")
    assert "AAA yes, LLL yes" in trace.says
    opened = [leaf for leaf in trace.leaves if leaf.dataset == "recorded_votes"]
    assert all(str(leaf.where["date<="]) < "1957-10-03" for leaf in opened)


def test_a_prepared_roll_call_answers_as_the_general_forecast_does(votes: rp.RollCalls) -> None:
    ready = rp.prepare_roll_call(votes, "A/RES/12/3")
    live = ready.announce(AAA="yes").announce({"LLL": "yes", "AAA": "no"})
    whole = forecast_roll_call(
        votes, resolution="A/RES/12/3", known={"AAA": "no", "LLL": "yes"}, general=True, contributions=0
    )
    assert live.forecast().digest == whole.digest
    assert ready.forecast().table.equals(forecast_roll_call(votes, resolution="A/RES/12/3").table)
    assert ready.known == {}
    with pytest.raises(InputError, match="abstain"):
        ready.announce(AAA="abstian")
    coming = rp.RollCall(title="Territorial integrity of Ruritania", date="1958-10-01", sponsors=["LLL"])
    assert rp.prepare_roll_call(votes, coming).forecast().row(state="LLL")["yes"] == 1.0


def test_titles_in_other_scripts_are_different_series(votes: rp.RollCalls) -> None:
    from realpolitik.methods.alignment.roll_calls.resolution import record_of
    from realpolitik.methods.alignment.roll_calls.text import title_key

    titles = ["Ядерное разоружение", "巴勒斯坦问题", "Вопрос о Палестине", "1995", ""]
    assert len({title_key(t) for t in titles[:3]}) == 3
    assert title_key("Régime of peace") == title_key("Regime of peace")
    record = replace(record_of(votes), titles=tuple(titles[k % 5] for k in range(votes.n_calls)))
    empty = record.key_codes[[k for k in range(votes.n_calls) if k % 5 > 2]]
    assert len(set(empty.tolist())) == len(empty)


def test_same_seed_same_digest_and_the_trace_resolves(votes: rp.RollCalls, plain: rp.Finding) -> None:
    again = forecast_roll_call(votes, resolution="A/RES/12/3")
    assert again.digest == plain.digest
    trace = plain.explain(column="yes", state="CCC")
    assert all(leaf.count for leaf in trace.leaves)
    assert trace.resolve(votes)


def test_simple_rules_follow_their_definitions(votes: rp.RollCalls) -> None:
    table = simple_rules(votes, "A/RES/12/3").table
    assert table.group_by("rule").len()["len"].to_list() == [12] * 6
    assert set(table.filter(pl.col("rule") == "always_yes")["says"]) == {"yes"}
    said = dict(table.filter(pl.col("rule") == "last_vote_on_series").select("state", "says").rows())
    for state in STATES:
        history = [votes.votes_on(f"A/RES/{s}/3")[state] for s in range(1, 12)]
        assert said[state] == [v for v in history if v != "absent"][-1]


def test_the_calibrated_rule_counts_what_followed_the_last_two_votes(votes: rp.RollCalls) -> None:
    found = simple_rules(votes, "A/RES/12/3").table.filter(pl.col("rule") == "last_votes_calibrated")
    history = {state: [votes.votes_on(f"A/RES/{s}/3")[state] for s in range(6, 12)] for state in STATES}
    pairs = {state: tuple([v for v in h if v != "absent"][-2:]) for state, h in history.items()}
    said = {state: (yes, abstain) for state, yes, abstain in found.select("state", "yes", "abstain").rows()}
    for a in STATES:
        for b in STATES:
            if pairs[a] == pairs[b] and len(pairs[a]) == 2:
                ratio = [yes / (yes + abstain) for yes, abstain in (said[a], said[b])]
                assert ratio[0] == pytest.approx(ratio[1])


def test_titles_of_the_made_record_are_of_different_kinds() -> None:
    from realpolitik.methods.alignment.roll_calls.kinds import kind_of_act

    assert len({kind_of_act(title) for title in TITLES}) == len(TITLES)
