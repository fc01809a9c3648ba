"""Read the scripted history of the demonstration library: what is done on which day, by whom, with which evidence.

Days count from the day on which the library is opened, so that a first start always shows lights
and reports of these weeks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from policy_match.authoring.findings import Findings
from policy_match.authoring.shape import read_shape
from policy_match.dates import parse_date
from policy_match.eligibility.schema import Name, Say, Strict
from policy_match.errors import RuleError
from policy_match.strict_yaml import read_file

_Code = Annotated[str, Field(pattern=r"^D\d{3}$")]


class Step(Strict):
    """One step. `day`: when it is recorded; `on`: when it happened, the same day without one. `projects`: the same for each
    of them; `every`: again after so many days, until the opening; `days`: facts that are days, as `on`. Parts a step has no use for stay empty."""

    day: int = Field(ge=-400, le=0)
    do: Literal[
        "agent", "tell", "advance", "pause", "resume", "correct", "close", "update", "visit", "ticket", "milestone",
        "stop_rule", "lift_rule", "verify_texts", "case", "indicators", "growth", "open_item", "figure", "evaluate",
        "look_back", "recheck",
    ]  # fmt: skip
    measure: Name | None = None
    measures: list[Name] = []
    as_of: Say | None = None
    version: int = Field(default=1, ge=1)
    project: _Code | None = None
    projects: list[_Code] = []
    every: int | None = Field(default=None, ge=1)
    text: Say | None = None
    on: int | None = None
    by: Say = "development"
    second: Say | None = None
    third: Say | None = None
    name: Say | None = None
    unit: Say | None = None
    point: Say | None = None
    what: Say | None = None
    evidence: list[Say] = []
    facts: dict[str, Say] = {}
    days: dict[str, int] = {}
    pipeline: Name | None = None
    project_code: Say | None = None
    source: Name | Annotated[str, Field(pattern="^[A-Z]+$")] = "DISTRICT"
    record: Say | None = None
    cause: Say = "其他"
    expected: int | None = None
    reason: Say = "其他"


class History(Strict):
    """The script. `enter`: the day on which the projects enter; it is not played if that day lies before `not_before`."""

    schema_: Literal["history/1"] = Field(alias="schema")
    enter: int = Field(ge=-400, le=0)
    not_before: Say
    steps: list[Step]

    @property
    def single_steps(self) -> list[Step]:
        """Every step of one project on one day, in time."""
        found = []
        for step in self.steps:
            days = range(step.day, 0, step.every) if step.every else (step.day,)
            for day in days:
                for code in step.projects or (step.project,):
                    found.append(step.model_copy(update={"day": day, "project": code}))
        return sorted(found, key=lambda step: step.day)

    @property
    def first_day(self) -> int:
        """`not_before` as an ordinal."""
        return int(parse_date(self.not_before).low or 0)


def load_history(path: Path) -> History:
    """The script of a file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(History, findings)
    issues = (*findings.document.issues, *findings.issues)
    if written is None or issues:
        raise RuleError(*issues)
    return written
