"""Reading roll calls: two tables, from Parquet, CSV or any data frame, with columns under usual names."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from realpolitik.terms import InputError, Problem, nearest

from .roll_calls import CALL_COLUMNS, WORDS, RollCalls, regular_session

USUAL: Mapping[str, tuple[str, ...]] = {
    "voter": ("state", "iso3", "iso3c", "voter", "actor", "member", "country_code", "ccode", "country"),
    "roll_call": ("roll_call", "undl_id", "rcid", "symbol", "resolution", "id"),
    "vote": ("vote", "ballot", "choice"),
}
USUAL_WORDS: Mapping[str, str] = {
    **{word: word for word in WORDS},
    **{"y": "yes", "n": "no", "a": "abstain", "x": "absent"},
    **{"abstention": "abstain", "abstaining": "abstain", "non-voting": "absent", "not voting": "absent"},
    **{"1": "yes", "2": "abstain", "3": "no", "8": "absent"},
}
_CALL_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("symbol", "id", "roll_call", "unres", "resolution", "undl_id", "rcid"),
    "body": ("body", "organ"),
    "printed_session": ("printed_session", "session"),
    "date": ("date", "day"),
    "title": ("title", "descr", "short"),
    "agenda": ("agenda", "agenda_item", "subject"),
    "kind": ("kind",),
    "series": ("series",),
}
_COUNTS = ("yes", "no", "abstain", "nonvoting", "absent")


def read_votes(
    votes: Any,
    *,
    roll_calls: Any = None,
    voter: str | None = None,
    roll_call: str | None = None,
    vote: str | None = None,
    words: Mapping[str, str] | None = None,
    body: str = "GA",
) -> RollCalls:
    """Roll calls read from two tables: one row per vote, one row per roll call.

    ``votes`` and ``roll_calls`` are paths (Parquet or CSV) or any data frame that narwhals knows. ``voter``,
    ``roll_call`` and ``vote`` name the columns where they are not under a usual name; ``words`` translates the data's
    words for a vote into yes, abstain, no, absent (None: not a member, left out). ``body`` is used where the roll calls name none.
    Without ``roll_calls``, or where a date is missing, only what needs neither days nor sessions can be asked of the roll calls.
    Columns that are not understood are named once in a warning and kept out. Raises InputError with every problem:
    missing columns, unknown words, votes on unknown roll calls, a member that voted twice, unreadable dates.

    >>> import polars as pl
    >>> votes = pl.DataFrame({"roll_call": ["R1", "R1"], "state": ["IRN", "RUS"], "vote": ["abstain", "no"]})
    >>> calls = pl.DataFrame({"id": ["R1"], "date": ["2022-03-02"], "title": ["Aggression against Ukraine"]})
    >>> read_votes(votes, roll_calls=calls).votes_on("R1")
    {'IRN': 'abstain', 'RUS': 'no'}
    """
    frame, name = _load(votes, "votes")
    columns = _columns(frame, name, {"voter": voter, "roll_call": roll_call, "vote": vote})
    calls, keys, order = _read_calls(roll_calls, frame[columns["roll_call"]], body)
    item = order[_codes(frame[columns["roll_call"]], keys, name, "roll_call", "a roll call of the roll-call table")]
    states = tuple(sorted(set(frame[columns["voter"]].unique().cast(pl.String).drop_nulls().to_list())))
    state = _codes(frame[columns["voter"]], states, name, "state", "a state code")
    code = _vote_codes(frame[columns["vote"]], words, name)
    return _assemble(calls, states, item, state, code, name)


def _load(data: Any, label: str) -> tuple[pl.DataFrame, str]:
    if isinstance(data, (str, Path)):
        path = Path(data)
        try:
            frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(
                [Problem(path.name, "", str(path), f"a readable Parquet or CSV file ({str(error).splitlines()[0]})")]
            ) from error
        return frame, path.name
    if isinstance(data, pl.DataFrame):
        return data, label
    try:
        native = nw.from_native(data, eager_only=True)
    except TypeError as error:
        expected = "a path to a Parquet or CSV file, or a data frame"
        raise InputError([Problem(label, "", type(data).__name__, expected)]) from error
    return pl.DataFrame({column: native[column].to_list() for column in native.columns}), label


def _columns(frame: pl.DataFrame, file: str, named: Mapping[str, str | None]) -> dict[str, str]:
    found, problems = {}, []
    for part, given in named.items():
        choices = (given,) if given else USUAL[part]
        hit = next((c for c in choices if c in frame.columns), None)
        if hit is None:
            expected = f"a column for the {part.replace('_', ' ')}: {' or '.join(choices)}, or pass {part}="
            problems.append(
                Problem(file, "columns", ", ".join(frame.columns), expected, nearest=nearest(choices[0], frame.columns))
            )
        else:
            found[part] = hit
    if problems:
        raise InputError(problems)
    _warn_unused(frame, file, set(found.values()))
    return found


def _warn_unused(frame: pl.DataFrame, file: str, used: set[str]) -> None:
    unused = [column for column in frame.columns if column not in used]
    if unused:
        warnings.warn(f"{file}: columns not used: {', '.join(unused)}", stacklevel=4)


def _read_calls(data: Any, fallback: pl.Series, body: str) -> tuple[pl.DataFrame, Sequence[str], np.ndarray]:
    """The roll calls in order of date; the votes' own key of each, and the place of each key in that order."""
    if data is None:
        ids = fallback.cast(pl.String).unique(maintain_order=True)
        frame, file = pl.DataFrame({"id": ids, "date": pl.Series([None] * len(ids), dtype=pl.Date)}), "votes"
    else:
        frame, file = _load(data, "roll_calls")
    columns = {part: next((c for c in names if c in frame.columns), None) for part, names in _CALL_NAMES.items()}
    if columns["id"] is None or columns["date"] is None:
        raise InputError(
            [
                Problem(
                    file, "columns", ", ".join(frame.columns), "at least a symbol (or id) and a date for each roll call"
                )
            ]
        )
    key = fallback.name if fallback.name in frame.columns else columns["id"]
    _warn_unused(frame, file, {c for c in columns.values() if c} | {key, *_COUNTS})
    calls = frame.select(
        *(pl.col(c).alias(p) if c else pl.lit(None).alias(p) for p, c in columns.items()), pl.col(key).alias("_key")
    )
    calls = calls.with_columns(
        pl.col("id", "_key").cast(pl.String), _dates(calls, file), pl.col("body").cast(pl.String).fill_null(body)
    )
    _check_unique(calls, file)
    order = calls.select(pl.struct("date", "id").rank("ordinal").alias("r"))["r"].to_numpy().astype(np.int64) - 1
    keys = calls["_key"].to_list()
    session = [regular_session(day) if day else None for day in calls["date"].to_list()]
    calls = calls.with_columns(pl.Series("session", session, dtype=pl.Int16)).select(
        pl.col(c).cast(t) for c, t in CALL_COLUMNS.items()
    )
    return calls[np.argsort(order)], keys, order


