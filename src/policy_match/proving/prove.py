"""Prove a rule: its cases and boundaries hold, and its mutants are noticed.

A mutant counts if some facts tell it from the rule: it is tried on every case with
each fact, and on the first case with each two facts, set to every value that the rule
can tell apart. A mutant that none of these tells apart has the same truth table; one
of an amount counts only where the amount could be paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias, TypeVar

from policy_match.benefits.formula import is_ceiling
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Verdict
from policy_match.facts.cells import Cell
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.amount_mutants import amount_mutants
from policy_match.proving.condition_mutants import Mutant, condition_mutants
from policy_match.proving.expectations import amount_agrees, disagreements
from policy_match.proving.ground import Ground
from policy_match.proving.probes import Change, Probing
from policy_match.proving.situations import Situation, situations_of

MOST_PAIRS = 2500
ENOUGH = 0.95
OPEN = frozenset({"unknown", "needs_human"})
_Row = TypeVar("_Row")
_Figure: TypeAlias = tuple[int, int | None, bool] | None


class Grade(StrEnum):
    """A: every mutant noticed; B: 95 % and more, and every amount; C: fewer, or no case at all; F: one does not hold."""

    A = "A"
    B = "B"
    C = "C"
    F = "F"


@dataclass(frozen=True, slots=True)
class Failure:
    """A case or boundary that does not come out as its author says."""

    situation: str
    what: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome for one version; `survivors`: what was changed without any case noticing. `grade` None: mutants left out."""

    rule: Rule
    cases: int
    failures: tuple[Failure, ...]
    mutants: int
    survivors: tuple[str, ...]
    grade: Grade | None

    @property
    def killed(self) -> int:
        """Mutants that a case or boundary noticed."""
        return self.mutants - len(self.survivors)


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """A mutant that no case notices, and the changed facts that would tell it from the rule."""

    mutant: Mutant
    tells: tuple[Change, ...]


class Proving:
    """One rule on the ground of its situations."""

    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self.rule, self.vocabulary = rule, vocabulary
        self.situations = situations_of(rule, vocabulary)
        self.ground = Ground([(s.as_of, s.cells) for s in self.situations], vocabulary)

    def failures(self) -> tuple[Failure, ...]:
        """Cases and boundaries that do not hold."""
        return tuple(
            Failure(situation.name, what)
            for place, situation in enumerate(self.situations)
            for what in disagreements(self.rule, situation, self.ground, place)
        )

    def proof(self, *, mutants: bool = True) -> Proof:
        """The proof of the rule, with or without its mutants."""
        failures = self.failures()
        if failures or not mutants:
            grade = Grade.F if failures else None
            return Proof(self.rule, len(self.situations), failures, 0, (), grade)
        condition_count, conditions = self.unnoticed_conditions()
        amount_count, amounts = self.unnoticed_amounts()
        survivors = tuple(unnoticed.mutant.what for unnoticed in (*conditions, *amounts))
        count = condition_count + amount_count
        grade = _grade(count, len(survivors), amounts=len(amounts)) if self.situations else Grade.C
        return Proof(self.rule, len(self.situations), (), count, survivors, grade)

    def unnoticed_conditions(self) -> tuple[int, list[Unnoticed]]:
        """How many mutants of the conditions count, and those that no verdict of a case or boundary notices."""
        expected = [situation.expect.verdict for situation in self.situations]
        mutants = condition_mutants(self.rule, self.vocabulary)
        return self._unnoticed(mutants, lambda rule: self.ground.verdicts(rule) != expected, self._verdict_tells)

    def unnoticed_amounts(self) -> tuple[int, list[Unnoticed]]:
        """How many mutants of the amount count, and those that no amount of a case notices."""
        written = {
            place: situation.expect.amount
            for place, situation in enumerate(self.situations)
            if situation.expect.amount is not None
        }
        only = frozenset(written)

        def noticed(rule: Rule) -> bool:
            amounts = self.ground.amounts(rule, only)
            return any(not amount_agrees(amount, amounts[place]) for place, amount in written.items())

        return self._unnoticed(amount_mutants(self.rule, self.vocabulary), noticed, self._amount_tells)

    def _unnoticed(
        self, mutants: Iterator[Mutant], noticed: Callable[[Rule], bool], tells: Callable[[Rule], list[Change]]
    ) -> tuple[int, list[Unnoticed]]:
        count, found = 0, list[Unnoticed]()
        for mutant in mutants:
            if noticed(mutant.rule):
                count += 1
            elif differing := tells(mutant.rule):
                count += 1
                found.append(Unnoticed(mutant, tuple(differing)))
        return count, found

    # telling a mutant from the rule

    @cached_property
    def changed(self) -> tuple[tuple[Change, ...], Ground]:
        """Every situation with one fact changed, the first with two, and the ground of these rows."""
        probing = Probing(self.rule, self.vocabulary)
        cases = self.situations[: len(self.rule.measure.cases)]
        changes = [c for row, s in enumerate(cases) for c in probing.singles(row, s.cells, s.as_of)]
        if cases:
            changes += probing.pairs(0, cases[0].cells, cases[0].as_of, MOST_PAIRS)
        rows = [(cases[change.row].as_of, changed_cells(cases[change.row], change)) for change in changes]
        return tuple(changes), Ground(rows, self.vocabulary)

    @cached_property
    def _verdicts(self) -> list[Verdict]:
        """The verdict of the rule itself on every changed row."""
        return self.changed[1].verdicts(self.rule)

    @cached_property
    def _payable(self) -> frozenset[int]:
        """The changed rows on which the rule pays or may pay: elsewhere an amount tells nothing."""
        return frozenset(at for at, verdict in enumerate(self._verdicts) if verdict == "eligible" or verdict in OPEN)

    @cached_property
    def _figures(self) -> list[_Figure]:
        """The amount of the rule itself on every changed row on which it may pay."""
        return _figures(self.changed[1], self.rule, self._payable)

    def _verdict_tells(self, rule: Rule) -> list[Change]:
        changes, ground = self.changed
        return _differing(changes, self._verdicts, ground.verdicts(rule))

    def _amount_tells(self, rule: Rule) -> list[Change]:
        """Changes that give another amount and leave the subject eligible, else at least open: nobody else is paid."""
        changes, ground = self.changed
        rows, figures = [*zip(changes, self._verdicts, strict=True)], _figures(ground, rule, self._payable)
        differing = _differing(rows, self._figures, figures)
        return [change for change, verdict in differing if verdict == "eligible"] or [change for change, _ in differing]


def changed_cells(situation: Situation, change: Change) -> dict[str, Cell]:
    """The facts of a situation with some set to other values, derived facts taken as they are."""
    return {**situation.cells, **{fact: Cell(value) for fact, value in change.values.items()}}


def _differing(rows: Sequence[_Row], before: Sequence[object], after: Sequence[object]) -> list[_Row]:
    return [row for row, one, other in zip(rows, before, after, strict=True) if one != other]


def _figures(ground: Ground, rule: Rule, only: frozenset[int]) -> list[_Figure]:
    """Both ends of every amount, 分, and whether no more is promised than the upper one; None where there is no amount, and outside `only`."""
    benefit = rule.measure.benefit
    ceiling = benefit is not None and is_ceiling(benefit)
    return [None if bounds is None else (*bounds, ceiling) for bounds in ground.bounds(rule, only)]


def _grade(mutants: int, survivors: int, *, amounts: int) -> Grade:
    if survivors == 0:
        return Grade.A
    return Grade.B if amounts == 0 and mutants - survivors >= ENOUGH * mutants else Grade.C
