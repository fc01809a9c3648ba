"""Both sides of the comparison with the 固投库: projects of the library, and records that speak of them or still wait.

A record comes as facts of the project it was imported to, or as a row that waits; a project whose 列统 day is recorded
is listed too, with no figure. Names only suggest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.exchange.intake_text import row_from_text
from policy_match.facts.cells import Possible
from policy_match.facts.observations import Observation
from policy_match.identifiers import DISTRICTS, is_filed_in
from policy_match.lifecycle.table import Clock as LifecycleClock
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tiers import basis_fen
from policy_match.lifecycle.watch import Shown, WatchRules, entry_evidence
from policy_match.lifecycle.words import Colour
from policy_match.linkage.classes import Clock, FaiRecord, Kind, LibraryProject, Light
from policy_match.linkage.link import link
from policy_match.linkage.recon import Ours, Reconciliation, ReconRow, Theirs, reconcile
from policy_match.linkage.records import Answer, Decision, ProjectRecord
from policy_match.store import facts as stored_facts
from policy_match.store import subjects
from policy_match.store.waiting import waiting
from policy_match.units import Band, format_money
from policy_match.workflows.list_standings import list_records, reporting_unit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View

SOURCE, PLANNED_TOTAL, CLOCK = "FAI", "fai_planned_total", "started_listed"
_COLOURS = {Colour.RED: Light.RED, Colour.YELLOW: Light.YELLOW, Colour.GREEN: Light.GRACE}


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison with what is told beside a row: evidence by 库内编号, the likeliest project by record."""

    found: Reconciliation
    evidence: dict[str, tuple[Shown, ...]]
    suggested: dict[str, Answer]


def compared(session: Session, archive: Archive, library: str, view: View, rules: WatchRules) -> Compared:
    """Both sides put together on a day; `view` must ask for statistics, or the 固投库 says nothing."""
    records, clock = list_records(session, archive, library, view), listing_clock(archive.table)
    waits = [
        row_from_text(row.body, archive.vocabulary)
        for row in waiting(session, library, SOURCE)
        if row.received_at <= view.instant
    ]
    theirs = [*_listed(session, records, archive, view), *(_waiting(row) for row in waits)]
    terms = Clock(*(term.period for term in (clock.yellow, clock.red) if term is not None))
    ours = [_ours(record, archive.table, clock) for record in records]
    found = reconcile(ours, theirs, as_of=view.as_of, clock=terms)
    missing = {row.ours.code for row in found.rows if row.ours is not None and _is_missing(row)}
    apart = {row.theirs.record for row in found.rows if row.ours is None and row.theirs is not None}
    return Compared(
        found=found,
        evidence={one.code: entry_evidence(one.state, one.variant, rules) for one in records if one.code in missing},
        suggested=_suggestions(records, [row for row in waits if _number(row) in apart]),
    )


def listing_clock(table: LifecycleTable) -> LifecycleClock:
    """The clock from the start to 列统, which says who is told."""
    return next(clock for clock in table.clocks if clock.id == CLOCK)


def _is_missing(row: ReconRow) -> bool:
    return row.theirs is None and row.finding.kind in (Kind.LIB_STARTED_NOT_FAI, Kind.CODE_MISSING)


def _ours(record: Record, table: LifecycleTable, clock: LifecycleClock) -> Ours:
    state, filed = record.state, record.whole("total_investment")
    point = None if state.point is None else table.name(state.point)
    project = LibraryProject(
        project_code=record.key(subjects.PROJECT_CODE),
        point=point,
        started_on=state.on(clock.starts[0]),
        investment_fen=basis_fen(filed, record.whole("agreed_investment")),
    )
    light = next((one for one in record.lights if one.id == CLOCK and one.stopped_on is None), None)
    lit = None if light is None or light.colour not in _COLOURS else (_COLOURS[light.colour], light.since)
    return Ours(
        record.code, record.name, reporting_unit(record.choice("district")), project, filed, lit, state.is_active
    )


