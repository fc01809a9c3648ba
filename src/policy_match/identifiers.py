"""Identifiers of firms, places and industries.

统一社会信用代码 follows GB 32100-2015, regions GB/T 2260 with our own ids, in letters,
for 常州经开区 (JK) and the development zones inside a district, which have no code of
their own, industries GB/T 4754-2017, project codes 发改投资〔2020〕1439号 and the form
used before it. Nothing is repaired silently: a wrong letter is refused with the likely
one in the hint. The check digit of project codes is not published and therefore not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import NamedTuple

from rapidfuzz import process

from policy_match.errors import FactError, Issue
from policy_match.units import normal_text


@dataclass(frozen=True, slots=True)
class Given:
    """A number as a source gives it. `kind`: XMDM 项目代码, USCC, SGXK 施工许可证号, … any."""

    kind: str
    value: str


USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_LOOKS_LIKE = {"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"}


def check_uscc(written: str) -> str:
    """The canonical 统一社会信用代码; FactError USCC_LENGTH, USCC_CHARSET or USCC_CHECKSUM with a hint otherwise."""
    code = normal_text(written).replace("-", "").upper()
    if len(code) != 18:
        old = {15: "疑似旧注册号，请换用18位统一社会信用代码", 9: "疑似组织机构代码，请换用18位统一社会信用代码"}
        hint = old.get(len(code), "请核对营业执照；表格中请将列设为文本")
        raise FactError(Issue("USCC_LENGTH", f"统一社会信用代码应为18位，实为{len(code)}位", "", "18位", hint))
    for place, letter in enumerate(code, start=1):
        if letter not in USCC_ALPHABET:
            likely = _LOOKS_LIKE.get(letter)
            hint = f"第{place}位字母{letter}不可用" + (
                f"，是否为{'数字' if likely.isdigit() else ''}{likely}？" if likely else ""
            )
            raise FactError(Issue("USCC_CHARSET", "统一社会信用代码含有不可用的字符", "", USCC_ALPHABET, hint))
    if not re.fullmatch(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}", code):
        raise FactError(Issue("USCC_CHARSET", "统一社会信用代码第3至8位应为数字", "", "六位行政区划", "请核对营业执照"))
    expected = uscc_check_letter(code)
    if code[17] != expected:
        raise FactError(
            Issue(
                "USCC_CHECKSUM", "统一社会信用代码校验不符", "", "", f"核对各位；若前 17 位无误，校验位应为{expected}"
            )
        )
    return code


def uscc_check_letter(code: str) -> str:
    """The 18th character that the first 17 ask for (GB 32100-2015)."""
    total = sum(USCC_ALPHABET.index(letter) * weight for letter, weight in zip(code[:17], _WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


_USCC_LIKE = re.compile(r"9[1-3]\d{6}[0-9A-Z]{10}")
_PROJECT_CODE = re.compile(r"(\d{4})-?(\d{6})-?(\d{2})-?(\d{2})-?(\d{6})")


def canonical_key(written: str) -> str:
    """The key of a firm or project in its one form: credit and project codes normalised and checked, others as given.

    Only what has the shape of such a code is judged: FactError USCC_* or PCODE_TIME. Codes registered elsewhere or
    under a historic region are accepted.
    """
    text = normal_text(written).upper()
    text = re.sub(r"[—―‐‑‒_]", "-", text)
    if _USCC_LIKE.fullmatch(text.replace("-", "")):
        return check_uscc(text)
    if _PROJECT_CODE.fullmatch(text):
        return check_project_code(text)
    return written.strip()


def check_project_code(written: str) -> str:
    """The canonical 项目代码 NNNN-NNNNNN-NN-NN-NNNNNN; FactError PCODE_SHAPE or PCODE_TIME otherwise.

    The first four digits are year and month (since 2020-11) or a year from 2015 to 2020 (before); no code is both.
    """
    found = _PROJECT_CODE.fullmatch(re.sub(r"[—―‐‑‒]", "-", normal_text(written)))
    if found is None:
        raise FactError(
            Issue("PCODE_SHAPE", "项目代码形式不对", "", "2409-320412-89-01-100011", "请将列设为文本后重新填写")
        )
    time = int(found[1])
    if not (1 <= time % 100 <= 12 and time >= 2010) and not 2015 <= time <= 2020:
        raise FactError(
            Issue(
                "PCODE_TIME", f"项目代码的时间段“{found[1]}”不对", "", "年月（2020年11月起）或 2015 至 2020", "请核对"
            )
        )
    return "-".join(found.groups())


class ProjectCode(NamedTuple):
    """A checked 项目代码 and what it says. `month` None: generation A, whose code names the year alone."""

    code: str
    year: int
    month: int | None

    @property
    def region(self) -> str:
        """The six digits of the region in which the project was filed."""
        return self.code[5:11]

    @property
    def is_upgrade(self) -> bool:
        """Whether its type (generation B) says 技术改造; the list of types is not published in full."""
        return self.month is not None and self.code[15:17] == "02"

    @property
    def shown(self) -> str:
        """Generation and time in words: B 2020年11月, A 2017年."""
        return f"A {self.year}年" if self.month is None else f"B {self.year}年{self.month}月"


def read_project_code(written: str, today: date) -> ProjectCode:
    """A checked 项目代码; FactError PCODE_FUTURE for a month after today's, and those of `check_project_code`."""
    code = check_project_code(written)
    century, month = divmod(int(code[:4]), 100)
    if not 1 <= month <= 12:
        return ProjectCode(code, int(code[:4]), None)
    if (2000 + century, month) > (today.year, today.month):
        what = f"项目代码的时间段“{code[:4]}”（{2000 + century}年{month}月）还没有到"
        raise FactError(Issue("PCODE_FUTURE", what, "", f"不晚于 {today:%Y-%m}", "请核对"))
    return ProjectCode(code, 2000 + century, month)


