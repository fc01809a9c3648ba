"""One spelling of a text before it is cut into tokens.

Full-width and compatible characters become plain ones, letters small, Chinese amounts digits with one unit, so that
两千万, 2000万 and ２０００万元 are one token. Nothing is dropped: what a word means is the index's business.
"""

from __future__ import annotations

import re
import unicodedata

_NUMERAL = "零〇一二两三四五六七八九十百千"
_UNIT = "亿元|亿|万元|万|元|个点|亩|人|兆瓦|千瓦|岁"
_CHINESE_AMOUNT = re.compile(rf"([{_NUMERAL}]+(?:点[{_NUMERAL}]+)?)(?=(?:{_UNIT}))")
_MONEY = re.compile(r"(\d+(?:\.\d+)?) *(亿|千万|百万|万)元?")
_IN_WAN = {"亿": 10_000, "千万": 1_000, "百万": 100, "万": 1}
_BLANK = re.compile(r"\s+")


def normalise(text: str) -> str:
    """The text in one spelling; blanks become one, at the ends none."""
    plain = _BLANK.sub(" ", unicodedata.normalize("NFKC", text)).strip().lower()
    digits = _CHINESE_AMOUNT.sub(lambda found: _digits(found[1]), plain)
    return _MONEY.sub(lambda found: _in_wan(float(found[1]) * _IN_WAN[found[2]]), digits)


def _digits(numeral: str) -> str:
    import cn2an  # late, as in units.py

    try:
        return f"{cn2an.cn2an(numeral, 'smart'):g}"
    except ValueError:  # 百万, 千 and the like, which say no number of their own
        return numeral


def _in_wan(amount: float) -> str:
    return f"{amount:.10g}万"
