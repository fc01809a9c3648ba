"""`report watch`: firms that should soon be above scale, told and never decided, and the growth library."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from reporting import FIRMS, code_of, observed, project, taken, view
from rows import LIBRARY, at, day

from policy_match.errors import UsageError
from policy_match.exchange.intake_rows import IntakeRow, ToldPoint
from policy_match.exchange.reports import Report
from policy_match.facts.cells import Possible
from policy_match.facts.veil import Veil
from policy_match.lifecycle.events import Evidence
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import read_record
from policy_match.workflows.watch_scale import report_watch, watch_report

Row = dict[str, object]
TAKEN = "2025-08-31"


def with_firm(archive: Archive, row: IntakeRow, **facts: str) -> IntakeRow:
    """The row with what the archive of enterprises says of its firm at the end of August."""
    said = [observed(archive, fact, text, "ENT", at(TAKEN)) for fact, text in facts.items()]
    return replace(row, firm_observations=tuple(said))


def produced(row: IntakeRow, on: str) -> IntakeRow:
    """The project in production since a day."""
    point = ToldPoint("PRODUCING", day(on), (Evidence("销售发票", f"{row.name}-P"),))
    return replace(row, points=(*(p for p in row.points if p.point != "PRODUCING"), point))


def firm_rows(report: Report) -> dict[str, Row]:
    names = {code: name for name, code in FIRMS.items()}
    return {names[str(row["enterprise"])]: row for row in cast(list[Row], report.content["rows"])}


def watched(archive: Archive, *rows: IntakeRow, as_of: str = "2025-09-01") -> Report:
    taken(archive, rows, when=at(TAKEN))
    return watch_report(archive, LIBRARY, view(as_of), None)


def e4(archive: Archive, **facts: str) -> IntakeRow:
    told = {"industry_code": "C2761", "above_scale_industry": "否", "main_revenue": "2050万元", **facts}
    return with_firm(archive, produced(project(archive, "P04", at(TAKEN)), "2025-05-06"), **told)


def e6(archive: Archive, **facts: str) -> IntakeRow:
    told = {"industry_code": "C3670", "above_scale_industry": "否", "main_revenue": "1650万元", **facts}
    return with_firm(archive, project(archive, "P06", at(TAKEN)), **told)


@pytest.mark.parametrize(
    ("as_range", "said"), [(True, ["2000万元至5000万元", "1000万元至2000万元"]), (False, ["不显示", "不显示"])]
)
def test_the_light_is_that_of_the_figure_and_the_figure_what_the_reader_may_see(
    archive: Archive, as_range: bool, said: list[str]
) -> None:
    open_ = watched(archive, e4(archive), e6(archive))
    veil = Veil(frozenset({"main_revenue"}), as_range=as_range)

    veiled = watch_report(archive, LIBRARY, view("2025-09-01"), None, veil)

    seen, rows = firm_rows(open_), firm_rows(veiled)
    assert [rows[firm]["light"] for firm in ("E4", "E6")] == [seen[firm]["light"] for firm in ("E4", "E6")]
    assert [rows[firm]["due_on"] for firm in ("E4", "E6")] == [seen[firm]["due_on"] for firm in ("E4", "E6")]
    assert [row[4] for row in veiled.grids[0].rows] == said
    assert all(text in str(rows[firm]["reason"]) for firm, text in zip(("E4", "E6"), said, strict=True))
    for figure in ("2050", "1650", "82.5%"):
        assert figure in str(open_) and figure not in str(veiled)


def test_s14_a_new_firm_over_the_line_must_apply_by_the_20th_and_one_near_it_is_told(archive: Archive) -> None:
    rows = firm_rows(watched(archive, e4(archive), e6(archive)))

    assert (rows["E4"]["light"], rows["E4"]["due_on"]) == ("red", day("2025-09-20"))
    assert str(rows["E4"]["reason"]).startswith("应申报")
    assert (rows["E6"]["light"], rows["E6"]["due_on"], rows["E6"]["revenue_fen"]) == ("yellow", None, 1650 * 10**6)
    assert "82.5%" in str(rows["E6"]["reason"])


def test_s14_the_watch_makes_nobody_above_scale(archive: Archive) -> None:
    watched(archive, e4(archive), e6(archive))

    with archive.database.reading() as session:
        for name in ("P04", "P06"):
            record = read_record(session, archive, LIBRARY, code_of(archive, name), view("2025-09-01"))
            assert record.fact("above_scale_industry").cell.value == Possible.only("false")


def test_a_firm_that_is_not_new_applies_at_the_end_of_the_year(archive: Archive) -> None:
    row = firm_rows(watched(archive, e6(archive, main_revenue="2000万元")))["E6"]

    assert (row["light"], row["due_on"], row["new_built"]) == ("red", None, False)
    assert "年末分批申报" in str(row["reason"])


def test_a_new_project_that_produced_in_an_earlier_year_makes_no_firm_new(archive: Archive) -> None:
    facts = {"industry_code": "C3670", "above_scale_industry": "否", "main_revenue": "2000万元"}
    earlier = with_firm(archive, project(archive, "P06", at(TAKEN), project_kind="新招引"), **facts)

    row = firm_rows(watched(archive, earlier))["E6"]

    assert (row["light"], row["due_on"], row["new_built"]) == ("red", None, False)


@pytest.mark.parametrize(
    ("facts", "light"),
    [
        ({"main_revenue": "1999.99万元"}, "yellow"),
        ({"main_revenue": "1600万元"}, "yellow"),
        ({"main_revenue": "1599.99万元"}, None),
        ({"above_scale_industry": "是"}, None),
        ({"industry_code": "I6513"}, None),
        ({"main_revenue": "1900~2100万元"}, "unknown"),
    ],
)
def test_the_limits_are_met_by_the_figure_itself(archive: Archive, facts: dict[str, str], light: str | None) -> None:
    rows = firm_rows(watched(archive, e6(archive, **facts)))

    assert rows.get("E6", {}).get("light") == light


def test_an_unknown_revenue_is_an_unknown_row(archive: Archive) -> None:
    row = with_firm(archive, project(archive, "P06", at(TAKEN)), industry_code="C3670", above_scale_industry="否")

    found = firm_rows(watched(archive, row))["E6"]

    assert (found["light"], found["revenue_fen"], found["lacking"]) == ("unknown", None, ["近12个月收入"])


def test_a_figure_of_more_than_a_year_ago_says_nothing(archive: Archive) -> None:
    found = firm_rows(watched(archive, e6(archive), as_of="2026-09-01"))["E6"]

    assert found["light"] == "unknown"
    assert any("2025-08-31" in str(one) for one in cast(list[str], found["lacking"]))


def test_a_date_that_has_passed_is_said_to_have_passed(archive: Archive) -> None:
    found = firm_rows(watched(archive, e4(archive), as_of="2025-09-21"))["E4"]

    assert (found["due_on"], "已过期" in str(found["reason"])) == (day("2025-09-20"), True)


def test_completed_projects_are_in_the_growth_library_once_with_their_event(archive: Archive) -> None:
    acceptance = replace(project(archive, "P04", at(TAKEN)), observations=())
    taken(archive, [project(archive, "P02"), project(archive, "P05")])
    taken(archive, [acceptance], when=at(TAKEN))
    taken(archive, [acceptance], when=at("2025-09-01"))

    grown = cast(list[Row], watch_report(archive, LIBRARY, view("2025-09-01"), None).content["growth_library"])

    assert [(row["code"], row["entered_on"]) for row in grown] == [(code_of(archive, "P04"), day("2025-03-12"))]
    assert str(grown[0]["event"]).isdigit()


def test_another_kind_of_watch_is_refused(archive: Archive) -> None:
    with pytest.raises(UsageError, match="入规"):
        report_watch(archive, LIBRARY, view("2025-09-01"), kind="上市", area=None, form=None, out=None)
