"""The report of a district of a month: which rows are none of it, and the note of what came.

The 库内编号 and the name of a project are filled in and locked in the workbook of the month (`issue_template.py`): where
they disagree, lines were shifted or a number overwritten, and what the row says would be kept of another project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from policy_match.errors import Issue, UsageError
from policy_match.exchange.intake_rows import IntakeRow
from policy_match.exchange.refusals import Refusal
from policy_match.facts.subjects import Kind
from policy_match.identifiers import DISTRICTS
from policy_match.lifecycle.table import LifecycleTable
from policy_match.linkage.names import plain
from policy_match.store import month_reports
from policy_match.store.tables import Actor, Batch, MonthReport
from policy_match.workflows.place_rows import Places


@dataclass(frozen=True, slots=True)
class ReportOf:
    """What the report of a month is of: the month (YYYY-MM) and the code of a district."""

    month: str
    district: str


def of_another_month(report: ReportOf, rows: Sequence[IntakeRow], file: str) -> dict[int, Refusal]:
    """The rows, by number, that name another month; UsageError MONTH_OTHER if all of them do."""
    others = [row for row in rows if row.month not in (None, report.month)]
    hint = f"下载 {report.month} 的模板来填；报别的月份，到那个月的页面上传"
    if others and len(others) == len(rows):
        told = "、".join(sorted({row.month or "" for row in others}))
        raise UsageError(
            Issue("MONTH_OTHER", f"这份文件是 {told} 的，不是 {report.month} 的", file, report.month, hint)
        )
    what = f"这一行的填报月份不是 {report.month}"
    return {
        row.row: Refusal(row.row, "填报月份", row.month or "", "MONTH_OTHER", what, report.month, hint)
        for row in others
    }


def misnamed(session: Session, library: str, rows: Sequence[IntakeRow]) -> dict[int, Refusal]:
    """The rows, by number, whose 库内编号 is that of a project with another name."""
    places, found = Places.load(session, library), {}
    for row in rows:
        project = None if row.code is None else places.by_code.get((Kind.PROJECT, row.code))
        own = "" if project is None else project.name or project.code
        if project is None or row.name is None or plain(row.name) == plain(own):
            continue
        what = f"编号 {row.code} 是“{own}”，这一行写的是“{row.name}”"
        hint = "编号和名称照模板填，不要改动，也不要错行"
        found[row.row] = Refusal(row.row, "库内编号", row.code or "", "CODE_NAME", what, own, hint)
    return found


def brought_by_itself(who: Actor, rows: Sequence[IntakeRow], table: LifecycleTable) -> ReportOf | None:
    """What a district brings without saying so: the report of the one month that all its rows name; None for anything else."""
    months = {row.month for row in rows}
    month = months.pop() if len(months) == 1 else None
    is_own = table.roles[who.role].own_area and who.region in DISTRICTS
    return ReportOf(month, who.region) if month is not None and is_own and who.region is not None else None


def note_report(
    session: Session, batch: Batch, report: ReportOf, refusals: Sequence[Refusal], told: Sequence[str]
) -> int:
    """Note what came of the report, in the transaction of its batch; its number."""
    row = MonthReport(
        batch_id=batch.id, library=batch.library, month=report.month, district=report.district,
        refusals=[asdict(one) for one in refusals], told=[*told],
    )  # fmt: skip
    month_reports.add(session, row)
    return row.id
