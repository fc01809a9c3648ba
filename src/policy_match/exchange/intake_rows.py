"""What a register's file says, row by row, before anything is looked up in the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.errors import Issue
from policy_match.exchange.refusals import Refusal
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.lifecycle.clocks import Mark
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.milestones import Milestone


@dataclass(frozen=True, slots=True)
class Firm:
    """The enterprise of a row: its credit code, checked, its name, its code in the library; not all may be missing."""

    uscc: str | None
    name: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ToldPoint:
    """A point that the source says was reached, with the evidence it holds."""

    point: str
    on: date
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something of a taken row that a person has to look at: the value is set apart, not used. `issue.code` names it."""

    column: str
    value: str
    issue: Issue


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One row that can be taken. `code`: 库内编号 if the file has one; `record`: the source's own number of the record.

    `observations` are of the project (or the enterprise where `kind` is that), `firm_observations` of its firm.
    `doubts` are kept for a person; `warnings` are told and nothing more. `extra`: columns of the source's own, as
    written, kept when the row opens a record; `month`: YYYY-MM of which the row reports, None if it names none.
    """

    row: int
    kind: Kind
    code: str | None
    name: str | None
    keys: tuple[Given, ...]
    firm: Firm | None
    observations: tuple[Observation, ...] = ()
    firm_observations: tuple[Observation, ...] = ()
    points: tuple[ToldPoint, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    marks: tuple[Mark, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[Doubt, ...] = ()
    record: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    month: str | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """A file read: rows in its order, rows refused, notes to tell; `encoding` of a text file; `columns` as read."""

    rows: tuple[IntakeRow, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]
    file_sha256: str
    encoding: str | None = None
    columns: tuple[str, ...] = ()
