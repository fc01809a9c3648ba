"""The state follows from the log, whatever the order it is read in, on two axes of time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import NOW, day, event, noon, state

from policy_match.errors import FactError
from policy_match.lifecycle.events import Event, advance, holding, replay, stays
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind, Side

P05 = (
    event("SIGNED", "2024-03-28", recorded="2024-04-01"),
    event("APPROVED", "2024-06-20", recorded="2024-06-21"),
    event("STARTED", "2024-10-30", recorded="2024-11-06"),
)


def test_a_late_record_is_unknown_before_it_was_made_and_true_since_its_date_afterwards(table: LifecycleTable) -> None:
    before = replay(P05, table, day("2024-10-31"), noon("2024-11-01"))
    after = replay(P05, table, day("2024-10-31"), noon("2024-11-07"))

    assert (before.point, after.point) == ("APPROVED", "STARTED")
    assert replay(P05, table, day("2024-10-29"), NOW).point == "APPROVED"


@pytest.mark.parametrize(
    ("as_of", "point", "lead", "stage"),
    [
        ("2024-11-17", None, "commerce", None),
        ("2024-11-18", "SIGNED", "commerce", "ATTRACT"),
        ("2025-01-21", "SIGNED", "commerce", "ATTRACT"),
        ("2025-01-22", "APPROVED", "development", "BUILD"),
        ("2025-06-01", "STARTED", "development", "BUILD"),
        ("2026-01-31", "STARTED", "development", "BUILD"),
        ("2026-02-01", "COMPLETED", "industry", "OPERATE"),
        ("2026-05-01", "PRODUCING", "industry", "OPERATE"),
    ],
)
def test_the_lead_changes_on_the_day_of_the_point(
    as_of: str, point: str | None, lead: str, stage: str | None, table: LifecycleTable
) -> None:
    dates = {"SIGNED": "2024-11-18", "APPROVED": "2025-01-22", "STARTED": "2025-06-01", "COMPLETED": "2026-02-01"}
    log = [event(name, on) for name, on in (*dates.items(), ("PRODUCING", "2026-05-01"))]

    now = state(table, *log, as_of=as_of)

    assert (now.point, now.lead, now.stage) == (point, lead, stage)
    assert now.is_active == (point is not None)


def test_an_upgrade_enters_at_approval(table: LifecycleTable) -> None:
    now = state(table, event("APPROVED", "2024-11-11", recorded="2024-11-20"))

    assert (now.point, now.lead, now.entered_on) == ("APPROVED", "development", day("2024-11-20"))
    assert [stay.point for stay in stays(now, table)] == ["APPROVED"]


def test_an_entry_of_its_own_is_the_day_of_entry(table: LifecycleTable) -> None:
    now = state(table, event("ENTER", "2024-11-01"), event("SIGNED", "2024-11-18"))

    assert now.entered_on == day("2024-11-01")
    assert [(stay.point, stay.since, stay.until) for stay in stays(now, table)] == [
        (None, day("2024-11-01"), day("2024-11-18")),
        ("SIGNED", day("2024-11-18"), None),
    ]


def test_two_points_of_one_day_leave_no_time_between(table: LifecycleTable) -> None:
    now = state(table, *P05, event("COMPLETED", "2024-10-30", id="AAA", recorded="2024-11-06"))

    assert now.point == "COMPLETED"
    assert [stay.point for stay in stays(now, table)] == ["SIGNED", "APPROVED", "COMPLETED"]


def test_a_correction_takes_the_place_of_the_date_and_is_known_from_its_own_day(table: LifecycleTable) -> None:
    started = event("STARTED", "2024-12-05", id="e3")
    moved = event("CORRECT", "2025-01-08", recorded="2025-04-20", id="c1", supersedes="e3", reason="日期录错")
    log = (*P05[:2], started, moved)

    assert replay(log, table, day("2024-12-31"), noon("2025-04-19")).point == "STARTED"
    corrected = replay(log, table, day("2024-12-31"), NOW)
    assert corrected.point == "APPROVED"
    now = replay(log, table, day("2025-01-08"), NOW)
    assert (now.on("STARTED"), now.event("e3") is not None, now.event("c1")) == (day("2025-01-08"), True, None)


def test_the_last_correction_counts_and_a_withdrawn_event_never_happened(table: LifecycleTable) -> None:
    log = [
        *P05,
        event("CORRECT", "2024-10-01", recorded="2025-01-01", id="c1", supersedes=P05[2].id),
        event("CORRECT", "2024-09-01", recorded="2025-01-02", id="c2", supersedes=P05[2].id),
    ]

    assert state(table, *log).on("STARTED") == day("2024-09-01")
    log.append(event("WITHDRAW", "2025-01-03", id="c3", supersedes=P05[2].id))
    assert state(table, *log).point == "APPROVED"


def test_a_correction_of_something_unknown_changes_nothing(table: LifecycleTable) -> None:
    assert state(table, *P05, event("CORRECT", "2024-09-01", supersedes="elsewhere")) == state(table, *P05)


def test_a_pause_keeps_the_lead_and_is_kept_as_a_time(table: LifecycleTable) -> None:
    log = (*P05, event("PAUSE", "2025-02-01", cause="资金"), event("RESUME", "2025-03-03"))

    paused, resumed = state(table, *log, as_of="2025-02-10"), state(table, *log, as_of="2025-03-03")

    assert (paused.side, paused.lead, paused.is_active) == (Side.PAUSED, "development", True)
    assert [(p.since, p.until, p.cause) for p in paused.pauses] == [(day("2025-02-01"), None, "资金")]
    assert (resumed.side, [(p.since, p.until) for p in resumed.pauses]) == (
        Side.ACTIVE,
        [(day("2025-02-01"), day("2025-03-03"))],
    )


def test_a_merge_is_undone_to_where_the_project_stood(table: LifecycleTable) -> None:
    log = [*P05, event("PAUSE", "2025-02-01"), event("MERGE", "2025-02-10", survivor="P2")]
    merged = state(table, *log)
    undone = state(table, *log, event("UNMERGE", "2025-02-20"))

    assert (merged.side, merged.survivor, merged.is_active) == (Side.MERGED, "P2", False)
    assert (undone.side, undone.survivor, undone.is_active) == (Side.PAUSED, None, True)
    assert undone.point == "STARTED"


def test_out_of_the_library_and_in_again_is_the_same_record(table: LifecycleTable) -> None:
    log = [*P05, event("EXIT", "2025-02-01", cause="迁出")]

    assert not state(table, *log).is_active
    again = state(table, *log, event("REENTER", "2025-05-01"))
    assert (again.is_active, again.point, again.on("SIGNED")) == (True, "STARTED", day("2024-03-28"))


def test_a_move_that_does_not_start_from_here_changes_nothing(table: LifecycleTable) -> None:
    now = state(table, *P05, event("RESUME", "2025-02-01"), event("UNMERGE", "2025-02-02"))

    assert (now.side, now.sides) == (Side.ACTIVE, ())


def test_a_point_that_the_table_does_not_hold_is_told(table: LifecycleTable) -> None:
    with pytest.raises(FactError) as caught:
        state(table, event("SIGNED", "2024-03-28", point="LANDED"))

    assert caught.value.issues[0].code == "LC_POINT_UNKNOWN"


def test_nothing_recorded_is_no_project_of_the_library(table: LifecycleTable) -> None:
    now = state(table)

    assert (now.is_active, now.point, now.entered_on, now.history, stays(now, table)) == (False, None, None, (), ())


# laws

_FIRST = date(2024, 1, 1)
_POINTS = ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING")
_SIDES = tuple(kind for kind in EventKind if kind not in (EventKind.POINT, EventKind.CORRECT, EventKind.WITHDRAW))


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Random events, corrections among them; dates and records in any order, many on one day."""
    made: list[Event] = []
    for place in range(draw(st.integers(0, 12))):
        on = (_FIRST + timedelta(days=draw(st.integers(0, 30)))).isoformat()
        recorded = (_FIRST + timedelta(days=draw(st.integers(0, 30)))).isoformat()
        kind = draw(st.sampled_from([*_POINTS, *_SIDES, EventKind.CORRECT, EventKind.WITHDRAW]))
        about = draw(st.sampled_from([e.id for e in made] or ["none"])) if kind in ("CORRECT", "WITHDRAW") else None
        key = f"{draw(st.integers(0, 99)):02d}-{place}"
        made.append(event(str(kind), on, recorded=recorded, id=key, supersedes=about, survivor="Q"))
    return made


