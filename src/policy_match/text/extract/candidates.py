"""What a clause may ask and give, each with its place in the text: suggestions for a person, none of them decides.

Figures carry their side and whether the number itself counts (figures.py); industries, honours, regions and units come from the
lists; the rest are fixed wordings of official documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from policy_match.facts.taxonomies import Taxonomies
from policy_match.identifiers import REGIONS, IndustryTree
from policy_match.text.extract.bounds import figures_in
from policy_match.text.extract.figures import Figure
from policy_match.text.extract.page import plain

Kind = Literal[
    "amount", "ratio", "count", "cap", "industry", "region", "honour", "window", "date", "exclusion", "stacking", "owner", "tier"
]  # fmt: skip

_DATE = re.compile(
    r"(?:19|20)\d{2} ?年(?: ?\d{1,2} ?月(?: ?\d{1,2} ?日)?)?(?:前|以前|之前|后|以后|之后|起|止)?|(?:19|20)\d{2}-\d{1,2}-\d{1,2}"
)
_DAY = r"\d{1,2} ?月(?: ?\d{1,2} ?日|[上中下]旬|底)?"
_WINDOW = re.compile(
    rf"每年(?:的)? ?{_DAY}(?:(?:至|到|-|~)(?:次年)?{_DAY})?(?:前|底前|之前|以前)?|(?:于|在|请于)?(?:19|20)\d{{2}}年{_DAY}(?:前|之前|以前)(?=[^。；]{{0,30}}(?:申报|报送|提交|报))"
)
_EXCLUDED = re.compile(r"不得(?!低于|少于|高于|超过|大于|小于|多于)|不予|不再|不享受|不纳入|除外|取消资格|一票否决")
_STACKED = re.compile(r"不重复|就高|不叠加|可叠加|可以叠加|重复申报|重复享受")
_MARKS = "。；;\n"
_OWNER = re.compile(
    r"(?:由|责任单位[:：]|牵头单位[:：]|责任部门[:：])\s*([^,。；;()\n]{2,40}?)(?=负责|会同|牵头|解释|作为|[,。；;()\n]|$)"
)
_TIER = re.compile(r"(?:(?<![\d.])\d[\d.]{0,9} ?(?:万|亿)元、){2,}\d[\d.]{0,9} ?(?:万|亿)元")
_REGION = re.compile(
    r"(?:本市|市域|全市|市辖区|本区|本省|省内|市内)(?:范围内|行政区域内|行政区域范围内|内)?|[一-鿿]{2,3}(?:市|区)行政区域(?:范围)?内"
)
# Words that bound what is given; the others bound it only in a sentence that gives something.
_CAPPED = frozenset(["最高", "最多", "至多", "上限", "为上限", "限额", "封顶", "可达", "为限"])
_GIVES = re.compile(r"奖|补|资助|贴息|给予|支持|配套|扶持|减免|返还")
_KINDS: Mapping[str, Kind] = {
    "money": "amount", "foreign": "amount", "ratio": "ratio", "points": "ratio", "count": "count",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One suggestion. `start`, `end`: in the clause's text, the end not included. `means`: code or one name, empty for plain text."""

    kind: Kind
    text: str
    start: int
    end: int
    means: str = ""
    figure: Figure | None = None


class Reader:
    """Reads clauses with the lists of the corpus; `said`: what the document says of words and numbers."""

    def __init__(self, lists: Taxonomies, industries: IndustryTree, said: Mapping[str, bool]) -> None:
        self._lists, self._industries, self._said = lists, industries, said

    def read(self, text: str) -> tuple[Candidate, ...]:
        """Every candidate of a clause, by place."""
        found = [*self._figures(text), *self._names(text), *self._wordings(text)]
        return tuple(sorted(found, key=lambda one: (one.start, one.end, one.kind)))

    def _figures(self, text: str) -> Iterator[Candidate]:
        for figure in figures_in(text, self._said):
            kind = _KINDS[figure.kind]
            if kind != "count" and figure.relation in ("at_most", "less_than") and _is_cap(figure, text):
                kind = "cap"
            yield Candidate(kind, text[figure.start : figure.end], figure.start, figure.end, figure=figure)

    def _names(self, text: str) -> Iterator[Candidate]:
        for kind, pattern, names in self._known:
            for found in pattern.finditer(text):
                yield Candidate(kind, found[0], found.start(), found.end(), names[found[0]])

    @cached_property
    def _known(self) -> list[tuple[Kind, re.Pattern[str], Mapping[str, str]]]:
        """Pattern and one names of each list; the longest name first."""
        units = {name: one for name, one in self._lists.unit_names.items() if len(name) > 3}
        regions = {region.name: code for code, region in REGIONS.items() if code != "000000"}
        lists: list[tuple[Kind, Mapping[str, str]]] = [
            ("honour", self._lists.honour_names),
            ("region", regions),
            ("industry", self._industry_names),
            ("owner", units),
        ]
        return [(kind, _any_of(names), names) for kind, names in lists if names]

    @cached_property
    def _industry_names(self) -> Mapping[str, str]:
        """Names of sections and divisions, long enough to mean the industry and nothing else."""
        codes = sorted(self._industries.names, key=len, reverse=True)
        return {name: code for code in codes if len(code) <= 3 and len(name := self._industries.names[code]) >= 3}

    def _wordings(self, text: str) -> Iterator[Candidate]:
        flat = plain(text)
        windows = [found.span() for found in _WINDOW.finditer(flat)]
        fixed: tuple[tuple[Kind, re.Pattern[str]], ...] = (
            ("window", _WINDOW), ("date", _DATE), ("tier", _TIER), ("region", _REGION),
        )  # fmt: skip
        for kind, pattern in fixed:
            for found in pattern.finditer(flat):
                if kind == "date" and any(start <= found.start() < end for start, end in windows):
                    continue
                yield Candidate(kind, text[found.start() : found.end()], found.start(), found.end())
        for kind, words in (("exclusion", _EXCLUDED), ("stacking", _STACKED)):
            for start, end in dict.fromkeys(_phrase(flat, found.start()) for found in words.finditer(flat)):
                yield Candidate(kind, text[start:end], start, end)
        for found in _OWNER.finditer(flat):
            if found[1] not in self._lists.unit_names and re.search(r"局|委|办|部门|厅|政府|单位", found[1]):
                yield Candidate("owner", text[found.start(1) : found.end(1)], found.start(1), found.end(1))


def _is_cap(figure: Figure, text: str) -> bool:
    """Whether an upper bound limits what is given, and not who gets it."""
    if figure.word in _CAPPED:
        return True
    start = max(text.rfind(mark, 0, figure.start) for mark in _MARKS) + 1
    after = text[figure.end : figure.end + 6].lstrip("以之内的")
    return _GIVES.search(text, start, figure.start) is not None or _GIVES.match(after) is not None


def _phrase(flat: str, at: int) -> tuple[int, int]:
    """The sentence around a place, without blanks at their ends."""
    start = max(flat.rfind(mark, 0, at) for mark in _MARKS) + 1
    end = min((found for mark in _MARKS if (found := flat.find(mark, at)) >= 0), default=len(flat))
    return start + len(flat[start:end]) - len(flat[start:end].lstrip()), start + len(flat[start:end].rstrip())


def _any_of(names: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
