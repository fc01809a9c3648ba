"""A ledger of payments from CSV or XLSX: measure, beneficiary, project, day, amount with unit, reference.

A row with a wrong cell is refused whole, with every fault of it; a header that is not understood refuses the file. A
payment that is not counted would promise money twice, so that nothing here is guessed: not the measure, not the unit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from rapidfuzz import process

from policy_match.benefits.ledger import Paid
from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue, UsageError
from policy_match.exchange.grids import Grid, Row, opened, read_csv, read_xlsx
from policy_match.exchange.jsonl import checked_key
from policy_match.exchange.project_rows import row_texts
from policy_match.exchange.refusals import Refusal, RowError, RowErrors, clean, refusal_of
from policy_match.facts.subjects import Kind
from policy_match.units import parse_money

NAMES = {
    "measure": ("措施编号", "措施", "measure"),
    "beneficiary": ("受益人", "统一社会信用代码", "beneficiary"),
    "project": ("项目编号", "项目", "project"),
    "paid_on": ("兑付日期", "拨付日期", "paid_on"),
    "amount": ("金额", "兑付金额", "amount"),
    "reference": ("凭证号", "拨付文号", "reference"),
}
NEEDED = ("measure", "beneficiary", "paid_on", "amount")
_FIELDS = {name: field for field, names in NAMES.items() for name in names}
_UNIT = re.compile(r"^(?P<name>.+?)\s*\((?P<unit>[^()]+)\)$")
_UNITS = ("元", "万元", "亿元", "分")
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class PaidRows:
    """The payments of a file in its order, the rows refused, and what was noticed while reading."""

    payments: tuple[Paid, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which place of a row holds which field, what its author calls it, and the unit in the header of the amount."""

    places: Mapping[str, int]
    header: Sequence[str]
    unit: str | None


def read_paid(path: Path, measures: Collection[str]) -> PaidRows:
    """Read a ledger; `measures`: the ids that exist. UsageError for a file or header that cannot be understood."""
    grid = opened(path, {".csv": read_csv, ".xlsx": read_xlsx})
    columns = _columns([str(cell or "") for cell in grid.header], f"{path}:1")
    payments: dict[int, Paid] = {}
    refusals: list[Refusal] = []
    for number, row in grid.rows:
        try:
            payment = _payment(row, grid, columns, measures)
            if payment is not None:
                _check_new(payment, payments)
                payments[number] = payment
        except (RowError, RowErrors) as found:
            errors = found.errors if isinstance(found, RowErrors) else (found,)
            refusals += [refusal_of(number, error, error.column) for error in errors]
    notes = tuple(f"{path.name}：{note}" for note in grid.notes)
    return PaidRows(tuple(payments.values()), tuple(refusals), notes)


def _columns(header: Sequence[str], where: str) -> _Columns:
    plain = [unicodedata.normalize("NFKC", text).strip() for text in header]
    places: dict[str, int] = {}
    issues: list[Issue] = []
    units: list[str] = []
    for place, text in enumerate(plain):
        field, unit = _field(text)
        if unit is not None and unit not in _UNITS:
            allowed = "、".join(_UNITS)
            issues.append(Issue("UNIT_UNKNOWN", f"列“{text}”的单位不对", where, allowed, "改正表头中的单位"))
        if field in places:
            issues.append(Issue("COLUMN_TWICE", f"“{text}”有两列", where, "每项一列", "删去一列"))
        elif field is not None:
            places[field] = place
            units += [] if unit is None else [unit]
        elif text and not text.startswith("x_"):
            issues.append(_unknown(text, where))
    lacking = [NAMES[field][0] for field in NEEDED if field not in places]
    if lacking and not issues:
        issues.append(Issue("COLUMN_MISSING", f"没有列：{'、'.join(lacking)}", where, "第一行是表头", "补上这些列"))
    if issues:
        raise UsageError(*issues)
    return _Columns(places, plain, next(iter(units), None))


def _field(text: str) -> tuple[str | None, str | None]:
    """The field that a header names, and the unit in it where it is the amount; None where it names none."""
    split = _UNIT.match(text)
    if split is not None and _FIELDS.get(split["name"]) == "amount":
        return "amount", split["unit"].strip()
    return _FIELDS.get(text), None


