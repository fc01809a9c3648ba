"""Record what happened to a project: a point, a pause, an exit, a correction, each checked against the lifecycle table.

All events of one request are recorded, or none. Who may do what, with which evidence, is data
(`rules/lifecycle.yaml`); here the request is put beside the record and the answer is written down. A
refusal for lack of right is audited too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, Forbidden, Issue, PolicyMatchError, UsageError
from policy_match.facts.observations import Observation
from policy_match.lifecycle import case as lifecycle_case
from policy_match.lifecycle.case import Case
from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.moves import NOTES, check_batch, is_refused
from policy_match.store import audit, doubts, evidence, log, months, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.store.tables import Actor, Log, Subject
from policy_match.workflows.changed_since import changed_since
from policy_match.workflows.judge_firms import UNKNOWN, gone_issue, unknown_firms, unknown_issue
from policy_match.workflows.note_words import note_words, tells_words
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, find_project, read_records
from policy_match.workflows.reused_evidence import REUSED, reuse_key, reused
from policy_match.workflows.speak_for import require_teller

_CONFLICTS = frozenset({"LC_SKIP", "LC_BACKWARD", "LC_KEY_TAKEN", "LC_SIDE", "LC_STALE", "SIDE_OPEN_CASES"})
_FORBIDDEN = frozenset({"LC_ROLE", "SIDE_ROLE", "SOURCE_ROLE"})
_PROJECT_CODE, _CREDIT_CODE = "项目代码", "统一社会信用代码"
_LONGEST = 60
_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Request:
    """One request about one project by one person. `seen`: the row version the person looked at; None: not said.

    `key`: of a request that may be sent twice; with several events each gets its own from it. `facts` are kept with
    the events, or not at all.
    """

    project: str
    events: tuple[Event, ...]
    by: str
    second: str | None = None
    seen: int | None = None
    key: str | None = None
    facts: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The events as recorded (or as they were the first time), notes to tell, and the row version now."""

    events: tuple[Event, ...]
    notes: tuple[Issue, ...]
    is_new: bool
    row_version: int


def record_events(archive: Archive, library: str, request: Request, now: datetime) -> Recorded:
    """Check and record; one transaction.

    NotFound for project or actor; Conflict (LC_SKIP, LC_BACKWARD, LC_STALE, …), Forbidden (LC_ROLE, SIDE_ROLE) or
    UsageError with every fault otherwise, and then nothing is recorded.
    """
    with noting_refusals(archive, library, request, now), archive.database.writing() as session:
        who = actor(session, request.by, local_day(now))
        subject = find_project(session, library, request.project)
        return record_for(session, archive, subject, request, who, now)


@contextmanager
def noting_refusals(archive: Archive, library: str, request: Request, now: datetime) -> Iterator[None]:
    """Leave a trace of what the block refuses, once its transaction is gone."""
    try:
        yield
    except (Conflict, Forbidden, UsageError) as refusal:
        _note_refusal(archive, library, request, refusal, now)
        raise


def record_for(
    session: Session, archive: Archive, subject: Subject, request: Request, who: Actor, now: datetime
) -> Recorded:
    """The same inside the caller's transaction, for a project that is at hand."""
    if request.key and (before := log.sent_before(session, request.key)) is not None:
        return _first_answer(session, subject, request, before)
    second = None if request.second is None else actor(session, request.second, local_day(now))
    _check_words(request, who, archive)
    record = read_records(session, archive, [subject], View(local_day(now)))[0]
    lay = record.region
    if request.facts:
        stored_facts.keep(session, {subject.id: request.facts}, archive.vocabulary, actor_id=who.id)
        if tells_words(request.facts):
            note_words(session, archive.vocabulary, archive.cutter, [subject.id])
        record = read_records(session, archive, [subject], View(local_day(now)))[0]
    events, elsewhere = _fresh(session, subject, request, now)
    case = case_of(session, archive, record, who, now, second)
    seen = record.row_version if request.seen is None else request.seen
    held = "" if seen == record.row_version else _changed(session, archive, subject, seen)
    # The area is the one from before the request: its own facts may not bring the project into somebody's hands.
    case = replace(case, region=lay or case.region, version_seen=seen, version_now=record.row_version, changed_by=held)
    found = [issue for issues in check_batch(events, record.state, archive.table, case) for issue in issues]
    if is_refused(found) or elsewhere:
        raise _refusal([issue for issue in found if issue.code not in NOTES], subject, elsewhere)
    return _write(session, subject, events, request, who, now, tuple(found))


