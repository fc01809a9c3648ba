"""End a subscription: nothing more is sent to its address, and its secret is erased."""

from __future__ import annotations

from policy_match.store import audit, subscriptions
from policy_match.store.actors import actor
from policy_match.workflows.list_subscriptions import Subscribed, own_running, shown
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.subscribe import SUBSCRIPTION
from policy_match.workflows.write_entry import By


def end_subscription(archive: Archive, number: int, by: By) -> Subscribed:
    """End one of the asker's own; NotFound SUBSCRIPTION_UNKNOWN for one that is not, or has ended."""
    with archive.database.writing() as session:
        who = actor(session, by.actor, by.today)
        row = own_running(session, number, by)
        subscriptions.end(session, row, by.now)
        audit.record(
            session, who, "subscription.end", object_kind=SUBSCRIPTION, object_id=str(row.id), at=by.now,
            library=by.library,
        )  # fmt: skip
        trial = subscriptions.last_trials(session, [row.id]).get(row.id)
        return shown(row, trial)
