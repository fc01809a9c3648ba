"""One indicator that is followed month by month after completion. Its name, unit and basis are data (`rules/indicators.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.series.words import BASIS_NAMES, Basis, Unit

MAX_VALUE = 10**14
"""No figure is further from 0, in the smallest unit of its code: 10,000亿元. Products with bounds then stay exact in int64."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `also`: other names of its column; `suspicious`: a figure above it is taken and asked about.

    `source`: letter of who named it. Values are whole smallest units: 分, millionths of a ratio, kWh, items.
    """

    id: str
    title: str
    unit: Unit
    basis: Basis
    signed: bool = False
    also: tuple[str, ...] = ()
    suspicious: int | None = None
    source: str = "D"

    @property
    def named(self) -> str:
        """Its title with its basis, as tables head it: 产值（累计）."""
        return f"{self.title}（{BASIS_NAMES[self.basis]}）"
