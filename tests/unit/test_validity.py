"""From when to when a version is in force: both ends included, unknown where nobody has seen."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.eligibility.schema import Effective
from policy_match.eligibility.validity import Validity, exact_day, validity_of
from policy_match.errors import FactError


def validity(start: str, through: str, *seen: str, following: str | None = None) -> Validity:
    """The validity as a file writes it."""
    written = Effective.model_validate({"from": start, "through": through, "seen_in_force_on": list(seen)})
    return validity_of(written, following)


def on(found: Validity, day: str) -> bool | None:
    """The answer on a day."""
    return found.holds(date.fromisoformat(day))


def test_the_first_and_the_last_day_are_in_force_and_their_neighbours_are_not() -> None:
    found = validity("2025-03-01", "2027-12-31")

    answers = [on(found, day) for day in ("2025-02-28", "2025-03-01", "2027-12-31", "2028-01-01")]

    assert answers == [False, True, True, False]


def test_inside_a_month_that_begins_or_ends_it_the_answer_is_unknown() -> None:
    found = validity("2025-03", "2027-12")

    assert [on(found, day) for day in ("2025-02-28", "2025-03-01", "2025-03-30", "2025-03-31")] == [
        False,
        None,
        None,
        True,
    ]
    assert [on(found, day) for day in ("2027-12-01", "2027-12-02", "2027-12-31", "2028-01-01")] == [
        True,
        None,
        None,
        False,
    ]


def test_a_year_alone_is_a_band_of_a_year() -> None:
    found = validity("2023", "2024")

    assert [on(found, day) for day in ("2022-12-31", "2023-06-01", "2023-12-31")] == [False, None, True]


def test_a_standing_rule_has_no_end() -> None:
    assert on(validity("2023-01-01", "open"), "2099-12-31") is True


def test_after_the_last_day_on_which_it_was_seen_the_answer_is_unknown() -> None:
    found = validity("2023-01-01", "unknown", "2024-05-01", "2023-06-15")

    assert [on(found, day) for day in ("2024-05-01", "2024-05-02", "2099-01-01")] == [True, None, None]


def test_a_measure_that_nobody_has_seen_in_force_is_never_surely_so() -> None:
    found = validity("2023-01-01", "unknown")

    assert [on(found, day) for day in ("2022-12-31", "2023-01-01", "2024-01-01")] == [False, None, None]


def test_a_day_on_which_it_was_seen_moves_the_sure_beginning_before_it() -> None:
    found = validity("2023", "unknown", "2023-03-10", "2023-09-01")

    answers = [on(found, day) for day in ("2023-03-09", "2023-03-10", "2023-09-01", "2023-09-02")]

    assert answers == [None, True, True, None]


def test_superseded_lasts_to_the_day_before_what_follows() -> None:
    assert [
        on(validity("2023-01-01", "superseded", following="2026-04-01"), day) for day in ("2026-03-31", "2026-04-01")
    ] == [True, False]
    assert [
        on(validity("2023-01-01", "superseded", following="2026-04"), day)
        for day in ("2026-03-31", "2026-04-01", "2026-04-29", "2026-04-30")
    ] == [True, None, None, False]


@pytest.mark.parametrize(
    ("start", "through", "seen", "following", "code"),
    [
        ("2025-01-01", "2024-12-31", (), None, "EFFECTIVE"),
        ("2025-03", "2025-02", (), None, "EFFECTIVE"),
        ("2025-01-01", "superseded", (), "2025-01-01", "EFFECTIVE"),
        ("2025-01-01", "unknown", ("2024-12-31",), None, "EFFECTIVE"),
        ("2025-01-01", "2025-12-31", ("2026-01-01",), None, "EFFECTIVE"),
        ("2025-01-01", "unknown", ("2025-06",), None, "DATE_FORMAT"),
        ("2025-01-01", "superseded", (), None, "SUPERSEDED"),
        ("2025-01-01", "forever", (), None, "DATE_FORMAT"),
        ("2025-13-01", "open", (), None, "DATE_INVALID"),
        ("soon", "open", (), None, "DATE_FORMAT"),
    ],
)
def test_a_validity_that_cannot_be_is_refused(
    start: str, through: str, seen: tuple[str, ...], following: str | None, code: str
) -> None:
    with pytest.raises(FactError) as caught:
        validity(start, through, *seen, following=following)

    assert [issue.code for issue in caught.value.issues] == [code]
    assert caught.value.issues[0].allowed or caught.value.issues[0].hint


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (("2025-01-01", "2025-12-31"), ("2025-12-31", "open"), True),
        (("2025-01-01", "2025-12-31"), ("2026-01-01", "open"), False),
        (("2025-01-01", "open"), ("2030-01-01", "open"), True),
        (("2025-01-01", "2025-12"), ("2025-12-02", "open"), False),
        (("2025-01-01", "2025-12"), ("2025-12-01", "open"), True),
        (("2025-01-01", "unknown"), ("2026-01-01", "open"), False),
        (("2025-01-01", "2025-12-31"), ("2025-12", "open"), True),
        (("2025-01-01", "2025-12-30"), ("2025-12", "open"), False),
    ],
)
def test_periods_overlap_where_both_are_sure_of_one_day(
    first: tuple[str, str], second: tuple[str, str], overlap: bool
) -> None:
    one, other = validity(*first), validity(*second)

    assert one.surely_overlaps(other) is overlap
    assert other.surely_overlaps(one) is overlap


def test_a_day_is_exact_or_refused() -> None:
    assert exact_day("2026-02-28") == date(2026, 2, 28).toordinal()
    with pytest.raises(FactError):
        exact_day("2026-02")
