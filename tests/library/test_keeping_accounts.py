"""Keeping accounts: by administrators alone, who get no business account themselves; every refusal leaves its row."""

from __future__ import annotations

from datetime import date

import pytest
from signing import NOW, account, added, admin, enter, noted, person, ready, refusal, wrong

from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError, UsageError
from policy_match.store.tables import Actor
from policy_match.workflows.add_account import NewAccount, Person, add_account
from policy_match.workflows.close_account import close_account
from policy_match.workflows.issue_key import NewKey, issue_key
from policy_match.workflows.list_access import account_rows
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.reset_password import reset_password
from policy_match.workflows.unlock_account import unlock_account
from policy_match.workflows.who_asks import key_of, session_of
from policy_match.workflows.write_entry import By

OTHERS = ["development", "data", "treasury", "auditor", "district-320412", "enterprise-320412"]


def by(actor: str) -> By:
    return By("real", actor, NOW)


def refused(archive: Archive, asked: NewAccount, who: By | None = None) -> str:
    with pytest.raises(PolicyMatchError) as raised:
        add_account(archive, asked, who or admin())
    return raised.value.issues[0].code


def test_a_new_person_gets_an_actor_an_account_and_a_password_for_once(archive: Archive) -> None:
    login, once = added(archive, person("district", region="武进区", unit="武进区发改局", through=date(2026, 12, 31)))

    with archive.database.reading() as session:
        actor = session.get_one(Actor, login)
    assert (actor.role, actor.region, actor.unit, actor.firm) == ("district", "320412", "武进区发改局", None)
    assert (actor.valid_from, actor.valid_through) == (date(2026, 3, 2), date(2026, 12, 31))
    kept = account(archive, login)
    assert kept.must_change and not kept.is_demo and kept.password_hash is not None and once not in kept.password_hash
    assert enter(archive, login, password=once).must_change


def test_an_actor_that_is_there_gets_an_account_without_being_told_again(archive: Archive) -> None:
    add_account(archive, NewAccount("Wang.Wu", "development-2"), admin())

    assert account(archive, "wang.wu").actor_id == "development-2"
    assert refused(archive, NewAccount("someone", "development-3", person())) == "ACTOR_THERE"


@pytest.mark.parametrize(
    ("login", "code"),
    [("ab", "LOGIN"), ("a b c", "LOGIN"), ("-abc", "LOGIN"), ("x" * 61, "LOGIN"), ("Admin", "LOGIN_SHARED"), ("test", "LOGIN_SHARED")],
)  # fmt: skip
def test_a_log_in_name_is_one_persons_own(archive: Archive, login: str, code: str) -> None:
    assert refused(archive, NewAccount(login, "development")) == code


def test_one_name_one_account_one_actor(archive: Archive) -> None:
    add_account(archive, NewAccount("wangwu", "development"), admin())

    assert refused(archive, NewAccount("ＷａｎｇＷｕ", "development-2")) == "LOGIN_TAKEN"
    assert refused(archive, NewAccount("wangwu2", "development")) == "ACCOUNT_THERE"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (None, "ACTOR_UNKNOWN"),
        (person("emperor"), "ROLE"),
        (person("importer"), "ROLE"),
        (person("district"), "ACTOR_REGION"),
        (person("district", region="320000"), "ACTOR_REGION"),
        (person("treasury", region="320412"), "ACTOR_REGION"),
        (person("enterprise", region="320412"), "ACTOR_FIRM"),
        (person("enterprise", region="320412", firm="91320412MAYYYY219X"), "USCC_CHECKSUM"),
        (person("treasury", firm="91320412MAYYYY219L"), "ACTOR_FIRM"),
        (person(name="  "), "TEXT_MISSING"),
        (person(name="名" * 61), "TEXT_TOO_LONG"),
        (person(through=date(2026, 3, 1)), "ACTOR_TERM"),
    ],
)
def test_a_person_that_is_not_told_rightly_is_refused_and_not_registered(
    archive: Archive, who: Person | None, code: str
) -> None:
    assert refused(archive, NewAccount("newcomer", "newcomer", who)) == code

    with archive.database.reading() as session:
        assert session.get(Actor, "newcomer") is None


