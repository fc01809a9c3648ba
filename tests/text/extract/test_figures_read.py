"""Which side of a number counts and whether the number itself does, word by word."""

from __future__ import annotations

import pytest

from policy_match.text.extract.bounds import figures_in
from policy_match.text.extract.relations import said_of_numbers


def read(text: str) -> list[tuple[str, str]]:
    return [(figure.text.replace(" ", ""), figure.relation) for figure in figures_in(text)]


@pytest.mark.parametrize(
    ("text", "figure", "relation"),
    [
        ("总投资1亿元以上", "1亿元", "at_least"),
        ("总投资1亿元及以上", "1亿元", "at_least"),
        ("总投资1亿元（不含）以上", "1亿元", "more_than"),
        ("总投资1亿元以上（不含1亿元）", "1亿元", "more_than"),
        ("营业收入2000万元以下", "2000万元", "at_most"),
        ("营业收入2000万元以下（不含）", "2000万元", "less_than"),
        ("营业收入超过2000万元", "2000万元", "more_than"),
        ("营业收入超过2000万元（含）", "2000万元", "at_least"),
        ("营业收入不低于2000万元", "2000万元", "at_least"),
        ("营业收入不得少于2000万元", "2000万元", "at_least"),
        ("营业收入低于2000万元", "2000万元", "less_than"),
        ("营业收入不满2000万元", "2000万元", "less_than"),
        ("营业收入未达到2000万元", "2000万元", "less_than"),
        ("营业收入达到2000万元", "2000万元", "at_least"),
        ("职工不足20人", "20人", "less_than"),
        ("职工至少20人", "20人", "at_least"),
        ("职工20人以内", "20人", "at_most"),
        ("成立满3年", "3年", "at_least"),
        ("成立不满三年", "三年", "less_than"),
        ("年龄不超过45周岁", "45周岁", "at_most"),
        ("资产负债率＜70％", "70％", "less_than"),
        ("研发投入占比≥3%", "3%", "at_least"),
        ("给予最高100万元奖励", "100万元", "at_most"),
        ("最高奖励100万元", "100万元", "at_most"),
        ("给予100万元以内的补助", "100万元", "at_most"),
        ("以100万元为上限", "100万元", "at_most"),
        ("给予不超过项目投入20%的补助", "20%", "at_most"),
        ("配套比例不低于国家资助额的50%", "50%", "at_least"),
        ("贷款利率不高于3.5%", "3.5%", "at_most"),
        ("股权占比三分之二以上", "三分之二", "at_least"),
        ("10个工作日内办结", "10个工作日", "at_most"),
        ("利率上浮不超过50个基点", "50个基点", "at_most"),
        ("注册资本１，０００万元以上", "１，０００万元", "at_least"),
        ("年销售额两千万元以上", "两千万元", "at_least"),
        ("补贴期限可延长至8个月", "8个月", "at_most"),
        ("取得登记未超过18个月", "18个月", "at_most"),
        ("贷款利率未高于4%", "4%", "at_most"),
        ("产值未低于2000万元", "2000万元", "at_least"),
        ("职工未少于20人", "20人", "at_least"),
        ("机器人密度高于每万人500台", "500台", "more_than"),
        ("亩均税收不低于每亩20万元", "20万元", "at_least"),
        ("租金不超过每平方米每月30元", "30元", "at_most"),
        ("最高每人2万元", "2万元", "at_most"),
        ("超过部分每人2万元", "2万元", "exact"),
        ("最高限额上浮10%", "10%", "exact"),
        ("补助上限提高20%", "20%", "exact"),
        ("最高限额提高到500万元", "500万元", "at_most"),
        ("变压器容量630千伏安以上", "630千伏安", "at_least"),
        ("变压器容量不低于800KVA", "800KVA", "at_least"),
        ("电压等级110千伏及以上", "110千伏", "at_least"),
        ("装机容量6MW以下", "6MW", "at_most"),
        ("采购10台（套）以上", "10台（套）", "at_least"),
        ("采购10台套以上", "10台套", "at_least"),
        ("人员经费不得高于三成", "三成", "at_most"),
        ("仓储面积1万平米以上", "1万平米", "at_least"),
        ("冷库容积超过2万立方米", "2万立方米", "more_than"),
        ("不超其当年税收地方留成部分的70%", "70%", "at_most"),
        ("最高按新增部分的50%", "50%", "exact"),
        ("高于上年度部分的10%", "10%", "exact"),
        ("研发投入500万以上", "500万", "at_least"),
        ("给予最高500万奖励", "500万", "at_most"),
    ],
)
def test_a_word_beside_a_number_says_its_side(text: str, figure: str, relation: str) -> None:
    assert read(text) == [(figure, relation)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("500万元至1000万元", [("500万元", "at_least"), ("1000万元", "at_most")]),
        ("500万元（含）至1000万元（不含）", [("500万元", "at_least"), ("1000万元", "less_than")]),
        ("500万元（不含）—1000万元（含）", [("500万元", "more_than"), ("1000万元", "at_most")]),
        ("10-20万元", [("10", "at_least"), ("20万元", "at_most")]),
        ("500万元以上不足1000万元", [("500万元", "at_least"), ("1000万元", "less_than")]),
        ("500万元以上、1000万元以下", [("500万元", "at_least"), ("1000万元", "at_most")]),
        ("500万元以上至1000万元（含）", [("500万元", "at_least"), ("1000万元", "at_most")]),
        ("500万元以上（不含）至1000万元", [("500万元", "more_than"), ("1000万元", "at_most")]),
        ("得分75（含）—90分", [("75", "at_least"), ("90分", "at_most")]),
        ("得分75（不含）至90分（含）", [("75", "more_than"), ("90分", "at_most")]),
    ],
)
def test_a_range_has_two_sides(text: str, wanted: list[tuple[str, str]]) -> None:
    assert read(text) == wanted


