"""Take the accounts of the city's platform as contacts: of those people alone who sign in here with that very account.

The file of the platform says which account is of which firm. Names, phones and topics in it are not collected
(rules/registers/ZQT.yaml): what somebody wants to be told, and where, they say themselves.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.exchange.intake_rows import Intake
from policy_match.identifiers import Given
from policy_match.push.words import ContactRole
from policy_match.store import accounts, audit, contacts, identities, subjects
from policy_match.store.actors import actor, is_in_office
from policy_match.store.push_tables import Contact
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.add_contact import CONTACT, settle_missing
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import speaks_for
from policy_match.workflows.reach_contact import about_contact

ZQT = "ZQT"


def take_contacts(archive: Archive, library: str, intake: Intake, *, by: str, now: datetime) -> int:
    """Register a handler for each account that a person of the firm is linked to (`account link`); how many are new.

    Who is a contact of the firm already stays as he is, and is reached by the account from now on if by none before.
    """
    with archive.database.writing() as session:
        audit.take_turn(session)
        who, made = actor(session, by, local_day(now)), 0
        for row in intake.rows:
            uscc = None if row.firm is None else row.firm.uscc
            firm = None if uscc is None else subjects.by_key(session, library, Given(subjects.CREDIT_CODE, uscc))
            for account in (key.value for key in row.keys if key.kind == ZQT and firm is not None):
                for person in _people(session, account, now):
                    if firm is not None and speaks_for(session, person, firm):
                        made += _taken(session, archive, (firm, person, account), who=who, now=now)
        return made


def _people(session: Session, account: str, now: datetime) -> list[Actor]:
    """Who signs in with the account, is in office, and whose account here is open."""
    found = []
    for one in identities.called(session, account):
        who, own = session.get_one(Actor, one.actor_id), accounts.of_actor(session, one.actor_id)
        if own is not None and not accounts.is_barred(session, own) and is_in_office(who, local_day(now)):
            found.append(who)
    return found


def _taken(session: Session, archive: Archive, told: tuple[Subject, Actor, str], *, who: Actor, now: datetime) -> bool:
    """Whether the contact is new."""
    firm, person, account = told
    today = local_day(now)
    there = [one for one in contacts.of_firm(session, firm.library, firm.id) if one.actor_id == person.id]
    row = next((one for one in there if one.until is None or one.until > today), None)
    is_new = row is None
    if row is None:
        if there:
            return False  # ended: whoever ended it meant it, whatever the platform still lists
        row = contacts.add(
            session,
            Contact(
                library=firm.library, firm_id=firm.id, actor_id=person.id, role=ContactRole.HANDLER.value, topics=None,
                since=today, source=ZQT, recorded_at=now,
            ),
        )  # fmt: skip
        audit.record(
            session, who, "contact.add", object_kind=CONTACT, object_id=str(row.id), at=now, library=firm.library,
            detail={"firm": firm.code, "actor": person.id, "role": row.role, "topics": None,
                    "reached_by": ["gateway_account"]},
        )  # fmt: skip
        settle_missing(session, firm, who, now)
    if row.gateway_account is None:
        row.gateway_account = archive.sealer.seal(account, about_contact(row, "gateway_account"))
    return is_new
