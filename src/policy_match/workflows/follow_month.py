"""How the reports of a month come in: from which district a file came, what of it was refused, and which projects lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy_match.dates import local_day
from policy_match.dispatch.changes import Doubt, DoubtKind
from policy_match.dispatch.month import Month
from policy_match.errors import Issue, NotFound
from policy_match.exchange.refusals import Refusal
from policy_match.identifiers import DISTRICTS
from policy_match.store import month_reports, months
from policy_match.store.actors import names
from policy_match.store.tables import Batch, MonthReport
from policy_match.workflows.choose_district import district_name
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.report_month import doubts_of
from policy_match.workflows.write_entry import By

# Months that nobody closed are followed so far back.
_MOST_OPEN = 12


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One month. `closed_at`: None while it is open; `is_over`: it may be closed; `came`: the districts of which a file came."""

    month: str
    closed_at: datetime | None
    is_over: bool
    came: frozenset[str]


@dataclass(frozen=True, slots=True)
class Received:
    """One file that came. `rows`: of the file, of which `refused` were; `new`, `changed`, `same`: of projects; `told`: what
    it left to tell."""

    number: int
    month: str
    district: str
    file: str
    by: str
    at: datetime
    rows: int
    refused: int
    new: int
    changed: int
    same: int
    refusals: tuple[Refusal, ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """One district of a month. `due`: its recorded projects in the library; `lacking`: what of them was not reported;
    `files`: those that came, the newest first."""

    district: str | None
    due: int
    lacking: tuple[Doubt, ...]
    files: tuple[Received, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return district_name(self.district)

    @property
    def silent(self) -> int:
        """How many projects lack something."""
        return len({one.code for one in self.lacking})


def list_months(archive: Archive, library: str, now: datetime) -> tuple[MonthLine, ...]:
    """The months that run or were closed, the newest first: from the last one closed, or from last month, to this one."""
    today = local_day(now)
    with archive.database.reading() as session:
        closed = {row.month: row.closed_at for row in months.closed_before(session, library, str(Month(9999, 12)))}
        came = month_reports.districts_of(session, library)
    wanted, month = {*closed, *came}, Month.of(today)
    for _ in range(_MOST_OPEN):
        if str(month) in closed or (not closed and month < Month.of(today).previous):
            break
        wanted.add(str(month))
        month = month.previous
    return tuple(
        MonthLine(one, closed.get(one), Month.parse(one).last < today, frozenset(came.get(one, ())))
        for one in sorted(wanted, reverse=True)
    )


def closed_at(archive: Archive, library: str, month: str) -> datetime | None:
    """When a month (YYYY-MM) was closed; None while it is open."""
    with archive.database.reading() as session:
        row = months.closed(session, library, month)
        return None if row is None else row.closed_at


def follow_month(archive: Archive, library: str, written: str, now: datetime) -> tuple[DistrictLine, ...]:
    """Every district, and after them where else recorded projects lie; FactError MONTH_FORM, UsageError MONTH_OPEN."""
    snapshot, found = doubts_of(archive, library, written, now)
    with archive.database.reading() as session:
        files = [_received(*pair, names(session)) for pair in month_reports.of_month(session, library, written)]
    due = Counter(row.district for row in snapshot.rows if row.is_active and row.observed_point is None)
    unsent = [one for one in found if one.kind is DoubtKind.UNSENT]
    elsewhere = sorted(due.keys() - {*DISTRICTS}, key=str)
    return tuple(_line(one, due[one], unsent, files) for one in (*DISTRICTS, *elsewhere))


def received(archive: Archive, number: int, by: By) -> Received:
    """One file that came; NotFound REPORT_UNKNOWN."""
    with archive.database.reading() as session:
        pair = month_reports.by_number(session, by.library, number)
        if pair is None:
            raise unknown_report()
        return _received(*pair, names(session))


def unknown_report() -> NotFound:
    """The error for a report that there is not, or that is of another area."""
    return NotFound(Issue("REPORT_UNKNOWN", "没有这份报表", "", "", "从“报表”进入当月的页面"))


def _line(district: str | None, due: int, unsent: Iterable[Doubt], files: Iterable[Received]) -> DistrictLine:
    return DistrictLine(
        district,
        due,
        tuple(one for one in unsent if one.district == district),
        tuple(one for one in files if one.district == district),
    )


def _received(report: MonthReport, batch: Batch, people: dict[str, str]) -> Received:
    counts = batch.counts
    return Received(
        report.id, report.month, report.district, batch.file_name, people.get(batch.actor_id, batch.actor_id),
        batch.received_at, batch.rows, batch.refused, counts.get("new", 0), counts.get("changed", 0),
        counts.get("same", 0), tuple(map(_refusal, report.refusals)), tuple(report.told),
    )  # fmt: skip


def _refusal(plain: Mapping[str, str | int]) -> Refusal:
    texts = (str(plain[name]) for name in ("column", "value", "code", "what", "allowed", "hint"))
    return Refusal(int(plain["row"]), *texts)
