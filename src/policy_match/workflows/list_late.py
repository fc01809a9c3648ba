"""Projects that entered the library late: more working days after their first point than the table allows (`report late`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.errors import FactError
from policy_match.exchange.reports import FORMS, NONE, Plain, Report, write_report
from policy_match.exchange.tables import Grid
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import Clock, LifecycleTable
from policy_match.workflows.choose_district import Area, district_name, scope_name
from policy_match.workflows.library_names import shown_library
from policy_match.workflows.list_standings import list_standings
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.working_days import WorkingDays

TITLE = "迟入库清单"
_ENTRY = "entry"
_HEADER = ("编号", "项目", "辖市区", "首个跟踪点", "发生日期", "入库期限", "入库日期", "迟了几天")


@dataclass(frozen=True, slots=True)
class Late:
    """One project that entered late, or of which that cannot be told. `point`: the first that was reached; `due_on`: the
    last day that is in time, None where the calendar does not hold its year."""

    standing: Standing
    point: str
    reached_on: date
    due_on: date | None
    entered_on: date

    @property
    def days(self) -> int | None:
        """Calendar days after the last day that was in time."""
        return None if self.due_on is None else (self.entered_on - self.due_on).days


def report_late(
    archive: Archive, library: str, view: View, *, area: Area | None, form: str | None, out: Path | None
) -> None:
    """Write the list; UsageError for a format that there is not."""
    form = chosen_form(form or (None if out else "table"), out, FORMS)
    write_report(late_report(archive, library, view, area), form, out)


def late_report(archive: Archive, library: str, view: View, area: Area | None) -> Report:
    """The list of a library on a day, or the part of one district; the latest first."""
    with archive.database.reading() as session:
        standings = list_standings(session, archive, library, view)
    own = [one for one in standings if area is None or one.district == area.district]
    entry, table = entry_clock(archive.table), archive.table
    found = late_entries(own, entry, archive.calendar)
    late = sorted((row for row in found if row.days), key=lambda row: (-(row.days or 0), row.standing.code))
    unsure = [row for row in found if row.due_on is None]
    entered = sum(one.entered_on is not None for one in own)
    return Report(
        id="late",
        title=TITLE,
        as_of=view.as_of,
        grids=(
            Grid(TITLE, _HEADER, tuple(_cells(row, table) for row in late)),
            Grid("日历未载当年，不能判断", _HEADER, tuple(_cells(row, table) for row in unsure)),
        ),
        content={
            "library": library,
            "district": None if area is None else area.district,
            "entered": entered,
            "rows": [_plain(row) for row in late],
            "unsure": [_plain(row) for row in unsure],
        },
        notes=(
            ("项目库", shown_library(library)),
            ("范围", f"{scope_name(area)}，入库的项目 {entered} 个"),
            ("时限", f"首个跟踪点后 {entry.yellow}（{table.sources[entry.source]}）"),
        ),
    )


def entry_clock(table: LifecycleTable) -> Clock:
    """The clock of the entry into the library."""
    return next(clock for clock in table.clocks if clock.id == _ENTRY)


def late_entries(standings: Iterable[Standing], entry: Clock, calendar: WorkingDays) -> tuple[Late, ...]:
    """Those that entered after the last day in time, which itself is in time, and those of which it cannot be told; by code."""
    return tuple(sorted(_late(standings, entry, calendar), key=lambda row: row.standing.code))


def _late(standings: Iterable[Standing], entry: Clock, calendar: WorkingDays) -> Iterator[Late]:
    for one in standings:
        if one.entered_on is None or not one.reached or entry.yellow is None:
            continue
        point, on = min(one.reached.items(), key=lambda pair: pair[1])
        if one.entered_on <= on:
            continue
        try:
            due = entry.yellow.after(on, calendar)
        except FactError:
            yield Late(one, point, on, None, one.entered_on)
            continue
        if one.entered_on > due:
            yield Late(one, point, on, due, one.entered_on)


def _cells(row: Late, table: LifecycleTable) -> tuple[str, ...]:
    one = row.standing
    return (
        one.code, one.name, district_name(one.district), table.name(row.point), str(row.reached_on),
        str(row.due_on or NONE), str(row.entered_on), NONE if row.days is None else str(row.days),
    )  # fmt: skip


def _plain(row: Late) -> Plain:
    one = row.standing
    return {
        "code": one.code, "name": one.name, "district": one.district, "point": row.point, "reached_on": row.reached_on,
        "due_on": row.due_on, "entered_on": row.entered_on, "days_late": row.days,
    }  # fmt: skip
