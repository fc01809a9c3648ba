"""The rules of passwords, and that nothing but the password itself fits its hash."""

from __future__ import annotations

import pytest

from policy_match.access import passwords
from policy_match.access.common_passwords import COMMON


def codes(password: str, login: str = "zhangsan") -> list[str]:
    return [issue.code for issue in passwords.faults_of(password, login)]


@pytest.mark.parametrize(
    "password",
    [
        "twelve chars",
        "abcdefghijkm",
        "春江花月夜何处无月明可怜",
        "Ten1234xyz",
        "ten-1234xy",
        "TEN1234-XY",
        "春江1234花月xx",
    ],
)
def test_twelve_characters_or_ten_of_three_sorts_are_enough(password: str) -> None:
    assert codes(password) == []


@pytest.mark.parametrize("password", ["", "Ab1-efghi", "elevenchars", "eleven12345", "tenletters"])
def test_a_shorter_one_is_refused_with_what_is_allowed(password: str) -> None:
    found = passwords.faults_of(password, "zhangsan")

    assert [issue.code for issue in found if issue.code != "PASSWORD_COMMON"] == ["PASSWORD_SHORT"]
    assert "至少 12 个字符" in found[0].allowed


def test_the_longest_is_two_hundred_characters() -> None:
    longest = "abcd" * 50

    assert codes(longest) == []
    assert codes(longest + "e") == ["PASSWORD_LONG"]


@pytest.mark.parametrize("password", ["zhangsan2026!", "my-ZhangSan-word", "ｚｈａｎｇｓａｎ2026!"])
def test_the_login_name_is_not_part_of_it(password: str) -> None:
    assert codes(password) == ["PASSWORD_LOGIN"]


@pytest.mark.parametrize(
    "password", ["Password1234", "123456789012", "aaaaaaaaaaaaa", "abababababab", passwords.DEMO_PASSWORD]
)
def test_what_everybody_tries_is_refused(password: str) -> None:
    assert codes(password) == ["PASSWORD_COMMON"]


def test_the_list_of_common_ones_is_in_small_letters_as_it_is_asked() -> None:
    assert [word for word in COMMON if word != word.casefold()] == []


def test_only_the_password_fits_and_its_full_width_form_is_the_same_one() -> None:
    kept = passwords.hashed("Ten1234-xy")

    assert passwords.fits("Ten1234-xy", kept)
    assert passwords.fits("Ｔｅｎ１２３４－ｘｙ", kept)
    assert not passwords.fits("ten1234-xy", kept)
    assert not passwords.fits("Ten1234-xy ", kept)


def test_the_same_password_has_another_hash_each_time() -> None:
    first, second = passwords.hashed("Ten1234-xy"), passwords.hashed("Ten1234-xy")

    assert first != second
    assert first.startswith("$argon2id$v=19$")


def test_what_is_shipped_hashes_slowly_whatever_the_tests_do() -> None:
    assert passwords.SLOW.hash("Ten1234-xy").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nothing_fits_where_there_is_no_hash_and_the_work_has_the_same_costs() -> None:
    costs = passwords.hashed("Ten1234-xy").split("$")[:4]

    assert not passwords.fits("Ten1234-xy", None)
    assert passwords._NOBODY.split("$")[:4] == costs


def test_a_text_that_cannot_be_encoded_is_a_wrong_password_and_no_fault() -> None:
    assert not passwords.fits("\udcff", passwords.hashed("Ten1234-xy"))


def test_one_time_passwords_keep_the_rules_and_differ() -> None:
    made = {passwords.one_time_password() for _ in range(50)}

    assert len(made) == 50
    assert [word for word in made if codes(word, "")] == []


@pytest.mark.parametrize("written", ["ZhangSan", " zhangsan ", "ｚｈａｎｇｓａｎ", "ZHANGSAN\n"])
def test_a_login_name_has_one_form(written: str) -> None:
    assert passwords.normal_login(written) == "zhangsan"
