"""The side of each figure, and whether the number itself counts: from the word before it, after it, its range, list or column.

Amounts of money and ratios are told always, counts (300人, 3年) only with a word that makes them a bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from policy_match.text.extract.figures import FIGURE, RANGE, Figure, Kind, read_figures
from policy_match.text.extract.page import plain
from policy_match.text.extract.relations import AFTER, BEFORE, WEAK, Relation, Side

_INCLUDES = r"(?:\((?P<{0}>不?含|不?包括)[^()]{{0,12}}\))?"
_TAIL = re.compile(
    _INCLUDES.format("first")
    + rf" ?(?P<word>{'|'.join(sorted(AFTER, key=len, reverse=True))})?(?![部资容地需设陆销])"
    + _INCLUDES.format("last")
    + r"(?:[,，](?P<said>不含|不包括|含)(?=\d))?"
)
_HEADS = "|".join(re.escape(word) for word in sorted(BEFORE, key=len, reverse=True))
_HEAD = re.compile(
    rf"(?P<word>{_HEADS})(?P<gap>[^，。；、：:,;!?()\d\n\t]{{0,18}})(?P<includes>\(不?含\))?\(?(?:为|到|至|达|人民币|：|:|￥|¥)*$"
)
# Between a bound and its number nothing is given: 达到标准的给予10万元 bounds no ten 万元.
_PARTED = re.compile(r"的项目|的企业|的单位|按|每|者|[年月日人家]的?$|给予后|同时")
_PER = re.compile(r"(?:每[^每按的]{1,5})+")
# A limit that is itself raised by a number (最高限额上浮10%) does not bound that number.
_RAISED = re.compile(r"(?:上限|限额|额度?|标准|比例).{0,3}(?:上浮|下浮|上调|下调|提高|增加|降低)$")
_GIVEN = re.compile(r"给予|(?:奖励|补助|补贴|资助|支持|贴息|奖补)(?!额|金|总|资|标准|比例|上限|限额)")
_JOINT = re.compile(r" ?(?:、|/|和|或者?|及|与|以及) ?(?:不超过|最高)?$")
_NEAR, _LONGEST_TABLE = 48, 8000
# Words that bound what is given: what gives may stand between them and the number (最高奖励100万元).
_TOP = frozenset(
    [
        "最高",
        "最多",
        "至多",
        "最长",
        "上限",
        "限额",
        "不超过",
        "不得超过",
        "不高于",
        "可达",
        "封顶",
        "至少",
        "最低",
        "最少",
    ]
)
# 3年内 is a bound, 国内 and 市内 are places.
_TIMES = frozenset(
    ["年", "个月", "天", "日", "工作日", "个工作日", "自然日", "个自然日", "日历天", "个日历天", "周岁", "小时", "分钟"]
)


@dataclass(slots=True)
class _Found:
    figure: Figure
    side: Side | None = None
    by_tail: bool = False
    is_said: bool = False
    tail_end: int = 0
    head_start: int = 0


def figures_in(text: str, said: Mapping[str, bool] | None = None) -> tuple[Figure, ...]:
    """Figures of a text in order; `said`: what the document says of words and numbers (relations.said_of_numbers)."""
    flat = plain(text)
    found = [_Found(figure) for figure in read_figures(flat)]
    for one in found:
        _take_side(one, flat, said or {})
    _ranges(found, flat)
    _share(found, flat)
    _columns(found, flat)
    told = [replace(_told(one, flat), text=text[one.figure.start : one.figure.end]) for one in found]
    return tuple(figure for figure in told if figure.relation != "exact" or figure.kind != "count")


def _take_side(one: _Found, flat: str, said: Mapping[str, bool]) -> None:
    figure = one.figure
    head, tail = _head(flat[max(0, figure.start - _NEAR) : figure.start], figure.kind), _TAIL.match(flat, figure.end)
    if tail is not None and tail["word"] == "内" and (figure.kind != "count" or figure.unit not in _TIMES):
        tail = None
    one.tail_end = figure.end if tail is None else tail.end()
    one.head_start = figure.start
    included = None if tail is None else _is_included(tail["first"] or tail["last"] or tail["said"])
    one.is_said = included is not None or (tail is not None and (tail["word"] or "").startswith(("及", "或")))
    if head is not None:
        one.head_start = max(0, figure.start - _NEAR) + head.start()
        if not (tail is not None and tail["word"] and head["word"] in WEAK):
            included = _is_included(head["includes"]) if head["includes"] else included
            one.side = _with(BEFORE[head["word"]], head["word"], said, included)
            one.figure = replace(figure, word=head["word"])
            return
    if tail is not None and tail["word"]:
        one.side = _with(AFTER[tail["word"]], tail["word"].lstrip("及或"), said, included)
        one.figure, one.by_tail = replace(figure, word=tail["word"]), True


def _head(before: str, kind: Kind) -> re.Match[str] | None:
    """The word before a number that bounds it, the farthest that still does (不得低于 and not 低于)."""
    found = _HEAD.search(before)
    while found is not None and _parts(found, kind):
        found = _HEAD.search(before, found.start() + 1)
    return found


def _parts(head: re.Match[str], kind: Kind) -> bool:
    """Whether what stands between word and number parts them."""
    gap = head["gap"]
    if not gap:
        return False
    if _RAISED.search(head[0]):
        return True
    if len(head["word"]) > 1 and _PER.fullmatch(gap):
        return False
    # 超过部分的10% is a share of what exceeds; 不超过留成部分的70% is bounded.
    if "部分" in gap and not (head["word"].startswith("不") or head["word"] in _TOP):
        return True
    if len(head["word"]) == 1 or _PARTED.search(gap) or (gap.endswith("的") and kind in ("money", "foreign")):
        return True
    return head["word"] not in _TOP and _GIVEN.search(gap) is not None


def _is_included(written: str | None) -> bool | None:
    return None if written is None else not written.startswith("不")


def _with(side: Side, word: str, said: Mapping[str, bool], included: bool | None) -> Side:
    """The side as the place itself (含, 不含) or else the document says."""
    if included is None:
        included = said.get(word)
    return side if included is None else side._replace(included=included)


def _ranges(found: Sequence[_Found], flat: str) -> None:
    """A至B: both ends count unless the text says otherwise at one of them."""
    for low, high in pairwise(found):
        between = flat[low.figure.end : high.figure.start]
        mark = RANGE.fullmatch(between)
        if mark is None or low.figure.kind != high.figure.kind:
            continue
        if not low.by_tail:  # 500万元以上至1000万元 has its side already
            low.side, low.is_said = Side(True, mark["low"] != "不含"), mark["low"] is not None
        if high.side is None or not high.by_tail:
            tail = _TAIL.match(flat, high.figure.end)
            included = None if tail is None else _is_included(tail["first"])
            high.side, high.is_said = Side(False, included is not False), included is not None
        low.figure, high.figure = replace(low.figure, word="至"), replace(high.figure, word="至")
    _meet(found)


def _meet(found: Sequence[_Found]) -> None:
    """1亿元（含）至5亿元, 5亿元（含）以上: the end of a row does not count where the next row says that it begins there."""
    begins = {one.figure.value for one in found if one.is_said and one.side == Side(True, True)}
    for low, high in pairwise(found):
        if low.is_said and high.figure.word == "至" and not high.is_said and high.figure.value in begins:
            high.side = Side(False, False)


def _share(found: Sequence[_Found], flat: str) -> None:
    """Figures in one list share its bound: 最高50万元、30万元; 50万元、100万元以上."""
    for one, after in pairwise(found):
        is_joint = _JOINT.fullmatch(flat[one.tail_end : after.figure.start]) is not None
        if is_joint and after.side is None and one.side is not None and not one.by_tail and one.figure.word != "至":
            after.side, after.figure = one.side, replace(after.figure, word=one.figure.word)
    for one, after in reversed(list(pairwise(found))):
        if _JOINT.fullmatch(flat[one.figure.end : after.figure.start]) and one.side is None and after.by_tail:
            one.side, one.figure, one.by_tail = after.side, replace(one.figure, word=after.figure.word), True


def _columns(found: Sequence[_Found], flat: str) -> None:
    """In a table, a column headed 上限 or 最高 bounds its figures, and the head of the column tells what is measured."""
    for one in found:
        start, end = flat.rfind("\n", 0, one.figure.start) + 1, flat.find("\n", one.figure.end)
        if "\t" not in flat[start : end if end >= 0 else len(flat)]:
            continue
        heads = _heads_above(flat[max(0, start - _LONGEST_TABLE) : start])
        column = flat.count("\t", start, one.figure.start)
        if column >= len(heads):
            continue
        one.figure = replace(one.figure, label=heads[column])
        bound = re.search(r"上限|最高|限额|封顶", heads[column])
        if one.side is None and bound is not None:
            one.side, one.figure = BEFORE[bound[0]], replace(one.figure, word=bound[0])


def _heads_above(before: str) -> list[str]:
    """The cells of the first row of the table that ends here; nothing unless that row is without figures."""
    rows = before.rstrip("\n").split("\n")
    first = None
    for row in reversed(rows):
        if "\t" not in row:
            break
        first = row
    return [] if first is None or FIGURE.search(first) else first.split("\t")


def _told(one: _Found, flat: str) -> Figure:
    relation: Relation = "exact" if one.side is None else one.side.relation
    label = re.split(r"[，。；;,：:!?|\s]", flat[max(0, one.head_start - 40) : one.head_start].rstrip())[-1]
    return replace(one.figure, relation=relation, label=one.figure.label or label.strip())
