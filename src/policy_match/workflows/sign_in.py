"""Sign in with log-in name, password and, if it is at hand, the code of the second factor.

Whoever is not let in learns nothing: an unknown name, a wrong password, a wrong code and a locked account get the same
answer after the same work. Only who gave the right password is told that the account is closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.access import passwords
from policy_match.access.tries import Tries
from policy_match.errors import Forbidden, Issue
from policy_match.sealing import Sealer
from policy_match.store import accounts
from policy_match.store.account_tables import Account
from policy_match.store.tables import Actor
from policy_match.workflows.begin_session import NewSession, begin_session, refusal_of
from policy_match.workflows.check_code import use_code
from policy_match.workflows.note_access import Access, count_wrong, note_refusal, visitor
from policy_match.workflows.open_archive import Archive

REFUSED = "sign_in.refused"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody gave. `code`: empty if it is to come later; `client`: where from, as the audit shows it."""

    login: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    client: str = ""


def sign_in(archive: Archive, attempt: Attempt, now: datetime) -> NewSession:
    """Begin a session; Forbidden SIGN_IN, or after the right password ACCOUNT_CLOSED, ACCOUNT_DEMO, NOT_IN_OFFICE.

    Five wrong tries within 15 minutes lock the account for 15 minutes; whoever is let in with all that the account has
    wipes them out, a password without the code that belongs to it does not.
    """
    login = passwords.normal_login(attempt.login)
    with archive.database.reading() as session:
        account = accounts.by_login(session, login)
        seen = None if account is None else account.password_hash
    # Outside of any transaction: the work takes a tenth of a second, and others want to write.
    fits = passwords.fits(attempt.password, seen)
    with archive.database.writing() as session:
        account = accounts.by_login(session, login)
        if account is None:
            note_refusal(
                session, visitor(), Access(REFUSED, "unknown", now), "没有这个登录名", client=attempt.client[:200]
            )
            done: NewSession | Forbidden = _unknown()
        else:
            done = _judged(
                session, account, attempt, now=now, sealer=archive.sealer, fits=fits and account.password_hash == seen
            )
    if isinstance(done, Forbidden):
        raise done
    return done


def _judged(
    session: Session, account: Account, attempt: Attempt, *, now: datetime, sealer: Sealer, fits: bool
) -> NewSession | Forbidden:
    access, client = Access(REFUSED, account.actor_id, now), attempt.client[:200]
    if accounts.tries_of(account).is_locked(now):
        note_refusal(session, session.get_one(Actor, account.actor_id), access, "账号锁定中", client=client)
        return _unknown()
    gave_code = account.totp_confirmed and attempt.code.strip() != ""
    if not fits or (gave_code and not use_code(account, attempt.code, now, sealer)):
        count_wrong(session, account, access, "动态口令不对" if fits else "密码不对", client=client)
        return _unknown()
    refusal = refusal_of(session, account, now)
    if refusal is not None:
        note_refusal(session, session.get_one(Actor, account.actor_id), access, refusal.issues[0].what, client=client)
        return refusal
    if gave_code or not account.totp_confirmed:
        accounts.keep_tries(account, Tries())
    return begin_session(session, account, now, strong=gave_code, client=client)


def _unknown() -> Forbidden:
    hint = "核对后再试；连续输错 5 次的，15 分钟内不能登录；忘记密码请管理员重置"
    return Forbidden(Issue("SIGN_IN", "登录名、密码或动态口令不对，或账号锁定中", "登录", "", hint))
