"""People of firms and messages to them, in the shortest form that tests can read."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import count

from rows import E1, LIBRARY

from policy_match.push.words import Channel, Content, DeliveryState, MessageState, Trigger
from policy_match.settings import LOCAL
from policy_match.store.account_tables import Account
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.subjects import by_code
from policy_match.store.tables import Actor
from policy_match.workflows.add_contact import NewContact, add_contact
from policy_match.workflows.open_archive import FIRST_DAY, Archive
from policy_match.workflows.write_entry import By

ON = "2025-03-31"
HANDLER, LEGAL = "handler-e1", "legal-e1"
PHONE = "13900000000"
_NUMBERS = count(1)


def by(actor: str, on: str = ON, hour: str = "10:00") -> By:
    """Somebody asks at an hour of a day, Changzhou time."""
    return By(LIBRARY, actor, datetime.combine(date.fromisoformat(on), time.fromisoformat(hour), LOCAL))


def person(archive: Archive, actor: str = HANDLER, uscc: str | None = E1, *, role: str = "enterprise") -> str:
    """Somebody of a firm with an account."""
    with archive.database.writing() as session:
        if session.get(Actor, actor) is None:
            session.add(
                Actor(id=actor, name=f"示范{actor}", role=role, region=None if uscc is None else uscc[2:8], firm=uscc, valid_from=FIRST_DAY)
            )  # fmt: skip
            session.flush()
        session.add(
            Account(
                actor_id=actor, login=actor, must_change=False, failed=[], totp_confirmed=False, is_demo=False,
                made_at=by(actor).now,
            )
        )  # fmt: skip
    return actor


def contact(archive: Archive, actor: str = HANDLER, role: str = "handler", *, uscc: str = E1, **more: object) -> int:
    """A contact of a firm, registered by the data office; its number."""
    asked = NewContact(uscc, actor, role, **more)  # type: ignore[arg-type]
    return add_contact(archive, asked, by("data")).id


def message(archive: Archive, recipient: str = HANDLER, subject: str | None = None, **more: object) -> int:
    """A message that lies in the inbox of somebody since 2025-03-31 10:00; its number."""
    at = more.pop("at", by(recipient).now)
    state = more.pop("inbox", DeliveryState.SENT)
    given: dict[str, object] = {
        "dedup_key": f"{next(_NUMBERS):064d}", "trigger": Trigger.POINT.value, "content": Content.MATCH.value,
        "topic": "奖补", "mandatory": False, "template": "match", "template_version": 1, "title": "示范设备补助",
        "body": "正文", "short": "有一项政策待确认", "why": "项目已开工", "state": MessageState.OUT.value,
    }  # fmt: skip
    with archive.database.writing() as session:
        row = None if subject is None else by_code(session, LIBRARY, subject)
        made = Message(
            library=LIBRARY, recipient_id=recipient, subject_id=None if row is None else row.id, made_at=at,
            **(given | more),
        )  # fmt: skip
        session.add(made)
        session.flush()
        if state is not None:
            session.add(delivery(made.id, Channel.INBOX, state, at))
        return made.id


def delivery(message_id: int, channel: Channel, state: object, at: object) -> Delivery:
    """A message on a channel since an instant."""
    return Delivery(
        library=LIBRARY, message_id=message_id, channel=channel.value, client_msg_id=f"c{next(_NUMBERS)}",
        state=str(state), due_at=at, sent_at=at, changed_at=at,
    )  # fmt: skip
