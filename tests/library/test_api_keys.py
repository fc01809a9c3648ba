"""Keys of programs: shown once, in one library, for some uses, until their last day; on both databases."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from signing import NOW, admin, at, noted
from sqlalchemy import select

from policy_match.access.key_scopes import KeyScope
from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError
from policy_match.store.account_tables import ApiKey
from policy_match.store.database import Database
from policy_match.store.tables import Actor
from policy_match.workflows.issue_key import NewKey, issue_key
from policy_match.workflows.list_access import key_rows
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.revoke_key import revoke_key
from policy_match.workflows.who_asks import key_of

ASKED = NewKey("development-3", "统一门户", ("read", "subscribe"), "real", date(2026, 6, 30))


def row(archive: Archive) -> ApiKey:
    with archive.database.reading() as session:
        return session.scalars(select(ApiKey)).one()


def test_a_key_is_known_by_its_hash_and_says_what_it_is_for(archive: Archive) -> None:
    key = issue_key(archive, ASKED, admin())

    held = key_of(archive, key, NOW)
    assert held is not None
    assert (held.actor.id, held.library, held.fixed_now) == ("development-3", "real", None)
    assert held.scopes == (KeyScope.READ, KeyScope.SUBSCRIBE)
    kept = row(archive)
    assert (kept.key_hash, kept.made_by) == (hashlib.sha256(key.encode()).hexdigest(), "admin")
    assert key.split("_", 2)[2] not in "".join(one.detail for one in noted(archive))
    assert [(one.action, one.object_kind, one.object_id) for one in noted(archive)] == [
        ("key.issue", "access", kept.id)
    ]


def test_a_key_changed_by_one_letter_or_cut_short_is_nobodys(archive: Archive) -> None:
    key = issue_key(archive, ASKED, admin())
    last = "A" if key[-1] != "A" else "B"

    assert [key_of(archive, one, NOW) for one in (key[:-1] + last, key[:-1], key + "A", key.upper(), "")] == [None] * 5


def test_the_last_day_counts_and_the_next_one_does_not(archive: Archive) -> None:
    key = issue_key(archive, ASKED, admin())
    midnight = datetime(2026, 6, 30, 16, tzinfo=UTC)

    assert key_of(archive, key, midnight - timedelta(microseconds=1)) is not None
    assert key_of(archive, key, midnight) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_on": date(2026, 3, 1)}, "KEY_TERM"),
        ({"ends_on": date(2027, 3, 3)}, "KEY_TERM"),
        ({"scopes": ()}, "KEY_SCOPE"),
        ({"scopes": ("read", "approve")}, "KEY_SCOPE"),
        ({"library": "test"}, "LIBRARY"),
        ({"name": " "}, "TEXT_MISSING"),
        ({"fixed_now": NOW}, "KEY_CLOCK"),
        ({"actor": "admin-2"}, "KEY_ADMIN"),
        ({"actor": "nobody"}, "ACTOR_UNKNOWN"),
    ],
)
def test_a_key_that_may_not_be_is_refused(archive: Archive, change: dict[str, object], code: str) -> None:
    with pytest.raises(PolicyMatchError) as raised:
        issue_key(archive, replace(ASKED, **change), admin())

    assert raised.value.issues[0].code == code
    with archive.database.reading() as session:
        assert session.scalars(select(ApiKey)).all() == []


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2027, 3, 2)])
def test_a_key_may_end_today_and_at_the_latest_a_year_from_today(archive: Archive, day: date) -> None:
    assert key_of(archive, issue_key(archive, replace(ASKED, ends_on=day), admin()), NOW) is not None


def test_the_key_of_tests_has_its_own_clock_in_the_demonstration_library(archive: Archive) -> None:
    fixed = datetime(2025, 6, 1, tzinfo=UTC)
    key = issue_key(archive, replace(ASKED, library="demo", fixed_now=fixed), admin())

    held = key_of(archive, key, NOW)
    assert held is not None and held.fixed_now == fixed
    # Its own end goes by the real clock.
    assert key_of(archive, key, datetime(2026, 7, 1, tzinfo=UTC)) is None


def test_another_use_or_another_library_is_refused(archive: Archive) -> None:
    held = key_of(archive, issue_key(archive, ASKED, admin()), NOW)
    assert held is not None

    held.require(KeyScope.READ, "real")
    with pytest.raises(Forbidden, match="不能用于写入"):
        held.require(KeyScope.WRITE, "real")
    with pytest.raises(NotFound):
        held.require(KeyScope.READ, "demo")


def test_a_revoked_key_is_worth_nothing_at_once_and_is_revoked_once(archive: Archive) -> None:
    key = issue_key(archive, ASKED, admin())
    key_id = row(archive).id

    revoke_key(archive, key_id, "泄露", admin())

    assert key_of(archive, key, NOW) is None
    with pytest.raises(Conflict, match="已吊销"):
        revoke_key(archive, key_id, "泄露", admin())
    with pytest.raises(NotFound, match="没有密钥"):
        revoke_key(archive, "nothing", "泄露", admin())
    assert key_rows(archive, admin()).rows[0]["state"] == "已吊销"


def test_its_use_is_noted_once_a_day(archive: Archive) -> None:
    key = issue_key(archive, ASKED, admin())

    key_of(archive, key, NOW)
    assert row(archive).last_used_on == date(2026, 3, 2)
    with patch.object(Database, "write_if_free") as write:
        assert key_of(archive, key, at(60)) is not None
    assert write.call_count == 0
    key_of(archive, key, NOW + timedelta(days=1))
    assert row(archive).last_used_on == date(2026, 3, 3)


def test_a_key_ends_with_the_office_of_its_actor(archive: Archive) -> None:
    key = issue_key(archive, ASKED, admin())
    with archive.database.writing() as session:
        session.get_one(Actor, "development-3").valid_through = date(2026, 3, 1)

    found = key_of(archive, key, NOW)

    with archive.database.writing() as session:
        session.get_one(Actor, "development-3").valid_through = None
    assert found is None
