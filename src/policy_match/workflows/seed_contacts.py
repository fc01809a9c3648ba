"""Contacts of the demonstration's firms, what they agreed to, and what their open cases need of them.

The phones are none that exist, and nothing of the demonstration leaves the house. They are made once, where the firms have
accounts of the demonstration (seed_accounts.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy_match.access.scope import FIRM
from policy_match.entitlement.states import Action, State
from policy_match.push.words import EVERY_TOPIC, Channel, Consent, ContactRole
from policy_match.store import accounts, cases, contacts
from policy_match.store.tables import Actor
from policy_match.workflows.add_contact import NewContact, add_contact
from policy_match.workflows.announce_case import Happened, announce_case
from policy_match.workflows.daily_push import daily_push
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.push_rights import LINKS_SYSTEMS
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By

SOURCE, HOW = "示范", "示范"
_PHONE = "100000000{:02d}"
"""No number of a telephone begins so."""


def seed_contacts(archive: Archive, now: datetime) -> int:
    """Make them where the demonstration has none; how many were made."""
    with archive.database.together() as database:
        own = replace(archive, database=database)
        people = _people(own)
        for number, who in enumerate(people):
            _contact(own, who, number, now)
        if people:
            _tell_asked(own, now)
            daily_push(own, DEMO, now)
        return len(people)


def _people(archive: Archive) -> list[Actor]:
    """The accounts of the demonstration's firms; none where it has contacts already."""
    with archive.database.writing() as session:
        if contacts.every(session, DEMO):
            return []
        found = accounts.everybody(session)
        return [who for account, who in found if account.is_demo and account.closed_at is None and who.role == FIRM]


def _contact(archive: Archive, who: Actor, number: int, now: datetime) -> None:
    """Every second one is the legal representative, and does not want SMS."""
    is_handler = number % 2 == 0
    role = ContactRole.HANDLER if is_handler else ContactRole.LEGAL
    asked = NewContact(who.firm or "", who.id, role.value, phone=_PHONE.format(number), source=SOURCE)
    add_contact(archive, asked, By(DEMO, LINKS_SYSTEMS, now))
    state = Consent.GRANTED if is_handler else Consent.DENIED
    give_consent(archive, [Choice(Channel.SMS.value, EVERY_TOPIC, state.value, HOW)], By(DEMO, who.id, now))


def _tell_asked(archive: Archive, now: datetime) -> None:
    """The firms that were asked before they had a contact hear of it now."""
    with archive.database.writing() as session:
        for case in cases.every(session, DEMO, states=[State.CONSENT]):
            held = contacts.holding(session, DEMO, [case.beneficiary_id], By(DEMO, "", now).today)
            if held[case.beneficiary_id]:
                deciding = deciding_rulebook(session, archive.shelf, DEMO, View.of(case.as_of, None, now))
                rule = deciding.rulebook.at(case.measure, case.as_of)
                announce_case(session, archive, case, Happened(Action.ASK, {}, rule), by=By(DEMO, "", now))
