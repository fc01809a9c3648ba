"""Who holds a post on a day: the 帮办 agent of a project, the liaisons of a unit.

Rows are only added. Whoever is appointed takes the place of who holds the same post on the first day; how long
somebody held it, and when that was last confirmed, follows from the rows recorded by the instant asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.store.tables import Post, Subject

AGENT, LIAISON = "agent", "liaison"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Term:
    """The time in which somebody holds a post, the last day not included; `until` None: still."""

    unit: str
    subject_id: int | None
    holder: str
    is_primary: bool
    since: date
    until: date | None
    checked_on: date

    def covers(self, on: date) -> bool:
        """Whether the post is held on a day."""
        return self.since <= on and (self.until is None or self.until > on)

    def is_same_post(self, other: Term) -> bool:
        """Whether only one of the two can be held at a time: the agent of a project, the primary liaison of a unit."""
        same = self.unit == other.unit if self.subject_id is None else self.subject_id == other.subject_id
        return same and self.is_primary and other.is_primary


def held(session: Session, library: str, kind: str, on: date, known_at: datetime | None) -> list[Term]:
    """All posts of a kind that somebody holds on a day, by what was recorded until an instant (None: by everything);
    the primary one of a unit first."""
    asked = select(Post).where(Post.library == library, Post.kind == kind)
    asked = asked if known_at is None else asked.where(Post.recorded_at <= known_at)
    terms = [term for term in _terms(session.scalars(asked.order_by(Post.id))) if term.covers(on)]
    return sorted(terms, key=lambda term: (term.unit, not term.is_primary))


def agents(session: Session, subjects: Sequence[Subject], known_at: datetime | None) -> dict[int, list[Term]]:
    """Every agent that each project has had, in time, by what was recorded until an instant (None: by everything)."""
    found: dict[int, list[Post]] = {subject.id: [] for subject in subjects}
    ids = list(found)
    for start in range(0, len(ids), _CHUNK):
        asked = select(Post).where(Post.kind == AGENT, Post.subject_id.in_(ids[start : start + _CHUNK]))
        asked = asked if known_at is None else asked.where(Post.recorded_at <= known_at)
        for post in session.scalars(asked.order_by(Post.id)):
            found[post.subject_id or 0].append(post)
    return {one: sorted(_terms(own), key=lambda term: term.since) for one, own in found.items()}


def check(session: Session, library: str, kind: str, unit: str, *, on: date, at: datetime) -> int:
    """Note that the holders of a unit's posts were confirmed on a day; how many there were."""
    confirmed = [term for term in held(session, library, kind, on, None) if term.unit == unit]
    session.add_all(
        Post(
            library=library, kind=kind, unit=unit, subject_id=term.subject_id, holder=term.holder,
            is_primary=term.is_primary, since=term.since, recorded_at=at, checked_on=on,
        )
        for term in confirmed
    )  # fmt: skip
    session.flush()
    return len(confirmed)


def appoint(
    session: Session, library: str, kind: str, *, unit: str, holder: str, since: date, at: datetime,
    subject: Subject | None = None, is_primary: bool = True,
) -> Post:  # fmt: skip
    """Put somebody on a post; whoever holds it (the same project, or the same unit's primary liaison) leaves it that day."""
    row = Post(
        library=library, kind=kind, unit=unit, holder=holder, is_primary=is_primary, since=since, recorded_at=at,
        checked_on=since, subject_id=None if subject is None else subject.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _terms(posts: Iterable[Post]) -> list[Term]:
    """The terms of appointments, in the order in which these were recorded; one told again is confirmed."""
    found: list[Term] = []
    for post in posts:
        term = Term(post.unit, post.subject_id, post.holder, post.is_primary, post.since, None, post.checked_on)
        again = [one for one in found if replace(one, until=None, checked_on=term.checked_on) == term]
        if again:
            found = [replace(one, checked_on=term.checked_on) if one in again else one for one in found]
            continue
        ended = [replace(t, until=term.since) if t.is_same_post(term) and t.covers(term.since) else t for t in found]
        found = [*ended, term]
    return found
