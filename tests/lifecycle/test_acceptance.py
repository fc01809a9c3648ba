"""What is ready for the joint acceptance: the parts come from the table, and it is offered only when all are there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from policy_match.lifecycle.acceptance import Readiness, acceptance_parts, readiness
from policy_match.lifecycle.events import Event, State, fold
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind, Side

PARTS = ("规划核实", "土地核验", "消防验收", "人防验收", "档案验收", "质量验收")
NOW = datetime(2025, 3, 31, tzinfo=UTC)


def at_point(table: LifecycleTable, last: str) -> State:
    points = [point.id for point in table.points]
    return fold(
        (
            Event(str(place), "P", EventKind.POINT, date(2024, 1 + place, 1), NOW, "development", "DEPT", point)
            for place, point in enumerate(points[: points.index(last) + 1])
        ),
        table,
    )


def steps(*shown: str) -> tuple[Milestone, ...]:
    return (Milestone("joint_acceptance", evidence=shown[:3]), Milestone("early_service", evidence=shown[3:]))


def test_the_parts_are_those_that_the_table_takes_in_place_of_the_joint_opinion(table: LifecycleTable) -> None:
    assert acceptance_parts("STARTED", "new", table) == PARTS
    assert acceptance_parts("STARTED", None, table) == PARTS
    assert acceptance_parts("STARTED", "upgrade_equipment", table) == ()
    assert acceptance_parts("APPROVED", "new", table) == acceptance_parts(None, "new", table) == ()


@pytest.mark.parametrize("number", range(7))
def test_joint_acceptance_is_offered_when_all_six_parts_are_there_and_not_before(
    number: int, table: LifecycleTable
) -> None:
    shown = [f"{part} 文{place}号" for place, part in enumerate(PARTS)][:number]

    found = readiness(at_point(table, "STARTED"), steps(*shown, "现场照片 1"), "new", table)

    assert found == Readiness(PARTS[:number], PARTS[number:])
    assert found is not None and found.is_complete is (number == 6)


def test_there_is_nothing_to_offer_before_the_start_after_completion_and_out_of_the_library(
    table: LifecycleTable,
) -> None:
    started = at_point(table, "STARTED")

    assert readiness(at_point(table, "APPROVED"), (), "new", table) is None
    assert readiness(at_point(table, "COMPLETED"), (), "new", table) is None
    assert readiness(replace(started, side=Side.TERMINATED), (), "new", table) is None
    assert readiness(replace(started, side=Side.PAUSED), (), "new", table) is not None
