"""Whether a figure that is told may be taken: its sign, the order of figures of the year so far, and what was told before.

A figure of the year so far that is lower than one of an earlier month of the year is an error; so is another figure for a
month that was told already. Both are taken if they are said to be a correction. Domain specification 7.4.
"""

from __future__ import annotations

from collections.abc import Mapping

from policy_match.errors import Issue
from policy_match.series.evidence import value_text
from policy_match.series.indicator import MAX_VALUE, Indicator
from policy_match.series.months import january_of, month_text
from policy_match.series.words import Basis

_MARK = "与报送人核对；确是更正的，在“更正”列填“是”"


def refusal(one: Indicator, month: int, value: int, before: Mapping[int, int], *, is_correction: bool) -> Issue | None:
    """What is wrong with a figure; None: it may be taken. `before`: what the same source told, by month."""
    if abs(value) > MAX_VALUE:
        return Issue(
            "NUM_RANGE", f"{one.title}超出范围", "", f"绝对值不超过{value_text(MAX_VALUE, one.unit)}", "检查单位和位数"
        )
    if value < 0 and not one.signed:
        return Issue("INDICATOR_NEGATIVE", f"{one.title}不能小于0", "", "0或正数，不知道的留空", "核对后填写")
    if is_correction:
        return None
    told = before.get(month)
    if told is not None and told != value:
        was = value_text(told, one.unit)
        what = f"{month_text(month)} 的{one.title}以前报的是{was}，现在不同"
        return Issue("INDICATOR_CHANGED", what, "", "与以前相同，或注明更正", _MARK)
    return None if one.basis is Basis.MONTH or one.signed else _falls(one, month, value, before)


def _falls(one: Indicator, month: int, value: int, before: Mapping[int, int]) -> Issue | None:
    year = {m: v for m, v in before.items() if january_of(m) == january_of(month)}
    earlier = max(((v, m) for m, v in year.items() if m < month), default=None)
    later = min(((v, m) for m, v in year.items() if m > month), default=None)
    if earlier is not None and earlier[0] > value:
        told, at, word = value_text(earlier[0], one.unit), earlier[1], "少于"
    elif later is not None and later[0] < value:
        told, at, word = value_text(later[0], one.unit), later[1], "多于"
    else:
        return None
    what = f"{one.title}是本年累计，{month_text(month)} 的{word} {month_text(at)} 的{told}"
    return Issue("INDICATOR_FALLS", what, "", "累计数逐月不减少", _MARK)
