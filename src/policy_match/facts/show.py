"""Facts in plain Chinese: exactly the value that was compared, never a rounded one without 约."""

from __future__ import annotations

from collections.abc import Callable

from policy_match.dates import format_date, format_month
from policy_match.facts.cells import Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.vocabulary import FactSpec, FactType, Vocabulary
from policy_match.identifiers import region_name
from policy_match.units import Band, Number, format_area, format_band, format_count, format_money, format_ratio

SIZE_NAMES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
FLAG_NAMES = {"true": "是", "false": "否"}
UNIT_NAMES = {"person": "人", "day": "天", "month": "个月", "year": "年", "item": "项"}


def number_text(spec: FactSpec, number: Number) -> str:
    """One number, day or month of the fact in words: 3000万元, 5%, 300人, 2025-06-01."""
    return _formatter(spec)(number)


def _formatter(spec: FactSpec) -> Callable[[Number], str]:
    kind = spec.of or spec.type
    if kind is FactType.MONEY:
        return format_money
    if kind is FactType.RATIO:
        return format_ratio
    if kind is FactType.DATE:
        return lambda day: format_date(int(day))
    if kind is FactType.MONTH:
        return lambda month: format_month(int(month))
    if kind is FactType.AREA:
        return format_area
    unit = "分" if kind is FactType.SCORE else UNIT_NAMES.get(spec.unit, spec.unit)
    return lambda number: format_count(number, unit)


def option_text(spec: FactSpec, option: str, vocabulary: Vocabulary) -> str:
    """One option, code or flag in words: 是, 中型, C3562 半导体器件专用设备制造, 武进区."""
    if spec.type is FactType.FLAG:
        return FLAG_NAMES[option]
    if spec.type is FactType.INDUSTRY:
        return f"{option} {vocabulary.industries.name(option)}"
    if spec.type is FactType.REGION:
        return region_name(option)
    return SIZE_NAMES.get(option, option)


def value_text(spec: FactSpec, value: Value, vocabulary: Vocabulary) -> str:
    """A value in words; several possible options are joined by 或."""
    if isinstance(value, Band):
        return format_band(value, _formatter(spec))
    if isinstance(value, Possible):
        options = sorted(value.options, key=lambda o: (spec.options.index(o) if o in spec.options else 0, o))
        return "或".join(option_text(spec, option, vocabulary) for option in options)
    if isinstance(value, Items):
        return "、".join(_item_text(item) for item in value.items) or "无"
    if isinstance(value, Series):
        return "、".join(format_band(entry, _formatter(spec)) for entry in value.entries)
    if isinstance(value, Pairs):
        return "；".join("—".join(format_band(band, _formatter(spec)) for band in pair) for pair in value.pairs)
    if isinstance(value, Text):
        return value.text
    raise TypeError(type(value).__name__)


def _item_text(item: Item) -> str:
    parts = [str(item.year)] if item.year is not None else []
    if item.granted is not None:
        parts.append(format_band(item.granted, lambda day: format_date(int(day))) + "取得")
    if item.through is not None and item.through.high is not None:
        parts.append("有效至" + format_band(item.through, lambda day: format_date(int(day))))
    return item.name + (f"（{'，'.join(parts)}）" if parts else "")
