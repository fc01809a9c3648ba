"""Columns of numbers hold the keys that facts/table.py defines, whether they are made at once or one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.cells import MISSING, Cell, Possible, known_cell, known_figure
from policy_match.facts.table import HIGHEST, LOWEST, SCALE, FactTable, key_of
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.identifiers import IndustryTree
from policy_match.units import Band, Number

KINDS = (FactType.MONEY, FactType.COUNT, FactType.RATIO)
VOCABULARY = Vocabulary({kind: FactSpec(kind, "示例", kind, "project") for kind in KINDS}, {}, IndustryTree({}, {}))
WHOLE = st.integers(-(10**12), 10**12)
NUMBERS = WHOLE | st.fractions(max_denominator=10**12) | st.integers(-(2**70), 2**70)


def bands(numbers: st.SearchStrategy[Number]) -> st.SearchStrategy[Band]:
    ends = st.tuples(st.none() | numbers, st.none() | numbers)
    ordered = ends.filter(lambda pair: pair[0] is None or pair[1] is None or pair[0] <= pair[1])
    return numbers.map(Band.exact) | ordered.map(lambda pair: Band(*pair))


def defined(number: Number, kind: FactType) -> int:
    scaled = Fraction(number) * SCALE[kind]
    return max(LOWEST + 1, min(HIGHEST - 1, 2 * floor(scaled) + (scaled.denominator != 1)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_holds_the_key_of_each_end_and_unknown_is_the_widest_band(kind: FactType) -> None:
    @given(st.lists(st.none() | bands(WHOLE)) | st.lists(st.none() | bands(NUMBERS)))
    def holds(values: Sequence[Band | None]) -> None:
        cells = [{} if value is None else {kind.value: Cell(value)} for value in values]

        column = FactTable(VOCABULARY, cells).numbers(kind.value)

        ends = [(None, None) if value is None else (value.low, value.high) for value in values]
        assert column.low.tolist() == [LOWEST if low is None else defined(low, kind) for low, _ in ends]
        assert column.high.tolist() == [HIGHEST if high is None else defined(high, kind) for _, high in ends]
        assert column.known.tolist() == [pair != (None, None) for pair in ends]

    holds()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_figure_at_the_edge_of_what_a_key_holds_is_clipped_and_never_wraps(kind: FactType, beside: int) -> None:
    edge = HIGHEST // (2 * SCALE[kind]) + beside
    cells = [{kind.value: Cell(Band.exact(number))} for number in (edge, -edge, 7)]

    column = FactTable(VOCABULARY, cells).numbers(kind.value)

    assert column.low.tolist() == [key_of(edge, kind), key_of(-edge, kind), key_of(7, kind)]
    assert column.low.tolist() == [defined(edge, kind), defined(-edge, kind), defined(7, kind)]


def test_a_known_cell_made_the_short_way_is_the_one_of_the_constructor() -> None:
    day, value = date(2025, 6, 30), Possible.only("true")

    assert known_cell(value, "ENT", day) == Cell(value, None, "ENT", day)
    assert known_figure(7, None, None) == Cell(Band.exact(7), None, None, None)
    assert known_figure(7, "ENT", day) != MISSING
    with pytest.raises(AttributeError):
        known_figure(7, "ENT", day).value = None  # type: ignore[misc]
