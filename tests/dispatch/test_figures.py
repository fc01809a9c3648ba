"""The three blocks, the tables, the difference, the questions before closing, restatements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from month_rows import YI, done, light, month_of, row, standings

from policy_match.dispatch.changes import ChangeKind, DoubtKind, changes, doubts
from policy_match.dispatch.figures import Figure, blocks
from policy_match.dispatch.month import Month
from policy_match.dispatch.report import Background, Dispatch, monthly
from policy_match.dispatch.restate import restatements
from policy_match.dispatch.snapshot import Snapshot, sorted_rows
from policy_match.dispatch.tables import UNITS, breakdowns, landing_months, lit
from policy_match.dispatch.wording import Unit, difference_text, value_text
from policy_match.errors import FactError
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.clocks import Excuse
from policy_match.lifecycle.standing import Money, Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import About, Ticket, TicketState
from policy_match.lifecycle.words import Colour, Side


def figures(snapshot: Snapshot, table: LifecycleTable) -> dict[str, Figure]:
    return {figure.id: figure for block in blocks(snapshot, table) for figure in block.figures}


def with_rows(snapshot: Snapshot, *rows: Standing) -> Snapshot:
    return replace(snapshot, rows=sorted_rows(rows))


def counts(dispatch: Dispatch, table: str) -> dict[str, int]:
    return {group.id: len(group.projects) for group in dispatch.breakdown(table).groups}


def sums(dispatch: Dispatch, table: str) -> dict[str, str]:
    return {group.id: value_text(group.fen, Unit.MONEY) for group in dispatch.breakdown(table).groups}


@pytest.fixture
def report(march: Snapshot, background: Background) -> Dispatch:
    return monthly(march, None, background)


def test_the_twelve_projects_of_march(report: Dispatch) -> None:
    assert counts(report, "tiers") == {"T0": 1, "T1": 6, "T10": 2, "T30": 1, "T50": 1, "T100": 1}
    assert sums(report, "tiers") == {
        "T0": "0.98",
        "T1": "19.6999",
        "T10": "22",
        "T30": "30",
        "T50": "52",
        "T100": "105",
    }
    assert counts(report, "tiers_onward") == {"T1": 11, "T10": 5, "T30": 3, "T50": 2, "T100": 1}
    assert sums(report, "tiers_onward")["T1"] == "228.6999"
    assert counts(report, "points") == {"SIGNED": 2, "APPROVED": 3, "STARTED": 4, "COMPLETED": 1, "PRODUCING": 2}
    assert counts(report, "points_onward") == {
        "SIGNED": 12,
        "APPROVED": 10,
        "STARTED": 7,
        "COMPLETED": 3,
        "PRODUCING": 2,
    }
    assert counts(report, "stages") == {"ATTRACT": 2, "BUILD": 7, "OPERATE": 3}
    assert [group.name for group in report.breakdown("stages").groups] == ["招引签约", "项目建设", "投产达效"]
    assert counts(report, "leads") == {"commerce": 2, "development": 7, "industry": 3}
    assert counts(report, "units") == {
        "320412": 2,
        "320411": 2,
        "320402": 2,
        "320413": 2,
        "320481": 2,
        "320404": 1,
        "JK": 1,
        "320400": 0,
    }
    assert counts(report, "kinds") == {"技改": 3, "新招引": 9}
    assert counts(report, "sections") == {"C": 11, "I": 1}
    assert counts(report, "lights") == {"red": 0, "yellow": 0, "unknown": 0, "green": 0, "": 12}


def test_what_happened_in_march_and_this_year(march: Snapshot, table: LifecycleTable) -> None:
    found = figures(march, table)

    assert found["signed_month"].projects == ("P10",)
    assert found["signed_month_agreed"].value == 10 * YI
    assert found["signed_month_approved"].value == Fraction(0, 1)
    assert found["started_month"].projects == ()
    assert found["started_year"].projects == ("P01", "P09")
    assert found["completed_month"].projects == ("P04",)
    assert found["growth_month"].projects == ("P04",)
    assert found["produced_year"].value == 0
    assert found["days_completed_producing"].value is None
    assert found["days_approved_started"].projects == ("P01", "P09")
    assert found["days_approved_started"].value == Fraction(138 + 65, 2)


def test_landing_counts_approval_on_the_last_day_and_only_projects_signed_long_enough_ago(
    march: Snapshot, table: LifecycleTable
) -> None:
    on_the_day = row(table, "A", reached={"SIGNED": date(2024, 1, 1), "APPROVED": date(2024, 6, 29)})
    too_late = row(table, "B", reached={"SIGNED": date(2024, 1, 1), "APPROVED": date(2024, 6, 30)})
    due_today = row(table, "C", reached={"SIGNED": date(2024, 10, 2)})
    not_yet = row(table, "D", reached={"SIGNED": date(2024, 10, 3), "APPROVED": date(2024, 10, 4)})
    ended = replace(row(table, "E", reached={"SIGNED": date(2024, 1, 1)}), side=Side.EXITED, is_active=False)

    rate = figures(with_rows(march, on_the_day, too_late, due_today, not_yet, ended), table)["landing_rate"]

    assert rate.projects == ("A",)
    assert rate.base == ("A", "B", "C", "E")
    assert value_text(rate.value, rate.unit) == "25.00%"


def test_the_landing_months_add_up_to_the_landing_rate(march: Snapshot, table: LifecycleTable) -> None:
    months = landing_months(march)

    assert [str(months[0].month), str(months[-1].month), len(months)] == ["2024-04", "2025-03", 12]
    assert {str(m.month): m.signed for m in months if m.signed}["2024-11"] == ("P07",)
    august = next(m for m in months if str(m.month) == "2024-08")
    assert (august.signed, august.due, august.landed) == (("P01",), ("P01",), ("P01",))


def plan_of(table: LifecycleTable, started: int, planned: int) -> list[Standing]:
    """Projects planned to start on 1 February of which some have."""
    plan = {"STARTED": date(2025, 2, 1)}
    begun = {"APPROVED": date(2024, 9, 1), "STARTED": date(2025, 2, 2)}
    return [row(table, f"N{n:03}", reached=begun if n < started else {}, planned=plan) for n in range(planned)]


@pytest.mark.parametrize(("started", "planned", "text"), [(28, 29, "96.55%"), (141, 150, "94.00%"), (137, 150, "91.33%"), (0, 0, "—")])  # fmt: skip
def test_rates_as_published_have_two_decimals(
    march: Snapshot, table: LifecycleTable, started: int, planned: int, text: str
) -> None:
    rate = figures(with_rows(march, *plan_of(table, started, planned)), table)["start_rate"]

    assert value_text(rate.value, rate.unit) == text
    assert (rate.numerator, rate.denominator) == (started, planned)


def test_a_start_planned_for_the_autumn_counts_for_the_year_and_not_yet_to_date(
    march: Snapshot, table: LifecycleTable
) -> None:
    autumn = row(table, "A", planned={"STARTED": date(2025, 9, 1)})
    unplanned = row(table, "B")
    last_year = row(table, "C", reached={"STARTED": date(2024, 12, 31)})
    seen = row(table, "D", observed="STARTED")

    found = figures(with_rows(march, autumn, unplanned, last_year, seen), table)

    assert found["start_rate"].denominator == 0
    assert found["year_start_rate"].base == ("A",)
    assert found["year_start_rate"].lacking == ("B",)


def test_a_project_that_ended_before_it_started_is_no_longer_planned(march: Snapshot, table: LifecycleTable) -> None:
    plan = {"STARTED": date(2025, 2, 1)}
    ended = row(table, "A", planned=plan, side=Side.TERMINATED, is_active=False)
    ended_later = row(
        table, "B", planned=plan, reached={"STARTED": date(2025, 2, 2)}, side=Side.EXITED, is_active=False
    )

    rate = figures(with_rows(march, ended, ended_later), table)["start_rate"]

    assert (rate.projects, rate.base) == (("B",), ("B",))


def test_who_completed_in_the_month_still_owes_its_investment(march: Snapshot, table: LifecycleTable) -> None:
    def completed(code: str, day: date) -> Standing:
        return row(table, code, reached={"STARTED": date(2024, 6, 1), "COMPLETED": day})

    found = figures(with_rows(march, completed("A", date(2025, 3, 1)), completed("B", date(2025, 2, 28))), table)

    assert found["month_investment"].lacking == ("A",)
    assert found["year_investment"].lacking == ("A", "B")


def test_a_milestone_after_the_day_is_not_done_yet(march: Snapshot, table: LifecycleTable) -> None:
    def listed(code: str, day: date) -> Standing:
        return row(table, code, reached={"STARTED": date(2024, 6, 1)}, milestones=(done("listed", day),))

    found = figures(with_rows(march, listed("A", date(2025, 3, 31)), listed("B", date(2025, 4, 1))), table)

    assert (found["listed_rate"].projects, found["listed_rate"].base) == (("A",), ("A", "B"))


def building(table: LifecycleTable, code: str, money: Money) -> Standing:
    return row(table, code, reached={"STARTED": date(2024, 6, 1)}, money=money)


def test_investment_of_whom_it_is_not_known_is_told_and_not_counted_as_nothing(
    march: Snapshot, table: LifecycleTable
) -> None:
    known, silent = Money(1 * YI, 933, 1000), Money()
    found = figures(with_rows(march, building(table, "A", known), building(table, "B", silent)), table)
    unknown = figures(with_rows(march, building(table, "B", silent)), table)

    assert (found["month_investment"].value, found["month_investment"].lacking) == (1 * YI, ("B",))
    assert unknown["month_investment"].value is None
    assert figures(with_rows(march), table)["month_investment"].value == 0
    assert unknown["investment_rate"].value is None
    rate, gap = found["investment_rate"], found["investment_gap"]
    assert (value_text(rate.value, rate.unit), rate.numerator, rate.denominator, rate.lacking) == (
        "93.30%",
        933,
        1000,
        ("B",),
    )
    assert value_text(gap.value, gap.unit) == "+68.30"


def test_a_plan_of_nothing_is_known_and_gives_no_rate(march: Snapshot, table: LifecycleTable) -> None:
    found = figures(with_rows(march, building(table, "A", Money(0, 0, 0))), table)

    assert found["investment_rate"].value is None
    assert found["investment_rate"].lacking == ()
    assert found["year_investment"].value == 0


def test_against_three_quarters_of_the_year_as_published(march: Snapshot, table: LifecycleTable) -> None:
    september = replace(march, month=Month.parse("2025-09"), as_of=date(2025, 9, 30))
    found = figures(with_rows(september, building(table, "A", Money(None, 933, 1000))), table)

    assert value_text(found["investment_gap"].value, Unit.POINTS) == "+18.30"


def test_what_was_only_seen_on_a_public_page_is_counted_apart_and_is_no_event(
    march: Snapshot, background: Background
) -> None:
    table = background.table
    seen = row(table, "A", observed="STARTED")
    recorded = row(table, "B", reached={"STARTED": date(2025, 3, 2)})

    report = monthly(with_rows(march, seen, recorded), None, background)

    started = next(group for group in report.breakdown("points").groups if group.id == "STARTED")
    assert (started.projects, started.observed) == (("A", "B"), ("A",))
    assert report.blocks[1].figures[0].projects == ("B",)


def test_how_many_started_is_unknown_where_starts_were_only_seen(march: Snapshot, table: LifecycleTable) -> None:
    seen = row(table, "A", observed="COMPLETED")
    earlier = row(table, "B", reached={"STARTED": date(2020, 1, 1)})

    alone, beside = (figures(with_rows(march, *rows), table) for rows in ((seen,), (seen, earlier)))

    assert (alone["started_month"].value, alone["started_month"].lacking) == (None, ("A",))
    assert (beside["started_month"].value, beside["started_month"].lacking) == (0, ("A",))
    assert (alone["produced_month"].value, alone["produced_month"].lacking) == (0, ())
    assert figures(with_rows(march), table)["started_month"].value == 0
    assert (alone["signed_month_agreed"].value, alone["signed_month_agreed"].lacking) == (None, ("A",))


def test_projects_out_of_the_library_are_in_no_table_and_still_happened(
    march: Snapshot, background: Background
) -> None:
    gone = row(background.table, "A", reached={"SIGNED": date(2025, 3, 2)}, side=Side.TERMINATED, is_active=False)

    report = monthly(with_rows(march, gone), None, background)

    assert report.breakdown("total").groups[0].projects == ()
    assert report.blocks[0].figures[0].projects == ("A",)


def test_every_unit_has_a_line_and_an_unknown_place_its_own(march: Snapshot, background: Background) -> None:
    table = background.table
    assert set(UNITS) == {*DISTRICTS, "320400"}
    assert len(monthly(with_rows(march), None, background).units) == 8

    odd = monthly(
        with_rows(march, row(table, "A", district=None), row(table, "B", district="330100")), None, background
    )

    assert [(unit.group.name, unit.group.projects) for unit in odd.units][-1] == ("待核实", ("A", "B"))
    assert counts(odd, "units")[""] == 2


def test_red_comes_before_yellow_and_excused_red_after_the_others(march: Snapshot, table: LifecycleTable) -> None:
    young, old = light(Colour.RED, date(2025, 3, 1)), light(Colour.RED, date(2024, 3, 1))
    excused = replace(old, excuse=Excuse("signed_approved", "洪水", "a", date(2025, 4, 1)))
    yellow = light(Colour.YELLOW, date(2023, 3, 1))
    rows = [row(table, code, lights=(one,)) for code, one in zip("ABCD", (yellow, excused, young, old), strict=True)]

    assert [one.code for one, _ in lit(with_rows(march, *rows))] == ["D", "C", "B", "A"]


@given(st.data())
def test_totals_are_the_sums_of_the_rows(table: LifecycleTable, data: st.DataObject) -> None:
    rows = data.draw(standings(table))
    march = with_rows(month_of(table, "2025-03"), *rows)
    by_code = {one.code: one for one in rows}
    live = sorted(one.code for one in rows if one.is_active)

    for found in breakdowns(march, table, {}):
        for group in found.groups:
            known = [by_code[code].investment_fen for code in group.projects if code not in group.lacking]
            assert group.fen == (sum(fen for fen in known if fen is not None) if known or not group.projects else None)
            assert set(group.observed) <= set(group.projects)
            assert all(by_code[code].investment_fen is None for code in group.lacking)
        if found.is_disjoint:
            assert sorted(code for group in found.groups for code in group.projects) == live
    for figure in figures(march, table).values():
        _adds_up(figure, by_code)


AMOUNTS = {
    "signed_month_agreed": lambda one: one.agreed_fen, "signed_year_agreed": lambda one: one.agreed_fen,
    "month_investment": lambda one: one.money.month_fen, "year_investment": lambda one: one.money.year_fen,
}  # fmt: skip


def _adds_up(figure: Figure, by_code: dict[str, Standing]) -> None:
    assert not set(figure.projects) & set(figure.lacking)
    if figure.unit is Unit.COUNT:
        assert figure.value == (len(figure.projects) if figure.value is not None or not figure.lacking else None)
        assert figure.value is not None or not figure.projects
    if figure.unit is Unit.MONEY:
        amounts = [AMOUNTS[figure.id](by_code[code]) for code in figure.projects]
        assert figure.value == (sum(amounts) if figure.value is not None or amounts or not figure.lacking else None)
        assert figure.value is None or amounts or not figure.value
    if figure.unit is Unit.RATIO:
        assert set(figure.projects) <= set(figure.base)
        assert figure.value == (Fraction(figure.numerator or 0, figure.denominator) if figure.denominator else None)
        if figure.parts is Unit.COUNT:
            assert (figure.numerator, figure.denominator) == (len(figure.projects), len(figure.base))


def test_the_units_add_up_to_the_city(report: Dispatch) -> None:
    assert sum(len(unit.group.projects) for unit in report.units) == len(report.breakdown("total").groups[0].projects)
    for point in ("SIGNED", "APPROVED", "STARTED", "COMPLETED", "PRODUCING"):
        assert sum(len(unit.by_point[point]) for unit in report.units) == counts(report, "points")[point]
    assert sum(len(unit.started) for unit in report.units) == len(report.blocks[1].figures[1].projects)


def test_targets_leave_out_a_project_whose_days_cannot_be_told(march: Snapshot, background: Background) -> None:
    table = background.table

    def major(code: str, land: date, permit: date) -> Standing:
        milestones = (done("land_contract", land), done("construction_permit", permit))
        return row(table, code, major_level="市重大", milestones=milestones)

    rows = (major("A", date(2025, 3, 10), date(2025, 3, 11)), major("B", date(2019, 3, 1), date(2025, 3, 2)))
    target = monthly(with_rows(march, *rows), None, background).land_target

    assert (target.goal, target.done, target.pace) == (30, 1, Fraction(15, 2))
    assert [found.project for found in target.rows] == ["A", "B"]
    assert "2019年" in target.rows[1].why


def test_the_difference_from_february_to_march(table: LifecycleTable, march: Snapshot) -> None:
    february = month_of(table, "2025-02")
    found = changes(february, march, table)

    assert [(change.code, change.now) for change in found.of(ChangeKind.ENTERED)] == [("P10", "签约")]
    assert [(change.code, change.was, change.now) for change in found.of(ChangeKind.MOVED)] == [("P04", "开工", "竣工")]
    assert found.of(ChangeKind.LEFT) == ()
    assert [(delta.name, delta.was, delta.now, delta.difference) for delta in found.deltas[:2]] == [
        ("在库项目", "11个", "12个", "+1"),
        ("总投资", "219.6799亿元", "229.6799亿元", "+10"),
    ]


def test_leaving_investment_and_lights_are_differences(table: LifecycleTable, march: Snapshot) -> None:
    before = with_rows(march, row(table, "A"), row(table, "B", fen=YI), row(table, "C"))
    out = row(table, "A", side=Side.EXITED, is_active=False)
    red = row(table, "B", fen=3 * YI // 2, lights=(light(Colour.RED, date(2025, 3, 1)),))

    found = changes(before, with_rows(march, out, red), table)

    assert [(change.code, change.now) for change in found.of(ChangeKind.LEFT)] == [
        ("A", "出库"),
        ("C", "不再单列（并库或删除）"),
    ]
    assert [(c.code, c.was, c.now, c.difference) for c in found.of(ChangeKind.INVESTMENT)] == [
        ("B", "1亿元", "1.5亿元", "+0.5")
    ]
    assert [(c.was, c.now) for c in found.of(ChangeKind.LIGHT)] == [("没有计时", "红灯")]


def test_equal_months_do_not_differ_and_are_not_asked_about(table: LifecycleTable, march: Snapshot) -> None:
    sent = with_rows(march, row(table, "A", last_update=date(2025, 3, 1)))

    assert changes(march, march, table).changes == ()
    assert doubts(sent, sent, table, {}) == ()


def asked(before: Standing, now: Standing, march: Snapshot, table: LifecycleTable, **corrected: tuple[str, ...]) -> list[str]:  # fmt: skip
    """The kinds of doubt about one project."""
    sent = replace(now, last_update=date(2025, 3, 5))
    return [str(doubt.kind) for doubt in doubts(with_rows(march, before), with_rows(march, sent), table, corrected)]


def test_falls_mismatches_and_jumps_are_asked_about(table: LifecycleTable, march: Snapshot) -> None:
    def pair(was: Money, now: Money) -> list[str]:
        return asked(building(table, "A", was), building(table, "A", now), march, table)

    assert pair(Money(5, 10, 100), Money(5, 9, 100)) == [DoubtKind.FELL]
    assert pair(Money(5, 10, 100), Money(5, 15, 100)) == []
    assert pair(Money(5, 10, 100), Money(5, 16, 100)) == [DoubtKind.MISMATCH]
    assert pair(Money(5, 10, 100), Money(49, 59, 100)) == []
    assert pair(Money(5, 10, 100), Money(50, 60, 100)) == [DoubtKind.JUMPED]
    assert pair(Money(5, 10, 100), Money(5, 15, 10)) == [DoubtKind.JUMPED]
    assert pair(Money(5, 10, 100), Money(0, 10, 100)) == []
    assert pair(Money(), Money(5, 15, 10)) == []
    assert asked(row(table, "A", fen=YI), row(table, "A", fen=10 * YI), march, table) == [DoubtKind.JUMPED]


def test_in_january_the_sum_starts_anew(table: LifecycleTable) -> None:
    december, january = month_of(table, "2024-12"), month_of(table, "2025-01")
    before = with_rows(december, building(table, "A", Money(5, 900, 1000)))
    now = replace(building(table, "A", Money(7, 7, 1000)), last_update=date(2025, 1, 5))

    assert doubts(before, with_rows(january, now), table, {}) == ()


def test_a_date_that_changed_is_asked_about_unless_it_was_corrected(table: LifecycleTable, march: Snapshot) -> None:
    before = row(table, "A", reached={"APPROVED": date(2024, 1, 1)})
    now = row(table, "A", reached={"APPROVED": date(2024, 1, 2)})

    assert asked(before, now, march, table) == [DoubtKind.SILENT]
    assert asked(before, row(table, "A"), march, table) == [DoubtKind.SILENT]
    assert asked(before, now, march, table, A=("event-1",)) == []


def test_a_project_that_is_gone_and_one_that_sent_nothing_are_asked_about(
    table: LifecycleTable, march: Snapshot
) -> None:
    before = with_rows(march, row(table, "A"), row(table, "B"), row(table, "C", is_active=False, side=Side.EXITED))
    late = row(table, "B", last_update=date(2025, 2, 28))
    seen = row(table, "D", observed="STARTED")
    built = replace(building(table, "E", Money()), last_update=date(2025, 3, 1))

    found = doubts(before, with_rows(march, late, seen, built), table, {})

    assert [(doubt.kind, doubt.code) for doubt in found] == [
        (DoubtKind.VANISHED, "A"), (DoubtKind.UNSENT, "B"), (DoubtKind.UNSENT, "E"),
    ]  # fmt: skip
    assert "最近一次 2025-02-28" in found[1].what


@pytest.mark.parametrize(("month", "change", "year"), [("2024-12", "-1", "-1"), ("2025-01", "+1", "+1"), ("2025-02", None, "+1")])  # fmt: skip
def test_a_corrected_start_moves_from_december_to_january(
    table: LifecycleTable, month: str, change: str | None, year: str
) -> None:
    closed = month_of(table, month)
    kept = closed.content_hash
    today = with_rows(closed, *(_moved(one, closed.as_of, table) for one in closed.rows))

    found = {line.figure: line for line in restatements(closed, today, table, {"P08": ("event-9",), "P01": ("other",)})}

    assert closed.content_hash == kept
    assert found["本年新开工项目"].difference == year
    if change is None:
        assert "本月新开工项目" not in found
    else:
        line = found["本月新开工项目"]
        assert (line.difference, line.projects, line.causes) == (change, ("P08",), ("event-9",))
    moved = found.get("跟踪点：开工项目数")
    assert (moved.difference if moved else None) == ("-1" if month == "2024-12" else None)


def _moved(one: Standing, as_of: date, table: LifecycleTable) -> Standing:
    if one.code != "P08":
        return one
    reached = {**one.reached, "STARTED": date(2025, 1, 8)}
    kept = {point: on for point, on in reached.items() if on <= as_of}
    changed = row(table, "P08", reached=kept, fen=one.investment_fen, firm=one.firm, district=one.district)
    return replace(changed, industry=one.industry, is_active=True)


def test_the_same_month_is_not_restated_and_another_month_is_refused(table: LifecycleTable, march: Snapshot) -> None:
    assert restatements(march, march, table, {}) == ()
    with pytest.raises(ValueError, match="2025-02"):
        restatements(march, month_of(table, "2025-02"), table, {})


def test_a_report_is_only_compared_with_the_month_it_was_closed_with(march: Snapshot, background: Background) -> None:
    february = month_of(background.table, "2025-02")
    following = replace(march, before_hash=february.content_hash)

    assert monthly(following, february, background).changes is not None
    for snapshot, before in ((following, None), (march, february), (following, march)):
        with pytest.raises(FactError, match="上月快照"):
            monthly(snapshot, before, background)


@pytest.mark.parametrize(("value", "unit", "text"), [
    (Fraction(5, 100_000), Unit.RATIO, "0.01%"), (Fraction(0), Unit.RATIO, "0.00%"), (None, Unit.RATIO, "—"), (12, Unit.COUNT, "12"),
    (Fraction(203, 2), Unit.DAYS, "101.5"), (Fraction(25, 3), Unit.DAYS, "8.33"), (100, Unit.DAYS, "100"), (Fraction(15, 1), Unit.DAYS, "15"), (196_999_000_000, Unit.MONEY, "19.6999"),
    (1, Unit.MONEY, "约0"), (0, Unit.MONEY, "0"), (105 * YI, Unit.MONEY, "105"), (Fraction(-1, 2), Unit.POINTS, "-0.50"),
])  # fmt: skip
def test_values_in_words(value: Fraction | int | None, unit: Unit, text: str) -> None:
    assert value_text(value, unit) == text


def test_differences_in_words() -> None:
    assert difference_text(1, 3, Unit.COUNT) == "+2"
    assert difference_text(3, 3, Unit.COUNT) == "0"
    assert difference_text(None, 3, Unit.COUNT) == "—"
    assert difference_text(Fraction(1, 2), Fraction(1, 4), Unit.RATIO) == "-25.00百分点"
    assert difference_text(3 * YI, YI, Unit.MONEY) == "-2"


def test_tickets_are_counted_one_by_one_with_the_commonest_causes_first(
    march: Snapshot, background: Background
) -> None:
    def ticket(cause: str, *, opened: date = date(2025, 3, 3), ended: date | None = None, late: bool = False) -> Ticket:
        state = TicketState.NEW if ended is None else TicketState.CLOSED
        return Ticket(state, "ON_SITE", opened, opened, None, 0, 9, late, ended_on=ended, about=About(cause, "缺"))

    table = background.table
    first = row(
        table, "A", tickets=(ticket("用工"), ticket("土地", late=True), ticket("土地", opened=date(2025, 1, 2)))
    )
    second = row(table, "B", tickets=(ticket("资金", opened=date(2025, 1, 2), ended=date(2025, 3, 31)),))

    block = monthly(with_rows(march, first, second), None, background).tickets

    assert {figure.name: figure.value for figure in block.figures} == {
        "本月登记问题": 2, "本月办结问题": 1, "在办问题": 3, "超期问题": 1, "在办：现场办": 3, "在办：会商办": 0, "在办：土地类": 2, "在办：用工类": 1,
    }  # fmt: skip
    assert [figure.name for figure in block.figures][-2:] == ["在办：土地类", "在办：用工类"]
