"""Claim a match under review: for a while nobody else decides it, and everybody sees who holds it until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy_match.errors import Issue, UsageError
from policy_match.ranking.decisions import Choice
from policy_match.workflows.assess_match import Assessed
from policy_match.workflows.at_review import ReviewDesk, at_review
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.write_entry import By


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is held until when. `row_version`: to name when deciding."""

    id: str
    match: Assessed
    until: datetime
    row_version: int


def claim_review(archive: Archive, written: str, by: By) -> Claimed:
    """Claim it, or hold it longer; the decision is bound to the match as it is now.

    NotFound REVIEW_UNKNOWN, Conflict REVIEW_CLAIMED with the holder and the time, Forbidden CARE_ROLE.
    """
    with at_review(archive, written, by) as desk:
        desk.require_free(desk.who)
        until = by.now + timedelta(minutes=_minutes(archive))
        desk.write(replace(desk.step(Choice.CLAIM), held_until=until))
        return _claimed(desk, until)


def _minutes(archive: Archive) -> int:
    ordering = open_ordering(archive.rules)
    if ordering is None:
        raise UsageError(Issue("FOLDER", "没有 ranking.yaml", str(archive.rules), "", "检查规则目录是否完整"))
    return ordering.ranking.review.claim_minutes


def _claimed(desk: ReviewDesk, until: datetime) -> Claimed:
    return Claimed(desk.id, desk.match, until, desk.history.row_version + 1)
