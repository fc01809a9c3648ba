"""Problem tickets: their clock in working days, one level at a time, minutes for a consultation."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import day, noon

from policy_match.errors import Issue
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import (
    Action,
    Minutes,
    Ticket,
    TicketEvent,
    TicketMove,
    TicketState,
    check_ticket,
    replay_ticket,
)
from policy_match.working_days import WorkingDays

GOOD = Minutes(
    "纪要1",
    ("国网常州供电公司", "市自然资源和规划局"),
    (Action("国网常州供电公司", "确定接入方案", day("2025-05-20")),),
)


def step(move: str, on: str, **more: object) -> TicketEvent:
    at: datetime = noon(on)
    return TicketEvent(f"{on}-{move}", "W-1", TicketMove(move), at, "fa", **more)  # type: ignore[arg-type]


OPENED = step("OPEN", "2025-04-25", kind="ON_SITE")


class Counter:
    """Replays and checks tickets."""

    def __init__(self, table: LifecycleTable, calendar: WorkingDays) -> None:
        self.table, self.calendar = table, calendar

    def at(self, as_of: str, *events: TicketEvent) -> Ticket:
        ticket = replay_ticket(events, self.table, day(as_of), self.calendar)
        assert ticket is not None
        return ticket

    def told(self, move: TicketEvent, *before: TicketEvent) -> list[str]:
        return [issue.code for issue in self.issues(move, *before)]

    def issues(self, move: TicketEvent, *before: TicketEvent) -> tuple[Issue, ...]:
        ticket = replay_ticket(before, self.table, move.at.date(), self.calendar)
        return check_ticket(move, ticket, self.table, self.calendar)


@pytest.fixture(scope="module")
def counter(table: LifecycleTable, calendar: WorkingDays) -> Counter:
    return Counter(table, calendar)


@pytest.mark.parametrize(
    ("as_of", "overdue", "level"),
    [
        ("2025-05-05", False, 0),
        ("2025-05-06", False, 0),
        ("2025-05-07", True, 1),
        ("2025-05-13", True, 1),
        ("2025-05-14", True, 2),
        ("2025-12-31", True, 3),
    ],
)
def test_five_working_days_over_the_holiday_and_then_one_level_at_a_time(
    as_of: str, overdue: bool, level: int, counter: Counter
) -> None:
    ticket = counter.at(as_of, OPENED)

    assert (ticket.due_on, ticket.is_overdue, ticket.level) == (day("2025-05-06"), overdue, level)


def test_turned_into_a_consultation_it_keeps_its_age_and_its_level(counter: Counter) -> None:
    turned = step("TRIAGE", "2025-05-07", kind="CONSULT")

    ticket = counter.at("2025-05-08", OPENED, turned)

    assert (ticket.kind, ticket.opened_on, ticket.age_days) == ("CONSULT", day("2025-04-25"), 13)
    assert (ticket.due_on, ticket.level, ticket.is_overdue) == (day("2025-05-27"), 1, False)
    assert counter.at("2025-05-28", OPENED, turned).level == 2


def test_a_consultation_ends_only_with_minutes_of_two_units_and_dated_actions(counter: Counter) -> None:
    before = (OPENED, step("TRIAGE", "2025-05-07", kind="CONSULT"))

    def told(minutes: Minutes | None) -> list[str]:
        return counter.told(step("RESOLVE", "2025-05-12", minutes=minutes), *before)

    assert told(None) == ["TICKET_MINUTES"]
    assert told(Minutes("m", ("供电", "供电"), GOOD.actions)) == ["TICKET_MINUTES"]
    assert told(Minutes("m", GOOD.units, ())) == ["TICKET_MINUTES"]
    assert told(Minutes("m", GOOD.units, (Action("供电", "办理", None),))) == ["TICKET_MINUTES"]
    assert told(GOOD) == []
    resolved = counter.at("2025-05-12", *before, step("RESOLVE", "2025-05-12", minutes=GOOD))
    assert (resolved.state, resolved.evidence, resolved.due_on) == (TicketState.RESOLVED, ("纪要1",), None)


def test_on_the_spot_needs_no_minutes(counter: Counter) -> None:
    assert counter.told(step("RESOLVE", "2025-04-28"), OPENED) == []


def test_days_of_waiting_for_the_firm_do_not_count(counter: Counter) -> None:
    wait, back = step("WAIT", "2025-04-27"), step("GO_ON", "2025-04-30")

    waiting = counter.at("2025-06-30", OPENED, wait)
    again = counter.at("2025-04-30", OPENED, wait, back)

    assert (waiting.state, waiting.due_on, waiting.level) == (TicketState.WAITING, None, 0)
    # 27, 28 and 29 April are waited; 30 April, 6, 7, 8 and 9 May count.
    assert again.due_on == day("2025-05-09")


def test_without_a_kind_a_ticket_has_no_term_yet(counter: Counter) -> None:
    opened = step("OPEN", "2025-04-25")

    assert (counter.at("2025-12-31", opened).due_on, counter.at("2025-12-31", opened).level) == (None, 0)
    assert counter.told(step("RESOLVE", "2025-04-28"), opened) == ["TICKET_STATE"]
    assert counter.told(step("TRIAGE", "2025-04-28", kind="现场"), opened) == ["TICKET_KIND"]
    assert counter.told(step("TRIAGE", "2025-04-28", kind="ON_SITE"), opened) == []


RESOLVED = (OPENED, step("RESOLVE", "2025-05-06"))


def test_closing_needs_a_confirmation_or_ten_working_days_and_a_note(counter: Counter) -> None:
    shown = {"evidence": ("照片1",)}

    assert counter.told(step("CLOSE", "2025-05-20", **shown), *RESOLVED) == ["TICKET_UNCONFIRMED"]
    assert counter.told(step("CLOSE", "2025-05-21", **shown), *RESOLVED) == ["TICKET_REASON"]
    assert counter.told(step("CLOSE", "2025-05-21", note="企业未回复", **shown), *RESOLVED) == []
    assert counter.told(step("CLOSE", "2025-05-21", note="企业未回复"), *RESOLVED) == ["TICKET_EVIDENCE"]
    confirmed = (*RESOLVED, step("CONFIRM", "2025-05-07"))
    assert counter.told(step("CLOSE", "2025-05-08", **shown), *confirmed) == []
    alone = counter.at("2025-06-01", *RESOLVED, step("CLOSE", "2025-05-21", note="企业未回复", **shown))
    both = counter.at("2025-06-01", *confirmed, step("CLOSE", "2025-05-08", **shown))
    assert (alone.closed_unconfirmed, both.closed_unconfirmed, both.age_days) == (True, False, 13)


def test_a_closed_ticket_is_opened_again_within_30_days(counter: Counter) -> None:
    closed = (*RESOLVED, step("CONFIRM", "2025-05-07"), step("CLOSE", "2025-05-08", evidence=("照片1",)))

    assert counter.told(step("REOPEN", "2025-06-07"), *closed) == []
    assert counter.told(step("REOPEN", "2025-06-08"), *closed) == ["TICKET_REOPEN"]
    again = counter.at("2025-06-08", *closed, step("REOPEN", "2025-06-07"))
    assert (again.state, again.clock_from, again.due_on) == (
        TicketState.IN_PROGRESS,
        day("2025-06-07"),
        day("2025-06-13"),
    )
    assert (again.opened_on, again.age_days, again.ended_on) == (day("2025-04-25"), 44, None)


@pytest.mark.parametrize(
    ("move", "before"),
    [
        ("OPEN", (OPENED,)),
        ("START", ()),
        ("CONFIRM", (OPENED,)),
        ("CLOSE", (OPENED,)),
        ("GO_ON", (OPENED,)),
        ("REOPEN", (OPENED,)),
        ("REJECT", RESOLVED),
        ("ESCALATE", RESOLVED),
    ],
)
def test_a_move_that_does_not_start_from_here_is_refused(
    move: str, before: tuple[TicketEvent, ...], counter: Counter
) -> None:
    (issue,) = counter.issues(step(move, "2025-05-09"), *before)

    assert issue.code == "TICKET_STATE" and "问题单" in issue.what


def test_what_is_no_problem_is_sent_back_with_the_reason(counter: Counter) -> None:
    assert counter.told(step("REJECT", "2025-04-28"), OPENED) == ["TICKET_REASON"]
    rejected = counter.at("2025-06-30", OPENED, step("REJECT", "2025-04-28", note="属正常办理"))
    assert (rejected.state, rejected.due_on, rejected.age_days, rejected.level) == (TicketState.REJECTED, None, 3, 0)


def test_a_person_may_escalate_by_one_level_and_never_past_the_top(counter: Counter) -> None:
    raised = [step("ESCALATE", f"2025-04-{on}") for on in ("26", "27", "28", "29", "30")]

    assert counter.at("2025-04-26", OPENED, *raised).level == 1
    assert counter.at("2025-04-30", OPENED, *raised).level == len(counter.table.tickets.levels) - 1


_DAYS = [f"2025-0{month}-{on:02d}" for month in (4, 5, 6) for on in (1, 9, 17, 25, 28)]


@given(
    moves=st.lists(st.tuples(st.sampled_from(list(TicketMove)), st.sampled_from(_DAYS)), max_size=8),
    data=st.data(),
)
def test_any_order_of_the_events_gives_the_same_ticket_and_its_level_never_falls(
    moves: list[tuple[TicketMove, str]], data: st.DataObject, counter: Counter
) -> None:
    log = [
        OPENED,
        *(step(move, on, kind="CONSULT" if move == "TRIAGE" else None) for move, on in moves if move != "OPEN"),
    ]
    log = list({one.id: one for one in log}.values())
    shuffled = data.draw(st.permutations(log))

    levels = []
    for as_of in ("2025-04-25", "2025-05-10", "2025-06-30", "2025-12-31"):
        first = replay_ticket(log, counter.table, day(as_of), counter.calendar)
        assert first == replay_ticket(shuffled, counter.table, day(as_of), counter.calendar)
        levels.append(-1 if first is None else first.level)

    assert levels == sorted(levels)
