"""How far a library was read, and which subjects something was recorded of since: for who holds a copy and brings it up to date.

Observations, entries of the log and monthly figures are only ever added, by one writer after the other, so that a number tells
what is newer. The rows of the subjects themselves may change, and are compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from policy_match.store.indicator_tables import IndicatorValue
from policy_match.store.tables import Fact, Key, Log, Subject

_Row: TypeAlias = tuple[object, ...]
_ADDED = (
    (Fact.id, Fact.subject_id), (Log.id, Log.subject_id), (IndicatorValue.id, IndicatorValue.subject_id),
    (Key.id, Key.subject_id),
)  # fmt: skip
"""Of what is only added, its number and its subject."""
_NAMES = ("id", "code", "kind", "name", "enterprise_id", "survivor_id", "parent_id", "in_parent", "row_version")
_TABLE = Subject.metadata.tables[Subject.__tablename__]
_COLUMNS = [*(_TABLE.c[name] for name in _NAMES), cast(_TABLE.c.extra, Text)]


@dataclass(frozen=True, slots=True)
class ReadMark:
    """The newest observation, entry, monthly figure and number that were there, how many numbers had ended, and every subject by
    its row id."""

    fact: int
    entry: int
    figure: int
    key: int
    ended: int
    rows: Mapping[int, _Row] = field(repr=False)

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """The newest of each that is only added."""
        return self.fact, self.entry, self.figure, self.key

    def code(self, row: int) -> str:
        """The code of a subject."""
        return str(self.rows[row][1])


def mark_of(session: Session, library: str) -> ReadMark:
    """How far one gets who reads the library now; take it before reading: what is recorded meanwhile is looked at again."""
    fact, entry, figure, key = (session.scalar(select(func.max(number))) or 0 for number, _ in _ADDED)
    ended = session.scalar(select(func.count()).select_from(Key).where(Key.ended_at.is_not(None))) or 0
    rows = session.execute(select(*_COLUMNS).where(Subject.library == library))
    return ReadMark(fact, entry, figure, key, ended, {row[0]: tuple(row) for row in rows})


def touched_since(session: Session, before: ReadMark, now: ReadMark) -> set[int] | None:
    """Row ids of the subjects of the library that something was recorded of between two marks; None: of whom is not known."""
    if before.ended != now.ended:
        return None
    found = {row for row, said in now.rows.items() if before.rows.get(row) != said}
    for (number, subject), was, is_ in zip(_ADDED, before.numbers, now.numbers, strict=True):
        if was < is_:
            newer = select(subject).where(number > was, number <= is_, subject.is_not(None))
            found |= {row for row in session.scalars(newer.distinct()) if row is not None and row in now.rows}
    return found
