"""Pages that are not what they seem: of another city, or filled with words that the document itself does not speak of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from policy_match.facts.taxonomies import Taxonomies
from policy_match.identifiers import REGIONS
from policy_match.text.extract.head import Head, series_of
from policy_match.text.extract.layout import Layout
from policy_match.text.extract.page import Page, plain, squeezed

# How names of bodies of the city's districts, the province and the state begin when they are cut short.
_HERE = re.compile(
    "江苏|省|市政府|市委|市人民|区政府|区委|区人民|国家|国务院|中共中央|中华人民共和国|中国|全国"
    + "".join(f"|{region.name[:2]}" for code, region in REGIONS.items() if code != "000000")
)
_SHORT = re.compile(r"^(?:市|区|省)[^市区县]{1,12}(?:局|委|办|办公室|厅|政府)$|^[^市县区]{2,14}(?:部|总局|总署)$")
_BUSINESS = re.compile(r"彩票|博彩|娱乐|棋牌|体育|网络科技|有限公司")
# How document series of the city, its districts, the province and the state begin.
_SERIES_HERE = re.compile(
    r"常|武|溧|坛|金政|新北|天政|天宁|钟|苏|国|工信|财|发改|科|人社|商|税|中|自然资|环|建|教|银|市监|交"
)
_ELSEWHERE = (
    "北京|上海|天津|重庆|南京|无锡|苏州|南通|徐州|扬州|镇江|泰州|盐城|淮安|连云港|宿迁|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|合肥|芜湖|马鞍山|滁州|济南|青岛|"
    "烟台|武汉|长沙|广州|深圳|东莞|佛山|珠海|厦门|福州|成都|西安|郑州|南昌|昆山|江阴|宜兴|张家港|常熟|太仓|丹阳|句容|常德|浙江|安徽|山东|福建|广东|湖北|湖南|四川|河南"
)
_CITY = re.compile(f"({_ELSEWHERE})")
_SCOPE = re.compile(
    rf"(?:在|为|本|于|我)?({_ELSEWHERE})(?:市|省)?(?:行政区域|范围内|境内|区域内|市区内|市?(?:内)?(?:登记注册|注册|依法登记|登记|纳税))"
)
_MANY_KEYWORDS, _MANY_REPEATS = 10, 3


@dataclass(frozen=True, slots=True)
class Flag:
    """`code` is for programs, `message` for a person: what, where, what to do."""

    code: str
    message: str


def foreign(layout: Layout, head: Head, lists: Taxonomies) -> Iterator[Flag]:
    """Bodies, numbers and scopes that are not ours; a corpus without a list of issuers closes nothing."""
    if not lists.issuers:
        return
    strange = [name for name in head.named if not is_ours(name, lists)]
    if head.source is not None and (_CITY.match(head.source) or _BUSINESS.search(head.source)):
        strange.append(head.source)
    if strange:
        told = "不在发文单位名录，也不是本地或上级单位；核对来源，不是本地文件的不要采用"
        yield Flag("foreign_issuer", f"“{'、'.join(strange)}”{told}")
    yield from _foreign_number(head, lists, is_told=bool(strange))
    text = plain("\n".join(layout.body))
    if not strange and (places := sorted({found[1] for found in _SCOPE.finditer(text)})):
        yield Flag("foreign_issuer", f"正文把适用范围写成“{'、'.join(places)}”；核对是不是本地文件")


def _foreign_number(head: Head, lists: Taxonomies, *, is_told: bool) -> Iterator[Flag]:
    """A number of another body than those named, or of a series that nobody here has."""
    owners = {owner for number in head.numbers if (owner := lists.issuer_series.get(series_of(number))) is not None}
    listed = {lists.issuer_names[name] for name in head.named if name in lists.issuer_names}
    if owners and listed and not owners & listed:
        says = f"文号前缀是“{'、'.join(sorted(owners))}”的，发文单位写的是“{'、'.join(sorted(listed))}”；核对原件"
        yield Flag("foreign_issuer", says)
    unknown = [one for one in head.numbers if series_of(one) not in lists.issuer_series and "公告" not in one]
    if not unknown or is_told:
        return
    if _SERIES_HERE.match(series_of(unknown[0])) is None:
        yield Flag("foreign_issuer", f"文号“{unknown[0]}”的前缀不属于本地、省或国家单位；核对来源")
    else:
        hint = "确是新的前缀，先写进 corpus/taxonomies/issuers.yaml"
        yield Flag("series_unlisted", f"文号“{unknown[0]}”的前缀不在名录；{hint}")


def is_ours(name: str, lists: Taxonomies) -> bool:
    """On the list of issuers or units, or by its name a body of the city, its districts, the province or the state."""
    if name in lists.issuer_names or name in lists.unit_names:
        return True
    if _CITY.match(name):
        return False
    is_local = _HERE.match(name) is not None and _BUSINESS.search(name) is None
    return is_local or _SHORT.match(name) is not None


def poisoned(page: Page, layout: Layout) -> Iterator[Flag]:
    text = squeezed("".join(layout.body))
    absent = [word for word in page.keywords if squeezed(word) not in text]
    places = {word for word in page.keywords if _CITY.search(word) and squeezed(word) not in text}
    if len(absent) >= _MANY_KEYWORDS or len(places) >= 2:
        yield Flag(
            "poisoned",
            f"页面关键词里有 {len(absent)} 个正文没有的词（{'、'.join(absent[:5])}……）；这个页面可能被人改过，改用官方页面",
        )
    strange = [part for part in page.hidden if _is_stuffing(part, text)]
    if strange:
        yield Flag("poisoned", f"页面藏有看不见的文字：“{strange[0][:40]}”；没有读入，改用官方页面")
    if (often := _repeated(layout)) is not None:
        yield Flag("poisoned", f"“{often}”反复出现而与正文无关；这个页面可能被人改过，改用官方页面")


def _is_stuffing(part: str, text: str) -> bool:
    """Hidden words that the document does not hold: other cities, money, or one phrase over and over."""
    flat = squeezed(part)
    if not re.search(r"[一-鿿]{4}", flat) or flat in text:
        return False
    words = Counter(re.findall(r"[一-鿿]{3,12}", plain(part)))
    return bool(
        _CITY.search(flat)
        or re.search(r"\d ?[万亿]?元", flat)
        or any(times >= _MANY_REPEATS for times in words.values())
        or re.search(r"代办|贷款|彩票|博彩|中介|发票|代理|包过", flat)
    )


def _repeated(layout: Layout) -> str | None:
    """A line or phrase of another city that is printed again and again."""
    lines = Counter(squeezed(line) for line in (*layout.body, *layout.outside) if 4 <= len(squeezed(line)) <= 60)
    for shown, times in lines.items():
        if times >= _MANY_REPEATS and _CITY.search(shown):
            return shown
    for line in (*layout.body, *layout.outside):
        words: Counter[str] = Counter(re.findall(r"[一-鿿]{4,12}", plain(line)))
        for word, times in words.items():
            if times >= _MANY_REPEATS + 1 and len(line) < times * (len(word) + 3):
                return word
        cities = _CITY.findall(plain(line))
        if len(set(cities)) >= 4 and re.search(r"代办|贷款|中介|代理|补贴申报|咨询热线|加微|微信", line):
            return line[:20]
    return None
