"""Fill an empty archive: the projects seen on public pages, and the demonstration library.

A public project has no recorded points: what a page says of its stage is an observation, and what its record
lacks is listed. The demonstration library is invented and marked 示范 wherever it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.exchange.demo_history import load_history
from policy_match.exchange.intake_rows import Firm, IntakeRow, ToldPoint
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.cells import Cell
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.table import LifecycleTable
from policy_match.store import audit, batches
from policy_match.store import tables as stored
from policy_match.store.actors import actor
from policy_match.units import Band
from policy_match.workflows.activate_rules import record_first
from policy_match.workflows.library_names import DEMO, REAL, TITLES
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.play_history import at_ten, play_history
from policy_match.workflows.take_in import keep
from policy_match.working_days import WorkingDays

TERMS_REACH = timedelta(days=30)
_FILES = {REAL: "projects.csv", DEMO: "demo/subjects.jsonl"}


def seed_libraries(archive: Archive, corpus: Path, now: datetime, *, demo: bool = True) -> tuple[str, ...]:
    """Fill the libraries that are empty, after the rules that the archive begins with were recorded as its first release.

    UsageError if the real library has no file. What was done, in words, nothing if nothing was; a library that holds anything is left alone.
    """
    record_first(archive, now)
    told = []
    for library in (REAL, DEMO) if demo else (REAL,):
        path = corpus / _FILES[library]
        if library == DEMO and not path.is_file():
            told.append(f"没有示范库文件 {_FILES[DEMO]}：只有真实项目库")
        elif is_empty(archive, library):
            told += _seed_demo(archive, corpus, now) if library == DEMO else _seed(archive, library, path, now)
    return tuple(told)


def _seed_demo(archive: Archive, corpus: Path, now: datetime) -> list[str]:
    """The demonstration library, with its history of weeks if it has one and the day allows it: both, or neither."""
    path = corpus / _FILES[DEMO]
    script = path.with_name("history.yaml")
    history = load_history(script) if script.is_file() else None
    now = played_until(now, archive.calendar)
    begun = now if history is None else at_ten(now, history.enter)
    if history is None or local_day(begun).toordinal() < history.first_day:
        return _seed(archive, DEMO, path, now)
    rulebook = open_rulebook(archive.rules, corpus)
    with archive.database.together() as database:
        played = replace(archive, database=database)
        told = _seed(played, DEMO, path, begun, with_points=True)
        if told:
            play_history(played, rulebook, corpus, DEMO, history, now)
    return told


def played_until(now: datetime, calendar: WorkingDays) -> datetime:
    """The instant at which the played weeks end: now, or the last day whose terms the calendar still reaches over.

    The official list of a year comes late in the year before; until it is at hand the demonstration ends in the past.
    """
    last = date(max(calendar.years), 12, 31) - TERMS_REACH
    return min(now, at_ten(now, (last - local_day(now)).days))


def is_empty(archive: Archive, library: str) -> bool:
    """Whether a library holds no subject."""
    with archive.database.reading() as session:
        return _holds_nothing(session, library)


def _holds_nothing(session: Session, library: str) -> bool:
    return session.scalars(select(stored.Subject.id).where(stored.Subject.library == library).limit(1)).first() is None


def _seed(archive: Archive, library: str, path: Path, now: datetime, *, with_points: bool = False) -> list[str]:
    """Take the file in; what was done, nothing if another process filled the library meanwhile."""
    loaded = read_subjects(path, archive.vocabulary)
    rows = tuple(_rows(loaded.subjects, archive.vocabulary, now))
    if with_points:
        rows = tuple(replace(row, points=_points(row, archive.table, local_day(now))) for row in rows)
    with archive.database.writing() as session:
        if not _holds_nothing(session, library):
            return []
        who = actor(session, "importer", local_day(now))
        digest = sha256(path.read_bytes()).hexdigest()
        source = "DISTRICT" if with_points else "PUBLIC"
        batch = batches.begin(session, library, source, file_name=path.name, file_sha256=digest, by=who.id, at=now)
        kept = keep(session, archive, batch, rows)
        batches.end(session, batch, rows=len(rows), refused=len(kept.refusals), counts={"new": len(kept.opened)})
        audit.record(
            session, who, "seed", object_kind="batch", object_id=str(batch.id), at=now,
            library=library, detail={"library": library, "file": path.name, "sha256": digest, "new": len(kept.opened)},
        )  # fmt: skip
    refused = [
        f"{path.name} 第{one.row}行未读入：{one.column} {one.what}；{one.hint}"
        for one in (*loaded.refusals, *kept.refusals)
    ]
    return [f"{TITLES[library]}：装入 {len(rows) - len(kept.refusals)} 个主体", *refused]


def _rows(subjects: Iterable[Subject], vocabulary: Vocabulary, now: datetime) -> Iterator[IntakeRow]:
    every = list(subjects)
    firms = {key: one for one in every if one.kind is Kind.ENTERPRISE for key in (one.id, one.enterprise) if key}
    for number, subject in enumerate(every, start=1):
        yield IntakeRow(
            row=number,
            kind=subject.kind,
            code=subject.id,
            name=subject.name,
            keys=(),
            firm=_firm(subject, firms),
            observations=tuple(_observations(subject.cells.items(), vocabulary, now)),
            extra=subject.extra,
        )


def _points(row: IntakeRow, table: LifecycleTable, today: date) -> tuple[ToldPoint, ...]:
    """The points that the facts of a demonstration project tell to the day, as far as they follow one another."""
    days = {one.fact: one.value for one in row.observations}
    found: list[ToldPoint] = []
    for point in table.points if row.kind is Kind.PROJECT else ():
        day = days.get(point.fact or "")
        if not isinstance(day, Band) or not day.is_exact or int(day.low or 0) > today.toordinal():
            if found:
                break
            continue
        start = found[-1].point if found else None
        if not any((move.start, move.to) == (start, point.id) for move in table.transitions):
            break
        on = date.fromordinal(int(day.low or 0))
        found.append(ToldPoint(point.id, on, _shown(row.code or "", start, point.id, table)))
    return tuple(found)


def _shown(code: str, start: str | None, to: str, table: LifecycleTable) -> tuple[Evidence, ...]:
    """One invented document for each thing that any kind of project shows at a point."""
    groups = [g for move in table.transitions if (move.start, move.to) == (start, to) for g in move.evidence]
    kinds = {kind for group in groups if not group.if_needed for kind in group.any_of[0]}
    return tuple(Evidence(kind, f"示范{code}-{to}") for kind in sorted(kinds))


def _firm(subject: Subject, firms: Mapping[str, Subject]) -> Firm | None:
    """The firm of a subject, or itself if it is one; a key that no line of the file explains is a credit code."""
    if subject.kind is Kind.ENTERPRISE:
        return Firm(subject.enterprise, subject.name, subject.id)
    known = firms.get(subject.enterprise or "")
    if known is not None:
        return Firm(known.enterprise, known.name, known.id)
    if subject.enterprise is None and subject.enterprise_name is None:
        return None
    return Firm(subject.enterprise, subject.enterprise_name)


def _observations(cells: Iterable[tuple[str, Cell]], vocabulary: Vocabulary, now: datetime) -> Iterator[Observation]:
    for name, cell in cells:
        # A fact without a source is no fact of the library: there it could not be defended.
        if cell.value is not None and cell.source is not None:
            confidence = vocabulary.confidence(name, cell.source)
            yield Observation(name, cell.value, cell.source, cell.observed_on, now, confidence=confidence)
