"""Credit codes, project codes, regions and industries: read in every spelling, never repaired in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.errors import FactError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import (
    DISTRICTS,
    REGIONS,
    USCC_ALPHABET,
    canonical_key,
    canonical_region,
    check_project_code,
    check_uscc,
    region_name,
    region_path,
    uscc_check_letter,
)

GOOD = [
    "91320412MAYYYY0160",
    "91320411MAYYYY024C",
    "91320402MAYYYY0326",
    "91320413MAYYYY040Y",
    "91320481MAYYYY059B",
    "91320404MAYYYY067M",
    "91320405MAYYYY075Y",
    "91320400MAYYYY083H",
    "91320412MAYY000260",
    "91320412MAYY0043XY",
    "91350100M000100Y43",
]


@pytest.mark.parametrize("code", GOOD)
def test_good_credit_codes_are_taken(code: str) -> None:
    assert check_uscc(code) == canonical_key(code) == code


@pytest.mark.parametrize(
    "written",
    [
        "９１３２０４１２ＭＡＹＹＹＹ０１６０",
        " 91320412mayyyy0160 ",
        "91320412-MAYYYY016-0",
        "91320412\u200bMAYYYY0160",
    ],
)
def test_full_width_lower_case_and_hidden_characters_make_no_difference(written: str) -> None:
    assert check_uscc(written) == canonical_key(written) == "91320412MAYYYY0160"


@pytest.mark.parametrize(
    ("written", "code", "hint"),
    [
        ("91320412MAYYYY0161", "USCC_CHECKSUM", "校验位应为0"),
        ("91320412MAYYYYO160", "USCC_CHARSET", "第15位字母O不可用，是否为数字0？"),
        ("91350100M000100Y4Z", "USCC_CHARSET", "第18位字母Z不可用，是否为数字2？"),
        ("913204121234567", "USCC_LENGTH", "疑似旧注册号"),
        ("014109429", "USCC_LENGTH", "组织机构代码"),
        ("9132041XMAYYYY0160", "USCC_CHARSET", "请核对营业执照"),
    ],
)
def test_wrong_credit_codes_are_refused_with_the_likely_cause(written: str, code: str, hint: str) -> None:
    with pytest.raises(FactError) as error:
        check_uscc(written)

    assert error.value.issues[0].code == code
    assert hint in error.value.issues[0].hint


@given(st.sampled_from(GOOD), st.integers(8, 16), st.sampled_from(USCC_ALPHABET))
def test_one_wrong_character_never_passes(code: str, place: int, letter: str) -> None:
    changed = code[:place] + letter + code[place + 1 :]

    if changed == code:
        assert check_uscc(changed) == code
    else:
        assert uscc_check_letter(changed) != changed[17]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2409-320412-89-01-100011", "2409-320412-89-01-100011"),
        ("2011-320412-89-01-100029", "2011-320412-89-01-100029"),
        ("2017-320412-38-03-501234", "2017-320412-38-03-501234"),
        ("２４０９—３２０４１２—８９—０１—１０００１１", "2409-320412-89-01-100011"),
        ("240932041289 01100011", "2409-320412-89-01-100011"),
    ],
)
def test_project_codes_are_put_in_their_one_form(written: str, canonical: str) -> None:
    assert check_project_code(written) == canonical_key(written) == canonical


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2013-320412-89-01-100029", "PCODE_TIME"),
        ("2713-320412-89-01-100029", "PCODE_TIME"),
        ("2009-320412-89-01-100029", "PCODE_TIME"),
        ("2409-320412-89-01-10001", "PCODE_SHAPE"),
        ("2.40932E+19", "PCODE_SHAPE"),
    ],
)
def test_wrong_project_codes_are_refused(written: str, code: str) -> None:
    with pytest.raises(FactError) as error:
        check_project_code(written)

    assert error.value.issues[0].code == code


@pytest.mark.parametrize("written", ["P001", "甲公司", "e-1", "2409-320412", "913204"])
def test_other_keys_stay_as_they_are_written(written: str) -> None:
    assert canonical_key(f" {written} ") == written


@pytest.mark.parametrize(
    ("written", "code"),
    [("武进区", "320412"), ("武进", "320412"), ("常州市武进区", "320412"), ("江苏省常州市武进区", "320412"), ("320412", "320412"),
     ("常州经开区", "JK"), ("经开区", "JK"), ("江苏常州经济开发区", "JK"), ("３２０４１２", "320412"), ("常州", "320400"), ("110000", "110000")],
)  # fmt: skip
def test_regions_are_read_by_name_and_code(written: str, code: str) -> None:
    assert canonical_region(written) == code


@pytest.mark.parametrize("written", ["武迸区", "999999", "32041", "", "320412000000"])
def test_an_unknown_region_is_refused_with_near_names(written: str) -> None:
    with pytest.raises(FactError) as error:
        canonical_region(written)

    assert error.value.issues[0].code == "REGION_UNKNOWN"


def test_every_district_lies_in_changzhou_and_has_a_name() -> None:
    assert len(DISTRICTS) == 7
    for code in DISTRICTS:
        assert region_path(code)[-2:] == ("320400", code)
        assert region_name(code) == REGIONS[code].name
    assert region_path("110105") == ("000000", "110000", "110100", "110105")


def test_industry_codes_are_read_with_and_without_section_and_by_name(vocabulary: Vocabulary) -> None:
    tree = vocabulary.industries
    for written, code in (
        ("C3562", "C3562"),
        ("3562", "C3562"),
        ("c35", "C35"),
        ("C", "C"),
        ("专用设备制造业", "C35"),
        ("烟草制造业", "C16"),
    ):
        assert tree.canonical(written) == code
    for written in ("9999", "C99", "不存在的行业", ""):
        with pytest.raises(FactError) as error:
            tree.canonical(written)
        assert error.value.issues[0].code == "INDUSTRY_UNKNOWN"


def test_a_code_lies_under_its_own_branch_only(vocabulary: Vocabulary) -> None:
    tree = vocabulary.industries
    assert tree.is_under("C3011", "C30")
    assert tree.is_under("C30", "C")
    assert not tree.is_under("C30", "C3011")
    assert not tree.is_under("D44", "C")
    assert "C3011" in tree.leaves("C30")
    assert tree.leaves("C3011") == {"C3011"}
