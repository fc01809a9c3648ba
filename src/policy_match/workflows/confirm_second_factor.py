"""Give a code of the second factor: for 15 minutes the session may then approve, export and administer."""

from __future__ import annotations

from datetime import datetime

from policy_match.access.terms import TERMS
from policy_match.access.tries import Tries
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.store import accounts
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor
from policy_match.workflows.check_code import use_code
from policy_match.workflows.check_password import locked
from policy_match.workflows.note_access import Access, count_wrong, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.who_asks import open_session


def confirm_second_factor(archive: Archive, token: str, code: str, now: datetime) -> datetime:
    """Raise the session, and say until when; the first right code also confirms the enrolment.

    Forbidden CODE_WRONG for a wrong or used code, which counts as a wrong try, ACCOUNT_LOCKED, SIGNED_OUT; Conflict
    SECOND_FACTOR_NONE without a secret.
    """
    with archive.database.writing() as session:
        row = open_session(session, token, now)
        account = session.get_one(Account, row.actor_id)
        if account.totp_secret is None:
            raise Conflict(Issue("SECOND_FACTOR_NONE", "还没有动态口令", account.login, "", "先绑定身份验证器"))
        if accounts.tries_of(account).is_locked(now):
            raise locked(account)
        right = use_code(account, code, now, archive.sealer)
        access = Access("second_factor.confirm" if right else "second_factor.refused", row.actor_id, now)
        if right:
            row.second_factor_at, account.totp_confirmed = now, True
            accounts.keep_tries(account, Tries())
            note_access(session, session.get_one(Actor, row.actor_id), access)
        else:
            count_wrong(session, account, access, "动态口令不对")
    if not right:
        hint = "用最新的 6 位数字；每个口令只能用一次；核对手机时间"
        raise Forbidden(Issue("CODE_WRONG", "动态口令不对，或已经用过", "动态口令", "6 位数字", hint))
    return now + TERMS.strong_for
