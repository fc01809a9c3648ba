"""Signing in, and how it is refused: locks, the same answer to all, and the ends of sessions, on both databases."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from time import monotonic
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signing import NOW, PASSWORD, account, added, admin, at, enrolled, enter, noted, person, ready, refusal, wrong
from sqlalchemy import select

from policy_match.access import passwords
from policy_match.access.second_factor import code_at
from policy_match.errors import Forbidden, PolicyMatchError, UsageError
from policy_match.store.account_tables import Account, SessionRow
from policy_match.store.tables import Actor
from policy_match.workflows.change_password import Change, change_password
from policy_match.workflows.close_account import close_account
from policy_match.workflows.confirm_second_factor import confirm_second_factor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.sign_in import Attempt, sign_in
from policy_match.workflows.sign_out import sign_out
from policy_match.workflows.who_asks import session_of

MOMENT = timedelta(microseconds=1)


def test_the_right_password_begins_a_session_and_only_a_hash_of_its_token_is_kept(archive: Archive) -> None:
    login = ready(archive)

    begun = enter(archive, login.upper())

    assert (begun.actor.id, begun.ends_at, begun.needs_code, begun.must_change) == (login, at(720), False, False)
    found = session_of(archive, begun.token, NOW)
    assert found is not None and found.actor.id == login
    assert (found.acts_for, found.is_strong, found.has_second_factor, found.is_demo) == (None, False, False, False)
    with archive.database.reading() as session:
        kept = session.scalars(select(SessionRow.token_hash).where(SessionRow.made_at == NOW)).one()
    assert kept == hashlib.sha256(begun.token.encode()).hexdigest()


def test_everything_about_signing_in_is_noted_as_access_and_holds_no_secret(archive: Archive) -> None:
    login = ready(archive)
    wrong(archive, login, 0)
    wrong(archive, "nobody-here", 0)
    begun = enter(archive, login)
    sign_out(archive, begun.token, NOW)

    rows = noted(archive)
    assert {row.object_kind for row in rows} == {"access"}
    assert [(row.actor, row.action, row.object_id, row.result) for row in rows[-4:]] == [
        (login, "sign_in.refused", login, "forbidden"),
        ("visitor", "sign_in.refused", "unknown", "forbidden"),
        (login, "sign_in", login, "done"),
        (login, "sign_out", login, "done"),
    ]
    told = "".join(f"{row.detail}{row.reason}" for row in rows)
    assert not any(word in told for word in (PASSWORD, "wrong password", begun.token, "nobody-here"))


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer_after_the_same_work(archive: Archive) -> None:
    login = ready(archive)
    said, work = [], []
    for name in (login, "nobody-here"):
        with (
            patch.object(passwords._HASHER, "verify", wraps=passwords._HASHER.verify) as verify,
            pytest.raises(Forbidden) as raised,
        ):
            enter(archive, name, password="wrong password")
        said.append(str(raised.value))
        work.append([call.args[1].split("$")[:4] for call in verify.call_args_list])

    assert said[0] == said[1]
    assert work[0] == work[1] and len(work[0]) == 1


def test_a_locked_account_answers_as_a_wrong_password_does(archive: Archive) -> None:
    login = ready(archive)
    wrong(archive, login, 0, 1, 2, 3, 4)

    with pytest.raises(Forbidden) as locked:
        enter(archive, login, 5)
    with pytest.raises(Forbidden) as unknown:
        enter(archive, "nobody-here", 5)
    assert str(locked.value) == str(unknown.value)


def test_four_wrong_tries_leave_the_fifth_right_one_and_are_wiped_out_by_it(archive: Archive) -> None:
    login = ready(archive)
    wrong(archive, login, 0, 1, 2, 3)

    enter(archive, login, 4)

    assert account(archive, login).failed == []
    wrong(archive, login, 5, 6, 7, 8)
    enter(archive, login, 9)


def test_the_fifth_wrong_try_locks_for_fifteen_minutes_to_the_moment(archive: Archive) -> None:
    login = ready(archive)
    wrong(archive, login, 0, 1, 2, 3, 4)

    assert account(archive, login).locked_until == at(19)
    with pytest.raises(Forbidden):
        sign_in(archive, Attempt(login, PASSWORD), at(19) - MOMENT)
    sign_in(archive, Attempt(login, PASSWORD), at(19))


def test_the_right_password_under_a_lock_neither_ends_nor_prolongs_it(archive: Archive) -> None:
    login = ready(archive)
    wrong(archive, login, 0, 0, 0, 0, 0)

    assert refusal(archive, login, 14) == "SIGN_IN"

    assert account(archive, login).locked_until == at(15)


@settings(max_examples=10)
@given(st.lists(st.tuples(st.text(max_size=12), st.integers(0, 20)), min_size=1, max_size=8))
def test_no_sequence_of_wrong_passwords_signs_in(
    one_account: tuple[Archive, str], tries: list[tuple[str, int]]
) -> None:
    opened, login = one_account
    now = NOW
    for word, minutes in tries:
        now += timedelta(minutes=minutes)
        with pytest.raises(Forbidden):
            sign_in(opened, Attempt(login, word), now)

    with opened.database.reading() as session:
        assert session.scalars(select(SessionRow).where(SessionRow.made_at >= NOW)).all() == []


@pytest.fixture(scope="module")
def one_account(one_archive: Archive) -> tuple[Archive, str]:
    return one_archive, ready(one_archive)


def test_a_session_unused_for_thirty_minutes_is_over_and_a_used_one_goes_on(archive: Archive) -> None:
    login = ready(archive)
    idle, used = enter(archive, login).token, enter(archive, login).token

    assert session_of(archive, used, at(20)) is not None
    assert session_of(archive, idle, at(30) - MOMENT) is not None
    assert session_of(archive, used, at(50) - MOMENT) is not None


def test_at_the_very_thirtieth_minute_it_is_over(archive: Archive) -> None:
    token = enter(archive, ready(archive)).token

    assert session_of(archive, token, at(30)) is None


def test_administrators_have_fifteen_minutes(archive: Archive) -> None:
    login = ready(archive, person("admin"))
    token, other = enter(archive, login).token, enter(archive, login).token

    assert session_of(archive, token, at(15) - MOMENT) is not None
    assert session_of(archive, other, at(15)) is None


def test_twelve_hours_end_a_session_however_busy_it_is(archive: Archive) -> None:
    token = enter(archive, ready(archive)).token

    for minutes in range(25, 720, 25):
        found = session_of(archive, token, at(minutes))
        assert found is not None
        assert found.ends_at == min(at(720), at(minutes + 30))
    assert session_of(archive, token, at(720) - MOMENT) is not None
    assert session_of(archive, token, at(720)) is None


def test_looking_up_a_session_writes_at_most_once_a_minute_and_no_audit_row(archive: Archive) -> None:
    token = enter(archive, ready(archive)).token
    rows = len(noted(archive))

    def last_seen() -> object:
        with archive.database.reading() as session:
            return session.scalars(select(SessionRow.last_seen_at).order_by(SessionRow.last_seen_at.desc())).first()

    session_of(archive, token, at(1) - MOMENT)
    assert last_seen() == NOW
    session_of(archive, token, at(1))
    assert last_seen() == at(1)
    assert len(noted(archive)) == rows


def test_a_look_up_does_not_wait_for_a_long_writer(archive: Archive) -> None:
    token = enter(archive, ready(archive)).token

    begun = monotonic()
    with archive.database.writing():
        found = session_of(archive, token, at(5))

    assert found is not None
    # SQLite would wait a minute for the other writer.
    assert monotonic() - begun < 30
    assert session_of(archive, token, at(6)) is not None


def test_a_token_that_was_never_given_or_was_signed_out_is_nobody(archive: Archive) -> None:
    token = enter(archive, ready(archive)).token
    sign_out(archive, token, NOW)
    sign_out(archive, token, NOW)

    assert [session_of(archive, one, NOW) for one in (token, "", "x" * 43, "\udcff")] == [None] * 4
    assert [row.action for row in noted(archive)].count("sign_out") == 1


def test_the_sessions_of_a_closed_account_are_over_at_once(archive: Archive) -> None:
    login = ready(archive)
    tokens = [enter(archive, login).token for _ in range(2)]

    close_account(archive, login, "调离", admin())

    assert [session_of(archive, token, NOW) for token in tokens] == [None, None]
    assert refusal(archive, login) == "ACCOUNT_CLOSED"
    assert refusal(archive, login, password="wrong password") == "SIGN_IN"


@pytest.mark.parametrize(("day", "is_in"), [("2026-03-02", True), ("2026-03-01", False)])
def test_the_last_day_in_office_is_the_last_day_of_signing_in(archive: Archive, day: str, is_in: bool) -> None:
    login = ready(archive)
    token = enter(archive, login).token
    with archive.database.writing() as session:
        session.get_one(Actor, login).valid_through = NOW.date().fromisoformat(day)

    assert (session_of(archive, token, NOW) is not None) is is_in
    if is_in:
        enter(archive, login)
    else:
        assert refusal(archive, login) == "NOT_IN_OFFICE"


def test_the_office_ends_with_the_local_day(archive: Archive) -> None:
    login = ready(archive)
    with archive.database.writing() as session:
        session.get_one(Actor, login).valid_through = NOW.date()

    # 16:00 UTC is midnight in Changzhou.
    assert sign_in(archive, Attempt(login, PASSWORD), NOW.replace(hour=16) - MOMENT).token
    with pytest.raises(PolicyMatchError, match="不在岗"):
        sign_in(archive, Attempt(login, PASSWORD), NOW.replace(hour=16))


def test_an_account_without_a_password_is_entered_by_none(archive: Archive) -> None:
    login = ready(archive)
    with archive.database.writing() as session:
        session.get_one(Account, login).password_hash = None

    for password in ("", PASSWORD, "None"):
        assert refusal(archive, login, password=password) == "SIGN_IN"


def test_a_one_time_password_has_to_be_changed_and_is_worth_nothing_then(archive: Archive) -> None:
    login, once = added(archive)
    begun = enter(archive, login, password=once)
    found = session_of(archive, begun.token, NOW)
    assert begun.must_change and found is not None and found.must_change

    change_password(archive, begun.token, Change(once, PASSWORD), NOW)

    again = enter(archive, login)
    assert not again.must_change
    assert refusal(archive, login, password=once) == "SIGN_IN"


def test_a_changed_password_ends_every_other_session(archive: Archive) -> None:
    login = ready(archive)
    here, elsewhere = enter(archive, login).token, enter(archive, login).token

    change_password(archive, here, Change(PASSWORD, "another four words"), NOW)

    assert session_of(archive, here, NOW) is not None
    assert session_of(archive, elsewhere, NOW) is None


@pytest.mark.parametrize(("new", "code"), [(PASSWORD, "PASSWORD_SAME"), ("short", "PASSWORD_SHORT")])
def test_a_new_password_that_breaks_a_rule_changes_nothing(archive: Archive, new: str, code: str) -> None:
    login = ready(archive)
    token = enter(archive, login).token
    before = account(archive, login).password_hash

    with pytest.raises(UsageError) as raised:
        change_password(archive, token, Change(PASSWORD, new), NOW)

    assert [issue.code for issue in raised.value.issues] == [code]
    assert account(archive, login).password_hash == before


def test_wrong_old_passwords_lock_as_wrong_sign_ins_do(archive: Archive) -> None:
    login = ready(archive)
    token = enter(archive, login).token
    wrong(archive, login, 0, 0)
    for expected in ("PASSWORD_WRONG",) * 3 + ("ACCOUNT_LOCKED",):
        with pytest.raises(Forbidden) as raised:
            change_password(archive, token, Change("wrong password", "another four words"), NOW)
        assert raised.value.issues[0].code == expected

    assert refusal(archive, login) == "SIGN_IN"


def test_codes_that_are_guessed_after_the_password_lock_too_and_a_new_sign_in_does_not_help(archive: Archive) -> None:
    login = ready(archive)
    secret = enrolled(archive, login)
    token = enter(archive, login).token
    for _ in range(4):
        with pytest.raises(Forbidden, match="动态口令不对"):
            confirm_second_factor(archive, token, "000000", NOW)
    enter(archive, login)
    with pytest.raises(Forbidden, match="动态口令不对"):
        confirm_second_factor(archive, token, "000000", NOW)

    with pytest.raises(Forbidden, match="锁定"):
        confirm_second_factor(archive, token, code_at(secret, NOW), NOW)
    assert refusal(archive, login, code=code_at(secret, NOW)) == "SIGN_IN"
