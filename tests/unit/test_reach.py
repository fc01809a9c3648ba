"""One test implies or excludes another only where it does so for every value."""

from __future__ import annotations

import pytest

from policy_match.authoring.reach import exclude, implies, unreachable_row
from policy_match.dates import Period
from policy_match.eligibility import nodes
from policy_match.eligibility.leaves import AgeAtLeast, HasAny, InOptions, InRange, InRegion, InTree, Leaf


@pytest.mark.parametrize(
    ("first", "second", "forth", "back"),
    [
        (InRange("a", 10, None), InRange("a", 5, None), True, False),
        (InRange("a", 5, None), InRange("a", 5, None), True, True),
        (InRange("a", 5, 8), InRange("a", 5, None), True, False),
        (InRange("a", 5, None), InRange("b", 5, None), False, False),
        (InRange("a", 5, None), InRange("a", None, 9), False, False),
        (InOptions("a", frozenset("x")), InOptions("a", frozenset("xy")), True, False),
        (InTree("a", ("C35",)), InTree("a", ("C",)), True, False),
        (InTree("a", ("C35",)), InTree("a", ("C",), ("C3511",)), False, False),
        (InTree("a", ("C35",), ("C351",)), InTree("a", ("C",), ("C3511",)), True, False),
        (InTree("a", ("C35",)), InTree("a", ("C",), ("C25",)), True, False),
        (InRegion("a", ("320412",)), InRegion("a", ("320400",)), True, False),
        (AgeAtLeast("a", Period(24, 0)), AgeAtLeast("a", Period(12, 0)), True, False),
        (AgeAtLeast("a", Period(12, 0)), AgeAtLeast("a", Period(0, 365)), False, False),
        (AgeAtLeast("a", Period(24, 0)), AgeAtLeast("a", Period(12, 0), "b"), False, False),
        (HasAny("a", frozenset("x")), HasAny("a", frozenset("xy")), True, False),
        (HasAny("a", frozenset("x"), validity=False), HasAny("a", frozenset("xy")), False, False),
    ],
)
def test_a_test_implies_a_wider_one_of_the_same_fact(first: Leaf, second: Leaf, forth: bool, back: bool) -> None:
    assert (implies(first, second), implies(second, first)) == (forth, back)


@pytest.mark.parametrize(
    ("first", "second", "excluded"),
    [
        (InRange("a", 10, None), InRange("a", None, 9), True),
        (InRange("a", 10, None), InRange("a", None, 10), False),
        (InRange("a", 10, None), InRange("b", None, 9), False),
        (InOptions("a", frozenset("x")), InOptions("a", frozenset("y")), True),
        (InOptions("a", frozenset("xz")), InOptions("a", frozenset("yz")), False),
        (InTree("a", ("C35",)), InTree("a", ("D",)), True),
        (InTree("a", ("C35",)), InTree("a", ("C",)), False),
        (InRegion("a", ("320400",)), InRegion("a", ("320500",)), True),
        (InRegion("a", ("320400",)), InRegion("a", ("320412",)), False),
        (HasAny("a", frozenset("x")), HasAny("a", frozenset("y")), False),
    ],
)
def test_two_tests_exclude_each_other_only_where_no_value_meets_both(first: Leaf, second: Leaf, excluded: bool) -> None:
    assert exclude(first, second) is excluded
    assert exclude(second, first) is excluded


def test_a_row_is_out_of_reach_where_an_earlier_one_covers_it() -> None:
    rising = [nodes.Test(InRange("a", None, 5)), nodes.Test(InRange("a", None, 9)), None]
    falling = [nodes.Test(InRange("a", None, 9)), nodes.Test(InRange("a", None, 5)), None]

    assert unreachable_row(rising) is None
    assert unreachable_row(falling) == 1
    assert unreachable_row([nodes.Human("?"), nodes.Human("?"), None]) is None
