"""Tiers at their edges, and the two yearly targets with the projects that do not count."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lives import day

from policy_match.errors import FactError
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.targets import Candidate, land_start, land_target, service_target
from policy_match.lifecycle.tiers import band_names, basis_fen, converted_fen, is_usd100m, tier_of, tier_within
from policy_match.lifecycle.words import MilestoneStatus
from policy_match.units import Band, parse_money
from policy_match.working_days import WorkingDays

YI = 10**10


@pytest.mark.parametrize(
    ("amount", "tier"),
    [
        ("0.9999亿元", "T0"), ("1亿元", "T1"), ("9.9999亿元", "T1"), ("99999万元", "T1"), ("10亿元", "T10"), ("29.9999亿元", "T10"),
        ("30亿元", "T30"), ("49.9999亿元", "T30"), ("50亿元", "T50"), ("99.9999亿元", "T50"), ("100亿元", "T100"), ("105亿元", "T100"),
    ],
)  # fmt: skip
def test_the_lower_bound_of_a_tier_is_in_it(amount: str, tier: str, table: LifecycleTable) -> None:
    found = tier_of(parse_money(amount), table)

    assert found is not None and found.id == tier


def test_one_fen_below_a_bound_is_below_it(table: LifecycleTable) -> None:
    for lower, upper in zip(table.tiers, table.tiers[1:], strict=False):
        below, at = tier_of(upper.floor_fen - 1, table), tier_of(upper.floor_fen, table)
        assert (below, at) == (lower, upper)


def test_the_filed_amount_decides_and_an_unknown_one_has_no_tier(table: LifecycleTable) -> None:
    filed, agreed = parse_money("9800万元"), parse_money("1.05亿元")

    assert [basis_fen(filed, agreed), basis_fen(None, agreed), basis_fen(None, None)] == [filed, agreed, None]
    assert tier_of(None, table) is None
    assert tier_of(basis_fen(filed, agreed), table) == table.tiers[0]


def test_dollars_are_listed_beside_their_tier(table: LifecycleTable) -> None:
    cents = 100_000_000 * 100

    fen = converted_fen(cents, Fraction("7.10"))

    assert fen == parse_money("7.1亿元")
    assert (tier_of(fen, table), is_usd100m("USD", cents, table)) == (table.tiers[1], True)
    assert [is_usd100m("USD", cents - 1, table), is_usd100m("CNY", cents, table), is_usd100m("USD", None, table)] == [
        False,
        False,
        None,
    ]
    assert converted_fen(1, Fraction("7.19")) == 7


@pytest.mark.parametrize(
    ("low", "high", "tier"),
    [
        ("12亿元", "29亿元", "T10"), ("9亿元", "11亿元", None), ("10亿元", None, None), ("100亿元", None, "T100"),
        (None, "5000万元", None), ("1亿元", "1亿元", "T1"), ("29亿元", "30亿元", None),
    ],
)  # fmt: skip
def test_a_band_is_in_a_tier_only_if_every_possible_value_is(
    low: str | None, high: str | None, tier: str | None, table: LifecycleTable
) -> None:
    band = Band(None if low is None else parse_money(low), None if high is None else parse_money(high))

    found = tier_within(band, table)

    assert (None if found is None else found.id) == tier
    assert tier_within(None, table) is None


def test_the_band_of_a_tier_is_called_by_its_two_ends(table: LifecycleTable) -> None:
    assert list(band_names(table).values()) == [
        "1亿元以下", "1亿—10亿元", "10亿—30亿元", "30亿—50亿元", "50亿—100亿元", "100亿元以上",
    ]  # fmt: skip


# targets


def steps(*pairs: tuple[str, str], evidence: tuple[str, ...] = ()) -> tuple[Milestone, ...]:
    return tuple(Milestone(kind, MilestoneStatus.DONE, actual_on=day(on), evidence=evidence) for kind, on in pairs)


A = Candidate(
    "A",
    "市重大",
    steps(("land_contract", "2025-03-10"), ("construction_permit", "2025-03-20"), ("phase_permit", "2025-03-11")),
)
B = Candidate("B", "市重大", steps(("land_contract", "2025-02-01"), ("construction_permit", "2025-03-18")))
C = Candidate("C", "省重大", steps(("land_contract", "2025-01-20"), ("construction_permit", "2025-02-19")))
D = Candidate("D", "无", steps(("land_contract", "2025-03-01"), ("construction_permit", "2025-03-02")))


def test_starting_on_land_handover_counts_major_projects_within_30_days_once(
    table: LifecycleTable, calendar: WorkingDays
) -> None:
    target = land_target([A, B, C, D, A], table, day("2025-03-31"), calendar)

    assert (target.done, target.goal, target.pace) == (2, 30, Fraction("7.5"))
    assert [(row.project, row.counts) for row in target.rows] == [("A", True), ("B", False), ("C", True), ("D", False)]
    assert [row.why for row in target.rows] == [
        "1天（2025-03-10 至 2025-03-11），当日",
        "45天（2025-02-01 至 2025-03-18），超过30天",
        "30天（2025-01-20 至 2025-02-19），30天内",
        "不是重大项目",
    ]


def test_what_is_not_known_or_not_of_this_year_does_not_count(table: LifecycleTable, calendar: WorkingDays) -> None:
    unknown = Candidate("U", None, A.milestones)
    last_year = Candidate("L", "市重大", steps(("land_contract", "2024-12-20"), ("construction_permit", "2024-12-31")))
    ahead = Candidate("F", "市重大", steps(("land_contract", "2025-03-30"), ("construction_permit", "2025-04-01")))
    half = Candidate("H", "市重大", steps(("construction_permit", "2025-03-01")))

    target = land_target([unknown, last_year, ahead, half], table, day("2025-03-31"), calendar)

    assert [(row.project, row.counts, row.why) for row in target.rows] == [("U", False, "重大项目级别待核实")]


def test_a_permit_before_the_land_counts_as_no_days_and_only_with_evidence(
    table: LifecycleTable, calendar: WorkingDays
) -> None:
    pairs = (("land_contract", "2025-03-10"), ("phase_permit", "2025-03-05"))
    shown = Candidate("X", "省重大", steps(*pairs, evidence=("流转单",)))
    bare = Candidate("Y", "省重大", steps(*pairs))

    target = land_target([shown, bare], table, day("2025-03-31"), calendar)

    found = land_start(shown.milestones, table, calendar)
    assert found is not None and (found.days, found.before_land, found.band) == (0, True, "当日")
    assert [row.counts for row in target.rows] == [True, False]


def test_the_land_deal_stands_for_a_contract_that_is_missing_and_is_told(
    table: LifecycleTable, calendar: WorkingDays
) -> None:
    deal = (("land_deal", "2025-03-01"), ("construction_permit", "2025-03-07"))
    fallback, contract = steps(*deal), steps(*deal, ("land_contract", "2025-03-06"))

    by_deal, by_contract = land_start(fallback, table, calendar), land_start(contract, table, calendar)

    assert by_deal is not None and (by_deal.days, by_deal.fallback, by_deal.band) == (6, True, "5个工作日内")
    assert by_contract is not None and (by_contract.days, by_contract.fallback) == (1, False)
    (row,) = land_target([Candidate("E", "市重大", fallback)], table, day("2025-03-31"), calendar).rows
    assert "以土地成交日计" in row.why


def test_a_band_of_working_days_in_an_unpublished_year_is_refused(table: LifecycleTable, calendar: WorkingDays) -> None:
    with pytest.raises(FactError, match="2027"):
        land_start(steps(("land_contract", "2026-12-30"), ("construction_permit", "2027-01-20")), table, calendar)


def _completed(project: str, service: str | None, applied: str | None, level: str = "市重大") -> Candidate:
    found = [] if service is None else list(steps(("early_service", service)))
    applied_on = None if applied is None else day(applied)
    found.append(
        Milestone("joint_acceptance", MilestoneStatus.DONE, applied_on=applied_on, actual_on=day("2025-03-20"))
    )
    return Candidate(project, level, tuple(found), day("2025-03-21"))


def test_service_before_acceptance_counts_served_projects_and_not_acceptances(table: LifecycleTable) -> None:
    three = [
        _completed("K", "2025-02-01", "2025-03-01"),
        _completed("M", "2025-02-20", "2025-03-02"),
        _completed("N", None, "2025-03-03"),
    ]

    target = service_target(three, table, day("2025-03-31"))

    assert (target.done, target.goal, target.pace) == (2, 50, Fraction("12.5"))
    assert target.rows[2].why == "没有提前服务记录"


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (_completed("K", "2025-02-28", "2025-03-01"), True),
        (_completed("K", "2025-03-01", "2025-03-01"), False),
        (_completed("K", "2025-03-19", None), True),
        (_completed("K", "2025-02-01", "2025-03-01", "无"), False),
        (Candidate("K", "市重大", steps(("early_service", "2025-02-01")), day("2025-03-21")), False),
    ],
)
def test_a_service_on_the_day_of_the_application_is_too_late(
    one: Candidate, counts: bool, table: LifecycleTable
) -> None:
    (row,) = service_target([one], table, day("2025-03-31")).rows

    assert row.counts is counts and row.why


def test_the_first_of_several_services_counts(table: LifecycleTable) -> None:
    one = _completed("K", "2025-02-01", "2025-03-01")
    twice = Candidate("K", "市重大", (*one.milestones, *steps(("early_service", "2025-03-05"))), one.completed_on)

    (row,) = service_target([twice], table, day("2025-03-31")).rows

    assert (row.counts, row.why) == (True, "首次服务 2025-02-01，验收申请 2025-03-01")


def test_only_projects_completed_in_the_year_up_to_the_day_are_asked(table: LifecycleTable) -> None:
    one = _completed("K", "2025-02-01", "2025-03-01")

    assert service_target([one], table, day("2025-03-20")).rows == ()
    assert service_target([one], table, day("2026-01-31")).rows == ()


@given(days=st.integers(-40, 80))
def test_days_up_to_30_count(days: int, table: LifecycleTable, calendar: WorkingDays) -> None:
    land = day("2025-06-01")
    permit = Milestone(
        "construction_permit", MilestoneStatus.DONE, actual_on=land + timedelta(days=days), evidence=("单",)
    )
    one = Candidate("Z", "区重大", (Milestone("land_contract", actual_on=land), permit))

    target = land_target([one], table, day("2025-12-31"), calendar)

    assert target.done == (days <= 30)
