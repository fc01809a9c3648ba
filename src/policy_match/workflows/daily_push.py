"""What is told at its time: what waits, reminders of deadlines, the digest of the week, and counts for the departments.

Called by every round of a worker. What was told already is not told again, so that it does not matter how often, or when a
worker was away: reminders and counts go once a day from 9:00, the digest on the first working day of a week (§6.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.windows import window_of
from policy_match.push.caps import week_of
from policy_match.push.dedup import Told, keys_within
from policy_match.push.wording import Value, day_text, sum_text
from policy_match.push.words import NOTICE_TOPIC, Asked, Content, MessageState, Trigger
from policy_match.settings import LOCAL
from policy_match.store import accounts, audit, contacts, doubts, messages, subjects
from policy_match.store.actors import is_in_office
from policy_match.store.messages import Before, Pair
from policy_match.store.push_tables import Message, PushRun
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.queue_messages import Draft, note_messages, queue_messages, stationery
from policy_match.workflows.read_records import View
from policy_match.workflows.recall_measure import eligible_pair, follow_measures, paid_already, paid_pairs
from policy_match.workflows.send_waiting import (
    DIGEST_AT,
    Bundle,
    Sending,
    Sent,
    digest_day,
    in_order,
    open_sending,
    send_waiting,
)
from policy_match.workflows.word_pairs import PairDesk

STEPS = (30, 14, 7, 3, 1)
"""Days before the last one on which a firm that may have something, and has not acted, is reminded."""
BY_PHONE = 7
"""From so many days on somebody phones where nobody of the firm has read it, on the last day always."""
DAILY, WEEKLY = "daily", "weekly"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one round did. `sent`: of what waited; `reminders`, `calls`: of deadlines; `digests`: of the week; `expired`: not sent any more."""

    sent: Sent
    reminders: int = 0
    calls: int = 0
    digests: int = 0
    expired: int = 0


def daily_push(archive: Archive, library: str, now: datetime) -> Pushed:
    """Send what is due in one library, in one transaction; call it when the rematch has nothing left to do."""
    with archive.database.writing() as session:
        audit.take_turn(session)
        round_ = _Round(session, archive, library, now)
        sent = send_waiting(session, archive, library, now)
        if not round_.is_time:
            return Pushed(sent)
        expired, (reminders, calls) = (round_.expire(), round_.remind()) if round_.is_first_today() else (0, (0, 0))
        more = send_waiting(session, archive, library, now)
        digests = round_.digests() if round_.is_digest_due() else 0
        return Pushed(_both(sent, more), reminders, calls, digests, expired)


@dataclass(frozen=True)
class _Round:
    """One round at work."""

    session: Session
    archive: Archive
    library: str
    now: datetime

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.now)

    @property
    def is_time(self) -> bool:
        """Whether it is 9:00 or later."""
        return self.now.astimezone(LOCAL).time() >= DIGEST_AT

    def is_first_today(self) -> bool:
        """Whether nobody did today's work yet."""
        return self._last(DAILY) != self.today

    def is_digest_due(self) -> bool:
        """Whether the digest of this week is due, and was not made."""
        last = self._last(WEEKLY)
        is_made = last is not None and week_of(last) == week_of(self.today)
        return not is_made and self.today >= digest_day(self.today, self.archive.calendar)

    def _last(self, kind: str) -> date | None:
        found = messages.earlier_runs(self.session, self.library, kind, 1)
        return local_day(found[0].at) if found else None

    def expire(self) -> int:
        """What is held or waits, and of which the window has ended, does not go any more; how many."""
        states = (MessageState.HELD, MessageState.WAITING)
        rows = [row for state in states for row in messages.in_state(self.session, self.library, state)]
        over = [
            row
            for row in rows
            if row.last_day is not None and row.last_day < self.today and row.content != Content.RECALL
        ]
        for row in over:
            row.state = MessageState.EXPIRED.value
        self.session.flush()
        note_messages(self.session, self.library, "message.stop", over, self.now)
        return len(over)

    def remind(self) -> tuple[int, int]:
        """Note the reminders of today and the tasks to phone, and what the departments are told; how many of the first two."""
        self.note_run(DAILY)
        follow_measures(self.session, self.archive, self.library, self.now)
        before = messages.of_measures(self.session, self.library)
        reminding = _reminding(self, before)
        found = reminding.due()
        made = queue_messages(reminding.desk.with_, [one.draft for one in found])
        counts = [*self.counts(reminding.book)]
        queue_messages(reminding.desk.with_, counts)
        calls = sum(reminding.ask_to_call(one) for one in found)
        return sum(row.state == MessageState.WAITING for row in made), calls

    def digests(self) -> int:
        """One to each person and firm of what waits, what ends within 30 days and what is still asked; how many."""
        before = messages.of_measures(self.session, self.library)
        waiting = messages.in_state(self.session, self.library, MessageState.WAITING)
        left = [row for row in waiting if row.withheld is not None]
        mentioned = {row.id: row for row in _reminding(self, before).standing()}
        sending = open_sending(self.session, self.archive, self.library, [*left, *mentioned.values()], self.now)
        reminded = {(row.recipient_id, row.thread_id) for row in sending.today if row.content == Content.DEADLINE}
        named = [row for row in mentioned.values() if (row.recipient_id, row.thread_id or row.id) not in reminded]
        bundles = _weekly(sending, sending.good(left), [row for row in named if sending.may_be_named(row)])
        run = messages.add_run(self.session, sending.run(WEEKLY, bundles))
        for bundle in bundles:
            values = _weekly_values(bundle, sending, self.today)
            if bundle.firm is None:
                values["firm"] = self.session.get_one(Actor, bundle.recipient).name
            sending.out(bundle, run, sending.letter(bundle, "weekly", values, f"week:{week_of(self.today)}"))
        return len(bundles)

    def note_run(self, kind: str) -> None:
        """That the work of a day was done."""
        row = PushRun(library=self.library, kind=kind, at=self.now, counts={}, held=False)
        messages.add_run(self.session, row)

    def counts(self, book: Rulebook) -> Iterator[Draft]:
        """How many matches of its own measures went out on the day before, to each of a department who may sign in."""
        today = datetime.combine(self.today, time(), LOCAL)
        went = messages.matches_between(self.session, self.library, today - timedelta(days=1), today)
        told = Counter(measure for measure in went if measure in book.ids)
        by_unit: dict[str, Counter[str]] = {}
        for measure, count in told.items():
            rule = book.at(measure, self.today)
            for unit in (rule.measure.owner_unit or "").split("、"):
                by_unit.setdefault(unit, Counter())[rule.measure.title] += count
        for who in self._of_departments():
            unit = who.unit or self.archive.table.roles[who.role].name
            if unit in by_unit:
                yield _count_draft(who, unit, by_unit[unit], self.today)

    def _of_departments(self) -> Iterator[Actor]:
        """Everybody of a city department with an open account of this library."""
        roles = self.archive.table.roles
        for account, who in accounts.everybody(self.session):
            is_theirs = account.is_demo == (self.library == DEMO) and account.closed_at is None
            if is_theirs and is_in_office(who, self.today) and who.role in roles and not roles[who.role].own_area:
                yield who


