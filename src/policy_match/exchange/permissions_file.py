"""Read `rules/permissions.yaml` strictly: roles and lists of the lifecycle, facts and registers of the vocabulary.

Refused with file and line: a role, fact, register or list that does not exist, a role in two rows of one cell, and a
list of rules/lifecycle.yaml that lets somebody act who has no right to write or approve in its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from policy_match.access.permissions import VISITOR, Capability, Cell, Permissions, Reach, Right
from policy_match.authoring.findings import Findings
from policy_match.authoring.lifecycle_shape import Source
from policy_match.authoring.shape import read_shape
from policy_match.eligibility.schema import Name, Say, Strict
from policy_match.errors import RuleError
from policy_match.facts.vocabulary import Vocabulary
from policy_match.lifecycle.table import LEAD, LifecycleTable
from policy_match.strict_yaml import read_file

_DEPARTMENTS = "departments"
_Reach = Literal["all", "own", "band", "public"]
# No people: they act for sources, and their rights stand in `imports` of the lifecycle.
_JOBS = frozenset({"importer"})


class _Cell(Strict):
    read: _Reach | None = None
    write: _Reach | None = None
    approve: _Reach | None = None
    only: Say | None = None


class _Capability(Strict):
    name: Say
    actions: list[Name] = Field(default_factory=list)
    second_factor: bool = False
    cells: dict[Name, _Cell] = Field(min_length=1)


class _Written(Strict):
    schema_: Literal["permissions/1"] = Field(alias="schema")
    reading: Say
    source: Source
    public_sources: list[Say]
    sensitive: list[Name]
    departments: list[Name]
    capabilities: dict[Name, _Capability] = Field(min_length=1)


def load_permissions(path: Path, table: LifecycleTable, vocabulary: Vocabulary) -> Permissions:
    """Read the file; RuleError with every fault as `file:line`."""
    findings = Findings(read_file(path, shown_as=f"{path.parent.name}/{path.name}"))
    written = None if findings.document.issues else read_shape(_Written, findings)
    if written is not None:
        _Checks(written, findings, table, vocabulary).all()
    issues = (*findings.document.issues, *findings.issues)
    if written is None or issues:
        raise RuleError(*issues)
    return Permissions(
        capabilities={name: _capability(name, row, written.departments) for name, row in written.capabilities.items()},
        public_sources=frozenset(written.public_sources),
        sensitive=frozenset(written.sensitive),
    )


def _capability(name: str, row: _Capability, departments: list[str]) -> Capability:
    cells = {
        role: Cell(dict(_rights(cell)), cell.only or "")
        for written, cell in row.cells.items()
        for role in (departments if written == _DEPARTMENTS else [written])
    }
    return Capability(name, row.name, cells, tuple(row.actions), row.second_factor)


def _rights(cell: _Cell) -> Iterator[tuple[Right, Reach]]:
    for right, reach in ((Right.READ, cell.read), (Right.WRITE, cell.write), (Right.APPROVE, cell.approve)):
        if reach is not None:
            yield right, Reach(reach)


class _Checks:
    """What the shape alone cannot tell."""

    def __init__(self, written: _Written, findings: Findings, table: LifecycleTable, vocabulary: Vocabulary) -> None:
        self.written, self.findings, self.table, self.vocabulary = written, findings, table, vocabulary

    def all(self) -> None:
        """Names first, then who may act."""
        roles = [role for role in self.table.roles if role not in _JOBS]
        self.known(self.written.public_sources, self.vocabulary.registers, "public_sources", "来源")
        self.known(self.written.sensitive, self.vocabulary.facts, "sensitive", "事实")
        self.known(self.written.departments, dict.fromkeys(roles), "departments", "角色")
        for name, row in self.written.capabilities.items():
            self.roles(name, row, roles)
            for place, action in enumerate(row.actions):
                self.action(name, row, place, action)

    def known(self, names: list[str], allowed: Mapping[str, object], key: str, what: str) -> None:
        for place, name in enumerate(names):
            if name not in allowed:
                self.findings.refuse("PERMISSION_NAME", f"没有{what}“{name}”", (key, place), "、".join(allowed)[:400])

    def roles(self, name: str, row: _Capability, roles: list[str]) -> None:
        for role in row.cells:
            if role not in (*roles, VISITOR, _DEPARTMENTS) or role in self.written.departments:
                allowed = "、".join([one for one in roles if one not in self.written.departments])
                what = f"“{role}”不能单独写" if role in self.written.departments else f"没有角色“{role}”"
                path = ("capabilities", name, "cells", role)
                self.findings.refuse("PERMISSION_ROLE", what, path, f"{allowed}、{_DEPARTMENTS}、{VISITOR}")

    def action(self, name: str, row: _Capability, place: int, action: str) -> None:
        path = ("capabilities", name, "actions", place)
        if action not in self.table.may:
            self.findings.refuse(
                "PERMISSION_NAME", f"lifecycle.yaml 的 may 中没有“{action}”", path, "、".join(self.table.may)
            )
            return
        for who in self.table.may[action]:
            cell = row.cells.get(_DEPARTMENTS if who.role in self.written.departments else who.role)
            acts = cell is not None and (cell.write or cell.approve) is not None
            if who.role != LEAD and who.role not in _JOBS and not acts:
                what = f"lifecycle.yaml 允许“{self.table.roles[who.role].name}”办“{action}”，这里没有 write 或 approve"
                self.findings.refuse("PERMISSION_DRIFT", what, path, "", "两处改成一致")
