"""Check the audit chain against itself and against heads kept outside the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy.orm import Session

from policy_match.errors import Issue, UsageError
from policy_match.exchange.tables import why_not
from policy_match.store import audit
from policy_match.store.audit import Head
from policy_match.workflows.open_archive import Archive


def verify_audit(archive: Archive, against: Path | None) -> str:
    """A sentence if the chain holds; UsageError AUDIT_BROKEN naming the first row that is wrong otherwise."""
    kept = read_heads(against)
    with archive.database.reading() as session:
        return check_chain(session, kept)


def check_chain(session: Session, kept: Sequence[Head]) -> str:
    """A sentence if the chain, as the session sees it, holds and agrees with the heads; UsageError AUDIT_BROKEN otherwise."""
    found, head = audit.first_break(session, kept), audit.head(session)
    if found is not None:
        raise UsageError(
            Issue("AUDIT_BROKEN", found.what, f"第 {found.seq} 行", "", "保全现场，由审计人员核查数据库和备份")
        )
    rows = 0 if head is None else head.seq
    return f"审计链完好：{rows} 行" + (f"，与库外留存的 {len(kept)} 个链头一致" if kept else "")


def keep_head(archive: Archive, out: Path, now: datetime) -> str:
    """Add the newest row's number and hash to a file outside; UsageError if there is none or the file cannot be written."""
    with archive.database.reading() as session:
        head = audit.head(session)
    if head is None:
        raise UsageError(Issue("AUDIT_EMPTY", "还没有审计记录", "", "", "有办理记录后再导出"))
    line = orjson.dumps({"seq": head.seq, "row_hash": head.row_hash, "at": head.at, "kept_at": now})
    try:
        with out.open("ab") as target:
            target.write(line + b"\n")
    except OSError as error:
        raise UsageError(
            Issue("FILE_WRITE", f"写不了文件（{why_not(error)}）", str(out), "", "检查路径和权限")
        ) from None
    return f"链头第 {head.seq} 行已写入 {out}"


def read_heads(path: Path | None) -> list[Head]:
    """The heads that `keep_head` wrote into a file, none without one; UsageError HEADS if it is no such file."""
    if path is None:
        return []
    try:
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        return [Head(int(one["seq"]), str(one["row_hash"]), datetime.fromisoformat(one["at"])) for one in lines]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            Issue("HEADS", "读不出链头文件", str(path), "audit heads 写出的文件", "检查文件是否完整")
        ) from None
