"""What 常政办发〔2024〕37号 offers a project at each point of its life, typed from the notice; not from the rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.rulebook import Rulebook
from policy_match.exchange.subjects import subject_from_json
from policy_match.workflows.match import Matching
from policy_match.workflows.show_benefit import services_of, unit_text

TABLE = Path(__file__).resolve().parents[2] / "docs" / "notice-services.zh.md"
DAY = date(2026, 11, 25)
NOTICE = "czbf-2024-37"
POINTS = ("签约", "立项", "开工", "竣工", "投产")
OFFERED = frozenset({Verdict.ELIGIBLE, Verdict.NEEDS_HUMAN})

# Every project of 1亿元 and more, by point of its life.
ALWAYS = {
    "cz_project_services",  # 一(三)、三(一)：主动服务、政策推送、帮办代办
    "cz_project_financing",  # 二(三)3：针对亿元项目
    "cz_joint_training",  # 二(三)4：支持项目联合培养人才
    "cz_listing_cultivation",  # 二(三)5：后备企业由主管部门认定
}
BUILDING = {"cz_energy_service", "cz_forest_land_joint_review", "cz_problem_coordination"}  # 二(二)1至3：到竣工为止
WATCHED = {"cz_growth_watchlist"}  # 二(三)1：通过竣工验收的
OF_ALL = {
    "签约": ALWAYS | BUILDING,
    "立项": ALWAYS | BUILDING,
    "开工": ALWAYS | BUILDING,
    "竣工": ALWAYS | WATCHED,
    "投产": ALWAYS | WATCHED,
}
# What a 重大项目 has besides.
POWER = {"cz_power_green_channel"}  # 二(二)3：省、市重大项目
CAPACITY = {"cz_environment_capacity"}  # 二(二)3：重大项目排污总量
EARLY_START = {"cz_start_on_land_handover"}  # 二(二)4：重大项目，开工之前
ACCEPTANCE = {"cz_joint_acceptance"}  # 二(二)5：提前服务，开工至竣工
JOBS = {"cz_major_project_jobs"}  # 二(三)4：重大项目纳入就业公共重点保障
OF_MAJOR = {
    "签约": CAPACITY | EARLY_START | JOBS,
    "立项": CAPACITY | EARLY_START | JOBS,
    "开工": CAPACITY | ACCEPTANCE | JOBS,
    "竣工": ACCEPTANCE | JOBS,
    "投产": JOBS,
}
LAND = {
    "省重大": {"major_project_land_quota"},
    "市重大": {"cz_land_tiered_supply"},
    "区重大": {"cz_land_tiered_supply"},
}


def expected(point: str, level: str) -> set[str]:
    if level == "无":
        return OF_ALL[point]
    building = point in ("签约", "立项", "开工")
    power = POWER if level in ("省重大", "市重大") else set()
    return OF_ALL[point] | OF_MAJOR[point] | ((LAND[level] | power) if building else set())


def matching_of(rulebook: Rulebook, point: str, level: str, **facts: object) -> Matching:
    given = {
        "district": "武进区",
        "total_investment": "3亿元",
        "stage": point,
        "major_level": level,
        "uses_forest_land": True,
        "acceptance_passed": point in ("竣工", "投产"),
    }
    line = {"id": "甲", "kind": "project", "facts": given | facts}
    return Matching(rulebook, [subject_from_json(line, rulebook.vocabulary)], DAY)  # type: ignore[arg-type]


def offered(rulebook: Rulebook, point: str, level: str, **facts: object) -> set[str]:
    matching = matching_of(rulebook, point, level, **facts)
    return {match.rule.id for match in matching.of(0, None, OFFERED) if match.rule.document.id == NOTICE}


@pytest.mark.parametrize("level", ["省重大", "市重大", "区重大", "无"])
@pytest.mark.parametrize("point", POINTS)
def test_a_project_is_offered_what_the_notice_promises_it(rulebook: Rulebook, point: str, level: str) -> None:
    assert offered(rulebook, point, level) == expected(point, level)


@pytest.mark.parametrize("point", POINTS)
def test_a_project_below_one_hundred_million_or_elsewhere_is_offered_nothing(rulebook: Rulebook, point: str) -> None:
    # 省重大的用地核销不看总投资。
    land = {"major_project_land_quota"} if point in ("签约", "立项", "开工") else set()

    assert offered(rulebook, point, "省重大", total_investment="9999.99万元") == land
    assert offered(rulebook, point, "省重大", district="320500") == set()


def test_no_service_is_lost_where_the_point_is_not_known(rulebook: Rulebook) -> None:
    matching = matching_of(rulebook, "立项", "省重大", stage=None, acceptance_passed=None)
    open_ = {m.rule.id: m.verdict for m in matching.of(0) if m.rule.document.id == NOTICE}
    everything = set().union(*(expected(point, "省重大") for point in POINTS))

    assert all(open_[measure] in (*OFFERED, Verdict.UNKNOWN) for measure in everything)
    assert {open_[measure] for measure in everything - ALWAYS - JOBS} == {Verdict.UNKNOWN}


def test_every_measure_of_the_notice_is_expected_somewhere(rulebook: Rulebook) -> None:
    of_projects = {
        rule.id for rule in rulebook.rules if rule.document.id == NOTICE and rule.measure.target == "project"
    }

    assert of_projects == {
        i for point in POINTS for level in ("省重大", "市重大", "无") for i in expected(point, level)
    }


def test_the_table_of_the_document_names_each_measure_once_and_with_its_unit(rulebook: Rulebook) -> None:
    rows = [
        row.split("|")[1:-1] for row in TABLE.read_text("utf-8").splitlines() if row.startswith("| ") and "| `" in row
    ]
    named = {row[2].strip(" `"): row[5].strip() for row in rows}
    of_notice = {rule.id for rule in rulebook.rules if rule.document.id == NOTICE}

    assert len(rows) == len(named)
    assert set(named) == of_notice | {"wujin_open_door_power"}
    for measure, unit in named.items():
        assert unit.startswith(rulebook.at(measure, DAY).measure.owner_unit or "未见"), measure


def test_every_measure_of_the_notice_has_a_unit(rulebook: Rulebook) -> None:
    assert [r.measure.key for r in rulebook.rules if r.document.id == NOTICE and r.measure.owner_unit is None] == []


@pytest.mark.parametrize(
    ("measure", "names"),
    [
        ("cz_talent_services", ["医疗", "社会保险", "住房", "配偶安置", "子女教育"]),
        ("cz_major_project_jobs", ["定向用工招聘", "劳务对接", "职业技能培训", "养老保险关系转移接续"]),
        ("cz_forest_land_joint_review", ["一并受理", "一次告知", "同步审批"]),
        (
            "cz_project_financing",
            [
                "常态化融资对接和融资服务平台", "金融顾问团", "配套专项资金", "风险补偿", "政策性担保", "贷款贴息",
                "设备购置更新贷款", "“邻里配套”品牌", "政府投资基金引导",
            ],
        ),
        ("cz_power_green_channel", ["用电报装“绿色通道”", "电力接入工程延伸投资", "“开门接电”"]),
    ],
)  # fmt: skip
def test_services_that_the_notice_lists_stand_one_by_one(rulebook: Rulebook, measure: str, names: list[str]) -> None:
    assert [service.name for service in services_of(rulebook.at(measure, DAY).measure)] == names


@pytest.mark.parametrize("measure", ["cz_talent_services", "cz_major_project_jobs"])
def test_each_talent_and_labour_service_names_its_unit_and_says_that_it_is_our_reading(
    rulebook: Rulebook, measure: str
) -> None:
    written = rulebook.at(measure, DAY).measure

    assert all("（单位是我们的理解）" in unit_text(service, written) for service in services_of(written))


def test_a_service_without_a_unit_says_whom_to_ask(rulebook: Rulebook) -> None:
    written = rulebook.at("cz_project_financing", DAY).measure
    advisers = next(service for service in services_of(written) if service.name == "金融顾问团")

    assert unit_text(advisers, written) == "承办单位没有写，请咨询市工信局"


def test_units_that_the_notice_names_are_no_reading(rulebook: Rulebook) -> None:
    written = rulebook.at("cz_project_services", DAY).measure
    leads = [unit_text(service, written) for service in services_of(written) if "阶段" in service.name]

    assert leads == ["市商务局", "市发改委", "市工信局"]


def test_talent_services_ask_nothing_of_the_family(rulebook: Rulebook) -> None:
    facts = {condition.fact for condition in rulebook.at("cz_talent_services", DAY).conditions.values()}

    assert facts == {"newly_introduced", "employer_local_enterprise", "full_time_here", None}
