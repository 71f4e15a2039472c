"""Lines over time with their intervals and direct labels: positions of states, similarity of pairs, anything by session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from realpolitik.findings import Finding
from realpolitik.terms import InputError, Problem, nearest

from .charts import QUIET, Specification, specification

MOST = 6  #: lines drawn at most where none are named
FIRST_SESSION = 1945  #: session 1 opened in the year after
VIEWS = ("over_time", "distribution")
PERIODS = {"session": "year in which the session opened", "year": "year", "window": "last year of the window"}
LONGEST_GAP = 2  #: periods without a value across which a line is still drawn
HEIGHT, LINE_HEIGHT = 340, 15
LETTER, NOTE_HEIGHT = 0.011, 14  #: a letter's width as a share of the chart's, and a note's height
COLOURS = (
    "var(--series-1, #0072b2)",
    "var(--series-2, #b34700)",
    "var(--series-3, #00785a)",
    "var(--series-4, #a3468a)",
    "var(--series-5, #7a5c00)",
    "var(--series-6, #5b6770)",
)
MARKS: Mapping[str, Mapping[str, Any]] = {
    "line": {"type": "line", "strokeWidth": 2, "strokeJoin": "round"},
    "dashed": {"type": "line", "strokeWidth": 1.4, "strokeDash": [4, 3]},
    "dots": {
        "type": "point",
        "filled": True,
        "size": 45,
        "opacity": 1,
        "stroke": "var(--paper, #ffffff)",
        "strokeWidth": 1,
    },
}
Labels = Mapping[str, str]
Point = tuple[float, float | None, float | None, float | None]


@dataclass(frozen=True)
class Line:
    """A series by name: points (period, value, low, high) in order, drawn as a line with a band, dashed, or as dots.

    Lines with the same ``like`` share a colour.
    """

    name: str
    points: tuple[Point, ...]
    drawn: str = "line"
    like: str = ""
    labelled: bool = True


def trajectories(
    lines: Sequence[Line],
    description: str,
    *,
    across: str,
    up: str,
    notes: Mapping[float, str] | None = None,
    domain: tuple[float, float] | None = None,
    height: int = HEIGHT,
) -> Specification:
    """Lines with bands, their names at their ends, and dated notes as thin rules.

    >>> line = Line("A", ((2000, 0.1, 0.0, 0.2), (2001, 0.3, 0.2, 0.4)))
    >>> len(trajectories([line], "One line", across="year", up="value")["layer"])
    5
    """
    rows = [row for line in lines for row in _rows(line)]
    if not any(row["value"] is not None for row in rows):
        raise InputError(
            [Problem("", "lines", ", ".join(line.name for line in lines), "a line with at least one value")]
        )
    low, high = domain or _reach(rows)
    x = {"field": "at", "type": "quantitative", "scale": {"zero": False, "nice": False},
         "axis": {"title": across, "format": "d", "grid": False, "tickMinStep": 1, "tickCount": 9}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "scale": {"domain": [low, high], "nice": False, "zero": False},
         "axis": {"title": up, "tickCount": 6}}  # fmt: skip
    names = list(dict.fromkeys(line.like or line.name for line in lines))
    colour = {"field": "like", "type": "nominal", "legend": None, "sort": None,
              "scale": {"domain": names, "range": [COLOURS[k % len(COLOURS)] for k in range(len(names))]}}  # fmt: skip
    ends = _ends(lines, low, high, height)
    layers = [
        _band(x, y, colour),
        *(_line(x, y, colour, drawn) for drawn in MARKS),
        _names(ends, x, y, colour),
        *_notes(notes or {}, x, rows),
    ]
    return specification(rows, description, layer=layers, height=height)


def _rows(line: Line) -> list[dict[str, Any]]:
    """The points of a line, each with the unbroken run it belongs to."""
    out: list[dict[str, Any]] = []
    run, before = 0, None
    for at, value, low, high in line.points:
        if value is None:
            continue
        run += before is not None and at - before > LONGEST_GAP
        before = at
        out.append({"series": line.name, "like": line.like or line.name, "drawn": line.drawn,
                    "run": f"{line.name}/{run}", "at": at, "value": value, "low": low, "high": high})  # fmt: skip
    return out


def _reach(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    values = [v for row in rows for v in (row["value"], row["low"], row["high"]) if v is not None]
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or 0.5
    return low - room, high + room


def _band(x: dict[str, Any], y: dict[str, Any], colour: dict[str, Any]) -> dict[str, Any]:
    edges = {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}}
    return {
        "transform": [{"filter": "datum.drawn === 'line' && isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.16, "line": False},
        "encoding": edges | {"color": colour, "detail": {"field": "run"}},
    }


def _line(x: dict[str, Any], y: dict[str, Any], colour: dict[str, Any], drawn: str) -> dict[str, Any]:
    return {
        "transform": [{"filter": f"datum.drawn === '{drawn}'"}],
        "mark": dict(MARKS[drawn]),
        "encoding": {"x": x, "y": y, "color": colour, "detail": {"field": "run"}},
    }


def _names(ends: list[dict[str, Any]], x: dict[str, Any], y: dict[str, Any], colour: dict[str, Any]) -> dict[str, Any]:
    mark = {"type": "text", "align": "left", "dx": 7, "fontSize": 12, "baseline": "middle", "fontWeight": 600}
    return {
        "data": {"values": ends},
        "mark": mark,
        "encoding": {"x": x, "y": y | {"field": "place"}, "text": {"field": "series"}, "color": colour},
    }


def _notes(notes: Mapping[float, str], x: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Dated rules; a note that would run into the one before it stands a line higher."""
    if not notes:
        return []
    wide = max(row["at"] for row in rows) - min(row["at"] for row in rows) or 1
    ends: list[float] = []  # where the last note of each line ends
    said = []
    for at, note in sorted(notes.items()):
        half = LETTER * len(note) / 2 * wide
        level = next((k for k, end in enumerate(ends) if end < at - half), len(ends))
        ends[level : level + 1] = [at + half]
        said.append({"at": at, "note": note, "up": -9 - NOTE_HEIGHT * level})
    data = {"values": said}
    rule = {"data": data, "mark": {"type": "rule", "color": QUIET, "strokeDash": [2, 3]}, "encoding": {"x": x}}
    mark = {"type": "text", "dy": {"expr": "datum.up"}, "fontSize": 11, "baseline": "middle"}
    text = {"data": data, "mark": mark, "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "note"}}}
    return [rule, text]


def _ends(lines: Sequence[Line], low: float, high: float, height: int) -> list[dict[str, Any]]:
    """Where each name stands: at its line's last value, moved up or down until no two of the same column overlap."""
    last = {}
    for line in lines:
        known = [(at, value) for at, value, _, _ in line.points if value is not None]
        if known and line.labelled:
            last[line.name] = (*known[-1], line.like or line.name)
    unit = (high - low) / height
    out: list[dict[str, Any]] = []
    for at in sorted({end[0] for end in last.values()}):
        column = sorted(((n, v, like) for n, (a, v, like) in last.items() if a == at), key=lambda end: end[1])
        places = spread([v / unit for _, v, _ in column], LINE_HEIGHT, low / unit, high / unit)
        out += [
            {"series": n, "like": like, "at": at, "place": round(place * unit, 4)}
            for (n, _, like), place in zip(column, places, strict=True)
        ]
    return out


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Ascending places at least ``apart`` from each other, near the wanted ones and inside the bounds where there is room.

    >>> spread([4.0, 4.0, 9.0], 2.0, 0.0, 10.0)
    [3.0, 5.0, 9.0]
    """
    groups: list[tuple[float, int]] = []  # where a group of neighbours starts, and how many they are
    for place in wanted:
        groups.append((min(max(place, low), high), 1))
        while len(groups) > 1 and groups[-1][0] < groups[-2][0] + apart * groups[-2][1]:
            (second, more), (first, many) = groups.pop(), groups.pop()
            groups.append(((first * many + (second - apart * many) * more) / (many + more), many + more))
    out = [start + k * apart for start, number in groups for k in range(number)]
    for k in range(len(out) - 1, -1, -1):
        out[k] = min(out[k], high - apart * (len(out) - 1 - k))
    for k in range(len(out)):
        out[k] = max(out[k], low + apart * k)
    return out


def ideal_points_chart(
    finding: Finding,
    states: Iterable[str] = (),
    labels: Labels | None = None,
    *,
    since: Mapping[str, int] | None = None,
    beside: pl.DataFrame | None = None,
    beside_name: str = "published",
    notes: Mapping[float, str] | None = None,
    dimension: int = 1,
    most: int = MOST,
    **_: Any,
) -> Specification:
    """Positions over time with 90 % bands, each named at its end.

    ``since`` gives a state's first session to draw; ``beside`` is another series of the same states (columns state,
    session, value), drawn dashed; ``notes`` maps years to short notes.
    """
    frame = finding.table
    if "dimension" in frame.columns:
        frame = frame.filter(pl.col("dimension") == dimension)
    chosen = _chosen("states", list(states) or _outermost(frame, most), frame["state"].unique().to_list())
    names = {s: (labels or {}).get(s, s) for s in chosen}
    lines = []
    for state in chosen:
        drawn = (pl.col("state") == state) & (pl.col("session") >= (since or {}).get(state, 0))
        lines.append(_read(names[state], frame.filter(drawn).sort("session"), "session", "mean", ("q05", "q95")))
        if beside is not None:
            name = f"{names[state]}, {beside_name}"
            other = _read(name, beside.filter(drawn).sort("session"), "session", "value", None)
            lines.append(replace(other, drawn="dashed", like=names[state], labelled=False))
    said = f"; dashed: {beside_name}" if beside is not None else ""
    return trajectories(
        lines,
        f"Positions of {', '.join(names.values())} over time, with 90 % intervals{said}",
        across="year in which the session opened",
        up="ideal point (mean 0, sd 1 over all member-sessions)",
        notes=notes,
    )


def similarity_chart(finding: Finding, view: str = "over_time", **options: Any) -> Specification:
    """``over_time`` (see `over_time`), or ``distribution``: the spread over all pairs of one ``period``.

    A finding over all periods at once is drawn as points with intervals, the most alike first.
    """
    if view not in VIEWS:
        raise InputError([Problem("", "view", view, "one of " + ", ".join(VIEWS), nearest=nearest(view, VIEWS))])
    if view == "distribution":
        from .distributions import spread_of_pairs

        return spread_of_pairs((finding, *options.get("beside", ())), options.get("period"))
    if finding.parameters["by"] == "all":
        return _pairs_at_once(finding, options.get("labels"), options.get("most", MOST))
    return over_time(finding, **options)


def over_time(
    finding: Finding,
    pairs: Iterable[tuple[str, str]] = (),
    labels: Labels | None = None,
    *,
    beside: Iterable[Finding] = (),
    published: pl.DataFrame | None = None,
    notes: Mapping[float, str] | None = None,
    most: int = MOST,
    **_: Any,
) -> Specification:
    """Similarity of pairs over time with intervals.

    ``beside`` adds other measures of the same pairs; ``published`` holds values to compare with (columns a, b, period,
    value), drawn as dots; ``notes`` maps years to short notes.
    """
    found = (finding, *beside)
    known = [tuple(sorted(pair)) for pair in finding.table.select("a", "b").unique(maintain_order=True).iter_rows()]
    wanted = [tuple(sorted(pair)) for pair in pairs] or known[:most]
    _chosen("pairs", [" and ".join(p) for p in wanted], [" and ".join(p) for p in known])
    measures = [said(str(one.parameters["measure"])) for one in found]
    shared = set.intersection(*(set(pair) for pair in wanted)) if len(wanted) > 1 else set()
    lines = []
    for pair in wanted:
        who = " and ".join((labels or {}).get(s, s) for s in pair if s not in shared)
        for one, measure in zip(found, measures, strict=True):
            name = measure if len(wanted) == 1 else who if len(found) == 1 else f"{who}, {measure}"
            lines.append(_read(name, _of_pair(one.table, pair), "period", "value", ("low", "high")))
        if published is not None and len(found) == 1:
            dots = _read(f"{lines[-1].name}, published", _of_pair(published, pair), "period", "value", None)
            lines.append(replace(dots, drawn="dots", like=lines[-1].name, labelled=False))
    return trajectories(
        lines,
        _titled(finding, measures, wanted, labels or {}) + ("; dots: published" if published is not None else ""),
        across=PERIODS[finding.parameters["by"]],
        up=(measures[0] if len(found) == 1 else "similarity")
        + "".join(f" with {(labels or {}).get(s, s)}" for s in sorted(shared)),
        notes=notes,
    )


def _of_pair(frame: pl.DataFrame, pair: Sequence[str]) -> pl.DataFrame:
    one, other = (
        (pl.col("a") == pair[0]) & (pl.col("b") == pair[1]),
        (pl.col("a") == pair[1]) & (pl.col("b") == pair[0]),
    )
    return frame.filter(one | other).sort("period")


def _titled(finding: Finding, measures: Sequence[str], pairs: Sequence[Sequence[str]], labels: Labels) -> str:
    level = round(100 * float(finding.parameters["level"]))
    who = " and ".join(labels.get(s, s) for s in pairs[0]) if len(pairs) == 1 else f"{len(pairs)} pairs"
    return f"{', '.join(measures)} of {who} over time, with {level} % intervals"


def said(measure: str) -> str:
    """A measure's name as it is read: S for s_score, tau-b for tau_b."""
    special = {"s_score": "S", "s_squared": "S (squared)", "tau_b": "tau-b", "lijphart": "Lijphart's index"}
    return special.get(measure, measure.replace("_", " "))


