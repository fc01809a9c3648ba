"""Three-valued truth (Kleene's strong logic) as two planes: surely true, surely false.

A plane is anything with `&` and `|`: a NumPy array of 64 subjects a word, a Python
integer whose bits are alternatives for one subject, or a wire of a program that is
yet to run. Neither plane set means unknown; negation swaps the planes, so no
operator ever turns a missing fact into a decided one. The same functions serve a
million subjects and the explanation of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import reduce
from operator import and_, or_
from typing import Generic, NamedTuple, TypeVar

from policy_match.facts.planes import WORD, Wire, Words, pack, unpack

__all__ = ["WORD", "Plane", "Planes", "Truth", "Wire", "Words", "pack", "unpack"]


Plane = TypeVar("Plane", Words, int, Wire)


class Truth(StrEnum):
    """Truth of one condition for one subject; not_applicable: an if_applicable branch that is off."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Planes(NamedTuple, Generic[Plane]):
    """Surely true and surely false; bits beyond the subjects are free."""

    true: Plane
    false: Plane


def negate(truth: Planes[Plane]) -> Planes[Plane]:
    """Negation: unknown stays unknown."""
    return Planes(truth.false, truth.true)


def all_of(parts: Sequence[Planes[Plane]]) -> Planes[Plane]:
    """Conjunction: one false settles it, whatever is still unknown."""
    return Planes(reduce(and_, [p.true for p in parts]), reduce(or_, [p.false for p in parts]))


def any_of(parts: Sequence[Planes[Plane]]) -> Planes[Plane]:
    """Disjunction: one true settles it, whatever is still unknown."""
    return Planes(reduce(or_, [p.true for p in parts]), reduce(and_, [p.false for p in parts]))


def at_least(count: int, parts: Sequence[Planes[Plane]]) -> Planes[Plane]:
    """At least `count` of the parts hold; false once too few can still hold."""
    return Planes(_counted([p.true for p in parts], count), _counted([p.false for p in parts], len(parts) - count + 1))


def _counted(planes: Sequence[Plane], count: int) -> Plane:
    """Where at least `count` of the planes are set; reached[k] holds where more than k were seen so far."""
    reached: list[Plane] = []
    for plane in planes:
        carry = plane
        for index, seen in enumerate(reached):
            reached[index], carry = seen | carry, seen & carry
        if len(reached) < count:
            reached.append(carry)
    return reached[count - 1]


def select(rows: Sequence[tuple[Planes[Plane] | None, Planes[Plane]]]) -> Planes[Plane]:
    """The consequence of the first row whose guard holds (None: always).

    A row that the key may still reach takes part: true if every reachable row is true, false if every
    one is false, else unknown (a tier whose key is not known decides only where all tiers agree).
    """
    true: Plane | None = None
    false: Plane | None = None
    taken: Plane | None = None
    for guard, then in rows:
        out = taken if guard is None else guard.false if taken is None else taken | guard.false
        row_true = then.true if out is None else out | then.true
        row_false = then.false if out is None else out | then.false
        true = row_true if true is None else true & row_true
        false = row_false if false is None else false & row_false
        if guard is not None:
            taken = guard.true if taken is None else taken | guard.true
    if true is None or false is None:
        raise ValueError("a table needs a row")
    return Planes(true, false)
