"""The tables of the review of matches: what was done about a pair, and when a match was first seen to need a look.

Rows are only ever added. A match is a subject, a measure and a signature (ranking/decisions.py).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class ReviewStep(Base):
    """A claim or a decision; `number` counts the steps of one pair from 1, so that two writers cannot both be the next.

    `subject`: its code, which never changes. `held_until`: of a claim. `until`: of a deferral. `signs`: the number of the
    override that a second person signed. `seen`: the row version that the asker named, None if none was named.
    """

    __tablename__ = "review_steps"
    __table_args__ = (UniqueConstraint("library", "subject", "measure", "number"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(60))
    measure: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    choice: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    signature: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    doubt_id: Mapped[int | None] = mapped_column(ForeignKey("doubts.id"))
    signs: Mapped[int | None]
    seen: Mapped[int | None]
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class ReviewSighting(Base):
    """When a match was first recorded as waiting for a look: its age counts from here, and is not known before."""

    __tablename__ = "review_sightings"
    __table_args__ = (UniqueConstraint("library", "subject", "measure", "signature"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(60))
    measure: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    signature: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
