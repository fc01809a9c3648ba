"""Scores of the matches of one load of subjects: limits read once a measure, facts once a subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from policy_match.benefits.formula import Amount
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.windows import window_of
from policy_match.facts.subjects import Subject
from policy_match.facts.table import FactTable
from policy_match.ranking.limits import Atoms, Limits
from policy_match.ranking.relevance import Known, Relating, Relevance, known_of
from policy_match.ranking.score import Certainties, Score, score_of, urgency_of, value_of
from policy_match.ranking.weights import Ranking

Likeness: TypeAlias = Callable[[Subject], Mapping[str, float] | None]
"""How like the text of a subject is to every measure, 0 to 1, by id; None where it says too little."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """What matches are ordered by; without `likeness` texts are no part of it.

    `limits`: what versions of measures limit themselves to, found once for all who order by it; each beside the version
    itself, for another one may come to have its number.
    """

    ranking: Ranking
    likeness: Likeness | None = None
    limits: dict[str, tuple[Rule, Limits]] = field(default_factory=dict, compare=False, repr=False)


class Scoring:
    """Scores of the subjects of one table, by one ordering."""

    def __init__(self, ordering: Ordering, table: FactTable, subjects: Sequence[Subject]) -> None:
        self.ranking, self._likeness = ordering.ranking, ordering.likeness
        self._table, self._subjects = table, subjects
        self._atoms = Atoms(table.vocabulary)
        self._relating = Relating(self.ranking, self._atoms)
        self._certainties = Certainties(table)
        self._limits = ordering.limits
        self._known: dict[int, Known] = {}

    def score(self, rule: Rule, row: int, amount: Amount | None, facts: Iterable[str], as_of: date) -> Score:
        """The score of one pair; `facts`: those that decided conditions of the measure."""
        related = self._relating.values(self.known(row), self.limits(rule), rule.id)
        return score_of(
            self.ranking,
            value=value_of(amount, self.ranking.value),
            urgency=urgency_of(window_of(rule.measure, as_of), as_of, self.ranking.urgency),
            certainty=self._certainties.lowest(row, facts),
            related=related,
            relevance=self._relating.relevance(related),
        )

    def relevance(self, rule: Rule, row: int) -> Relevance | None:
        """The relevance alone, for who asks only whether a pair is worth a look."""
        return self._relating.relevance(self._relating.values(self.known(row), self.limits(rule), rule.id))

    def limits(self, rule: Rule) -> Limits:
        """What one version of a measure limits itself to."""
        kept = self._limits.get(rule.measure.key)
        if kept is None or kept[0] is not rule:
            kept = self._limits[rule.measure.key] = rule, self._atoms.limits(rule)
        return kept[1]

    def known(self, row: int) -> Known:
        """What relevance asks of one subject."""
        if row not in self._known:
            likeness = None if self._likeness is None else self._likeness(self._subjects[row])
            self._known[row] = known_of(self._table, row, self._atoms, likeness)
        return self._known[row]