class Region(NamedTuple):
    """Name and parent of a region; historic ones can be read and not assigned."""

    name: str
    parent: str
    historic: bool = False


REGIONS: Mapping[str, Region] = {
    "320000": Region("江苏省", "000000"),
    "320400": Region("常州市", "320000"),
    "320402": Region("天宁区", "320400"),
    "320404": Region("钟楼区", "320400"),
    "320411": Region("新北区", "320400"),
    "320412": Region("武进区", "320400"),
    "320413": Region("金坛区", "320400"),
    "320481": Region("溧阳市", "320400"),
    "320405": Region("戚墅堰区", "320400", historic=True),
    "320482": Region("金坛市", "320400", historic=True),
    "320483": Region("武进市", "320400", historic=True),
    "JK": Region("常州经开区", "320400"),
    "TN-GX": Region("天宁高新区", "320402"),
    "ZL-GX": Region("钟楼高新区", "320404"),
    "ZL-JK": Region("钟楼经开区", "320404"),
    "XB-BJ": Region("滨江开发区", "320411"),
    "WJ-GX": Region("武进国家高新区", "320412"),
    "WJ-XTH": Region("西太湖科技产业园", "320412"),
    "JT-JK": Region("金坛经开区", "320413"),
    "JT-HLG": Region("华罗庚高新区", "320413"),
    "LY-GX": Region("溧阳高新区", "320481"),
    "LY-JK": Region("溧阳经开区", "320481"),
    "LY-ZGC": Region("江苏中关村高新区", "320481"),
    "000000": Region("全国", ""),
}
_PROVINCES = frozenset(
    f"{tens}{ones}"
    for tens, last in (("1", 5), ("2", 3), ("3", 7), ("4", 6), ("5", 4), ("6", 5))
    for ones in range(1, last + 1)
) | {"50", "71", "81", "82"}
# Regions whose projects are filed under the code of another: 常州经开区 has none of its own, historic ones live on in codes.
_FILED_AS = {"JK": ("320412", "320405", "320483"), "320412": ("320405", "320483"), "320413": ("320482",)}
DISTRICTS = ("320402", "320404", "320411", "320412", "JK", "320413", "320481")
_BY_NAME = {region.name: code for code, region in REGIONS.items()} | {
    region.name[:-1]: code for code, region in REGIONS.items() if not region.historic and len(region.name) >= 3
} | {
    "常州经济开发区": "JK", "经开区": "JK", "江苏常州经济开发区": "JK", "常州市本级": "320400", "中国": "000000",
    "常州国家高新区": "320411", "常州高新区": "320411", "武进高新区": "WJ-GX", "江苏中关村": "LY-ZGC",
}  # fmt: skip


def canonical_region(written: str) -> str:
    """The code of a region given by code or name (武进区, 320412, 常州经开区 = JK, 武进国家高新区 = WJ-GX); FactError REGION_UNKNOWN otherwise."""
    text = normal_text(written)
    if text in REGIONS or (re.fullmatch(r"\d{6}", text) and text[:2] in _PROVINCES):
        return text
    for name in (text, text.removeprefix("江苏省"), text.removeprefix("江苏省").removeprefix("常州市")):
        if name in _BY_NAME:
            return _BY_NAME[name]
    near = "、".join(match for match, _, _ in process.extract(text[:40], list(_BY_NAME), limit=3))
    raise FactError(Issue("REGION_UNKNOWN", f"不认识的地区“{text[:20]}”", "", "六位区划代码或名称", f"是否为：{near}"))


