"""Read `rules/lifecycle.yaml` strictly: every name resolved, every term read, nothing left out.

Refused with file and line: unknown points, roles, steps, marks and kinds of project; a point without an interval
or without a way to it; a move that skips; a clock or gauge without a bound, or whose yellow is not before its red;
terms without a unit or in a unit that cannot serve; side moves left out; tiers that do not rise.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.lifecycle_lights import clocks_of, gauges_of
from policy_match.authoring.lifecycle_names import Names
from policy_match.authoring.lifecycle_rules import may_of, sources_of, targets_of, tickets_of, tiers_of, visits_of
from policy_match.authoring.lifecycle_shape import (
    WrittenCause,
    WrittenGroup,
    WrittenLifecycle,
    WrittenSideMove,
    WrittenTransition,
    WrittenWho,
)
from policy_match.authoring.shape import read_shape
from policy_match.errors import RuleError
from policy_match.identifiers import canonical_region
from policy_match.lifecycle.table import (
    Cause,
    Corrections,
    EnvironmentRules,
    EvidenceGroup,
    Interval,
    LifecycleTable,
    MilestoneKind,
    Point,
    PoolRules,
    QuotaRules,
    Role,
    SideMove,
    TourRules,
    Transition,
    Variant,
    Who,
)
from policy_match.lifecycle.words import SIDE_KINDS, EventKind, Side
from policy_match.strict_yaml import read_file
from policy_match.units import parse_area, parse_money


def load_lifecycle(path: Path) -> LifecycleTable:
    """Read the table; RuleError with every fault of the file as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(WrittenLifecycle, findings)
    table = None if written is None else _Reader(written, findings).table()
    issues = (*findings.document.issues, *findings.issues)
    if table is None or issues:
        raise RuleError(*issues)
    return table


