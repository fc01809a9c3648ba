"""The table of the drafts of rules that authors write on the pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class DraftRow(Base):
    """One version of a measure that somebody writes. It decides nothing; of its steps only the last text is kept.

    `text`: the rule file; `document`: the registration that goes with it, None where its document is registered.
    `row_version`: counts the writings, so that nobody overwrites what they have not seen. `activation_id`: the proposal
    that it was handed in with.
    """

    __tablename__ = "rule_drafts"
    __table_args__ = (Index(None, "library", "author"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    author: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    measure: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    row_version: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    activation_id: Mapped[int | None] = mapped_column(ForeignKey("activations.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
