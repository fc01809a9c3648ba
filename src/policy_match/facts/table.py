"""Facts of many subjects as columns, in the order of the subjects.

Numbers and dates become pairs of int64 keys (lowest and highest possible
value). The key of x is `2*floor(x*scale) + (1 if x*scale is no whole number)`:
comparing keys with the key of a threshold that lies on the grid is exact, so
that 2.9996 % stays below 3 % and one 分 too little is too little. An unknown
value is the band from LOWEST to HIGHEST. Codes, choices and flags become
indexes into the distinct values seen; sets become rows per item name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.facts.cells import MISSING, Cell, Item, Items, Possible, Series, Value
from policy_match.facts.domains import Domain
from policy_match.facts.vocabulary import NUMERIC, FactSpec, FactType, Vocabulary
from policy_match.units import Band, Number

Keys: TypeAlias = NDArray[np.int64]
Ids: TypeAlias = NDArray[np.int32]
Rows: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

LOWEST, HIGHEST = -(2**62), 2**62
SCALE: dict[FactType, int] = {
    FactType.MONEY: 1,
    FactType.DATE: 1,
    FactType.MONTH: 1,
    FactType.COUNT: 10**6,
    FactType.SCORE: 10**6,
    FactType.RATIO: 10**9,
    FactType.AREA: 10**4,
}


def key_of(number: Number, kind: FactType) -> int:
    """Order-preserving whole number of a value in the unit of its type; clipped far outside every threshold."""
    return _key(number, SCALE[kind])


def _key(number: Number, scale: int) -> int:
    if isinstance(number, int):
        key = 2 * scale * number
    else:
        whole, rest = divmod(number.numerator * scale, number.denominator)
        key = 2 * whole + (rest != 0)
    return key if LOWEST < key < HIGHEST else LOWEST + 1 if key < 0 else HIGHEST - 1


@dataclass(frozen=True, slots=True)
class RangeColumn:
    """Numbers, dates, months. `low`, `high`: int64 (n_subjects,) keys; the same array if every value is exact or unknown.

    `known`: bool (n_subjects,), false where nothing at all is known.
    """

    low: Keys
    high: Keys
    known: Flags
    exact: bool


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """Choices, flags, codes. `ids`: int32 (n_subjects,) into the values of `domain`; 0 is unknown."""

    ids: Ids
    domain: Domain


@dataclass(frozen=True, slots=True)
class ItemRows:
    """Where one item name occurs: `rows` int64 (n_entries,), ascending, and the items themselves, same order."""

    rows: Rows
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SetColumn:
    """Honours, lists, tracks. `known`: bool (n_subjects,), the list of that subject is there and complete."""

    known: Flags
    entries: Mapping[str, ItemRows]


Column: TypeAlias = RangeColumn | CodeColumn | SetColumn
ColumnKey: TypeAlias = "str | tuple[str, int]"


class FactTable:
    """The facts of `size` subjects; columns are built when first read.

    Built from cells (one mapping per subject, derived facts included) or, for large loads, from ready columns;
    a fact without a column is then unknown for every subject.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        cells: Sequence[Mapping[str, Cell]] = (),
        *,
        columns: Mapping[ColumnKey, Column] | None = None,
        size: int | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.cells = cells
        self.size = len(cells) if size is None else size
        self._columns: dict[ColumnKey, Column] = dict(columns or {})

    def cell(self, row: int, fact: str) -> Cell:
        """What is known of one fact of one subject; MISSING if nothing was ever said."""
        return self.cells[row].get(fact, MISSING)

    def block(self, first: int, last: int) -> FactTable:
        """The subjects from `first` to before `last`, as views of this table's columns."""
        columns = {key: _rows(column, first, last) for key, column in self._columns.items()}
        return FactTable(self.vocabulary, self.cells[first:last], columns=columns, size=min(last, self.size) - first)

    def numbers(self, key: ColumnKey) -> RangeColumn:
        """The column of a number, date or month; (fact, -1) reads the last year of a list, (fact, -2) the one before."""
        column = self.column(key)
        if not isinstance(column, RangeColumn):
            raise TypeError(f"{key} is not a number")
        return column

    def codes(self, fact: str) -> CodeColumn:
        """The column of a choice, flag or code."""
        column = self.column(fact)
        if not isinstance(column, CodeColumn):
            raise TypeError(f"{fact} is not a choice, flag or code")
        return column

    def sets(self, fact: str) -> SetColumn:
        """The column of a set."""
        column = self.column(fact)
        if not isinstance(column, SetColumn):
            raise TypeError(f"{fact} is not a set")
        return column

    def column(self, key: ColumnKey) -> Column:
        """The column of a fact, of whatever kind."""
        if key not in self._columns:
            self._columns[key] = self._build(key)
        return self._columns[key]

    def built(self) -> list[tuple[ColumnKey, Column]]:
        """The columns that are there so far, by name."""
        return sorted(self._columns.items(), key=lambda pair: str(pair[0]))

    def _build(self, key: ColumnKey) -> Column:
        fact, year = (key, None) if isinstance(key, str) else key
        spec, values = self.vocabulary[fact], self._values.get(fact, {})
        if year is not None:
            return _ranges(_years(values, year), spec.of or FactType.MONEY, self.size)
        if spec.type in NUMERIC:
            bands = {row: value for row, value in values.items() if isinstance(value, Band)}
            return _ranges(bands, spec.type, self.size)
        if spec.type is FactType.SET:
            return _sets(values, self.size)
        return _codes(values, spec, self.size)

    @cached_property
    def _values(self) -> Mapping[str, Mapping[int, Value]]:
        """What is known of each fact, by row: one pass over the cells instead of one for each column."""
        found: defaultdict[str, dict[int, Value]] = defaultdict(dict)
        for row, cells in enumerate(self.cells):
            for fact, cell in cells.items():
                value = cell.value
                if value is not None:
                    found[fact][row] = value
        return found


