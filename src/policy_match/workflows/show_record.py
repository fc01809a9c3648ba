"""One project for people: where it stands, since when, by which evidence, what each source said, what is late.

Everything carries its source and day; what is unknown says why. The same content feeds the terminal,
JSON and the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.explain import CAUSE_TEXT
from policy_match.facts.assemble import Assembled
from policy_match.facts.veil import OFF, Veil
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import read_project_code
from policy_match.lifecycle.acceptance import Readiness, readiness
from policy_match.lifecycle.clocks import Light
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.standing import Standing
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import STATE_NAMES
from policy_match.lifecycle.words import Colour, EventKind, MilestoneStatus, Side
from policy_match.series.months import last_day, month_text
from policy_match.store import doubts, subjects
from policy_match.units import format_money
from policy_match.workflows.list_standings import standing_of
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import HeldKey, Record, View, past_of, read_record
from policy_match.workflows.show_indicators import latest_figures
from policy_match.workflows.show_project import source_text

COLOURS = {Colour.RED: "红灯", Colour.YELLOW: "黄灯", Colour.UNKNOWN: "待定", Colour.GREEN: "绿灯"}
_EVENTS = {
    EventKind.ENTER: "入库", EventKind.PAUSE: "暂停", EventKind.RESUME: "恢复", EventKind.TERMINATE: "终止",
    EventKind.EXIT: "出库", EventKind.REENTER: "重新入库", EventKind.MERGE: "并库", EventKind.UNMERGE: "撤销并库",
}  # fmt: skip
_NUMBERS = {
    "XMDM": "项目代码", "BAZH": "备案证号", "SGXK": "施工许可证号", "BDCDY": "不动产单元号", "HTBH": "合同编号",
    "YDHH": "用电户号",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the timeline. `text` names point, step or month of figures; `reason`: why, or the figures; `evidence` and
    `reason` may be empty."""

    on: date
    text: str
    source: str
    recorded_on: date | None
    evidence: str
    reason: str
    id: str


@dataclass(frozen=True, slots=True)
class FactEntry:
    """One fact. `set_aside`: why it may not be used, empty if it may; `others`: what other sources say against it."""

    name: str
    label: str
    text: str
    source: str
    observed_on: date | None
    set_aside: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LightEntry:
    """One light in words."""

    name: str
    colour: str
    reason: str
    since: date
    units: str
    excused: str


@dataclass(frozen=True, slots=True)
class StepEntry:
    """One milestone in words."""

    name: str
    status: str
    planned_on: date | None
    actual_on: date | None
    owner: str
    source: str


@dataclass(frozen=True, slots=True)
class TicketEntry:
    """One ticket in words. `about`: its cause and what it says."""

    id: str
    about: str
    state: str
    kind: str
    opened_on: date
    due_on: date | None
    level: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class RecordShown:
    """One project in full on a day. `asked`: open questions about it; `merged`: into which project it was merged and
    what to do, empty for one that stands for itself; `procedure`, `progress`: how far the steps and the works are, in words;
    `acceptance` None: none lies ahead."""

    as_of: date
    known_at: datetime | None
    record: Record
    standing: Standing
    stage: str
    point: str
    lead: str
    side: str
    merged: str
    tier: str
    investment: str
    timeline: tuple[TimelineEntry, ...]
    facts: tuple[FactEntry, ...]
    lights: tuple[LightEntry, ...]
    steps: tuple[StepEntry, ...]
    tickets: tuple[TicketEntry, ...]
    handovers: tuple[str, ...]
    asked: tuple[str, ...]
    procedure: str
    progress: str
    acceptance: Readiness | None


def show_record(archive: Archive, library: str, code: str, view: View, veil: Veil = OFF) -> RecordShown:
    """Read one project on a day, its figures as they may be seen through the veil; NotFound PROJECT_UNKNOWN."""
    with archive.database.reading() as session:
        record = read_record(session, archive, library, code, view)
        questions = doubts.still_open(session, library, [record.id], known_at=view.known_at)
        asked = tuple(f"[{one.id}] {one.what}" for one in questions)
        figures = tuple(_latest(session, archive, record, view, veil))
    table = archive.table
    standing = standing_of(record, table, view.as_of)
    interval = table.interval(standing.point)
    source = source_text(record.fact("stage").cell.source, archive.vocabulary)
    seen = f"（{source}所见，未经登记）" if standing.observed_point else ""
    return RecordShown(
        as_of=view.as_of,
        known_at=view.known_at,
        record=record,
        standing=standing,
        stage=interval.name,
        point=(table.name(standing.point) if standing.point else "尚无跟踪点") + seen,
        lead=table.roles[standing.lead].name,
        side=table.side_names[standing.side] if record.is_known else "尚未入库",
        merged=_merged(record),
        tier=next((tier.name for tier in table.tiers if tier.id == standing.tier), "未知"),
        investment="未知" if standing.investment_fen is None else format_money(standing.investment_fen),
        timeline=(*timeline(record, table, archive.vocabulary), *figures),
        facts=tuple(fact_entries(record, archive.vocabulary, veil)),
        lights=tuple(light_entry(light, table) for light in record.lights),
        steps=tuple(_steps(record, table, archive.vocabulary)),
        tickets=tuple(_tickets(record, table, veil)),
        handovers=tuple(_handovers(record, table)),
        asked=asked,
        procedure=_procedure(record),
        progress=_progress(standing, record, archive.vocabulary),
        acceptance=readiness(record.state, record.milestones, record.variant, table),
    )


