"""Write everything in the database into one file, from which `restore` fills an empty one of either kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match import __version__
from policy_match.errors import Issue, UsageError
from policy_match.exchange.backup_file import BackupWriter, ChainHead, Manifest, Part, writing_backup
from policy_match.store import audit, dump
from policy_match.store.database import Database, revision_of
from policy_match.workflows.progress import tracked

_TOLD = {
    "subjects": "主体", "facts": "事实", "log": "办理记录", "cases": "办件", "payments": "拨付", "audit": "审计记录",
}  # fmt: skip


def back_up(database: Database, target: Path, now: datetime) -> str:
    """What was written, in words: the state of one instant, while others may go on writing.

    UsageError if the database has no tables, or the file is there already or cannot be written.
    """
    with database.snapshot() as session:
        revision = revision_of(session.connection())
        if revision is None:
            hint = "检查地址；新库先运行 init"
            raise UsageError(Issue("DATABASE_EMPTY", "库里还没有表", "POLICY_MATCH_DATABASE_URL", "", hint))
        with writing_backup(target) as file:
            parts = _add_tables(session, file)
            manifest = Manifest(
                engine=__version__, revision=revision, taken_at=now, audit=chain_head(session), tables=parts
            )
            file.end(manifest)
    return f"已备份到 {target}（{target.stat().st_size / 1024**2:.1f} MB）：{counted(parts)}"


def _add_tables(session: Session, file: BackupWriter) -> tuple[Part, ...]:
    found = []
    for table in dump.tables_of(session.connection()):
        rows = tracked(dump.rows_of(session, table), dump.count(session, table), f"备份 {table.name}")
        found.append(file.add(table.name, rows))
    return tuple(found)


def chain_head(session: Session) -> ChainHead | None:
    """The newest row of the audit chain, as a manifest tells it; None while nothing was done."""
    head = audit.head(session)
    return None if head is None else ChainHead(seq=head.seq, row_hash=head.row_hash, at=head.at)


def counted(parts: Iterable[Part]) -> str:
    """How many rows there are, and how many of those that people ask for."""
    rows = {part.name: part.rows for part in parts}
    named = [f"{title} {rows[name]}" for name, title in _TOLD.items() if name in rows]
    return f"{len(rows)} 张表 {sum(rows.values())} 行，其中{'、'.join(named)}"