def _dates(calls: pl.DataFrame, file: str) -> pl.Series:
    raw = calls["date"]
    if raw.dtype in (pl.Date, pl.Datetime):
        return raw.cast(pl.Date)
    parsed = raw.cast(pl.String).str.to_date("%Y-%m-%d", strict=False)
    bad = calls.filter(parsed.is_null() & raw.is_not_null())
    if bad.height:
        raise InputError(
            [
                Problem(file, "date", str(v), "a day as YYYY-MM-DD")
                for v in bad["date"].unique(maintain_order=True).head(20).to_list()
            ]
        )
    return parsed


def _check_unique(calls: pl.DataFrame, file: str) -> None:
    twice = calls.filter(pl.col("id").is_duplicated() | pl.col("id").is_null())["id"].unique(maintain_order=True)
    if len(twice):
        raise InputError(
            [
                Problem(file, "id", str(symbol), "each roll call once, with a symbol")
                for symbol in twice.head(20).to_list()
            ]
        )


def _codes(values: pl.Series, names: Sequence[str], file: str, field: str, expected: str) -> np.ndarray:
    """Place of each value among the names; only the different values are made into text, since votes are many."""
    seen, place = _different(values)
    text = seen.cast(pl.String)
    coded = text.cast(pl.Enum(list(names)), strict=False)
    if coded.null_count():
        bad = text.filter(coded.is_null()).head(20).to_list()
        raise InputError([Problem(file, field, str(v), expected, nearest=nearest(str(v), names)) for v in bad])
    return np.asarray(coded.to_physical().to_numpy()[place])


def _different(values: pl.Series) -> tuple[pl.Series, np.ndarray]:
    """The different values in their order, and the place of each value among them."""
    plain = values.to_physical()
    seen = plain.unique(maintain_order=True)
    place = plain.replace_strict(seen, pl.int_range(len(seen), dtype=pl.Int32, eager=True), return_dtype=pl.Int32)
    return values.gather(plain.arg_unique()), place.to_numpy()


def _vote_codes(values: pl.Series, words: Mapping[str, str] | None, file: str) -> np.ndarray:
    """The code of each vote; -1 where the data's word means that the state was not a member."""
    given = {str(k).casefold(): v for k, v in (words or {}).items()}
    known = {**USUAL_WORDS, **given}
    wrong = [v for v in given.values() if v not in (*WORDS, None)]
    if wrong:
        raise InputError(
            [
                Problem("", "words", str(v), "yes, abstain, no, absent or None", nearest=nearest(str(v), WORDS))
                for v in wrong
            ]
        )
    if values.dtype.is_float():  # data frames turn whole numbers into floats where one is missing
        values = values.fill_nan(None).cast(pl.Int64, strict=False)
    different, place = _different(values)
    seen = different.cast(pl.String).to_list()
    bad = [w for w in seen if w is None or w.casefold() not in known]
    if bad:
        expected = "yes, abstain, no or absent; other words are translated with words={...}"
        raise InputError([Problem(file, "vote", str(w), expected, nearest=w and nearest(w, known)) for w in bad[:20]])
    meant = [known[w.casefold()] for w in seen]
    return np.array([-1 if word is None else WORDS.index(word) for word in meant], np.int8)[place]


def _assemble(
    calls: pl.DataFrame, states: tuple[str, ...], item: np.ndarray, state: np.ndarray, code: np.ndarray, file: str
) -> RollCalls:
    member = code >= 0
    item, state, code = item[member], state[member], code[member]
    place = item.astype(np.int64) * len(states) + state
    order = np.argsort(place, kind="stable")
    place = place[order]
    twice = np.flatnonzero(place[1:] == place[:-1])
    if len(twice):
        pairs = [divmod(int(place[t]), len(states)) for t in dict.fromkeys(twice[:20])]
        ids = calls["id"].to_list()
        raise InputError(
            [
                Problem(file, "vote", f"{states[s]} on {ids[i]}", "one vote for each member and roll call")
                for i, s in pairs
            ]
        )
    return RollCalls(
        calls, states, item[order].astype(np.int32), state[order].astype(np.int16), code[order].astype(np.int8)
    )
