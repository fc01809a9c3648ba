"""The scenarios of the library and its lifecycle: tiers, the path of 技改, the first interval, acceptance, two axes of time."""

from __future__ import annotations

import pytest
from rows import (
    E2,
    E4,
    LIBRARY,
    NOW,
    advance,
    asked,
    at,
    audited,
    day,
    pause,
    point,
    read,
    row,
    taken,
    told,
)
from sqlalchemy import text

from policy_match.errors import Conflict, Forbidden, UsageError
from policy_match.lifecycle.watch import growth_entry
from policy_match.store import audit
from policy_match.store.tables import Actor
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.join_projects import merge_projects
from policy_match.workflows.list_standings import list_standings, standing_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.verify_audit import verify_audit

P, P24 = "CZ-2025-00001", "CZ-2024-00001"


def facts(kind: str = "新招引", district: str = "320411", **more: str) -> dict[str, str]:
    return {"project_kind": kind, "district": district, **more}


@pytest.mark.parametrize(("written", "tier"), [("99999万元", "T1"), ("100000万元", "T10"), ("9999万元", "T0")])
def test_s03_the_floor_of_a_tier_belongs_to_it_and_one_yuan_less_does_not(
    archive: Archive, written: str, tier: str
) -> None:
    taken(archive, row(archive, facts=facts(total_investment=written)))

    assert standing_of(read(archive, P), archive.table, day("2025-03-31")).tier == tier


@pytest.mark.parametrize(("rate", "tier", "fen"), [("7.10", "T1", 71 * 10**9), (None, None, None)])
def test_s03_dollars_have_a_tier_by_their_rate_and_the_line_of_dollars_without_one(
    archive: Archive, rate: str | None, tier: str | None, fen: int | None
) -> None:
    dollars = facts(foreign_currency="美元", foreign_investment="10000")
    told_rate = {} if rate is None else {"exchange_rate": rate, "exchange_rate_on": "2025-03-03"}
    taken(archive, row(archive, facts=dollars | told_rate))

    standing = standing_of(read(archive, P), archive.table, day("2025-03-31"))

    assert (standing.tier, standing.investment_fen, standing.usd_line) == (tier, fen, True)


def test_s04_a_project_filed_below_1_yi_stays_is_flagged_and_has_30_days(archive: Archive) -> None:
    agreed = facts(district="320413", agreed_investment="1.05亿元")
    taken(archive, row(archive, uscc=E4, facts=agreed, points=[point("SIGNED", "2024-10-08")]))

    advance(archive, P, "APPROVED", "2024-12-16", "development", facts={"total_investment": "9800万元"})

    record = read(archive, P)
    standing = standing_of(record, archive.table, day("2025-03-31"))
    assert (standing.point, standing.tier, standing.is_active) == ("APPROVED", "T0", True)
    (light,) = [light for light in record.lights if light.id == "threshold"]
    assert light.since == day("2025-03-31")
    later = standing_of(read(archive, P, "2025-04-30"), archive.table, day("2025-04-30"))
    (red,) = [light for light in later.lights if light.id == "threshold"]
    assert red.colour == "red"
    with archive.database.reading() as session:
        rows = list_standings(session, archive, LIBRARY, View(day("2025-03-31")))
    assert [one.stage for one in rows] == ["BUILD"]


def test_s05_an_upgrade_of_equipment_enters_at_approval_and_starts_without_a_construction_permit(
    archive: Archive,
) -> None:
    upgrade = facts("技改", upgrade_works="否", total_investment="2.2亿元")
    taken(archive, row(archive, uscc=E2, code="2411-320411-89-02-100095", facts=upgrade))

    advance(archive, P, "APPROVED", "2024-11-11", "industry")
    with pytest.raises(UsageError) as refused:
        advance(archive, P, "STARTED", "2025-01-15", "development", shown="设备购置合同")
    advance(archive, P, "STARTED", "2025-01-15", "development", shown="设备购置合同 现场照片 付款凭证")

    (issue,) = refused.value.issues
    assert (issue.code, issue.what) == ("LC_EVIDENCE", "缺少佐证：到货佐证、付款凭证")
    assert read(archive, P).state.point == "STARTED"


def test_s05_a_new_project_approved_without_signing_needs_a_reason(archive: Archive) -> None:
    taken(archive, row(archive))

    with pytest.raises(UsageError) as refused:
        advance(archive, P, "APPROVED", "2024-11-11", "development")
    assert told(refused.value) == {"LC_REASON"}
    advance(archive, P, "APPROVED", "2024-11-11", "development", cause="无签约环节")

    assert read(archive, P).state.point == "APPROVED"


def test_s06_the_first_interval_is_led_by_commerce_and_neither_role_nor_order_is_passed_over(
    archive: Archive,
) -> None:
    taken(archive, row(archive, uscc=E2, code=None, facts=facts(), points=[point("SIGNED", "2024-12-20")]))
    record = read(archive, P, "2024-12-20")

    with pytest.raises(Forbidden) as role:
        advance(archive, P, "APPROVED", "2025-03-01", "industry")
    with pytest.raises(Conflict) as skipped:
        advance(archive, P, "COMPLETED", "2025-03-01", "commerce")

    assert (record.state.lead, record.state.stage) == ("commerce", "ATTRACT")
    assert (told(role.value), told(skipped.value)) == ({"LC_ROLE"}, {"LC_SKIP"})
    assert "市商务局" in role.value.issues[0].what
    assert [line.result for line in audited(archive, "event.refused")] == ["forbidden"]


