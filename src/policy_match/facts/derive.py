"""Derived facts: the closed verbs, size ladders and lookups of `rules/facts.yaml`.

Arithmetic is exact (fractions) over bands: an operand that is not known is an
open band, so that a result is a band wherever its bounds are known and unknown
otherwise. Nothing is rounded here and nothing is taken as zero. The ladder
follows 工信部联企业〔2011〕300号: every lower bound is inclusive, all figures of the
row must reach it, else the class below; a figure that cannot change the class
is not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.dates import Period, add_period
from policy_match.facts.bounds import bound_of
from policy_match.facts.cells import MISSING, OPEN, Cause, Cell, Pairs, Possible, Series, Value
from policy_match.facts.vocabulary import Derivation, FactSpec, FactType, Ladder, Lookup, Operand, Ref, Verb, Vocabulary
from policy_match.units import Band, Number

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Undefined(Exception):
    """A derivation has no value (nothing to divide by, lists of different length)."""

    cause: Cause


def derive_all(
    cells: Mapping[str, Cell], vocabulary: Vocabulary, as_of: date, *, fixed: frozenset[str] = frozenset()
) -> dict[str, Cell]:
    """Add every derived fact to `cells`.

    A derived fact that is also given is kept if the derivation agrees or leaves it open; if the two
    contradict each other it is unknown (conflict). Names in `fixed` are taken as given, unchecked:
    the boundary probes of a rule set a derived fact directly.
    """
    known = dict(cells)
    for name in vocabulary.order:
        if name in fixed:
            continue
        spec = vocabulary[name]
        derived = derive_one(spec, known, vocabulary, as_of)
        given = known.get(name, MISSING)
        known[name] = (
            derived if given.value is None and given.cause in (None, Cause.MISSING) else _reconciled(given, derived)
        )
    return known


def derive_one(spec: FactSpec, cells: Mapping[str, Cell], vocabulary: Vocabulary, as_of: date) -> Cell:
    """The derived value of one fact: the first way that decides it, else the first that bounds it, else unknown."""
    best = MISSING
    ways = (spec.derive, *spec.alternatives)
    for way in ways:
        if way is None:
            continue
        cell = _Deriver(spec, cells, vocabulary, as_of).derive(way)
        if cell.value is not None and _is_single(cell.value):
            return cell
        if best is MISSING:
            best = cell
    return best


def _reconciled(given: Cell, derived: Cell) -> Cell:
    if given.value is None or derived.value is None or _overlap(given.value, derived.value):
        return given
    return Cell(None, Cause.CONFLICT, given.source, given.observed_on, last_seen=given.value)


def _overlap(first: Value, second: Value) -> bool:
    if isinstance(first, Band) and isinstance(second, Band):
        below = first.high is not None and second.low is not None and first.high < second.low
        above = first.low is not None and second.high is not None and first.low > second.high
        return not below and not above
    if isinstance(first, Possible) and isinstance(second, Possible):
        return bool(first.options & second.options)
    return True


def _is_single(value: Value) -> bool:
    if isinstance(value, Band):
        return value.is_exact
    return not isinstance(value, Possible) or value.single is not None


class _Deriver:
    def __init__(self, spec: FactSpec, cells: Mapping[str, Cell], vocabulary: Vocabulary, as_of: date) -> None:
        self.spec, self.cells, self.vocabulary, self.as_of = spec, cells, vocabulary, as_of

    def derive(self, way: Derivation) -> Cell:
        try:
            if isinstance(way, Ladder):
                return self.ladder(way)
            if isinstance(way, Lookup):
                return self.lookup(way)
            band = self.number(way)
        except Undefined as undefined:
            return Cell(None, undefined.cause, derived=True)
        if band == OPEN or self.says_nothing():
            return Cell(None, self.cause(), derived=True)
        return Cell(band, derived=True)

    def says_nothing(self) -> bool:
        """Whether no input at all is known: a bound that only comes from what can never be negative is no knowledge."""
        return all(self.cells.get(name, MISSING).value is None for name in self.spec.inputs)

    def cause(self) -> Cause:
        """Why the inputs leave the result open: the first cause that is not just missing, else missing."""
        causes = [self.cells.get(name, MISSING).cause for name in self.spec.inputs]
        return next((cause for cause in causes if cause not in (None, Cause.MISSING)), None) or Cause.MISSING

    # classes

    def ladder(self, ladder: Ladder) -> Cell:
        by = self.cells.get(ladder.by, MISSING).value
        options = by.options if isinstance(by, Possible) else frozenset(ladder.rows)
        classes: set[str] = set()
        for option in options:
            if option not in ladder.rows:
                return Cell(None, Cause.UNDEFINED, derived=True)
            classes.update(self.classes(ladder, option))
        if len(classes) == len(ladder.classes):
            return Cell(None, self.cause(), derived=True)
        return Cell(Possible(frozenset(classes)), derived=True)

    def classes(self, ladder: Ladder, option: str) -> tuple[str, ...]:
        """Classes still possible in one row: the worst figure decides, so the ranks' maxima bound the rank."""
        best = worst = 0
        for fact, bounds in ladder.rows[option].items():
            limits = [bound_of(self.vocabulary[fact], bound, self.vocabulary) for bound in bounds]
            band = self.band(fact)
            best = max(best, sum(band.high is not None and band.high < limit for limit in limits))
            worst = max(worst, sum(band.low is None or band.low < limit for limit in limits))
        return ladder.classes[best : worst + 1]

    def lookup(self, lookup: Lookup) -> Cell:
        by = self.cells.get(lookup.by, MISSING)
        if not isinstance(by.value, Possible):
            return Cell(None, by.cause or Cause.MISSING, derived=True)
        found: set[str] = set()
        for option in by.value.options:
            values = self.row_values(lookup, option)
            if None in values:
                return Cell(None, Cause.UNDEFINED if len(values) == 1 else Cause.COARSE_CODE, derived=True)
            found.update(value for value in values if value is not None)
        return Cell(Possible(frozenset(found)), derived=True)

    def row_values(self, lookup: Lookup, option: str) -> set[str | None]:
        if self.vocabulary[lookup.by].type is not FactType.INDUSTRY:
            return {next((value for options, value in lookup.rows if option in options), lookup.otherwise)}
        tree = self.vocabulary.industries
        found: set[str | None] = set()
        for leaf in tree.leaves(option):
            roots = (value for roots, value in lookup.rows if any(tree.is_under(leaf, root) for root in roots))
            found.add(next(roots, lookup.otherwise))
        return found

    # arithmetic over bands

    def band(self, name: str) -> Band:
        value = self.cells.get(name, MISSING).value
        if isinstance(value, Series):
            raise TypeError(f"{self.spec.name}: {name} is a list, use sum, mean or last")
        if isinstance(value, Band):
            return value
        return Band(0, None) if self.vocabulary[name].not_negative else OPEN

    def number(self, operand: Operand) -> Band:
        if isinstance(operand, Fraction):
            return Band(operand, operand)
        if isinstance(operand, Ref):
            return self.as_of_band() if operand.name == "as_of" else self.band(operand.name)
        return _VERBS[operand.name](self, operand)

    def as_of_band(self) -> Band:
        day = self.as_of.toordinal()
        return Band(day, day)

    def series(self, name: str, *, complete: bool) -> tuple[Band, ...] | None:
        """The years of a list; None if it is not known, or not complete where that matters."""
        value = self.cells.get(name, MISSING).value
        if not isinstance(value, Series) or not value.entries:
            return None
        years = self.vocabulary[name].years
        if complete and years is not None and len(value.entries) < years and not self.young(len(value.entries)):
            return None
        return value.entries

    def young(self, entries: int) -> bool:
        """A list shorter than asked is complete if it covers every full year since registration."""
        days = self.band("registered_days") if "registered_days" in self.vocabulary else OPEN
        return days.high is not None and days.high // DAYS_A_YEAR <= entries

    def summands(self, verb: Verb) -> list[Band]:
        """The bands that a sum or mean runs over: the years of one list, or its operands."""
        if len(verb.args) == 1 and isinstance(verb.args[0], Ref):
            name = verb.args[0].name
            if self.vocabulary[name].type is FactType.SERIES:
                return list(self.series(name, complete=True) or (OPEN,))
        return [self.number(arg) for arg in verb.args]

    def sum(self, verb: Verb) -> Band:
        return _sum(self.summands(verb))

    def mean(self, verb: Verb) -> Band:
        terms = self.summands(verb)
        return _product(_sum(terms), Band(Fraction(1, len(terms)), Fraction(1, len(terms))))

    def last(self, verb: Verb) -> Band:
        (arg,) = verb.args
        entries = self.series(arg.name, complete=False) if isinstance(arg, Ref) else None
        return entries[-1] if entries else OPEN

    def ratio(self, verb: Verb) -> Band:
        if self.spec.same_length:
            lengths = {
                len(v.entries)
                for name in self.spec.inputs
                if isinstance(v := self.cells.get(name, MISSING).value, Series)
            }
            if len(lengths) > 1:
                raise Undefined(Cause.CONFLICT)
        return _ratio(self.number(verb.args[0]), self.number(verb.args[1]))

    def difference(self, verb: Verb) -> Band:
        return _difference(self.number(verb.args[0]), self.number(verb.args[1]))

    def product(self, verb: Verb) -> Band:
        result = Band(1, 1)
        for arg in verb.args:
            result = _product(result, self.number(arg))
        return result

    def least(self, verb: Verb) -> Band:
        return _least_of([self.number(arg) for arg in verb.args])

    def greatest(self, verb: Verb) -> Band:
        return _negative(_least_of([_negative(self.number(arg)) for arg in verb.args]))

    def days_between(self, verb: Verb) -> Band:
        return _difference(self.number(verb.args[1]), self.number(verb.args[0]))

    def years_between(self, verb: Verb) -> Band:
        start, end = self.number(verb.args[0]), self.number(verb.args[1])
        low = _full_years(start.high, end.low) if start.high is not None and end.low is not None else None
        high = _full_years(start.low, end.high) if start.low is not None and end.high is not None else None
        return Band(low, high)

    def mean_of_pairs(self, verb: Verb) -> Band:
        """Mean over the four quarters of (start + end) / 2; fewer than four quarters: not known (公告2023年第12号)."""
        (arg,) = verb.args
        value = self.cells.get(arg.name, MISSING).value if isinstance(arg, Ref) else None
        if not isinstance(value, Pairs) or len(value.pairs) != 4:
            return OPEN
        total = _sum([band for pair in value.pairs for band in pair])
        return _product(total, Band(Fraction(1, 8), Fraction(1, 8)))


