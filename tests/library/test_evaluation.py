"""The yearly evaluation on both databases: S-33, what feeds it, what never does, freezing and computing again."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from evaluating import INDUSTRY, LEAD, NOW, SECOND, TOLD, WAN, WORKED, by, monthly, take
from rows import E1, LIBRARY, audited, seen
from sqlalchemy import delete, update

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.exchange.reports import report_data
from policy_match.schemes.yearly import Row, Standing
from policy_match.store import facts as stored_facts
from policy_match.store import subjects
from policy_match.store.evaluation_tables import EvaluationRun
from policy_match.store.indicator_tables import IndicatorValue
from policy_match.workflows.evaluate_year import Asked, evaluate_year, freeze_year, read_run
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.override_input import NewFigure, confirm_figure, propose_figure
from policy_match.workflows.replay_evaluation import replay_run
from policy_match.workflows.report_evaluation import evaluation_report, sum_of, whole_run

ASKED = Asked(2025)


def row_of(archive: Archive, code: str, asked: Asked = ASKED) -> Row:
    """The row of a project, computed now."""
    rows = evaluate_year(archive, LIBRARY, asked, NOW).results.rows
    return next(row for row in rows if row.code == code)


def test_the_worked_check_from_facts_and_monthly_figures(archive: Archive) -> None:
    code = take(archive, ["甲"])["甲"]
    monthly(archive, {code: dict(WORKED)})

    row = row_of(archive, code)

    assert [line.value for line in row.lines] == [30, 500, 800, Fraction(9, 10), 1]
    assert sum_of(row) == "42.00+16.67+16.00+13.50+15.00 = 103.17"


def test_s33_forty_firms_with_a_tie_one_without_tax_and_a_second_version(archive: Archive, tmp_path: Path) -> None:
    names = [f"{n:02d}" for n in range(1, 41)]
    codes = take(archive, [*names, "缺税"])
    places = {name: int(name) if name != "32" else 33 for name in names}
    figures = {codes[name]: {"tax": 50 * place, "output": 72_000} for name, place in places.items()}
    monthly(archive, {**figures, codes["缺税"]: {"tax": None, "output": 72_000}})

    frozen = freeze_year(archive, ASKED, by())

    grades = {row.code: row.grade for row in frozen.results.rows}
    ranked = [codes[name] for name in sorted(names, reverse=True)]
    assert [Counter(grades[code] for code in part) for part in (ranked[:9], ranked[9:24], ranked[24:38], ranked[38:])] == [
        {"A": 9}, {"B": 15}, {"C": 14}, {"D": 2},
    ]  # fmt: skip
    (lacking,) = frozen.results.of(Standing.NOT_GRADED)
    assert (lacking.code, [lack.name for lack in lacking.lacks]) == (codes["缺税"], ["实缴税收"])
    assert "可由企业数字档案库、部门填报、区县填报、企业自报提供" in lacking.reasons[0]
    _add_second_version(archive, tmp_path)
    newer = replace(archive, rules=tmp_path)
    second = freeze_year(newer, ASKED, by())
    first = freeze_year(newer, Asked(2025, "input_output", 1), by())
    assert (second.scheme.version, first.scheme.version) == (2, 1)
    assert second.results != frozen.results
    assert first.content_hash == frozen.content_hash
    assert frozen.number is not None and replay_run(newer, LIBRARY, frozen.number).holds


def _add_second_version(archive: Archive, folder: Path) -> None:
    """The schemes of the archive and a version that weighs tax less, in a folder of its own."""
    shutil.copytree(archive.rules / "schemes", folder / "schemes")
    shutil.copy(archive.rules / "indicators.yaml", folder)
    text = (folder / "schemes" / "input_output.v1.yaml").read_text("utf-8").replace("version: 1", "version: 2")
    text = text.replace("weight: {value: 0.35,", "weight: {value: 0.25,").replace(
        "weight: {value: 0.20,", "weight: {value: 0.30,"
    )
    (folder / "schemes" / "input_output.v2.yaml").write_text(text, "utf-8")


def without(archive: Archive, code: str, month: str) -> None:
    """Take the tax of a month out."""
    with archive.database.writing() as session:
        ids = {one.code: one.id for one in subjects.every(session, LIBRARY, "project")}
        own = (IndicatorValue.subject_id == ids[code], IndicatorValue.code == "tax")
        session.execute(delete(IndicatorValue).where(*own, IndicatorValue.month == month))


def test_without_the_last_cumulative_figure_the_year_is_not_known(archive: Archive) -> None:
    codes = take(archive, ["甲", "乙"])
    monthly(archive, {code: dict(WORKED) for code in codes.values()})
    without(archive, codes["甲"], "2025-07")
    without(archive, codes["乙"], "2025-12")

    assert row_of(archive, codes["甲"]).lines[0].value == 30
    row = row_of(archive, codes["乙"])
    assert row.reasons == (
        "数据不全：缺实缴税收（缺 2025-12 的月度数；可由企业数字档案库、部门填报、区县填报、企业自报提供）",
    )


def test_a_figure_told_month_by_month_is_added_and_a_missing_month_is_not_nought(
    archive: Archive, tmp_path: Path
) -> None:
    codes = take(archive, ["甲", "乙"])
    monthly(archive, {code: {"tax": 100, "output": 72_000} for code in codes.values()})
    without(archive, codes["乙"], "2025-07")
    shutil.copytree(archive.rules / "schemes", tmp_path / "schemes")
    path = tmp_path / "schemes" / "input_output.v1.yaml"
    path.write_text(path.read_text("utf-8").replace("year_last: tax", "year_sum: tax"), "utf-8")
    told = (archive.rules / "indicators.yaml").read_text("utf-8")
    cumulative = "税收累计], unit: money, basis: year"
    assert cumulative in told
    (tmp_path / "indicators.yaml").write_text(told.replace(cumulative, cumulative.replace("year", "month")), "utf-8")

    found = evaluate_year(replace(archive, rules=tmp_path), LIBRARY, ASKED, NOW)

    given = {one.code: one.inputs["tax"] for one in found.inputs.projects}
    assert given[codes["甲"]].value == sum(100 * WAN * month // 12 for month in range(1, 13))
    assert (given[codes["乙"]].value, given[codes["乙"]].note) == (None, "缺 2025-07 的月度数")


def test_of_two_sources_the_one_counts_that_counts_in_the_growth_library(archive: Archive, tmp_path: Path) -> None:
    code = take(archive, ["甲"])["甲"]
    monthly(archive, {code: {"tax": 100, "output": 72_000}})
    monthly(archive, {code: {"tax": 90}}, source="DEPT")
    shutil.copytree(archive.rules / "schemes", tmp_path / "schemes")
    told = (archive.rules / "indicators.yaml").read_text("utf-8")
    assert "registers: [ENT, DEPT," in told
    turned = told.replace("registers: [ENT, DEPT,", "registers: [DEPT, ENT,")
    (tmp_path / "indicators.yaml").write_text(turned, "utf-8")

    found = [evaluate_year(one, LIBRARY, ASKED, NOW) for one in (archive, replace(archive, rules=tmp_path))]

    taxes = [one.inputs.projects[0].inputs["tax"] for one in found]
    assert [(one.value, one.source) for one in taxes] == [(100 * WAN, "ENT"), (90 * WAN, "DEPT")]


def test_what_may_serve_statistics_alone_feeds_no_evaluation(archive: Archive) -> None:
    code = take(archive, ["甲"], total_investment="")["甲"]
    monthly(archive, {code: {"tax": 2_700}})
    monthly(archive, {code: {"output": 72_000}}, source="FAI")
    with archive.database.writing() as session:
        (project,) = subjects.every(session, LIBRARY, "project")
        told = seen(archive, "total_investment", "5亿元", "FAI", TOLD)
        stored_facts.keep(session, {project.id: [told]}, archive.vocabulary, actor_id="statistics")

    row = row_of(archive, code)

    why = {lack.input: lack.why for lack in row.lacks}
    assert why == {"output": "2025年没有月度数", "investment": "来源只准用于统计"}


def test_the_better_source_counts_and_of_one_source_what_came_last(archive: Archive) -> None:
    code = take(archive, ["甲"])["甲"]
    monthly(archive, {code: {"tax": 9_999, "output": 72_000}}, source="SELF", when=NOW)
    monthly(archive, {code: {"tax": 1_000}})
    monthly(archive, {code: {"tax": 2_700}})

    row = row_of(archive, code)

    assert row.lines[0].value == 30
    earlier = evaluate_year(archive, LIBRARY, ASKED, NOW, as_of=TOLD.date()).results.rows
    assert next(one for one in earlier if one.code == code).lines[0].value == 30


def test_figures_of_the_firm_count_where_it_has_no_other_project(archive: Archive) -> None:
    code = take(archive, ["甲"], uscc=E1)["甲"]
    with archive.database.reading() as session:
        (firm,) = subjects.every(session, LIBRARY, "enterprise")
    monthly(archive, {firm.code: dict(WORKED)}, of="enterprise")

    found = evaluate_year(archive, LIBRARY, ASKED, NOW)

    assert found.results.rows[0].lines[0].value == 30
    assert found.inputs.projects[0].inputs["tax"].note == "企业的数；企业在库只有这个项目"
    take(archive, ["乙"], uscc=E1)
    assert row_of(archive, code).standing is Standing.NOT_GRADED


# figures put in by hand


def figure(code: str, reason: str = "税务退库未入账") -> NewFigure:
    return NewFigure(code, "实缴税收", 2025, "2250万元", reason)


def test_a_figure_by_hand_counts_once_a_second_person_agreed_and_shows_both(archive: Archive) -> None:
    code = take(archive, ["甲"])["甲"]
    monthly(archive, {code: dict(WORKED)})

    number = propose_figure(archive, figure(code), by(INDUSTRY))
    assert row_of(archive, code).lines[0].value == 30
    with pytest.raises(Forbidden, match="不能自己确认"):
        confirm_figure(archive, number, by(INDUSTRY))
    confirm_figure(archive, number, by(SECOND))

    found = evaluate_year(archive, LIBRARY, ASKED, NOW)
    assert found.results.rows[0].lines[0].value == 25
    given = found.inputs.projects[0].inputs["tax"]
    assert (given.value, given.source) == (2_250 * WAN, "人工")
    assert "采集为2700万元，改用人工填报：税务退库未入账" in given.note
    with pytest.raises(Conflict):
        confirm_figure(archive, number, by(LEAD))
    assert evaluate_year(archive, LIBRARY, Asked(2024), NOW).inputs.projects[0].inputs["tax"].value is None
    assert [one.actor for one in audited(archive, "evaluation.figure")] == [INDUSTRY]
    assert [one.actor for one in audited(archive, "evaluation.figure_confirmed")] == [SECOND]


def test_a_figure_by_hand_needs_a_reason_a_unit_and_the_right(archive: Archive) -> None:
    code = take(archive, ["甲"])["甲"]

    with pytest.raises(UsageError, match="没有写人工改数的原因"):
        propose_figure(archive, figure(code, " "), by())
    with pytest.raises(NotFound, match="没有“用电”这一项取数"):
        propose_figure(archive, replace(figure(code), input="用电"), by())
    with pytest.raises(Forbidden):
        propose_figure(archive, figure(code), by("district-320412"))
    with pytest.raises(NotFound):
        confirm_figure(archive, 999, by())


# frozen runs


def test_a_frozen_run_stays_what_it_was_and_is_computed_again_byte_by_byte(archive: Archive) -> None:
    codes = take(archive, ["甲", "乙"])
    monthly(archive, {code: dict(WORKED) for code in codes.values()})
    frozen = freeze_year(archive, ASKED, by())
    assert frozen.number is not None

    monthly(archive, {codes["甲"]: {"tax": 1}}, when=NOW)

    assert read_run(archive, LIBRARY, frozen.number) == frozen
    assert replay_run(archive, LIBRARY, frozen.number).holds
    assert row_of(archive, codes["甲"]).lines[0].value != 30


@pytest.mark.parametrize(("column", "same"), [("results", (False, False)), ("scheme_text", (True, False))])
def test_a_text_changed_in_the_database_is_found(archive: Archive, column: str, same: tuple[bool, bool]) -> None:
    code = take(archive, ["甲"])["甲"]
    monthly(archive, {code: dict(WORKED)})
    number = freeze_year(archive, ASKED, by()).number
    assert number is not None
    with archive.database.writing() as session:
        text = getattr(session.get_one(EvaluationRun, number), column)
        changed = text.replace('"standing":"graded"', '"standing":"out"') if column == "results" else text + "# 改过\n"
        session.execute(update(EvaluationRun).values({column: changed}))

    found = replay_run(archive, LIBRARY, number)

    assert (found.same_results, found.same_hash, found.holds) == (*same, False)


def test_a_year_that_lasts_is_shown_and_not_frozen(archive: Archive) -> None:
    with pytest.raises(UsageError, match="还没有结束"):
        freeze_year(archive, Asked(2026), by())

    assert evaluate_year(archive, LIBRARY, Asked(2026), NOW).number is None


def test_only_those_who_evaluate_freeze(archive: Archive) -> None:
    with pytest.raises(Forbidden):
        freeze_year(archive, ASKED, by("commerce"))
    with pytest.raises(NotFound, match="没有评价方案"):
        freeze_year(archive, Asked(2025, "other"), by())
    with pytest.raises(NotFound, match="没有编号 7"):
        read_run(archive, LIBRARY, 7)


def test_the_report_holds_every_line_and_says_what_is_missing(archive: Archive) -> None:
    codes = take(archive, ["甲", "缺税"])
    monthly(archive, {codes["甲"]: dict(WORKED), codes["缺税"]: {"output": 72_000}})

    report = evaluation_report(whole_run(evaluate_year(archive, LIBRARY, ASKED, NOW)))

    ranked, lines, taken, reasons = report.grids
    assert [row[2] for row in ranked.rows] == [codes["甲"]]
    assert ranked.rows[0][0] == "全市（本辖市区数量少）"
    assert len(lines.rows) == 2 * (5 + 2)
    assert len(taken.rows) == 2 * 6
    assert [row[0] for row in reasons.rows] == [codes["缺税"]]
    data = json.loads(json.dumps(report_data(report), default=str))
    assert {row["code"]: row["grade"] for row in data["rows"]} == {codes["甲"]: "C", codes["缺税"]: None}
