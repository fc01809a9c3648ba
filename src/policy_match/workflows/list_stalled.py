"""The stall list: which projects stand still, since when, and whose turn it is (`report stall`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.stall import Shade, StallRow, Tally, stall_rows, tallies, tally
from policy_match.lifecycle.table import LifecycleTable
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View

SHADES = {
    Shade.RED: "红灯", Shade.EXCUSED: "红灯（已说明）", Shade.YELLOW: "黄灯", Shade.UNKNOWN: "待定", Shade.GREEN: "绿灯",
    Shade.NONE: "未计时",
}  # fmt: skip
_HEADER = ("编号", "项目", "辖市区", "跟踪点", "区间天数", "灯", "自", "原因", "区间灯", "最近更新", "最近走访", "未结问题单", "帮办", "下一里程碑", "已说明至")  # fmt: skip


def report_stall(
    archive: Archive, library: str, view: View, *, area: Area | None, form: str | None, out: Path | None
) -> None:
    """Write the list; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(stall_report(archive, library, view, area), form, out)


def stall_report(archive: Archive, library: str, view: View, area: Area | None) -> Report:
    """The list of a library on a day, or the part of one district."""
    with archive.database.reading() as session:
        standings = list_standings(session, archive, library, view)
    every = stall_rows(standings, archive.table)
    rows = every if area is None else tuple(row for row in every if row.standing.district == area.district)
    by_district, city = tallies(rows), tally(rows)
    table = archive.table
    return Report(
        id="stall",
        title="停滞清单",
        as_of=view.as_of,
        grids=(
            Grid("停滞清单", _HEADER, tuple(_cells(row, table) for row in rows)),
            Grid("各地汇总", ("辖市区", "项目数", *SHADES.values()), _tally_rows(by_district, city)),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "rows": [_plain(row, table) for row in rows],
            "by_district": [_tally_plain(one) for one in by_district],
            "total": _tally_plain(city),
        },
        notes=(("项目库", shown_library(library)), ("范围", scope_name(area))),
    )


def _cells(row: StallRow, table: LifecycleTable) -> tuple[str, ...]:
    one = row.standing
    point = NONE if one.point is None else table.name(one.point) + ("（未经登记）" if one.observed_point else "")
    step = row.next_step
    return (
        one.code,
        one.name,
        district_name(one.district),
        point,
        NONE if one.days is None else f"{one.days}天",
        SHADES[row.shade],
        str(row.light.since) if row.light is not None else NONE,
        row.light.reason if row.light is not None else "没有在走的时钟",
        NONE if row.interval is None else SHADES[Shade(row.interval.colour.value)],
        str(one.last_update or NONE),
        str(one.last_visit or NONE),
        str(row.open_tickets),
        one.agent or NONE,
        NONE if step is None else f"{table.name(step.kind)}（{step.planned_on or '没有计划日期'}）",
        str(row.excused_until or NONE),
    )


def _plain(row: StallRow, table: LifecycleTable) -> Plain:
    one, step = row.standing, row.next_step
    return {
        "code": one.code, "name": one.name, "district": one.district, "point": one.point,
        "observed_only": one.observed_point is not None, "days": one.days, "light": row.shade.value,
        "since": None if row.light is None else row.light.since,
        "reason": None if row.light is None else row.light.reason,
        "interval_light": None if row.interval is None else light_plain(row.interval),
        "lights": [light_plain(light) for light in one.lights],
        "last_update": one.last_update,
        "last_visit": one.last_visit,
        "open_tickets": row.open_tickets, "agent": one.agent,
        "next_milestone": None if step is None else {
            "kind": step.kind, "name": table.name(step.kind), "planned_on": step.planned_on,
        },
        "excused_until": row.excused_until,
    }  # fmt: skip


def light_plain(light: Light) -> Plain:
    """One light as JSON data; `days`: run so far, null for a gauge."""
    return {
        "id": light.id, "name": light.name, "colour": light.colour.value, "since": light.since,
        "days": light.days, "reason": light.reason,
        "yellow_on": light.yellow_on, "red_on": light.red_on,
        "stopped_on": light.stopped_on,
    }  # fmt: skip


def _tally_rows(by_district: Sequence[Tally], city: Tally) -> tuple[tuple[str, ...], ...]:
    named = [(district_name(one.district), one) for one in by_district] + [("合计", city)]
    return tuple((name, str(one.projects), *(str(one.shades[shade]) for shade in SHADES)) for name, one in named)


def _tally_plain(one: Tally) -> Plain:
    return {"district": one.district, "projects": one.projects, **{s.value: one.shades[s] for s in Shade}}
