"""All parts of the monthly dispatch, put together from a snapshot and the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policy_match.dispatch.changes import Changes, changes
from policy_match.dispatch.figures import Block, blocks, tickets
from policy_match.dispatch.snapshot import Snapshot
from policy_match.dispatch.tables import (
    Breakdown,
    LandingMonth,
    UnitRow,
    breakdowns,
    landing_months,
    lit,
    unit_rows,
)
from policy_match.errors import FactError, Issue
from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.targets import Candidate, Row, Target, land_target, service_target
from policy_match.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Background:
    """What a report reads beside its snapshots. `sections`: letter of GB/T 4754 and name."""

    table: LifecycleTable
    calendar: WorkingDays
    sections: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The monthly dispatch. `changes` None: there is no month before; `lit`: red and yellow lights with their projects."""

    snapshot: Snapshot
    content_hash: str
    table: LifecycleTable
    changes: Changes | None
    blocks: tuple[Block, ...]
    tickets: Block
    breakdowns: tuple[Breakdown, ...]
    units: tuple[UnitRow, ...]
    landing: tuple[LandingMonth, ...]
    lit: tuple[tuple[Standing, Light], ...]
    land_target: Target
    service_target: Target

    def breakdown(self, name: str) -> Breakdown:
        """A table by id."""
        return next(breakdown for breakdown in self.breakdowns if breakdown.id == name)


def monthly(snapshot: Snapshot, before: Snapshot | None, background: Background) -> Dispatch:
    """The report of a snapshot; the same snapshots and rules always give the same report.

    FactError SNAPSHOT_BEFORE if `before` is not the snapshot that this one names as the month before.
    """
    if (before.content_hash if before is not None else "") != snapshot.before_hash:
        what = f"{snapshot.month} 的上月快照与封存时记下的不一致"
        raise FactError(Issue("SNAPSHOT_BEFORE", what, str(snapshot.month), snapshot.before_hash or "没有上月快照"))
    table = background.table
    candidates = [_candidate(row, table) for row in snapshot.rows]
    return Dispatch(
        snapshot=snapshot,
        content_hash=snapshot.content_hash,
        table=table,
        changes=None if before is None else changes(before, snapshot, table),
        blocks=blocks(snapshot, table),
        tickets=tickets(snapshot, table),
        breakdowns=breakdowns(snapshot, table, background.sections),
        units=unit_rows(snapshot, table),
        landing=landing_months(snapshot),
        lit=lit(snapshot),
        land_target=_land_target(candidates, snapshot, background),
        service_target=service_target(candidates, table, snapshot.as_of),
    )


def _candidate(row: Standing, table: LifecycleTable) -> Candidate:
    return Candidate(row.code, row.major_level, row.milestones, row.reached.get(table.targets.completed))


def _land_target(candidates: Iterable[Candidate], snapshot: Snapshot, background: Background) -> Target:
    """The target project by project, so that a day without a calendar leaves out one project and says so."""
    table, calendar, as_of = background.table, background.calendar, snapshot.as_of
    rows: list[Row] = []
    for one in candidates:
        try:
            rows += land_target([one], table, as_of, calendar).rows
        except FactError as error:
            rows.append(Row(one.project, False, error.issues[0].what))
    empty = land_target([], table, as_of, calendar)
    return Target(empty.goal, sum(row.counts for row in rows), empty.pace, tuple(rows))
