"""Columns of a fact table as bit planes: 64 subjects a word, first subject in the lowest bit.

A test over a column is put together from a few planes that many tests share: where
anything is known, where the lowest (highest) possible value reaches a key, where an
index reaches a value of the domain, where a list holds a name. Each is worked out
once. Bits beyond the subjects are free.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from policy_match.facts.table import ColumnKey, FactTable, Ids, Keys, known_rows

Words: TypeAlias = NDArray[np.uint64]
End: TypeAlias = Literal["low", "high", "id"]
WORD = 64
MOST = 2**WORD - 1
FEW = 4096
"""Subjects below which reading a table of answers is cheaper than putting runs together."""


def pack(flags: NDArray[np.bool_]) -> Words:
    """Pack booleans, 64 a word, first subject in the lowest bit; the last word is filled with zeros."""
    size = (len(flags) + WORD - 1) // WORD * WORD
    packed = np.packbits(flags, bitorder="little")
    if packed.size * 8 < size:
        packed = np.concatenate([packed, np.zeros(size // 8 - packed.size, dtype=np.uint8)])
    return packed.view(np.uint64)


def words_of(planes: Sequence[int]) -> Words:
    """Planes of up to 64 subjects, a word each, from whole numbers."""
    return np.array([bits & MOST for bits in planes], dtype=np.uint64)


def unpack(words: Words, size: int) -> NDArray[np.bool_]:
    """Undo `pack` for the first `size` subjects."""
    return np.unpackbits(words.view(np.uint8), count=size, bitorder="little").view(np.bool_)


class Wire(Protocol):
    """A plane that is not worked out yet; an operator writes down the step that will."""

    def __and__(self, other: Wire, /) -> Wire: ...

    def __or__(self, other: Wire, /) -> Wire: ...

    def __xor__(self, other: Wire, /) -> Wire: ...

    def __invert__(self) -> Wire: ...


Columns = TypeVar("Columns", Words, int, Wire)


class ColumnPlanes(ABC, Generic[Columns]):
    """The planes of one table: worked out at once (`PackedColumns`, `FewColumns`), or as wires of a program that is yet to run."""

    def __init__(self, table: FactTable, none: Columns, every: Columns) -> None:
        self.table = table
        self.none: Columns = none
        self.every: Columns = every

    @abstractmethod
    def known(self, fact: ColumnKey) -> Columns:
        """Where anything is known of a number or code, and where a list is there."""

    @abstractmethod
    def named(self, fact: str, name: str) -> Columns:
        """Where an item of that name is on the list, whatever its dates."""

    @abstractmethod
    def packed(self, flags: NDArray[np.bool_]) -> Columns:
        """What was worked out subject by subject, bool (n_subjects,)."""

    @abstractmethod
    def reaches(self, fact: ColumnKey, end: End, key: int) -> Columns:
        """Where the lowest (highest) possible value, or the index of the value in the domain, is `key` or more."""

    def between(self, fact: ColumnKey, low: int | None, high: int | None) -> tuple[Columns, Columns]:
        """Where a number surely lies from key to key, both included, and where it surely does not; None: no limit."""
        known = self.known(fact)
        reaches_low = known if low is None else self.reaches(fact, "low", low)
        passes_high = self.none if high is None else self.reaches(fact, "low", high + 1)
        if self.table.numbers(fact).exact:
            inside = reaches_low if high is None else reaches_low & ~passes_high
            return inside, known ^ inside
        may_reach_low = self.every if low is None else self.reaches(fact, "high", low)
        may_pass_high = self.none if high is None else self.reaches(fact, "high", high + 1)
        return reaches_low & ~may_pass_high, passes_high | ~may_reach_low

    def answered(self, fact: str, answers: NDArray[np.int8]) -> tuple[Columns, Columns]:
        """Where a test that was answered per value of the domain (1, -1, else 0) came out true, and false."""
        true = self.where(fact, answers > 0)
        if np.count_nonzero(answers) == len(answers) - 1:
            return true, self.known(fact) ^ true
        return true, self.where(fact, answers < 0)

    def where(self, fact: str, wanted: NDArray[np.bool_]) -> Columns:
        """Where the index of the value is wanted: a run of wanted indexes is what reaches its start and not its end."""
        plane: Columns = self.none
        for edge in (np.flatnonzero(np.diff(wanted, append=False)) + 1).tolist():
            if edge < len(wanted):
                plane = plane ^ self.reaches(fact, "id", edge)
        return plane


class PackedColumns(ColumnPlanes[Words]):
    """Planes as uint64 ((n_subjects + 63) // 64,), each made on first use and kept."""

    def __init__(self, table: FactTable) -> None:
        none: Words = np.zeros((table.size + WORD - 1) // WORD, dtype=np.uint64)
        super().__init__(table, none, ~none)
        self._known: dict[ColumnKey, Words] = {}
        self._reached: dict[tuple[ColumnKey, End], dict[int, Words]] = {}
        self._named: dict[tuple[str, str], Words] = {}

    def known(self, fact: ColumnKey) -> Words:
        if fact not in self._known:
            self._known[fact] = pack(known_rows(self.table.column(fact)))
        return self._known[fact]

    def named(self, fact: str, name: str) -> Words:
        key = (fact, name)
        if key not in self._named:
            flags = np.zeros(self.table.size, dtype=bool)
            entry = self.table.sets(fact).entries.get(name)
            if entry is not None:
                flags[entry.rows] = True
            self._named[key] = pack(flags)
        return self._named[key]

    def packed(self, flags: NDArray[np.bool_]) -> Words:
        return pack(flags)

    def where(self, fact: str, wanted: NDArray[np.bool_]) -> Words:
        if self.table.size < FEW:
            return pack(wanted[self.table.codes(fact).ids])
        return super().where(fact, wanted)

    def reaches(self, fact: ColumnKey, end: End, key: int) -> Words:
        reached = self._reached.setdefault((fact, end), {})
        plane = reached.get(key)
        if plane is None:
            plane = reached[key] = pack(values_at(self.table, fact, end) >= key)
        return plane


class FewColumns(ColumnPlanes[int]):
    """Planes of up to 64 subjects as the bits of whole numbers: for few, calling NumPy costs more than counting them."""

    def __init__(self, table: FactTable) -> None:
        super().__init__(table, 0, -1)
        self._values: dict[tuple[ColumnKey, End], list[int]] = {}
        self._known: dict[ColumnKey, int] = {}

    def known(self, fact: ColumnKey) -> int:
        if fact not in self._known:
            self._known[fact] = self.packed(known_rows(self.table.column(fact)))
        return self._known[fact]

    def named(self, fact: str, name: str) -> int:
        entry = self.table.sets(fact).entries.get(name)
        return 0 if entry is None else sum(1 << row for row in set(entry.rows.tolist()))

    def packed(self, flags: NDArray[np.bool_]) -> int:
        return sum(1 << row for row, flag in enumerate(flags.tolist()) if flag)

    def where(self, fact: str, wanted: NDArray[np.bool_]) -> int:
        return sum(1 << row for row, index in enumerate(self._at(fact, "id")) if wanted[index])

    def reaches(self, fact: ColumnKey, end: End, key: int) -> int:
        return sum(1 << row for row, value in enumerate(self._at(fact, end)) if value >= key)

    def _at(self, fact: ColumnKey, end: End) -> list[int]:
        if (fact, end) not in self._values:
            self._values[fact, end] = values_at(self.table, fact, end).tolist()
        return self._values[fact, end]


def values_at(table: FactTable, fact: ColumnKey, end: End) -> Keys | Ids:
    """The end of a column that `reaches` compares: the lowest or highest keys of a number, or the indexes of codes."""
    if end == "id":
        return table.codes(str(fact)).ids
    column = table.numbers(fact)
    return column.low if end == "low" else column.high
