"""Give somebody who forgot the password, or lost the authenticator, a new beginning: a one-time password, all sessions ended."""

from __future__ import annotations

from policy_match.access import passwords
from policy_match.access.tries import Tries
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.store import accounts, sessions
from policy_match.workflows.administer import administering, find_account
from policy_match.workflows.change_password import set_password
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


def reset_password(archive: Archive, login: str, by: By, *, second_factor: bool = False) -> str:
    """The one-time password, shown this once; `second_factor`: the authenticator is taken off as well.

    NotFound ACCOUNT_UNKNOWN, Conflict ACCOUNT_CLOSED, Forbidden OWN_ACCOUNT: one's own password is changed with the old one.
    """
    password = passwords.one_time_password()
    password_hash = passwords.hashed(password)
    with administering(archive, login, by) as (session, who):
        account = find_account(session, login, who)
        if account.closed_at is not None:
            raise Conflict(Issue("ACCOUNT_CLOSED", "账号已停用", account.login, "", "给新的经办人编号另开账号"))
        if account.actor_id == who.id:
            hint = "用 account password 改自己的密码，或请另一位管理员重置"
            raise Forbidden(Issue("OWN_ACCOUNT", "不能重置自己的密码", account.login, "别人的账号", hint))
        set_password(account, password_hash, by.now, must_change=True)
        accounts.keep_tries(account, Tries())
        if second_factor:
            account.totp_secret, account.totp_confirmed, account.totp_last_step = None, False, None
        note_access(
            session, who, Access("account.reset", account.actor_id, by.now), second_factor=second_factor,
            sessions_ended=sessions.end_all(session, account.actor_id),
        )  # fmt: skip
    return password
