"""Amounts of money, ratios and counts of a text, each with its place; bounds.py gives them their side.

Dates, document numbers and numbers of articles are no figures. A number that cannot be read exactly is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from policy_match.errors import FactError
from policy_match.text.extract.relations import Relation
from policy_match.units import Number, parse_money, parse_ratio, plain_number

Kind = Literal["money", "foreign", "ratio", "points", "count"]

_CN = "零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟"
# Numbers begin where they begin and are not longer than anybody writes them: a page of digits costs no more than a page of text.
_NUM = (
    r"(?:(?<![\d.])(?<!\d,)(?:\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)(?!\d)"
    rf"|(?<![{_CN}])[{_CN}]{{0,12}}[零〇一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾][{_CN}]{{0,12}}(?:点[{_CN}]{{1,6}})?)"
)
_SCALE = "万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百"
_UNITS = (
    "个工作日|工作日|个百分点|百分点|个基点|基点|个自然日|自然日|个日历天|日历天|个月|平方米|平方公里|平米|㎡|立方米|公顷|公里|周岁|万千瓦时|千瓦时|兆瓦时|度电|万千瓦|千瓦|"
    "兆瓦|千伏安|千伏|kVA|KVA|MVA|kV|KV|kW|KW|MW|GW|台套|台\\(套\\)|吨标准煤|吨标煤|公斤|千克|人次|学时|课时|小时|分钟|班次|航班|家次|架次|标箱|人|名|家|户|个|项|件|台|套|辆|架|艘|种|次|倍|亩|吨|岁|年|天|日|分|"
    "份|批|所|场|期|米|篇|床|条|座|处|栋|层|批次|位"
)
# A bare 万 is money only before words that may follow an amount: 500万以上, not 3万册.
_AFTER_MONEY = "[以之至到的不且和或及与并起则奖补资支扶贷贴封上左内为]"
_MONEY = rf"{_NUM} ?(?:(?:{_SCALE}) ?(?:美元|欧元|日元|港元|港币|英镑|元(?:人民币)?)|(?:美元|欧元|日元|港元|港币|英镑|元(?:人民币)?)|(?:亿|千万|百万|十万|万)(?!{_UNITS}|[千百十])(?=$|[^一-鿿A-Za-z㎡]|{_AFTER_MONEY}))"
FIGURE = re.compile(
    rf"(?P<fraction>[一二三四五六七八九十]{{1,2}}分之[一二三四五六七八九十]{{1,2}})"
    rf"|(?P<tenths>(?<![{_CN}])[一二两三四五六七八九]成(?=$|[以左、,。;的\s)]))"
    rf"|(?P<percent>{_NUM} ?[%‰]|[百千]分之[{_CN}点]+)"
    rf"|(?P<money>(?:{_NUM} ?亿)?{_MONEY})"
    rf"|(?P<half>半年)"
    rf"|(?P<count>{_NUM} ?(?:{_SCALE})?) ?(?P<unit>{_UNITS})"
)
_BARE = re.compile(_NUM + r"$")
# What holds numbers and is no figure.
_NO_FIGURE = re.compile(
    r"\[\d{4}\] ?第?\d+号?|\d{4} ?年第 ?\d+ ?号|(?:19|20)\d{2} ?(?:年度?|-|/|\.) ?(?:\d{1,2} ?(?:月份?|-|/|\.) ?(?:\d{1,2} ?[日号]?)?)?|[二][〇零]\S{2}年(?:\S{1,3}月(?:\S{1,3}日)?)?"
    r"|\d{1,2} ?月 ?(?:\d{1,2} ?[日号])?|第 ?[\d零一二三四五六七八九十百]+|[近前上每首连续]{1,2} ?[一二两三四五六七八九十\d]+ ?(?:个)?(?:年|月|日|季度)(?!以上|及以上)|\d{3,4}-\d{7,8}"
    r"|\((?:不含|含|不包括|包括)[^()]{0,12}\)|\((?:不含|含)\)|(?<=[上下])[,，](?:不含|不包括|含)\d[^，。；,()]{0,8}|(?<=最高)一项"
)  # fmt: skip
RANGE = re.compile(r"(?:\((?P<low>不?含)\))? ?(?:以上(?:\(不?含\))? ?)?(?:至|到|-|~|－)+ ?$")
# How far before a figure a number may stand that shares its unit.
_NEAR = 32
_LISTED = re.compile(r"(?<=\d) ?[、/] ?$")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `value`: 分, ratio (1 = 100 %), percentage points or a plain number of `unit`. `start`, `end`: in the text.

    `label`: the words straight before the bound, which tell what is measured; `word`: the word that gave the side, empty for exact.
    """

    kind: Kind
    value: Number
    unit: str
    relation: Relation
    text: str
    start: int
    end: int
    word: str = ""
    label: str = ""