def _changed(session: Session, archive: Archive, subject: Subject, seen: int) -> str:
    """What was done since a version; who did it last where older rows of the chain name no version."""
    last = "" if subject.held_by is None else session.get_one(Actor, subject.held_by).name
    return changed_since(session, archive.table, subject, seen) or last


@dataclass(frozen=True, slots=True)
class Around:
    """What a library holds beside the records of some projects: months closed, as counted months, and the firms among
    theirs, by code, that its enterprise archives do not know."""

    closed_months: frozenset[int]
    unknown_firms: frozenset[str]

    @classmethod
    def of(cls, session: Session, library: str, records: Iterable[Record]) -> Around:
        """What is to be known around any request about these projects."""
        closed = months.closed_months(session, library)
        firms = [record.firm.code for record in records if record.firm is not None and record.firm.uscc is not None]
        return cls(
            frozenset(int(month[:4]) * 12 + int(month[5:]) - 1 for month in closed),
            unknown_firms(session, library, firms),
        )


def case_of(
    session: Session, archive: Archive, record: Record, who: Actor, now: datetime, second: Actor | None = None
) -> Case:
    """What stands around a request: the project's area and keys, who asks and confirms, the months closed."""
    library = session.get_one(Subject, record.id).library
    return case_in(Around.of(session, library, [record]), archive, record, who, now, second)


def case_in(
    around: Around, archive: Archive, record: Record, who: Actor, now: datetime, second: Actor | None = None
) -> Case:
    """The same of one of several projects that were read at once."""
    uscc = None if record.firm is None else record.firm.uscc
    bar = None if uscc is None else _bar(around, archive, record, uscc)
    return Case(
        variant=record.variant or next(iter(archive.table.variants)),
        region=record.region or "",
        actor=acting(who),
        today=local_day(now),
        second=None if second is None else acting(second),
        closed_months=around.closed_months,
        valid_keys=frozenset(
            name for name, there in ((_PROJECT_CODE, record.key(subjects.PROJECT_CODE)), (_CREDIT_CODE, uscc)) if there
        ),
        barred={} if bar is None else {_CREDIT_CODE: bar},
    )


def _bar(around: Around, archive: Archive, record: Record, uscc: str) -> Issue | None:
    """Why the firm holds the project up; being unknown to the archives does so only before the point that first asks for it."""
    issue = gone_issue(record.fact("status"), uscc)
    if issue is not None or record.firm is None or record.firm.code not in around.unknown_firms:
        return issue
    first = min(archive.table.order(move.to) for move in archive.table.transitions if _CREDIT_CODE in move.keys)
    return unknown_issue(uscc) if archive.table.order(record.state.point) < first else None


def acting(who: Actor) -> lifecycle_case.Actor:
    """An actor of the library as the lifecycle table knows it."""
    return lifecycle_case.Actor(who.id, who.role, frozenset() if who.region is None else frozenset({who.region}))


def _fresh(
    session: Session, subject: Subject, request: Request, now: datetime
) -> tuple[list[Event], Mapping[Evidence, str]]:
    """The events with what the record fills in; evidence already shown for another project is set apart."""
    elsewhere = reused(session, subject, [piece for event in request.events for piece in event.evidence])
    events = [
        replace(
            event,
            id=f"新{place}",
            project=subject.code,
            recorded_at=now,
            actor=request.by,
            second_actor=request.second,
            evidence=tuple(piece for piece in event.evidence if piece not in elsewhere),
        )
        for place, event in enumerate(request.events, start=1)
    ]
    return events, elsewhere


def _refusal(issues: Sequence[Issue], subject: Subject, elsewhere: Mapping[Evidence, str]) -> PolicyMatchError:
    told = [replace(issue, where=subject.code) for issue in issues]
    for piece, code in elsewhere.items():
        what = f"佐证“{piece.kind} {piece.id}”已用于 {code}，这次没有采用"
        told.append(Issue(REUSED, what, subject.code, "", "换一份佐证；确属共用的，请在待核实清单中认可后重办"))
    codes = {issue.code for issue in told}
    if codes & _FORBIDDEN:
        return Forbidden(*told)
    return Conflict(*told) if codes & _CONFLICTS else UsageError(*told)


