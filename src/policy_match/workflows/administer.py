"""Keep accounts and keys: only administrators do, who have no business of their own; a refusal leaves its audit row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from policy_match.access import passwords
from policy_match.access.terms import ADMIN
from policy_match.errors import Forbidden, Issue, NotFound
from policy_match.store import accounts
from policy_match.store.account_tables import Account
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.note_access import Access, note_refusal
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

AUDITOR = "auditor"
_READS = (ADMIN, AUDITOR)


@contextmanager
def at_access_desk(archive: Archive, about: str, by: By) -> Iterator[tuple[Session, Actor]]:
    """Begin a request about accounts, by somebody in office; whoever the block refuses is noted as refused `about` that."""
    try:
        with archive.database.writing() as session:
            yield session, actor(session, by.actor, by.today)
    except Forbidden as refusal:
        with archive.database.writing() as session:
            who = actor(session, by.actor, by.today)
            note_refusal(session, who, Access("access.refused", about, by.now), refusal.issues[0].what)
        raise


@contextmanager
def administering(archive: Archive, about: str, by: By) -> Iterator[tuple[Session, Actor]]:
    """The same for administrators alone; Forbidden ADMIN_ONLY."""
    with at_access_desk(archive, about, by) as (session, who):
        if who.role != ADMIN:
            raise _not_admin(who, "系统管理员")
        yield session, who


@contextmanager
def reading_access(archive: Archive, about: str, by: By) -> Iterator[Session]:
    """The same for those who may see accounts: administrators and auditors."""
    with at_access_desk(archive, about, by) as (session, who):
        if who.role not in _READS:
            raise _not_admin(who, "系统管理员、审计")
        yield session


def find_account(session: Session, login: str, who: Actor) -> Account:
    """The account of a log-in name as written, to be changed; NotFound ACCOUNT_UNKNOWN, Forbidden DEMO_ADMIN."""
    found = accounts.by_login(session, passwords.normal_login(login))
    if found is None:
        raise NotFound(Issue("ACCOUNT_UNKNOWN", f"没有账号“{login[:40]}”", "", "", "用 account list 查登录名"))
    if not found.is_demo:
        require_real(session, who, found.login)
    return found


def require_real(session: Session, who: Actor, about: str) -> None:
    """Refuse the administrator of the demonstration, whose password is published; Forbidden DEMO_ADMIN."""
    if accounts.is_demo(session, who.id):
        hint = "请正式的系统管理员办理"
        raise Forbidden(Issue("DEMO_ADMIN", "示范管理员只管示范账号和示范库", about, "示范账号、示范库", hint))


def _not_admin(who: Actor, allowed: str) -> Forbidden:
    return Forbidden(Issue("ADMIN_ONLY", f"“{who.name}”不办账号和密钥", "--by", allowed, "请系统管理员办理"))
