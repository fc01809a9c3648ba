"""Close an account for good: its sessions and keys end at once, its rows stay."""

from __future__ import annotations

from policy_match.access.terms import ADMIN
from policy_match.errors import Conflict, Issue
from policy_match.store import accounts, api_keys, sessions
from policy_match.store.tables import Actor
from policy_match.workflows.administer import administering, find_account
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, said


def close_account(archive: Archive, login: str, reason: str, by: By) -> None:
    """Close it; NotFound ACCOUNT_UNKNOWN, Conflict ACCOUNT_CLOSED if it is, LAST_ADMIN for the last administrator's."""
    text = said(reason, "原因", "--reason")
    with administering(archive, login, by) as (session, who):
        account = find_account(session, login, who)
        holder = session.get_one(Actor, account.actor_id)
        if account.closed_at is not None:
            raise Conflict(Issue("ACCOUNT_CLOSED", "账号已停用", account.login, "", "不必再办"))
        if [one.actor_id for one in accounts.open_of_role(session, ADMIN)] == [holder.id]:
            raise Conflict(Issue("LAST_ADMIN", "这是最后一个管理员账号", account.login, "", "先给接替的人开管理员账号"))
        account.closed_at = by.now
        keys = api_keys.standing_of(session, holder.id)
        for key in keys:
            key.revoked_at = by.now
        note_access(
            session, who, Access("account.close", holder.id, by.now), login=account.login, reason=text,
            sessions_ended=sessions.end_all(session, holder.id), keys_revoked=[key.id for key in keys],
        )  # fmt: skip
