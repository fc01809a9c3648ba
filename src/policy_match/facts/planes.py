"""Columns of a fact table as bit planes: 64 subjects a word, first subject in the lowest bit.

A test over a column is put together from a few planes that many tests share: where
anything is known, where the lowest (highest) possible value reaches a key, where an
index reaches a value of the domain, where a list holds a name. Each is worked out
once. Bits beyond the subjects are free.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.facts.table import ColumnKey, FactTable, Ids, Keys, known_rows

Words: TypeAlias = NDArray[np.uint64]
Pair: TypeAlias = tuple[Words, Words]
WORD = 64
FEW = 4096
"""Subjects below which reading a table of answers is cheaper than putting runs together."""


def pack(flags: NDArray[np.bool_]) -> Words:
    """Pack booleans, 64 a word, first subject in the lowest bit; the last word is filled with zeros."""
    size = (len(flags) + WORD - 1) // WORD * WORD
    packed = np.packbits(flags, bitorder="little")
    if packed.size * 8 < size:
        packed = np.concatenate([packed, np.zeros(size // 8 - packed.size, dtype=np.uint8)])
    return packed.view(np.uint64)


def unpack(words: Words, size: int) -> NDArray[np.bool_]:
    """Undo `pack` for the first `size` subjects."""
    return np.unpackbits(words.view(np.uint8), count=size, bitorder="little").view(np.bool_)


class ColumnPlanes:
    """The planes of one table; uint64 ((n_subjects + 63) // 64,) each, made on first use and kept."""

    def __init__(self, table: FactTable) -> None:
        self.table = table
        words = (table.size + WORD - 1) // WORD
        self.none: Words = np.zeros(words, dtype=np.uint64)
        self.every: Words = ~self.none
        self._known: dict[ColumnKey, Words] = {}
        self._kept: dict[tuple[np.ufunc, ColumnKey, str], dict[int, Words]] = {}
        self._named: dict[tuple[str, str], Words] = {}

    def known(self, fact: ColumnKey) -> Words:
        """Where anything is known of a number or code, and where a list is there."""
        if fact not in self._known:
            self._known[fact] = pack(known_rows(self.table.column(fact)))
        return self._known[fact]

    def between(self, fact: ColumnKey, low: int | None, high: int | None) -> Pair:
        """Where a number surely lies from key to key, both included, and where it surely does not; None: no limit."""
        column, known = self.table.numbers(fact), self.known(fact)
        reaches_low = known if low is None else self._reaches(fact, "low", column.low, low)
        passes_high = self.none if high is None else self._reaches(fact, "low", column.low, high + 1)
        if column.exact:
            inside = reaches_low if high is None else reaches_low & ~passes_high
            return inside, known ^ inside
        may_reach_low = self.every if low is None else self._reaches(fact, "high", column.high, low)
        may_pass_high = self.none if high is None else self._reaches(fact, "high", column.high, high + 1)
        return reaches_low & ~may_pass_high, passes_high | ~may_reach_low

    def answered(self, fact: str, answers: NDArray[np.int8]) -> Pair:
        """Where a test that was answered per value of the domain (1, -1, else 0) came out true, and false."""
        true = self._where(fact, answers > 0)
        if np.count_nonzero(answers) == len(answers) - 1:
            return true, self.known(fact) ^ true
        return true, self._where(fact, answers < 0)

    def named(self, fact: str, name: str) -> Words:
        """Where an item of that name is on the list, whatever its dates."""
        key = (fact, name)
        if key not in self._named:
            flags = np.zeros(self.table.size, dtype=bool)
            entry = self.table.sets(fact).entries.get(name)
            if entry is not None:
                flags[entry.rows] = True
            self._named[key] = pack(flags)
        return self._named[key]

    def _where(self, fact: str, wanted: NDArray[np.bool_]) -> Words:
        """Where the index of the value is wanted: a run of wanted indexes is what reaches its start and not its end."""
        ids = self.table.codes(fact).ids
        if self.table.size < FEW:
            return pack(wanted[ids])
        edges = np.flatnonzero(np.diff(wanted, append=False)) + 1
        plane = self.none.copy()
        for start, end in edges.reshape(-1, 2).tolist():
            if end == start + 1:
                np.bitwise_xor(plane, self._compared(np.equal, fact, "id", ids, start), plane)
            else:
                np.bitwise_xor(plane, self._reaches(fact, "id", ids, start), plane)
                np.bitwise_xor(plane, self._reaches(fact, "id", ids, end), plane)
        return plane

    def _reaches(self, fact: ColumnKey, side: str, values: Keys | Ids, key: int) -> Words:
        return self._compared(np.greater_equal, fact, side, values, key)

    def _compared(self, compare: np.ufunc, fact: ColumnKey, side: str, values: Keys | Ids, key: int) -> Words:
        kept = self._kept.setdefault((compare, fact, side), {})
        plane = kept.get(key)
        if plane is None:
            plane = kept[key] = pack(compare(values, key))
        return plane
