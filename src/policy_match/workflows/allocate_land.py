"""Land for a city or district major project: of the district's pool first, then of the city's; what is unmet keeps its reason."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.identifiers import DISTRICTS, canonical_region, region_name
from policy_match.lifecycle.pools import (
    Allotment,
    NeedRow,
    PoolEntry,
    PoolKind,
    allot,
    check_pool,
    need_rows,
    pool_left,
)
from policy_match.store import audit, log
from policy_match.units import format_land, parse_area
from policy_match.workflows.enter_quota import entry_number, major_level, refuse
from policy_match.workflows.list_standings import reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By, Desk, at_desk, at_library_desk, write_to_library


@dataclass(frozen=True, slots=True)
class LandNeed:
    """The whole need of a project in a year, as written; what it was given before counts."""

    project: str
    area: str
    year: int


@dataclass(frozen=True, slots=True)
class Supply:
    """What fills a pool: a region by code or name, an area as written, the document that gives it."""

    region: str
    area: str
    year: int
    doc_no: str = ""


def supply_pool(archive: Archive, asked: Supply, by: By) -> PoolEntry:
    """Fill the pool of a district or of the city; UsageError POOL_REGION, Conflict QUOTA_BALANCE, Forbidden CARE_ROLE."""
    region, city = canonical_region(asked.region), archive.table.land_pool.city
    if region not in (*DISTRICTS, city):
        names = "、".join(region_name(code) for code in (*DISTRICTS, city))
        raise UsageError(Issue("POOL_REGION", f"“{asked.region[:20]}”没有用地指标池", "", names, "写辖市区或市本级"))
    area = Fraction(parse_area(asked.area))
    entry = PoolEntry("", "", asked.year, PoolKind.SUPPLIED, region, area, asked.doc_no.strip())
    with at_library_desk(archive, "land_pool", by) as (session, who):
        refuse(check_pool(entry, log.of_library(session, PoolEntry, by.library)), region_name(region))
        return write_to_library(session, who, entry, "quota.pool", by=by, on=by.today, detail=_detail(entry))


def allocate_land(archive: Archive, asked: LandNeed, by: By) -> Allotment:
    """State the need and give what the pools have left of it.

    UsageError QUOTA_SCOPE for any other level or a project whose district is not known, Conflict QUOTA_BALANCE for a
    need below what was given already, Forbidden CARE_ROLE.
    """
    need = Fraction(parse_area(asked.area))
    with at_desk(archive, asked.project, by) as desk:
        desk.require("land_pool")
        desk.require_living()
        district = _district(desk, asked.year)
        entries = log.of_library(desk.session, PoolEntry, by.library)
        city = archive.table.land_pool.city
        given = _given(entries, desk, asked.year)
        if need < given:
            what = f"已分配 {format_land(given)}，多于现在的需求"
            raise Conflict(Issue("QUOTA_BALANCE", what, desk.project.code, "", "先冲销多出的分配"))
        left = {pool: pool_left(entries, year=asked.year, pool=pool) for pool in (district, city)}
        own = Fraction(0) if district == city else left[district]
        found = allot(need - given, own, left[city])
        _write(desk, asked.year, district, need, found, _reason(found, left, district))
        return found


def undo_pool_entry(archive: Archive, number: str, by: By) -> PoolEntry:
    """Undo a supply, a need or an allocation by the number of its entry; NotFound ENTRY_UNKNOWN, Conflict QUOTA_BALANCE."""
    key = entry_number(number)
    with archive.database.reading() as session:
        found = next((e for e in log.of_library(session, PoolEntry, by.library) if e.id == key), None)
    if found is None:
        raise NotFound(Issue("ENTRY_UNKNOWN", f"没有分录“{number[:20]}”", "", "登记时给出的分录编号", "核对编号"))
    undoing = PoolEntry("", found.project, found.year, PoolKind.REVERSED, found.pool, found.area_m2, reverses=found.id)
    if found.project:
        with at_desk(archive, found.project, by) as desk:
            desk.require("land_pool")
            refuse(check_pool(undoing, log.of_library(desk.session, PoolEntry, by.library)), found.id)
            return desk.write(undoing, "quota.pool", on=by.today, detail=_detail(undoing))
    with at_library_desk(archive, "land_pool", by) as (session, who):
        refuse(check_pool(undoing, log.of_library(session, PoolEntry, by.library)), found.id)
        return write_to_library(session, who, undoing, "quota.pool", by=by, on=by.today, detail=_detail(undoing))


def _district(desk: Desk, year: int) -> str:
    rules, code = desk.archive.table.land_pool, desk.project.code
    level = major_level(desk, year)
    if level not in rules.levels:
        allowed = "、".join(sorted(rules.levels))
        what = f"分级保障只用于{allowed}项目，该项目为“{level or '级别待核实'}”"
        raise UsageError(Issue("QUOTA_SCOPE", what, code, allowed, "省重大项目走核销制；级别不对的先更正"))
    unit = reporting_unit(desk.record.region)
    if unit is None:
        raise UsageError(Issue("QUOTA_SCOPE", "项目所在辖市区未知，不知道用哪个指标池", code, "", "先登记所在辖市区"))
    return unit


def _given(entries: list[PoolEntry], desk: Desk, year: int) -> Fraction:
    rows = need_rows(entries, year=year, city=desk.archive.table.land_pool.city)
    row: NeedRow | None = next((one for one in rows if one.project == desk.project.code), None)
    return Fraction(0) if row is None else row.district_m2 + row.city_m2


def _reason(found: Allotment, left: dict[str, Fraction], district: str) -> str:
    if not found.unmet_m2:
        return ""
    pools = "、".join(f"{region_name(pool)}余 {format_land(area)}" for pool, area in left.items())
    return f"分配前{pools}，缺 {format_land(found.unmet_m2)}"


def _write(desk: Desk, year: int, district: str, need: Fraction, found: Allotment, reason: str) -> None:
    code, city = desk.project.code, desk.archive.table.land_pool.city
    entries = [PoolEntry("", code, year, PoolKind.NEEDED, district, need, reason=reason)]
    entries += [
        PoolEntry("", code, year, PoolKind.ALLOCATED, pool, area)
        for pool, area in ((district, found.district_m2), (city, found.city_m2))
        if area
    ]
    for entry in entries:
        refuse(check_pool(entry, log.of_library(desk.session, PoolEntry, desk.by.library)), code)
        desk.write(entry, "quota.pool", on=desk.by.today, detail=_detail(entry))


def _detail(entry: PoolEntry) -> dict[str, audit.Plain]:
    return {
        "kind": entry.kind.value,
        "pool": entry.pool,
        "year": entry.year,
        "area_m2": str(entry.area_m2),
        "reverses": entry.reverses,
    }
