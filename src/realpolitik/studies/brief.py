"""The brief: what a reader is told about a case, in a fixed order, from findings whose every figure opens its trace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from realpolitik.case import Case
from realpolitik.findings.brief import Brief

from .pages import pages_beside
from .panels import first_screen
from .plan import a_day, gather
from .run import CaseLike, as_case
from .sections import later_sections
from .systems import answers


def brief(case: CaseLike, as_of: str | None = None, *, documents: Mapping[str, str | Path] | None = None) -> Brief:
    """The brief on a case as it was known on a day, ready to be written as a page, JSON, Markdown or a document.

    Parameters
    ----------
    case
        A case, a built-in name or a folder.
    as_of
        The knowledge date (EDTF); the case's own where not given. The forecast panel has its own: the day before the act.
    documents
        A reader's own copies by document id; with them a trace shows the passage and not only its place.

    Raises InputError where the case cannot be read, the date is none, or a copy is not the one that was coded.

    >>> import realpolitik as rp
    >>> page = rp.brief("iran-ukraine-2022", as_of="2022-03-31")
    >>> len(page.systems)
    24
    """
    read = attach(as_case(case), documents or {})
    day = a_day(as_of or read.about.as_of) if as_of or read.about.as_of else ""
    material = gather(read, day)
    systems = answers(material.case, material.findings)
    about = read.about
    return Brief(
        name=about.name,
        title=about.title,
        question=about.question,
        as_of=day,
        sections=(*first_screen(material), *later_sections(material, systems)),
        findings=material.findings,
        systems=systems,
        subject=material.case,
        since=material.since,
        pages=pages_beside(read, day),
    )


def attach(case: Case, documents: Mapping[str, str | Path]) -> Case:
    """The case with a reader's copies of its documents; InputError lists every one that is unknown, unreadable or not the coded copy."""
    from dataclasses import replace

    from realpolitik.terms import InputError, Problem, nearest

    if not documents:
        return case
    known = dict(case.evidence.documents)
    problems: list[Problem] = []
    for id, path in documents.items():
        if id not in known:
            problems.append(
                Problem(
                    "",
                    "document",
                    id,
                    "one of " + (", ".join(known) or "none: the case names no documents"),
                    nearest=nearest(id, known),
                )
            )
            continue
        try:
            known[id] = known[id].attach(Path(path).read_bytes())
        except OSError as error:
            problems.append(Problem(str(path), "document", id, f"a readable file ({error.strerror})"))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return replace(case, evidence=replace(case.evidence, documents=known))
