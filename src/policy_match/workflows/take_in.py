"""Take in the file of a register: read it, keep its good rows in one transaction, give its bad rows back.

A file is taken once, by its SHA-256. A failed or killed batch leaves nothing behind. A file that is much
shorter than the last one of its source is not taken unless somebody says that it is meant so. What was refused of the
report of a month stays beside its batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Issue, UsageError
from policy_match.exchange.intake_rows import Intake, IntakeRow
from policy_match.exchange.refusals import Refusal
from policy_match.facts.cells import Possible
from policy_match.facts.subjects import Kind
from policy_match.identifiers import region_name, region_path
from policy_match.store import audit, batches, month_reports, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.actors import actor
from policy_match.store.tables import Actor, Batch
from policy_match.workflows.keep_rows import Keeping, Kept
from policy_match.workflows.library_names import TITLES
from policy_match.workflows.note_report import ReportOf, brought_by_itself, misnamed, note_report, of_another_month
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.place_rows import Places
from policy_match.workflows.progress import tracked
from policy_match.workflows.read_records import View, read_records
from policy_match.workflows.speak_for import lies_outside

_SHRINK = 0.8  # domain specification BI-38


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: counts of projects, rows refused, questions for people, notes to tell. `report`: the number of
    the report of a month that it was noted as, None where it is none; `is_known`: the very file was taken before."""

    new: int
    changed: int
    same: int
    waiting: int
    refusals: tuple[Refusal, ...]
    asked: tuple[str, ...]
    notes: tuple[str, ...]
    report: int | None = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file of one source as it arrives. `is_whole`: the source sends its whole list each time, so that a much
    shorter one is suspect; `may_shrink`: shorter is meant; `strict`: refuse all of it for one bad row; `report`: what it
    is handed in as."""

    source: str
    file: str
    intake: Intake
    by: str
    is_whole: bool = False
    strict: bool = False
    may_shrink: bool = False
    report: ReportOf | None = None


def take_in(archive: Archive, library: str, delivery: Delivery, now: datetime) -> Taken:
    """Keep what can be kept; UsageError SOURCE_SHRINK, STRICT or MONTH_OTHER, and then nothing is."""
    intake = delivery.intake
    elsewhen = {} if delivery.report is None else of_another_month(delivery.report, intake.rows, delivery.file)
    if delivery.strict and intake.refusals:
        raise UsageError(*_strict(delivery, intake.refusals))
    with archive.database.writing() as session:
        who = actor(session, delivery.by, local_day(now))
        before = batches.same_file(session, library, delivery.source, intake.file_sha256)
        if before is not None:
            note = f"这份文件已于 {local_day(before.received_at)} 导入，没有新内容"
            note += f"；当时有 {before.refused} 行未收，改正后另存再导入" if before.refused else ""
            audit.record(
                session, who, "import", object_kind="batch", object_id=str(before.id), at=now, library=library,
                result="same",
                detail={"source": delivery.source, "file": delivery.file, "sha256": intake.file_sha256},
            )  # fmt: skip
            known = month_reports.of_batch(session, before.id)
            return Taken(
                0, 0, len(intake.rows), 0, intake.refusals, (), (*intake.notes, note),
                None if known is None else known.id, is_known=True,
            )  # fmt: skip
        rows = len(intake.rows) + len({refusal.row for refusal in intake.refusals})
        _check_shrink(session, library, delivery, rows)
        batch = batches.begin(
            session,
            library,
            delivery.source,
            file_name=delivery.file,
            file_sha256=intake.file_sha256,
            by=who.id,
            at=now,
        )
        unfit = _outsiders(session, archive, batch, delivery) | _strangers(session, library, intake.rows)
        unfit |= elsewhen | ({} if delivery.report is None else misnamed(session, library, intake.rows))
        kept = keep(session, archive, batch, tuple(row for row in intake.rows if row.row not in unfit))
        kept.refusals += unfit.values()
        if delivery.strict and kept.refusals:
            raise UsageError(*_strict(delivery, kept.refusals))
        refused = {refusal.row for refusal in (*intake.refusals, *kept.refusals)}
        counts = {"new": len(kept.opened), "changed": kept.changed, "same": kept.same, "waiting": kept.waiting}
        batches.end(session, batch, rows=rows, refused=len(refused), counts=counts)
        audit.record(
            session, who, "import", object_kind="batch", object_id=str(batch.id), at=now, library=library,
            detail={"source": delivery.source, "file": delivery.file, "sha256": intake.file_sha256, **counts,
                    "refused": len(refused)},
        )  # fmt: skip
        found = Taken(
            len(kept.opened), kept.changed, kept.same, kept.waiting, (*intake.refusals, *kept.refusals),
            tuple(kept.asked), (*intake.notes, *kept.warned),
        )  # fmt: skip
        report = delivery.report or brought_by_itself(who, intake.rows, archive.table)
        if report is None:
            return found
        told = (*found.notes, *(f"待核实：{one}" for one in found.asked))
        return replace(found, report=note_report(session, batch, report, found.refusals, told))


def keep(session: Session, archive: Archive, batch: Batch, rows: tuple[IntakeRow, ...]) -> Kept:
    """The rows of a batch, judged one after the other and written together."""
    who = actor(session, batch.actor_id, local_day(batch.received_at))
    keeping = Keeping(session, archive, batch, who, rows)
    known = stored_facts.known(session, keeping.expect(rows), archive.vocabulary)
    for row in tracked(rows, len(rows), "导入"):
        keeping.take(row, known)
    return keeping.write()


def _strangers(session: Session, library: str, rows: tuple[IntakeRow, ...]) -> dict[int, Refusal]:
    """The rows, by number, that name a 库内编号 which the library never gave: mistyped, or of the other library."""
    named = [row for row in rows if row.kind is Kind.PROJECT and row.code is not None]
    held = {one.code for one in subjects.every(session, library, Kind.PROJECT)} if named else set()
    hint = (
        f"这一份收进的是{TITLES.get(library, library)}（{library}）：核对编号，或者收进另一个库；新项目的库内编号留空"
    )
    return {
        row.row: Refusal(row.row, "", row.code or "", "CODE_UNKNOWN", "库里没有这个编号的项目", "已有的库内编号", hint)
        for row in named
        if row.code not in held
    }


def _outsiders(session: Session, archive: Archive, batch: Batch, delivery: Delivery) -> dict[int, Refusal]:
    """The rows, by number, of projects outside the area of whoever brings them or of the report, by the library's word or
    their own."""
    who, rows, report = session.get_one(Actor, batch.actor_id), delivery.intake.rows, delivery.report
    if report is None and not archive.table.roles[who.role].own_area:
        return {}
    places = Places.load(session, batch.library)
    firms = {row.row: None if row.firm is None else places.firm(row.firm) for row in rows}
    found = {row.row: places.project(row, firms[row.row], batch.source) for row in rows if row.kind is Kind.PROJECT}
    there = {project.id: project for project in found.values() if project is not None}
    records = read_records(session, archive, [*there.values()], View(local_day(batch.received_at)))
    held = {record.code: record.region for record in records}
    refused = {}
    for row in rows:
        project = found.get(row.row)
        regions = [one for one in (region_said(row), held.get(project.code) if project else None) if one is not None]
        outside = [
            region
            for region in regions
            if lies_outside(region, who, archive.table)
            or (report is not None and report.district not in region_path(region))
        ]
        if outside or not regions:
            refused[row.row] = _outside(row, outside, who.region if report is None else report.district)
    return refused


def _outside(row: IntakeRow, regions: list[str], area: str | None) -> Refusal:
    told = "、".join(dict.fromkeys(map(region_name, regions)))
    own = "" if area is None else region_name(area)
    what = f"项目在{told}，不属于{own or '您的地区'}" if told else "没有写项目在哪个地区"
    hint = "请由项目所在地的单位导入；地区写错的，改正后重新提交"
    return Refusal(row.row, "所在辖市区", row.name or row.code or "", "ROW_AREA", what, own, hint)


def region_said(row: IntakeRow) -> str | None:
    """The one region that a row says its project lies in; None if it says none."""
    said = (one.value.single for one in row.observations if one.fact == "district" and isinstance(one.value, Possible))
    return next(said, None)


def _strict(delivery: Delivery, refusals: tuple[Refusal, ...] | list[Refusal]) -> list[Issue]:
    hint = "改正后重新导入，或不用 --strict，先导入其余各行"
    return [Issue(r.code, str(r), f"{delivery.file}:{r.row}", "", hint) for r in refusals]


def _check_shrink(session: Session, library: str, delivery: Delivery, rows: int) -> None:
    last = batches.last_of(session, library, delivery.source) if delivery.is_whole else None
    if last is None or delivery.may_shrink or rows >= _SHRINK * last.rows:
        return
    what = f"只有 {rows} 行，上一份（{last.file_name}）有 {last.rows} 行，少了两成以上，可能不完整"
    hint = "核对导出是否完整；确属正常的，加 --may-shrink 再导入"
    raise UsageError(Issue("SOURCE_SHRINK", what, delivery.file, "", hint))
