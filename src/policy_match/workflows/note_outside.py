"""Note that somebody known asked for what is outside the own rights or scope; a visitor leaves no row of the audit chain.

An id that nobody has is noted too: from outside it cannot be told apart from one that is hidden.
"""

from __future__ import annotations

from datetime import datetime

from policy_match.errors import PolicyMatchError
from policy_match.store.tables import Actor
from policy_match.workflows.note_access import Access, note_refusal
from policy_match.workflows.open_archive import Archive

# The answers that tell of a scope or a right; workflows that refuse an act leave a row of their own.
OUTSIDE = frozenset(
    {
        "PERMISSION",
        "SECOND_FACTOR",
        "SUBJECT_UNKNOWN",
        "MSJX_UNKNOWN",
        "REVIEW_UNKNOWN",
        "REPORT_UNKNOWN",
        "PIPELINE_UNKNOWN",
        "PIPELINE_ITEM_UNKNOWN",
    }
)


def note_outside(archive: Archive, actor_id: str, about: str, refusal: PolicyMatchError, now: datetime) -> None:
    """Add the row. `about`: method and path of the request."""
    with archive.database.writing() as session:
        who = session.get_one(Actor, actor_id)
        note_refusal(session, who, Access("access.refused", about, now), refusal.issues[0].what)
