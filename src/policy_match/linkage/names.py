"""Names of projects and firms taken apart: what is told, which phase, what kind of works, which quantities.

Everything is read from one plain form (NFKC, simplified letters, lower case, no spaces or marks). Nothing is
repaired: a wrong letter stays wrong and is met by comparing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from policy_match.linkage.traditional import simplified
from policy_match.units import normal_text

UNREADABLE = 0  # stands for a phase whose numeral cannot be read: it is like no other
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_ONE = rf"(?:{_NUMERAL}|(?<![\d.])\d{{1,2}}|(?<![a-z])[ivx]{{1,4}})"
_PHASE = re.compile(
    rf"[(\[【]?(?:第?({_ONE}(?:[期、,和及与至~-]+第?{_ONE})*)(?:期(?!间)|阶段|标段)|(首期))(?:工程)?[)\]】]?"
)
_DIGITS = {digit: place for place, digit in enumerate("一二三四五六七八九", start=1)}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iiii": 4, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_YEAR = re.compile(r"[(\[【]?((?:19|20)\d{2})(?:年度?)?[)\]】]|((?:19|20)\d{2})年度?")
_WORKS = (
    ("扩建", re.compile(r"改扩建|扩建|扩能|扩产|扩容|增产扩能")),
    ("技改", re.compile(r"技改|技术改造|智改数转|智改|更新改造|提升改造|升级改造|改造提升|改造升级|改扩建|改造|升级")),
    ("迁建", re.compile(r"搬迁|迁建|易地|异地新建")),
)
_SUPPORT = re.compile(
    r"宿舍|食堂|屋顶|倒班|员工公寓|人才公寓|办公楼|综合楼|研发楼|门卫|停车场|停车楼|污水处理站|配套用房|附属用房|配套设施"
    r"|配套工程|附属工程|附属设施|配套道路|变电站|雨污水|绿化工程|危废仓库|员工活动中心|展示中心"
)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([万亿千百]?)")
_SCALE = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_GENERIC = re.compile(r"项目|工程|建设|新建|新增|投资|年产值|年产|[及和与暨的]")
_OUTPUT = re.compile(
    r"\d+(?:\.\d+)?[万亿千百]*(?:平方米|千瓦时|台套|[台套吨件辆只片米支颗瓶条根块升]|[gmk]wh?(?![a-z]))"
)
_MARK = re.compile(r"[^\w]|_")
_FIRM_FORM = re.compile(
    r"(?:股份|责任)?有+限+(?:责任)?[公司]{0,3}|(?:集团)?股份公司|集团公司|总公司|分公司|子公司|公司|集团|股份|控股|株式会社"
    r"|gmbh|co\.?,?ltd\.?|ltd|inc|\bab\b|\bag\b|llc|corp"
)
_PLACES = re.compile(
    r"(?:江苏省?|常州市?|武进区?|新北区?|天宁区?|钟楼区?|金坛[区市]?|溧阳市?|中国|上海市?|北京市?|天津市?|重庆市?|深圳市?|广州市?|广东省?|浙江省?"
    r"|南京市?|苏州市?|无锡市?|南通市?|泰州市?|泰兴市?|扬州市?|镇江市?|盐城市?|徐州市?|淮安市?|香港|台湾|日本|德国|瑞典|意大利|美国|韩国|法国)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A project name taken apart. `core` is what tells, without phase, output and generic words.

    Phases and years are numbers, `quantities` every other figure; `by_output`: it says 年产; `text` is all of it.
    """

    text: str
    core: str
    phases: frozenset[int]
    years: frozenset[int]
    works: frozenset[str]
    support: frozenset[str]
    quantities: frozenset[Fraction]
    by_output: bool


def plain(text: str) -> str:
    """The plain form: NFKC, simplified letters, lower case, no spaces; marks stay."""
    return simplified(normal_text(text)).casefold()


def letters(text: str) -> str:
    """A plain text without its marks."""
    return _MARK.sub("", text)


@lru_cache(maxsize=65536)
def project_name(written: str) -> Name:
    """The parts of a project name; the core is never empty unless the name is."""
    text = plain(written)
    phases = frozenset(number for found in _PHASE.finditer(text) for number in _phase_numbers(found))
    rest = _PHASE.sub("", text)
    years = frozenset(int(one or other) for one, other in _YEAR.findall(rest))
    rest = _YEAR.sub("", rest)
    works = frozenset(kind for kind, words in _WORKS if words.search(rest))
    support = frozenset(_SUPPORT.findall(rest))
    quantities = frozenset(Fraction(number) * _SCALE[scale] for number, scale in _NUMBER.findall(rest))
    by_output = "年产" in rest
    for _, words in _WORKS:
        rest = words.sub("", rest)
    core = letters(_GENERIC.sub("", _OUTPUT.sub("", rest))) or letters(rest) or letters(text)
    return Name(letters(_GENERIC.sub("", text)), core, phases, years, works, support, quantities, by_output)


def _phase_numbers(found: re.Match[str]) -> set[int]:
    if found[2]:
        return {1}
    numbers = [number for part in re.findall(_ONE, found[1]) for number in _numerals(part)]
    if not numbers:
        return {UNREADABLE}
    if re.search(r"[至~-]", found[1]) and len(numbers) == 2 and numbers[0] < numbers[1]:
        return set(range(numbers[0], numbers[1] + 1))
    return set(numbers)


def _numerals(part: str) -> list[int]:
    """十二 is 12, 一二 (一二期) is 1 and 2."""
    if part.isdigit():
        return [int(part)]
    if part in _ROMAN:
        return [_ROMAN[part]]
    if "十" in part:
        tens, _, ones = part.partition("十")
        return [_DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)]
    return [_DIGITS[digit] for digit in part if digit in _DIGITS]


@lru_cache(maxsize=65536)
def firm_cores(written: str) -> tuple[str, ...]:
    """What tells of each firm named (several with 、; a second name in brackets), longest first; empty if none."""
    text = plain(written)
    found: list[str] = []
    for one in re.split(r"[、;/]", text):
        inner = re.findall(r"\((.*?)\)", one)
        found += [_firm_core(part) for part in (re.sub(r"\(.*?\)", "", one), *inner)]
    return tuple(sorted({core for core in found if len(core) >= 2}, key=lambda core: (-len(core), core)))


def _firm_core(text: str) -> str:
    core = without_place(letters(_FIRM_FORM.sub("", text)))
    return "" if _PLACES.fullmatch(core) else core


def without_place(text: str) -> str:
    """A name without the places it begins with; whole if nothing else would be left."""
    while (found := _PLACES.match(text)) and len(text) - found.end() >= 2:
        text = text[found.end() :]
    return text


def firm_words(core: str, firms: tuple[str, ...]) -> str:
    """The firm's words within a name core: a whole firm name, or the two letters or more both begin with; else empty."""
    for firm in firms:
        if firm in core:
            return firm
    start = without_place(core)
    for firm in firms:
        shared = next(
            (i for i, (a, b) in enumerate(zip(start, firm, strict=False)) if a != b), min(len(start), len(firm))
        )
        if shared >= 2:
            return start[:shared]
    return ""
