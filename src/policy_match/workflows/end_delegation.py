"""End a delegation before its last day."""

from __future__ import annotations

from policy_match.errors import Conflict, Issue, NotFound
from policy_match.store import accounts, delegations
from policy_match.workflows.administer import at_access_desk, require_real
from policy_match.workflows.delegate import require_party
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


def end_delegation(archive: Archive, number: int, by: By) -> None:
    """End it, by one of both or by an administrator; NotFound DELEGATION_UNKNOWN, Conflict DELEGATION_ENDED, Forbidden
    DELEGATION_BY."""
    with at_access_desk(archive, str(number), by) as (session, who):
        row = delegations.of_id(session, number)
        if row is None:
            raise NotFound(Issue("DELEGATION_UNKNOWN", f"没有代理 {number}", "", "", "用 delegate list 查编号"))
        require_party(who, row.from_actor, row.to_actor)
        if not accounts.is_demo(session, row.from_actor):
            require_real(session, who, str(number))
        if row.revoked_at is not None or row.through < by.today:
            raise Conflict(Issue("DELEGATION_ENDED", f"代理 {number} 已结束", "", "", "不必再办"))
        row.revoked_at = by.now
        note_access(
            session, who, Access("delegation.end", str(number), by.now), giver=row.from_actor, taker=row.to_actor
        )