def test_s08_an_acceptance_told_twice_completes_once_and_opens_the_growth_library_once(archive: Archive) -> None:
    before = [
        point(name, on)
        for name, on in (("SIGNED", "2023-06-01"), ("APPROVED", "2023-09-12"), ("STARTED", "2023-12-18"))
    ]
    code = "2309-320413-89-01-100045"
    taken(archive, row(archive, uscc=E4, code=code, points=before, facts=facts(district="320413")))
    acceptance = row(
        archive, None, uscc=None, firm=None, code=code, facts={}, points=[point("COMPLETED", "2025-03-12")]
    )

    first = taken(archive, acceptance, source="GG")
    again = [taken(archive, acceptance, source="GG"), taken(archive, acceptance, source="GG", when=at("2025-04-02"))]

    assert (first.new, first.changed, first.asked) == (0, 1, ())
    assert [(one.changed, one.same) for one in again] == [(0, 1), (0, 1)]
    record = read(archive, P)
    assert (record.state.point, record.state.lead) == ("COMPLETED", "industry")
    assert [event.point for event in record.log].count("COMPLETED") == 1
    entry = growth_entry(record.state, archive.table)
    assert entry is not None and entry.entered_on == day("2025-03-12")
    assert len(audited(archive, "event.point")) == 1


def test_s36_what_was_recorded_late_is_not_known_before(archive: Archive) -> None:
    begun = [point("SIGNED", "2024-03-28"), point("APPROVED", "2024-06-20")]
    taken(archive, row(archive, points=begun), when=at("2024-10-25"))
    advance(archive, P24, "STARTED", "2024-10-30", "development", now=at("2024-11-06"))

    points = [
        read(archive, P24, "2024-10-31", known_at=at(known)).state.point for known in ("2024-11-01", "2024-11-07")
    ]

    assert points == ["APPROVED", "STARTED"]
    assert read(archive, P24, "2024-10-29").state.point == "APPROVED"


def test_s42_one_byte_changed_in_the_chain_is_found_at_its_row(archive: Archive) -> None:
    with archive.database.writing() as session:
        who = session.get_one(Actor, "development")
        for number in range(1_000):
            audit.record(session, who, "trial", object_kind="batch", object_id=str(number), at=NOW)
    assert "1000 行" in verify_audit(archive, None)
    with archive.database.writing() as session:
        session.execute(text("UPDATE audit SET object_id = '49A' WHERE seq = 500"))

    with pytest.raises(UsageError) as broken:
        verify_audit(archive, None)

    assert (broken.value.issues[0].code, broken.value.issues[0].where) == ("AUDIT_BROKEN", "第 500 行")


def test_a_project_is_read_on_each_side_of_a_handover(archive: Archive) -> None:
    taken(archive, row(archive, points=[point("SIGNED", "2024-11-18")]), when=at("2025-01-02"))
    advance(archive, P, "APPROVED", "2025-01-22", "development", now=at("2025-01-24"))

    leads = [read(archive, P, on).state.lead for on in ("2025-01-21", "2025-01-22")]

    assert leads == ["commerce", "development"]
    assert asked(archive) == []


def test_s03_an_amount_in_dollars_has_a_tier_by_its_rate_and_reaches_the_dollar_line(archive: Archive) -> None:
    told_first = {"foreign_currency": "美元", "foreign_investment": "10000", "exchange_rate": "7.10"}
    first = taken(archive, row(archive, facts=told_first))
    unknown = standing_of(read(archive, P), archive.table, day("2025-03-31"))
    taken(archive, row(archive, facts={"exchange_rate_on": "2025-03-28"}))
    known = standing_of(read(archive, P), archive.table, day("2025-03-31"))

    assert [what for what in first.asked if "折算汇率" in what]
    assert (unknown.tier, unknown.usd_line) == (None, True)
    assert (known.tier, known.investment_fen, known.usd_line) == ("T1", 71 * 10**9, True)


def test_a_signing_is_not_corrected_to_a_day_in_a_pause_and_nothing_is_recorded(archive: Archive) -> None:
    taken(archive, row(archive, points=[point("SIGNED", "2024-08-20")]))
    pause(archive, P, "commerce", on="2025-03-01")
    before = read(archive, P)

    with pytest.raises(Conflict) as refused:
        correct_event(
            archive,
            LIBRARY,
            Correction(P, "签约", day("2025-03-05"), "录错"),
            by="commerce",
            second="development",
            now=NOW,
        )

    (issue,) = refused.value.issues
    assert (issue.code, issue.what) == ("LC_SIDE", "项目处于“暂停”，不能推进阶段")
    assert read(archive, P) == before


def test_the_day_of_a_merge_is_not_corrected(archive: Archive) -> None:
    taken(archive, row(archive))
    taken(archive, row(archive, "示范储能项目", code=None, uscc=E2, firm="示范氢能有限公司"))
    merge_projects(archive, LIBRARY, "CZ-2025-00002", P, reason="同一项目", by="data", now=NOW)
    (merge,) = [one for one in read(archive, "CZ-2025-00002").log if one.kind == "MERGE"]

    with pytest.raises(Conflict) as refused:
        correct_event(
            archive,
            LIBRARY,
            Correction("CZ-2025-00002", merge.id, None, "认错"),
            by="data",
            second="development",
            now=NOW,
        )

    assert told(refused.value) == {"LC_SIDE"}
    assert "project unmerge" in refused.value.issues[0].hint
