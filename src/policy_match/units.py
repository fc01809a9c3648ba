"""Amounts, ratios and counts as Chinese people write them, read exactly.

Money is integer 分, ratios and other figures are whole numbers or fractions:
no float takes part. A figure that is only approximate (约、左右、余) is refused,
a figure with a dimension and no unit is refused, and nothing is guessed from
its size.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from policy_match.errors import FactError, Issue

Number: TypeAlias = int | Fraction
Written: TypeAlias = str | int | float | Decimal

MAX_TEXT = 200
MAX_FEN = 10**17
_INEXACT = re.compile(r"约|左右|大概|大约|余|多|近|上下|±|以上|以下|超|不足|不少于|>|<|≥|≤|\+$")
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")
_NOT_FINITE = re.compile(r"[-+]?(nan|inf|infinity|∞|\d+(\.\d+)?e\+?\d{3,})$", re.IGNORECASE)
_FOREIGN = re.compile(r"美元|港元|港币|欧元|日元|英镑|USD|EUR|HKD|JPY|\$|€|£", re.IGNORECASE)
_CURRENCY = re.compile(r"^(人民币|RMB|CNY|[￥¥])|(人民币|RMB|CNY)$", re.IGNORECASE)
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟点]+$")
_MONEY_UNITS = {"分": 1, "角": 10, "元": 100, "圆": 100, "百元": 10**4, "千元": 10**5, "万元": 10**6, "万": 10**6, "十万元": 10**7,
                "百万元": 10**8, "百万": 10**8, "千万元": 10**9, "千万": 10**9, "亿元": 10**10, "亿": 10**10, "百亿元": 10**12, "千亿元": 10**13}  # fmt: skip
_MONEY_PART = re.compile(
    r"(-?[\d.,]+|[零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟点]+)(千亿元|百亿元|亿元|亿|千万元|千万|百万元|百万|十万元|万元|万|千元|百元|元|圆|角|分)"
)
_AREA_UNITS: dict[str, Number] = {
    "㎡": 1,
    "m2": 1,
    "m²": 1,
    "平方米": 1,
    "平米": 1,
    "亩": Fraction(2000, 3),
    "公顷": 10000,
    "万平方米": 10000,
    "万㎡": 10000,
}
_COUNT_UNITS = {
    "person": ("人", "名", "位"),
    "day": ("天", "日"),
    "month": ("个月", "月"),
    "year": ("年", "周岁", "岁"),
    "item": ("项", "件", "个"),
    "piece": ("台", "套", "台（套）", "件", "个"),
}


@dataclass(frozen=True, slots=True)
class Band:
    """What a figure may still be, both ends included; None: that side is open."""

    low: Number | None
    high: Number | None

    def __post_init__(self) -> None:
        # An exact figure is one object twice: fractions are slow to compare.
        if self.low is not self.high and self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.low} > {self.high}")

    @classmethod
    def exact(cls, number: Number) -> Band:
        """The band of one known figure."""
        return cls(number, number)

    @property
    def is_exact(self) -> bool:
        """Whether exactly one value is possible."""
        return self.low is not None and (self.low is self.high or self.low == self.high)


def _refuse(code: str, written: object, why: str, allowed: str = "", hint: str = "") -> FactError:
    return FactError(Issue(code, f"“{str(written)[:20]}”{why}", "", allowed, hint))


def normal_text(written: object) -> str:
    """NFKC text without spaces, zero-width characters and currency marks."""
    text = unicodedata.normalize("NFKC", str(written))
    text = re.sub(r"[\s\u200b-\u200f\ufeff\u2060]", "", text)
    return text.replace("−", "-").replace("–", "-").replace("，", ",")


def plain_number(written: Written) -> Number:
    """An exact number without unit: 300, 0.045, "1,250", "１２.５", 二十五; FactError NUM_FORMAT or NUM_RANGE otherwise."""
    if isinstance(written, bool):
        raise _refuse("NUM_FORMAT", written, "不是数字")
    if isinstance(written, int):
        return written
    if isinstance(written, float | Decimal):
        return _finite(Decimal(repr(written)) if isinstance(written, float) else written, written)
    text = normal_text(written)
    if len(text) > MAX_TEXT:
        raise _refuse("NUM_FORMAT", written, f"…过长（{len(text)} 字）", f"不超过 {MAX_TEXT} 字")
    if _NUMBER.match(text):
        return _simple(Fraction(text.replace(",", "")))
    if _CHINESE.match(text):
        return _chinese(text, written)
    if _NOT_FINITE.match(text):
        raise _refuse("NUM_RANGE", written, "不是有效的数", "有限的数", "核实后填写")
    if re.match(r"-?\d+(\.\d+)?[eE][+-]?\d+$", text):
        raise _refuse("NUM_FORMAT", written, "是科学记数法", "完整的数字", "请将该列设为文本后重新填写")
    if _INEXACT.search(text):
        raise _refuse("NUM_INEXACT", written, "不是确切的数", "确切的数，或区间 100~500", "核实后填写确切数值")
    raise _refuse("NUM_FORMAT", written, "读不出数字", "如 1250、1,250、12.5", "检查多余的字符和标点")


def _finite(value: Decimal, written: object) -> Number:
    """The exact value; exponents are checked first, because a fraction of 1e-999999999 would never be done."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or value.adjusted() > 30 or exponent < -MAX_TEXT:
        raise _refuse("NUM_RANGE", written, "不是有效的数", "有限的数")
    return _simple(Fraction(value))


