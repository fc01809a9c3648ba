"""Assess one pair for people: verdict, near miss, amount, and the signature that a decision about it is bound to."""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Decision, Verdict
from policy_match.eligibility.near_miss import near_miss
from policy_match.eligibility.rulebook import Rule
from policy_match.ranking.decisions import Pair, signature_of
from policy_match.workflows.match import Matching

_WITH_AMOUNT = (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)


@dataclass(frozen=True, slots=True)
class Assessed:
    """One pair of one matching; `near`: refused, and little would have to change."""

    pair: Pair
    rule: Rule
    verdict: Verdict
    near: bool
    amount: Amount | None
    signature: str


def assess(matching: Matching, decision: Decision, row: int) -> Assessed:
    """Nothing is explained here; the results of the conditions are those that decided."""
    rule, verdict = decision.rule, decision.verdicts[row]
    amount = matching.computing(rule).amount(row) if verdict in _WITH_AMOUNT else None
    near = verdict is Verdict.INELIGIBLE and near_miss(matching.explaining, rule, row) is not None
    truths = {name: int(matching.deciding.truths(c.node)[row]) for name, c in rule.conditions.items()}
    signature = signature_of(rule, verdict, near=near, amount=amount, truths=truths)
    return Assessed((matching.subjects[row].id, rule.id), rule, verdict, near, amount, signature)
