"""Derived facts: size classes at every boundary of 工信部联企业〔2011〕300号, exact arithmetic over bands, nothing taken as zero."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policy_match.facts.cells import MISSING, Cause, Cell, Possible, Value
from policy_match.facts.derive import derive_all
from policy_match.facts.read import Json, read_cell
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.units import Band

AS_OF = date(2025, 6, 15)
WAN = 10**6
# As typed from the standard: industry class, GB/T 4754 codes, then the lower bound of large, medium and small per figure
# (persons; ten thousand yuan).
SIZES: tuple[tuple[str, str, dict[str, tuple[int, int, int]]], ...] = (
    ("农林牧渔业", "A01 A0111 A05", {"revenue_last": (20000, 500, 50)}),
    ("工业", "B C D B06 C13 C3670 D44", {"staff_total": (1000, 300, 20), "revenue_last": (40000, 2000, 300)}),
    ("建筑业", "E E47 E50", {"revenue_last": (80000, 6000, 300), "total_assets": (80000, 5000, 300)}),
    ("批发业", "F51 F5111", {"staff_total": (200, 20, 5), "revenue_last": (40000, 5000, 1000)}),
    ("零售业", "F52 F5211", {"staff_total": (300, 50, 10), "revenue_last": (20000, 500, 100)}),
    ("交通运输业", "G54 G55 G56 G57 G58 G591", {"staff_total": (1000, 300, 20), "revenue_last": (30000, 3000, 200)}),
    ("仓储业", "G592 G593 G594 G595 G596 G599", {"staff_total": (200, 100, 20), "revenue_last": (30000, 1000, 100)}),
    ("邮政业", "G60", {"staff_total": (1000, 300, 20), "revenue_last": (30000, 2000, 100)}),
    ("住宿业", "H61", {"staff_total": (300, 100, 10), "revenue_last": (10000, 2000, 100)}),
    ("餐饮业", "H62", {"staff_total": (300, 100, 10), "revenue_last": (10000, 2000, 100)}),
    ("信息传输业", "I63 I64", {"staff_total": (2000, 100, 10), "revenue_last": (100000, 1000, 100)}),
    ("软件和信息技术服务业", "I65", {"staff_total": (300, 100, 10), "revenue_last": (10000, 1000, 50)}),
    ("房地产开发经营", "K701", {"revenue_last": (200000, 1000, 100), "total_assets": (10000, 5000, 2000)}),
    ("物业管理", "K702", {"staff_total": (1000, 300, 100), "revenue_last": (5000, 1000, 500)}),
    ("租赁和商务服务业", "L L71 L72", {"staff_total": (300, 100, 10), "total_assets": (120000, 8000, 100)}),
    ("其他未列明行业", "M N O M73 N79 O82 Q85 R R90 K703 K709", {"staff_total": (300, 100, 10)}),
)  # fmt: skip
CLASSES = ("large", "medium", "small", "micro")


def derived(vocabulary: Vocabulary, facts: Mapping[str, Json], as_of: date = AS_OF) -> dict[str, Cell]:
    cells = {name: read_cell(vocabulary[name], written, vocabulary) for name, written in facts.items()}
    return derive_all(cells, vocabulary, as_of)


def size(vocabulary: Vocabulary, **facts: Json) -> str | None:
    value = derived(vocabulary, facts)["enterprise_size"].value
    return value.single if isinstance(value, Possible) else None


def figure(fact: str, number: int, step: int = 0) -> Json:
    """A bound as written, moved by whole persons or by 分."""
    return number + step if fact == "staff_total" else f"{number * WAN + step}分"


@pytest.mark.parametrize(("industry", "bounds"), [(row[0], row[2]) for row in SIZES], ids=[row[0] for row in SIZES])
def test_every_class_begins_exactly_at_its_bounds_and_one_step_less_is_the_class_below(
    vocabulary: Vocabulary, industry: str, bounds: dict[str, tuple[int, int, int]]
) -> None:
    for rank in range(3):
        at = {fact: figure(fact, limits[rank]) for fact, limits in bounds.items()}
        assert size(vocabulary, size_industry=industry, **at) == CLASSES[rank]
        for fact, limits in bounds.items():
            short = size(vocabulary, size_industry=industry, **(at | {fact: figure(fact, limits[rank], -1)}))
            assert short == CLASSES[rank + 1]
            over = size(vocabulary, size_industry=industry, **(at | {fact: figure(fact, limits[rank], 1)}))
            assert over == CLASSES[rank]


@pytest.mark.parametrize(("industry", "codes"), [(row[0], row[1]) for row in SIZES], ids=[row[0] for row in SIZES])
def test_the_class_row_follows_from_every_code_of_its_industries(
    vocabulary: Vocabulary, industry: str, codes: str
) -> None:
    for code in codes.split():
        found = derived(vocabulary, {"industry_code": code})["size_industry"].value
        assert isinstance(found, Possible)
        assert found.single == industry, code


@pytest.mark.parametrize("code", ["J66", "P83", "Q84", "S91", "T97", "G53", "K704"])
def test_industries_without_a_row_have_no_class_however_small_the_firm(vocabulary: Vocabulary, code: str) -> None:
    cells = derived(
        vocabulary, {"industry_code": code, "staff_total": 1, "revenue_last": "1万元", "total_assets": "1万元"}
    )

    assert (cells["enterprise_size"].value, cells["enterprise_size"].cause) == (None, Cause.UNDEFINED)


def test_a_coarse_code_leaves_its_rows_open_and_without_an_industry_nothing_is_said(vocabulary: Vocabulary) -> None:
    assert derived(vocabulary, {"industry_code": "F"})["size_industry"].value == Possible(
        frozenset({"批发业", "零售业"})
    )
    assert derived(vocabulary, {"industry_code": "G"})["size_industry"].cause is Cause.COARSE_CODE
    assert size(vocabulary, industry_code="F", staff_total=4, revenue_last="9000万元") == "micro"
    assert size(vocabulary, industry_code="F", staff_total=30, revenue_last="6000万元") is None
    assert size(vocabulary, staff_total=1, revenue_last="1万元", total_assets="1万元") is None


def test_a_missing_figure_that_cannot_change_the_class_is_not_needed(vocabulary: Vocabulary) -> None:
    assert size(vocabulary, size_industry="工业", staff_total=19) == "micro"
    assert size(vocabulary, size_industry="工业", revenue_last="299万元") == "micro"
    assert size(vocabulary, size_industry="工业", staff_total=300) is None
    assert (
        size(vocabulary, size_industry="工业", staff_total={"low": 300, "high": 999}, revenue_last="1亿元") == "medium"
    )
    assert size(vocabulary, size_industry="工业", staff_total={"low": 299, "high": 999}, revenue_last="1亿元") is None
    sme = derived(vocabulary, {"size_industry": "工业", "revenue_last": "39999万元"})
    assert sme["is_sme"].value == Possible.only("true")
    assert sme["enterprise_size"].value == Possible(frozenset({"medium", "small", "micro"}))


def test_given_and_derived_unequal_is_a_conflict_and_equal_is_kept(vocabulary: Vocabulary) -> None:
    base: dict[str, Json] = {"size_industry": "工业", "staff_total": 350, "revenue_last": "1亿元"}

    assert derived(vocabulary, base | {"enterprise_size": "medium"})["enterprise_size"].value == Possible.only("medium")
    conflict = derived(vocabulary, base | {"enterprise_size": "large"})["enterprise_size"]
    assert (conflict.value, conflict.cause, conflict.last_seen) == (None, Cause.CONFLICT, Possible.only("large"))
    alone = derived(vocabulary, {"enterprise_size": "large"})["enterprise_size"]
    assert (alone.value, alone.derived) == (Possible.only("large"), False)
    days = derived(vocabulary, {"registered_on": "2024-06-15", "registered_days": 364})["registered_days"]
    assert days.cause is Cause.CONFLICT


def test_a_given_value_that_may_not_be_used_does_not_hide_the_derived_one(vocabulary: Vocabulary) -> None:
    cells = {
        name: read_cell(vocabulary[name], w, vocabulary)
        for name, w in {"size_industry": "工业", "staff_total": 10}.items()
    }
    stale = Cell(None, Cause.STALE, "ENT", date(2020, 1, 1), last_seen=Possible.only("large"))

    assert derive_all(cells | {"enterprise_size": stale}, vocabulary, AS_OF)["enterprise_size"].value == Possible.only(
        "micro"
    )
    assert derive_all({"enterprise_size": stale}, vocabulary, AS_OF)["enterprise_size"].cause is Cause.STALE


def test_what_is_given_and_what_is_derived_narrow_each_other(vocabulary: Vocabulary) -> None:
    cells = derived(vocabulary, {"registered_on": "2024年6月", "registered_days": {"low": 370, "high": 500}})

    assert cells["registered_days"].value == Band(370, 379)
    assert cells["registered_days"].derived


@pytest.mark.parametrize(
    ("registered", "days"),
    [
        ("2025-06-15", Band(0, 0)),
        ("2024-06-15", Band(365, 365)),
        ("2024-02-29", Band(472, 472)),
        ("2025年5月", Band(15, 45)),
    ],
)
def test_days_since_registration_count_to_the_day_asked(vocabulary: Vocabulary, registered: str, days: Band) -> None:
    assert derived(vocabulary, {"registered_on": registered})["registered_days"].value == days


YEARS: Mapping[str, Json] = {
    "rd_by_year": ["5万元", "5万元", "5万元"],
    "revenue_by_year": ["100万元", "100万元", "100万元"],
}


def share(vocabulary: Vocabulary, facts: Mapping[str, Json], as_of: date = AS_OF) -> Cell:
    return derived(vocabulary, facts, as_of)["rd_share"]


def test_a_list_of_years_is_complete_with_three_or_with_all_full_years_of_the_firm(vocabulary: Vocabulary) -> None:
    two: dict[str, Json] = {"rd_by_year": ["5万元", "5万元"], "revenue_by_year": ["100万元", "100万元"]}

    assert share(vocabulary, YEARS).value == Band(Fraction(1, 20), Fraction(1, 20))
    assert share(vocabulary, two).value is None
    assert share(vocabulary, two | {"registered_on": "2022-06-16"}).value == Band(Fraction(1, 20), Fraction(1, 20))
    assert share(vocabulary, two | {"registered_on": "2022-06-15"}).value is None
    assert share(vocabulary, two | {"registered_on": "2022年"}).value is None
    assert share(vocabulary, two | {"registered_days": 1094}).value == Band(Fraction(1, 20), Fraction(1, 20))
    assert share(vocabulary, two | {"registered_days": 1095}).value is None


def test_of_more_than_three_years_the_last_three_count(vocabulary: Vocabulary) -> None:
    four: dict[str, Json] = {
        "rd_by_year": ["90万元", "5万元", "5万元", "5万元"],
        "revenue_by_year": ["100万元", *["100万元"] * 3],
    }

    assert share(vocabulary, four).value == Band(Fraction(1, 20), Fraction(1, 20))
    assert share(vocabulary, {**YEARS, "rd_by_year": four["rd_by_year"]}).value == Band(
        Fraction(1, 20), Fraction(1, 20)
    )


def test_lists_of_different_years_contradict_each_other_and_a_hole_leaves_the_sum_open(vocabulary: Vocabulary) -> None:
    assert (
        share(vocabulary, {**YEARS, "rd_by_year": ["5万元", "5万元"], "registered_on": "2024-01-01"}).cause
        is Cause.CONFLICT
    )
    assert share(vocabulary, {**YEARS, "rd_by_year": ["5万元", None, "5万元"]}).value == Band(Fraction(1, 30), None)
    assert share(vocabulary, {**YEARS, "revenue_by_year": ["0元", "0元", "0元"]}).cause is Cause.UNDEFINED
    assert share(vocabulary, {"rd_by_year": YEARS["rd_by_year"]}).cause is Cause.MISSING


def test_ratios_stay_fractions(vocabulary: Vocabulary) -> None:
    cells = derived(vocabulary, {"rd_last": "29.996万元", "revenue_last": "1000万元"})

    assert cells["rd_ratio_y1"].value == Band(Fraction(29996, 10**6), Fraction(29996, 10**6))


def test_four_quarters_make_a_yearly_average_and_three_do_not(vocabulary: Vocabulary) -> None:
    quarters: list[Json] = [[100, 200], [200, 300], [300, 400], [400, 500]]

    assert derived(vocabulary, {"staff_quarters": quarters})["staff_year_average"].value == Band(300, 300)
    assert derived(vocabulary, {"staff_quarters": quarters[:3]})["staff_year_average"].value is None


def test_a_second_way_of_deriving_serves_where_the_first_says_nothing(vocabulary: Vocabulary) -> None:
    people: dict[str, Json] = {"employed_year_average": 290, "dispatched_year_average": 10}

    assert derived(vocabulary, people)["staff_year_average"].value == Band(300, 300)
    assert derived(vocabulary, {"employed_year_average": 290})["staff_year_average"].value == Band(290, None)
    first: dict[str, Json] = {"rd_first_five": "900万元", "rd_expensed": "600万元"}
    assert derived(vocabulary, first | {"rd_other_related": "150万元"})["rd_inhouse_allowed"].value == Band(
        1000 * WAN, 1000 * WAN
    )
    assert derived(vocabulary, first)["rd_inhouse_allowed"].value == Band(900 * WAN, 1000 * WAN)
    assert derived(vocabulary, {"rd_expensed": "600万元"})["rd_inhouse_allowed"].value == Band(600 * WAN, 600 * WAN)


def test_overseas_research_is_bounded_by_two_thirds_of_the_domestic(vocabulary: Vocabulary) -> None:
    base: dict[str, Json] = {"rd_expensed": "600万元", "rd_outsourced_domestic": "0元"}

    assert derived(vocabulary, base | {"rd_outsourced_overseas": "600万元"})["overseas_allowed"].value == Band(
        400 * WAN, 400 * WAN
    )
    assert derived(vocabulary, base | {"rd_outsourced_overseas": "100万元"})["overseas_allowed"].value == Band(
        80 * WAN, 80 * WAN
    )
    assert derived(vocabulary, base)["overseas_allowed"].value == Band(0, 400 * WAN)


def test_an_empty_profile_derives_nothing(vocabulary: Vocabulary) -> None:
    cells = derived(vocabulary, {})

    assert all(cell.value is None for cell in cells.values())


# What holds for every profile


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Cell]:
    """Facts that the arithmetic of the shipped vocabulary reads, as bands that hold at least one value."""
    money = st.integers(0, 10**9)
    facts: dict[str, Cell] = {}
    for name in ("rd_last", "revenue_last", "rd_first_five", "rd_other_related", "rd_outsourced_domestic", "rd_outsourced_overseas",
                 "rd_intangible_cost", "input_vat", "export_input_vat", "total_assets"):  # fmt: skip
        facts[name] = Cell(_band(draw, money))
    for name in ("staff_total", "sci_staff", "staff_month_average", "employed_year_average", "dispatched_year_average"):
        facts[name] = Cell(_band(draw, st.integers(0, 2000)))
    facts["amortisation_years"] = Cell(_band(draw, st.integers(0, 20)))
    facts["registered_on"] = Cell(_band(draw, st.integers(date(2015, 1, 1).toordinal(), AS_OF.toordinal())))
    options = draw(st.sets(st.sampled_from([row[0] for row in SIZES]), min_size=1, max_size=3))
    facts["size_industry"] = Cell(Possible(frozenset(options)))
    left_out = draw(st.sets(st.sampled_from(sorted(facts)), max_size=8))
    return {name: cell for name, cell in facts.items() if name not in left_out}


def _band(draw: st.DrawFn, numbers: st.SearchStrategy[int]) -> Band:
    low, high = sorted((draw(numbers), draw(numbers)))
    return Band(low, low if draw(st.booleans()) else high)


def _one_of(draw: st.DrawFn, value: Value) -> Value:
    if isinstance(value, Band):
        assert value.low is not None
        assert value.high is not None
        return Band.exact(draw(st.integers(int(value.low), int(value.high))))
    assert isinstance(value, Possible)
    return Possible.only(draw(st.sampled_from(sorted(value.options))))


def encloses(wide: Cell, narrow: Cell) -> bool:
    """Whether everything that the narrow cell leaves possible is possible in the wide one; unknown holds everything."""
    if wide.value is None:
        return True
    if isinstance(wide.value, Band) and isinstance(narrow.value, Band):
        low = wide.value.low is None or (narrow.value.low is not None and narrow.value.low >= wide.value.low)
        high = wide.value.high is None or (narrow.value.high is not None and narrow.value.high <= wide.value.high)
        return low and high
    if isinstance(wide.value, Possible) and isinstance(narrow.value, Possible):
        return narrow.value.options <= wide.value.options
    # dividing by zero has no value: a quotient over a divisor that may be zero holds nothing about that case
    return narrow.value is None and narrow.cause in (Cause.UNDEFINED, Cause.COARSE_CODE)


@given(st.data())
def test_what_is_derived_from_bands_holds_what_is_derived_from_every_value_in_them(
    vocabulary: Vocabulary, data: st.DataObject
) -> None:
    cells = data.draw(profiles())
    exact = {
        name: Cell(data.draw(st.composite(lambda draw, v=cell.value: _one_of(draw, v))()))
        for name, cell in cells.items()
    }

    wide, narrow = derive_all(cells, vocabulary, AS_OF), derive_all(exact, vocabulary, AS_OF)

    for name in vocabulary.order:
        assert encloses(wide[name], narrow[name]), (name, wide[name], narrow[name])


@given(st.data())
def test_taking_a_fact_away_never_narrows_what_is_derived(vocabulary: Vocabulary, data: st.DataObject) -> None:
    cells = data.draw(profiles())
    assume(cells)
    gone = data.draw(st.sampled_from(sorted(cells)))

    whole = derive_all(cells, vocabulary, AS_OF)
    less = derive_all({name: cell for name, cell in cells.items() if name != gone}, vocabulary, AS_OF)

    for name in vocabulary.order:
        assert encloses(less[name], whole[name]), (gone, name, less[name], whole[name])


def test_no_figure_below_zero_is_derived_where_none_can_be(vocabulary: Vocabulary) -> None:
    assert vocabulary["rd_ratio_y1"].type is FactType.RATIO
    assert derived(vocabulary, {"rd_last": "5万元", "revenue_last": {"low": "100万元"}})["rd_ratio_y1"].value == Band(
        0, Fraction(1, 20)
    )
    assert derived(vocabulary, {"revenue_last": "100万元"})["rd_ratio_y1"] == Cell(None, Cause.MISSING, derived=True)
    assert MISSING.value is None
