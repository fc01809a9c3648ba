"""Answer what a person was asked: the answer is carried out, remembered and audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, Forbidden, Issue, NotFound, UsageError
from policy_match.exchange.intake_text import observation_from_text
from policy_match.facts.observations import received
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.lifecycle.case import entitled, who_may
from policy_match.lifecycle.clocks import Mark
from policy_match.store import audit, doubts, log, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Doubt, Subject
from policy_match.workflows.join_projects import LIKENESS
from policy_match.workflows.judge_firms import FIRM_CHANGED
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.note_words import note_words
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import NAME_KEY
from policy_match.workflows.read_records import View, read_records
from policy_match.workflows.record_event import case_of

ACCEPTED, REFUSED = "accepted", "refused"
_BY_COMMAND = "并库用 merge，分期用 phase，不是一回事用 apart"
OUTCOMES = {ACCEPTED: "认可", REFUSED: "不认可"}


def settle_doubt(
    archive: Archive, library: str, number: int, outcome: str, *, by: str, now: datetime, note: str = ""
) -> Doubt:
    """Settle one question; NotFound, UsageError for a word that is no answer, Conflict if it was answered before."""
    if outcome not in OUTCOMES:
        allowed = "、".join(f"{word} {name}" for word, name in OUTCOMES.items())
        raise UsageError(
            Issue("OUTCOME", f"“{outcome[:20]}”不是答复", "", allowed, "重复的项目用 project merge、phase、apart")
        )
    about = f"待核实 {number}"
    with noting_forbidden(archive, "doubt.settle", about, by, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        doubt = doubts.by_number(session, library, number)
        if doubt is None:
            raise NotFound(Issue("DOUBT_UNKNOWN", f"没有第 {number} 条待核实", "", "", "用 doubts list 查看"))
        if doubt.settled_at is not None:
            raise Conflict(Issue("DOUBT_SETTLED", f"第 {number} 条已由 {doubt.settled_by} 答复：{doubt.outcome}"))
        if outcome == ACCEPTED and doubt.code == LIKENESS:
            raise UsageError(
                Issue("OUTCOME", "是同一项目还是分期，没有说明", "", "project merge、phase 或 apart", _BY_COMMAND)
            )
        subject = None if doubt.subject_id is None else session.get_one(Subject, doubt.subject_id)
        require_settler(session, archive, subject, who, now)
        if outcome == ACCEPTED and subject is not None:
            carry_out = _CARRIED_OUT.get(doubt.code, _nothing)
            carry_out(_Answer(session, archive, doubt, by, now, note), subject)
        if doubt.code == "PERMIT_REVOKED" and subject is not None:
            # Answered either way: the light that the revoked permit lit goes out.
            settled = Mark("permit_settled", local_day(now), note)
            log.add(session, subject, settled, on=settled.on, by=log.By(who.id, now, "DEPT"))
        doubts.settle(session, doubt, outcome, by=by, at=now, note=note)
        audit.record(
            session, who, "doubt.settle", object_kind="doubt", object_id=str(number), at=now, result=outcome,
            library=library, reason=note or None, detail={"code": doubt.code, "key": doubt.key},
        )  # fmt: skip
        return doubt


def require_settler(session: Session, archive: Archive, subject: Subject | None, who: Actor, now: datetime) -> None:
    """Refuse who may not settle questions of a project, or, as one of the city's offices, of a firm; Forbidden DOUBT_ROLE."""
    table, allowed = archive.table, archive.table.may["doubt"]
    if subject is not None and subject.kind == Kind.PROJECT:
        record = read_records(session, archive, [subject], View(local_day(now)))[0]
        case, lead = case_of(session, archive, record, who, now), record.state.lead
        may, names = entitled(allowed, "", lead, table, case), who_may(allowed, lead, table, case)
    else:
        city = [one.role for one in allowed if one.role in table.roles and not table.roles[one.role].own_area]
        may, names = who.role in city, "；".join(table.roles[role].name for role in city)
    if not may:
        raise Forbidden(Issue("DOUBT_ROLE", f"“{who.name}”不办这一项", "--by", names, "请由允许的单位办理"))


@dataclass(frozen=True, slots=True)
class _Answer:
    """A question that somebody says yes to."""

    session: Session
    archive: Archive
    doubt: Doubt
    by: str
    now: datetime
    note: str


def _nothing(_answer: _Answer, _subject: Subject) -> None:
    """The answer itself is all: the point is recorded by who may."""


def _figure(answer: _Answer, subject: Subject) -> None:
    """The figure is right: it is kept as its source gave it. One that could not be read is entered anew."""
    vocabulary = answer.archive.vocabulary
    found = observation_from_text(answer.doubt.value, vocabulary)
    if found is not None:
        kept = {subject.id: [received(found, answer.now)]}
        stored_facts.keep(answer.session, kept, vocabulary, actor_id=answer.by, batch_id=answer.doubt.batch_id)


def _new_code(answer: _Answer, subject: Subject) -> None:
    """Re-filed: the old code ends, the new one is the project's."""
    session, doubt, now = answer.session, answer.doubt, answer.now
    for key in subjects.keys_of(session, [subject.id])[subject.id]:
        if key.kind == subjects.PROJECT_CODE and key.valid_through is None:
            subjects.end_key(session, subject, Given(key.kind, key.value), at=now)
    given = Given(subjects.PROJECT_CODE, doubt.value)
    holder = subjects.by_key(session, subject.library, given)
    if holder is not None:
        raise Conflict(Issue("LC_KEY_TAKEN", f"项目代码已属于 {holder.code}，请先做重复核验", subject.code))
    subjects.add_key(session, subject, given, source="DEPT", at=now, on=local_day(now))


def _new_name(answer: _Answer, subject: Subject) -> None:
    """The firm is called so too: the name is known from now on."""
    subjects.add_key(answer.session, subject, Given(NAME_KEY, answer.doubt.value), source="DEPT", at=answer.now)
    note_words(answer.session, answer.archive.vocabulary, answer.archive.cutter, [subject.id])


def _new_firm(answer: _Answer, subject: Subject) -> None:
    """The project is another firm's from today on; whose it was until then stays readable."""
    session, doubt, today = answer.session, answer.doubt, local_day(answer.now)
    firm = subjects.by_code(session, subject.library, doubt.value)
    if firm is None:
        raise NotFound(Issue("FIRM_UNKNOWN", f"库里没有企业“{doubt.value}”", subject.code, "", "重新导入写有它的报表"))
    before = None if subject.enterprise_id is None else session.get_one(Subject, subject.enterprise_id).code
    subjects.change(session, subject, subjects.FIRM, firm.id, at=answer.now)
    subject.row_version, subject.held_by = subject.row_version + 1, answer.by
    changed = Mark("firm_changed", today, f"{before} → {firm.code}")
    log.add(session, subject, changed, on=today, by=log.By(answer.by, answer.now, "DEPT"))
    audit.record(
        session, actor(session, answer.by, today), "project.firm", object_kind="project", object_id=subject.code,
        at=answer.now, reason=answer.note or None, library=subject.library,
        detail={"from": before, "to": firm.code, "row_version": subject.row_version},
    )  # fmt: skip


_CARRIED_OUT: Mapping[str, Callable[[_Answer, Subject], None]] = {
    "UNIT_SUSPECT": _figure,
    "CODE_CHANGED": _new_code,
    "NAME_CONFLICT": _new_name,
    FIRM_CHANGED: _new_firm,
}
