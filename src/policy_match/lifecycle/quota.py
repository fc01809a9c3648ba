"""Two ledgers of quota (a third, of land below the province, is in `pools.py`): land plan of province-level major projects, and environment capacity of the city.

Entries are only added; one is undone by a REVERSED entry that names it. An entry that would break the
ledger is refused. This has nothing to do with payouts: no notice, no consent, no money. Areas are ㎡,
pollutants t/a, both exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Protocol, TypeVar

from policy_match.errors import Issue
from policy_match.lifecycle.table import LifecycleTable
from policy_match.units import format_area, format_count

REVERSED = "REVERSED"
_NO_SUCH, _SAME = "要冲销的分录不存在、已冲销，或项目和数额不同", "有效分录的项目和数额"
_Entry = TypeVar("_Entry", bound="Undoable")


class Undoable(Protocol):
    """An entry of a ledger: `kind` REVERSED undoes the entry that `reverses` names."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def reverses(self) -> str | None: ...


class LandKind(StrEnum):
    """Steps of the land-plan quota, in their order, and undoing."""

    IDENTIFIED = "IDENTIFIED"
    ASSURED = "ASSURED"
    APPROVED = "APPROVED"
    WRITTEN_OFF = "WRITTEN_OFF"
    REVERSED = "REVERSED"


LAND_NAMES = {
    LandKind.IDENTIFIED: "需求认定",
    LandKind.ASSURED: "计划保障",
    LandKind.APPROVED: "批准",
    LandKind.WRITTEN_OFF: "核销",
}


@dataclass(frozen=True, slots=True)
class LandEntry:
    """One entry. `year`: of the list the project stands on; `reverses`: the entry undone by a REVERSED one."""

    id: str
    project: str
    year: int
    kind: LandKind
    area_m2: Fraction
    doc_no: str = ""
    reverses: str | None = None


def land_balance(entries: Iterable[LandEntry], *, year: int, project: str | None = None) -> Fraction:
    """Assured and not yet written off, in ㎡, of a project or of all."""
    own = [entry for entry in standing(entries) if entry.year == year and project in (None, entry.project)]
    return _sum(own, LandKind.ASSURED) - _sum(own, LandKind.WRITTEN_OFF)


def check_land(
    entry: LandEntry, entries: Iterable[LandEntry], major_level: str | None, table: LifecycleTable
) -> tuple[Issue, ...]:
    """What is wrong with an entry: QUOTA_SCOPE, QUOTA_DOC_USED, QUOTA_BALANCE; nothing: it may be added.

    `major_level`: of the project in the list year; not known is not the level asked. A step never exceeds the one
    before it, up to the tolerance of unit conversion.
    """
    rules, before = table.land_quota, tuple(entries)
    if major_level != rules.level:
        what = f"土地计划“免申即享”核销只用于{rules.level}项目，该项目为“{major_level or '级别待核实'}”"
        return (Issue("QUOTA_SCOPE", what, entry.id, rules.level, "走分级保障"),)
    if entry.area_m2 <= 0:
        return (Issue("QUOTA_BALANCE", "面积须大于零", entry.id, "", "冲销请用冲销分录"),)
    after = standing((*before, entry))
    found: list[Issue] = []
    if entry.kind is LandKind.REVERSED and not any(_undoes(entry, e) for e in standing(before)):
        found.append(Issue("QUOTA_BALANCE", _NO_SUCH, entry.id, _SAME))
    if entry.kind is LandKind.APPROVED and any(
        e.doc_no == entry.doc_no for e in standing(before) if e.kind is LandKind.APPROVED
    ):
        found.append(Issue("QUOTA_DOC_USED", f"批准文号“{entry.doc_no}”已用过", entry.id, "每个文号一次", "核对文号"))
    own = [e for e in after if (e.project, e.year) == (entry.project, entry.year)]
    return (*found, *_steps_fit(own, rules.tolerance_m2, entry))


def _undoes(entry: LandEntry, other: LandEntry) -> bool:
    same = (entry.project, entry.year, entry.area_m2) == (other.project, other.year, other.area_m2)
    return same and entry.reverses == other.id


