"""Leave a row of the audit chain about what somebody was not allowed to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from policy_match.dates import local_day
from policy_match.errors import Forbidden
from policy_match.store import audit
from policy_match.store.actors import actor
from policy_match.workflows.open_archive import Archive


@contextmanager
def noting_forbidden(archive: Archive, action: str, about: str, by: str, now: datetime) -> Iterator[None]:
    """The row is written once the transaction of the block is gone; `about`: what the request named."""
    try:
        yield
    except Forbidden as refusal:
        with archive.database.writing() as session:
            audit.record(
                session, actor(session, by, local_day(now)), action, object_kind="request", object_id=about[:120],
                at=now, result="forbidden", reason="；".join(issue.what for issue in refusal.issues),
            )  # fmt: skip
        raise
