"""Fill an empty archive: the projects seen on public pages, and the demonstration library.

A public project has no recorded points: what a page says of its stage is an observation, and what its record
lacks is listed. The demonstration library is invented and marked 示范 wherever it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from policy_match.exchange.intake_rows import Firm, IntakeRow
from policy_match.exchange.subjects import read_subjects
from policy_match.facts.cells import Cell
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.store import audit, batches
from policy_match.store import tables as stored
from policy_match.store.actors import actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import DEMO, REAL, TITLES
from policy_match.workflows.take_in import keep

_FILES = {REAL: "projects.csv", DEMO: "demo/subjects.jsonl"}
_UNSAID = "SELF"


def seed_libraries(archive: Archive, corpus: Path, now: datetime, *, demo: bool = True) -> tuple[str, ...]:
    """Fill the libraries that are empty; what was done, in words. A library that holds anything is left alone."""
    told = []
    for library in (REAL, DEMO) if demo else (REAL,):
        path = corpus / _FILES[library]
        if not path.is_file():
            told.append(f"{TITLES[library]}：没有文件 {path.name}，未装入")
        elif is_empty(archive, library):
            told.append(f"{TITLES[library]}：装入 {_seed(archive, library, path, now)} 个主体")
        else:
            told.append(f"{TITLES[library]}：已有内容，未动")
    return tuple(told)


def is_empty(archive: Archive, library: str) -> bool:
    """Whether a library holds no subject."""
    with archive.database.reading() as session:
        return (
            session.scalars(select(stored.Subject.id).where(stored.Subject.library == library).limit(1)).first() is None
        )


def _seed(archive: Archive, library: str, path: Path, now: datetime) -> int:
    loaded = read_subjects(path, archive.vocabulary)
    rows = tuple(_rows(loaded.subjects, archive.vocabulary, now))
    with archive.database.writing() as session:
        who = actor(session, "importer", now.date())
        digest = sha256(path.read_bytes()).hexdigest()
        batch = batches.begin(session, library, "PUBLIC", file_name=path.name, file_sha256=digest, by=who.id, at=now)
        kept = keep(session, archive, batch, rows)
        batches.end(session, batch, rows=len(rows), refused=len(kept.refusals), counts={"new": kept.new})
        audit.record(
            session, who, "seed", object_kind="batch", object_id=str(batch.id), at=now,
            detail={"library": library, "file": path.name, "sha256": digest, "new": kept.new},
        )  # fmt: skip
    return len(rows) - len(kept.refusals)


def _rows(subjects: Iterable[Subject], vocabulary: Vocabulary, now: datetime) -> Iterator[IntakeRow]:
    every = list(subjects)
    codes = {firm.id: firm.enterprise or firm.id for firm in every if firm.kind is Kind.ENTERPRISE}
    for number, subject in enumerate(every, start=1):
        observed = tuple(_observations(subject.cells.items(), vocabulary, now))
        firm = codes.get(subject.enterprise or "", subject.enterprise)
        yield IntakeRow(
            row=number,
            kind=subject.kind,
            code=subject.id,
            name=subject.name,
            keys=(),
            firm=_firm(subject, firm),
            observations=observed,
        )


def _firm(subject: Subject, key: str | None) -> Firm | None:
    """The firm of a subject, or of itself if it is one; by credit code where there is one, else by name."""
    if subject.kind is Kind.ENTERPRISE:
        return Firm(subject.enterprise, subject.name)
    if key is None and subject.enterprise_name is None:
        return None
    return Firm(key, subject.enterprise_name)


def _observations(cells: Iterable[tuple[str, Cell]], vocabulary: Vocabulary, now: datetime) -> Iterator[Observation]:
    for name, cell in cells:
        if cell.value is not None:
            source = cell.source or _UNSAID
            confidence = vocabulary.confidence(name, source)
            yield Observation(name, cell.value, source, cell.observed_on, now, confidence=confidence)
