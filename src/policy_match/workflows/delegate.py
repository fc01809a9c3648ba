"""Let somebody act for somebody else for a time: both of the same role, area and firm, never as administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.access.terms import ADMIN
from policy_match.errors import Conflict, Forbidden, Issue, UsageError
from policy_match.store import accounts, delegations
from policy_match.store.account_tables import Delegation
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.administer import at_access_desk, require_real
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, said


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """Who gives, who takes, and the first and last day."""

    giver: str
    taker: str
    since: date
    through: date
    reason: str


def delegate(archive: Archive, asked: NewDelegation, by: By) -> int:
    """Record it, by who gives or by an administrator; its number.

    UsageError DELEGATION_TERM, DELEGATION_ROLE; Conflict DELEGATION_THERE where one holds on any of the days; NotFound
    for the actors, Forbidden DELEGATION_BY, DEMO_ADMIN.
    """
    reason = said(asked.reason, "原因", "--reason")
    if not by.today <= asked.since <= asked.through:
        allowed = f"{by.today} 或以后，止日不早于起日"
        raise UsageError(Issue("DELEGATION_TERM", "代理的起止不对", "--since、--through", allowed, "改正起止"))
    with at_access_desk(archive, asked.giver, by) as (session, who):
        giver, taker = actor(session, asked.giver, by.today), actor(session, asked.taker, by.today)
        require_party(who, giver.id)
        if not accounts.is_demo(session, giver.id):
            require_real(session, who, giver.id)
        _require_alike(giver, taker)
        _require_new(session, asked)
        row = Delegation(
            from_actor=giver.id, to_actor=taker.id, since=asked.since, through=asked.through, made_at=by.now,
            made_by=who.id, reason=reason,
        )  # fmt: skip
        session.add(row)
        session.flush()
        note_access(
            session, who, Access("delegation.make", str(row.id), by.now), giver=giver.id, taker=taker.id, reason=reason,
            since=asked.since.isoformat(), through=asked.through.isoformat(),
        )  # fmt: skip
        return row.id


def require_party(who: Actor, *parties: str) -> None:
    """Refuse who is none of the parties and no administrator; Forbidden DELEGATION_BY."""
    if who.role != ADMIN and who.id not in parties:
        what = f"“{who.name}”不办别人的代理"
        raise Forbidden(Issue("DELEGATION_BY", what, "--by", "本人或系统管理员", "请本人或系统管理员办理"))


def _require_alike(giver: Actor, taker: Actor) -> None:
    same = (giver.role, giver.region, giver.firm) == (taker.role, taker.region, taker.firm)
    if ADMIN in (giver.role, taker.role) or giver.id == taker.id or not same:
        what = f"“{taker.name}”不能代理“{giver.name}”"
        allowed = "同一角色、同一地区、同一企业的另一个人；系统管理员不代理"
        raise UsageError(Issue("DELEGATION_ROLE", what, "--to", allowed, "换一个代理人"))


def _require_new(session: Session, asked: NewDelegation) -> None:
    found = delegations.overlapping(session, (asked.giver, asked.taker), asked.since, asked.through)
    if found:
        old = found[0]
        what = f"{old.since} 至 {old.through} 已有代理 {old.id}"
        raise Conflict(Issue("DELEGATION_THERE", what, asked.giver, "", "先用 delegate end 结束，或改起止"))
