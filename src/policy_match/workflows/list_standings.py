"""How every project of a library stands on a day: the rows that all reports count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.facts.cells import Items, Possible, Value
from policy_match.identifiers import DISTRICTS, REGIONS, region_name, region_path
from policy_match.lifecycle.clocks import days_in_interval
from policy_match.lifecycle.moves import lacking_evidence
from policy_match.lifecycle.standing import Money, Progress, Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tiers import USD, basis_fen, converted_fen, is_usd100m, tier_of
from policy_match.lifecycle.words import Side
from policy_match.store import subjects
from policy_match.store.tables import Subject
from policy_match.units import Band
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, past_of, read_over, read_records

CITY = "320400"


def list_standings(
    session: Session, archive: Archive, library: str, view: View, among: Sequence[Subject] | None = None
) -> list[Standing]:
    """A row per project that was in the library on the day, by 库内编号; merged ones and phases whose
    figures are part of their project's are left out: the other record stands for them. `among`: only of these; no other
    project is read."""
    return next(_standings(session, archive, [(view, whole_projects(session, library, view, among))]))


def standings_over(session: Session, archive: Archive, library: str, views: Sequence[View]) -> Iterator[list[Standing]]:
    """The same for several days by what was known at one instant, one after the other: the library is read once for all."""
    yield from _standings(session, archive, [(view, whole_projects(session, library, view)) for view in views])


def _standings(
    session: Session, archive: Archive, asked: Sequence[tuple[View, Sequence[Subject]]]
) -> Iterator[list[Standing]]:
    for (view, _), records in zip(asked, read_over(session, archive, asked), strict=True):
        yield [standing_of(record, archive.table, view.as_of) for record in records if is_there(record)]


def list_records(session: Session, archive: Archive, library: str, view: View) -> list[Record]:
    """The same projects with all that is known of them."""
    rows = whole_projects(session, library, view)
    return [record for record in read_records(session, archive, rows, view) if is_there(record)]


def whole_projects(session: Session, library: str, view: View, among: Sequence[Subject] | None = None) -> list[Subject]:
    """The projects entered by the instant whose figures were in no other project's, merged ones too, by code; `among`: of
    these subjects only."""
    then = past_of(session, view)
    if among is None:
        rows = subjects.every(session, library, "project")
    else:
        rows = sorted((row for row in among if row.kind == "project"), key=lambda row: row.code)
    return [row for row in rows if row.created_at <= view.instant and not then.in_whole(row)]


def is_there(record: Record) -> bool:
    """Whether the project was known on the day and is not part of another one."""
    return record.is_known and record.state.side is not Side.MERGED


def standing_of(record: Record, table: LifecycleTable, as_of: date) -> Standing:
    """The row of one project."""
    state = record.state
    observed = None if state.point is not None else table.point_of(record.choice("stage") or "")
    interval = table.interval(state.point or observed)
    filed, agreed = record.whole("total_investment"), record.whole("agreed_investment")
    investment = investment_of(record, table)
    tier = tier_of(investment, table)
    region = record.choice("district")
    return Standing(
        code=record.code,
        name=record.name,
        firm=None if record.firm is None else record.firm.name or record.firm.uscc,
        district=reporting_unit(region),
        place=_zone(region),
        variant=record.variant,
        industry=record.choice("industry_code"),
        tracks=_names(record, "track"),
        major_level=record.choice("major_level"),
        investment_fen=investment,
        filed_fen=filed,
        agreed_fen=agreed,
        tier=None if tier is None else tier.id,
        usd_line=foreign_of(record.known, table).usd_line,
        point=state.point or observed,
        stage=interval.stage,
        lead=interval.lead,
        side=state.side,
        is_active=state.is_active or (observed is not None and state.entered_on is None),
        entered_on=state.entered_on,
        reached={reached.point: reached.on for reached in state.reached},
        observed_point=observed,
        planned={m.kind: m.planned_on for m in record.milestones if m.planned_on is not None},
        days=days_in_interval(state, as_of),
        money=Money(
            record.whole("month_investment"), record.whole("year_investment"), record.whole("year_investment_plan")
        ),
        milestones=record.milestones,
        lights=record.lights,
        tickets=tuple(record.tickets.values()),
        last_update=_last(record, as_of),
        last_visit=max((visit.on for visit in record.visits), default=None),
        agent=record.agent,
        lacking=tuple(lacking(record, table)),
        progress=progress_of(record),
    )


def progress_of(record: Record) -> Progress | None:
    """The share of the works that was last told as built; None if it is not known exactly, or not of which day."""
    told, value = record.fact("physical_progress").cell, record.known("physical_progress")
    if not isinstance(value, Band) or not value.is_exact or value.low is None or told.observed_on is None:
        return None
    return Progress(int(Fraction(value.low) * 10_000), told.observed_on)


def investment_of(record: Record, table: LifecycleTable) -> int | None:
    """What decides the tier, 分: as filed, else as agreed, else as agreed in another currency."""
    agreed = record.whole("agreed_investment")
    foreign = foreign_of(record.known, table).fen
    return basis_fen(record.whole("total_investment"), foreign if agreed is None else agreed)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An investment agreed in another currency: in 分 by its own rate, None without rate and day; whether it reaches the
    line for US dollars, None if that is not known."""

    fen: int | None
    usd_line: bool | None


