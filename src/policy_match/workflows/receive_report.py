"""Take in the workbook of a district of a month as somebody hands it in, and give the empty one out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from policy_match.dispatch.month import Month
from policy_match.errors import Issue, UsageError
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.table import LifecycleTable
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.close_month import refuse_open_month
from policy_match.workflows.follow_month import unknown_report
from policy_match.workflows.import_register import import_register
from policy_match.workflows.issue_template import REGISTER, issue_templates
from policy_match.workflows.note_export import note_export
from policy_match.workflows.note_report import ReportOf
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.take_in import Taken
from policy_match.workflows.write_entry import By

KINDS = (".xlsx", ".csv")
_NO_NAME = re.compile(r"[\x00-\x1f\x7f/\\\\]")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file with the name that it had where it came from, or is to have."""

    name: str
    content: bytes


def receive_report(archive: Archive, report: ReportOf, given: Workbook, by: By) -> Taken:
    """Keep what can be kept of the file.

    NotFound REPORT_UNKNOWN for a district that is none or another one's, Forbidden SOURCE_ROLE for who may not bring
    reports, UsageError FILE_KIND for a name of another ending, and those of `import_register`.
    """
    _check(archive, report, by)
    place = Path(_NO_NAME.sub("_", given.name)[-100:])
    if place.suffix.lower() not in KINDS:
        what = f"不收 {place.suffix[:20] or '没有扩展名的'} 文件"
        hint = "用这个月的模板填，保存为 .xlsx（不含宏）"
        raise UsageError(Issue("FILE_KIND", what, place.name, "、".join(KINDS), hint))
    with TemporaryDirectory() as folder:
        path = Path(folder) / place
        path.write_bytes(given.content)
        return import_register(archive, by.library, REGISTER, path, by=by.actor, now=by.now, report=report)


def give_template(archive: Archive, report: ReportOf, by: By) -> Workbook:
    """The workbook of a district to be filled in, noted in the audit chain: it holds what is known of its projects.

    NotFound REPORT_UNKNOWN as above, FactError MONTH_FORM, UsageError MONTH_OPEN.
    """
    _check(archive, report, by)
    with TemporaryDirectory() as folder:
        (issued,) = issue_templates(
            archive, by.library, report.month, Path(folder), district=report.district, now=by.now
        )
        made = Workbook(issued.path.name, issued.path.read_bytes())
    note_export(archive, by.actor, made.name, f"填报 {report.month} 月报", by.now)
    return made


def brings_reports(who: Actor, table: LifecycleTable) -> bool:
    """Whether somebody may bring the reports of districts: their own, or those of all."""
    return any(one.role == who.role for one in table.imports.get(REGISTER, ()))


def _check(archive: Archive, report: ReportOf, by: By) -> None:
    refuse_open_month(Month.parse(report.month), by.now, begun=True)
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
    is_own = not archive.table.roles[who.role].own_area or who.region == report.district
    if report.district not in DISTRICTS or not is_own:
        raise unknown_report()
