"""A record as written made comparable: codes checked, amounts in 分, days as bands, places as districts.

Used as evidence only, so an amount that is approximate (约3亿元) or lacks its unit is read for what it may be, which
the facts of a project never are. What cannot be read is unknown and takes no part; a code with a fault is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from policy_match.dates import parse_date
from policy_match.errors import FactError
from policy_match.identifiers import REGIONS, check_uscc, region_name
from policy_match.linkage.names import Name, firm_cores, letters, plain, project_name
from policy_match.linkage.records import ProjectRecord
from policy_match.units import Band, normal_text, parse_money

_APPROXIMATE = re.compile(
    r"^(?:总投资|约|超过?|逾|近|不低于|不超过)+|(?:级|左右|以上|以下|余)+$|(?<=[亿万])余(?=元)|余(?=[亿万])"
)
_UNITS = ("亿元", "万元", "元")
_DISTRICTS = (
    ("JK", re.compile(r"常州经开|常州经济开发|^经开区$|戚墅堰|横山桥|遥观|横林")),
    ("320413", re.compile(r"金坛|华罗庚")),
    ("320481", re.compile(r"溧阳|江苏中关村")),
    ("320412", re.compile(r"武进|武高新|西太湖")),
    ("320411", re.compile(r"新北|常高新|常州(?:国家)?高新|滨江经济开发|滨江开发")),
    ("320402", re.compile(r"天宁")),
    ("320404", re.compile(r"钟楼")),
)
_CITY = re.compile(r"^(?:江苏省?)?(?:常州市?)?(?:市本级|市辖区|本级)?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """What an investment may be, in 分: one figure, or one for each unit that may be meant."""

    fen: tuple[int, ...]
    unit_known: bool

    @property
    def is_round(self) -> bool:
        """Whether it has a single figure before its noughts."""
        return len(str(self.fen[0]).rstrip("0")) == 1


@dataclass(frozen=True, slots=True)
class Profile:
    """A record made comparable. Empty text and None are unknown; a fault names what is wrong with a code."""

    id: str
    source: str
    name: Name | None
    firms: tuple[str, ...]
    uscc: str
    uscc_fault: str
    project_code: str
    code_fault: str
    region: str
    place: str
    amount: Amount | None
    started: Band | None
    industry: str


def profile(record: ProjectRecord) -> Profile:
    """Read every part of a record; never fails."""
    uscc, uscc_fault = _uscc(record.uscc)
    code, code_fault = _project_code(record.project_code)
    return Profile(
        record.id,
        plain(record.source),
        project_name(record.name) if letters(plain(record.name)) else None,
        firm_cores(record.firm),
        uscc,
        uscc_fault,
        code,
        code_fault,
        district(record.region) or district(record.place),
        letters(plain(record.place)),
        amount_of(record.investment, record.unit),
        _started(record.started),
        letters(plain(record.industry)),
    )


def _uscc(written: str) -> tuple[str, str]:
    if not letters(normal_text(written)):
        return "", ""
    try:
        return check_uscc(written), ""
    except FactError as error:
        issue = error.issues[0]
        detail = {"USCC_CHARSET": issue.hint, "USCC_LENGTH": issue.what.removeprefix("统一社会信用代码")}.get(
            issue.code
        )
        return "", "信用代码校验不符" + (f"（{detail}）" if detail else "")


def _project_code(written: str) -> tuple[str, str]:
    """The 20 digits; the time section is not judged: a code both departments hold is the same code all the same."""
    text = normal_text(written)
    if not letters(text):
        return "", ""
    digits = re.sub(r"[-—―‐‑‒_]", "", text)
    if re.fullmatch(r"\d{20}", digits):
        return digits, ""
    return "", f"项目代码不是20位数字（{text[:24]}）"


def district(written: str) -> str:
    """The code of a district of Changzhou, other places as their bare name; empty for none or the city as a whole."""
    text = plain(written)
    if text.upper() in REGIONS or re.fullmatch(r"\d{6}", text):
        text = plain(region_name(text.upper()))
    for code, words in _DISTRICTS:
        if words.search(text):
            return code
    if _CITY.match(text):
        return ""
    return re.sub(r"(?<=..)[市区县]$", "", re.sub(r"^江苏省?|^[^市]{2,3}市(?=..)", "", text))


def amount_of(written: str, unit: str) -> Amount | None:
    """The investment of a cell and its unit; None for nothing, foreign money, ranges, and what is not above zero."""
    text = _APPROXIMATE.sub("", normal_text(written))
    given = normal_text(unit)
    try:
        return _positive([parse_money(text)], unit_known=True)
    except FactError as error:
        if not text or error.issues[0].code == "FX_RATE_MISSING":
            return None
    try:
        units = (given,) if given else _UNITS
        return _positive([parse_money(text, default_unit=one) for one in units], unit_known=bool(given))
    except FactError:
        return None


def _positive(fen: list[int], *, unit_known: bool) -> Amount | None:
    return Amount(tuple(fen), unit_known) if all(one > 0 for one in fen) else None


def _started(written: str) -> Band | None:
    if not written.strip():
        return None
    try:
        return parse_date(written)
    except FactError:
        return None
