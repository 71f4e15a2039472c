"""A member's own page: how it votes, with whom, what moved, where it stood alone, and what it said and did on other channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from realpolitik.case.tables import Position
from realpolitik.findings import find_method
from realpolitik.findings.brief import Block, Brief, Bullets, Cell, Chart, Closed, Paragraph, Parts, Section
from realpolitik.terms import Channel

from ..cells import linked
from ..coded import CODED
from .ahead import STANDOUTS
from .blocks import VOTED, Told, finished, grid, joined, kind_words, limits_of, list_or, reason, told
from .ground import Ground, Grounds, ground, the_members
from .member_acts import MEMBER_ACTS
from .peers import PEERS, spans
from .positions import BREADTH, POSITIONS

SHOWN, ALONE, LATEST = 12, 15, 40


def member(taken: Grounds, state: str, as_of: str | None = None) -> Brief:
    """A member's page, ready to be written: votes by kind of act and year beside all members, position, peers, movement.

    Parameters
    ----------
    taken
        A case, a built-in name, a folder, or roll calls as ``read_votes`` gives them.
    state
        The member's ISO 3166 alpha-3 code.
    as_of
        The knowledge date; the case's own where not given, none where it is ``""``.

    Raises InputError where the member has no votes in the record (with the nearest code), or the date is none.

    >>> import realpolitik as rp
    >>> page = rp.member("iran-ukraine-2022", "IRN")
    >>> page.title, page.findings["acts"].grade.value
    ('Iran', 'recorded')
    """
    return member_page(ground(taken, as_of), state, {})


def member_page(place: Ground, state: str, beside: Mapping[str, str]) -> Brief:
    """The page on a ground that is already made."""
    (state,) = the_members(place.assembly, [state])
    g = replace(place, findings={}, missed={})
    g.make("acts", MEMBER_ACTS, state=state)
    span = spans(g.votes)
    if span:
        g.make("peers", PEERS, state=state, before=list(span[0]), after=list(span[1]))
        g.make("movement", find_method("alignment.movement"), before=list(span[0]), after=list(span[1]), draws=200)
    breadth = g.make("breadth", BREADTH)
    g.make("positions", POSITIONS, states=[state])
    if breadth is not None and breadth.table["wide"][0]:
        g.make("standouts", STANDOUTS)
    if g.case and any(row.actor == state for row in g.case.rows(Position)):
        g.findings["coded.positions"] = CODED.run(g.case, table="positions")
    name = g.label(state)
    question = f"How does {name} vote, with whom, what moved, and where did it stand alone?"
    sections = (
        _record(g, name), _nearest(g, name), _moved(g, state, name), _absent(g, name), _alone_first(g), _unknown(g),
        _years(g, name), _kinds(g, name), _path(g, state, name), _peers(g, name), _movement(g, state, name),
        _alone(g, name), _standouts(g, state, name), _channels(g, state, name), _latest(g, name), limits_of(g),
    )  # fmt: skip
    return finished(g, "Member", name, question, sections, beside)


def _record(g: Ground, name: str) -> Section:
    acts = Told("acts", g.findings["acts"])
    whole: Parts = (
        f"{name} is listed on ",
        acts.at("roll_calls", 0, "all"),
        " roll calls of the General Assembly: ",
        *acts.tally(0, "all"),
        ".",
    )
    most: Parts = ("With the largest camp in ", acts.share("with_most", 0, "all"), " of the votes it cast; all members on the same roll calls in ", acts.share("usual", 0, "all"), ".")  # fmt: skip
    kinds = acts.frame("by_kind")
    often = sorted(range(kinds.height), key=lambda i: -kinds["roll_calls"][i])[:3]
    items = [(f"{kind_words(kinds['kind'][i])}: ", *acts.tally(i, "by_kind")) for i in often]
    return Section(
        "record", "How it votes", (Paragraph(whole), Paragraph(most), Bullets(tuple(items))), True, ("acts",)
    )


def _nearest(g: Ground, name: str) -> Section:
    peers = told(g, "peers")
    if peers is None:
        return Section("company", "With whom", (Paragraph(reason(g, "peers")),), True)
    last = peers.frame().height
    near = joined((f"{g.label(peers.frame()['other'][i])} ", peers.fixed("kappa", i)) for i in range(min(5, last)))
    far = joined(
        (f"{g.label(peers.frame()['other'][i])} ", peers.fixed("kappa", i))
        for i in range(last - 1, max(last - 6, -1), -1)
    )
    return Section(
        "company", "With whom it votes",
        (Paragraph((*near, "."), label="Most alike"), Paragraph((*far, "."), label="Least alike"),
         Paragraph(linked(f"Kappa: what each one’s habits alone would give is taken out. {peers.finding.caveats[0]}", "peers", peers.finding), tone="small")),
        True, ("peers",),
    )  # fmt: skip


def _moved(g: Ground, state: str, name: str) -> Section:
    movement, peers = told(g, "movement"), told(g, "peers")
    blocks: list[Block] = []
    row = movement.row(state=state) if movement else None
    if movement and row is not None:
        value = movement.frame()["change"][row]
        low, high = movement.frame()["low"][row], movement.frame()["high"][row]
        towards = "towards no" if value > 0 else "towards yes"
        where = towards if low * high > 0 else "not to be told from none"
        blocks.append(Paragraph((
            f"{name} ", movement.signed("change", row), " (nine-in-ten interval ", movement.signed("low", row), " to ", movement.signed("high", row),
            f"): {where}, after the kind of act and the shift of all members are taken out."), label="Its own movement"))  # fmt: skip
    else:
        blocks.append(Paragraph(("It voted too seldom in one of the two spans to say.",), label="Its own movement"))
    if peers:
        frame = peers.frame()
        rows = [i for i in range(frame.height) if frame["change"][i] is not None]
        rows.sort(key=lambda i: -frame["change"][i])
        near = joined(
            (f"{g.label(frame['other'][i])} ", peers.signed("change", i)) for i in rows[:4] if frame["change"][i] > 0
        )
        away = joined(
            (f"{g.label(frame['other'][i])} ", peers.signed("change", i))
            for i in rows[::-1][:4]
            if frame["change"][i] < 0
        )
        blocks += [Paragraph((*near, "."), label="Came nearer")] if near else []
        blocks += [Paragraph((*away, "."), label="Went away")] if away else []
    used = tuple(n for n in ("movement", "peers") if n in g.findings)
    return Section("moved", "What moved", tuple(blocks), True, used)


def _absent(g: Ground, name: str) -> Section:
    acts = Told("acts", g.findings["acts"])
    frame = acts.frame("by_year")
    rows = sorted(
        (i for i in range(frame.height) if frame["absent"][i]),
        key=lambda i: -frame["absent"][i] / frame["roll_calls"][i],
    )
    worst = joined(
        (
            acts.at("year", i, "by_year"),
            ": ",
            acts.at("absent", i, "by_year"),
            " of ",
            acts.at("roll_calls", i, "by_year"),
        )
        for i in rows[:4]
    )
    all_row: Parts = ("Without a vote on ", acts.at("absent", 0, "all"), " of ", acts.at("roll_calls", 0, "all"), " roll calls; of all members’ entries on them ", acts.share("all_absent", 0, "all"), ".")  # fmt: skip
    blocks: list[Block] = [Paragraph(all_row)]
    blocks += [Paragraph((*worst, "."), label="Most often")] if worst else []
    blocks.append(
        Paragraph(("Staying away and not taking part in the vote are one word in the record.",), tone="small")
    )
    return Section("absences", "Absences", tuple(blocks), True, ("acts",))


def _lonely(acts: Told) -> list[int]:
    """Rows of votes cast, the smallest company first; of equal ones the latest first."""
    frame = acts.frame()
    cast = [i for i in range(frame.height) if frame["vote"][i] != "absent"]
    return sorted(cast, key=lambda i: (frame["alike"][i], -i))


def _alone_first(g: Ground) -> Section:
    acts = Told("acts", g.findings["acts"])
    items = [(acts.at("vote", i), *_company(acts, i), ": ", *acts.call(i)) for i in _lonely(acts)[:4]]
    return Section("alone-first", "Where it stood most alone", (list_or(items, "It cast no vote."),), True, ("acts",))


def _company(acts: Told, row: int) -> Parts:
    if acts.frame()["alike"][row] == 1:
        return (", ", acts.at("alike", row, shown="alone"))
    return (", one of ", acts.at("alike", row))


def _unknown(g: Ground) -> Section:
    items: list[Parts] = []
    if "positions" in g.missed:
        breadth = Told("breadth", g.findings["breadth"])
        items.append(("No position is fitted: the record holds ", breadth.at("middle"), " roll calls in its middle session, and a scale of a few chosen texts would measure the choice. ", breadth.at("needed"), " or more are needed."))  # fmt: skip
        items.append(("No vote is called a surprise: forecasts on a choice of roll calls are ordered, not estimated.",))
    items.append(("Why it voted so: a record of votes does not say.",))
    items.append(("Texts adopted without a vote, and drafts that failed.",))
    return Section(
        "unknown",
        "Not in the evidence",
        (Bullets(tuple(items)),),
        True,
        ("breadth",) if "positions" in g.missed else (),
    )


def _years(g: Ground, name: str) -> Section:
    acts = Told("acts", g.findings["acts"])
    frame = acts.frame("by_year")
    heads = (
        "Year",
        "yes",
        "abstain",
        "no",
        "absent",
        "roll calls",
        "with the largest camp",
        "all members’ votes with it",
    )
    rows = [((acts.at("year", i, "by_year"),), *((acts.at(w, i, "by_year"),) for w in VOTED), (acts.at("roll_calls", i, "by_year"),),
             (acts.share("with_most", i, "by_year"),), (acts.share("usual", i, "by_year"),)) for i in range(frame.height - 1, -1, -1)]  # fmt: skip
    chart = Chart("acts", f"Votes of {name} by year, one block per roll call on which it is listed", {"view": "years"})
    return Section(
        "years",
        "Year by year",
        (chart, Closed("Year by year, as figures", (grid(heads, rows, "", "acts"),))),
        findings=("acts",),
    )


def _kinds(g: Ground, name: str) -> Section:
    acts = Told("acts", g.findings["acts"])
    frame = acts.frame("by_kind")
    order = sorted(range(frame.height), key=lambda i: -frame["roll_calls"][i])
    heads = (
        "Kind of act",
        "yes",
        "abstain",
        "no",
        "absent",
        "roll calls",
        "with the largest camp",
        "all members’ votes with it",
    )
    rows = [((kind_words(frame["kind"][i]),), *((acts.at(w, i, "by_kind"),) for w in VOTED), (acts.at("roll_calls", i, "by_kind"),),
             (acts.share("with_most", i, "by_kind"),), (acts.share("usual", i, "by_kind"),)) for i in order]  # fmt: skip
    chart = Chart(
        "acts",
        f"Votes of {name} on each kind of act, and below them those of all members on the same roll calls",
        {"view": "kinds", "name": name, "labels": {k: kind_words(k) for k in frame["kind"].to_list()}},
    )
    return Section(
        "kinds", "By kind of act, beside all members", (chart, grid(heads, rows, "", "acts")), findings=("acts",)
    )


def _path(g: Ground, state: str, name: str) -> Section | None:
    path = told(g, "positions")
    if path is None:
        return None
    frame = path.frame()
    rows = [((path.at("session", i),), (path.fixed("mean", i),), (path.fixed("low", i), " to ", path.fixed("high", i))) for i in range(frame.height - 1, max(-1, frame.height - 13), -1)]  # fmt: skip
    chart = Chart("positions", f"Position of {name} by session with its interval; dashed: the middle of all members and the tenths at either end", {"labels": {state: name}})  # fmt: skip
    table = grid(("Session", "Position", "Interval"), rows, "In standard deviations of all member-sessions; the side of the United States is positive", "positions")  # fmt: skip
    return Section(
        "path",
        "Position over time",
        (path.answer(names=g.label), chart, Closed("The last sessions, as figures", (table,)), path.limits()),
        findings=("positions",),
    )


def _peers(g: Ground, name: str) -> Section | None:
    peers = told(g, "peers")
    if peers is None:
        return None
    frame = peers.frame()
    ends = [*range(min(SHOWN, frame.height)), *range(max(SHOWN, frame.height - SHOWN), frame.height)]
    heads = ("Member", "kappa", "interval", "identical votes", "common votes", "kappa before", "change")
    rows = [((g.label(frame["other"][i]),), (peers.fixed("kappa", i),), (peers.fixed("low", i), " to ", peers.fixed("high", i)),
             (peers.share("agreement", i),), (peers.at("n", i),), (peers.fixed("earlier", i),), (peers.signed("change", i),)) for i in ends]  # fmt: skip
    labels = {frame["other"][i]: g.label(frame["other"][i]) for i in range(frame.height)}
    chart = Chart("peers", f"The members that vote most and least like {name}: kappa with its interval; hollow: in the earlier span", {"labels": labels, "shown": SHOWN})  # fmt: skip
    table = grid(heads, rows, "The nearest and the farthest; all others lie between", "peers")
    return Section(
        "peers",
        "Nearest and farthest",
        (peers.answer(names=g.label), chart, Closed("As figures", (table,)), peers.limits()),
        findings=("peers",),
    )


def _movement(g: Ground, state: str, name: str) -> Section | None:
    movement = told(g, "movement")
    if movement is None or movement.row(state=state) is None:
        return None
    frame, own = movement.frame(), movement.row(state=state)
    order = sorted(range(frame.height), key=lambda i: frame["change"][i])
    at = order.index(own if own is not None else 0)
    like = [i for i in order[max(0, at - 3) : at + 4] if i != own]
    kinds = movement.frame("kinds")
    by_kind = [
        (f"{kind_words(kinds['kind'][i])} ", movement.signed("change", i, "kinds"))
        for i in range(kinds.height)
        if kinds["state"][i] == state
    ]
    chart = Chart("movement", f"Every member’s movement with its interval, from yes (left) to no; {name} in the accent colour", {"focal": state, "labels": {s: g.label(s) for s in frame["state"].to_list()}})  # fmt: skip
    near = joined((f"{g.label(frame['state'][i])} ", movement.signed("change", i)) for i in like)
    blocks: list[Block] = [movement.answer(names=g.label), chart]
    blocks += [Paragraph((*joined(by_kind), "."), label="By kind of act")] if by_kind else []
    blocks += [Paragraph((*near, "."), label="Moved alike")] if near else []
    return Section("movement", "Who moved, all members", (*blocks, movement.limits()), findings=("movement",))


def _alone(g: Ground, name: str) -> Section:
    acts = Told("acts", g.findings["acts"])
    rows = [((*acts.call(i),), (acts.at("vote", i),), (acts.at("alike", i),), acts.tally(i), (kind_words(acts.frame()["kind"][i]),)) for i in _lonely(acts)[:ALONE]]  # fmt: skip
    table = grid(
        ("Roll call", "Its vote", "Members voting so", "All members", "Kind of act"),
        rows,
        f"Votes of {name} that the fewest members shared",
        "acts",
    )
    return Section("alone", "Where it stood in the smallest camp", (table,), findings=("acts",))


def _standouts(g: Ground, state: str, name: str) -> Section | None:
    found = told(g, "standouts")
    if found is None:
        return None
    blocks: list[Block] = [found.answer(names=g.label)]
    row = found.row(state=state)
    if row is not None and found.frame()["stands_out"][row]:
        said = ("Its votes lie ", found.signed("residual", row), " from their forecasts on average (above nought: further towards no), on ", found.at("n", row), " roll calls.")  # fmt: skip
        blocks.append(Paragraph(said, label=name))
    else:
        blocks.append(
            Paragraph(
                (f"{name} does not stand out against all members, so no single vote of it is called a surprise.",)
            )
        )
    return Section("standouts", "Surprises", (*blocks, found.limits()), findings=("standouts",))


def _channels(g: Ground, state: str, name: str) -> Section | None:
    if "coded.positions" not in g.findings or g.case is None:
        return None
    coded = Told("coded.positions", g.findings["coded.positions"])
    rows = [r for r in g.case.rows(Position) if r.actor == state]
    blocks: list[Block] = []
    for channel in Channel:
        here = [r for r in rows if r.channel is channel]
        items = tuple(
            (_says(coded, r.id), f" ({r.stance}; {g.case.label(r.holder)})" if r.holder else f" ({r.stance})")
            for r in here
        )
        if items:
            blocks.append(Closed(f"{channel.value}", (Bullets(items),)))
    text = "What the sources and the record say of it on each channel, as coded; the case’s own brief compares the channels."
    return Section("channels", "On the other channels", (Paragraph((text,)), *blocks), findings=("coded.positions",))


def _says(coded: Told, id: str) -> Cell:
    row = coded.row(id=id)
    cell = coded.at("says", row or 0)
    return replace(cell, theirs=True)


def _latest(g: Ground, name: str) -> Section:
    acts = Told("acts", g.findings["acts"])
    last = acts.frame().height
    rows = [
        ((*acts.call(i),), (acts.at("vote", i),), acts.tally(i))
        for i in range(last - 1, max(-1, last - LATEST - 1), -1)
    ]
    table = grid(("Roll call", "Its vote", "All members"), rows, "", "acts")
    return Section(
        "latest", "Latest votes", (Closed(f"The latest votes of {name}, one by one", (table,)),), findings=("acts",)
    )
