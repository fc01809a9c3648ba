"""Receipts of the treasury from CSV or XLSX: which instruction, paid or returned, how much, when, by what voucher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.errors import Issue
from policy_match.exchange.named_columns import Cells, Columns, ReadRows, day_until, one_of, read_named, text_up_to

COLUMNS = Columns(
    {
        "instruction": ("指令号", "instruction"),
        "voucher": ("凭证号", "voucher"),
        "amount": ("金额", "到账金额", "amount"),
        "told_on": ("日期", "到账日期", "date"),
        "result": ("结果", "result"),
        "reason": ("原因", "reason"),
    },
    needed=("instruction", "voucher", "amount", "told_on", "result"),
    money="amount",
)
_PAID = "paid"
_RESULTS = {_PAID: "成功", "returned": "退汇", "failed": "失败"}


@dataclass(frozen=True, slots=True)
class ToldReceipt:
    """One row. `paid` False: returned or failed, with the reason; its voucher may be empty."""

    instruction: str
    voucher: str
    amount_fen: int
    told_on: date
    paid: bool
    reason: str


def read_receipt_file(path: Path, today: date) -> ReadRows[ToldReceipt]:
    """Read a file of receipts; days to come, sums without unit and rows that do not say all of it are refused."""
    return read_named(path, COLUMNS, lambda cells: _receipt(cells, today))


def _receipt(cells: Cells, today: date) -> ToldReceipt | None:
    instruction = cells.read("instruction", text_up_to(40))
    fen = cells.money()
    told_on = cells.read("told_on", day_until(today))
    result = cells.read("result", one_of(_RESULTS, "结果", "RECEIPT_RESULT"))
    paid = result == _PAID
    voucher = cells.read("voucher", text_up_to(60)) if paid else cells.read_if_said("voucher", text_up_to(60)) or ""
    reason = cells.read_if_said("reason", text_up_to(2_000)) or ""
    if result is not None and not paid and not reason:
        hint = "写明退汇或失败的原因，如 账号与户名不符"
        cells.refuse("reason", Issue("CELL_EMPTY", "没有写退汇或失败的原因", "", "文字", hint))
    if instruction is None or fen is None or told_on is None or result is None or voucher is None:
        return None
    if fen <= 0:
        cells.refuse("amount", Issue("NUM_RANGE", "金额应大于零", "", "大于零的金额", "退汇也写指令的金额"))
    return ToldReceipt(instruction, voucher, fen, told_on, paid, reason)
