"""Who speaks for a firm, in the store. Phone, e-mail and gateway account are sealed (workflows/add_contact.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from policy_match.store.account_tables import Account
from policy_match.store.push_tables import Contact
from policy_match.store.tables import Actor, Subject

_CHUNK = 1_000


def firm_id(subject: Subject) -> int | None:
    """The row of the firm that a subject is or belongs to; None for a project whose firm is not known."""
    return subject.id if subject.kind == "enterprise" else subject.enterprise_id


def holding(session: Session, library: str, firm_ids: Iterable[int], on: date) -> dict[int, list[Contact]]:
    """The contacts of firms that hold on a day, oldest first; a firm without one has an empty list.

    Only those whose person is in office on the day and has an account that is not closed.
    """
    wanted = list(dict.fromkeys(firm_ids))
    found: dict[int, list[Contact]] = {firm: [] for firm in wanted}
    for start in range(0, len(wanted), _CHUNK):
        asked = select(Contact).join(Actor, Actor.id == Contact.actor_id).join(Account, Account.actor_id == Actor.id)
        asked = asked.where(Contact.library == library, Contact.firm_id.in_(wanted[start : start + _CHUNK]))
        asked = asked.where(Contact.since <= on, or_(Contact.until.is_(None), Contact.until > on))
        asked = asked.where(Actor.valid_from <= on, or_(Actor.valid_through.is_(None), Actor.valid_through >= on))
        for row in session.scalars(asked.where(Account.closed_at.is_(None)).order_by(Contact.id)):
            found[row.firm_id].append(row)
    return found


def holder(session: Session, library: str, actor_id: str, firm: int, on: date) -> Contact | None:
    """The contact by which somebody speaks for a firm on a day, to be checked before each sending; None: no longer."""
    found = holding(session, library, [firm], on)[firm]
    return next((one for one in found if one.actor_id == actor_id), None)


def of_person(session: Session, library: str, actor_id: str) -> list[Contact]:
    """Every contact that somebody ever was, for whichever firm, oldest first."""
    asked = select(Contact).where(Contact.library == library, Contact.actor_id == actor_id)
    return list(session.scalars(asked.order_by(Contact.id)))


def of_firm(session: Session, library: str, firm: int) -> list[Contact]:
    """Every contact that a firm ever had, oldest first."""
    asked = select(Contact).where(Contact.library == library, Contact.firm_id == firm)
    return list(session.scalars(asked.order_by(Contact.id)))


def every(session: Session, library: str) -> list[Contact]:
    """Every contact of a library, oldest first."""
    return list(session.scalars(select(Contact).where(Contact.library == library).order_by(Contact.id)))


def by_id(session: Session, library: str, number: int) -> Contact | None:
    """The contact of a number; None where there is none in the library."""
    found = session.get(Contact, number)
    return found if found is not None and found.library == library else None


def add(session: Session, row: Contact) -> Contact:
    """Add a contact and give it back with its number."""
    session.add(row)
    session.flush()
    return row


def ended_and_reachable(session: Session, library: str, today: date) -> list[Contact]:
    """The contacts whose end has come and of whom a phone, an e-mail or a gateway account is still kept."""
    kept = or_(Contact.phone.is_not(None), Contact.email.is_not(None), Contact.gateway_account.is_not(None))
    return list(session.scalars(select(Contact).where(Contact.library == library, Contact.until <= today, kept)))
