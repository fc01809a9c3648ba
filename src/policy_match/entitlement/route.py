"""The way to a benefit: paid without application, prefilled, applied for, asked for, or none.

免申即享 needs a measure that provides for it, verified against the page itself, and
every fact of every condition from an accepted register and fresh enough: then no
application is needed. A plain value without source is never evidence.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import facts_of, has_unseen
from policy_match.facts.table import FactTable


class Route(StrEnum):
    """How the benefit is had."""

    NO_APPLICATION = "no_application"
    PREFILLED = "prefilled"
    APPLICATION = "application"
    ASK = "ask"
    HUMAN = "human"
    NONE = "none"


_OPEN = {Verdict.UNKNOWN: Route.ASK, Verdict.NEEDS_HUMAN: Route.HUMAN}
_BY_MODE = {"msjx": Route.PREFILLED, "jsjx": Route.PREFILLED, "apply": Route.APPLICATION, "service": Route.APPLICATION}


def route_of(rule: Rule, verdict: Verdict, table: FactTable, row: int, as_of: date) -> Route:
    """The best way open to one subject for one measure; none while the version is stopped."""
    if rule.stop is not None:
        return Route.NONE
    if verdict is not Verdict.ELIGIBLE:
        return _OPEN.get(verdict, Route.NONE)
    if rule.measure.mode == "msjx" and is_proved(rule, table, row, as_of):
        return Route.NO_APPLICATION
    return _BY_MODE[rule.measure.mode]


def is_proved(rule: Rule, table: FactTable, row: int, as_of: date) -> bool:
    """Whether government data alone proves conditions and amount: verified rule, accepted registers, fresh observations.

    A derived fact has no register of its own and is never evidence; a benefit of which a part was not seen is not verified.
    """
    plan, verified = rule.measure.no_application, rule.measure.verified
    if plan is None or verified.conditions != "page" or verified.benefit != "page" or has_unseen(rule.measure.benefit):
        return False
    if any(condition.kind != "fact" for condition in rule.conditions.values()):
        return False
    facts = {fact for leaf in leaves_of(rule.root) for fact in leaf.facts}
    if rule.measure.benefit is not None:
        facts |= set(facts_of(rule.measure.benefit))
    for fact in facts:
        cell, evidence = table.cell(row, fact), plan.evidence.get(fact)
        if evidence is None or cell.source not in evidence.from_ or cell.observed_on is None:
            return False
        if not 0 <= (as_of - cell.observed_on).days <= evidence.max_age_days:
            return False
    return True
