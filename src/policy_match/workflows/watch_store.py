"""What is watched of the database from outside: how far it has come and how much it holds, without a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_match.store import audit, subjects
from policy_match.store.database import Database


@dataclass(frozen=True, slots=True)
class Watched:
    """`last_change`: number of the newest audit row, 0 without one; `subjects`: how many, by library and kind."""

    last_change: int
    subjects: Mapping[tuple[str, str], int]


def watch_store(database: Database) -> Watched:
    """Both at one moment; the database's own error where it cannot be read."""
    with database.reading() as session:
        head = audit.head(session)
        return Watched(0 if head is None else head.seq, subjects.counts(session))
