"""Records of other registers that belong to no project of the library yet: they wait until somebody links them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import Batch, Waiting


@dataclass(frozen=True, slots=True)
class Record:
    """What a row says that has no project: its number and name, and the row itself as text."""

    number: str
    name: str | None
    body: str


def wait(session: Session, batch: Batch, records: Sequence[Record]) -> None:
    """Keep the records of a batch until they are linked. The same record again replaces what it said before."""
    there = {row.record: row for row in waiting(session, batch.library, batch.source)} if records else {}
    for record in records:
        row = there.get(record.number)
        if row is None:
            row = there[record.number] = Waiting(library=batch.library, source=batch.source, record=record.number)
            session.add(row)
        row.name, row.body, row.batch_id, row.received_at = record.name, record.body, batch.id, batch.received_at
    session.flush()


def waiting(session: Session, library: str, source: str | None = None) -> list[Waiting]:
    """Records not linked yet, by source and number; of one source if it is named."""
    asked = select(Waiting).where(Waiting.library == library, Waiting.linked_at.is_(None))
    if source is not None:
        asked = asked.where(Waiting.source == source)
    return list(session.scalars(asked.order_by(Waiting.source, Waiting.record, Waiting.id)))


def linked(session: Session, row: Waiting, at: datetime) -> None:
    """The record has its project now and waits no longer."""
    row.linked_at = at
    session.flush()