def test_figures_of_one_list_share_their_bound() -> None:
    assert read("分别给予最高50万元、30万元和10万元奖励") == [
        ("50万元", "at_most"),
        ("30万元", "at_most"),
        ("10万元", "at_most"),
    ]
    assert read("投资5000万元、1亿元以上的") == [("5000万元", "at_least"), ("1亿元", "at_least")]
    assert read("分别奖励50万元、30万元") == [("50万元", "exact"), ("30万元", "exact")]


def test_what_is_given_is_not_bounded_by_what_is_asked() -> None:
    assert read("达到国家标准的，给予10万元奖励") == [("10万元", "exact")]
    assert read("超过部分按10%给予奖励") == [("10%", "exact")]
    assert read("满6个月的按50%补贴") == [("6个月", "at_least"), ("50%", "exact")]


@pytest.mark.parametrize(
    "text",
    [
        "2031年3月1日前",
        "常政办发〔2031〕37号",
        "第三十条",
        "近三年",
        "亿元项目",
        "电话0519-85681234",
        "百亿元企业",
        "材料一式3份",
        "公告2023年第7号",
        "万元产值",
        "年出栏1万羽",
        "发行3万册图书",
    ],
)
def test_dates_numbers_of_documents_and_the_like_are_no_figures(text: str) -> None:
    assert read(text) == []


def test_a_document_may_say_itself_whether_a_word_includes_the_number() -> None:
    said = said_of_numbers("本办法所称“以上”不含本数，“以下”“以内”含本数。")

    assert dict(said) == {"以上": False, "以下": True, "以内": True}
    assert [figure.relation for figure in figures_in("1亿元以上、2亿元以下", said)] == ["more_than", "at_most"]


def test_a_bound_tells_what_is_measured() -> None:
    (figure,) = figures_in("上年度营业收入不低于2000万元")

    assert (figure.label, figure.value) == ("上年度营业收入", 2000 * 10**6)


def test_a_column_headed_as_a_limit_bounds_its_figures() -> None:
    assert read("档次\t比例\t补助上限\n一档\t5%\t50万元") == [("5%", "exact"), ("50万元", "at_most")]


def test_bare_numbers_share_the_unit_of_the_last() -> None:
    assert read("分别给予最高100、50、20万元奖励") == [("100", "at_most"), ("50", "at_most"), ("20万元", "at_most")]
    assert read("分别按5%、8%、10%补助") == [("5%", "exact"), ("8%", "exact"), ("10%", "exact")]
    assert read("1、200万元以上的") == [("200万元", "at_least")]


def test_a_word_after_a_comma_may_leave_the_number_out() -> None:
    assert read("得分70分以上，不含70分") == [("70分", "more_than")]


def test_a_row_ends_before_the_number_where_the_next_row_says_it_begins_with_it() -> None:
    text = "1亿元（含）至5亿元的奖励10万元，5亿元（含）以上的奖励20万元"

    assert read(text) == [
        ("1亿元", "at_least"), ("5亿元", "less_than"), ("10万元", "exact"), ("5亿元", "at_least"), ("20万元", "exact"),
    ]  # fmt: skip


def test_a_row_may_say_with_a_word_that_it_begins_with_the_number() -> None:
    assert read("90分及以上为优秀；75（含）—90分为良好") == [
        ("90分", "at_least"), ("75", "at_least"), ("90分", "less_than"),
    ]  # fmt: skip
    assert read("90分以上为优秀；75（含）—90分为良好")[2] == ("90分", "at_most")


def test_words_that_only_look_like_tenths_are_no_figures() -> None:
    assert read("不超过三成员") == []
    assert read("不超过三成立") == []


def test_the_currency_may_follow_the_amount() -> None:
    assert read("注册资本1亿元人民币以上") == [("1亿元人民币", "at_least")]
