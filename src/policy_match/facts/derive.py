"""Derived facts: the closed verbs, size ladders and lookups of `rules/facts.yaml`.

Arithmetic is exact (fractions) over bands: an operand that is not known is an
open band, so that a result is a band wherever its bounds are known and unknown
otherwise. Nothing is rounded here and nothing is taken as zero. The ladder
follows 工信部联企业〔2011〕300号: every lower bound is inclusive, all figures of the
row must reach it, else the class below; a figure that cannot change the class
is not needed. Without its industry a firm has no class: some industries (finance,
education, rail) have no row at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from policy_match.dates import Period, add_period
from policy_match.facts import bands
from policy_match.facts.bands import Undefined
from policy_match.facts.cells import MISSING, OPEN, Cause, Cell, Pairs, Possible, Series, Value
from policy_match.facts.vocabulary import Derivation, FactSpec, FactType, Ladder, Lookup, Operand, Ref, Verb, Vocabulary
from policy_match.units import Band, Number

DAYS_A_YEAR = 365


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
        if name not in fixed:
            known[name] = derived_cell(name, known, vocabulary, as_of)
    return known


def derived_cell(name: str, cells: Mapping[str, Cell], vocabulary: Vocabulary, as_of: date) -> Cell:
    """A derived fact as it stands: what is given and what the derivation says, together."""
    return _reconciled(cells.get(name, MISSING), derive_one(vocabulary[name], cells, vocabulary, as_of))


def derive_one(spec: FactSpec, cells: Mapping[str, Cell], vocabulary: Vocabulary, as_of: date) -> Cell:
    """The derived value of one fact: what every way leaves possible; a way that contradicts an earlier one gives way."""
    best = MISSING
    for way in (spec.derive, *spec.alternatives):
        if way is None or (best.value is not None and _is_single(best.value)):
            continue
        cell = _Deriver(spec, cells, vocabulary, as_of).derive(way)
        if best.value is None:
            best = cell if cell.value is not None or best is MISSING else best
        elif cell.value is not None and (both := _common(best.value, cell.value)) is not None:
            best = Cell(both, derived=True)
    return best


def _reconciled(given: Cell, derived: Cell) -> Cell:
    """The given cell if it is no wider than the derived one, else what both leave possible; conflict if nothing is left.

    A given value that may not be used (stale, of the wrong purpose) does not stand in the way of the derivation.
    """
    if given.value is None:
        return derived if derived.value is not None or given.cause is Cause.MISSING else given
    if derived.value is None:
        return given
    both = _common(given.value, derived.value)
    if both is None:
        return Cell(None, Cause.CONFLICT, given.source, given.observed_on, last_seen=given.value)
    return given if both == given.value else Cell(both, derived=True)


def _common(first: Value, second: Value) -> Value | None:
    """What two values leave possible together; None: they contradict each other."""
    if isinstance(first, Band) and isinstance(second, Band):
        low = max((end for end in (first.low, second.low) if end is not None), default=None)
        high = min((end for end in (first.high, second.high) if end is not None), default=None)
        return None if low is not None and high is not None and low > high else Band(low, high)
    if isinstance(first, Possible) and isinstance(second, Possible):
        options = first.options & second.options
        return Possible(options) if options else None
    return first


def _is_single(value: Value) -> bool:
    if isinstance(value, Band):
        return value.is_exact
    return not isinstance(value, Possible) or value.single is not None


class _Deriver:
    def __init__(self, spec: FactSpec, cells: Mapping[str, Cell], vocabulary: Vocabulary, as_of: date) -> None:
        self.spec, self.cells, self.vocabulary, self.as_of = spec, cells, vocabulary, as_of

    def derive(self, way: Derivation) -> Cell:
        if self.says_nothing():
            return Cell(None, self.cause(), derived=True)
        try:
            if isinstance(way, Ladder):
                return self.ladder(way)
            if isinstance(way, Lookup):
                return self.lookup(way)
            band = self.number(way)
        except Undefined as undefined:
            return Cell(None, undefined.cause, derived=True)
        if band == OPEN or (band == Band(0, None) and self.spec.not_negative):
            return Cell(None, self.cause(), derived=True)
        return Cell(band, derived=True)

    def says_nothing(self) -> bool:
        """Whether no input at all is known: a bound that only comes from what can never be negative is no knowledge."""
        return all(self.cells.get(name, MISSING).value is None for name in self.vocabulary.inputs(self.spec.name))

    def cause(self) -> Cause:
        """Why the inputs leave the result open: the first cause that is not just missing, else missing."""
        causes = [self.cells.get(name, MISSING).cause for name in self.vocabulary.inputs(self.spec.name)]
        return next((cause for cause in causes if cause not in (None, Cause.MISSING)), None) or Cause.MISSING

    # classes

    def ladder(self, ladder: Ladder) -> Cell:
        by = self.cells.get(ladder.by, MISSING)
        if not isinstance(by.value, Possible):
            return Cell(None, by.cause or Cause.MISSING, derived=True)
        classes: set[str] = set()
        for option in by.value.options:
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
            band = self.band(fact)
            best = max(best, sum(band.high is not None and band.high < limit for limit in bounds))
            worst = max(worst, sum(band.low is None or band.low < limit for limit in bounds))
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
        return value if isinstance(value, Band) else self.floor(name)

    def floor(self, name: str) -> Band:
        """What a figure may be of which nothing is known."""
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
        """The years of a list, the last ones where it has more than its fact asks.

        None if it is not known, or not complete where that matters.
        """
        value = self.cells.get(name, MISSING).value
        if not isinstance(value, Series) or not value.entries:
            return None
        entries = tuple(self.floor(name) if entry == OPEN else entry for entry in value.entries)
        years = self.vocabulary[name].years
        if years is None:
            return entries
        if complete and len(entries) < years and not self.young(len(entries)):
            return None
        return entries[-years:]

    def young(self, entries: int) -> bool:
        """Whether a list shorter than asked covers every full year since registration (by date, else by days)."""
        registered = self.band("registered_on") if "registered_on" in self.vocabulary else OPEN
        if registered.low is not None:
            return _full_years(registered.low, self.as_of.toordinal()) <= entries
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
        return bands.total(self.summands(verb))

    def mean(self, verb: Verb) -> Band:
        terms = self.summands(verb)
        return bands.product(bands.total(terms), Band(Fraction(1, len(terms)), Fraction(1, len(terms))))

    def last(self, verb: Verb) -> Band:
        (arg,) = verb.args
        entries = self.series(arg.name, complete=False) if isinstance(arg, Ref) else None
        return entries[-1] if entries else OPEN

    def ratio(self, verb: Verb) -> Band:
        if self.spec.same_length:
            lists = [
                entries
                for name in self.vocabulary.inputs(self.spec.name)
                if (entries := self.series(name, complete=False))
            ]
            if len({len(entries) for entries in lists}) > 1:
                raise Undefined(Cause.CONFLICT)
        return bands.quotient(self.number(verb.args[0]), self.number(verb.args[1]))

    def difference(self, verb: Verb) -> Band:
        return bands.difference(self.number(verb.args[0]), self.number(verb.args[1]))

    def product(self, verb: Verb) -> Band:
        result = Band(1, 1)
        for arg in verb.args:
            result = bands.product(result, self.number(arg))
        return result

    def least(self, verb: Verb) -> Band:
        return bands.least([self.number(arg) for arg in verb.args])

    def greatest(self, verb: Verb) -> Band:
        return bands.negative(bands.least([bands.negative(self.number(arg)) for arg in verb.args]))

    def days_between(self, verb: Verb) -> Band:
        return bands.difference(self.number(verb.args[1]), self.number(verb.args[0]))

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
        total = bands.total([band for pair in value.pairs for band in pair])
        return bands.product(total, Band(Fraction(1, 8), Fraction(1, 8)))


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


def _full_years(start: Number, end: Number) -> int:
    first, last = date.fromordinal(int(start)), date.fromordinal(int(end))
    years = last.year - first.year
    return years if add_period(first, Period(months=12 * years, days=0)) <= last else years - 1
