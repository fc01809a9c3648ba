"""Active projects by tier, point, stage, lead, place, kind, industry, track, level and light, with counts and sums.

Every reporting unit has its line, also one without projects. Groups of a table are disjoint and add up to all
active projects, except where the table says otherwise (cumulated tiers, tracks). What is not known has a
line of its own, only where there is any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from policy_match.dispatch.figures import (
    APPROVED,
    COMPLETED,
    PRODUCING,
    SIGNED,
    STARTED,
    codes,
    is_due,
    landed,
    reached_in,
)
from policy_match.dispatch.month import Month
from policy_match.dispatch.snapshot import Snapshot
from policy_match.identifiers import region_name
from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tiers import band_names
from policy_match.lifecycle.words import Colour

CITY = "320400"
UNKNOWN = "待核实"
# The order in which the notice addresses them, the city's own projects last.
UNITS = ("320481", "320413", "320412", "320411", "320402", "320404", "JK", CITY)
COLOURS = {Colour.RED: "红灯", Colour.YELLOW: "黄灯", Colour.UNKNOWN: "算不出", Colour.GREEN: "绿灯"}
_LEVELS = ("省重大", "市重大", "区重大", "无")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Some projects. `fen`: sum of the known investments, None if there are projects and none is known; `lacking`: codes
    without one; `observed`: codes of those only seen on a public page."""

    id: str
    name: str
    projects: tuple[str, ...]
    observed: tuple[str, ...]
    fen: int | None
    lacking: tuple[str, ...]

    @classmethod
    def of(cls, group: str, name: str, rows: Sequence[Standing]) -> Group:
        """The group of some rows."""
        known = [row.investment_fen for row in rows if row.investment_fen is not None]
        return cls(
            id=group,
            name=name,
            projects=codes(rows),
            observed=codes(row for row in rows if row.observed_point is not None),
            fen=sum(known) if known or not rows else None,
            lacking=codes(row for row in rows if row.investment_fen is None),
        )


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A table of groups. `is_disjoint`: every active project is in exactly one of them."""

    id: str
    title: str
    groups: tuple[Group, ...]
    is_disjoint: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """What a reporting unit has and did: projects by point (None: before the first), started, completed and produced
    this year, and projects whose worst light is red or yellow; codes in each."""

    group: Group
    by_point: Mapping[str | None, tuple[str, ...]]
    started: tuple[str, ...]
    completed: tuple[str, ...]
    produced: tuple[str, ...]
    red: tuple[str, ...]
    yellow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LandingMonth:
    """Projects signed in a month: approved since, signed long enough ago to have landed, and landed of those."""

    month: Month
    signed: tuple[str, ...]
    approved: tuple[str, ...]
    due: tuple[str, ...]
    landed: tuple[str, ...]


def active(snapshot: Snapshot) -> tuple[Standing, ...]:
    """The rows that tables count: in the library, not terminated, out of it or merged."""
    return tuple(row for row in snapshot.rows if row.is_active)


def worst(row: Standing) -> Light | None:
    """The first of the worst lights of a row; None if no clock runs."""
    order = list(Colour)
    return min(row.lights, key=lambda light: order.index(light.colour), default=None)


def breakdowns(snapshot: Snapshot, table: LifecycleTable, sections: Mapping[str, str]) -> tuple[Breakdown, ...]:
    """All tables. `sections`: letter of GB/T 4754 and name."""
    rows = active(snapshot)
    return (
        Breakdown("total", "在库项目", (Group.of("all", "合计", rows),)),
        _points(rows, table),
        _points_onward(rows, table),
        Breakdown("stages", "阶段", _grouped(rows, lambda row: row.stage, _stages(table), point_name(None, table))),
        Breakdown("leads", "牵头单位", _grouped(rows, lambda row: row.lead, _leads(table))),
        _tiers(rows, table),
        _tiers_onward(rows, table),
        Breakdown("units", "辖市区", _grouped(rows, lambda row: row.district, {u: unit_name(u) for u in UNITS})),
        Breakdown("places", "园区", _grouped(rows, lambda row: row.place, _seen(row.place for row in rows), "未填园区")),
        Breakdown("kinds", "项目类型", _grouped(rows, lambda row: _kind(row, table), _kinds(table))),
        Breakdown("sections", "行业门类", _grouped(rows, _section, _sections(rows, sections))),
        _tracks(rows),
        Breakdown("levels", "重大项目级别", _grouped(rows, lambda row: row.major_level, _levels(rows))),
        _lights(rows),
    )  # fmt: skip


def unit_rows(snapshot: Snapshot, table: LifecycleTable) -> tuple[UnitRow, ...]:
    """A row per reporting unit, in the order of the notice; one more for projects whose district is not known, if any."""
    return tuple(_unit_row(snapshot, table, unit) for unit in _units(snapshot.rows))


def landing_months(snapshot: Snapshot) -> tuple[LandingMonth, ...]:
    """The twelve months up to the snapshot's, the earliest first."""
    months = [snapshot.month]
    while len(months) < _MONTHS:
        months.append(months[-1].previous)
    return tuple(_landing(snapshot, month) for month in reversed(months))


