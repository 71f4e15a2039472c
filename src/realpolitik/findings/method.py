"""What a method is: a plain function under the literature's name, and how to find and run it by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from realpolitik.terms import InputError, Problem, nearest

GROUP = "realpolitik.methods"


@dataclass(frozen=True)
class Method:
    """A method's card: what it answers, by whom it was proposed, which tables it needs, and its function.

    ``function`` is the dotted path ``package.module:name`` of a function that takes the method's subject first and
    returns a Finding. ``subject`` is ``case`` or ``votes``: what the function takes from a case. ``needs`` names row
    types (or ``recorded_votes``, or a folder of the case such as ``conflicts``) that must be present for ``realpolitik methods`` to list it as runnable. ``lighter`` holds
    parameters under which the main table stays the same for less work; ``Finding.influence`` runs the method so.
    """

    name: str
    question: str
    function: str
    literature: tuple[str, ...]
    needs: tuple[Any, ...] = ()
    subject: str = "case"
    systems: tuple[int, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    lighter: Mapping[str, Any] = field(default_factory=dict)

    def load(self) -> Callable[..., Any]:
        """The function itself; imports its module."""
        module, _, name = self.function.partition(":")
        loaded: Callable[..., Any] = getattr(import_module(module), name)
        return loaded

    def run(self, case: Any, **parameters: Any) -> Any:
        """The finding of this method on a case."""
        return self.load()(self.subject_of(case), **{**self.defaults, **parameters})

    def subject_of(self, case: Any) -> Any:
        """What the function takes from a case: the case itself or its roll calls; InputError where it takes neither."""
        if self.subject not in ("case", "votes"):
            raise InputError(
                f"{self.name} takes {self.subject}, which a case does not hold: call its function directly"
            )
        return case if self.subject == "case" else case.evidence.votes

    def missing(self, case: Any) -> tuple[str, ...]:
        """The names of the tables that this method needs and the case lacks."""
        return tuple(name for name in map(_table_name, self.needs) if not case.has(name))


def _table_name(need: Any) -> str:
    return need if isinstance(need, str) else str(need.table)


@cache
def registered() -> Mapping[str, Method]:
    """Every installed method by name, in alphabetical order."""
    found = {point.name: point.load() for point in entry_points(group=GROUP)}
    return dict(sorted(found.items()))


def find_method(name: str) -> Method:
    """The method of that name; the error names the nearest one."""
    methods = registered()
    if name not in methods:
        raise InputError([Problem("", "method", name, "a registered method", nearest=nearest(name, methods))])
    return methods[name]
