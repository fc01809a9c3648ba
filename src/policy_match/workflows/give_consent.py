"""Say whether one wants to be told on a channel about a topic, and how often. Everybody says it for himself, and may change it any day.

Nothing of eligibility or of a case hangs on it. The version of the text that was agreed to stays with the consent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from policy_match.errors import Issue, UsageError
from policy_match.push.consent import CONSENT_TEXT, frequency, is_agreed, is_allowed, last_said
from policy_match.push.words import (
    CHANNEL_NAMES,
    CONSENT_NAMES,
    EVERY_CHANNEL,
    EVERY_TOPIC,
    FREQUENCY_NAMES,
    TOPICS,
    Channel,
    Consent,
    Frequency,
)
from policy_match.store import audit, consents, messages
from policy_match.store.push_tables import ConsentRow
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.push_rights import at_push_desk
from policy_match.workflows.write_entry import By

CONSENT = "consent"
_Word = TypeVar("_Word", Channel, Consent, Frequency)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody says. `topic`: `*` for all; `channel`: `*` where `state` is how often; `how`: where it was said, in words."""

    channel: str
    topic: str
    state: str
    how: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel and a topic stand for somebody. `said`: None, nothing was said; `allowed`: what follows of it and of
    how often one wants to be told.
    """

    channel: Channel
    topic: str
    said: Consent | None
    allowed: bool

    @property
    def agreed(self) -> bool:
        """Whether the channel may be used for the topic, however often one wants to be told of it."""
        return is_agreed(self.channel, self.said)


def give_consent(archive: Archive, choices: Sequence[Choice], by: By) -> tuple[Standing, ...]:
    """Record what is new of the choices, all or none of them; where everything stands then.

    UsageError CHANNEL, TOPIC, CONSENT_STATE or FREQUENCY.
    """
    read = [_read(one) for one in choices]
    with at_push_desk(archive, by.actor, by) as (session, who):
        for channel, topic, state, how in read:
            if isinstance(state, Frequency):
                _choose(session, who, (topic, state), how=how, by=by)
            else:
                say(session, who, (Channel(channel), topic, state), how=how, by=by)
        return _standings(session, by)


def frequencies(archive: Archive, by: By) -> Mapping[str, Frequency]:
    """How often who asks wants to be told of each topic."""
    with archive.database.reading() as session:
        rows = consents.of_actor(session, by.library, by.actor)
        return {topic: frequency(rows, topic) for topic in TOPICS}


def standings(archive: Archive, by: By) -> tuple[Standing, ...]:
    """How every channel and topic stands for who asks."""
    with archive.database.reading() as session:
        return _standings(session, by)


def say(session: Session, who: Actor, said: tuple[Channel, str, Consent], *, how: str, by: By) -> bool:
    """Add the row and its audit row; False where the same was the last word already, and nothing is added."""
    channel, topic, state = said
    rows = consents.of_actor(session, by.library, who.id)
    if all(last_said(rows, channel, one) is state for one in _covered(topic)):
        return False
    _add(session, who, (channel.value, topic, state), how=how, by=by)
    return True


def _choose(session: Session, who: Actor, said: tuple[str, Frequency], *, how: str, by: By) -> None:
    """The same for how often; what was left for the week and is not any more goes with the next round."""
    topic, often = said
    rows = consents.of_actor(session, by.library, who.id)
    if all(frequency(rows, one) is often for one in _covered(topic)):
        return
    _add(session, who, (EVERY_CHANNEL, topic, often), how=how, by=by)
    if often is not Frequency.WEEKLY:
        messages.put_back(session, by.library, who.id, _covered(topic))


def _add(session: Session, who: Actor, said: tuple[str, str, Consent | Frequency], *, how: str, by: By) -> None:
    channel, topic, state = said
    row = ConsentRow(
        library=by.library, actor_id=who.id, channel=channel, topic=topic, state=state.value,
        text_version=CONSENT_TEXT, how=how[:40], at=by.now,
    )  # fmt: skip
    consents.add(session, row)
    audit.record(
        session, who, f"consent.{state.value}", object_kind=CONSENT, object_id=str(row.id), at=by.now,
        library=by.library, detail={"channel": channel, "topic": topic, "text": CONSENT_TEXT, "how": row.how},
    )  # fmt: skip


def _covered(topic: str) -> tuple[str, ...]:
    return TOPICS if topic == EVERY_TOPIC else (topic,)


def _read(choice: Choice) -> tuple[str, str, Consent | Frequency, str]:
    if choice.channel.strip() in (EVERY_CHANNEL, "全部"):
        return EVERY_CHANNEL, read_topic(choice.topic), read_frequency(choice.state), choice.how
    return read_channel(choice.channel), read_topic(choice.topic), read_state(choice.state), choice.how


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


def read_frequency(written: str) -> Frequency:
    """How often, by code or name; UsageError FREQUENCY."""
    return _word(written, FREQUENCY_NAMES, "FREQUENCY", "频次", "--often")


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
