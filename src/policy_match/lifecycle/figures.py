"""The figures and limits of gauges in words."""

from __future__ import annotations

from fractions import Fraction

from policy_match.lifecycle.table import Gauge, Limit
from policy_match.units import format_count, format_ratio

_WORDS = {"at_least": "不低于", "more_than": "高于", "less_than": "低于", "at_most": "不高于"}


def limit_text(gauge: Gauge, limit: Limit) -> str:
    """A bound: 高于30个百分点, 低于60%."""
    return _WORDS[limit.word] + figure_text(gauge, limit.value)


def figure_text(gauge: Gauge, value: Fraction) -> str:
    """A figure with the unit of its gauge, exact or with 约."""
    if gauge.unit == "ratio":
        return format_ratio(value)
    return format_count(value, "个百分点" if gauge.unit == "points" else gauge.unit)
