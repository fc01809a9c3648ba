"""Three-valued truth (Kleene's strong logic) as two planes: surely true, surely false.

A plane is anything with `&` and `|`: a NumPy array of 64 subjects a word, or a
Python integer whose bits are alternatives for one subject. Neither plane set
means unknown; negation swaps the planes, so no operator ever turns a missing
fact into a decided one. The same functions serve a million subjects and the
explanation of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import reduce
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
Plane: TypeAlias = "Words | int"
WORD = 64


class Truth(StrEnum):
    """Truth of one condition for one subject; not_applicable: an if_applicable branch that is off."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


def _and(first: Plane, second: Plane) -> Plane:
    return first & second  # type: ignore[return-value]  # both are words or both are whole numbers


def _or(first: Plane, second: Plane) -> Plane:
    return first | second  # type: ignore[return-value]  # as above


class Planes(NamedTuple):
    """Surely true and surely false; bits beyond the subjects are free."""

    true: Plane
    false: Plane


def negate(truth: Planes) -> Planes:
    """Negation: unknown stays unknown."""
    return Planes(truth.false, truth.true)


def all_of(parts: Sequence[Planes]) -> Planes:
    """Conjunction: one false settles it, whatever is still unknown."""
    return Planes(reduce(_and, [p.true for p in parts]), reduce(_or, [p.false for p in parts]))


def any_of(parts: Sequence[Planes]) -> Planes:
    """Disjunction: one true settles it, whatever is still unknown."""
    return Planes(reduce(_or, [p.true for p in parts]), reduce(_and, [p.false for p in parts]))


def at_least(count: int, parts: Sequence[Planes]) -> Planes:
    """At least `count` of the parts hold; false once too few can still hold."""
    return Planes(_counted([p.true for p in parts], count), _counted([p.false for p in parts], len(parts) - count + 1))


def _counted(planes: Sequence[Plane], count: int) -> Plane:
    """Where at least `count` of the planes are set; reached[k] holds where more than k were seen so far."""
    reached: list[Plane] = []
    for plane in planes:
        carry = plane
        for index, seen in enumerate(reached):
            reached[index], carry = _or(seen, carry), _and(seen, carry)
        if len(reached) < count:
            reached.append(carry)
    return reached[count - 1]


def select(rows: Sequence[tuple[Planes | None, Planes]]) -> Planes:
    """The consequence of the first row whose guard holds (None: always).

    A row that the key may still reach takes part: true if every reachable row is true, false if every
    one is false, else unknown (a tier whose key is not known decides only where all tiers agree).
    """
    true: Plane | None = None
    false: Plane | None = None
    taken: Plane | None = None
    for guard, then in rows:
        out = taken if guard is None else guard.false if taken is None else _or(taken, guard.false)
        row_true = then.true if out is None else _or(out, then.true)
        row_false = then.false if out is None else _or(out, then.false)
        true = row_true if true is None else _and(true, row_true)
        false = row_false if false is None else _and(false, row_false)
        if guard is not None:
            taken = guard.true if taken is None else _or(taken, guard.true)
    if true is None or false is None:
        raise ValueError("a table needs a row")
    return Planes(true, false)


def pack(flags: NDArray[np.bool_]) -> Words:
    """Pack booleans, 64 a word, first subject in the lowest bit; the last word is filled with zeros."""
    size = (len(flags) + WORD - 1) // WORD * WORD
    packed = np.packbits(flags, bitorder="little")
    if packed.size * 8 < size:
        packed = np.concatenate([packed, np.zeros(size // 8 - packed.size, dtype=np.uint8)])
    return packed.view(np.uint64)


def unpack(words: Words, size: int) -> NDArray[np.bool_]:
    """Undo `pack` for the first `size` subjects."""
    return np.unpackbits(words.view(np.uint8), count=size, bitorder="little").view(np.bool_)
