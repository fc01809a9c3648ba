"""The links of messages: one that opens a message for its recipient, one that ends with a tap what comes on a channel.

Looking at a link changes nothing, since mail scanners look at all of them. Unsubscribing needs no sign-in, says nothing of
the message, and touches neither eligibility nor a case; what waits to be sent is checked again before it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Issue, NotFound
from policy_match.push.consent import BY_TERMS
from policy_match.push.links import Link, Purpose, opened, read_token, unsubscribe_token
from policy_match.push.words import CASE_TOPIC, CHANNEL_NAMES, EVERY_TOPIC, Channel, Consent, Content
from policy_match.store import audit
from policy_match.store.push_tables import Message
from policy_match.store.tables import Actor
from policy_match.workflows.give_consent import say
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

UNSUBSCRIBE_PATH, READ_PATH = "/unsubscribe/", "/m/"
HOW = "消息中的退订链接"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link ends, or has ended: `channel` by name; `topic`: None, of every topic. `keeps_mandatory`: what has to be
    told about 免申即享 still comes on this channel."""

    channel: str
    topic: str | None
    keeps_mandatory: bool
    is_done: bool = False


def unsubscribe_path(archive: Archive, message: Message, channel: Channel) -> str:
    """The path of the link to be put into a message on a channel; it holds as long as the message is there."""
    return UNSUBSCRIBE_PATH + unsubscribe_token(archive.link_key, message.id, channel)


def read_path(archive: Archive, message: Message, channel: Channel, now: datetime) -> str:
    """The path of the link that opens a message for its recipient, for seven days from today."""
    return READ_PATH + read_token(archive.link_key, message.id, channel, local_day(now))


def message_of_link(archive: Archive, token: str, now: datetime) -> int:
    """The number of the message that a link opens; NotFound LINK_OVER for one that is none, or whose days are over."""
    link = opened(archive.link_key, Purpose.READ, token, local_day(now))
    if link is None:
        raise _over()
    return link.message


def read_offer(archive: Archive, token: str, now: datetime) -> Offer:
    """What a link would end; nothing is changed. NotFound LINK_OVER."""
    with archive.database.reading() as session:
        link, row = _message(session, archive, token, now)
        return _offer(link, row)


def unsubscribe(archive: Archive, token: str, now: datetime) -> Offer:
    """End it, at once; a second time changes nothing more. NotFound LINK_OVER."""
    with archive.database.writing() as session:
        audit.take_turn(session)
        link, row = _message(session, archive, token, now)
        who, by = session.get_one(Actor, row.recipient_id), By(row.library, row.recipient_id, now)
        say(session, who, (link.channel, _topic(row), Consent.WITHDRAWN), how=HOW, by=by)
        offer = _offer(link, row)
        return Offer(offer.channel, offer.topic, offer.keeps_mandatory, is_done=True)


def _message(session: Session, archive: Archive, token: str, now: datetime) -> tuple[Link, Message]:
    link = opened(archive.link_key, Purpose.UNSUBSCRIBE, token, local_day(now))
    row = None if link is None else session.get(Message, link.message)
    if link is None or row is None:
        raise _over()
    return link, row


def _topic(row: Message) -> str:
    """A digest holds several topics: whoever does not want it wants none of them."""
    return EVERY_TOPIC if row.content == Content.DIGEST else row.topic


def _offer(link: Link, row: Message) -> Offer:
    topic = _topic(row)
    is_about_cases = topic in (EVERY_TOPIC, CASE_TOPIC)
    keeps = is_about_cases and link.channel in BY_TERMS
    return Offer(CHANNEL_NAMES[link.channel], None if topic == EVERY_TOPIC else topic, keeps)


def _over() -> NotFound:
    return NotFound(Issue("LINK_OVER", "链接不对或已过期", "链接", "", "请登录后在“消息”页查看或退订"))
