"""Thresholds: the one number, day or month that a rule compares a fact with."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from policy_match.dates import parse_date, parse_month
from policy_match.errors import FactError, Issue
from policy_match.facts.table import SCALE
from policy_match.facts.vocabulary import NUMERIC, FactSpec, FactType, Vocabulary
from policy_match.units import Number, parse_area, parse_count, parse_money, parse_ratio, parse_score

Written: TypeAlias = str | int | bool | Decimal


def bound_of(spec: FactSpec, written: Written, vocabulary: Vocabulary) -> Number:
    """The exact number of a threshold in the fact's own unit (分, 1 = 100 %, ㎡, day ordinal, month index).

    A figure with a dimension needs its unit. FactError for a wrong form, and for a figure finer than
    the grid of its type, which could not be compared exactly.
    """
    number = _parse(spec, written)
    if (Fraction(number) * SCALE[spec.type]).denominator != 1:
        raise FactError(Issue("NUM_FORMAT", f"“{written}”过细，无法精确比较", "", "", "减少小数位数"))
    return number


def _parse(spec: FactSpec, written: Written) -> Number:
    if isinstance(written, bool) or spec.type not in NUMERIC:
        raise FactError(
            Issue("TYPE", f"“{spec.label}”不能与“{written}”比较", "", "与事实类型相符的值", "检查运算词和值")
        )
    if spec.type is FactType.MONEY:
        return parse_money(written if isinstance(written, str | int) else str(written))
    if spec.type is FactType.AREA:
        return parse_area(str(written))
    if spec.type is FactType.RATIO:
        return parse_ratio(str(written))
    if spec.type is FactType.SCORE:
        return parse_score(str(written))
    if spec.type is FactType.MONTH:
        return parse_month(str(written))
    if spec.type is FactType.DATE:
        band = parse_date(str(written))
        if band.low is None or not band.is_exact:
            raise FactError(Issue("DATE_FORMAT", f"“{written}”不是确切的日期", "", "YYYY-MM-DD", "写到日"))
        return band.low
    if spec.unit and not str(written).strip("-.0123456789"):
        raise FactError(Issue("UNIT_MISSING", f"“{written}”没有单位", "", spec.unit, f"写成“{written}{spec.unit}”之类"))
    return parse_count(str(written), spec.unit)
