"""Budgets, what other systems paid, and money that has to come back: what counts and what no longer does."""

from __future__ import annotations

from pathlib import Path

import pytest
from msjx import FIRST, GX, LISTED, approved, by, confirmed, found, noticed, state, to_approved, verified, with_firm
from paying import brought, case_of, exported, ledger_of, ledger_row, paid_row, receipts, two_approved
from rows import LIBRARY, audited, day, told

from policy_match.errors import Conflict, FactError, Forbidden, UsageError
from policy_match.store import payments
from policy_match.workflows.at_case import PAYS, at_case
from policy_match.workflows.claw_back import Clawback, Repayment, claw_back, record_repayment, write_off
from policy_match.workflows.enter_budget import NewBudget, enter_budget
from policy_match.workflows.examine_case import examine
from policy_match.workflows.import_payments import import_payments
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import Archive

TREASURY = "treasury"


def budget(amount: str = "100万元", year: int = 2025, **changed: str) -> NewBudget:
    """A budget of the invented measure."""
    texts = {"measure": GX, "line": "示范专项", "reviewer": "示范审查人"} | changed
    return NewBudget(texts["measure"], year, amount, texts["line"], day("2025-01-02"), texts["reviewer"])


def amount_of(archive: Archive, year: int = 2025) -> int | None:
    with archive.database.reading() as session:
        row = payments.budget(session, LIBRARY, GX, year)
        return None if row is None else row.amount_fen


def paid_case(archive: Archive, folder: Path) -> str:
    """A case that was paid on 2025-06-16."""
    number = to_approved(archive)
    exported(archive)
    receipts(archive, folder, paid_row(f"{number}-1"))
    return number


# budgets


def test_a_budget_is_entered_raised_and_lowered_each_with_its_audit_row(paying: Archive) -> None:
    for amount in ("100万元", "150万元", "120万元"):
        enter_budget(paying, budget(amount), by(TREASURY, "2025-06-02"))

    assert amount_of(paying) == 120_000_000
    before = [line.detail.partition('"before_fen":')[2] for line in audited(paying, "msjx.budget")]
    assert [text.split(",")[0] for text in before] == ["null", "100000000", "150000000"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (budget("100"), "UNIT_MISSING"),
        (budget("0元"), "NUM_RANGE"),
        (budget(line=" "), "TEXT_MISSING"),
        (budget(reviewer=""), "TEXT_MISSING"),
        (budget(measure="gx"), "MEASURE_UNKNOWN"),
        (budget(year=2028), "YEAR"),
    ],
)
def test_a_budget_without_unit_line_reviewer_measure_or_year_is_refused(
    asked: NewBudget, code: str, paying: Archive
) -> None:
    with pytest.raises((UsageError, FactError)) as refused:
        enter_budget(paying, asked, by(TREASURY, "2025-06-02"))

    assert (told(refused.value), amount_of(paying)) == ({code}, None)


def test_a_review_that_is_still_to_come_is_refused(paying: Archive) -> None:
    with pytest.raises(UsageError) as refused:
        enter_budget(paying, budget(), by(TREASURY, "2025-01-01"))

    assert told(refused.value) == {"LC_FUTURE"}


def test_a_budget_may_sink_to_what_is_promised_and_no_further(paying: Archive) -> None:
    to_approved(paying)

    enter_budget(paying, budget("20万元"), by(TREASURY, "2025-06-13"))
    with pytest.raises(Conflict) as refused:
        enter_budget(paying, budget("199999.99元"), by(TREASURY, "2025-06-13"))

    assert (told(refused.value), amount_of(paying)) == ({"BUDGET_BOUND"}, 20_000_000)


def test_what_was_paid_stays_bound_until_it_came_back(paying: Archive, tmp_path: Path) -> None:
    number = paid_case(paying, tmp_path)
    with pytest.raises(Conflict):
        enter_budget(paying, budget("5万元"), by(TREASURY, "2025-06-17"))

    claw_back(paying, number, Clawback("示范错付", "示范决1", "15万元"), by(FIRST, "2025-07-01"))
    record_repayment(paying, number, Repayment("15万元", day("2025-07-02"), "R1"), by(TREASURY, "2025-07-02"))
    enter_budget(paying, budget("5万元"), by(TREASURY, "2025-07-03"))

    assert amount_of(paying) == 5_000_000


def test_only_the_treasury_enters_a_budget(paying: Archive) -> None:
    with pytest.raises(Forbidden) as refused:
        enter_budget(paying, budget(), by(FIRST, "2025-06-02"))

    assert told(refused.value) == {"CARE_ROLE"}


def test_a_budget_that_is_used_up_keeps_the_next_case_from_approval(paying: Archive) -> None:
    with_firm(paying)
    enter_budget(paying, budget("199999.99元"), by(TREASURY, "2025-06-02"))
    number = found(paying).opened[0]
    verified(paying, number)
    noticed(paying, number)
    move_cases(paying, by(FIRST, "2025-06-11"))
    confirmed(paying, number)

    with pytest.raises(Conflict) as refused:
        approved(paying, number)
    enter_budget(paying, budget("20万元"), by(TREASURY, "2025-06-13"))

    assert told(refused.value) == {"MSJX_BUDGET"}
    assert approved(paying, number).state == "M5"