def _pairs_at_once(finding: Finding, labels: Labels | None, most: int) -> Specification:
    named = labels or {}
    frame = finding.table.drop_nulls("value").sort("value", descending=True, maintain_order=True)
    rows = [
        {
            "name": f"{named.get(r['a'], r['a'])} and {named.get(r['b'], r['b'])}",
            **{c: r[c] for c in ("value", "low", "high")},
        }
        for r in frame.head(most).iter_rows(named=True)
    ]
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": {"title": said(finding.parameters["measure"])},
    }
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 260}}
    layers = [
        {"mark": {"type": "rule", "color": QUIET, "strokeWidth": 2}, "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": COLOURS[0]}, "encoding": {"x": x}},
    ]  # fmt: skip
    cut = f" (the first {most} of {frame.height})" if frame.height > most else ""
    return specification(rows, f"Similarity of pairs{cut}", encoding={"y": y}, layer=layers, height=22 * len(rows))


def _read(name: str, frame: pl.DataFrame, period: str, value: str, bounds: tuple[str, str] | None) -> Line:
    low, high = bounds or (None, None)
    return Line(
        name,
        tuple(
            (_year(r[period], period), _short(r[value]), _short(r[low]) if low else None, _short(r[high]) if high else None)
            for r in frame.iter_rows(named=True)
        ),
    )  # fmt: skip


def _year(period: Any, column: str) -> float:
    """The year of a session, of a year, or the last year of a window."""
    if isinstance(period, str):
        return float(period.rsplit("-", 1)[-1])
    return float(period + FIRST_SESSION if column == "session" or period < FIRST_SESSION else period)


def _short(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)


def _outermost(frame: pl.DataFrame, most: int) -> list[str]:
    """The states at both ends of the last session."""
    last = frame.filter(pl.col("session") == pl.col("session").max()).sort("mean", "state")["state"].to_list()
    half = most // 2
    return last if len(last) <= most else last[: most - half] + last[-half:]


def _chosen(field: str, wanted: list[str], known: list[str]) -> list[str]:
    problems = [
        Problem("", field, one, "in the finding's table", nearest=nearest(one, known))
        for one in wanted
        if one not in known
    ]
    if problems:
        raise InputError(problems)
    return wanted
