"""The open pairs of subjects as they were decided last, what changed of them, and which subjects have to be decided anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, inspect, select, update
from sqlalchemy.orm import Session

from policy_match.push.pairs import Pairs, decoded, encoded
from policy_match.store.bulk import insert_rows, new_ids
from policy_match.store.push_tables import Matched, OpenPairs, PairChange, Touched
from policy_match.store.tables import Subject

FACT, POINT, OTHER_FIRM = "fact", "point", "firm"
"""Why a subject is touched: an observation, a lifecycle event, another firm or a merger."""
_CHUNK = 500
_PAIRS, _TOUCHED, _CHANGES = (row.metadata.tables[row.__tablename__] for row in (OpenPairs, Touched, PairChange))
_COLUMNS = {attribute.key: attribute.columns[0].name for attribute in inspect(PairChange).column_attrs}


@dataclass(frozen=True, slots=True)
class Kept:
    """How one subject stands: its open pairs, and the first day on which time alone may change one."""

    pairs: Pairs
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


def settle(session: Session, rows: Sequence[Touched]) -> None:
    """Take the notes away that were followed."""
    ids = [row.id for row in rows]
    for start in range(0, len(ids), _CHUNK):
        session.execute(delete(Touched).where(Touched.id.in_(ids[start : start + _CHUNK])))


def due(session: Session, library: str, on: date) -> list[int]:
    """Row ids of the subjects whose day has come."""
    asked = select(OpenPairs.subject_id).where(OpenPairs.library == library, OpenPairs.look_on <= on)
    return sorted(session.scalars(asked))


def kept(session: Session, ids: Sequence[int]) -> dict[int, Kept]:
    """How these subjects stand; one that was never decided is left out."""
    found: dict[int, Kept] = {}
    for start in range(0, len(ids), _CHUNK):
        asked = select(OpenPairs.subject_id, OpenPairs.pairs, OpenPairs.look_on)
        for row in session.execute(asked.where(OpenPairs.subject_id.in_(ids[start : start + _CHUNK]))):
            found[row.subject_id] = Kept(decoded(row.pairs), row.look_on)
    return found


def write(session: Session, library: str, before: Mapping[int, Kept], now: Mapping[int, Kept]) -> int:
    """Keep how subjects stand; one that stands as before is not written. How many rows were."""
    new, changed = list[dict[str, object]](), list[dict[str, object]]()
    for one, state in now.items():
        if one not in before:
            row = {"subject_id": one, "library": library, "pairs": encoded(state.pairs), "look_on": state.look_on}
            new.append(row)
        elif before[one] != state:
            changed.append({"of": one, "pairs": encoded(state.pairs), "look_on": state.look_on})
    insert_rows(session, _PAIRS, new)
    if changed:
        one_row = update(_PAIRS).where(_PAIRS.c.subject_id == bindparam("of"))
        session.connection().execute(one_row.values(pairs=bindparam("pairs"), look_on=bindparam("look_on")), changed)
    return len(new) + len(changed)


def forget(session: Session, ids: Sequence[int]) -> int:
    """Take the states of subjects away that are matched no more; how many there were."""
    gone = 0
    for start in range(0, len(ids), _CHUNK):
        asked = delete(OpenPairs).where(OpenPairs.subject_id.in_(ids[start : start + _CHUNK]))
        gone += len(list(session.scalars(asked.returning(OpenPairs.subject_id))))
    return gone


def of_library(session: Session, library: str) -> set[int]:
    """Row ids of all subjects that have a state."""
    return set(session.scalars(select(OpenPairs.subject_id).where(OpenPairs.library == library)))


def add_changes(session: Session, rows: Sequence[PairChange]) -> None:
    """Keep what changed; every row has its number then. The rows are no part of the session: a new measure changes thousands."""
    for row, number in zip(rows, new_ids(session, _CHANGES, len(rows)), strict=True):
        row.id = number
    insert_rows(session, _CHANGES, [{name: getattr(row, key) for key, name in _COLUMNS.items()} for row in rows])


def changed_since(session: Session, library: str, since: datetime, limit: int) -> list[tuple[str, PairChange]]:
    """The code of the subject and what changed of each pair after an instant, the newest first."""
    asked = (
        select(Subject.code, PairChange)
        .join(PairChange, PairChange.subject_id == Subject.id)
        .where(PairChange.library == library, PairChange.at > since)
    )
    return [(row[0], row[1]) for row in session.execute(asked.order_by(PairChange.id.desc()).limit(limit))]


def matched(session: Session, library: str) -> Matched | None:
    """By what a library was decided last; None: it never was."""
    return session.get(Matched, library)
