"""Truth, verdict, reasons and near misses of one measure for one subject, straight from the rule language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import combinations, product

from policy_match.eligibility.schema import (
    AllOf,
    AnyOf,
    AssumedCondition,
    AtLeast,
    Condition,
    Definition,
    FactCondition,
    HumanCondition,
    IfApplicable,
    Measure,
    Not,
    Rows,
    Tree,
)
from reference.gaps import is_near
from reference.leaves import Cells, reached, truth_of
from reference.words import day_or_span

CHANGEABLE = ("enterprise", "time", "authority")


def kleene_all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def kleene_not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


class Judge:
    """One version of one measure on one day; `following`: first day of what supersedes it."""

    def __init__(
        self,
        measure: Measure,
        as_of: date,
        definitions: Mapping[str, Definition] | None = None,
        following: str | None = None,
    ) -> None:
        self.measure, self.as_of, self.following = measure, as_of, following
        self.conditions: dict[str, Condition] = {}
        self.groups: dict[str, tuple[str, Tree]] = {}
        for name in measure.use:
            self.take_up(name, definitions or {})
        self.conditions |= measure.conditions

    def take_up(self, name: str, definitions: Mapping[str, Definition]) -> None:
        """A shared definition: its conditions stand under `definition.condition`."""
        for used in definitions[name].use:
            self.take_up(used, definitions)
        self.groups[name] = (f"{name}.", definitions[name].holds_when)
        self.conditions |= {f"{name}.{inner}": written for inner, written in definitions[name].conditions.items()}

    # truth

    def condition(self, name: str, cells: Cells, fixed: Mapping[str, bool]) -> bool | None:
        """Truth of a named condition; `fixed`: judgements given, or conditions turned."""
        written = self.conditions[name]
        if name in fixed:
            return fixed[name]
        if isinstance(written, FactCondition):
            return truth_of(written, cells, self.as_of)
        return True if isinstance(written, AssumedCondition) else None

    def holds(self, cells: Cells, fixed: Mapping[str, bool] | None = None) -> bool | None:
        """Truth of the whole tree."""
        return self.truth(self.measure.eligible_when, "", cells, fixed or {})

    def truth(self, tree: Tree, prefix: str, cells: Cells, fixed: Mapping[str, bool]) -> bool | None:
        """Truth of a tree by Kleene's strong logic."""

        def inner(part: Tree) -> bool | None:
            return self.truth(part, prefix, cells, fixed)

        if isinstance(tree, str):
            if prefix + tree in self.conditions:
                return self.condition(prefix + tree, cells, fixed)
            group_prefix, group = self.groups[tree]
            return self.truth(group, group_prefix, cells, fixed)
        if isinstance(tree, AllOf):
            return kleene_all([inner(part) for part in tree.all])
        if isinstance(tree, AnyOf):
            return kleene_not(kleene_all([kleene_not(inner(part)) for part in tree.any]))
        if isinstance(tree, Not):
            return kleene_not(inner(tree.not_))
        if isinstance(tree, AtLeast):
            answers = [inner(part) for part in tree.at_least.of]
            if answers.count(True) >= tree.at_least.n:
                return True
            return False if len(answers) - answers.count(False) < tree.at_least.n else None
        if isinstance(tree, IfApplicable):
            when, then = inner(tree.if_applicable.when), inner(tree.if_applicable.then)
            return kleene_not(kleene_all([when, kleene_not(then)]))
        assert isinstance(tree, Rows)
        answers = {inner(tree.rows.rows[index].then) for index in reached(tree.rows.by, tree.rows.rows, cells)}
        return next(iter(answers)) if len(answers) == 1 else None

    # verdict

    def in_force(self) -> bool | None:
        """Surely in force, surely not, or between."""
        day, effective = self.as_of.toordinal(), self.measure.effective
        first, sure_from = day_or_span(effective.from_)
        if day < first:
            return False
        sure_through, last = self.end(sure_from)
        if last is not None and day > last:
            return False
        return True if sure_from <= day and (sure_through is None or day <= sure_through) else None

    def end(self, sure_from: int) -> tuple[int | None, int | None]:
        """Last day surely in force (None: no end), and the day after which it surely is not (None: not known)."""
        effective = self.measure.effective
        if effective.through == "open":
            return None, None
        if effective.through == "unknown":
            seen = [day_or_span(day)[1] for day in effective.seen_in_force_on]
            return max(seen, default=sure_from - 1), None
        if effective.through == "superseded":
            begins, surely_begun = day_or_span(self.following or "")
            return begins - 1, surely_begun - 1
        return day_or_span(effective.through)

    def verdict(self, cells: Cells) -> str:
        """The verdict of one subject."""
        in_force = self.in_force()
        if in_force is False:
            return "not_in_force"
        truth = self.holds(cells)
        if truth is False:
            return "ineligible"
        if truth is True:
            return "eligible" if in_force else "unknown"
        return "needs_human" if in_force and self.only_people_open(cells) else "unknown"

    def only_people_open(self, cells: Cells) -> bool:
        """Whether every way in which people may judge settles the tree."""
        judged = [name for name, written in self.conditions.items() if isinstance(written, HumanCondition)]
        answers = product((True, False), repeat=len(judged))
        return all(self.holds(cells, dict(zip(judged, given, strict=True))) is not None for given in answers)

    # reasons

    def asked(self, cells: Cells) -> set[str]:
        """Names that are asked for: not those that stand only where `when` is false."""
        everywhere = self.names(self.measure.eligible_when, "", None)
        return (set(self.conditions) - everywhere) | self.names(self.measure.eligible_when, "", cells)

    def names(self, tree: Tree, prefix: str, cells: Cells | None) -> set[str]:
        """Condition names in a tree; with cells, without the branches that do not apply."""
        if isinstance(tree, str):
            if prefix + tree in self.conditions:
                return {prefix + tree}
            return self.names(self.groups[tree][1], self.groups[tree][0], cells)
        if isinstance(tree, IfApplicable):
            body = tree.if_applicable
            found = self.names(body.when, prefix, cells)
            if cells is not None and self.truth(body.when, prefix, cells, {}) is False:
                return found
            return found | self.names(body.then, prefix, cells)
        return {name for part in parts(tree) for name in self.names(part, prefix, cells)}

    def deciding(self, tree: Tree, prefix: str, cells: Cells, want: bool) -> set[str]:
        """Conditions that make a tree what it is; an untaken `when` decides nothing by itself."""
        if self.truth(tree, prefix, cells, {}) is not want:
            return set()
        if isinstance(tree, str):
            if prefix + tree in self.conditions:
                return {prefix + tree}
            return self.deciding(self.groups[tree][1], self.groups[tree][0], cells, want)
        if isinstance(tree, Not):
            return self.deciding(tree.not_, prefix, cells, not want)
        if isinstance(tree, IfApplicable):
            body = tree.if_applicable
            off = self.deciding(body.when, prefix, cells, False) if want else set()
            return off | self.deciding(body.then, prefix, cells, want)
        if isinstance(tree, Rows):
            rows = reached(tree.rows.by, tree.rows.rows, cells)
            return {n for i in rows for n in self.deciding(tree.rows.rows[i].then, prefix, cells, want)}
        return {name for part in parts(tree) for name in self.deciding(part, prefix, cells, want)}

    def shown(self, cells: Cells, every: bool = False) -> list[str]:
        """Names of the reasons, in the order of the file."""
        names = [n for n, written in self.conditions.items() if not isinstance(written, AssumedCondition)]
        if every or self.verdict(cells) != "ineligible":
            return names
        deciding = self.deciding(self.measure.eligible_when, "", cells, False)
        return [name for name in names if name in deciding]

    # near misses

    def near_misses(self, cells: Cells) -> list[set[str]]:
        """The smallest changes that would make an ineligible subject eligible; none: it is no near miss."""
        if self.verdict(cells) != "ineligible" or self.in_force() is not True:
            return []
        names = [
            name
            for name, written in self.conditions.items()
            if isinstance(written, FactCondition)
            and written.can_change in CHANGEABLE
            and truth_of(written, cells, self.as_of) is False
            and is_near(written, cells, self.as_of)
        ]
        for size in (1, 2):
            found = [set(group) for group in combinations(names, size) if self.holds(cells, dict.fromkeys(group, True))]
            if found:
                return found
        return []


def parts(tree: Tree) -> list[Tree]:
    """Direct parts of an inner node."""
    if isinstance(tree, AllOf):
        return list(tree.all)
    if isinstance(tree, AnyOf):
        return list(tree.any)
    if isinstance(tree, Not):
        return [tree.not_]
    if isinstance(tree, AtLeast):
        return list(tree.at_least.of)
    assert isinstance(tree, Rows)
    return [row.then for row in tree.rows.rows]
