"""What closed months would say if the corrections that a look-back asks for were made. Nothing is changed by asking.

The frozen rows stay as they are; only those of the projects in question are read anew, once as they stand and once with
the corrections in their log. So the difference is that of the corrections alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.dispatch.look_back import Proposal
from policy_match.dispatch.month import Month
from policy_match.dispatch.restate import restatements
from policy_match.dispatch.snapshot import Restatement, Snapshot, from_text, sorted_rows
from policy_match.lifecycle.events import Event, replay
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import EventKind
from policy_match.store import months, subjects
from policy_match.workflows.list_standings import is_there, standing_of, whole_projects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_look_back import Drawn
from policy_match.workflows.read_records import Record, View, read_over

_ALWAYS = Month(9999, 12)


def preview_corrections(
    archive: Archive, library: str, drawn: Iterable[Drawn], now: datetime
) -> tuple[Restatement, ...]:
    """The figures of closed months that would come out differently, by month; none where no correction is asked for."""
    waiting = [one for one in drawn if one.waits and one.now_on is not None]
    if not waiting:
        return ()
    asked = {code: [_event(one, now) for one in waiting if one.project == code] for code in _codes(waiting)}
    with archive.database.reading() as session:
        closed = _closed_since(session, library, min(min(one.on, _true(one), one.now_on or one.on) for one in waiting))
        ids = subjects.ids_of(session, library, _codes(waiting))
        rows = [*subjects.by_ids(session, ids).values()]
        views = [View(one.as_of, now) for one in closed]
        read = read_over(session, archive, [(view, whole_projects(session, library, view, rows)) for view in views])
        return tuple(
            one
            for snapshot, records in zip(closed, read, strict=True)
            for one in _differences(snapshot, records, asked, archive.table, now)
        )


def _codes(waiting: Sequence[Drawn]) -> list[str]:
    return sorted({one.project for one in waiting})


def _true(one: Drawn) -> date:
    """The day that was found; the recorded one where it is to be withdrawn."""
    return one.on if one.found is None or one.found.true_on is None else one.found.true_on


def _closed_since(session: Session, library: str, first: date) -> list[Snapshot]:
    """The closed months from the one of a day on: those before it say nothing of what came later."""
    rows = months.closed_before(session, library, str(_ALWAYS))
    return [from_text(row.body) for row in rows if Month.parse(row.month) >= Month.of(first)]


def _event(one: Drawn, now: datetime) -> Event:
    """The correction as it would be recorded."""
    kind = EventKind.WITHDRAW if _proposal(one) is Proposal.WITHDRAW else EventKind.CORRECT
    return Event("", one.project, kind, _true(one), now, "", "DEPT", supersedes=one.event)


def _proposal(one: Drawn) -> Proposal | None:
    return None if one.found is None else one.found.proposal


def _differences(
    closed: Snapshot,
    records: Sequence[Record],
    asked: Mapping[str, Sequence[Event]],
    table: LifecycleTable,
    now: datetime,
) -> tuple[Restatement, ...]:
    there = [record for record in records if is_there(record)]
    before = [standing_of(record, table, closed.as_of) for record in there]
    changed = [_corrected(record, asked[record.code], table, closed.as_of, now) for record in there]
    after = [standing_of(record, table, closed.as_of) for record in changed]
    return restatements(_with(closed, before), _with(closed, after), table, {})


def _corrected(record: Record, events: Sequence[Event], table: LifecycleTable, as_of: date, now: datetime) -> Record:
    """The record with the corrections in its log; where no point is left, none is taken as seen either."""
    log = (*record.log, *(replace(event, id=f"~{place}") for place, event in enumerate(events)))
    state = replay(log, table, as_of, now)
    facts = record.facts if state.point else {name: one for name, one in record.facts.items() if name != "stage"}
    return replace(record, state=state, log=log, facts=facts)


def _with(closed: Snapshot, rows: Sequence[Standing]) -> Snapshot:
    """The month with other rows for these projects."""
    return replace(closed, rows=sorted_rows({row.code: row for row in (*closed.rows, *rows)}.values()), closed_at=None)
