"""Verdicts of every (subject, measure) pair of a table.

Order: not in force; then the tree: ineligible, eligible, needs_human (only
judgements by people are open), unknown. A measure that is only perhaps in force
is never eligible: at most unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from policy_match.eligibility.nodes import Evaluation, Node, has_human
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.table import FactTable


class Verdict(StrEnum):
    """The answer for one subject and one measure."""

    ELIGIBLE = "eligible"
    UNKNOWN = "unknown"
    NEEDS_HUMAN = "needs_human"
    INELIGIBLE = "ineligible"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class Decision:
    """One measure decided for every subject: `verdicts` in subject order; `in_force` None: perhaps."""

    rule: Rule
    verdicts: tuple[Verdict, ...]
    in_force: bool | None


class Deciding:
    """Decides rules over one table on one day; conditions are worked out once and shared."""

    def __init__(self, table: FactTable, as_of: date) -> None:
        self.table, self.as_of = table, as_of
        self.evaluation = Evaluation(table, as_of)
        self._judged = {
            answer: Evaluation(table, as_of, judged=answer, shared=self.evaluation) for answer in (True, False)
        }
        self._truths: dict[int, tuple[Node, NDArray[np.int8]]] = {}

    def truths(self, node: Node) -> NDArray[np.int8]:
        """Truth of a node for every subject, int8 (n_subjects,): 1, 0 (unknown), -1."""
        known = self._truths.get(id(node))
        if known is None:
            known = (node, self.evaluation.truths(node))
            self._truths[id(node)] = known
        return known[1]

    def decide(self, rule: Rule) -> Decision:
        """The verdict of one version for every subject."""
        in_force = rule.validity.holds(self.as_of)
        if in_force is False:
            return Decision(rule, (Verdict.NOT_IN_FORCE,) * self.table.size, False)
        truths = self.truths(rule.root)
        waits = self.only_human(rule.root) if has_human(rule.root) else np.zeros(self.table.size, dtype=bool)
        verdicts = tuple(
            Verdict.INELIGIBLE
            if truth < 0
            else Verdict.ELIGIBLE
            if truth > 0 and in_force
            else Verdict.NEEDS_HUMAN
            if human and in_force
            else Verdict.UNKNOWN
            for truth, human in zip(truths.tolist(), waits.tolist(), strict=True)
        )
        return Decision(rule, verdicts, in_force)

    def only_human(self, node: Node) -> NDArray[np.bool_]:
        """Where nothing but judgements by people is open: either answer of theirs would settle it."""
        settled = [self._judged[answer].truths(node) != 0 for answer in (True, False)]
        return np.asarray(settled[0] & settled[1])

    def decide_all(self, rulebook: Rulebook, ids: tuple[str, ...] | None = None) -> list[Decision]:
        """Each measure once, in the version of the day, in the order of ids."""
        return [self.decide(rulebook.at(measure_id, self.as_of)) for measure_id in ids or rulebook.ids]
