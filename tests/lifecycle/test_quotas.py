"""The two quota ledgers: only ever added to, never below nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.lifecycle.quota import (
    EnvironmentEntry,
    EnvironmentKind,
    LandEntry,
    LandKind,
    check_environment,
    check_land,
    environment_balance,
    land_balance,
)
from policy_match.lifecycle.table import LifecycleTable
from policy_match.units import parse_area


def land(kind: str, area: str, *, id: str | None = None, doc: str = "", reverses: str | None = None) -> LandEntry:
    return LandEntry(id or f"{kind}-{area}-{doc}", "P", 2025, LandKind(kind), Fraction(parse_area(area)), doc, reverses)


FULL = (
    land("IDENTIFIED", "60亩"),
    land("ASSURED", "60亩"),
    land("APPROVED", "40000㎡", doc="苏地〔2025〕1号"),
    land("WRITTEN_OFF", "60亩"),
)


def told(
    entry: LandEntry, before: tuple[LandEntry, ...], table: LifecycleTable, level: str | None = "省重大"
) -> list[str]:
    return [issue.code for issue in check_land(entry, before, level, table)]


def test_sixty_mu_are_forty_thousand_square_metres_and_leave_nothing(table: LifecycleTable) -> None:
    for place, entry in enumerate(FULL):
        assert told(entry, FULL[:place], table) == []

    assert land_balance(FULL, year=2025, project="P") == land_balance(FULL, year=2025) == 0
    assert land_balance(FULL[:3], year=2025) == parse_area("60亩")
    assert land_balance(FULL, year=2024) == 0


def test_one_mu_more_is_refused(table: LifecycleTable) -> None:
    (issue,) = check_land(land("WRITTEN_OFF", "1亩"), FULL, "省重大", table)

    assert issue.code == "QUOTA_BALANCE"
    assert issue.what == "核销面积超出批准面积 1亩"


@pytest.mark.parametrize("level", ["市重大", "区重大", "无", None])
def test_only_province_level_projects_have_this_ledger(level: str | None, table: LifecycleTable) -> None:
    assert told(FULL[0], (), table, level) == ["QUOTA_SCOPE"]


@pytest.mark.parametrize(
    ("area", "codes"), [("60.01亩", []), ("60.011亩", ["QUOTA_BALANCE"]), ("0亩", ["QUOTA_BALANCE"])]
)
def test_the_tolerance_is_for_the_change_of_unit_alone(area: str, codes: list[str], table: LifecycleTable) -> None:
    assert told(land("APPROVED", area, doc="1"), FULL[:2], table) == codes


def test_a_step_needs_the_one_before_it(table: LifecycleTable) -> None:
    assert told(FULL[1], (), table) == ["QUOTA_BALANCE"]
    assert told(FULL[3], FULL[:2], table) == ["QUOTA_BALANCE"]


def test_an_approval_number_is_used_once_and_again_after_it_was_undone(table: LifecycleTable) -> None:
    half = land("APPROVED", "20000㎡", id="a1", doc="1号")
    other = land("APPROVED", "10000㎡", id="a2", doc="1号")
    undo = land("REVERSED", "20000㎡", id="r1", reverses="a1")

    assert told(other, (*FULL[:2], half), table) == ["QUOTA_DOC_USED"]
    assert told(undo, (*FULL[:2], half), table) == []
    assert told(other, (*FULL[:2], half, undo), table) == []


def test_what_others_stand_on_cannot_be_undone_nor_anything_twice(table: LifecycleTable) -> None:
    undo = land("REVERSED", "60亩", id="r1", reverses=FULL[1].id)
    last = land("REVERSED", "60亩", id="r2", reverses=FULL[3].id)

    assert told(undo, FULL, table) == ["QUOTA_BALANCE"]
    assert told(last, FULL, table) == []
    assert told(land("REVERSED", "60亩", id="r3", reverses=FULL[3].id), (*FULL, last), table) == ["QUOTA_BALANCE"]


def test_an_entry_is_undone_for_its_own_project_and_whole_area(table: LifecycleTable) -> None:
    last = FULL[3]
    undo = LandEntry("r", last.project, last.year, LandKind.REVERSED, last.area_m2, reverses=last.id)

    assert told(undo, FULL, table) == []
    for wrong in (replace(undo, project="Q"), replace(undo, year=2024), replace(undo, area_m2=last.area_m2 - 1)):
        assert "QUOTA_BALANCE" in told(wrong, FULL, table)


def test_the_land_ledger_knows_no_money_notice_or_consent() -> None:
    assert {field.name for field in fields(LandEntry)} == {
        "id",
        "project",
        "year",
        "kind",
        "area_m2",
        "doc_no",
        "reverses",
    }


@given(
    wanted=st.lists(
        st.tuples(st.sampled_from(list(LandKind)), st.integers(1, 50), st.integers(0, 30), st.sampled_from(["P", "Q"])),
        max_size=30,
    )
)
def test_what_is_accepted_never_takes_more_than_was_assured(
    wanted: list[tuple[LandKind, int, int, str]], table: LifecycleTable
) -> None:
    entries: list[LandEntry] = []
    for place, (kind, area, back, project) in enumerate(wanted):
        entry = LandEntry(str(place), project, 2025, kind, Fraction(area), str(place))
        if kind is LandKind.REVERSED and entries:
            undone = entries[back % len(entries)]
            entry = replace(entry, reverses=undone.id, project=undone.project, area_m2=undone.area_m2)
        if not check_land(entry, entries, "省重大", table):
            entries.append(entry)

    # Each of the two steps from assured to written off may take the tolerance.
    for project in ("P", "Q"):
        assert land_balance(entries, year=2025, project=project) >= -2 * table.land_quota.tolerance_m2


# environment


def env(
    kind: str, amount: str, *, project: str = "P", id: str | None = None, reverses: str | None = None
) -> EnvironmentEntry:
    place = "" if kind == "TOTAL" else project
    key = id or f"{kind}-{amount}-{place}"
    return EnvironmentEntry(key, "氮氧化物", EnvironmentKind(kind), Fraction(amount), place, reverses=reverses)


def test_more_than_is_left_of_a_pollutant_is_refused() -> None:
    total, given_ = env("TOTAL", "10.5"), env("ALLOCATED", "10.4")

    assert check_environment(given_, [total]) == ()
    (issue,) = check_environment(env("ALLOCATED", "0.11", project="Q"), [total, given_])
    assert (issue.code, issue.what, issue.allowed) == (
        "ENV_BALANCE",
        "氮氧化物指标不足，缺 0.01吨/年",
        "不超过 0.1吨/年",
    )
    assert check_environment(env("ALLOCATED", "0.1", project="Q"), [total, given_]) == ()
    assert environment_balance([total, given_], "氮氧化物") == Fraction("0.1")
    assert environment_balance([total, given_], "化学需氧量") == 0


def test_asking_takes_nothing_and_giving_back_no_more_than_was_held() -> None:
    before = [env("TOTAL", "5"), env("ALLOCATED", "3")]

    assert check_environment(env("REQUESTED", "100"), before) == ()
    assert check_environment(env("RELEASED", "3"), before) == ()
    assert [issue.code for issue in check_environment(env("RELEASED", "3.1"), before)] == ["ENV_BALANCE"]
    assert [issue.code for issue in check_environment(env("RELEASED", "1", project="Q"), before)] == ["ENV_BALANCE"]
    assert [issue.code for issue in check_environment(env("ALLOCATED", "0"), before)] == ["ENV_BALANCE"]


def test_a_total_that_is_given_out_cannot_be_undone() -> None:
    total, given_ = env("TOTAL", "5", id="t"), env("ALLOCATED", "3", id="g")

    assert [i.code for i in check_environment(env("REVERSED", "5", id="r", reverses="t"), [total, given_])] == [
        "ENV_BALANCE"
    ]
    undo = env("REVERSED", "3", id="r", reverses="g")
    assert check_environment(undo, [total, given_]) == ()
    assert environment_balance([total, given_, undo], "氮氧化物") == 5
    assert [i.code for i in check_environment(env("REVERSED", "3", id="s", reverses="g"), [total, given_, undo])] == [
        "ENV_BALANCE"
    ]