def _write(
    session: Session,
    subject: Subject,
    events: Sequence[Event],
    request: Request,
    who: Actor,
    now: datetime,
    notes: tuple[Issue, ...],
) -> Recorded:
    added = []
    subject.row_version += 1
    subject.held_by = who.id
    for place, event in enumerate(events):
        key = None if request.key is None else request.key if place == 0 else f"{request.key}#{place}"
        by = log.By(who.id, now, event.source, key=key)
        stored = log.add(session, subject, replace(event, idempotency_key=key or ""), on=event.effective_on, by=by)
        evidence.show(session, [(subject, int(stored.id), piece) for piece in stored.evidence])
        audit.record(
            session, who, f"event.{event.kind.lower()}", object_kind="project", object_id=subject.code, at=now,
            reason=event.reason or event.cause or None, library=subject.library,
            detail=_detail(stored) | {"row_version": subject.row_version},
        )  # fmt: skip
        added.append(stored)
    session.flush()
    return Recorded(tuple(added), notes, True, subject.row_version)


def _detail(event: Event) -> dict[str, Plain]:
    said: dict[str, Plain] = {"event": event.id, "on": event.effective_on.isoformat(), "source": event.source}
    for name in ("point", "supersedes", "second_actor", "survivor"):
        if getattr(event, name):
            said[name] = str(getattr(event, name))
    if event.evidence:
        said["evidence"] = [f"{piece.kind} {piece.id}" for piece in event.evidence]
    return said


def _first_answer(session: Session, subject: Subject, request: Request, before: Log) -> Recorded:
    """What the same request left the first time; IDEMP_MISMATCH if it asks for something else now."""
    keys = [request.key if place == 0 else f"{request.key}#{place}" for place, _ in enumerate(request.events)]
    every = log.entries(session, Event, [subject])[subject.id]
    first = tuple(event for event in every if event.idempotency_key in keys)
    asked = [replace(event, actor=request.by, second_actor=request.second) for event in request.events]
    if [*map(_said, first)] != [*map(_said, asked)]:
        what = f"请求编号“{request.key}”已用于另一件事"
        raise UsageError(Issue("IDEMP_MISMATCH", what, subject.code, "", "换一个请求编号再提交"))
    note = Issue("LC_DUP_EVENT", "这条记录已经受理过，返回首次结果", subject.code)
    return Recorded(first, (note,), False, subject.row_version)


def _said(event: Event) -> Event:
    """An event without what the record gives it."""
    return replace(event, id="", project="", recorded_at=_NO_TIME, idempotency_key="")


def _check_words(request: Request, who: Actor, archive: Archive) -> None:
    """Refuse numbers that the library has no room for, and a person who speaks for the system of another office."""
    pieces = [piece for event in request.events for piece in event.evidence]
    written = [request.key or "", *(word for piece in pieces for word in (piece.kind, piece.id))]
    if (longest := max(written, key=len, default="")) and len(longest) > _LONGEST:
        what = f"“{longest[:20]}…”有 {len(longest)} 个字"
        raise UsageError(Issue("TEXT_TOO_LONG", what, request.project, f"不超过 {_LONGEST} 个字", "核对是否填错"))
    require_teller((fact.source for fact in request.facts), who, archive.table)


def _note_refusal(archive: Archive, library: str, request: Request, refusal: PolicyMatchError, now: datetime) -> None:
    """Leave a trace of what was refused for lack of right, or for evidence used elsewhere or a firm that nobody knows, which
    are questions too: an audit row, and the questions."""
    codes = {issue.code for issue in refusal.issues}
    if not codes & (_FORBIDDEN | {REUSED, UNKNOWN}):
        return
    with archive.database.writing() as session:
        who = actor(session, request.by, local_day(now))
        subject = find_project(session, library, request.project)
        audit.record(
            session, who, "event.refused", object_kind="project", object_id=subject.code, at=now,
            result="forbidden" if codes & _FORBIDDEN else "refused",
            reason="；".join(issue.what for issue in refusal.issues), library=library,
        )  # fmt: skip
        if UNKNOWN in codes and subject.enterprise_id is not None:
            firm = session.get_one(Subject, subject.enterprise_id)
            what = next(issue.what for issue in refusal.issues if issue.code == UNKNOWN)
            doubts.raise_doubt(session, library, UNKNOWN, firm.code, at=now, subject=firm, what=what, value=firm.code)
        _, elsewhere = _fresh(session, subject, request, now)
        for piece, code in elsewhere.items():
            doubts.raise_doubt(
                session, library, REUSED, reuse_key(subject.code, piece), at=now, subject=subject,
                what=f"佐证“{piece.kind} {piece.id}”已用于 {code}", value=piece.id,
            )  # fmt: skip