def _simple(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _chinese(text: str, written: object) -> Number:
    import cn2an  # its import costs more than most commands need: only when numbers are written in words

    try:
        spoken = re.sub(r"^零+(?=[^点零])", "", text.replace("〇", "零").replace("两", "二"))
        value = cn2an.cn2an(spoken, "smart")
    except ValueError:
        raise _refuse("NUM_FORMAT", written, "读不出中文数字", "如 一亿二千万、二十五") from None
    return _simple(Fraction(str(value)))


def parse_money(written: Written, *, default_unit: str | None = None) -> int:
    """An amount in 分: 3000万元, 1.2亿, 一亿两千万, 1亿2000万元, ￥1,250,000.50元.

    `default_unit` (of a column header) applies to a bare number; without it a bare number is UNIT_MISSING,
    unless it carries the sign of the currency (￥1,250.50 is 元).
    Parts of a 分, more than 10**17 分 and approximate amounts are refused.
    """
    if not isinstance(written, str):
        return _in_fen(plain_number(written), default_unit, written)
    normal = normal_text(written)
    if len(normal) > MAX_TEXT:
        raise _refuse("NUM_FORMAT", written, f"…过长（{len(normal)} 字）", f"不超过 {MAX_TEXT} 字")
    if _FOREIGN.search(normal):
        raise _refuse("FX_RATE_MISSING", written, "是外币，缺少汇率和日期", "人民币金额", "折算为人民币后填写")
    text = _CURRENCY.sub("", normal).removesuffix("整")
    if text != normal and _NUMBER.match(text):
        default_unit = default_unit or "元"
    if _INEXACT.search(text):
        raise _refuse("NUM_INEXACT", written, "不是确切的金额", "确切的金额，或区间 100~500万元", "核实后填写确切数值")
    sign = -1 if text.startswith("-") else 1
    parts = _MONEY_PART.findall(text.removeprefix("-"))
    if parts and "".join(number + unit for number, unit in parts) == text.removeprefix("-"):
        return _checked_fen(sign * _sum_of_parts(parts, written), written)
    if _CHINESE.match(text) and default_unit is None and re.search(r"[百千万亿佰仟]", text):
        raise _refuse("UNIT_MISSING", written, "没有单位", "元、万元、亿元", "写成如“3000万元”")
    return _in_fen(plain_number(text), default_unit, written)


def _sum_of_parts(parts: list[tuple[str, str]], written: object) -> Number:
    total: Number = 0
    last: Number | None = None
    for number, unit in parts:
        scale = _MONEY_UNITS[unit]
        if last is not None and scale >= last:
            raise _refuse("NUM_FORMAT", written, "单位顺序不对", "从大到小，如 1亿2000万元")
        total += plain_number(number) * scale
        last = scale
    return total


def _in_fen(number: Number, unit: str | None, written: object) -> int:
    if unit is None:
        raise _refuse("UNIT_MISSING", written, "没有单位", "元、万元、亿元、分", "写成如“3000万元”")
    if unit not in _MONEY_UNITS:
        raise _refuse("UNIT_UNKNOWN", unit, "不是金额单位", "元、万元、亿元、分")
    return _checked_fen(number * _MONEY_UNITS[unit], written)


def _checked_fen(fen: Number, written: object) -> int:
    if fen.denominator != 1:
        raise _refuse("NUM_FORMAT", written, "不足一分", "精确到分")
    if abs(Fraction(fen)) > MAX_FEN:
        raise _refuse("NUM_RANGE", written, "超出范围", "绝对值不超过一千万亿元", "检查单位和位数")
    return int(fen)


def split_band(text: str) -> tuple[str, str] | None:
    """The two ends of `100~500`, `100~`, `~500`, 100至500; None if it is no band."""
    plain = normal_text(text)
    for mark in ("~", "～", "至"):
        if mark in plain:
            low, _, high = plain.partition(mark)
            return low, high
    ends = re.match(r"^(\d[\d.,]*[^\d-]*)-(\d.*)$", plain)
    return (ends[1], ends[2]) if ends else None


def parse_band(written: Written, parse: Callable[[str], Number]) -> Band:
    """A figure or a band of figures, each end read by `parse`; an end without a unit takes that of the other end."""
    ends = split_band(written) if isinstance(written, str) else None
    if ends is None:
        return Band.exact(parse(written))  # type: ignore[arg-type]
    low_text, high_text = ends
    unit = re.sub(r"^[-\d.,]*", "", high_text)
    if low_text and unit and not re.search(r"[^\d.,-]", low_text):
        low_text += unit
    if not low_text and not high_text:
        raise _refuse("NUM_FORMAT", written, "没有写出任何一端", "100~500、100~、~500")
    low = parse(low_text) if low_text else None
    high = parse(high_text) if high_text else None
    if low is not None and high is not None and low > high:
        raise _refuse("NUM_RANGE", written, "下限大于上限", "下限在前")
    return Band(low, high)


def parse_ratio(written: Written) -> Number:
    """A ratio, 1 = 100 %: 0.05, "5%", 百分之五, "3‰".

    A bare figure above 1 that a person wrote is RATIO_SUSPECT: 5 may mean 5 % as well as 500 %; with its sign
    (120%) it is taken. A number of a data file is a ratio by definition (1.05 is 105 %), unless it is whole or
    above 10: then it is suspect all the same.
    """
    if not isinstance(written, str):
        number = plain_number(written)
        is_fraction = number.denominator != 1 and abs(Fraction(number)) <= 10
        return number if is_fraction else _bare_ratio(number, written)
    text = normal_text(written)
    for mark, divisor in (("%", 100), ("‰", 1000)):
        if text.endswith(mark):
            return _ratio_range(_simple(Fraction(plain_number(text[:-1])) / divisor), written)
    for mark, divisor in (("百分之", 100), ("千分之", 1000)):
        if text.startswith(mark):
            return _ratio_range(_simple(Fraction(plain_number(text[3:])) / divisor), written)
    return _bare_ratio(plain_number(text), written)


def _bare_ratio(value: Number, written: object) -> Number:
    if abs(Fraction(value)) > 1:
        raise _refuse("RATIO_SUSPECT", written, "大于1，分不清是比例还是百分数", "0.05、5%、120%", "百分数请带上 %")
    return value


def _ratio_range(value: Number, written: object) -> Number:
    if abs(Fraction(value)) > 10**4:
        raise _refuse("NUM_RANGE", written, "比例超出范围", "0.05、5%", "检查小数点")
    return value


def parse_count(written: Written, unit: str) -> Number:
    """A count in `unit` (person, day, month, year, item, … or empty): 300, 300人, 12个月, 0.5年; another unit is refused."""
    if not isinstance(written, str):
        return _count_range(plain_number(written), written)
    text = normal_text(written)
    for suffix in (*_COUNT_UNITS.get(unit, ()), unit):
        if suffix and text.endswith(suffix):
            return _count_range(plain_number(text.removesuffix(suffix)), written)
    rest = re.sub(r"^[-\d.,]+", "", text)
    if rest and not _CHINESE.match(text) and not _INEXACT.search(text):
        allowed = "、".join((*_COUNT_UNITS.get(unit, ()), "不带单位的数字"))
        raise _refuse("UNIT_UNKNOWN", written, "单位不对", allowed, "改用允许的单位")
    return _count_range(plain_number(text), written)


def _count_range(value: Number, written: object) -> Number:
    if abs(Fraction(value)) > 10**12:
        raise _refuse("NUM_RANGE", written, "超出范围", "绝对值不超过一万亿", "检查位数")
    return value


def parse_area(written: Written, *, default_unit: str | None = None) -> Number:
    """An area in ㎡: 60亩 (= 60 × 2000/3 ㎡), 4公顷, 40000㎡; a bare number needs `default_unit`."""
    text = normal_text(written)
    for unit in sorted(_AREA_UNITS, key=len, reverse=True):
        plain = unicodedata.normalize("NFKC", unit)
        if text.endswith(plain):
            return _simple(Fraction(plain_number(text.removesuffix(plain)) * _AREA_UNITS[unit]))
    number = plain_number(text)
    if default_unit is None:
        raise _refuse("UNIT_MISSING", written, "没有单位", "亩、公顷、平方米", "写成如“60亩”")
    if default_unit not in _AREA_UNITS:
        raise _refuse("UNIT_UNKNOWN", default_unit, "不是面积单位", "亩、公顷、平方米")
    return _simple(Fraction(number * _AREA_UNITS[default_unit]))


def parse_score(written: Written) -> Number:
    """A score of 0 to 100: 60, 60分, 70.5."""
    score = plain_number(normal_text(written).removesuffix("分") if isinstance(written, str) else written)
    if not 0 <= Fraction(score) <= 100:
        raise _refuse("NUM_RANGE", written, "超出范围", "0 至 100 分", "检查得分")
    return score


def _decimal(number: Number, places: int) -> str | None:
    """Exact decimal text with at most `places` places; None if it needs more."""
    scaled = Fraction(number) * 10**places
    if scaled.denominator != 1:
        return None
    text = f"{Decimal(int(scaled)) / (Decimal(10) ** places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_money(fen: Number) -> str:
    """分 as 亿元 (from 1亿元, if exact to four places), else 万元 (from 1万元), else 元; exact, or with 约."""
    if fen.denominator != 1:
        return "约" + format_money(fen.numerator // fen.denominator)
    if abs(Fraction(fen)) >= 10**10 and (text := _decimal(Fraction(fen, 10**10), 4)):
        return text + "亿元"
    if abs(Fraction(fen)) >= 10**6 and (text := _decimal(Fraction(fen, 10**6), 4)):
        return text + "万元"
    return (_decimal(Fraction(fen, 100), 2) or "0") + "元"


def format_ratio(ratio: Number) -> str:
    """A ratio in per cent, exact up to four places, else 约 with three."""
    exact = _decimal(ratio * 100, 4)
    if exact is not None:
        return exact + "%"
    return f"约{Decimal(round(Fraction(ratio) * 10**5)) / 1000:f}%"


def format_count(number: Number, unit: str) -> str:
    """A count with its unit: 300人, 2.5年."""
    exact = _decimal(number, 6)
    return (exact if exact is not None else f"约{float(number):.2f}") + unit


def format_area(area: Number) -> str:
    """㎡, exact up to four places, else 亩 where that is exact (22亩 is no whole number of ㎡), else 约."""
    if (exact := _decimal(area, 4)) is not None:
        return exact + "㎡"
    if (in_mu := _decimal(Fraction(area) / Fraction(_AREA_UNITS["亩"]), 4)) is not None:
        return in_mu + "亩"
    return format_count(area, "㎡")


def format_land(area: Number) -> str:
    """㎡ as people who allot land say it, 亩 to two places, with the ㎡ where they are exact: 60.00亩（40000㎡）, 20.00亩."""
    in_mu = f"{float(Fraction(area) / Fraction(_AREA_UNITS['亩'])):.2f}亩"
    exact = _decimal(area, 4)
    return in_mu if exact is None else f"{in_mu}（{exact}㎡）"


def format_band(band: Band, one: Callable[[Number], str]) -> str:
    """A band in words: 100万元至500万元, 不低于…, 不高于…."""
    if band.low is not None and band.high is not None:
        return one(band.low) if band.low == band.high else f"{one(band.low)}至{one(band.high)}"
    if band.low is not None:
        return f"不低于{one(band.low)}"
    return f"不高于{one(band.high)}" if band.high is not None else "未知"
