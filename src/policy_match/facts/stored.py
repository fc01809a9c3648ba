"""A value as canonical JSON text and back, exactly: what the store keeps of a fact.

Numbers are whole (分, days, months) or fractions `"1/3"`; nothing passes through a
float. The same value always gives the same text, so that texts can be compared and
hashed. Reading back what was written gives an equal value.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial
from typing import TypeAlias

import orjson

from policy_match.facts.cells import Item, Items, Pairs, Possible, Series, Text, Value
from policy_match.facts.vocabulary import NUMERIC, FactSpec, FactType
from policy_match.units import Band, Number

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"


def to_text(value: Value) -> str:
    """The canonical text of a value."""
    return orjson.dumps(to_plain(value), option=orjson.OPT_SORT_KEYS).decode()


def from_text(spec: FactSpec, text: str) -> Value:
    """The value of a text that `to_text` wrote for this fact; ValueError if the text is of another type of fact."""
    return from_plain(spec, orjson.loads(text))


def to_plain(value: Value) -> Plain:
    """The value as JSON data: a number or {low, high}, an option or a list of options, or an object with its one part."""
    if isinstance(value, Band):
        return _band(value)
    if isinstance(value, Possible):
        options: list[Plain] = [*sorted(value.options)]
        return options[0] if len(options) == 1 else options
    if isinstance(value, Items):
        return {"items": [_item(item) for item in value.items], "complete": value.is_complete}
    if isinstance(value, Series):
        return {"years": [_band(entry) for entry in value.entries]}
    if isinstance(value, Pairs):
        return {"pairs": [[_band(band) for band in pair] for pair in value.pairs]}
    return {"text": value.text}


def from_plain(spec: FactSpec, plain: Plain) -> Value:
    """The value of JSON data that `to_plain` made for this fact; ValueError if it is of another type of fact."""
    return reader_of(spec)(plain)


def reader_of(spec: FactSpec) -> Callable[[Plain], Value]:
    """`from_plain` for one fact: whoever reads very many values of it looks at its type only once."""
    if spec.type in NUMERIC:
        return _to_band
    return _PARTS.get(spec.type) or partial(_to_options, spec.name)


def _to_options(fact: str, plain: Plain) -> Possible:
    if isinstance(plain, str):
        return Possible(frozenset((plain,)))
    if isinstance(plain, list):
        return Possible(frozenset(str(option) for option in plain))
    raise ValueError(f"{fact}: {plain!r}")


def _to_text(plain: Plain) -> Text:
    return Text(str(_dict(plain)["text"]))


def _to_series(plain: Plain) -> Series:
    return Series(tuple(_to_band(entry) for entry in _list(_dict(plain)["years"])))


def _to_pairs(plain: Plain) -> Pairs:
    pairs = [_list(pair) for pair in _list(_dict(plain)["pairs"])]
    return Pairs(tuple((_to_band(start), _to_band(end)) for start, end in pairs))


def _to_items(plain: Plain) -> Items:
    parts = _dict(plain)
    return Items(tuple(_to_item(item) for item in _list(parts["items"])), parts["complete"] is True)


_PARTS: dict[FactType, Callable[[Plain], Value]] = {
    FactType.SET: _to_items,
    FactType.SERIES: _to_series,
    FactType.PAIRS: _to_pairs,
    FactType.TEXT: _to_text,
}


def _dict(plain: Plain) -> dict[str, Plain]:
    if not isinstance(plain, dict):
        raise ValueError(repr(plain))
    return plain


def _list(plain: Plain) -> list[Plain]:
    if not isinstance(plain, list):
        raise ValueError(repr(plain))
    return plain


def _number(number: Number | None) -> Plain:
    if isinstance(number, Fraction) and number.denominator != 1:
        return f"{number.numerator}/{number.denominator}"
    if number is None or -(2**63) <= number < 2**63:
        return None if number is None else int(number)
    return str(int(number))  # beyond what JSON writers hold exactly; read back as a fraction, which is equal


def _band(band: Band) -> Plain:
    return _number(band.low) if band.is_exact else {"low": _number(band.low), "high": _number(band.high)}


def _to_number(plain: Plain) -> Number | None:
    if plain is None or isinstance(plain, int):
        return plain
    if isinstance(plain, str):
        return Fraction(plain)
    raise ValueError(repr(plain))


def _to_band(plain: Plain) -> Band:
    if isinstance(plain, int):
        return Band(plain, plain)
    if isinstance(plain, dict):
        return Band(_to_number(plain["low"]), _to_number(plain["high"]))
    number = _to_number(plain)
    if number is None:
        raise ValueError("a number is missing")
    return Band(number, number)


def _item(item: Item) -> Plain:
    parts: dict[str, Plain] = {"name": item.name, "level": item.level, "year": item.year}
    parts |= {
        name: _band(band) for name, band in (("granted", item.granted), ("through", item.through)) if band is not None
    }
    return {name: part for name, part in parts.items() if part is not None}


def _to_item(plain: Plain) -> Item:
    parts = _dict(plain)
    if len(parts) == 1:
        return _named(str(parts["name"]))
    granted, through, level, year = parts.get("granted"), parts.get("through"), parts.get("level"), parts.get("year")
    return Item(
        str(parts["name"]),
        None if granted is None else _to_band(granted),
        None if through is None else _to_band(through),
        None if level is None else str(level),
        year if isinstance(year, int) else None,
    )


@lru_cache(maxsize=4096)
def _named(name: str) -> Item:
    """Most entries are a name and nothing else, and the same names come again and again."""
    return Item(name)
