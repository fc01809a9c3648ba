"""Take up a delegation in a session, or lay it down; it is shown as long as it is used, and the audit names who really acts."""

from __future__ import annotations

from datetime import datetime

from policy_match.dates import local_day
from policy_match.errors import Forbidden, Issue
from policy_match.store import delegations
from policy_match.store.tables import Actor
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.who_asks import open_session


def act_for(archive: Archive, token: str, giver: str | None, now: datetime) -> None:
    """Act for somebody from here on in this session, for oneself with None.

    Forbidden DELEGATION_NONE if no delegation from that actor holds today, SIGNED_OUT.
    """
    with archive.database.writing() as session:
        row = open_session(session, token, now)
        given = {one.from_actor for one in delegations.in_force(session, row.actor_id, local_day(now))}
        if giver is not None and giver not in given:
            allowed = "、".join(sorted(given)) or "今天没有生效的代理"
            hint = "请本人或系统管理员用 delegate add 登记"
            raise Forbidden(Issue("DELEGATION_NONE", f"不能代理“{giver[:40]}”", "", allowed, hint))
        row.for_actor_id = giver
        who = session.get_one(Actor, row.actor_id)
        note_access(session, who, Access("delegation.use", row.actor_id, now), giver=giver)
