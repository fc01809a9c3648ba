"""From when and until when a document holds, as its own sentences say it. What they leave open stays None."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from policy_match.dates import Period, add_period, parse_date
from policy_match.errors import FactError
from policy_match.text.extract.page import squeezed
from policy_match.units import plain_number

_D = r"((?:19|20)\d{2}年\d{1,2}月\d{1,2}日|二[〇零○][〇零○一二三四五六七八九]{2}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日|(?:19|20)\d{2}-\d{1,2}-\d{1,2})"
_N = r"([一二两三四五六七八九十\d]{1,3})(?:\([^)]*\))?(个?)(年|月)"
_VERB = r"(?:正式)?(?:施行|实施|执行|生效|试行|起效)"
_OWN = re.compile(
    r"本(?:办法|措施|意见|规定|细则|通知|政策|方案|条例|实施|文件|若干|通告|公告|指南|规程|决定|暂行|计划|行动|工作)|^自|^\(?[一二三四五六七八九十\d]+\)?[、.]?自|^从|^(?:答:)?政策"
)
_FROM_DAY = re.compile(rf"(?:自|从|于){_D}(?:之日)?起?(?:开始)?{_VERB}")
_FROM_ISSUE = re.compile(
    rf"(?:自|从)(?:本\S{{1,10}})?(印发|发布|公布|下发|发文|签发|公开)之日起(?:满?([一二三四五六七八九十\d]{{1,3}})(?:个?自然)?[日天])?后?(?:开始)?{_VERB}"
)
_BOTH = re.compile(rf"(?:有效期|施行期|执行期|实施期|试行期|期)限?(?:为|自|从|:)*{_D}起?(?:至|到|-|—|~)+{_D}")
_UNTIL = re.compile(
    rf"(?:有效期|期限|施行期|执行期|实施期|试行期|执行|施行|实施|有效|截止)\S{{0,4}}?(?:至|到|截至|截止到|截止至){_D}"
)
_FOR = re.compile(rf"(?:有效期|试行期?|执行期|实施期|施行期|期限)限?(?:暂定)?(?:为|是|:)?{_N}")


@dataclass(frozen=True, slots=True)
class Term:
    """Days as ISO texts; a length whose first day is not known has no end."""

    begins: str | None = None
    ends: str | None = None


def term_of(lines: Sequence[str], issued: str | None) -> Term:
    """The term that the document gives itself; sentences on other documents say nothing. `issued`: ISO day or None."""
    begins: str | None = None
    ends: str | None = None
    length: Period | None = None
    for sentence in _sentences(lines):
        begins = begins or _begin(sentence, issued)
        if both := _BOTH.search(sentence):
            begins, ends = begins or _iso(both[1]), ends or _iso(both[2])
        if until := _UNTIL.search(sentence):
            ends = ends or _iso(until[1])
        if (found := _FOR.search(sentence)) and length is None:
            length = _length(found[1], found[3])
    if ends is None and begins is not None and length is not None:
        ends = (add_period(date.fromisoformat(begins), length) - timedelta(days=1)).isoformat()
    return Term(begins, ends)


def _sentences(lines: Sequence[str]) -> list[str]:
    """Sentences on the document itself, the last first: the term stands at the end."""
    found = [part for line in lines for part in re.split(r"[。；;]", squeezed(line)) if part]
    about = [
        at
        for at, part in enumerate(found)
        if _OWN.search(part) and (_begins(part) or _UNTIL.search(part) or _FOR.search(part) or _BOTH.search(part))
    ]
    near = [
        at + 1
        for at in about
        if at + 1 < len(found)
        and at + 1 not in about
        and re.match(r"(?:有效期|试行|执行期|实施期|施行期)", found[at + 1])
    ]
    return [found[at] for at in sorted({*about, *near}, reverse=True)]


def _begins(part: str) -> bool:
    return _FROM_DAY.search(part) is not None or _FROM_ISSUE.search(part) is not None


def _begin(sentence: str, issued: str | None) -> str | None:
    if found := _FROM_DAY.search(sentence):
        return _iso(found[1])
    if (found := _FROM_ISSUE.search(sentence)) and issued is not None:
        if found[2] is None:
            return issued
        return (date.fromisoformat(issued) + timedelta(days=int(plain_number(found[2])))).isoformat()
    return None


def _iso(written: str) -> str | None:
    try:
        low = parse_date(written.replace("○", "〇")).low
    except FactError:
        return None
    return None if low is None else date.fromordinal(int(low)).isoformat()


def _length(number: str, unit: str) -> Period | None:
    try:
        count = int(plain_number(number))
    except FactError:
        return None
    return Period(count * (12 if unit == "年" else 1), 0)
