"""The tables of the look-back (回头看): the sample that was drawn, and what was found at each conclusion in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class LookBack(Base):
    """One sample of earlier conclusions, drawn by a seed. `asked`: share and least number of a district; `sample`: the
    events drawn, by district, in the order of the draw; the same seed on the same library and day draws the same."""

    __tablename__ = "look_backs"
    __table_args__ = (Index(None, "library"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    seed: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[date]
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    asked: Mapped[dict[str, str]] = mapped_column(JSON)
    sample: Mapped[list[dict[str, str]]] = mapped_column(JSON)


class LookBackFinding(Base):
    """What was found at one conclusion of a sample; the last one holds.

    `event`: id of the event of the lifecycle; `result`: word of the result; `true_on`: the day that was found, with a wrong
    date; `proposal`: word of the correction that it asks for; `ticket`: the one that was opened because of it.
    """

    __tablename__ = "look_back_findings"
    __table_args__ = (Index(None, "look_back_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    look_back_id: Mapped[int] = mapped_column(ForeignKey("look_backs.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    event: Mapped[str] = mapped_column(String(40))
    result: Mapped[str] = mapped_column(String(20))
    true_on: Mapped[date | None]
    visited_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    proposal: Mapped[str | None] = mapped_column(String(20))
    ticket: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
