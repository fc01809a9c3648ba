"""Take in a file of monthly figures (`indicators import`): good rows go in, bad rows come back, a file is taken once.

All of a file goes in within one transaction or none of it. Whoever brings it speaks for its source as for facts (`imports`
and `tells` of rules/lifecycle.yaml), a role of an area for the projects of its area and a firm for its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.errors import Issue, NotFound, UsageError
from policy_match.exchange.indicator_rows import ToldRow, read_indicators
from policy_match.exchange.named_columns import ReadRows
from policy_match.exchange.refusals import Refusal
from policy_match.series.accept import refusal
from policy_match.series.evidence import value_text
from policy_match.series.months import month_text
from policy_match.series.rules import IndicatorRules
from policy_match.store import audit, batches, indicators
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.store.indicators import ToldFigure
from policy_match.store.tables import Actor, Batch, Subject
from policy_match.workflows.note_refusals import noting_forbidden
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_indicators import open_indicators
from policy_match.workflows.read_indicators import month_number
from policy_match.workflows.read_records import View, find_project, read_records
from policy_match.workflows.speak_for import require_any_teller, speaks_for_project
from policy_match.workflows.write_entry import By

_BATCH = "I-"
"""Before the source of a batch: files of figures are no files of the register of the same source."""


@dataclass(slots=True)
class TakenFigures:
    """What became of a file: counts of figures, refused rows, notes. `is_known`: the very file was taken before."""

    new: int = 0
    corrected: int = 0
    same: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class _Taking:
    """A file at work: who brings it, in whose name. `before`: what its source told of a project and code, by month; grows
    with what is taken."""

    session: Session
    archive: Archive
    who: Actor
    by: By
    source: str
    file: str
    rules: IndicatorRules
    done: TakenFigures
    before: dict[tuple[int, str], dict[int, int]] = field(default_factory=dict)
    rows: list[ToldFigure] = field(default_factory=list)


def import_indicators(archive: Archive, file: Path, source: str, by: By) -> TakenFigures:
    """Keep the good rows and tell the bad ones.

    UsageError for an unreadable file or header and SOURCE for a source that tells no indicators; Forbidden SOURCE_ROLE.
    """
    rules = open_indicators(archive)
    code = _source(source, rules, archive)
    noted = noting_forbidden(archive, "indicators.import", f"{code} {file.name}", by.actor, by.now)
    with noted, archive.database.reading() as session:
        require_any_teller(code, actor(session, by.actor, by.today), archive.table)
    read = read_indicators(file, rules.codes, by.today)
    done = TakenFigures(refusals=[*read.refusals], notes=[*read.notes])
    with archive.database.writing() as session:
        audit.take_turn(session)
        who = actor(session, by.actor, by.today)
        _take(_Taking(session, archive, who, by, code, file.name, rules, done), read)
    done.refusals.sort(key=lambda one: one.row)
    return done


def _source(written: str, rules: IndicatorRules, archive: Archive) -> str:
    code = written.strip().upper()
    if code not in rules.registers:
        allowed = "、".join(f"{one} {archive.vocabulary.registers[one]}" for one in rules.registers)
        raise UsageError(Issue("SOURCE", f"“{written[:20]}”不报送指标", "--source", allowed, "改用列出的来源"))
    return code


def _take(taking: _Taking, read: ReadRows[ToldRow]) -> None:
    """Take a file that was not taken before."""
    by, done, source = taking.by, taking.done, _BATCH + taking.source
    known = batches.same_file(taking.session, by.library, source, read.sha256)
    if known is not None:
        done.is_known, done.same = True, sum(len(row.figures) for _, row in read.rows)
        done.notes.append("这份文件以前导入过，没有新内容")
        _note(taking, known)
        return
    batch = batches.begin(
        taking.session, by.library, source, file_name=taking.file, file_sha256=read.sha256, by=taking.who.id, at=by.now
    )
    placed = [*_placed(taking, read.rows)]
    for number, row, project in sorted(placed, key=lambda one: (one[2].id, one[1].month)):
        _row(taking, number, row, project)
    indicators.add(taking.session, taking.rows, by=taking.who.id, batch_id=batch.id)
    refused = len({one.row for one in done.refusals})
    rows = len(read.rows) + len({one.row for one in read.refusals})
    batches.end(taking.session, batch, rows=rows, refused=refused, counts=_counts(done))
    _note(taking, batch)


def _placed(taking: _Taking, rows: Iterable[tuple[int, ToldRow]]) -> Iterator[tuple[int, ToldRow, Subject]]:
    """The rows with their projects; a project that is not there, or not for the actor, refuses its rows."""
    every, table = list(rows), taking.archive.table
    found = {row.project: _project(taking, row.project) for _, row in every}
    there = {one.id: one for one in found.values() if one is not None}
    records = read_records(taking.session, taking.archive, [*there.values()], View(taking.by.today))
    open_to = {record.id for record in records if speaks_for_project(record, taking.who, table)}
    for number, row in every:
        project = found[row.project]
        if project is not None and project.id in open_to:
            yield number, row, project
            continue
        what, hint = f"没有项目“{row.project[:30]}”", "核对编号；属地单位只报本地区的项目，企业只报自己的"
        issue = Issue("PROJECT_UNKNOWN", what, "", "库内编号或项目代码", hint)
        taking.done.refusals.append(_refused(number, "项目编号", row.project, issue))


def _project(taking: _Taking, code: str) -> Subject | None:
    try:
        return find_project(taking.session, taking.by.library, code)
    except NotFound:
        return None


def _row(taking: _Taking, number: int, row: ToldRow, project: Subject) -> None:
    """Take the figures of one row, all or none."""
    faults = []
    for code, value in row.figures.items():
        one = taking.rules.codes[code]
        before = _before(taking, project, code)
        issue = refusal(one, row.month, value, before, is_correction=row.is_correction)
        if issue is not None:
            faults.append(_refused(number, one.title, value_text(value, one.unit), issue))
    taking.done.refusals += faults
    for code in row.figures if not faults else ():
        _figure(taking, row, project, code)


def _figure(taking: _Taking, row: ToldRow, project: Subject, code: str) -> None:
    done, one, value = taking.done, taking.rules.codes[code], row.figures[code]
    before = _before(taking, project, code)
    was = before.get(row.month)
    if was == value:
        done.same += 1
        return
    done.corrected += was is not None
    done.new += was is None
    before[row.month] = value
    month = month_text(row.month)
    taking.rows.append(
        ToldFigure(project.id, code, month, value, taking.source, taking.by.now, row.is_correction, row.note)
    )
    if one.suspicious is not None and value > one.suspicious:
        done.notes.append(f"{project.code} {month} {one.title} {value_text(value, one.unit)}：已收下，请核实")


def _before(taking: _Taking, project: Subject, code: str) -> dict[int, int]:
    """What the source told of a project and code; read once for all codes of a project."""
    if (project.id, code) not in taking.before:
        for one in taking.rules.codes:
            taking.before[(project.id, one)] = {}
        for told in indicators.figures(taking.session, [project.id], since="0000-00", through="9999-99"):
            if told.source == taking.source and (project.id, told.code) in taking.before:
                taking.before[(project.id, told.code)][month_number(told.month)] = told.value
    return taking.before[(project.id, code)]


def _refused(number: int, column: str, value: str, issue: Issue) -> Refusal:
    return Refusal(number, column, value[:60], issue.code, issue.what, issue.allowed, issue.hint)


def _counts(done: TakenFigures) -> Mapping[str, int]:
    return {"new": done.new, "changed": done.corrected, "same": done.same}


def _note(taking: _Taking, batch: Batch) -> None:
    done = taking.done
    detail: dict[str, Plain] = {
        "source": taking.source, "file": taking.file, "sha256": batch.file_sha256, **_counts(done),
        "refused": len({one.row for one in done.refusals}),
    }  # fmt: skip
    audit.record(
        taking.session, taking.who, "indicators.import", object_kind="batch", object_id=str(batch.id), at=taking.by.now,
        library=taking.by.library, result="same" if done.is_known else "done", detail=detail,
    )  # fmt: skip
