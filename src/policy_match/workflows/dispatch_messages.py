"""Send what is due: claim one delivery, look once more whether it may go, mark it, send it, note what came of it.

Three short transactions a delivery, and the network between them, never inside. Killed before the mark, nothing was sent
and the next worker sends it. Killed after it, perhaps: the next worker asks the channel first, by the id that stays the
same, and sends again only what the channel does not have, or what its receiver would show once however often it comes.
"""

from __future__ import annotations

import logging
import os
import random
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.exchange.channels.carrier import Carrier, Letter
from policy_match.push.delivery import PERHAPS, RANK, STATES, Outcome, Step, Taken, may_send_again, step_after
from policy_match.push.words import Channel, DeliveryState
from policy_match.store import actors, audit, deliveries
from policy_match.store.push_tables import Attempt, Delivery, Message
from policy_match.workflows.ask_to_phone import ask_to_phone
from policy_match.workflows.check_delivery import Check, Stop
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_letter import LetterWriter

log = logging.getLogger("policy_match.worker")
JOB = "importer"
DELIVERY = "delivery"


def worker_name() -> str:
    """A name that no other running worker has: host, process, and four letters by chance."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{random.randbytes(2).hex()}"  # noqa: S311  # nothing secret


@dataclass(frozen=True, slots=True)
class Post:
    """A worker with all that it sends by. `pages`: the address of the pages, for links; `clock`: UTC; `dice`: from 0 to 1."""

    archive: Archive
    carriers: Mapping[Channel, Carrier] = field(repr=False)
    pages: str
    worker: str
    clock: Callable[[], datetime] = field(repr=False)
    dice: Callable[[], float] = field(default=random.random, repr=False)


def dispatch_messages(post: Post, stopping: Event | None = None) -> Counter[DeliveryState]:
    """Send until nothing is due, or until told to stop, when the one that has begun is ended first. What came of how many."""
    found: Counter[DeliveryState] = Counter()
    while stopping is None or not stopping.is_set():
        with post.archive.database.claiming() as session:
            row = deliveries.claim(session, post.worker, post.clock())
        if row is None:
            break
        state = _Sending(post, row).state_after()
        if state is not None:
            found[state] += 1
    return found


@dataclass(frozen=True, slots=True)
class _Sending:
    """One claimed delivery; `row`: as it was when it was claimed."""

    post: Post
    row: Delivery

    def state_after(self) -> DeliveryState | None:
        """Do with it what is due; None where somebody else has it by now."""
        outcome = self._asked() if DeliveryState(self.row.state) in PERHAPS else None
        if outcome is not None:
            return self._noted(outcome, was_asked=True)
        letter = self._begun()
        if not isinstance(letter, Letter):
            return letter
        return self._noted(self._sent(letter))

    def _asked(self) -> Outcome | None:
        """What the channel says of what it may have; None where it is to be sent again."""
        carrier = self._carrier
        if carrier is None:
            return _UNSET
        outcome = _told(lambda: carrier.ask(self.row.client_msg_id, self.post.clock()))
        if not may_send_again(outcome, carrier.is_repeatable):
            return outcome
        self._keep(outcome)
        return None

    def _begun(self) -> Letter | DeliveryState | None:
        """The letter, once it is marked as going out; else the state of what does not go now, None where it was lost."""
        now = self.post.clock()
        with self.post.archive.database.writing() as session:
            row = deliveries.locked(session, self.row.id)
            if not deliveries.is_leased(row, self.post.worker, now):
                return None
            if RANK[DeliveryState(row.state)] > 0:
                # Whoever had it before was slow and not dead, and has told meanwhile that it was sent.
                row.leased_by = row.leased_until = None
                return None
            message = session.get_one(Message, row.message_id)
            check = Check(session, self.post.archive, row, message, now)
            stop = check.stop()
            if stop is not None:
                return self._stopped(session, row, stop)
            _move(row, DeliveryState.SENDING, now)
            row.leased_until, row.sent_at, row.tries = now + deliveries.LEASE, now, row.tries + 1
            return LetterWriter(self.post.archive, self.post.pages, now).letter(message, row, check.address())

    def _stopped(self, session: Session, row: Delivery, stop: Stop) -> DeliveryState:
        now = self.post.clock()
        _move(row, stop.state, now)
        row.leased_by = row.leased_until = None
        row.withheld = None if stop.why is None else stop.why.value
        row.due_at = stop.until or row.due_at
        self._audit(session, row, stop.text)
        if stop.state is DeliveryState.FAILED:
            ask_to_phone(session, self.post.archive, row, stop.text, at=now)
        return stop.state

    @property
    def _carrier(self) -> Carrier | None:
        return self.post.carriers.get(Channel(self.row.channel))

    def _sent(self, letter: Letter) -> Outcome:
        carrier = self._carrier
        return _UNSET if carrier is None else _told(lambda: carrier.send(letter))

    def _keep(self, outcome: Outcome) -> None:
        """Note an answer from which nothing follows yet."""
        with self.post.archive.database.writing() as session:
            row = deliveries.locked(session, self.row.id)
            self._attempt(session, row, outcome)

    def _noted(self, outcome: Outcome, *, was_asked: bool = False) -> DeliveryState:
        """Note what came of it. What the channel told of it meanwhile stays, and so does what another worker does with it
        that found the lease over, but that it was sent is news to everybody. An answer to a question counts as a try.
        """
        with self.post.archive.database.writing() as session:
            row = deliveries.locked(session, self.row.id)
            is_ours = row.leased_by == self.post.worker
            if is_ours:
                row.leased_by = row.leased_until = None
                row.tries += was_asked
            step = step_after(outcome, row.tries, self.post.dice())
            self._attempt(session, row, outcome)
            if (is_ours or step.state is DeliveryState.SENT) and RANK[DeliveryState(row.state)] == 0:
                self._step(session, row, step, outcome)
            return DeliveryState(row.state)

    def _step(self, session: Session, row: Delivery, step: Step, outcome: Outcome) -> None:
        now = self.post.clock()
        _move(row, step.state, now)
        row.due_at = row.due_at if step.wait is None else now + step.wait
        self._audit(session, row, outcome.text)
        if step.state is DeliveryState.FAILED:
            ask_to_phone(session, self.post.archive, row, outcome.text, at=now)

    def _attempt(self, session: Session, row: Delivery, outcome: Outcome) -> None:
        at = self.post.clock()
        attempt = Attempt(at=at, state=STATES[outcome.taken].value, status=outcome.status, outcome=outcome.text)
        deliveries.add_attempt(session, row, attempt)

    def _audit(self, session: Session, row: Delivery, text: str) -> None:
        now = self.post.clock()
        audit.record(
            session, actors.actor(session, JOB, local_day(now)), f"delivery.{row.state}", object_kind=DELIVERY,
            object_id=row.client_msg_id, at=now, library=row.library, reason=text or None,
            detail={"message": row.message_id, "channel": row.channel, "tries": row.tries, "worker": self.post.worker},
        )  # fmt: skip


_UNSET = Outcome(Taken.NOT_NOW, "渠道还没有设置地址")


def _told(call: Callable[[], Outcome]) -> Outcome:
    """What a channel says. One that breaks all the same must not keep the others waiting: nobody knows then how far it got."""
    try:
        return call()
    except Exception as error:
        log.exception("渠道出错")
        return Outcome(Taken.PERHAPS, f"渠道出错（{type(error).__name__}），不知道是否收到")


def _move(row: Delivery, state: DeliveryState, at: datetime) -> None:
    row.state, row.changed_at = state.value, at
