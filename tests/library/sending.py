"""Deliveries that wait, workers that send them to services on this machine, and what came of it, in short."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from pushing import HANDLER, by, delivery, message

from policy_match.exchange.channels.carrier import Carrier, Letter
from policy_match.exchange.channels.gateway import Gateway
from policy_match.exchange.channels.sms import Sms
from policy_match.exchange.webhook import secret_of
from policy_match.push.delivery import Outcome, Taken
from policy_match.push.words import Channel, DeliveryState
from policy_match.store import deliveries
from policy_match.store.push_tables import Attempt, Delivery, Message
from policy_match.workflows.dispatch_messages import Post, dispatch_messages
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.switch_channel import switch_channel

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "exchange"))

from posting import Office, office

SECRET = secret_of(b"s" * 32)
BOSS = "admin"
_NAMES = count(1)


class Killed(BaseException):
    """The worker ends here, whatever it was doing."""


@dataclass(frozen=True)
class Deadly:
    """A channel during whose sending the worker is killed: before anything was sent, or after it."""

    carrier: Carrier
    before: bool
    is_repeatable: bool = False

    def send(self, letter: Letter) -> Outcome:
        """Send it, or not, and die."""
        if not self.before:
            self.carrier.send(letter)
        raise Killed

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """As the channel itself."""
        return self.carrier.ask(client_msg_id, at)


@dataclass(frozen=True)
class Meanwhile:
    """A channel that has nothing of what it is asked for; while it is asked, something else happens."""

    carrier: Carrier
    happens: Callable[[], None]
    is_repeatable: bool = False

    def send(self, letter: Letter) -> Outcome:
        """As the channel itself."""
        return self.carrier.send(letter)

    def ask(self, client_msg_id: str, at: datetime) -> Outcome:
        """Not there."""
        self.happens()
        return Outcome(Taken.NOT_NOW, "没有")


@dataclass
class Sending:
    """An archive with two services that take messages, and a clock that tests move."""

    archive: Archive
    gateway: Office
    sms: Office
    now: datetime = by("x").now
    carriers: dict[Channel, Carrier] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.carriers = {Channel.GATEWAY: Gateway(self.gateway.url, SECRET), Channel.SMS: Sms(self.sms.url, "k")}

    def post(self, carriers: Mapping[Channel, Carrier] | None = None) -> Post:
        """What a new worker sends by."""
        there = self.carriers if carriers is None else carriers
        return Post(
            self.archive, there, "https://push.example.gov.cn", f"w{next(_NAMES)}", lambda: self.now, lambda: 0.5
        )

    def dispatch(self, carriers: Mapping[Channel, Carrier] | None = None) -> dict[str, int]:
        """One new worker sends what is due; how many ended in which state."""
        return {state.value: number for state, number in dispatch_messages(self.post(carriers)).items()}

    def die(self, channel: Channel, *, before: bool) -> None:
        """One new worker is killed in the middle of its first sending."""
        deadly = Deadly(self.carriers[channel], before)
        try:
            dispatch_messages(self.post({**self.carriers, channel: deadly}))
        except Killed:
            return
        raise AssertionError("nothing was sent")

    def wait(self, **length: float) -> None:
        """Time passes."""
        self.now += timedelta(**length)

    def due(self, channel: Channel = Channel.GATEWAY, recipient: str = HANDLER, **more: object) -> int:
        """A delivery that is due now; the number of its message is the same."""
        number = message(self.archive, recipient, inbox=None, **more)
        with self.archive.database.writing() as session:
            row = delivery(number, channel, DeliveryState.PENDING, self.now)
            row.sent_at = None
            session.add(row)
        return number

    def row(self, number: int, channel: Channel = Channel.GATEWAY) -> Delivery:
        """The delivery of a message on a channel."""
        with self.archive.database.reading() as session:
            return session.query(Delivery).filter_by(message_id=number, channel=channel.value).one()

    def states(self, channel: Channel = Channel.GATEWAY) -> list[str]:
        """How far all messages are on a channel, in their order."""
        with self.archive.database.reading() as session:
            rows = session.query(Delivery).filter_by(channel=channel.value).order_by(Delivery.id)
            return [row.state for row in rows]

    def attempts(self, number: int, channel: Channel = Channel.GATEWAY) -> list[tuple[int, str, int | None]]:
        """Number, state and status of each attempt."""
        with self.archive.database.reading() as session:
            found: list[Attempt] = list(deliveries.attempts(session, self.row(number, channel).id))
            return [(one.number, one.state, one.status) for one in found]

    def change(self, number: int, **values: object) -> None:
        """A message is another one by now."""
        with self.archive.database.writing() as session:
            row = session.get_one(Message, number)
            for name, value in values.items():
                setattr(row, name, value)

    def switch(self, channel: Channel, is_on: bool) -> None:
        """An administrator switches a channel."""
        switch_channel(self.archive, channel.value, is_on, by(BOSS), there=self.carriers)

    def took(self) -> None:
        """From here on the services find whatever they were sent."""
        for there, name in ((self.gateway, "webhook-id"), (self.sms, "")):
            there.known |= {one.headers[name] if name else str(one.told["client_msg_id"]) for one in posts(there)}


def posts(there: Office) -> list:  # type: ignore[type-arg]
    """The messages that were posted to a service."""
    return [one for one in there.got if one.method == "POST"]


@contextmanager
def sending(archive: Archive) -> Iterator[Sending]:
    """Both channels are there and on; nobody is registered yet."""
    with office() as gateway, office() as sms:
        found = Sending(archive, gateway, sms)
        for channel in found.carriers:
            found.switch(channel, True)
        yield found


Change = Callable[[Sending, int], None]
