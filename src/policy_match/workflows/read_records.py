"""Read projects of the archive with all that is known of them on a day: facts, life, lights, tickets, keys.

Two axes of time: `as_of` is the day asked about, `known_at` the instant up to which records count.
Recorded points give the stage; where nothing was recorded, a stage seen on a public page is shown
as such and passes no gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Issue, NotFound
from policy_match.facts.assemble import NOTHING, Assembled, assembled
from policy_match.facts.cells import Cause, Cell, Possible, Value
from policy_match.facts.observations import Observation, Purpose
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.clocks import Excuse, Light, Mark, Reading, Watched, lights
from policy_match.lifecycle.events import Event, State, replay
from policy_match.lifecycle.handovers import Acceptance, Handover, handovers
from policy_match.lifecycle.milestones import Milestone, merged
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.tickets import Ticket, TicketEvent, TicketState, replay_ticket
from policy_match.lifecycle.visits import Visit, is_required, weeks_missed
from policy_match.settings import LOCAL
from policy_match.store import facts as stored_facts
from policy_match.store import log, posts, subjects
from policy_match.store.current import Known
from policy_match.store.posts import Term
from policy_match.store.tables import Key, Subject
from policy_match.units import Band
from policy_match.workflows.open_archive import Archive

AUTHORITY = ("GG", "TZXM", "FAI", "DEPT", "DISTRICT", "SELF")
_OVER = (TicketState.CLOSED, TicketState.REJECTED)


_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class View:
    """What is asked. `known_at` None: everything recorded, which is right for today and later days only."""

    as_of: date
    known_at: datetime | None = None
    purpose: Purpose = Purpose.SERVICE

    @classmethod
    def of(cls, as_of: date, known_at: datetime | None, now: datetime, purpose: Purpose = Purpose.SERVICE) -> View:
        """The view of a day by what was known at an instant, or by everything known now."""
        return cls(as_of, known_at or (None if as_of >= local_day(now) else now), purpose)

    @property
    def instant(self) -> datetime:
        """The instant up to which records count."""
        return self.known_at or _END_OF_TIME


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A number of a subject and the days it held; `valid_through` None: still, on the day asked about."""

    kind: str
    value: str
    source: str
    valid_from: date | None
    valid_through: date | None


@dataclass(frozen=True, slots=True)
class Firm:
    """The enterprise of a project; `uscc` None: its credit code is not known."""

    code: str
    name: str | None
    uscc: str | None


