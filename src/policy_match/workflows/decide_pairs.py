"""Decide subjects by the rules of a day, in the short form in which open pairs are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from policy_match.benefits.columns import Rows, amounts
from policy_match.eligibility.decide import CODES, Batch, Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.subjects import Kind
from policy_match.push.look_on import LookingAhead
from policy_match.push.pairs import OpenPair
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.match import Matching

_WITH_AMOUNT = (Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN, Verdict.UNKNOWN)
_KINDS = tuple(Kind)
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

    @cached_property
    def concerned(self) -> NDArray[np.bool_]:
        """Which kinds of subjects each of them concerns, bool (n_rules, n_kinds)."""
        empty = Matching(self.rulebook, (), self.as_of)
        return np.array([[empty.concerns(rule, kind) for kind in _KINDS] for rule in self.rules], dtype=bool)

    @cached_property
    def excluding(self) -> NDArray[np.bool_]:
        """Which of them have exclusions, bool (n_rules,)."""
        return np.array([bool(rule.exclusions) for rule in self.rules], dtype=bool)

    def decide(self, matching: Matching) -> tuple[dict[str, OpenPair], ...]:
        """The open pairs of the subjects of a matching of this day, by measure, in their order."""
        found: tuple[dict[str, OpenPair], ...] = tuple({} for _ in matching.subjects)
        if not self.rules:
            return found
        kinds = np.array([_KINDS.index(subject.kind) for subject in matching.subjects], dtype=np.int8)
        codes = np.where(self.concerned[:, kinds], matching.decide(self.batch).codes(), -1)
        for verdict in _WITH_AMOUNT:
            hit = codes == CODES[verdict]
            for place in np.flatnonzero(hit.any(axis=1)).tolist():
                rule = self.rules[place]
                for row, (low, high) in _amounts(matching, rule, np.flatnonzero(hit[place])):
                    found[row][rule.id] = OpenPair(rule.measure.version, verdict, low, high)
        refused = (codes == CODES[Verdict.INELIGIBLE]) & self.excluding[:, None]
        for place in np.flatnonzero(refused.any(axis=1)).tolist():
            rule = self.rules[place]
            for row in _excluded(matching, rule, np.flatnonzero(refused[place])):
                found[row][rule.id] = OpenPair(rule.measure.version, Verdict.INELIGIBLE)
        return found


def _amounts(matching: Matching, rule: Rule, rows: Rows) -> Iterator[tuple[int, tuple[int | None, int | None]]]:
    computing = matching.computing(rule)
    if len(rows) <= _FEW:
        yield from ((row, computing.bounds(row) or (None, None)) for row in rows.tolist())
        return
    found = amounts(computing, rows)
    for row, low, high, known, unbounded in zip(
        rows.tolist(),
        found.low.tolist(),
        found.high.tolist(),
        found.known.tolist(),
        found.unbounded.tolist(),
        strict=True,
    ):
        yield row, (low if known else None, high if known and not unbounded else None)


def _excluded(matching: Matching, rule: Rule, rows: Rows) -> list[int]:
    """Of refused subjects those whom an exclusion refuses."""
    hit = np.zeros(len(rows), dtype=bool)
    for node in rule.exclusions:
        hit |= matching.deciding.truths(node)[rows] < 0
    found: list[int] = rows[hit].tolist()
    return found
