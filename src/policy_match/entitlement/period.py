"""For what a benefit is paid once, and by which facts: the period of a case and the digest of what it rests on."""

from __future__ import annotations

import hashlib
from datetime import date

import orjson

from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement.evidence import given_facts
from policy_match.facts.stored import to_plain
from policy_match.facts.table import FactTable
from policy_match.units import Band

ONCE = "once"


def period_of(rule: Rule, table: FactTable, row: int, as_of: date) -> str | None:
    """A year for a yearly benefit, the day of the event that the rule names, else `once`.

    None where the day of the event is not known.
    """
    plan, benefit = rule.measure.no_application, rule.measure.benefit
    if plan is not None and plan.period is not None:
        value = table.cell(row, plan.period).value
        if not isinstance(value, Band) or not value.is_exact or value.low is None:
            return None
        return date.fromordinal(int(value.low)).isoformat()
    return str(as_of.year) if benefit is not None and benefit.a == "year" else ONCE


def facts_digest(rule: Rule, table: FactTable, row: int) -> str:
    """A short name of everything that a decision may rest on: the same facts, the same name."""
    cells = {fact: table.cell(row, fact) for fact in given_facts(rule, table.vocabulary)}
    said = {fact: to_plain(cell.value) for fact, cell in cells.items() if cell.value is not None}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