def read_figures(flat: str) -> Iterator[Figure]:
    """Figures of a plain text in order, all without a side; what merely holds numbers is left out."""
    masked = _NO_FIGURE.sub(lambda found: "□" * len(found[0]), flat)
    at = 0
    while found := FIGURE.search(masked, at):
        at = found.end()
        if (figure := _figure(found)) is None:
            continue
        yield from reversed(list(_bare_before(flat, masked, figure)))
        yield figure


def _figure(found: re.Match[str]) -> Figure | None:
    kind, value, unit = _value(found)
    if value is None:
        return None
    return Figure(kind, value, unit, "exact", found[0], found.start(), found.end())


def _value(found: re.Match[str]) -> tuple[Kind, Number | None, str]:
    try:
        if found["fraction"]:
            below, above = found["fraction"].split("分之")
            return "ratio", Fraction(plain_number(above)) / Fraction(plain_number(below)), ""
        if found["percent"]:
            return "ratio", parse_ratio(found["percent"].replace(" ", "")), ""
        if found["tenths"]:
            return "ratio", Fraction(plain_number(found["tenths"][0])) / 10, ""
        if found["half"]:
            return "count", 6, "个月"
        if found["money"]:
            return _money(found["money"].replace(" ", ""))
        unit = found["unit"]
        number = plain_number(_spoken(found["count"]))
    except (FactError, ZeroDivisionError):
        return "count", None, ""
    if unit.endswith(("百分点", "基点")):
        return "points", number if unit.endswith("百分点") else Fraction(number) / 100, "个百分点"
    return "count", number, unit


def _money(written: str) -> tuple[Kind, Number | None, str]:
    for currency in ("美元", "欧元", "日元", "港元", "港币", "英镑"):
        if written.endswith(currency):
            return "foreign", parse_money(written.removesuffix(currency) + "元"), currency
    if "万亿" in written:
        return "money", 10_000 * parse_money(written.replace("万亿", "亿")), "元"
    return "money", parse_money(written), "元"


def _spoken(written: str) -> str:
    """A count as a plain number: 1万, 3千, 三十."""
    number = written.replace(" ", "")
    for scale, zeros in (
        ("万亿", 12),
        ("千亿", 11),
        ("百亿", 10),
        ("十亿", 9),
        ("亿", 8),
        ("千万", 7),
        ("百万", 6),
        ("十万", 5),
        ("万", 4),
    ):
        if number.endswith(scale):
            return str(plain_number(number.removesuffix(scale)) * 10**zeros)
    return number


def _bare_before(flat: str, masked: str, last: Figure) -> Iterator[Figure]:
    """Bare numbers that share the unit of the one after them, the nearest first: 10-20万元; 50、30、20万元."""
    unit = re.sub(rf"^{_NUM} ?", "", last.text)
    at = last.start
    while True:
        first = max(0, at - _NEAR)
        before = masked[first:at]
        mark = RANGE.search(flat[first:at]) or _LISTED.search(before)
        number = None if mark is None else _BARE.search(before[: mark.start()])
        if mark is None or number is None:
            return
        if mark.re is _LISTED and (last.kind == "count" or _is_numbering(before[: number.start()])):
            return
        again = FIGURE.fullmatch(number[0] + unit)
        figure = None if again is None else _figure(again)
        if figure is None:
            return
        at = first + number.start()
        yield replace(figure, text=number[0], start=at, end=first + number.end())


def _is_numbering(before: str) -> bool:
    """Whether a number there opens a line or a sentence (1、200万元以上的), so that it is no figure."""
    return not before.rstrip() or before.rstrip()[-1] in "\n。；;：:"
