"""Record which matches wait for a look, once a day: from then on their age is known.

It is kept apart from listing, so that looking writes nothing, and from the facts, whose dates tell when something was so
and not when we could know it.
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.ranking.scoring import Ordering
from policy_match.store import audit, reviews
from policy_match.workflows.find_reviews import Wanted, open_queue
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import open_library
from policy_match.workflows.read_records import View
from policy_match.workflows.review_rights import REVIEWS
from policy_match.workflows.write_entry import By, at_library_desk


@dataclass(frozen=True, slots=True)
class Noted:
    """How many matches wait, and how many of them were recorded now."""

    waiting: int
    new: int


def note_reviews(archive: Archive, by: By, ordering: Ordering | None) -> Noted:
    """Record those that are not recorded yet; Forbidden CARE_ROLE, UsageError without an ordering."""
    with archive.database.reading() as session:
        library = open_library(session, archive, by.library, View(by.today), ordering=ordering)
        waiting = open_queue(session, archive, library, by.now).reviews(Wanted())
    with at_library_desk(archive, REVIEWS, by) as (session, who):
        known = reviews.sightings(session, by.library)
        found = (((*one.match.pair, one.match.signature), one.rule.measure.version) for one in waiting)
        new = [(key, version) for key, version in found if key not in known]
        reviews.note_sightings(session, by.library, new, by.now)
        audit.record(
            session, who, "review.note", object_kind="library", object_id=by.library, at=by.now, library=by.library,
            detail={"waiting": len(waiting), "new": len(new)},
        )  # fmt: skip
    return Noted(len(waiting), len(new))
