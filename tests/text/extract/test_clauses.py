"""Clauses as the text numbers them, with the path of numbers as article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.text.extract.clauses import part

PIECES = [
    "一、总则",
    "二、标准",
    "（一）条件",
    "（二）程序",
    "1.甲",
    "2、乙",
    "(1)丙",
    "①丁",
    "第一条 目的",
    "第二条 范围",
    "第一章 总则",
    "附件1",
    "附件：1.表",
    "正文。",
    "第三条规定的除外",
    "3.5亿元",
    "2031年3月1日",
]


def articles(*lines: str) -> list[str]:
    return [clause.article for clause in part(lines).clauses]


def test_the_article_is_the_path_of_numbers() -> None:
    assert articles("一、甲", "（一）乙", "1.丙", "(1)丁", "①戊", "2.己", "（二）庚", "二、辛") == [
        "一", "一(一)", "一(一)1", "一(一)1(1)", "一(一)1(1)①", "一(一)2", "一(二)", "二",
    ]  # fmt: skip


def test_articles_count_through_chapters_and_are_named_without_them() -> None:
    assert articles("第一章 总则", "第一条 甲", "第二章 标准", "第二条 乙", "（一）丙") == [
        "第一章",
        "第一条",
        "第二章",
        "第二条",
        "第二条(一)",
    ]


def test_numbers_that_run_on_through_the_sections_are_clauses_of_theirs() -> None:
    lines = ["一、甲", "1.乙", "2.丙", "二、丁", "3.戊", "4.己", "三、庚", "5.辛"]

    assert articles(*lines) == ["一", "一1", "一2", "二", "二3", "二4", "三", "三5"]
    assert part(lines).gaps == ()
    assert articles("一、甲", "（一）乙", "二、丙", "（二）丁", "（三）戊") == [
        "一",
        "一(一)",
        "二",
        "二(二)",
        "二(三)",
    ]
    assert articles("一、甲", "1.乙", "二、丙", "3.丁") == ["一", "一1", "二"]


def test_an_annex_numbers_anew() -> None:
    assert articles("一、甲", "二、乙", "附件2", "一、丙", "（一）丁") == ["一", "二", "附件2一", "附件2一(一)"]


def test_a_second_text_after_the_signature_is_told_apart() -> None:
    parted = part(["一、甲", "二、乙", "某市政府", "2031年1月1日", "一、丙", "二、丁"], closing={2, 3})

    assert [clause.article for clause in parted.clauses] == ["一", "二", "附一", "附二"]
    assert [line for _, line in parted.loose] == ["某市政府", "2031年1月1日"]


@pytest.mark.parametrize(
    "line", ["第一条规定的企业", "第一条第二款所列情形", "3.5亿元的项目", "2031年起", "一是加强领导"]
)
def test_a_line_that_only_speaks_of_a_number_opens_no_clause(line: str) -> None:
    assert articles("第一条 甲", "第二条 乙", line) == ["第一条", "第二条"]


def test_a_list_inside_a_line_is_cut_where_it_counts_from_one() -> None:
    assert articles("第一条 条件：（1）甲；（2）乙。") == ["第一条", "第一条(1)", "第一条(2)"]
    assert articles("第一条 见本条；（2）所列。") == ["第一条"]


def test_a_list_that_begins_inside_a_line_goes_on_in_the_next() -> None:
    assert articles("四、人才", "答：（1）甲；", "（2）乙。") == ["四", "四(1)", "四(2)"]
    assert articles("第一条 应当：（一）甲；", "（二）乙。") == ["第一条", "第一条(一)", "第一条(二)"]
    assert articles("第一条 见上条：（2）所列；", "（3）乙。") == ["第一条"]
    assert articles("一、甲：（1）所列；", "二、乙") == ["一", "二"]


def test_a_number_left_out_is_told() -> None:
    assert part(["第一条 甲", "第二条 乙", "第四条 丙"]).gaps == ("第四条",)
    assert part(["一、甲", "二、乙", "三、丙"]).gaps == ()


def test_names_of_annexes_are_no_clauses() -> None:
    parted = part(["一、甲", "附件：1.申报表", "2.承诺书"])

    assert [clause.article for clause in parted.clauses] == ["一"]
    assert [line for _, line in parted.loose] == ["附件：1.申报表", "2.承诺书"]


def test_a_short_first_sentence_is_the_heading() -> None:
    (clause,) = part(["（一）支持对象。在本市登记的企业。"]).clauses

    assert clause.heading == "支持对象"


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=20).map(lambda text: text.replace("\n", " ")), max_size=30))
def test_no_line_is_lost_and_no_article_is_used_twice(lines: list[str]) -> None:
    parted = part(lines)

    kept = [line for clause in parted.clauses for line in clause.lines] + [line for _, line in parted.loose]
    assert sorted("".join(kept)) == sorted("".join(lines))
    assert len({clause.article for clause in parted.clauses}) == len(parted.clauses)
