"""Say whether one wants to be told on a channel about a topic. Everybody says it for himself, and may change it any day.

Nothing of eligibility or of a case hangs on it. The version of the text that was agreed to stays with the consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from policy_match.errors import Issue, UsageError
from policy_match.push.consent import CONSENT_TEXT, is_allowed, last_said
from policy_match.push.words import CHANNEL_NAMES, CONSENT_NAMES, EVERY_TOPIC, TOPICS, Channel, Consent
from policy_match.store import audit, consents
from policy_match.store.push_tables import ConsentRow
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import at_push_desk
from policy_match.workflows.write_entry import By

CONSENT = "consent"
_Word = TypeVar("_Word", Channel, Consent)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody says. `topic`: `*` for all; `how`: where it was said, in words."""

    channel: str
    topic: str
    state: str
    how: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel and a topic stand for somebody. `said`: None, nothing was said; `allowed`: what follows of it."""

    channel: Channel
    topic: str
    said: Consent | None
    allowed: bool


def give_consent(archive: Archive, choices: Sequence[Choice], by: By) -> tuple[Standing, ...]:
    """Record what is new of the choices, all or none of them; where everything stands then.

    UsageError CHANNEL, TOPIC or CONSENT_STATE.
    """
    read = [(read_channel(one.channel), read_topic(one.topic), read_state(one.state), one.how) for one in choices]
    with at_push_desk(archive, by.actor, by) as (session, who):
        for channel, topic, state, how in read:
            say(session, who, (channel, topic, state), how=how, by=by)
        return _standings(session, by)


def standings(archive: Archive, by: By) -> tuple[Standing, ...]:
    """How every channel and topic stands for who asks."""
    with archive.database.reading() as session:
        return _standings(session, by)


def say(session: Session, who: Actor, said: tuple[Channel, str, Consent], *, how: str, by: By) -> bool:
    """Add the row and its audit row; False where the same was the last word already, and nothing is added."""
    channel, topic, state = said
    rows = consents.of_actor(session, by.library, who.id)
    covered = TOPICS if topic == EVERY_TOPIC else (topic,)
    if all(last_said(rows, channel, one) is state for one in covered):
        return False
    row = ConsentRow(
        library=by.library, actor_id=who.id, channel=channel.value, topic=topic, state=state.value,
        text_version=CONSENT_TEXT, how=how[:40], at=by.now,
    )  # fmt: skip
    consents.add(session, row)
    audit.record(
        session, who, f"consent.{state.value}", object_kind=CONSENT, object_id=str(row.id), at=by.now,
        library=by.library, detail={"channel": channel.value, "topic": topic, "text": CONSENT_TEXT, "how": row.how},
    )  # fmt: skip
    return True


def read_channel(written: str) -> Channel:
    """A channel by code or name; UsageError CHANNEL."""
    return _word(written, CHANNEL_NAMES, "CHANNEL", "渠道", "--channel")


def read_topic(written: str) -> str:
    """A topic, or `*` (全部) for all; UsageError TOPIC."""
    topic = written.strip()
    if topic in (EVERY_TOPIC, "全部"):
        return EVERY_TOPIC
    if topic not in TOPICS:
        allowed = "、".join((f"{EVERY_TOPIC} 全部", *TOPICS))
        raise UsageError(Issue("TOPIC", f"没有主题“{topic[:20]}”", "--topic", allowed, "从列出的主题中选"))
    return topic


def read_state(written: str) -> Consent:
    """What is said, by code or name; UsageError CONSENT_STATE."""
    return _word(written, CONSENT_NAMES, "CONSENT_STATE", "选择", "--state")


def _word(written: str, names: dict[_Word, str], code: str, what: str, option: str) -> _Word:
    for word, name in names.items():
        if written.strip() in (word.value, name):
            return word
    allowed = "、".join(f"{word.value} {name}" for word, name in names.items())
    raise UsageError(Issue(code, f"没有{what}“{written[:20]}”", option, allowed, "改用列出的"))


def _standings(session: Session, by: By) -> tuple[Standing, ...]:
    rows = consents.of_actor(session, by.library, by.actor)
    return tuple(
        Standing(channel, topic, last_said(rows, channel, topic), is_allowed(rows, channel, topic, False))
        for channel in Channel
        for topic in TOPICS
    )
