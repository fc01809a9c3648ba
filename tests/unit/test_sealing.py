"""A sealed value opens with its own key and in its own place only, and its mark tells nothing of it."""

from __future__ import annotations

import base64
import hashlib

import pytest

from policy_match.errors import Conflict
from policy_match.salted import Salted
from policy_match.sealing import Sealer
from policy_match.secret import Secret

ONE, OTHER = Sealer.of(Secret("one")), Sealer.of(Secret("other"))
ACCOUNT, ABOUT = "3204110012345678", "case/real/MX-2025-000001/account"


def code(refused: pytest.ExceptionInfo[Conflict]) -> str:
    return refused.value.issues[0].code


@pytest.mark.parametrize("value", [ACCOUNT, "", "示范企业（甲）\U0001f50b", "a.b.c", "x" * 10_000])
def test_what_is_sealed_opens_to_the_same_text(value: str) -> None:
    assert ONE.open(ONE.seal(value, ABOUT), ABOUT) == value


def test_the_same_value_is_sealed_otherwise_each_time_and_stands_nowhere_in_it() -> None:
    sealed = {ONE.seal(ACCOUNT, ABOUT) for _ in range(50)}

    assert len(sealed) == 50
    for one in sealed:
        form, key_id, closed = one.split(".")
        assert (form, key_id) == ("s1", ONE.key_id)
        assert ACCOUNT.encode() not in base64.urlsafe_b64decode(closed)


def test_another_program_with_the_same_secret_opens_it() -> None:
    assert Sealer.of(Secret("one")).open(ONE.seal(ACCOUNT, ABOUT), ABOUT) == ACCOUNT


def test_the_name_of_a_key_is_short_and_its_own() -> None:
    assert ONE.key_id == Sealer.of(Secret("one")).key_id != OTHER.key_id
    assert len(ONE.key_id) == 8
    assert ONE.key_id not in Secret("one").key("sealed-fields").hex()


def test_another_key_is_told_by_both_names_and_what_to_do() -> None:
    with pytest.raises(Conflict, match=f"{ONE.key_id}.*{OTHER.key_id}.*POLICY_MATCH_SECRET") as refused:
        OTHER.open(ONE.seal(ACCOUNT, ABOUT), ABOUT)

    assert code(refused) == "SEAL_OTHER_KEY"


def test_a_value_moved_to_another_case_or_field_does_not_open() -> None:
    sealed = ONE.seal(ACCOUNT, ABOUT)

    for about in ("case/real/MX-2025-000002/account", "case/real/MX-2025-000001/holder", ""):
        with pytest.raises(Conflict) as refused:
            ONE.open(sealed, about)
        assert code(refused) == "SEAL_BROKEN"


def test_no_byte_of_a_sealed_value_can_be_changed() -> None:
    closed = bytearray(base64.urlsafe_b64decode(ONE.seal(ACCOUNT, ABOUT).removeprefix(ONE.prefix)))

    for place in range(len(closed)):
        changed = bytes(byte ^ (1 if at == place else 0) for at, byte in enumerate(closed))
        with pytest.raises(Conflict) as refused:
            ONE.open(ONE.prefix + base64.urlsafe_b64encode(changed).decode(), ABOUT)
        assert code(refused) == "SEAL_BROKEN"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (ACCOUNT, "SEAL_OTHER_KEY"),
        ("", "SEAL_OTHER_KEY"),
        (ONE.prefix, "SEAL_BROKEN"),
        (ONE.prefix + "你", "SEAL_BROKEN"),
    ],
)
def test_what_is_no_sealed_value_is_refused(written: str, expected: str) -> None:
    with pytest.raises(Conflict) as refused:
        ONE.open(written, ABOUT)

    assert code(refused) == expected


def test_nothing_that_is_printed_shows_the_key() -> None:
    assert "AESGCM" not in repr(ONE)


def test_a_mark_is_the_hash_of_salt_and_value_and_differs_for_the_same_value() -> None:
    one, again = Salted.of(ACCOUNT), Salted.of(ACCOUNT)

    assert one.mark == "sealed:" + hashlib.sha256(f"{one.salt}{ACCOUNT}".encode()).hexdigest()
    assert one.mark != again.mark and len(one.salt) == 32
    assert Salted.read(one.text) == one