@given(log=logs(), data=st.data())
def test_any_order_of_the_events_gives_the_same_state(
    log: list[Event], data: st.DataObject, table: LifecycleTable
) -> None:
    shuffled = data.draw(st.permutations(log))

    assert replay(shuffled, table, day("2024-01-20"), NOW) == replay(log, table, day("2024-01-20"), NOW)


@given(log=logs(), known=st.integers(0, 30), late=logs())
def test_what_is_recorded_later_changes_nothing_known_before(
    log: list[Event], known: int, late: list[Event], table: LifecycleTable
) -> None:
    instant = noon((_FIRST + timedelta(days=known)).isoformat())
    later = [e for e in late if e.recorded_at > instant]

    assert replay([*log, *later], table, day("2024-01-20"), instant) == replay(log, table, day("2024-01-20"), instant)


@given(log=logs())
def test_the_state_of_now_is_the_state_after_the_last_event(log: list[Event], table: LifecycleTable) -> None:
    held = holding(log, NOW)
    step_by_step = state(table)
    for one in held:
        step_by_step = advance(step_by_step, one, table)

    assert step_by_step == replay(log, table, day("2026-11-25"), NOW)


@given(log=logs())
def test_a_project_has_exactly_one_lead_on_every_day(log: list[Event], table: LifecycleTable) -> None:
    full = replay(log, table, day("2026-11-25"), NOW)
    periods = stays(full, table)

    assert [stay.until for stay in periods] == [*[stay.since for stay in periods[1:]], *([None] if periods else [])]
    for place in range(-1, 35):
        today = _FIRST + timedelta(days=place)
        now = replay(log, table, today, NOW)
        leads = [s.lead for s in periods if s.since <= today and (s.until is None or today < s.until)]
        assert leads == ([now.lead] if now.history else []), today
        assert now.lead in table.roles


@given(log=logs())
def test_times_beside_the_points_follow_one_another(log: list[Event], table: LifecycleTable) -> None:
    sides = replay(log, table, day("2026-11-25"), NOW).sides

    assert [period.until for period in sides[:-1]] == [period.since for period in sides[1:]]
    assert all(period.until is None or period.since <= period.until for period in sides)
    assert not sides or sides[-1].until is None
