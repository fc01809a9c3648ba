"""`report growth`: the growth library followed month by month, what is not as expected, its one ticket, how a project leaves."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from growing import Row, findings, grown, members, opened, told
from reporting import code_of, observed, project, taken, view
from rows import LIBRARY, at, audited, day, pause, read
from rows import told as codes_told

from policy_match.errors import Forbidden, NotFound, UsageError
from policy_match.facts.observations import Purpose
from policy_match.lifecycle.tickets import TicketMove, TicketState
from policy_match.store import subjects
from policy_match.workflows.dispatch_messages import Post
from policy_match.workflows.enter_by_hand import Told, tell_facts
from policy_match.workflows.list_tickets import list_tickets
from policy_match.workflows.move_ticket import Move, move_ticket
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.run_round import Rounds
from policy_match.workflows.set_milestone import Step, set_milestone
from policy_match.workflows.show_indicators import SeriesShown, series_report, show_indicators
from policy_match.workflows.show_record import show_record
from policy_match.workflows.write_entry import By

WAN = 10**6


def with_p06(archive: Archive, *, agreed: str | None = "60000万元") -> str:
    """P06, in production since 2023-11-15, with the yearly value agreed."""
    taken(archive, [project(archive, "P06", at("2025-01-10"))], when=at("2025-01-10"))
    code = code_of(archive, "P06")
    if agreed is not None:
        fact = Told({"full_capacity_output": agreed}, source="DEPT")
        tell_facts(archive, LIBRARY, code, fact, "industry", at("2025-01-10"))
    return code


def half_a_year(code: str, last: int = 16_500) -> list[Row]:
    """June of two years: output 16,500万元 to June, 用电 −35 %, 开票 of the month +12 %."""
    return [
        {"code": code, "month": "2024-05", "sales": 4000, "power": 90},
        {"code": code, "month": "2024-06", "sales": 5000, "power": 100},
        {"code": code, "month": "2025-01", "output": 2500},
        {"code": code, "month": "2025-05", "output": 13_000, "sales": 9_000, "power": 66},
        {"code": code, "month": "2025-06", "output": last, "sales": 10_120, "power": 65},
    ]


def shown(archive: Archive, code: str, as_of: str, purpose: Purpose = Purpose.SERVICE) -> SeriesShown:
    return show_indicators(archive, LIBRARY, code, View.of(day(as_of), None, at(as_of), purpose))


def tickets(archive: Archive, as_of: str) -> list[tuple[str, str, TicketState]]:
    found = list_tickets(archive, LIBRARY, View(day(as_of)), every=True)
    return sorted((one.number, one.ticket.about.cause, one.ticket.state) for one in found if one.ticket.about)


def test_s29_output_below_the_plan_is_red_and_opens_one_ticket_with_the_numbers(
    archive: Archive, tmp_path: Path
) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    first, again = opened(archive, "2025-08-20"), opened(archive, "2025-08-20")
    row = members(grown(archive, "2025-08-20"))[code]

    below = findings(row)["below_plan"]
    assert (row["light"], row["share"], below["level"], below["share"]) == ("red", 0.55, "red", 0.55)
    assert below["figures"] == ["2025-06 产值累计 1.65亿元", "2025-06 计划 3亿元"]
    assert [one.cause for one in first] == ["产出不及预期"] and again == []
    (listed,) = list_tickets(archive, LIBRARY, View(day("2025-08-20")))
    assert (listed.project, listed.ticket.lead, archive.table.unit_name(listed.ticket.lead)) == (
        code, "industry", "市工信局",
    )  # fmt: skip
    assert listed.ticket.about is not None
    assert "55%" in listed.ticket.about.text and listed.ticket.about.severity == "较急"
    assert listed.ticket.about.figures == "2025-06 产值累计 1.65亿元；2025-06 计划 3亿元"
    assert (below["ticket"], below["to"]) == (listed.number, "市工信局")
    assert [line.result for line in audited(archive, "ticket.open")] == ["done"]


def test_s29_electricity_that_falls_while_sales_rise_is_a_query_and_opens_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    code = with_p06(archive, agreed=None)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    found = findings(members(grown(archive, "2025-08-10"))[code])

    assert found["power_and_sales"]["level"] == "query"
    assert found["power_and_sales"]["text"] == "2025-06比2024-06：用电下降35%，开票销售增长12%"
    assert opened(archive, "2025-08-10") == []


def test_s29_a_missing_july_is_no_zero_and_two_missing_months_are_a_finding(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    series = shown(archive, code, "2025-08-20")
    july = series_report(series, LIBRARY).grids[0].rows[-1]
    row = members(grown(archive, "2025-08-20"))[code]
    assert july[0] == "2025-07" and set(july[1:8]) == {"—"} and "缺报" in july[-2]
    assert (row["last_month"], cast(dict[str, object], row["figures"])["output"]) == ("2025-06", 16_500 * WAN)
    assert "unreported" not in findings(row)
    told(archive, tmp_path / "b.csv", [{"code": code, "month": "2025-08", "output": 21_500}], when="2025-09-10")
    august = shown(archive, code, "2025-09-20")
    ground = august.growth.judged.ground
    output = august.growth.rules.codes["output"]
    assert not ground.monthly(output).known[0, -2:].any(), "neither July nor the month after it is known by itself"
    assert findings(members(grown(archive, "2025-09-20"))[code])["below_plan"]["share"] == 0.5375
    late = findings(members(grown(archive, "2025-11-20"))[code])["unreported"]
    assert (late["level"], late["text"], late["to"]) == ("yellow", "2025-09至2025-10没有报送（2个月）", "钟楼区")


def test_s29_reporting_at_the_same_time_opens_one_ticket(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    with ThreadPoolExecutor(2) as pool:
        made = [*pool.map(lambda _: opened(archive, "2025-08-20"), range(2))]

    assert sorted(len(one) for one in made) == [0, 1]
    assert len(tickets(archive, "2025-08-20")) == 1


def test_s08_completion_enters_the_growth_library_once_and_production_does_not(archive: Archive) -> None:
    taken(archive, [project(archive, "P04"), project(archive, "P01")])
    taken(archive, [project(archive, "P04")], source="GG", when=at("2025-04-01"))

    rows = members(grown(archive, "2025-04-10"))

    assert {code: row["entered_on"] for code, row in rows.items()} == {code_of(archive, "P04"): day("2025-03-12")}
    (row,) = rows.values()
    assert (row["light"], row["share"], row["last_month"]) == ("unknown", None, None)
    assert read(archive, code_of(archive, "P04"), known_at=at("2025-04-10")).state.lead == "industry"


def test_the_plan_that_is_told_goes_before_the_one_that_follows_from_the_agreement(
    archive: Archive, tmp_path: Path
) -> None:
    code = with_p06(archive)
    rows = [{"code": code, "month": "2025-06", "output": 16_500, "plan": 20_000}]
    told(archive, tmp_path / "a.csv", rows, when="2025-07-10")

    assert members(grown(archive, "2025-07-20"))[code]["share"] == 0.825
    assert findings(members(grown(archive, "2025-07-20"))[code]) == {}


def test_two_good_months_suggest_closing_and_nothing_closes_by_itself(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")
    (ticket,) = opened(archive, "2025-08-20")
    told(archive, tmp_path / "b.csv", [{"code": code, "month": "2025-07", "output": 30_000}], when="2025-08-25")
    assert grown(archive, "2025-08-26").content["closing"] == []
    told(archive, tmp_path / "c.csv", [{"code": code, "month": "2025-08", "output": 36_000}], when="2025-09-10")

    report = grown(archive, "2025-09-11")

    assert report.content["closing"] == [{"code": code, "ticket": ticket.number, "cause": "产出不及预期"}]
    assert any("建议办结" in row[-1] for row in report.grids[1].rows)
    assert opened(archive, "2025-09-11") == []
    assert [state for _, _, state in tickets(archive, "2025-09-11")] == [TicketState.NEW]


def test_what_a_person_rejected_comes_back_with_new_figures_alone(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")
    (ticket,) = opened(archive, "2025-07-20")
    rejected = Move(ticket.number, TicketMove.REJECT, note="设备检修，已核实")
    move_ticket(archive, rejected, By(LIBRARY, "industry", at("2025-07-21")))

    assert opened(archive, "2025-07-22") == []
    told(archive, tmp_path / "b.csv", [{"code": code, "month": "2025-07", "output": 17_000}], when="2025-08-10")
    assert [one.cause for one in opened(archive, "2025-08-11")] == ["产出不及预期"]


def test_a_paused_project_stays_and_nothing_is_expected_of_it(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", [{"code": code, "month": "2025-02", "output": 1}], when="2025-03-10")
    assert findings(members(grown(archive, "2025-03-31"))[code])
    pause(archive, code, "industry")

    row = members(grown(archive, "2025-03-31"))[code]

    assert (row["paused"], row["findings"], row["light"]) == (True, [], "unknown")
    assert opened(archive, "2025-03-31") == []


def test_full_capacity_held_for_half_a_year_ends_it_and_time_alone_asks_for_a_conclusion(archive: Archive) -> None:
    taken(archive, [project(archive, "P06"), project(archive, "P11")])
    p06, p11 = code_of(archive, "P06"), code_of(archive, "P11")

    def done(code: str, step: str, on: str) -> None:
        asked = Step(code, step, actual_on=day(on), evidence=("示范说明",))
        set_milestone(archive, asked, By(LIBRARY, "industry", at(on)))

    done(p06, "full_capacity", "2025-04-01")
    before, after = grown(archive, "2025-09-30"), grown(archive, "2025-10-01")
    assert (members(before)[p06]["exit"], members(before)[p11]["exit"]) == ("due", "due")
    assert "培育结论" in str(members(before)[p11]["exit_why"])
    assert set(members(after)) == {p11}
    (left,) = cast(list[dict[str, object]], after.content["left"])
    assert (left["code"], left["left_on"], left["why"]) == (p06, day("2025-10-01"), "达产已满6个月")
    done(p11, "growth_conclusion", "2025-10-02")
    assert members(grown(archive, "2025-10-02")) == {}


def test_the_definitions_of_reaching_capacity_and_return_stand_above_the_report(archive: Archive) -> None:
    notes = dict(grown(archive, "2025-04-10").notes)

    assert "达产年产值" in notes["达产"] and archive.table.sources["D"] in notes["达产"]
    assert "年税收" in notes["达效"]


# files of figures


def test_good_rows_go_in_bad_rows_come_back_and_a_file_is_taken_once(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    rows = [
        {"code": code, "month": "2025-01", "output": 2000},
        {"code": code, "month": "2025-02", "output": 1999},
        {"code": "CZ-2025-99999", "month": "2025-01", "output": 1},
        {"code": code, "month": "2025-03", "output": 3000, "use": 130},
    ]

    first = told(archive, tmp_path / "a.csv", rows, when="2025-04-10")
    again = told(archive, tmp_path / "a.csv", rows, when="2025-04-11")

    assert (first.new, first.same) == (3, 0)
    assert [(one.row, one.code) for one in first.refusals] == [(3, "INDICATOR_FALLS"), (4, "PROJECT_UNKNOWN")]
    assert any("130%" in note for note in first.notes)
    assert (again.new, again.is_known, again.same) == (0, True, 5)
    assert findings(members(grown(archive, "2025-04-11"))[code])["too_high"]["level"] == "query"
    assert [line.result for line in audited(archive, "indicators.import")] == ["done", "same"]


def test_a_correction_may_lower_what_was_told_and_is_shown_as_one(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", [{"code": code, "month": "2025-01", "output": 2000}], when="2025-02-10")
    lower = {"code": code, "month": "2025-01", "output": 1500}

    refused = told(archive, tmp_path / "b.csv", [lower], when="2025-02-20")
    taken_in = told(archive, tmp_path / "c.csv", [{**lower, "correction": "是", "note": "漏减退货"}], when="2025-02-20")

    assert [one.code for one in refused.refusals] == ["INDICATOR_CHANGED"]
    assert (taken_in.new, taken_in.corrected) == (0, 1)
    row = series_report(shown(archive, code, "2025-02-20"), LIBRARY).grids[0].rows
    assert "1500万元" in row[-1] and row[-1][-1] == "产值已更正；漏减退货"
    before = show_indicators(archive, LIBRARY, code, View(day("2025-02-15"), at("2025-02-15")))
    assert before.one.cells[("output", 2025 * 12)].value == 2000 * WAN


def test_the_most_trusted_source_holds_and_another_stands_beside_it(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    month = {"code": code, "month": "2025-01"}
    told(archive, tmp_path / "a.csv", [{**month, "output": 2000}], when="2025-02-10")
    told(
        archive,
        tmp_path / "b.csv",
        [{**month, "output": 2600, "tax": 9}],
        when="2025-03-01",
        source="SELF",
        by="industry",
    )

    series = shown(archive, code, "2025-03-02")

    assert series.one.cells[("output", 2025 * 12)].value == 2000 * WAN
    assert series.one.cells[("output", 2025 * 12)].others == (("SELF", 2600 * WAN),)
    assert series.one.cells[("tax", 2025 * 12)].source == "SELF"
    assert series.told(2025 * 12) == "企业数字档案库、企业自报，2025-03-01，迟14天"


@pytest.mark.parametrize("purpose", [Purpose.EVALUATION, Purpose.PAYOUT, Purpose.REVIEW, Purpose.SERVICE])
def test_figures_of_the_statistics_are_unknown_for_every_other_purpose(
    archive: Archive, tmp_path: Path, purpose: Purpose
) -> None:
    code = with_p06(archive)
    rows = [{"code": code, "month": "2025-01", "output": 2000}]
    told(archive, tmp_path / "a.csv", rows, when="2025-02-10", source="FAI", by="statistics")

    assert shown(archive, code, "2025-02-20", purpose).one.cells == {}
    assert shown(archive, code, "2025-02-20", Purpose.STATISTICS).one.cells[("output", 2025 * 12)].value == 2000 * WAN


@pytest.mark.parametrize(
    ("source", "by", "error"),
    [
        ("ENT", "district-320404", Forbidden),
        ("FAI", "industry", Forbidden),
        ("SELF", "treasury", Forbidden),
        ("CREDIT", "data", UsageError),
    ],
)
def test_who_may_not_speak_for_a_source_brings_nothing(
    archive: Archive, tmp_path: Path, source: str, by: str, error: type[Exception]
) -> None:
    code = with_p06(archive)

    with pytest.raises(error):
        told(
            archive,
            tmp_path / "a.csv",
            [{"code": code, "month": "2025-01", "output": 1}],
            when="2025-02-10",
            source=source,
            by=by,
        )

    results = [line.result for line in audited(archive, "indicators.import")]
    assert results == (["forbidden"] if error is Forbidden else [])
    assert shown(archive, code, "2025-02-20").one.cells == {}


def test_a_district_brings_its_own_projects_alone_and_another_one_is_not_there(
    archive: Archive, tmp_path: Path
) -> None:
    code = with_p06(archive)
    rows = [{"code": code, "month": "2025-01", "output": 1}]

    other = told(archive, tmp_path / "a.csv", rows, when="2025-02-10", source="DISTRICT", by="district-320412")
    own = told(
        archive,
        tmp_path / "b.csv",
        [{**rows[0], "note": "x"}],
        when="2025-02-10",
        source="DISTRICT",
        by="district-320404",
    )

    assert ([one.code for one in other.refusals], other.new) == (["PROJECT_UNKNOWN"], 0)
    assert (own.refusals, own.new) == ([], 1)


def test_a_public_project_of_which_figures_are_known_is_not_public_any_more(archive: Archive, tmp_path: Path) -> None:
    taken(archive, [replace(project(archive, "P06"), points=(), observations=())], source="PUBLIC")
    fact = observed(archive, "district", "320404", "PUBLIC", at("2025-01-10"))
    taken(archive, [replace(project(archive, "P06"), points=(), observations=(fact,))], source="PUBLIC")
    code, sources = code_of(archive, "P06"), archive.permissions.public_sources

    def public() -> frozenset[str]:
        with archive.database.reading() as session:
            return subjects.told_only_by(session, LIBRARY, sources)

    assert code in public()
    told(archive, tmp_path / "a.csv", [{"code": code, "month": "2025-01", "output": 1}], when="2025-04-10")
    assert code not in public()


# one project


def test_the_timeline_runs_from_the_first_point_to_the_latest_figures(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    line = show_record(archive, LIBRARY, code, view("2025-08-20")).timeline

    assert [entry.text for entry in line] == ["立项", "开工", "竣工", "投产", "入库", "2025-06 指标"]
    assert "产值（累计） 1.65亿元" in line[-1].reason and line[-1].source == "企业数字档案库"
    then = View(day("2025-07-09"), at("2025-07-09"))
    assert show_record(archive, LIBRARY, code, then).timeline[-1].text == "入库"
    assert show_record(archive, LIBRARY, code, view("2025-06-29")).timeline[-1].text == "2025-05 指标"


def test_a_project_that_is_not_completed_has_no_series(archive: Archive) -> None:
    taken(archive, [project(archive, "P01")])

    with pytest.raises(NotFound) as refused:
        shown(archive, code_of(archive, "P01"), "2025-04-10")

    assert codes_told(refused.value) == {"GROWTH_NOT"}


def test_who_may_open_no_tickets_opens_none(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    with pytest.raises(Forbidden):
        opened(archive, "2025-08-20", by="treasury")

    assert tickets(archive, "2025-08-20") == []


def test_the_series_as_data_says_every_month_and_null_for_a_missing_one(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    content = series_report(shown(archive, code, "2025-08-20"), LIBRARY).content

    output = next(one for one in cast(list[dict[str, object]], content["indicators"]) if one["id"] == "output")
    months = {str(one["month"]): one for one in cast(list[dict[str, object]], output["months"])}
    assert months["2025-07"]["value"] is None and months["2025-07"]["plan"] == 35_000 * WAN
    assert months["2025-06"]["value"] == 16_500 * WAN
    json.dumps(content, default=str)


def test_the_worker_opens_the_ticket_once_when_it_looks_at_everything(archive: Archive, tmp_path: Path) -> None:
    code = with_p06(archive)
    told(archive, tmp_path / "a.csv", half_a_year(code), when="2025-07-10")

    def round_on(when: str) -> list[str]:
        post = Post(archive, {}, "", "", lambda: at(when))
        done = Rounds.of(post, None, goes_on=False).run()
        assert done.failed == ()
        return [line for line in done.told if "问题单" in line]

    assert len(round_on("2025-08-20")) == 1
    assert round_on("2025-08-20") == round_on("2025-08-21") == []
    ((_, cause, _),) = tickets(archive, "2025-08-21")
    assert cause == "产出不及预期"
