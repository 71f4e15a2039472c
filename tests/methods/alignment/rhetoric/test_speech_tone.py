"""Tone of speeches: on sentences written here, and against two readers' codings of 100 speeches of 2022 on Ukraine.

The second reader read every passage on the war, without knowing the first codes or the list of words, and changed
no code after seeing them.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

import realpolitik as rp
from realpolitik.methods.alignment.rhetoric import Issue, Speeches, speech_tone, tone_of
from realpolitik.methods.alignment.roll_calls.made import made_council
from realpolitik.terms import InputError

CODED = Path(__file__).with_name("tones_2022_coded_by_hand.csv")
PAGE = Path(__file__).parents[4] / "docs" / "methods" / "rhetoric.md"
SCALE = ("defends", "silent", "names", "censures")

Counted = NDArray[np.float64]


def _speeches(texts: dict[str, str]) -> Speeches:
    return Speeches.from_frame(
        pl.DataFrame({"iso3": list(texts), "year": [2022] * len(texts), "text": list(texts.values())})
    )


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("We condemn the invasion of Ukraine. It must end.", "censures"),
        ("The war in Ukraine. It is an act of aggression.", "censures"),
        ("The war in Ukraine goes on. Grain is dear. Aggression elsewhere is old.", "names"),
        ("We understand the special military operation in Ukraine.", "defends"),
        ("Aggression is wrong everywhere.", "silent"),
        ("The Ukrai-\nnian people suffer.", "names"),
        ("", "silent"),
    ],
)
def test_tone(text: str, tone: str) -> None:
    assert tone_of(text).tone == tone


def test_table_has_every_speech_of_the_year_and_silence_counts() -> None:
    finding = speech_tone(_speeches({"AAA": "Ukraine.", "BBB": "Peace."}), year=2022)
    assert dict(finding.table.select("state", "tone").rows()) == {"AAA": "names", "BBB": "silent"}
    assert "1 of 2" in finding.answer


def test_one_error_lists_all_missing_columns() -> None:
    with pytest.raises(InputError) as error:
        Speeches.from_frame(pl.DataFrame({"x": [1]}))
    assert len(error.value.problems) == 3


def test_a_year_without_speeches_is_named() -> None:
    with pytest.raises(InputError, match="1999"):
        speech_tone(_speeches({"AAA": "Peace."}), year=1999)


def test_a_case_holds_no_speeches() -> None:
    with pytest.raises(InputError, match="takes speeches, which a case does not hold: call its function"):
        rp.run("iran-ukraine-2022", "alignment.speech_tone", year=2022)


def test_votes_stand_beside_and_the_trace_opens() -> None:
    held = Speeches(
        _speeches({"CHN": "The crisis in Ukraine.", "FRA": "The invasion of Ukraine."}).table, made_council()
    )
    finding = speech_tone(held, year=2022, resolution="S/RES/1(2022)")
    assert finding.row(state="CHN")["vote"] == "abstain"
    trace = finding.explain(column="tone", state="FRA")
    assert [frame.height for frame in trace.resolve(held)] == [1]


def _hand(column: str) -> dict[str, str]:
    with CODED.open(encoding="utf-8") as lines:
        return {row["state"]: row[column] for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def measured(shared_data: Path) -> Mapping[str, str]:
    frame = pl.read_parquet(shared_data / "speeches" / "ungdc_1946_2024.parquet").filter(pl.col("year") == 2022)
    return dict(speech_tone(Speeches.from_frame(frame), year=2022).table.select("state", "tone").rows())


def _crossed(first: Mapping[str, str], second: Mapping[str, str]) -> Counted:
    """How many speeches the first codes as the row and the second as the column, in the order of SCALE."""
    crossed = np.zeros((len(SCALE), len(SCALE)))
    for state, tone in first.items():
        crossed[SCALE.index(tone), SCALE.index(second[state])] += 1
    return crossed


def _alike(crossed: Counted) -> int:
    return int(np.trace(crossed))


def _kappa(crossed: Counted, *, linear: bool = False) -> float:
    """Cohen 1960; with linear weights, Cohen 1968."""
    ranks = np.arange(len(crossed))
    apart = np.abs(ranks[:, None] - ranks) if linear else ranks[:, None] != ranks
    by_chance = np.outer(crossed.sum(1), crossed.sum(0)) / crossed.sum()
    return float(1 - (apart * crossed).sum() / (apart * by_chance).sum())


def _alpha(crossed: Counted, *, ordinal: bool = False) -> float:
    """Krippendorff 2011, two readers without gaps; two ranks are as far apart as there are codes between them."""
    pairs = crossed + crossed.T
    counts = pairs.sum(1)
    middle = np.cumsum(counts) - counts / 2
    apart = (middle[:, None] - middle) ** 2 if ordinal else middle[:, None] != middle
    expected = (np.outer(counts, counts) - np.diag(counts)) / (counts.sum() - 1)
    return float(1 - (apart * pairs).sum() / (apart * expected).sum())


def _interval(first: Mapping[str, str], second: Mapping[str, str]) -> tuple[float, float]:
    """95 per cent interval of kappa over 2,000 draws of the states, with replacement."""
    states, draws = list(first), np.random.default_rng(1).integers(len(first), size=(2000, len(first)))
    ranks = np.array([[SCALE.index(codes[s]) for s in states] for codes in (first, second)])
    kappas = []
    for draw in draws:
        crossed = np.zeros((len(SCALE), len(SCALE)))
        np.add.at(crossed, tuple(ranks[:, draw]), 1)
        kappas.append(_kappa(crossed))
    low, high = np.quantile(kappas, (0.025, 0.975))
    return float(low), float(high)


def _said(number: float) -> str:
    return f"{number:.2f}".removeprefix("0")


def _page() -> str:
    return re.sub(r"\s+", " ", PAGE.read_text(encoding="utf-8"))


def test_agreement_of_printed_examples() -> None:
    binary = np.array([[5.0, 3.0], [1.0, 1.0]])  # Krippendorff 2011, example A: alpha .095
    assert _alpha(binary) == pytest.approx(0.095, abs=5e-4)
    named = np.zeros((5, 5))  # the same, example B: alpha .692
    for one, other in zip("aabbdcccedda", "babbbccceddd", strict=True):
        named["abcde".index(one), "abcde".index(other)] += 1
    assert _alpha(named) == pytest.approx(0.692, abs=5e-4)
    grants = np.array([[20.0, 5.0], [10.0, 15.0]])  # shares .70 seen, .50 by chance
    assert _kappa(grants) == pytest.approx(0.4) == _kappa(grants, linear=True)


def test_two_readers_agree() -> None:
    crossed = _crossed(_hand("first_hand"), _hand("second_hand"))
    assert crossed.sum() == 100
    nominal, ordinal = _alpha(crossed), _alpha(crossed, ordinal=True)
    kappa, linear = _kappa(crossed), _kappa(crossed, linear=True)
    assert _alike(crossed) >= 85
    assert 0.80 <= min(kappa, linear, nominal, ordinal) <= max(kappa, linear, nominal, ordinal) < 0.95
    assert f"{_alike(crossed)} of 100 alike, Cohen's kappa {_said(kappa)} (linear weights {_said(linear)})" in _page()
    assert f"Krippendorff's alpha {_said(nominal)} (ordinal {_said(ordinal)})" in _page()
    for tone, counts in zip(SCALE, crossed.astype(int).tolist(), strict=True):
        assert f"| {tone} | {' | '.join(map(str, counts))} |" in _page()


@pytest.mark.parametrize(("column", "which"), [("first_hand", "first"), ("second_hand", "second")])
def test_measure_against_each_reader(measured: Mapping[str, str], column: str, which: str) -> None:
    hand = _hand(column)
    crossed = _crossed(hand, measured)
    low, high = _interval(hand, measured)
    apart = [(s, tone, measured[s]) for s, tone in hand.items() if tone != measured[s]]
    assert _alike(crossed) >= 85, apart
    assert low > 0.70, apart
    told = f"the {which} reader: {_alike(crossed)} of 100 alike, kappa {_said(_kappa(crossed))} ({_said(low)} to {_said(high)})"
    assert told in _page()
    grade = speech_tone(_speeches({"AAA": "Peace."}), year=2022).grade_reason
    assert re.search(rf"the {which}\b[^0-9]* in {_alike(crossed)} \(kappa {_said(_kappa(crossed))}\)", grade)


def test_measure_misses_defences_and_other_names(measured: Mapping[str, str]) -> None:
    hand = _hand("second_hand")
    defend = [s for s, tone in hand.items() if tone == "defends"]
    unnamed = [s for s, tone in hand.items() if tone != "silent" and measured[s] == "silent"]
    found = sum(measured[s] == "defends" for s in defend)
    assert f"{found} of the {len(defend)} speeches that the second reader holds to defend" in _page()
    assert (
        f"It finds {found} of {len(defend)} defences."
        in speech_tone(_speeches({"AAA": "Peace."}), year=2022).grade_reason
    )
    assert f"{len(unnamed)} speeches that do not say Ukraine" in _page()


def test_every_speech_of_2022(measured: Mapping[str, str]) -> None:
    tones = list(measured.values())
    assert len(tones) == 193
    assert {tone: tones.count(tone) for tone in SCALE} == {"censures": 72, "names": 68, "silent": 51, "defends": 2}
    assert measured["IRN"] == "silent"


def test_another_issue_says_that_no_reader_checked_it() -> None:
    taiwan = Issue("Taiwan", "taiwan", r"separatis", r"inalienable")
    finding = speech_tone(_speeches({"AAA": "Taiwan is an inalienable part."}), year=2022, issue=taiwan)
    assert "no reader" in finding.grade_reason
    assert finding.row(state="AAA")["tone"] == "defends"


def test_another_issue_needs_words_of_its_own() -> None:
    with pytest.raises(TypeError, match="'censure' and 'defence'"):
        Issue("Taiwan", "taiwan")  # type: ignore[call-arg]
    with pytest.raises(InputError) as error:
        Issue("Taiwan", "", "(", None)  # type: ignore[arg-type]
    assert [problem.field for problem in error.value.problems] == ["words", "censure", "defence"]
    with pytest.raises(InputError, match="an Issue, with the words"):
        speech_tone(_speeches({"AAA": "Peace."}), year=2022, issue="Ukraine")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "We do not condemn Russia over Ukraine.",
        "Sanctions imposed over Ukraine are illegal.",
        "The aggression of NATO against Russia led to the war in Ukraine.",
    ],
)
def test_the_page_owns_that_a_denial_and_another_target_pass_for_censure(text: str) -> None:
    assert tone_of(text).tone == "censures"
    assert f'"{text.removesuffix(".")}"' in _page()


def _by_vote(measured: Mapping[str, str], votes: rp.RollCalls) -> pl.DataFrame:
    cast = votes.votes_on("A/RES/ES-11/1")
    rows = [(cast[s], measured[s], _hand("first_hand")[s], _hand("second_hand")[s]) for s in _hand("first_hand")]
    return pl.DataFrame(rows, schema=["vote", "measure", "first", "second"], orient="row")


def test_errors_by_vote_are_those_on_the_page(measured: Mapping[str, str], shared_data: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        where = shared_data / "votes"
        votes = rp.read_votes(where / "votes.parquet", roll_calls=where / "rollcalls.parquet")
    sampled = _by_vote(measured, votes)
    for vote, group in sampled.group_by("vote"):
        censured = group.filter(pl.col("measure") == "censures")
        cells = [str(vote[0]), group.height, censured.height]
        for reader in ("first", "second"):
            wrong = censured.filter(pl.col(reader) != "censures").height
            missed = group.filter((pl.col(reader) == "censures") & (pl.col("measure") != "censures")).height
            silent = group.filter((pl.col(reader) != "silent") & (pl.col("measure") == "silent")).height
            cells += [wrong, missed, silent]
        assert f"| {' | '.join(map(str, cells))} |" in _page()
    cast = votes.votes_on("A/RES/ES-11/1")
    apart = [tone for state, tone in measured.items() if cast.get(state) in ("no", "abstain")]
    assert (
        f"Of all {len(apart)} speakers whose states voted no or abstained it calls {apart.count('censures')} a censure"
        in _page()
    )


def test_two_texts_of_one_state_and_year_are_an_error_and_rows_need_a_state_and_year() -> None:
    frame = pl.DataFrame(
        {"iso3": ["AAA", "AAA", None, "BBB"], "year": [2022, 2022, 2022, None], "text": ["a", "Ukraine", "b", "c"]}
    )
    with pytest.raises(InputError) as error:
        Speeches.from_frame(frame)
    assert [problem.value for problem in error.value.problems] == ["2 rows without", "2 of AAA-2022"]


def test_a_speech_without_text_is_missing_and_not_silent() -> None:
    frame = pl.DataFrame({"iso3": ["AAA", "BBB", "CCC"], "year": [2022] * 3, "text": ["Peace.", None, " "]})
    finding = speech_tone(Speeches.from_frame(frame), year=2022)
    assert finding.table["state"].to_list() == ["AAA"]
    assert any("speech of BBB, CCC" in caveat for caveat in finding.caveats)
    with pytest.raises(InputError, match="none at all"):
        speech_tone(Speeches.from_frame(frame.filter(pl.col("iso3") == "BBB")), year=2022)
