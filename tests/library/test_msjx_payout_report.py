"""`report payout`: measures by mode over time, days from candidate to paid, sums, and cases by where they stood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest
from msjx import FIRST, GX, by, found, to_approved, with_firm
from paying import brought, exported, ledger_row, paid_row, receipts
from rows import E3, LIBRARY, day, told

from policy_match.errors import UsageError
from policy_match.exchange.reports import Report
from policy_match.workflows.claw_back import Clawback, Repayment, claw_back, record_repayment
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.report_payout import Span, payout_report, report_payout
from policy_match.workflows.stop_rule import NewStop, stop_rule

Board = dict[str, object]


def report(archive: Archive, first: str = "2025-01-01", last: str = "2025-07-31") -> Report:
    """The report on some days, asked for on 2025-07-31."""
    return payout_report(archive, LIBRARY, Span(day(first), day(last)), by(FIRST, "2025-07-31").now)


def paid_case(archive: Archive, folder: Path) -> str:
    """A case found and verified on 2025-06-03 and paid on 06-16."""
    number = to_approved(archive)
    exported(archive)
    receipts(archive, folder, paid_row(f"{number}-1"))
    return number


def test_a_span_ends_with_each_month_and_with_its_own_last_day() -> None:
    assert [str(end) for end in Span(day("2024-12-15"), day("2025-02-10")).ends()] == [
        "2024-12-31", "2025-01-31", "2025-02-10",
    ]  # fmt: skip
    assert Span(day("2025-02-28"), day("2025-02-28")).ends() == (day("2025-02-28"),)


def test_measures_are_counted_by_mode_at_each_end_of_month_by_the_rules_of_that_day(paying: Archive) -> None:
    content = report(paying, "2024-12-01", "2025-02-10").content

    modes = cast(list[Board], content["modes"])
    assert [(str(one["on"]), one["msjx"], one["total"], one["msjx_share"]) for one in modes] == [
        ("2024-12-31", 0, 0, None), ("2025-01-31", 1, 1, 1.0), ("2025-02-10", 1, 1, 1.0),
    ]  # fmt: skip


def test_a_measure_that_was_stopped_counts_in_no_mode_from_that_day_on(paying: Archive) -> None:
    stop = NewStop(GX, 1, "示范停用", since=day("2025-03-15"))
    stop_rule(paying, paying.shelf.folder, stop, by(FIRST, "2025-07-30"))

    modes = cast(list[Board], report(paying, "2025-02-01", "2025-03-31").content["modes"])

    assert [(one["msjx"], one["unsure"]) for one in modes] == [(1, 0), (0, 1)]


def test_days_of_a_paid_case_are_told_by_calendar_and_working_days_and_against_the_term(
    paying: Archive, tmp_path: Path
) -> None:
    number = paid_case(paying, tmp_path)

    content = report(paying).content

    (row,) = cast(list[Board], content["rows"])
    assert (row["case"], row["days"], row["working_days"], row["late"], row["amount_fen"]) == (
        number, 13, 9, False, 20_000_000,
    )  # fmt: skip
    days = cast(Board, content["days"])
    assert days["calendar"] == {"median": 13.0, "p90": 13, "known": 1, "unknown": 0}
    assert days["working"] == {"median": 9.0, "p90": 9, "known": 1, "unknown": 0}
    assert (days["late_paid"], days["late_open"]) == (0, 0)
    assert list(cast(Board, content["days_by_measure"])) == [GX]


def test_without_a_payment_the_days_are_unknown_and_not_zero(paying: Archive) -> None:
    made = report(paying)

    days = cast(Board, made.content["days"])
    assert days["calendar"] == {"median": None, "p90": None, "known": 0, "unknown": 0}
    assert made.grids[2].rows == (("合计", "0", "—", "—", "—", "—", "—", "0", "0", "0"),)


def test_a_case_that_waits_longer_than_the_term_is_late_though_it_is_not_paid(paying: Archive) -> None:
    to_approved(paying)

    late = [
        cast(Board, report(paying, last=last).content["days"])["late_open"] for last in ("2025-07-01", "2025-07-02")
    ]

    assert late == [0, 1]


def test_sums_by_month_and_measure_keep_ours_what_came_back_and_other_systems_apart(
    paying: Archive, tmp_path: Path
) -> None:
    number = paid_case(paying, tmp_path)
    brought(paying, tmp_path, ledger_row(受益单位=E3), ledger_row(受益单位=E3, 凭证号="示范外2", 金额="-1万元"))
    claw_back(paying, number, Clawback("示范", "示范决1", "5万元"), by(FIRST, "2025-07-01"))
    record_repayment(paying, number, Repayment("3万元", day("2025-07-02"), "R1"), by("treasury", "2025-07-02"))

    content = report(paying).content

    none = {"paid": 0, "paid_fen": 0, "back_fen": 0, "other_paid": 0, "other_fen": 0}
    assert content["by_month"] == {
        "2025-02": none | {"other_paid": 1, "other_fen": 19_000_000},
        "2025-06": none | {"paid": 1, "paid_fen": 20_000_000},
        "2025-07": none | {"back_fen": 3_000_000},
    }
    assert content["by_measure"] == {
        GX: {"paid": 1, "paid_fen": 20_000_000, "back_fen": 3_000_000, "other_paid": 1, "other_fen": 19_000_000}
    }


def test_only_payments_of_the_days_asked_about_are_told_and_cases_stand_as_they_stood_then(
    paying: Archive, tmp_path: Path
) -> None:
    paid_case(paying, tmp_path)

    before, after = report(paying, last="2025-06-12").content, report(paying, first="2025-06-17").content
    on_the_day = report(paying, "2025-06-16", "2025-06-16").content

    assert [len(cast(list[Board], one["rows"])) for one in (before, after, on_the_day)] == [0, 0, 1]
    stood = cast(Board, before["states"])
    assert (stood["M3"], stood["M7"], cast(Board, after["states"])["M7"]) == (1, 0, 1)


def test_a_case_of_a_later_day_is_in_no_state_before(paying: Archive) -> None:
    with_firm(paying)
    assert found(paying).opened

    states = cast(Board, report(paying, last="2025-06-02").content["states"])

    assert set(states.values()) == {0}


def test_the_report_is_written_in_every_format_and_its_tables_agree(paying: Archive, tmp_path: Path) -> None:
    paid_case(paying, tmp_path)
    span, now = Span(day("2025-06-01"), day("2025-06-30")), by(FIRST, "2025-07-31").now

    for name in ("a.json", "a.csv", "a.xlsx"):
        report_payout(paying, LIBRARY, span, now, form=None, out=tmp_path / name)

    said = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert (said["report"], said["count"], said["payment_working_days"]) == ("payout", 1, 20)
    text = (tmp_path / "a.csv").read_text("utf-8-sig")
    assert "2025-06,1,20万元,0元,0,0元" in text and "M7,已拨付,1" in text
    assert (tmp_path / "a.xlsx").stat().st_size > 0


@pytest.mark.parametrize(
    ("first", "last", "code"), [("2025-07-01", "2025-06-30", "SPAN"), ("2025-07-01", "2025-08-01", "LC_FUTURE")]
)
def test_days_to_come_and_a_span_that_ends_before_it_begins_are_refused(
    first: str, last: str, code: str, paying: Archive
) -> None:
    with pytest.raises(UsageError) as refused:
        report_payout(paying, LIBRARY, Span(day(first), day(last)), by(FIRST, "2025-07-31").now, form="table", out=None)

    assert told(refused.value) == {code}
