"""The accounts: found by log-in name or actor, their wrong tries read and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.access.tries import Tries
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor


def by_login(session: Session, login: str) -> Account | None:
    """The account of a folded log-in name."""
    return session.scalars(select(Account).where(Account.login == login)).one_or_none()


def of_actor(session: Session, actor_id: str) -> Account | None:
    """The account of an actor."""
    return session.get(Account, actor_id)


def everybody(session: Session) -> Sequence[tuple[Account, Actor]]:
    """All accounts with their actors, by log-in name."""
    asked = select(Account, Actor).join(Actor, Actor.id == Account.actor_id).order_by(Account.login)
    return [(account, actor) for account, actor in session.execute(asked)]


def open_of_role(session: Session, role: str) -> Sequence[Account]:
    """The accounts of a role that were not closed, those of the demonstration left aside."""
    asked = select(Account).join(Actor, Actor.id == Account.actor_id)
    return session.scalars(
        asked.where(Actor.role == role, Account.closed_at.is_(None), Account.is_demo.is_(False))
    ).all()


def is_demo(session: Session, actor_id: str) -> bool:
    """Whether an actor has an account of the demonstration, whose password anybody may know."""
    account = of_actor(session, actor_id)
    return account is not None and account.is_demo


def is_barred(session: Session, account: Account | None) -> bool:
    """Whether an account may not be used: closed, or of the demonstration where the database is a server's."""
    if account is None:
        return False
    return account.closed_at is not None or (account.is_demo and session.get_bind().dialect.name != "sqlite")


def tries_of(account: Account) -> Tries:
    """The wrong tries that an account keeps."""
    return Tries(tuple(datetime.fromisoformat(at) for at in account.failed), account.locked_until)


def keep_tries(account: Account, tries: Tries) -> None:
    """Write the wrong tries, and the lock, into the account."""
    account.failed = [at.isoformat() for at in tries.wrong]
    account.locked_until = tries.locked_until
