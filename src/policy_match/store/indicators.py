"""Monthly figures as each source told them. Of one subject, code, month and source the row received last holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from policy_match.store.indicator_tables import IndicatorValue

_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """One figure of a subject for a month (YYYY-MM), in the smallest unit of its code; `received_at` UTC."""

    subject_id: int
    code: str
    month: str
    value: int
    source: str
    received_at: datetime
    is_correction: bool = False
    note: str = ""


def figures(
    session: Session, ids: Sequence[int], *, since: str, through: str, known_at: datetime | None = None
) -> list[ToldFigure]:
    """What was told of subjects for the months from `since` to `through`, both included, in the order of recording.

    `known_at`: only what was received up to that instant, which is included; None: everything.
    """
    rows: list[ToldFigure] = []
    told = IndicatorValue
    columns = (
        told.subject_id, told.code, told.month, told.value, told.source, told.received_at, told.is_correction, told.note,
    )  # fmt: skip
    for start in range(0, len(ids), _CHUNK):
        asked = select(*columns).where(told.subject_id.in_(ids[start : start + _CHUNK]))
        asked = asked.where(told.month >= since, told.month <= through).order_by(told.id)
        if known_at is not None:
            asked = asked.where(told.received_at <= known_at)
        rows += [ToldFigure(*row) for row in session.execute(asked)]
    return rows


def add(session: Session, rows: Iterable[ToldFigure], *, by: str, batch_id: int | None) -> None:
    """Add figures, whoever told them; the rows of one batch at once."""
    made = [
        {
            "subject_id": one.subject_id, "code": one.code, "month": one.month, "value": one.value, "source": one.source,
            "received_at": one.received_at.astimezone(UTC), "actor_id": by, "batch_id": batch_id,
            "is_correction": one.is_correction, "note": one.note,
        }
        for one in rows
    ]  # fmt: skip
    if made:
        session.execute(insert(IndicatorValue), made)


def subjects_told(session: Session) -> set[int]:
    """Row ids of all subjects of which any figure was told."""
    return set(session.scalars(select(IndicatorValue.subject_id).distinct()))
