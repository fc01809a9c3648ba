"""Tiers of total investment: by the filed amount, or the agreed one until it is filed.

Bands are disjoint, lower bounds included; statistics show them cumulated as well (dispatch/tables.py). Amounts are
分. An amount nobody gave has no tier: it is not the lowest one.
"""

from __future__ import annotations

from fractions import Fraction

from policy_match.lifecycle.table import LifecycleTable, TierBound
from policy_match.units import Band, Number, format_money

USD = "USD"


def basis_fen(filed_fen: int | None, agreed_fen: int | None) -> int | None:
    """The amount that decides; None if neither is known."""
    return filed_fen if filed_fen is not None else agreed_fen


def tier_of(fen: Number | None, table: LifecycleTable) -> TierBound | None:
    """The tier of an amount; None if it is unknown."""
    if fen is None:
        return None
    return next((tier for tier in reversed(table.tiers) if fen >= tier.floor_fen), table.tiers[0])


def tier_within(amount: Band | None, table: LifecycleTable) -> TierBound | None:
    """The tier in which every value lies that the amount may have; None if it is unknown or may lie in two."""
    if amount is None or amount.low is None:
        return None
    low = tier_of(amount.low, table)
    high = table.tiers[-1] if amount.high is None else tier_of(amount.high, table)
    return low if low == high else None


def band_names(table: LifecycleTable) -> dict[str, str]:
    """What the band of each tier is called, from its floor to the next one: 1亿—10亿元."""
    ends = [*(tier.floor_fen for tier in table.tiers[1:]), None]
    return {tier.id: _band_name(tier.floor_fen, end) for tier, end in zip(table.tiers, ends, strict=True)}


def _band_name(floor: int, end: int | None) -> str:
    if end is None:
        return f"{format_money(floor)}以上"
    return f"{format_money(floor).removesuffix('元')}—{format_money(end)}" if floor else f"{format_money(end)}以下"


def is_usd100m(currency: str, cents: int | None, table: LifecycleTable) -> bool | None:
    """Whether the amount in its own currency reaches the line for US dollars, shown beside the tier; None if unknown."""
    if currency != USD:
        return False
    return None if cents is None else cents >= table.usd_line_cents


def converted_fen(cents: int, rate: Fraction) -> int:
    """An amount of a foreign currency (hundredths) in 分 at a rate in CNY; parts of a 分 are cut, so that no bound is reached by rounding."""
    return int(cents * rate // 1)
