"""Files taken in: each once per library and source, with what became of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import Batch

BY_HAND = ""
"""The file name of a batch that came by no file."""


def same_file(session: Session, library: str, source: str, file_sha256: str) -> Batch | None:
    """The batch of this very file; None if it was not taken yet."""
    asked = select(Batch).where(Batch.library == library, Batch.source == source, Batch.file_sha256 == file_sha256)
    return session.scalars(asked).first()


def last_of(session: Session, library: str, source: str) -> Batch | None:
    """The newest file of a source; what was entered by hand is none."""
    asked = select(Batch).where(Batch.library == library, Batch.source == source, Batch.file_name != BY_HAND)
    return session.scalars(asked.order_by(Batch.id.desc()).limit(1)).first()


def begin(
    session: Session, library: str, source: str, *, file_name: str, file_sha256: str, by: str, at: datetime
) -> Batch:
    """A new batch, to be ended in the same transaction."""
    row = Batch(
        library=library, source=source, file_name=file_name, file_sha256=file_sha256, actor_id=by, received_at=at,
        rows=0, refused=0, counts={},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def begin_by_hand(session: Session, library: str, source: str, *, by: str, at: datetime) -> Batch:
    """A batch that came by no file: a number that no other has stands for the hash of one."""
    return begin(session, library, source, file_name=BY_HAND, file_sha256=token_hex(32), by=by, at=at)


def end(session: Session, batch: Batch, *, rows: int, refused: int, counts: Mapping[str, int]) -> None:
    """Note what became of its rows."""
    batch.rows, batch.refused, batch.counts = rows, refused, dict(counts)
    session.flush()
