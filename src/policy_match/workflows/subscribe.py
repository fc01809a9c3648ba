"""Tell another system of changes: register its address for kinds of changes of one library, with a secret shown once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.exchange.post_webhook import check_url
from policy_match.exchange.webhook import SECRET_BYTES, secret_of
from policy_match.store import audit, subscriptions
from policy_match.store.actors import actor
from policy_match.store.subscription_tables import Subscription
from policy_match.workflows.list_changes import KINDS
from policy_match.workflows.list_subscriptions import Subscribed, shown
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By

SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What is asked: the address, and kinds of objects as the change feed names them."""

    url: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A subscription and the secret that signs its messages, which cannot be read again."""

    subscription: Subscribed
    secret: str


def subscribe(archive: Archive, asked: NewSubscription, by: By, hosts: frozenset[str]) -> WithSecret:
    """Register it; `hosts`: those that may be called at all.

    UsageError WEBHOOK_OFF, WEBHOOK_URL, WEBHOOK_HOST or SUBSCRIPTION_KIND, Conflict SUBSCRIPTION_THERE if the actor has
    one with this address, NotFound ACTOR_UNKNOWN.
    """
    check_url(asked.url, hosts)
    kinds, secret = _kinds(asked.kinds), secret_of(secrets.token_bytes(SECRET_BYTES))
    with archive.database.writing() as session:
        who = actor(session, by.actor, by.today)
        _refuse_twice(session, asked.url, by)
        row = Subscription(
            library=by.library, actor_id=who.id, url=asked.url, kinds=kinds, secret="", created_at=by.now
        )
        row = subscriptions.add(session, row)
        row.secret = archive.sealer.seal(secret, about_secret(row))
        audit.record(
            session, who, "subscription.add", object_kind=SUBSCRIPTION, object_id=str(row.id), at=by.now,
            library=by.library, detail={"url": asked.url, "kinds": [*kinds]},
        )  # fmt: skip
        return WithSecret(shown(row, None), secret)


def about_secret(row: Subscription) -> str:
    """What the sealed secret is bound to."""
    return f"subscription/{row.id}/secret"


def _kinds(written: Iterable[str]) -> list[str]:
    """The kinds in the order of the list, each once."""
    given = set(written)
    unknown = sorted(given - KINDS.keys())
    if unknown or not given:
        what = f"没有“{unknown[0][:30]}”这一类变更" if unknown else "没有写要哪几类变更"
        allowed = "、".join(KINDS)
        raise UsageError(Issue("SUBSCRIPTION_KIND", what, "kinds", allowed, "从列出的类别中选一个以上"))
    return [kind for kind in KINDS if kind in given]


def _refuse_twice(session: Session, url: str, by: By) -> None:
    for row in subscriptions.of_actor(session, by.library, by.actor):
        if row.url == url and row.ended_at is None:
            what = f"这个网址已经订阅（第 {row.id} 号）"
            raise Conflict(Issue("SUBSCRIPTION_THERE", what, "url", "", "要改类别或换密钥，先退订再重新订阅"))