_VERBS: dict[str, Callable[[_Deriver, Verb], Band]] = {
    "last": _Deriver.last,
    "sum": _Deriver.sum,
    "mean": _Deriver.mean,
    "ratio": _Deriver.ratio,
    "difference": _Deriver.difference,
    "product": _Deriver.product,
    "least": _Deriver.least,
    "greatest": _Deriver.greatest,
    "years_between": _Deriver.years_between,
    "days_between": _Deriver.days_between,
    "mean_of_pairs": _Deriver.mean_of_pairs,
}


def _sum(terms: list[Band]) -> Band:
    lows = [term.low for term in terms if term.low is not None]
    highs = [term.high for term in terms if term.high is not None]
    return Band(sum(lows) if len(lows) == len(terms) else None, sum(highs) if len(highs) == len(terms) else None)


def _negative(band: Band) -> Band:
    return Band(None if band.high is None else -band.high, None if band.low is None else -band.low)


def _difference(first: Band, second: Band) -> Band:
    return _sum([first, _negative(second)])


def _least_of(terms: list[Band]) -> Band:
    highs = [term.high for term in terms if term.high is not None]
    lows = [term.low for term in terms if term.low is not None]
    return Band(min(lows) if len(lows) == len(terms) else None, min(highs) if highs else None)


