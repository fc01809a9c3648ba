"""The list of one library: tiers, filters, order."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.errors import UsageError
from policy_match.facts.cells import Cause, Cell
from policy_match.facts.subjects import Kind, Subject
from policy_match.units import Band
from policy_match.workflows.list_projects import Line, Wanted, basis_of, chosen, lines_of, options_of
from policy_match.workflows.open_libraries import Libraries, Library


@pytest.fixture(scope="module")
def lines(libraries: Libraries) -> tuple[Line, ...]:
    return lines_of(libraries.real)


def test_an_unknown_investment_is_a_group_of_its_own_and_never_the_lowest_tier(lines: tuple[Line, ...]) -> None:
    unknown = [line for line in lines if line.investment is None]

    assert unknown
    assert {line.tier for line in unknown} == {"unknown"}


def test_the_agreed_investment_decides_the_tier_until_one_is_filed(libraries: Libraries) -> None:
    agreed = {"agreed_investment": Cell(Band.exact(12 * 10**10), None, "DISTRICT", date(2026, 3, 1))}
    filed = {"total_investment": Cell(Band.exact(9 * 10**10), None, "TZXM", date(2026, 3, 1))}
    stale = {"total_investment": Cell(None, Cause.STALE, "TZXM", date(2024, 3, 1), last_seen=Band.exact(9 * 10**10))}

    def basis(cells: dict[str, Cell]) -> tuple[str, Band | None]:
        return basis_of(Subject("X", Kind.PROJECT, cells), libraries.real.table)

    assert basis(agreed) == ("agreed_investment", Band.exact(12 * 10**10))
    assert basis(agreed | filed) == basis(agreed | stale) == ("total_investment", Band.exact(9 * 10**10))
    assert basis({})[1] is None


@pytest.mark.parametrize("name", ["district", "stage", "tier", "kind"])
def test_the_options_of_a_filter_count_every_subject_once(
    name: str, lines: tuple[Line, ...], libraries: Libraries
) -> None:
    options = options_of(lines, libraries.real)[name]

    assert sum(option.count for option in options) == len(lines)


@pytest.mark.parametrize("name", ["district", "stage", "tier", "industry", "kind"])
def test_each_option_finds_as_many_subjects_as_it_says(
    name: str, lines: tuple[Line, ...], libraries: Libraries
) -> None:
    options = options_of(lines, libraries.real)

    for option in options[name]:
        found = chosen(lines, Wanted(**{name: option.value}), options)  # type: ignore[arg-type]
        assert len(found) == option.count > 0


def test_filters_are_taken_together(lines: tuple[Line, ...], libraries: Libraries) -> None:
    options = options_of(lines, libraries.real)

    found = chosen(lines, Wanted(district="320412", tier="T10", stage="开工"), options)

    assert found
    assert all((line.district, line.tier, line.stage) == ("320412", "T10", "开工") for line in found)


def test_sorting_by_investment_puts_the_largest_first_and_the_unknown_last(
    lines: tuple[Line, ...], libraries: Libraries
) -> None:
    found = chosen(lines, Wanted(sort="investment"), options_of(lines, libraries.real))

    known = [line.investment for line in found if line.investment is not None]
    assert known == sorted(known, reverse=True)
    assert [line.investment for line in found[len(known) :]] == [None] * (len(lines) - len(known))


def test_a_word_is_looked_for_in_id_name_and_enterprise(lines: tuple[Line, ...], libraries: Libraries) -> None:
    options = options_of(lines, libraries.real)

    assert [line.subject.id for line in chosen(lines, Wanted(text="p001"), options)] == ["P001"]
    assert any("蜂巢" in line.subject.shown for line in chosen(lines, Wanted(text="蜂巢"), options))
    assert chosen(lines, Wanted(text="没有这个名字"), options) == ()


@pytest.mark.parametrize("wanted", [Wanted(district="310000"), Wanted(tier="10"), Wanted(sort="random")])
def test_a_value_that_no_filter_has_is_refused_with_the_allowed_ones(
    wanted: Wanted, lines: tuple[Line, ...], libraries: Libraries
) -> None:
    with pytest.raises(UsageError) as refused:
        chosen(lines, wanted, options_of(lines, libraries.real))

    assert refused.value.issues[0].code == "PARAM_VALUE"
    assert refused.value.issues[0].allowed


def test_an_enterprise_is_listed_where_it_is_registered_and_a_project_where_it_stands(demo: Library) -> None:
    found = {line.subject.id: line.district for line in lines_of(demo)}

    assert found["D001"] == "320412"
    assert found["D005"] == "JK"
    assert found["D006"] == "unknown"
