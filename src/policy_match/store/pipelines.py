"""Items of pipelines and their logs: entries are only ever added, and the number of an item is given once in its library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.log import Entry
from policy_match.store.pipeline_tables import PipelineEntry, PipelineItem

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """An item with its log in the order in which it was recorded; rows and what the core reads of them stand side by side."""

    item: PipelineItem
    rows: tuple[PipelineEntry, ...]
    entries: tuple[Entry, ...]

    @property
    def opener(self) -> str:
        """Id of the actor who opened it."""
        return self.rows[0].actor_id


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be written, by whom and when."""

    entry: Entry
    actor_id: str
    at: datetime


def of_pipeline(session: Session, library: str, pipeline: str) -> list[Kept]:
    """Every item of a pipeline in a library, by number."""
    asked = select(PipelineItem).where(PipelineItem.library == library, PipelineItem.pipeline == pipeline)
    return _with_logs(session, session.scalars(asked.order_by(PipelineItem.number)).all())


def by_number(session: Session, library: str, number: str) -> Kept | None:
    """The item of a number; None if there is none."""
    asked = select(PipelineItem).where(PipelineItem.library == library, PipelineItem.number == number)
    return next(iter(_with_logs(session, session.scalars(asked).all())), None)


def by_mark(session: Session, library: str, pipeline: str, mark: str) -> PipelineItem | None:
    """The item with that mark of sameness; None if there is none."""
    asked = select(PipelineItem).where(
        PipelineItem.library == library, PipelineItem.pipeline == pipeline, PipelineItem.mark == mark
    )
    return session.scalars(asked).first()


def next_number(session: Session, library: str, prefix: str, year: int) -> str:
    """The next free number of a year, as XX-2025-00001; the caller has taken its turn (`audit.take_turn`) until the end."""
    start = f"{prefix}-{year:04d}-"
    asked = select(func.max(PipelineItem.number)).where(
        PipelineItem.library == library, PipelineItem.number.like(f"{start}%")
    )
    last = session.scalar(asked)
    return f"{start}{(int(last.rpartition('-')[2]) if last else 0) + 1:05d}"


def add_item(session: Session, item: PipelineItem, opening: NewEntry) -> None:
    """Add an item with its first entry."""
    session.add(item)
    session.flush()
    session.add(_row(item, opening))
    session.flush()


def add_entry(session: Session, item: PipelineItem, new: NewEntry) -> None:
    """Add an entry to the log of an item and count its version up."""
    item.row_version += 1
    session.add(_row(item, new))
    session.flush()


def _with_logs(session: Session, items: Sequence[PipelineItem]) -> list[Kept]:
    rows: dict[int, list[PipelineEntry]] = {item.id: [] for item in items}
    ids = list(rows)
    for start in range(0, len(ids), _CHUNK):
        asked = select(PipelineEntry).where(PipelineEntry.item_id.in_(ids[start : start + _CHUNK]))
        for row in session.scalars(asked.order_by(PipelineEntry.id)):
            rows[row.item_id].append(row)
    return [Kept(item, tuple(rows[item.id]), tuple(map(_entry, rows[item.id]))) for item in items]


def _entry(row: PipelineEntry) -> Entry:
    pieces = tuple(Evidence(piece["kind"], piece["id"]) for piece in row.evidence)
    return Entry(row.step, row.happened_on, row.said, pieces, row.reason)


def _row(item: PipelineItem, new: NewEntry) -> PipelineEntry:
    entry = new.entry
    return PipelineEntry(
        item_id=item.id, step=entry.step, happened_on=entry.on, recorded_at=new.at, actor_id=new.actor_id,
        said=dict(entry.said), evidence=[{"kind": one.kind, "id": one.id} for one in entry.evidence], reason=entry.reason,
    )  # fmt: skip
