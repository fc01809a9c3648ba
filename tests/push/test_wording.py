"""Templates filled once: cleaned and shortened values, nothing read as a template, and the length of an SMS."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.push.wording import VARIABLES, Template, clean, cut, longest, sms_parts, sum_text, written

RECALL = Template(
    "recall",
    1,
    "某",
    "更正：“{title}”",
    "“{title}”（{project}），{reason}。\n咨询：{unit}{contact}",
    "【{brand}】有更正",
)
VALUES = {"brand": "常享优服", "title": "示范", "project": "甲", "reason": "已停用", "unit": "某局", "contact": ""}


def test_a_template_is_filled_with_its_values() -> None:
    said = written(RECALL, VALUES)
    assert said.title == "更正：“示范”"
    assert said.body == "“示范”（甲），已停用。\n咨询：某局"
    assert said.short == "【常享优服】有更正"


def test_a_value_is_never_read_as_a_template() -> None:
    said = written(RECALL, VALUES | {"project": "{reason}{unit}"})
    assert "（{reason}{unit}）" in said.body


def test_a_variable_without_a_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        written(RECALL, {"title": "示范"})


@pytest.mark.parametrize(
    ("given_", "seen"),
    [
        ("甲\n【假冒】请转账\r", "甲 【假冒】请转账"),
        ("甲\u202e乙\u200b", "甲乙"),
        ("见 https://evil.example/a?b=1，谢谢", "见 （网址略），谢谢"),
        ("WWW.evil.example", "（网址略）"),
        ("示范公司91320412MAYYYY0160分部", "示范公司9132**********0160分部"),
        ("项目2503-320412-89-01-100029", "项目2503-320412-89-01-100029"),
        ("<b>甲</b>", "<b>甲</b>"),
        ("  两  端 ", "两 端"),
    ],
)
def test_a_value_is_one_line_without_addresses_and_credit_codes(given_: str, seen: str) -> None:
    assert clean(given_) == seen


def test_a_credit_code_is_masked_wherever_it_stands() -> None:
    said = written(RECALL, VALUES | {"project": "91320412MAYYYY0160", "title": "关于91320412MAYYYY0160"})
    assert "91320412MAYYYY0160" not in said.title + said.body + said.short


def test_what_is_too_long_is_cut_with_a_sign() -> None:
    assert cut("一二三四", 4) == "一二三四"
    assert cut("一二三四五", 4) == "一二三…"


@given(st.text(max_size=300))
def test_a_filled_text_is_never_longer_than_it_may_be(value: str) -> None:
    said = written(RECALL, dict.fromkeys(VALUES, value))
    assert len(said.title) <= longest("recall", RECALL.title)
    assert len(said.body) <= longest("recall", RECALL.body)
    assert len(said.short) <= longest("recall", RECALL.short)
    assert "\n" not in said.title + said.short


def test_lists_stand_line_by_line_and_an_empty_one_leaves_no_gap() -> None:
    weekly = Template("weekly", 1, "某", "{count}项", "头\n{entries}\n{deadlines}\n{asks}\n尾", "短")
    said = written(weekly, {"brand": "", "firm": "", "count": 2, "entries": ["甲", "乙"], "deadlines": [], "asks": []})
    assert said.body == "头\n甲\n乙\n尾"


def test_dates_are_written_in_full() -> None:
    deadline = Template("deadline", 1, "某", "{last_day}", "还有{left}天", "短")
    values = dict.fromkeys(VARIABLES["deadline"], "") | {
        "brand": "",
        "firm": "",
        "last_day": date(2025, 6, 3),
        "left": 14,
    }
    assert written(deadline, values).title == "2025年6月3日"
    assert written(deadline, values).body == "还有14天"


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
def test_an_sms_has_70_characters_in_one_part_and_67_in_each_of_several(length: int, parts: int) -> None:
    assert sms_parts("字" * length) == parts


def test_an_amount_that_was_not_known_is_said_so_and_never_as_nothing() -> None:
    assert sum_text(None, None) == "金额待核实"
    assert sum_text(0, None) == "不少于0元"
    assert sum_text(20_000_000, 20_000_000) == "20万元"
    assert sum_text(10_000_000, 20_000_000) == "10万元至20万元"
