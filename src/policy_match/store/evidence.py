"""Evidence as it was shown: by kind and number (or hash of a file), with the project it was shown for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.lifecycle.events import Evidence
from policy_match.store.tables import Shown, Subject


def show(session: Session, pieces: Iterable[tuple[Subject, int, Evidence]]) -> None:
    """Note of each piece the project it was shown for and the entry of the log that it stands behind."""
    session.add_all(
        Shown(library=subject.library, kind=piece.kind, number=piece.id, subject_id=subject.id, log_id=log_id)
        for subject, log_id, piece in pieces
    )
    session.flush()


def used_by_others(session: Session, subject: Subject, pieces: Iterable[Evidence]) -> dict[Evidence, str]:
    """Pieces that were shown for another project before, with its code; `subject` may be one that is not stored yet."""
    asked = {(piece.kind, piece.id): piece for piece in pieces}
    shown = (
        select(Shown.kind, Shown.number, Subject.code)
        .join(Subject, Shown.subject_id == Subject.id)
        .where(Shown.library == subject.library, Shown.number.in_({number for _, number in asked}))
        .where(Shown.subject_id != subject.id)
        .order_by(Shown.id.desc())
    )
    rows = session.execute(shown) if asked else ()
    return {asked[row.kind, row.number]: row.code for row in rows if (row.kind, row.number) in asked}
