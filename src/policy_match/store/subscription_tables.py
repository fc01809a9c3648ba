"""The tables of the interfaces: answers kept for requests that are sent again, who wants to hear of changes, and trials of that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class KeptAnswer(Base):
    """What a request under a key of its sender was answered, sealed: an answer may hold what is shown only once.

    Rows are deleted when they are a week old (store/kept_answers.py).
    """

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("actor_id", "key"), Index(None, "at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    key: Mapped[str] = mapped_column(String(120))
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(Text)
    body_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class Subscription(Base):
    """An address that is told of the changes of some kinds in one library. `secret`: sealed, signs what is sent."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index(None, "actor_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    url: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Trial(Base):
    """One signed test message and what came of it. `status`: of the answer, None where there was none."""

    __tablename__ = "trials"
    __table_args__ = (Index(None, "subscription_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id"))
    message_id: Mapped[str] = mapped_column(String(60), unique=True)
    at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(Text)