@dataclass(frozen=True, slots=True)
class _Reminder:
    """One reminder, and whether somebody has to phone."""

    draft: Draft
    about: Subject
    call: bool


@dataclass(frozen=True, slots=True)
class _Reminding:
    """Every thread beside the rules and the ledger of the day."""

    desk: PairDesk
    book: Rulebook
    about: Mapping[int, Subject]
    firms: Mapping[int, Subject]
    paid: frozenset[tuple[str, str]]

    @property
    def today(self) -> date:
        """The local day."""
        return self.desk.with_.today

    def due(self) -> list[_Reminder]:
        """The reminders of today that nobody has had."""
        found = [one for pair in self.desk.before.threads for one in self.of_pair(pair)]
        with_, keys = self.desk.with_, [keys_within(one.draft.told, self.today) for one in found]
        known = messages.with_keys(with_.session, with_.library, {key for both in keys for key in both})
        return [one for one, both in zip(found, keys, strict=True) if not known.keys() & set(both)]

    def of_pair(self, pair: Pair) -> Iterator[_Reminder]:
        """The reminders of one pair that are due, one for each who was told of it."""
        window = self._window(pair)
        left = 0 if window is None else (window - self.today).days
        step = min((one for one in STEPS if one >= left), default=None) if left > 0 else None
        if window is None or step is None:
            return
        rows = [row for row in self._open(pair) if local_day(row.made_at) < window - timedelta(days=step)]
        unread = all(row.read_at is None for row in self.desk.before.of_pair(pair))
        call = step == STEPS[-1] or (step <= BY_PHONE and unread)
        for row in rows:
            yield _Reminder(self._draft(row, pair, window, (step, left)), self.about[pair[0]], call)

    def standing(self) -> Iterator[Message]:
        """What is told of and ends within 30 days, and what was asked and not answered."""
        for pair, threads in self.desk.before.threads.items():
            window = self._window(pair)
            if window is not None and self.today <= window <= self.today + timedelta(days=STEPS[0]):
                yield from self._open(pair)
            asked = (row for thread in threads.values() for row in thread)
            yield from (
                row for row in asked if row.template == "ask" and row.state == MessageState.OUT and row.reply is None
            )

    def ask_to_call(self, one: _Reminder) -> bool:
        """Ask whoever looks after the firm to phone, once for each window; whether that is new."""
        with_ = self.desk.with_
        told, day = one.draft.told, one.draft.told.last_day
        key = doubts.key_of(f"{told.measure}:{told.about}:{day}")
        if not one.call or doubts.find(with_.session, with_.library, Asked.CALL_FIRM, key) is not None:
            return False
        what = f"“{one.draft.values['title']}”{'' if day is None else day_text(day)}截止，企业还没有办，请电话告知（{one.about.name or one.about.code}）"
        doubts.raise_doubt(
            with_.session, with_.library, Asked.CALL_FIRM, key, what=what, value="" if day is None else day.isoformat(),
            at=with_.now, subject=one.about,
        )  # fmt: skip
        return True

    def _window(self, pair: Pair) -> date | None:
        """The last day on which one may apply for a measure that stands."""
        rule = self._rule(pair)
        window = None if rule is None or rule.measure.status != "active" else window_of(rule.measure, self.today)
        return None if window is None else window[1]

    def _rule(self, pair: Pair) -> Rule | None:
        return self.book.at(pair[1], self.today) if pair[1] in self.book.ids else None

    def _open(self, pair: Pair) -> list[Message]:
        """What each heard last of a pair that is eligible, went out, and on which nobody acted."""
        about = self.about[pair[0]]
        firm = self.firms.get(contacts.firm_id(about) or 0)
        rows = [row for row in self.desk.last_told(pair) if row.state == MessageState.OUT]
        if not rows or paid_already(self.paid, pair[1], about, firm):
            return []
        return rows if eligible_pair(self.desk.with_.session, about, pair[1]) is not None else []

    def _draft(self, row: Message, pair: Pair, window: date, when: tuple[int, int]) -> Draft:
        about, rule = self.about[pair[0]], self._rule(pair)
        firm = self.firms[contacts.firm_id(about) or 0]
        values: dict[str, Value] = {} if rule is None else self.desk.values(about, firm, rule)
        amount = "" if row.value_fen is None else f"，预计{sum_text(row.value_fen, row.value_fen)}"
        values |= {"amount": amount, "last_day": window, "left": when[1]}
        told = Told(row.recipient_id, about.code, pair[1], Content.DEADLINE, str(when[0]), window)
        return Draft(
            told, "deadline", values, Trigger.DEADLINE, row.topic, row.why, subject=about, version=row.version,
            thread_id=row.thread_id or row.id, value_fen=row.value_fen,
        )  # fmt: skip


