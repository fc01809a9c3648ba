"""Decide subjects by the rules of a day, in the short form in which open pairs are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from policy_match.benefits.columns import amounts
from policy_match.eligibility.decide import Batch, Verdict, Verdicts
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.subjects import Kind, Subject
from policy_match.push.look_on import LookingAhead
from policy_match.push.pairs import OpenPair
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.match import Matching

_WITH_AMOUNT = (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN)
_FEW = 16
"""Up to so many amounts are computed one by one: a column costs more to begin with."""


@dataclass(frozen=True)
class DayRules:
    """The rules of one library on one day, compiled once for as many subjects as ask. `measures`: None, all of them."""

    rulebook: Rulebook
    as_of: date
    ordering: Ordering | None = None
    measures: frozenset[str] | None = None

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The versions of the day, by id."""
        wanted = (one for one in self.rulebook.ids if self.measures is None or one in self.measures)
        return tuple(self.rulebook.at(one, self.as_of) for one in wanted)

    @cached_property
    def batch(self) -> Batch:
        """The same, compiled together."""
        return Batch(self.rules, self.as_of)

    @cached_property
    def ahead(self) -> LookingAhead:
        """What of them hangs on the day."""
        return LookingAhead(self.rules, self.rulebook.vocabulary)

    def decide(self, subjects: Sequence[Subject]) -> DecidedPairs:
        """The open pairs of these subjects."""
        matching = Matching(self.rulebook, subjects, self.as_of, self.ordering)
        found = DecidedPairs(matching, tuple({} for _ in subjects))
        verdicts = matching.decide(self.batch)
        for verdict in _WITH_AMOUNT:
            found.take(verdict, verdicts)
        found.take_excluded(verdicts)
        return found


@dataclass(frozen=True)
class DecidedPairs:
    """Subjects decided; `pairs`: by measure, in the order of `matching.subjects`."""

    matching: Matching
    pairs: tuple[dict[str, OpenPair], ...]
    _kinds: dict[str, frozenset[Kind]] = field(default_factory=dict, repr=False)

    def take(self, verdict: Verdict, verdicts: Verdicts) -> None:
        """Note the pairs of one verdict with their amounts."""
        for rule, rows in verdicts.listed(verdict):
            concerned = [int(row) for row in rows if self._concerns(rule, int(row))]
            version = rule.measure.version
            for row, (low, high) in self._amounts(rule, concerned):
                self.pairs[row][rule.id] = OpenPair(version, verdict, low, high)

    def take_excluded(self, verdicts: Verdicts) -> None:
        """Note the pairs that an exclusion refuses."""
        truths = self.matching.deciding.truths
        for rule, rows in verdicts.listed(Verdict.INELIGIBLE):
            for node in rule.exclusions:
                for row in rows[truths(node)[rows] < 0]:
                    if self._concerns(rule, int(row)):
                        self.pairs[int(row)][rule.id] = OpenPair(rule.measure.version, Verdict.INELIGIBLE)

    def _concerns(self, rule: Rule, row: int) -> bool:
        if rule.id not in self._kinds:
            self._kinds[rule.id] = frozenset(kind for kind in Kind if self.matching.concerns(rule, kind))
        return self.matching.subjects[row].kind in self._kinds[rule.id]

    def _amounts(self, rule: Rule, rows: Sequence[int]) -> Iterator[tuple[int, tuple[int | None, int | None]]]:
        computing = self.matching.computing(rule)
        if len(rows) <= _FEW:
            yield from ((row, computing.bounds(row) or (None, None)) for row in rows)
            return
        found = amounts(computing, np.array(rows, dtype=np.int64))
        for row, low, high, known, unbounded in zip(
            rows, found.low.tolist(), found.high.tolist(), found.known.tolist(), found.unbounded.tolist(), strict=True
        ):
            yield row, (low if known else None, high if known and not unbounded else None)
