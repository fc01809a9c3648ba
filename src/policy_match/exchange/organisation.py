"""Read `rules/organisation.yaml` strictly: units of the list, roles of the lifecycle, nobody's work left without a unit.

Refused with file and line: a unit that corpus/taxonomies/units.yaml does not hold, a role or level that does not
exist, a role that owns steps or problems and has no unit, a district without a unit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from policy_match.authoring.findings import Findings, Place
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Name, Say, Strict
from policy_match.errors import Issue, RuleError, UsageError
from policy_match.facts.taxonomies import Taxonomies
from policy_match.identifiers import DISTRICTS, canonical_region, region_name
from policy_match.lifecycle.organisation import Area, Group, Organisation
from policy_match.lifecycle.table import LEAD, LifecycleTable
from policy_match.strict_yaml import read_file

_Level = Literal["CITY", "DISTRICT", "PARK", "TOWN"]
_LIST = "corpus/taxonomies/units.yaml"


class _WrittenGroup(Strict):
    meaning: Say
    units: list[Say] = Field(min_length=1)


class _WrittenArea(Strict):
    region: Say
    unit: Say
    level: _Level


class _WrittenOrganisation(Strict):
    schema_: Literal["organisation/1"] = Field(alias="schema")
    reading: Say
    levels: dict[_Level, Say] = Field(min_length=1)
    groups: dict[Literal["G1", "G3", "GX"], _WrittenGroup] = Field(min_length=3)
    responsibility: dict[Name, Say] = Field(min_length=1)
    areas: list[_WrittenArea] = Field(min_length=1)


def load_organisation(path: Path, table: LifecycleTable, lists: Taxonomies) -> Organisation:
    """Read the file; RuleError with every fault by file and line, UsageError if there is none.

    A corpus without a list of units leaves their names free.
    """
    if not path.is_file():
        raise UsageError(Issue("FOLDER", f"没有 {path.name}", str(path.parent), path.name, "检查规则目录是否完整"))
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_WrittenOrganisation, findings)
    found = None if written is None else _Reader(written, findings, table, lists).organisation()
    issues = (*findings.document.issues, *findings.issues)
    if found is None or issues:
        raise RuleError(*issues)
    return found


class _Reader:
    """A file whose shape is right, on its way to an organisation."""

    def __init__(
        self, written: _WrittenOrganisation, findings: Findings, table: LifecycleTable, lists: Taxonomies
    ) -> None:
        self.written, self.findings, self.table, self.names = written, findings, table, lists.unit_names

    def organisation(self) -> Organisation:
        groups = tuple(
            Group(
                key, group.meaning, tuple(self.unit(u, ("groups", key, "units", i)) for i, u in enumerate(group.units))
            )
            for key, group in self.written.groups.items()
        )
        duties = {role: self.unit(unit, ("responsibility", role)) for role, unit in self.written.responsibility.items()}
        for role in duties:
            if role not in self.table.roles or self.table.roles[role].own_area:
                allowed = "、".join(key for key, one in self.table.roles.items() if not one.own_area)
                self.findings.refuse(
                    "ORG_ROLE", f"单位“{role}”不是全市的单位", ("responsibility", role), allowed, "改名或删去"
                )
        areas = tuple(self.area(area, ("areas", place)) for place, area in enumerate(self.written.areas))
        self.nothing_left_over(duties, areas)
        return Organisation(
            self.written.reading,
            {str(level): name for level, name in self.written.levels.items()},
            groups,
            duties,
            areas,
        )

    def unit(self, name: str, at: Place) -> str:
        if self.names and name not in self.names:
            self.findings.refuse(
                "ORG_UNIT", f"单位“{name}”不在 {_LIST} 中", at, "名录中的名称", "改名，或先在名录中登记"
            )
        return self.names.get(name, name)

    def area(self, area: _WrittenArea, at: Place) -> Area:
        region = self.findings.read((*at, "region"), lambda: canonical_region(area.region)) or area.region
        if area.level not in self.written.levels:
            self.findings.refuse(
                "ORG_LEVEL", f"层级 {area.level} 没有名称", (*at, "level"), "、".join(self.written.levels)
            )
        return Area(region, self.unit(area.unit, (*at, "unit")), area.level)

    def nothing_left_over(self, duties: dict[str, str], areas: tuple[Area, ...]) -> None:
        """Every role that owns a step or a problem has a unit, and every district has one."""
        owners = [step.owner for step in self.table.milestones]
        owners += [cause.owner for cause in self.table.tickets.causes.values() if cause.owner != LEAD]
        owners += [interval.lead for interval in self.table.intervals.values()]
        for role in dict.fromkeys(owners):
            if not self.table.roles[role].own_area and role not in duties:
                what = f"“{self.table.roles[role].name}”（{role}）负责里程碑或问题，却没有单位"
                self.findings.refuse("ORG_EMPTY", what, ("responsibility",), "每个负责的角色一个单位", f"补上 {role}")
        for code in DISTRICTS:
            if all(area.region != code for area in areas):
                self.findings.refuse(
                    "ORG_EMPTY", f"{region_name(code)}没有单位", ("areas",), "七个地区各一个单位", "补上一项"
                )