def _reminding(round_: _Round, before: Before) -> _Reminding:
    session, archive, library = round_.session, round_.archive, round_.library
    about = subjects.by_ids(session, sorted({subject for subject, _ in before.threads}))
    firms = subjects.by_ids(session, sorted({contacts.firm_id(row) or 0 for row in about.values()} - {0}))
    with_ = stationery(session, archive, library, firms.values(), round_.now)
    book = deciding_rulebook(session, archive.shelf, library, View(round_.today)).rulebook
    return _Reminding(PairDesk(with_, before), book, about, firms, paid_pairs(session, library, round_.now))


def _weekly(sending: Sending, left: Sequence[Message], mentioned: Sequence[Message]) -> list[Bundle]:
    """What was left for the digest, and what is named in it, by person and firm; none that would name nothing."""
    found: dict[tuple[str, int], Bundle] = {}
    for rows, is_left in ((left, True), (mentioned, False)):
        for one in sending.bundles(rows):
            key = (one.recipient, 0 if one.firm is None else one.firm.id)
            had = found.get(key, Bundle(one.recipient, one.firm, ()))
            entries = in_order([*had.entries, *one.entries]) if is_left else had.entries
            named = had.mentions if is_left else in_order([*had.mentions, *one.entries])
            found[key] = Bundle(one.recipient, one.firm, entries, named)
    return [one for one in found.values() if any(not _is_reminder(row) for row in one.rows)]


def _weekly_values(bundle: Bundle, sending: Sending, today: date) -> dict[str, Value]:
    """What the digest says: what is new, what ends soon, what is still asked; a part with nothing in it is left out.

    A reminder that waited is not repeated in its old words: what it reminded of is named with the days that are left now.
    """
    new = [row for row in bundle.entries if not _is_reminder(row)]
    asks = [row for row in bundle.mentions if row.template == "ask"]
    ending = [row for row in bundle.mentions if row.template != "ask" and row.last_day is not None]
    ends = [
        f"{row.title}：{day_text(row.last_day)}截止，还有{(row.last_day - today).days}天"
        for row in ending
        if row.last_day
    ]
    return {
        "count": len(new) + len(bundle.mentions),
        "entries": _part("新的消息，按金额由高到低：", sending.lines(new)),
        "deadlines": _part("30天内截止：", ends),
        "asks": _part("还等您补充的：", sending.lines(asks)),
    }


def _part(head: str, lines: Sequence[str]) -> list[str]:
    return [head, *lines] if lines else []


def _is_reminder(row: Message) -> bool:
    return row.content == Content.DEADLINE


def _count_draft(who: Actor, unit: str, told: Counter[str], today: date) -> Draft:
    values: dict[str, Value] = {
        "unit": unit, "count": told.total(), "firm": "", "entries": [f"{title}：{count}次" for title, count in told.most_common()],
    }  # fmt: skip
    said = Told(who.id, unit, "", Content.DIGEST, f"counts:{today}")
    return Draft(said, "counts", values, Trigger.DEADLINE, NOTICE_TOPIC, f"您是{unit}的经办人；每天的告知情况")


def _both(first: Sent, second: Sent) -> Sent:
    return Sent(
        messages=first.messages + second.messages,
        entries=first.entries + second.entries,
        later=first.later + second.later,
        expired=first.expired + second.expired,
        suppressed=first.suppressed + second.suppressed,
        run=second.run or first.run,
    )
