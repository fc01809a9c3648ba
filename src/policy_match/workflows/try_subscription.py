"""Send one signed test message to the address of a subscription, and keep what came of it."""

from __future__ import annotations

from uuid import uuid4

from policy_match.exchange.post_webhook import Outcome, post
from policy_match.exchange.webhook import TEST, Message, event_body, signed
from policy_match.store import audit, subscriptions
from policy_match.store.actors import actor
from policy_match.store.subscription_tables import Trial
from policy_match.workflows.list_subscriptions import Tried, own_running
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.subscribe import SUBSCRIPTION, about_secret
from policy_match.workflows.write_entry import By


def try_subscription(archive: Archive, number: int, by: By, hosts: frozenset[str]) -> Tried:
    """Send and keep it; a receiver that does not answer is an outcome, not an error.

    No transaction is open meanwhile, so that a slow receiver holds nobody up. NotFound SUBSCRIPTION_UNKNOWN, UsageError
    WEBHOOK_OFF or WEBHOOK_HOST where the installation no longer allows the address.
    """
    with archive.database.reading() as session:
        actor(session, by.actor, by.today)
        row = own_running(session, number, by)
        url, secret = row.url, archive.sealer.open(row.secret, about_secret(row))
    message = _test_message(number, by, secret)
    return _kept(archive, number, by, message, post(message, url, hosts))


def _test_message(number: int, by: By, secret: str) -> Message:
    told: dict[str, str | int | None] = {
        "subscription": number,
        "library": by.library,
        "note": "测试消息，没有任何变更",
    }
    return signed(f"msg_{uuid4().hex}", by.now, event_body(TEST, by.now, told), secret)


def _kept(archive: Archive, number: int, by: By, message: Message, outcome: Outcome) -> Tried:
    with archive.database.writing() as session:
        row = Trial(
            subscription_id=number, message_id=message.id, at=by.now, status=outcome.status, outcome=outcome.text
        )
        subscriptions.add_trial(session, row)
        audit.record(
            session, actor(session, by.actor, by.today), "subscription.try", object_kind=SUBSCRIPTION,
            object_id=str(number), at=by.now, library=by.library, result="done" if outcome.is_delivered else "failed",
            reason=outcome.text, detail={"message": message.id, "status": outcome.status},
        )  # fmt: skip
        return Tried(row.message_id, row.at, row.status, row.outcome)
