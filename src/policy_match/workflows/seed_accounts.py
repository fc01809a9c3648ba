"""Accounts of the demonstration: one a role, and a colleague to hand a queue over to, with a password, a second factor and a key that everybody may know.

The keys are those of tests: in the demonstration library alone, and by the clock of the moment when they were made, so
that a program that asks with them is answered the same on every day. An administrator has none.

They are made only where the database is a SQLite file, holds the demonstration library, and nobody has an account yet.
A server's database never gets one, and lets none of them in (store/accounts.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.access import passwords
from policy_match.access.key_scopes import KeyScope
from policy_match.access.second_factor import DEMO_SECRET
from policy_match.access.terms import ADMIN
from policy_match.access.tokens import demo_key, hash_of
from policy_match.dates import local_day
from policy_match.identifiers import region_name
from policy_match.lifecycle.table import LifecycleTable
from policy_match.store import accounts, api_keys, subjects
from policy_match.store.account_tables import Account, ApiKey
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
_FIRMS = ("D001", "D005", "D045")
_WITH_COLLEAGUE = f"district-{_AREA}"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account of the demonstration, as whoever starts the service is told of it. `key`: None where it has none, or it
    was revoked."""

    login: str
    name: str
    key: str | None
    password: str = passwords.DEMO_PASSWORD
    secret: str = DEMO_SECRET


def seed_accounts(archive: Archive, now: datetime) -> tuple[DemoAccount, ...]:
    """The accounts of the demonstration that are open, made where nobody has an account; none where there may be none."""
    if archive.database.engine.dialect.name != "sqlite" or is_empty(archive, DEMO):
        return ()
    with archive.database.reading() as session:
        is_new = not accounts.everybody(session)
    if is_new:
        _make(archive, now)
    with archive.database.reading() as session:
        keys = {row.id for row in api_keys.every(session) if row.revoked_at is None}
        return tuple(
            DemoAccount(who.id, who.name, demo_key(who.id) if who.id in keys else None)
            for account, who in accounts.everybody(session)
            if account.is_demo and account.closed_at is None
        )


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
        session.flush()
        session.add_all(_key(person, now) for person in people if person.role != ADMIN)
        job = actor(session, JOB, local_day(now))
        note_access(session, job, Access("account.seed", DEMO, now), accounts=[person.id for person in people])


def _key(person: Actor, now: datetime) -> ApiKey:
    """Its last day never comes: by a fixed clock a test may be run for years."""
    return ApiKey(
        id=person.id, key_hash=hash_of(demo_key(person.id)), actor_id=person.id, name=f"{MARK}测试密钥",
        scopes=[*KeyScope], library=DEMO, fixed_now=now, made_at=now, made_by=JOB, ends_on=date.max,
    )  # fmt: skip


def _offices(table: LifecycleTable) -> Iterator[Actor]:
    for role in table.roles.values():
        if role.id in (JOB, ENTERPRISE):
            continue
        areas = () if not role.own_area else _DISTRICTS if role.id == "district" else (_AREA,)
        for region in areas or (None,):
            code = role.id if region is None else f"{role.id}-{region}"
            name = role.name if region is None else f"{region_name(region)}（{role.name}）"
            people = {f"demo-{code}": f"{MARK}{name}"}
            if code == _WITH_COLLEAGUE:
                people[f"demo-second-{_AREA}"] = f"{MARK}{name}同事"
            for actor_id, called in people.items():
                yield Actor(id=actor_id, name=called, role=role.id, region=region, valid_from=FIRST_DAY)


def _firms(session: Session) -> Iterator[Actor]:
    for code in _FIRMS:
        row = subjects.by_code(session, DEMO, code)
        firm = None if row is None else _credit_code(session, row)
        if row is not None and firm is not None:
            yield Actor(
                id=f"demo-{ENTERPRISE}-{code.lower()}", name=f"{MARK}{row.name or row.code}"[:60], role=ENTERPRISE,
                region=firm[2:8], firm=firm, valid_from=FIRST_DAY,
            )  # fmt: skip


def _credit_code(session: Session, row: Subject) -> str | None:
    keys = subjects.keys_of(session, [row.id])[row.id]
    return next((key.value for key in keys if key.kind == subjects.CREDIT_CODE), None)
