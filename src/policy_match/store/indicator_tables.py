"""The table of monthly figures of what goes on after completion. Rows are only ever added; a correction is a new row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId


class IndicatorValue(Base):
    """One figure of a subject for one month, as one source said it.

    `code`: of `rules/indicators.yaml`; `month`: YYYY-MM; `value`: whole smallest units of the code (分, kWh, millionths of
    a ratio), may be negative. Of one subject, code, month and source the row received last holds. `is_correction`: it was
    said that an earlier figure was wrong. `batch_id`: the file it came in, if any.
    """

    __tablename__ = "indicator_values"
    __table_args__ = (Index(None, "subject_id", "code", "month"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    code: Mapped[str] = mapped_column(String(40))
    month: Mapped[str] = mapped_column(String(7))
    value: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(10))
    received_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    is_correction: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