def _steps_fit(own: list[LandEntry], tolerance: Fraction, entry: LandEntry) -> tuple[Issue, ...]:
    steps = list(LAND_NAMES)
    for lower, upper in pairwise(steps):
        over = _sum(own, upper) - _sum(own, lower)
        if over > tolerance:
            what = f"{LAND_NAMES[upper]}面积超出{LAND_NAMES[lower]}面积 {format_area(over)}"
            left = format_area(_sum(own, lower))
            return (Issue("QUOTA_BALANCE", what, entry.id, f"合计不超过 {left}", "核对面积和单位"),)
    return ()


def _sum(entries: Iterable[LandEntry], kind: LandKind) -> Fraction:
    return sum((entry.area_m2 for entry in entries if entry.kind is kind), Fraction(0))


class EnvironmentKind(StrEnum):
    """TOTAL adds to what the city has, REQUESTED asks, ALLOCATED gives to a project, RELEASED gives back, REVERSED undoes."""

    TOTAL = "TOTAL"
    REQUESTED = "REQUESTED"
    ALLOCATED = "ALLOCATED"
    RELEASED = "RELEASED"
    REVERSED = "REVERSED"


@dataclass(frozen=True, slots=True)
class EnvironmentEntry:
    """One entry for one pollutant. `project` empty for the total of the city; `amount` in t/a."""

    id: str
    pollutant: str
    kind: EnvironmentKind
    amount: Fraction
    project: str = ""
    doc_no: str = ""
    reverses: str | None = None


def environment_balance(entries: Iterable[EnvironmentEntry], pollutant: str) -> Fraction:
    """What is left to allocate of a pollutant, in t/a: the total, less what is allocated and not released."""
    sign = {EnvironmentKind.TOTAL: 1, EnvironmentKind.RELEASED: 1, EnvironmentKind.ALLOCATED: -1}
    own = (entry for entry in standing(entries) if entry.pollutant == pollutant)
    return sum((entry.amount * sign.get(entry.kind, 0) for entry in own), Fraction(0))


def check_environment(entry: EnvironmentEntry, entries: Iterable[EnvironmentEntry]) -> tuple[Issue, ...]:
    """ENV_BALANCE for an entry that leaves less than nothing of its pollutant, or releases more than the project holds."""
    before = tuple(entries)
    key = (entry.project, entry.pollutant, entry.amount)
    undone = next((e for e in standing(before) if e.id == entry.reverses), None)
    if entry.kind is EnvironmentKind.REVERSED and (
        undone is None or key != (undone.project, undone.pollutant, undone.amount)
    ):
        return (Issue("ENV_BALANCE", _NO_SUCH, entry.id, _SAME),)
    if entry.amount <= 0:
        return (Issue("ENV_BALANCE", "排放量须大于零", entry.id, "", "冲销请用冲销分录"),)
    after = (*before, entry)
    left, held = environment_balance(after, entry.pollutant), _held(after, entry)
    if left < 0:
        allowed = f"不超过 {_tonnes(environment_balance(before, entry.pollutant))}"
        return (
            Issue(
                "ENV_BALANCE",
                f"{entry.pollutant}指标不足，缺 {_tonnes(-left)}",
                entry.id,
                allowed,
                "先增加总量或释放指标",
            ),
        )
    if entry.project and held < 0:
        return (
            Issue(
                "ENV_BALANCE",
                f"释放的{entry.pollutant}指标多于项目持有的",
                entry.id,
                f"不超过 {_tonnes(_held(before, entry))}",
            ),
        )
    return ()


def _held(entries: Iterable[EnvironmentEntry], entry: EnvironmentEntry) -> Fraction:
    """What the project of an entry holds of its pollutant."""
    own = [e for e in standing(entries) if (e.project, e.pollutant) == (entry.project, entry.pollutant)]
    given = sum((e.amount for e in own if e.kind is EnvironmentKind.ALLOCATED), Fraction(0))
    return given - sum((e.amount for e in own if e.kind is EnvironmentKind.RELEASED), Fraction(0))


def _tonnes(amount: Fraction) -> str:
    return format_count(amount, "吨/年")


def standing(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    """Entries that are not undone, without those that undo."""
    held = tuple(entries)
    undone = {entry.reverses for entry in held if entry.kind == REVERSED}
    return tuple(entry for entry in held if entry.kind != REVERSED and entry.id not in undone)
