"""The closed words of indicators: units, bases, and how bad a finding is."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Unit(StrEnum):
    """What a figure counts. money: 分; ratio: millionths, 1,000,000 = 100 %; kwh: kWh; count: items."""

    MONEY = "money"
    RATIO = "ratio"
    KWH = "kwh"
    COUNT = "count"


class Basis(StrEnum):
    """What a figure of a month covers: the month alone, or the year from January to the month."""

    MONTH = "month"
    YEAR = "year"


class Level(IntEnum):
    """What a detector says of a month. OPEN: something is not known, so nothing is said; QUERY: to be asked, no reproach."""

    OPEN = 0
    GOOD = 1
    QUERY = 2
    YELLOW = 3
    RED = 4

    @property
    def is_hit(self) -> bool:
        """Whether it is a finding."""
        return self > Level.GOOD


LEVEL_NAMES = {Level.OPEN: "未知", Level.GOOD: "正常", Level.QUERY: "待核", Level.YELLOW: "黄灯", Level.RED: "红灯"}
BASIS_NAMES = {Basis.MONTH: "本月", Basis.YEAR: "累计"}