@dataclass(frozen=True, slots=True)
class Survivor:
    """The project that stands for a merged one."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One project on a day. `facts`: its own and its firm's, as `assemble` gives them; `variant` None: kind not known.
    `is_known`: anything was said of it by that day; `survivor`: what it was merged into, at the end of the chain.

    `log`: every event known, corrected ones and their corrections too. `row_version` counts the writes of people;
    `held_by` is the last of them.
    """

    id: int
    code: str
    name: str
    firm: Firm | None
    keys: tuple[HeldKey, ...]
    parent: str | None
    phases: tuple[str, ...]
    row_version: int
    held_by: str | None
    variant: str | None
    state: State
    is_known: bool
    facts: Mapping[str, Assembled]
    log: tuple[Event, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    marks: tuple[Mark, ...] = ()
    visits: tuple[Visit, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    tickets: Mapping[str, Ticket] = field(default_factory=dict)
    handovers: tuple[Handover, ...] = ()
    lights: tuple[Light, ...] = ()
    agent: str | None = None
    survivor: Survivor | None = None

    def fact(self, name: str) -> Assembled:
        """What may be used of a fact; unknown where nothing was said of it."""
        return self.facts.get(name, NOTHING)

    def choice(self, name: str) -> str | None:
        """The one option of a choice or code as last known; None if it is not known to be one."""
        value = self.known(name)
        return value.single if isinstance(value, Possible) else None

    def known(self, name: str) -> Value | None:
        """A fact as last known."""
        return last_known(self.fact(name))

    @property
    def region(self) -> str | None:
        """Where it lies."""
        return self.choice("district")

    def whole(self, name: str) -> int | None:
        """An exact amount as last known, 分 for money; None if it is not known or a band."""
        value = self.known(name)
        return int(value.low) if isinstance(value, Band) and value.is_exact and value.low is not None else None

    def key(self, kind: str) -> str | None:
        """The number of that kind that holds on the day."""
        return next((key.value for key in self.keys if key.kind == kind and key.valid_through is None), None)


def read_record(session: Session, archive: Archive, library: str, code: str, view: View) -> Record:
    """One project by 库内编号 or 项目代码; a merged one is read as itself. NotFound PROJECT_UNKNOWN, PROJECT_NOT_YET for
    one that was entered after the instant asked about."""
    row = find_project(session, library, code)
    if row.created_at > view.instant:
        at, entered = (instant.astimezone(LOCAL) for instant in (view.instant, row.created_at))
        what = f"按 {at:%Y-%m-%d %H:%M} 以前所知，库里还没有项目 {row.code}"
        first = f"{entered:%Y-%m-%d %H:%M} 起"
        raise NotFound(Issue("PROJECT_NOT_YET", what, "--known-at", first, "改用登记以后的时间，或去掉 --known-at"))
    return next(iter(read_records(session, archive, [row], view)))


def find_project(session: Session, library: str, code: str) -> Subject:
    """The project of a library by 库内编号, id or 项目代码; NotFound PROJECT_UNKNOWN with what to do."""
    found = subjects.by_code(session, library, code) or subjects.by_project_code(session, library, code)
    if found is None or found.kind != "project":
        hint = "核对编号，或用 project list 查找"
        raise NotFound(Issue("PROJECT_UNKNOWN", f"库里没有项目“{code[:60]}”", "", "库内编号或项目代码", hint))
    return found


def read_records(session: Session, archive: Archive, rows: Sequence[Subject], view: View) -> list[Record]:
    """The projects in the order of `rows`."""
    return next(read_over(session, archive, [(view, rows)]))


def read_over(
    session: Session, archive: Archive, asked: Sequence[tuple[View, Sequence[Subject]]]
) -> Iterator[list[Record]]:
    """The same for several days by what was known at one instant, one after the other: what was said is read once for all.

    ValueError if the views are not of one instant.
    """
    if len({view.known_at for view, _ in asked}) > 1:
        raise ValueError("views of several instants")
    for gathered, (view, rows) in zip(_Gathered.over(session, asked, archive), asked, strict=True):
        yield [gathered.record(row, archive, view) for row in rows]


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Everything the database holds about some projects and their firms, by row id."""

    known: Mapping[int, Known]
    firms: Mapping[int, Subject]
    keys: Mapping[int, list[Key]]
    relatives: subjects.Relatives
    agents: Mapping[int, list[Term]]
    said: log.Said
    then: subjects.Past
    survivors: Mapping[int, Subject]

    @classmethod
    def over(
        cls, session: Session, asked: Sequence[tuple[View, Sequence[Subject]]], archive: Archive
    ) -> Iterator[_Gathered]:
        """One for each view, all of one instant; what changes with the day asked about is little."""
        every = {row.id: row for _, rows in asked for row in rows}
        thens = [past_of(session, view) for view, _ in asked]
        linked = {then.link(row, subjects.FIRM) for then, (_, rows) in zip(thens, asked, strict=True) for row in rows}
        firm_ids = sorted(firm for firm in linked if firm is not None)
        known_at = next((view.known_at for view, _ in asked), None)
        known = stored_facts.known(session, [*every, *firm_ids], archive.vocabulary, known_at=known_at)
        firms, of_firms = subjects.by_ids(session, firm_ids), subjects.keys_of(session, firm_ids)
        agents = posts.agents(session, [*every.values()], known_at)
        said = log.every_entry(session, [*every.values()], known_at=known_at)
        numbers = _numbers(session, [*every], thens)
        for then, keys, (_, rows) in zip(thens, numbers, asked, strict=True):
            yield cls(
                known=known,
                firms=firms,
                keys=keys | of_firms,
                relatives=subjects.relatives(session, rows, then),
                agents=agents,
                said=said,
                then=then,
                survivors={row.id: last for row in rows if (last := then.survivor(session, row)) is not row},
            )

    def record(self, row: Subject, archive: Archive, view: View) -> Record:
        table, as_of = archive.table, view.as_of
        state = replay(self.said.of(Event, row.id), table, as_of, view.instant)
        firm = self.firms.get(self.then.link(row, subjects.FIRM) or 0)
        facts = assembled(self._observed(row, firm, archive.vocabulary), archive.vocabulary, as_of, view.purpose)
        recorded = recorded_cells(state, table, archive.vocabulary, as_of)
        facts = facts | {name: _recorded(cell, facts.get(name)) for name, cell in recorded.items()}
        variant = variant_of(facts, table)
        steps = merged((step.on_day(as_of) for step in self.said.of(Milestone, row.id)), table, AUTHORITY)
        agents = [term for term in self.agents[row.id] if term.since <= as_of]
        agent = next((term for term in agents if term.covers(as_of)), None)
        visits = tuple(visit for visit in self.said.of(Visit, row.id) if visit.on <= as_of)
        watched = Watched(
            state=state,
            variant=variant or "",
            milestones=steps,
            marks=(*self.said.of(Mark, row.id), *_vacancy(state, agents, agent), *_below(facts, table)),
            readings=tuple(_readings(state, facts, visits, agent, table, as_of)),
            excuses=tuple(self.said.of(Excuse, row.id)),
        )
        tickets = _tickets(self.said.of(TicketEvent, row.id), archive, as_of)
        open_ones = tuple(name for name, ticket in tickets.items() if ticket.state not in _OVER)
        return Record(
            id=row.id,
            code=row.code,
            name=self.then.name(row) or row.code,
            firm=None if firm is None else self._firm(firm, view),
            keys=tuple(_held(self.keys[row.id], view)),
            parent=self.relatives.parents.get(row.id),
            phases=tuple(self.relatives.phases.get(row.id, ())),
            row_version=row.row_version,
            held_by=row.held_by,
            variant=variant,
            state=state,
            is_known=bool(state.history) or any(facts[name].chosen is not None for name in self.known[row.id]),
            facts=facts,
            log=tuple(self.said.of(Event, row.id)),
            milestones=steps,
            marks=watched.marks,
            visits=visits,
            excuses=watched.excuses,
            tickets=tickets,
            handovers=handovers(state, table, self.said.of(Acceptance, row.id), open_ones, as_of, archive.calendar),
            lights=lights(watched, table, as_of, archive.calendar),
            agent=None if agent is None else agent.holder,
            survivor=self._survivor(row),
        )

    def _survivor(self, row: Subject) -> Survivor | None:
        last = self.survivors.get(row.id)
        return None if last is None else Survivor(last.code, self.then.name(last) or last.code)

    def _firm(self, row: Subject, view: View) -> Firm:
        held = _held(self.keys[row.id], view)
        codes = (key.value for key in held if key.kind == subjects.CREDIT_CODE and key.valid_through is None)
        return Firm(row.code, self.then.name(row), next(codes, None))

    def _observed(self, row: Subject, firm: Subject | None, vocabulary: Vocabulary) -> dict[str, list[Observation]]:
        """Observations of the project, and of its firm for the facts that a firm has; the project's own word goes first."""
        of_firm = {} if firm is None else self.known[firm.id]
        inherited = {
            name: found for name, found in of_firm.items() if vocabulary[name].subject in ("enterprise", "both")
        }
        return inherited | self.known[row.id]


def past_of(session: Session, view: View) -> subjects.Past:
    """Subjects as they were for a view; nothing is different from today where everything recorded counts."""
    return subjects.Past() if view.known_at is None else subjects.past(session, view.as_of, view.known_at)


def _numbers(session: Session, ids: Sequence[int], thens: Sequence[subjects.Past]) -> Iterator[dict[int, list[Key]]]:
    """For each past the numbers of each project, its own first, then those of the projects that were merged into it."""
    merged = [subjects.merged_into(session, ids, then) for then in thens]
    others = {row.id for one in merged for rows in one.values() for row in rows}
    every = subjects.keys_of(session, sorted({*ids, *others}))
    for into in merged:
        yield {one: [*every[one], *(key for row in into.get(one, ()) for key in every[row.id])] for one in ids}


def _held(keys: Iterable[Key], view: View) -> Iterator[HeldKey]:
    """The numbers known by the instant and held by the day; one that ended later was held still."""
    for key in keys:
        if key.received_at <= view.instant and (key.valid_from is None or key.valid_from <= view.as_of):
            is_told = key.ended_at is not None and key.ended_at <= view.instant
            has_ended = is_told and key.valid_through is not None and key.valid_through <= view.as_of
            yield HeldKey(key.kind, key.value, key.source, key.valid_from, key.valid_through if has_ended else None)


def last_known(found: Assembled) -> Value | None:
    """The value, or the one that has only grown old: what is too old to decide by still tells where a project is counted."""
    return last_said(found.cell)


def last_said(cell: Cell) -> Value | None:
    """The same of a cell."""
    return cell.last_seen if cell.cause is Cause.STALE else cell.value


def variant_of(facts: Mapping[str, Assembled], table: LifecycleTable) -> str | None:
    """The kind of project as the gates see it; of several that fit, the one with works: it asks for more."""
    kind, works = (last_known(facts.get(name, NOTHING)) for name in ("project_kind", "upgrade_works"))
    if not isinstance(kind, Possible) or kind.single is None:
        return None
    fitting = [variant.id for variant in table.variants.values() if variant.kind == kind.single]
    only_equipment = isinstance(works, Possible) and works.single == "false"
    return next(iter(fitting[-1:] if only_equipment else fitting[:1]), None)


def recorded_cells(state: State, table: LifecycleTable, vocabulary: Vocabulary, as_of: date) -> dict[str, Cell]:
    """Stage and days of the points, as recorded: the stage holds until the next point, so it is as new as the day asked."""
    found: dict[str, Cell] = {}
    for reached in state.reached:
        name, event = table.point(reached.point).fact, state.event(reached.event)
        source = None if event is None else event.source
        if name is not None and name in vocabulary:
            day = Band(reached.on.toordinal(), reached.on.toordinal())
            found[name] = Cell(day, None, source, reached.recorded_on)
        if reached.point == state.point and "stage" in vocabulary:
            found["stage"] = Cell(Possible.only(table.point(reached.point).name), None, source, as_of)
    return found


def _recorded(cell: Cell, told: Assembled | None) -> Assembled:
    if told is None or told.chosen is None:
        return Assembled(cell, None, ())
    every = (told.chosen, *told.against)
    return Assembled(cell, None, tuple(one for one in every if one.value != cell.value))


def _vacancy(state: State, agents: Sequence[Term], agent: Term | None) -> tuple[Mark, ...]:
    """Since when no agent is named: since the last one left, or since the entry."""
    if agent is not None or state.entered_on is None:
        return ()
    return (Mark("agent_vacant", max([state.entered_on, *(term.until for term in agents if term.until)])),)


def _below(facts: Mapping[str, Assembled], table: LifecycleTable) -> tuple[Mark, ...]:
    """Since when the filed investment is known to be below the least that the library holds."""
    filed = facts.get("total_investment", NOTHING)
    value, said = last_known(filed), filed.chosen
    if not isinstance(value, Band) or value.high is None or said is None or value.high >= table.tiers[1].floor_fen:
        return ()
    return (Mark("below_threshold", said.observed_on or local_day(said.received_at)),)


def _readings(
    state: State,
    facts: Mapping[str, Assembled],
    visits: Sequence[Visit],
    agent: Term | None,
    table: LifecycleTable,
    as_of: date,
) -> Iterable[Reading]:
    """The figures of gauges that the record holds: investment behind the year's pace, weeks without a visit."""
    done, plan = (facts.get(name, NOTHING).cell.value for name in ("year_investment", "year_investment_plan"))
    if isinstance(done, Band) and isinstance(plan, Band) and done.is_exact and plan.is_exact and plan.low:
        behind = Fraction(as_of.month, 12) - Fraction(done.low or 0) / Fraction(plan.low)
        yield Reading("annual_investment", behind * 100, as_of)
    if is_required(state, has_agent=agent is not None, table=table) and agent is not None and state.reached:
        begun = max(state.reached[-1].on, agent.since, state.entered_on or date.min)
        yield Reading("missed_visits", Fraction(weeks_missed(begun, visits, as_of)), as_of)


def _tickets(events: Sequence[TicketEvent], archive: Archive, as_of: date) -> dict[str, Ticket]:
    grouped: dict[str, list[TicketEvent]] = {}
    for event in events:
        grouped.setdefault(event.ticket, []).append(event)
    replayed = {name: replay_ticket(own, archive.table, as_of, archive.calendar) for name, own in grouped.items()}
    return {name: ticket for name, ticket in replayed.items() if ticket is not None}
