"""The form of `current_facts.observations`: what of the log a reader of today may need, one text a subject.

    [origins, alone, several]
    origins: [[source, observed_on, valid_from, valid_through, authorised_by, received_at, confidence, record], …]
    alone:   [{fact: value, …}, …]  of each origin, in turn, the facts of which there is no other observation
    several: {fact: [[origin, value], …], …}  the others, origins by their place

Most facts were said once, and a record says many facts: so an origin is written and read once for all of them. The
text follows from the log, so that a change of its form needs no migration: `facts.rebuild` writes it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import orjson

from policy_match.dates import local_day
from policy_match.facts.assemble import AloneRank, assemble, rank_alone, said_alone
from policy_match.facts.cells import Cell, Items, Value, known_figure
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.stored import Plain, from_plain, reader_of, to_plain
from policy_match.facts.vocabulary import NUMERIC, FactSpec, Vocabulary

Known: TypeAlias = dict[str, list[Observation]]
_Origin: TypeAlias = "list[str | int | None]"
_Parts: TypeAlias = "tuple[list[_Origin], list[dict[str, Plain]], dict[str, list[tuple[int, Plain]]]]"
_DECIDING = 5
"""The first parts of an origin, on which it hangs what becomes of an only observation (`said_alone`)."""


def may_count(observations: Sequence[Observation]) -> list[Observation]:
    """Those that a reader of today may need: of each source its newest day, and what holds for certain days only.

    By source and day, else in the order of the log: of what was received at the same instant the later word counts.
    """
    if len(observations) == 1:
        return [*observations]
    newest: dict[str, date] = {}
    for observation in observations:
        if not _has_period(observation):
            day = _day(observation)
            newest[observation.source] = max(day, newest.get(observation.source, day))
    kept = [o for o in observations if _has_period(o) or _day(o) == newest[o.source]]
    return sorted(kept, key=lambda o: (o.source, _day(o)))


def encoded(known: Known) -> str:
    """The text of what is known of one subject; the same log always gives the same text."""
    places: dict[tuple[str | int | None, ...], int] = {}
    alone: list[dict[str, Plain]] = []
    several: dict[str, list[list[Plain]]] = {}

    def place(observation: Observation) -> int:
        number = places.setdefault(_origin(observation), len(places))
        if number == len(alone):
            alone.append({})
        return number

    for fact in sorted(known):
        own = may_count(known[fact])
        if len(own) == 1:
            alone[place(own[0])][fact] = to_plain(own[0].value)
        else:
            several[fact] = [[place(o), to_plain(o.value)] for o in own]
    return orjson.dumps([[*places], alone, several], option=orjson.OPT_SORT_KEYS).decode()


def decoded(text: str, vocabulary: Vocabulary) -> Known:
    """The observations of a text, by the name of the fact; facts that the vocabulary no longer has are left out."""
    parts: _Parts = orjson.loads(text)
    origins, alone, several = parts
    found: Known = {}
    for origin, values in zip(origins, alone, strict=True):
        for fact, plain in values.items():
            if fact in vocabulary:
                found[fact] = [_observation(fact, from_plain(vocabulary[fact], plain), origin)]
    for fact, own in several.items():
        if fact in vocabulary:
            found[fact] = [
                _observation(fact, from_plain(vocabulary[fact], plain), origins[place]) for place, plain in own
            ]
    return dict(sorted(found.items()))


class CellReader:
    """Cells of very many subjects for one day and one purpose, straight from their texts.

    The same cells as `cells_of` makes of the decoded observations; what becomes of an only observation is found out
    once for all that differ in nothing but the value, and a value that subjects share is read once.
    """

    def __init__(self, vocabulary: Vocabulary, as_of: date, purpose: Purpose) -> None:
        self._vocabulary, self._as_of, self._purpose = vocabulary, as_of, purpose
        self._made: dict[tuple[str | int | None, ...], _Makers] = {}
        self._readers: dict[str, Callable[[Plain], Value]] = {}

    def cells(self, text: str) -> dict[str, Cell]:
        """The cells of one subject; facts that the vocabulary no longer has are left out."""
        parts: _Parts = orjson.loads(text)
        origins, alone, several = parts
        makers = [self._makers(origin) for origin in origins]
        found: dict[str, Cell] = {}
        for own, values in zip(makers, alone, strict=True):
            for fact, plain in values.items():
                maker = own[fact]
                if maker is not None:
                    make = maker.make  # called as a method it would be looked up the slow way
                    found[fact] = maker[plain] if isinstance(plain, str) else make(plain)
        for fact, pairs in several.items():
            if fact in self._vocabulary:
                found[fact] = self._of_several(self._vocabulary[fact], pairs, origins, makers)
        return found

    def _of_several(
        self, spec: FactSpec, pairs: Sequence[tuple[int, Plain]], origins: Sequence[_Origin], makers: Sequence[_Makers]
    ) -> Cell:
        if len({origins[place][0] for place, _ in pairs}) < len(pairs):
            read = self.reader(spec)
            return self.assembled(spec, [(origins[place], read(plain)) for place, plain in pairs])
        said = [(maker, plain) for place, plain in pairs if (maker := makers[place][spec.name]) is not None]
        maker, plain = min(said, key=_rank)
        return maker[plain] if isinstance(plain, str) else maker.make(plain)

    def _makers(self, origin: _Origin) -> _Makers:
        key = tuple(origin[:_DECIDING])
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = _Makers(self, self._vocabulary, origin)
        return found

    def reader(self, spec: FactSpec) -> Callable[[Plain], Value]:
        """What reads the values of a fact, whoever said them."""
        found = self._readers.get(spec.name)
        if found is None:
            found = self._readers[spec.name] = _reading_once(reader_of(spec))
        return found

    def assembled(self, spec: FactSpec, said: Sequence[tuple[_Origin, Value]]) -> Cell:
        """The cell of observations, the long way."""
        observations = [_observation(spec.name, value, origin) for origin, value in said]
        return assemble(spec, observations, self._vocabulary, self._as_of, self._purpose).cell


class _Makers(dict[str, "_Maker | None"]):
    """By fact, what makes cells of the values that one origin gives; None for a fact that is no more."""

    def __init__(self, reader: CellReader, vocabulary: Vocabulary, origin: _Origin) -> None:
        super().__init__()
        self._reader, self._vocabulary, self._origin = reader, vocabulary, origin

    def __missing__(self, fact: str) -> _Maker | None:
        found = self[fact] = self._made(self._vocabulary[fact]) if fact in self._vocabulary else None
        return found

    def _made(self, spec: FactSpec) -> _Maker:
        like, read = self._reader.assembled(spec, [(self._origin, Items(()))]), self._reader.reader(spec)
        make = _figures(like, read) if spec.type in NUMERIC and like.value is not None else _values(like, read)
        return _Maker(make, rank_alone(spec, like))


class _Maker(dict[str, Cell]):
    """Makes cells of the values of one origin and fact, and keeps those of texts: options and codes are few.

    `rank`: where what the origin says of the fact stands among what others say of it.
    """

    __slots__ = ("make", "rank")

    def __init__(self, make: Callable[[Plain], Cell], rank: AloneRank) -> None:
        super().__init__()
        self.make, self.rank = make, rank

    def __missing__(self, plain: str) -> Cell:
        found = self[plain] = self.make(plain)
        return found


def _rank(said: tuple[_Maker, Plain]) -> AloneRank:
    return said[0].rank


def _values(like: Cell, read: Callable[[Plain], Value]) -> Callable[[Plain], Cell]:
    def make(plain: Plain) -> Cell:
        return said_alone(like, read(plain))

    return make


def _figures(like: Cell, read: Callable[[Plain], Value]) -> Callable[[Plain], Cell]:
    """Of figures that may be used: a whole number is one as it stands."""
    source, day = like.source, like.observed_on

    def make(plain: Plain) -> Cell:
        if isinstance(plain, int):
            return known_figure(plain, source, day)
        return said_alone(like, read(plain))

    return make


def _reading_once(read: Callable[[Plain], Value]) -> Callable[[Plain], Value]:
    """Read equal JSON data once: most lists, options and shares are those of other subjects too."""
    kept: dict[str, Value] = {}

    def value(plain: Plain) -> Value:
        text = orjson.dumps(plain).decode()
        found = kept.get(text)
        if found is None:
            found = kept[text] = read(plain)
        return found

    return value


def _day(observation: Observation) -> date:
    return observation.observed_on or local_day(observation.received_at)


def _has_period(observation: Observation) -> bool:
    return observation.valid_from is not None or observation.valid_through is not None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _origin(o: Observation) -> tuple[str | int | None, ...]:
    received_at = o.received_at.astimezone(UTC).isoformat()
    days = (_iso(o.observed_on), _iso(o.valid_from), _iso(o.valid_through))
    return (o.source, *days, o.authorised_by, received_at, o.confidence, o.record)


def _observation(fact: str, value: Value, origin: _Origin) -> Observation:
    source, observed_on, starts, ends, authorised_by, received_at, confidence, record = origin
    return Observation(
        fact=fact,
        value=value,
        source=str(source),
        observed_on=_to_day(observed_on),
        received_at=datetime.fromisoformat(str(received_at)),
        valid_from=_to_day(starts),
        valid_through=_to_day(ends),
        confidence=int(str(confidence)),
        authorised_by=None if authorised_by is None else str(authorised_by),
        record=None if record is None else str(record),
    )


def _to_day(plain: str | int | None) -> date | None:
    return None if plain is None else date.fromisoformat(str(plain))


def next_day(text: str, vocabulary: Vocabulary, as_of: date) -> date | None:
    """The first day after `as_of` on which another observation may count: one begins, ends or grows too old; None: none does.

    `text`: of one subject, as `encoded` writes it.
    """
    parts: _Parts = orjson.loads(text)
    origins, alone, several = parts
    said = [set(facts) for facts in alone]
    for fact, pairs in several.items():
        for place, _ in pairs:
            said[place].add(fact)
    days = (day for origin, facts in zip(origins, said, strict=True) for day in _turns(origin, facts, vocabulary))
    return min((day for day in days if day > as_of), default=None)


def _turns(origin: _Origin, facts: Collection[str], vocabulary: Vocabulary) -> Iterator[date]:
    """The days on which the observations of an origin begin to count, and those on which one counts no more."""
    observed_on, valid_from, valid_through = (_to_day(plain) for plain in origin[1:4])
    yield from (day for day in (observed_on, valid_from) if day is not None)
    if valid_through is not None:
        yield valid_through + timedelta(days=1)
    if observed_on is not None:
        ages = {vocabulary[fact].fresh_days for fact in facts if fact in vocabulary}
        yield from (observed_on + timedelta(days=age + 1) for age in ages if age is not None)
