"""Which side of a number counts, and whether the number itself does: the words of the Civil Code, article 1259, and of common use.

以上, 以下, 以内, 不少于 include the number; 超过, 不满, 低于 do not. A document that says otherwise for itself is followed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

Relation = Literal["at_least", "more_than", "at_most", "less_than", "exact"]


class Side(NamedTuple):
    """A direction and whether the number is included."""

    up: bool
    included: bool

    @property
    def relation(self) -> Relation:
        """The operator of the rule language."""
        if self.up:
            return "at_least" if self.included else "more_than"
        return "at_most" if self.included else "less_than"


def _sides(up: bool, included: bool, words: str) -> dict[str, Side]:
    return {word: Side(up, included) for word in words.split()}


BEFORE: Mapping[str, Side] = {
    **_sides(True, True, "不低于 不少于 不小于 不短于 不得低于 不得少于 不应低于 不应少于 不能低于 不能少于 应不低于 应不少于 未低于 未少于 不得小于 不得短于 至少 最低 最少 达到 达 满 不低於 ≥ >="),
    **_sides(True, False, "超过 高于 大于 多于 超出 突破 > 逾 超"),
    **_sides(False, True, "不超过 不高于 不大于 不多于 不长于 不得超过 不得高于 不得大于 不得多于 不应超过 不应高于 不能超过 不能高于 不超 未超过 未高于 不突破 不得突破 "
             "最高 最多 最长 至多 上限 限额 封顶 控制在 可达 可提高到 可提高至 可放宽到 可放宽至 可延长到 可延长至 可上浮到 可上浮至 ≤ <="),
    **_sides(False, False, "低于 少于 小于 不足 不满 不到 未满 未达到 未达 达不到 不及 <"),
}  # fmt: skip
AFTER: Mapping[str, Side] = {
    **_sides(True, True, "以上 及以上 或以上 之上"),
    **_sides(False, True, "以下 及以下 或以下 之下 以内 之内 内 封顶 为限 为上限 上限"),
}
# Words that say little of the side by themselves: what follows the number is the stronger.
WEAK = frozenset({"达到", "达", "满", "可放宽到", "可放宽至", "可延长到", "可延长至", "可提高到", "可提高至"})
_LONGEST_SENTENCE = 300
_QUOTED = re.compile(r"[“\"‘「']([^”\"’」']{1,6})[”\"’」']")


def said_of_numbers(text: str) -> Mapping[str, bool]:
    """Words that the document itself says include the number, or do not: 所称“以上”包含本数，“以下”不包含本数.

    >>> dict(said_of_numbers("本办法所称“以上”含本数，“以下”不含本数。"))
    {'以上': True, '以下': False}
    """
    found: dict[str, bool] = {}
    sentences = (part for part in re.split(r"[。；;\n]", text) if "本数" in part and len(part) < _LONGEST_SENTENCE)
    for sentence in sentences:
        for words, negated in _followed(sentence):
            found.update((word, not negated) for word in words)
    return found


def _followed(sentence: str) -> list[tuple[list[str], bool]]:
    """Quoted words and whether 不 stands before what is said of them."""
    return [
        (_QUOTED.findall(part[1] or ""), part[2] is not None)
        for part in re.finditer(r"((?:(?!本数).)*?)(不)?(?:包含|包括|含)(?:有)?本数(?:在内)?", sentence)
    ]
