"""Change one's own password, which the old one is asked for; every other session of the account ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from policy_match.access import passwords
from policy_match.errors import Forbidden, Issue, UsageError
from policy_match.store import accounts, sessions
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor
from policy_match.workflows.check_password import locked, proved
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.who_asks import open_session


@dataclass(frozen=True, slots=True)
class Change:
    """The old password and the one that is to come."""

    old: str = field(repr=False)
    new: str = field(repr=False)


def change_password(archive: Archive, token: str, change: Change, now: datetime) -> None:
    """Set the new password for whoever holds the session.

    UsageError PASSWORD_* with every fault of the new one; Forbidden PASSWORD_WRONG for a wrong old one, which counts as a
    wrong try, ACCOUNT_LOCKED, SIGNED_OUT.
    """
    account = proved(archive, token, change.old, now)
    faults = passwords.faults_of(change.new, account.login)
    if passwords.fits(change.new, account.password_hash):
        faults += (Issue("PASSWORD_SAME", "新密码与原密码相同", "新密码", "没有用过的密码", "换一个密码"),)
    if faults:
        raise UsageError(*faults)
    new_hash = passwords.hashed(change.new)
    with archive.database.writing() as session:
        row = open_session(session, token, now)
        kept = session.get_one(Account, row.actor_id)
        _require_same(kept, account, now)
        set_password(kept, new_hash, now, must_change=False)
        ended = sessions.end_all(session, row.actor_id, but=row.token_hash)
        actor = session.get_one(Actor, row.actor_id)
        note_access(session, actor, Access("password.change", actor.id, now), sessions_ended=ended)


def set_password(account: Account, password_hash: str, now: datetime, *, must_change: bool) -> None:
    """Put a password on an account. `must_change`: it is good for one sign-in, after which another one is asked for."""
    account.password_hash, account.password_set_at, account.must_change = password_hash, now, must_change


def _require_same(kept: Account, proven: Account, now: datetime) -> None:
    """Refuse if another one changed the password, or locked the account, since the old password was checked."""
    if accounts.tries_of(kept).is_locked(now):
        raise locked(kept)
    if kept.password_hash != proven.password_hash:
        raise Forbidden(Issue("PASSWORD_WRONG", "密码刚刚被改过", "原密码", "", "请重新登录"))
