"""Revoke a key: it is worth nothing from then on."""

from __future__ import annotations

from policy_match.errors import Conflict, Issue, NotFound
from policy_match.store import api_keys
from policy_match.workflows.administer import administering, require_real
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.note_access import Access, note_access
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, said


def revoke_key(archive: Archive, key_id: str, reason: str, by: By) -> None:
    """Revoke it by its public id; NotFound API_KEY_UNKNOWN, Conflict KEY_REVOKED if it is, Forbidden ADMIN_ONLY."""
    text = said(reason, "原因", "--reason")
    with administering(archive, key_id, by) as (session, who):
        key = api_keys.of_id(session, key_id.strip())
        if key is None:
            raise NotFound(Issue("API_KEY_UNKNOWN", f"没有密钥“{key_id[:20]}”", "", "", "用 key list 查编号"))
        if key.library != DEMO:
            require_real(session, who, key.id)
        if key.revoked_at is not None:
            raise Conflict(Issue("KEY_REVOKED", "密钥已吊销", key.id, "", "不必再办"))
        key.revoked_at = by.now
        note_access(session, who, Access("key.revoke", key.id, by.now), actor=key.actor_id, reason=text)
