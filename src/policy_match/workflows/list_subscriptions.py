"""The subscriptions of an actor in a library, each with what came of its last trial; never their secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import process
from sqlalchemy.orm import Session

from policy_match.errors import Issue, NotFound
from policy_match.store import subscriptions
from policy_match.store.subscription_tables import Subscription, Trial
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


@dataclass(frozen=True, slots=True)
class Tried:
    """One test message. `status`: of the answer, None where there was none; `outcome`: what it means, in words."""

    message_id: str
    at: datetime
    status: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One subscription. `ended_at` None: it runs; `tried` None: it never was."""

    id: int
    library: str
    url: str
    kinds: tuple[str, ...]
    created_at: datetime
    ended_at: datetime | None
    tried: Tried | None


def list_subscriptions(archive: Archive, by: By) -> tuple[Subscribed, ...]:
    """The asker's own, ended ones too, the oldest first."""
    with archive.database.reading() as session:
        rows = subscriptions.of_actor(session, by.library, by.actor)
        trials = subscriptions.last_trials(session, [row.id for row in rows])
        return tuple(shown(row, trials.get(row.id)) for row in rows)


def own_running(session: Session, number: int, by: By) -> Subscription:
    """One of the asker's own that has not ended; NotFound SUBSCRIPTION_UNKNOWN with those that run."""
    rows = [row for row in subscriptions.of_actor(session, by.library, by.actor) if row.ended_at is None]
    found = next((row for row in rows if row.id == number), None)
    if found is None:
        ids = [str(row.id) for row in rows]
        near = "、".join(match for match, _, _ in process.extract(str(number), ids, limit=5))
        raise NotFound(Issue("SUBSCRIPTION_UNKNOWN", f"您没有第 {number} 号订阅", "id", near, "从订阅清单中选"))
    return found


def shown(row: Subscription, trial: Trial | None) -> Subscribed:
    """A row as it is shown."""
    tried = None if trial is None else Tried(trial.message_id, trial.at, trial.status, trial.outcome)
    return Subscribed(row.id, row.library, row.url, tuple(row.kinds), row.created_at, row.ended_at, tried)
