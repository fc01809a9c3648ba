"""Lights: their colour on each day about their bounds, paused days out, whose they are, which comes first."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import day, event, later, state

from policy_match.lifecycle.clocks import Excuse, Light, Mark, Reading, Watched, days_in_interval, lights
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.milestones import Milestone, steps_of, upcoming
from policy_match.lifecycle.numbers import numbers
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import Colour, MilestoneStatus
from policy_match.working_days import WorkingDays

P02 = (event("SIGNED", "2024-12-20", recorded="2024-12-24"),)
P01 = (event("SIGNED", "2024-08-20"), event("APPROVED", "2024-09-25"), event("STARTED", "2025-02-10"))


class Desk:
    """Reads the lights of a project."""

    def __init__(self, table: LifecycleTable, calendar: WorkingDays) -> None:
        self.table, self.calendar = table, calendar

    def all(self, log: tuple[Event, ...], as_of: str, **more: object) -> tuple[Light, ...]:
        watched = Watched(state(self.table, *log, as_of=as_of), "new", **more)  # type: ignore[arg-type]
        return lights(watched, self.table, day(as_of), self.calendar)

    def one(self, clock: str, log: tuple[Event, ...], as_of: str, **more: object) -> Light | None:
        return next((light for light in self.all(log, as_of, **more) if light.id == clock), None)

    def colour(self, clock: str, log: tuple[Event, ...], as_of: str, **more: object) -> Colour | None:
        light = self.one(clock, log, as_of, **more)
        return None if light is None else light.colour


@pytest.fixture(scope="module")
def desk(table: LifecycleTable, calendar: WorkingDays) -> Desk:
    return Desk(table, calendar)


@pytest.mark.parametrize(
    ("as_of", "colour", "since", "days"),
    [
        ("2025-03-19", Colour.GREEN, "2024-12-20", 89),
        ("2025-03-20", Colour.YELLOW, "2025-03-20", 90),
        ("2025-06-17", Colour.YELLOW, "2025-03-20", 179),
        ("2025-06-18", Colour.RED, "2025-06-18", 180),
        ("2025-06-30", Colour.RED, "2025-06-18", 192),
    ],
)
def test_signed_and_not_approved_turns_yellow_after_90_days_and_red_after_180(
    as_of: str, colour: Colour, since: str, days: int, desk: Desk
) -> None:
    light = desk.one("signed_approved", P02, as_of)

    assert light is not None
    assert (light.colour, light.since, light.days, light.units) == (colour, day(since), days, ("commerce",))
    assert (light.yellow_on, light.red_on) == (day("2025-03-20"), day("2025-06-18"))
    assert light.reason == f"签约至立项：{days}天，未立项（黄灯 2025-03-20，红灯 2025-06-18）"
    assert days_in_interval(state(desk.table, *P02, as_of=as_of), day(as_of)) == days


def test_a_pause_of_30_days_puts_the_red_off_by_30_days(desk: Desk) -> None:
    log = (*P02, event("PAUSE", "2025-01-10"), event("RESUME", "2025-02-09"))

    def told(as_of: str) -> tuple[Colour, int]:
        light = desk.one("signed_approved", log, as_of)
        assert light is not None and light.days is not None
        return light.colour, light.days

    assert told("2025-07-17") == (Colour.YELLOW, 179)
    assert told("2025-07-18") == (Colour.RED, 180)
    assert told("2025-01-25") == told("2025-02-09") == (Colour.GREEN, 21)
    assert desk.one("signed_approved", log, "2025-07-18").red_on == day("2025-07-18")  # type: ignore[union-attr]


def test_a_pause_from_the_very_day_of_the_bound_comes_too_late(desk: Desk) -> None:
    assert desk.colour("signed_approved", (*P02, event("PAUSE", "2025-03-20")), "2025-03-25") is Colour.YELLOW
    assert desk.colour("signed_approved", (*P02, event("PAUSE", "2025-03-19")), "2025-03-25") is Colour.GREEN


def test_an_open_pause_stops_the_clock_and_starts_one_of_its_own(desk: Desk) -> None:
    log = (*P02, event("PAUSE", "2025-01-10"))

    light = desk.one("signed_approved", log, "2026-01-10")

    assert light is not None
    assert (light.colour, light.days, light.yellow_on, light.red_on) == (Colour.GREEN, 21, None, None)
    assert desk.colour("paused", log, "2025-07-09") is Colour.GREEN
    assert desk.colour("paused", log, "2025-07-10") is Colour.RED
    assert desk.colour("paused", P02, "2025-07-10") is None


@pytest.mark.parametrize(
    ("as_of", "colour", "since"),
    [
        ("2025-03-09", Colour.GREEN, "2025-02-10"),
        ("2025-03-31", Colour.YELLOW, "2025-03-10"),
        ("2025-04-09", Colour.YELLOW, "2025-03-10"),
        ("2025-04-15", Colour.RED, "2025-04-10"),
    ],
)
def test_started_and_not_in_the_statistics_turns_by_calendar_months(
    as_of: str, colour: Colour, since: str, desk: Desk
) -> None:
    light = desk.one("started_listed", P01, as_of)

    assert light is not None
    assert (light.colour, light.since, light.units) == (colour, day(since), ("district", "statistics"))


def test_once_listed_the_light_is_green_and_tells_what_it_was(desk: Desk) -> None:
    listed = (Milestone("listed", MilestoneStatus.DONE, actual_on=day("2025-04-30")),)

    light = desk.one("started_listed", P01, "2025-05-02", milestones=listed)

    assert light is not None
    assert (light.colour, light.since, light.stopped_on) == (Colour.GREEN, day("2025-04-30"), day("2025-04-30"))
    assert (light.yellow_on, light.red_on, light.days) == (day("2025-03-10"), day("2025-04-10"), 79)
    assert light.reason == "开工至列统：2025-04-30 已列统，历时79天（曾黄灯自 2025-03-10、红灯自 2025-04-10）"
    assert desk.colour("started_listed", P01, "2025-04-29", milestones=listed) is Colour.RED


def test_a_clock_that_stopped_in_time_was_never_yellow(desk: Desk) -> None:
    light = desk.one("signed_approved", P01, "2025-03-31")

    assert light is not None
    assert (light.colour, light.yellow_on, light.red_on, light.days) == (Colour.GREEN, None, None, 36)


def test_entry_is_due_within_ten_working_days_and_late_on_the_day_after(desk: Desk) -> None:
    def colour(recorded: str, as_of: str) -> Colour | None:
        return desk.colour("entry", (event("SIGNED", "2025-01-24", recorded=recorded),), as_of)

    # 26 and 27 January, 5 to 8 February (the 8th is worked), 10 to 13 February.
    late = desk.one("entry", (event("SIGNED", "2025-01-24", recorded="2025-03-31"),), "2025-02-13")
    assert late is not None and late.yellow_on == day("2025-02-14")
    assert colour("2025-03-31", "2025-02-13") is Colour.GREEN
    assert colour("2025-03-31", "2025-02-14") is Colour.YELLOW
    assert colour("2025-02-10", "2025-02-14") is Colour.GREEN


def test_the_filing_clock_runs_on_through_a_pause(desk: Desk) -> None:
    log = (event("APPROVED", "2022-08-09"), event("PAUSE", "2023-01-01"))

    light = desk.one("filing", log, "2024-05-11")

    assert light is not None
    assert (light.colour, light.yellow_on, light.red_on) == (Colour.YELLOW, day("2024-05-11"), day("2024-06-28"))
    assert desk.colour("filing", log, "2024-06-28") is Colour.RED
    explained = (Mark("filing_explained", day("2024-06-01")),)
    assert desk.colour("filing", log, "2024-06-28", marks=explained) is Colour.GREEN


def test_a_day_that_needs_an_unpublished_year_is_told_and_not_guessed(desk: Desk) -> None:
    log = (event("APPROVED", "2025-01-22"),)

    early, yellow = (desk.one("filing", log, on) for on in ("2026-10-01", "2026-11-25"))

    assert early is not None and yellow is not None
    assert (early.colour, early.red_on) == (Colour.GREEN, None)
    assert early.issue is not None and early.issue.code == "CALENDAR_YEAR_MISSING"
    assert yellow.colour is Colour.YELLOW and "2027" in yellow.reason


def test_where_nothing_is_proved_and_a_day_is_open_the_light_is_unknown(desk: Desk) -> None:
    log = (event("SIGNED", "2026-12-21", recorded="2027-03-01"),)

    entry = desk.one("entry", log, "2027-01-08")

    assert entry is not None
    assert (entry.colour, entry.issue is not None, "2027" in entry.reason) == (Colour.UNKNOWN, True, True)
    assert desk.colour("entry", log, "2026-12-30") is Colour.GREEN


@pytest.mark.parametrize(
    ("as_of", "colour"),
    [
        ("2025-03-31", Colour.GREEN),
        ("2025-04-01", Colour.YELLOW),
        ("2025-05-31", Colour.YELLOW),
        ("2025-06-01", Colour.RED),
    ],
)
def test_a_planned_start_counts_by_months_that_have_passed(as_of: str, colour: Colour, desk: Desk) -> None:
    planned = (Milestone("STARTED", planned_on=day("2025-03-15")),)

    assert desk.colour("planned_start", P01[:2], as_of, milestones=planned) is colour
    assert desk.colour("planned_start", P01[:2], as_of) is None


def test_a_plan_in_december_counts_from_january(desk: Desk) -> None:
    planned = (Milestone("STARTED", planned_on=day("2024-12-31")),)

    assert desk.colour("planned_start", P01[:2], "2024-12-31", milestones=planned) is Colour.GREEN
    assert desk.colour("planned_start", P01[:2], "2025-01-01", milestones=planned) is Colour.YELLOW


def test_updates_count_from_the_last_one_or_the_entry(desk: Desk) -> None:
    updates = (Mark("update", day("2025-01-10")), Mark("update", day("2025-03-01")), Mark("update", day("2025-06-01")))

    assert desk.colour("update", P02, "2025-01-22") is Colour.GREEN
    assert desk.colour("update", P02, "2025-01-23") is Colour.YELLOW
    light = desk.one("update", P02, "2025-04-30", marks=updates)
    assert light is not None and (light.colour, light.yellow_on) == (Colour.RED, day("2025-03-31"))


def test_a_month_not_reported_is_yellow_15_days_later_and_red_with_the_next_one(desk: Desk) -> None:
    missing = (Mark("unreported", day("2025-01-31")),)

    found = [
        desk.colour("report", P01, on, marks=missing) for on in ("2025-02-15", "2025-02-16", "2025-03-15", "2025-03-16")
    ]

    assert found == [Colour.GREEN, Colour.YELLOW, Colour.YELLOW, Colour.RED]


def test_an_amount_below_the_line_is_due_in_30_days_and_an_agent_in_5_working_days(desk: Desk) -> None:
    below, vacant = (Mark("below_threshold", day("2025-01-02")),), (Mark("agent_vacant", day("2025-01-24")),)

    assert desk.colour("threshold", P01, "2025-01-31", marks=below) is Colour.YELLOW
    assert desk.colour("threshold", P01, "2025-02-01", marks=below) is Colour.RED
    assert desk.colour("agent", P01, "2025-02-07", marks=vacant) is Colour.GREEN
    assert desk.colour("agent", P01, "2025-02-08", marks=vacant) is Colour.RED


def test_working_days_of_a_pause_do_not_count(desk: Desk) -> None:
    log = (*P01[:2], event("PAUSE", "2025-01-27"), event("RESUME", "2025-02-06"))
    vacant = (Mark("agent_vacant", day("2025-01-24")),)

    # 26 January; 27 January and 5 February are paused; 6, 7, 8 (worked), 10 February.
    light = desk.one("agent", log, "2025-02-20", marks=vacant)

    assert light is not None and light.red_on == day("2025-02-11")


@pytest.mark.parametrize(
    ("value", "colour"),
    [("9.99", Colour.GREEN), ("10", Colour.YELLOW), ("30", Colour.YELLOW), ("30.01", Colour.RED), ("-5", Colour.GREEN)],
)
def test_a_shortfall_of_more_than_30_points_is_red(value: str, colour: Colour, desk: Desk) -> None:
    reading = (Reading("annual_investment", Fraction(value), day("2025-03-01")),)

    light = desk.one("annual_investment", P01, "2025-03-31", readings=reading)

    assert light is not None and (light.colour, light.since) == (colour, day("2025-03-01"))
    assert desk.one("annual_investment", P01, "2025-03-31") is None


@pytest.mark.parametrize(
    ("value", "colour"),
    [("0.8", Colour.GREEN), ("0.7999", Colour.YELLOW), ("0.6", Colour.YELLOW), ("0.5999", Colour.RED)],
)
def test_output_below_the_curve_turns_under_its_bounds(value: str, colour: Colour, desk: Desk) -> None:
    reading = (Reading("ramp", Fraction(value), day("2025-03-01")),)
    producing = (*P01, event("COMPLETED", "2025-02-20"), event("PRODUCING", "2025-02-21"))

    assert desk.colour("ramp", producing, "2025-03-31", readings=reading) is colour
    assert desk.colour("ramp", P01, "2025-03-31", readings=reading) is None


def test_of_two_reds_the_older_comes_first_and_an_excused_one_after_them(desk: Desk) -> None:
    log = (event("SIGNED", "2024-01-10"),)
    readings = (Reading("annual_investment", Fraction(40), day("2024-01-01")),)

    reds = [light.id for light in desk.all(log, "2025-03-31", readings=readings) if light.colour is Colour.RED]
    assert reds == ["update", "signed_approved"]
    excuse = Excuse("update", "专班驻点跟踪", "fa", day("2025-03-31"))
    first, second, *_ = desk.all(log, "2025-03-31", excuses=(excuse,))
    assert (first.id, second.id, second.excuse, second.colour) == ("signed_approved", "update", excuse, Colour.RED)
    assert "专班驻点跟踪，至 2025-03-31" in second.reason
    assert desk.all(log, "2025-04-01", excuses=(excuse,))[0].excuse is None


def test_lights_are_ordered_by_colour(desk: Desk) -> None:
    found = [light.colour for light in desk.all(P01, "2025-03-31")]

    assert found == sorted(found, key=[Colour.RED, Colour.YELLOW, Colour.UNKNOWN, Colour.GREEN].index)
    assert len(set(found)) >= 2


@pytest.mark.parametrize("kind", ["TERMINATE", "EXIT", "MERGE"])
def test_what_has_left_the_library_has_no_lights(kind: str, desk: Desk) -> None:
    assert desk.all((*P01, event(kind, "2025-03-01")), "2025-12-31") == ()


def test_an_unknown_day_starts_no_clock(desk: Desk) -> None:
    found = {light.id for light in desk.all((event("APPROVED", "2025-01-22"),), "2025-03-31")}

    assert found == {"entry", "approved_started", "filing", "update"}


_FIRST = date(2023, 1, 1)


@given(
    pauses=st.lists(st.integers(1, 40), max_size=6),
    gap=st.integers(1, 50),
    asked=st.integers(0, 500),
)
def test_a_light_turns_exactly_when_the_days_that_count_reach_its_bound(
    pauses: list[int], gap: int, asked: int, desk: Desk
) -> None:
    log, on = [event("SIGNED", _FIRST.isoformat())], _FIRST
    for length in pauses:
        on += timedelta(days=gap)
        log.append(event("PAUSE", on.isoformat()))
        on += timedelta(days=length)
        log.append(event("RESUME", on.isoformat()))
    as_of = _FIRST + timedelta(days=asked)

    light = desk.one("signed_approved", tuple(log), as_of.isoformat())

    assert light is not None and light.days is not None
    counted = sum(
        1
        for place in range(asked)
        if not any(
            p.since <= later(_FIRST.isoformat(), place) < (p.until or date.max) for p in _pauses(desk, log, as_of)
        )
    )
    assert light.days == counted
    assert light.colour is (Colour.RED if counted >= 180 else Colour.YELLOW if counted >= 90 else Colour.GREEN)


def _pauses(desk: Desk, log: list[Event], as_of: date) -> tuple[object, ...]:
    return state(desk.table, *log, as_of=as_of.isoformat()).pauses


# milestones


def test_what_is_planned_within_30_days_or_late_is_told_with_its_owner(table: LifecycleTable) -> None:
    steps = [
        Milestone("environment", planned_on=day("2025-04-30")),
        Milestone("energy", planned_on=day("2025-05-01")),
        Milestone("land_contract", planned_on=day("2025-03-01")),
        Milestone("drawings", MilestoneStatus.DONE, planned_on=day("2025-04-01"), actual_on=day("2025-03-30")),
        Milestone("forest", MilestoneStatus.NOT_NEEDED, planned_on=day("2025-04-01")),
        Milestone("topped_out", planned_on=day("2025-03-31"), owner="park"),
        Milestone("design"),
    ]

    due = upcoming(steps, table, day("2025-03-31"))

    assert [(d.kind, d.owner, d.is_late) for d in due] == [
        ("land_contract", "resources", True),
        ("topped_out", "park", False),
        ("environment", "ecology", False),
    ]


def test_an_upgrade_of_equipment_has_no_building_permit_among_its_steps(table: LifecycleTable) -> None:
    steps = {step.id for step in steps_of("upgrade_equipment", table)}

    assert steps.isdisjoint({"SIGNED", "construction_permit", "joint_acceptance"})
    assert {"APPROVED", "equipment"} <= steps


def test_every_number_tells_its_source(table: LifecycleTable) -> None:
    told = numbers(table)

    assert {number.source for number in told} <= set(table.sources)
    assert {number.name: number.source for number in told}["签约至立项"] == "D"
    assert {number.name: number.value for number in told}["开工至列统"] == "黄灯1个月、红灯2个月"
    assert len(told) > 25
