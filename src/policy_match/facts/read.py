"""Read values: plain JSON and table cells into what is known of a fact.

Everything is typed by the vocabulary; a wrong form is refused with its code, the
allowed values and a hint, and is never turned into zero, false or missing. An
absent value is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from rapidfuzz import process

from policy_match.dates import parse_date, parse_date_band, parse_month
from policy_match.errors import FactError, Issue
from policy_match.facts.cells import MISSING, OPEN, Cause, Cell, Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.observations import Purpose
from policy_match.facts.vocabulary import NUMERIC, FactSpec, FactType, Vocabulary
from policy_match.identifiers import canonical_region
from policy_match.units import (
    Band,
    Number,
    Written,
    normal_text,
    parse_area,
    parse_band,
    parse_count,
    parse_money,
    parse_ratio,
    parse_score,
)

Json: TypeAlias = "str | int | float | bool | Decimal | list[Json] | dict[str, Json] | None"
MAX_TEXT = 20_000
MAX_ITEMS = 200
BLANKS = frozenset({"", "/", "//", "—", "——", "-", "--", "无", "N/A", "null"})
_FLAGS = {"是": "true", "否": "false", "有": "true", "true": "true", "false": "false", "√": "true", "×": "false"}
_SIZES = {"大型": "large", "中型": "medium", "小型": "small", "微型": "micro"}


def _refuse(code: str, spec: FactSpec, written: object, allowed: str, hint: str = "") -> FactError:
    return FactError(Issue(code, f"“{spec.label}”的值“{str(written)[:20]}”不对", "", allowed, hint))


def read_cell(spec: FactSpec, written: Json, vocabulary: Vocabulary) -> Cell:
    """A JSON value, or {value, source, observed_on}, as a cell; null is MISSING. FactError for a wrong form."""
    source: str | None = None
    observed: date | None = None
    if isinstance(written, dict) and "value" in written:
        unknown = set(written) - {"value", "source", "observed_on"}
        if unknown:
            raise _refuse("KEY_UNKNOWN", spec, "、".join(sorted(unknown)), "value、source、observed_on")
        source, observed = read_origin(written, vocabulary)
        written = written["value"]
    if written is None:
        return replace(MISSING, source=source, observed_on=observed)
    return Cell(read_value(spec, written, vocabulary), None, source, observed)


def read_origin(written: Mapping[str, Json], vocabulary: Vocabulary) -> tuple[str | None, date | None]:
    """Register and day of an observation; FactError SOURCE_UNKNOWN or DATE_FORMAT."""
    source, day = written.get("source"), written.get("observed_on")
    if source is not None and (not isinstance(source, str) or source not in vocabulary.sources):
        allowed = "、".join(f"{code} {name}" for code, name in vocabulary.registers.items())
        raise FactError(
            Issue("SOURCE_UNKNOWN", f"不认识的数据来源“{str(source)[:20]}”", "", allowed, "改用登记的来源代码")
        )
    if day is None:
        return None if source is None else str(source), None
    band = parse_date(str(day))
    if not band.is_exact or band.low is None:
        raise FactError(Issue("DATE_FORMAT", f"观察日期“{str(day)[:20]}”应写到日", "", "YYYY-MM-DD"))
    return None if source is None else str(source), date.fromordinal(int(band.low))


def read_value(spec: FactSpec, written: Json, vocabulary: Vocabulary) -> Value:
    """A plain JSON value as the type of its fact asks; FactError with code, allowed values and hint otherwise."""
    kind = spec.type
    if kind in NUMERIC:
        return _read_number(spec, written)
    if kind is FactType.FLAG:
        if not isinstance(written, bool):
            raise _refuse("FLAG_FORMAT", spec, written, "true、false", "不加引号；不知道请不写")
        return Possible.only("true" if written else "false")
    if kind in (FactType.SERIES, FactType.PAIRS, FactType.SET):
        return _read_list(spec, written, vocabulary)
    if not isinstance(written, str):
        raise _refuse("TEXT_FORMAT", spec, written, "带引号的文字", "编码请写成文字，避免丢失位数和开头的 0")
    if len(written) > MAX_TEXT:
        raise _refuse("TOO_LONG", spec, written, f"不超过 {MAX_TEXT} 字", "请只填写需要的内容")
    if kind is FactType.TEXT:
        return Text(written)
    return Possible.only(_read_code(spec, written, vocabulary))


def _read_code(spec: FactSpec, written: str, vocabulary: Vocabulary) -> str:
    if len(written) > 100:
        raise _refuse("TOO_LONG", spec, written, "不超过 100 字")
    if spec.type is FactType.INDUSTRY:
        return vocabulary.industries.canonical(written)
    if spec.type is FactType.REGION:
        return canonical_region(written)
    option = written.strip()
    if spec.options == tuple(_SIZES.values()):
        option = _SIZES.get(option, option)
    if option not in spec.options:
        raise _refuse("CHOICE", spec, written, "、".join(spec.options), _nearest(option, spec.options))
    return option


def _nearest(written: str, options: Sequence[str]) -> str:
    """What to do about a word that is no option."""
    near = process.extractOne(written[:80], options, score_cutoff=50)
    return f"是否为“{near[0]}”？" if near else "从允许的值中选，不知道的留空"


def parser_of(
    spec: FactSpec, kind: FactType | None = None, default_unit: str | None = None
) -> Callable[[Written], Number]:
    """The reader of one figure of the fact; `default_unit`: unit of a column header for bare numbers."""
    kind = kind or spec.type
    if kind is FactType.MONEY:
        return lambda written: parse_money(written, default_unit=default_unit)
    if kind is FactType.AREA:
        return lambda written: parse_area(written, default_unit=default_unit)
    if kind is FactType.RATIO:
        return lambda written: parse_ratio(
            f"{written}%" if default_unit == "%" and not re.search(r"[%％‰分]", str(written)) else written
        )
    if kind is FactType.SCORE:
        return parse_score
    if kind is FactType.MONTH:
        return lambda written: parse_month(str(written))
    unit = {"人": "person", "天": "day", "个月": "month", "年": "year", "项": "item"}.get(spec.unit, spec.unit)
    return lambda written: parse_count(written, unit)


def header_units(spec: FactSpec) -> tuple[str, ...]:
    """The units that a column header may name for bare numbers of the fact; none: its figures have no unit."""
    kind = spec.of or spec.type
    if kind is FactType.MONEY:
        return ("元", "千元", "万元", "百万元", "亿元", "分")
    if kind is FactType.AREA:
        return ("亩", "公顷", "平方米", "㎡", "万平方米")
    if kind is FactType.RATIO:
        return ("%",)
    if kind is FactType.SCORE:
        return ("分",)
    return (spec.unit,) if kind is FactType.COUNT and spec.unit else ()


def _read_number(spec: FactSpec, written: Json, kind: FactType | None = None, unit: str | None = None) -> Band:
    kind = kind or spec.type
    if isinstance(written, dict):
        return _read_band(spec, written, kind)
    if isinstance(written, bool) or not isinstance(written, str | int | float | Decimal):
        raise _refuse("NUM_FORMAT", spec, written, "数字，或带单位的文字", '写成如 300、"3000万元"')
    if kind is FactType.DATE:
        if not isinstance(written, str):
            raise _refuse("DATE_FORMAT", spec, written, '"2024-05-09"', "日期加引号")
        return parse_date_band(written)
    if kind is FactType.MONTH:
        return Band.exact(parse_month(str(written)))
    band = parse_band(written, parser_of(spec, kind, unit))
    if spec.not_negative and any(end is not None and end < 0 for end in (band.low, band.high)):
        raise _refuse("NUM_RANGE", spec, written, "不小于 0", "检查正负号")
    return band


def _read_band(spec: FactSpec, written: dict[str, Json], kind: FactType) -> Band:
    if not written or set(written) - {"low", "high"}:
        raise _refuse("BAND_FORMAT", spec, written, '{"low": …, "high": …}', "只写 low 和 high，可缺一端")
    low = None if written.get("low") is None else _read_number(spec, written["low"], kind).low
    high = None if written.get("high") is None else _read_number(spec, written["high"], kind).high
    if low is None and high is None:
        raise _refuse("BAND_FORMAT", spec, written, "至少一端", "未知的值请不写")
    if low is not None and high is not None and low > high:
        raise _refuse("NUM_RANGE", spec, written, "low 不大于 high", "检查两端")
    return Band(low, high)


def _read_list(spec: FactSpec, written: Json, vocabulary: Vocabulary, unit: str | None = None) -> Value:
    if not isinstance(written, list):
        raise _refuse("LIST_FORMAT", spec, written, "列表，如 [甲, 乙]", "只有一项也写成列表")
    if len(written) > MAX_ITEMS:
        raise _refuse("TOO_LONG", spec, f"{len(written)} 项", f"不超过 {MAX_ITEMS} 项", "检查是否粘贴错误")
    if spec.type is FactType.SET:
        return Items(tuple(_read_item(spec, entry, vocabulary) for entry in written))
    kind = spec.of or FactType.MONEY
    if spec.type is FactType.SERIES:
        if not 1 <= len(written) <= 10:
            raise _refuse("LIST_FORMAT", spec, written, "1 至 10 个年度，由早到晚")
        return Series(tuple(OPEN if entry is None else _read_number(spec, entry, kind, unit) for entry in written))
    pairs: list[tuple[Band, Band]] = []
    for entry in written:
        if not isinstance(entry, list) or len(entry) != 2:
            raise _refuse("LIST_FORMAT", spec, entry, "每季一对 [季初, 季末]")
        start, end = (OPEN if value is None else _read_number(spec, value, kind) for value in entry)
        pairs.append((start, end))
    return Pairs(tuple(pairs))


def _read_item(spec: FactSpec, entry: Json, vocabulary: Vocabulary) -> Item:
    if isinstance(entry, str):
        entry = {"name": entry}
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or not entry["name"]:
        raise _refuse("LIST_FORMAT", spec, entry, "名称，或 {name, granted_on, valid_through, level, year}")
    unknown = set(entry) - {"name", "granted_on", "valid_through", "level", "year"}
    if unknown:
        raise _refuse("KEY_UNKNOWN", spec, "、".join(sorted(unknown)), "name、granted_on、valid_through、level、year")
    name = vocabulary.item_name(spec.name, str(entry["name"]).strip())
    if spec.options and name not in spec.options:
        hint = (
            "多项分开写：表格用 ; 分开，JSONL 写成列表" if re.search("[、，,/]", name) else _nearest(name, spec.options)
        )
        raise _refuse("CHOICE", spec, name, "、".join(spec.options), hint)
    granted, through, level, year = (entry.get(key) for key in ("granted_on", "valid_through", "level", "year"))
    if year is not None and not re.fullmatch(r"(19|20)\d{2}", str(year)):
        raise _refuse("DATE_FORMAT", spec, year, "四位年份", "写成如 2024")
    item = Item(
        name,
        None if granted is None else parse_date_band(str(granted)),
        None if through is None else parse_date_band(str(through)),
        None if level is None else str(level),
        None if year is None else int(str(year)),
    )
    if item.granted and item.through and (item.granted.low or 0) > (item.through.high or 0):
        raise _refuse("DATE_INVALID", spec, name, "granted_on 不晚于 valid_through", "检查两个日期")
    return item


def read_text_cell(spec: FactSpec, text: str, unit: str | None, vocabulary: Vocabulary) -> Value | None:
    """A table cell: `;` between list items, `100~500` a band, blank, /, — and 无 missing (None), 0 is 0.

    `unit` is the unit of the column header for bare numbers. 无 is an option where the fact has that option.
    """
    plain = text.strip()
    if plain in BLANKS and plain not in spec.options:
        return None
    if spec.type in NUMERIC:
        return _read_number(spec, plain, unit=unit)
    if spec.type is FactType.FLAG:
        flag = _FLAGS.get(normal_text(plain).lower())
        if flag is None:
            raise _refuse("FLAG_FORMAT", spec, text, "是、否", "不知道请留空")
        return Possible.only(flag)
    if spec.type is FactType.SET:
        items = [part.strip().partition("@") for part in plain.replace("；", ";").split(";") if part.strip()]
        return Items(
            tuple(_read_item(spec, {"name": name, "year": year or None}, vocabulary) for name, _, year in items)
        )
    if spec.type is FactType.SERIES:
        parts: list[Json] = [None if part.strip() in BLANKS else part for part in plain.replace("；", ";").split(";")]
        return _read_list(spec, parts, vocabulary, unit)
    if spec.type is FactType.PAIRS:
        raise _refuse("LIST_FORMAT", spec, text, "表格中不支持季度成对数据", "请改用 JSONL 或填写季度平均值")
    return read_value(spec, plain, vocabulary)


def usable(spec: FactSpec, cell: Cell, as_of: date, vocabulary: Vocabulary, purpose: Purpose = Purpose.SERVICE) -> Cell:
    """The cell as it may be used on a day for a purpose.

    Stale observations, those made later, registers that forbid the purpose (statistics) and text extracts become
    unknown with their cause; the value is kept in `last_seen` to be shown. A list on a public page is not complete:
    a page that names one list says nothing about the others. A plain value without source is taken as true.
    """
    if cell.value is None or cell.source is None:
        return cell
    only_for = vocabulary.sources[cell.source].only_for
    if only_for and purpose not in only_for:
        return _set_aside(cell, Cause.PURPOSE)
    if cell.source == "TEXT":
        return _set_aside(cell, Cause.WEAK_SOURCE)
    if cell.source in ("PUBLIC", "READING") and isinstance(cell.value, Items):
        cell = replace(cell, value=replace(cell.value, is_complete=False))
    if cell.observed_on is not None:
        if cell.observed_on > as_of:
            return _set_aside(cell, Cause.MISSING)
        if spec.fresh_days is not None and (as_of - cell.observed_on).days > spec.fresh_days:
            return _set_aside(cell, Cause.STALE)
    return cell


def _set_aside(cell: Cell, cause: Cause) -> Cell:
    return replace(cell, value=None, cause=cause, last_seen=cell.value)
