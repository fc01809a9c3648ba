"""The tables of what runs through named steps beside the lifecycle: listing, financing, jobs, events, training, staff."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class PipelineItem(Base):
    """One thing that runs through the steps of a pipeline (`rules/pipelines/`).

    `number`: what people call it by, once in its library; `subject_id`: the project or firm that it is of, None where the
    pipeline is of neither; `mark`: what makes it the same as another of its pipeline, None where nothing does;
    `row_version` counts its entries.
    """

    __tablename__ = "pipeline_items"
    __table_args__ = (
        UniqueConstraint("library", "number"),
        UniqueConstraint("library", "pipeline", "mark"),
        Index(None, "library", "pipeline"),
        Index(None, "subject_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    pipeline: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    mark: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    row_version: Mapped[int]


class PipelineEntry(Base):
    """One entry of an item's log: the step it came to, on which day, with what was said and shown.

    `said`: the fields that this entry sets, by their ids; `evidence`: kinds and numbers of documents.
    """

    __tablename__ = "pipeline_entries"
    __table_args__ = (Index(None, "item_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pipeline_items.id"))
    step: Mapped[str] = mapped_column(String(40))
    happened_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    said: Mapped[dict[str, str]] = mapped_column(JSON)
    evidence: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
