"""Months: S-26 and S-30 of the domain specification, closing by who may, the check before it, templates that come back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from f import write_xlsx

from policy_match.dispatch.report import Dispatch
from policy_match.dispatch.wording import value_text
from policy_match.errors import Conflict, FactError, Forbidden, UsageError
from policy_match.store import months
from policy_match.workflows.close_month import close_month
from policy_match.workflows.correct_event import Correction, correct_event
from policy_match.workflows.dispatch_plain import dispatch_plain
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.import_register import import_register
from policy_match.workflows.issue_template import issue_templates
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.report_month import FORMS, check_month, read_month, report_month

NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)
APRIL = datetime(2025, 4, 2, 2, tzinfo=UTC)
MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03")


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    """Fixture F, taken in from its workbook on 2025-03-31."""
    taken = import_register(
        archive,
        "real",
        "DISTRICT",
        write_xlsx(tmp_path / "f.xlsx"),
        by="importer",
        now=NOW,
        strict=True,
        may_shrink=False,
    )
    assert (taken.new, taken.refusals) == (12, ())
    return archive


def code_of(archive: Archive, project: str) -> str:
    with archive.database.reading() as session:
        rows = list_standings(session, archive, "real", View(date(2025, 3, 31)))
    return next(row.code for row in rows if row.name.endswith(project))


def counts(dispatch: Dispatch, table: str) -> dict[str, tuple[int, int | None]]:
    return {group.id: (len(group.projects), group.fen) for group in dispatch.breakdown(table).groups}


def yi(amount: float) -> int:
    return round(amount * 10_000) * 10**6


def test_s26_the_monthly_dispatch_counts_the_projects_of_march(filled: Archive) -> None:
    dispatch = read_month(filled, "real", "2025-03", NOW)

    assert counts(dispatch, "tiers") == {
        "T0": (1, yi(0.98)), "T1": (6, yi(19.6999)), "T10": (2, yi(22)), "T30": (1, yi(30)), "T50": (1, yi(52)),
        "T100": (1, yi(105)),
    }  # fmt: skip
    onward = {name: count for name, (count, _) in counts(dispatch, "tiers_onward").items()}
    assert (onward["T1"], onward["T10"], onward["T30"], onward["T50"], onward["T100"]) == (11, 5, 3, 2, 1)
    points = {name: count for name, (count, _) in counts(dispatch, "points").items()}
    assert [points[name] for name in ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING")] == [2, 3, 4, 1, 2]
    leads = {name: count for name, (count, _) in counts(dispatch, "leads").items()}
    assert (leads["commerce"], leads["development"], leads["industry"]) == (2, 7, 3)
    units = {row.group.id: len(row.group.projects) for row in dispatch.units}
    assert [units[code] for code in ("320412", "320411", "320402", "320413", "320481", "320404", "JK")] == [
        2, 2, 2, 2, 2, 1, 1,
    ]  # fmt: skip
    assert units["320400"] == 0
    kinds = {group.name: len(group.projects) for group in dispatch.breakdown("kinds").groups}
    assert (kinds["技改"], kinds["新招引"]) == (3, 9)
    assert dispatch_plain(dispatch)["count"] == 12


def test_s30_a_closed_month_never_changes_and_what_is_found_later_is_a_restatement(filled: Archive) -> None:
    for month in MONTHS:
        close_month(filled, "real", month, by="development", now=APRIL)
    before = {month: read_month(filled, "real", month, APRIL).content_hash for month in MONTHS}
    later = datetime(2025, 4, 20, 2, tzinfo=UTC)
    p08 = code_of(filled, "P08")

    correction = Correction(p08, "开工", date(2025, 1, 8), "施工日志所载为1月8日")
    recorded = correct_event(filled, "real", correction, by="development", second="development-2", now=later)
    april = read_month(filled, "real", "2025-04", datetime(2025, 5, 2, tzinfo=UTC))

    assert [note.code for note in recorded.notes] == ["LC_CLOSED_MONTH"]
    assert {month: read_month(filled, "real", month, later).content_hash for month in MONTHS} == before
    started = {
        one.month: (one.difference, one.projects, one.causes)
        for one in april.snapshot.restatements
        if one.figure == "本月新开工项目"
    }
    assert started == {
        "2024-12": ("-1", (p08,), (recorded.events[0].id,)),
        "2025-01": ("+1", (p08,), (recorded.events[0].id,)),
    }


def test_a_month_is_closed_by_the_overall_lead_once_in_order_and_when_it_is_over(filled: Archive) -> None:
    with pytest.raises(UsageError, match="还没有结束"):
        close_month(filled, "real", "2025-03", by="development", now=NOW)
    with pytest.raises(Forbidden, match="市发改委"):
        close_month(filled, "real", "2025-03", by="commerce", now=APRIL)
    closed = close_month(filled, "real", "2025-03", by="development", now=APRIL)
    with pytest.raises(Conflict, match="已封存"):
        close_month(filled, "real", "2025-03", by="development", now=APRIL)
    with pytest.raises(Conflict, match="已先封存"):
        close_month(filled, "real", "2025-02", by="development", now=APRIL)
    with pytest.raises(FactError, match="不是月份"):
        close_month(filled, "real", "2025-3", by="development", now=APRIL)

    with filled.database.reading() as session:
        assert months.closed_months(session, "real") == ("2025-03",)
    assert closed.rows == 12


def test_the_demonstration_library_closes_its_own_months(filled: Archive) -> None:
    close_month(filled, "real", "2025-03", by="development", now=APRIL)

    assert close_month(filled, "demo", "2025-03", by="development", now=APRIL).rows == 0


def test_the_check_names_who_has_not_sent_and_what_fell(filled: Archive) -> None:
    p01, by = code_of(filled, "P01"), "district-320412"
    tell_facts(filled, "real", p01, Told({"本月完成投资": "3000万元", "本年累计完成投资": "9000万元"}), by, NOW)
    close_month(filled, "real", "2025-03", by="development", now=APRIL)
    tell_facts(filled, "real", p01, Told({"本年累计完成投资": "8000万元"}), by, datetime(2025, 4, 28, 2, tzinfo=UTC))

    march = check_month(filled, "real", "2025-03", APRIL)
    april = check_month(filled, "real", "2025-04", datetime(2025, 5, 2, 2, tzinfo=UTC))

    p08 = code_of(filled, "P08")
    assert any(p08 in line and line.startswith("未报送") for line in march)
    assert not any(p01 in line and "本月完成投资未报" in line for line in march)
    assert any(p01 in line and line.startswith("累计下降") for line in april)


def test_every_format_of_a_closed_month_is_the_same_bytes_each_time(filled: Archive, tmp_path: Path) -> None:
    close_month(filled, "real", "2025-03", by="development", now=APRIL)

    for form in FORMS:
        made = []
        for hour in (3, 9):
            place = tmp_path / f"{hour}.{'txt' if form == 'table' else form}"
            now = datetime(2025, 4, 2, hour, tzinfo=UTC)
            report_month(filled, "real", "2025-03", form=form, out=place, now=now)
            made.append(place.read_bytes())
        assert made[0] == made[1], form
        assert len(made[0]) > 500


def test_a_template_holds_the_projects_of_its_district_and_comes_back_unchanged(
    filled: Archive, tmp_path: Path
) -> None:
    issued = issue_templates(filled, "real", "2025-04", tmp_path, district=None, now=APRIL)

    assert {one.district: one.projects for one in issued} == {
        "天宁区": 2, "钟楼区": 1, "新北区": 2, "武进区": 2, "常州经开区": 1, "金坛区": 2, "溧阳市": 2,
    }  # fmt: skip
    for one in issued:
        taken = import_register(
            filled, "real", "DISTRICT", one.path, by="importer", now=APRIL, strict=True, may_shrink=False
        )
        assert (taken.new, taken.changed, taken.same) == (0, 0, one.projects)
    with pytest.raises(UsageError, match="没有这个文件夹"):
        issue_templates(filled, "real", "2025-04", tmp_path / "nowhere", district=None, now=APRIL)
    with pytest.raises(UsageError, match="2025-05 还没有开始"):
        issue_templates(filled, "real", "2025-05", tmp_path, district=None, now=APRIL)


def test_the_screen_tells_with_each_figure_what_it_is_of_and_what_is_unknown(filled: Archive, tmp_path: Path) -> None:
    p12 = code_of(filled, "P12")
    tell_facts(filled, "real", p12, Told({"总投资": "1234.5678亿元"}), "development", NOW)

    report_month(filled, "real", "2025-03", form="table", out=tmp_path / "m.txt", now=NOW)

    dispatch = read_month(filled, "real", "2025-03", NOW)
    text = (tmp_path / "m.txt").read_text("utf-8")
    rate = next(one for block in dispatch.blocks for one in block.figures if one.id == "landing_rate")
    assert rate.denominator
    assert f"落地率：{value_text(rate.value, rate.unit)}（{rate.numerator}/{rate.denominator}" in text
    unknown = next(one for block in dispatch.blocks for one in block.figures if one.id == "month_investment")
    assert unknown.value is None
    assert f"本月完成投资：尚无数据（{len(unknown.lacking)}个项目数据未知）" in text
    assert "100亿元以上：2 个，1339.5678亿元" in text
