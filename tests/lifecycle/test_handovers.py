"""Handing over: one record at each change of lead, red once its working days are over, the lead unchanged."""

from __future__ import annotations

import pytest
from lives import day, event, noon, state

from policy_match.lifecycle.events import Event
from policy_match.lifecycle.handovers import Acceptance, Handover, handovers
from policy_match.lifecycle.table import LifecycleTable
from policy_match.working_days import WorkingDays

P07 = (event("SIGNED", "2024-11-18"), event("APPROVED", "2025-01-22", recorded="2025-01-24"))


@pytest.fixture
def read(table: LifecycleTable, calendar: WorkingDays):  # type: ignore[no-untyped-def]
    """Reads the handovers of a log on a day."""

    def _read(log: tuple[Event, ...], as_of: str, *accepted: Acceptance) -> tuple[Handover, ...]:
        return handovers(state(table, *log, as_of=as_of), table, accepted, ("W-1",), day(as_of), calendar)

    return _read


@pytest.mark.parametrize(("as_of", "red"), [("2025-01-24", False), ("2025-02-07", False), ("2025-02-08", True)])
def test_a_handover_not_accepted_is_red_after_five_working_days(as_of: str, red: bool, read, table) -> None:  # type: ignore[no-untyped-def]
    (handover,) = read(P07, as_of)

    assert (handover.giver, handover.taker, handover.point) == ("commerce", "development", "APPROVED")
    assert (handover.due_on, handover.is_red) == (day("2025-02-07"), red)
    assert handover.open_tickets == ("W-1",)
    assert state(table, *P07, as_of=as_of).lead == "development"


def test_before_the_point_there_is_nothing_to_hand_over(read) -> None:  # type: ignore[no-untyped-def]
    assert read(P07, "2025-01-21") == ()


def test_an_accepted_handover_names_who_took_it(read) -> None:  # type: ignore[no-untyped-def]
    taken = Acceptance("APPROVED", "fa", noon("2025-02-10"))

    before, after = read(P07, "2025-02-09", taken), read(P07, "2025-02-10", taken)

    assert [(h.accepted, h.is_red) for h in before] == [(None, True)]
    assert [(h.accepted, h.is_red, h.open_tickets) for h in after] == [(taken, False, ())]


def test_only_points_that_change_the_lead_hand_over(read) -> None:  # type: ignore[no-untyped-def]
    log = (*P07, event("STARTED", "2025-03-01"), event("COMPLETED", "2025-06-03"), event("PRODUCING", "2025-07-01"))

    assert [(h.giver, h.taker) for h in read(log, "2025-12-01")] == [
        ("commerce", "development"),
        ("development", "industry"),
    ]


def test_a_project_that_enters_at_approval_has_nothing_handed_over(read) -> None:  # type: ignore[no-untyped-def]
    assert read((event("APPROVED", "2025-01-22"),), "2025-06-01") == ()
