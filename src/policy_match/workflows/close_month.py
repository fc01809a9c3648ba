"""Close a month: its snapshot is frozen and never changes again; what is found out later is a restatement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.dispatch.month import Month
from policy_match.dispatch.snapshot import Snapshot, to_text
from policy_match.errors import Conflict, Forbidden, Issue, UsageError
from policy_match.store import audit, months
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.draft_month import drafted
from policy_match.workflows.open_archive import Archive

CLOSES = "development"


@dataclass(frozen=True, slots=True)
class Closed:
    """A month that was closed now."""

    month: str
    content_hash: str
    rows: int


def close_month(archive: Archive, library: str, written: str, *, by: str, now: datetime) -> Closed:
    """Freeze a month. Forbidden for anybody but the overall lead; UsageError while the month lasts; Conflict if it is
    closed, or a later one is."""
    month = Month.parse(written)
    with archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        _check(session, archive, library, month, who, now)
        snapshot = replace(drafted(session, archive, library, month, now), closed_at=now)
        months.close(
            session, library, str(month), by=who.id, at=now, content_hash=snapshot.content_hash, body=to_text(snapshot)
        )
        audit.record(
            session, who, "month.close", object_kind="month", object_id=f"{library} {month}", at=now,
            library=library, detail={"hash": snapshot.content_hash, "rows": len(snapshot.rows)},
        )  # fmt: skip
        return _closed(snapshot)


def _closed(snapshot: Snapshot) -> Closed:
    return Closed(str(snapshot.month), snapshot.content_hash, len(snapshot.rows))


def _check(session: Session, archive: Archive, library: str, month: Month, who: Actor, now: datetime) -> None:
    if who.role != CLOSES:
        name = archive.table.roles[CLOSES].name
        raise Forbidden(Issue("MONTH_ROLE", f"月度封存由{name}办理，您无权办理", str(month), name))
    refuse_open_month(month, now)
    there = months.closed_months(session, library)
    if str(month) in there:
        raise Conflict(Issue("MONTH_CLOSED", f"{month} 已封存，不再改动", str(month), "", "更正会列入以后的月报"))
    later = [name for name in there if Month.parse(name) > month]
    if later:
        raise Conflict(Issue("MONTH_ORDER", f"{later[0]} 已先封存，不能再补封 {month}", str(month), "按月依次封存"))


def refuse_open_month(month: Month, now: datetime, *, begun: bool = False) -> None:
    """UsageError MONTH_OPEN for a month that is not over; with `begun`: only for one that has not begun."""
    first = month.first if begun else month.last + timedelta(days=1)
    if local_day(now) < first:
        state, hint = ("还没有开始", "改写月份") if begun else ("还没有结束", "下月初再封存")
        raise UsageError(Issue("MONTH_OPEN", f"{month} {state}", str(month), f"{first} 以后", hint))
