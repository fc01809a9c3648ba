"""How far the clauses of the rules have been put into conditions: one count a state, for the progress line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Clause


class ClauseState(StrEnum):
    """What became of a clause, in the words that people read."""

    ENCODED = "写成条件或待遇"
    HUMAN = "由人判断"
    ASSUMED = "作为前提"
    UNNEEDED = "不需实现"
    OPEN = "草案未定"


def clause_counts(rules: Sequence[Rule]) -> dict[ClauseState, int]:
    """Clauses of all these versions by state; every clause is counted once."""
    found = Counter(clause_state(clause, rule) for rule in rules for clause in rule.measure.clauses)
    return {state: found[state] for state in ClauseState}


def clause_state(clause: Clause, rule: Rule) -> ClauseState:
    """The state of one clause: a clause that waits for people in any part is human, one that is a premise alone assumed.

    A shared definition counts by the conditions that it holds itself.
    """
    if rule.measure.status == "draft":
        return ClauseState.OPEN
    if clause.none is not None:
        return ClauseState.UNNEEDED
    found = [each for each in rule.conditions.values() if each.name in clause.by or each.definition in clause.by]
    kinds = {each.kind for each in found}
    if "human" in kinds:
        return ClauseState.HUMAN
    if kinds == {"assumed"} and {name for each in found for name in (each.name, each.definition)}.issuperset(clause.by):
        return ClauseState.ASSUMED
    return ClauseState.ENCODED


def clause_line(rules: Sequence[Rule]) -> str:
    """The progress line: 条款 700 条：写成条件或待遇 600，由人判断 40 ….  States without a clause stay out."""
    counts = clause_counts(rules)
    parts = "，".join(f"{state} {count}" for state, count in counts.items() if count)
    return f"条款 {sum(counts.values())} 条：{parts}。"
