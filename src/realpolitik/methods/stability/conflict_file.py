"""Reading a conflict from its YAML form, with everything that is wrong said at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from realpolitik.terms import Estimate, Hedge, InputError, Problem, Status, When, nearest, parse_sources

from .checks import check_conflict
from .expressions import Expression, parse
from .model import (
    Conflict,
    Constraint,
    Constraints,
    DecisionMaker,
    Direction,
    Observation,
    Option,
    Pattern,
    Payoffs,
    Preference,
    Ranking,
    Statements,
    View,
    Weights,
)
from .yaml_lines import Lined, Place, read_lined

MOST_BYTES = 256 * 2**20
TOP = (
    "title",
    "decision_makers",
    "infeasible",
    "feasible",
    "status_quo",
    "preferences",
    "variants",
    "observed",
    "views",
)
KINDS = ("payoffs", "ranking", "weights", "statements", "constraints")
CONSTRAINT = ("id", "given", "prefer", "to", "all_else_equal", "note", "status", "hedge", "source")


def read_conflict(path: str | Path, *, variant: str | None = None) -> Conflict:
    """A conflict read from a file: YAML in our form, or a ``.gmcr`` file of GMCR+.

    ``variant`` names one of the file's variants, whose preferences and conditions are added to the common ones.
    Raises InputError, which lists every problem with its line, value and what was expected.

    >>> from pathlib import Path; import tempfile
    >>> text = '''
    ... decision_makers: {A: {options: [yield]}, B: {options: [yield]}}
    ... preferences:
    ...   A: {ranking: [NY, YY, NN, YN]}
    ...   B: {ranking: [YN, YY, NN, NY]}
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "prisoners.yaml"
    ...     _ = file.write_text(text)
    ...     read_conflict(file).option_names
    ('A.yield', 'B.yield')
    """
    file = Path(path)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError([Problem(str(file), "", f"{file.stat().st_size} bytes", f"at most {MOST_BYTES} bytes")])
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(str(file), "", str(error), "a readable UTF-8 file")]) from error
    if file.suffix == ".gmcr":
        from .gmcr_file import parse_gmcr

        return parse_gmcr(text, str(file))
    return parse_conflict(text, str(file), variant=variant)


@lru_cache(maxsize=16)
def parse_conflict(text: str, file: str = "", *, variant: str | None = None) -> Conflict:
    """A conflict from YAML text; raises InputError as ``read_conflict`` does."""
    lined = read_lined(text, file)
    if lined.problems and lined.value is None:
        raise InputError(lined.problems)
    reader = Reader(lined)
    conflict = reader.conflict(variant)
    if lined.problems:
        raise InputError(lined.problems)
    problems = check_conflict(conflict, file)
    if problems:
        raise InputError(problems)
    return replace(conflict, digest=hashlib.sha256(f"{variant}\n{text}".encode()).hexdigest())


@dataclass
class Reader:
    """Turns plain values into a conflict and writes down what is wrong on the way."""

    lined: Lined

    def wrong(self, place: Place, value: Any, expected: str, known: Any = None) -> None:
        """Write down a problem."""
        hint = nearest(str(value), map(str, known)) if known is not None else None
        field = ".".join(map(str, place))
        self.lined.problems.append(
            Problem(self.lined.file, field, str(value), expected, line=self.lined.line(place), nearest=hint)
        )

    def mapping(self, value: Any, place: Place, known: tuple[str, ...] | None = None) -> dict[Any, Any]:
        """A mapping whose keys are known; an empty one where it is something else."""
        if not isinstance(value, Mapping):
            self.wrong(place, _kind(value), "a mapping")
            return {}
        for key in value:
            if known is not None and key not in known:
                self.wrong((*place, key), key, "one of " + ", ".join(known), known)
        return dict(value)

    def sequence(self, value: Any, place: Place) -> list[Any]:
        """A list; an empty one where it is something else."""
        if isinstance(value, list):
            return value
        self.wrong(place, _kind(value), "a list")
        return []

    def text(self, value: Any, place: Place) -> str:
        """Text, or nothing."""
        if value is None or isinstance(value, (str, int, float)):
            return "" if value is None else str(value)
        self.wrong(place, _kind(value), "text")
        return ""

    def conflict(self, variant: str | None) -> Conflict:
        """The whole file, with one of its variants added."""
        top = self.mapping(self.lined.value, (), TOP)
        makers = tuple(self.makers(top.get("decision_makers"), ("decision_makers",)))
        frame = Conflict(makers, {})
        variants = self.mapping(top.get("variants") or {}, ("variants",))
        chosen: dict[Any, Any] = {}
        if variant is not None and variant not in variants:
            self.wrong(("variants",), variant, "one of " + (", ".join(map(str, variants)) or "none"), variants)
        for name, value in variants.items():
            checked = self.mapping(value, ("variants", name), ("title", "preferences", "infeasible"))
            self.preferences(checked.get("preferences") or {}, ("variants", name, "preferences"), frame)
            chosen = checked if name == variant else chosen
        preferences = self.preferences(top.get("preferences"), ("preferences",), frame)
        added = self.preferences(chosen.get("preferences") or {}, ("variants", variant, "preferences"), frame)
        patterns = self.patterns(top.get("infeasible") or [], ("infeasible",), frame)
        patterns += self.patterns(chosen.get("infeasible") or [], ("variants", variant, "infeasible"), frame)
        return replace(
            frame,
            preferences=_joined(preferences, added),
            infeasible=patterns,
            only=self.only(top.get("feasible"), ("feasible",), frame),
            status_quo=self.state(top["status_quo"], ("status_quo",), frame) if "status_quo" in top else None,
            observed=tuple(self.observations(top.get("observed") or [], ("observed",), frame)),
            views=self.views(top.get("views") or {}, ("views",), frame),
            title=self.text(top.get("title"), ("title",)),
            variant=variant or "",
            accounts=tuple(map(str, variants)),
        )

    def makers(self, value: Any, place: Place) -> Iterator[DecisionMaker]:
        """The decision makers with their options."""
        for name, entry in self.mapping(value, place).items():
            here = (*place, name)
            if not _is_name(name):
                self.wrong(here, name, "a name of letters, digits and _")
            fields = self.mapping(entry, here, ("name", "options"))
            options = self.sequence(fields.get("options", []), (*here, "options"))
            read = [self.option(option, (*here, "options", k)) for k, option in enumerate(options)]
            for k, option in enumerate(read):
                if option.name in {other.name for other in read[:k]}:
                    self.wrong((*here, "options", k), option.name, "each option once")
            yield DecisionMaker(str(name), tuple(read), self.text(fields.get("name"), (*here, "name")))

    def option(self, value: Any, place: Place) -> Option:
        """One option: its name, or a mapping with its direction and label."""
        if not isinstance(value, Mapping):
            value = {"name": value}
        fields = self.mapping(value, place, ("name", "reversible", "direction", "label"))
        name = fields.get("name")
        if not _is_name(name):
            self.wrong(place, name, "a name of letters, digits and _")
        direction = str(fields.get("direction", "both"))
        if direction not in list(Direction):
            self.wrong(place, direction, "both, take or withdraw", list(Direction))
            direction = "both"
        if fields.get("reversible", True) not in (True, False):
            self.wrong(place, fields["reversible"], "true or false")
        elif fields.get("reversible") is False and direction == "both":
            direction = "take"
        return Option(str(name), Direction(direction), self.text(fields.get("label"), place))

    def condition(self, value: Any, place: Place, frame: Conflict) -> Expression:
        """A condition on options that somebody owns."""
        text = str(value).lower() if isinstance(value, bool) else value
        try:
            expression = parse(text if isinstance(text, str) else "")
        except ValueError as error:
            self.wrong(place, value, f"a condition such as USA.ease & !RUS.block ({error})")
            return Expression("true")
        unknown = sorted(expression.names() - set(frame.bit))
        for name in unknown:
            self.wrong(place, name, "an option that some decision maker owns, as OWNER.option", frame.bit)
        return Expression("true") if unknown else _full(expression, frame)

    def patterns(self, value: Any, place: Place, frame: Conflict) -> tuple[Pattern, ...]:
        """Conditions under which a state cannot be."""
        found = []
        for k, entry in enumerate(self.sequence(value, place)):
            here = (*place, k)
            fields = (
                self.mapping(entry, here, ("when", "note", "source")) if isinstance(entry, Mapping) else {"when": entry}
            )
            source = self.source(fields.get("source"), here)
            found.append(
                Pattern(self.condition(fields.get("when"), here, frame), self.text(fields.get("note"), here), source)
            )
        return tuple(found)

    def source(self, value: Any, place: Place) -> str:
        """A source as ``terms.sources`` writes it, or nothing."""
        text = self.text(value, place)
        try:
            parse_sources(text)
        except ValueError as error:
            self.wrong(place, text, f"a source ({error})")
        return text

    def only(self, value: Any, place: Place, frame: Conflict) -> frozenset[int] | None:
        """The states that can be, where the file lists them."""
        if value is None:
            return None
        return frozenset(self.state(entry, (*place, k), frame) for k, entry in enumerate(self.sequence(value, place)))

    def state(self, value: Any, place: Place, frame: Conflict) -> int:
        """A state: its integer, Y and N in the order of the options, or the list of options taken."""
        count = len(frame.options)
        if isinstance(value, bool) or value is None:
            self.wrong(place, value, "a state")
        elif isinstance(value, int):
            if 0 <= value < 1 << count:
                return value
            self.wrong(place, value, f"a state from 0 to {(1 << count) - 1}")
        elif isinstance(value, str):
            if len(value) == count and set(value) <= {"Y", "N"}:
                return sum(1 << k for k, letter in enumerate(value) if letter == "Y")
            self.wrong(place, value, f"{count} letters Y or N, one per option")
        else:
            names = self.sequence(value, place)
            for name in names:
                if name not in frame.bit:
                    self.wrong(place, name, "an option", frame.bit)
            return frame.state(*(name for name in names if name in frame.bit))
        return 0

    def preferences(self, value: Any, place: Place, frame: Conflict) -> dict[str, Preference]:
        """Each decision maker's preference, in one of the five forms."""
        found: dict[str, Preference] = {}
        for name, entry in self.mapping(value, place).items():
            here = (*place, name)
            if name not in frame.names:
                self.wrong(here, name, "a decision maker", frame.names)
            fields = self.mapping(entry, here, KINDS)
            kinds = [kind for kind in KINDS if kind in fields]
            if set(fields) - set(KINDS):
                continue
            if len(kinds) != 1:
                self.wrong(here, ", ".join(kinds) or "nothing", "exactly one of " + ", ".join(KINDS))
            else:
                found[name] = getattr(self, kinds[0])(fields[kinds[0]], (*here, kinds[0]), frame)
        return found

    def payoffs(self, value: Any, place: Place, frame: Conflict) -> Payoffs:
        """One number per state, null where it cannot be."""
        values = self.sequence(value, place)
        bad = [k for k, v in enumerate(values) if isinstance(v, bool) or not (v is None or isinstance(v, (int, float)))]
        for k in bad[:20]:
            self.wrong((*place, k), values[k], "a number, or null for a state that cannot be")
        if len(values) != 1 << len(frame.options):
            self.wrong(place, f"{len(values)} values", f"{1 << len(frame.options)}, one per state")
        return Payoffs(np.array([np.nan if v is None or k in bad else v for k, v in enumerate(values)], float))

    def ranking(self, value: Any, place: Place, frame: Conflict) -> Ranking:
        """States from the most preferred; a list within the list is a tie."""
        tiers = []
        for k, entry in enumerate(self.sequence(value, place)):
            members = entry if isinstance(entry, list) else [entry]
            tiers.append(tuple(self.state(member, (*place, k), frame) for member in members))
        return Ranking(tuple(tiers))

    def weights(self, value: Any, place: Place, frame: Conflict) -> Weights:
        """A number, an interval or a distribution per condition."""
        terms = []
        for condition, weight in self.mapping(value, place).items():
            here = (*place, condition)
            try:
                terms.append((self.condition(condition, here, frame), Estimate.parse(weight)))
            except ValueError as error:
                self.wrong(here, weight, f"a number, an interval a..b or a distribution ({error})")
        return Weights(tuple(terms))

    def statements(self, value: Any, place: Place, frame: Conflict) -> Statements:
        """Conditions from the most important."""
        entries = enumerate(self.sequence(value, place))
        return Statements(tuple(self.condition(entry, (*place, k), frame) for k, entry in entries))

    def constraints(self, value: Any, place: Place, frame: Conflict) -> Constraints:
        """What is known of a ranking."""
        entries = enumerate(self.sequence(value, place))
        return Constraints(tuple(self.constraint(entry, (*place, k), frame) for k, entry in entries))

    def constraint(self, value: Any, place: Place, frame: Conflict) -> Constraint:
        """``prefer`` is better than ``to`` where ``given`` holds, all else equal."""
        fields = self.mapping(value, place, CONSTRAINT)
        status, hedge = str(fields.get("status") or "stated"), str(fields.get("hedge") or "")
        if status not in list(Status):
            self.wrong((*place, "status"), status, "one of " + ", ".join(Status), list(Status))
        if hedge not in list(Hedge):
            self.wrong((*place, "hedge"), hedge, "one of " + ", ".join(filter(None, Hedge)), list(Hedge))
        equal = fields.get("all_else_equal", True)
        if not isinstance(equal, bool):
            self.wrong((*place, "all_else_equal"), equal, "true or false")
        return Constraint(
            prefer=self.condition(fields.get("prefer"), (*place, "prefer"), frame),
            to=self.condition(fields.get("to"), (*place, "to"), frame),
            given=self.condition(fields.get("given", "true"), (*place, "given"), frame),
            all_else_equal=bool(equal),
            id=self.text(fields.get("id"), place) or f"{place[-3]}-{place[-1] + 1}",
            note=self.text(fields.get("note"), place),
            status=status,
            hedge=hedge,
            source=self.source(fields.get("source"), (*place, "source")),
        )

    def observations(self, value: Any, place: Place, frame: Conflict) -> Iterator[Observation]:
        """What the record shows, for comparison only."""
        for k, entry in enumerate(self.sequence(value, place)):
            here = (*place, k)
            fields = self.mapping(entry, here, ("when", "account", "taken", "note", "source"))
            state = self.state(fields.get("taken"), (*here, "taken"), frame)
            texts = {name: self.text(fields.get(name), here) for name in ("when", "account", "note")}
            try:
                When.parse(texts["when"])
            except ValueError as error:
                self.wrong((*here, "when"), texts["when"], f"a date ({error})")
            yield Observation(state=state, source=self.source(fields.get("source"), here), **texts)

    def views(self, value: Any, place: Place, frame: Conflict) -> dict[str, View]:
        """The conflict as each party sees it, where that differs."""
        found = {}
        for name, entry in self.mapping(value, place).items():
            here = (*place, name)
            if name not in frame.names:
                self.wrong(here, name, "a decision maker", frame.names)
            fields = self.mapping(entry, here, ("unaware", "infeasible", "preferences"))
            unaware = self.state(fields.get("unaware") or [], (*here, "unaware"), frame)
            found[name] = View(
                frozenset(frame.taken(unaware)),
                self.patterns(fields.get("infeasible") or [], (*here, "infeasible"), frame),
                self.preferences(fields.get("preferences") or {}, (*here, "preferences"), frame),
            )
        return found


def _joined(common: dict[str, Preference], added: dict[str, Preference]) -> dict[str, Preference]:
    """The variant's constraints are added to the common ones; a variant of another form replaces."""
    joined = dict(common)
    for name, preference in added.items():
        before = common.get(name)
        if isinstance(before, Constraints) and isinstance(preference, Constraints):
            preference = Constraints(before.items + preference.items)
        joined[name] = preference
    return joined


def _full(expression: Expression, frame: Conflict) -> Expression:
    """The same condition with every option written OWNER.option."""
    if expression.operator == "name":
        return replace(expression, name=frame.option_names[frame.bit[expression.name]])
    return replace(expression, parts=tuple(_full(part, frame) for part in expression.parts))


def _is_name(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value.isidentifier()
        and value.lower() not in {"not", "and", "or", "if", "iff", "true", "false"}
    )


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"[:60]
