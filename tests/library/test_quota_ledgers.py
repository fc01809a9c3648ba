"""The three ledgers of quota in the library: whose they are, what fits, what is left, and that nothing else comes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from care import by, filled
from rows import LIBRARY, audited, told
from sqlalchemy import func, select

from policy_match.errors import Conflict, Forbidden, NotFound, PolicyMatchError, UsageError
from policy_match.lifecycle.pools import Allotment, PoolEntry, PoolKind, allot, check_pool, need_rows, pool_left
from policy_match.store import log
from policy_match.store.case_tables import Case, Instruction, Payment
from policy_match.workflows.allocate_land import LandNeed, Supply, allocate_land, supply_pool, undo_pool_entry
from policy_match.workflows.enter_quota import (
    EnvironmentStep,
    LandStep,
    enter_environment_quota,
    enter_land_quota,
)
from policy_match.workflows.list_quotas import environment_rows, land_rows, need_list
from policy_match.workflows.open_archive import Archive

MU = Fraction(2000, 3)
STEPS = (
    ("需求认定", "60亩", ""),
    ("计划保障", "60亩", ""),
    ("批准", "40000㎡", "苏地〔2025〕1号"),
    ("核销", "60亩", ""),
)


def land(archive: Archive, code: str, kind: str, area: str, doc: str = "", **more: object) -> str:
    asked = {"year": 2025, "doc_no": doc} | more
    return enter_land_quota(archive, LandStep(code, kind, area, **asked), by("resources")).id  # type: ignore[arg-type]


def environment(archive: Archive, kind: str, amount: str, project: str | None = None, **more: str) -> str:
    step = EnvironmentStep("化学需氧量", kind, amount, project, **more)
    return enter_environment_quota(archive, step, by("ecology")).id


def pools(archive: Archive) -> list[PoolEntry]:
    with archive.database.reading() as session:
        return log.of_library(session, PoolEntry, LIBRARY)


def test_s13_sixty_mu_are_forty_thousand_square_metres_one_more_is_refused(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]
    for step in STEPS:
        land(archive, code, *step)

    with pytest.raises(Conflict) as more:
        land(archive, code, "核销", "1亩")

    (row,) = land_rows(archive, LIBRARY, 2025)
    assert (row["approved"], row["written_off"], row["balance_m2"]) == ("60.00亩（40000㎡）", "60.00亩（40000㎡）", "0")
    assert told(more.value) == {"QUOTA_BALANCE"} and more.value.issues[0].where == code
    assert len(audited(archive, "quota.land")) == 4
    assert land_rows(archive, LIBRARY, 2024) == []


def test_s13_there_is_no_consent_or_payment_behind_the_ledger(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]
    for step in STEPS:
        land(archive, code, *step)

    assert land_rows(archive, LIBRARY, 2025, by(on="2020-01-01").now) == []
    assert len(land_rows(archive, LIBRARY, 2025)) == 1
    with archive.database.reading() as session:
        written = [session.scalar(select(func.count()).select_from(table)) for table in (Case, Payment, Instruction)]

    assert written == [0, 0, 0]
    assert [line.action for line in audited(archive, "quota.land")] == ["quota.land"] * 4


@pytest.mark.parametrize("level", ["市重大", "区重大", "无", None])
def test_s13_any_other_level_is_out_of_scope(archive: Archive, level: str | None) -> None:
    facts = {} if level is None else {"major_level": level}
    code = filled(archive, "P01", **facts)["P01"]

    with pytest.raises(UsageError) as refused:
        land(archive, code, "需求认定", "60亩")

    assert told(refused.value) == {"QUOTA_SCOPE"}
    assert land_rows(archive, LIBRARY, 2025) == []


def test_s13_the_level_counts_that_was_known_in_the_year_of_the_list(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]

    with pytest.raises(UsageError) as refused:
        land(archive, code, "需求认定", "60亩", year=2024)

    assert told(refused.value) == {"QUOTA_SCOPE"} and "级别待核实" in refused.value.issues[0].what


def test_an_approval_needs_a_number_and_each_number_counts_once(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]
    for step in STEPS[:2]:
        land(archive, code, *step)
    land(archive, code, "批准", "10亩", "苏地〔2025〕1号")

    with pytest.raises(UsageError) as none:
        land(archive, code, "批准", "10亩")
    with pytest.raises(Conflict) as twice:
        land(archive, code, "批准", "10亩", "苏地〔2025〕1号")
    with pytest.raises(UsageError) as kind:
        land(archive, code, "付款", "10亩")

    assert [told(one.value) for one in (none, twice, kind)] == [{"QUOTA_DOC"}, {"QUOTA_DOC_USED"}, {"QUOTA_KIND"}]


def test_an_entry_is_undone_by_its_number_and_not_twice(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]
    land(archive, code, "需求认定", "60亩")
    assured = land(archive, code, "计划保障", "60亩")

    land(archive, code, "冲销", "60亩", reverses=assured.lstrip("0"))
    with pytest.raises(Conflict):
        land(archive, code, "REVERSED", "60亩", reverses=assured)

    (row,) = land_rows(archive, LIBRARY, 2025)
    assert (row["identified"], row["assured_m2"], row["balance_m2"]) == ("60.00亩（40000㎡）", "0", "0")


def test_only_the_unit_of_land_and_the_overall_lead_write_the_ledger(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]

    with pytest.raises(Forbidden):
        enter_land_quota(archive, LandStep(code, "需求认定", "60亩", 2025), by("district-320412"))
    with pytest.raises(Forbidden):
        supply_pool(archive, Supply("武进区", "30亩", 2025), by("ecology"))

    assert [line.actor for line in audited(archive, "care.refused")] == ["district-320412", "ecology"]


# land for city and district major projects


@pytest.mark.parametrize(
    ("need", "district", "city", "expected"),
    [
        (50, 60, 10, (50, 0, 0)),
        (50, 50, 10, (50, 0, 0)),
        (50, 30, 10, (30, 10, 10)),
        (50, 30, 20, (30, 20, 0)),
        (50, 0, 0, (0, 0, 50)),
        (50, -5, 20, (0, 20, 30)),
        (0, 30, 20, (0, 0, 0)),
    ],
)
def test_the_district_gives_first_the_city_second_and_the_rest_is_unmet(
    need: int, district: int, city: int, expected: tuple[int, int, int]
) -> None:
    assert allot(Fraction(need), Fraction(district), Fraction(city)) == Allotment(*map(Fraction, expected))


def test_what_is_unmet_keeps_its_reason_and_is_met_when_a_pool_is_filled(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="市重大")["P01"]
    supply_pool(archive, Supply("武进区", "30亩", 2025, "武资规〔2025〕1号"), by("resources"))
    supply_pool(archive, Supply("常州市", "12亩", 2025), by("resources"))

    first = allocate_land(archive, LandNeed(code, "50亩", 2025), by("resources"))
    (unmet,) = need_list(archive, LIBRARY, 2025)
    supply_pool(archive, Supply("320400", "20亩", 2025), by("resources"))
    second = allocate_land(archive, LandNeed(code, "50亩", 2025), by("resources"))
    (met,) = need_list(archive, LIBRARY, 2025)

    assert (first.district_m2, first.city_m2, first.unmet_m2) == (30 * MU, 12 * MU, 8 * MU)
    assert unmet["reason"] == "分配前武进区余 30.00亩（20000㎡）、常州市余 12.00亩（8000㎡），缺 8.00亩"
    assert (second.district_m2, second.city_m2, second.unmet_m2) == (0, 8 * MU, 0)
    assert (met["city"], met["unmet_m2"], met["reason"]) == ("20.00亩", "0", "")
    assert pool_left(pools(archive), year=2025, pool="320400") == 12 * MU
    assert pool_left(pools(archive), year=2024, pool="320400") == 0


def test_a_project_of_the_city_itself_is_given_of_the_city_pool_once(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="市重大", district="320400")["P01"]
    supply_pool(archive, Supply("常州市", "12亩", 2025), by("resources"))

    given = allocate_land(archive, LandNeed(code, "20亩", 2025), by("resources"))

    assert (given.district_m2, given.city_m2, given.unmet_m2) == (0, 12 * MU, 8 * MU)


def test_a_project_of_the_province_or_of_no_known_level_has_no_part_in_the_pools(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="省重大")["P01"]
    other = filled(archive, "P08")["P08"]

    for one in (code, other):
        with pytest.raises(UsageError) as refused:
            allocate_land(archive, LandNeed(one, "50亩", 2025), by("resources"))
        assert told(refused.value) == {"QUOTA_SCOPE"}
    with pytest.raises(UsageError) as region:
        supply_pool(archive, Supply("武进国家高新区", "30亩", 2025), by("resources"))

    assert told(region.value) == {"POOL_REGION"} and pools(archive) == []


def test_a_supply_that_was_given_away_cannot_be_undone_before_the_allocation_is(archive: Archive) -> None:
    code = filled(archive, "P01", major_level="区重大")["P01"]
    supplied = supply_pool(archive, Supply("武进区", "30亩", 2025), by("resources"))
    allocate_land(archive, LandNeed(code, "20亩", 2025), by("resources"))
    needed, given = (entry for entry in pools(archive) if entry.project == code)

    for entry in (supplied, needed):
        with pytest.raises(Conflict) as refused:
            undo_pool_entry(archive, entry.id, by("resources"))
        assert told(refused.value) == {"QUOTA_BALANCE"}
    with pytest.raises(Conflict, match="多于现在的需求"):
        allocate_land(archive, LandNeed(code, "10亩", 2025), by("resources"))
    for entry in (given, needed, supplied):
        undo_pool_entry(archive, entry.id, by("resources"))
    with pytest.raises(NotFound):
        undo_pool_entry(archive, "999", by("resources"))

    assert need_rows(pools(archive), year=2025, city="320400") == ()
    assert pool_left(pools(archive), year=2025, pool="320412") == 0


def test_two_desks_do_not_give_the_same_land_twice(archive: Archive) -> None:
    codes = filled(archive, "P01", "P08", major_level="区重大")
    supply_pool(archive, Supply("武进区", "30亩", 2025), by("resources"))

    asked = [LandNeed(code, "30亩", 2025) for code in codes.values()]
    with ThreadPoolExecutor(2) as desks:
        given = list(desks.map(lambda need: allocate_land(archive, need, by("resources")), asked))

    assert sorted(one.district_m2 for one in given) == [0, 30 * MU]
    assert pool_left(pools(archive), year=2025, pool="320412") == 0


def test_a_pool_entry_of_nothing_is_refused() -> None:
    entry = PoolEntry("1", "", 2025, PoolKind.SUPPLIED, "320412", Fraction(0))

    assert [issue.code for issue in check_pool(entry, ())] == ["QUOTA_BALANCE"]


# environment capacity


def test_capacity_is_given_while_there_is_some_and_given_back(archive: Archive) -> None:
    codes = filled(archive, "P01", "P08")
    environment(archive, "总量", "10")
    environment(archive, "申请", "8吨/年", codes["P01"])
    environment(archive, "分配", "8", codes["P01"], doc_no="常环〔2025〕1号")

    with pytest.raises(Conflict) as short:
        environment(archive, "ALLOCATED", "2.5", codes["P08"])
    environment(archive, "释放", "1", codes["P01"])
    environment(archive, "分配", "2.5", codes["P08"])
    with pytest.raises(Conflict) as not_held:
        environment(archive, "释放", "3", codes["P08"])

    assert [told(one.value) for one in (short, not_held)] == [{"ENV_BALANCE"}] * 2
    row = environment_rows(archive, LIBRARY)[0]
    assert [row[key] for key in ("pollutant", "total", "requested", "allocated", "released", "left")] == [
        "化学需氧量", "10吨/年", "8吨/年", "10.5吨/年", "1吨/年", "0.5吨/年",
    ]  # fmt: skip


def test_the_total_of_the_city_can_be_undone_while_it_is_not_given(archive: Archive) -> None:
    total = environment(archive, "总量", "10")

    environment(archive, "冲销", "10", reverses=total)

    assert environment_rows(archive, LIBRARY)[0]["left"] == "0吨/年"


@pytest.mark.parametrize(
    ("pollutant", "kind", "amount", "on_project", "code"),
    [
        ("水", "总量", "10", False, "ENV_POLLUTANT"),
        ("氨氮", "转让", "10", False, "QUOTA_KIND"),
        ("氨氮", "分配", "10", False, "ENV_PROJECT"),
        ("氨氮", "总量", "10", True, "ENV_PROJECT"),
        ("氨氮", "总量", "10吨", False, "UNIT_UNKNOWN"),
        ("氨氮", "总量", "0", False, "ENV_BALANCE"),
    ],
)
def test_a_wrong_word_or_amount_of_capacity_is_refused(
    archive: Archive, pollutant: str, kind: str, amount: str, on_project: bool, code: str
) -> None:
    project = filled(archive, "P01")["P01"] if on_project else None

    with pytest.raises(PolicyMatchError) as refused:
        enter_environment_quota(archive, EnvironmentStep(pollutant, kind, amount, project), by("ecology"))

    assert told(refused.value) == {code}
