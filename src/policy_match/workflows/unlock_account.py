"""Unlock an account before its lock ends by itself."""

from __future__ import annotations

from policy_match.access.tries import Tries
from policy_match.store import accounts
from policy_match.workflows.administer import administering, find_account
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


def unlock_account(archive: Archive, login: str, by: By) -> bool:
    """Forget the wrong tries; whether there was a lock. NotFound ACCOUNT_UNKNOWN."""
    with administering(archive, login, by) as (session, who):
        account = find_account(session, login, who)
        was_locked = accounts.tries_of(account).is_locked(by.now)
        accounts.keep_tries(account, Tries())
        note_access(session, who, Access("account.unlock", account.actor_id, by.now), was_locked=was_locked)
        return was_locked
