"""What stands around an event: the project, who asks and who confirms, what others hold; and who is entitled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.errors import Issue
from policy_match.identifiers import region_path
from policy_match.lifecycle.table import LEAD, LifecycleTable, Who


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or an import. `role`: an id of the table; `regions`: codes of the own areas, for roles that have one."""

    id: str
    role: str
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """One request to record something about one project.

    `variant`: an id of the table; `valid_keys`: kinds of key the project has, valid and not taken; `code_taken_by`:
    the library number of another active project with its code; `needed`: names of evidence that its class needs;
    `open_cases`: payouts paid or being paid; `closed_months`: year*12 + month − 1; `version_seen`, `version_now`:
    of the row, and `changed_by`, who wrote it last; `seen_keys`: idempotency keys already taken; `barred`: by kind of
    key, why the holder of a key that is valid in itself may not go on.
    """

    variant: str
    region: str
    actor: Actor
    today: date
    second: Actor | None = None
    closed_months: frozenset[int] = frozenset()
    valid_keys: frozenset[str] = frozenset()
    code_taken_by: str | None = None
    needed: frozenset[str] = frozenset()
    open_cases: tuple[str, ...] = ()
    version_seen: int = 0
    version_now: int = 0
    changed_by: str = ""
    seen_keys: frozenset[str] = frozenset()
    barred: Mapping[str, Issue] = field(default_factory=dict)


def entitled(who: Iterable[Who], source: str, lead: str, table: LifecycleTable, case: Case) -> bool:
    """Whether one of `who` fits the actor, the source and, where asked, a second person; `lead`: the role that leads."""
    return any(
        (not one.variants or case.variant in one.variants)
        and (one.source is None or one.source == source)
        and _is(case.actor, one.role, lead, table, case)
        and (one.confirm is None or _confirms(case.second, one.confirm, lead, table, case))
        for one in who
    )


def _confirms(second: Actor | None, role: str, lead: str, table: LifecycleTable, case: Case) -> bool:
    return second is not None and second.id != case.actor.id and _is(second, role, lead, table, case)


def _is(actor: Actor, role: str, lead: str, table: LifecycleTable, case: Case) -> bool:
    if actor.role != (lead if role == LEAD else role):
        return False
    return not table.roles[actor.role].own_area or not actor.regions.isdisjoint(region_path(case.region))


def who_may(who: Iterable[Who], lead: str, table: LifecycleTable, case: Case) -> str:
    """Those entitled, in words."""
    texts = []
    for one in who:
        if one.variants and case.variant not in one.variants:
            continue
        role, confirm = (lead if name == LEAD else name for name in (one.role, one.confirm))
        text = table.roles[role or lead].name + (f"（来源 {one.source}）" if one.source else "")
        texts.append(text + (f"，由{table.roles[confirm].name}的另一人确认" if confirm else ""))
    return "；".join(dict.fromkeys(texts))
