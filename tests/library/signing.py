"""Accounts of invented people on an archive, and what happens to them minute by minute, in the shortest form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

import pytest
from sqlalchemy import select

from policy_match.access import passwords
from policy_match.access.second_factor import code_at
from policy_match.errors import PolicyMatchError
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor, Audit
from policy_match.workflows.add_account import NewAccount, Person, add_account
from policy_match.workflows.begin_session import NewSession
from policy_match.workflows.confirm_second_factor import confirm_second_factor
from policy_match.workflows.enrol_second_factor import enrol_second_factor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.sign_in import Attempt, sign_in
from policy_match.workflows.write_entry import By

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""09:00 in Changzhou, 2026-03-02."""
PASSWORD = "four plain words here"
_NUMBERS = count(1)


def at(minutes: float) -> datetime:
    """So many minutes after the beginning."""
    return NOW + timedelta(minutes=minutes)


def admin(minutes: float = 0) -> By:
    """The administrator asks."""
    return By("real", "admin", at(minutes))


def person(role: str = "development", name: str = "示范经办", **more: str) -> Person:
    """Somebody to be registered."""
    return Person(name, role, **more)


def added(archive: Archive, who: Person | None = None) -> tuple[str, str]:
    """A new account of a new actor; log-in name, which is the actor too, and one-time password."""
    login = f"shifan{next(_NUMBERS)}"
    return login, add_account(archive, NewAccount(login, login, who or person()), admin())


def ready(archive: Archive, who: Person | None = None) -> str:
    """An account of a new actor whose password is PASSWORD; its log-in name, which is the actor too."""
    told, login = who or person(), f"shifan{next(_NUMBERS)}"
    with archive.database.writing() as session:
        session.add(
            Actor(
                id=login, name=told.name, role=told.role, region=told.region, firm=told.firm, valid_from=NOW.date(),
                valid_through=told.through,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Account(
                actor_id=login, login=login, password_hash=_password_hash(), password_set_at=at(-60), must_change=False,
                failed=[], totp_confirmed=False, is_demo=False, made_at=at(-60),
            )
        )  # fmt: skip
    return login


@cache
def _password_hash() -> str:
    # A hash takes a tenth of a second: the many accounts of the tests share one.
    return passwords.hashed(PASSWORD)


def enter(archive: Archive, login: str, minutes: float = 0, *, password: str = PASSWORD, code: str = "") -> NewSession:
    """Sign in after so many minutes."""
    return sign_in(archive, Attempt(login, password, code, "127.0.0.1"), at(minutes))


def enrolled(archive: Archive, login: str) -> str:
    """The secret of a second factor that was enrolled and confirmed half an hour ago."""
    token = enter(archive, login, -30).token
    uri = enrol_second_factor(archive, token, PASSWORD, at(-30))
    secret = uri.split("secret=")[1].split("&")[0]
    confirm_second_factor(archive, token, code_at(secret, at(-30)), at(-30))
    return secret


def wrong(archive: Archive, login: str, *minutes: float) -> None:
    """Wrong passwords after so many minutes."""
    for minute in minutes:
        assert refusal(archive, login, minute, password="wrong password") == "SIGN_IN"


def refusal(archive: Archive, login: str, minutes: float = 0, *, password: str = PASSWORD, code: str = "") -> str:
    """The code of why somebody is not let in."""
    with pytest.raises(PolicyMatchError) as raised:
        enter(archive, login, minutes, password=password, code=code)
    return raised.value.issues[0].code


def account(archive: Archive, login: str) -> Account:
    """The account as it is kept."""
    with archive.database.reading() as session:
        return session.scalars(select(Account).where(Account.login == login)).one()


def noted(archive: Archive) -> list[Audit]:
    """All audit rows."""
    with archive.database.reading() as session:
        return list(session.scalars(select(Audit).order_by(Audit.seq)))