def foreign_of(known: Callable[[str], Value | None], table: LifecycleTable) -> Foreign:
    """The amount in the currency that is named; a CNY project reaches no line of another currency. `known`: a fact as
    last known."""
    named, amount = known("foreign_currency"), known("foreign_investment")
    currency = named.single if isinstance(named, Possible) else None
    if currency is None:
        return Foreign(None, None)
    cents = None
    if isinstance(amount, Band) and amount.is_exact and amount.low is not None:
        cents = int(amount.low * 10_000 * 100)
    rate, has_day = known("exchange_rate"), known("exchange_rate_on") is not None
    fen = None
    if cents is not None and has_day and isinstance(rate, Band) and rate.is_exact and rate.low is not None:
        fen = converted_fen(cents, Fraction(rate.low))
    return Foreign(fen, is_usd100m(USD if currency == "美元" else currency, cents, table))


def reporting_unit(region: str | None) -> str | None:
    """The district, or the city itself, that a region is counted with; None if it is neither."""
    if region is None:
        return None
    path = region_path(region)
    return next((code for code in DISTRICTS if code in path), CITY if region == CITY else None)


def _zone(region: str | None) -> str | None:
    """The name of a development zone; None for a district, the city or no region."""
    is_zone = region is not None and region in REGIONS and region not in (*DISTRICTS, CITY)
    return region_name(region) if is_zone and region is not None else None


def lacking(record: Record, table: LifecycleTable) -> Iterator[str]:
    """What the record lacks to be complete: keys, facts every report needs, evidence of the points recorded."""
    state = record.state
    reached = max([table.order(state.point), table.order(table.point_of(record.choice("stage") or ""))])
    needs_code = any(move.keys and table.order(move.to) <= reached for move in table.transitions)
    if needs_code and record.key(subjects.PROJECT_CODE) is None:
        yield "项目代码"
    if record.firm is None or record.firm.uscc is None:
        yield "统一社会信用代码"
    for name, label in (("project_kind", "项目类型"), ("district", "所在辖市区"), ("industry_code", "行业代码")):
        if record.choice(name) is None:
            yield label
    if investment_of(record, table) is None:
        yield "总投资" if record.choice("foreign_currency") is None else "外币投资的折算汇率和日期"
    for event in state.history:
        for group in lacking_evidence(event, state, table, record.variant):
            yield f"{table.name(event.point or '')}的{group}"


def _names(record: Record, fact: str) -> tuple[str, ...]:
    value = record.known(fact)
    return tuple(item.name for item in value.items) if isinstance(value, Items) else ()


def _last(record: Record, as_of: date) -> date | None:
    return max((mark.on for mark in record.marks if mark.kind == "update" and mark.on <= as_of), default=None)