def test_jobs_have_no_account(archive: Archive) -> None:
    assert refused(archive, NewAccount("machine", "importer")) == "ACTOR_OFF"


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_but_an_administrator_keeps_accounts_and_each_refusal_is_noted(archive: Archive, who: str) -> None:
    login = ready(archive)
    for attempt in (
        lambda: add_account(archive, NewAccount("wangwu", "development"), by(who)),
        lambda: close_account(archive, login, "调离", by(who)),
        lambda: unlock_account(archive, login, by(who)),
        lambda: reset_password(archive, login, by(who)),
        lambda: issue_key(archive, NewKey("development", "对接", ("read",), "real", date(2026, 6, 1)), by(who)),
    ):
        with pytest.raises(Forbidden, match="不办账号和密钥"):
            attempt()

    rows = noted(archive)
    assert [(row.actor, row.action, row.object_kind, row.result) for row in rows] == [
        (who, "access.refused", "access", "forbidden")
    ] * 5
    assert session_of(archive, enter(archive, login).token, NOW) is not None


def test_the_first_administrator_opens_his_own_account_and_nobody_a_second_one_for_himself(archive: Archive) -> None:
    add_account(archive, NewAccount("first.admin", "admin"), admin())

    assert refused(archive, NewAccount("again", "admin-2"), by("admin-2")) == "OWN_ACCOUNT"
    add_account(archive, NewAccount("second.admin", "admin-2"), admin())


def test_an_administrator_gives_himself_no_business_account(archive: Archive) -> None:
    with archive.database.reading() as session:
        own = session.get_one(Actor, "admin").name

    assert (
        refused(archive, NewAccount("mybusiness", "mybusiness", person("development", name=f" {own} ")))
        == "OWN_ACCOUNT"
    )
    with archive.database.reading() as session:
        assert session.get(Actor, "mybusiness") is None


def test_nobody_resets_his_own_password_by_being_administrator(archive: Archive) -> None:
    add_account(archive, NewAccount("first.admin", "admin"), admin())

    with pytest.raises(Forbidden, match="不能重置自己的密码"):
        reset_password(archive, "first.admin", admin())
    assert reset_password(archive, "first.admin", by("admin-2"))


def test_a_reset_ends_sessions_and_locks_and_makes_the_old_password_worthless(archive: Archive) -> None:
    login = ready(archive)
    token = enter(archive, login).token
    wrong(archive, login, 0, 0, 0, 0, 0)

    once = reset_password(archive, login, admin())

    assert session_of(archive, token, NOW) is None
    assert refusal(archive, login) == "SIGN_IN"
    assert enter(archive, login, password=once).must_change
    assert once not in "".join(row.detail for row in noted(archive))


def test_unlocking_lets_in_at_once_and_says_whether_there_was_a_lock(archive: Archive) -> None:
    login = ready(archive)
    wrong(archive, login, 0, 0, 0, 0, 0)

    assert unlock_account(archive, login, admin()) is True
    assert unlock_account(archive, login, admin()) is False
    enter(archive, login, 1)


def test_closing_is_once_and_for_all_and_takes_the_keys_along(archive: Archive) -> None:
    login = ready(archive)
    key = issue_key(archive, NewKey(login, "对接", ("read",), "real", date(2026, 6, 1)), admin())
    assert key_of(archive, key, NOW) is not None

    close_account(archive, login, "调离", admin())

    assert key_of(archive, key, NOW) is None
    with pytest.raises(Conflict, match="已停用"):
        close_account(archive, login, "调离", admin())
    with pytest.raises(Conflict, match="已停用"):
        reset_password(archive, login, admin())
    with pytest.raises(UsageError, match="不能有密钥"):
        issue_key(archive, NewKey(login, "对接", ("read",), "real", date(2026, 6, 1)), admin())
    assert refused(archive, NewAccount("comeback", login)) == "ACCOUNT_THERE"


def test_the_last_administrator_stays(archive: Archive) -> None:
    first, second = ready(archive, person("admin")), ready(archive, person("admin"))
    close_account(archive, first, "调离", admin())

    with pytest.raises(Conflict, match="最后一个管理员"):
        close_account(archive, second, "调离", admin())
    assert account(archive, second).closed_at is None


def test_an_account_that_is_not_there_is_told(archive: Archive) -> None:
    with pytest.raises(NotFound, match="没有账号“nobody”"):
        unlock_account(archive, "nobody", admin())


def test_administrators_and_auditors_see_the_list_and_nobody_else(archive: Archive) -> None:
    login, closed = ready(archive), ready(archive, person("district", region="320412"))
    wrong(archive, login, 0, 0, 0, 0, 0)
    close_account(archive, closed, "调离", admin())

    for who in ("admin", "auditor"):
        rows = {str(row["login"]): row for row in account_rows(archive, by(who)).rows}
        assert (rows[login]["state"], rows[closed]["state"], rows[closed]["region"]) == ("锁定中", "已停用", "武进区")
        assert "argon2" not in str(rows)
    with pytest.raises(Forbidden):
        account_rows(archive, by("development"))
