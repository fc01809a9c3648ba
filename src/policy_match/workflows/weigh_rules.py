"""Weigh one rule against another over the same subjects: who gains, who loses, and what it costs, in every group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from policy_match.benefits.budget import (
    ELIGIBLE,
    NEEDS_HUMAN,
    NO,
    UNKNOWN,
    Holding,
    States,
    Tally,
    firm_cap,
    held,
    nothing_held,
    tallied,
    within_cap,
)
from policy_match.benefits.columns import Rows
from policy_match.benefits.formula import Computing
from policy_match.eligibility.decide import Batch, Deciding, Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.truth import unpack
from policy_match.facts.subjects import Kind, Subject
from policy_match.workflows.group_subjects import Grouping
from policy_match.workflows.match import Matching, beneficiary_of, concerns, reads_project

_STATES = {Verdict.ELIGIBLE: ELIGIBLE, Verdict.NEEDS_HUMAN: NEEDS_HUMAN, Verdict.UNKNOWN: UNKNOWN}


@dataclass(frozen=True, slots=True)
class Weighed:
    """One change: all of it, and the groups of each way to group in which anybody is counted."""

    total: Tally
    by: Mapping[str, Mapping[str, Tally]]


class Weighing:
    """Weighs pairs of rules; both matchings hold the same subjects in the same order, on the same day.

    It decides by itself: a matching keeps what it worked out by the name of a version, which a draft may share.
    """

    def __init__(self, before: Matching, after: Matching) -> None:
        self.subjects, self.as_of = after.subjects, after.as_of
        self.after = Deciding(after.table, after.as_of)
        self.before = self.after if before.table is after.table else Deciding(before.table, before.as_of)
        self._owners: dict[frozenset[str], tuple[Mapping[str, Rows], int]] = {}

    def tally(self, old: Rule | None, new: Rule | None) -> Tally:
        """What the change from one rule to another does; None: there is no such rule."""
        return self.weigh(old, new, {}).total

    def weigh(self, old: Rule | None, new: Rule | None, groupings: Mapping[str, Grouping]) -> Weighed:
        """The same, in groups as well."""
        targets = frozenset(rule.measure.target for rule in (old, new) if rule is not None)
        owners, count = self.owners(targets, old, new)
        first, second = (
            nothing_held(count) if rule is None else self.holding(deciding, rule, owners[rule.measure.target], count)
            for deciding, rule in ((self.before, old), (self.after, new))
        )
        (total,) = tallied(first, second, np.zeros(len(self.subjects), dtype=np.int64), 1)
        by: dict[str, Mapping[str, Tally]] = {}
        for way, grouping in groupings.items():
            places = grouping.of_firms if "enterprise" in targets else grouping.places
            found = zip(grouping.names, tallied(first, second, places, len(grouping.names)), strict=True)
            by[way] = {name: one for name, one in found if one != Tally()}
        return Weighed(total, by)

    def holding(self, deciding: Deciding, rule: Rule, owners: Rows, count: int) -> Holding:
        """What one rule gives, within the cap of the firm where it has one."""
        found = held(Computing(deciding, rule), self.states(deciding, rule), owners, count)
        cap = firm_cap(rule)
        return found if cap is None else within_cap(found, self.firms[found.rows], cap)

    def states(self, deciding: Deciding, rule: Rule) -> States:
        """How each subject stands, int8 (n_subjects,); one that the measure does not concern stands nowhere."""
        verdicts = Batch((rule,), deciding.as_of).decide_within(deciding.evaluation)
        states = np.full(len(self.subjects), NO, dtype=np.int8)
        for verdict, state in _STATES.items():
            states[unpack(verdicts.plane(0, verdict), len(self.subjects))] = state
        reads = reads_project(rule, deciding.table.vocabulary)
        for kind, rows in self.kinds.items():
            if not concerns(rule, kind) or (kind is Kind.ENTERPRISE and reads):
                states[rows] = NO
        return states

    def owners(self, targets: frozenset[str], *rules: Rule | None) -> tuple[Mapping[str, Rows], int]:
        """Number of the beneficiary of each subject, by target, int64 (n_subjects,), and how many there are."""
        if targets not in self._owners:
            numbers: dict[str, int] = {}
            found: dict[str, Rows] = {}
            for rule in rules:
                if rule is not None and rule.measure.target not in found:
                    keys = (beneficiary_of(subject, rule) for subject in self._known_firms)
                    found[rule.measure.target] = _numbered(keys, numbers, len(self.subjects))
            self._owners[targets] = found, len(numbers)
        return self._owners[targets]

    @cached_property
    def kinds(self) -> Mapping[Kind, NDArray[np.bool_]]:
        """Where the subjects of each kind are, bool (n_subjects,)."""
        kinds = [subject.kind for subject in self.subjects]
        return {kind: np.fromiter((one is kind for one in kinds), dtype=bool, count=len(kinds)) for kind in Kind}

    @cached_property
    def firms(self) -> Rows:
        """Number of the firm of each subject, int64 (n_subjects,); a subject without one is its own."""
        firms = Kind.ENTERPRISE
        keys = (
            one.id if one.kind is firms else one.enterprise or one.enterprise_name or f"?{one.kind}:{one.id}"
            for one in self._known_firms
        )
        return _numbered(keys, {}, len(self.subjects))

    @cached_property
    def _known_firms(self) -> Sequence[Subject]:
        """The subjects, each with its firm by id: a file may name the firm of one project by id, of another by credit code."""
        ids = {one.enterprise: one.id for one in self.subjects if one.kind is Kind.ENTERPRISE and one.enterprise}
        return [
            replace(one, enterprise=ids[one.enterprise])
            if one.enterprise in ids and one.kind is not Kind.ENTERPRISE
            else one
            for one in self.subjects
        ]


def _numbered(keys: Iterable[str], numbers: dict[str, int], size: int) -> Rows:
    return np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), dtype=np.int64, count=size)
