"""Accounts of the demonstration: one a role, with a password and a second factor that everybody may know.

They are made only where the database is a SQLite file, holds the demonstration library, and nobody has an account yet.
A server's database never gets one, and lets none of them in (store/accounts.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.access import passwords
from policy_match.access.second_factor import DEMO_SECRET
from policy_match.dates import local_day
from policy_match.identifiers import region_name
from policy_match.lifecycle.table import LifecycleTable
from policy_match.store import accounts, subjects
from policy_match.store.account_tables import Account
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.add_account import ENTERPRISE, JOB
from policy_match.workflows.check_code import about_secret
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import FIRST_DAY, Archive
from policy_match.workflows.seed_libraries import is_empty

MARK = "示范·"
_DISTRICTS = ("320412", "320481")
_AREA = "320412"
_FIRMS = ("D001", "D005")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account of the demonstration, as whoever starts the service is told of it."""

    login: str
    name: str
    password: str = passwords.DEMO_PASSWORD
    secret: str = DEMO_SECRET


def seed_accounts(archive: Archive, now: datetime) -> tuple[DemoAccount, ...]:
    """The accounts of the demonstration that are open, made where nobody has an account; none where there may be none."""
    if archive.database.engine.dialect.name != "sqlite" or is_empty(archive, DEMO):
        return ()
    with archive.database.reading() as session:
        there = accounts.everybody(session)
    if not there:
        _make(archive, now)
        with archive.database.reading() as session:
            there = accounts.everybody(session)
    open_to_all = (who for account, who in there if account.is_demo and account.closed_at is None)
    return tuple(DemoAccount(who.id, who.name) for who in open_to_all)


def _make(archive: Archive, now: datetime) -> None:
    # One hash for all: the password is no secret, and a hash takes a tenth of a second.
    password_hash = passwords.hashed(passwords.DEMO_PASSWORD)
    with archive.database.writing() as session:
        if accounts.everybody(session):
            return  # another process of the service was faster
        people = [*_offices(archive.table), *_firms(session)]
        session.add_all(person for person in people if session.get(Actor, person.id) is None)
        session.flush()
        session.add_all(
            Account(
                actor_id=person.id, login=person.id, password_hash=password_hash, password_set_at=now, must_change=False,
                failed=[], totp_secret=archive.sealer.seal(DEMO_SECRET, about_secret(person.id)), totp_confirmed=True,
                is_demo=True, made_at=now,
            )
            for person in people
        )  # fmt: skip
        job = actor(session, JOB, local_day(now))
        note_access(session, job, Access("account.seed", DEMO, now), accounts=[person.id for person in people])


def _offices(table: LifecycleTable) -> Iterator[Actor]:
    for role in table.roles.values():
        if role.id in (JOB, ENTERPRISE):
            continue
        areas = () if not role.own_area else _DISTRICTS if role.id == "district" else (_AREA,)
        for region in areas or (None,):
            code = role.id if region is None else f"{role.id}-{region}"
            name = role.name if region is None else f"{region_name(region)}（{role.name}）"
            yield Actor(id=f"demo-{code}", name=f"{MARK}{name}", role=role.id, region=region, valid_from=FIRST_DAY)


def _firms(session: Session) -> Iterator[Actor]:
    for code in _FIRMS:
        row = subjects.by_code(session, DEMO, code)
        if row is not None:
            firm = _credit_code(session, row)
            yield Actor(
                id=f"demo-{ENTERPRISE}-{code.lower()}", name=f"{MARK}{row.name or row.code}"[:60], role=ENTERPRISE,
                region=firm[2:8], firm=firm, valid_from=FIRST_DAY,
            )  # fmt: skip


def _credit_code(session: Session, row: Subject) -> str:
    keys = subjects.keys_of(session, [row.id])[row.id]
    return next(key.value for key in keys if key.kind == subjects.CREDIT_CODE)
