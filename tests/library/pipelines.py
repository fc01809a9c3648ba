"""Requests about pipelines in the shortest form that tests can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from rows import LIBRARY, NOW, day
from sqlalchemy import func, select

from policy_match.lifecycle.events import Evidence
from policy_match.store.pipeline_tables import PipelineEntry
from policy_match.workflows.list_items import Line, Listed, list_items
from policy_match.workflows.move_item import ItemMove, Moved, move_item
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_item import NewItem, Opened, open_item
from policy_match.workflows.show_item import ItemShown, show_item
from policy_match.workflows.write_entry import By

LATER = datetime.combine(date(2025, 11, 20), time(2), NOW.tzinfo)
"""10:00 in Changzhou on the day of scenario S-32."""
TRAINING = {"主题": "示范培训", "对象": "招商人员", "主办单位": "市商务局", "参训人数": "40人"}
POSTING = {
    "岗位名称": "示范装配工", "技能等级": "中级工", "人数": "20人", "工作地点": "武进", "月薪下限": "6000元", "月薪上限": "9000元",
    "有效期至": "2025-06-30",
}  # fmt: skip


def by(who: str, now: datetime = LATER) -> By:
    """Somebody who asks of the real library."""
    return By(LIBRARY, who, now)


def shown(*pairs: tuple[str, str]) -> tuple[Evidence, ...]:
    """Pieces of evidence."""
    return tuple(Evidence(kind, number) for kind, number in pairs)


def opened(
    archive: Archive,
    kind: str,
    subject: str = "",
    on: str = "2025-03-31",
    said: Mapping[str, str] | None = None,
    *,
    who: str,
    step: str = "",
    evidence: Sequence[Evidence] = (),
    now: datetime = LATER,
) -> Opened:
    """An item opened."""
    return open_item(archive, NewItem(kind, subject, day(on), said or {}, step, tuple(evidence)), by(who, now))


def moved(
    archive: Archive,
    kind: str,
    number: str,
    to: str,
    on: str,
    said: Mapping[str, str] | None = None,
    *,
    who: str,
    evidence: Sequence[Evidence] = (),
    reason: str = "",
    seen: int | None = None,
) -> Moved:
    """An item moved."""
    return move_item(archive, ItemMove(kind, number, to, day(on), said or {}, tuple(evidence), reason, seen), by(who))


def listed(archive: Archive, kind: str, who: str, on: str = "2025-11-20") -> Listed:
    """A pipeline as somebody sees it on a day."""
    return list_items(archive, kind, by(who), day(on))


def lines(archive: Archive, kind: str, who: str, on: str = "2025-11-20") -> tuple[Line, ...]:
    """Its items."""
    return listed(archive, kind, who, on).lines


def item(archive: Archive, kind: str, number: str, who: str, on: str = "2025-11-20") -> ItemShown:
    """One item as somebody sees it on a day."""
    return show_item(archive, kind, number, by(who), as_of=day(on))


def entries(archive: Archive) -> int:
    """How many entries there are in all logs."""
    with archive.database.reading() as session:
        return session.scalar(select(func.count()).select_from(PipelineEntry)) or 0
