"""The second factor: enrolled with the password, confirmed by a code, asked again after 15 minutes; every code is good once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from signing import NOW, PASSWORD, account, added, admin, at, enrolled, enter, noted, ready, refusal
from sqlalchemy import select

from policy_match.access.second_factor import code_at
from policy_match.errors import Conflict, Forbidden
from policy_match.store.account_tables import Account
from policy_match.workflows.confirm_second_factor import confirm_second_factor
from policy_match.workflows.enrol_second_factor import enrol_second_factor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.reset_password import reset_password
from policy_match.workflows.who_asks import session_of

STEP = timedelta(seconds=30)


def test_a_code_at_sign_in_makes_the_session_strong_for_fifteen_minutes(archive: Archive) -> None:
    login = ready(archive)
    secret = enrolled(archive, login)

    begun = enter(archive, login, code=code_at(secret, NOW))

    assert not begun.needs_code
    strong = [session_of(archive, begun.token, when) for when in (at(15) - timedelta(microseconds=1), at(15))]
    assert [one is not None and one.is_strong for one in strong] == [True, False]
    assert strong[1] is not None and strong[1].has_second_factor


def test_without_a_code_the_session_begins_weak_and_is_raised_later(archive: Archive) -> None:
    login = ready(archive)
    secret = enrolled(archive, login)
    begun = enter(archive, login)
    found = session_of(archive, begun.token, NOW)
    assert begun.needs_code and found is not None and not found.is_strong

    until = confirm_second_factor(archive, begun.token, code_at(secret, NOW), NOW)

    raised = session_of(archive, begun.token, NOW)
    assert until == at(15)
    assert raised is not None and raised.is_strong


def test_a_used_code_is_refused_at_sign_in_and_in_the_session(archive: Archive) -> None:
    login = ready(archive)
    code = code_at(enrolled(archive, login), NOW)
    token = enter(archive, login, code=code).token

    assert refusal(archive, login, code=code) == "SIGN_IN"
    with pytest.raises(Forbidden, match="已经用过"):
        confirm_second_factor(archive, token, code, NOW)


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_one_step_off_is_let_in_and_two_steps_off_is_not(archive: Archive, steps: int, fits: bool) -> None:
    login = ready(archive)
    code = code_at(enrolled(archive, login), NOW + steps * STEP)

    if fits:
        assert not enter(archive, login, code=code).needs_code
    else:
        assert refusal(archive, login, code=code) == "SIGN_IN"


def test_a_right_code_does_not_help_a_wrong_password(archive: Archive) -> None:
    login = ready(archive)
    code = code_at(enrolled(archive, login), NOW)

    assert refusal(archive, login, password="wrong password", code=code) == "SIGN_IN"
    # The code was not used up by that: it was not looked at.
    assert not enter(archive, login, code=code).needs_code


def test_until_a_code_confirms_it_the_enrolment_counts_for_nothing(archive: Archive) -> None:
    login = ready(archive)
    token = enter(archive, login).token
    first = enrol_second_factor(archive, token, PASSWORD, NOW)
    second = enrol_second_factor(archive, token, PASSWORD, NOW)

    assert first != second
    assert not enter(archive, login).needs_code
    with pytest.raises(Forbidden):
        confirm_second_factor(archive, token, code_at(first.split("secret=")[1].split("&")[0], NOW), NOW)
    confirm_second_factor(archive, token, code_at(second.split("secret=")[1].split("&")[0], NOW), NOW)
    assert enter(archive, login).needs_code


def test_the_secret_is_kept_sealed_and_opens_for_its_own_actor_alone(archive: Archive) -> None:
    login, other = ready(archive), ready(archive)
    secret = enrolled(archive, login)
    kept = account(archive, login).totp_secret
    assert kept is not None and secret not in kept

    with archive.database.writing() as session:
        theirs = session.get_one(Account, other)
        theirs.totp_secret, theirs.totp_confirmed = kept, True
    with pytest.raises(Conflict, match="不属于这里"):
        enter(archive, other, code=code_at(secret, NOW))


def test_enrolling_asks_for_the_password_again_and_not_over_a_confirmed_one(archive: Archive) -> None:
    login = ready(archive)
    token = enter(archive, login).token
    with pytest.raises(Forbidden, match="密码不对"):
        enrol_second_factor(archive, token, "wrong password", NOW)
    enrolled(archive, login)

    with pytest.raises(Conflict, match="已经有动态口令"):
        enrol_second_factor(archive, token, PASSWORD, NOW)


def test_before_the_one_time_password_is_changed_nothing_is_enrolled(archive: Archive) -> None:
    login, once = added(archive)
    token = enter(archive, login, password=once).token

    with pytest.raises(Forbidden, match="先改密码"):
        enrol_second_factor(archive, token, once, NOW)


def test_confirming_without_a_secret_or_a_session_is_told(archive: Archive) -> None:
    token = enter(archive, ready(archive)).token

    with pytest.raises(Conflict, match="还没有动态口令"):
        confirm_second_factor(archive, token, "123456", NOW)
    with pytest.raises(Forbidden, match="登录已失效"):
        confirm_second_factor(archive, token, "123456", at(720))


def test_an_administrator_takes_a_lost_authenticator_off_and_only_when_asked_to(archive: Archive) -> None:
    login = ready(archive)
    enrolled(archive, login)

    kept = reset_password(archive, login, admin())
    assert enter(archive, login, password=kept).needs_code
    taken = reset_password(archive, login, admin(), second_factor=True)
    assert not enter(archive, login, password=taken).needs_code


def test_codes_and_secrets_stand_in_no_audit_row(archive: Archive) -> None:
    login = ready(archive)
    secret = enrolled(archive, login)
    enter(archive, login, code=code_at(secret, NOW))

    told = "".join(row.detail for row in noted(archive))
    assert secret not in told and code_at(secret, NOW) not in told
    with archive.database.reading() as session:
        assert session.scalars(select(Account.totp_last_step).where(Account.login == login)).one() is not None
