"""Positions of states over time from their recorded votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from realpolitik.findings import Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError, Problem, nearest

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from realpolitik.evidence import RollCalls

    from .model import Model

ENGINES = ("map", "gibbs", "bsv2017")
ABSENCES = ("missing", "as_abstention")
ANCHORS: Mapping[str, float] = {
    "USA": 1.0, "GBR": 1.0, "CAN": 1.0, "ISR": 1.0, "RUS": -1.0, "BLR": -1.0, "CUB": -1.0,
}  # fmt: skip

IDEAL_POINTS = Method(
    name="alignment.ideal_points",
    question="Where does each member stand, and how sure is that?",
    function="realpolitik.methods.alignment.ideal_points.estimate:ideal_points",
    literature=(
        "Bailey, Strezhnev & Voeten 2017, Journal of Conflict Resolution 61(2), doi:10.1177/0022002715595700",
        "Martin & Quinn 2002, Political Analysis 10(2), doi:10.1093/pan/10.2.134",
        "Clinton, Jackman & Rivers 2004, American Political Science Review 98(2), doi:10.1017/S0003055404001194",
        "Albert & Chib 1993, Journal of the American Statistical Association 88, doi:10.1080/01621459.1993.10476321",
    ),
    needs=("recorded_votes",),
    subject="votes",
    systems=(2, 4),
)


def ideal_points(
    votes: RollCalls,
    *,
    engine: str = "map",
    dimensions: int = 1,
    drift: float | None = None,
    links: str | Sequence[int] = "title",
    anchors: Mapping[str, float] | None = None,
    succession: Mapping[str, str] | None = None,
    absences: str = "missing",
    roll_calls: Sequence[str] | None = None,
    body: str = "GA",
    chains: int = 4,
    sweeps: int = 300,
    warm: int = 60,
    threads: int = 1,
    seed: int = 1,
) -> Finding:
    """Position of each state in each session, in standard deviations of all state-sessions from their mean.

    Dynamic ordinal probit: with b the slope of a roll call, g and g + d its cut-points and x a position,
    P(yes) = Phi(g - b x), P(abstain) = Phi(g + d - b x) - Phi(g - b x), P(no) the rest; x is a random walk over
    sessions with variance `drift` per session. Positive is the side of the anchors with positive sign (USA).

    Parameters
    ----------
    votes : recorded votes; only `body`'s contested roll calls inform the scale.
    engine : ``map`` (mode and Laplace standard errors that include the items'), ``gibbs`` (posterior draws), or
        ``bsv2017`` (the published estimator's own habits).
    dimensions : 1 to 4; more than one with engine ``map``.
    drift : variance of a state's step per session, in raw units; None: learnt.
    links : ``title`` (equal titles within eight sessions share item parameters), ``none``, or a group for each of the
        body's roll calls.
    anchors : states whose mean position has a known sign; by default USA, GBR, CAN, ISR against RUS, BLR, CUB.
    succession : {new state: old state}: the path of the new state continues the old one's.
    absences : ``missing`` (left out and counted in the table ``absences``) or ``as_abstention``.
    roll_calls : only these symbols (a subset by issue).
    chains, sweeps, warm, threads, seed : for the engines that draw.

    Returns
    -------
    Finding with table state, session, [dimension,] mean, sd, q05, q50, q95. Tables: ``items`` (roll_call, slope, lower,
    upper), ``absences`` (state, session, called, absent, share), and for draws ``diagnostics`` (state, session, r_hat, ess).

    Raises
    ------
    InputError
        Unknown names, settings out of range, or no contested roll call.

    Examples
    --------
    >>> import polars as pl
    >>> import realpolitik as rp
    >>> ballots = {"USA": "nnyna", "GBR": "naynn", "RUS": "yynyy", "CUB": "yynya", "IND": "yyaya", "FRA": "nayan"}
    >>> calls = pl.DataFrame({"id": [f"R{k}" for k in range(5)], "date": [f"2020-12-0{k + 1}" for k in range(5)]})
    >>> rows = [(f"R{k}", s, v) for s, word in ballots.items() for k, v in enumerate(word)]
    >>> frame = pl.DataFrame(rows, schema=["roll_call", "state", "vote"], orient="row")
    >>> found = ideal_points(rp.read_votes(frame, roll_calls=calls), links="none")
    >>> found.table.sort("mean")["state"][-1] in ("USA", "GBR")
    True
    """
    problems = _problems(votes, engine, dimensions, drift, links, anchors, succession, absences, roll_calls, body)
    if problems:
        raise InputError(problems)
    taken = _taken(votes, body, roll_calls)
    model = _model(votes, taken, engine, links, anchors, succession, absences)
    draws = {"chains": chains, "sweeps": sweeps, "warm": warm, "threads": threads, "seed": seed}
    fit = _fit(model, taken, engine, dimensions, drift, draws)
    return conclude(
        IDEAL_POINTS,
        votes,
        ("recorded_votes", "roll_calls"),
        parameters={
            "engine": engine, "dimensions": dimensions, "drift": drift,
            "links": links if isinstance(links, str) else [int(k) for k in links],
            "anchors": None if anchors is None else dict(anchors),
            "succession": None if succession is None else dict(succession), "absences": absences,
            "roll_calls": None if roll_calls is None else list(roll_calls), "body": body,
            "chains": chains, "sweeps": sweeps, "warm": warm, "threads": threads,
        },
        seed=seed,
        table=fit["table"],
        key=("state", "session") if dimensions == 1 else ("state", "session", "dimension"),
        tables={"items": _items(model, taken, fit["items"]), "absences": _absences(taken), **fit["tables"]},
        grade=Grade.ESTIMATED,
        grade_reason="A fitted model; its intervals hold their level on simulated votes. A position is relative to the "
        "agenda of the time: it is no measure of what a government wants.",
        complete=fit["complete"],
        answer=_answer(fit["table"], model, engine),
        caveats=_caveats(model, absences, links, fit["says"]),
        traces=(
            Template(
                "*",
                "Position of {state} in session {session}: fitted jointly to all contested roll calls of {body}",
                (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body})),
            ),
        ),
    )  # fmt: skip


def _problems(
    votes: RollCalls,
    engine: str,
    dimensions: int,
    drift: float | None,
    links: str | Sequence[int],
    anchors: Mapping[str, float] | None,
    succession: Mapping[str, str] | None,
    absences: str,
    roll_calls: Sequence[str] | None,
    body: str,
) -> list[Problem]:
    out = []
    for name, value, known in (("engine", engine, ENGINES), ("absences", absences, ABSENCES)):
        if value not in known:
            out.append(Problem("", name, value, "one of " + ", ".join(known), nearest=nearest(value, known)))
    if isinstance(links, str) and links not in ("title", "none"):
        out.append(
            Problem(
                "",
                "links",
                links,
                "title, none, or a group for each roll call",
                nearest=nearest(links, ("title", "none")),
            )
        )
    if not 1 <= dimensions <= 4:
        out.append(Problem("", "dimensions", str(dimensions), "1, 2, 3 or 4"))
    elif dimensions > 1 and engine != "map":
        out.append(
            Problem("", "dimensions", str(dimensions), "1 with this engine; several dimensions need engine='map'")
        )
    if drift is not None and not drift > 0:
        out.append(Problem("", "drift", str(drift), "a variance above 0, or None to learn it"))
    named = [*(anchors or {}), *(s for pair in (succession or {}).items() for s in pair)]
    out += [
        Problem("", "state", s, "a state with votes in the data", nearest=nearest(s, votes.states))
        for s in named
        if s not in votes.state_code
    ]
    out += [
        Problem("", "roll_calls", s, "a roll call in the data", nearest=nearest(s, votes.place))
        for s in roll_calls or ()
        if s not in votes.place
    ]
    if body not in votes.calls["body"].unique().to_list():
        out.append(Problem("", "body", body, "a body with roll calls in the data"))
    return out


def _taken(votes: RollCalls, body: str, roll_calls: Sequence[str] | None) -> RollCalls:
    import polars as pl

    mask = pl.col("body") == body
    if roll_calls is not None:
        mask &= pl.col("id").is_in(list(roll_calls))
    return votes.keep(mask)


def _model(
    votes: RollCalls,
    taken: RollCalls,
    engine: str,
    links: str | Sequence[int],
    anchors: Mapping[str, float] | None,
    succession: Mapping[str, str] | None,
    absences: str,
) -> Model:
    import numpy as np

    from .bsv2017 import left_out
    from .links import title_links
    from .model import ABSENT, build_model

    code = taken.state_code
    chosen = {s: v for s, v in (ANCHORS if anchors is None else anchors).items() if s in code}
    answer = taken.vote if absences == "missing" else np.where(taken.vote == ABSENT, np.int8(1), taken.vote)
    session = taken.session.astype(np.int64)
    if engine == "bsv2017":
        out = left_out(taken.states, taken.state.astype(np.int64), session[taken.item])
        answer = np.where(out, np.int8(ABSENT), answer)
    group: Any = None
    if isinstance(links, str):
        group = title_links(taken.calls["title"].to_list(), session) if links == "title" else None
    else:
        group = np.asarray(links)
    try:
        return build_model(
            taken.ptr,
            taken.state,
            answer,
            session,
            links=group,
            anchors={code[s]: v for s, v in chosen.items()},
            succession=[(code[new], code[old]) for new, old in (succession or {}).items()],
        )
    except ValueError as error:
        raise InputError(str(error)) from error


def _fit(
    model: Model, taken: RollCalls, engine: str, dimensions: int, drift: float | None, draws: dict[str, int]
) -> dict[str, Any]:
    """Table, items, further tables, completeness and what to say, by engine."""
    if dimensions > 1:
        return _fit_several(model, taken, dimensions, drift)
    if engine == "map":
        from .map_engine import fit_map

        fit = fit_map(model, drift)
        said = (f"Walk's variance per session {fit.drift:.3f} in raw units (sd of positions {fit.scale:.2f}).",)
        table = _normal_table(model, taken, fit.standard, fit.standard_sd)
        return {"table": table, "items": fit.items, "tables": {}, "complete": fit.converged, "says": said}
    if engine == "gibbs":
        return _fit_gibbs(model, taken, drift, draws)
    return _fit_bsv(model, taken, draws)


def _fit_gibbs(model: Model, taken: RollCalls, drift: float | None, draws: dict[str, int]) -> dict[str, Any]:
    from .gibbs_engine import GibbsSettings, fit_gibbs

    settings = GibbsSettings(draws["chains"], draws["sweeps"], draws["warm"], 1, draws["threads"])
    fit = fit_gibbs(model, draws["seed"], drift, settings)
    worst = float(fit.r_hat[model.node_votes > 0].max())
    said = (f"{settings.chains} chains of {settings.sweeps} sweeps; largest R-hat {worst:.3f}.",)
    return {
        "table": _draw_table(model, taken, fit.draws),
        "items": fit.mode.items,
        "tables": {"diagnostics": _diagnostics(model, taken, fit.r_hat, fit.ess)},
        "complete": worst < 1.05,
        "says": said,
    }


def _fit_bsv(model: Model, taken: RollCalls, draws: dict[str, int]) -> dict[str, Any]:
    import numpy as np

    from .bsv2017 import START, BsvSettings, fit_bsv2017

    code = taken.state_code
    settings = BsvSettings(iterations=draws["sweeps"] - draws["warm"], burn=draws["warm"], thin=2)
    signs = (code["USA"], code["RUS"]) if {"USA", "RUS"} <= set(code) else None
    start = {code[s]: v for s, v in START.items() if s in code}
    fit = fit_bsv2017(model, start, signs, draws["seed"], draws["chains"], settings)
    return {
        "table": _draw_table(model, taken, fit.draws),
        "items": np.full((model.items, 3), np.nan),
        "tables": {"diagnostics": _diagnostics(model, taken, fit.r_hat, fit.ess)},
        "complete": True,
        "says": ("Published runs used 20,000 iterations after 4,000: few sweeps leave more noise than they had.",),
    }


def _fit_several(model: Model, taken: RollCalls, dimensions: int, drift: float | None) -> dict[str, Any]:
    import polars as pl

    from .several import fit_several

    fit = fit_several(model, dimensions, drift)
    parts = [
        _normal_table(model, taken, fit.standard[:, k], fit.standard_sd[:, k]).with_columns(
            pl.lit(k + 1, dtype=pl.Int64).alias("dimension")
        )
        for k in range(dimensions)
    ]
    order = ["state", "session", "dimension", "mean", "sd", "q05", "q50", "q95"]
    said = ("Standard errors in several dimensions hold the items fixed: they are too small by some percent.",)
    table = pl.concat(parts).select(order).sort("state", "session", "dimension")
    return {"table": table, "items": None, "tables": {}, "complete": fit.converged, "says": said}


def _rows(model: Model, taken: RollCalls) -> tuple[np.ndarray, dict[str, Any]]:
    import numpy as np
    import polars as pl

    seen = np.flatnonzero(model.node_votes > 0)
    names = pl.Series(list(taken.states))
    return seen, {"state": names[model.node_state[seen]], "session": model.node_session[seen]}


def _normal_table(model: Model, taken: RollCalls, mean: np.ndarray, sd: np.ndarray) -> pl.DataFrame:
    import polars as pl

    seen, columns = _rows(model, taken)
    m, s = mean[seen], sd[seen]
    numbers = {"mean": m, "sd": s, "q05": m - 1.6448536 * s, "q50": m, "q95": m + 1.6448536 * s}
    return pl.DataFrame({**columns, **numbers}).sort("state", "session")


def _draw_table(model: Model, taken: RollCalls, draws: np.ndarray) -> pl.DataFrame:
    import numpy as np
    import polars as pl

    seen, columns = _rows(model, taken)
    flat = draws.reshape(-1, draws.shape[2])[:, seen].astype(np.float64)
    low, middle, high = np.quantile(flat, [0.05, 0.5, 0.95], axis=0)
    numbers = {"mean": flat.mean(0), "sd": flat.std(0, ddof=1), "q05": low, "q50": middle, "q95": high}
    return pl.DataFrame({**columns, **numbers}).sort("state", "session")


def _diagnostics(model: Model, taken: RollCalls, r_hat: np.ndarray, ess: np.ndarray) -> pl.DataFrame:
    import polars as pl

    seen, columns = _rows(model, taken)
    return pl.DataFrame({**columns, "r_hat": r_hat[seen], "ess": ess[seen]}).sort("state", "session")


def _items(model: Model, taken: RollCalls, items: np.ndarray | None) -> pl.DataFrame:
    """One row per contested roll call; versions of one resolution repeat their shared parameters."""
    import numpy as np
    import polars as pl

    schema = {"roll_call": pl.String, "slope": pl.Float64, "lower": pl.Float64, "upper": pl.Float64}
    if items is None:
        return pl.DataFrame(schema=schema)
    place = np.full(len(taken.calls), -1)
    for item, calls in enumerate(model.calls_of_item):
        place[calls] = item
    seen = np.flatnonzero(place >= 0)
    b, g, d = items[place[seen]].T
    return pl.DataFrame(
        {"roll_call": taken.calls["id"].gather(seen), "slope": b, "lower": g, "upper": g + d}, schema=schema
    )


def _absences(taken: RollCalls) -> pl.DataFrame:
    """How often each state was absent, per session: missing votes are counted, not hidden."""
    import numpy as np
    import polars as pl

    from .model import ABSENT

    sessions = np.unique(taken.session)
    cell = taken.state.astype(np.int64) * len(sessions) + np.searchsorted(sessions, taken.session)[taken.item]
    size = len(taken.states) * len(sessions)
    called = np.bincount(cell, minlength=size)
    absent = np.bincount(cell[taken.vote == ABSENT], minlength=size)
    at = np.flatnonzero(called)
    columns = {
        "state": pl.Series(list(taken.states))[at // len(sessions)],
        "session": sessions[at % len(sessions)],
        "called": called[at],
        "absent": absent[at],
        "share": absent[at] / called[at],
    }
    return pl.DataFrame(columns).sort("state", "session")


def _answer(table: pl.DataFrame, model: Model, engine: str) -> str:
    last = int(table["session"].max())  # type: ignore[arg-type]
    now = table.filter(table["session"] == last).sort("mean")
    ends = f"{now['state'][-1]} stands furthest to the positive side and {now['state'][0]} to the negative in session {last}"
    return f"{ends}; {model.votes} votes on {model.items} items, engine {engine}."


def _caveats(model: Model, absences: str, links: str | Sequence[int], says: Sequence[str]) -> tuple[str, ...]:
    d = model.dropped
    said = "left out as missing" if absences == "missing" else "read as abstentions"
    return (
        f"{d.absences} absences {said}; {d.votes_on_unanimous_items} votes on {d.unanimous_items} unanimous items carry no information.",
        f"Repeated resolutions: {links if isinstance(links, str) else 'given groups'}.",
        "A new agenda and a movement of everybody cannot be told apart beyond what repeated resolutions and the walk say.",
        *says,
    )
