"""Find, add and join the subjects of a library by the numbers that others know them by.

A number of an exclusive kind belongs to one subject at a time. A subject that was merged into
another stays readable and leads to its survivor; taking the merge back makes it a subject of
its own again. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import FactError
from policy_match.identifiers import Given, check_project_code
from policy_match.store.bulk import insert_rows
from policy_match.store.indicators import subjects_told
from policy_match.store.open_pairs import OTHER_FIRM, touch
from policy_match.store.tables import Fact, Former, Key, Log, Subject

PROJECT_CODE, CREDIT_CODE = "XMDM", "USCC"
NAME, FIRM, SURVIVOR, WHOLE, IN_WHOLE = "name", "enterprise_id", "survivor_id", "parent_id", "in_parent"
"""The columns of a subject that may change, and whose former values are kept."""
_CHUNK = 500
_KEYS = Key.metadata.tables[Key.__tablename__]
EXCLUSIVE = frozenset({PROJECT_CODE, CREDIT_CODE})


def by_code(session: Session, library: str, code: str) -> Subject | None:
    """The subject that people call by this code, itself even if it was merged."""
    return session.scalars(select(Subject).where(Subject.library == library, Subject.code == code)).first()


def counts(session: Session) -> dict[tuple[str, str], int]:
    """How many subjects there are by library and kind; those that were merged into another one are left out."""
    asked = (
        select(Subject.library, Subject.kind, func.count())
        .where(Subject.survivor_id.is_(None))
        .group_by(Subject.library, Subject.kind)
        .order_by(Subject.library, Subject.kind)
    )
    return {(library, kind): count for library, kind, count in session.execute(asked)}


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


def told_only_by(
    session: Session, library: str, sources: Iterable[str], among: Collection[str] | None = None
) -> frozenset[str]:
    """Codes of the subjects of which something is known, all of it from these registers, and about which nothing was
    recorded; a project only if that is so of its firm too. `among`: only of these codes, None: of all."""
    asked = select(Subject.id, Subject.code, Subject.enterprise_id).where(Subject.library == library)
    narrow: list[ColumnElement[bool]] = []
    if among is not None:
        asked = asked.where(Subject.code.in_(sorted(among)))
    rows = session.execute(asked).all()
    if among is not None:
        ids = sorted({one for row, _, firm in rows for one in (row, firm) if one is not None})
        narrow = [Fact.subject_id.in_(ids)]
    known = set(session.scalars(select(Fact.subject_id).where(*narrow).distinct()))
    others = set(session.scalars(select(Fact.subject_id).where(Fact.source.not_in(list(sources)), *narrow).distinct()))
    others |= set(session.scalars(select(Log.subject_id).where(Log.subject_id.is_not(None)).distinct()))
    others |= subjects_told(session)
    return frozenset(code for row, code, firm in rows if row in known and not {row, firm} & others)


def ids_of(session: Session, library: str, codes: Sequence[str]) -> list[int]:
    """Row ids of the subjects that people call by these codes."""
    found: list[int] = []
    for start in range(0, len(codes), _CHUNK):
        chunk = codes[start : start + _CHUNK]
        found += session.scalars(select(Subject.id).where(Subject.library == library, Subject.code.in_(chunk)))
    return found


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


def projects_of(session: Session, firm_ids: Sequence[int]) -> list[Subject]:
    """The projects whose firm is one of these, by row id."""
    found: list[Subject] = []
    for start in range(0, len(firm_ids), _CHUNK):
        asked = select(Subject).where(Subject.enterprise_id.in_(firm_ids[start : start + _CHUNK]))
        found += session.scalars(asked.order_by(Subject.id))
    return found


def library_ids(session: Session, library: str) -> list[int]:
    """Row ids of all subjects of a library."""
    return list(session.scalars(select(Subject.id).where(Subject.library == library).order_by(Subject.id)))


def every_id(session: Session) -> list[int]:
    """Row ids of all subjects of all libraries."""
    return list(session.scalars(select(Subject.id).order_by(Subject.id)))


def change(session: Session, row: Subject, field: str, value: str | int | bool | None, *, at: datetime) -> None:
    """Put a value into one of the columns that may change, from the day of the instant on, and keep what stood there."""
    before = getattr(row, field)
    if before == value:
        return
    session.add(Former(subject_id=row.id, field=field, value=before, until=local_day(at), recorded_at=at))
    setattr(row, field, value)
    if field in (FIRM, SURVIVOR):
        touch(session, [row.id], OTHER_FIRM, at)


def renamed_on(session: Session, row: Subject) -> date | None:
    """The day of the last change of its name; None if it never had another."""
    asked = select(Former.until).where(Former.subject_id == row.id, Former.field == NAME)
    return session.scalars(asked.order_by(Former.until.desc()).limit(1)).first()


@dataclass(frozen=True, slots=True)
class Past:
    """Subjects as they were: what a later change has put something else in place of, by row id and column.

    Empty for a reading of today.
    """

    values: Mapping[tuple[int, str], str | int | bool | None] = field(default_factory=dict)

    def name(self, row: Subject) -> str | None:
        """What it was called."""
        found = self._of(row, NAME)
        return found if isinstance(found, str) else None

    def link(self, row: Subject, column: str) -> int | None:
        """The row id of the subject that a column led to."""
        found = self._of(row, column)
        return found if isinstance(found, int) else None

    def in_whole(self, row: Subject) -> bool:
        """Whether the figures of the project that it is a phase of held its own."""
        return bool(self._of(row, IN_WHOLE))

    def leading_to(self, session: Session, column: str, ids: Sequence[int]) -> list[Subject]:
        """The subjects whose column led to one of these, by code."""
        wanted = set(ids)
        rows: dict[int, Subject] = {}
        for start in range(0, len(ids), _CHUNK):
            asked = select(Subject).where(getattr(Subject, column).in_(ids[start : start + _CHUNK]))
            rows |= {row.id: row for row in session.scalars(asked)}
        rows |= by_ids(
            session, [one for (one, name), value in self.values.items() if name == column and value in wanted]
        )
        return sorted((row for row in rows.values() if self.link(row, column) in wanted), key=lambda row: row.code)

    def survivor(self, session: Session, row: Subject) -> Subject:
        """The subject that stood for this one: itself, or what it was merged into."""
        while (into := self.link(row, SURVIVOR)) is not None:
            row = session.get_one(Subject, into)
        return row

    def _of(self, row: Subject, column: str) -> str | int | bool | None:
        found: str | int | bool | None = self.values.get((row.id, column), getattr(row, column))
        return found


def past(session: Session, as_of: date, known_at: datetime) -> Past:
    """Subjects as they were on a day by what was recorded until an instant."""
    asked = select(Former).where(or_(Former.recorded_at > known_at, Former.until > as_of)).order_by(Former.id.desc())
    return Past({(row.subject_id, row.field): row.value for row in session.scalars(asked)})


@dataclass(frozen=True, slots=True)
class Relatives:
    """Codes of the project that each is a phase of, and of the phases of each, by row id."""

    parents: Mapping[int, str]
    phases: Mapping[int, list[str]]


def relatives(session: Session, rows: Sequence[Subject], then: Past) -> Relatives:
    """Parents and phases of these projects."""
    above = {row.id: whole for row in rows if (whole := then.link(row, WHOLE)) is not None}
    wholes = by_ids(session, sorted(set(above.values())))
    phases: dict[int, list[str]] = {}
    for phase in then.leading_to(session, WHOLE, [row.id for row in rows]):
        phases.setdefault(then.link(phase, WHOLE) or 0, []).append(phase.code)
    return Relatives({one: wholes[whole].code for one, whole in above.items()}, phases)


def survivor(session: Session, subject: Subject) -> Subject:
    """The subject that now stands for this one: itself, or what it was merged into."""
    return Past().survivor(session, subject)


def merged_into(session: Session, ids: Sequence[int], then: Past) -> dict[int, list[Subject]]:
    """The subjects that were merged into each of these, directly or through others, by row id."""
    found: dict[int, list[Subject]] = {}
    leads = {subject_id: subject_id for subject_id in ids}
    layer = list(ids)
    while layer:
        below = sorted(then.leading_to(session, SURVIVOR, layer), key=lambda row: row.id)
        for row in below:
            leads[row.id] = leads[then.link(row, SURVIVOR) or 0]
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
    rows = [
        {
            "library": subject.library, "subject_id": subject.id, "kind": key.kind, "value": key.value,
            "exclusive": key.kind in EXCLUSIVE, "source": source, "received_at": at,
        }
        for subject, key in given
    ]  # fmt: skip
    insert_rows(session, _KEYS, rows)


def end_key(session: Session, subject: Subject, given: Given, *, at: datetime) -> None:
    """The number is no longer the subject's after the day of the instant: re-filed under another, or given up."""
    asked = select(Key).where(
        Key.subject_id == subject.id, Key.kind == given.kind, Key.value == given.value, Key.valid_through.is_(None)
    )
    for row in session.scalars(asked):
        row.valid_through, row.ended_at = local_day(at), at
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
