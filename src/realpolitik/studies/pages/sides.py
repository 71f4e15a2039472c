"""Two members or two blocs: how far their votes agree, over time and by kind of act, beside all pairs of members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from realpolitik.findings import RECORD, Finding, Leaf, Method, Template, conclude
from realpolitik.runner.seeds import generator
from realpolitik.terms import Grade, InputError, Problem

from .ground import the_members
from .member_acts import WORDS, counts_by_call

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from realpolitik.evidence import RollCalls

SIDES = Method(
    name="studies.sides",
    question="How far do two members, or two blocs, vote alike, and where do they part?",
    function="realpolitik.studies.pages.sides:sides",
    literature=(
        "Lijphart 1963, American Political Science Review 57(4), doi:10.2307/1952608",
        "Cohen 1960, Educational and Psychological Measurement 20(1), doi:10.1177/001316446002000104",
        "Haege 2011, Political Analysis 19(3), doi:10.1093/pan/mpr023",
        "Hix, Noury & Roland 2005, British Journal of Political Science 35(2), doi:10.1017/S0007123405000128",
    ),
    needs=("recorded_votes",),
    subject="votes",
)
LEVEL = 0.9
WINDOW = 5  #: years that stand together where a year holds too few roll calls
ENOUGH = 30  #: roll calls of a typical year from which years stand alone
PLACE = (0.0, 0.5, 1.0)  #: yes, abstain, no


def sides(
    votes: RollCalls, *, a: Sequence[str], b: Sequence[str], draws: int = 400, body: str = "GA", seed: int = 1
) -> Finding:
    """Agreement between two sides and inside each, by period: share of identical votes, and kappa, which takes chance out.

    A side is one member or several. Every pair of a member of one side with a member of the other, on each roll call on which
    both voted, is one comparison; ``agreement`` is the share with identical votes (for two single members: the share of roll
    calls, Lijphart 1963 without half credit), ``kappa`` Cohen's kappa of the same comparisons (0: as much as each side's habits
    would give by themselves), ``n`` the roll calls with any comparison. Intervals (90 %) draw whole roll calls again. Of all
    pairs of members with at least ten common votes in the period, ``lower`` is the share with a lower kappa, and q10, q50, q90
    are the deciles of theirs. Years stand alone where a typical year holds at least thirty roll calls; else five together.

    Table: period, relation (between, within a, within b), agreement, kappa with bounds, n, lower, q10, q50, q90, and for period
    ``all`` the whole record. Tables: ``by_kind`` (kind, agreement, kappa, n, everyone: the share of identical votes among all pairs);
    ``cohesion`` of each side of several (mean of the agreement index of Hix, Noury and Roland 2005: 1 all alike, 0 split in
    three; roll calls on which two or more voted); ``votes`` (a row per roll call: both sides' votes, ``apart`` from 0 to 1,
    ``company``: members in the smaller of the two camps); ``crossed`` (both members' votes counted; single members only).
    Raises InputError for unknown members, a member on both sides, or no roll call in common.

    >>> import realpolitik as rp
    >>> votes = rp.read_case("iran-ukraine-2022").evidence.votes
    >>> sides(votes, a=["IRN"], b=["RUS"]).row(period="all", relation="between")["n"]
    167
    """

    first, second = the_members(votes, a, "a"), the_members(votes, b, "b")
    both = sorted(set(first) & set(second))
    if both:
        raise InputError([Problem("", "a, b", ", ".join(both), "two sides without a member in common")])
    taken = votes.body(body).recorded()
    counts = [_camps(taken, side) for side in (first, second)]
    relations = _relations(counts, (len(first), len(second)))
    if not relations["between"].any():
        raise InputError(
            [Problem("", "a, b", f"{', '.join(first)}; {', '.join(second)}", "sides that voted on one roll call")]
        )
    periods = _periods(taken)
    rng = generator(seed, "sides")
    everyone = counts_by_call(taken)[:, :3].astype(float)
    rows = [
        _row(label, name, tables[calls], draws, rng) for label, calls in periods for name, tables in relations.items()
    ]
    table = _beside_all_pairs(_frame(rows), taken, periods)
    single = len(first) == len(second) == 1
    tables = {
        "by_kind": _by_kind(taken, relations["between"], _inside(everyone)),
        "cohesion": _cohesion(counts, (first, second), draws, rng),
        "votes": _votes(taken, counts, (first, second)),
        "crossed": _crossed(taken, first[0], second[0]) if single else _crossed_none(),
    }
    read = {"body": body, "state": ["{a}", "{b}"]}
    every = (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))
    return conclude(
        SIDES, votes, ("recorded_votes", "roll_calls"),
        parameters={"a": list(first), "b": list(second), "draws": draws, "body": body},
        seed=seed, table=table, key=("period", "relation"), tables=tables,
        grade=Grade.RECORDED,
        grade_reason="Sums over recorded acts; the intervals say how far they rest on which roll calls were held.",
        stands_as=RECORD,
        answer=_answer(table, first, second),
        caveats=(
            "Agreement is high for almost every pair, since most votes are yes: kappa and the place among all pairs say more.",
            "Only roll calls on which both voted count; a member that stays away on hard texts seems closer than it is.",
            "Where almost all votes on both sides are the same, kappa is low however few differ: read it beside the share and the number.",
            "Likeness of votes is no alliance, and the agenda of the Assembly chooses what is compared.",
        ),
        traces=(
            Template("lower", "Kappa of {a} and {b} in {period}, held against that of all pairs of members", every),
            *(Template(name, "Kappa of all pairs of members in {period}", every) for name in ("q10", "q50", "q90")),
            Template("votes.*", "Votes of both sides on {roll_call}", (Leaf("recorded_votes", {"roll_call": "{roll_call}"}), Leaf("roll_calls", {"id": "{roll_call}"}))),
            Template("by_kind.everyone", "Share of identical votes among all pairs of members, kind '{kind}'", every),
            Template("*", "Votes of {a} and {b} compared, roll call by roll call", (Leaf("recorded_votes", read), every[1])),
        ),
    )  # fmt: skip


def _camps(votes: RollCalls, side: Sequence[str]) -> np.ndarray:
    """Members of one side voting yes, abstain and no on each roll call, shape (calls, 3)."""
    import numpy as np

    codes = [votes.state_code[s] for s in side if s in votes.state_code]
    mask = np.isin(votes.state, codes) & (votes.vote < 3)
    flat = np.bincount(votes.item[mask].astype(np.int64) * 3 + votes.vote[mask], minlength=3 * votes.n_calls)
    return flat.reshape(-1, 3).astype(float)


def _inside(camps: np.ndarray) -> np.ndarray:
    """Joint table of all ordered pairs inside one side, per roll call, shape (calls, 3, 3)."""
    import numpy as np

    return camps[:, :, None] * camps[:, None, :] - camps[:, :, None] * np.eye(3)


def _relations(counts: list[np.ndarray], sizes: tuple[int, int]) -> dict[str, np.ndarray]:
    found = {"between": counts[0][:, :, None] * counts[1][:, None, :]}
    for name, camps, size in zip(("within a", "within b"), counts, sizes, strict=True):
        if size > 1:
            found[name] = _inside(camps)
    return found


def _periods(votes: RollCalls) -> list[tuple[str, np.ndarray]]:
    import numpy as np

    year = votes.day.astype("datetime64[Y]").astype(int) + 1970
    known, sizes = np.unique(year, return_counts=True)
    alone = float(np.median(sizes)) >= ENOUGH
    found: list[tuple[str, np.ndarray]] = []
    for last in known:
        first = last if alone else last - WINDOW + 1
        if first >= known[0]:
            found.append((f"{last}" if alone else f"{first}-{last}", np.flatnonzero((year >= first) & (year <= last))))
    return [*found, ("all", np.arange(votes.n_calls))]


def _measures(tables: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Agreement and kappa of joint tables, shape (..., 3, 3); NaN where undefined."""
    import numpy as np

    total = tables.sum((-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        same = np.trace(tables, axis1=-2, axis2=-1) / total
        by_habit = (tables.sum(-1) * tables.sum(-2)).sum(-1) / total**2
        kappa = np.where(by_habit < 1, (same - by_habit) / (1 - by_habit), np.nan)
    return same, kappa


def _drawn(n: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    import numpy as np

    return rng.multinomial(n, np.full(n, 1 / n), draws).astype(float)


def _bounds(values: np.ndarray) -> tuple[float | None, float | None]:
    import numpy as np

    known = values[np.isfinite(values)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return float(low), float(high)


def _row(period: str, relation: str, tables: np.ndarray, draws: int, rng: np.random.Generator) -> dict[str, Any]:
    import numpy as np

    used = tables[tables.sum((1, 2)) > 0]
    row: dict[str, Any] = {"period": period, "relation": relation, "n": len(used)}
    if not len(used):
        return row
    same, kappa = _measures(used.sum(0))
    again = (_drawn(len(used), draws, rng) @ used.reshape(len(used), 9)).reshape(draws, 3, 3)
    drawn_same, drawn_kappa = _measures(again)
    low, high = _bounds(drawn_same)
    row |= {"agreement": float(same), "agreement_low": low, "agreement_high": high}
    if np.isfinite(kappa):
        low, high = _bounds(drawn_kappa)
        row |= {"kappa": float(kappa), "kappa_low": low, "kappa_high": high}
    return row


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    numbers = ("agreement", "agreement_low", "agreement_high", "kappa", "kappa_low", "kappa_high")
    schema: dict[str, Any] = {
        "period": pl.String,
        "relation": pl.String,
        **dict.fromkeys(numbers, pl.Float64),
        "n": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


LEAST = 10  #: common votes below which a pair is left out of the distribution


def _beside_all_pairs(table: pl.DataFrame, votes: RollCalls, periods: list[tuple[str, np.ndarray]]) -> pl.DataFrame:
    """The share of all pairs with a lower kappa, and the deciles of theirs."""
    import numpy as np
    import polars as pl

    from realpolitik.methods.alignment.similarity import similarity

    known: dict[str, np.ndarray] = {}
    for label, calls in periods:
        mask = np.zeros(votes.n_calls, bool)
        mask[calls] = True
        pairs = similarity(votes.keep(mask), measure="kappa", by="all", interval="none").table
        known[label] = np.sort(pairs.filter(pl.col("n") >= LEAST).drop_nulls("value")["value"].to_numpy())
    rows = [_among(known[period], kappa) for period, kappa in table.select("period", "kappa").iter_rows()]
    return table.hstack(
        pl.DataFrame(rows, schema=dict.fromkeys(("lower", "q10", "q50", "q90"), pl.Float64), orient="row")
    )


def _among(known: np.ndarray, kappa: float | None) -> tuple[float | None, ...]:
    """The share of some sorted values below one, and their deciles."""
    import numpy as np

    if not len(known):
        return None, None, None, None
    lower = None if kappa is None else float(np.searchsorted(known, kappa - 1e-12)) / len(known)
    return (lower, *(float(q) for q in np.quantile(known, [0.1, 0.5, 0.9])))


def _by_kind(votes: RollCalls, between: np.ndarray, everyone: np.ndarray) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    kinds = np.array(votes.calls["kind"].fill_null("other").to_list())
    held = between.sum((1, 2)) > 0
    rows = []
    for kind in sorted(set(kinds[held])):
        here = held & (kinds == kind)
        same, kappa = _measures(between[here].sum(0))
        rows.append(
            {"kind": kind, "agreement": float(same), "kappa": float(kappa) if np.isfinite(kappa) else None,
             "n": int(here.sum()), "everyone": float(_measures(everyone[here].sum(0))[0])}
        )  # fmt: skip
    schema: dict[str, Any] = {
        "kind": pl.String,
        "agreement": pl.Float64,
        "kappa": pl.Float64,
        "n": pl.Int64,
        "everyone": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema).sort("n", "kind", descending=[True, False])


def _cohesion(
    counts: list[np.ndarray], members: tuple[Sequence[str], Sequence[str]], draws: int, rng: np.random.Generator
) -> pl.DataFrame:
    import polars as pl

    rows = []
    for name, camps, side in zip(("a", "b"), counts, members, strict=True):
        used = camps[camps.sum(1) >= 2]
        if len(side) < 2 or not len(used):
            continue
        index = 1.5 * used.max(1) / used.sum(1) - 0.5
        low, high = _bounds(_drawn(len(index), draws, rng) @ index / len(index))
        rows.append(
            {
                "side": name,
                "cohesion": float(index.mean()),
                "low": low,
                "high": high,
                "n": len(index),
                "members": len(side),
            }
        )
    schema: dict[str, Any] = {
        "side": pl.String,
        "cohesion": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "n": pl.Int64,
        "members": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


def _votes(votes: RollCalls, counts: list[np.ndarray], members: tuple[Sequence[str], Sequence[str]]) -> pl.DataFrame:
    """The roll calls on which both sides voted, those furthest apart first, then those on which one camp was smallest."""
    import numpy as np
    import polars as pl

    held = np.flatnonzero((counts[0].sum(1) > 0) & (counts[1].sum(1) > 0))
    place = np.array(PLACE)
    means = [camps[held] @ place / camps[held].sum(1) for camps in counts]
    everyone = counts_by_call(votes)[held]
    company = np.minimum(*(everyone[np.arange(len(held)), camps[held].argmax(1)] for camps in counts))
    said = [[_said(row, len(side)) for row in camps[held]] for camps, side in zip(counts, members, strict=True)]
    frame = votes.calls.select("id", "date", "title", "kind")[held].rename({"id": "roll_call"})
    found = frame.with_columns(
        pl.col("kind").fill_null("other"),
        a=pl.Series(said[0], dtype=pl.String), b=pl.Series(said[1], dtype=pl.String), apart=np.abs(means[0] - means[1]), company=company,
        **{word: everyone[:, i] for i, word in enumerate(WORDS)},
    )  # fmt: skip
    return found.sort("apart", "company", "date", "roll_call", descending=[True, False, True, False])


def _said(camps: np.ndarray, size: int) -> str:
    """A single member's vote, or a side's votes counted."""
    if size == 1:
        return WORDS[int(camps.argmax())]
    return ", ".join(f"{int(n)} {word}" for n, word in zip(camps, WORDS, strict=False) if n)


def _crossed(votes: RollCalls, a: str, b: str) -> pl.DataFrame:
    import polars as pl

    frame = votes.frame("recorded_votes").select("roll_call", pl.col("state", "vote").cast(pl.String))
    own = frame.filter(pl.col("state") == a).select("roll_call", a="vote")
    return (
        own.join(frame.filter(pl.col("state") == b).select("roll_call", b="vote"), on="roll_call")
        .group_by("a", "b").agg(pl.len().cast(pl.Int64).alias("n")).sort("a", "b")
    )  # fmt: skip


def _crossed_none() -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(schema={"a": pl.String, "b": pl.String, "n": pl.Int64})


def _answer(table: pl.DataFrame, a: Sequence[str], b: Sequence[str]) -> str:
    row = table.filter((table["period"] == "all") & (table["relation"] == "between")).row(0, named=True)
    names = " and ".join(side[0] if len(side) == 1 else f"{len(side)} members" for side in (a, b))
    kappa = "undefined" if row["kappa"] is None else f"{row['kappa']:.2f}"
    lower = "" if row["lower"] is None else f"; {row['lower']:.0%} of all pairs have a lower kappa"
    return f"{names}: identical votes in {row['agreement']:.0%} of comparisons on {row['n']} roll calls, kappa {kappa}{lower}."