def lit(snapshot: Snapshot) -> tuple[tuple[Standing, Light], ...]:
    """Red and yellow lights of active projects: red first, the excused after the others, then the older."""
    found = [
        (row, light) for row in active(snapshot) for light in row.lights if light.colour in (Colour.RED, Colour.YELLOW)
    ]
    return tuple(
        sorted(
            found,
            key=lambda pair: (
                pair[1].colour is Colour.YELLOW,
                pair[1].excuse is not None,
                pair[1].since,
                pair[0].code,
                pair[1].id,
            ),
        )
    )


def unit_name(unit: str | None) -> str:
    """The name of a reporting unit."""
    if unit is None:
        return UNKNOWN
    return "市本级" if unit == CITY else region_name(unit)


def point_name(point: str | None, table: LifecycleTable) -> str:
    """The name of a point; 签约之前 in words of the table for none."""
    return table.interval(None).name if point is None else table.name(point)


def _grouped(
    rows: Sequence[Standing], key: Callable[[Standing], str | None], names: Mapping[str, str], unknown: str = UNKNOWN
) -> tuple[Group, ...]:
    """A group per name, empty ones too, then one for rows without a key or with another one, if there are any."""
    found = [Group.of(name, shown, [row for row in rows if key(row) == name]) for name, shown in names.items()]
    rest = [row for row in rows if key(row) not in names]
    return (*found, *((Group.of("", unknown, rest),) if rest else ()))


def _points(rows: Sequence[Standing], table: LifecycleTable) -> Breakdown:
    names = {point.id: point.name for point in table.points}
    return Breakdown("points", "跟踪点", _grouped(rows, lambda row: row.point, names, point_name(None, table)))


def _points_onward(rows: Sequence[Standing], table: LifecycleTable) -> Breakdown:
    groups = [
        Group.of(point.id, f"{point.name}及以后", [row for row in rows if table.order(row.point) >= place])
        for place, point in enumerate(table.points, start=1)
    ]
    note = "走到或走过这一点的项目；没有签约环节的项目按所在的点计"
    return Breakdown("points_onward", "跟踪点（累计）", tuple(groups), False, note)


def _tiers(rows: Sequence[Standing], table: LifecycleTable) -> Breakdown:
    groups = _grouped(rows, lambda row: row.tier, band_names(table), "投资额待核实")
    return Breakdown("tiers", "投资分档（分段）", groups, note="含下限，不含上限")


def _tiers_onward(rows: Sequence[Standing], table: LifecycleTable) -> Breakdown:
    order = {tier.id: place for place, tier in enumerate(table.tiers)}
    groups = [
        Group.of(
            tier.id, tier.name, [row for row in rows if row.tier is not None and order[row.tier] >= order[tier.id]]
        )
        for tier in table.tiers[1:]
    ]
    return Breakdown("tiers_onward", "投资分档（累计）", tuple(groups), False, "各档含更高的档")


