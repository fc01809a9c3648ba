"""Figures that not everybody may see: shown as the range they lie in, or not at all. Deciding never looks through a veil."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from policy_match.facts.cells import OPEN, Series, Value
from policy_match.facts.show import value_text
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.units import Band, Number

HIDDEN_TEXT = "不显示"
_WAN = 10_000 * 100
# Ends of the ranges, 分 for money; below the first and above the last a range is open.
_STEPS: dict[FactType, tuple[Number, ...]] = {
    FactType.MONEY: tuple(n * _WAN for n in (0, 100, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000)),
    FactType.RATIO: tuple(Fraction(n, 10) for n in range(-10, 11)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Veil:
    """`facts`: the names it lies over; `as_range`: whether the range of a figure may be seen."""

    facts: frozenset[str] = frozenset()
    as_range: bool = False

    def covers(self, fact: str | None) -> bool:
        """Whether the exact value of a fact is not shown."""
        return fact in self.facts

    def shown(self, spec: FactSpec, value: Value) -> Value | None:
        """What may be seen of a value: itself, the range it lies in, or None."""
        if spec.name not in self.facts:
            return value
        kind = spec.of or spec.type
        if not self.as_range or kind not in _STEPS:
            return None
        if isinstance(value, Band):
            return range_of(value, kind)
        if isinstance(value, Series):
            return Series(tuple(range_of(entry, kind) for entry in value.entries))
        return None

    def text(self, spec: FactSpec, value: Value, vocabulary: Vocabulary) -> str:
        """What may be seen, in words."""
        shown = self.shown(spec, value)
        return HIDDEN_TEXT if shown is None else value_text(spec, shown, vocabulary)


OFF = Veil()


def range_of(value: Band, kind: FactType) -> Band:
    """The narrowest run of steps that holds a band: both ends included, so that an exact step may lie in two ranges.

    `kind`: one that has ranges.
    """
    steps = _STEPS[kind]
    if value.low is None and value.high is None:
        return OPEN
    low = max((step for step in steps if value.low is not None and step <= value.low), default=None)
    high = min((step for step in steps if value.high is not None and step > value.high), default=None)
    return Band(low, high)
