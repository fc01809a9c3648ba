"""What other systems paid, from CSV or XLSX: measure, beneficiary, project, period, day, sum, reference, system."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue
from policy_match.exchange.named_columns import Cells, Columns, ReadRows, day_until, read_named, text_up_to
from policy_match.exchange.paid_rows import known_measure

COLUMNS = Columns(
    {
        "measure": ("措施", "措施编号", "measure"),
        "beneficiary": ("受益单位", "受益单位代码", "统一社会信用代码", "beneficiary"),
        "project": ("项目", "项目编号", "project"),
        "period": ("期间", "period"),
        "paid_on": ("到账日", "到账日期", "paid_on"),
        "amount": ("金额", "到账金额", "amount"),
        "reference": ("凭证号", "reference"),
        "system": ("来源系统", "system"),
    },
    needed=("measure", "beneficiary", "period", "paid_on", "amount", "reference", "system"),
    money="amount",
)
ONCE = "once"
_ONCE_WORDS = frozenset({ONCE, "一次性"})


@dataclass(frozen=True, slots=True)
class ToldPayment:
    """One row, beneficiary and project as written. `period`: a year, a day, `once`, or empty; `amount_fen` below zero: came back."""

    measure: str
    beneficiary: str
    project: str
    period: str
    paid_on: date
    amount_fen: int
    reference: str
    system: str


def read_ledger_file(path: Path, measures: Collection[str], today: date) -> ReadRows[ToldPayment]:
    """Read a ledger; `measures`: the ids that exist. Unknown measures, sums without unit and days to come are refused."""
    seen: set[str] = set()

    def make(cells: Cells) -> ToldPayment | None:
        made = _payment(cells, measures, today)
        if made is not None and made.reference in seen:
            cells.refuse("reference", Issue("ROW_TWICE", "凭证号在文件里出现两次", "", "每笔一行", "删去或改正一行"))
        elif made is not None:
            seen.add(made.reference)
        return made

    return read_named(path, COLUMNS, make)


def _payment(cells: Cells, measures: Collection[str], today: date) -> ToldPayment | None:
    measure = cells.read("measure", known_measure(measures))
    beneficiary = cells.read("beneficiary", text_up_to(60))
    project = cells.read_if_said("project", text_up_to(60)) or ""
    period = cells.read_if_said("period", _period) or ""
    paid_on = cells.read("paid_on", day_until(today))
    fen = cells.money()
    reference = cells.read("reference", text_up_to(120))
    system = cells.read("system", text_up_to(60))
    if fen == 0:
        cells.refuse("amount", Issue("NUM_RANGE", "金额是零", "", "拨付为正，退回为负", "删去这一行，或改正金额"))
    if measure is None or beneficiary is None or paid_on is None or not fen or reference is None or system is None:
        return None
    return ToldPayment(measure, beneficiary, project, period, paid_on, fen, reference, system)


def _period(text: str) -> str:
    """A whole year as `2025`, a day as `2025-06-01`, or `once`."""
    if text in _ONCE_WORDS:
        return ONCE
    band = parse_date(text)
    low, high = date.fromordinal(int(band.low or 0)), date.fromordinal(int(band.high or 0))
    if low == high:
        return low.isoformat()
    if (low, high) == (date(low.year, 1, 1), date(low.year, 12, 31)):
        return str(low.year)
    what = f"期间“{text[:20]}”既不是一年，也不是一天"
    raise FactError(Issue("PERIOD_FORM", what, "", "2025、2025-06-01、一次性", "写成措施的兑付期间"))