def _product(first: Band, second: Band) -> Band:
    """Product of two bands; an open end stays open unless both factors are non-negative."""
    ends = [first.low, first.high, second.low, second.high]
    if all(end is not None for end in ends):
        corners = [
            a * b for a in (first.low, first.high) for b in (second.low, second.high) if a is not None and b is not None
        ]
        return Band(min(corners), max(corners))
    for left, right in ((first, second), (second, first)):
        if right.is_exact and right.low is not None and right.low >= 0:
            factor = right.low
            return Band(
                None if left.low is None else left.low * factor, None if left.high is None else left.high * factor
            )
    if first.low is not None and second.low is not None and first.low >= 0 and second.low >= 0:
        return Band(first.low * second.low, None)
    return OPEN


def _ratio(top: Band, bottom: Band) -> Band:
    """Quotient of two bands; undefined over zero, open where the divisor may be zero or change sign."""
    if bottom.is_exact and bottom.low == 0:
        raise Undefined(Cause.UNDEFINED)
    if bottom.low is None or bottom.low <= 0:
        if bottom.high is None or bottom.high >= 0:
            return OPEN
        return _ratio(_negative(top), _negative(bottom))
    inverse_low: Number = 0 if bottom.high is None else Fraction(1) / bottom.high
    return _product(top, Band(inverse_low, Fraction(1) / bottom.low))


def _full_years(start: Number, end: Number) -> int:
    first, last = date.fromordinal(int(start)), date.fromordinal(int(end))
    years = last.year - first.year
    return years if add_period(first, Period(months=12 * years, days=0)) <= last else years - 1
