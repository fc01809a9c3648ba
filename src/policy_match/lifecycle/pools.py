"""Land for city and district major projects: the district's own pool first, the city's second, the rest with its reason.

A third ledger of quota (常政办发〔2024〕37号: 分级保障、市级统筹、应保尽保), only ever added to like the others. Areas are
㎡, exact. A year has its own pools; what is left of one year does not pass to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from policy_match.errors import Issue
from policy_match.lifecycle.quota import standing
from policy_match.units import format_land


class PoolKind(StrEnum):
    """SUPPLIED fills a pool, NEEDED tells the whole need of a project, ALLOCATED gives of a pool, REVERSED undoes."""

    SUPPLIED = "SUPPLIED"
    NEEDED = "NEEDED"
    ALLOCATED = "ALLOCATED"
    REVERSED = "REVERSED"


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """One entry. `pool`: region of the pool; `project` empty for SUPPLIED; `reason`: with NEEDED, why it was not met."""

    id: str
    project: str
    year: int
    kind: PoolKind
    pool: str
    area_m2: Fraction
    doc_no: str = ""
    reason: str = ""
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a project gets now of each pool, in ㎡, and what stays unmet."""

    district_m2: Fraction
    city_m2: Fraction
    unmet_m2: Fraction


@dataclass(frozen=True, slots=True)
class NeedRow:
    """The need of a project in a year: in all, given of the district's and the city's pool, and why the rest is not met."""

    project: str
    need_m2: Fraction
    district_m2: Fraction
    city_m2: Fraction
    reason: str

    @property
    def unmet_m2(self) -> Fraction:
        """What is still to be given; nothing if more was given than is needed now."""
        return max(Fraction(0), self.need_m2 - self.district_m2 - self.city_m2)


def allot(need: Fraction, district_left: Fraction, city_left: Fraction) -> Allotment:
    """Share out a need of ㎡: all that the district has goes first, then the city's."""
    of_district = min(need, max(Fraction(0), district_left))
    of_city = min(need - of_district, max(Fraction(0), city_left))
    return Allotment(of_district, of_city, need - of_district - of_city)


def pool_left(entries: Iterable[PoolEntry], *, year: int, pool: str) -> Fraction:
    """What a pool still has to give in a year, ㎡."""
    sign = {PoolKind.SUPPLIED: 1, PoolKind.ALLOCATED: -1}
    own = (entry for entry in standing(entries) if (entry.year, entry.pool) == (year, pool))
    return sum((entry.area_m2 * sign.get(entry.kind, 0) for entry in own), Fraction(0))


def need_rows(entries: Iterable[PoolEntry], *, year: int, city: str) -> tuple[NeedRow, ...]:
    """Every project that needs land in a year, by its code; of several statements of its need the last one holds."""
    own = [entry for entry in standing(entries) if entry.year == year]
    last = {entry.project: entry for entry in own if entry.kind is PoolKind.NEEDED}
    given = [entry for entry in own if entry.kind is PoolKind.ALLOCATED]
    return tuple(
        NeedRow(
            project=project,
            need_m2=stated.area_m2,
            district_m2=_sum(e for e in given if e.project == project and e.pool != city),
            city_m2=_sum(e for e in given if e.project == project and e.pool == city),
            reason=stated.reason,
        )
        for project, stated in sorted(last.items())
    )


def _sum(entries: Iterable[PoolEntry]) -> Fraction:
    return sum((entry.area_m2 for entry in entries), Fraction(0))


def check_pool(entry: PoolEntry, entries: Iterable[PoolEntry]) -> tuple[Issue, ...]:
    """QUOTA_BALANCE for an area that is nothing, an undoing that does not fit, or a pool below nothing after it."""
    before = tuple(entries)
    if entry.area_m2 <= 0:
        return (Issue("QUOTA_BALANCE", "面积须大于零", entry.id, "", "冲销请用冲销分录"),)
    undone = next((e for e in standing(before) if e.id == entry.reverses), None)
    if entry.kind is PoolKind.REVERSED and undone is None:
        return (Issue("QUOTA_BALANCE", "要冲销的分录不存在或已冲销", entry.id, "有效的分录", "核对分录编号"),)
    given = (
        e for e in standing(before) if (e.kind, e.project, e.year) == (PoolKind.ALLOCATED, entry.project, entry.year)
    )
    if undone is not None and undone.kind is PoolKind.NEEDED and next(given, None) is not None:
        return (Issue("QUOTA_BALANCE", "需求已有分配，不能冲销", entry.id, "", "先冲销对应的分配"),)
    left = pool_left((*before, entry), year=entry.year, pool=entry.pool)
    if left < 0:
        return (
            Issue("QUOTA_BALANCE", f"指标不足，缺 {format_land(-left)}", entry.id, "", "先冲销已分配的，或补充指标"),
        )
    return ()
