"""Begin a session for somebody who has shown who it is, by a password here or by a service elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.access.terms import TERMS
from policy_match.access.tokens import hash_of, new_token
from policy_match.dates import local_day
from policy_match.errors import Forbidden, Issue
from policy_match.store import accounts, sessions
from policy_match.store.account_tables import Account, SessionRow
from policy_match.store.actors import is_in_office
from policy_match.store.tables import Actor
from policy_match.workflows.note_access import Access, note_access

SIGNED_IN = "sign_in"
_CLIENT = 200


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun. `token`: shown this once; `ends_at`: its latest end; `needs_code`: a second factor is still to come."""

    token: str
    actor: Actor
    ends_at: datetime
    needs_code: bool
    must_change: bool


def begin_session(session: Session, account: Account, now: datetime, *, strong: bool, client: str) -> NewSession:
    """Write the session and its audit row. `strong`: a code was given as well; `client`: where from, as the audit shows it."""
    sessions.drop_ended(session, now)
    actor = session.get_one(Actor, account.actor_id)
    token, ends_at = new_token(), now + TERMS.session_for
    session.add(
        SessionRow(
            token_hash=hash_of(token), actor_id=actor.id, made_at=now, last_seen_at=now, ends_at=ends_at,
            second_factor_at=now if strong else None, client=client[:_CLIENT],
        )
    )  # fmt: skip
    note_access(session, actor, Access(SIGNED_IN, actor.id, now), client=client[:_CLIENT], second_factor=strong)
    needs_code = account.totp_confirmed and not strong
    return NewSession(token, actor, ends_at, needs_code, account.must_change)


def refusal_of(session: Session, account: Account, now: datetime) -> Forbidden | None:
    """Why somebody who is known does not get in: ACCOUNT_CLOSED, ACCOUNT_DEMO or NOT_IN_OFFICE; None if nothing is against it."""
    actor = session.get_one(Actor, account.actor_id)
    if account.closed_at is not None:
        return Forbidden(Issue("ACCOUNT_CLOSED", "账号已停用", account.login, "", "如需恢复，请管理员另开账号"))
    if accounts.is_barred(session, account):
        hint = "请管理员用 account add 开立本人的账号"
        return Forbidden(Issue("ACCOUNT_DEMO", "示范账号只能在本机的示范环境登录", account.login, "", hint))
    if not is_in_office(actor, local_day(now)):
        return Forbidden(Issue("NOT_IN_OFFICE", f"“{actor.name}”今天不在岗", account.login, "", "请管理员核对任职起止"))
    return None
