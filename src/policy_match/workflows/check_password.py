"""Ask somebody signed in for the password once more, before what a stolen session must not do."""

from __future__ import annotations

from datetime import datetime

from policy_match.access import passwords
from policy_match.errors import Forbidden, Issue
from policy_match.settings import LOCAL
from policy_match.store import accounts
from policy_match.store.account_tables import Account
from policy_match.workflows.note_access import Access, count_wrong
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.who_asks import open_session


def proved(archive: Archive, token: str, password: str, now: datetime) -> Account:
    """The account of a session whose password was given rightly, as it was read.

    Forbidden PASSWORD_WRONG, which counts as a wrong try, ACCOUNT_LOCKED, SIGNED_OUT.
    """
    with archive.database.reading() as session:
        account = session.get_one(Account, open_session(session, token, now).actor_id)
    if accounts.tries_of(account).is_locked(now):
        raise locked(account)
    if not passwords.fits(password, account.password_hash):
        with archive.database.writing() as session:
            kept = session.get_one(Account, account.actor_id)
            count_wrong(session, kept, Access("password.refused", kept.actor_id, now), "密码不对")
        raise Forbidden(Issue("PASSWORD_WRONG", "密码不对", "密码", "", "核对后再试；连续输错 5 次的锁定 15 分钟"))
    return account


def locked(account: Account) -> Forbidden:
    """What somebody signed in is told of a locked account."""
    until = account.locked_until
    shown = "" if until is None else f"{until.astimezone(LOCAL):%H:%M}"
    return Forbidden(Issue("ACCOUNT_LOCKED", "连续输错，账号锁定中", account.login, "", f"{shown} 以后再试"))
