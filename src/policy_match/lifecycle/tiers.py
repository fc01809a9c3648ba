"""Tiers of total investment: by the filed amount, or the agreed one until it is filed.

Bands are disjoint, lower bounds included; statistics show them cumulated as well. Amounts are 分. An amount
nobody gave has no tier: it is not the lowest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from policy_match.lifecycle.table import LifecycleTable, TierBound

USD = "USD"


def basis_fen(filed_fen: int | None, agreed_fen: int | None) -> int | None:
    """The amount that decides; None if neither is known."""
    return filed_fen if filed_fen is not None else agreed_fen


def tier_of(fen: int | None, table: LifecycleTable) -> TierBound | None:
    """The tier of an amount; None if it is unknown."""
    if fen is None:
        return None
    return next((tier for tier in reversed(table.tiers) if fen >= tier.floor_fen), table.tiers[0])


def is_usd100m(currency: str, cents: int | None, table: LifecycleTable) -> bool | None:
    """Whether the amount in its own currency reaches the line for US dollars, shown beside the tier; None if unknown."""
    if currency != USD:
        return False
    return None if cents is None else cents >= table.usd_line_cents


def converted_fen(cents: int, rate: Fraction) -> int:
    """An amount of a foreign currency (hundredths) in 分 at a rate in CNY; parts of a 分 are cut, so that no bound is reached by rounding."""
    return int(cents * rate // 1)


def disjoint(amounts: Iterable[int | None], table: LifecycleTable) -> Mapping[str, tuple[int, int]]:
    """Number and sum in 分 of every tier, empty ones too; unknown amounts are in none."""
    found = {tier.id: (0, 0) for tier in table.tiers}
    for fen in amounts:
        tier = tier_of(fen, table)
        if tier is not None and fen is not None:
            count, total = found[tier.id]
            found[tier.id] = (count + 1, total + fen)
    return found


def cumulative(amounts: Iterable[int | None], table: LifecycleTable) -> Mapping[str, tuple[int, int]]:
    """Number and sum in 分 from the floor of every tier upwards."""
    bands = list(disjoint(amounts, table).items())
    return {
        tier: (sum(count for _, (count, _) in bands[place:]), sum(total for _, (_, total) in bands[place:]))
        for place, (tier, _) in enumerate(bands)
    }
