"""Working days of China by the official lists: 调休 days worked, holidays off, other years refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import day

from policy_match.errors import FactError, RuleError
from policy_match.exchange.calendars import load_calendars
from policy_match.working_days import Term, WorkingDays, parse_term

# Forty working days before the first and after the last one still lie in the years that have a list.
FIRST, LAST = day("2022-04-01"), day("2026-10-01")
DAYS = st.dates(FIRST, LAST)


@pytest.mark.parametrize(
    "worked",
    ["2024-09-29", "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14",
     "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10", "2022-01-29", "2022-10-08", "2023-04-23", "2023-10-07"],
)  # fmt: skip
def test_a_weekend_day_that_is_worked_instead_counts(worked: str, calendar: WorkingDays) -> None:
    assert day(worked).weekday() >= 5
    assert calendar.is_working_day(day(worked))


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-10-01", "2024-10-07"), ("2025-01-28", "2025-02-04"), ("2025-05-01", "2025-05-05"), ("2025-10-01", "2025-10-08"),
     ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"), ("2026-10-01", "2026-10-07"), ("2023-09-29", "2023-10-06"),
     ("2022-01-31", "2022-02-06"), ("2025-05-31", "2025-06-02"), ("2024-06-08", "2024-06-10")],
)  # fmt: skip
def test_every_day_of_a_holiday_is_off(first: str, last: str, calendar: WorkingDays) -> None:
    length = (day(last) - day(first)).days + 1
    holiday = [day(first) + timedelta(days=place) for place in range(length)]

    assert [one for one in holiday if calendar.is_working_day(one)] == []
    assert calendar.is_working_day(calendar.next_working_day(day(last)))
    assert calendar.working_days_between(day(first), day(last)) == 0


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-04-25", 5, "2025-05-06"),
        ("2024-09-26", 5, "2024-10-09"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-06-03", 5, "2025-06-10"),
        ("2025-02-07", -5, "2025-01-24"),
        ("2025-05-03", 1, "2025-05-06"),
        ("2025-05-03", -1, "2025-04-30"),
        ("2025-05-03", 0, "2025-05-03"),
        ("2025-12-31", 1, "2026-01-04"),
    ],
)
def test_the_first_working_day_of_a_term_is_the_one_after_its_start(
    start: str, count: int, end: str, calendar: WorkingDays
) -> None:
    assert calendar.add_working_days(day(start), count) == day(end)


@pytest.mark.parametrize("year", [2021, 2027])
def test_a_year_without_an_official_list_is_refused_and_never_taken_as_monday_to_friday(
    year: int, calendar: WorkingDays
) -> None:
    with pytest.raises(FactError) as caught:
        calendar.is_working_day(date(year, 6, 9))

    (issue,) = caught.value.issues
    assert issue.code == "CALENDAR_YEAR_MISSING"
    assert issue.allowed == "2022、2023、2024、2025、2026"
    assert f"rules/calendar/{year}.yaml" in issue.hint


def test_a_term_that_runs_into_such_a_year_is_refused_too(calendar: WorkingDays) -> None:
    assert calendar.add_working_days(day("2026-12-30"), 1) == day("2026-12-31")
    with pytest.raises(FactError, match="2027"):
        calendar.add_working_days(day("2026-12-31"), 1)


@given(start=DAYS, count=st.integers(-40, 40))
def test_what_is_added_is_what_lies_between(start: date, count: int, calendar: WorkingDays) -> None:
    end = calendar.add_working_days(start, count)

    assert calendar.working_days_between(start, end) == count
    assert count == 0 or calendar.is_working_day(end)


@given(start=DAYS, first=st.integers(0, 20), second=st.integers(0, 20))
def test_two_terms_one_after_the_other_are_one(start: date, first: int, second: int, calendar: WorkingDays) -> None:
    between = calendar.add_working_days(start, first)

    assert calendar.add_working_days(between, second) == calendar.add_working_days(start, first + second)


@given(start=DAYS, working=st.integers(-30, 30), days=st.integers(-100, 100))
def test_a_term_never_ends_before_the_day_that_is_told_without_a_calendar(
    start: date, working: int, days: int, calendar: WorkingDays
) -> None:
    term = parse_term(f"{days}天{working:+d}个工作日")
    if FIRST <= start + timedelta(days=days) <= LAST:
        assert term.after(start, calendar) >= term.not_before(start)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("90天", "2024-12-20", "2025-03-20"),
        ("1个月", "2025-01-31", "2025-02-28"),
        ("2年", "2024-02-29", "2026-02-28"),
        ("2周", "2025-03-01", "2025-03-15"),
        ("24个月-90天", "2022-08-09", "2024-05-11"),
        ("24个月-30个工作日", "2022-08-09", "2024-06-28"),
        ("1个月+15天", "2025-01-31", "2025-03-15"),
        ("0天", "2025-03-01", "2025-03-01"),
    ],
)
def test_a_term_ends_on_its_day(text: str, start: str, end: str, calendar: WorkingDays) -> None:
    assert parse_term(text).after(day(start), calendar) == day(end)


@pytest.mark.parametrize("text", ["90", "天", "90小时", "1个月15天", "", "三十天", "90天内", "1.5个月"])
def test_a_term_without_a_unit_that_we_know_is_refused(text: str) -> None:
    with pytest.raises(FactError) as caught:
        parse_term(text)

    assert caught.value.issues[0].code == "TERM_FORMAT"


@pytest.mark.parametrize("text", ["90天", "24个月-30个工作日", "5个工作日", "1个月+15天", "0天"])
def test_a_term_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_term(text)) == text
    assert parse_term(str(parse_term(text))) == parse_term(text)


def test_a_term_of_nothing_ends_at_once() -> None:
    assert Term().after(day("2025-03-01"), WorkingDays({})) == day("2025-03-01")


def _calendar(folder: Path, name: str, text: str) -> WorkingDays:
    place = folder / "rules" / "calendar"
    place.mkdir(parents=True)
    (place / name).write_text(text, encoding="utf-8")
    return load_calendars(place)


def test_a_file_sets_single_days_right(tmp_path: Path) -> None:
    text = (
        'schema: calendar/1\nyear: 2027\npublished: 通知\noff: ["2027-02-11"]\nworked: ["2027-02-05", "2027-02-20"]\n'
    )

    read = _calendar(tmp_path, "2027.yaml", text)

    assert not read.is_working_day(day("2027-02-11"))
    assert read.is_working_day(day("2027-02-05"))
    assert read.is_working_day(day("2027-02-20"))
    assert not read.is_working_day(day("2027-02-21"))
    assert read.years[2027].published == "通知"


@pytest.mark.parametrize(
    ("name", "text", "where", "code"),
    [
        ("2027.yaml", "schema: calendar/1\nyear: 2026\npublished: 通知\n", 2, "FILE_NAME"),
        ("2027.yaml", "schema: calendar/1\nyear: 2027\n", 1, "SHAPE"),
        ("2027.yaml", 'schema: calendar/1\nyear: 2027\npublished: 通知\noff:\n  - "2026-05-01"\n', 5, "CALENDAR_DAY"),
        ("2027.yaml", 'schema: calendar/1\nyear: 2027\npublished: 通知\noff:\n  - "2027-02-30"\n', 5, "DATE_INVALID"),
        ("2027.yaml", 'schema: calendar/1\nyear: 2027\npublished: 通知\noff:\n  - "2027-02"\n', 5, "CALENDAR_DAY"),
        (
            "2027.yaml",
            'schema: calendar/1\nyear: 2027\npublished: 通知\noff: ["2027-02-01"]\nworked: ["2027-02-01"]\n',
            5,
            "CALENDAR_DAY",
        ),
    ],
)
def test_a_wrong_calendar_file_is_refused_at_its_line(
    name: str, text: str, where: int, code: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError) as caught:
        _calendar(tmp_path, name, text)

    assert [(issue.where, issue.code) for issue in caught.value.issues] == [(f"rules/calendar/{name}:{where}", code)]


def test_a_folder_without_files_answers_no_year(tmp_path: Path) -> None:
    with pytest.raises(FactError, match="尚无任何年份"):
        load_calendars(tmp_path).is_working_day(day("2025-03-03"))
