"""Decide one project at every later point of its life: the same rulebook, the facts of that point, the day of that point."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from policy_match.eligibility.date_limits import DateLimit, Keeping, date_limits
from policy_match.eligibility.decide import Decision, Verdict
from policy_match.eligibility.explain import Reason
from policy_match.eligibility.rulebook import Rulebook
from policy_match.errors import Issue, UsageError
from policy_match.facts.assemble import Assembled
from policy_match.facts.cells import Cause, Cell
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.veil import OFF, Veil
from policy_match.lifecycle.ahead import Ahead, Dating, facts_then, points_ahead, present_point, told_days
from policy_match.lifecycle.table import EvidenceGroup, LifecycleTable
from policy_match.units import Band
from policy_match.workflows.match import Match, Matching
from policy_match.workflows.read_records import last_said, variant_of

NEARNESS = {Verdict.ELIGIBLE: 3, Verdict.NEEDS_HUMAN: 2, Verdict.UNKNOWN: 1}
CHANGEABLE = ("time", "enterprise")


class Turn(StrEnum):
    """What happens to a measure from one column to the next."""

    OPENS = "opens"
    CLOSES = "closes"
    CHANGES = "changes"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Planned:
    """A project whose life is looked ahead. `told`: planned days by point, as recorded; they go before what facts tell.

    `aside`: how it stands beside its points where it is not simply in the library (暂停, 终止 …), else empty.
    """

    subject: Subject
    told: Mapping[str, date] = field(default_factory=dict)
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One point in time. `point` None: the present, on the day asked about, `ahead` is None then.

    `evidence`, `keys`: what the point itself asks for, by the lifecycle, of this kind of project.
    """

    name: str
    on: date
    point: str | None = None
    ahead: Ahead | None = None
    evidence: tuple[EvidenceGroup, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One measure in one column. `in_force` None: only perhaps; `holds`: every condition is proved, in force or not.

    `to_change`: conditions that stand in the way and that time or the firm can change; `limits`: dates to keep.
    """

    match: Match
    in_force: bool | None
    holds: bool
    to_change: tuple[Reason, ...]
    limits: tuple[DateLimit, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is eligible, or may be."""
        return self.match.verdict in NEARNESS


@dataclass(frozen=True, slots=True)
class Row:
    """One measure over all columns; `turns`: from each column to the next."""

    outcomes: tuple[Outcome, ...]
    turns: tuple[Turn, ...]

    @property
    def id(self) -> str:
        return self.outcomes[0].match.rule.id

    @property
    def turn(self) -> Turn:
        """The first thing that happens to it."""
        return next((turn for turn in self.turns if turn is not Turn.STAYS), Turn.STAYS)

    @property
    def is_ever_open(self) -> bool:
        """Whether it is eligible in any column, or may be."""
        return any(outcome.is_open for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Roadmap:
    """A project now and at every later point. `rows`: what opens, closes, changes, stays; the earliest turn first, then by id."""

    subject: Subject
    as_of: date
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def turning(self, turn: Turn) -> tuple[Row, ...]:
        """The rows of one group."""
        return tuple(row for row in self.rows if row.turn is turn)


def decide_ahead(rulebook: Rulebook, table: LifecycleTable, project: Planned, as_of: date, veil: Veil = OFF) -> Roadmap:
    """The roadmap of a project from a day on, told through a veil; UsageError SUBJECT_KIND for a subject that is no project."""
    subject = project.subject
    if subject.kind is not Kind.PROJECT:
        what = f"“{subject.id}”是{'企业' if subject.kind is Kind.ENTERPRISE else '个人'}，没有跟踪点"
        raise UsageError(Issue("SUBJECT_KIND", what, "", "项目", "改用这家企业的项目编号"))
    present = Matching(rulebook, (subject,), as_of, veil=veil)
    cells = {name: present.table.cell(0, name) for name in subject.cells}
    point = present_point(cells, table, as_of)
    ahead = points_ahead(point, told_days(cells, table) | dict(project.told), table, as_of)
    columns = (Column("现在", as_of), *_columns(point, ahead, cells, table))
    matchings = (present, *_matchings(present, ahead, table))
    settled = frozenset(name for name, cell in cells.items() if _has_passed(cell, as_of))
    rows = sorted(_rows(matchings, settled), key=_place)
    return Roadmap(subject, as_of, columns, tuple(rows), tuple(_notes(project, cells, point, ahead)))


def _matchings(present: Matching, ahead: Sequence[Ahead], table: LifecycleTable) -> Iterator[Matching]:
    subject, rulebook = present.subjects[0], present.rulebook
    for count, one in enumerate(ahead, start=1):
        then = facts_then(subject.cells, ahead[:count], table, rulebook.vocabulary, as_of=present.as_of)
        yield Matching(rulebook, (replace(subject, cells=then),), one.on, veil=present.veil)


def _columns(
    present: str | None, ahead: Sequence[Ahead], cells: Mapping[str, Cell], table: LifecycleTable
) -> Iterator[Column]:
    variant = variant_of({name: Assembled(cell, None, ()) for name, cell in cells.items()}, table)
    before = present
    for one in ahead:
        move = next((move for move in table.transitions if (move.start, move.to) == (before, one.point)), None)
        groups = () if move is None else move.evidence
        fitting = tuple(groups if variant is None else _of_variant(groups, variant))
        yield Column(table.name(one.point), one.on, one.point, one, fitting, () if move is None else move.keys)
        before = one.point


def _of_variant(groups: Iterable[EvidenceGroup], variant: str) -> Iterator[EvidenceGroup]:
    return (replace(one, variants=frozenset()) for one in groups if not one.variants or variant in one.variants)


def _has_passed(cell: Cell, as_of: date) -> bool:
    """Whether a date surely lies no later than the day asked about; one that has only grown old has passed all the same."""
    value = last_said(cell)
    return isinstance(value, Band) and value.high is not None and value.high <= as_of.toordinal()


def _rows(matchings: Sequence[Matching], settled: frozenset[str]) -> Iterator[Row]:
    for decision in matchings[0].decisions(0):
        outcomes = tuple(_outcome(one, one.decision(decision.rule.id), settled) for one in matchings)
        turns = tuple(turn_of(before, now) for before, now in pairwise(outcomes))
        yield Row(outcomes, turns)


def _outcome(matching: Matching, decision: Decision, settled: frozenset[str]) -> Outcome:
    match, rule = matching.match(decision, 0), decision.rule
    false = [reason for reason in match.reasons if match.verdict is Verdict.INELIGIBLE]
    deciding = {reason.condition for reason in false}
    limits = tuple(date_limits(matching.explaining, rule, 0, settled)) if decision.in_force is not False else ()
    return Outcome(
        match=match,
        in_force=decision.in_force,
        holds=matching.explaining.truth(rule.root, 0) > 0,
        to_change=tuple(reason for reason in false if rule.conditions[reason.condition].can_change in CHANGEABLE),
        limits=tuple(limit for limit in limits if _matters(limit, match.verdict, deciding)),
    )


def _matters(limit: DateLimit, verdict: Verdict, deciding: Collection[str]) -> bool:
    """Whether a date has to be watched: it decides a refusal, or can still be kept; one way of several that is closed does not."""
    return limit.condition in deciding or (verdict in NEARNESS and limit.keeping is not Keeping.SPOILED)


def turn_of(before: Outcome, now: Outcome) -> Turn:
    """What happens from one column to the next: nearer to eligible opens, no longer possible closes, another amount, another
    version or a step back while still possible changes."""
    was, has_become = (NEARNESS.get(one.match.verdict, 0) for one in (before, now))
    if has_become > was:
        return Turn.OPENS
    if has_become < was:
        return Turn.CHANGES if has_become else Turn.CLOSES
    is_same = before.match.amount == now.match.amount and before.match.rule.measure.key == now.match.rule.measure.key
    return Turn.STAYS if is_same or not has_become else Turn.CHANGES


def _place(row: Row) -> tuple[int, int, str]:
    first = next((at for at, turn in enumerate(row.turns) if turn is not Turn.STAYS), len(row.turns))
    return tuple(Turn).index(row.turn), first, row.id


def _notes(project: Planned, cells: Mapping[str, Cell], point: str | None, ahead: Sequence[Ahead]) -> Iterator[str]:
    if project.aside:
        yield f"项目现为“{project.aside}”，以下按恢复推进测算"
    stage = cells.get("stage")
    if stage is None or last_said(stage) is None:
        from_what = "按已过的日期推定" if point is not None else "从第一个跟踪点列起"
        yield f"项目阶段未知，{from_what}"
    elif stage.cause is Cause.STALE:
        yield "项目阶段的数据已过期，以最近一次所见为起点"
    if not ahead:
        yield "已到最后一个跟踪点，后面没有别的跟踪点"
    elif any(one.dating is not Dating.PLANNED for one in ahead):
        yield "日期未定的跟踪点，按它最早可能的那天（前一个跟踪点的日子，没有的用基准日）测算"
