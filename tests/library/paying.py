"""Files of the treasury and of the credit register, written and read in the shortest form that tests can read."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from msjx import (
    ACCOUNT,
    APPROVER,
    FIRM,
    FIRST,
    GX,
    HOLDER,
    by,
    found,
    noticed,
    verified,
    with_firm,
    with_lists,
    with_money,
)
from rows import E2, E3, LIBRARY
from sqlalchemy import func, select

from policy_match.store import cases, subjects
from policy_match.store.case_tables import Case, ExclusionCheck, Instruction, Payment, PaymentBatch, Receipt
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.confirm_case import Consent, confirm_case
from policy_match.workflows.export_payments import Exported, export_payments
from policy_match.workflows.import_exclusions import ExclusionList, Listed, import_exclusions
from policy_match.workflows.import_payments import LedgerTaken, import_payments
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_receipts import ReceiptsRead, read_receipts

EXCLUSIONS = ("信用代码", "种类", "记录号", "列入机关", "依据", "起", "止", "修复日", "适用措施")
RECEIPTS = ("指令号", "凭证号", "金额", "日期", "结果", "原因")
LEDGER = ("措施", "受益单位", "项目", "期间", "到账日", "金额", "凭证号", "来源系统")
PAID_ON = "2025-06-16"


def written(path: Path, header: Sequence[str], *rows: Sequence[str]) -> Path:
    """A CSV of a header and rows."""
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *rows])
    return path


def listing(**changed: str) -> list[str]:
    """A row of an exclusion list: the firm of the tests as 失信被执行人 since 2025-05-01, unless it says otherwise."""
    cells = {
        "信用代码": E2, "种类": "失信被执行人", "记录号": "示范执1", "列入机关": "示范法院", "依据": "示范规定第一条",
        "起": "2025-05-01",
    } | changed  # fmt: skip
    return [cells.get(name, "") for name in EXCLUSIONS]


def listed(
    archive: Archive,
    folder: Path,
    *rows: Sequence[str],
    on: str = "2025-06-13",
    hour: str = "09:00",
    whole: bool = False,
    source: str = "CREDIT",
) -> Listed:
    """An exclusion list is brought at an hour of a day."""
    file = written(folder / "exclusions.csv", EXCLUSIONS, *rows)
    return import_exclusions(archive, ExclusionList(file, source, whole), by("data", on, hour))


def exported(archive: Archive, on: str = "2025-06-13", hour: str = "15:00") -> Exported:
    """The treasury takes what is approved."""
    return export_payments(archive, by("treasury", on, hour))


def receipts(archive: Archive, folder: Path, *rows: Sequence[str], on: str = PAID_ON) -> ReceiptsRead:
    """The treasury answers on a day."""
    return read_receipts(archive, written(folder / "receipts.csv", RECEIPTS, *rows), by("treasury", on))


def paid_row(instruction: str, amount: str = "200000.00元", voucher: str = "V1", on: str = PAID_ON) -> list[str]:
    """A receipt of success."""
    return [instruction, voucher, amount, on, "成功", ""]


def failed_row(instruction: str, amount: str = "200000元", on: str = PAID_ON) -> list[str]:
    """A receipt of a returned payment."""
    return [instruction, "", amount, on, "退汇", "账号与户名不符"]


def ledger_row(**changed: str) -> list[str]:
    """A row of another system's ledger: the measure of the tests to its firm for the event of 2024-11-06."""
    cells = {
        "措施": GX, "受益单位": E2, "期间": "2024-11-06", "到账日": "2025-02-10", "金额": "20万元", "凭证号": "示范外1",
        "来源系统": "示范系统",
    } | changed  # fmt: skip
    return [cells.get(name, "") for name in LEDGER]


def brought(archive: Archive, folder: Path, *rows: Sequence[str], on: str = "2025-06-13") -> LedgerTaken:
    """A ledger of other systems is brought on a day."""
    return import_payments(archive, written(folder / "ledger.csv", LEDGER, *rows), by("treasury", on))


def kept(archive: Archive) -> dict[str, int]:
    """How many rows of each sort there are."""
    tables = {"batches": PaymentBatch, "instructions": Instruction, "receipts": Receipt, "payments": Payment,
              "checks": ExclusionCheck}  # fmt: skip
    with archive.database.reading() as session:
        return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}


def case_of(archive: Archive, number: str) -> Case:
    """The case of a number."""
    with archive.database.reading() as session:
        return cases.by_number(session, LIBRARY, number)


def ledger_of(archive: Archive) -> list[tuple[str, int, bool]]:
    """Reference, sum in 分 and whether it is of a case, in the order of references."""
    with archive.database.reading() as session:
        rows = session.scalars(select(Payment).order_by(Payment.reference))
        return [(row.reference, row.amount_fen, row.case_id is not None) for row in rows]


def two_approved(archive: Archive) -> tuple[str, str]:
    """Two firms, each with an approved case; their numbers."""
    holders = {E2: HOLDER, E3: "示范芯片有限公司"}
    with_money(archive)
    for code, name in holders.items():
        with_firm(archive, code, name)
    numbers = found(archive).opened
    for number in numbers:
        verified(archive, number)
        noticed(archive, number)
    move_cases(archive, by(FIRST, "2025-06-11"))
    with_lists(archive, "2025-06-13")
    by_code = {beneficiary_of(archive, number): number for number in numbers}
    for code, number in by_code.items():
        consent = Consent("示范负责人", "政企通实名", holders[code], ACCOUNT)
        confirm_case(archive, number, consent, by(FIRM, "2025-06-13"))
        approve_case(archive, number, by(APPROVER, "2025-06-13"))
    return by_code[E2], by_code[E3]


def beneficiary_of(archive: Archive, number: str) -> str:
    """The code of who is paid by a case."""
    with archive.database.reading() as session:
        wanted = cases.by_number(session, LIBRARY, number).beneficiary_id
        return subjects.by_ids(session, [wanted])[wanted].code
