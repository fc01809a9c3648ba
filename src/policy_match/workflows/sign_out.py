"""Sign out: the session ends, its token is worth nothing from then on."""

from __future__ import annotations

from datetime import datetime

from policy_match.access.tokens import hash_of
from policy_match.store import sessions
from policy_match.store.tables import Actor
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive


def sign_out(archive: Archive, token: str, now: datetime) -> None:
    """End the session of a token; a session that ended already is left at that."""
    with archive.database.writing() as session:
        row = sessions.of_hash(session, hash_of(token))
        if row is not None:
            actor = session.get_one(Actor, row.actor_id)
            sessions.end(session, row.token_hash)
            note_access(session, actor, Access("sign_out", actor.id, now))
