"""The open pairs of subjects as they were decided last, what changed of them, and which subjects have to be decided anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from policy_match.store.bulk import insert_rows
from policy_match.store.push_tables import Matched, OpenPairs, PairChange, Touched
from policy_match.store.tables import Subject

FACT, POINT, OTHER_FIRM, EXCLUSION = "fact", "point", "firm", "exclusion"
"""Why a subject is touched: an observation, a lifecycle event, another firm or a merger, an entry of an exclusion list."""
_CHUNK = 500
_PAIRS, _TOUCHED, _CHANGES = (row.metadata.tables[row.__tablename__] for row in (OpenPairs, Touched, PairChange))


@dataclass(frozen=True, slots=True)
class State:
    """The text of the open pairs of a subject, and the day on which time alone may change one."""

    pairs: str
    look_on: date | None


def touch(session: Session, subject_ids: Iterable[int], why: str, at: datetime) -> None:
    """Note that subjects have to be decided anew, in the transaction of what was recorded of them."""
    ids = sorted(set(subject_ids))
    if not ids:
        return
    libraries = _libraries(session, ids)
    rows = [{"library": libraries[one], "subject_id": one, "why": why, "at": at} for one in ids]
    insert_rows(session, _TOUCHED, rows)


def _libraries(session: Session, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), _CHUNK):
        asked = select(Subject.id, Subject.library).where(Subject.id.in_(ids[start : start + _CHUNK]))
        found |= {row.id: row.library for row in session.execute(asked)}
    return found


def touched(session: Session, library: str, most: int) -> list[Touched]:
    """What was touched and not decided since, the oldest first, at most so many rows."""
    asked = select(Touched).where(Touched.library == library).order_by(Touched.id).limit(most)
    return list(session.scalars(asked))


def count_touched(session: Session, library: str) -> int:
    """How many notes are waiting."""
    asked = select(func.count()).select_from(Touched).where(Touched.library == library)
    return session.scalar(asked) or 0


def settle(session: Session, rows: Sequence[Touched]) -> None:
    """Take the notes away that were followed."""
    ids = [row.id for row in rows]
    for start in range(0, len(ids), _CHUNK):
        session.execute(delete(Touched).where(Touched.id.in_(ids[start : start + _CHUNK])))


def due(session: Session, library: str, on: date) -> list[int]:
    """Row ids of the subjects whose day has come."""
    asked = select(OpenPairs.subject_id).where(OpenPairs.library == library, OpenPairs.look_on <= on)
    return sorted(session.scalars(asked))


def states(session: Session, ids: Sequence[int]) -> dict[int, State]:
    """The states of these subjects; one that was never decided has none."""
    found: dict[int, State] = {}
    for start in range(0, len(ids), _CHUNK):
        asked = select(OpenPairs).where(OpenPairs.subject_id.in_(ids[start : start + _CHUNK]))
        found |= {row.subject_id: State(row.pairs, row.look_on) for row in session.scalars(asked)}
    return found


def write(session: Session, library: str, before: Mapping[int, State], now: Mapping[int, State]) -> int:
    """Keep the states of subjects; one that is as it was is not written. How many rows were."""
    new = [
        {"subject_id": one, "library": library, "pairs": state.pairs, "look_on": state.look_on}
        for one, state in now.items()
        if one not in before
    ]
    changed = [
        {"subject_id": one, "pairs": state.pairs, "look_on": state.look_on}
        for one, state in now.items()
        if one in before and before[one] != state
    ]
    insert_rows(session, _PAIRS, new)
    if changed:
        session.execute(update(OpenPairs), changed)
        session.expire_all()
    return len(new) + len(changed)


def forget(session: Session, ids: Sequence[int]) -> int:
    """Take the states of subjects away that are matched no more; how many there were."""
    gone = 0
    for start in range(0, len(ids), _CHUNK):
        rows = session.scalars(select(OpenPairs).where(OpenPairs.subject_id.in_(ids[start : start + _CHUNK])))
        for row in rows:
            session.delete(row)
            gone += 1
    session.flush()
    return gone


def of_library(session: Session, library: str) -> set[int]:
    """Row ids of all subjects that have a state."""
    return set(session.scalars(select(OpenPairs.subject_id).where(OpenPairs.library == library)))


def add_changes(session: Session, rows: Sequence[PairChange]) -> None:
    """Keep what changed; every row has its number then."""
    session.add_all(rows)
    session.flush()


def matched(session: Session, library: str) -> Matched | None:
    """By what a library was decided last; None: it never was."""
    return session.get(Matched, library)
