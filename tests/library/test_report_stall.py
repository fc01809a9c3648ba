"""`report stall`: the light of a project that stands still, and districts that add up to the city."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook
from reporting import PROJECTS, code_of, project, taken, view
from rows import LIBRARY, at, day

from policy_match.errors import UsageError
from policy_match.exchange.reports import Report, write_report
from policy_match.lifecycle.clocks import Mark
from policy_match.lifecycle.events import Event, Evidence
from policy_match.lifecycle.words import EventKind
from policy_match.workflows.choose_district import Area, chosen_district
from policy_match.workflows.list_stalled import report_stall, stall_report
from policy_match.workflows.name_agent import Agent, name_agent
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.record_event import Request, record_events
from policy_match.workflows.write_entry import By

ENTERED = "2024-12-21"


def row_of(report: Report, code: str) -> dict[str, object]:
    rows = report.content["rows"]
    assert isinstance(rows, list)
    return next(row for row in rows if isinstance(row, dict) and row["code"] == code)  # type: ignore[return-value]


@pytest.fixture
def stalled(archive: Archive) -> str:
    """P02, signed on 2024-12-20 and entered the next day, with an agent who tells of it every month."""
    taken(archive, [project(archive, "P02", at(ENTERED))], when=at(ENTERED))
    code = code_of(archive, "P02")
    name_agent(archive, Agent(code, "示范帮办", "示范园区", day(ENTERED)), By(LIBRARY, "development", at(ENTERED)))
    for told in ("2025-01-15", "2025-02-10", "2025-03-08", "2025-04-05", "2025-05-03", "2025-06-01", "2025-06-28"):
        row = replace(project(archive, "P02", at(told)), points=(), marks=(Mark("update", day(told)),))
        taken(archive, [row], when=at(told))
    return code


def pause(archive: Archive, code: str, since: str, days: int) -> None:
    until = day(since) + timedelta(days=days)
    for kind, on, proof in ((EventKind.PAUSE, day(since), "停工报告"), (EventKind.RESUME, until, "复工报告")):
        event = Event(
            "", code, kind, on, at("2025-07-01"), "commerce", "DEPT", evidence=(Evidence(proof, f"{code}-{proof}"),),
            cause="资金" if kind is EventKind.PAUSE else "", expected_on=until if kind is EventKind.PAUSE else None,
        )  # fmt: skip
        record_events(archive, LIBRARY, Request(code, (event,), "commerce"), at("2025-07-01"))


@pytest.mark.parametrize(
    ("as_of", "light", "since"),
    [
        ("2025-03-19", "green", "2024-12-20"),
        ("2025-03-20", "yellow", "2025-03-20"),
        ("2025-06-17", "yellow", "2025-03-20"),
        ("2025-06-18", "red", "2025-06-18"),
        ("2025-06-30", "red", "2025-06-18"),
    ],
)
def test_a_signed_project_turns_yellow_after_90_days_and_red_after_180(
    archive: Archive, stalled: str, as_of: str, light: str, since: str
) -> None:
    row = row_of(stall_report(archive, LIBRARY, view(as_of, at("2025-07-31")), None), stalled)

    assert (row["light"], row["since"]) == (light, day(since))
    assert isinstance(row["interval_light"], dict) and row["interval_light"]["id"] == "signed_approved"


def test_the_reason_tells_the_days_without_approval(archive: Archive, stalled: str) -> None:
    row = row_of(stall_report(archive, LIBRARY, view("2025-06-30", at("2025-07-31")), None), stalled)

    assert row["days"] == 192
    assert "192天" in str(row["reason"])
    assert row["next_milestone"] == {"kind": "APPROVED", "name": "立项", "planned_on": None}
    assert (row["agent"], row["last_update"], row["open_tickets"]) == ("示范帮办", day("2025-06-28"), 0)


@pytest.mark.parametrize(("as_of", "light"), [("2025-07-17", "yellow"), ("2025-07-18", "red")])
def test_paused_days_do_not_count(archive: Archive, stalled: str, as_of: str, light: str) -> None:
    pause(archive, stalled, "2025-04-10", 30)

    row = row_of(stall_report(archive, LIBRARY, view(as_of, at("2025-07-31")), None), stalled)

    found = row["interval_light"]
    assert isinstance(found, dict) and found["colour"] == light
    assert row["days"] == (day(as_of) - day("2024-12-20")).days - 30


@pytest.fixture
def fixture_f(archive: Archive) -> Archive:
    """The twelve projects of the scenarios."""
    taken(archive, [project(archive, name) for name in PROJECTS])
    return archive


def test_the_districts_add_up_to_the_city(fixture_f: Archive) -> None:
    city = stall_report(fixture_f, LIBRARY, view("2025-04-02"), None)

    total, by_district = city.content["total"], city.content["by_district"]
    assert isinstance(total, dict) and isinstance(by_district, list)
    assert total["projects"] == 12 and len(by_district) == 7
    pages = []
    for one in by_district:
        assert isinstance(one, dict) and isinstance(one["district"], str)
        page = stall_report(fixture_f, LIBRARY, view("2025-04-02"), Area(one["district"])).content["total"]
        assert isinstance(page, dict)
        assert page | {"district": one["district"]} == one
        pages.append(page)
    for key in (key for key in total if key != "district"):
        assert sum(page[key] for page in pages) == total[key]  # type: ignore[misc]


def test_red_comes_first_then_the_longest(fixture_f: Archive) -> None:
    rows = stall_report(fixture_f, LIBRARY, view("2025-04-02"), None).content["rows"]

    assert isinstance(rows, list)
    order = ["red", "excused", "yellow", "unknown", "green", "none"]
    places = [(order.index(row["light"]), -row["days"]) for row in rows]  # type: ignore[index, call-overload, operator, arg-type]
    assert places == sorted(places) and len(places) == 12


def test_a_project_seen_only_on_a_page_is_not_green(archive: Archive) -> None:
    row = replace(project(archive, "P02"), points=(), observations=())
    taken(archive, [row], source="PUBLIC")

    report = stall_report(archive, LIBRARY, view("2025-03-31"), None)

    rows = report.content["rows"]
    assert rows == [] or all(isinstance(one, dict) and one["light"] == "none" for one in rows)  # type: ignore[union-attr]


def test_the_csv_has_a_mark_of_its_encoding_and_no_formula(archive: Archive, tmp_path: Path) -> None:
    named = replace(project(archive, "P02"), name="=1+1示范")
    taken(archive, [named])
    out = tmp_path / "stall.csv"

    report_stall(archive, LIBRARY, view("2025-03-31"), area=None, form=None, out=out)

    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(out.read_text("utf-8-sig").splitlines()))
    assert lines[:3] == [["报表", "stall 停滞清单"], ["截至", "2025-03-31"], ["行数", "1"]]
    header = next(place for place, line in enumerate(lines) if line[:2] == ["编号", "项目"])
    assert lines[header + 1][1] == "'=1+1示范"


def test_the_workbook_holds_the_head_and_every_row_and_is_the_same_twice(fixture_f: Archive, tmp_path: Path) -> None:
    first, again = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    report = stall_report(fixture_f, LIBRARY, view("2025-03-31"), None)

    write_report(report, "xlsx", first)
    write_report(report, "xlsx", again)

    book = CalamineWorkbook.from_path(str(first))
    sheet = book.get_sheet_by_name("停滞清单").to_python()
    assert book.sheet_names == ["停滞清单", "各地汇总"]
    assert "报表：stall 停滞清单；截至：2025-03-31；行数：12" in str(sheet[0][0])
    assert sheet[1][0] == "编号" and len(sheet) == 14
    assert first.read_bytes() == again.read_bytes()
    assert b'<dcterms:created xsi:type="dcterms:W3CDTF">2000-01-01T' in ZipFile(first).read("docProps/core.xml")


def test_an_unknown_district_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="320412 武进区"):
        chosen_district("南京市")

    assert chosen_district("武进") == Area("320412")
    assert chosen_district("unknown") == Area(None)
    assert chosen_district(None) is None
