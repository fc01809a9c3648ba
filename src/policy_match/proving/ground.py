"""Facts on which a rule and its mutants are tried: tables grouped by day, built once.

A mutant is a rule like any other: it is decided by the same engine over the same
tables, so that hundreds of mutants cost little more than one rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from policy_match.benefits.formula import Amount, Computing
from policy_match.eligibility.decide import Deciding
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Verdict
from policy_match.facts.cells import Cell
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import Vocabulary

_Answer = TypeVar("_Answer")


class Ground:
    """Rows of known facts, each on its day; answers come back in the order of the rows."""

    def __init__(self, rows: Sequence[tuple[date, Mapping[str, Cell]]], vocabulary: Vocabulary) -> None:
        self.rows = rows
        self._days: dict[date, tuple[Deciding, list[int]]] = {}
        for day in dict.fromkeys(day for day, _ in rows):
            places = [place for place, (other, _) in enumerate(rows) if other == day]
            table = FactTable(vocabulary, [rows[place][1] for place in places])
            self._days[day] = (Deciding(table, day), places)

    def at(self, place: int) -> tuple[Deciding, int]:
        """The table and the row in it that hold one row of the ground."""
        deciding, places = self._days[self.rows[place][0]]
        return deciding, places.index(place)

    def verdicts(self, rule: Rule) -> list[Verdict]:
        """The verdict of a rule on every row."""

        def decided(deciding: Deciding) -> list[Verdict]:
            return [verdict.value for verdict in deciding.decide(rule).verdicts]

        return self._gathered(decided)

    def amounts(self, rule: Rule, only: frozenset[int] | None = None) -> list[Amount | None]:
        """The amount of a rule on every row, whatever the verdict; None outside `only`."""

        def computed(deciding: Deciding) -> list[Amount | None]:
            computing, places = Computing(deciding, rule), self._days[deciding.as_of][1]
            return [
                computing.amount(row) if only is None or place in only else None for row, place in enumerate(places)
            ]

        return self._gathered(computed)

    def bounds(self, rule: Rule, only: frozenset[int]) -> list[tuple[int, int | None] | None]:
        """The two ends of `amounts`, 分, without the words about them; None outside `only`."""

        def computed(deciding: Deciding) -> list[tuple[int, int | None] | None]:
            computing, places = Computing(deciding, rule), self._days[deciding.as_of][1]
            return [computing.bounds(row) if place in only else None for row, place in enumerate(places)]

        return self._gathered(computed)

    def _gathered(self, answer: Callable[[Deciding], list[_Answer]]) -> list[_Answer]:
        found: dict[int, _Answer] = {}
        for deciding, places in self._days.values():
            found.update(zip(places, answer(deciding), strict=True))
        return [found[place] for place in range(len(self.rows))]
