"""Locks after wrong tries, codes that are good once, tokens of which only the hash is kept, and what keys may be used for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.access.key_scopes import KeyScope, read_scopes
from policy_match.access.second_factor import code_at, enrolment_uri, new_secret, step_of
from policy_match.access.terms import TERMS
from policy_match.access.tokens import hash_of, is_of, key_id_of, new_key, new_token
from policy_match.access.tries import Tries
from policy_match.errors import UsageError

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def after(*minutes: float) -> Tries:
    tries = Tries()
    for minute in minutes:
        tries = tries.after_wrong(NOW + minute * MINUTE, TERMS)
    return tries


def test_the_fifth_wrong_try_locks_and_the_fourth_does_not() -> None:
    assert after(0, 1, 2, 3).locked_until is None
    assert after(0, 1, 2, 3, 4).locked_until == NOW + 19 * MINUTE


def test_the_lock_holds_until_its_last_moment_and_not_at_its_end() -> None:
    tries = after(0, 0, 0, 0, 0)

    assert tries.is_locked(NOW + 15 * MINUTE - timedelta(microseconds=1))
    assert not tries.is_locked(NOW + 15 * MINUTE)


def test_a_try_of_fifteen_minutes_ago_counts_no_more_and_a_moment_less_does() -> None:
    assert after(0, 1, 1, 1, 15).locked_until is None
    assert after(0, 1, 1, 1, 14.99).locked_until is not None


def test_tries_under_a_lock_do_not_prolong_it_and_none_is_left_after_it() -> None:
    assert after(0, 0, 0, 0, 0, 5, 14).locked_until == NOW + 15 * MINUTE
    assert after(0, 0, 0, 0, 0, 15, 15, 15, 15).is_locked(NOW + 15 * MINUTE) is False
    assert after(0, 0, 0, 0, 0, 15, 15, 15, 15, 15).is_locked(NOW + 15 * MINUTE)


@given(st.lists(st.integers(0, 3_600), min_size=1, max_size=60))
def test_however_tries_are_spread_at_most_five_are_judged_within_fifteen_minutes(seconds: list[int]) -> None:
    tries, judged = Tries(), []
    for second in sorted(seconds):
        at = NOW + timedelta(seconds=second)
        if not tries.is_locked(at):
            judged.append(second)
        tries = tries.after_wrong(at, TERMS)

    assert all(late - early >= 900 for early, late in zip(judged, judged[5:], strict=False))


def test_codes_are_those_of_the_standard() -> None:
    # RFC 6238, appendix B: at 59 s the eight figures are 94287082, at 1234567890 s 89005924.
    assert code_at(RFC_SECRET, datetime.fromtimestamp(59, UTC)) == "287082"
    assert code_at(RFC_SECRET, datetime.fromtimestamp(1_234_567_890, UTC)) == "005924"


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_early_or_late(steps: int, fits: bool) -> None:
    code = code_at(SECRET, NOW + steps * timedelta(seconds=30))

    assert (step_of(SECRET, code, NOW, drift=1, last=None) is not None) is fits


def test_a_code_is_good_once_and_so_is_every_one_before_it() -> None:
    before, code = (code_at(SECRET, NOW + shift * timedelta(seconds=30)) for shift in (-1, 0))
    used = step_of(SECRET, code, NOW, drift=1, last=None)

    assert step_of(SECRET, code, NOW, drift=1, last=used) is None
    assert step_of(SECRET, before, NOW, drift=1, last=used) is None
    assert step_of(SECRET, code_at(SECRET, NOW + timedelta(seconds=30)), NOW, drift=1, last=used) is not None


def test_blanks_and_full_width_figures_are_read_and_anything_else_is_wrong() -> None:
    code = code_at(SECRET, NOW)
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    for written in (f" {code[:3]} {code[3:]} ", wide):
        assert step_of(SECRET, written, NOW, drift=1, last=None) is not None
    for written in ("", "abcdef", code[:5], code + "0", "\udcff"):
        assert step_of(SECRET, written, NOW, drift=1, last=None) is None


def test_the_address_for_the_authenticator_names_us_and_holds_the_secret() -> None:
    secret = new_secret()

    assert len(secret) == 32
    assert (
        enrolment_uri(secret, "zhangsan") == f"otpauth://totp/policy-match:zhangsan?secret={secret}&issuer=policy-match"
    )


def test_tokens_have_256_bits_differ_and_are_known_by_their_hash() -> None:
    tokens = {new_token() for _ in range(100)}
    token = next(iter(tokens))

    assert len(tokens) == 100
    assert all(re.fullmatch(r"[\w-]{43}", one) for one in tokens)
    assert is_of(token, hash_of(token))
    assert not is_of(token + "x", hash_of(token))


def test_a_key_holds_its_public_id_and_nothing_else_has_one() -> None:
    key_id, key = new_key()

    assert key_id_of(key) == key_id
    assert re.fullmatch(rf"pmk_{key_id}_[\w-]{{43}}", key)
    for other in ("", "pmk_", f"pmk_{key_id}", f"pmk_{key_id}_", f"xyz_{key_id}_abc", "pmk__abc", "\udcff"):
        assert key_id_of(other) is None


def test_scopes_are_a_closed_list_each_once_in_one_order() -> None:
    assert read_scopes(["write", " read ", "write"]) == (KeyScope.READ, KeyScope.WRITE)


@pytest.mark.parametrize("written", [[], ["approve"], ["read", "export"], ["admin"], ["READ"], [""]])
def test_no_key_is_for_anything_else(written: list[str]) -> None:
    with pytest.raises(UsageError, match="read 读取、write 写入、subscribe 订阅"):
        read_scopes(written)
