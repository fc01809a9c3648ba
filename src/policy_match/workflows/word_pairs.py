"""What is said about one pair: a match, what is missing for it, an update of what was told, or its correction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from policy_match.dates import local_day
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.explain import Reason
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.windows import window_of
from policy_match.facts.vocabulary import Vocabulary
from policy_match.push.dedup import Told, dedup_key, is_quiet, said_of
from policy_match.push.value import value_fen
from policy_match.push.wording import Value, day_text, sum_text
from policy_match.push.words import TRIGGER_NAMES, Content, MessageState, Reply, Trigger, Withheld
from policy_match.store.messages import Before, Pair
from policy_match.store.push_tables import Contact, Message, PairChange
from policy_match.store.tables import Subject
from policy_match.workflows.match import Match
from policy_match.workflows.queue_messages import Draft, Stationery, note_messages
from policy_match.workflows.show_project import marking_of
from policy_match.workflows.tell_match import plain_amount, sentence, to_do, told

ANSWERED = (Reply.INTERESTED.value, Reply.HELP.value, Reply.NOT_FOR_US.value)
"""A firm that answered so has acted, or does not want to."""
UNSENT = (MessageState.HELD.value, MessageState.WAITING.value)
HEARD = (MessageState.OUT.value, MessageState.RECALLED.value)
CONFIRMED = "主管单位已审核确认"
MAY_HAVE = "可享受"
"""Said in the place of an amount where a measure gives none."""
NOT_MET = "按最新的数据不再符合条件"
_BY_RULES = (Trigger.NEW_MEASURE, Trigger.MEASURE_CHANGED)
_QUESTIONS = ("ask", "advice")


@dataclass(frozen=True)
class Telling:
    """One pair to be told of, by the version `rule`. `about`: whose benefit it is, the project or its firm; `explained`: gives
    the pair in full; `change`: None where none is known.

    `is_news`: whether the firm is told of it as it is now; `is_confirmed`: whether people looked at it.
    """

    about: Subject
    firm: Subject
    rule: Rule
    explained: Callable[[], Match] = field(repr=False)
    trigger: Trigger
    change: PairChange | None = None
    is_news: bool = False
    is_confirmed: bool = False

    @cached_property
    def match(self) -> Match:
        """The pair in full."""
        return self.explained()

    @property
    def pair(self) -> Pair:
        """By which its threads are found."""
        return self.about.id, self.rule.id

    def said(self) -> str:
        """Verdict and amount, as another message is told apart by them."""
        amount = self.match.amount
        low, high = (None, None) if amount is None else (amount.low_fen, amount.high_fen)
        return said_of(self.match.verdict.value, low, high)


@dataclass(frozen=True, slots=True)
class PairDesk:
    """Where messages about pairs are worded. `before`: what was told about them already."""

    with_: Stationery
    before: Before

    def news(self, one: Telling) -> Iterator[Draft]:
        """What each who speaks for the firm is told of a pair as it is now."""
        for contact in self.with_.recipients(one.firm.id, one.rule.measure.family):
            thread = self.before.thread(one.pair, contact.actor_id)
            last = next((row for row in reversed(thread) if row.state in HEARD), None)
            said = self.told(one, contact, Content.MATCH)
            if last is None or last.template in _QUESTIONS or one.match.verdict is not Verdict.ELIGIBLE:
                yield self._match(one, contact, said, last)
            elif last.content != Content.RECALL and self._says_the_same(one, contact, last):
                yield self._again(one, contact, last)
            elif not (one.trigger in _BY_RULES and self.has_acted(one.pair)):
                yield self._update(one, contact, last)

    def told(self, one: Telling, contact: Contact, content: Content) -> Told:
        """By what a message about a pair is told apart from others."""
        last_day = last_day_of(one.rule, self.with_.today)
        return Told(contact.actor_id, one.about.code, one.rule.id, content, one.said(), last_day)

    def corrections(self, one: Telling) -> Iterator[Draft]:
        """That a pair that was told of is refused now; whoever acted on it meanwhile hears it from the office itself."""
        values = self.values(one.about, one.firm, one.rule)
        for row in self.last_told(one.pair):
            yield recall(row, one.about, values, (one.trigger, NOT_MET))

    def last_told(self, pair: Pair) -> Iterator[Message]:
        """What each person heard last of a pair, if it still stands and nobody acted on it."""
        if self.has_acted(pair):
            return
        for thread in self.before.threads.get(pair, {}).values():
            heard = [row for row in thread if row.state in HEARD or _is_coming_correction(row)]
            if heard and heard[-1].content != Content.RECALL and heard[-1].template not in _QUESTIONS:
                yield heard[-1]

    def has_acted(self, pair: Pair) -> bool:
        """Whether somebody of the firm answered that it is at work on it, or does not want it."""
        return any(row.reply in ANSWERED for row in self.before.of_pair(pair))

    def exclusions(self, tellings: Sequence[Telling]) -> Iterator[Draft]:
        """One message to each firm whose exclusion changed, with nothing of the list."""
        by_firm: dict[int, list[Telling]] = {}
        for one in tellings:
            by_firm.setdefault(one.firm.id, []).append(one)
        for found in by_firm.values():
            first = found[0]
            said = "on" if any(one.change is not None and one.change.excluded for one in found) else "off"
            for contact in self.with_.recipients(first.firm.id, first.rule.measure.family):
                same = Told(contact.actor_id, first.firm.code, "", Content.EXCLUSION, said)
                values: dict[str, Value] = {"firm": first.firm.name or "", "unit": self.with_.unit_of(first.rule)}
                yield Draft(
                    same, "exclusion", values, Trigger.EXCLUSION, first.rule.measure.family,
                    self.with_.why(contact, Trigger.EXCLUSION), subject=first.firm,
                )  # fmt: skip

    def cancel_unsent(self, tellings: Sequence[Telling]) -> int:
        """Take back what waits about these pairs and says something else than what is so now; how many."""
        gone = []
        for one in tellings:
            for row in self.before.of_pair(one.pair):
                if row.state in UNSENT and not (one.is_news and self._is_said_by(one, row)):
                    row.state, row.withheld = MessageState.CANCELLED.value, Withheld.WITHDRAWN.value
                    gone.append(row)
        self.with_.session.flush()
        note_messages(self.with_.session, self.with_.library, "message.cancel", gone, self.with_.now)
        return len(gone)

    def values(self, about: Subject, firm: Subject, rule: Rule) -> dict[str, Value]:
        """What every message about a measure may name."""
        contact = rule.measure.how_to.contact
        return {
            "project": about.name or about.code,
            "firm": firm.name or firm.code,
            "title": rule.measure.title,
            "unit": self.with_.unit_of(rule),
            "contact": f"（{contact}）" if contact else "",
        }

    def _is_said_by(self, one: Telling, row: Message) -> bool:
        same = Told(
            row.recipient_id, one.about.code, one.rule.id, Content(row.content), one.said(),
            last_day_of(one.rule, self.with_.today),
        )  # fmt: skip
        return dedup_key(same, local_day(row.made_at)) == row.dedup_key

    def _says_the_same(self, one: Telling, contact: Contact, last: Message) -> bool:
        return last.recipient_id == contact.actor_id and self._is_said_by(one, last)

    def _again(self, one: Telling, contact: Contact, last: Message) -> Draft:
        """What was said before: kept as not sent within its 90 days, after them told as if for the first time."""
        is_new = not is_quiet(local_day(last.made_at), self.with_.today)
        content = Content.MATCH if is_new else Content(last.content)
        return self._match(one, contact, self.told(one, contact, content), last)

    def _match(self, one: Telling, contact: Contact, said: Told, last: Message | None) -> Draft:
        match, measure = one.match, one.rule.measure
        template, more = _worded(one, self.with_.vocabulary)
        values = self.values(one.about, one.firm, one.rule) | more
        return Draft(
            said, template, values, one.trigger, measure.family, self._why(one, contact),
            subject=one.about, version=measure.version, change_id=None if one.change is None else one.change.id,
            thread_id=None if last is None else last.thread_id or last.id, value_fen=value_fen(match.amount),
        )  # fmt: skip

    def _update(self, one: Telling, contact: Contact, last: Message) -> Draft:
        values = self.values(one.about, one.firm, one.rule)
        values |= {"changes": [*self._changes(one, last)]}
        return Draft(
            self.told(one, contact, Content.UPDATE), "update", values, one.trigger, one.rule.measure.family,
            self._why(one, contact), subject=one.about, version=one.rule.measure.version,
            change_id=None if one.change is None else one.change.id, thread_id=last.thread_id or last.id,
            value_fen=value_fen(one.match.amount),
        )  # fmt: skip

    def _why(self, one: Telling, contact: Contact) -> str:
        return self.with_.because(contact, CONFIRMED if one.is_confirmed else TRIGGER_NAMES[one.trigger])

    def _changes(self, one: Telling, last: Message) -> Iterator[str]:
        """What is another thing than what was told last, in words."""
        window = window_of(one.rule.measure, self.with_.today)
        lines = [*window_change(last.last_day, None if window is None else window[1])]
        now = plain_amount(one.match)
        if last.content == Content.RECALL:
            lines.insert(0, f"现在又可以办理{f'，{now}' if now else ''}")
        elif now:
            lines.insert(0, f"金额：{_was(one)}现在{now}")
        yield from lines or ["条件有变化，请重新核对"]


def _is_coming_correction(row: Message) -> bool:
    return row.content == Content.RECALL and row.state in UNSENT


def recall(row: Message, about: Subject, values: Mapping[str, Value], why: tuple[Trigger, str]) -> Draft:
    """The correction of a message, to whom it went; `why`: what happened, in a code and in words."""
    said = Told(row.recipient_id, about.code, row.measure or "", Content.RECALL, f"{row.id}:{why[1]}")
    return Draft(
        said, "recall", {**values, "reason": why[1]}, why[0], row.topic, row.why, subject=about, version=row.version,
        thread_id=row.thread_id or row.id,
    )  # fmt: skip


def _was(one: Telling) -> str:
    """The amount before, where it is known and another one."""
    change, amount = one.change, one.match.amount
    if change is None or change.was != Verdict.ELIGIBLE or amount is None or change.was_low_fen is None:
        return ""
    was = sum_text(change.was_low_fen, change.was_high_fen)
    return "" if was == sum_text(amount.low_fen, amount.high_fen) else f"原来{was}，"


def window_change(was: date | None, now: date | None) -> Iterator[str]:
    """That the last day is another one, in words."""
    if now is not None and was != now:
        yield f"申报截止：{'' if was is None else f'原来{day_text(was)}，'}现在{day_text(now)}"


def last_day_of(rule: Rule, as_of: date) -> date | None:
    """The last day of the window in which one applies, else of the version where it is known to the day; None: not known."""
    window = window_of(rule.measure, as_of)
    if window is not None:
        return window[1]
    last = rule.validity.last
    return None if last is None else date.fromordinal(last)


def _worded(one: Telling, vocabulary: Vocabulary) -> tuple[str, dict[str, Value]]:
    """The template of a pair as it is, and what it says of it."""
    match = one.match
    marking = marking_of(match)
    said: dict[str, Value] = {"sentence": sentence(match, marking)}
    if match.verdict is Verdict.UNKNOWN:
        return "ask", said | {"facts": _missing(match, vocabulary)}
    if match.verdict is Verdict.INELIGIBLE:
        return "advice", said | {"gaps": [*_gaps(match)]}
    amount = plain_amount(match) or MAY_HAVE
    return "match", said | {"amount": amount, "action": to_do(match, told(match, marking))}


def _missing(match: Match, vocabulary: Vocabulary) -> list[str]:
    """The smallest set of facts to ask for, by name."""
    return [vocabulary[fact].label for fact in (match.missing[0] if match.missing else ())]


def _gaps(match: Match) -> Iterator[str]:
    """What little would have to change, each with its distance; when time alone does it, the day."""
    near = match.near
    for reason in match.reasons:
        if near is not None and reason.condition in near.conditions:
            yield _gap(match, reason)
    if near is not None and near.true_on is not None:
        yield f"预计{day_text(near.true_on)}起满足"


def _gap(match: Match, reason: Reason) -> str:
    condition = match.rule.conditions.get(reason.condition)
    label = "" if condition is None else condition.label
    far = "" if reason.gap is None else f"，{reason.gap.words}"
    return f"{label}：现在{reason.have or '没有'}，要求{reason.need}{far}"
