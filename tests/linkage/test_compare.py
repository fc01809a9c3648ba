"""What is found between a record and a row of the library, and what it is worth."""

from __future__ import annotations

import re

import pytest

from linkage.making import OTHER_CODE, OTHER_USCC, answer, bare, compared, ours, points, theirs
from policy_match.linkage import weights
from policy_match.linkage.records import ProjectRecord, Standing
from policy_match.linkage.weights import Bar, Weight


def test_the_score_is_the_sum_of_the_parts_as_they_are_printed() -> None:
    found = answer(theirs(name="示范锂离子电池隔膜三期项目", investment="1250000", unit="亿元", region="天宁区"))

    printed = [int(sign.replace("−", "-") + digits) for sign, digits in re.findall(r" ([+−])(\d+)(?:；|$)", found.why)]
    assert len(printed) > 5
    assert min(printed) < 0
    assert sum(printed) == found.score


def test_what_is_unknown_takes_no_part() -> None:
    assert compared(ProjectRecord("M1")).parts == ()
    assert points(compared(ProjectRecord("M1", region="武进"))) == {"地区相同": weights.REGION_SAME.points}


@pytest.mark.parametrize(
    ("changes", "text", "weight"),
    [
        ({}, "项目代码相同", weights.CODE_SAME),
        ({"project_code": OTHER_CODE}, "项目代码不同", weights.CODE_OTHER),
        ({}, "信用代码相同", weights.USCC_SAME),
        ({"firm": "无关集团"}, "信用代码相同（单位名称不同）", weights.USCC_SAME),
        ({"uscc": OTHER_USCC}, "信用代码不同（单位名称相近）", weights.USCC_OTHER_NAME_ALIKE),
        ({"uscc": OTHER_USCC, "firm": "无关集团"}, "信用代码不同", weights.USCC_OTHER),
        ({"uscc": "91320412MAYYYY0161"}, "信用代码校验不符", weights.USCC_BAD),
        ({"uscc": ""}, "单位名称相同", weights.FIRM_SAME),
        ({"uscc": "", "firm": "示范"}, "单位名称一长一短", weights.FIRM_SHORT),
        ({"uscc": "", "firm": "常州示范村料有限公司"}, "单位名称相近 0.75", weights.FIRM_NEAR),
        ({"uscc": "", "firm": "示范电机集团"}, "单位名称开头相同“示范”", weights.FIRM_BRAND),
        ({"uscc": "", "firm": "无关集团"}, "单位名称不同", weights.FIRM_OTHER),
        ({"uscc": "", "firm": ""}, "名称中有单位“示范”", weights.FIRM_IN_NAME),
        ({"investment": "125000", "unit": "万元"}, "总投资相同", weights.AMOUNT_SAME),
        ({"investment": "125000", "unit": ""}, "总投资相同（未写单位）", weights.AMOUNT_SAME),
        ({"investment": "12.62"}, "总投资相同", weights.AMOUNT_SAME),
        ({"investment": "12.63"}, "总投资相近（12.63亿元/库内12.5亿元）", weights.AMOUNT_NEAR),
        ({"investment": "13.75"}, "总投资相近（13.75亿元/库内12.5亿元）", weights.AMOUNT_NEAR),
        ({"investment": "13.76"}, "总投资不同（13.76亿元/库内12.5亿元）", weights.AMOUNT_OTHER),
        ({"investment": "37.5"}, "总投资不同（37.5亿元/库内12.5亿元）", weights.AMOUNT_OTHER),
        ({"investment": "37.6"}, "总投资相差三倍以上（37.6亿元/库内12.5亿元）", weights.AMOUNT_FAR),
        ({"investment": "125"}, "总投资差十倍（125亿元/库内12.5亿元）", weights.AMOUNT_TEN),
        ({"investment": "1.25"}, "总投资差十倍（1.25亿元/库内12.5亿元）", weights.AMOUNT_TEN),
        ({"investment": "125000"}, "总投资差一万倍，像是单位写错（125000亿元/库内12.5亿元）", weights.AMOUNT_SLIP),
        ({"investment": "12.5", "unit": "元"}, "总投资差一亿倍，像是单位写错（12.5元/库内12.5亿元）", weights.AMOUNT_SLIP),
        ({"started": "20240509"}, "开工日期相同", weights.DAY_SAME),
        ({"started": "2024年5月"}, "开工月份相同", weights.MONTH_SAME),
        ({"started": "2024"}, "开工年份相符", weights.YEAR_SAME),
        ({"started": "2025-05-10"}, "开工时间不同", weights.DATE_NEAR),
        ({"started": "2025-05-11"}, "开工时间相差一年以上", weights.DATE_FAR),
        ({"region": "武高新"}, "地区相同", weights.REGION_SAME),
        ({"region": "金坛区"}, "地区不同", weights.REGION_OTHER),
        ({"place": "武进区示范路18号"}, "建设地点相同", weights.PLACE_EXACT),
        ({"place": "示范路"}, "建设地点相同", weights.PLACE_SAME),
        ({"industry": "锂电池隔膜"}, "行业相同", weights.TRADE_SAME),
        ({"industry": "电池隔膜"}, "行业相近", weights.TRADE_LIKE),
        ({"industry": "医院"}, "行业不同", weights.TRADE_OTHER),
    ],
)  # fmt: skip
def test_each_finding_has_its_words_and_its_weight(changes: dict[str, str], text: str, weight: Weight) -> None:
    found = compared(theirs(**changes))

    assert (text, weight) in [(part.text, part.weight) for part in found.parts]


