"""Fill an empty database from a backup, all of it or nothing, and see that the audit chain holds in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.exchange.backup_file import Backup, ChainHead, Manifest, open_backup
from policy_match.settings import LOCAL
from policy_match.store import dump
from policy_match.store.database import Database, migrate, revision_of, revisions
from policy_match.workflows.back_up import chain_head, counted
from policy_match.workflows.progress import tracked
from policy_match.workflows.verify_audit import check_chain, read_heads

_WHERE = "POLICY_MATCH_DATABASE_URL"


def restore(database: Database, source: Path, against: Path | None) -> tuple[str, str]:
    """What was filled in and what became of the audit chain, in words. `against`: a file of heads kept elsewhere.

    The tables are made as they were when the backup was taken, filled, and brought to the newest schema. UsageError if
    the file is no sound backup, is of a newer program, or its chain does not hold; Conflict if the database is not
    empty or its tables are newer than the backup. Nothing is left behind then.
    """
    kept = read_heads(against)
    with open_backup(source) as backup:
        manifest = backup.manifest
        _check_known(manifest, source)
        with _told(source), database.writing() as session:
            _make_tables(session, manifest.revision)
            _fill(session, backup, source)
            migrate(session.connection())
            _check_head(chain_head(session), manifest.audit, source)
            chain = check_chain(session, kept)
    return f"已恢复 {manifest.taken_at.astimezone(LOCAL):%Y-%m-%d %H:%M} 的备份：{counted(manifest.tables)}", chain


def _check_known(manifest: Manifest, source: Path) -> None:
    if manifest.revision not in revisions():
        what = f"备份来自更新的程序（版本 {manifest.engine}，表结构 {manifest.revision}）"
        raise UsageError(Issue("BACKUP_NEWER", what, str(source), f"表结构至 {revisions()[-1]}", "先升级程序再恢复"))


def _make_tables(session: Session, revision: str) -> None:
    """The tables as they were at a revision; Conflict if there is anything in them or they are newer already."""
    connection = session.connection()
    _check_empty(session)
    _check_not_newer(connection, revision)
    migrate(connection, revision)


def _check_empty(session: Session) -> None:
    filled = dump.filled_table(session)
    if filled is not None:
        hint = f"新建一个空库，把 {_WHERE} 指向它；现在的库不动"
        raise Conflict(Issue("RESTORE_NOT_EMPTY", f"目标库不是空的：表 {filled} 有内容", _WHERE, "空库", hint))


def _check_not_newer(connection: Connection, revision: str) -> None:
    there, known = revision_of(connection), revisions()
    if there is not None and (there not in known or known.index(there) > known.index(revision)):
        what = f"目标库的表结构（{there}）比备份的（{revision}）新"
        hint = f"新建一个还没有表的库，把 {_WHERE} 指向它；恢复时按备份建表，再升级"
        raise Conflict(Issue("RESTORE_TABLES", what, _WHERE, f"没有表，或表结构至 {revision}", hint))


def _fill(session: Session, backup: Backup, source: Path) -> None:
    rows = {part.name: part.rows for part in backup.manifest.tables}
    tables = dump.tables_of(session.connection())
    strange = rows.keys() ^ {table.name for table in tables}
    if strange:
        what = f"备份的表与表结构 {backup.manifest.revision} 不同：{'、'.join(sorted(strange))}"
        raise UsageError(Issue("BACKUP_TABLES", what, str(source), "", "换一份备份；库中不要放别的程序的表"))
    for table in tables:
        with _told(source, table.name):
            filled = tracked(backup.rows(table.name), rows[table.name], f"恢复 {table.name}")
            dump.fill(session, table, filled)


def _check_head(found: ChainHead | None, told: ChainHead | None, source: Path) -> None:
    if found != told:
        hint = "不要使用这份备份，换一份"
        raise UsageError(Issue("BACKUP_DAMAGED", "审计链的最后一行与清单不同", str(source), "", hint))


@contextmanager
def _told(source: Path, table: str = "") -> Iterator[None]:
    """Say in Chinese that the database, or the type of a column, does not take what the backup says."""
    try:
        yield
    except (SQLAlchemyError, KeyError, TypeError, ValueError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        what = f"数据库不收{f'表 {table} 的一行' if table else '这份备份'}（{reason}）"
        hint = "什么都没有写入；检查数据库和磁盘，或换一份备份"
        raise UsageError(Issue("RESTORE_REFUSED", what, str(source), "", hint)) from error
