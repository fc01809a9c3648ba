"""Let the messages go that wait: one to each person and firm at a time, as a digest where there are several (§6.3, §6.4).

Looked at in this moment: whether the window is still open, the project goes on, and the person still speaks for the firm and
wants to be told; what somebody wants weekly, and does not end before, is left for the digest of the week. Who was told of a match today, or has had ten messages, gets the next ones in the digest of the week. A run
that would tell far more than usual is held until somebody lets it go (workflows/release_held.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import uuid4

from sqlalchemy.orm import Session

from policy_match.access.scope import FIRM
from policy_match.dates import local_day
from policy_match.errors import FactError
from policy_match.facts.subjects import Kind
from policy_match.lifecycle.events import Event, replay
from policy_match.lifecycle.words import Side
from policy_match.push.caps import CAPS, week_of
from policy_match.push.consent import frequency, is_allowed, must_be_told
from policy_match.push.dedup import Told, dedup_key
from policy_match.push.value import USUAL_RUNS, is_unusual, most_valuable_first
from policy_match.push.wording import Value, written
from policy_match.push.words import Channel, Content, DeliveryState, Frequency, MessageState, Withheld
from policy_match.settings import LOCAL
from policy_match.store import consents, contacts, log, messages, subjects
from policy_match.store.push_tables import ConsentRow, Contact, Delivery, Message, PushRun
from policy_match.store.tables import Subject
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.queue_messages import Stationery, note_messages, stationery
from policy_match.workflows.read_records import View
from policy_match.working_days import WorkingDays

DIGEST_AT = time(9)
MATCHES, RELEASE = "matches", "release"
"""Kinds of runs: what waited, and what was held and let go."""
INSTEAD = "接替原来的联系人"
_ADDRESS = {Channel.SMS: "phone", Channel.EMAIL: "email", Channel.GATEWAY: "gateway_account"}
_FOR_FIRMS = (Channel.INBOX, Channel.GATEWAY, Channel.SMS, Channel.EMAIL, Channel.FILE)
ALONE = (Content.CASE, Content.NOTICE)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of the messages that waited. `messages`: to people, a digest counts as one; `run`: the number of a held run."""

    messages: int = 0
    entries: int = 0
    later: int = 0
    expired: int = 0
    suppressed: int = 0
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one person is told at once about one firm, None: about none; the most valuable first, corrections before.

    `mentions`: what went out earlier and is only named.
    """

    recipient: str
    firm: Subject | None
    entries: Sequence[Message]
    mentions: Sequence[Message] = ()

    @property
    def rows(self) -> Sequence[Message]:
        """Everything that is spoken of."""
        return [*self.entries, *self.mentions]


def send_waiting(session: Session, archive: Archive, library: str, now: datetime) -> Sent:
    """Send what waits and is not left for the digest.

    For whoever has the turn (`audit.take_turn`), after everything that happened was announced.
    """
    waiting = [row for row in messages.in_state(session, library, MessageState.WAITING) if row.withheld is None]
    if not waiting:
        return Sent()
    sending = open_sending(session, archive, library, waiting, now)
    now_, later = sending.split(sending.bundles(sending.fresh(sending.rows)))
    if not now_:
        return sending.sent(now_, later)
    earlier = messages.earlier_runs(session, library, MATCHES, USUAL_RUNS)
    is_held = is_unusual(len(now_), [one.counts["messages"] for one in earlier])
    run = messages.add_run(session, sending.run(MATCHES, now_, held=is_held))
    if is_held:
        return sending.hold(now_, run)
    for bundle in now_:
        sending.out(bundle, run)
    return sending.sent(now_, later)


def send_looked_at(
    session: Session, archive: Archive, library: str, rows: Sequence[Message], now: datetime, run: PushRun | None = None
) -> Sent:
    """Send held messages that somebody let go, which nobody holds again. `run`: the one that held them, None: a new one."""
    for row in rows:
        row.state = MessageState.WAITING.value
    sending = open_sending(session, archive, library, rows, now)
    now_, later = sending.split(sending.bundles(sending.fresh(sending.rows)))
    run = run or messages.add_run(session, sending.run(RELEASE, now_))
    for bundle in now_:
        sending.out(bundle, run)
    return sending.sent(now_, later)


def open_sending(session: Session, archive: Archive, library: str, rows: Sequence[Message], now: datetime) -> Sending:
    """Read what has to be known of these messages: their firms, who speaks for these, and what was sent today."""
    today = messages.out_since(session, library, datetime.combine(local_day(now), time(), LOCAL))
    ids = {row.subject_id for row in (*rows, *today) if row.subject_id is not None}
    about = subjects.by_ids(session, sorted(ids))
    about |= subjects.by_ids(
        session, sorted({contacts.firm_id(row) or 0 for row in about.values()} - about.keys() - {0})
    )
    firms = [row for row in about.values() if row.kind == Kind.ENTERPRISE]
    with_ = stationery(session, archive, library, firms, now)
    speakers = {one.actor_id for found in with_.speakers.values() for one in found}
    people = {row.recipient_id for row in rows} | speakers
    return Sending(
        archive=archive,
        with_=with_,
        rows=rows,
        about=about,
        of_firms=messages.people_of(session, people, FIRM),
        said=consents.of_actors(session, library, people),
        today=today,
        channels=(Channel.INBOX,) if library == DEMO else messages.channels_on(session),
    )


@dataclass
class Sending:
    """Messages on their way. `about`: subjects and firms by row id; `of_firms`: those of the recipients who are people of
    firms; `today`: what went to inboxes since midnight.
    """

    archive: Archive
    with_: Stationery
    rows: Sequence[Message]
    about: Mapping[int, Subject]
    of_firms: frozenset[str]
    said: Mapping[str, Sequence[ConsentRow]]
    today: Sequence[Message]
    channels: Sequence[Channel]
    expired: int = 0
    suppressed: int = 0
    left: int = 0

    def fresh(self, rows: Iterable[Message]) -> list[Message]:
        """Those of them that go before the digest of the week; what is wanted weekly is marked and waits for it."""
        found = []
        for row in self.good(rows):
            if self._is_for_the_week(row):
                row.withheld, self.left = Withheld.WEEKLY.value, self.left + 1
            else:
                found.append(row)
        return found

    def good(self, rows: Iterable[Message]) -> list[Message]:
        """Those that go; the others are marked with the reason, and those of a paused project go on waiting."""
        found, stopped = [], []
        for row in rows:
            self._pass_on(row)
            withheld = self.withheld(row)
            if self._is_over(row):
                row.state, self.expired = MessageState.EXPIRED.value, self.expired + 1
            elif withheld is not None:
                row.state, row.withheld = MessageState.SUPPRESSED.value, withheld.value
                self.suppressed += 1
            elif not self._is_paused(row):
                found.append(row)
            if row.state != MessageState.WAITING:
                stopped.append(row)
        self.with_.session.flush()
        note_messages(self.with_.session, self.with_.library, "message.stop", stopped, self.with_.now)
        return found

    def may_be_named(self, row: Message) -> bool:
        """Whether something that went out before may be named again."""
        return not self._is_over(row) and self.withheld(row) is None and not self._is_paused(row)

    def bundles(self, rows: Iterable[Message]) -> list[Bundle]:
        """By person and firm, in the order in which they came; what the firm has to act upon goes by itself."""
        found: dict[tuple[str, int, int], list[Message]] = {}
        for row in rows:
            firm = self._firm(row)
            alone = row.id if row.mandatory or row.content in ALONE else 0
            found.setdefault((row.recipient_id, 0 if firm is None else firm.id, alone), []).append(row)
        return [Bundle(who, self.about.get(firm), in_order(entries)) for (who, firm, _), entries in found.items()]

    def split(self, bundles: Iterable[Bundle]) -> tuple[list[Bundle], list[Bundle]]:
        """Those that go now, and those that wait for the digest of the week."""
        told = {(row.recipient_id, self._firm_id(row)) for row in self.today if _is_match(row)}
        went = Counter(row.recipient_id for row in self.today)
        now, later = [], []
        for bundle in bundles:
            is_told = (bundle.recipient, 0 if bundle.firm is None else bundle.firm.id) in told
            has_room = went[bundle.recipient] < CAPS[Channel.INBOX].day
            can_wait = is_told and all(_is_match(row) and not self._is_urgent(row) for row in bundle.entries)
            if any(row.mandatory for row in bundle.entries) or (has_room and not can_wait):
                went[bundle.recipient] += 1
                now.append(bundle)
                continue
            later.append(bundle)
            for row in bundle.entries:
                row.withheld = Withheld.CAP.value
        return now, later

    def run(self, kind: str, bundles: Sequence[Bundle], *, held: bool = False) -> PushRun:
        """The row of a run with what it tells."""
        counts = {
            "messages": len(bundles),
            "entries": sum(len(one.entries) for one in bundles),
            "people": len({one.recipient for one in bundles}),
        }
        return PushRun(library=self.with_.library, kind=kind, at=self.with_.now, counts=counts, held=held)

    def hold(self, bundles: Iterable[Bundle], run: PushRun) -> Sent:
        """Keep a run back until somebody decides."""
        rows = [row for bundle in bundles for row in bundle.entries]
        for row in rows:
            row.state, row.run_id = MessageState.HELD.value, run.id
        self.with_.session.flush()
        note_messages(self.with_.session, self.with_.library, "message.hold", rows, self.with_.now)
        return Sent(expired=self.expired, suppressed=self.suppressed, run=run.id)

    def out(self, bundle: Bundle, run: PushRun | None, letter: Message | None = None) -> Message:
        """Send a bundle; `letter`: the digest that holds it, else it is written here where there are several."""
        session, now = self.with_.session, self.with_.now
        if letter is None:
            letter = bundle.entries[0] if len(bundle.entries) == 1 else self._digest(bundle)
        letter.state, letter.run_id, letter.withheld = MessageState.OUT.value, None if run is None else run.id, None
        if letter.id is None:
            messages.add_all(session, [letter])
        for row in bundle.entries:
            row.state, row.run_id, row.withheld = MessageState.OUT.value, letter.run_id, None
            if row is not letter:
                row.digest_id = letter.id
        messages.close_recalled(session, [row.thread_id for row in bundle.entries if row.content == Content.RECALL])
        session.add_all(self._deliveries(letter, bundle))
        session.flush()
        note_messages(
            session,
            self.with_.library,
            "message.send",
            {row.id: row for row in (*bundle.entries, letter)}.values(),
            now,
        )
        return letter

    def sent(self, now: Sequence[Bundle], later: Sequence[Bundle]) -> Sent:
        """What came of it all."""
        return Sent(
            messages=len(now),
            entries=sum(len(one.entries) for one in now),
            later=sum(len(one.entries) for one in later) + self.left,
            expired=self.expired,
            suppressed=self.suppressed,
        )

    def letter(self, bundle: Bundle, template: str, values: Mapping[str, Value], said: str) -> Message:
        """A digest in the words of a template; `said`: by which it is not made twice."""
        with_, firm = self.with_, bundle.firm
        form = with_.templates[template]
        name = "" if firm is None else firm.name or firm.code
        text = written(form, {"brand": with_.letterhead.brand, "firm": name, **values})
        told = Told(bundle.recipient, "" if firm is None else firm.code, "", Content.DIGEST, said)
        first = bundle.rows[0]
        return Message(
            library=with_.library, dedup_key=dedup_key(told, with_.today), recipient_id=bundle.recipient,
            subject_id=None if firm is None else firm.id, trigger=first.trigger,
            content=Content.DIGEST.value, topic=self._topic(bundle), mandatory=False, template=form.id,
            template_version=form.version, title=text.title, body=text.body, short=text.short,
            why=first.why, value_fen=_sum(bundle.entries), made_at=with_.now,
            state=MessageState.WAITING.value,
        )  # fmt: skip

    def lines(self, entries: Iterable[Message]) -> list[str]:
        """The entries of a digest, numbered, each with its project."""
        return [f"{number}. {row.title}{self._named(row)}" for number, row in enumerate(entries, start=1)]

    def _digest(self, bundle: Bundle) -> Message:
        said = ",".join(str(row.id) for row in bundle.entries)
        values: dict[str, Value] = {"count": len(bundle.entries), "entries": self.lines(bundle.entries)}
        measures = {row.measure for row in bundle.entries}
        if len(measures) > 1 or None in measures:
            return self.letter(bundle, "digest", values, said)
        letter = self.letter(bundle, "projects", values | {"title": self._title(bundle.entries[0].measure or "")}, said)
        letter.measure = bundle.entries[0].measure
        return letter

    def _title(self, measure: str) -> str:
        with_ = self.with_
        book = deciding_rulebook(with_.session, self.archive.shelf, with_.library, View(with_.today)).rulebook
        return book.at(measure, with_.today).measure.title if measure in book.ids else measure

    def _named(self, row: Message) -> str:
        about = self.about.get(row.subject_id or 0)
        return f"（{about.name or about.code}）" if about is not None and about.kind == Kind.PROJECT else ""

    def _deliveries(self, letter: Message, bundle: Bundle) -> Iterator[Delivery]:
        """One for each channel that is on, reaches the person, and is agreed to. The inbox is reached at once."""
        contact, now = self._contact(letter), self.with_.now
        for channel in self.channels:
            is_inbox = channel is Channel.INBOX
            reaches = is_inbox or (contact is not None and _reaches(contact, channel))
            rows = bundle.rows if is_inbox else [row for row in bundle.rows if not self._is_last_call(row)]
            if reaches and any(self._agreed(row, channel) for row in rows):
                yield Delivery(
                    library=letter.library, message_id=letter.id, channel=channel.value, client_msg_id=uuid4().hex,
                    state=(DeliveryState.SENT if is_inbox else DeliveryState.PENDING).value, due_at=now,
                    sent_at=now if is_inbox else None, changed_at=now,
                )  # fmt: skip

    def _is_last_call(self, row: Message) -> bool:
        """A reminder of the day before the last: it stays in the house, and somebody phones."""
        if row.content != Content.DEADLINE or row.last_day is None:
            return False
        return row.last_day - _ONE_DAY <= self.with_.today

    def _agreed(self, row: Message, channel: Channel) -> bool:
        return is_allowed(self.said.get(row.recipient_id, ()), channel, row.topic, self._goes_anyway(row))

    def _is_for_the_week(self, row: Message) -> bool:
        """What has to be told, what is corrected, and what would end before the next digest does not wait for it."""
        if self._goes_anyway(row) or self._is_urgent(row):
            return False
        return frequency(self.said.get(row.recipient_id, ()), row.topic) is Frequency.WEEKLY

    def _topic(self, bundle: Bundle) -> str:
        """That of an entry which may disturb, where there is one: a digest is one message on every channel."""
        agreed = (row.topic for row in bundle.rows if self._agreed(row, Channel.SMS))
        return next(agreed, bundle.rows[0].topic)

    def withheld(self, row: Message) -> Withheld | None:
        """Why a message is not sent at all."""
        if row.recipient_id in self.of_firms and self._contact(row) is None:
            return Withheld.CONTACT_LEFT
        if not any(self._agreed(row, channel) for channel in self.channels):
            return Withheld.CONSENT
        side = self.sides.get(row.subject_id or 0, Side.ACTIVE)
        return Withheld.SIDE_STATE if side not in (Side.ACTIVE, Side.PAUSED) and not self._goes_anyway(row) else None

    def _pass_on(self, row: Message) -> None:
        """Who left while it waited is not told: who speaks for the firm now is, unless that person hears of it anyway."""
        firm = self._firm(row)
        if row.recipient_id not in self.of_firms or firm is None or self._contact(row) is not None:
            return
        told = messages.before(self.with_.session, self.with_.library, [row.subject_id or 0])
        for contact in self.with_.recipients(firm.id, row.topic):
            if not told.thread((row.subject_id or 0, row.measure or ""), contact.actor_id):
                row.recipient_id, row.why = contact.actor_id, self.with_.because(contact, INSTEAD)
                return

    def _goes_anyway(self, row: Message) -> bool:
        """What has to be told, and what is corrected, hangs neither on how the project stands nor on what one wants."""
        return must_be_told(row.mandatory, row.content)

    def _is_over(self, row: Message) -> bool:
        """Whether its window has ended; a correction is told all the same."""
        return row.last_day is not None and row.last_day < self.with_.today and row.content != Content.RECALL

    def _is_paused(self, row: Message) -> bool:
        return self.sides.get(row.subject_id or 0) is Side.PAUSED and not self._goes_anyway(row)

    @cached_property
    def sides(self) -> Mapping[int, Side]:
        """How the projects stand, by row id; one without any event goes on."""
        projects = [
            self.about[one] for one in {row.subject_id for row in self.rows} if one is not None and one in self.about
        ]
        projects = [row for row in projects if row.kind == Kind.PROJECT]
        found = log.entries(self.with_.session, Event, projects)
        table, today, now = self.archive.table, self.with_.today, self.with_.now
        sides = {one: replay(events, table, today, now).side for one, events in found.items() if events}
        return sides | {row.id: Side.MERGED for row in projects if row.survivor_id is not None}

    def _firm(self, row: Message) -> Subject | None:
        return self.about.get(self._firm_id(row))

    def _firm_id(self, row: Message) -> int:
        about = self.about.get(row.subject_id or 0)
        return 0 if about is None else contacts.firm_id(about) or 0

    def _contact(self, row: Message) -> Contact | None:
        speakers = self.with_.speakers.get(self._firm_id(row), ())
        return next((one for one in speakers if one.actor_id == row.recipient_id), None)

    def _is_urgent(self, row: Message) -> bool:
        """Whether its window ends before the day after the next digest."""
        return row.last_day is not None and row.last_day <= digest_day(
            self.with_.today + timedelta(days=7), self.archive.calendar
        )


def in_order(entries: Iterable[Message]) -> list[Message]:
    """Corrections first, then the most valuable."""
    found = most_valuable_first(entries, lambda row: (row.value_fen, row.last_day, row.id))
    return sorted(found, key=lambda row: row.content != Content.RECALL)


def digest_day(day: date, calendar: WorkingDays) -> date:
    """The first working day of the week of a day; its Monday where the working days of the year are not known."""
    monday = week_of(day)
    try:
        return next(one for one in (monday + timedelta(days=n) for n in range(7)) if calendar.is_working_day(one))
    except (FactError, StopIteration):
        return monday


def _is_match(row: Message) -> bool:
    return row.content in (Content.MATCH, Content.DIGEST)


def _reaches(contact: Contact, channel: Channel) -> bool:
    if channel not in _FOR_FIRMS:
        return False
    return channel not in _ADDRESS or getattr(contact, _ADDRESS[channel]) is not None


def _sum(entries: Iterable[Message]) -> int | None:
    values = [row.value_fen for row in entries if row.value_fen is not None]
    return sum(values) if values else None
