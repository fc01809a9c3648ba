"""Note that somebody known took a table away, and why."""

from __future__ import annotations

from datetime import datetime

from policy_match.store.tables import Actor
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive


def note_export(archive: Archive, actor_id: str, what: str, reason: str, now: datetime) -> None:
    """Add the row of the audit chain. `what`: the file, or the address of the table."""
    with archive.database.writing() as session:
        note_access(session, session.get_one(Actor, actor_id), Access("access.export", what, now), reason=reason)