def _tracks(rows: Sequence[Standing]) -> Breakdown:
    names = sorted({track for row in rows for track in row.tracks})
    groups = [Group.of(name, name, [row for row in rows if name in row.tracks]) for name in names]
    rest = [row for row in rows if not row.tracks]
    groups += [Group.of("", "未标赛道", rest)] if rest else []
    return Breakdown("tracks", "产业赛道", tuple(groups), False, "一个项目可以属于几个赛道，合计可能大于项目数")


def _lights(rows: Sequence[Standing]) -> Breakdown:
    names = {colour.value: name for colour, name in COLOURS.items()}
    groups = _grouped(
        rows, lambda row: None if (light := worst(row)) is None else light.colour.value, names, "没有计时"
    )
    return Breakdown("lights", "亮灯", groups, note="一个项目有几盏灯的，按最严重的一盏计")


def _unit_row(snapshot: Snapshot, table: LifecycleTable, unit: str | None) -> UnitRow:
    rows = [row for row in active(snapshot) if _unit(row) == unit]
    new_year = snapshot.month.first.replace(month=1)

    def happened(point: str) -> tuple[str, ...]:
        return codes(row for row in reached_in(snapshot, point, new_year) if _unit(row) == unit)

    def shining(colour: Colour) -> tuple[str, ...]:
        return codes(row for row in rows if (light := worst(row)) is not None and light.colour is colour)

    points: tuple[str | None, ...] = (None, *(point.id for point in table.points))
    return UnitRow(
        group=Group.of(unit or "", unit_name(unit), rows),
        by_point={point: codes(row for row in rows if row.point == point) for point in points},
        started=happened(STARTED),
        completed=happened(COMPLETED),
        produced=happened(PRODUCING),
        red=shining(Colour.RED),
        yellow=shining(Colour.YELLOW),
    )


def _landing(snapshot: Snapshot, month: Month) -> LandingMonth:
    signed = [row for row in snapshot.rows if month.holds(row.reached.get(SIGNED))]
    due = [row for row in signed if is_due(row, snapshot.as_of)]
    return LandingMonth(
        month=month,
        signed=codes(signed),
        approved=codes(row for row in signed if APPROVED in row.reached),
        due=codes(due),
        landed=codes(row for row in due if landed(row)),
    )


def _units(rows: Iterable[Standing]) -> tuple[str | None, ...]:
    return (*UNITS, None) if any(_unit(row) is None for row in rows) else UNITS


def _unit(row: Standing) -> str | None:
    return row.district if row.district in UNITS else None


def _stages(table: LifecycleTable) -> dict[str, str]:
    return {
        interval.stage: table.name(interval.stage)
        for interval in table.intervals.values()
        if interval.stage is not None
    }


def _leads(table: LifecycleTable) -> dict[str, str]:
    return {interval.lead: table.roles[interval.lead].name for interval in table.intervals.values()}


def _kind(row: Standing, table: LifecycleTable) -> str | None:
    variant = table.variants.get(row.variant or "")
    return None if variant is None else variant.kind


def _kinds(table: LifecycleTable) -> dict[str, str]:
    return {variant.kind: variant.kind for variant in table.variants.values()}


def _section(row: Standing) -> str | None:
    return None if row.industry is None else row.industry[:1]


def _sections(rows: Iterable[Standing], names: Mapping[str, str]) -> dict[str, str]:
    letters = sorted({letter for row in rows if (letter := _section(row)) is not None})
    return {letter: f"{letter} {names[letter]}" if letter in names else letter for letter in letters}


def _levels(rows: Iterable[Standing]) -> dict[str, str]:
    names = dict.fromkeys((*_LEVELS, *sorted({row.major_level for row in rows if row.major_level is not None})))
    return {name: "非重大项目" if name == "无" else name for name in names}


def _seen(names: Iterable[str | None]) -> dict[str, str]:
    return {name: name for name in sorted({name for name in names if name is not None})}
