"""The way to a benefit: paid without application, prefilled, applied for, asked for, or none.

免申即享 needs a measure that provides for it, verified against the page itself, and
every fact that verdict and amount need from an accepted register and fresh enough: then no
application is needed. A plain value without source is never evidence; what counts as
evidence stands in `evidence.py`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema_benefit import has_unseen
from policy_match.entitlement.evidence import gaps
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
    """Whether government data alone proves conditions and amount: a verified rule, and no gap in the evidence.

    A benefit of which a part was not seen is not verified; a measure that fair-competition review may object to never pays.
    """
    measure = rule.measure
    if measure.no_application is None or measure.verified.conditions != "page" or measure.verified.benefit != "page":
        return False
    if has_unseen(measure.benefit) or (measure.fair_competition is not None and measure.fair_competition.flag):
        return False
    if any(condition.kind != "fact" for condition in rule.conditions.values()):
        return False
    return not gaps(rule, table, row, as_of)