def _years(values: Mapping[int, Value], year: int) -> dict[int, Band]:
    series = ((row, value.entries) for row, value in values.items() if isinstance(value, Series))
    return {row: entries[year] for row, entries in series if len(entries) >= -year}


def _ranges(values: Mapping[int, Band], kind: FactType, size: int) -> RangeColumn:
    low, high = np.full(size, LOWEST), np.full(size, HIGHEST)
    rows = np.fromiter(values, dtype=np.intp, count=len(values))
    low[rows] = _keys([band.low for band in values.values()], LOWEST, SCALE[kind])
    high[rows] = _keys([band.high for band in values.values()], HIGHEST, SCALE[kind])
    known = (low > LOWEST) | (high < HIGHEST)
    exact = bool(np.all((low == high) | ~known))
    return RangeColumn(low, high, known, exact)


def _keys(ends: Sequence[Number | None], unknown: int, scale: int) -> Keys:
    """The keys of one end of bands: at once if all are whole numbers that a key can hold, else one by one."""
    whole = [end for end in ends if isinstance(end, int)]
    if 0 < len(whole) == len(ends) and max(map(abs, whole)) < HIGHEST // (2 * scale):
        return np.array(whole, dtype=np.int64) * (2 * scale)
    return np.array([unknown if end is None else _key(end, scale) for end in ends], dtype=np.int64)


def _codes(values: Mapping[int, Value], spec: FactSpec, size: int) -> CodeColumn:
    # Subjects share the objects of what was read from one text: each is looked at once.
    objects = {id(value): value for value in values.values()}
    found = {key: value for key, value in objects.items() if isinstance(value, Possible)}
    strange = next((value for value in objects.values() if not isinstance(value, Possible)), None)
    if strange is not None:
        raise TypeError(f"{spec.name} holds {type(strange).__name__}")
    domain = Domain.of(found.values())
    index = {value: number for number, value in enumerate(domain.values)}
    number_of = {key: index[value] for key, value in found.items()}
    ids = np.zeros(size, dtype=np.int32)
    ids[[*values]] = [number_of[id(value)] for value in values.values()]
    return CodeColumn(ids, domain)


def _sets(values: Mapping[int, Value], size: int) -> SetColumn:
    known = np.zeros(size, dtype=bool)
    known[[row for row, value in values.items() if isinstance(value, Items) and value.is_complete]] = True
    found: dict[str, list[tuple[int, Item]]] = {}
    for row, value in values.items():
        for item in value.items if isinstance(value, Items) else ():
            found.setdefault(item.name, []).append((row, item))
    entries = {
        name: ItemRows(np.array([row for row, _ in pairs], dtype=np.int64), tuple(item for _, item in pairs))
        for name, pairs in found.items()
    }
    return SetColumn(known, entries)


def known_rows(column: Column) -> Flags:
    """Where anything is known, bool (n_subjects,)."""
    return column.ids > 0 if isinstance(column, CodeColumn) else column.known


def _rows(column: Column, first: int, last: int) -> Column:
    if isinstance(column, RangeColumn):
        return RangeColumn(column.low[first:last], column.high[first:last], column.known[first:last], column.exact)
    if isinstance(column, CodeColumn):
        return CodeColumn(column.ids[first:last], column.domain)
    entries: dict[str, ItemRows] = {}
    for name, entry in column.entries.items():
        start, stop = np.searchsorted(entry.rows, (first, last)).tolist()
        entries[name] = ItemRows(entry.rows[start:stop] - first, entry.items[start:stop])
    return SetColumn(column.known[first:last], entries)
