"""Find, add and join the subjects of a library by the numbers that others know them by.

A number of an exclusive kind belongs to one subject at a time. A subject that was merged into
another stays readable and leads to its survivor; taking the merge back makes it a subject of
its own again. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from policy_match.errors import FactError
from policy_match.identifiers import Given, check_project_code
from policy_match.store.tables import Key, Subject

PROJECT_CODE, CREDIT_CODE = "XMDM", "USCC"
_CHUNK = 500
EXCLUSIVE = frozenset({PROJECT_CODE, CREDIT_CODE})


def by_code(session: Session, library: str, code: str) -> Subject | None:
    """The subject that people call by this code, itself even if it was merged."""
    return session.scalars(select(Subject).where(Subject.library == library, Subject.code == code)).first()


def by_key(session: Session, library: str, given: Given) -> Subject | None:
    """The surviving subject that has this number today; None if no subject has it."""
    asked = (
        select(Subject)
        .join(Key, Key.subject_id == Subject.id)
        .where(Key.library == library, Key.kind == given.kind, Key.value == given.value, Key.valid_through.is_(None))
        .order_by(Subject.id)
    )
    found = session.scalars(asked).first()
    return None if found is None else survivor(session, found)


def by_project_code(session: Session, library: str, written: str) -> Subject | None:
    """The surviving project that has a 项目代码 as somebody writes it, or had it last; None if it is none or nobody had it."""
    try:
        given = Given(PROJECT_CODE, check_project_code(written))
    except FactError:
        return None
    return by_key(session, library, given) or _by_ended_key(session, library, given)


def _by_ended_key(session: Session, library: str, given: Given) -> Subject | None:
    asked = (
        select(Subject)
        .join(Key, Key.subject_id == Subject.id)
        .where(Key.library == library, Key.kind == given.kind, Key.value == given.value)
        .order_by(Key.valid_through.desc(), Key.id.desc())
    )
    found = session.scalars(asked).first()
    return None if found is None else survivor(session, found)


def by_ids(session: Session, ids: Sequence[int]) -> dict[int, Subject]:
    """Subjects by row id."""
    found: dict[int, Subject] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        found |= {row.id: row for row in session.scalars(select(Subject).where(Subject.id.in_(chunk)))}
    return found


def every(session: Session, library: str, kind: str) -> list[Subject]:
    """All subjects of a kind in one library, by code; merged ones too."""
    asked = select(Subject).where(Subject.library == library, Subject.kind == kind).order_by(Subject.code)
    return list(session.scalars(asked))


@dataclass(frozen=True, slots=True)
class Relatives:
    """Codes of the project that each is a phase of, and of the phases of each, by row id."""

    parents: Mapping[int, str]
    phases: Mapping[int, list[str]]


def relatives(session: Session, ids: Sequence[int]) -> Relatives:
    """Parents and phases of these projects."""
    parent = aliased(Subject)
    parents: dict[int, str] = {}
    phases: dict[int, list[str]] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        up = select(Subject.id, parent.code).join(parent, Subject.parent_id == parent.id)
        parents |= {row.id: row.code for row in session.execute(up.where(Subject.id.in_(chunk)))}
        down = select(Subject.parent_id, Subject.code).where(Subject.parent_id.in_(chunk)).order_by(Subject.code)
        for row in session.execute(down):
            phases.setdefault(row.parent_id or 0, []).append(row.code)
    return Relatives(parents, phases)


def survivor(session: Session, subject: Subject) -> Subject:
    """The subject that now stands for this one: itself, or what it was merged into."""
    while subject.survivor_id is not None:
        subject = session.get_one(Subject, subject.survivor_id)
    return subject


def merged_into(session: Session, ids: Sequence[int]) -> dict[int, list[Subject]]:
    """The subjects that were merged into each of these, directly or through others, by row id."""
    found: dict[int, list[Subject]] = {}
    leads = {subject_id: subject_id for subject_id in ids}
    layer = list(ids)
    while layer:
        below: list[Subject] = []
        for start in range(0, len(layer), _CHUNK):
            asked = select(Subject).where(Subject.survivor_id.in_(layer[start : start + _CHUNK])).order_by(Subject.id)
            below += session.scalars(asked)
        for row in below:
            leads[row.id] = leads[row.survivor_id or 0]
            found.setdefault(leads[row.id], []).append(row)
        layer = [row.id for row in below]
    return found


def add(
    session: Session,
    library: str,
    kind: str,
    *,
    code: str,
    name: str | None,
    at: datetime,
    enterprise_id: int | None = None,
) -> Subject:
    """A new subject; the code must be free in its library."""
    row = Subject(
        library=library, kind=kind, code=code, name=name, enterprise_id=enterprise_id, created_at=at, row_version=1
    )
    session.add(row)
    session.flush()
    return row


def next_project_code(session: Session, library: str, year: int) -> str:
    """The next free 库内编号 of a year, CZ-2025-00001 and on; codes of another form, which a file may give, do not count."""
    start = f"CZ-{year:04d}-"
    alike = select(Subject.code).where(Subject.library == library, Subject.code.like(start + "_" * 5))
    given = (code.removeprefix(start) for code in session.scalars(alike))
    return f"{start}{max((int(number) for number in given if number.isdecimal()), default=0) + 1:05d}"


def add_key(
    session: Session, subject: Subject, given: Given, *, source: str, at: datetime, on: date | None = None
) -> Key:
    """Note a number of the subject; one that it already has is left as it is."""
    asked = select(Key).where(
        Key.subject_id == subject.id, Key.kind == given.kind, Key.value == given.value, Key.valid_through.is_(None)
    )
    there = session.scalars(asked).first()
    if there is not None:
        return there
    row = Key(
        library=subject.library, subject_id=subject.id, kind=given.kind, value=given.value,
        exclusive=given.kind in EXCLUSIVE, source=source, received_at=at, valid_from=on,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def add_keys(session: Session, given: Sequence[tuple[Subject, Given]], *, source: str, at: datetime) -> None:
    """Note many numbers at once; none of them may be there already."""
    session.add_all(
        Key(
            library=subject.library,
            subject_id=subject.id,
            kind=key.kind,
            value=key.value,
            exclusive=key.kind in EXCLUSIVE,
            source=source,
            received_at=at,
        )
        for subject, key in given
    )
    session.flush()


def end_key(session: Session, subject: Subject, given: Given, *, on: date) -> None:
    """The number is no longer the subject's after that day: re-filed under another, or given up."""
    asked = select(Key).where(
        Key.subject_id == subject.id, Key.kind == given.kind, Key.value == given.value, Key.valid_through.is_(None)
    )
    for row in session.scalars(asked):
        row.valid_through = on
    session.flush()


def keys_of(session: Session, subject_ids: Sequence[int]) -> dict[int, list[Key]]:
    """All numbers of these subjects, past ones included, by kind and value."""
    found: dict[int, list[Key]] = {subject_id: [] for subject_id in subject_ids}
    for start in range(0, len(subject_ids), _CHUNK):
        chunk = subject_ids[start : start + _CHUNK]
        asked = select(Key).where(Key.subject_id.in_(chunk)).order_by(Key.kind, Key.value, Key.id)
        for row in session.scalars(asked):
            found[row.subject_id].append(row)
    return found
