"""Messages in the store as whoever makes them sees them: what was told before, what waits or is held, and the runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from policy_match.push.words import Channel, Content, MessageState, Withheld
from policy_match.store.deliveries import is_on
from policy_match.store.push_tables import Delivery, Message, PairChange, PushRun
from policy_match.store.tables import Actor

_CHUNK = 500
_NEVER_TOLD = (MessageState.SUPPRESSED, MessageState.CANCELLED, MessageState.EXPIRED)
_PASSED = (MessageState.WAITING, MessageState.OUT, MessageState.RECALLED)
_OF_PAIRS = (Content.MATCH, Content.UPDATE, Content.RECALL)
Pair: TypeAlias = tuple[int, str]
"""Row id of a subject and id of a measure."""
Version: TypeAlias = tuple[str, int]
"""Id and version of a measure."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was told about pairs, or is to be told: by pair and recipient, the oldest first."""

    threads: Mapping[Pair, Mapping[str, Sequence[Message]]] = field(default_factory=dict)

    def thread(self, pair: Pair, recipient: str) -> Sequence[Message]:
        """What one person was told about one pair."""
        return self.threads.get(pair, {}).get(recipient, ())

    def of_pair(self, pair: Pair) -> Iterator[Message]:
        """What anybody was told about one pair."""
        for thread in self.threads.get(pair, {}).values():
            yield from thread


def add_all(session: Session, rows: Sequence[Message]) -> None:
    """Keep messages; every row has its number then."""
    session.add_all(rows)
    session.flush()


def before(session: Session, library: str, subject_ids: Iterable[int]) -> Before:
    """The threads of these subjects; messages that were never told are left out."""
    ids, found = sorted(set(subject_ids)), list[Message]()
    for start in range(0, len(ids), _CHUNK):
        found += session.scalars(_told(library).where(Message.subject_id.in_(ids[start : start + _CHUNK])))
    return _by_pair(found)


def of_measures(session: Session, library: str, measures: Collection[str] | None = None) -> Before:
    """The threads of some measures; None: of all."""
    asked = _told(library)
    return _by_pair(session.scalars(asked if measures is None else asked.where(Message.measure.in_(sorted(measures)))))


