"""Near misses: what little would have to change for a refused subject.

Ineligible, and turning at most two false conditions that the enterprise, time or
an authority can change makes it eligible with nothing unknown left; a figure may
be off by at most a fifth of its threshold, a date by at most 180 days (settings).
All alternatives of one subject are tried at once, one per bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

from policy_match.eligibility.explain import Explaining, Reason
from policy_match.eligibility.nodes import Node, evaluate_named
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.truth import Planes, Truth

CHANGEABLE = frozenset({"enterprise", "time", "authority"})


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
    reasons = {
        name: explaining.reason(condition, row)
        for name, condition in rule.conditions.items()
        if condition.kind == "fact" and condition.can_change in CHANGEABLE and explaining.truth(condition.node, row) < 0
    }
    names = [name for name, reason in reasons.items() if _is_near(reason, reach)]
    groups = [group for size in range(1, reach.conditions + 1) for group in combinations(names, size)]
    for group, holds in zip(groups, _tried(explaining, rule, row, groups), strict=True):
        if holds:
            return _described(explaining, rule, {name: reasons[name] for name in group})
    return None


def _is_near(reason: Reason, reach: Reach) -> bool:
    if reason.truth is not Truth.FALSE:
        return False
    if reason.gap is None:
        return True
    if reason.gap.days is not None:
        return reason.gap.days <= reach.days
    return reason.gap.relative is not None and reason.gap.relative <= reach.relative


def _tried(explaining: Explaining, rule: Rule, row: int, groups: list[tuple[str, ...]]) -> list[bool]:
    """Whether the rule surely holds with each group turned true."""
    every = (1 << len(groups)) - 1

    def as_bits(node: Node) -> Planes:
        truth = explaining.truth(node, row)
        return Planes(every if truth > 0 else 0, every if truth < 0 else 0)

    truths: dict[str, Planes] = {}
    for name, condition in rule.conditions.items():
        turned = sum(1 << bit for bit, group in enumerate(groups) if name in group)
        planes = as_bits(condition.node)
        truths[name] = Planes(int(planes.true) | turned, int(planes.false) & ~turned)
    true = int(evaluate_named(rule.root, truths, as_bits).true)
    return [bool(true >> bit & 1) for bit in range(len(groups))]


def _described(explaining: Explaining, rule: Rule, reasons: dict[str, Reason]) -> NearMiss:
    not_yet = all(rule.conditions[name].can_change == "time" for name in reasons)
    days = [reason.gap.days if reason.gap is not None else None for reason in reasons.values()]
    known = [day for day in days if day is not None]
    on = explaining.deciding.as_of + timedelta(days=max(known)) if not_yet and len(known) == len(days) else None
    return NearMiss(tuple(reasons), not_yet, on)
