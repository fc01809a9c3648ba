"""Days, months and periods as Chinese people write them.

A date known to the month or year is a band of days. Relative phrases (3月31日前,
近日), two-digit years and spreadsheet serials are refused: nothing is completed
from a clock or guessed. Days are local (Asia/Shanghai): an instant with a zone is
the day it falls on there.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from policy_match.errors import FactError, Issue
from policy_match.units import Band, normal_text

FIRST_YEAR, LAST_YEAR = 1900, 2100
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?P<time>T?\d{2}:\d{2}.*)?$")
_LOCAL = timedelta(hours=8)
_SERIAL = re.compile(r"[34]\d{4}(\.\d+)?$")
_SERIAL_ZERO = date(1899, 12, 30)
_SHORT_YEAR = re.compile(r"\d{2}年|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$")
_MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?底?|(0[1-9]|1[0-2]))$")
_THIRD = re.compile(r"(\d{4})年(\d{1,2})月([上中下])旬$")
_YEAR = re.compile(r"(\d{4})年?$")
_HALF = re.compile(r"(\d{4})年?(上半年|下半年)$")
_QUARTER = re.compile(r"(\d{4})(?:年?第?([一二三四1-4])季度|Q([1-4]))$")
_CN_DATE = re.compile(
    r"^([〇零一二三四五六七八九]{4}|\d{4})年(?:([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})日)?)?$"
)


def local_day(instant: datetime) -> date:
    """The calendar day of an instant in Asia/Shanghai."""
    return (instant.astimezone(UTC) + _LOCAL).date()


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time: calendar months and days (a year is 12 months). May be negative."""

    months: int
    days: int


def _refuse(written: object, why: str, code: str = "DATE_FORMAT", hint: str = "") -> FactError:
    hint = hint or "写成确切的年月日，或只写到月、年"
    return FactError(Issue(code, f"“{str(written)[:20]}”{why}", "", "2024-05-09、2024年5月、2024年", hint))


def parse_date(written: str) -> Band:
    """Day ordinals of a day (exact) or of a third of a month, month, quarter, half-year or year (band).

    FactError DATE_INVALID for a day that does not exist, DATE_AMBIGUOUS for a year of two digits or day/month/year,
    DATE_SERIAL_SUSPECT for the bare number of a spreadsheet, DATE_FORMAT for anything else.
    """
    if len(str(written)) > 40:
        raise _refuse(written, "…过长，不是日期")
    text = _arabic(normal_text(written))
    if (found := _DAY.match(text)) or (found := re.match(r"(\d{4})(\d{2})(\d{2})(?P<time>)$", text)):
        day = _day(int(found[1]), int(found[2]), int(found[3]), written)
        ordinal = _local_day(day, found["time"], written).toordinal()
        return Band(ordinal, ordinal)
    return _part_of_year(text, written)


def _part_of_year(text: str, written: str) -> Band:
    if found := _MONTH.match(text):
        month = int(found[2] or found[3])
        return _months(int(found[1]), month, month, written)
    if found := _THIRD.match(text):
        whole, at = _months(int(found[1]), int(found[2]), int(found[2]), written), "上中下".index(found[3])
        first = int(whole.low or 0)
        return Band(first + 10 * at, whole.high if at == 2 else first + 10 * at + 9)
    if found := _HALF.match(text):
        return _months(int(found[1]), *((1, 6) if found[2] == "上半年" else (7, 12)), written)
    if found := _QUARTER.match(text):
        mark = found[2] or found[3]
        quarter = "一二三四".find(mark) + 1 or int(mark)
        return _months(int(found[1]), 3 * quarter - 2, 3 * quarter, written)
    if found := _YEAR.match(text):
        return _months(int(found[1]), 1, 12, written)
    raise _no_date(text, written)


def parse_date_band(written: str) -> Band:
    """A date, or the days from one to another: 2024-05-01~2024-06-30, 2024年5月至2024年6月, ~2024-06-30."""
    low_text, mark, high_text = re.sub(r"[～至]", "~", str(written)).partition("~")
    if not mark:
        return parse_date(written)
    low = parse_date(low_text).low if low_text.strip() else None
    high = parse_date(high_text).high if high_text.strip() else None
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        raise _refuse(written, "不是一段日期", hint="早的日期在前")
    return Band(low, high)


