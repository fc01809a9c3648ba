"""What stands in the audit chain, for auditors: rows by who, what, when and with which result, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from policy_match.errors import Issue, UsageError
from policy_match.settings import LOCAL
from policy_match.store import actors, audit
from policy_match.store.audit import Break, Sought
from policy_match.store.tables import Audit
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import Row, Rows

MOST = 20_000
RESULTS = {"done": "已办", "forbidden": "不准办", "refused": "没有办成"}
GROUPS = {
    "access": "查阅、导出", "account": "账号", "sign_in": "登录", "password": "密码", "second_factor": "动态口令", "key": "密钥",
    "delegation": "代理", "identity": "身份关联", "project": "项目", "event": "推进、更正", "review": "审核匹配",
    "msjx": "免申即享", "release": "规则版本", "rule": "规则停用", "import": "导入", "doubt": "待核实", "month": "月调度",
    "subscription": "订阅", "visit": "走访", "update": "进展", "milestone": "里程碑", "ticket": "问题单", "tour": "现场推进",
    "light": "亮灯说明", "handover": "交接", "agent": "代办人", "liaison": "联络人", "quota": "要素指标", "waiting": "关联",
    "care": "日常维护", "pipeline": "清单", "look_back": "回头看",
}  # fmt: skip
_HEADER = {
    "seq": "序号", "at": "时间", "name": "经办人", "role": "角色", "group": "事项", "action": "动作", "about": "对象",
    "library": "项目库", "result": "结果", "reason": "原因", "acts_for": "代谁办", "terminal": "终端", "trace": "追踪号",
    "detail": "内容",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chain:
    """The state of the chain. `rows`: its length; `looked_at`: how many of the newest were checked; `broken` None: they hold."""

    rows: int
    looked_at: int
    head: str
    broken: Break | None


def look_at_chain(archive: Archive, most: int) -> Chain:
    """Check the newest `most` rows; the whole chain takes the command `audit verify`."""
    with archive.database.reading() as session:
        head = audit.head(session)
        if head is None:
            return Chain(0, 0, "", None)
        return Chain(head.seq, min(most, head.seq), head.row_hash, audit.break_in_last(session, most))


def days_between(since: date | None, through: date | None) -> tuple[datetime | None, datetime | None]:
    """The instants at which the local days begin and have ended; None: without that end."""
    return (
        None if since is None else _midnight(since),
        None if through is None else _midnight(through + timedelta(days=1)),
    )


def audit_page(archive: Archive, sought: Sought, first: int, most: int) -> tuple[int, Rows]:
    """How many rows there are, and at most `most` of them without the `first` ones."""
    with archive.database.reading() as session:
        found, names = audit.found(session, sought, first, most), actors.names(session)
        return audit.count(session, sought), _rows(found, names)


def every_audit_row(archive: Archive, sought: Sought) -> Rows:
    """All rows that are asked for; UsageError LIMIT for more than a table takes."""
    total, rows = audit_page(archive, sought, 0, MOST)
    if total > MOST:
        what = f"有 {total} 行，一个表最多 {MOST} 行"
        raise UsageError(Issue("LIMIT", what, "since、through", f"{MOST} 行以内", "缩短日期或加上别的筛选，分几次导出"))
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def _rows(found: Sequence[Audit], names: dict[str, str]) -> Rows:
    return Rows("审计记录", _HEADER, [_row(one, names) for one in found])


def _row(row: Audit, names: dict[str, str]) -> Row:
    return {
        "seq": row.seq,
        "at": row.at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S"),
        "actor": row.actor,
        "name": names.get(row.actor, row.actor),
        "role": row.role,
        "group": GROUPS.get(row.action.partition(".")[0], ""),
        "action": row.action,
        "kind": row.object_kind,
        "about": row.object_id,
        "library": row.library,
        "result": RESULTS.get(row.result, row.result),
        "reason": row.reason,
        "acts_for": row.acts_for,
        "terminal": row.terminal,
        "trace": row.trace_id,
        "detail": "" if row.detail == "{}" else row.detail,
    }