@lru_cache(maxsize=4096)
def region_path(code: str) -> tuple[str, ...]:
    """A region and all it lies in, broadest first: 320412 → 000000, 320000, 320400, 320412."""
    if code == "000000":
        return (code,)
    if code in REGIONS:
        return (*region_path(REGIONS[code].parent), code)
    if code.endswith("0000"):
        return ("000000", code)
    if code.endswith("00"):
        return ("000000", code[:2] + "0000", code)
    return ("000000", code[:2] + "0000", code[:4] + "00", code)


def region_name(code: str) -> str:
    """The name of a region; its code where we hold no name."""
    return REGIONS[code].name if code in REGIONS else f"区划{code}"


def is_filed_in(code: str, site: str) -> bool:
    """Whether a project on a site may carry a project code of this region: it lies there, above, below, or is filed under it."""
    here = region_path(site)
    return code in here or site in region_path(code) or any(code in _FILED_AS.get(region, ()) for region in here)


@dataclass(frozen=True)
class IndustryTree:
    """GB/T 4754-2017. Codes carry their section letter: C, C35, C356, C3562."""

    names: Mapping[str, str]
    parents: Mapping[str, str]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, str]]) -> IndustryTree:
        """Build from rows with code, name, section, parent, level."""
        names: dict[str, str] = {}
        parents: dict[str, str] = {}
        for row in rows:
            letter = row["section"]
            code = row["code"] if row["code"] == letter else letter + row["code"]
            names[code] = row["name"]
            if row["parent"]:
                parents[code] = row["parent"] if row["parent"] == letter else letter + row["parent"]
        return cls(names, parents)

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for code, parent in self.parents.items():
            children.setdefault(parent, []).append(code)
        return {parent: tuple(codes) for parent, codes in children.items()}

    @cached_property
    def _by_number(self) -> dict[str, str]:
        return {code[1:]: code for code in self.names if len(code) > 1}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        """The broadest code of each name: 专用设备制造业 is C35 even where a class repeats it."""
        found: dict[str, str] = {}
        for code in sorted(self.names, key=len):
            found.setdefault(self.names[code], code)
        found.setdefault("烟草制造业", "C16")
        return found

    @cached_property
    def _leaves(self) -> dict[str, frozenset[str]]:
        return {}

    def __contains__(self, code: object) -> bool:
        """Whether a code, with or without its section letter, is one of the tree."""
        return code in self.names or code in self._by_number

    def canonical(self, written: str) -> str:
        """The code with section letter of a code or of a section or division name; FactError INDUSTRY_UNKNOWN otherwise."""
        text = normal_text(written)
        code = text.upper()
        if code in self.names:
            return code
        if code in self._by_number:
            return self._by_number[code]
        name = self._by_name.get(str(written).strip()) or self._by_name.get(text)
        if name is not None:
            return name
        near = process.extract(text[:40], [*self._by_name, *self.names], limit=3)
        hint = "是否为：" + "、".join(match for match, _, _ in near)
        raise FactError(
            Issue("INDUSTRY_UNKNOWN", f"不认识的行业“{text[:20]}”", "", "GB/T 4754-2017 的代码或名称", hint)
        )

    def name(self, code: str) -> str:
        """The name of a canonical code."""
        return self.names[code]

    def is_under(self, code: str, root: str) -> bool:
        """Whether `code` is `root` or lies under it."""
        return code == root or (code.startswith(root) and (len(root) > 1 or code[0] == root))

    @cached_property
    def spans(self) -> Mapping[str, tuple[int, int]]:
        """Places of the finest classes under each code among all finest classes in code order, last excluded; codes
        begin with the code above them, so the classes under one code are neighbours."""
        finest = sorted(code for code in self.names if code not in self._children)
        place = {code: index for index, code in enumerate(finest)}
        spans: dict[str, tuple[int, int]] = {}
        for code in self.names:
            places = [place[leaf] for leaf in self.leaves(code)]
            spans[code] = (min(places), max(places) + 1)
        return spans

    def leaves(self, code: str) -> frozenset[str]:
        """The finest classes under a code; the code itself if it is one."""
        if code not in self._leaves:
            below = self._children.get(code, ())
            self._leaves[code] = (
                frozenset().union(*(self.leaves(child) for child in below)) if below else frozenset({code})
            )
        return self._leaves[code]
