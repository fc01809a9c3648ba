"""Who holds a post on a day: the 帮办 agent of a project, the liaisons of a unit. Holders change, rows stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from policy_match.store.tables import Post, Subject

AGENT, LIAISON = "agent", "liaison"


def held(session: Session, library: str, kind: str, on: date) -> list[Post]:
    """All posts of a kind that somebody holds on a day, the primary one of a unit first."""
    asked = select(Post).where(
        Post.library == library, Post.kind == kind, Post.since <= on, or_(Post.until.is_(None), Post.until > on)
    )
    return list(session.scalars(asked.order_by(Post.unit, Post.is_primary.desc(), Post.id)))


def agents(session: Session, subjects: Sequence[Subject]) -> dict[int, list[Post]]:
    """Every agent that each project has had, in time."""
    found: dict[int, list[Post]] = {subject.id: [] for subject in subjects}
    asked = select(Post).where(Post.kind == AGENT, Post.subject_id.in_(found)).order_by(Post.since, Post.id)
    for post in session.scalars(asked):
        found[post.subject_id or 0].append(post)
    return found


def check(session: Session, library: str, kind: str, unit: str, on: date) -> int:
    """Note that the holders of a unit's posts were confirmed on a day; how many there were."""
    held_now = [post for post in held(session, library, kind, on) if post.unit == unit]
    for post in held_now:
        post.checked_on = on
    session.flush()
    return len(held_now)


def appoint(
    session: Session, library: str, kind: str, *, unit: str, holder: str, since: date, subject: Subject | None = None,
    is_primary: bool = True,
) -> Post:  # fmt: skip
    """Put somebody on a post; whoever held it (the same project, or the same unit's primary liaison) leaves it that day."""
    for post in held(session, library, kind, since):
        same = post.subject_id == (None if subject is None else subject.id) and post.unit == unit
        if (same or (subject is not None and post.subject_id == subject.id)) and post.is_primary and is_primary:
            post.until = since
    row = Post(
        library=library, kind=kind, unit=unit, holder=holder, is_primary=is_primary, since=since, checked_on=since,
        subject_id=None if subject is None else subject.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
