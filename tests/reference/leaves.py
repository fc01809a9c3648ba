"""Truth of one written condition for one subject: true if every value still possible meets it, false if none does."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.eligibility.schema import Bound, FactCondition
from policy_match.facts.cells import Cell, Item, Items, Possible, Series
from policy_match.units import Band
from reference.words import day_or_span, later, number_of
from reference.world import classes_under, facts, full_code, surroundings

Cells = Mapping[str, Cell]
OLDEST, YOUNGEST = date(1900, 1, 1).toordinal(), date(2100, 12, 31).toordinal()


@dataclass(frozen=True)
class Interval:
    """Numbers that meet a condition; `open_`: the limits themselves do not."""

    low: Fraction | None = None
    high: Fraction | None = None
    open_: bool = False

    def holds(self, number: Fraction | int) -> bool:
        above = self.low is None or number > self.low or (number == self.low and not self.open_)
        below = self.high is None or number < self.high or (number == self.high and not self.open_)
        return above and below

    def truth(self, band: Band) -> bool | None:
        """All of the band inside, none of it, or some; nothing lies in an interval that is empty."""
        if self.low is not None and self.high is not None and self.low > self.high:
            return False
        if band.low is not None and band.high is not None:
            inside = self.holds(band.low) and self.holds(band.high)
        else:
            inside = (self.low is None or (band.low is not None and self.holds(band.low))) and (
                self.high is None or (band.high is not None and self.holds(band.high))
            )
        too_low = (
            self.low is not None and band.high is not None and not Interval(self.low, None, self.open_).holds(band.high)
        )
        too_high = (
            self.high is not None and band.low is not None and not Interval(None, self.high, self.open_).holds(band.low)
        )
        return False if too_low or too_high else True if inside else None


def interval_of(kind: str, op: str, value: object) -> Interval:
    """The numbers that an operator and its value let through."""
    if op == "between":
        assert isinstance(value, list)
        return Interval(number_of(kind, value[0]), number_of(kind, value[1]))
    number = number_of(kind, value)
    return {
        "at_least": Interval(number, None),
        "on_or_after": Interval(number, None),
        "more_than": Interval(number, None, open_=True),
        "at_most": Interval(None, number),
        "less_than": Interval(None, number, open_=True),
        "before": Interval(None, number, open_=True),
        "is": Interval(number, number),
    }[op]


def truth_of(condition: FactCondition, cells: Cells, as_of: date) -> bool | None:
    """Truth of a condition: its own test, or that of every row that the key of its table may reach."""
    if not condition.rows:
        return test(condition, condition.value, cells, as_of)
    answers = {
        test(condition, condition.rows[index].value, cells, as_of)
        for index in reached(condition.by or "", condition.rows, cells)
    }
    return answers.pop() if len(answers) == 1 else None


def test(condition: FactCondition, value: object, cells: Cells, as_of: date) -> bool | None:
    """One test of one fact against one value."""
    have = cells[condition.fact].value if condition.fact in cells else None
    if condition.op == "growth_at_least":
        return growth(condition, value, cells)
    if condition.op == "within":
        return within(condition, cells)
    if condition.op == "age_at_least":
        return age(condition, str(value), cells, as_of)
    if have is None:
        return None
    kind = facts()[condition.fact].type
    if isinstance(have, Band):
        return interval_of(kind, condition.op, value).truth(have)
    if isinstance(have, Items):
        return has_any(condition, value, have, as_of)
    assert isinstance(have, Possible)
    if condition.op == "within_region":
        return lies_in(have, value if isinstance(value, list) else [value])
    wanted = wanted_options(condition.fact, condition.op, value, condition.except_)
    met = {option in wanted for code in have.options for option in finest(condition.fact, code)}
    return met.pop() if len(met) == 1 else None


def finest(fact: str, code: str) -> frozenset[str]:
    """What a code may still be: the classes under it, or an option itself."""
    return classes_under(code) if facts()[fact].type == "industry" else frozenset({code})


def wanted_options(fact: str, op: str, value: object, except_: list[str]) -> set[str]:
    """Options or finest classes that meet a condition."""
    values = value if isinstance(value, list) else [value]
    if op == "within_tree":
        wanted = {leaf for code in values for leaf in classes_under(full_code(str(code)))}
        return wanted - {leaf for code in except_ for leaf in classes_under(full_code(code))}
    options = facts()[fact].options
    if op == "stage_at_least":
        return set(options[options.index(str(values[0])) :])
    return {str(v).lower() if isinstance(v, bool) else str(v) for v in values}


def lies_in(have: Possible, roots: list[object]) -> bool | None:
    """Inside if the place or something around it is a root; undecided if a root lies inside the place."""
    answers: set[bool | None] = set()
    for place in have.options:
        if surroundings(place) & set(roots):
            answers.add(True)
        else:
            answers.add(None if any(place in surroundings(str(root)) for root in roots) else False)
    return answers.pop() if len(answers) == 1 else None


def band_of(fact: str, cells: Cells) -> Band | None:
    value = cells[fact].value if fact in cells else None
    return value if isinstance(value, Band) else None


def age(condition: FactCondition, period: str, cells: Cells, as_of: date) -> bool | None:
    """The date lies a period before the reference day: today, a day, or another date."""
    born = band_of(condition.fact, cells)
    at: Band | None = Band.exact(as_of.toordinal())
    if condition.at is not None:
        at = band_of(condition.at, cells) if condition.at in facts() else Band(*day_or_span(condition.at))
    if born is None or at is None:
        return None
    if born.high is not None and at.low is not None and later(int(born.high), period) <= at.low:
        return True
    if born.low is not None and at.high is not None and later(int(born.low), period) > at.high:
        return False
    return None


def within(condition: FactCondition, cells: Cells) -> bool | None:
    """The date lies in the window around another date, both ends included; every pair of possible days counts."""
    day, other = band_of(condition.fact, cells), band_of(condition.of or "", cells)
    if day is None or other is None:
        return None
    first, last = int(day.low or OLDEST), int(day.high or YOUNGEST)
    others = range(int(other.low or OLDEST), int(other.high or YOUNGEST) + 1)

    def start(anchor: int) -> int:
        return OLDEST if condition.from_ is None else later(anchor, condition.from_)

    def end(anchor: int) -> int:
        return YOUNGEST if condition.to is None else later(anchor, condition.to)

    if start(others[-1]) <= first and last <= end(others[0]):
        return True
    begun = bisect_right(others, last, key=start)
    return None if begun > 0 and end(others[begun - 1]) >= first else False


def growth(condition: FactCondition, value: object, cells: Cells) -> bool | None:
    """(figure − base) ÷ base; a base that may be zero or less leaves nothing to divide by."""
    figure, base = figures(condition, cells)
    if figure is None or base is None or base.low is None or base.low <= 0:
        return None
    factor = 1 + number_of("ratio", value)
    if figure.low is not None and base.high is not None and figure.low >= base.high * factor:
        return True
    return False if figure.high is not None and figure.high < base.low * factor else None


def figures(condition: FactCondition, cells: Cells) -> tuple[Band | None, Band | None]:
    """The figure and its base: two facts, or the last two years of a list."""
    value = cells[condition.fact].value if condition.fact in cells else None
    if isinstance(value, Series):
        return (value.entries[-1], value.entries[-2]) if len(value.entries) >= 2 else (None, None)
    return band_of(condition.fact, cells), band_of(condition.base or "", cells)


def has_any(condition: FactCondition, value: object, have: Items, as_of: date) -> bool | None:
    """One item of a right name counts; the list is complete."""
    names = value if isinstance(value, list) else [value]
    answers = [counts(condition, item, as_of) for item in have.items if item.name in names]
    return True if True in answers else None if None in answers else False


def counts(condition: FactCondition, item: Item, as_of: date) -> bool | None:
    """Whether an item is of the right level and was granted and valid when it must be."""
    if condition.op == "on_list":
        return True
    answers: list[bool | None] = []
    granted = Interval()
    if condition.granted is not None:
        low, high = condition.granted.from_, condition.granted.through
        granted = Interval(
            None if low is None else Fraction(day_or_span(low)[0]),
            None if high is None else Fraction(day_or_span(high)[1]),
        )
    if condition.validity == "needed":
        today = Fraction(as_of.toordinal())
        answers.append(Interval(today, None).truth(item.through or Band(None, None)))
        granted = Interval(granted.low, today if granted.high is None else min(granted.high, today))
    if condition.validity == "needed" or condition.granted is not None:
        answers.append(granted.truth(item.granted or Band(None, None)))
    if condition.level is not None:
        answers.append(None if item.level is None else item.level == condition.level)
    return False if False in answers else None if None in answers else True


def reached(by: str, rows: Sequence[Bound], cells: Cells) -> list[int]:
    """Rows that the key may still reach: the bound may hold, and no earlier one surely does; the last has none."""
    found: list[int] = []
    for index, row in enumerate(rows):
        answer = True if row.guard is None else bound_holds(by, *row.guard, cells)
        if answer is not False:
            found.append(index)
        if answer:
            break
    return found


def bound_holds(by: str, op: str, value: object, cells: Cells) -> bool | None:
    """Truth of the bound of a row."""
    have = cells[by].value if by in cells else None
    if have is None:
        return None
    if isinstance(have, Band):
        return interval_of(facts()[by].type, op, value).truth(have)
    assert isinstance(have, Possible)
    wanted = wanted_options(by, op, value, [])
    met = {option in wanted for code in have.options for option in finest(by, code)}
    return met.pop() if len(met) == 1 else None
