"""The date conditions of a rule that can still be kept or spoiled, with the days between which they hold.

They are read from the tests of the rule: a date against fixed days (before, on_or_after, between, is), or against
another date (within, age_at_least with `at`). A condition whose dates have all passed is settled and not told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policy_match.dates import add_period
from policy_match.eligibility.conditions import Need
from policy_match.eligibility.explain import Explaining, Role
from policy_match.eligibility.leaves import AgeAtLeast, InRange, Leaf, Spacing
from policy_match.eligibility.rulebook import Rule, RuleCondition
from policy_match.facts.vocabulary import FactType, Vocabulary


class Keeping(StrEnum):
    """How a date condition stands: kept as planned, open while a date is not known, or spoiled as planned."""

    KEPT = "kept"
    OPEN = "open"
    SPOILED = "spoiled"


@dataclass(frozen=True, slots=True)
class DateLimit:
    """One condition on `fact`, in words. `since`, `through`: the first and last day that meet it, both included; None:
    no limit on that side, or not to be told because the other date is not known to the day."""

    condition: str
    fact: str
    text: str
    since: date | None
    through: date | None
    keeping: Keeping


def date_limits(explaining: Explaining, rule: Rule, row: int, settled: Collection[str]) -> Iterator[DateLimit]:
    """The date conditions that the rule asks of a subject, in the order of its file; `settled`: dates that have passed.

    What only says whether another condition is asked is left out.
    """
    asked, roles = explaining.asked(rule, row), explaining.roles(rule)
    for name, condition in rule.conditions.items():
        role = roles.get(name, Role.AMOUNT)
        if condition.fact is None or name not in asked or role in (Role.APPLIES, Role.EXEMPT):
            continue
        for _, need in explaining.reachable(condition.needs, row):
            dates = _dates(need.leaf, explaining.vocabulary)
            if any(fact not in settled for fact in dates):
                yield _limit(explaining, condition, need, row, role=role)


def _dates(leaf: Leaf | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The dates of events that a test compares; none for any other test."""
    if isinstance(leaf, Spacing) or (isinstance(leaf, AgeAtLeast) and isinstance(leaf.at, str)):
        return leaf.facts
    is_day = isinstance(leaf, InRange) and vocabulary[leaf.facts[0]].type is FactType.DATE
    return leaf.facts if is_day and leaf is not None else ()


def _limit(explaining: Explaining, condition: RuleCondition, need: Need, row: int, *, role: Role) -> DateLimit:
    since, through = _days(explaining, need, row)
    truth = explaining.truth(condition.node, row) * (-1 if role is Role.EXCLUDED else 1)
    text = f"{condition.label}，{role.value}{need.text}"
    if isinstance(need.leaf, Spacing):
        ends = [f"{day}{word}" for day, word in ((since, "起"), (through, "止")) if day is not None]
        text += f"（{'，'.join(ends)}）" if ends else ""
    keeping = Keeping.OPEN if truth == 0 else Keeping.KEPT if truth > 0 else Keeping.SPOILED
    return DateLimit(condition.name, condition.fact or "", text, since, through, keeping)


def _days(explaining: Explaining, need: Need, row: int) -> tuple[date | None, date | None]:
    if isinstance(need.leaf, InRange):
        low = None if need.low is None else date.fromordinal(int(need.low) + need.strict)
        return low, None if need.high is None else date.fromordinal(int(need.high) - need.strict)
    if not isinstance(need.leaf, Spacing):
        return None, None
    other = explaining.measuring.band(row, need.leaf.of)
    if other is None or other.low is None or not other.is_exact:
        return None, None
    anchor = date.fromordinal(int(other.low))
    since, through = (None if end is None else add_period(anchor, end) for end in (need.leaf.start, need.leaf.end))
    return since, through
