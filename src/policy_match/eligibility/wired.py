"""A batch for large tables: the tests themselves become steps over the edges that they share, and all steps run compiled.

A column is looked at once for all tests: each value is put under the last of the keys that any test compares it with, which
gives every edge at once (kernel.reach_keys). A test is then a few steps over edges. Both ways give the same planes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from policy_match.eligibility import kernel
from policy_match.eligibility.decide import Batch, Verdicts
from policy_match.eligibility.leaves import Leaf
from policy_match.eligibility.program import EVERY, NONE, Circuit, Gate, Input, Known, Listed, Reach, Side, compiled
from policy_match.eligibility.truth import WORD, Planes, Wire, Words
from policy_match.facts.planes import ColumnPlanes, End, PackedColumns, values_at
from policy_match.facts.table import CodeColumn, ColumnKey, FactTable, RangeColumn

CHUNK = 16 * kernel.AT_ONCE * WORD
"""Subjects whose inputs are held at a time."""
_KINDS = (Reach, Known, Listed, Side)


class SubjectBySubjectError(Exception):
    """A test that no edge of a column answers."""


class WiredColumns(ColumnPlanes[Wire]):
    """The planes of a table as inputs of a circuit."""

    def __init__(self, table: FactTable, circuit: Circuit) -> None:
        super().__init__(table, Gate(circuit, NONE), Gate(circuit, EVERY))
        self._circuit = circuit

    def known(self, fact: ColumnKey) -> Wire:
        return self._circuit.input(Known(fact))

    def named(self, fact: str, name: str) -> Wire:
        return self._circuit.input(Listed(fact, name))

    def packed(self, flags: NDArray[np.bool_]) -> Wire:
        raise SubjectBySubjectError

    def reaches(self, fact: ColumnKey, end: End, key: int) -> Wire:
        return self._circuit.input(Reach(fact, end, key))


class WiredBatch:
    """A batch made for the columns of a table: it decides that table, and every one whose coded columns have the same
    domains and whose columns of numbers are exact where that table's are."""

    def __init__(self, batch: Batch, like: FactTable) -> None:
        self.batch = batch
        circuit = Circuit(partial(self._wired, like))
        self._program = compiled(circuit, batch.outputs(circuit), _order)
        self._steps = np.array(self._program.steps, dtype=np.int32).reshape(-1, 4)
        self._outputs = np.array(self._program.outputs, dtype=np.int32)
        self._registers = np.zeros((self._program.registers, kernel.AT_ONCE), dtype=np.uint64)
        self._registers[EVERY] = ~np.uint64(0)
        self._inputs: dict[int, kernel.Blocks] = {}

    def _wired(self, like: FactTable, circuit: Circuit, leaf: Leaf) -> Planes[Wire]:
        try:
            return leaf.decide(WiredColumns(like, circuit), self.batch.as_of)
        except SubjectBySubjectError:
            return circuit.sides(leaf)

    def decide(self, table: FactTable) -> Verdicts:
        """Decide every subject."""
        planes = np.empty((len(self._program.outputs), -(-table.size // WORD)), dtype=np.uint64)
        for first in range(0, table.size, CHUNK):
            last = min(first + CHUNK, table.size)
            out = planes[:, first // WORD : -(-last // WORD)]
            inputs = self._filled(table if last - first == table.size else table.block(first, last))
            kernel.run_steps(self._registers, self._steps, inputs, self._outputs, out)
        return self.batch.verdicts(planes, table.size)

    def _filled(self, table: FactTable) -> kernel.Blocks:
        """The inputs of some subjects, uint64 (n_blocks, n_inputs, AT_ONCE), in a place that is used again."""
        words = -(-table.size // WORD)
        blocks = -(-words // kernel.AT_ONCE)
        if blocks not in self._inputs:
            self._inputs[blocks] = np.zeros((blocks, len(self._program.inputs), kernel.AT_ONCE), dtype=np.uint64)
        found, first = self._inputs[blocks], 0
        rows = _Rows(table, self.batch)
        row = np.zeros(blocks * kernel.AT_ONCE, dtype=np.uint64)
        for column, group in groupby(self._program.inputs, key=_column):
            inputs = [*group]
            if column is not None:
                _reach(table, column, inputs, first, found)
            else:
                for place, one in enumerate(inputs, first):
                    row[:words] = rows.of(one)
                    found[:, place] = row.reshape(blocks, kernel.AT_ONCE)
            first += len(inputs)
        return found


def shape_of(table: FactTable) -> tuple[object, ...]:
    """What of the columns of a table made from columns a program hangs on: the domains of codes, where numbers are exact."""
    return tuple(
        (key, column.exact if isinstance(column, RangeColumn) else column.domain)
        for key, column in table.built()
        if isinstance(column, RangeColumn | CodeColumn)
    )


class Listing:
    """Lists the subjects of planes of one table, one list after the other in the same place."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._places = np.empty(size + kernel.SLACK, dtype=np.int32)

    def of(self, plane: Words) -> kernel.Places:
        """The rows of the subjects in the plane, ascending; they hold until the next list is asked for."""
        return self._places[: kernel.list_bits(plane, self._size, self._places)]


class _Rows:
    """The planes of inputs that are no edges."""

    def __init__(self, table: FactTable, batch: Batch) -> None:
        self._columns, self._as_of = PackedColumns(table), batch.as_of
        self._decided: dict[Leaf, Planes[Words]] = {}

    def of(self, one: Input) -> Words:
        if isinstance(one, Known):
            return self._columns.known(one.fact)
        if isinstance(one, Listed):
            return self._columns.named(one.fact, one.name)
        if isinstance(one, Reach):
            raise TypeError("an edge is made with those of its column")
        if one.leaf not in self._decided:
            self._decided[one.leaf] = one.leaf.decide(self._columns, self._as_of)
        return self._decided[one.leaf].true if one.is_true else self._decided[one.leaf].false


def _reach(
    table: FactTable, column: tuple[ColumnKey, End], inputs: Sequence[Input], first: int, found: kernel.Blocks
) -> None:
    fact, end = column
    keys = np.array([one.key for one in inputs if isinstance(one, Reach)], dtype=np.int64)
    values = values_at(table, fact, end)
    if end == "id":
        indexes = np.arange(len(table.codes(str(fact)).domain.values))
        places = np.searchsorted(keys, indexes, side="right").astype(np.int32)
        kernel.reach_places(values.astype(np.int32, copy=False), places, first, len(keys), found)
    else:
        kernel.reach_keys(values.astype(np.int64, copy=False), keys, first, found)


def _column(one: Input) -> tuple[ColumnKey, End] | None:
    return (one.fact, one.end) if isinstance(one, Reach) else None


def _order(one: Input) -> tuple[object, ...]:
    """The edges of a column follow each other, ascending; then the other inputs."""
    if isinstance(one, Reach):
        return 0, str(one.fact), one.end, one.key
    return _KINDS.index(type(one)), "", "", 0