def _by_pair(rows: Iterable[Message]) -> Before:
    found: dict[Pair, dict[str, list[Message]]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        thread = found.setdefault((row.subject_id or 0, row.measure or ""), {})
        thread.setdefault(row.recipient_id, []).append(row)
    return Before(found)


def _told(library: str) -> Select[Message]:
    contents, states = [one.value for one in _OF_PAIRS], [one.value for one in _NEVER_TOLD]
    asked = select(Message).where(Message.library == library, Message.content.in_(contents))
    return asked.where(Message.state.not_in(states), Message.subject_id.is_not(None), Message.measure.is_not(None))


def with_keys(session: Session, library: str, keys: Collection[str]) -> dict[str, Message]:
    """The messages that were told, or are to be, under these keys; of several the newest."""
    wanted, found = sorted(keys), dict[str, Message]()
    states = [one.value for one in _NEVER_TOLD]
    for start in range(0, len(wanted), _CHUNK):
        asked = select(Message).where(Message.library == library, Message.state.not_in(states))
        asked = asked.where(Message.dedup_key.in_(wanted[start : start + _CHUNK])).order_by(Message.id)
        found |= {row.dedup_key: row for row in session.scalars(asked)}
    return found


def in_state(session: Session, library: str, state: MessageState) -> list[Message]:
    """The messages of a state, the oldest first; entries of digests too."""
    asked = select(Message).where(Message.library == library, Message.state == state.value)
    return list(session.scalars(asked.order_by(Message.id)))


def matches_of(session: Session, library: str, measures: Collection[str]) -> dict[Version, tuple[int, int]]:
    """Of how many subjects each version was told, or will be without anybody having to look, and how many are held."""
    asked = select(Message.measure, Message.version, Message.state, Message.subject_id).distinct()
    asked = asked.where(Message.library == library, Message.content == Content.MATCH.value)
    asked = asked.where(Message.measure.in_(sorted(measures)), Message.version.is_not(None))
    found: dict[Version, tuple[set[int], set[int]]] = {}
    for measure, version, state, subject in session.execute(asked):
        passed, held = found.setdefault((measure or "", version or 0), (set(), set()))
        if state in _PASSED:
            passed.add(subject or 0)
        elif state == MessageState.HELD:
            held.add(subject or 0)
    return {version: (len(passed), len(held)) for version, (passed, held) in found.items()}


def out_since(session: Session, library: str, since: datetime) -> list[Message]:
    """The messages that went to inboxes from an instant on; entries of digests are not among them."""
    asked = select(Message).join(Delivery, Delivery.message_id == Message.id)
    asked = asked.where(Message.library == library, Delivery.channel == Channel.INBOX.value)
    return list(session.scalars(asked.where(Delivery.sent_at >= since)))


def channels_on(session: Session) -> tuple[Channel, ...]:
    """The channels that are switched on, the inbox among them."""
    return tuple(channel for channel in Channel if is_on(session, channel))


def earlier_runs(session: Session, library: str, kind: str, most: int) -> list[PushRun]:
    """The runs of a kind that were not held, or were let go, the newest first."""
    asked = select(PushRun).where(PushRun.library == library, PushRun.kind == kind, PushRun.held.is_(False))
    return list(session.scalars(asked.order_by(PushRun.id.desc()).limit(most)))


def held_runs(session: Session, library: str) -> list[PushRun]:
    """The runs that wait for a person, the oldest first."""
    asked = select(PushRun).where(PushRun.library == library, PushRun.held.is_(True), PushRun.decided_at.is_(None))
    return list(session.scalars(asked.order_by(PushRun.id)))


def add_run(session: Session, row: PushRun) -> PushRun:
    """Keep a run and give it back with its number."""
    session.add(row)
    session.flush()
    return row


def run(session: Session, library: str, number: int) -> PushRun | None:
    """A run by its number; None where the library has none of it."""
    found = session.get(PushRun, number)
    return found if found is not None and found.library == library else None


def of_run(session: Session, number: int) -> list[Message]:
    """The messages of a run, the oldest first."""
    return list(session.scalars(select(Message).where(Message.run_id == number).order_by(Message.id)))


def close_recalled(session: Session, threads: Iterable[int | None]) -> None:
    """Mark what was told in these threads as corrected."""
    ids = sorted({one for one in threads if one is not None})
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        asked = select(Message).where(Message.state == MessageState.OUT.value, Message.content != Content.RECALL.value)
        for row in session.scalars(asked.where(Message.id.in_(chunk) | Message.thread_id.in_(chunk))):
            row.state = MessageState.RECALLED.value


def matches_between(session: Session, library: str, since: datetime, until: datetime) -> list[str]:
    """The measures of the matches that went out and were made from an instant until another one (not included), one for each."""
    asked = select(Message.measure).where(Message.library == library, Message.content == Content.MATCH.value)
    asked = asked.where(Message.made_at >= since, Message.made_at < until, Message.state == MessageState.OUT.value)
    return [measure for measure in session.scalars(asked) if measure is not None]


def people_of(session: Session, ids: Iterable[str], role: str) -> frozenset[str]:
    """Those of these people who have a role."""
    wanted, found = sorted(set(ids)), set[str]()
    for start in range(0, len(wanted), _CHUNK):
        asked = select(Actor.id).where(Actor.id.in_(wanted[start : start + _CHUNK]), Actor.role == role)
        found.update(session.scalars(asked))
    return frozenset(found)


def put_back(session: Session, library: str, recipient: str, topics: Collection[str]) -> int:
    """What somebody left for the digest of the week goes with the next round; how many messages."""
    asked = select(Message).where(Message.library == library, Message.recipient_id == recipient)
    asked = asked.where(Message.state == MessageState.WAITING.value, Message.withheld == Withheld.WEEKLY.value)
    rows = list(session.scalars(asked.where(Message.topic.in_(sorted(topics)))))
    for row in rows:
        row.withheld = None
    return len(rows)


def last_change(session: Session, subject_id: int, measure: str) -> PairChange | None:
    """What changed of a pair last; None: nothing since it was decided first."""
    asked = select(PairChange).where(PairChange.subject_id == subject_id, PairChange.measure == measure)
    return session.scalars(asked.order_by(PairChange.id.desc()).limit(1)).first()
