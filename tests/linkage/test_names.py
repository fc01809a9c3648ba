"""Project and firm names taken apart: phases in every form, kinds of works, what tells, what a firm is called."""

from __future__ import annotations

import pytest

from policy_match.linkage.names import UNREADABLE, firm_cores, firm_words, project_name
from policy_match.linkage.traditional import _SIMPLIFIED, _TRADITIONAL, simplified


@pytest.mark.parametrize(
    ("written", "phases"),
    [
        ("示范电池项目", set()), ("示范电池项目一期", {1}), ("示范电池(二期)项目", {2}), ("示范电池第三期", {3}),
        ("示范电池3期", {3}), ("示范电池Ⅱ期", {2}), ("示范电池I期", {1}), ("示范电池iv期", {4}), ("示范电池十二期", {12}),
        ("示范电池二十期", {20}), ("示范电池一二期", {1, 2}), ("示范电池一、二期", {1, 2}), ("示范电池一期、三期", {1, 3}),
        ("示范电池一至三期", {1, 2, 3}), ("示范电池首期工程", {1}), ("道路工程二标段", {2}), ("示范电池１期", {1}),
        ("示范長期儲能", set()), ("十四五期间示范项目", set()), ("2024期货仓库", set()), ("示范电池xxx期", {UNREADABLE}),
    ],
)  # fmt: skip
def test_a_phase_is_read_in_every_form_and_from_nothing_else(written: str, phases: set[int]) -> None:
    assert project_name(written).phases == phases


def test_form_of_the_phase_and_generic_words_leave_the_core_alone() -> None:
    forms = (
        "示范锂电池项目一期",
        "示范锂电池(1期)建设项目",
        "示范锂电池 新建工程",
        "示範鋰電池項目",
        "示范锂电池",
        "示范锂电池　项目",
    )

    assert {project_name(form).core for form in forms} == {"示范锂电池"}


@pytest.mark.parametrize(
    ("written", "works"),
    [("示范电池扩建项目", {"扩建"}), ("示范电池技术改造", {"技改"}), ("示范电池改扩建", {"扩建", "技改"}), ("示范电池搬迁", {"迁建"}), ("示范电池", set())],
)  # fmt: skip
def test_the_kind_of_works_is_told_apart_from_the_name(written: str, works: set[str]) -> None:
    name = project_name(written)

    assert name.works == works
    assert name.core == "示范电池"


def test_what_is_put_out_is_no_part_of_the_core() -> None:
    name = project_name("年产30万辆整车及配套零部件项目")

    assert name.core == "整车配套零部件"
    assert name.by_output
    assert name.quantities == {300_000}
    assert project_name("示范3万吨钢管").quantities == project_name("示范30000吨钢管").quantities


def test_years_in_brackets_are_years_and_tonnes_are_not() -> None:
    assert project_name("示范薄膜项目(2019)").years == {2019}
    assert project_name("示范薄膜2000吨项目").years == frozenset()


def test_a_name_of_generic_words_only_still_has_a_core() -> None:
    assert project_name("项目").core == "项目"
    assert project_name("一期").core == "一期"


@pytest.mark.parametrize(
    ("written", "cores"),
    [
        ("常州示范轧辊有限公司", ("示范轧辊",)), ("示范（常州）有限公司", ("示范",)), ("示范股份(上海示恩)", ("示恩", "示范")),
        ("示范时代、时代示范", ("时代示范", "示范时代")), ("示范集团有限司公", ("示范",)), ("", ()), ("江苏有限公司", ()), ("甲", ()),
        ("常州市示范车辆系统有限责任公司", ("示范车辆系统",)), ("示範機械", ("示范机械",)),
    ],
)  # fmt: skip
def test_the_core_of_a_firm_is_without_place_and_legal_form(written: str, cores: tuple[str, ...]) -> None:
    assert firm_cores(written) == cores


def test_firm_words_in_a_name_are_the_whole_name_or_the_common_beginning() -> None:
    assert firm_words("示范精工智能机床", ("示范精工",)) == "示范精工"
    assert firm_words("示范智能机床", ("示范精工",)) == "示范"
    assert firm_words("常州示范智能机床", ("示范精工",)) == "示范"
    assert firm_words("智能机床", ("示范精工",)) == ""


def test_traditional_letters_are_one_for_one() -> None:
    assert len(_TRADITIONAL) == len(_SIMPLIFIED) == len(set(_TRADITIONAL))
    assert simplified("貝特瑞新材料外資新建項目") == "贝特瑞新材料外资新建项目"
    assert simplified(_SIMPLIFIED) == _SIMPLIFIED
