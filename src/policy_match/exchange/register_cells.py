"""One cell of a source's file: as text, as a day, as the value of a fact.

A figure must be exact. Float noise of the program that wrote a file (99999.99999999999) is read to fifteen digits,
which is what a spreadsheet shows; nothing else of a number is changed.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Context, Decimal

from policy_match.dates import parse_date
from policy_match.errors import FactError, Issue
from policy_match.exchange.refusals import RowError
from policy_match.exchange.register_file import DATED, Part
from policy_match.exchange.register_header import Heading
from policy_match.exchange.sheets import Column as SheetColumn
from policy_match.exchange.sheets import cell_text
from policy_match.facts.cells import Value
from policy_match.facts.read import BLANKS, read_text_cell
from policy_match.facts.vocabulary import AMOUNTS, FactSpec, FactType, Vocabulary
from policy_match.units import Band, format_money, normal_text

FIRST_YEAR = 1990  # domain specification BI-28
ASKED = frozenset({"FX_RATE_MISSING", "RATIO_SUSPECT"})
_DAY = FactSpec("day", "日期", FactType.DATE, "project")
_FIFTEEN = Context(prec=15)
_NOISE = re.compile(r"^(-?)(\d+)\.(\d+)$")
_CODES = {Part.CODE: "CODE_AS_NUMBER", Part.USCC: "USCC_LENGTH", Part.KEY: "CODE_AS_NUMBER"}


def text_of(cell: object, heading: Heading, vocabulary: Vocabulary, *, rounded: bool) -> str:
    """A cell as a person would have written it, empty where nothing is said; RowError for what was lost or cannot be shown."""
    column = heading.column
    part = Part.KEY if column.key is not None else column.part
    spec = _DAY if column.part in DATED else column.spec
    shape = SheetColumn(heading.written, "id" if part in _CODES else None, spec)
    try:
        text = cell_text(cell, shape, vocabulary, rounded=rounded)
    except RowError as error:
        raise _as_code(error, part, column.target) from None
    options = () if column.part is not Part.FACT or column.spec is None else column.spec.options
    return "" if text in BLANKS and text not in options else text


def _as_code(error: RowError, part: Part, kind: str) -> RowError:
    """A number that lost its digits, by the code of the number that it should be."""
    if error.issue.code != "CODE_AS_NUMBER":
        return error
    code = "PCODE_SHAPE" if part is Part.KEY and kind == "XMDM" else _CODES.get(part, error.issue.code)
    issue = Issue(code, error.issue.what, "", error.issue.allowed, "请将列设为文本后重新填写")
    return RowError(error.column, error.value, issue)


def fact_of(heading: Heading, text: str, vocabulary: Vocabulary) -> Value | None:
    """The value of a fact; FactError, with NUM_INEXACT for a range where one figure is asked."""
    spec = heading.column.spec
    if spec is None:
        raise ValueError(f"{heading.column.name} holds no fact")
    value = read_text_cell(spec, _without_noise(text) if spec.type in AMOUNTS else text, heading.unit, vocabulary)
    if isinstance(value, Band) and spec.type in AMOUNTS and not value.is_exact:
        issue = Issue("NUM_INEXACT", f"“{text[:20]}”不是确切的数", "", "一个确切的数", "核实后填写确切数值")
        raise FactError(issue)
    if heading.column.likely is not None and isinstance(value, Band) and value.low == 0:
        raise FactError(Issue("NUM_RANGE", "不能为 0", "", "大于 0", "不知道的留空"))
    return value


def _without_noise(text: str) -> str:
    plain = normal_text(text).replace(",", "")
    found = _NOISE.match(plain)
    if found is None or len((found[2] + found[3]).lstrip("0")) <= _FIFTEEN.prec:
        return text
    return f"{_FIFTEEN.create_decimal(Decimal(plain)):f}"


def unlikely(heading: Heading, value: Value) -> Issue | None:
    """The doubt about an amount far outside what the column believes: units mixed up, most likely."""
    likely = heading.column.likely
    if likely is None or not isinstance(value, Band) or value.low is None or likely[0] <= value.low <= likely[1]:
        return None
    what = f"按表头单位“{heading.unit}”读作 {format_money(value.low)}，可能是元、万元、亿元混用"
    hint = "核对单位；属实的请核实后确认"
    return Issue("UNIT_SUSPECT", what, "", f"{format_money(likely[0])}至{format_money(likely[1])}", hint)


def past_day(text: str, today: date) -> Band:
    """A day, month or year that has begun; FactError LC_FUTURE for one ahead, and those of `parse_date`."""
    band = parse_date(text)
    if band.low is None or band.high is None or band.low > today.toordinal():
        what = f"日期“{text[:20]}”晚于今天；计划日期请填“计划”栏"
        raise FactError(Issue("LC_FUTURE", what, "", f"不晚于 {today}", "核对日期"))
    return band


def is_early(band: Band) -> bool:
    """Whether a day lies before anything that the library can hold."""
    return band.high is not None and band.high < date(FIRST_YEAR, 1, 1).toordinal()


def last_day(band: Band, today: date) -> date:
    """The last day of a band that has begun, today where it is not over."""
    return date.fromordinal(min(int(band.high or 0), today.toordinal()))
