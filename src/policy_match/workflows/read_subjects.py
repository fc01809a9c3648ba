"""Read the subjects of a library as the rules see them: every fact that may be used on a day, for a purpose.

What is read here is decided, never shown with its history: `read_records` does that. A project has the
facts of its firm too, its own word going first; a recorded point stands before what any source says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from policy_match.facts.cells import Cell
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.events import Event, replay
from policy_match.lifecycle.words import Side
from policy_match.store import facts as stored_facts
from policy_match.store import log, subjects
from policy_match.store.tables import Subject as Row
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import is_name_only
from policy_match.workflows.read_records import View, past_of, recorded_cells

_CREDIT_CODE = 18


def read_subjects(session: Session, archive: Archive, library: str, view: View) -> tuple[Subject, ...]:
    """Projects, enterprises with a credit code, and persons, by code; merged projects and firms known by name alone are left out."""
    every = [row for kind in Kind for row in subjects.every(session, library, kind)]
    return _read(session, archive, [row for row in every if row.created_at <= view.instant], view)


def read_subject(session: Session, archive: Archive, row: Row, view: View) -> Subject | None:
    """One of them as `read_subjects` gives it; None where it is left out there."""
    firm = past_of(session, view).link(row, subjects.FIRM)
    rows = [row, *([] if firm is None else subjects.by_ids(session, [firm]).values())]
    return next((found for found in _read(session, archive, rows, view) if found.id == row.code), None)


def read_touched(session: Session, archive: Archive, ids: Collection[int], view: View) -> dict[int, Subject]:
    """The subjects with these row ids as `read_subjects` gives them, and the projects of those that are firms, by row id.

    One that is left out there is not in the answer.
    """
    rows = subjects.by_ids(session, sorted(ids))
    rows |= {
        row.id: row
        for row in subjects.projects_of(session, [row.id for row in rows.values() if row.kind == Kind.ENTERPRISE])
    }
    firms = {row.enterprise_id for row in rows.values() if row.enterprise_id is not None}
    every = rows | subjects.by_ids(session, sorted(firms - rows.keys()))
    found = {subject.id: subject for subject in _read(session, archive, [*every.values()], view)}
    return {row.id: found[row.code] for row in rows.values() if row.code in found}


def _read(session: Session, archive: Archive, rows: list[Row], view: View) -> tuple[Subject, ...]:
    then = past_of(session, view)
    cells = stored_facts.known_cells(
        session, [row.id for row in rows], archive.vocabulary, as_of=view.as_of, purpose=view.purpose,
        known_at=view.known_at,
    )  # fmt: skip
    firms = {row.id: row for row in rows if row.kind == Kind.ENTERPRISE}
    projects = [row for row in rows if row.kind == Kind.PROJECT]
    events = log.entries(session, Event, projects, known_at=view.known_at)
    states = {
        one.id: replay(events[one.id], archive.table, view.as_of, view.instant) for one in projects if events[one.id]
    }
    known_as = _credit_codes(session, firms.values())
    found = []
    for row in sorted(rows, key=lambda row: row.code):
        state = states.get(row.id)
        if (row.id in firms and is_name_only(row.code)) or (state is not None and state.side is Side.MERGED):
            continue
        own = recorded_cells(state, archive.table, archive.vocabulary, view.as_of) if state is not None else {}
        firm = firms.get(then.link(row, subjects.FIRM) or 0)
        of_firm = {} if firm is None else _inherited(cells[firm.id], archive.vocabulary)
        subject = _subject(row, firm, of_firm | cells[row.id] | own, then)
        found.append(replace(subject, enterprise=known_as[row.id]) if row.id in known_as else subject)
    return tuple(found)


def _credit_codes(session: Session, firms: Iterable[Row]) -> dict[int, str]:
    """The credit codes of firms whose code is another one, by row id: by it a signed-in firm finds itself."""
    others = [row.id for row in firms if len(row.code) != _CREDIT_CODE and not is_name_only(row.code)]
    found = subjects.keys_of(session, others)
    return {row: key.value for row, keys in found.items() for key in keys if key.kind == subjects.CREDIT_CODE}


def _inherited(of_firm: Mapping[str, Cell], vocabulary: Vocabulary) -> dict[str, Cell]:
    return {name: cell for name, cell in of_firm.items() if vocabulary[name].subject in ("enterprise", "both")}


def _subject(row: Row, firm: Row | None, cells: Mapping[str, Cell], then: subjects.Past) -> Subject:
    return Subject(
        id=row.code,
        kind=Kind(row.kind),
        cells=cells,
        name=then.name(row),
        enterprise=None if firm is None or is_name_only(firm.code) else firm.code,
        enterprise_name=None if firm is None else then.name(firm),
        extra=row.extra,
    )
