"""Link an account to who its holder is at a service that signs people in, and take links back."""

from __future__ import annotations

from policy_match.errors import Conflict, Issue
from policy_match.exchange.oidc import check_issuer
from policy_match.store import identities, sessions
from policy_match.store.account_tables import Identity
from policy_match.workflows.administer import administering, find_account
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, said

LONGEST = 200


def link_identity(archive: Archive, login: str, issuer: str, subject: str, by: By) -> None:
    """From here on whoever the service calls `subject` signs in as the holder of the account.

    UsageError OIDC_ISSUER; NotFound ACCOUNT_UNKNOWN; Conflict ACCOUNT_CLOSED, IDENTITY_TAKEN if somebody has it already.
    """
    service, name = check_issuer(issuer, "--issuer"), said(subject, "登录服务里的编号", "--subject", longest=LONGEST)
    with administering(archive, login, by) as (session, who):
        account = find_account(session, login, who)
        if account.closed_at is not None:
            raise Conflict(Issue("ACCOUNT_CLOSED", "账号已停用", account.login, "", "给新的经办人编号另开账号"))
        there = identities.of_subject(session, service, name)
        if there is not None:
            hint = "不必再办" if there.actor_id == account.actor_id else "先用 account unlink 解除原来的关联"
            raise Conflict(Issue("IDENTITY_TAKEN", f"“{name}”已关联 {there.actor_id}", "--subject", "", hint))
        session.add(Identity(issuer=service, subject=name, actor_id=account.actor_id, linked_at=by.now))
        note_access(
            session, who, Access("identity.link", account.actor_id, by.now), login=account.login, issuer=service,
            subject=name,
        )  # fmt: skip


def unlink_identities(archive: Archive, login: str, reason: str, by: By) -> int:
    """Take all links of an account back, and say how many there were; its sessions end. NotFound ACCOUNT_UNKNOWN."""
    text = said(reason, "原因", "--reason")
    with administering(archive, login, by) as (session, who):
        account = find_account(session, login, who)
        linked = identities.of_actor(session, account.actor_id)
        for one in linked:
            session.delete(one)
        note_access(
            session, who, Access("identity.unlink", account.actor_id, by.now), login=account.login, reason=text,
            subjects=[one.subject for one in linked], sessions_ended=sessions.end_all(session, account.actor_id),
        )  # fmt: skip
        return len(linked)
