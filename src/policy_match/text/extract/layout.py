"""Where on a page the document stands: header fields, body, signatures; menus, counters and footers are none of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.dates import parse_date
from policy_match.errors import FactError
from policy_match.text.extract.page import Page, plain, squeezed

# What a header is labelled by on government sites, as one name of the field.
LABELS: Mapping[str, str] = {
    **dict.fromkeys(["索引号"], "index"),
    **dict.fromkeys(["文件编号", "文号", "发文字号", "发文号", "文件号", "公文编号"], "number"),
    **dict.fromkeys(["发布机构", "发文机关", "发文单位", "发布单位", "制发机关", "公开机构", "发布部门", "发文机构", "制定机关"], "issuer"),
    **dict.fromkeys(["信息来源", "来源"], "source"),
    **dict.fromkeys(["生成日期", "成文日期", "发文日期", "印发日期", "签发日期", "发文时间", "成文时间"], "issued"),
    **dict.fromkeys(["公开日期", "发布日期", "发布时间", "公开时间", "公布日期"], "published"),
    **dict.fromkeys(["废止日期", "失效日期", "失效时间", "废止时间"], "repealed"),
    **dict.fromkeys(["有效性", "文件状态", "效力状态", "时效性", "是否有效"], "state"),
    **dict.fromkeys(["信息名称", "标题", "名称", "文件名称"], "title"),
    **dict.fromkeys(["内容概述", "主题词", "关键词", "关键字", "法定主动公开分类", "公开方式", "主题分类", "体裁分类", "组配分类", "公开类别", "公开范围",
                     "浏览次数", "阅读次数", "点击数", "浏览量", "访问量", "阅读", "浏览", "字号", "字体", "作者", "编辑", "责任编辑", "分类", "公开责任部门"], "other"),
}  # fmt: skip
_LABEL = re.compile(
    r"\[?((?:" + "|".join(r" *".join(label) for label in sorted(LABELS, key=len, reverse=True)) + r")) ?(?::|\]:?|\t|$)"
)
_PLACE = re.compile(r"(?:您)?(?:当前|现在|的|所在)+的?位置|^首页 ?(?:[>|»/]|$)")
_FOOT = re.compile(
    r"^(?!.*[。;]$)(?:(?:主办|承办)(?:单位)?(?:[: \t]|$)|版权所有|技术支持|网站标识码|扫一扫|\[?打印|\[?关闭|打印本页|关闭窗口|上一[篇条]|下一[篇条]|相关(?:链接|文档|文件|解读|信息|文章|附件)|分享(?:到|:)|"
    r"责任编辑|网站地图|联系我们|关于我们|返回顶部|附件下载|收藏|您是第)|ICP备|公网安备|网站标识码|版权所有"
)
_TOOLS = re.compile(
    r"^(?:浏览次数|阅读次数|访问量|字号|字体|分享|\[? ?大 ?中 ?小|打印|收藏|朗读)|浏览次数[: ]|(?:阅读|点击|浏览)[:：] ?\d|^\d{4}-\d{2}-\d{2}.*来源:"
)
_DAY = re.compile(
    r"(?:(?:19|20)\d{2}|二[〇零○OoＯ0][〇零○一二三四五六七八九]{2})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
)
_BODY_NAME = re.compile(
    r"(?:[一-鿿]{2,}?(?:政府|办公室|办公厅|委员会|领导小组|局|厅|委|部|院|行|公司|中心|协会|总局|署|办|会|处|集团|分行))(?:\(代章\))?$"
)
_CLAUSE_START = re.compile(r"^(?:第[一1]条|[一1]\s?[、.](?!\d)|\(一\)|第一章)")
_MOST_NAMES = 4
_HEADING_LINES = 3


@dataclass(frozen=True, slots=True)
class Signature:
    """Names of bodies and the day below them. `lines`: places in the body, the names' and the day's."""

    names: tuple[str, ...]
    day: str | None
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """`fields`: of the header, by our name. `body`: lines of the document. `outside`: what stands around it."""

    fields: Mapping[str, str]
    body: tuple[str, ...]
    outside: tuple[str, ...]


def lay_out(page: Page) -> Layout:
    """Header fields, the lines of the document, and the lines around it; a page without a header begins with its title."""
    fields: dict[str, str] = {}
    last = _header(page.lines, fields)
    start = _start(page, last, fields.get("title"))
    end = next(
        (at for at in range(start, len(page.lines)) if at > start and _FOOT.search(plain(page.lines[at]))),
        len(page.lines),
    )
    kept = [line for line in page.lines[start:end] if not _is_around(line)]
    around = [line for line in page.lines[start:end] if _is_around(line)]
    return Layout(fields, tuple(kept), (*page.lines[:start], *around, *page.lines[end:]))


def _header(lines: Sequence[str], fields: dict[str, str]) -> int:
    """Read the labelled fields above the first clause; the place of the last line that holds one, -1 for none."""
    last = -1
    for at, line in enumerate(lines):
        if _CLAUSE_START.match(squeezed(line)):
            break
        found = list(_LABEL.finditer(plain(line)))
        if not found or (found[0].start() and not _starts_label(line)):
            continue
        last = max(last, at)
        for one, after in zip(found, [*found[1:], None], strict=True):
            value = line[one.end() : len(line) if after is None else after.start()].strip(" \t　:：【[")
            if not value and after is None and at + 1 < len(lines) and not _LABEL.match(plain(lines[at + 1])):
                value = lines[at + 1].strip() if _may_be_value(lines[at + 1]) else ""
                last = at + 1 if value else last
            name = LABELS[re.sub(" ", "", one[1])]
            if value:
                fields.setdefault(name, value)
    return last


def _starts_label(line: str) -> bool:
    return _LABEL.match(plain(line).strip()) is not None or "\t" in line


def _may_be_value(line: str) -> bool:
    return len(line.strip()) <= 60 and not _PLACE.search(plain(line)) and "，" not in line


def _start(page: Page, last: int, title: str | None) -> int:
    """The place of the title line below the header, else the first line below header and path."""
    names = {squeezed(name) for name in (*page.titles, *([title] if title else []))} - {""}
    clause = next((at for at, line in enumerate(page.lines) if _CLAUSE_START.match(squeezed(line))), len(page.lines))
    below = range(last + 1, clause)
    above = [at for at in range(last, -1, -1) if names.intersection(headings_from(page.lines, at))]
    if above and last - above[0] <= 4:  # a title above its line of sources
        return above[0]
    for at in below:
        if names.intersection(headings_from(page.lines, at)):
            return at
    path = [at for at in below if _PLACE.search(plain(page.lines[at]))]
    return path[-1] + 1 if path else last + 1


def headings_from(lines: Sequence[str], at: int) -> tuple[str, ...]:
    """What a heading that begins on a line may say, squeezed: that line, or up to three together."""
    joined = [squeezed(line) for line in lines[at : at + _HEADING_LINES]]
    return tuple("".join(joined[:many]) for many in range(1, len(joined) + 1))


def _is_around(line: str) -> bool:
    flat = plain(line).strip()
    if _PLACE.search(flat):
        return True
    if flat.endswith(("。", ";")):  # a sentence (打印设备投入…给予补助。) only begins like a tool or a field
        return False
    return _TOOLS.search(flat) is not None or (
        (found := _LABEL.match(flat)) is not None
        and found.end() < len(flat)
        and len(flat) < 120
        and flat[found.end() - 1] in ":]"
    )


def signatures(body: Sequence[str]) -> tuple[Signature, ...]:
    """Each day that stands alone on a line, with the names of bodies straight above it (or on its own line)."""
    found = []
    for at, line in enumerate(body):
        flat = squeezed(line)
        day = _DAY.search(flat)
        if day is None or day.end() != len(flat):
            continue
        own = names_in(re.sub(r"\s*\S{0,4}年\S{1,3}月\S{1,3}日\s*$", "", plain(line)).strip()) if day.start() else ()
        if day.start() and not own:
            continue
        above = _names_above(body, at)
        names = tuple(name for place in above for name in names_in(body[place])) + own
        found.append(Signature(names, day[0], (*above, at)))
    return tuple(found)


def _names_above(body: Sequence[str], at: int) -> tuple[int, ...]:
    first = at
    while first and at - first < _MOST_NAMES and names_in(body[first - 1]):
        first -= 1
    return tuple(range(first, at))


def names_in(line: str) -> tuple[str, ...]:
    """Bodies that a line names and says nothing else; else nothing."""
    parts = [part for part in re.split(r"\s{2,}|\t| |　|、", plain(line).strip()) if part]
    whole = [squeezed(line)] if all(len(part) == 1 for part in parts) else parts
    if not whole or not all(len(part) <= 30 and _BODY_NAME.fullmatch(part) and "关于" not in part for part in whole):
        return ()
    return tuple(part.removesuffix("(代章)") for part in whole)


def day_of(written: str | None) -> str | None:
    """2031-03-10 of a day as written, None for anything else (有效, a month, a day that does not exist)."""
    if written is None:
        return None
    try:
        band = parse_date(re.sub(r"[○OoＯ]", "〇", written.strip()[:20].split(" ")[0]))
    except FactError:
        return None
    if not band.is_exact or band.low is None:
        return None
    return date.fromordinal(int(band.low)).isoformat()
