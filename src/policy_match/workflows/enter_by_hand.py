"""Enter by hand what a file would say: a new project, or more about one that is there. The same way in as a row of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, FactError, Forbidden, Issue, UsageError
from policy_match.exchange.intake_rows import Firm, IntakeRow
from policy_match.facts.observations import Observation
from policy_match.facts.read import read_text_cell
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import Given, check_uscc, read_project_code
from policy_match.lifecycle.case import Case, entitled, who_may
from policy_match.lifecycle.events import Event, fold
from policy_match.lifecycle.moves import check, is_refused
from policy_match.lifecycle.words import EventKind
from policy_match.store import audit, batches, subjects
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.keep_rows import Kept
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import OPENS
from policy_match.workflows.read_records import View, find_project, read_records
from policy_match.workflows.record_event import acting, case_of
from policy_match.workflows.speak_for import require_teller
from policy_match.workflows.take_in import keep, region_said


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a project; `facts` as written, by name or label. `name` is needed for a new one."""

    facts: Mapping[str, str]
    name: str | None = None
    uscc: str | None = None
    firm_name: str | None = None
    project_code: str | None = None
    source: str = "DISTRICT"
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The 库内编号, and what a person has to look at."""

    code: str
    asked: tuple[str, ...]


def add_project(archive: Archive, library: str, told: Told, by: str, now: datetime) -> Entered:
    """A new project; UsageError or FactError with every fault, Conflict if the library has it already."""
    if told.name is None or not told.name.strip():
        raise UsageError(Issue("NAME_MISSING", "没有项目名称", "--name", "", "写上项目名称"))
    if told.source not in OPENS:
        raise UsageError(Issue("SOURCE", f"来源“{told.source}”不新建项目", "--source", "、".join(sorted(OPENS))))
    row = _row(told, archive.vocabulary, now)
    with noting_forbidden(archive, "project.add", told.name, by, now), archive.database.writing() as session:
        who = actor(session, by, local_day(now))
        _require_entry(archive, row, who, now)
        require_teller([told.source], who, archive.table)
        kept = _kept(session, archive, library, row, told, by, now)
        if not kept.opened:
            what = "库里已有这个项目：同一项目代码，或同一企业的同名项目"
            raise Conflict(
                Issue("PROJECT_EXISTS", what, "", "", "用 project show 查看；是另一个项目的，写明区别（如二期）")
            )
        return Entered(kept.opened[-1], tuple(kept.asked))


def tell_facts(archive: Archive, library: str, code: str, told: Told, by: str, now: datetime) -> Entered:
    """More about a project: facts, its project code, its firm; NotFound for the project, UsageError if nothing is
    told, errors as `add_project`."""
    if not (told.facts or told.project_code or told.uscc or told.firm_name):
        hint = "至少写一项，如 --fact 总投资=12亿元"
        raise UsageError(
            Issue("NOTHING_TOLD", "没有写要补充什么", code, "--fact、--project-code、--uscc、--firm", hint)
        )
    with noting_forbidden(archive, "project.tell", code, by, now), archive.database.writing() as session:
        project = find_project(session, library, code)
        _require_update(session, archive, project, told, actor(session, by, local_day(now)), now)
        row = _row(told, archive.vocabulary, now, code=project.code)
        return Entered(project.code, tuple(_kept(session, archive, library, row, told, by, now).asked))


def _require_entry(archive: Archive, row: IntakeRow, who: Actor, now: datetime) -> None:
    """Refuse who may record no first point, or none in that area; Forbidden LC_ROLE."""
    case = Case(next(iter(archive.table.variants)), region_said(row) or "", acting(who), local_day(now))
    enter = Event("", "", EventKind.ENTER, local_day(now), now, who.id, "DEPT")
    issues = check(enter, fold((), archive.table), archive.table, case)
    if is_refused(issues):
        raise Forbidden(*(replace(issue, where="--by") for issue in issues))


def _require_update(
    session: Session, archive: Archive, project: Subject, told: Told, who: Actor, now: datetime
) -> None:
    """Refuse who brings no progress of the project to book, and who speaks for somebody else."""
    record = read_records(session, archive, [project], View(local_day(now)))[0]
    case, lead = case_of(session, archive, record, who, now), record.state.lead
    may = archive.table.may["update"]
    if not entitled(may, "", lead, archive.table, case):
        what, allowed = f"“{who.name}”不办这一项", who_may(may, lead, archive.table, case)
        raise Forbidden(Issue("LC_ROLE", what, project.code, allowed, "属地单位只办本地区的项目"))
    require_teller([told.source], who, archive.table)


def _row(told: Told, vocabulary: Vocabulary, now: datetime, code: str | None = None) -> IntakeRow:
    number = None if told.project_code is None else read_project_code(told.project_code, local_day(now)).code
    has_firm = told.uscc is not None or told.firm_name is not None
    return IntakeRow(
        row=1,
        kind=Kind.PROJECT,
        code=code,
        name=None if told.name is None else told.name.strip(),
        keys=() if number is None else (Given(subjects.PROJECT_CODE, number),),
        firm=Firm(None if told.uscc is None else check_uscc(told.uscc), told.firm_name) if has_firm else None,
        observations=observed(told.facts, vocabulary, told.source, now, record=told.record),
    )


def _kept(session: Session, archive: Archive, library: str, row: IntakeRow, told: Told, by: str, now: datetime) -> Kept:
    """The row as a batch of its own; UsageError or Conflict with the faults of a refused one."""
    who = actor(session, by, local_day(now))
    batch = batches.begin_by_hand(session, library, told.source, by=by, at=now)
    kept = keep(session, archive, batch, (row,))
    issues = [
        Issue(refusal.code, refusal.what, row.code or "", refusal.allowed, refusal.hint) for refusal in kept.refusals
    ]
    if issues:
        raise Conflict(*issues) if any(issue.code == "LC_KEY_TAKEN" for issue in issues) else UsageError(*issues)
    batches.end(session, batch, rows=1, refused=0, counts={"new": len(kept.opened), "changed": kept.changed})
    code = row.code or (kept.opened[-1] if kept.opened else "")
    audit.record(
        session, who, "project.tell" if row.code else "project.add", object_kind="project", object_id=code, at=now,
        library=library, detail={"source": told.source, "facts": "、".join(sorted(told.facts)), "batch": batch.id},
    )  # fmt: skip
    return kept


def observed(
    facts: Mapping[str, str], vocabulary: Vocabulary, source: str, now: datetime, *, record: str | None = None
) -> tuple[Observation, ...]:
    """Facts as a person writes them, by name or label, as observations of today; FactError for a wrong one."""
    found, faults, today = [], [], local_day(now)
    for name, written in facts.items():
        spec = vocabulary.named(name)
        try:
            value = read_text_cell(spec, written, None, vocabulary)
        except FactError as error:
            faults += [replace(issue, where=spec.label) for issue in error.issues]
            continue
        if value is not None:
            confidence = vocabulary.confidence(spec.name, source)
            found.append(Observation(spec.name, value, source, today, now, confidence=confidence, record=record))
    if faults:
        raise FactError(*faults)
    return tuple(found)
