"""Evidence that was already shown for another project: set apart until a person says that both may have it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from policy_match.lifecycle.events import Evidence
from policy_match.store import doubts, evidence
from policy_match.store.tables import Subject

REUSED = "EVID_REUSED"


def about(piece: Evidence) -> str:
    """What a question about a piece is known by, after the code of the project that it is shown for."""
    return f"{piece.kind}|{piece.id}"


def reuse_key(code: str, piece: Evidence) -> str:
    """What the question about a piece and a project is known by."""
    return f"{code}|{about(piece)}"


def reused(session: Session, subject: Subject, pieces: Iterable[Evidence]) -> dict[Evidence, str]:
    """The pieces that another project showed and nobody allowed, with the code of that project."""
    used = evidence.used_by_others(session, subject, pieces)
    return {piece: code for piece, code in used.items() if not is_allowed(session, subject, piece)}


def is_allowed(session: Session, subject: Subject, piece: Evidence) -> bool:
    """Whether a person said that the project may show the piece too."""
    doubt = doubts.find(session, subject.library, REUSED, reuse_key(subject.code, piece))
    return doubt is not None and doubt.outcome == "accepted"
