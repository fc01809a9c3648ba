"""What is stored of a fact is read back exactly, and the same value is always the same text."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.facts.cells import Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.stored import from_text, to_text
from policy_match.facts.vocabulary import FactSpec, FactType
from policy_match.units import Band

NUMBERS = st.one_of(st.integers(-(10**17), 10**17), st.fractions(max_denominator=10**6))


def bands() -> st.SearchStrategy[Band]:
    def band(low: int | Fraction | None, high: int | Fraction | None) -> Band:
        return Band(high, low) if low is not None and high is not None and low > high else Band(low, high)

    return st.builds(band, st.none() | NUMBERS, st.none() | NUMBERS)


DAYS = st.none() | st.integers(700_000, 750_000).map(Band.exact)
ITEMS = st.builds(Item, st.text(), DAYS, DAYS, st.none() | st.text(min_size=1), st.none() | st.integers(1990, 2100))
VALUES: dict[FactType, st.SearchStrategy[Value]] = {
    FactType.MONEY: bands(),
    FactType.RATIO: bands(),
    FactType.CHOICE: st.frozensets(st.text(), min_size=1, max_size=4).map(Possible),
    FactType.SET: st.builds(Items, st.lists(ITEMS, max_size=4).map(tuple), st.booleans()),
    FactType.SERIES: st.lists(bands(), max_size=4).map(lambda entries: Series(tuple(entries))),
    FactType.PAIRS: st.lists(st.tuples(bands(), bands()), max_size=4).map(lambda pairs: Pairs(tuple(pairs))),
    FactType.TEXT: st.text().map(Text),
}


def spec(kind: FactType) -> FactSpec:
    return FactSpec("example", "示例", kind, "enterprise")


@pytest.mark.parametrize("kind", VALUES)
def test_what_was_written_is_read_back_exactly(kind: FactType) -> None:
    @given(VALUES[kind])
    def holds(value: Value) -> None:
        assert from_text(spec(kind), to_text(value)) == value

    holds()


@given(bands(), bands())
def test_two_values_have_the_same_text_only_if_they_are_equal(one: Band, other: Band) -> None:
    assert (to_text(one) == to_text(other)) is (one == other)


def test_the_text_is_plain_json_without_any_float() -> None:
    assert to_text(Band.exact(300_000_000)) == "300000000"
    assert to_text(Band(None, Fraction(1, 3))) == '{"high":"1/3","low":null}'
    assert to_text(Possible.only("C3670")) == '"C3670"'
    assert to_text(Possible(frozenset({"small", "micro"}))) == '["micro","small"]'


@pytest.mark.parametrize(
    ("kind", "text"),
    [(FactType.MONEY, '"武进"'), (FactType.MONEY, "1.5"), (FactType.CHOICE, "3"), (FactType.SET, "[]")],
)
def test_a_text_of_another_type_of_fact_is_refused(kind: FactType, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_text(spec(kind), text)
