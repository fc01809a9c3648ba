"""What a project says of itself, as one text for reading its industry: words of the trade first, then name and contents."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Sums, years, floor space, stages of building and jobs say nothing of what is made.
_BESIDE = re.compile(
    r"[(（][^)）]*[)）]|总投资[^,，。;；]*|(?:年|预计|实现|新增)*(?:年)?(?:销售|产值|开票|营收|税收|利税|产出)[^,，。;；]*"
    r"|占地[^,，。;；]*|(?:总)?建筑(?:面积)?[^,，。;；]*|新增就业[^,，。;；]*|计划[^,，。;；]*(?:竣工|投产|交付|开工)"
    r"|[一二三四五]期|达产|项目|投资|公司|\d+(?:\.\d+)?(?:%|万|亿|余|多|平方米|亩|台|套|吨|人|年)*"
)
# Words of the trade are few and say most: they count as if said so many times.
_TRADE_TIMES = 4


@dataclass(frozen=True, slots=True)
class ProjectText:
    """`trade`: industry words and products; `name`: of the project; `content`: 建设内容. Each may be empty."""

    trade: str = ""
    name: str = ""
    content: str = ""

    def whole(self) -> str:
        """One text, without what does not speak of the industry."""
        parts = [*[self.trade] * _TRADE_TIMES, self.name, self.content]
        return " ".join(plain for part in parts if (plain := _BESIDE.sub(" ", part).strip()))
