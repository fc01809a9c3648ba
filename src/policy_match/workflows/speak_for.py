"""Who may speak for a source: bring its whole register, or write single facts in its name.

Both are data, `imports` and `tells` of rules/lifecycle.yaml: a source gives a fact its weight, so that nobody may
borrow the name of another one. A role of an area brings the rows of its own area only.
"""

from __future__ import annotations

from collections.abc import Iterable

from policy_match.access.scope import FIRM
from policy_match.errors import Forbidden, Issue, UsageError
from policy_match.identifiers import region_path
from policy_match.lifecycle.table import LifecycleTable, Who
from policy_match.store.tables import Actor
from policy_match.workflows.read_records import Record

_IMPORTER = "importer"


def require_importer(source: str, who: Actor, table: LifecycleTable) -> None:
    """Refuse who may not bring the register of a source; Forbidden SOURCE_ROLE."""
    allowed = table.imports.get(source, ())
    if not _is_one_of(allowed, who):
        what = f"“{who.name}”不导入 {source} 的报表"
        raise Forbidden(Issue("SOURCE_ROLE", what, "--by", _names(allowed, table), "请由允许的单位导入"))


def require_any_teller(source: str, who: Actor, table: LifecycleTable) -> None:
    """Refuse who neither brings the register of a source nor writes in its name; Forbidden SOURCE_ROLE."""
    allowed = (*table.imports.get(source, ()), *table.tells.get(source, ()))
    if not _is_one_of(allowed, who):
        what = f"“{who.name}”不能以“{source}”的名义报送"
        raise Forbidden(Issue("SOURCE_ROLE", what, "--source", _names(allowed, table), "请由允许的单位报送"))


def speaks_for_project(record: Record, who: Actor, table: LifecycleTable) -> bool:
    """Whether a project is one for which an actor may speak: a firm its own, a role of an area those of the area."""
    if who.firm is not None or who.role == FIRM:
        return record.firm is not None and who.firm in (record.firm.code, record.firm.uscc)
    return not table.roles[who.role].own_area or (
        record.region is not None and not lies_outside(record.region, who, table)
    )


def require_teller(sources: Iterable[str], who: Actor, table: LifecycleTable) -> None:
    """Refuse a person, and no import, that speaks for a system (UsageError SOURCE) or for somebody else (Forbidden
    SOURCE_ROLE)."""
    for source in sources if who.role != _IMPORTER else ():
        if source not in table.tells:
            what = f"不能以“{source}”的名义手工登记事实"
            hint = "系统的数据只从系统导入；与系统数据不一致的，以部门填报如实登记，两种说法都保留"
            raise UsageError(Issue("SOURCE", what, "--source", "、".join(table.tells), hint))
        if not _is_one_of(table.tells[source], who):
            own = "、".join(name for name, allowed in table.tells.items() if _is_one_of(allowed, who))
            what = f"“{who.name}”不能以“{source}”的名义登记"
            hint = f"改用 --source {own.split('、')[0]}" if own else "请由允许的单位登记"
            raise Forbidden(Issue("SOURCE_ROLE", what, "--source", own or _names(table.tells[source], table), hint))


def lies_outside(region: str, who: Actor, table: LifecycleTable) -> bool:
    """Whether a region is none of the actor's, whose role is of an area."""
    return table.roles[who.role].own_area and who.region not in region_path(region)


def _is_one_of(allowed: Iterable[Who], who: Actor) -> bool:
    return any(one.role == who.role for one in allowed)


def _names(allowed: Iterable[Who], table: LifecycleTable) -> str:
    return "、".join(table.roles[one.role].name for one in allowed)