def _procedure(record: Record) -> str:
    """How many steps are done and under way, of those that anybody told of."""
    done = sum(step.status is MilestoneStatus.DONE for step in record.milestones)
    running = sum(
        step.status in (MilestoneStatus.ACCEPTED, MilestoneStatus.SUPPLEMENTING) for step in record.milestones
    )
    return f"办结 {done} 项，在办 {running} 项" if record.milestones else "没有登记"


def _progress(standing: Standing, record: Record, vocabulary: Vocabulary) -> str:
    """The share of the works that is built, with its day and who told it."""
    if standing.progress is None:
        return "没有报"
    source = source_text(record.fact("physical_progress").cell.source, vocabulary)
    return f"{standing.progress.built / 100:g}%（{standing.progress.on}，{source}）"


def show_merged(archive: Archive, library: str, code: str, view: View, veil: Veil = OFF) -> RecordShown | None:
    """A project that was merged into another by then; None for one that stands for itself, or that nobody knows."""
    with archive.database.reading() as session:
        row = subjects.by_code(session, library, code)
        if row is None or past_of(session, view).link(row, subjects.SURVIVOR) is None:
            return None
    return show_record(archive, library, code, view, veil)


def _merged(record: Record) -> str:
    if record.survivor is None:
        return ""
    code, name = record.survivor.code, record.survivor.name
    undo = f"认错了的，用 project unmerge {record.code} 撤销并库"
    return f"已并入 {code} {name}，以后的办理都记在 {code}（project show {code}）；{undo}"


def timeline(record: Record, table: LifecycleTable, vocabulary: Vocabulary) -> Iterator[TimelineEntry]:
    """Events that hold, in time; the days of corrected ones as corrected."""
    for event in record.state.history:
        yield TimelineEntry(
            on=event.effective_on,
            text=event_text(event, table),
            source=source_text(event.source, vocabulary),
            recorded_on=local_day(event.recorded_at),
            evidence="、".join(f"{piece.kind} {piece.id}" for piece in event.evidence),
            reason="；".join(part for part in (event.cause, event.reason, *_corrections(event, record)) if part),
            id=event.id,
        )


def _latest(session: Session, archive: Archive, record: Record, view: View, veil: Veil) -> Iterator[TimelineEntry]:
    """The end of the timeline: the last month of which figures were told, as they may be seen."""
    found = latest_figures(session, archive, record, view, veil)
    if found is not None:
        text = f"{month_text(found.month)} 指标"
        yield TimelineEntry(
            last_day(found.month), text, found.registers, found.received_on, "", found.text,
            f"indicators-{month_text(found.month)}",
        )  # fmt: skip


def _corrections(event: Event, record: Record) -> Iterator[str]:
    """What an event said before it was corrected, and why."""
    before = next((one for one in record.log if one.id == event.id), event).effective_on
    for later in record.log:
        if later.kind is EventKind.CORRECT and later.supersedes == event.id:
            yield f"更正：原为 {before}，{later.reason}（{later.actor}、{later.second_actor}）"
            before = later.effective_on


def event_text(event: Event, table: LifecycleTable) -> str:
    """The name of a point, or of what else happened."""
    return table.name(event.point) if event.point is not None else _EVENTS.get(event.kind, event.kind.value)


def number_text(key: HeldKey) -> str:
    """A number of a project with what a project code says of its time, and when it ended."""
    text = f"{_NUMBERS.get(key.kind, key.kind)} {key.value}"
    if key.kind == subjects.PROJECT_CODE:
        text += f"（{read_project_code(key.value, date.max).shown}）"
    return text if key.valid_through is None else f"{text}，{key.valid_through} 止"


def fact_entries(record: Record, vocabulary: Vocabulary, veil: Veil = OFF) -> Iterator[FactEntry]:
    """Every fact that somebody said, in the order of the vocabulary, as it may be seen through the veil."""
    for name in vocabulary.facts:
        if name in record.facts:
            yield _fact(name, record.facts[name], vocabulary, veil)


