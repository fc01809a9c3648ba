"""Near misses: what little would have to change for a refused subject.

Ineligible, and turning at most two false conditions that the enterprise, time or
an authority can change makes it eligible with nothing unknown left; a figure may
be off by at most a fifth of its threshold, a date by at most 180 days (settings). While
the measure is only perhaps in force nothing would make anyone eligible.
All alternatives of one subject are tried at once, one per bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

from policy_match.eligibility.explain import Explaining, Reason
from policy_match.eligibility.leaves import AgeAtLeast, GrowthAtLeast, InRange, Spacing
from policy_match.eligibility.nodes import Node, evaluate_named
from policy_match.eligibility.rulebook import Rule, RuleCondition
from policy_match.eligibility.truth import Planes

CHANGEABLE = frozenset({"enterprise", "time", "authority"})
MEASURED = (InRange, AgeAtLeast, Spacing, GrowthAtLeast)


@dataclass(frozen=True, slots=True)
class Reach:
    """How near counts as near; our defaults, no policy."""

    relative: Fraction = Fraction(1, 5)
    days: int = 180
    conditions: int = 2


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The conditions to change; `not_yet`: time alone changes them all, on `true_on` if a day can be told."""

    conditions: tuple[str, ...]
    not_yet: bool
    true_on: date | None


def near_miss(explaining: Explaining, rule: Rule, row: int, reach: Reach = Reach()) -> NearMiss | None:
    """The smallest change that would do for an ineligible subject; None if none is near enough."""
    if rule.in_force(explaining.deciding.as_of) is not True:
        return None
    reasons = {
        name: explaining.reason(condition, row)
        for name, condition in rule.conditions.items()
        if condition.kind == "fact" and condition.can_change in CHANGEABLE and explaining.truth(condition.node, row) < 0
    }
    names = [name for name, reason in reasons.items() if _is_near(rule.conditions[name], reason, reach)]
    groups = [group for size in range(1, reach.conditions + 1) for group in combinations(names, size)]
    for group, holds in zip(groups, _tried(explaining, rule, row, groups), strict=True):
        if holds:
            return _described(explaining, rule, {name: reasons[name] for name in group})
    return None


def _is_near(condition: RuleCondition, reason: Reason, reach: Reach) -> bool:
    """Within reach; a figure whose distance cannot be told is not, a flag or a choice has no distance."""
    gap = reason.gap
    if gap is None:
        return not any(isinstance(need.leaf, MEASURED) for _, need in condition.needs)
    if gap.days is not None:
        return gap.days <= reach.days
    return gap.relative is not None and gap.relative <= reach.relative


def _tried(explaining: Explaining, rule: Rule, row: int, groups: list[tuple[str, ...]]) -> list[bool]:
    """Whether the rule surely holds with each group turned true."""
    every = (1 << len(groups)) - 1

    def as_bits(node: Node) -> Planes[int]:
        truth = explaining.truth(node, row)
        return Planes(every if truth > 0 else 0, every if truth < 0 else 0)

    truths: dict[str, Planes[int]] = {}
    for name, condition in rule.conditions.items():
        turned = sum(1 << bit for bit, group in enumerate(groups) if name in group)
        planes = as_bits(condition.node)
        truths[name] = Planes(planes.true | turned, planes.false & ~turned)
    true = evaluate_named(rule.root, truths, as_bits).true
    return [bool(true >> bit & 1) for bit in range(len(groups))]


def _described(explaining: Explaining, rule: Rule, reasons: dict[str, Reason]) -> NearMiss:
    not_yet = all(rule.conditions[name].can_change == "time" for name in reasons)
    days = [reason.gap.true_on for reason in reasons.values() if reason.gap is not None]
    known = [day for day in days if day is not None]
    on = max(known) if not_yet and len(known) == len(reasons) else None
    return NearMiss(tuple(reasons), not_yet, on)
