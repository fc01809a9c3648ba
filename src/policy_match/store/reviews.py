"""Claims and decisions about matches in the store, when a match was first seen, and which subjects changed their name.

The decision that counts for a match is asked for by `standing`; who needs those of many matches reads `histories` once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.ranking.decisions import Choice, History, Pair, Step
from policy_match.store.bulk import insert_rows
from policy_match.store.review_tables import ReviewSighting, ReviewStep
from policy_match.store.subjects import CREDIT_CODE, FIRM, NAME
from policy_match.store.tables import Former, Key, Subject

Seen: TypeAlias = tuple[str, str, str]
"""Code of a subject, id of a measure, signature."""
_SIGHTINGS = ReviewSighting.metadata.tables[ReviewSighting.__tablename__]


def histories(session: Session, library: str) -> dict[Pair, History]:
    """What was done about every pair of a library about which anything was."""
    asked = select(ReviewStep).where(ReviewStep.library == library).order_by(ReviewStep.number)
    found: dict[Pair, list[Step]] = {}
    for row in session.scalars(asked):
        found.setdefault((row.subject, row.measure), []).append(_step(row))
    return {pair: History(tuple(steps)) for pair, steps in found.items()}


def history(session: Session, library: str, pair: Pair) -> History:
    """What was done about one pair; an empty history where nothing was."""
    asked = select(ReviewStep).where(ReviewStep.library == library).order_by(ReviewStep.number)
    asked = asked.where(ReviewStep.subject == pair[0], ReviewStep.measure == pair[1])
    return History(tuple(_step(row) for row in session.scalars(asked)))


def standing(session: Session, library: str, pair: Pair, signature: str) -> Step | None:
    """The decision that counts for a match with this signature; None where nobody has decided it."""
    return history(session, library, pair).standing(signature)


def add(session: Session, library: str, pair: Pair, step: Step, *, seen: int | None = None) -> Step:
    """Add a step; the number after the last one of its pair. Whoever adds has taken the turn."""
    row = ReviewStep(
        library=library, subject=pair[0], measure=pair[1], number=step.number, choice=step.choice.value,
        version=step.version, signature=step.signature, reason=step.reason, note=step.note, until=step.until,
        held_until=step.held_until, doubt_id=step.doubt, signs=step.signs, seen=seen, actor_id=step.by, at=step.at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return step


def sightings(session: Session, library: str) -> dict[Seen, datetime]:
    """Since when every match is known to wait."""
    columns = ReviewSighting.subject, ReviewSighting.measure, ReviewSighting.signature, ReviewSighting.at
    asked = select(*columns).where(ReviewSighting.library == library)
    return {(row.subject, row.measure, row.signature): row.at for row in session.execute(asked)}


def note_sightings(session: Session, library: str, new: Sequence[tuple[Seen, int]], at: datetime) -> None:
    """Record matches, with the version of their measure, that were never recorded before."""
    rows = [
        {
            "library": library, "subject": subject, "measure": measure, "version": version, "signature": signature,
            "at": at,
        }
        for (subject, measure, signature), version in new
    ]  # fmt: skip
    insert_rows(session, _SIGHTINGS, rows)


def changed_since(session: Session, library: str, day: date) -> frozenset[str]:
    """Codes of the subjects whose name, firm or credit code became another one on that day or later.

    What is told for the first time is no change.
    """
    replaced = (
        select(Subject.code, Former.value)
        .join(Former, Former.subject_id == Subject.id)
        .where(Subject.library == library, Former.field.in_((NAME, FIRM)), Former.until >= day)
    )
    ended = (
        select(Subject.code)
        .join(Key, Key.subject_id == Subject.id)
        .where(Key.library == library, Key.kind == CREDIT_CODE, Key.valid_through >= day)
    )
    named = {code for code, before in session.execute(replaced) if before is not None}
    return frozenset(named | set(session.scalars(ended)))


def subject_codes(session: Session, library: str) -> list[str]:
    """The codes of all subjects of a library, merged ones too."""
    return list(session.scalars(select(Subject.code).where(Subject.library == library)))


def _step(row: ReviewStep) -> Step:
    return Step(
        number=row.number,
        choice=Choice(row.choice),
        version=row.version,
        signature=row.signature,
        by=row.actor_id,
        at=row.at,
        reason=row.reason,
        note=row.note,
        until=row.until,
        held_until=row.held_until,
        doubt=row.doubt_id,
        signs=row.signs,
    )