def _listed(session: Session, records: Sequence[Record], archive: Archive, view: View) -> Iterator[Theirs]:
    """The records of the 固投库 on projects of the library: by a figure, else by the day of 列统."""
    told = [record.id for record in records if record.fact(PLANNED_TOTAL).chosen is not None]
    known = stored_facts.known(session, told, archive.vocabulary, known_at=view.known_at)
    listed = listing_clock(archive.table).stops
    for record in records:
        code, district = record.key(subjects.PROJECT_CODE), reporting_unit(record.choice("district"))
        numbers = _numbers(known[record.id].get(PLANNED_TOTAL, []), view.as_of) if record.id in known else []
        if not numbers and _is_listed(record, listed, view.as_of):
            numbers = [code or record.code]
        total = record.whole(PLANNED_TOTAL) if len(numbers) == 1 else None
        for number in numbers:
            yield Theirs(number or code or record.code, record.name, district, FaiRecord(code, total), record.code)


def _is_listed(record: Record, listed: tuple[str, ...], as_of: date) -> bool:
    days = (step.actual_on for step in record.milestones if step.kind in listed)
    return any(day is not None and day <= as_of for day in days)


def _numbers(said: Sequence[Observation], as_of: date) -> list[str | None]:
    """The register's own numbers of the records that speak of a project on its newest day; more than one is a double."""
    days = [(one.observed_on or local_day(one.received_at), one.record) for one in said if one.source == SOURCE]
    known = [(day, number) for day, number in days if day <= as_of]
    newest = max((day for day, _ in known), default=None)
    return list(dict.fromkeys(number for day, number in known if day == newest))


def _waiting(row: IntakeRow) -> Theirs:
    code = _code(row)
    said = next((one.value for one in row.observations if one.fact == PLANNED_TOTAL), None)
    total = int(said.low) if isinstance(said, Band) and said.is_exact and said.low is not None else None
    return Theirs(_number(row), row.name, _district(row, code), FaiRecord(code, total))


def _number(row: IntakeRow) -> str:
    return row.record or _code(row) or row.name or ""


def _code(row: IntakeRow) -> str | None:
    return next((given.value for given in row.keys if given.kind == subjects.PROJECT_CODE), None)


def _district(row: IntakeRow, code: str | None) -> str | None:
    """The district a record names, else the only one whose projects are filed under its code."""
    said = next((one.value for one in row.observations if one.fact == "district"), None)
    if isinstance(said, Possible) and said.single is not None:
        return reporting_unit(said.single)
    fitting = [] if code is None else [one for one in DISTRICTS if is_filed_in(code[5:11], one)]
    return fitting[0] if len(fitting) == 1 else None


def _suggestions(records: Iterable[Record], asked: Sequence[IntakeRow]) -> dict[str, Answer]:
    """The project that each record without one is most like; only for a person to look at."""
    if not asked:
        return {}
    answers = link([_compared_record(one) for one in records], [_compared_row(row) for row in asked])
    likely = (one for one in answers if one.library_id is not None and one.decision is not Decision.APART)
    return {one.other_id: one for one in likely}


def _compared_record(record: Record) -> ProjectRecord:
    fen = basis_fen(record.whole("total_investment"), record.whole("agreed_investment"))
    firm, started = record.firm, record.state.on("STARTED")
    return ProjectRecord(
        id=record.code,
        name=record.name,
        firm="" if firm is None else firm.name or "",
        uscc="" if firm is None else firm.uscc or "",
        project_code=record.key(subjects.PROJECT_CODE) or "",
        region=record.choice("district") or "",
        investment="" if fen is None else format_money(fen),
        started="" if started is None else started.isoformat(),
        source="library",
    )


def _compared_row(row: IntakeRow) -> ProjectRecord:
    record = _waiting(row)
    fen = record.fai.investment_fen
    return ProjectRecord(
        id=record.record,
        name=row.name or "",
        firm="" if row.firm is None else row.firm.name or "",
        uscc="" if row.firm is None else row.firm.uscc or "",
        project_code=record.fai.project_code or "",
        region=record.district or "",
        investment="" if fen is None else format_money(fen),
        source=SOURCE,
    )
