"""Register who speaks for a firm, and until when: only people with an account of that very firm, so that what is told
about it stays in it. Phone, e-mail and platform account are kept sealed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.push.words import CONTACT_ROLE_NAMES, TOPICS, Asked, ContactRole
from policy_match.store import accounts, audit, contacts, doubts
from policy_match.store.actors import actor
from policy_match.store.push_tables import Contact
from policy_match.store.tables import Actor, Subject
from policy_match.units import normal_text
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import at_push_desk, find_firm, require_keeper, speaks_for
from policy_match.workflows.reach_contact import about_contact
from policy_match.workflows.settle_doubt import ACCEPTED
from policy_match.workflows.write_entry import By, said

CONTACT = "contact"
_PHONE = re.compile(r"1[0-9]{10}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class NewContact:
    """What is asked. `firm`: by credit code or code in the library; `actor`: who has an account of the firm.

    `role`: 经办人 or 法定代表人 by code or name; `topics`: None, all; `since`: None, today; `until`: the first day on which
    the person speaks for it no more, None where none is known.
    """

    firm: str
    actor: str
    role: str
    topics: tuple[str, ...] | None = None
    phone: str | None = None
    email: str | None = None
    gateway_account: str | None = None
    since: date | None = None
    until: date | None = None
    source: str = "SELF"


def add_contact(archive: Archive, asked: NewContact, by: By) -> Contact:
    """Register the contact.

    UsageError CONTACT_ROLE, TOPIC, CONTACT_DAYS, PHONE, EMAIL; NotFound FIRM_UNKNOWN, ACTOR_UNKNOWN; Conflict
    CONTACT_NO_ACCOUNT, CONTACT_OTHER_FIRM, CONTACT_THERE; Forbidden PUSH_ROLE, CONTACT_KEEPER.
    """
    with at_push_desk(archive, asked.firm, by) as (session, who):
        firm = find_firm(session, by.library, asked.firm)
        require_keeper(session, archive, firm, who, by=by)
        person = actor(session, asked.actor, by.today)
        _require_of_firm(session, person, firm)
        given, row = _reached_by(asked), _row(firm, person, asked, by)
        _require_free(session, row)
        contacts.add(session, row)
        for field, value in given.items():
            setattr(row, field, None if value is None else archive.sealer.seal(value, about_contact(row, field)))
        audit.record(
            session, who, "contact.add", object_kind=CONTACT, object_id=str(row.id), at=by.now, library=by.library,
            detail={"firm": firm.code, "actor": person.id, "role": row.role, "topics": list(row.topics or []) or None,
                    "reached_by": [field for field, value in given.items() if value is not None]},
        )  # fmt: skip
        settle_missing(session, firm, who, by.now)
        return row


def settle_missing(session: Session, firm: Subject, who: Actor, at: datetime) -> None:
    """Who asked for a contact of the firm has one: the question is settled."""
    for doubt in doubts.unanswered(session, firm.library, Asked.CONTACT_MISSING).values():
        if doubt.subject_id == firm.id:
            doubts.settle(session, doubt, ACCEPTED, by=who.id, at=at, note="已登记联系人")
            audit.record(
                session, who, "doubt.settle", object_kind="doubt", object_id=str(doubt.id), at=at, result=ACCEPTED,
                library=firm.library, reason=doubt.note, detail={"code": doubt.code, "key": doubt.key},
            )  # fmt: skip


def role_of(written: str) -> ContactRole:
    """A role by code or name; UsageError CONTACT_ROLE."""
    for role, name in CONTACT_ROLE_NAMES.items():
        if written.strip() in (role.value, name):
            return role
    allowed = "、".join(f"{role.value} {name}" for role, name in CONTACT_ROLE_NAMES.items())
    raise UsageError(Issue("CONTACT_ROLE", f"没有联系人身份“{written[:20]}”", "--role", allowed, "改用列出的"))


def topics_of(written: Iterable[str], option: str = "--topics") -> list[str]:
    """Topics in the order of the list, each once; UsageError TOPIC for another word, or for none at all."""
    given = {one.strip() for one in written}
    wrong = sorted(given.difference(TOPICS))
    if wrong or not given:
        what = f"没有主题“{wrong[0][:20]}”" if wrong else "没有写主题"
        raise UsageError(Issue("TOPIC", what, option, "、".join(TOPICS), "从列出的主题中选"))
    return [topic for topic in TOPICS if topic in given]


def phone(written: str) -> str:
    """A mobile number as eleven digits; UsageError PHONE."""
    digits = re.sub(r"[\s-]", "", normal_text(written)).removeprefix("+86")
    if not _PHONE.fullmatch(digits):
        raise UsageError(Issue("PHONE", "手机号格式不对", "--phone", "11 位、以 1 开头", "核对手机号；没有的不填"))
    return digits


def _reached_by(asked: NewContact) -> dict[str, str | None]:
    """Phone, e-mail and gateway account, read and checked, by the columns that keep them."""
    gateway = asked.gateway_account
    return {
        "phone": None if asked.phone is None else phone(asked.phone),
        "email": None if asked.email is None else _email(asked.email),
        "gateway_account": None if gateway is None else said(gateway, "政企通账号", "--gateway", longest=_LONGEST),
    }


def _email(written: str) -> str:
    address = normal_text(written).strip()
    if len(address) > _LONGEST or not _EMAIL.fullmatch(address):
        raise UsageError(Issue("EMAIL", "电子邮箱格式不对", "--email", "名称@域名", "核对邮箱；没有的不填"))
    return address


def _row(firm: Subject, person: Actor, asked: NewContact, by: By) -> Contact:
    since = asked.since or by.today
    if asked.until is not None and asked.until <= since:
        what = f"{asked.until} 不晚于起始日 {since}"
        raise UsageError(Issue("CONTACT_DAYS", what, "--until", f"{since} 以后", "核对起止日期"))
    role = role_of(asked.role)
    topics = None if asked.topics is None else topics_of(asked.topics)
    return Contact(
        library=by.library, firm_id=firm.id, actor_id=person.id, role=role.value, topics=topics, since=since,
        until=asked.until, source=asked.source, recorded_at=by.now,
    )  # fmt: skip


def _require_of_firm(session: Session, person: Actor, firm: Subject) -> None:
    account = accounts.of_actor(session, person.id)
    if account is None or account.closed_at is not None:
        what = f"“{person.name}”没有能登录的账号"
        raise Conflict(Issue("CONTACT_NO_ACCOUNT", what, "--actor", "有账号的人", "先请系统管理员开立企业账号"))
    if not speaks_for(session, person, firm):
        what = f"“{person.name}”的账号不是“{firm.name or firm.code}”的"
        raise Conflict(Issue("CONTACT_OTHER_FIRM", what, "--actor", "本企业的账号", "核对账号，或另开本企业的账号"))


def _require_free(session: Session, row: Contact) -> None:
    """Refuse a second contact of the same person for the same firm in the same days."""
    for other in contacts.of_firm(session, row.library, row.firm_id):
        overlaps = (row.until is None or other.since < row.until) and (other.until is None or row.since < other.until)
        if other.actor_id == row.actor_id and (overlaps or other.since == row.since):
            what = f"这个人已是联系人（第 {other.id} 号，{other.since} 起）"
            raise Conflict(Issue("CONTACT_THERE", what, "--actor", "", "要改内容，先结束原来的再登记"))
