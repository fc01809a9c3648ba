"""The list of one library: tiers, filters, order."""

from __future__ import annotations

import pytest

from policy_match.errors import UsageError
from policy_match.units import Band, parse_money
from policy_match.workflows.list_projects import Line, Wanted, chosen, lines_of, options_of, tier_of
from policy_match.workflows.open_libraries import Libraries, Library


@pytest.fixture(scope="module")
def lines(libraries: Libraries) -> tuple[Line, ...]:
    return lines_of(libraries.real)


@pytest.mark.parametrize(
    ("written", "tier"),
    [
        ("9999.9999万元", "t0"),
        ("1亿元", "t1"),
        ("9.9999亿元", "t1"),
        ("10亿元", "t10"),
        ("29.99999999亿元", "t10"),
        ("30亿元", "t30"),
        ("50亿元", "t50"),
        ("99.9999亿元", "t50"),
        ("100亿元", "t100"),
        ("5000亿元", "t100"),
        ("0元", "t0"),
    ],
)
def test_a_tier_is_a_lower_bound_that_is_included(written: str, tier: str) -> None:
    assert tier_of(Band.exact(parse_money(written))) == tier


def test_one_fen_below_ten_yi_is_not_in_the_tier_of_ten() -> None:
    assert tier_of(Band.exact(10 * 10**10 - 1)) == "t1"


@pytest.mark.parametrize(
    ("low", "high", "tier"),
    [
        ("12亿元", "29亿元", "t10"),
        ("9亿元", "11亿元", "unknown"),
        ("10亿元", None, "unknown"),
        ("100亿元", None, "t100"),
        (None, "5000万元", "unknown"),
    ],
)
def test_a_band_is_in_a_tier_only_if_every_possible_value_is(low: str | None, high: str | None, tier: str) -> None:
    band = Band(None if low is None else parse_money(low), None if high is None else parse_money(high))

    assert tier_of(band) == tier


def test_an_unknown_investment_is_a_group_of_its_own_and_never_the_lowest_tier(lines: tuple[Line, ...]) -> None:
    unknown = [line for line in lines if line.investment is None]

    assert unknown
    assert {line.tier for line in unknown} == {"unknown"}


@pytest.mark.parametrize("name", ["district", "stage", "tier", "kind"])
def test_the_options_of_a_filter_count_every_subject_once(
    name: str, lines: tuple[Line, ...], libraries: Libraries
) -> None:
    options = options_of(lines, libraries.rulebook.vocabulary)[name]

    assert sum(option.count for option in options) == len(lines)


@pytest.mark.parametrize("name", ["district", "stage", "tier", "industry", "kind"])
def test_each_option_finds_as_many_subjects_as_it_says(
    name: str, lines: tuple[Line, ...], libraries: Libraries
) -> None:
    options = options_of(lines, libraries.rulebook.vocabulary)

    for option in options[name]:
        found = chosen(lines, Wanted(**{name: option.value}), options)  # type: ignore[arg-type]
        assert len(found) == option.count > 0


def test_filters_are_taken_together(lines: tuple[Line, ...], libraries: Libraries) -> None:
    options = options_of(lines, libraries.rulebook.vocabulary)

    found = chosen(lines, Wanted(district="320412", tier="t10", stage="开工"), options)

    assert found
    assert all((line.district, line.tier, line.stage) == ("320412", "t10", "开工") for line in found)


def test_sorting_by_investment_puts_the_largest_first_and_the_unknown_last(
    lines: tuple[Line, ...], libraries: Libraries
) -> None:
    found = chosen(lines, Wanted(sort="investment"), options_of(lines, libraries.rulebook.vocabulary))

    known = [line.investment for line in found if line.investment is not None]
    assert known == sorted(known, reverse=True)
    assert [line.investment for line in found[len(known) :]] == [None] * (len(lines) - len(known))


def test_a_word_is_looked_for_in_id_name_and_enterprise(lines: tuple[Line, ...], libraries: Libraries) -> None:
    options = options_of(lines, libraries.rulebook.vocabulary)

    assert [line.subject.id for line in chosen(lines, Wanted(text="p001"), options)] == ["P001"]
    assert any("蜂巢" in line.subject.shown for line in chosen(lines, Wanted(text="蜂巢"), options))
    assert chosen(lines, Wanted(text="没有这个名字"), options) == ()


@pytest.mark.parametrize("wanted", [Wanted(district="310000"), Wanted(tier="10"), Wanted(sort="random")])
def test_a_value_that_no_filter_has_is_refused_with_the_allowed_ones(
    wanted: Wanted, lines: tuple[Line, ...], libraries: Libraries
) -> None:
    with pytest.raises(UsageError) as refused:
        chosen(lines, wanted, options_of(lines, libraries.rulebook.vocabulary))

    assert refused.value.issues[0].code == "PARAM_VALUE"
    assert refused.value.issues[0].allowed


def test_an_enterprise_is_listed_where_it_is_registered_and_a_project_where_it_stands(demo: Library) -> None:
    found = {line.subject.id: line.district for line in lines_of(demo)}

    assert found["D001"] == "320412"
    assert found["D005"] == "JK"
    assert found["D006"] == "unknown"