def _fact(name: str, found: Assembled, vocabulary: Vocabulary, veil: Veil) -> FactEntry:
    spec, cell = vocabulary[name], found.cell
    value = cell.value if cell.value is not None else cell.last_seen
    return FactEntry(
        name=name,
        label=spec.label,
        text="" if value is None else veil.text(spec, value, vocabulary),
        source=source_text(cell.source, vocabulary),
        observed_on=cell.observed_on,
        set_aside=CAUSE_TEXT[cell.cause] if cell.value is None and cell.cause is not None else "",
        others=tuple(
            f"{source_text(other.source, vocabulary)}：{veil.text(spec, other.value, vocabulary)}"
            + (f"（{other.observed_on}）" if other.observed_on else "")
            for other in found.against
        ),
    )


def light_entry(light: Light, table: LifecycleTable) -> LightEntry:
    """A light with the names of those it goes to."""
    excuse = light.excuse
    return LightEntry(
        name=light.name,
        colour=COLOURS[light.colour],
        reason=light.reason,
        since=light.since,
        units="、".join(table.roles[unit].name for unit in light.units),
        excused="" if excuse is None else f"{excuse.reason}（{excuse.by}，至 {excuse.until}）",
    )


def _steps(record: Record, table: LifecycleTable, vocabulary: Vocabulary) -> Iterator[StepEntry]:
    kinds = {kind.id: kind for kind in table.milestones}
    for step in record.milestones:
        if step.kind in kinds:
            owner = step.owner or kinds[step.kind].owner
            name = table.roles[owner].name if owner in table.roles else owner
            yield StepEntry(
                kinds[step.kind].name, step.status.value, step.planned_on, step.actual_on, name,
                source_text(step.source, vocabulary),
            )  # fmt: skip


def _tickets(record: Record, table: LifecycleTable, veil: Veil) -> Iterator[TicketEntry]:
    for name, ticket in record.tickets.items():
        kind = "未分办" if ticket.kind is None else table.tickets.kinds[ticket.kind].name
        level = table.tickets.levels[ticket.level]
        about = "" if ticket.about is None else f"{ticket.about.cause}：{ticket.about.text}"
        if ticket.about is not None and ticket.about.figures and not veil.facts:
            about += f"（{ticket.about.figures}）"
        state = STATE_NAMES[ticket.state]
        yield TicketEntry(name, about, state, kind, ticket.opened_on, ticket.due_on, level, ticket.is_overdue)


def _handovers(record: Record, table: LifecycleTable) -> Iterator[str]:
    for one in record.handovers:
        giver, taker = table.roles[one.giver].name, table.roles[one.taker].name
        tickets = f"，未结问题单 {'、'.join(one.open_tickets)}" if one.open_tickets else ""
        state = (
            f"{one.accepted.by} 已接收"
            if one.accepted
            else f"未接收，{one.due_on} 前{'（已超期）' if one.is_red else ''}"
        )
        yield f"{one.effective_on} {giver} → {taker}：{state}{tickets}"


def plain(shown: RecordShown, table: LifecycleTable) -> dict[str, object]:
    """The record as JSON data."""
    record, standing = shown.record, shown.standing
    return {
        "code": record.code,
        "name": record.name,
        "as_of": shown.as_of,
        "known_at": shown.known_at,
        "firm": None if record.firm is None else asdict(record.firm),
        "keys": [asdict(key) | {"text": number_text(key)} for key in record.keys],
        "parent": record.parent,
        "phases": record.phases,
        "point": standing.point,
        "point_name": table.name(standing.point) if standing.point else None,
        "observed_only": standing.observed_point is not None,
        "stage": standing.stage,
        "lead": standing.lead,
        "lead_name": shown.lead,
        "side": standing.side,
        "is_active": standing.is_active and standing.side is not Side.MERGED,
        "survivor": None if record.survivor is None else record.survivor.code,
        "survivor_name": None if record.survivor is None else record.survivor.name,
        "tier": standing.tier,
        "tier_name": shown.tier,
        "usd100m": standing.usd_line,
        "investment_fen": standing.investment_fen,
        "days": standing.days,
        "timeline": [asdict(entry) for entry in shown.timeline],
        "facts": [asdict(entry) for entry in shown.facts],
        "lights": [asdict(entry) for entry in shown.lights],
        "milestones": [asdict(entry) for entry in shown.steps],
        "tickets": [asdict(entry) for entry in shown.tickets],
        "handovers": shown.handovers,
        "agent": record.agent,
        "lacking": standing.lacking,
        "steps_told": shown.procedure,
        "built_ratio": None if standing.progress is None else standing.progress.built / 10_000,
        "built_on": None if standing.progress is None else standing.progress.on,
        "acceptance": None if shown.acceptance is None else asdict(shown.acceptance),
        "asked": shown.asked,
        "row_version": record.row_version,
    }
