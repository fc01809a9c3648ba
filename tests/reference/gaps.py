"""How far a false condition is from true, and whether that counts as near."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.eligibility.schema import FactCondition
from policy_match.units import Band
from reference.leaves import Cells, band_of, figures, interval_of, reached
from reference.words import day_or_span, later, number_of
from reference.world import facts


@dataclass(frozen=True)
class Distance:
    """`amount` in the unit of the fact against `threshold`, or whole `days`; `true_on`: the day on which time alone brings it."""

    amount: Fraction | None = None
    threshold: Fraction | None = None
    days: int | None = None
    true_on: int | None = None


def distance(condition: FactCondition, cells: Cells, as_of: date) -> Distance | None:
    """Distance of a false condition from true; None where nothing can be measured or no single threshold applies."""
    value: object = condition.value
    if condition.rows:
        rows = {
            interval_of(facts()[condition.fact].type, condition.op, condition.rows[index].value): condition.rows[
                index
            ].value
            for index in reached(condition.by or "", condition.rows, cells)
        }
        if len(rows) != 1:
            return None
        (value,) = rows.values()
    kind = facts()[condition.fact].type
    if condition.op == "growth_at_least":
        return growth_distance(condition, value, cells)
    band = band_of(condition.fact, cells)
    if band is None:
        return None
    if condition.op == "age_at_least":
        return age_distance(condition, str(value), band, cells, as_of)
    if condition.op == "within":
        return window_distance(condition, band, cells)
    wanted = interval_of(kind, condition.op, value)
    if wanted.low is not None and band.high is not None and band.high <= wanted.low:
        nearest, threshold = band.high, wanted.low
    elif wanted.high is not None and band.low is not None and band.low >= wanted.high:
        nearest, threshold = band.low, wanted.high
    else:
        return None
    amount = abs(threshold - nearest)
    if kind == "date":
        return Distance(days=int(amount))
    if kind == "month":
        return Distance(days=abs(first_day(int(threshold)) - first_day(int(nearest))))
    true_on = None
    if facts()[condition.fact].unit == "天" and wanted.low is not None and band.low is not None:
        wait = wanted.low - band.low
        days = wait // 1 + 1 if wanted.open_ else -(-wait // 1)
        true_on = as_of.toordinal() + days if days > 0 else None
    return Distance(amount, threshold, true_on=true_on)


def first_day(month: int) -> int:
    year, index = divmod(month, 12)
    return date(year, index + 1, 1).toordinal()


def growth_distance(condition: FactCondition, value: object, cells: Cells) -> Distance | None:
    """Percentage points that the best possible growth stays below the rate."""
    figure, base = figures(condition, cells)
    if figure is None or base is None or figure.high is None or base.low is None or base.low <= 0:
        return None
    rate = number_of("ratio", value)
    return Distance(rate - (Fraction(figure.high) / base.low - 1), rate)


def age_distance(condition: FactCondition, period: str, born: Band, cells: Cells, as_of: date) -> Distance | None:
    """Days until the period has surely run; against today, time brings it, against another day it does not."""
    if born.high is None:
        return None
    due = later(int(born.high), period)
    if condition.at is None:
        return Distance(days=due - as_of.toordinal(), true_on=due)
    at = band_of(condition.at, cells) if condition.at in facts() else Band(*day_or_span(condition.at))
    return None if at is None or at.low is None else Distance(days=due - int(at.low))


def window_distance(condition: FactCondition, day: Band, cells: Cells) -> Distance | None:
    """Days outside the window around a day that is known."""
    other = band_of(condition.of or "", cells)
    if other is None or not other.is_exact or not day.is_exact:
        return None
    anchor, when = int(other.low or 0), int(day.low or 0)
    if condition.from_ is not None and when < later(anchor, condition.from_):
        return Distance(days=later(anchor, condition.from_) - when)
    if condition.to is not None and when > later(anchor, condition.to):
        return Distance(days=when - later(anchor, condition.to))
    return None


def is_near(condition: FactCondition, cells: Cells, as_of: date) -> bool:
    """At most a fifth of the threshold, at most 180 days; what cannot be measured does not stand in the way."""
    far = distance(condition, cells, as_of)
    if far is None:
        return not is_figure(condition, cells)
    if far.days is not None:
        return far.days <= 180
    assert far.amount is not None and far.threshold is not None
    return far.amount * 5 <= abs(far.threshold)


def is_figure(condition: FactCondition, cells: Cells) -> bool:
    """Whether the condition compares figures or dates, so that a gap must be measured before it counts as near."""
    return facts()[condition.fact].type in ("money", "count", "ratio", "score", "area", "date", "month", "series")
