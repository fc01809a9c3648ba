"""Evidence that was already shown for another project: set apart until a person says that both may have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Showings:
    """For which projects some pieces were shown (by code, the earliest first), and to whom a person allowed one that
    another project showed (the keys of the questions)."""

    shown: Mapping[Evidence, Sequence[str]]
    allowed: frozenset[str]

    @classmethod
    def of(cls, session: Session, library: str, pieces: Iterable[Evidence]) -> Showings:
        """Everything that a library holds about these pieces."""
        answers = doubts.answers(session, library, REUSED)
        allowed = frozenset(key for key, answer in answers.items() if answer == "accepted")
        return cls(evidence.shown_for(session, library, pieces), allowed)

    def reused(self, code: str, pieces: Iterable[Evidence]) -> dict[Evidence, str]:
        """The pieces that another project than this one showed and nobody allowed it, with the code of that project."""
        others = {piece: next((c for c in self.shown.get(piece, ()) if c != code), None) for piece in pieces}
        return {
            piece: other for piece, other in others.items() if other is not None and not self.is_allowed(code, piece)
        }

    def is_allowed(self, code: str, piece: Evidence) -> bool:
        """Whether a person said that the project may show the piece too."""
        return doubts.key_of(reuse_key(code, piece)) in self.allowed


def reused(session: Session, subject: Subject, pieces: Sequence[Evidence]) -> dict[Evidence, str]:
    """The pieces that another project showed and nobody allowed, with the code of that project."""
    return Showings.of(session, subject.library, pieces).reused(subject.code, pieces)
