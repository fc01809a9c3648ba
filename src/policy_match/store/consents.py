"""What people said of channels and topics, in the store: rows are only added, the last one that covers a topic counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.push_tables import ConsentRow

_CHUNK = 1_000


def of_actor(session: Session, library: str, actor_id: str) -> Sequence[ConsentRow]:
    """What somebody said, the oldest first, as push/consent.py reads it."""
    return of_actors(session, library, [actor_id])[actor_id]


def of_actors(session: Session, library: str, actor_ids: Iterable[str]) -> dict[str, list[ConsentRow]]:
    """The same of many people; who said nothing has an empty list."""
    wanted = list(dict.fromkeys(actor_ids))
    found: dict[str, list[ConsentRow]] = {one: [] for one in wanted}
    for start in range(0, len(wanted), _CHUNK):
        asked = select(ConsentRow).where(ConsentRow.library == library)
        asked = asked.where(ConsentRow.actor_id.in_(wanted[start : start + _CHUNK]))
        for row in session.scalars(asked.order_by(ConsentRow.id)):
            found[row.actor_id].append(row)
    return found


def add(session: Session, row: ConsentRow) -> ConsentRow:
    """Add what somebody said, and give it back with its number."""
    session.add(row)
    session.flush()
    return row
