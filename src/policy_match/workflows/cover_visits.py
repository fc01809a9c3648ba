"""Which projects were visited in an ISO week: in all and by reporting unit.

Required are the projects that stood in a visited stage on the Monday of the week, by what is known now, with a named
agent where the table asks for one. Phases that are part of their project are not visited apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Issue, UsageError
from policy_match.identifiers import DISTRICTS, region_name
from policy_match.lifecycle.events import Event, replay
from policy_match.lifecycle.visits import Coverage, Visit, Week, coverage, is_required
from policy_match.store import log, posts
from policy_match.store.tables import Subject
from policy_match.workflows.list_standings import CITY, reporting_unit, whole_projects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows, print_rows
from policy_match.workflows.read_records import View, read_records

UNIT_UNKNOWN = "辖市区未知"
_HEADER = {
    "unit": "单位", "required": "应访", "visited": "已访", "ratio": "覆盖率", "late": "迟录", "missed": "缺访",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitCoverage:
    """A reporting unit (its name) and the coverage of its projects."""

    unit: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class WeekCoverage:
    """A week in all, and by reporting unit: all seven districts, the others where they have projects."""

    total: Coverage
    units: tuple[UnitCoverage, ...]


def read_week(written: str) -> Week:
    """A week written as 2025-W01; UsageError WEEK for anything else, and for week 53 of a year that has none."""
    found = re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", written.strip())
    try:
        week = Week(int(found[1]), int(found[2])) if found else None
        if week is not None:
            date.fromisocalendar(week.year, week.number, 1)
            return week
    except ValueError:
        pass
    raise UsageError(
        Issue("WEEK", f"“{written[:20]}”不是一周", "--week", "如 2025-W01", "写成年份-W周次，或写周内的一天")
    )


def cover_visits(archive: Archive, library: str, week: Week, known_at: datetime) -> WeekCoverage:
    """The coverage of a week by what was recorded until an instant."""
    with archive.database.reading() as session:
        return _coverage(session, archive, library, week, known_at)


def _coverage(session: Session, archive: Archive, library: str, week: Week, known_at: datetime) -> WeekCoverage:
    view = View.of(max(week.monday, local_day(known_at)), known_at, known_at)
    rows = whole_projects(session, library, view)
    wanted = _required(session, archive, rows, week, known_at)
    records = read_records(session, archive, wanted, view)
    required = {record.code: reporting_unit(record.region) for record in records}
    told = log.entries(session, Visit, rows, known_at=known_at)
    visits = [visit for own in told.values() for visit in own]
    return WeekCoverage(
        coverage(week, required, visits, archive.table),
        tuple(
            UnitCoverage(
                name, coverage(week, [code for code, own in required.items() if own == unit], visits, archive.table)
            )
            for unit, name in _units(required.values())
        ),
    )


def percent_text(ratio: Fraction) -> str:
    """A share to two places: 14.29%."""
    return f"{float(ratio * 100):.2f}%"


def _required(
    session: Session, archive: Archive, rows: Sequence[Subject], week: Week, known_at: datetime
) -> list[Subject]:
    """The projects to be visited, by where they stood and who was their agent on the Monday."""
    events, agents = log.entries(session, Event, rows, known_at=known_at), posts.agents(session, rows, known_at)
    states = {row.id: replay(events[row.id], archive.table, week.monday, known_at) for row in rows}
    served = {row.id: any(term.covers(week.monday) for term in agents[row.id]) for row in rows}
    return [row for row in rows if is_required(states[row.id], has_agent=served[row.id], table=archive.table)]


def _units(found: Iterable[str | None]) -> list[tuple[str | None, str]]:
    there = set(found)
    units: list[tuple[str | None, str]] = [(unit, region_name(unit)) for unit in DISTRICTS]
    units += [(CITY, region_name(CITY))] if CITY in there else []
    return units + ([(None, UNIT_UNKNOWN)] if None in there else [])


def print_coverage(archive: Archive, library: str, week: Week, known_at: datetime, *, form: str) -> None:
    """A line per unit, the whole city last."""
    found = cover_visits(archive, library, week, known_at)
    every = [*((one.unit, one.coverage) for one in found.units), ("全市", found.total)]
    rows: list[Row] = [
        {
            "week": str(week),
            "unit": unit,
            "required": len(one.required),
            "visited": len(one.visited),
            "ratio": None if one.ratio is None else percent_text(one.ratio),
            "late": [*one.late],
            "missed": [*one.missed],
        }
        for unit, one in every
    ]
    print_rows(Rows(f"{week} 走访覆盖", _HEADER, rows), form=form)
