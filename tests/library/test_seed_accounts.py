"""Accounts of the demonstration: one a role, on a SQLite file with the demonstration library alone; never on a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Thread

import pytest
from signing import NOW, account, admin, enter, noted, ready, refusal

from policy_match.access import passwords
from policy_match.access.key_scopes import KeyScope
from policy_match.access.second_factor import code_at
from policy_match.access.tokens import demo_key, hash_of
from policy_match.errors import Forbidden
from policy_match.store.account_tables import Account, ApiKey
from policy_match.store.tables import Actor, Key, Subject
from policy_match.workflows.add_account import NewAccount, add_account
from policy_match.workflows.begin_session import begin_session
from policy_match.workflows.close_account import close_account
from policy_match.workflows.delegate import NewDelegation, delegate
from policy_match.workflows.issue_key import NewKey, issue_key
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects
from policy_match.workflows.reset_password import reset_password
from policy_match.workflows.revoke_key import revoke_key
from policy_match.workflows.seed_accounts import seed_accounts
from policy_match.workflows.who_asks import key_of, session_of
from policy_match.workflows.write_entry import By

FIRM = "91320412MAYYYY219L"


def with_demo(archive: Archive, library: str = "demo") -> None:
    """A library with one invented firm."""
    with archive.database.writing() as session:
        firm = Subject(library=library, kind="enterprise", code="D001", name="示范常储动力电池有限公司", created_at=NOW)
        session.add(firm)
        session.flush()
        session.add(
            Key(
                library=library, subject_id=firm.id, kind="USCC", value=FIRM, exclusive=True, source="ENT",
                received_at=NOW,
            )
        )  # fmt: skip


def is_server(archive: Archive) -> bool:
    return archive.database.engine.dialect.name == "postgresql"


def test_one_account_a_role_where_the_database_is_a_file_and_none_on_a_server(archive: Archive) -> None:
    with_demo(archive)

    made = seed_accounts(archive, NOW)

    if is_server(archive):
        assert made == ()
        return
    with archive.database.reading() as session:
        actors = [session.get_one(Actor, one.login) for one in made]
    assert {who.role for who in actors} == set(archive.table.roles) - {"importer"}
    assert all(who.name.startswith("示范·") and len(who.name) <= 60 for who in actors)
    assert {who.region for who in actors if who.role == "district"} == {"320412", "320481"}
    assert [who.id for who in actors if who.role == "district" and who.region == "320412"] == [
        "demo-district-320412", "demo-second-320412"
    ]  # fmt: skip
    assert [(who.id, who.firm, who.region) for who in actors if who.role == "enterprise"] == [
        ("demo-enterprise-d001", FIRM, "320412")
    ]
    assert [(row.action, row.object_kind) for row in noted(archive)] == [("account.seed", "access")]
    for one in made[:3]:
        begun = enter(archive, one.login, password=one.password, code=code_at(one.secret, NOW))
        found = session_of(archive, begun.token, NOW)
        assert found is not None and found.is_demo and found.is_strong


def test_seeding_again_adds_nothing_and_gives_the_same_list(archive: Archive) -> None:
    with_demo(archive)
    first = seed_accounts(archive, NOW)

    assert seed_accounts(archive, NOW + timedelta(days=1)) == first


def test_each_but_the_administrator_has_a_key_of_tests_that_is_published_and_never_ends(archive: Archive) -> None:
    with_demo(archive)

    made = seed_accounts(archive, NOW)

    assert [one.login for one in made if one.key is None] == ([] if is_server(archive) else ["demo-admin"])
    for one in made:
        held = key_of(archive, one.key or "", NOW + timedelta(days=9_000))
        assert (held is None) == (one.key is None)
        if held is not None:
            assert (held.actor.id, held.library, held.fixed_now) == (one.login, "demo", NOW)
            assert held.scopes == tuple(KeyScope)
            assert one.key == demo_key(one.login) and len(held.id) <= 20
    assert key_of(archive, demo_key("demo-admin"), NOW) is None


def test_a_key_of_tests_goes_with_its_account_or_alone_and_is_told_no_more(archive: Archive) -> None:
    with_demo(archive)
    if not seed_accounts(archive, NOW):
        return

    close_account(archive, "demo-data", "不再演示", admin())
    revoke_key(archive, "demo-industry", "不再演示", admin())

    assert key_of(archive, demo_key("demo-data"), NOW) is None
    assert key_of(archive, demo_key("demo-industry"), NOW) is None
    keys = {one.login: one.key for one in seed_accounts(archive, NOW)}
    assert "demo-data" not in keys and keys["demo-industry"] is None


def test_a_key_of_tests_that_came_to_a_server_is_nobodys(archive: Archive) -> None:
    login = ready(archive)
    with archive.database.writing() as session:
        session.get_one(Account, login).is_demo = True
        session.add(
            ApiKey(
                id=login, key_hash=hash_of(demo_key(login)), actor_id=login, name="示范·测试密钥", scopes=["read"],
                library="demo", fixed_now=NOW, made_at=NOW, made_by="admin", ends_on=date.max,
            )
        )  # fmt: skip

    assert (key_of(archive, demo_key(login), NOW) is None) == is_server(archive)


def test_a_firm_of_the_demonstration_is_known_by_its_credit_code_too(archive: Archive) -> None:
    with_demo(archive)

    with archive.database.reading() as session:
        (firm,) = read_subjects(session, archive, "demo", View(NOW.date()))

    assert (firm.id, firm.enterprise) == ("D001", FIRM)


def test_processes_that_start_together_make_them_once(archive: Archive) -> None:
    with_demo(archive)
    made: list[int] = []
    threads = [Thread(target=lambda: made.append(len(seed_accounts(archive, NOW)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [made[0]] * 4
    assert [row.action for row in noted(archive)] == ([] if is_server(archive) else ["account.seed"])


@pytest.mark.parametrize("library", [None, "real"])
def test_without_the_demonstration_library_there_is_none(archive: Archive, library: str | None) -> None:
    if library is not None:
        with_demo(archive, library)

    assert seed_accounts(archive, NOW) == ()
    assert noted(archive) == []


def test_where_somebody_has_an_account_none_is_made(archive: Archive) -> None:
    with_demo(archive)
    ready(archive)

    assert seed_accounts(archive, NOW) == ()


def test_an_open_one_is_told_each_time_and_a_closed_one_is_not_made_anew(archive: Archive) -> None:
    with_demo(archive)
    made = seed_accounts(archive, NOW)
    add_account(archive, NewAccount("zhang.san", "development"), admin())
    for one in made[:1]:
        close_account(archive, one.login, "不再演示", admin())

    assert seed_accounts(archive, NOW) == made[1:]


def test_the_administrator_of_the_demonstration_touches_nothing_that_is_real(archive: Archive) -> None:
    with_demo(archive)
    if not seed_accounts(archive, NOW):
        return
    chief, real = By("real", "demo-admin", NOW), ready(archive)
    key = NewKey("development", "对接", ("read",), "real", NOW.date())

    for attempt in (
        lambda: close_account(archive, real, "调离", chief),
        lambda: reset_password(archive, real, chief),
        lambda: issue_key(archive, key, chief),
        lambda: delegate(archive, NewDelegation(real, "development-2", NOW.date(), NOW.date(), "休假"), chief),
    ):
        with pytest.raises(Forbidden, match="示范管理员"):
            attempt()
    add_account(archive, NewAccount("new.demo", "development"), chief)
    assert account(archive, "new.demo").is_demo
    assert issue_key(archive, replace(key, library="demo"), chief)
    close_account(archive, "demo-data", "不再演示", chief)


def test_beside_the_demonstration_the_first_real_administrator_opens_his_own_account(archive: Archive) -> None:
    with_demo(archive)
    seed_accounts(archive, NOW)

    add_account(archive, NewAccount("zhang.san", "admin"), admin())

    assert not account(archive, "zhang.san").is_demo


def test_a_demonstration_account_that_came_to_a_server_lets_nobody_in(archive: Archive) -> None:
    login = ready(archive)
    with archive.database.writing() as session:
        theirs = session.get_one(Account, login)
        theirs.is_demo = True
        token = begin_session(session, theirs, NOW, strong=True, client="").token

    if is_server(archive):
        assert refusal(archive, login) == "ACCOUNT_DEMO"
        assert session_of(archive, token, NOW) is None
    else:
        enter(archive, login)
        assert session_of(archive, token, NOW) is not None


def test_the_published_password_is_refused_as_anybody_s_own() -> None:
    found = passwords.faults_of(passwords.DEMO_PASSWORD, "zhangsan")

    assert [issue.code for issue in found] == ["PASSWORD_COMMON"]
