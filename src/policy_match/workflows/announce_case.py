"""Tell the firm what its 免申即享 case needs of it and what came of it, in the transaction of the step (TR8, §6.2).

These messages have to be told: nobody can unsubscribe from them in the inbox. That a payment failed, the unit of the measure
and the treasury hear too; who works for the area hears what the firm is asked. A case of which the firm never heard ends
without a word, and of an exclusion the message says nothing but whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement.states import Action, State
from policy_match.push.dedup import Told
from policy_match.push.wording import Value, day_text
from policy_match.push.words import CASE_TOPIC, Content, Trigger
from policy_match.store import accounts, subjects
from policy_match.store.actors import is_in_office
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.store.push_tables import Message
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.queue_messages import Draft, Stationery, queue_messages, stationery
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_touched
from policy_match.workflows.review_rights import lies_in
from policy_match.workflows.write_entry import By

TREASURY, DISTRICT = "treasury", "district"
_ASKS = (Action.END_NOTICE, Action.ASK, Action.REOPEN)
_ENDS: Mapping[Action, tuple[str, str]] = {
    Action.EXPIRE: ("逾期没有确认，这一次不再拨付", "仍要享受的，请联系主管单位"),
    Action.REFUSE: ("按最新的数据不再符合条件，不再拨付", "数据有误的，请提出更正"),
    Action.UPHOLD: ("公示期内有异议成立，不再拨付", "有疑问的，请联系主管单位"),
    Action.SUPERSEDE: ("同类待遇已按最高的一项办理，这一项不再拨付", "有疑问的，请联系主管单位"),
    Action.EXHAUST: ("资金额度已用完，暂时不能拨付", "等主管单位通知"),
    Action.CANCEL: ("办件已撤销", "有疑问的，请联系主管单位"),
    Action.CLAW_BACK: ("已拨付的资金需要退回", "请联系主管单位办理"),
    Action.EXCLUDE: ("资格状态有变化，暂不拨付", "请联系主管单位"),
}
_PAID = ("资金已拨付", "核对到账情况；有疑问的，请联系主管单位")
_FAILED = ("拨付没有成功，款项被退回", "核对收款账户的户名、账号和开户银行，等通知后重新确认")
_OFFICE_FAILED = "核对账户后请企业重新确认"
_OFFICE_ASKED = "提醒企业按时确认或放弃"
Words: TypeAlias = tuple[str, str]
"""What happened, and what is to be done."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a case, as it was just written: the action, what it rests on, and the version that decides."""

    action: Action
    body: Mapping[str, Plain]
    rule: Rule


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where the messages about one step are written."""

    session: Session
    archive: Archive
    case: Case
    happened: Happened
    firm: Subject
    with_: Stationery

    def to_firm(self, words: Words) -> Iterator[Draft]:
        """To everybody who speaks for the beneficiary."""
        for contact in self.with_.recipients(self.firm.id, CASE_TOPIC):
            yield self._draft(contact.actor_id, words, self.with_.why(contact, Trigger.CASE), is_mandatory=True)

    def to_offices(self, words: Words, wanted: Callable[[Actor], bool]) -> Iterator[Draft]:
        """To those of the offices who have an account."""
        for account, who in accounts.everybody(self.session):
            is_of_library = account.is_demo is (self.case.library == DEMO)
            if account.closed_at is None and is_of_library and is_in_office(who, self.with_.today) and wanted(who):
                yield self._draft(who.id, words, f"您办理的免申即享事项 {self.case.number} 有进展", is_mandatory=False)

    def _draft(self, recipient: str, words: Words, why: str, *, is_mandatory: bool) -> Draft:
        case, measure = self.case, self.happened.rule.measure
        contact = measure.how_to.contact
        values: dict[str, Value] = {
            "firm": self.firm.name or self.firm.code, "title": measure.title, "matter": words[0], "action": words[1],
            "unit": self.with_.unit_of(self.happened.rule), "contact": f"（{contact}）" if contact else "",
        }  # fmt: skip
        last = case.consent_last if case.state == State.CONSENT else None
        said = f"{case.number}:{case.row_version}:{self.happened.action}"
        told = Told(recipient, self.firm.code, case.measure, Content.CASE, said, last)
        return Draft(
            told, "case", values, Trigger.CASE, CASE_TOPIC, why, subject=self.firm, version=case.version,
            case_id=case.id, mandatory=is_mandatory,
        )  # fmt: skip


def announce_case(session: Session, archive: Archive, case: Case, happened: Happened, *, by: By) -> list[Message]:
    """What is told of a step; nothing where it concerns nobody but whoever took it."""
    words = _words(case, happened)
    if words is None:
        return []
    firm = subjects.by_ids(session, [case.beneficiary_id])[case.beneficiary_id]
    with_ = stationery(session, archive, case.library, [firm], by.now)
    desk = _Desk(session, archive, case, happened, firm, with_)
    return queue_messages(with_, [*desk.to_firm(words), *_copies(desk, words)])


def _words(case: Case, happened: Happened) -> Words | None:
    """What the firm is told; None: nothing."""
    action, last = happened.action, "" if case.consent_last is None else f"在{day_text(case.consent_last)}前"
    if action in _ASKS and case.state == State.CONSENT:
        return "请确认是否享受，并填写收款账户", f"{last}登录确认或放弃，不确认不拨付"
    if action is Action.RECONFIRM:
        return "收款账户要重新确认", f"{last}登录重新确认收款账户"
    if action is Action.NOTE and "reminder" in happened.body:
        return "还没有确认", f"{last}登录确认或放弃，不确认不拨付"
    if action is Action.PAY:
        return _PAID
    if action is Action.FAIL:
        return _FAILED
    # Before it was asked, the firm has heard of the case at most by the public notice.
    return _ENDS.get(action) if case.consent_last is not None else None


def _copies(desk: _Desk, words: Words) -> Iterator[Draft]:
    action = desk.happened.action
    if action is Action.FAIL:
        unit = desk.with_.unit_of(desk.happened.rule).split("、")
        yield from desk.to_offices((words[0], _OFFICE_FAILED), lambda who: _answers(desk, who, unit))
    elif desk.case.state == State.CONSENT and action is not Action.NOTE:
        subject = read_touched(desk.session, desk.archive, [desk.firm.id], View(local_day(desk.with_.now)))
        yield from desk.to_offices(
            (words[0], _OFFICE_ASKED),
            lambda who: who.role == DISTRICT and any(lies_in(one, who.region) for one in subject.values()),
        )


def _answers(desk: _Desk, who: Actor, unit: list[str]) -> bool:
    """Whether somebody is of the treasury or of the unit that answers for the measure."""
    return who.role == TREASURY or who.unit in unit or desk.archive.table.roles[who.role].name in unit
