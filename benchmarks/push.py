"""Workers of the push killed at random instants, a thousand times: every message goes out once, and the audit chain says how.

`make campaign NAME=push` runs it in full, half on SQLite and half on PostgreSQL; `make test` at 1 %. Three workers at a time
run real rounds (workflows/run_worker.py), each in a process of its own, against services on this machine that take messages
badly (push_offices.py). A worker that is killed (SIGKILL) is replaced at once. Workers are forked from a process that has
compiled the rules, so that a kill hits work and not the start. Their clock is the machine's and so many days more: time
passes, and leases and waits run out, only while no worker runs. Receipts come meanwhile, twice and in the wrong order.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.library import databases
from benchmarks.push_judge import check_chain, check_gateway, check_sms
from benchmarks.push_offices import Office, office
from benchmarks.report import machine
from policy_match.exchange.channels import http_call
from policy_match.exchange.channels.carrier import Carrier
from policy_match.exchange.channels.gateway import Gateway
from policy_match.exchange.channels.sms import Sms
from policy_match.exchange.webhook import secret_of
from policy_match.push.delivery import OPEN
from policy_match.push.words import Channel, Consent, ContactRole, Content, DeliveryState, MessageState, Trigger
from policy_match.secret import Secret
from policy_match.store.account_tables import Account
from policy_match.store.database import open_database
from policy_match.store.push_tables import Attempt, ConsentRow, Contact, Delivery, Message
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.dispatch_messages import Post, worker_name
from policy_match.workflows.open_archive import FIRST_DAY, Archive, open_archive
from policy_match.workflows.reach_contact import about_contact
from policy_match.workflows.retry_delivery import retry_delivery
from policy_match.workflows.run_round import Rounds
from policy_match.workflows.run_worker import run_worker
from policy_match.workflows.switch_channel import switch_channel
from policy_match.workflows.take_receipt import Receipt, take_receipt
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[1]
SEED, KILLS, WORKERS = 20261129, 1_000, 3
LIBRARY = "real"
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""Monday 10:00 in Changzhou."""
EACH_KILL, FIRST = 4, 12
DAYS_AFTER = 20
MOST_DAYS = 60
EVERY, GIVES_UP = 0.2, 0.6
MUTE_SMS = 0.15
SECRET = secret_of(b"of a run that nobody keeps, ours")
_FORK = get_context("fork")


