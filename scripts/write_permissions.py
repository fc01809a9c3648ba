"""Write docs/permissions.zh.md from rules/permissions.yaml: every right of every role, as the program reads it."""

from __future__ import annotations

from pathlib import Path

from policy_match.access.permissions import REACH_NAMES, RIGHT_NAMES, VISITOR, Cell, Permissions
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.exchange.permissions_file import load_permissions
from policy_match.lifecycle.table import LifecycleTable
from policy_match.workflows.open_rules import open_vocabulary

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "docs" / "permissions.zh.md"
HEAD = """# 谁能看什么、办什么

由 `python scripts/write_permissions.py` 从 `rules/permissions.yaml` 写出，改那个文件，不改这里。没有列出的就是不能。

- **全部**：整个库；**本级**：本地区、本企业，或本单位主管的措施；**只看区间**：数值只给所在区间；**公开的**：公开页面上本来就有的。
- 看不到的一律当作没有（404）；登录的人试图看，留审计。办理还要过流程表和规则的条件：哪个阶段、哪家主管、要不要第二个人。
- 审批、导出和管理要先输动态口令。接口密钥只有读、写、订阅三种用途，不能审批、导出、管理。
"""


def document() -> str:
    """The whole document."""
    vocabulary = open_vocabulary(ROOT / "rules", ROOT / "corpus")
    table = load_lifecycle(ROOT / "rules" / "lifecycle.yaml")
    permissions = load_permissions(ROOT / "rules" / "permissions.yaml", table, vocabulary)
    sections = [HEAD, *(section(name, permissions, table) for name in permissions.capabilities)]
    hidden = "、".join(vocabulary[name].label for name in sorted(permissions.sensitive))
    sections.append(f"## 按角色给区间或不给的数值\n\n{hidden}\n")
    return "\n".join(sections)


def section(name: str, permissions: Permissions, table: LifecycleTable) -> str:
    """One row of the matrix: roles with the same rights stand in one line."""
    row = permissions.capabilities[name]
    roles: dict[str, list[str]] = {}
    for role, cell in row.cells.items():
        shown = "不登录的人" if role == VISITOR else table.roles[role].name
        roles.setdefault(text(cell), []).append(shown)
    lines = [f"| {'、'.join(names)} | {rights} |" for rights, names in roles.items()]
    mark = "（要动态口令）" if row.needs_second_factor else ""
    return "\n".join([f"## {row.name}{mark}", "", "| 谁 | 可以 |", "|---|---|", *lines, ""])


def text(cell: Cell) -> str:
    """The rights of one cell in words."""
    rights = "、".join(f"{RIGHT_NAMES[right]}（{REACH_NAMES[reach]}）" for right, reach in cell.reach.items())
    return rights + (f"；限{cell.only}" if cell.only else "")


if __name__ == "__main__":
    PLACE.write_text(document(), "utf-8")
