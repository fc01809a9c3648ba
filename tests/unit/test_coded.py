"""Facts as codes make the table that the cells of each subject make, derived facts included."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from properties.random_rules import ANY_DAY, SEEDS, compiled, measures, profiles, vocabulary

from policy_match.eligibility.decide import Batch
from policy_match.facts.cells import MISSING, Cell, Item, Items, Possible, Series
from policy_match.facts.coded import CodedFact, coded_table, grouped, with_derived
from policy_match.facts.derive import derive_all
from policy_match.facts.table import FactTable
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.units import Band

AS_OF = date(2026, 3, 31)
Rows = list[dict[str, Cell]]


def coded(rows: Rows) -> dict[str, CodedFact]:
    """The facts of subjects, one cell each, equal cells once."""
    found: dict[str, CodedFact] = {}
    for name in sorted({name for row in rows for name in row}):
        cells: dict[Cell, int] = {}
        codes = [cells.setdefault(row.get(name, MISSING), len(cells)) for row in rows]
        found[name] = CodedFact(np.array(codes, dtype=np.int32), tuple(cells))
    return found


@given(written=st.lists(measures(effective=True), min_size=1, max_size=3), seed=SEEDS, as_of=ANY_DAY)
def test_every_pair_is_decided_as_from_the_cells_of_each_subject(written: list, seed: int, as_of: date) -> None:
    rows = [dict(profile) for profile in profiles(seed, 40)]
    batch = Batch([compiled(measure) for measure in written], as_of)

    found = batch.decide(coded_table(coded(rows), vocabulary(), len(rows)))

    assert np.array_equal(found.codes(), batch.decide(FactTable(vocabulary(), rows)).codes())


def test_derived_facts_are_those_that_one_subject_has(vocabulary: Vocabulary) -> None:
    money = [Cell(Band.exact(n * 10**10)) for n in (1, 3, 500)]
    rows: Rows = [
        {"industry_code": cell_of(code), "revenue_last": revenue, "staff_total": Cell(Band.exact(staff)), **years}
        for code in ("C3562", "F51")
        for revenue in (*money, MISSING)
        for staff in (5, 300, 2000)
        for years in (
            {},
            {"revenue_by_year": Cell(Series((Band.exact(1), Band.exact(2)))), "registered_on": cell_on(2024)},
            {"revenue_by_year": Cell(Series((Band.exact(1), Band.exact(2)))), "registered_on": cell_on(2010)},
        )
    ]
    wanted = [name for name in vocabulary.order if vocabulary[name].type not in (FactType.TEXT, FactType.PAIRS)]

    found = with_derived(coded(rows), vocabulary, AS_OF, wanted)

    every = [derive_all(row, vocabulary, AS_OF) for row in rows]
    for name in wanted:
        values = [row[name].value for row in every]
        if name not in found:
            assert set(values) == {None}, name
            continue
        assert [found[name].cells[code].value for code in found[name].codes.tolist()] == values, name
    assert {"enterprise_size", "sales_last", "registered_days"} <= found.keys()


def test_only_what_is_wanted_or_read_by_it_is_derived(vocabulary: Vocabulary) -> None:
    rows: Rows = [
        {"rd_last": Cell(Band.exact(5)), "revenue_last": Cell(Band.exact(100)), "registered_on": cell_on(2020)}
    ]

    assert with_derived(coded(rows), vocabulary, AS_OF, ["rd_ratio_y1"]).keys() - rows[0].keys() == {"rd_ratio_y1"}


def test_a_list_may_hold_a_name_twice(vocabulary: Vocabulary) -> None:
    early, late = Item("高新技术企业", day(2015), day(2018)), Item("高新技术企业", day(2024), day(2027))
    rows: Rows = [
        {"honours": Cell(Items((early, late)))}, {"honours": Cell(Items(()))}, {}, {"honours": Cell(Items((late,)))},
        {"honours": Cell(Items((early, late)))},
    ]  # fmt: skip

    entry = coded_table(coded(rows), vocabulary, 5).sets("honours").entries["高新技术企业"]

    assert list(zip(entry.rows.tolist(), entry.items, strict=True)) == [
        (0, early), (0, late), (3, late), (4, early), (4, late),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=50))
def test_groups_are_of_subjects_that_agree_in_all_codes(pairs: list[tuple[int, int]]) -> None:
    codes, first = grouped([np.array(one, dtype=np.int32) for one in zip(*pairs, strict=True)])

    assert len(first) == len(set(pairs))
    assert [pairs[first[code]] for code in codes.tolist()] == pairs


def cell_of(code: str) -> Cell:
    return Cell(Possible.only(code))


def day(year: int) -> Band:
    return Band.exact(date(year, 6, 1).toordinal())


def cell_on(year: int) -> Cell:
    return Cell(day(year))
