"""Records of other registers that belong to no project of the library yet: they wait until somebody links them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import Batch, Waiting


def wait(session: Session, batch: Batch, *, record: str, name: str | None, body: str) -> bool:
    """Keep a record until it is linked; whether it is new. The same record again replaces what it said before."""
    asked = select(Waiting).where(
        Waiting.library == batch.library, Waiting.source == batch.source, Waiting.record == record,
        Waiting.linked_at.is_(None),
    )  # fmt: skip
    there = session.scalars(asked).first()
    if there is not None:
        there.name, there.body, there.batch_id, there.received_at = name, body, batch.id, batch.received_at
        return False
    session.add(
        Waiting(
            library=batch.library,
            source=batch.source,
            record=record,
            name=name,
            batch_id=batch.id,
            received_at=batch.received_at,
            body=body,
        )
    )
    session.flush()
    return True


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
