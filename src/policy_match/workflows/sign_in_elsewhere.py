"""Sign in whom a service elsewhere vouches for: an identity that is linked already, or a firm of the real library.

Claims never make an officer: an administrator links one (link_identity.py). A firm that the settings let in gets an actor
of its own at the first sign-in, which sees that firm alone. Claims never widen what somebody may: whoever comes with
another firm, or without the role, than the one linked is refused, and that is noted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import FactError, Forbidden, Issue
from policy_match.exchange.oidc import Claims, Trip
from policy_match.facts.subjects import Kind
from policy_match.identifiers import DISTRICTS, Given, canonical_region, check_uscc
from policy_match.store import identities, subjects
from policy_match.store.account_tables import Account, Identity
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.add_account import ENTERPRISE
from policy_match.workflows.begin_session import NewSession, begin_session, refusal_of
from policy_match.workflows.library_names import REAL
from policy_match.workflows.note_access import Access, note_access, note_refusal, visitor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_elsewhere import Elsewhere, Reading
from policy_match.workflows.sign_in import REFUSED

_CLIENT, _NAME = 200, 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody back from the service: its `code`, the trip it ends, where it was sent back to, and where it comes from."""

    code: str
    trip: Trip
    redirect_uri: str
    client: str = ""


def sign_in_elsewhere(archive: Archive, elsewhere: Elsewhere, arrival: Arrival, now: datetime) -> NewSession:
    """Begin a session for whoever came back.

    Forbidden OIDC_REFUSED, OIDC_TOKEN, OIDC_UNKNOWN for whom nobody linked and no setting lets in, OIDC_DIFFERS for claims
    that contradict the link, ACCOUNT_CLOSED, ACCOUNT_DEMO, NOT_IN_OFFICE; PolicyMatchError OIDC_DOWN.
    """
    client = arrival.client[:_CLIENT]
    try:
        # Outside of any transaction: the service may take seconds, and others want to write.
        claims = elsewhere.provider.claims(arrival.code, arrival.trip, arrival.redirect_uri, now)
    except Forbidden as refusal:
        with archive.database.writing() as session:
            why = refusal.issues[0].what
            note_refusal(session, visitor(), Access(REFUSED, "unknown", now), why, client=client)
        raise
    with archive.database.writing() as session:
        done = _judged(session, claims, elsewhere.reading, now=now, client=client)
    if isinstance(done, Forbidden):
        raise done
    return done


def _judged(
    session: Session, claims: Claims, reading: Reading, *, now: datetime, client: str
) -> NewSession | Forbidden:
    known = identities.of_subject(session, claims.issuer, claims.subject)
    if known is None:
        who, found = visitor(), _joined(session, claims, reading, now)
    else:
        who = session.get_one(Actor, known.actor_id)
        found = _recognised(session, who, claims, reading, now=now)
    if isinstance(found, Account):
        return begin_session(session, found, now, strong=reading.is_strong(claims), client=client)
    note_refusal(
        session, who, Access(REFUSED, "unknown" if known is None else who.id, now), found.issues[0].what, client=client,
        issuer=claims.issuer, subject=claims.subject,
    )  # fmt: skip
    return found


def _recognised(
    session: Session, who: Actor, claims: Claims, reading: Reading, *, now: datetime
) -> Account | Forbidden:
    """The account of somebody linked, unless the claims contradict the link or the account may not be used."""
    account = session.get_one(Account, who.id)
    role_gone = who.role in reading.roles.values() and who.role not in reading.told_roles(claims)
    if role_gone or (who.role == ENTERPRISE and _credit_code(claims, reading) != who.firm):
        part = "角色" if role_gone else "企业"
        hint = "换了单位或岗位的，请管理员核实后用 account unlink 解除原来的关联，再登录"
        return Forbidden(Issue("OIDC_DIFFERS", f"登录服务说的{part}和关联的账号不同", account.login, "", hint))
    return refusal_of(session, account, now) or account


def _joined(session: Session, claims: Claims, reading: Reading, now: datetime) -> Account | Forbidden:
    """The account of a firm that comes for the first time; OIDC_UNKNOWN for everybody else, with what to ask for."""
    if ENTERPRISE not in reading.told_roles(claims):
        hint = f"请系统管理员用 account link 关联您的账号，您在登录服务里的编号是 {claims.subject}"
        return _unknown("您的身份还没有关联本系统的账号", hint)
    code = _credit_code(claims, reading)
    if code is None:
        hint = f"请以企业身份登录；仍不行，请系统管理员核对登录服务给出的“{reading.firm_claim}”"
        return _unknown("登录服务没有说是哪个企业，或统一社会信用代码不对", hint)
    firm = subjects.by_key(session, REAL, Given(subjects.CREDIT_CODE, code))
    if firm is None or firm.kind != Kind.ENTERPRISE:
        return _unknown(f"项目库里没有企业 {code}", "请项目所在辖市区先登记企业和项目，登记后再登录")
    return _made(session, claims, _actor(firm, code, claims, reading, now=now), now)


def _unknown(what: str, hint: str) -> Forbidden:
    return Forbidden(Issue("OIDC_UNKNOWN", what, "登录", "", hint))


def _made(session: Session, claims: Claims, actor: Actor, now: datetime) -> Account:
    """A new actor with its account, which has no password, and its link."""
    account = Account(
        actor_id=actor.id, login=actor.id, password_hash=None, must_change=False, failed=[], totp_confirmed=False,
        is_demo=False, made_at=now,
    )  # fmt: skip
    session.add(actor)
    session.flush()
    session.add_all((account, Identity(issuer=claims.issuer, subject=claims.subject, actor_id=actor.id, linked_at=now)))
    note_access(
        session, actor, Access("account.join", actor.id, now), login=actor.id, role=actor.role, region=actor.region,
        firm=actor.firm, issuer=claims.issuer, subject=claims.subject,
    )  # fmt: skip
    session.flush()
    return account


def _actor(firm: Subject, code: str, claims: Claims, reading: Reading, *, now: datetime) -> Actor:
    """Somebody of a firm; the id is random, so that whoever is unlinked and comes again is a new one."""
    person = next(iter(claims.of("name")), "")
    name = f"{firm.name or code}（{person}）" if person else firm.name or code
    return Actor(
        id=f"{ENTERPRISE}-{secrets.token_hex(8)}", name=name[:_NAME], role=ENTERPRISE,
        region=_district(claims, reading) or (code[2:8] if code[2:8] in DISTRICTS else None), firm=code,
        valid_from=local_day(now),
    )  # fmt: skip


def _credit_code(claims: Claims, reading: Reading) -> str | None:
    """The one firm that the claims name; None without one, with several, or with a code that is none."""
    told = claims.of(reading.firm_claim)
    try:
        return check_uscc(told[0]) if len(told) == 1 else None
    except FactError:
        return None


def _district(claims: Claims, reading: Reading) -> str | None:
    """The district that the claims name; None without one."""
    told = claims.of(reading.region_claim)
    try:
        code = canonical_region(told[0]) if len(told) == 1 else None
    except FactError:
        return None
    return code if code in DISTRICTS else None
