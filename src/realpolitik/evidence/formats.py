"""Roll calls from the formats in which they are published: the UN Digital Library, Voeten's numeric file, unvotes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from realpolitik.terms import InputError, Problem, nearest
from realpolitik.terms.codes import states

from .r_files import NotRead, read_frames
from .read_votes import read_votes
from .roll_calls import RollCalls

LIBRARY = ("undl_id", "ms_code", "ms_vote", "date", "resolution", "title")
NUMERIC = ("rcid", "ccode", "vote")
NUMERIC_WORDS: Mapping[str, str | None] = {"1": "yes", "2": "abstain", "3": "no", "8": "absent", "9": None}


def read_un_library(path: str | Path) -> RollCalls:
    """Roll calls from the UN Digital Library's voting CSV: a row per member and roll call, the roll call repeated in each.

    The columns are undl_id, ms_code (alpha-3), ms_vote (Y, N, A, X), date, session, resolution, title, agenda_title, ...
    Predecessors stand under their heirs' codes; ``dated`` tells them apart. Raises InputError where columns are missing.
    """
    frame = _csv(Path(path), LIBRARY)
    body = pl.when(pl.col("resolution").str.starts_with("S/")).then(pl.lit("SC")).otherwise(pl.lit("GA")).alias("body")
    given = {
        "undl_id": "undl_id",
        "symbol": "resolution",
        "printed_session": "session",
        "date": "date",
        "title": "title",
        "agenda": "agenda_title",
    }
    present = [pl.col(column).alias(name) for name, column in given.items() if column in frame.columns]
    calls = frame.unique("undl_id", maintain_order=True).select(*present, body)
    votes = frame.select("undl_id", pl.col("ms_code").alias("state"), pl.col("ms_vote").alias("vote"))
    return read_votes(votes.filter(pl.col("vote").is_not_null()), roll_calls=calls, roll_call="undl_id")


def read_voeten(votes: str | Path, roll_calls: str | Path | None = None) -> RollCalls:
    """Roll calls from Voeten's numeric file: rcid, ccode (COW number), vote 1 yes, 2 abstain, 3 no, 8 absent, 9 not a member.

    The roll calls' dates stand in the same file or in a second one with rcid and date. A COW number becomes the code under
    which the UN's own record has that vote: 365 is RUS throughout (``dated`` tells SUN apart), 345 YUG, SCG or SRB by the day.
    Whole numbers may be written with a decimal point. Roll calls are named by rcid, since one resolution (column unres, here
    in ``agenda``) can have several votes. Raises InputError where columns, numbers or dates cannot be read.
    """
    frame = _whole(_csv(Path(votes), NUMERIC), NUMERIC)
    calls = frame if roll_calls is None else _whole(_csv(Path(roll_calls), ("rcid", "date")), ("rcid",))
    texts = [
        pl.col(c).alias(n)
        for c, n in (("unres", "agenda"), ("short", "title"), ("session", "printed_session"))
        if c in calls.columns
    ]
    calls = calls.unique("rcid", maintain_order=True)
    known = frame.drop("date", strict=False).join(
        calls.select("rcid", "date"), on="rcid", how="left", maintain_order="left"
    )
    known = known.with_columns(_serbia(pl.col("ccode").replace_strict(_cow_codes(), default=None)).alias("state"))
    calls = calls.select(pl.col("rcid").alias("id"), "date", *texts)
    wrong = known.filter(pl.col("state").is_null())["ccode"].unique(maintain_order=True).head(20).to_list()
    if wrong:
        raise InputError(
            [Problem(Path(votes).name, "ccode", str(v), "a COW number of a state since 1945") for v in wrong]
        )
    table = known.select(pl.col("rcid").alias("roll_call"), "state", "vote")
    return read_votes(table, roll_calls=calls, words=NUMERIC_WORDS)  # type: ignore[arg-type]


def read_unvotes(votes: str | Path, roll_calls: str | Path) -> RollCalls:
    """Roll calls from the R package unvotes: un_votes.rda and un_roll_calls.rda.

    Absences are missing from that record, not coded, and its dates before 2000 are some days early; roll calls are named
    by their rcid, since one resolution can have several votes.
    """
    frame = _r_frame(Path(votes), "un_votes", ("rcid", "country", "country_code", "vote"))
    calls = _r_frame(Path(roll_calls), "un_roll_calls", ("rcid", "date", "unres", "short"))
    number = pl.col("rcid").cast(pl.Float64).cast(pl.Int64).cast(pl.String)
    code = pl.col("country_code").replace_strict(_alpha3(), default=None)
    state = pl.coalesce(code, pl.col("country").replace_strict(_NAMED, default=None)).alias("state")
    table = frame.select(number.alias("roll_call"), state, "vote")
    day = pl.col("date").cast(pl.Float64).map_elements(_day, return_dtype=pl.Date)
    listed = calls.select(
        number.alias("id"), day.alias("date"), pl.col("unres").alias("agenda"), pl.col("short").alias("title")
    )
    return read_votes(table.filter(pl.col("state").is_not_null()), roll_calls=listed)


_NAMED = {"Yemen Arab Republic": "YAR", "Federal Republic of Germany": "DEU", "Zanzibar": "EAZ"}


def _day(number: float) -> datetime.date:
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=int(number))


@cache
def _alpha3() -> dict[str, str]:
    return {s.iso2: s.iso3 for s in states() if s.iso2}


@cache
def _cow_codes() -> dict[str, str]:
    """The record's usual code of each COW number: the latest state that had it (365 is RUS, as records print it)."""
    latest = sorted((s for s in states() if s.cow), key=lambda s: s.last or datetime.date.max)
    return {str(s.cow): s.iso3 for s in latest} | {"345": "YUG", "260": "DEU", "678": "YEM"}


