"""The three ledgers of quota by project: land plan, land of the pools, environment capacity; every entry with its number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from policy_match.identifiers import DISTRICTS, region_name
from policy_match.lifecycle.pools import PoolEntry, PoolKind, need_rows, pool_left
from policy_match.lifecycle.quota import (
    EnvironmentEntry,
    EnvironmentKind,
    LandEntry,
    LandKind,
    environment_balance,
    land_balance,
    standing,
)
from policy_match.store import log
from policy_match.units import format_count, format_land
from policy_match.workflows.enter_quota import ENVIRONMENT_WORDS, LAND_WORDS
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows

_STEPS = (LandKind.IDENTIFIED, LandKind.ASSURED, LandKind.APPROVED, LandKind.WRITTEN_OFF)
_ADDED = (EnvironmentKind.TOTAL, EnvironmentKind.REQUESTED, EnvironmentKind.ALLOCATED, EnvironmentKind.RELEASED)
_NEEDS = {
    "project": "项目", "need": "需求", "district": "辖市区指标", "city": "市级指标", "unmet": "未保障", "reason": "原因",
}  # fmt: skip


def land_rows(archive: Archive, library: str, year: int, known_at: datetime | None = None) -> list[Row]:
    """A row per project of a list year: the sum of each step and what is assured and not written off, in ㎡ and in words, by what was known."""
    with archive.database.reading() as session:
        entries = [
            entry for entry in log.of_library(session, LandEntry, library, known_at=known_at) if entry.year == year
        ]
    return [_land_row(project, entries, year) for project in sorted({entry.project for entry in entries})]


def _land_row(project: str, entries: list[LandEntry], year: int) -> Row:
    own = [entry for entry in entries if entry.project == project]
    sums = {step: sum((entry.area_m2 for entry in standing(own) if entry.kind is step), Fraction(0)) for step in _STEPS}
    balance = land_balance(own, year=year, project=project)
    words = {step.value.lower(): format_land(area) for step, area in sums.items()}
    exact = {f"{step.value.lower()}_m2": _plain(area) for step, area in sums.items()}
    return {
        "project": project,
        "year": year,
        **words,
        **exact,
        "balance": format_land(balance),
        "balance_m2": _plain(balance),
        "entries": [
            f"{e.id} {LAND_WORDS[e.kind]} {format_land(e.area_m2)} {e.doc_no}".rstrip()
            + (f"（冲销 {e.reverses}）" if e.reverses else "")
            for e in own
        ],
    }


def print_land(archive: Archive, library: str, year: int, *, known_at: datetime | None = None, form: str) -> None:
    """The land-plan ledger of a year."""
    header = {"project": "项目", **{step.value.lower(): LAND_WORDS[step] for step in _STEPS}, "balance": "余额"}
    rows = land_rows(archive, library, year, known_at)
    print_rows(Rows(f"{year}年用地计划核销", header | {"entries": "分录"}, rows), form=form)


def need_list(archive: Archive, library: str, year: int, known_at: datetime | None = None) -> list[Row]:
    """A row per project that needs land of the pools in a year."""
    with archive.database.reading() as session:
        entries = log.of_library(session, PoolEntry, library, known_at=known_at)
    return [
        {
            "project": row.project,
            "need": format_land(row.need_m2),
            "district": format_land(row.district_m2),
            "city": format_land(row.city_m2),
            "unmet": format_land(row.unmet_m2),
            "unmet_m2": _plain(row.unmet_m2),
            "reason": row.reason if row.unmet_m2 else "",
        }
        for row in need_rows(entries, year=year, city=archive.table.land_pool.city)
    ]


def print_needs(archive: Archive, library: str, year: int, *, known_at: datetime | None = None, form: str) -> None:
    """What projects below the province need and got, with the unmet rest and its reason."""
    rows = need_list(archive, library, year, known_at)
    print_rows(Rows(f"{year}年分级保障", _NEEDS, rows), form=form)


def print_pools(archive: Archive, library: str, year: int, *, known_at: datetime | None = None, form: str) -> None:
    """What every pool has left, with its entries by number."""
    with archive.database.reading() as session:
        entries = [
            entry for entry in log.of_library(session, PoolEntry, library, known_at=known_at) if entry.year == year
        ]
    rows: list[Row] = [
        {
            "pool": region_name(pool),
            "left": format_land(left := pool_left(entries, year=year, pool=pool)),
            "left_m2": _plain(left),
            "entries": [_pool_text(entry) for entry in entries if entry.pool == pool],
        }
        for pool in (*DISTRICTS, archive.table.land_pool.city)
    ]
    print_rows(Rows(f"{year}年用地指标池", {"pool": "指标池", "left": "余量", "entries": "分录"}, rows), form=form)


def _pool_text(entry: PoolEntry) -> str:
    names = {PoolKind.SUPPLIED: "补充", PoolKind.NEEDED: "需求", PoolKind.ALLOCATED: "分配", PoolKind.REVERSED: "冲销"}
    about = entry.project or entry.doc_no
    undone = f"（冲销 {entry.reverses}）" if entry.reverses else ""
    return f"{entry.id} {names[entry.kind]} {format_land(entry.area_m2)} {about}".rstrip() + undone


def environment_rows(archive: Archive, library: str, known_at: datetime | None = None) -> list[Row]:
    """A row per pollutant: what the city has, what is asked for, given, given back and left."""
    with archive.database.reading() as session:
        entries = log.of_library(session, EnvironmentEntry, library, known_at=known_at)
    rules = archive.table.environment_quota
    return [_environment_row(pollutant, entries, rules.unit) for pollutant in rules.pollutants]


def _environment_row(pollutant: str, entries: list[EnvironmentEntry], unit: str) -> Row:
    own = [entry for entry in entries if entry.pollutant == pollutant]
    sums = {kind.value.lower(): format_count(_sum(standing(own), kind), unit) for kind in _ADDED}
    return {
        "pollutant": pollutant,
        **sums,
        "left": format_count(environment_balance(own, pollutant), unit),
        "entries": [
            f"{e.id} {ENVIRONMENT_WORDS[e.kind]} {format_count(e.amount, unit)} {e.project or e.doc_no}".rstrip()
            for e in own
        ],
    }


def _sum(entries: Iterable[EnvironmentEntry], kind: EnvironmentKind) -> Fraction:
    return sum((entry.amount for entry in entries if entry.kind is kind), Fraction(0))


def print_environment(archive: Archive, library: str, *, known_at: datetime | None = None, form: str) -> None:
    """The ledger of environment capacity."""
    header = {"pollutant": "污染物", **{kind.value.lower(): ENVIRONMENT_WORDS[kind] for kind in _ADDED}, "left": "余量"}
    rows = environment_rows(archive, library, known_at)
    print_rows(Rows("环境容量指标", header | {"entries": "分录"}, rows), form=form)


def _plain(area: Fraction) -> str:
    """An exact number as text: 40000, 2000/3."""
    return str(area)
