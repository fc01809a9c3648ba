"""Figures as people write them, in the smallest unit of their code. The unit stands in the cell or in the header; none is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from policy_match.errors import FactError, Issue
from policy_match.series.evidence import MILLION
from policy_match.series.words import Unit
from policy_match.units import Number, normal_text, parse_money, parse_ratio, plain_number

_KWH: Mapping[str, int] = {"万千瓦时": 10_000, "万kwh": 10_000, "万度": 10_000, "千瓦时": 1, "kwh": 1, "度": 1}
HEADERS: Mapping[Unit, tuple[str, ...]] = {
    Unit.MONEY: ("元", "万元", "亿元"),
    Unit.RATIO: ("%", "比例"),
    Unit.KWH: ("千瓦时", "万千瓦时", "kWh", "万kWh", "度", "万度"),
    Unit.COUNT: ("个", "项", "件", "台", "套"),
}
"""The units that may stand in the header of a column."""


def read_figure(text: str, unit: Unit, header: str | None = None) -> int:
    """A figure of a cell; `header`: the unit in the header of its column.

    FactError UNIT_MISSING for an amount or an electricity use without one, NUM_FORMAT for what is no figure or has parts of
    the smallest unit.
    """
    match unit:
        case Unit.MONEY:
            return parse_money(text, default_unit=header)
        case Unit.RATIO:
            return _whole(Fraction(_ratio(text, header)) * MILLION, text)
        case Unit.KWH:
            return _whole(_kwh(text, header), text)
        case Unit.COUNT:
            return _whole(plain_number(text), text)


def _ratio(text: str, header: str | None) -> Number:
    if header != "%" or normal_text(text).endswith(("%", "‰")):
        return parse_ratio(text)
    number = Fraction(plain_number(text))
    if 0 < abs(number) < 1:
        what = f"“{text[:20]}”分不清是比例还是百分数"
        raise FactError(Issue("RATIO_SUSPECT", what, "", "85、85%", "百分数写成 85 或 85%"))
    return number / 100


def _kwh(text: str, header: str | None) -> Number:
    written = normal_text(text).lower()
    own = next((unit for unit in _KWH if written.endswith(unit)), None)
    scale = _KWH.get(own or (header or "").lower())
    if scale is None:
        hint = "写成如“120万千瓦时”，或把单位写在表头"
        raise FactError(Issue("UNIT_MISSING", f"“{text[:20]}”没有单位", "", "千瓦时、万千瓦时、度", hint))
    return plain_number(written.removesuffix(own or "")) * scale


def _whole(number: Number, text: str) -> int:
    if Fraction(number).denominator != 1:
        what = f"“{text[:20]}”太细"
        raise FactError(Issue("NUM_FORMAT", what, "", "金额到分，比例到万分之0.01，用电到1千瓦时", "四舍五入后填写"))
    return int(number)
