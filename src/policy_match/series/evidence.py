"""What proves a finding: a sentence that anybody may read who sees the project, and the figures, which not everybody sees."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from policy_match.facts.veil import HIDDEN_TEXT, OFF, Veil, range_of
from policy_match.facts.vocabulary import FactType
from policy_match.series.months import month_text
from policy_match.series.words import Unit
from policy_match.units import Band, format_band, format_count, format_money, format_ratio

MILLION = 1_000_000
_TYPES = {Unit.MONEY: FactType.MONEY, Unit.RATIO: FactType.RATIO}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a month; `value` in the smallest unit."""

    name: str
    unit: Unit
    value: int
    month: int

    def text(self, veil: Veil = OFF) -> str:
        """`2025-06 产值累计 16500万元`, the figure as it may be seen."""
        return f"{month_text(self.month)} {self.name} {value_text(self.value, self.unit, veil)}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a detector says of one project. `rests_on`: code and month of the figures told that it rests on; `share`: of a plan."""

    text: str
    figures: tuple[Figure, ...]
    rests_on: tuple[tuple[str, int], ...]
    share: Fraction | None = None


def value_text(value: int, unit: Unit, veil: Veil = OFF) -> str:
    """A figure in words, or what may be seen of it: the range it lies in, or nothing. A veil lies over every figure alike."""
    if not veil.facts:
        return _text(value, unit)
    kind = _TYPES.get(unit) if veil.as_range else None
    if kind is None:
        return HIDDEN_TEXT
    band = range_of(Band.exact(_plain(value, unit)), kind)
    return format_band(band, format_money if unit is Unit.MONEY else format_ratio)


def _plain(value: int, unit: Unit) -> int | Fraction:
    return Fraction(value, MILLION) if unit is Unit.RATIO else value


def _text(value: int, unit: Unit) -> str:
    match unit:
        case Unit.MONEY:
            return format_money(value)
        case Unit.RATIO:
            return format_ratio(Fraction(value, MILLION))
        case Unit.KWH:
            large = abs(value) >= 10_000 and value % 100 == 0
            return format_count(Fraction(value, 10_000), "万千瓦时") if large else format_count(value, "千瓦时")
        case Unit.COUNT:
            return format_count(value, "")


def percent_text(share: Fraction) -> str:
    """A share in per cent with at most one decimal, half up: 55%, 66.7%."""
    tenths = int(abs(share) * 1000 + Fraction(1, 2))
    sign = "-" if share < 0 and tenths else ""
    return f"{sign}{tenths // 10}%" if tenths % 10 == 0 else f"{sign}{tenths // 10}.{tenths % 10}%"


def down(was: int, now: int) -> str:
    """下降35%."""
    return f"下降{percent_text(Fraction(was - now, was))}"


def up(was: int, now: int) -> str:
    """增长12%."""
    return f"增长{percent_text(Fraction(now - was, was))}"
