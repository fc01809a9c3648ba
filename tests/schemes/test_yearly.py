"""The yearly evaluation: the worked check of the specification, what is not graded, benchmarks and adjustments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from ranked import LAST_DAY, WAN, given, project, scheme_text

from policy_match.authoring.scheme_file import read_scheme
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.schemes.figures import Project
from policy_match.schemes.scheme import Scheme
from policy_match.schemes.wording import rounded, sum_text, two
from policy_match.schemes.yearly import Row, Standing, evaluate, parts_of


def only(scheme: Scheme, one: Project) -> Row:
    """The row of one project evaluated alone."""
    (row,) = evaluate(scheme, [one], LAST_DAY).rows
    return row


def test_the_worked_check_is_exact_to_the_last_letter(yearly: Scheme) -> None:
    row = only(yearly, project("P01"))

    assert row.score == Fraction(619, 6)
    assert row.score is not None and sum_text(parts_of(row), row.score) == "42.00+16.67+16.00+13.50+15.00 = 103.17"
    assert [line.value for line in row.lines] == [30, 500, 800, Fraction(9, 10), 1]
    assert [line.benchmark for line in row.lines] == [25, 450, 1000, 1, 1]


def test_one_alone_is_no_fifth_of_a_group(yearly: Scheme) -> None:
    assert only(yearly, project("P01")).grade == "C"


def test_a_share_is_cut_at_the_cap_and_not_before(yearly: Scheme) -> None:
    at_cap, above = (only(yearly, project("P01", tax=n * WAN, agreed=n * WAN)) for n in (3_750, 9_000))

    assert [row.lines[0].share for row in (at_cap, above)] == [Fraction(3, 2)] * 2
    assert at_cap.score == above.score


@pytest.mark.parametrize("name", ["tax", "output", "investment", "land", "designed", "agreed"])
def test_a_missing_input_is_not_graded_and_never_zero(yearly: Scheme, name: str) -> None:
    row = only(yearly, project("P01", **{name: None}))

    assert (row.standing, row.score, row.grade) == (Standing.NOT_GRADED, None, None)
    assert [lack.input for lack in row.lacks] == [name]
    label = yearly.inputs[name].name
    assert row.reasons == (f"数据不全：缺{label}（没有数；可由企业数字档案库提供）",)


def test_a_tax_of_nought_is_a_figure_and_is_graded(yearly: Scheme) -> None:
    row = only(yearly, project("P01", tax=0))

    assert row.standing is Standing.GRADED
    assert row.lines[0].points == 0


def test_nothing_to_divide_by_is_not_graded(yearly: Scheme) -> None:
    row = only(yearly, project("P01", agreed=0))

    assert row.reasons == ("数据不全：税收履约率算不出（除数为零）",)


@pytest.mark.parametrize(
    ("produced_on", "standing"),
    [
        (date(2024, 12, 31), Standing.NOT_GRADED),
        (date(2025, 1, 1), Standing.OUT),
        (date(2023, 12, 31), Standing.GRADED),
        (date(2024, 1, 1), Standing.NOT_GRADED),
    ],
)
def test_a_project_is_evaluated_after_twelve_months_and_a_new_one_graded_after_twenty_four(
    yearly: Scheme, produced_on: date, standing: Standing
) -> None:
    assert only(yearly, replace(project("P01"), produced_on=produced_on)).standing is standing


def test_an_upgrade_is_graded_after_twelve_months(yearly: Scheme) -> None:
    one = replace(project("P01"), produced_on=date(2024, 12, 31), kind="技改")

    assert only(yearly, one).standing is Standing.GRADED


def test_the_switch_takes_the_term_away(yearly: Scheme) -> None:
    scheme = replace(yearly, terms=replace(yearly.year_terms, produced_for=None))
    one = replace(project("P01"), produced_on=date(2025, 6, 1), kind="技改")

    assert only(scheme, one).standing is Standing.GRADED


def test_producing_since_an_unknown_day_is_not_graded_and_says_what_is_missing(yearly: Scheme) -> None:
    row = only(yearly, replace(project("P01"), produced_on=None))

    assert row.standing is Standing.NOT_GRADED
    assert row.reasons == ("数据不全：缺投产日期（可由属地或市工信局登记）",)


def test_what_does_not_produce_is_out(yearly: Scheme) -> None:
    row = only(yearly, replace(project("P01"), is_producing=False, produced_on=None))

    assert (row.standing, row.reasons, row.lines) == (Standing.OUT, ("未投产",), ())


def test_of_what_nobody_knows_how_far_it_is_it_is_not_said_that_it_does_not_produce(yearly: Scheme) -> None:
    row = only(yearly, replace(project("P01"), is_producing=None, produced_on=None))

    assert (row.standing, row.reasons, row.score) == (Standing.OUT, ("是否投产未知",), None)


@pytest.mark.parametrize(
    ("sections", "standing"),
    [(("D",), Standing.NOT_GRADED), (("C", "D"), Standing.GRADED), ((), Standing.GRADED), (("C",), Standing.GRADED)],
)
def test_utilities_are_not_graded_and_of_an_unknown_industry_it_is_told(
    yearly: Scheme, sections: tuple[str, ...], standing: Standing
) -> None:
    row = only(yearly, replace(project("P01"), sections=sections))

    assert row.standing is standing
    assert bool(row.open) is (standing is Standing.GRADED and sections != ("C",))


def test_a_project_of_unknown_kind_is_not_graded_while_a_new_one_would_not_be(yearly: Scheme) -> None:
    young, old = (replace(project("P01"), kind=None, produced_on=date(year, 6, 1)) for year in (2024, 2022))

    assert only(yearly, young).reasons == ("项目类型未知，新招引的不定级，投产未满24个月",)
    assert only(yearly, old).standing is Standing.GRADED


def test_what_began_to_produce_after_the_year_is_out_whatever_the_switch_says(yearly: Scheme) -> None:
    scheme = replace(yearly, terms=replace(yearly.year_terms, produced_for=None))

    row = only(scheme, replace(project("P01"), produced_on=date(2026, 1, 1)))

    assert (row.standing, row.reasons) == (Standing.OUT, ("投产 2026-01-01，在 2025-12-31 以后",))


@pytest.mark.parametrize(
    ("flags", "score"),
    [
        ({"rd_org": True}, "105.17"),
        ({"incident": True}, "98.17"),
        ({"rd_org": True, "incident": True}, "100.17"),
        ({"rd_org": False, "incident": False}, "103.17"),
        ({"rd_org": None}, "103.17"),
    ],
)
def test_adjustments_are_listed_and_an_unknown_one_changes_nothing(
    yearly: Scheme, flags: dict[str, bool | None], score: str
) -> None:
    row = only(yearly, replace(project("P01"), flags=flags))

    assert row.score is not None and two(row.score) == score
    assert [one.id for one in row.adjusted] == ["rd_org", "incident"]
    assert {one.id: one.points for one in row.adjusted}["incident"] == (
        None if flags.get("incident") is None else -5 if flags["incident"] else 0
    )


def with_benchmark(known: tuple[Vocabulary, LifecycleTable], written: str) -> Scheme:
    """The first version with another benchmark of 亩均税收."""
    text = scheme_text("input_output.v1").replace("benchmark: {value: 25, source: D}", f"benchmark: {written}")
    return read_scheme(text, "x.yaml", *known)


def test_a_benchmark_is_twice_last_years_mean_of_the_district(known: tuple[Vocabulary, LifecycleTable]) -> None:
    scheme = with_benchmark(known, "{times_mean: 2, value: 25, source: D}")
    before = [{"tax": given(n * WAN), "land": project("x").inputs["land"]} for n in (1_000, 2_000, 9_000)]
    places = ["320412", "320412", "320411"]
    others = [
        replace(project(f"P{n}"), district=d, before=b) for n, (d, b) in enumerate(zip(places, before, strict=True))
    ]

    rows = {row.code: row for row in evaluate(scheme, [*others, project("P9", district="320402")], LAST_DAY).rows}

    assert [rows[code].lines[0].benchmark for code in ("P0", "P1", "P2", "P9")] == [30, 30, 180, 25]
    assert [rows[code].lines[0].basis for code in ("P0", "P9")] == ["本辖市区上年平均的2倍", "方案基准"]


def test_a_district_of_the_set_table_goes_by_its_own_figure(known: tuple[Vocabulary, LifecycleTable]) -> None:
    scheme = with_benchmark(known, '{value: 25, districts: {"320411": 20}, source: D}')

    rows = evaluate(scheme, [project("P0"), project("P1", district="320411")], LAST_DAY).rows

    assert {row.code: row.lines[0].benchmark for row in rows} == {"P0": 25, "P1": 20}


def test_without_any_benchmark_a_project_is_not_graded(known: tuple[Vocabulary, LifecycleTable]) -> None:
    row = only(with_benchmark(known, "{times_mean: 2, source: D}"), project("P01"))

    assert row.reasons == ("数据不全：亩均税收算不出（没有可比的基准值）",)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(50, 3), 2, "16.67"),
        (Fraction(1, 200), 2, "0.01"),
        (Fraction(-1, 200), 2, "-0.01"),
        (Fraction(-1, 300), 2, "0.00"),
        (Fraction(25), 1, "25.0"),
        (Fraction(199, 200), 2, "1.00"),
    ],
)
def test_figures_are_rounded_half_away_from_zero(value: Fraction, places: int, text: str) -> None:
    assert rounded(value, places) == text
