"""Objections in the store: to a case in its notice, or of somebody who says that he was left out."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.case_tables import Case, Objection
from policy_match.store.tables import Actor


def add(session: Session, row: Objection) -> Objection:
    """Add an objection and give it back with its number."""
    session.add(row)
    session.flush()
    return row


def by_id(session: Session, library: str, number: int) -> Objection | None:
    """The objection of a number; None where there is none in the library."""
    found = session.get(Objection, number)
    return found if found is not None and found.library == library else None


def every(session: Session, library: str, *, waiting: bool) -> list[Objection]:
    """The objections of a library in the order of recording; `waiting`: those without an answer."""
    asked = select(Objection).where(Objection.library == library).order_by(Objection.id)
    return list(session.scalars(asked.where(Objection.outcome.is_(None)) if waiting else asked))


def of_case(session: Session, case: Case) -> list[Objection]:
    """The objections to a case, in the order of recording."""
    return list(session.scalars(select(Objection).where(Objection.case_id == case.id).order_by(Objection.id)))


def of_firm(session: Session, library: str, firm: str) -> list[Objection]:
    """What the accounts of a firm (by its id or credit code) recorded, the newest first."""
    asked = select(Objection).join(Actor, Actor.id == Objection.recorded_by)
    asked = asked.where(Objection.library == library, Actor.firm == firm)
    return list(session.scalars(asked.order_by(Objection.id.desc())))


def unanswered(session: Session, case: Case) -> tuple[int, ...]:
    """Numbers of the objections to a case that have no answer yet, in their order."""
    return tuple(one.id for one in of_case(session, case) if one.outcome is None)
