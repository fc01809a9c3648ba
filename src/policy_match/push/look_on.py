"""The next day on which time alone may change what is decided of a subject.

Verdicts hang on the day through the age of a date, through the days between which an honour counts, through what is
derived from the day, and through observations that grow old (store/current.py knows these). Until the day that is found
here nothing changes; on the day itself something may, or may not. A rule that begins or ends changes the mark of its
measure (push/marks.py), and is not asked about here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date

from policy_match.dates import Period, add_period
from policy_match.eligibility.leaves import AgeAtLeast, HasAny, InRange, Leaf
from policy_match.eligibility.nodes import Node, leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import Cell, Items
from policy_match.facts.table import SCALE
from policy_match.facts.vocabulary import FactSpec, Ref, Verb, Vocabulary, read_by
from policy_match.units import Band

AS_OF = "as_of"
REGISTERED = "registered_on"
_REACH = 200 * 366


class LookingAhead:
    """What of the rules hangs on the day, asked once; then the next day of any number of subjects."""

    def __init__(self, rules: Iterable[Rule], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._ages: dict[str, set[Period]] = {}
        self._held: set[str] = set()
        self._spans: dict[str, set[int]] = {}
        # Facts that are derived from the day in a way that is not followed here: whoever has one is looked at daily.
        self._daily: set[str] = set()
        moving = _moving(vocabulary)
        for rule in rules:
            for leaf in _leaves(rule):
                self._note(leaf, moving)
            self._daily |= moving.keys() & _mentioned(rule)

    def _note(self, leaf: Leaf, moving: Mapping[str, str | None]) -> None:
        if isinstance(leaf, AgeAtLeast) and leaf.at is None:
            self._ages.setdefault(leaf.fact, set()).add(leaf.period)
        if isinstance(leaf, HasAny) and leaf.validity:
            self._held.add(leaf.fact)
        for fact in leaf.facts:
            if fact not in moving:
                continue
            date_fact = moving[fact]
            if date_fact is None or not isinstance(leaf, InRange):
                self._daily.add(fact)
                continue
            scale = 2 * SCALE[self._vocabulary[fact].type]
            ends = (end for end in (leaf.low, leaf.high) if end is not None)
            self._spans.setdefault(date_fact, set()).update(end // scale for end in ends)

    def next_day(self, cells: Mapping[str, Cell], as_of: date) -> date | None:
        """The first of these days after `as_of`; None: none is known. `cells`: what is known, without what is derived."""
        if any(name in cells for fact in self._daily for name in self._vocabulary.inputs(fact)):
            return _later(as_of, 1)
        return min((day for day in self._days(cells, as_of) if day > as_of), default=None)

    def _days(self, cells: Mapping[str, Cell], as_of: date) -> Iterator[date]:
        for fact, periods in self._ages.items():
            for day in _ends(cells.get(fact)):
                yield from (add_period(day, period) for period in periods)
        for fact, spans in self._spans.items():
            for day in _ends(cells.get(fact)):
                yield from (_later(day, span + more) for span in spans for more in (0, 1) if abs(span) < _REACH)
        for fact in self._held:
            yield from _days_of(cells.get(fact))
        for day in _ends(cells.get(REGISTERED)):
            # A list of years may be complete until the firm is a year older.
            yield from _anniversaries(day, as_of)


def _leaves(rule: Rule) -> Iterator[Leaf]:
    nodes: list[Node] = [rule.root, *rule.exclusions, *(when for when, _ in rule.gates)]
    nodes += [condition.node for condition in rule.conditions.values()]
    for node in nodes:
        yield from leaves_of(node)


def _moving(vocabulary: Vocabulary) -> dict[str, str | None]:
    """Facts derived from the day, and the date from which each counts the days; None: in another way."""
    found: dict[str, str | None] = {}
    names = {*_derived_from(vocabulary, {AS_OF})}
    while more := names - found.keys():
        found |= {name: _counts_from(vocabulary[name]) for name in more}
        names = {*_derived_from(vocabulary, found.keys())}
    return found


def _derived_from(vocabulary: Vocabulary, names: AbstractSet[str]) -> Iterator[str]:
    for name, spec in vocabulary.facts.items():
        if any(not names.isdisjoint(read_by(derivation)) for derivation in (spec.derive, *spec.alternatives)):
            yield name


def _counts_from(spec: FactSpec) -> str | None:
    """The date fact of days_between: [date, as_of], the one way that is followed."""
    derive = spec.derive
    if spec.alternatives or not isinstance(derive, Verb) or derive.name != "days_between":
        return None
    first, last = derive.args
    return first.name if isinstance(first, Ref) and first.name != AS_OF and last == Ref(AS_OF) else None


def _mentioned(rule: Rule) -> set[str]:
    """Every text in the benefit of a rule: the facts that amounts are computed from are among them."""
    benefit = rule.measure.benefit
    return set() if benefit is None else set(_texts(benefit.model_dump()))


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for part in said.values():
            yield from _texts(part)
    elif isinstance(said, list | tuple):
        for part in said:
            yield from _texts(part)


def _ends(cell: Cell | None) -> Iterator[date]:
    """Both ends of a date, once if it is known to the day."""
    value = None if cell is None else cell.value
    if isinstance(value, Band):
        for end in {value.low, value.high}:
            if end is not None:
                yield date.fromordinal(int(end))


def _days_of(cell: Cell | None) -> Iterator[date]:
    """The days on which an honour may begin to count or count no more."""
    value = None if cell is None else cell.value
    for one in value.items if isinstance(value, Items) else ():
        for band in (one.granted, one.through):
            for end in () if band is None else {band.low, band.high}:
                if end is not None:
                    day = int(end)
                    yield from (date.fromordinal(day), _later(date.fromordinal(day), 1))


def _later(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def _anniversaries(day: date, as_of: date) -> Iterator[date]:
    years = max(as_of.year - day.year, 0)
    yield from (add_period(day, Period(12 * number, 0)) for number in (years, years + 1))