# the ledger of other systems


def test_what_another_system_paid_is_recorded_once_by_its_reference(paying: Archive, tmp_path: Path) -> None:
    first = brought(paying, tmp_path, ledger_row(), ledger_row(凭证号="示范外2", 期间="2020-11-06", 金额="-5万元"))
    again = brought(paying, tmp_path, ledger_row())

    assert (first.new, first.same, again.new, again.same) == (2, 0, 0, 1)
    assert ledger_of(paying) == [("示范外1", 20_000_000, False), ("示范外2", -5_000_000, False)]


def test_a_reference_that_is_told_otherwise_is_refused_and_the_first_word_stays(
    paying: Archive, tmp_path: Path
) -> None:
    brought(paying, tmp_path, ledger_row())

    done = brought(paying, tmp_path, ledger_row(金额="19万元"), ledger_row(凭证号="示范外2", 期间="2020-11-06"))

    assert [(one.row, one.column, one.code) for one in done.refusals] == [(2, "凭证号", "PAID_CHANGED")]
    assert (done.new, ledger_of(paying)[0]) == (1, ("示范外1", 20_000_000, False))


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"措施": "gx"}, "措施", "MEASURE_UNKNOWN"),
        ({"受益单位": "示范公司"}, "受益单位", "BENEFICIARY"),
        ({"项目": "CZ-2025-9999"}, "项目", "PROJECT_UNKNOWN"),
        ({"期间": "2025"}, "期间", "PERIOD_FORM"),
        ({"期间": ""}, "期间", "PERIOD_FORM"),
        ({"期间": "一次性"}, "期间", "PERIOD_FORM"),
        ({"期间": "2025年5月"}, "期间", "PERIOD_FORM"),
        ({"到账日": "2025-06-14"}, "到账日", "LC_FUTURE"),
        ({"金额": "200000"}, "金额", "UNIT_MISSING"),
        ({"金额": "0元"}, "金额", "NUM_RANGE"),
        ({"凭证号": ""}, "凭证号", "CELL_EMPTY"),
        ({"来源系统": ""}, "来源系统", "CELL_EMPTY"),
    ],
)
def test_a_payment_of_which_anything_is_unsure_is_refused(
    changed: dict[str, str], column: str, code: str, paying: Archive, tmp_path: Path
) -> None:
    done = brought(paying, tmp_path, ledger_row(**changed))

    assert [(one.column, one.code) for one in done.refusals] == [(column, code)]
    assert ledger_of(paying) == []