class _Reader:
    """One file whose shape is right, on its way to a table."""

    def __init__(self, written: WrittenLifecycle, findings: Findings) -> None:
        self.written, self.findings = written, findings
        self.names = Names(written, findings)

    def table(self) -> LifecycleTable:
        w, names = self.written, self.names
        return LifecycleTable(
            reading=w.reading,
            sources={str(key): text for key, text in w.sources.items()},
            roles={key: Role(key, role.name, role.own_area) for key, role in w.roles.items()},
            overall=self.overall(),
            variants={key: Variant(key, variant.name, variant.kind) for key, variant in w.variants.items()},
            points=self.points(),
            intervals=self.intervals(),
            transitions=self.transitions(),
            batches=self.batches(),
            side_names={side: str(getattr(w.sides, side)) for side in Side},
            side_moves=self.side_moves(),
            corrections=Corrections(
                self.who(w.corrections.who, ("corrections", "who")),
                self.groups(w.corrections.evidence, ("corrections", "evidence")),
            ),
            handover_within=names.term(w.handover.accept_within, ("handover", "accept_within")),
            handover_source=w.handover.source,
            labels={**w.stages, **names.labels},
            observed_only=frozenset(w.observed_only),
            clocks=clocks_of(w, names),
            gauges=gauges_of(w, names),
            milestones=self.milestones(),
            upcoming_days=names.days(w.upcoming.within, ("upcoming", "within")),
            upcoming_source=w.upcoming.source,
            tickets=tickets_of(w, names),
            visits=visits_of(w, names),
            tours=TourRules(w.tours.per_quarter, w.tours.source),
            may=may_of(w, names),
            imports=sources_of(w.imports, "imports", names),
            tells=sources_of(w.tells, "tells", names),
            tiers=tiers_of(w, names),
            tiers_source=w.tiers.source,
            usd_line_cents=names.amount(w.tiers.usd_line, ("tiers", "usd_line"), parse_money),
            targets=targets_of(w, names),
            land_quota=QuotaRules(
                w.land_quota.level,
                Fraction(names.amount(w.land_quota.tolerance, ("land_quota", "tolerance"), parse_area)),
                w.land_quota.source,
            ),
            land_pool=PoolRules(frozenset(w.land_pool.levels), self.city(), w.land_pool.source),
            environment_quota=EnvironmentRules(
                w.environment_quota.unit, tuple(w.environment_quota.pollutants), w.environment_quota.source
            ),
        )

    def overall(self) -> str:
        self.names.role(self.written.overall, ("overall",))
        return self.written.overall

    def city(self) -> str:
        written = self.written.land_pool.city
        return self.findings.read(("land_pool", "city"), lambda: canonical_region(written)) or written

    # points and what lies between them

    def points(self) -> tuple[Point, ...]:
        self.names.once("points", [point.id for point in self.written.points])
        self.names.once("points", [point.name for point in self.written.points])
        for place, point in enumerate(self.written.points):
            if point.early is not None:
                self.names.step(point.early, ("points", place, "early"))
        return tuple(Point(p.id, p.name, p.early, tuple(p.opens), p.fact) for p in self.written.points)

    def intervals(self) -> dict[str | None, Interval]:
        found: dict[str | None, Interval] = {}
        for place, i in enumerate(self.written.intervals):
            at: Place = ("intervals", place)
            self.names.role(i.lead, (*at, "lead"))
            if i.after is not None:
                self.names.point(i.after, (*at, "after"))
            if i.stage is not None:
                self.names.stage(i.stage, (*at, "stage"))
            elif i.after is not None:
                self.findings.refuse(
                    "LIFECYCLE_STAGE", f"区间“{i.name}”没有写阶段", at, self.names.stages, "补上 stage"
                )
            if i.after in found:
                self.findings.refuse(
                    "LIFECYCLE_INTERVAL", f"区间“{i.name}”与“{found[i.after].name}”起点相同", at, "每个跟踪点一个区间"
                )
            found[i.after] = Interval(i.after, i.name, i.lead, i.stage, tuple(i.work), i.source)
        for after, name in ((None, "首个跟踪点之前"), *((p.id, f"“{p.name}”之后") for p in self.written.points)):
            if after not in found:
                self.findings.refuse(
                    "LIFECYCLE_INTERVAL",
                    f"{name}没有区间，也就没有牵头单位",
                    ("intervals",),
                    "每个跟踪点一个区间",
                    "补上一项",
                )
        return found

    def transitions(self) -> tuple[Transition, ...]:
        self.names.once("transitions", [move.id for move in self.written.transitions])
        moves = tuple(
            self.transition(move, ("transitions", place)) for place, move in enumerate(self.written.transitions)
        )
        for place, point in enumerate(self.written.points):
            if all(move.to != point.id for move in moves):
                what = f"没有到“{point.name}”的办理，项目走不到这一点"
                self.findings.refuse(
                    "LIFECYCLE_POINT", what, ("points", place), "transitions 中 to 为这一点的一项", "补上一项"
                )
        return moves

    def transition(self, move: WrittenTransition, at: Place) -> Transition:
        names = self.names
        known = names.point(move.to, (*at, "to")) and (move.from_ is None or names.point(move.from_, (*at, "from")))
        for place, left in enumerate(move.leaves_out):
            known = names.point(left, (*at, "leaves_out", place)) and known
        if known:
            order = [point.id for point in self.written.points]
            first, last = 0 if move.from_ is None else order.index(move.from_) + 1, order.index(move.to)
            skipped = order[first:last]
            if last < first:
                self.findings.refuse(
                    "LIFECYCLE_SKIP", "办理只能往后一个跟踪点", (*at, "to"), "后一个跟踪点", "改 from 或 to"
                )
            elif skipped != move.leaves_out or (skipped and move.from_ is not None):
                text = "、".join(names.labels[point] for point in skipped) or "无"
                hint = "改 to；首次入库确可略过的，写在 leaves_out"
                self.findings.refuse("LIFECYCLE_SKIP", f"办理跳过了跟踪点：{text}", (*at, "to"), "后一个跟踪点", hint)
        for place, variant in enumerate(move.reason_for):
            names.variant(variant, (*at, "reason_for", place))
        return Transition(
            id=move.id,
            start=move.from_,
            to=move.to,
            who=self.who(move.who, (*at, "who")),
            evidence=self.groups(move.evidence, (*at, "evidence")),
            keys=tuple(move.keys),
            causes=self.causes(move.causes, (*at, "causes")),
            reason_for=frozenset(move.reason_for),
        )

    def batches(self) -> tuple[tuple[str, ...], ...]:
        order = [point.id for point in self.written.points]
        for place, batch in enumerate(self.written.batches):
            fits = [self.names.point(point, ("batches", place, index)) for index, point in enumerate(batch)]
            if all(fits) and order[order.index(batch[0]) :][: len(batch)] != batch:
                self.findings.refuse(
                    "LIFECYCLE_SKIP",
                    "一并补录的跟踪点不相连",
                    ("batches", place),
                    "、".join(order),
                    "按次序写相连的跟踪点",
                )
        return tuple(tuple(batch) for batch in self.written.batches)

    def side_moves(self) -> dict[EventKind, SideMove]:
        self.names.once("side_moves", [move.event for move in self.written.side_moves])
        found = {
            EventKind(m.event): self.side_move(m, ("side_moves", p)) for p, m in enumerate(self.written.side_moves)
        }
        missing = [kind for kind in SIDE_KINDS if kind not in found]
        if missing:
            what = f"没有写 {'、'.join(missing)} 怎样办理"
            self.findings.refuse("LIFECYCLE_SIDE", what, ("side_moves",), "、".join(SIDE_KINDS), "各写一项")
        return found

    def side_move(self, move: WrittenSideMove, at: Place) -> SideMove:
        if move.to is None and move.event != EventKind.UNMERGE:
            self.findings.refuse("LIFECYCLE_SIDE", f"“{move.name}”没有写到哪里", at, "、".join(Side), "补上 to")
        return SideMove(
            kind=EventKind(move.event),
            name=move.name,
            starts=frozenset(Side(side) for side in move.from_),
            to=None if move.to is None else Side(move.to),
            who=self.who(move.who, (*at, "who")),
            evidence=self.groups(move.evidence, (*at, "evidence")),
            causes=self.causes(move.causes, (*at, "causes")),
            reason=move.reason,
            expected=move.expected,
            survivor=move.survivor,
            no_open_cases=move.no_open_cases,
        )

    # parts of moves

    def who(self, written: Iterable[WrittenWho], at: Place) -> tuple[Who, ...]:
        found = []
        for place, one in enumerate(written):
            self.names.role(one.role, (*at, place, "role"), lead=True)
            if one.confirm is not None:
                self.names.role(one.confirm, (*at, place, "confirm"), lead=True)
            found.append(Who(one.role, one.source, one.confirm, self.names.variants_in(one.for_, (*at, place, "for"))))
        return tuple(found)

    def groups(self, written: Iterable[str | WrittenGroup], at: Place) -> tuple[EvidenceGroup, ...]:
        found = []
        for place, group in enumerate(written):
            if isinstance(group, str):
                found.append(EvidenceGroup(group, (frozenset([group]),)))
                continue
            kinds = tuple(frozenset([one] if isinstance(one, str) else one) for one in group.any)
            variants = self.names.variants_in(group.for_, (*at, place, "for"))
            found.append(EvidenceGroup(group.name, kinds, variants, group.if_needed))
        return tuple(found)

    def causes(self, written: Iterable[str | WrittenCause], at: Place) -> tuple[Cause, ...]:
        found = []
        for place, cause in enumerate(written):
            if isinstance(cause, str):
                found.append(Cause(cause))
                continue
            if cause.point is not None:
                self.names.point(cause.point, (*at, place, "point"))
            held = None if cause.held is None else self.names.term(cause.held, (*at, place, "held"), working=False)
            evidence = self.groups(cause.evidence, (*at, place, "evidence"))
            sides = frozenset(Side(side) for side in cause.from_)
            found.append(Cause(cause.name, evidence, cause.point, held, sides, cause.source or ""))
        return tuple(found)

    # the lists

    def milestones(self) -> tuple[MilestoneKind, ...]:
        found = []
        for place, step in enumerate(self.written.milestones):
            at: Place = ("milestones", place)
            self.names.role(step.owner, (*at, "owner"))
            if step.point is not None:
                self.names.point(step.point, (*at, "point"))
            if (step.point is None) == (step.id is None) or (step.id is None) != (step.name is None):
                self.findings.refuse(
                    "LIFECYCLE_STEP", "里程碑写 id 和 name，或只写 point", at, "{id, name, owner} 或 {point, owner}"
                )
            key = step.id or step.point or ""
            label = step.name or self.names.labels.get(key, key)
            variants = self.names.variants_in(step.for_, (*at, "for"))
            found.append(MilestoneKind(key, label, step.owner, step.optional, variants, tuple(step.parts)))
        self.names.once("milestones", [step.id for step in found])
        return tuple(found)
