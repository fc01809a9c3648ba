"""Facts of very many subjects as codes: what many of them share is read, derived and looked at once.

A coded fact is a list of distinct cells and, for each subject, which of them is its own. A derived fact is worked out once for
every combination of the cells that it reads, by the same code that serves one subject (derive.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from policy_match.facts.cells import Cell
from policy_match.facts.derive import derived_cell
from policy_match.facts.table import (
    CodeColumn,
    Column,
    ColumnKey,
    FactTable,
    Ids,
    ItemRows,
    RangeColumn,
    Rows,
    SetColumn,
)
from policy_match.facts.vocabulary import FactType, Vocabulary

AGES = ("registered_on", "registered_days")
"""What a derivation over a list of years reads beside its inputs: a young firm has fewer years (derive.py)."""


@dataclass(frozen=True, slots=True)
class CodedFact:
    """`codes`: int32 (n_subjects,) into `cells`."""

    codes: Ids
    cells: tuple[Cell, ...]


def grouped(codes: Sequence[Ids]) -> tuple[Ids, Rows]:
    """Subjects that agree in all codes as groups: the group of each, int32 (n_subjects,), and one subject of each group."""
    together, first = np.zeros(len(codes[0]), dtype=np.int64), np.zeros(1, dtype=np.int64)
    for one in codes:
        _, first, together = np.unique(
            together * (int(one.max(initial=0)) + 1) + one, return_index=True, return_inverse=True
        )
    return together.astype(np.int32), first


def with_derived(
    facts: Mapping[str, CodedFact], vocabulary: Vocabulary, as_of: date, wanted: Iterable[str]
) -> dict[str, CodedFact]:
    """The facts and those derived ones that are wanted or that these read; one of which nothing is known is left out."""
    known, needed = dict(facts), _needed(wanted, vocabulary)
    for name in vocabulary.order:
        reads = [fact for fact in dict.fromkeys((*vocabulary.inputs(name), name, *AGES)) if fact in known]
        if name not in needed or not {*vocabulary.inputs(name), name} & {*reads}:
            continue
        codes, first = grouped([known[fact].codes for fact in reads])
        cells = ({fact: known[fact].cells[known[fact].codes[row]] for fact in reads} for row in first.tolist())
        known[name] = CodedFact(codes, tuple(derived_cell(name, each, vocabulary, as_of) for each in cells))
    return known


def _needed(wanted: Iterable[str], vocabulary: Vocabulary) -> set[str]:
    needed, left = set[str](), [*wanted]
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += vocabulary.inputs(name)
    return needed


def coded_table(facts: Mapping[str, CodedFact], vocabulary: Vocabulary, size: int) -> FactTable:
    """The facts as a table without cells; a fact that is not there is unknown for every subject."""
    columns: dict[ColumnKey, Column] = {}
    for name, fact in facts.items():
        few = FactTable(vocabulary, [{name: cell} for cell in fact.cells])
        for key in _keys(name, vocabulary):
            columns[key] = _spread(few.column(key), fact.codes)
    return FactTable(vocabulary, columns=columns, size=size)


def _keys(name: str, vocabulary: Vocabulary) -> tuple[ColumnKey, ...]:
    """What conditions read of a fact: nothing of plain text and of pairs, the last two years of a list."""
    kind = vocabulary[name].type
    if kind in (FactType.TEXT, FactType.PAIRS):
        return ()
    return ((name, -1), (name, -2)) if kind is FactType.SERIES else (name,)


def _spread(column: Column, codes: Ids) -> Column:
    """The column of the distinct cells as that of the subjects."""
    if isinstance(column, RangeColumn):
        low = column.low[codes]
        high = low if column.exact and np.array_equal(column.low, column.high) else column.high[codes]
        return RangeColumn(low, high, column.known[codes], column.exact)
    if isinstance(column, CodeColumn):
        return CodeColumn(column.ids[codes], column.domain)
    entries = {name: _spread_items(entry, codes, len(column.known)) for name, entry in column.entries.items()}
    return SetColumn(column.known[codes], entries)


def _spread_items(entry: ItemRows, codes: Ids, count: int) -> ItemRows:
    """Every subject gets the items of its cell, which may hold a name more than once."""
    ends = np.searchsorted(entry.rows, np.arange(count + 1))
    held = np.diff(ends)[codes]
    rows = np.repeat(np.arange(len(codes)), held)
    places = np.arange(len(rows)) - np.repeat(held.cumsum() - held - ends[codes], held)
    return ItemRows(rows, tuple(entry.items[place] for place in places.tolist()))
