"""The rules of a lifecycle file for tickets, visits, tiers and targets, and of who records them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time

from policy_match.authoring.findings import Place
from policy_match.authoring.lifecycle_names import Names
from policy_match.authoring.lifecycle_shape import WrittenLifecycle
from policy_match.lifecycle.table import (
    DayBand,
    TargetRules,
    TicketCause,
    TicketKind,
    TicketRules,
    TierBound,
    VisitRules,
    Who,
)
from policy_match.units import parse_money
from policy_match.working_days import Term


def tickets_of(written: WrittenLifecycle, names: Names) -> TicketRules:
    """Kinds of ticket and how they climb."""
    t, term = written.tickets, names.term
    kinds = {
        key: TicketKind(key, k.name, _working(k.due, ("tickets", "kinds", key, "due"), names), k.units, k.source)
        for key, k in t.kinds.items()
    }
    return TicketRules(
        kinds=kinds,
        levels=tuple(t.levels),
        first=_working(t.escalate.first, ("tickets", "escalate", "first"), names),
        again=_working(t.escalate.again, ("tickets", "escalate", "again"), names),
        reopen_within=term(t.reopen_within, ("tickets", "reopen_within")),
        unconfirmed_after=term(t.unconfirmed_after, ("tickets", "unconfirmed_after")),
        severities=tuple(t.severities),
        causes=_causes(written, names),
        source=t.source,
    )


def _causes(written: WrittenLifecycle, names: Names) -> dict[str, TicketCause]:
    causes = written.tickets.causes
    names.once("tickets", [cause.name for cause in causes], ("causes",))
    for place, cause in enumerate(causes):
        names.role(cause.owner, ("tickets", "causes", place, "owner"), lead=True)
    return {cause.name: TicketCause(cause.name, cause.owner, cause.unit) for cause in causes}


def may_of(written: WrittenLifecycle, names: Names) -> dict[str, tuple[Who, ...]]:
    """Who records what, by the sort of entry."""
    found = {}
    for action in type(written.may).model_fields:
        roles: list[str] = getattr(written.may, action)
        for place, role in enumerate(roles):
            names.role(role, ("may", action, place), lead=True)
        found[action] = tuple(Who(role) for role in roles)
    return found


def sources_of(written: Mapping[str, Sequence[str]], section: str, names: Names) -> dict[str, tuple[Who, ...]]:
    """Who speaks for each source of a section; whoever leads is no answer here, for a file is of no one project."""
    for source, roles in written.items():
        for place, role in enumerate(roles):
            names.role(role, (section, source, place))
    return {source: tuple(Who(role) for role in roles) for source, roles in written.items()}


def _working(text: str, at: Place, names: Names) -> Term:
    """A term in working days alone: what tickets count in."""
    term = names.term(text, at)
    if term.working <= 0 or (term.period.months, term.period.days) != (0, 0):
        names.findings.refuse("TERM_UNIT", f"“{text}”应以工作日计", at, "5个工作日", "改单位")
    return term


def visits_of(written: WrittenLifecycle, names: Names) -> VisitRules:
    """Whom to visit, and until when an entry is in time."""
    v = written.visits
    for place, stage in enumerate(v.stages):
        names.stage(stage, ("visits", "stages", place))
    hours, minutes = (int(part) for part in v.late.time.split(":"))
    return VisitRules(frozenset(v.stages), v.needs_agent, v.late.days, time(hours, minutes), v.source)


def tiers_of(written: WrittenLifecycle, names: Names) -> tuple[TierBound, ...]:
    """The tiers, rising from the first, which has no floor."""
    bounds = written.tiers.bounds
    names.once("tiers", [tier.id for tier in bounds], ("bounds",))
    found, last = [], -1
    for place, tier in enumerate(bounds):
        at: Place = ("tiers", "bounds", place)
        floor = 0 if tier.from_ is None else names.amount(tier.from_, (*at, "from"), parse_money)
        if (place == 0) != (tier.from_ is None) or floor <= last:
            hint = "首档不写 from，其余从低到高"
            names.findings.refuse("LIFECYCLE_TIER", f"分档“{tier.name}”的下限不对", at, "逐档升高", hint)
        last = floor
        found.append(TierBound(tier.id, tier.name, floor))
    return tuple(found)


def targets_of(written: WrittenLifecycle, names: Names) -> TargetRules:
    """The two targets, with the steps they read."""
    t = written.targets
    for key, steps in (("from", t.land_start.from_), ("to", t.land_start.to)):
        for place, step in enumerate(steps):
            names.step(step, ("targets", "land_start", key, place))
    names.step(t.early_service.service, ("targets", "early_service", "service"))
    names.step(t.early_service.acceptance, ("targets", "early_service", "acceptance"))
    names.point(t.early_service.completed, ("targets", "early_service", "completed"))
    bands = tuple(
        DayBand(band.name, names.term(band.within, ("targets", "land_start", "bands", place, "within")))
        for place, band in enumerate(t.land_start.bands)
    )
    return TargetRules(
        land_from=tuple(t.land_start.from_),
        land_to=tuple(t.land_start.to),
        bands=bands,
        counts_within=names.days(t.land_start.counts_within, ("targets", "land_start", "counts_within")),
        land_goal=t.land_start.goal,
        service=t.early_service.service,
        acceptance=t.early_service.acceptance,
        completed=t.early_service.completed,
        service_goal=t.early_service.goal,
        levels=frozenset(t.levels),
        goal_source=t.goal_source,
        source=t.source,
    )
