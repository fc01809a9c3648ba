"""The matrix of rights: who may read, write or approve what, and how far. Domain specification §10.1.

What is not written is not allowed. The finer conditions of an act (which stage, whose measure, a second person) stay
with the workflow that does it; nobody gets that far without the right here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy_match.access.key_scopes import KeyScope
from policy_match.access.viewer import Means, Viewer
from policy_match.errors import Forbidden, Issue

VISITOR = "visitor"


class Right(StrEnum):
    """What may be done; no right holds another one."""

    READ = "read"
    WRITE = "write"
    APPROVE = "approve"


class Reach(StrEnum):
    """How far a right goes. OWN: own area, firm or measures; BAND: figures as ranges; PUBLIC: what anybody may know."""

    ALL = "all"
    OWN = "own"
    BAND = "band"
    PUBLIC = "public"


RIGHT_NAMES = {Right.READ: "查看", Right.WRITE: "办理", Right.APPROVE: "审批"}
REACH_NAMES = {Reach.ALL: "全部", Reach.OWN: "本级", Reach.BAND: "只看区间", Reach.PUBLIC: "公开的"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one role may do in one row; `only` says in words what narrows it further."""

    reach: Mapping[Right, Reach]
    only: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """One row of the matrix. `actions`: lists of rules/lifecycle.yaml that belong to it; `needs_second_factor`: for any right."""

    id: str
    name: str
    cells: Mapping[str, Cell]
    actions: tuple[str, ...] = ()
    needs_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Permissions:
    """All rows by id. `public_sources`: registers whose facts anybody may know; `sensitive`: facts shown by reach."""

    capabilities: Mapping[str, Capability]
    public_sources: frozenset[str]
    sensitive: frozenset[str]

    def reach(self, viewer: Viewer, capability: str, right: Right) -> Reach | None:
        """How far the right of a viewer goes in a row; None: not at all.

        A key reads, writes or subscribes as its scopes say and never approves, exports or administers.
        """
        row = self.capabilities[capability]
        cell = row.cells.get(viewer.role)
        if cell is None or (viewer.means is Means.KEY and not _key_may(viewer, row, right)):
            return None
        return cell.reach.get(right)

    def require(self, viewer: Viewer, capability: str, right: Right) -> Reach:
        """The same; Forbidden PERMISSION without the right, SECOND_FACTOR where a fresh code is asked for first."""
        row = self.capabilities[capability]
        found = self.reach(viewer, capability, right)
        if found is None:
            what = f"“{viewer.name}”没有“{row.name}”的{RIGHT_NAMES[right]}权"
            hint = "请先登录" if viewer.means is Means.NONE else "请由有权的单位办理，或请管理员核对角色"
            raise Forbidden(Issue("PERMISSION", what, capability, "", hint))
        if (right is Right.APPROVE or row.needs_second_factor) and found is not Reach.PUBLIC and not viewer.is_strong:
            what = f"“{row.name}”的{RIGHT_NAMES[right]}要先输动态口令"
            raise Forbidden(Issue("SECOND_FACTOR", what, capability, "", "在“我的账号”页输入动态口令后再办"))
        return found


def _key_may(viewer: Viewer, row: Capability, right: Right) -> bool:
    if right is Right.APPROVE or row.needs_second_factor:
        return False
    return (KeyScope.SUBSCRIBE if row.id == "push" else KeyScope(right.value)) in viewer.key_scopes
