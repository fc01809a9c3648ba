"""The tables of the push: open pairs and what changed of them, contacts and consents, messages, deliveries and attempts.

A pair is a subject and a measure. What is to be announced is written in the transaction of the change that it tells of;
whoever sends claims deliveries with a lease, so that those of a worker that died come back.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from policy_match.store.tables import Base
from policy_match.store.types import Instant, RowId

_COUNTS = text("state NOT IN ('cancelled', 'expired', 'suppressed')")


class OpenPairs(Base):
    """The pairs of a subject that are not refused, as they were decided last (push/pairs.py has the form of `pairs`).

    `look_on`: the first day on which time alone may change one of its pairs; None: none is known.
    """

    __tablename__ = "open_pairs"
    __table_args__ = (Index(None, "library", "look_on"),)

    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    pairs: Mapped[str] = mapped_column(Text)
    look_on: Mapped[date | None]


class Matched(Base):
    """By what a library was decided last: the day, the release, and what of it decides (workflows/rules_marked.py).

    `common`: the hash of everything that is of no single measure. `measures`: JSON of the mark of each measure by its id.
    `round`: counts the rounds that decided anybody, so that whoever holds a copy knows whether it still counts.
    """

    __tablename__ = "matched"

    library: Mapped[str] = mapped_column(String(10), primary_key=True)
    release: Mapped[str] = mapped_column(String(64))
    common: Mapped[str] = mapped_column(String(64))
    measures: Mapped[str] = mapped_column(Text)
    round: Mapped[int]
    on: Mapped[date] = mapped_column("matched_on")
    at: Mapped[datetime] = mapped_column(Instant)


class Touched(Base):
    """A subject of which something was recorded that may change its pairs; deleted by whoever decides it anew."""

    __tablename__ = "touched"
    __table_args__ = (Index(None, "library"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    why: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)


class PairChange(Base):
    """What changed of a pair. `was`, `now`: verdicts, None: no pair; amounts in 分, `high` None: open or no amount.

    `excluded`: refused because of an exclusion. `trigger`: TR1 to TR10. `matched_on`: the day that was asked about.
    """

    __tablename__ = "pair_changes"
    __table_args__ = (Index(None, "library", "measure"), Index(None, "subject_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    measure: Mapped[str] = mapped_column(String(80))
    was_version: Mapped[int | None]
    now_version: Mapped[int | None]
    was: Mapped[str | None] = mapped_column(String(20))
    now: Mapped[str | None] = mapped_column(String(20))
    was_low_fen: Mapped[int | None] = mapped_column(BigInteger)
    was_high_fen: Mapped[int | None] = mapped_column(BigInteger)
    now_low_fen: Mapped[int | None] = mapped_column(BigInteger)
    now_high_fen: Mapped[int | None] = mapped_column(BigInteger)
    excluded: Mapped[bool]
    trigger: Mapped[str] = mapped_column(String(4))
    release: Mapped[str] = mapped_column(String(64))
    matched_on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Instant)


class Contact(Base):
    """Somebody who speaks for a firm, from `since` until `until` (not included). `topics`: None, all.

    `role`: handler (经办人) or legal (法定代表人). `phone`, `email`, `gateway_account`: sealed, None where not known.
    """

    __tablename__ = "contacts"
    __table_args__ = (Index(None, "library", "firm_id"), UniqueConstraint("library", "firm_id", "actor_id", "since"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    firm_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    role: Mapped[str] = mapped_column(String(10))
    topics: Mapped[list[str] | None] = mapped_column(JSON)
    phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    gateway_account: Mapped[str | None] = mapped_column(Text)
    since: Mapped[date]
    until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(10))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ConsentRow(Base):
    """What somebody said of a channel and a topic (`*`: all); rows are only added, the last one counts.

    `state`: a consent; of the channel `*` how often: daily, weekly or off.
    """

    __tablename__ = "consents"
    __table_args__ = (Index(None, "actor_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    channel: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    text_version: Mapped[int]
    how: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)


class Message(Base):
    """What one person is told about one subject, in the words in which it goes out.

    `dedup_key`: push/dedup.py; of messages that were told, or will be, one has it in a period. `value_fen`: what it may be
    worth, which orders a digest. `last_day`: after which it is not sent. `thread_id`: the message that it updates, recalls
    or reminds of. `digest_id`: the digest that holds it. `run_id`: the run with which it
    went out or is held. `short`: for SMS. `why`: why this person gets it, in words.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(
            "uq_messages_dedup_key", "library", "dedup_key", unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS
        ),
        Index(None, "library", "state"),
        Index(None, "recipient_id"),
        Index(None, "library", "measure"),
        Index(None, "digest_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    dedup_key: Mapped[str] = mapped_column(String(64))
    recipient_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    measure: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int | None]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    change_id: Mapped[int | None] = mapped_column(ForeignKey("pair_changes.id"))
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("push_runs.id"))
    trigger: Mapped[str] = mapped_column(String(4))
    content: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(20))
    mandatory: Mapped[bool]
    template: Mapped[str] = mapped_column(String(40))
    template_version: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    short: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    value_fen: Mapped[int | None] = mapped_column(BigInteger)
    last_day: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12))
    withheld: Mapped[str | None] = mapped_column(String(14))
    sent_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    reply: Mapped[str | None] = mapped_column(String(12))
    reply_note: Mapped[str | None] = mapped_column(Text)
    replied_at: Mapped[datetime | None] = mapped_column(Instant)


class Delivery(Base):
    """A message on one channel. `due_at`: not before; `leased_until`: another worker leaves it alone until then.

    `client_msg_id`: the same at every try, by which the receiver knows a message that comes again.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("message_id", "channel"),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    channel: Mapped[str] = mapped_column(String(10))
    client_msg_id: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    withheld: Mapped[str | None] = mapped_column(String(14))
    due_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(60))
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class Attempt(Base):
    """One try to send, what came of it, in words; `status`: of the answer, None where there was none. Only ever added."""

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "delivery_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12))
    status: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(Text)


class ChannelSwitch(Base):
    """Somebody switched a channel on or off; the last row of a channel counts, and without one it is off."""

    __tablename__ = "channel_switches"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    is_on: Mapped[bool]
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class PushRun(Base):
    """A run that was held because it would have told far more than usual, until somebody let it go or stopped it."""

    __tablename__ = "push_runs"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    held: Mapped[bool]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
