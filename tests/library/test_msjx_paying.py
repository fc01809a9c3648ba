"""From approved to paid: instructions, receipts to the 分, returned payments, batches that are all or nothing (S-18)."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msjx import APPROVER, FIRST, GX, approved, by, confirmed, state, to_approved, with_firm
from paying import (
    brought,
    case_of,
    exported,
    failed_row,
    kept,
    ledger_of,
    ledger_row,
    listed,
    listing,
    paid_row,
    receipts,
    two_approved,
)
from rows import E2, E3, LIBRARY, audited, day, told
from sqlalchemy import delete

from policy_match.errors import Conflict, Forbidden, NotFound, UsageError
from policy_match.store import cases
from policy_match.store.case_tables import Budget, Case
from policy_match.workflows.export_payments import (
    HEADER,
    export_payments,
    form_of,
    instruction_id,
    kept_batch,
    write_batch,
)
from policy_match.workflows.find_candidates import Hunt, find_candidates
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_receipts import list_quarantined
from policy_match.workflows.reconfirm_case import reconfirm_case
from policy_match.workflows.stop_rule import NewStop, stop_rule

FIRST_ORDER = "MX-2025-000001-1"


def rows_of(content: str) -> list[dict[str, str]]:
    header, *rows = csv.reader(content.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_a_case_is_paid_by_the_receipt_that_is_equal_to_the_cent_and_no_second_case_follows(
    paying: Archive, tmp_path: Path
) -> None:
    number = to_approved(paying)

    sent = exported(paying)
    short = receipts(paying, tmp_path, paid_row(FIRST_ORDER, "199999.99元"))
    after_short = state(paying, number)
    full = receipts(paying, tmp_path, paid_row(FIRST_ORDER, "200000.00元"))
    with_firm(paying, on="2025-06-16")
    again = find_candidates(paying, Hunt(by(FIRST, "2025-06-17").today, (GX,)), by(FIRST, "2025-06-17"))[0]

    assert (sent.cases, sent.amount_fen, sent.left_out) == (1, 20_000_000, ())
    assert [one.why for one in short.quarantined] == ["金额不符：指令20万元，回单199999.99元"]
    assert (after_short, full.paid, full.quarantined, state(paying, number)) == ("M6", 1, [], "M7")
    assert ledger_of(paying) == [("V1", 20_000_000, True)]
    assert (again.opened, again.passed) == ((), {"已有办件": 1})
    with paying.database.reading() as session:
        steps = cases.steps_of(session, cases.by_number(session, LIBRARY, number))
        assert [step.to_state for step in steps][-3:] == ["M5", "M6", "M7"]
        assert cases.first_break(steps) is None


def test_an_instruction_says_who_gets_how_much_on_which_account_and_what_proves_it(paying: Archive) -> None:
    number = to_approved(paying)

    sent = exported(paying)

    assert sent.batch is not None and sent.batch.number == "BF-2025-000001"
    (row,) = rows_of(sent.batch.content)
    assert tuple(row) == HEADER
    proof = case_of(paying, number).proof_hash
    assert (row["指令号"], row["受益单位代码"], row["户名"], row["账号"]) == (
        FIRST_ORDER, E2, "示范氢能有限公司", "3204110012345678",
    )  # fmt: skip
    assert (row["金额（元）"], row["金额（分）"], row["预算科目"], row["证明"]) == (
        "200000.00", "20000000", "示范专项", proof,
    )  # fmt: skip


def test_the_same_receipt_changes_nothing_and_a_second_success_is_quarantined(paying: Archive, tmp_path: Path) -> None:
    to_approved(paying)
    exported(paying)
    receipts(paying, tmp_path, paid_row(FIRST_ORDER))
    before = kept(paying)

    same = receipts(paying, tmp_path, paid_row(FIRST_ORDER))
    unchanged = kept(paying)
    other = receipts(paying, tmp_path, paid_row(FIRST_ORDER, voucher="V2"))

    assert (same.same, same.paid, same.quarantined, unchanged) == (1, 0, [], before)
    assert [one.why for one in other.quarantined] == ["办件MX-2025-000001现在是“已拨付”，不在拨付中"]
    assert ledger_of(paying) == [("V1", 20_000_000, True)]


def test_a_receipt_of_no_instruction_is_quarantined_told_again_and_listed(paying: Archive, tmp_path: Path) -> None:
    unknown = receipts(paying, tmp_path, paid_row("MX-2025-000009-1"))
    again = receipts(paying, tmp_path, paid_row("MX-2025-000009-1"))

    listed_now = list_quarantined(paying, by("treasury", "2025-06-16"))

    assert [one.why for one in unknown.quarantined] == ["没有这个指令"]
    assert ([one.why for one in again.quarantined], again.same) == (["没有这个指令"], 0)
    assert [(one.receipt.instruction, one.case) for one in listed_now] == [("MX-2025-000009-1", None)]


def test_the_list_of_quarantined_receipts_says_where_the_case_stands_now(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    exported(paying)
    receipts(paying, tmp_path, paid_row(FIRST_ORDER, "1元"), paid_row(FIRST_ORDER))

    (one,) = list_quarantined(paying, by("treasury", "2025-06-16"))

    assert (one.receipt.amount_fen, one.case, one.state) == (100, number, "已拨付")


def test_a_receipt_dated_before_its_instruction_is_quarantined(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    exported(paying)

    early = receipts(paying, tmp_path, paid_row(FIRST_ORDER, on="2025-06-12"))
    same_day = receipts(paying, tmp_path, paid_row(FIRST_ORDER, voucher="V2", on="2025-06-13"))

    assert [one.why for one in early.quarantined] == ["日期 2025-06-12 早于发出指令的 2025-06-13"]
    assert (same_day.paid, state(paying, number)) == (1, "M7")


def test_one_voucher_pays_one_case(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    exported(paying)
    brought(paying, tmp_path, ledger_row(凭证号="V1", 金额="5万元", 到账日="2025-06-14"), on="2025-06-15")

    taken = receipts(paying, tmp_path, paid_row(FIRST_ORDER))

    assert "凭证号 V1 已记在另一笔" in taken.quarantined[0].why
    assert state(paying, number) == "M6"


def test_a_payment_that_the_ledger_told_of_before_its_receipt_is_counted_once(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    exported(paying)
    brought(paying, tmp_path, ledger_row(凭证号="V1", 到账日="2025-06-16"), on="2025-06-16")

    taken = receipts(paying, tmp_path, paid_row(FIRST_ORDER))

    assert (taken.paid, state(paying, number)) == (1, "M7")
    assert ledger_of(paying) == [("V1", 20_000_000, True)]


def test_bad_rows_of_receipts_come_back_with_every_fault_and_the_others_are_read(
    paying: Archive, tmp_path: Path
) -> None:
    number = to_approved(paying)
    exported(paying)

    taken = receipts(
        paying, tmp_path,
        [FIRST_ORDER, "V1", "200000", "2025-06-16", "成功", ""],
        [FIRST_ORDER, "", "20万元", "2025-06-17", "到了", ""],
        [FIRST_ORDER, "", "20万元", "2025-06-16", "成功", ""],
        [FIRST_ORDER, "", "20万元", "2025-06-16", "退汇", ""],
        paid_row(FIRST_ORDER),
    )  # fmt: skip

    assert [(one.row, one.column, one.code) for one in taken.refusals] == [
        (2, "金额", "UNIT_MISSING"), (3, "日期", "LC_FUTURE"), (3, "结果", "RECEIPT_RESULT"),
        (4, "凭证号", "CELL_EMPTY"), (5, "原因", "CELL_EMPTY"),
    ]  # fmt: skip
    assert (taken.paid, state(paying, number)) == (1, "M7")


def test_a_returned_payment_is_confirmed_approved_and_sent_anew_as_the_second_attempt(
    paying: Archive, tmp_path: Path
) -> None:
    number = to_approved(paying)
    exported(paying)

    failed = receipts(paying, tmp_path, failed_row(FIRST_ORDER))
    after_failure = (state(paying, number), exported(paying, "2025-06-16").batch)
    asked = reconfirm_case(paying, number, by(FIRST, "2025-06-17"))
    waits = (asked.state, asked.consented)
    confirmed(paying, number, "2025-06-18")
    approved(paying, number, "2025-06-18")
    sent = exported(paying, "2025-06-18")
    late = receipts(paying, tmp_path, paid_row(FIRST_ORDER, on="2025-06-18"), on="2025-06-19")
    done = receipts(paying, tmp_path, paid_row("MX-2025-000001-2", on="2025-06-19"), on="2025-06-19")

    assert (failed.failed, after_failure, waits) == (1, ("F", None), ("M3", False))
    assert sent.batch is not None and rows_of(sent.batch.content)[0]["指令号"] == "MX-2025-000001-2"
    assert [one.why for one in late.quarantined] == ["这个指令已经作废，之后另发了新的指令"]
    assert (done.paid, state(paying, number)) == (1, "M7")


def test_only_a_returned_payment_is_confirmed_anew(paying: Archive) -> None:
    number = to_approved(paying)

    with pytest.raises(Conflict) as refused:
        reconfirm_case(paying, number, by(FIRST, "2025-06-17"))

    assert told(refused.value) == {"MSJX_STATE"}


def test_a_batch_is_written_again_byte_by_byte_as_csv_and_as_xlsx(paying: Archive, tmp_path: Path) -> None:
    to_approved(paying)
    sent = exported(paying)
    assert sent.batch is not None
    files = [tmp_path / name for name in ("a.csv", "a.xlsx", "b.csv", "b.xlsx")]

    for file in files[:2]:
        write_batch(sent.batch, file)
    for file in files[2:]:
        write_batch(kept_batch(paying, "BF-2025-000001", by("treasury", "2025-07-01")), file)

    first, second = [file.read_bytes() for file in files[:2]], [file.read_bytes() for file in files[2:]]
    assert first == second
    assert kept(paying)["batches"] == 1


def test_an_unknown_batch_and_an_unknown_ending_are_refused(paying: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as unknown:
        kept_batch(paying, "BF-2025-000007", by("treasury", "2025-07-01"))
    with pytest.raises(UsageError) as ending:
        form_of(tmp_path / "a.pdf")

    assert (told(unknown.value), told(ending.value)) == ({"BATCH_UNKNOWN"}, {"FORMAT"})


def test_there_is_no_batch_where_nothing_can_be_sent(paying: Archive) -> None:
    sent = exported(paying)

    assert (sent.batch, sent.cases, sent.left_out, kept(paying)["batches"]) == (None, 0, (), 0)


def test_only_the_treasury_sends_and_a_refusal_is_audited(paying: Archive) -> None:
    number = to_approved(paying)

    with pytest.raises(Forbidden) as refused:
        export_payments(paying, by(APPROVER, "2025-06-13"))

    assert (told(refused.value), state(paying, number)) == ({"CARE_ROLE"}, "M5")
    assert len(audited(paying, "care.refused")) == 1


def test_nobody_is_sent_twice_by_two_exports_at_once(paying: Archive) -> None:
    to_approved(paying)

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda hour: exported(paying, hour=hour), ("15:00", "15:01")))

    assert sorted(one.cases for one in both) == [0, 1]
    assert (kept(paying)["batches"], kept(paying)["instructions"]) == (1, 1)


def test_who_was_listed_since_the_approval_is_left_out_and_ends(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    listed(paying, tmp_path, listing())

    sent = exported(paying)

    assert (sent.batch, state(paying, number)) == (None, "X2")
    assert [(one.number, one.why) for one in sent.left_out] == [
        (number, "列入排除：失信被执行人（示范法院，依据示范规定第一条，示范执1）")
    ]


def test_lists_of_yesterday_are_fresh_enough_and_older_ones_keep_the_case_waiting(
    paying: Archive, tmp_path: Path
) -> None:
    number = to_approved(paying)

    late = exported(paying, "2025-06-15", "00:30")
    waiting = state(paying, number)
    listed(paying, tmp_path, on="2025-06-15", hour="00:30", whole=True)
    sent = exported(paying, "2025-06-16", "23:30")

    assert [one.why for one in late.left_out] == ["排除名单是 2 天前的"]
    assert (waiting, sent.cases) == ("M5", 1)


def test_instructions_of_the_two_libraries_never_bear_one_id() -> None:
    ids = [instruction_id(Case(library=library, number="MX-2025-000001"), 2) for library in ("real", "demo")]

    assert ids == ["MX-2025-000001-2", "demo-MX-2025-000001-2"]


def test_another_amount_than_was_approved_starts_anew_and_is_not_sent(paying: Archive, tmp_path: Path) -> None:
    number = to_approved(paying)
    brought(paying, tmp_path, ledger_row(期间="2020-11-06", 凭证号="示范外2", 金额="15万元"))

    sent = exported(paying)

    assert [one.why for one in sent.left_out] == ["候选：金额由20万元变为15万元"]
    assert (state(paying, number), case_of(paying, number).amount_fen) == ("M0", None)


def test_a_case_whose_facts_no_longer_prove_it_is_left_out_and_waits(paying: Archive) -> None:
    number = to_approved(paying)
    with_firm(paying, on="2025-06-02", recognised_on="2025-03-01")

    sent = exported(paying)

    assert [one.why for one in sent.left_out] == ["这笔待遇的期间现在是2025-03-01，办件的是2024-11-06"]
    assert state(paying, number) == "M5"


def test_a_case_of_a_measure_that_was_stopped_since_is_not_sent(paying: Archive) -> None:
    number = to_approved(paying)
    stop_rule(paying, paying.shelf.folder, NewStop(GX, 1, "示范停用", since=day("2025-06-01")), by(FIRST, "2025-06-13"))

    sent = exported(paying)

    assert (sent.batch, [one.number for one in sent.left_out], state(paying, number)) == (None, [number], "M5")


def test_without_a_budget_of_the_year_in_which_is_paid_nothing_is_sent(paying: Archive) -> None:
    number = to_approved(paying)
    with paying.database.writing() as session:
        session.execute(delete(Budget))

    sent = exported(paying)

    assert "没有登记 2025 年的预算" in sent.left_out[0].why
    assert state(paying, number) == "M5"


def test_a_case_that_cannot_go_does_not_keep_the_others(paying: Archive, tmp_path: Path) -> None:
    one, other = two_approved(paying)
    listed(paying, tmp_path, listing(信用代码=E3))

    sent = exported(paying)

    assert sent.cases == 1
    assert [left.number for left in sent.left_out] == [other]
    assert (state(paying, one), state(paying, other)) == ("M6", "X2")


KILLED = """
import os, signal, sys
from pathlib import Path
from policy_match.secret import open_secret
from policy_match.settings import Settings
from policy_match.workflows import export_payments, pay_desk
from policy_match.workflows.open_archive import open_archive
from msjx import by

def die(*_args, **_more):
    print("flushed", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

archive = open_archive(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), secret=open_secret(Settings()))
pay_desk.audit = type("Dying", (), {"record": staticmethod(die)})
export_payments.export_payments(archive, by("treasury", "2025-06-13", "15:00"))
"""


def test_an_export_that_is_killed_before_it_is_kept_leaves_nothing(
    paying: Archive, paying_folders: tuple[Path, Path]
) -> None:
    number = to_approved(paying)
    address = paying.database.engine.url.render_as_string(hide_password=False)

    child = subprocess.run(
        [sys.executable, "-c", KILLED, address, *map(str, paying_folders)],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (child.stdout, child.returncode) == ("flushed\n", -signal.SIGKILL), child.stderr
    assert (kept(paying)["batches"], kept(paying)["instructions"], state(paying, number)) == (0, 0, "M5")
    assert exported(paying).cases == 1
