"""The tables of evaluations by a scheme: frozen runs, and what people did about them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class EvaluationRun(Base):
    """One run of a scheme over a period, frozen: what it read and what came of it, each as canonical JSON.

    `scheme_text`: the scheme as it was; `content_hash`: SHA-256 of scheme, inputs and results, so that a replay is compared.
    """

    __tablename__ = "evaluation_runs"
    __table_args__ = (Index(None, "library", "scheme", "period"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    scheme: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    period: Mapped[str] = mapped_column(String(10))
    as_of: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    scheme_text: Mapped[str] = mapped_column(Text)
    inputs: Mapped[str] = mapped_column(Text)
    results: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))


class EvaluationStep(Base):
    """What was done with a run, or with one subject's result in it: sent to firms, appealed, decided, made final, proposed."""

    __tablename__ = "evaluation_steps"
    __table_args__ = (Index(None, "run_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("evaluation_runs.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    said: Mapped[dict[str, str]] = mapped_column(JSON)
