"""Who asks: the person of a session, or the program of a key. Looking this up writes at most once a minute, or once a day.

A session ends twelve hours after it began, or when it lay unused (30 minutes, 15 for administrators), at that very instant;
as its last use is noted once a minute, it may end up to a minute early. It ends at once with its account or its office.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.access.key_scopes import NAMES, KeyScope
from policy_match.access.terms import TERMS
from policy_match.access.tokens import hash_of, is_of, key_id_of
from policy_match.dates import local_day
from policy_match.errors import Forbidden, Issue, NotFound
from policy_match.store import accounts, api_keys, delegations, sessions
from policy_match.store.account_tables import ApiKey, SessionRow
from policy_match.store.actors import is_in_office
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in. `acts_for`: whose work it does by a delegation that holds today.

    `is_strong`: a code was given within 15 minutes. `has_password`: False signs in from elsewhere only. `must_change`: only the password may be changed. `is_demo`: anybody may
    know the password. `began_at`: when the session did; `ends_at`: when it ends if nothing more is asked.
    """

    actor: Actor
    acts_for: Actor | None
    is_strong: bool
    has_second_factor: bool
    has_password: bool
    must_change: bool
    is_demo: bool
    began_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A program with a key. `fixed_now`: its clock, for keys of tests alone."""

    id: str
    actor: Actor
    scopes: tuple[KeyScope, ...]
    library: str
    fixed_now: datetime | None

    def require(self, scope: KeyScope, library: str) -> None:
        """Refuse what the key was not issued for: NotFound LIBRARY outside its library, Forbidden KEY_SCOPE for another use."""
        if library != self.library:
            raise NotFound(Issue("LIBRARY", f"没有项目库“{library[:20]}”", "", self.library, "用密钥所属的项目库"))
        if scope not in self.scopes:
            what = f"密钥 {self.id} 不能用于{NAMES[scope]}"
            allowed = "、".join(f"{one.value} {NAMES[one]}" for one in self.scopes)
            raise Forbidden(Issue("KEY_SCOPE", what, "Authorization", allowed, "请管理员签发有此用途的密钥"))


def session_of(archive: Archive, token: str, now: datetime) -> SignedIn | None:
    """Who holds the token of a session, and that it was used now; None if there is no such session any more."""
    token_hash = hash_of(token)
    with archive.database.reading() as session:
        row = sessions.of_hash(session, token_hash)
        found = None if row is None else signed_in(session, row, now)
    if row is not None and found is not None and now - row.last_seen_at >= TERMS.touch_every:
        archive.database.write_if_free(lambda session: _touch(session, token_hash, now))
    return found


def open_session(session: Session, token: str, now: datetime) -> SessionRow:
    """The row of a session that stands, to be changed; Forbidden SIGNED_OUT if there is none any more."""
    row = sessions.of_hash(session, hash_of(token))
    if row is None or signed_in(session, row, now) is None:
        raise Forbidden(Issue("SIGNED_OUT", "登录已失效", "", "", "请重新登录"))
    return row


def signed_in(session: Session, row: SessionRow, now: datetime) -> SignedIn | None:
    """What a session amounts to now; None if it ended, or its account or office did."""
    actor, account = session.get_one(Actor, row.actor_id), accounts.of_actor(session, row.actor_id)
    ends_at = min(row.ends_at, row.last_seen_at + TERMS.idle(actor.role))
    if account is None or accounts.is_barred(session, account) or now >= ends_at:
        return None
    if not is_in_office(actor, local_day(now)):
        return None
    return SignedIn(
        actor=actor,
        acts_for=_acts_for(session, row, now),
        is_strong=row.second_factor_at is not None and now - row.second_factor_at < TERMS.strong_for,
        has_second_factor=account.totp_confirmed,
        has_password=account.password_hash is not None,
        must_change=account.must_change,
        is_demo=account.is_demo,
        began_at=row.made_at,
        ends_at=min(row.ends_at, now + TERMS.idle(actor.role)),
    )


def key_of(archive: Archive, key: str, now: datetime) -> KeyHolder | None:
    """Who holds a key, and that it was used today; None for a key that is wrong, revoked, past its last day or nobody's."""
    key_id, today = key_id_of(key), local_day(now)
    with archive.database.reading() as session:
        row = None if key_id is None else api_keys.of_id(session, key_id)
        if row is None or not is_of(key, row.key_hash) or row.revoked_at is not None or today > row.ends_on:
            return None
        actor = session.get_one(Actor, row.actor_id)
        barred = accounts.is_barred(session, accounts.of_actor(session, actor.id))
    if barred or not is_in_office(actor, today):
        return None
    if row.last_used_on != today:
        archive.database.write_if_free(lambda session: _use(session, row.id, now))
    return KeyHolder(row.id, actor, _scopes(row.scopes), row.library, row.fixed_now)


def _scopes(kept: Iterable[str]) -> tuple[KeyScope, ...]:
    return tuple(KeyScope(word) for word in kept)


def _acts_for(session: Session, row: SessionRow, now: datetime) -> Actor | None:
    if row.for_actor_id is None:
        return None
    today = local_day(now)
    giver = session.get_one(Actor, row.for_actor_id)
    given = any(one.from_actor == giver.id for one in delegations.in_force(session, row.actor_id, today))
    return giver if given and is_in_office(giver, today) else None


def _touch(session: Session, token_hash: str, now: datetime) -> None:
    row = session.get(SessionRow, token_hash)
    if row is not None:
        row.last_seen_at = max(row.last_seen_at, now)


def _use(session: Session, key_id: str, now: datetime) -> None:
    session.get_one(ApiKey, key_id).last_used_on = local_day(now)
