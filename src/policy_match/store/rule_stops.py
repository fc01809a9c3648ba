"""Versions of measures stopped and put back: rows that are only ever added.

A stop of the real library counts everywhere; one of the demonstration library counts there alone, so that what is
played there never touches a real project.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from policy_match.eligibility.stops import Lift, Stop
from policy_match.store.tables import Actor, RuleStop

COMMON = "real"
_Named: TypeAlias = tuple[RuleStop, str]


def add(session: Session, row: RuleStop) -> RuleStop:
    """Add a stop, or a lift of one, and give it back with its number."""
    session.add(row)
    session.flush()
    return row


def stops(session: Session, library: str, *, known_at: datetime | None = None) -> list[Stop]:
    """Every stop that counts in a library, in the order of recording, each with its lift.

    `known_at`: only what was recorded up to that instant, which is included; None: everything.
    """
    said = _said(session, (COMMON, library), known_at)
    lifts = {row.stop_id: Lift(row.since, name, row.reason, row.recorded_at) for row, name in said if row.stop_id}
    return [_stop(row, name, lifts.get(row.id)) for row, name in said if row.stop_id is None]


def standing(session: Session, library: str, rule: tuple[str, int]) -> Stop | None:
    """The stop of a version that this very library recorded and has not lifted, whatever its first day; None if there is none."""
    lift = aliased(RuleStop)
    asked = (
        select(RuleStop, Actor.name)
        .join(Actor, Actor.id == RuleStop.actor_id)
        .join(lift, lift.stop_id == RuleStop.id, isouter=True)
        .where(RuleStop.library == library, RuleStop.measure == rule[0], RuleStop.version == rule[1])
        .where(RuleStop.stop_id.is_(None), lift.id.is_(None))
    )
    found = session.execute(asked).first()
    return None if found is None else _stop(found[0], found[1], None)


def _said(session: Session, libraries: tuple[str, ...], known_at: datetime | None) -> list[_Named]:
    asked = select(RuleStop, Actor.name).join(Actor, Actor.id == RuleStop.actor_id).order_by(RuleStop.id)
    asked = asked.where(RuleStop.library.in_(libraries))
    if known_at is not None:
        asked = asked.where(RuleStop.recorded_at <= known_at)
    return [(row, name) for row, name in session.execute(asked)]


def _stop(row: RuleStop, name: str, lift: Lift | None) -> Stop:
    return Stop(
        row.id, row.measure, row.version, row.since, name, row.reason, row.source, row.recorded_at, lift,
        row.library != COMMON,
    )  # fmt: skip
