"""Cells made comparable: amounts with and without units, codes with faults, districts by any name, days as bands."""

from __future__ import annotations

from datetime import date

import pytest

from policy_match.linkage.normalise import amount_of, district, profile
from policy_match.linkage.records import ProjectRecord

YI = 10**10


@pytest.mark.parametrize(
    ("written", "unit", "fen"),
    [
        ("20", "亿元", (20 * YI,)), ("200000", "万元", (20 * YI,)), ("200,000", "万元", (20 * YI,)), ("２０００００", "万元", (20 * YI,)),
        ("20亿", "", (20 * YI,)), ("约20亿元", "", (20 * YI,)), ("50亿元级", "", (50 * YI,)), ("20亿", "万元", (20 * YI,)),
        ("36000", "", (36000 * YI, 36000 * 10**6, 36000 * 100)), ("超过3亿元", "", (3 * YI,)), ("3亿余元", "", (3 * YI,)),
    ],
)  # fmt: skip
def test_an_amount_is_read_for_what_it_may_be(written: str, unit: str, fen: tuple[int, ...]) -> None:
    amount = amount_of(written, unit)

    assert amount is not None and amount.fen == fen
    assert amount.unit_known == (len(fen) == 1)


@pytest.mark.parametrize("written", ["", "超3亿美元", "3.38亿欧元", "1-2亿元", "待定", "0", "-5", "1e400"])
def test_what_is_no_amount_in_yuan_is_unknown(written: str) -> None:
    assert amount_of(written, "亿元") is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("金坛区", "320413"), ("常州市金坛", "320413"), ("金坛经开区", "320413"), ("320413", "320413"), ("武高新", "320412"),
        ("武进经开区", "320412"), ("江苏中关村", "320481"), ("经开区", "JK"), ("jk", "JK"), ("常州高新区", "320411"),
        ("常州国家高新技术产业开发区", "320411"), ("江苏省常州市天宁区", "320402"), ("钟楼经开区", "320404"),
        ("常州市", ""), ("", ""), ("江苏省", ""), ("丹阳市", "丹阳"), ("泰州市海陵区", "海陵"), ("江宁高新区", "江宁高新"),
    ],
)  # fmt: skip
def test_a_district_is_known_by_any_of_its_names(written: str, code: str) -> None:
    assert district(written) == code


def test_the_place_stands_in_for_a_district_that_is_not_given() -> None:
    assert profile(ProjectRecord("甲", place="金坛经开区")).region == "320413"


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("91320412MAYYYY0161", "信用代码校验不符"),
        ("91320412MAYYYYO160", "信用代码校验不符（第15位字母O不可用，是否为数字0？）"),
        ("913204121234567", "信用代码校验不符（应为18位，实为15位）"),
    ],
)
def test_a_credit_code_with_a_fault_is_named_and_not_used(written: str, fault: str) -> None:
    made = profile(ProjectRecord("甲", uscc=written))

    assert (made.uscc, made.uscc_fault) == ("", fault)


@pytest.mark.parametrize(
    "written", ["91320412mayyyy0160", "９１３２０４１２ＭＡＹＹＹＹ０１６０", " 91320412-MAYYYY0160 "]
)
def test_a_credit_code_in_other_letters_is_the_same(written: str) -> None:
    assert profile(ProjectRecord("甲", uscc=written)).uscc == "91320412MAYYYY0160"


@pytest.mark.parametrize(
    "written",
    [
        "2409-320412-89-01-100011",
        "24093204128901100011",
        "２４０９—３２０４１２—８９—０１—１０００１１",
        "2409 320412 89 01 100011",
    ],
)
def test_a_project_code_in_any_form_is_its_twenty_digits(written: str) -> None:
    assert profile(ProjectRecord("甲", project_code=written)).project_code == "24093204128901100011"


@pytest.mark.parametrize("written", ["2409-320412-89-01-10001", "2.40932E+19", "无号"])
def test_a_project_code_with_a_fault_is_named_and_not_used(written: str) -> None:
    made = profile(ProjectRecord("甲", project_code=written))

    assert made.project_code == ""
    assert "项目代码不是20位数字" in made.code_fault


@pytest.mark.parametrize("written", ["", "待定", "23/10/8"])
def test_a_day_that_cannot_be_read_is_unknown(written: str) -> None:
    assert profile(ProjectRecord("甲", started=written)).started is None


def test_a_month_is_a_band_of_days() -> None:
    started = profile(ProjectRecord("甲", started="2019.3")).started

    assert started is not None
    assert (started.low, started.high) == (date(2019, 3, 1).toordinal(), date(2019, 3, 31).toordinal())


def test_an_empty_record_is_all_unknown() -> None:
    made = profile(ProjectRecord("甲"))

    assert (made.name, made.firms, made.uscc, made.project_code, made.region, made.amount) == (
        None,
        (),
        "",
        "",
        "",
        None,
    )
