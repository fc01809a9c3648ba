"""How far a refused condition is from its threshold: in words, relative to the threshold, or in days.

A figure is measured against its threshold, a date or month in days, growth in
percentage points. Of a band the nearest end counts, of a birth day the latest one,
so that the day named is sure. Nothing is measured that is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.dates import add_period, format_date
from policy_match.eligibility.conditions import Need
from policy_match.eligibility.leaves import AgeAtLeast, GrowthAtLeast, InRange, Spacing
from policy_match.facts.cells import Series, Value
from policy_match.facts.show import UNIT_NAMES, number_text
from policy_match.facts.table import ColumnKey, FactTable
from policy_match.facts.vocabulary import FactSpec, FactType
from policy_match.units import Band, Number, format_ratio


@dataclass(frozen=True, slots=True)
class Gap:
    """`by` in the unit of the fact; `relative` to the threshold for figures, `days` for dates and months.

    `true_on`: the day on which time alone makes the condition true; `words`: the gap as a reason says it.
    """

    by: str
    relative: Fraction | None
    days: int | None
    can_change: str
    true_on: date | None
    words: str


class Measuring:
    """Measures the gaps of one table on one day."""

    def __init__(self, table: FactTable, as_of: date) -> None:
        self.table, self.as_of = table, as_of

    def gap(self, spec: FactSpec, need: Need, row: int, can_change: str) -> Gap | None:
        """The gap of a condition that is false; None where nothing can be measured."""
        leaf = need.leaf
        if isinstance(leaf, GrowthAtLeast):
            return self.growth_gap(leaf, row, can_change)
        value = self.band(row, spec.name)
        if value is None:
            return None
        if isinstance(leaf, AgeAtLeast):
            return self.age_gap(leaf, value, row, can_change)
        if isinstance(leaf, Spacing):
            return self.window_gap(leaf, value, row, can_change)
        return self.figure_gap(spec, need, value, can_change) if isinstance(leaf, InRange) else None

    def band(self, row: int, key: ColumnKey) -> Band | None:
        """What a figure or date may be; (fact, -1): the last year of a list. None: nothing is known."""
        fact, year = (key, 0) if isinstance(key, str) else key
        value: Value | None = self.table.cell(row, fact).value
        if isinstance(value, Series):
            return value.entries[year] if year and len(value.entries) >= -year else None
        return value if isinstance(value, Band) else None

    def figure_gap(self, spec: FactSpec, need: Need, value: Band, can_change: str) -> Gap | None:
        if need.low is not None and value.high is not None and value.high <= need.low:
            distance, threshold, is_low = need.low - value.high, need.low, True
        elif need.high is not None and value.low is not None and value.low >= need.high:
            distance, threshold, is_low = value.low - need.high, need.high, False
        else:
            return None
        least = "" if value.is_exact else "至少"
        if spec.type in (FactType.DATE, FactType.MONTH):
            return self.calendar_gap(spec, threshold, distance if is_low else -distance, least, can_change)
        by = _points(distance) if spec.type is FactType.RATIO else number_text(spec, distance)
        words = f"{least}{'还差' if is_low else '超出'}{by}" if distance else "恰好等于界限，不符合"
        relative = Fraction(distance) / abs(Fraction(threshold)) if threshold else None if distance else Fraction(0)
        return Gap(by, relative, None, can_change, self.counted_up(spec, need, value), words)

    def counted_up(self, spec: FactSpec, need: Need, value: Band) -> date | None:
        """The day on which a count of days has surely reached its lower limit; None for other figures."""
        if UNIT_NAMES.get(spec.unit, spec.unit) != "天" or need.low is None or value.low is None:
            return None
        wait = need.low - value.low
        days = wait.__floor__() + 1 if need.strict else wait.__ceil__()
        return date.fromordinal(self.as_of.toordinal() + days) if days > 0 else None

    def calendar_gap(self, spec: FactSpec, threshold: Number, short: Number, least: str, can_change: str) -> Gap:
        """`short` positive: too early, negative: too late; in the unit of the fact."""
        days = int(short if short > 0 else -short)
        by = f"{days}天"
        if spec.type is FactType.MONTH:
            by = f"{days}个月"
            days = abs(_first_day(int(threshold)) - _first_day(int(threshold - short)))
        words = f"{least}{'早' if short > 0 else '晚'}了{by}" if days else "恰在界限，不符合"
        return Gap(by, None, days, can_change, None, words)

    def age_gap(self, leaf: AgeAtLeast, born: Band, row: int, can_change: str) -> Gap | None:
        if born.high is None:
            return None
        due = add_period(date.fromordinal(int(born.high)), leaf.period)
        if leaf.at is None:
            days = (due - self.as_of).days
            by = f"{days}天（{format_date(due.toordinal())}起满足）"
            return Gap(by, None, days, can_change, due, f"还差{by}")
        at = self.band(row, leaf.at) if isinstance(leaf.at, str) else Band.exact(leaf.at.toordinal())
        if at is None or at.low is None:
            return None
        days = due.toordinal() - int(at.low)
        return Gap(f"{days}天", None, days, can_change, None, f"还差{days}天")

    def window_gap(self, leaf: Spacing, value: Band, row: int, can_change: str) -> Gap | None:
        other = self.band(row, leaf.of)
        if other is None or other.low is None or value.low is None or not (other.is_exact and value.is_exact):
            return None
        day, anchor = int(value.low), date.fromordinal(int(other.low))
        if leaf.start is not None and (short := add_period(anchor, leaf.start).toordinal() - day) > 0:
            return Gap(f"{short}天", None, short, can_change, None, f"早了{short}天")
        if leaf.end is not None and (over := day - add_period(anchor, leaf.end).toordinal()) > 0:
            return Gap(f"{over}天", None, over, can_change, None, f"晚了{over}天")
        return None

    def growth_gap(self, leaf: GrowthAtLeast, row: int, can_change: str) -> Gap | None:
        growth = self.growth(leaf, row)
        if growth is None or growth.high is None:
            return None
        distance = leaf.rate - growth.high
        by = _points(distance)
        relative = Fraction(distance) / abs(leaf.rate) if leaf.rate else None
        return Gap(by, relative, None, can_change, None, f"{'' if growth.is_exact else '至少'}还差{by}")

    def growth(self, leaf: GrowthAtLeast, row: int) -> Band | None:
        """The growth that figures of the two years allow; None where it is undefined or open on both sides."""
        figure, base = self.band(row, leaf.fact), self.band(row, leaf.base)
        if figure is None or base is None or base.low is None or base.low <= 0:
            return None
        low = None if figure.low is None or base.high is None else Fraction(figure.low) / base.high - 1
        high = None if figure.high is None else Fraction(figure.high) / base.low - 1
        return None if low is None and high is None else Band(low, high)


def _points(distance: Number) -> str:
    return format_ratio(distance).replace("%", "个百分点")


def _first_day(month: int) -> int:
    return date(month // 12, month % 12 + 1, 1).toordinal()
