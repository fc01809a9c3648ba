"""Evidence as it was shown: by kind and number (or hash of a file), with the project it was shown for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.lifecycle.events import Evidence
from policy_match.store.bulk import insert_rows
from policy_match.store.tables import Shown, Subject

_CHUNK = 1_000
_SHOWN = Shown.metadata.tables[Shown.__tablename__]


def show(session: Session, pieces: Iterable[tuple[Subject, int, Evidence]]) -> None:
    """Note of each piece the project it was shown for and the entry of the log that it stands behind."""
    rows = [
        {"library": subject.library, "kind": piece.kind, "number": piece.id, "subject_id": subject.id, "log_id": log_id}
        for subject, log_id, piece in pieces
    ]
    insert_rows(session, _SHOWN, rows)


def shown_for(session: Session, library: str, pieces: Iterable[Evidence]) -> dict[Evidence, list[str]]:
    """The pieces that were shown before, each with the codes of the projects in the order in which they showed it."""
    asked = {(piece.kind, piece.id): piece for piece in pieces}
    numbers = sorted({number for _, number in asked})
    found: dict[Evidence, list[str]] = {}
    for start in range(0, len(numbers), _CHUNK):
        shown = (
            select(Shown.kind, Shown.number, Subject.code)
            .join(Subject, Shown.subject_id == Subject.id)
            .where(Shown.library == library, Shown.number.in_(numbers[start : start + _CHUNK]))
            .order_by(Shown.id)
        )
        for row in session.execute(shown):
            if (row.kind, row.number) in asked:
                found.setdefault(asked[row.kind, row.number], []).append(row.code)
    return found