@dataclass
class Run:
    """One run on one database. `now`: by how much its clock is ahead is fixed by `_ahead`; no connection is open between steps."""

    archive: Archive
    url: str
    gateway: Office
    sms: Office
    dice: random.Random
    rounds: Rounds
    _ahead: timedelta = field(default_factory=lambda: START - datetime.now(UTC))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    crew: list[ForkProcess] = field(default_factory=list)
    receipts: int = 0
    retried: int = 0

    def clock(self) -> datetime:
        """Now, for everybody of the run."""
        return datetime.now(UTC) + self._ahead

    @contextmanager
    def opened(self) -> Iterator[Archive]:
        """The archive for one step of the run itself; closed again, since a process that forks may hold no connection."""
        database = open_database(self.url)
        try:
            yield replace(self.archive, database=database)
        finally:
            database.close()

    def feed(self, number: int) -> None:
        """So many firms more, each with one person and one message that waits."""
        with self.opened() as archive, archive.database.writing() as session:
            for _ in range(number):
                _add(session, archive, next(self.numbers), self.clock())

    def start(self) -> None:
        """One worker more."""
        process = _FORK.Process(target=_work, args=(self,), daemon=True)
        process.start()
        self.crew.append(process)

    def kill(self) -> None:
        """One worker, whichever, wherever it is."""
        process = self.crew.pop(self.dice.randrange(len(self.crew)))
        process.kill()
        process.join()

    def warm(self) -> None:
        """Compile the rules of the day before workers are forked."""
        with self.opened() as archive:
            rematching = replace(self.rounds.rematching, archive=archive)
            for library in (LIBRARY, "demo"):
                while rematching.rematch(library, self.clock()).more:
                    pass
            self.rounds = replace(self.rounds, rematching=rematching)

    def a_day_passes(self) -> None:
        """Nobody works and nothing is on the line: then time passes, and all start anew."""
        while self.crew:
            self.kill()
        self.gateway.wait()
        self.sms.wait()
        self._ahead += timedelta(days=1)
        self.warm()
        for _ in range(WORKERS):
            self.start()

    def tell_receipts(self, most: int) -> None:
        """Of some messages that a service has, it tells: delivered twice, then sent, and of some that they were read."""
        with self.opened() as archive:
            for channel, there in ((Channel.GATEWAY, self.gateway), (Channel.SMS, self.sms)):
                names = sorted(+there.kept().taken)
                for name in self.dice.sample(names, min(most, len(names))):
                    told = ["delivered", "delivered", "sent", *self.dice.choices(["read", "delivered"], k=1)]
                    for state in told:
                        take_receipt(archive, Receipt(channel, name, state), self.clock())
                        self.receipts += 1

    def open_deliveries(self) -> int:
        """How many are still to be sent or asked about, now or later; messages that wait count too."""
        with self.opened() as archive, archive.database.reading() as session:
            waiting = session.query(Message).filter(Message.state == MessageState.WAITING.value).count()
            return waiting + session.query(Delivery).filter(Delivery.state.in_(OPEN)).count()

    def due(self) -> int:
        """How many a worker takes now, or has taken; after a day all that dead workers had are among them."""
        with self.opened() as archive, archive.database.reading() as session:
            rows = session.query(Delivery).filter(Delivery.state.in_(OPEN), Delivery.due_at <= self.clock())
            waiting = session.query(Message).filter(Message.state == MessageState.WAITING.value).count()
            return waiting + rows.count()

    def again(self) -> None:
        """Whoever keeps the queue puts back what failed for good on the platform."""
        with self.opened() as archive:
            with archive.database.reading() as session:
                asked = select(Delivery.id).where(Delivery.state == DeliveryState.FAILED.value)
                failed = list(session.scalars(asked.where(Delivery.channel == Channel.GATEWAY.value)))
            for number in failed:
                retry_delivery(archive, number, By(LIBRARY, "data", self.clock()), again=True)
                self.retried += 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `came`, of which `again`: messages that reached the platform, and more than once; `unsure`: SMS of
    which nobody could say, and that lie with people; `asked`: questions to a service for what it may have; `retried`: put back into the queue by hand."""

    kind: str
    kills: int
    messages: int
    came: int
    again: int
    sms: int
    unsure: int
    asked: int
    receipts: int
    retried: int
    days: int
    seconds: float

    def line(self) -> str:
        """For the evidence."""
        return (
            f"- {self.kind}: {self.kills} kills of {WORKERS} workers in {self.seconds:.0f} s, {self.messages} messages each on"
            f" the platform and by SMS. Every one is shown exactly once on the platform ({self.again} of them came there more"
            f" than once, under the same id; {self.asked} times a service was asked for what it might have), {self.sms} were sent by SMS once and none twice; {self.unsure} SMS nobody could"
            f" tell of, were not sent again and lie with people. {self.receipts} receipts, twice and out of order, moved no"
            f" state back. {self.retried} put back by hand, {self.days} days passed. The audit chain holds and ends, for every"
            " delivery, with the state that it has."
        )


def run(kind: str, url: str, kills: int) -> Outcome:
    """Kill so often; AssertionError where what must hold does not."""
    began = time.monotonic()
    with office("webhook-id", 0.0) as gateway, office(None, MUTE_SMS) as sms:
        work = _prepared(url, gateway, sms)
        for _ in range(WORKERS):
            work.start()
        work.feed(FIRST)
        for number in range(1, kills + 1):
            time.sleep(work.dice.random() * 0.4)
            work.kill()
            work.start()
            work.feed(EACH_KILL)
            if number % 5 == 0:
                work.tell_receipts(3)
            if number % DAYS_AFTER == 0:
                work.a_day_passes()
        days = kills // DAYS_AFTER + _ended(work)
        found = judge(work)
    return Outcome(
        kind, kills, found["messages"], found["came"], found["again"], found["sms"], found["unsure"], found["asked"], work.receipts,
        work.retried, days, time.monotonic() - began,
    )  # fmt: skip


def _prepared(url: str, gateway: Office, sms: Office) -> Run:
    archive = open_archive(url, ROOT / "rules", ROOT / "corpus", secret=Secret("of a run that nobody keeps, really"))
    carriers: dict[Channel, Carrier] = {Channel.GATEWAY: Gateway(gateway.url, SECRET), Channel.SMS: Sms(sms.url, "")}
    for channel in carriers:
        switch_channel(archive, channel, True, By(LIBRARY, "admin", START), there=carriers)
    rounds = Rounds.of(Post(archive, carriers, "https://push.example.gov.cn", "", lambda: START), None, goes_on=True)
    archive.database.close()
    work = Run(archive, url, gateway, sms, random.Random(SEED), rounds)  # noqa: S311  # nothing secret
    work.warm()
    return work


def _work(of: Run) -> None:
    """What a worker does, in a process of its own, until it is killed."""
    of.archive.database.engine.dispose(close=False)
    http_call.SECONDS = GIVES_UP
    archive = replace(of.archive, database=open_database(of.url))
    post = replace(of.rounds.post, archive=archive, worker=worker_name(), clock=of.clock, dice=random.Random().random)  # noqa: S311
    rounds = Rounds(post, replace(of.rounds.rematching, archive=archive))
    run_worker(rounds, every=EVERY)


def _ended(work: Run) -> int:
    """Let days pass until nothing is to be sent any more; how many it took."""
    for day in range(1, MOST_DAYS + 1):
        work.a_day_passes()
        end = time.monotonic() + 120
        while work.due() and time.monotonic() < end:
            time.sleep(0.5)
        work.tell_receipts(3)
        work.again()
        if not work.open_deliveries():
            return day
    raise AssertionError(f"{work.open_deliveries()} are still to be sent after {MOST_DAYS} days")


def judge(work: Run) -> dict[str, int]:
    """Hold what the services have against what we say of it; AssertionError."""
    while work.crew:
        work.kill()
    shown, texts = work.gateway.kept(), work.sms.kept()
    with work.opened() as archive, archive.database.reading() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        by_channel = {one: [row for row in rows if row.channel == one] for one in Channel}
        messages = session.query(Message).count()
        check_gateway(by_channel[Channel.GATEWAY], shown.taken)
        unsure = check_sms(by_channel[Channel.SMS], texts.taken)
        assert [len(by_channel[one]) for one in (Channel.INBOX, Channel.GATEWAY, Channel.SMS)] == [messages] * 3
        assert all(row.state == DeliveryState.SENT for row in by_channel[Channel.INBOX])
        check_chain(session, [row for row in rows if row.channel != Channel.INBOX])
        asked = session.query(Attempt).filter(Attempt.outcome.startswith("问过对方")).count()
    again = sum(number > 1 for number in shown.came.values())
    return {
        "messages": messages, "came": len(+shown.taken), "again": again, "sms": len(+texts.taken), "unsure": unsure,
        "asked": asked,
    }  # fmt: skip


def _add(session: Session, archive: Archive, number: int, now: datetime) -> None:
    code, who = f"{number:018d}", f"run-{number}"
    firm = Subject(library=LIBRARY, kind="enterprise", code=code, name=f"示范企业{number}", created_at=now)
    person = Actor(id=who, name=f"示范{number}", role="enterprise", region="320412", firm=code, valid_from=FIRST_DAY)
    session.add_all([firm, person])
    session.flush()
    account = Account(
        actor_id=who, login=who, must_change=False, failed=[], totp_confirmed=False, is_demo=False, made_at=now
    )
    contact = Contact(
        library=LIBRARY, firm_id=firm.id, actor_id=who, role=ContactRole.HANDLER.value, topics=None,
        since=date(2026, 1, 1), source="SELF", recorded_at=now,
    )  # fmt: skip
    consent = ConsentRow(
        library=LIBRARY, actor_id=who, channel=Channel.SMS.value, topic="*", state=Consent.GRANTED.value, text_version=1,
        how="run", at=now,
    )  # fmt: skip
    message = Message(
        library=LIBRARY, dedup_key=f"{number:064d}", recipient_id=who, subject_id=firm.id, trigger=Trigger.FACT.value,
        content=Content.MATCH.value, topic="奖补", mandatory=False, template="match", template_version=1,
        title="示范补助", body="正文", short="有一项政策待确认", why="试验", state=MessageState.WAITING.value, made_at=now,
    )  # fmt: skip
    session.add_all([account, contact, consent, message])
    session.flush()
    contact.phone = archive.sealer.seal("13900000000", about_contact(contact, "phone"))
    contact.gateway_account = archive.sealer.seal(who, about_contact(contact, "gateway_account"))


def main(kills: int = KILLS) -> list[str]:
    """Half of the kills on each database; the lines of the evidence."""
    lines = [f"- {machine()}; seed {SEED}"]
    with databases() as fresh:
        for kind in ("SQLite", "PostgreSQL"):
            lines.append(run(kind, fresh[kind](), kills // 2).line())
    return lines
