"""Which records are linked, shown to a person or left apart: keys first, sisters never, remembered answers always."""

from __future__ import annotations

import pytest

from linkage.making import CODE, OTHER_CODE, OTHER_USCC, OURS, THEIRS, answer, bare, ours, theirs
from policy_match.linkage.link import Remembered, link
from policy_match.linkage.records import Decision, ProjectRecord
from policy_match.linkage.weights import LINK, REVIEW

LINKED, SHOWN, APART = Decision.LINK, Decision.REVIEW, Decision.APART


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, LINKED),
        ({"name": "", "firm": "", "uscc": ""}, LINKED),
        ({"name": "年产30万套隔膜"}, LINKED),
        ({"name": "示范锂离子电池隔膜二期项目"}, SHOWN),
        ({"name": "示范锂离子电池隔膜配套宿舍"}, SHOWN),
        ({"investment": "50"}, SHOWN),
        ({"investment": "125000"}, LINKED),
        ({"name": "无关医院", "firm": "无关集团", "uscc": OTHER_USCC, "region": "金坛", "investment": "", "started": "", "place": ""}, SHOWN),
    ],
)  # fmt: skip
def test_the_same_project_code_links_unless_something_contradicts_it_loudly(
    changes: dict[str, str], decision: Decision
) -> None:
    found = answer(theirs(**changes))

    assert (found.decision, found.library_id) == (decision, "P1")


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, LINKED),
        ({"uscc": OURS.uscc, "firm": ""}, LINKED),
        ({"name": "示范里离子电池隔膜", "firm": "示范材料"}, LINKED),
        ({"project_code": OTHER_CODE}, SHOWN),
        ({"uscc": OTHER_USCC}, SHOWN),
        ({"region": "金坛区"}, SHOWN),
        ({"name": "示范锂离子电池隔膜一期"}, SHOWN),
        ({"name": "年产30万套隔膜", "uscc": OURS.uscc}, SHOWN),
        ({"name": "示范锂离子电池隔膜二期", "investment": "3", "started": "", "place": ""}, APART),
        ({"name": "示范锂离子电池隔膜屋顶分布式光伏", "investment": "0.3"}, APART),
        ({"name": "示范仓储物流中心", "investment": "0.5", "started": "", "industry": "", "place": ""}, APART),
        ({"name": "无关医院", "firm": "无关集团", "investment": "", "started": "", "place": "", "industry": ""}, APART),
    ],
)  # fmt: skip
def test_without_the_code_the_name_must_stand_and_nothing_be_in_doubt(
    changes: dict[str, str], decision: Decision
) -> None:
    found = answer(bare(**changes))

    assert found.decision is decision
    assert found.library_id == (None if decision is APART else "P1")


def test_a_likeness_that_sisters_share_needs_a_particular() -> None:
    alike = bare(name="示范电池隔膜项目", uscc=OURS.uscc, started="", place="")

    assert answer(alike).decision is LINKED
    assert answer(bare(name="示范电池隔膜项目", uscc=OURS.uscc, started="", place="", investment="")).decision is SHOWN


def test_a_credit_code_with_a_fault_is_told_and_the_rest_decides() -> None:
    found = answer(bare(uscc="91320412MAYYYY0161"))

    assert found.decision is LINKED
    assert "信用代码校验不符 +0" in found.why


def test_a_pair_apart_names_the_nearest_row_and_leaves_the_id_empty() -> None:
    found = answer(bare(name="示范锂离子电池隔膜二期", investment="3", started="", place=""))

    assert found.library_id is None
    assert found.score < REVIEW
    assert found.why.endswith("最近的是P1")


def test_an_empty_record_and_an_empty_library_are_answered() -> None:
    assert answer(ProjectRecord("M1")).why == "库内没有相近的项目"
    assert [found.decision for found in link((), (THEIRS,))] == [APART]
    assert link((OURS,), ()) == []


def test_two_rows_with_one_project_code_are_for_a_person() -> None:
    found = answer(theirs(), OURS, ours(id="P2", name="示范锂离子电池隔膜二期项目"))

    assert (found.decision, found.library_id) == (SHOWN, "P1")
    assert "库内有2条同一项目代码（P1、P2）" in found.why


def test_two_rows_that_are_as_like_are_for_a_person() -> None:
    found = answer(bare(), OURS, ours(id="P2", project_code=OTHER_CODE))

    assert (found.decision, found.library_id) == (SHOWN, "P1")
    assert "相近的还有P2" in found.why


def test_a_row_with_the_code_and_another_with_all_the_rest_are_for_a_person() -> None:
    stray = ProjectRecord(
        "P0", "无关医院", "无关集团", OTHER_USCC, CODE, "金坛区", investment="300", unit="亿元", industry="医院"
    )

    found = answer(theirs(uscc="", started="2024-05-09"), ours(project_code=""), stray)

    assert (found.decision, found.library_id) == (SHOWN, "P1")
    assert "项目代码与P0相同，其余更像P1" in found.why


def test_a_phase_goes_to_its_own_row() -> None:
    library = tuple(
        ours(id=f"P{number}", name=f"示范锂离子电池隔膜{phase}期", project_code="", investment=f"{number}0")
        for number, phase in enumerate("一二三", start=1)
    )

    found = link(library, (bare(name="示范锂离子电池隔膜(2期)", investment="200000", unit="万元"),))[0]

    assert (found.decision, found.library_id) == (LINKED, "P2")


def test_records_of_several_departments_share_a_project_without_a_word() -> None:
    found = link((OURS,), (bare(id="M1"), bare(id="M2", source="统计")))

    assert [(one.decision, "同一来源" in one.why) for one in found] == [(LINKED, False), (LINKED, False)]


def test_records_of_one_department_that_share_a_project_say_so() -> None:
    found = link((OURS,), (bare(id="M1"), bare(id="M2")))

    assert [one.decision for one in found] == [LINKED, LINKED]
    assert ["同一来源的M2也对应P1" in found[0].why, "同一来源的M1也对应P1" in found[1].why] == [True, True]


def test_records_of_one_department_that_contradict_each_other_are_for_a_person() -> None:
    found = link((ours(investment=""),), (bare(id="M1", investment="12.5"), theirs(id="M2", investment="99")))

    assert [one.decision for one in found] == [SHOWN, LINKED]
    assert "两者互有矛盾" in found[0].why


def test_a_confirmed_pair_is_linked_whatever_speaks_against_it() -> None:
    stranger = bare(name="无关医院", firm="无关集团", region="金坛")

    found = answer(stranger, remembered=Remembered(confirmed={"M1": "P1"}))

    assert (found.decision, found.library_id) == (LINKED, "P1")
    assert found.score < LINK
    assert "人工确认" in found.why


def test_a_refused_pair_is_never_offered_again_and_the_next_best_is() -> None:
    second = ours(id="P2", project_code=OTHER_CODE, name="示范锂离子电池隔膜二期项目")

    found = answer(
        bare(started="", place="", investment=""),
        OURS,
        second,
        remembered=Remembered(refused=frozenset({("M1", "P1")})),
    )

    assert (found.decision, found.library_id) == (SHOWN, "P2")
    assert "已排除人工否定的项目" in found.why


def test_a_record_known_to_be_alone_stays_alone() -> None:
    found = answer(theirs(), remembered=Remembered(alone=frozenset({"M1"})))

    assert (found.decision, found.library_id, found.score) == (APART, None, 0)


def test_a_confirmed_partner_that_the_library_lacks_is_left_out_of_account() -> None:
    assert answer(theirs(), remembered=Remembered(confirmed={"M1": "P9"})).library_id == "P1"
