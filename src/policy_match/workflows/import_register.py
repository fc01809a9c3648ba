"""Import the file of one source: read it as its register says, then take it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from policy_match.dates import local_day
from policy_match.errors import Issue, UsageError
from policy_match.exchange.registers import load_register, read_register
from policy_match.store.actors import actor
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.note_report import ReportOf
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.speak_for import require_importer
from policy_match.workflows.take_contacts import ZQT, take_contacts
from policy_match.workflows.take_in import Delivery, Taken, take_in


def import_register(
    archive: Archive,
    library: str,
    source: str,
    file: Path,
    *,
    by: str,
    now: datetime,
    strict: bool = False,
    may_shrink: bool = False,
    report: ReportOf | None = None,
) -> Taken:
    """Read and keep, as the `report` of a month where it is one.

    UsageError SOURCE for a source without register, Forbidden SOURCE_ROLE for who may not bring it (before the file is
    read), and those of reading and taking in.
    """
    folder = archive.rules / "registers"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if source.upper() not in known:
        hint = "改用列出的来源代码"
        raise UsageError(Issue("SOURCE", f"不认识的来源“{source[:20]}”", str(folder), "、".join(known), hint))
    about = f"{source.upper()} {file.name}"
    with noting_forbidden(archive, "import", about, by, now), archive.database.reading() as session:
        require_importer(source.upper(), actor(session, by, local_day(now)), archive.table)
    register = load_register(folder / f"{source.upper()}.yaml", archive.vocabulary, archive.table)
    intake = read_register(file, register, archive.vocabulary, at=now)
    delivery = Delivery(
        source.upper(), file.name, intake, by, is_whole=register.is_whole, strict=strict, may_shrink=may_shrink,
        report=report,
    )  # fmt: skip
    taken = take_in(archive, library, delivery, now)
    if register.source != ZQT:
        return taken
    made = take_contacts(archive, library, intake, by=by, now=now)
    return replace(taken, notes=(*taken.notes, f"账号已关联本系统的人登记为企业联系人：新增 {made} 个"))
