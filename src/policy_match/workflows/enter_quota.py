"""Enter a step in the ledger of land-plan quota or of environment capacity; entries are only added, and undone by another.

The land ledger is the notice's 用地计划“免申即享”核销制: it has no notice, no consent and no payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TypeVar

from policy_match.errors import Conflict, Issue, PolicyMatchError, UsageError
from policy_match.lifecycle.quota import (
    LAND_NAMES,
    EnvironmentEntry,
    EnvironmentKind,
    LandEntry,
    LandKind,
    check_environment,
    check_land,
)
from policy_match.store import log
from policy_match.units import parse_area, parse_count
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View, read_records
from policy_match.workflows.write_entry import By, Desk, at_desk, at_library_desk, write_to_library

LAND_WORDS = {**LAND_NAMES, LandKind.REVERSED: "冲销"}
ENVIRONMENT_WORDS = {
    EnvironmentKind.TOTAL: "总量", EnvironmentKind.REQUESTED: "申请", EnvironmentKind.ALLOCATED: "分配",
    EnvironmentKind.RELEASED: "释放", EnvironmentKind.REVERSED: "冲销",
}  # fmt: skip
_USAGE = frozenset({"QUOTA_SCOPE"})
_Kind = TypeVar("_Kind", LandKind, EnvironmentKind)


@dataclass(frozen=True, slots=True)
class LandStep:
    """What is asked. `kind` by id or name, `area` as written; `year` of the list the project stands on."""

    project: str
    kind: str
    area: str
    year: int
    doc_no: str = ""
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentStep:
    """What is asked. `project` None: the total of the city; `amount` as written, in the table's unit."""

    pollutant: str
    kind: str
    amount: str
    project: str | None = None
    doc_no: str = ""
    reverses: str | None = None


def enter_land_quota(archive: Archive, asked: LandStep, by: By) -> LandEntry:
    """Add the entry. UsageError QUOTA_SCOPE and for wrong words, Conflict QUOTA_BALANCE or QUOTA_DOC_USED, Forbidden CARE_ROLE."""
    kind = read_kind(asked.kind, LAND_WORDS)
    if kind is LandKind.APPROVED and not asked.doc_no.strip():
        raise UsageError(Issue("QUOTA_DOC", "批准须写批准文号", "--doc", "用地批准或供地文号", "补上文号"))
    area = Fraction(parse_area(asked.area))
    with at_desk(archive, asked.project, by) as desk:
        desk.require("land_quota")
        entry = LandEntry(
            "", desk.project.code, asked.year, kind, area, asked.doc_no.strip(), entry_number(asked.reverses)
        )
        before = log.of_library(desk.session, LandEntry, by.library)
        refuse(check_land(entry, before, major_level(desk, asked.year), archive.table), desk.project.code)
        detail = {"kind": kind.value, "area_m2": str(area), "year": asked.year, "doc": entry.doc_no}
        return desk.write(entry, "quota.land", on=by.today, detail=detail)


def enter_environment_quota(archive: Archive, asked: EnvironmentStep, by: By) -> EnvironmentEntry:
    """Add the entry. UsageError for wrong words, Conflict ENV_BALANCE, Forbidden CARE_ROLE."""
    rules, kind = archive.table.environment_quota, read_kind(asked.kind, ENVIRONMENT_WORDS)
    pollutant = asked.pollutant.strip()
    if pollutant not in rules.pollutants:
        what = f"没有污染物“{pollutant[:20]}”"
        raise UsageError(Issue("ENV_POLLUTANT", what, "", "、".join(rules.pollutants), "用列出的名称"))
    if kind in (EnvironmentKind.REQUESTED, EnvironmentKind.ALLOCATED, EnvironmentKind.RELEASED) and not asked.project:
        raise UsageError(
            Issue("ENV_PROJECT", f"{ENVIRONMENT_WORDS[kind]}须写项目", "--project", "库内编号", "写上项目")
        )
    if kind is EnvironmentKind.TOTAL and asked.project:
        raise UsageError(Issue("ENV_PROJECT", "总量是全市的，不写项目", "--project", "", "删去 --project"))
    amount = Fraction(parse_count(asked.amount, rules.unit))
    entry = EnvironmentEntry("", pollutant, kind, amount, "", asked.doc_no.strip(), entry_number(asked.reverses))
    detail = {"pollutant": pollutant, "kind": kind.value, "amount": str(amount), "doc": entry.doc_no}
    if asked.project:
        with at_desk(archive, asked.project, by) as desk:
            desk.require("environment_quota")
            entry = replace(entry, project=desk.project.code)
            before = log.of_library(desk.session, EnvironmentEntry, by.library)
            refuse(check_environment(entry, before), desk.project.code)
            return desk.write(entry, "quota.environment", on=by.today, detail=detail)
    with at_library_desk(archive, "environment_quota", by) as (session, who):
        refuse(check_environment(entry, log.of_library(session, EnvironmentEntry, by.library)), pollutant)
        return write_to_library(session, who, entry, "quota.environment", by=by, on=by.today, detail=detail)


def read_kind(written: str, words: dict[_Kind, str]) -> _Kind:
    """A kind of entry by id or name; UsageError QUOTA_KIND with those there are."""
    text = written.strip()
    found = next((kind for kind, name in words.items() if text.upper() == kind.value or text == name), None)
    if found is None:
        allowed = "、".join(f"{kind.value} {name}" for kind, name in words.items())
        raise UsageError(Issue("QUOTA_KIND", f"没有分录种类“{text[:20]}”", "", allowed, "改用其中一个"))
    return found


def entry_number(written: str | None) -> str | None:
    """The number of an entry as the log gives it, with or without leading zeros."""
    return None if written is None else written.strip().zfill(9)


def major_level(desk: Desk, year: int) -> str | None:
    """The major level that is known of the project in a year: on its last day, or today if that is still to come."""
    last = date(year, 12, 31)
    if last >= desk.by.today:
        return desk.record.choice("major_level")
    view = View.of(last, None, desk.by.now)
    return read_records(desk.session, desk.archive, [desk.project], view)[0].choice("major_level")


def refuse(issues: Sequence[Issue], where: str) -> None:
    """Refuse an entry that has faults: UsageError out of scope, Conflict for a balance; nothing where there is none."""
    if not issues:
        return
    told = [replace(issue, where=where) for issue in issues]
    error: type[PolicyMatchError] = UsageError if {issue.code for issue in told} & _USAGE else Conflict
    raise error(*told)
