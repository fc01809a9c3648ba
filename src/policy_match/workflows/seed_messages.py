"""Messages of the demonstration: matches that an office confirmed, told through the workflows that people use.

The first two of a firm go out as one digest, the third of the day waits for the digest of the week, and one is not sent
because the firm unsubscribed from its topic: each says why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from policy_match.errors import Conflict
from policy_match.push.words import Channel, Consent
from policy_match.ranking.decisions import Choice as Decided
from policy_match.store import accounts
from policy_match.workflows.claim_review import claim_review
from policy_match.workflows.daily_push import daily_push
from policy_match.workflows.decide_review import NewDecision, decide_review
from policy_match.workflows.give_consent import Choice, give_consent
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.seed_contacts import HOW
from policy_match.workflows.write_entry import By

_AREA, _FIRM = "district-320412", "demo-enterprise-d001"
_FIRST = (("D101", "cz_joint_acceptance"), ("D101", "cz_project_financing"))
_LATER = ("D102", "cz_project_financing")
_UNWANTED, _TOPIC = ("D102", "cz_joint_training"), "人才"


def seed_messages(archive: Archive, now: datetime) -> None:
    """Make them where the firm of the demonstration has its account; what is not so on the day is left out."""
    with archive.database.together() as database:
        own = replace(archive, database=database)
        if not _has_account(own):
            return
        give_consent(own, [Choice(Channel.INBOX.value, _TOPIC, Consent.WITHDRAWN.value, HOW)], By(DEMO, _FIRM, now))
        for pairs in ((*_FIRST, _UNWANTED), (_LATER,)):
            for subject, measure in pairs:
                _confirm(own, f"{subject}/{measure}", By(DEMO, _AREA, now))
            daily_push(own, DEMO, now)


def _has_account(archive: Archive) -> bool:
    with archive.database.reading() as session:
        return accounts.of_actor(session, _FIRM) is not None


def _confirm(archive: Archive, review: str, by: By) -> None:
    try:
        claim_review(archive, review, by)
        decide_review(archive, NewDecision(review, Decided.CONFIRM.value), by)
    except Conflict:
        return