def _serbia(state: pl.Expr) -> pl.Expr:
    """345 by the day: it went on through Serbia and Montenegro to Serbia."""
    later = [s for s in states() if s.cow == 345 and s.iso3 != "YUG"]
    for heir in sorted(later, key=lambda s: s.first or datetime.date.min):
        state = (
            pl.when((pl.col("ccode") == "345") & (pl.col("date") >= str(heir.first)))
            .then(pl.lit(heir.iso3))
            .otherwise(state)
        )
    return state


def _whole(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Numbers as R and pandas write them where a value is missing: 2.0 is 2."""
    return frame.with_columns(pl.col(columns).str.replace(r"\.0+$", ""))


def _csv(path: Path, needed: tuple[str, ...]) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            [Problem(path.name, "", str(path), f"a readable CSV file ({str(error).splitlines()[0]})")]
        ) from error
    frame = frame.rename({c: c.strip().strip('"').lower() for c in frame.columns if c != c.strip().strip('"').lower()})
    return _with_columns(frame, path.name, needed)


def _with_columns(frame: pl.DataFrame, file: str, needed: tuple[str, ...]) -> pl.DataFrame:
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise InputError(
            [
                Problem(file, "columns", "", f"the column {name!r}", nearest=nearest(name, frame.columns))
                for name in missing
            ]
        )
    return frame


def _r_frame(path: Path, name: str, needed: tuple[str, ...]) -> pl.DataFrame:
    try:
        frames = read_frames(path)
    except OSError as error:
        raise InputError([Problem(path.name, "", str(path), f"a readable .rda file ({error})")]) from error
    except NotRead as error:
        frames = _by_rdata(path, str(error))
    table = frames.get(name, next(iter(frames.values()), {}))
    return _with_columns(pl.DataFrame({c: table[c].cast(pl.String) for c in needed if c in table}), path.name, needed)


def _by_rdata(path: Path, why: str) -> dict[str, dict[str, pl.Series]]:
    """Files in R's other forms, by rdata (the extra ``r``): about twenty times slower."""
    try:
        import rdata
    except ImportError as error:
        expected = f"an .rda file of data frames in R's usual binary form ({why}); others need realpolitik[r]"
        raise InputError([Problem(path.name, "", str(path), expected)]) from error
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read: dict[str, Any] = rdata.read_rda(path)
    except Exception as error:  # rdata raises many kinds on damaged files
        raise InputError(
            [Problem(path.name, "", str(path), f"a readable .rda file ({why}; {type(error).__name__}: {error})")]
        ) from error
    return {
        name: {column: _texts(column, table[column]) for column in table}
        for name, table in read.items()
        if hasattr(table, "columns")
    }


def _texts(name: str, column: Any) -> pl.Series:
    """A pandas column as text, with what R calls NA as null."""
    gone = column.isna().to_numpy()
    values = column.astype(str).to_numpy(dtype=object)
    values[gone] = None
    return pl.Series(name, values.tolist(), dtype=pl.String)
