"""Enrol the second factor: the secret is shown once, and counts when a code has shown that the authenticator has it."""

from __future__ import annotations

from datetime import datetime

from policy_match.access.second_factor import enrolment_uri, new_secret
from policy_match.errors import Conflict, Forbidden, Issue
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor
from policy_match.workflows.check_code import about_secret
from policy_match.workflows.check_password import proved
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.who_asks import open_session


def enrol_second_factor(archive: Archive, token: str, password: str, now: datetime) -> str:
    """A new secret as otpauth address, for whoever holds the session and knows the password; asked again before it is
    confirmed, it is another one.

    Conflict SECOND_FACTOR_THERE if a confirmed one is there; Forbidden PASSWORD_CHANGE before the one-time password was
    changed, and those of `proved`.
    """
    proved(archive, token, password, now)
    with archive.database.writing() as session:
        account = session.get_one(Account, open_session(session, token, now).actor_id)
        if account.must_change:
            raise Forbidden(Issue("PASSWORD_CHANGE", "还在用一次性密码", account.login, "", "先改密码"))
        if account.totp_confirmed:
            hint = "换了手机的，请管理员用 account reset --second-factor 清除"
            raise Conflict(Issue("SECOND_FACTOR_THERE", "已经有动态口令", account.login, "", hint))
        secret = new_secret()
        account.totp_secret, account.totp_last_step = archive.sealer.seal(secret, about_secret(account.actor_id)), None
        actor = session.get_one(Actor, account.actor_id)
        note_access(session, actor, Access("second_factor.enrol", actor.id, now))
        return enrolment_uri(secret, account.login)
