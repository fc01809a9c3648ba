"""The way to a benefit: paid without application, prefilled, applied for, asked for, or none.

免申即享 needs a measure that provides for it, verified against the page itself, and
every fact of every condition from an accepted register and fresh enough: then no
application is needed. A plain value without source is never evidence.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
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
    """The best way open to one subject for one measure."""
    if verdict is not Verdict.ELIGIBLE:
        return _OPEN.get(verdict, Route.NONE)
    if rule.measure.mode == "msjx" and is_proved(rule, table, row, as_of):
        return Route.NO_APPLICATION
    return _BY_MODE[rule.measure.mode]


def is_proved(rule: Rule, table: FactTable, row: int, as_of: date) -> bool:
    """Whether government data alone proves every condition: verified rule, accepted registers, fresh observations."""
    plan, verified = rule.measure.no_application, rule.measure.verified
    if plan is None or verified.conditions != "page" or verified.benefit != "page":
        return False
    if any(condition.kind != "fact" for condition in rule.conditions.values()):
        return False
    for fact in {condition.fact for condition in rule.conditions.values() if condition.fact is not None}:
        cell, evidence = table.cell(row, fact), plan.evidence.get(fact)
        if evidence is None or cell.source not in evidence.from_ or cell.observed_on is None:
            return False
        if not 0 <= (as_of - cell.observed_on).days <= evidence.max_age_days:
            return False
    return True
