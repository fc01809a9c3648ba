"""Whose queue somebody keeps besides their own, who keeps theirs, and to whom they may hand it over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.store import accounts, actors, delegations
from policy_match.store.account_tables import Delegation
from policy_match.store.actors import is_in_office
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive


@dataclass(frozen=True, slots=True)
class StandIn:
    """One delegation that holds or is to come: its number, the other person, first and last day, and why."""

    number: int
    name: str
    since: date
    through: date
    reason: str
    holds: bool


@dataclass(frozen=True, slots=True)
class StandIns:
    """`given`: who keeps the own queue; `taken`: whose queue one keeps; `colleagues`: ids and names of those who may."""

    given: tuple[StandIn, ...]
    taken: tuple[StandIn, ...]
    colleagues: tuple[tuple[str, str], ...]


def list_standins(archive: Archive, actor_id: str, today: date) -> StandIns:
    """Of somebody in office, on a day; what has ended is left out."""
    with archive.database.reading() as session:
        who = session.get_one(Actor, actor_id)
        rows = [one for one in delegations.every(session) if one.revoked_at is None and one.through >= today]
        return StandIns(
            _shown(session, (one for one in rows if one.from_actor == who.id), today, is_given=True),
            _shown(session, (one for one in rows if one.to_actor == who.id), today, is_given=False),
            _colleagues(session, who, today),
        )


def _shown(
    session: Session, rows: Iterable[Delegation], today: date, *, is_given: bool
) -> tuple[StandIn, ...]:  # fmt: skip
    return tuple(
        StandIn(
            one.id,
            session.get_one(Actor, one.to_actor if is_given else one.from_actor).name,
            one.since,
            one.through,
            one.reason,
            one.since <= today,
        )
        for one in rows
    )


def _colleagues(session: Session, who: Actor, today: date) -> tuple[tuple[str, str], ...]:
    """Of the same role, area and firm, with an account that is open; demonstration and real ones do not mix."""
    opened = {one.id: account.is_demo for account, one in accounts.everybody(session) if account.closed_at is None}
    return tuple(
        (one.id, one.name)
        for one in actors.everybody(session)
        if one.id != who.id
        and one.id in opened
        and opened[one.id] == accounts.is_demo(session, who.id)
        and is_in_office(one, today)
        and (one.role, one.region, one.firm) == (who.role, who.region, who.firm)
    )