def _unknown(text: str, where: str) -> Issue:
    allowed = "、".join(names[0] for names in NAMES.values())
    return Issue("COLUMN_UNKNOWN", f"不认识的列“{text[:40]}”", where, allowed, "改名，或加前缀 x_ 表示不读入")


def _payment(row: Row, grid: Grid, columns: _Columns, measures: Collection[str]) -> Paid | None:
    """The payment of a row; None for an empty one; RowErrors with every fault."""
    if isinstance(row, RowError):
        raise row
    texts = row_texts(row, grid)
    if not any(texts):
        return None
    cells = {field: texts[place] for field, place in columns.places.items()}
    reading = _Reading(columns, cells)
    measure = reading.read("measure", lambda text: _measure(text, measures))
    beneficiary = reading.read("beneficiary", _beneficiary)
    paid_on = reading.read("paid_on", _day)
    amount = reading.read("amount", lambda text: _amount(text, columns.unit))
    project = reading.read("project", lambda text: checked_key("project", text)) if cells.get("project") else None
    reference = reading.read("reference", str) if cells.get("reference") else None
    if reading.faults or measure is None or beneficiary is None or paid_on is None or amount is None:
        raise RowErrors(reading.faults)
    return Paid(measure, beneficiary, project, paid_on, amount, reference)


class _Reading:
    """The cells of one row; faults are gathered, so that a row tells all of them at once."""

    def __init__(self, columns: _Columns, cells: Mapping[str, str]) -> None:
        self.columns, self.cells = columns, cells
        self.faults: list[RowError] = []

    def read(self, field: str, parse: Callable[[str], _Read]) -> _Read | None:
        """What `parse` makes of a cell; None, and the fault kept, where it cannot be read."""
        text, column = self.cells[field], self.columns.header[self.columns.places[field]]
        try:
            if not text:
                raise FactError(Issue("CELL_EMPTY", "没有填写", "", NAMES[field][0], "补上，或删去这一行"))
            return parse(clean(column, text))
        except FactError as error:
            self.faults.append(RowError(column, text, error.issues[0]))
        except RowError as error:
            self.faults.append(RowError(column, text, error.issue))
        return None


def _measure(text: str, measures: Collection[str]) -> str:
    if text in measures:
        return text
    near = "、".join(match for match, _, _ in process.extract(text, sorted(measures), limit=3))
    raise FactError(Issue("MEASURE_UNKNOWN", f"没有编号为“{text[:60]}”的措施", "", near, "检查编号"))


def _beneficiary(text: str) -> str:
    """`enterprise:…`, `project:…` or `person:…`; a bare key is an enterprise."""
    kind, mark, key = text.partition(":")
    if not mark:
        return f"{Kind.ENTERPRISE}:{checked_key('beneficiary', text)}"
    if kind not in set(Kind) or not key:
        allowed = "统一社会信用代码，或 enterprise:编号、project:编号、person:编号"
        raise FactError(Issue("BENEFICIARY", f"看不出受益人是谁“{text[:40]}”", "", allowed, "改正前缀"))
    return f"{kind}:{checked_key('beneficiary', key)}"


def _day(text: str) -> date:
    band = parse_date(text)
    if not band.is_exact or band.low is None:
        raise FactError(Issue("DATE_FORMAT", f"“{text}”应写到日", "", "YYYY-MM-DD", "写成确切的一天"))
    return date.fromordinal(int(band.low))


def _amount(text: str, unit: str | None) -> int:
    fen = parse_money(text, default_unit=unit)
    if fen <= 0:
        hint = "退回的款项从原来那一笔减去，全部退回的删去那一行"
        raise FactError(Issue("NUM_RANGE", "兑付金额应大于零", "", "大于零的金额", hint))
    return fen


def _check_new(payment: Paid, before: Mapping[int, Paid]) -> None:
    """RowError for a payment with a reference that stands in the file already; without one, equal rows are two payments."""
    if payment.reference is None:
        return
    for number, other in before.items():
        if other == payment:
            issue = Issue("PAID_TWICE", f"与第{number}行是同一笔", "", "每笔一行", "删去重复行，或改正凭证号")
            raise RowError(NAMES["reference"][0], payment.reference, issue)
