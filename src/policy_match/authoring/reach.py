"""What one test says about another on the same fact: that it implies it, or that both cannot hold.

Sound, not complete: an answer is given only where it holds for every value of the
fact. Used to find rows that are never reached and conditions that say nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from policy_match.eligibility.leaves import AgeAtLeast, HasAny, InOptions, InRange, InRegion, InTree, Leaf
from policy_match.eligibility.nodes import Node, Test
from policy_match.facts.table import HIGHEST, LOWEST
from policy_match.identifiers import region_path


def implies(first: Leaf, second: Leaf) -> bool:
    """Whether every value that meets the first test meets the second."""
    if first == second:
        return True
    if isinstance(first, InRange) and isinstance(second, InRange) and first.fact == second.fact:
        (low, high), (wide_low, wide_high) = _ends(first), _ends(second)
        return wide_low <= low and high <= wide_high
    if isinstance(first, InOptions) and isinstance(second, InOptions) and first.fact == second.fact:
        return first.options <= second.options
    if isinstance(first, InTree) and isinstance(second, InTree) and first.fact == second.fact:
        kept = all(any(root.startswith(wide) for wide in second.roots) for root in first.roots)
        cut = all(
            any(out.startswith(own) for own in first.exceptions) for out in _inside(second.exceptions, first.roots)
        )
        return kept and cut
    if isinstance(first, InRegion) and isinstance(second, InRegion) and first.fact == second.fact:
        return all(any(wide in region_path(root) for wide in second.roots) for root in first.roots)
    if (
        isinstance(first, AgeAtLeast)
        and isinstance(second, AgeAtLeast)
        and (first.fact, first.at) == (second.fact, second.at)
    ):
        one, other = first.period, second.period
        return one.months >= other.months and one.days >= other.days
    if isinstance(first, HasAny) and isinstance(second, HasAny) and first.fact == second.fact:
        same = replace(first, names=second.names) == second
        return same and first.names <= second.names
    return False


def exclude(first: Leaf, second: Leaf) -> bool:
    """Whether no value meets both tests."""
    if isinstance(first, InRange) and isinstance(second, InRange) and first.fact == second.fact:
        (low, high), (other_low, other_high) = _ends(first), _ends(second)
        return max(low, other_low) > min(high, other_high)
    if isinstance(first, InOptions) and isinstance(second, InOptions) and first.fact == second.fact:
        return not first.options & second.options
    if isinstance(first, InTree) and isinstance(second, InTree) and first.fact == second.fact:
        return not any(a.startswith(b) or b.startswith(a) for a in first.roots for b in second.roots)
    if isinstance(first, InRegion) and isinstance(second, InRegion) and first.fact == second.fact:
        return not any(a in region_path(b) or b in region_path(a) for a in first.roots for b in second.roots)
    return False


def _ends(leaf: InRange) -> tuple[int, int]:
    return LOWEST if leaf.low is None else leaf.low, HIGHEST if leaf.high is None else leaf.high


def _inside(codes: Sequence[str], roots: Sequence[str]) -> list[str]:
    """Exceptions that cut something out of the roots, or hold one of them."""
    return [code for code in codes if any(code.startswith(root) or root.startswith(code) for root in roots)]


def unreachable_row(guards: Sequence[Node | None]) -> int | None:
    """The first row whose bound an earlier row already covers, so that it never counts; None if there is none."""
    tests = [guard.leaf if isinstance(guard, Test) else None for guard in guards]
    for index, test in enumerate(tests):
        if test is not None and any(before is not None and implies(test, before) for before in tests[:index]):
            return index
    return None