def test_a_header_that_is_not_understood_refuses_the_file(paying: Archive, tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text("措施,受益单位,金额（百元）,备注\n", encoding="utf-8")

    with pytest.raises(UsageError) as refused:
        import_payments(paying, file, by(TREASURY, "2025-06-13"))

    assert told(refused.value) == {"COLUMN_UNKNOWN", "UNIT_UNKNOWN", "COLUMN_MISSING"}


def test_who_was_paid_elsewhere_for_the_same_event_is_not_paid_again(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    brought(paying, tmp_path, ledger_row(期间=LISTED))

    sent = exported(paying)

    assert (sent.batch, state(paying, number)) == (None, "X6")
    assert "这一期已经兑付过" in sent.left_out[0].why


# money that has to come back


def test_a_clawback_names_reason_decision_and_sum_and_is_repaid_in_parts(paying: Archive, tmp_path: Path) -> None:
    number = paid_case(paying, tmp_path)

    claw_back(paying, number, Clawback("示范数据有误", "示范决1", "20万元"), by(FIRST, "2025-07-01"))
    first = record_repayment(paying, number, Repayment("5万元", day("2025-07-02"), "R1"), by(TREASURY, "2025-07-02"))
    second = record_repayment(paying, number, Repayment("10万元", day("2025-07-03"), "R2"), by(TREASURY, "2025-07-03"))
    rest = write_off(paying, number, "5万元", "示范破产终结", by(TREASURY, "2025-07-04"))

    assert (first, second, rest, state(paying, number)) == (15_000_000, 5_000_000, 0, "X8")
    assert ledger_of(paying) == [("R1", -5_000_000, True), ("R2", -10_000_000, True), ("V1", 20_000_000, True)]


def test_no_more_comes_back_than_was_paid_and_is_owed(paying: Archive, tmp_path: Path) -> None:
    number = paid_case(paying, tmp_path)

    with pytest.raises(Conflict) as too_much:
        claw_back(paying, number, Clawback("示范", "示范决1", "200000.01元"), by(FIRST, "2025-07-01"))
    claw_back(paying, number, Clawback("示范", "示范决1", "8万元"), by(FIRST, "2025-07-01"))
    with pytest.raises(Conflict) as more:
        record_repayment(paying, number, Repayment("80000.01元", day("2025-07-02"), "R1"), by(TREASURY, "2025-07-02"))
    with pytest.raises(Conflict) as written:
        write_off(paying, number, "80000.01元", "示范", by(TREASURY, "2025-07-02"))

    write_off(paying, number, "3万元", "示范", by(TREASURY, "2025-07-02"))
    with pytest.raises(Conflict) as rest:
        record_repayment(paying, number, Repayment("50000.01元", day("2025-07-02"), "R1"), by(TREASURY, "2025-07-02"))

    assert [told(one.value) for one in (too_much, more, written, rest)] == [{"CLAWBACK_SUM"}] * 4


def test_only_what_was_paid_is_clawed_back_by_its_own_unit_and_repaid_to_the_treasury(
    paying: Archive, tmp_path: Path
) -> None:
    number = to_approved(paying)
    asked = Clawback("示范", "示范决1", "1万元")

    with pytest.raises(Conflict) as unpaid:
        claw_back(paying, number, asked, by(FIRST, "2025-06-13"))
    with pytest.raises(Conflict) as not_clawed:
        record_repayment(paying, number, Repayment("1万元", day("2025-06-13"), "R1"), by(TREASURY, "2025-06-13"))
    exported(paying)
    receipts(paying, tmp_path, paid_row(f"{number}-1"))
    with pytest.raises(Forbidden):
        claw_back(paying, number, asked, by(TREASURY, "2025-07-01"))
    claw_back(paying, number, asked, by(FIRST, "2025-07-01"))
    with pytest.raises(Forbidden):
        record_repayment(paying, number, Repayment("1万元", day("2025-07-01"), "R1"), by(FIRST, "2025-07-01"))

    assert (told(unpaid.value), told(not_clawed.value)) == ({"MSJX_STATE"}, {"MSJX_STATE"})


def test_a_voucher_of_another_payment_is_no_repayment(paying: Archive, tmp_path: Path) -> None:
    number = paid_case(paying, tmp_path)
    claw_back(paying, number, Clawback("示范", "示范决1", "5万元"), by(FIRST, "2025-07-01"))

    with pytest.raises(Conflict) as refused:
        record_repayment(paying, number, Repayment("5万元", day("2025-07-02"), "V1"), by(TREASURY, "2025-07-02"))

    assert (told(refused.value), ledger_of(paying)) == ({"VOUCHER_USED"}, [("V1", 20_000_000, True)])


def test_what_came_back_no_longer_draws_on_the_cap_of_the_year(paying: Archive, tmp_path: Path) -> None:
    brought(paying, tmp_path, ledger_row(期间="2020-11-06", 凭证号="示范外2", 金额="25万元"))
    with_firm(paying)
    number = found(paying).opened[0]

    def pays() -> int | None:
        with at_case(paying, number, by(TREASURY, "2025-06-13"), PAYS) as desk:
            return examine(desk).pay_fen

    cut = pays()
    brought(paying, tmp_path, ledger_row(期间="2020-11-06", 凭证号="示范外3", 金额="-25万元", 到账日="2025-03-01"))

    assert (cut, pays()) == (5_000_000, 20_000_000)


def test_a_payment_that_came_back_in_whole_no_longer_stands_in_the_place_of_another(
    paying: Archive, tmp_path: Path
) -> None:
    with_firm(paying)
    number = found(paying).opened[0]

    def stands() -> bool:
        with at_case(paying, number, by(TREASURY, "2025-06-13"), PAYS) as desk:
            return examine(desk).in_place is not None

    brought(paying, tmp_path, ledger_row())
    paid = stands()
    brought(paying, tmp_path, ledger_row(凭证号="示范外2", 金额="-199999.99元", 到账日="2025-03-01"))
    nearly = stands()
    brought(paying, tmp_path, ledger_row(凭证号="示范外3", 金额="-0.01元", 到账日="2025-03-02"))

    assert (paid, nearly, stands()) == (True, True, False)


def test_two_firms_draw_on_one_budget(paying: Archive) -> None:
    two_approved(paying)

    with pytest.raises(Conflict):
        enter_budget(paying, budget("39万元"), by(TREASURY, "2025-06-13"))
    enter_budget(paying, budget("40万元"), by(TREASURY, "2025-06-13"))

    assert exported(paying).cases == 2


def test_a_case_that_was_paid_back_keeps_its_place(paying: Archive, tmp_path: Path) -> None:
    number = paid_case(paying, tmp_path)
    claw_back(paying, number, Clawback("示范", "示范决1", "20万元"), by(FIRST, "2025-07-01"))
    record_repayment(paying, number, Repayment("20万元", day("2025-07-02"), "R1"), by(TREASURY, "2025-07-02"))

    assert case_of(paying, number).takes_place


def test_what_is_promised_to_a_firm_draws_on_its_cap_before_it_is_paid(paying: Archive) -> None:
    number = to_approved(paying)
    with_firm(paying, on="2025-06-13", recognised_on="2025-03-01")
    again = found(paying, "2025-06-13").opened[0]

    verified(paying, again, "2025-06-13")
    ours = case_of(paying, again).amount_fen
    with at_case(paying, number, by(TREASURY, "2025-06-13"), PAYS) as desk:
        earlier = [cut.paid_fen for cut in examine(desk).cuts]

    assert (ours, earlier) == (10_000_000, [0])