def test_changzhou_economic_zone_and_wujin_do_not_contradict_each_other() -> None:
    found = points(compared(theirs(region="常州经开区")))

    assert not {text for text in found if text.startswith("地区")}


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("示范锂离子电池隔膜", Standing.SAME), ("示範鋰離子電池隔膜項目", Standing.SAME), ("示范里离子电池隔膜项目", Standing.SAME),
        ("示范锂离子电电池隔膜项目", Standing.SAME), ("示范锂离子池电隔膜项目", Standing.SAME), ("锂离子电池隔膜建设项目", Standing.SAME),
        ("示范里离子店池隔模项目", Standing.NONE), ("示范电池隔膜项目", Standing.LIKE), ("示范仓储物流项目", Standing.NONE),
        ("示范年产3万吨特种膜项目", Standing.NONE),
    ],
)  # fmt: skip
def test_wear_leaves_a_name_standing_and_other_words_do_not(name: str, standing: Standing) -> None:
    assert compared(bare(name=name)).names is standing


@pytest.mark.parametrize(
    ("name", "row", "text", "bar"),
    [
        ("示范锂离子电池隔膜六期", "示范锂离子电池隔膜四期", "期次不同（六期/库内四期）", Bar.LOUD),
        ("示范锂离子电池隔膜(五期)", "示范锂离子电池隔膜", "期次不同（五期/库内未写）", Bar.LOUD),
        ("示范锂离子电池隔膜", "示范锂离子电池隔膜二期", "期次未写（未写/库内二期）", Bar.DOUBT),
        ("示范锂离子电池隔膜", "示范锂离子电池隔膜一期", "期次只有一方写明（未写/库内一期）", Bar.DOUBT),
        ("示范锂离子电池隔膜一、二期", "示范锂离子电池隔膜二期", "期次部分重合（一期、二期/库内二期）", Bar.DOUBT),
        ("示范年产3万套隔膜", "示范锂离子电池隔膜二期", "期次未写（未写/库内二期）", Bar.DOUBT),
        ("示范薄膜(2021)", "示范薄膜(2019)", "名称中的年份不同（2021/库内2019）", Bar.LOUD),
        ("示范锂离子电池隔膜配套宿舍及食堂工程", "示范锂离子电池隔膜", "是附属工程（宿舍、食堂）", Bar.LOUD),
        ("示范锂离子电池隔膜", "示范锂离子电池隔膜职工宿舍", "库内是附属工程（宿舍）", Bar.DOUBT),
        ("示范锂离子电池隔膜余热回收利用", "示范锂离子电池隔膜", "多出“余热回收利用”", Bar.DOUBT),
        ("示范锂离子电池隔膜南区", "示范锂离子电池隔膜", "多出“南区”", Bar.DOUBT),
        ("示范薄膜(2031)", "示范薄膜", "名称中的年份只有一方写明（2031/库内未写）", Bar.DOUBT),
        ("示范锂离子电池隔膜扩建", "示范锂离子电池隔膜", "建设性质不同（扩建/库内未写）", Bar.DOUBT),
        ("示范锂离子电池隔膜改扩建", "示范锂离子电池隔膜扩建", "建设性质不同（扩建、技改/库内扩建）", Bar.DOUBT),
        ("示范锂离子电池隔膜B区", "示范锂离子电池隔膜A区", "序号不同（b/库内a）", Bar.DOUBT),
        ("示范锂离子电池隔膜二", "示范锂离子电池隔膜", "序号不同（二/库内无）", Bar.DOUBT),
        ("示范年产5万吨隔膜", "示范年产3万吨隔膜", "名称中的数量不同", Bar.DOUBT),
    ],
)
def test_another_work_of_the_firm_is_told_apart(name: str, row: str, text: str, bar: Bar) -> None:
    found = compared(bare(name=name), ours(name=row))

    assert text in points(found)
    assert found.bar is bar


def test_an_added_word_of_two_letters_or_of_the_trade_counts_less() -> None:
    library = ours(name="示范高压连接器", industry="汽车仓储设备")

    assert points(compared(bare(name="示范高压连接器余热回收"), library))["多出“余热回收”"] == weights.EXTRA.points
    assert points(compared(bare(name="示范高压连接器南区"), library))["多出“南区”"] == weights.EXTRA_SMALL.points
    assert (
        points(compared(bare(name="示范高压连接器仓储设备"), library))["多出“仓储设备”"] == weights.EXTRA_SMALL.points
    )


@pytest.mark.parametrize(("name", "row"), [("示范12号厂房", "示范21号厂房"), ("示范11号厂房", "示范1号厂房")])
def test_figures_swapped_or_doubled_are_no_slip(name: str, row: str) -> None:
    assert compared(bare(name=name), ours(name=row)).bar > Bar.NONE


def test_fewer_telling_letters_prove_less() -> None:
    short = compared(bare(name="示范隔膜"), ours(name="示范隔膜项目"))
    long = compared(bare(name="示范高性能锂离子动力电池隔膜"), ours(name="示范高性能锂离子动力电池隔膜项目"))

    assert points(short)["名称相同"] < points(long)["名称相同"] == weights.NAME_SAME.points


def test_every_weight_has_a_reason_and_a_contradiction_never_adds() -> None:
    table = {name: weight for name, weight in vars(weights).items() if isinstance(weight, Weight)}

    assert len(table) > 40
    assert [name for name, weight in table.items() if len(weight.why) < 15] == []
    assert [name for name, weight in table.items() if weight.bar is not Bar.NONE and weight.points >= 0] == []
