"""The tables of evaluations by a scheme: frozen runs, what people did about them, and figures put in by hand."""

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
    """What was done with a run, or with one subject's result in it: sent to firms, appealed, decided, made final, proposed.

    `due_on`: the last day of the firms' check, of the step that sent the run.
    """

    __tablename__ = "evaluation_steps"
    __table_args__ = (Index(None, "run_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("evaluation_runs.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    due_on: Mapped[date | None]
    said: Mapped[dict[str, str]] = mapped_column(JSON)


class EvaluationOverride(Base):
    """A figure put in by hand in place of what is collected, for one subject, input and year.

    It counts from `confirmed_at` on, when a second person agreed; of several the one confirmed last. `value`: an exact
    fraction in the smallest unit of the input; `shown`: as it was written.
    """

    __tablename__ = "evaluation_overrides"
    __table_args__ = (Index(None, "subject_id", "input", "year"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    scheme: Mapped[str] = mapped_column(String(40))
    input: Mapped[str] = mapped_column(String(61))
    year: Mapped[int]
    value: Mapped[str] = mapped_column(String(80))
    shown: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
