"""Subscriptions: registered once, the secret shown once and kept sealed, tried with a signed message, ended for good."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rows import LIBRARY, NOW, audited
from sqlalchemy import select
from standardwebhooks import Webhook

from policy_match.errors import Conflict, NotFound, PolicyMatchError, UsageError
from policy_match.exchange.post_webhook import hosts_of
from policy_match.store.subscription_tables import Subscription, Trial
from policy_match.store.tables import Audit
from policy_match.workflows.end_subscription import end_subscription
from policy_match.workflows.list_changes import list_changes
from policy_match.workflows.list_subscriptions import list_subscriptions
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.subscribe import NewSubscription, WithSecret, subscribe
from policy_match.workflows.try_subscription import try_subscription
from policy_match.workflows.write_entry import By

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "exchange"))

from receiving import Receiver, receiving

HOSTS = hosts_of("127.0.0.1,receiver.example")
URL = "https://receiver.example/hook"
OWN, OTHER = By(LIBRARY, "data", NOW), By(LIBRARY, "data-2", NOW)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real receiver on this machine."""
    with receiving() as made:
        yield made


def subscribed(archive: Archive, url: str = URL, *kinds: str, by: By = OWN) -> WithSecret:
    return subscribe(archive, NewSubscription(url, kinds or ("project", "case")), by, HOSTS)


def code(refused: pytest.ExceptionInfo[PolicyMatchError]) -> str:
    return refused.value.issues[0].code


def test_a_subscription_is_listed_for_its_owner_in_its_library_without_its_secret(archive: Archive) -> None:
    made = subscribed(archive, URL, "case", "project", "case")

    (found,) = list_subscriptions(archive, OWN)

    assert found == made.subscription
    assert (found.url, found.kinds, found.created_at, found.ended_at, found.tried) == (
        URL,
        ("project", "case"),
        NOW,
        None,
        None,
    )
    assert list_subscriptions(archive, OTHER) == ()
    assert list_subscriptions(archive, By("demo", "data", NOW)) == ()


def test_the_secret_is_shown_once_and_kept_where_nobody_can_read_it(archive: Archive) -> None:
    first, second = subscribed(archive).secret, subscribed(archive, URL + "/2").secret

    with archive.database.reading() as session:
        kept = [row.secret for row in session.scalars(select(Subscription).order_by(Subscription.id))]
        chain = "".join(row.detail for row in session.scalars(select(Audit)))

    assert first.startswith("whsec_") and first != second
    assert [first[6:] in kept[0], first[6:] in chain] == [False, False]
    assert [archive.sealer.open(sealed, f"subscription/{n}/secret") for n, sealed in enumerate(kept, 1)] == [
        first,
        second,
    ]


@pytest.mark.parametrize(
    ("url", "kinds", "expected"),
    [
        (URL, ("project", "Projekt"), "SUBSCRIPTION_KIND"),
        (URL, ("access",), "SUBSCRIPTION_KIND"),
        (URL, (), "SUBSCRIPTION_KIND"),
        ("https://other.example/", ("project",), "WEBHOOK_HOST"),
        ("receiver.example", ("project",), "WEBHOOK_URL"),
    ],
)
def test_wrong_input_is_told_and_leaves_nothing(
    archive: Archive, url: str, kinds: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(UsageError) as refused:
        subscribe(archive, NewSubscription(url, kinds), OWN, HOSTS)

    assert code(refused) == expected
    assert list_subscriptions(archive, OWN) == ()


def test_without_hosts_in_the_setting_nobody_can_subscribe_or_try(archive: Archive) -> None:
    number = subscribed(archive).subscription.id

    with pytest.raises(UsageError, match=r"没有开放向外通知.*POLICY_MATCH_WEBHOOK_HOSTS"):
        subscribe(archive, NewSubscription(URL + "/2", ("project",)), OWN, hosts_of(""))
    with pytest.raises(UsageError, match="没有开放向外通知"):
        try_subscription(archive, number, OWN, hosts_of(""))


def test_one_address_is_subscribed_once_by_one_actor_until_it_is_ended(archive: Archive) -> None:
    number = subscribed(archive).subscription.id
    subscribed(archive, by=OTHER)
    subscribed(archive, by=By("demo", "data", NOW))

    with pytest.raises(Conflict) as refused:
        subscribed(archive)
    end_subscription(archive, number, OWN)

    assert code(refused) == "SUBSCRIPTION_THERE"
    assert subscribed(archive).subscription.id > number


def test_an_ended_subscription_stays_listed_and_its_secret_is_gone(archive: Archive) -> None:
    number = subscribed(archive).subscription.id

    ended = end_subscription(archive, number, OWN)

    with archive.database.reading() as session:
        assert session.get_one(Subscription, number).secret == ""
    assert ended.ended_at == NOW
    assert list_subscriptions(archive, OWN) == (ended,)
    for act in (lambda: end_subscription(archive, number, OWN), lambda: try_subscription(archive, number, OWN, HOSTS)):
        with pytest.raises(NotFound) as unknown:
            act()
        assert code(unknown) == "SUBSCRIPTION_UNKNOWN"


def test_what_is_another_actors_is_not_there(archive: Archive, receiver: Receiver) -> None:
    number = subscribed(archive, receiver.url).subscription.id

    for act in (
        lambda: end_subscription(archive, number, OTHER),
        lambda: try_subscription(archive, number, OTHER, HOSTS),
    ):
        with pytest.raises(NotFound):
            act()

    assert receiver.got == []
    assert list_subscriptions(archive, OWN)[0].ended_at is None


def test_a_trial_is_a_signed_message_whose_outcome_is_kept(archive: Archive, receiver: Receiver) -> None:
    now = By(LIBRARY, "data", datetime.now(UTC))
    made = subscribed(archive, receiver.url)

    tried = try_subscription(archive, made.subscription.id, now, HOSTS)

    ((_, headers, body),) = receiver.got
    told = Webhook(made.secret).verify(body, headers)
    assert (told["type"], told["data"]["subscription"]) == ("test", made.subscription.id)
    assert (tried.status, tried.outcome, tried.message_id) == (204, "对方已收到", headers["webhook-id"])
    assert list_subscriptions(archive, OWN)[0].tried == tried


def test_a_failed_trial_is_kept_too_and_the_newest_is_shown(archive: Archive, receiver: Receiver) -> None:
    number = subscribed(archive, receiver.url).subscription.id
    first = try_subscription(archive, number, OWN, HOSTS)
    receiver.status = 500

    second = try_subscription(archive, number, OWN, HOSTS)

    with archive.database.reading() as session:
        assert len(list(session.scalars(select(Trial)))) == 2
    assert (second.status, first.message_id != second.message_id) == (500, True)
    assert list_subscriptions(archive, OWN)[0].tried == second
    assert [line.result for line in audited(archive, "subscription.try")] == ["done", "failed"]


def test_the_feed_does_not_tell_of_subscriptions(archive: Archive) -> None:
    end_subscription(archive, subscribed(archive).subscription.id, OWN)

    assert [line.action for line in audited(archive, "subscription.add")] == ["subscription.add"]
    assert list_changes(archive, LIBRARY, None, lambda _: True).changes == ()
