"""Objections: anybody's during the notice, a firm's own at any time that it was left out; each gets an answer in words.

Name and contact of who objects are for the officers alone. Domain specification §4.7.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.entitlement.states import Action, State
from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.store import audit, cases, objections, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case, Objection
from policy_match.store.tables import Actor
from policy_match.workflows.at_case import HANDLES, OBJECTS, CaseDesk, at_case, not_the_same
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.publish_notice import end_notice
from policy_match.workflows.read_records import View
from policy_match.workflows.seal_value import about_objection, seal_value
from policy_match.workflows.write_entry import By, at_library_desk, said

OUTCOMES = {"upheld": "成立", "rejected": "不成立", "withdrawn": "撤回"}


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What somebody says. All three are needed."""

    name: str
    contact: str
    says: str


def object_case(archive: Archive, number: str, asked: NewObjection, by: By) -> Objection:
    """Record an objection to a case in its notice, which is held until it is answered.

    In time to the last day of the notice, 24:00. UsageError TEXT_MISSING; Conflict MSJX_STATE outside a notice,
    OBJECTION_LATE after it.
    """
    with at_case(archive, number, by, OBJECTS) as desk:
        cases.require_open_to(desk.case, Action.OBJECT)
        last = desk.case.notice_last
        if last is not None and by.today > last:
            what = f"公示已于 {last} 24时结束"
            raise Conflict(Issue("OBJECTION_LATE", what, number, str(last), "应享未享的用 msjx omission"))
        row = _row(archive, desk.who, by, asked, desk.case.measure)
        row.case_id = desk.case.id
        _add(desk.session, archive, row)
        desk.move(Action.OBJECT, {"objection": row.id, "due": row.due_on.isoformat()})
        return row


def claim_omission(archive: Archive, subject: str, measure: str, asked: NewObjection, by: By) -> Objection:
    """Record that a firm says it was left out of a measure; NotFound for the subject, UsageError for the measure."""
    with at_library_desk(archive, OBJECTS, by, about=subject) as (session, who):
        row_of = subjects.by_code(session, by.library, subject.strip())
        if row_of is None:
            what = f"没有“{subject[:40]}”"
            raise NotFound(Issue("SUBJECT_UNKNOWN", what, "主体", "库内编号或信用代码", "先查编号"))
        book = deciding_rulebook(session, archive.shelf, by.library, View.of(by.today, None, by.now)).rulebook
        if measure not in book.ids:
            raise unknown_measure(measure, book.ids, "措施")
        row = _row(archive, who, by, asked, measure)
        row.subject_id = row_of.id
        _add(session, archive, row)
        _note(session, who, "msjx.omission", row, by)
        return row


def answer_objection(archive: Archive, objection: int, outcome: str, answer: str, by: By) -> Objection:
    """Decide an objection with an answer in words; the case goes on, or ends where the objection is right.

    An omission that is right leads to a new candidate by `msjx run`. UsageError for an unknown outcome or no answer;
    Conflict OBJECTION_DECIDED; Conflict MSJX_SAME_PERSON for who verified the case.
    """
    text = said(answer, "答复", "--answer")
    if outcome not in OUTCOMES:
        allowed = "、".join(f"{key} {name}" for key, name in OUTCOMES.items())
        raise UsageError(Issue("OUTCOME", f"“{outcome[:20]}”不是处理结果", "--outcome", allowed, "改用列出的一种"))
    with at_library_desk(archive, HANDLES, by, about=f"异议{objection}") as (session, who):
        row = objections.by_id(session, by.library, objection)
        if row is None:
            raise NotFound(Issue("OBJECTION_UNKNOWN", f"没有异议 {objection}", "编号", "", "用 msjx objections 查编号"))
        if row.outcome is not None:
            what = f"异议 {objection} 已答复：{OUTCOMES[row.outcome]}"
            raise Conflict(Issue("OBJECTION_DECIDED", what, str(objection), "", "不能再改；有新事实另提异议"))
        case = None if row.case_id is None else session.get_one(Case, row.case_id)
        view = View.of(by.today if case is None else case.as_of, None, by.now)
        deciding = deciding_rulebook(session, archive.shelf, by.library, view)
        rule = deciding.rulebook.at(row.measure, view.as_of)
        require_own(archive, rule, who, HANDLES, "异议")
        row.outcome, row.answer, row.decided_at, row.decided_by = outcome, text, by.now, who.id
        if case is not None:
            not_the_same(who, _verifiers(session, case), "答复异议")
            _settle(CaseDesk(session, archive, by, who, case, deciding, rule), row, outcome, text)
        _note(session, who, "msjx.answer", row, by)
        return row


def _settle(desk: CaseDesk, row: Objection, outcome: str, text: str) -> None:
    """The case ends, or goes back to where it was once no other objection is open; a notice that is over ends with it."""
    body: dict[str, Plain] = {"objection": row.id, "outcome": outcome, "answer": text}
    if outcome == "upheld":
        desk.move(Action.UPHOLD, body, reason=text)
    elif objections.unanswered(desk.session, desk.case):
        desk.move(Action.NOTE, body, reason=text)
    else:
        desk.move(Action.RELEASE, body, to=State(desk.case.held_from or State.NOTICE), reason=text)
        if desk.state is State.NOTICE and desk.case.notice_last is not None and desk.by.today > desk.case.notice_last:
            end_notice(desk)


def _verifiers(session: Session, case: Case) -> dict[str, str | None]:
    second = cases.last_step(session, case, Action.VERIFY)
    return {"第一次核验": case.first_by, "第二次核验": None if second is None else second.actor_id}


def _row(archive: Archive, who: Actor, by: By, asked: NewObjection, measure: str) -> Objection:
    return Objection(
        library=by.library, measure=measure, name=said(asked.name, "姓名或单位", "--name", longest=60),
        contact=said(asked.contact, "联系方式", "--contact", longest=120), says=said(asked.says, "异议内容", "--says"),
        received_at=by.now, recorded_by=who.id,
        due_on=archive.calendar.add_working_days(local_day(by.now), archive.terms.objection_days),
    )  # fmt: skip


def _add(session: Session, archive: Archive, row: Objection) -> None:
    """Keep an objection, the name and the contact sealed: its number is theirs, and nothing is written before it has one."""
    name, contact = row.name, row.contact
    row.name = row.contact = ""
    objections.add(session, row)
    row.name = seal_value(session, archive.sealer, name, about_objection(row, "name"))
    row.contact = seal_value(session, archive.sealer, contact, about_objection(row, "contact"))


def _note(session: Session, who: Actor, action: str, row: Objection, by: By) -> None:
    audit.record(
        session, who, action, object_kind="objection", object_id=str(row.id), at=by.now, reason=row.answer,
        library=row.library, detail={"measure": row.measure, "outcome": row.outcome},
    )  # fmt: skip
