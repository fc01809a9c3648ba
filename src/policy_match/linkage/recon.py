"""The monthly comparison of the library with the 固投库: every pair with its class, and the 列统 gap.

Pairs come by project code, or because the record was linked to the project before; never by name. Two records on one
project are told (DUP_CODE) and not compared. Domain specification 7.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from policy_match.linkage.classes import Clock, FaiRecord, Finding, Kind, LibraryProject, Light, classify

_BEYOND_GRACE = (Light.YELLOW, Light.RED)


@dataclass(frozen=True, slots=True)
class Ours:
    """A project of the library. `district`: reporting unit, None if unknown; `filed_fen`: total investment as filed.

    `lit`: the light of its own clock from start to 列统 with the day it came on, paused days taken out; None where that
    clock does not run. `is_active`: whether it counts; one that does not is only told of where the 固投库 lists it.
    """

    code: str
    name: str
    district: str | None
    project: LibraryProject
    filed_fen: int | None
    lit: tuple[Light, date] | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Theirs:
    """A record of the 固投库. `of`: 库内编号 of the project it was linked to, None while it waits for one."""

    record: str
    name: str | None
    district: str | None
    fai: FaiRecord
    of: str | None = None


@dataclass(frozen=True, slots=True)
class ReconRow:
    """A pair, or what one side has alone, with its class."""

    ours: Ours | None
    theirs: Theirs | None
    finding: Finding

    @property
    def district(self) -> str | None:
        """The district that the row belongs to; None if neither side tells it."""
        sides = (self.ours, self.theirs)
        return next((side.district for side in sides if side is not None and side.district is not None), None)


@dataclass(frozen=True, slots=True)
class Gap:
    """Started projects that are missing beyond the time of grace: how many, their filed investment in 分.

    `unfiled`: how many of them have no filed investment and are not in the sum; `undated`: started projects whose
    day of start nobody knows, which are in neither figure.
    """

    projects: int
    filed_fen: int
    unfiled: int
    undated: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Rows by class, code and record. `unjudged`: records without a project of unknown size, of which nothing can be said."""

    rows: tuple[ReconRow, ...]
    unjudged: int

    def count(self, kind: Kind) -> int:
        """How many rows have a class."""
        return sum(row.finding.kind is kind for row in self.rows)

    @property
    def gap(self) -> Gap:
        """The 列统 gap of these rows."""
        missing = [row for row in self.rows if row.finding.kind is Kind.LIB_STARTED_NOT_FAI and row.ours is not None]
        late = [row.ours.filed_fen for row in missing if row.finding.light in _BEYOND_GRACE and row.ours is not None]
        return Gap(
            projects=len(late),
            filed_fen=sum(fen for fen in late if fen is not None),
            unfiled=late.count(None),
            undated=sum(row.finding.light is None for row in missing),
        )

    def within(self, district: str | None) -> Reconciliation:
        """The rows of one district (None: of none known); of a record that nobody can judge, no district is told."""
        return Reconciliation(tuple(row for row in self.rows if row.district == district), 0)


def reconcile(ours: Iterable[Ours], theirs: Sequence[Theirs], *, as_of: date, clock: Clock) -> Reconciliation:
    """Put both sides together and give every row its class; rows of which nothing is to be said are left out."""
    projects = tuple(ours)
    by_code = {one.project.project_code or "": one.code for one in projects if one.project.project_code}
    placed: dict[str | None, list[Theirs]] = {}
    for record in theirs:
        at = record.of if record.of is not None else by_code.get(record.fai.project_code or "")
        placed.setdefault(at, []).append(record)
    alone = placed.get(None, [])
    codes = Counter(one.project.project_code for one in projects)
    rows = [row for one in projects for row in _of_project(one, placed.get(one.code, []), codes, as_of, clock)]
    rows += _without_project(alone, as_of, clock)
    unjudged = sum(one.fai.investment_fen is None and bool(one.fai.project_code) for one in alone)
    return Reconciliation(tuple(sorted(rows, key=_order)), unjudged)


def _of_project(
    one: Ours, records: Sequence[Theirs], codes: Counter[str | None], as_of: date, clock: Clock
) -> Iterator[ReconRow]:
    is_shared = len(records) > 1 or (one.project.project_code is not None and codes[one.project.project_code] > 1)
    for record in records or (None,):
        if record is None and not one.is_active:
            continue
        fai = None if record is None else record.fai
        found = classify(one.project, fai, as_of=as_of, clock=clock, is_shared=is_shared)
        if found is not None:
            yield ReconRow(one, record, _lit(found, one))


def _lit(found: Finding, one: Ours) -> Finding:
    """The project's own clock knows of pauses, the class alone does not."""
    if found.kind is not Kind.LIB_STARTED_NOT_FAI or one.lit is None:
        return found
    light, since = one.lit
    return replace(found, light=light, since=since)


def _without_project(alone: Sequence[Theirs], as_of: date, clock: Clock) -> Iterator[ReconRow]:
    codes = Counter(one.fai.project_code for one in alone)
    for record in alone:
        is_shared = bool(record.fai.project_code) and codes[record.fai.project_code] > 1
        found = classify(None, record.fai, as_of=as_of, clock=clock, is_shared=is_shared)
        if found is not None:
            yield ReconRow(None, record, found)


def _order(row: ReconRow) -> tuple[int, str, str]:
    place = list(Kind).index(row.finding.kind)
    return place, "" if row.ours is None else row.ours.code, "" if row.theirs is None else row.theirs.record
