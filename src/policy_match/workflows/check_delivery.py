"""Whether a delivery may still go, looked at in the moment before it goes: what held when it was made may hold no more (§6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from policy_match.access.scope import FIRM
from policy_match.errors import FactError
from policy_match.facts.subjects import Kind
from policy_match.lifecycle.events import Event, replay
from policy_match.lifecycle.words import Side
from policy_match.push.caps import has_room, week_of
from policy_match.push.consent import frequency, is_allowed, last_said, must_be_told
from policy_match.push.delivery import PERHAPS
from policy_match.push.quiet import DISTURBING, OPENS, next_open
from policy_match.push.words import (
    DELIVERY_STATE_NAMES,
    WITHHELD_NAMES,
    Channel,
    Consent,
    DeliveryState,
    Frequency,
    MessageState,
    Withheld,
)
from policy_match.settings import LOCAL
from policy_match.store import accounts, consents, contacts, deliveries, log
from policy_match.store.actors import is_in_office
from policy_match.store.push_tables import Contact, Delivery, Message
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.reach_contact import address_of

_OVER = {
    MessageState.CANCELLED: DeliveryState.CANCELLED,
    MessageState.RECALLED: DeliveryState.RECALLED,
    MessageState.EXPIRED: DeliveryState.EXPIRED,
    MessageState.SUPPRESSED: DeliveryState.SUPPRESSED,
}
_ADDRESSED = (Channel.SMS, Channel.EMAIL, Channel.GATEWAY)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why it does not go now, in words too: its state from here on, the reason, and for one that waits until when."""

    state: DeliveryState
    text: str
    why: Withheld | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, why: Withheld) -> Stop:
        """It is not sent at all, for a reason."""
        return cls(DeliveryState.SUPPRESSED, WITHHELD_NAMES[why], why)


@dataclass(frozen=True, slots=True)
class Check:
    """One delivery in the transaction in which it would be marked as going out."""

    session: Session
    archive: Archive
    row: Delivery
    message: Message
    now: datetime

    @property
    def local(self) -> datetime:
        """Now, by the local clock."""
        return self.now.astimezone(LOCAL)

    @property
    def channel(self) -> Channel:
        """The channel."""
        return Channel(self.row.channel)

    def stop(self) -> Stop | None:
        """The first reason why it does not go now; None: it goes."""
        return next(self._stops(), None)

    def address(self) -> str | None:
        """Where it goes; None where the recipient has no address there, or the channel has none."""
        contact = self._contact()
        if self.channel is Channel.FILE:
            return self.message.recipient_id
        return None if contact is None else address_of(self.archive, contact, self.channel)

    def _stops(self) -> Iterator[Stop]:
        message, session = self.message, self.session
        over = _OVER.get(MessageState(message.state))
        if over is not None:
            yield Stop(
                over, DELIVERY_STATE_NAMES[over], None if message.withheld is None else Withheld(message.withheld)
            )
        if message.last_day is not None and message.last_day < self.local.date():
            yield Stop(DeliveryState.EXPIRED, f"期限 {message.last_day} 已过")
        if self.row.library == DEMO or not deliveries.is_on(session, self.channel):
            yield Stop.of(Withheld.CHANNEL_OFF)
        if not self._is_still_theirs():
            yield Stop.of(Withheld.CONTACT_LEFT)
        if not self._is_agreed():
            yield Stop.of(Withheld.CONSENT)
        if self._is_aside():
            yield Stop.of(Withheld.SIDE_STATE)
        opens = self._opens()
        if opens > self.now:
            yield Stop(DeliveryState.HELD, f"{opens:%Y-%m-%d %H:%M} 再发", until=opens)
        if not self._has_room():
            yield Stop.of(Withheld.CAP)
        if self.channel in _ADDRESSED and self.address() is None:
            yield Stop(DeliveryState.FAILED, "收件人在这个渠道上没有登记地址")

    def _recipient(self) -> Actor:
        return self.session.get_one(Actor, self.message.recipient_id)

    def _contact(self) -> Contact | None:
        """The contact by which the recipient speaks for the firm of the message; of a digest, for any firm."""
        session, library, who, on = self.session, self.row.library, self.message.recipient_id, self.local.date()
        subject = None if self.message.subject_id is None else session.get(Subject, self.message.subject_id)
        firm = None if subject is None else contacts.firm_id(subject)
        if firm is not None:
            return contacts.holder(session, library, who, firm, on)
        firms = [one.firm_id for one in contacts.of_person(session, library, who)]
        found = contacts.holding(session, library, firms, on)
        return next((one for rows in found.values() for one in rows if one.actor_id == who), None)

    def _is_still_theirs(self) -> bool:
        """A firm's message needs a contact that holds today; one of an office somebody in office who may sign in."""
        who = self._recipient()
        if who.role == FIRM:
            return self._contact() is not None
        account = accounts.of_actor(self.session, who.id)
        return is_in_office(who, self.local.date()) and not accounts.is_barred(self.session, account)

    def _is_agreed(self) -> bool:
        """Offices are told on the channels of their work unless they said no."""
        said = consents.of_actor(self.session, self.row.library, self.message.recipient_id)
        if self._recipient().role == FIRM:
            return is_allowed(said, self.channel, self.message.topic, self._must_be_told())
        is_off = frequency(said, self.message.topic) is Frequency.OFF
        return not is_off and last_said(said, self.channel, self.message.topic) in (None, Consent.GRANTED)

    def _must_be_told(self) -> bool:
        return must_be_told(self.message.mandatory, self.message.content)

    def _is_aside(self) -> bool:
        """Whether its project is paused, ended or merged; what has to be told, or corrected, is told all the same."""
        subject = None if self.message.subject_id is None else self.session.get(Subject, self.message.subject_id)
        if subject is None or subject.kind != Kind.PROJECT or self._must_be_told():
            return False
        if subject.survivor_id is not None:
            return True
        events = log.entries(self.session, Event, [subject])[subject.id]
        return replay(events, self.archive.table, self.local.date(), self.now).side is not Side.ACTIVE

    def _opens(self) -> datetime:
        """When the channel may be used next; where the working days are not known, it is looked at again tomorrow."""
        if self.channel not in DISTURBING:
            return self.now
        try:
            return next_open(self.local, self.archive.calendar)
        except FactError:
            return datetime.combine(self.local.date() + timedelta(days=1), OPENS, LOCAL)

    def _has_room(self) -> bool:
        """What has to be told on the account's own channel is told above the limit too. Its own earlier try counts once."""
        if self.message.mandatory and self.channel is Channel.GATEWAY:
            return True
        monday = datetime.combine(week_of(self.local.date()), time(), LOCAL)
        went = deliveries.went_at(self.session, self.message.recipient_id, self.channel, monday)
        days = [at.astimezone(LOCAL).date() for at in went]
        if self.row.state in PERHAPS and self.row.sent_at is not None and self.row.sent_at >= monday:
            days.remove(self.row.sent_at.astimezone(LOCAL).date())
        return has_room(self.channel, days, self.local.date())