def _no_date(text: str, written: str) -> FactError:
    if _SERIAL.match(text):
        guess = date.fromordinal(_SERIAL_ZERO.toordinal() + int(float(text)))
        return _refuse(written, "像是 Excel 的日期序号", "DATE_SERIAL_SUSPECT", f"若是 {guess}，请写成日期")
    if _SHORT_YEAR.match(text):
        return _refuse(written, "分不清年月日", "DATE_AMBIGUOUS", "年份写四位，按年、月、日的次序")
    return _refuse(written, "不是日期")


def _local_day(day: date, time: str | None, written: str) -> date:
    """The day in Asia/Shanghai: an instant with a zone is moved there, one without is local already."""
    if not time:
        return day
    clock = time.removeprefix("T")
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
    except ValueError:
        raise _refuse(written, "时刻不对") from None
    return (moment.astimezone(UTC) + _LOCAL).date() if moment.tzinfo else day


def _arabic(text: str) -> str:
    """二〇二四年五月九日 as 2024年5月9日; other texts unchanged."""
    found = _CN_DATE.match(text)
    if not found:
        return text
    parts = [found[1].translate(_DIGITS), "年"]
    for group, unit in ((found[2], "月"), (found[3], "日")):
        if group:
            parts += [str(_small(group)), unit]
    return "".join(parts)


def _small(text: str) -> int:
    tens, mark, ones = text.partition("十")
    digit = {c: i for i, c in enumerate("〇一二三四五六七八九")}
    return (digit.get(tens, 1) * 10 + digit.get(ones, 0)) if mark else digit[text]


def _day(year: int, month: int, day: int, written: object) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refuse(written, f"年份不在 {FIRST_YEAR} 至 {LAST_YEAR} 之间", "DATE_INVALID")
    try:
        return date(year, month, day)
    except ValueError:
        raise _refuse(written, "没有这一天", "DATE_INVALID") from None


def _months(year: int, first: int, last: int, written: object) -> Band:
    if not 1 <= first <= 12:
        raise _refuse(written, "没有这个月份", "DATE_INVALID")
    start = _day(year, first, 1, written)
    return Band(start.toordinal(), _day(year, last, calendar.monthrange(year, last)[1], written).toordinal())


def parse_month(written: str) -> int:
    """Month index year*12 + month − 1 of 2025-06, 2025年6月, 202506."""
    text = normal_text(written)
    found = re.match(r"(\d{4})[-/.年]?(\d{1,2})月?$", text)
    if not found or not 1 <= int(found[2]) <= 12 or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise FactError(Issue("DATE_FORMAT", f"“{str(written)[:20]}”不是月份", "", "2025-06", "写成年-月"))
    return int(found[1]) * 12 + int(found[2]) - 1


def parse_period(written: str) -> Period:
    """12个月, -12个月, 365天, 1年, 半年; working days are refused (they need a calendar)."""
    found = re.match(r"(-?)(\d+)(个月|月|天|日|年)$", normal_text(written))
    if normal_text(written) == "半年":
        return Period(6, 0)
    if not found:
        raise FactError(
            Issue("PERIOD_FORMAT", f"“{str(written)[:20]}”不是期限", "", "12个月、365天、1年", "写成数字加单位")
        )
    count = int(found[1] + found[2])
    if found[3] in ("天", "日"):
        return Period(0, count)
    return Period(count * (12 if found[3] == "年" else 1), 0)


def add_period(day: date, period: Period) -> date:
    """The day `period` later; a missing day of the month becomes its last (2024-02-29 + 12个月 = 2025-02-28). Clipped to years 1–9999."""
    index = day.year * 12 + day.month - 1 + period.months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return date.max if year > 9999 else date.min
    moved = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1])).toordinal() + period.days
    return date.fromordinal(max(1, min(moved, date.max.toordinal())))


def format_date(ordinal: int) -> str:
    """2025-06-01."""
    return date.fromordinal(ordinal).isoformat()


def format_month(index: int) -> str:
    """2025-06."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def format_offset(period: Period) -> str:
    """Where a day lies beside another: 前1年, 后30天; empty for the day itself."""
    length = Period(abs(period.months), abs(period.days))
    if length == Period(0, 0):
        return ""
    return f"{'前' if min(period.months, period.days) < 0 else '后'}{format_period(length)}"


def format_period(period: Period) -> str:
    """1年, 12个月 as 1年, 365天."""
    if period.days:
        return f"{period.days}天"
    return f"{period.months // 12}年" if period.months % 12 == 0 else f"{period.months}个月"
