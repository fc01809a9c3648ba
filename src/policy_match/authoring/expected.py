"""The amount that the author of a case expects, as written.

220万元, 最高500万元 (a ceiling), 200万元~400万元, 最多600万元 (from nothing), 600万元~
(no upper end) or 未知 (nothing can be said).
"""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.errors import FactError, Issue
from policy_match.units import parse_money

NOTHING = "未知"


@dataclass(frozen=True, slots=True)
class ExpectedAmount:
    """The amount of a case as typed by its author, 分; `high` None: no upper end."""

    low: int
    high: int | None
    promise: str


def expected_amount(written: str) -> ExpectedAmount | None:
    """Read the amount of an `expect`; None for 未知. FactError AMOUNT or of the figure where it cannot be read."""
    if written == NOTHING:
        return None
    if written.startswith("最高"):
        return ExpectedAmount(0, parse_money(written.removeprefix("最高")), "ceiling")
    if written.startswith("最多"):
        return ExpectedAmount(0, parse_money(written.removeprefix("最多")), "exact")
    low, mark, high = written.partition("~")
    if mark and not low:
        hint = "从零起的写“最多”"
        raise FactError(Issue("AMOUNT", f"金额“{written}”缺少下限", "", "最多600万元、200万元~400万元、600万元~", hint))
    exact = parse_money(low)
    end = exact if not mark else parse_money(high) if high else None
    if end is not None and end < exact:
        raise FactError(Issue("AMOUNT", f"金额“{written}”的下限大于上限", "", "下限在前", "调换两端"))
    return ExpectedAmount(exact, end, "exact")
