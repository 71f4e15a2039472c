"""Positions of states over time from their recorded votes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from realpolitik.findings import Finding, Leaf, Method, Template, conclude
from realpolitik.terms import Grade, InputError

from .checks import (
    ANCHORS,
    Settings,
    problems_of_size,
    problems_with,
    problems_with_votes,
    sign_caveats,
    too_few,
    unplaced,
)

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from realpolitik.evidence import RollCalls

    from .contrasts import Placed
    from .model import Model

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
    sweeps: int | None = None,
    warm: int | None = None,
    threads: int = 1,
    seed: int = 1,
    distances: Sequence[str] | None = None,
    relative: str | None = None,
    draws: int = 0,
) -> Finding:
    """Position of each state in each session, in standard deviations of all state-sessions from their mean.

    Dynamic ordinal probit: with b the slope of a roll call, g and g + d its cut-points and x a position,
    P(yes) = Phi(g - b x), P(abstain) = Phi(g + d - b x) - Phi(g - b x), P(no) the rest; x is a random walk over
    sessions with variance `drift` per session. Positive is the side of the anchors with positive sign (USA).

    Parameters
    ----------
    votes : recorded votes; only `body`'s contested roll calls inform the scale.
    engine : ``map`` (mode of positions and items, each told of the other's doubt, with Laplace standard errors that
        include the items'), ``gibbs`` (posterior draws), or
        ``bsv2017`` (the published estimator's own habits).
    dimensions : 1 to 4; more than one with ``map`` or ``gibbs``.
    drift : variance of a state's step per session, in raw units; None: learnt.
    links : ``title`` (equal titles within eight sessions share item parameters), ``none``, or a group for each of the
        body's roll calls.
    anchors : states whose mean position has a known sign; by default USA, GBR, CAN, ISR against RUS, BLR, CUB.
    succession : {new state: old state}: the path of the new state continues the old one's.
    absences : ``missing`` (left out, counted, and compared with the votes cast in the table ``absences``) or
        ``as_abstention``.
    roll_calls : only these symbols (a subset by issue).
    chains, sweeps, warm, threads, seed : for the engines that draw. sweeps counts those thrown away (warm) too; by
        default 800 and 160 for ``gibbs``, 8,000 and 2,000 for ``bsv2017`` (half an hour per chain on the UN's record).
    distances : states of which each pair is compared in every session (table ``distances``); one dimension.
    relative : ``mean`` or ``median``: positions less that of the session's members (table ``relative``); one dimension.
    draws : how many draws to hand over (table ``draws``), with an engine that draws.

    Returns
    -------
    Finding with table state, session, [dimension,] mean, sd, q05, q50, q95. sd is given the standardisation: that the
    positions have mean 0 and sd 1 is imposed, so that few positions show less doubt than there is. Tables:

    - ``items``: roll_call, slope (slope_1, ... in several dimensions), lower, upper, on the scale of the positions:
      P(yes) = Phi(lower - slope x), P(no) = 1 - Phi(upper - slope x); and their sd where draws give one (else null).
    - ``absences``: state, session, called, absent, share; and, on contested roll calls, the model's mean share of
      abstention where the state was absent (if_absent) and where it voted (if_voting). Where the first is the
      larger, absence stood in for abstention more often than by chance.
    - ``diagnostics`` for draws: state, session, [dimension,] r_hat (rank-normalised, split), ess (bulk).
    - ``distances``: a, b, session, difference (a less b), sd, q05, q50, q95, and above, the posterior probability that a
      stands on the positive side of b. Two positions share the doubt about the items
      and the scale: sd comes from the draws, or from the session's joint covariance, not from the two states' own sd.
    - ``relative``: state, session, mean, sd, q05, q50, q95.
    - ``draws``: chain, draw, state, session, [dimension,] position; ``found.tables["draws"].write_parquet(path)`` writes them.

    Raises
    ------
    InputError
        No recorded votes, unknown names, settings out of range, roll calls without a date, no contested roll call, fewer than three positions.

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

    >>> found = ideal_points(rp.read_votes(frame, roll_calls=calls), links="none", distances=["USA", "GBR", "CUB"])
    >>> pairs = found.tables["distances"]
    >>> pairs.filter(a="USA", b="CUB")["difference"][0] > pairs.filter(a="USA", b="GBR")["difference"][0]
    True
    """
    from .absence import absence_table

    given = Settings(
        engine, dimensions, drift, links, anchors, succession, absences, roll_calls, body, chains, sweeps, warm, threads,
        distances, relative, draws,
    )  # fmt: skip
    if problems := problems_with_votes(votes) or problems_with(given, votes):
        raise InputError(problems)
    taken = _taken(votes, body, roll_calls)
    model = _model(votes, taken, engine, links, anchors, succession, absences)
    if problems := problems_of_size(model, dimensions):
        raise InputError(problems)
    sweeps, warm = given.lengths()
    fit = _fit(model, taken, given, seed)
    few = too_few(model)
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
            "distances": None if distances is None else list(distances), "relative": relative, "draws": draws,
        },
        seed=seed,
        table=fit["table"],
        key=("state", "session") if dimensions == 1 else ("state", "session", "dimension"),
        tables={
            "items": _items(model, taken, fit["items"], fit.get("items_sd"), dimensions),
            "absences": absence_table(model, taken, fit["positions"], fit["items"]),
            **fit["tables"],
        },
        grade=Grade.JUDGEMENT if few else Grade.ESTIMATED,
        grade_reason="A fitted model; its intervals hold their level on simulated votes. A position is relative to the "
        "agenda of the time: it is no measure of what a government wants.",
        complete=fit["complete"],
        answer=_answer(fit["table"], model, engine),
        caveats=(*_caveats(model, taken, absences, links, fit["says"]), *few, *sign_caveats(model, taken, fit["table"])),
        traces=_traces(body),
    )  # fmt: skip


def _traces(body: str) -> tuple[Template, ...]:
    behind = (Leaf("recorded_votes", {"body": body}), Leaf("roll_calls", {"body": body}))
    fitted = "fitted jointly to all contested roll calls of {body}"
    return (
        Template("*", f"Position of {{state}} in session {{session}}: {fitted}", behind),
        Template("distances.*", f"Position of {{a}} less that of {{b}} in session {{session}}: {fitted}", behind),
    )


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


def _fit(model: Model, taken: RollCalls, given: Settings, seed: int) -> dict[str, Any]:
    """Table, items, further tables, completeness and what to say, by engine."""
    if given.dimensions > 1 and given.engine == "gibbs":
        return _fit_several_gibbs(model, taken, given, seed)
    if given.dimensions > 1:
        return _fit_several(model, taken, given.dimensions, given.drift)
    if given.engine == "map":
        return _fit_mode(model, taken, given, seed)
    if given.engine == "gibbs":
        return _fit_gibbs(model, taken, given, seed)
    return _fit_bsv(model, taken, given, seed)


def _fit_mode(model: Model, taken: RollCalls, given: Settings, seed: int) -> dict[str, Any]:
    from .contrasts import around_the_mode
    from .given_drift import allow_for_drift
    from .map_engine import fit_map

    fit = fit_map(model, given.drift)
    said, learnt = (
        f"Walk's variance per session {fit.drift:.3f} in raw units (sd of positions {fit.scale:.2f})",
        fit.drift,
    )
    if given.drift is not None:
        fit, learnt = allow_for_drift(model, fit)
        said += f", as given; the votes speak for {learnt:.3f}, and the intervals allow for it"
    return {
        "table": _normal_table(model, taken, fit.standard, fit.standard_sd),
        "positions": fit.standard,
        "items": fit.standard_items,
        "tables": _asked(model, taken, given, seed, lambda: around_the_mode(model, fit, learnt)),
        "complete": fit.converged,
        "says": (f"{said}.",),
    }


def _asked(
    model: Model, taken: RollCalls, given: Settings, seed: int, places: Callable[[], Iterator[Placed]]
) -> dict[str, pl.DataFrame]:
    """The further tables asked for that hold positions against each other."""
    from threadpoolctl import threadpool_limits

    from .contrasts import distances, relative

    out = {}
    with threadpool_limits(1, user_api="blas"):
        if given.distances is not None:
            out["distances"] = distances(model, places(), list(given.distances), list(taken.states))
        if given.relative is not None:
            out["relative"] = relative(model, places(), given.relative, list(taken.states), seed)
    return out


def _fit_gibbs(model: Model, taken: RollCalls, given: Settings, seed: int) -> dict[str, Any]:
    from .gibbs_engine import GibbsSettings, fit_gibbs

    sweeps, warm = given.lengths()
    settings = GibbsSettings(given.chains, sweeps, warm, 1, given.threads)
    fit = fit_gibbs(model, seed, given.drift, settings)
    return _drawn(model, taken, given, fit, f"{given.chains} chains of {sweeps} sweeps")


def _drawn(model: Model, taken: RollCalls, given: Settings, fit: Any, said: str) -> dict[str, Any]:
    """What a fit by draws gives; complete where all chains agree."""
    from .contrasts import draws_table, from_draws

    tables = {"diagnostics": _diagnostics(model, taken, fit.r_hat, fit.ess)}
    tables |= _asked(model, taken, given, 0, lambda: from_draws(model, fit.draws))
    if given.draws:
        tables["draws"] = draws_table(model, fit.draws, given.draws, list(taken.states))
    return {
        "table": _draw_table(model, taken, fit.draws),
        "positions": fit.standard,
        "items": fit.items,
        "items_sd": fit.items_sd,
        "tables": tables,
        **_agreement(model, fit.r_hat, said),
    }


def _agreement(model: Model, r_hat: np.ndarray, *said: str) -> dict[str, Any]:
    """Whether all chains agree, and what to say of them: the first sentence is ended with the largest R-hat."""
    worst = float(r_hat[model.node_votes > 0].max())
    first = f"{said[0]}; largest R-hat {worst:.3f}" + ("." if worst < 1.05 else ": the chains do not agree yet.")
    return {"complete": worst < 1.05, "says": (first, *said[1:])}


def _fit_bsv(model: Model, taken: RollCalls, given: Settings, seed: int) -> dict[str, Any]:
    from .bsv2017 import START, BsvSettings, fit_bsv2017

    code, (sweeps, warm) = taken.state_code, given.lengths()
    length = sweeps - warm
    settings = BsvSettings(iterations=length, burn=warm, thin=max(1, length // 400))
    signs = (code["USA"], code["RUS"]) if {"USA", "RUS"} <= set(code) else None
    start = {code[s]: v for s, v in START.items() if s in code}
    fit = fit_bsv2017(model, start, signs, seed, given.chains, settings)
    said = f"{given.chains} chains of {sweeps} iterations (published runs: one of 24,000)"
    return _drawn(model, taken, given, fit, said)


def _fit_several(model: Model, taken: RollCalls, dimensions: int, drift: float | None) -> dict[str, Any]:
    from .several import fit_several

    fit = fit_several(model, dimensions, drift)
    parts = [_normal_table(model, taken, fit.standard[:, k], fit.standard_sd[:, k]) for k in range(dimensions)]
    said = ("Standard errors in several dimensions hold the items fixed: they are too small by some percent.",)
    return {
        "table": _by_dimension(parts),
        "positions": fit.standard,
        "items": fit.items,
        "tables": {},
        "complete": fit.converged,
        "says": said,
    }


def _fit_several_gibbs(model: Model, taken: RollCalls, given: Settings, seed: int) -> dict[str, Any]:
    """As `_fit_gibbs`; every second draw is kept in two dimensions and so on, so that they take one dimension's room."""
    from .contrasts import draws_table
    from .gibbs_engine import GibbsSettings
    from .several_gibbs import fit_several_gibbs

    (sweeps, warm), dimensions = given.lengths(), given.dimensions
    thin = dimensions if sweeps - warm >= 200 * dimensions else 1
    settings = GibbsSettings(given.chains, sweeps, warm, thin, given.threads)
    fit = fit_several_gibbs(model, dimensions, seed, given.drift, settings)
    axes = range(dimensions)
    tables = {"diagnostics": _by_dimension([_diagnostics(model, taken, fit.r_hat[:, k], fit.ess[:, k]) for k in axes])}
    if given.draws:
        parts = [draws_table(model, fit.draws[..., k], given.draws, list(taken.states)) for k in axes]
        tables["draws"] = _by_dimension(parts, ("chain", "draw"))
    said = f"{given.chains} chains of {sweeps} sweeps"
    turned = "Every draw is turned to the axes of the mode: intervals are of positions on these axes."
    return {
        "table": _by_dimension([_draw_table(model, taken, fit.draws[..., k]) for k in axes]),
        "positions": fit.standard,
        "items": fit.items,
        "items_sd": fit.items_sd,
        "tables": tables,
        **_agreement(model, fit.r_hat, said, turned),
    }


def _by_dimension(parts: Sequence[pl.DataFrame], first: Sequence[str] = ()) -> pl.DataFrame:
    """One table per dimension as one, with the column `dimension` after state and session."""
    import polars as pl

    numbered = [t.with_columns(pl.lit(k + 1, dtype=pl.Int64).alias("dimension")) for k, t in enumerate(parts)]
    keys = [*first, "state", "session", "dimension"]
    rest = [name for name in parts[0].columns if name not in keys]
    return pl.concat(numbered).select(*keys, *rest).sort(keys)


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
    flat, parts = draws.reshape(-1, draws.shape[2]), []
    for some in np.array_split(seen, max(1, len(seen) // 512)):  # in double, some positions at a time
        part = flat[:, some].astype(np.float64)
        parts.append(np.vstack([part.mean(0), part.std(0, ddof=1), np.quantile(part, [0.05, 0.5, 0.95], axis=0)]))
    numbers = dict(zip(("mean", "sd", "q05", "q50", "q95"), np.hstack(parts), strict=True))
    return pl.DataFrame({**columns, **numbers}).sort("state", "session")


def _diagnostics(model: Model, taken: RollCalls, r_hat: np.ndarray, ess: np.ndarray) -> pl.DataFrame:
    import polars as pl

    seen, columns = _rows(model, taken)
    return pl.DataFrame({**columns, "r_hat": r_hat[seen], "ess": ess[seen]}).sort("state", "session")


def _items(model: Model, taken: RollCalls, items: np.ndarray, sds: np.ndarray | None, dimensions: int) -> pl.DataFrame:
    """One row per contested roll call; versions of one resolution repeat their shared parameters."""
    import numpy as np
    import polars as pl

    place = np.full(len(taken.calls), -1)
    for item, calls in enumerate(model.calls_of_item):
        place[calls] = item
    seen = np.flatnonzero(place >= 0)
    slopes = ["slope"] if dimensions == 1 else [f"slope_{k + 1}" for k in range(dimensions)]
    columns = {"roll_call": taken.calls["id"].gather(seen)}
    columns |= {name: pl.Series(items[place[seen], k]) for k, name in enumerate(slopes)}
    lower, width = items[place[seen], -2], items[place[seen], -1]
    columns |= {"lower": pl.Series(lower), "upper": pl.Series(lower + width)}
    names = [f"{name}_sd" for name in (*slopes, "lower", "width")]
    if sds is None:
        columns |= {name: pl.Series([None] * len(seen), dtype=pl.Float64) for name in names}
    else:
        columns |= {name: pl.Series(sds[place[seen], k]) for k, name in enumerate(names)}
    return pl.DataFrame(columns)


def _answer(table: pl.DataFrame, model: Model, engine: str) -> str:
    last = int(table["session"].max())  # type: ignore[arg-type]
    now = table.filter(table["session"] == last).sort("mean")
    ends = f"{now['state'][-1]} stands furthest to the positive side and {now['state'][0]} to the negative in session {last}"
    return f"{ends}; {model.votes} votes on {model.items} items, engine {engine}."


def _caveats(
    model: Model, taken: RollCalls, absences: str, links: str | Sequence[int], says: Sequence[str]
) -> tuple[str, ...]:
    d = model.dropped
    said = (
        "left out as missing, as if a member's absence did not depend on the vote it would have cast"
        if absences == "missing"
        else "read as abstentions"
    )
    return (
        f"{d.absences} absences {said}; {d.votes_on_unanimous_items} votes on {d.unanimous_items} unanimous items carry no information.",
        *unplaced(model, taken),
        f"Repeated resolutions: {links if isinstance(links, str) else 'given groups'}.",
        "A new agenda and a movement of everybody cannot be told apart beyond what repeated resolutions and the walk say.",
        *says,
    )
