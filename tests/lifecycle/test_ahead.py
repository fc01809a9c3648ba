"""The later points of a project: their days, and the facts that hold at each of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import day

from policy_match.facts.cells import Cause, Cell, Item, Items, Possible
from policy_match.facts.subjects import Kind, Subject, known_facts
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.ahead import Ahead, Dating, facts_then, points_ahead, present_point, told_days
from policy_match.lifecycle.table import LifecycleTable
from policy_match.units import Band

TODAY = day("2026-03-10")
POINTS = ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING")


def dated(first: str, last: str | None = None, source: str | None = None, seen: str | None = None) -> Cell:
    band = Band(day(first).toordinal(), day(last or first).toordinal())
    return Cell(band, None, source, None if seen is None else day(seen))


def stage(*options: str) -> Cell:
    return Cell(Possible(frozenset(options)))


def days(found: tuple[Ahead, ...]) -> list[tuple[str, str, str]]:
    return [(one.point, one.on.isoformat(), one.dating.value) for one in found]


def test_a_signed_project_has_four_points_ahead_on_their_planned_days(table: LifecycleTable) -> None:
    told = {
        "APPROVED": TODAY,
        "STARTED": day("2026-09-01"),
        "COMPLETED": day("2027-12-31"),
        "PRODUCING": day("2028-05-01"),
    }

    assert days(points_ahead("SIGNED", told, table, TODAY)) == [
        ("APPROVED", "2026-03-10", "planned"),
        ("STARTED", "2026-09-01", "planned"),
        ("COMPLETED", "2027-12-31", "planned"),
        ("PRODUCING", "2028-05-01", "planned"),
    ]


def test_a_point_that_nobody_planned_is_judged_on_the_day_of_the_one_before_it(table: LifecycleTable) -> None:
    found = points_ahead("SIGNED", {"STARTED": day("2026-09-01")}, table, TODAY)

    assert days(found) == [
        ("APPROVED", "2026-03-10", "undated"),
        ("STARTED", "2026-09-01", "planned"),
        ("COMPLETED", "2026-09-01", "undated"),
        ("PRODUCING", "2026-09-01", "undated"),
    ]
    assert [one.told_on for one in found] == [None, day("2026-09-01"), None, None]


def test_a_planned_day_that_has_passed_is_overdue_and_gives_no_day(table: LifecycleTable) -> None:
    found = points_ahead("STARTED", {"COMPLETED": day("2026-03-09")}, table, TODAY)

    assert days(found)[0] == ("COMPLETED", "2026-03-10", "overdue")
    assert found[0].told_on == day("2026-03-09")


def test_a_planned_day_before_that_of_an_earlier_point_is_no_day(table: LifecycleTable) -> None:
    told = {"COMPLETED": day("2027-01-01"), "PRODUCING": day("2026-12-31")}

    assert days(points_ahead("STARTED", told, table, TODAY)) == [
        ("COMPLETED", "2027-01-01", "planned"),
        ("PRODUCING", "2027-01-01", "reversed"),
    ]


def test_nothing_lies_ahead_of_a_producing_project_and_everything_of_an_unknown_one(table: LifecycleTable) -> None:
    assert points_ahead("PRODUCING", {}, table, TODAY) == ()
    assert [one.point for one in points_ahead(None, {}, table, TODAY)] == list(POINTS)


def test_a_lifecycle_with_six_points_has_its_own(six_points: LifecycleTable) -> None:
    first = six_points.points[0].id

    assert [one.point for one in points_ahead(first, {}, six_points, TODAY)] == [p.id for p in six_points.points[1:]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, None),
        ({"stage": stage("竣工")}, "COMPLETED"),
        ({"stage": stage("竣工", "开工")}, "STARTED"),
        ({"stage": Cell(None, Cause.STALE, last_seen=Possible.only("开工"))}, "STARTED"),
        ({"stage": Cell(None, Cause.CONFLICT, last_seen=Possible.only("开工"))}, None),
        ({"started_on": dated("2026-03-10")}, "STARTED"),
        ({"started_on": dated("2026-03-11")}, None),
        ({"started_on": dated("2026-03-01", "2026-03-31")}, None),
        ({"signed_on": dated("2025-01-01"), "completed_on": dated("2027-01-01")}, "SIGNED"),
        ({"stage": stage("开工"), "completed_on": dated("2026-01-01")}, "STARTED"),
    ],
)
def test_the_present_point_is_what_the_facts_surely_say(
    cells: dict[str, Cell], expected: str | None, table: LifecycleTable
) -> None:
    assert present_point(cells, table, TODAY) == expected


def test_a_plan_known_to_the_month_is_told_for_its_last_day_and_stays_a_month(
    table: LifecycleTable, vocabulary: Vocabulary
) -> None:
    cells = {"stage": stage("开工"), "completed_on": dated("2026-06-01", "2026-06-30")}
    ahead = points_ahead("STARTED", told_days(cells, table), table, TODAY)[:1]

    assert days(ahead) == [("COMPLETED", "2026-06-30", "planned")]
    assert facts_then(cells, ahead, table, vocabulary, as_of=TODAY)["completed_on"] == cells["completed_on"]


def test_a_plan_that_has_grown_old_is_still_the_plan(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    told = Band(day("2026-12-01").toordinal(), day("2026-12-01").toordinal())
    cells = {"completed_on": Cell(None, Cause.STALE, "GG", day("2026-01-01"), last_seen=told)}
    ahead = points_ahead("STARTED", told_days(cells, table), table, TODAY)[:1]

    assert facts_then(cells, ahead, table, vocabulary, as_of=TODAY)["completed_on"].value == told


def test_at_a_point_stage_and_planned_days_hold_and_no_date_is_invented(
    table: LifecycleTable, vocabulary: Vocabulary
) -> None:
    ahead = points_ahead("SIGNED", {"COMPLETED": day("2027-06-30")}, table, TODAY)[:3]
    found = facts_then({"stage": stage("签约")}, ahead, table, vocabulary, as_of=TODAY)

    assert found["stage"].value == Possible.only("竣工")
    assert found["completed_on"] == dated("2027-06-30")
    assert set(found) == {"stage", "completed_on"}


def test_an_overdue_plan_leaves_the_date_as_it_is_told(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    cells = {"stage": stage("开工"), "completed_on": dated("2026-01-01")}
    ahead = points_ahead("STARTED", told_days(cells, table), table, TODAY)[:1]

    assert ahead[0].dating is Dating.OVERDUE
    assert facts_then(cells, ahead, table, vocabulary, as_of=TODAY)["completed_on"] == cells["completed_on"]
    assert (
        "completed_on"
        not in facts_then(
            {"stage": stage("开工")},
            points_ahead("STARTED", {"COMPLETED": day("2026-01-01")}, table, TODAY)[:1],
            table, vocabulary, as_of=TODAY,
        )
    )  # fmt: skip


def test_days_since_registration_go_on_given_or_derived(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    ahead = points_ahead("STARTED", {"COMPLETED": day("2026-03-20")}, table, TODAY)[:1]
    given_days = {"registered_days": Cell(Band(300, 310))}
    both = {"registered_days": Cell(Band(364, 364)), "registered_on": dated("2025-03-11")}

    assert facts_then(given_days, ahead, table, vocabulary, as_of=TODAY)["registered_days"].value == Band(310, 320)
    then = facts_then(both, ahead, table, vocabulary, as_of=TODAY)
    subject = Subject("P", Kind.PROJECT, then)
    assert known_facts(subject, vocabulary, ahead[0].on)["registered_days"].value == Band(374, 374)


def test_what_is_fresh_today_stays_and_what_is_set_aside_today_stays_aside(
    table: LifecycleTable, vocabulary: Vocabulary
) -> None:
    cells = {
        "total_investment": Cell(Band(1, 1), None, "TZXM", day("2026-02-08")),
        "equipment_investment": Cell(Band(1, 1), None, "TZXM", day("2026-02-07")),
        "land_area": Cell(Band(1, 1), None, "TZXM", day("2026-03-11")),
        "fai_year_done": Cell(Band(1, 1), None, "FAI", day("2026-03-10")),
    }
    ahead = points_ahead("STARTED", {"COMPLETED": day("2027-06-30")}, table, TODAY)[:1]
    subject = Subject("P", Kind.PROJECT, facts_then(cells, ahead, table, vocabulary, as_of=TODAY))
    known = known_facts(subject, vocabulary, ahead[0].on)

    assert known["total_investment"].value == Band(1, 1)
    assert known["equipment_investment"].cause is Cause.STALE
    assert known["land_area"].value is None
    assert known["fai_year_done"].cause is Cause.PURPOSE


def test_an_honour_that_ends_before_the_point_is_over_by_then(table: LifecycleTable, vocabulary: Vocabulary) -> None:
    end = day("2026-12-31").toordinal()
    honours = Items((Item("高新技术企业", Band(1, 1), Band(end, end)),))
    ahead = points_ahead("STARTED", {"COMPLETED": day("2027-06-30")}, table, TODAY)[:1]

    assert facts_then({"honours": Cell(honours)}, ahead, table, vocabulary, as_of=TODAY)["honours"].value == honours


plans = st.dictionaries(st.sampled_from(POINTS), st.dates(date(2025, 1, 1), date(2030, 1, 1)))


@given(present=st.sampled_from([None, *POINTS]), told=plans)
def test_days_never_go_back_and_only_plans_ahead_are_days(
    present: str | None, told: dict[str, date], table: LifecycleTable
) -> None:
    found = points_ahead(present, told, table, TODAY)

    assert [one.point for one in found] == list(POINTS[table.order(present) :])
    assert [one.on for one in found] == sorted([TODAY, *(one.on for one in found)])[1:]
    assert all(one.on in (TODAY, *told.values()) for one in found)
    assert all((one.dating is Dating.PLANNED) <= (one.told_on == one.on) for one in found)


@given(told=plans)
def test_the_last_point_knows_no_day_but_planned_ones(
    told: dict[str, date], table: LifecycleTable, vocabulary: Vocabulary
) -> None:
    ahead = points_ahead(None, told, table, TODAY)
    found = facts_then({}, ahead, table, vocabulary, as_of=TODAY)
    planned = {table.point(one.point).fact: one.on for one in ahead if one.dating is Dating.PLANNED}

    assert {name: date.fromordinal(int(cell.value.low or 0)) for name, cell in found.items() if isinstance(cell.value, Band)} == planned  # fmt: skip
