"""Who acts: people and jobs with a role, a unit and an area. Log-in comes later; here they exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rapidfuzz import process
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.errors import Issue, NotFound
from policy_match.store.tables import Actor


def actor(session: Session, actor_id: str, on: date) -> Actor:
    """The actor of an id, if in office on a day; NotFound ACTOR_UNKNOWN with the nearest ids otherwise."""
    row = session.get(Actor, actor_id)
    if row is not None and is_in_office(row, on):
        return row
    ids = list(session.scalars(select(Actor.id).order_by(Actor.id)))
    near = "、".join(match for match, _, _ in process.extract(actor_id[:40], ids, limit=5))
    what = f"没有经办人“{actor_id[:40]}”" if row is None else f"经办人“{actor_id}”在 {on} 不在岗"
    raise NotFound(Issue("ACTOR_UNKNOWN", what, "--by", near, "用列出的编号，或先登记经办人"))


def is_in_office(who: Actor, on: date) -> bool:
    """Whether somebody is in office on a day; the first and the last day count."""
    return who.valid_from <= on and (who.valid_through is None or on <= who.valid_through)


def everybody(session: Session) -> Sequence[Actor]:
    """Everybody who is or was in office, by id."""
    return session.scalars(select(Actor).order_by(Actor.id)).all()


def names(session: Session) -> dict[str, str]:
    """The name of everybody who ever acted, by id."""
    return {row.id: row.name for row in session.execute(select(Actor.id, Actor.name))}


def missing(session: Session, actors: Iterable[Actor]) -> list[Actor]:
    """Those of the actors that are not there."""
    there = set(session.scalars(select(Actor.id)))
    return [row for row in actors if row.id not in there]
