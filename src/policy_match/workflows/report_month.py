"""The monthly dispatch of one month, on the screen or as a file: the frozen month, or a preview of an open one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson

from policy_match.dispatch.changes import Doubt, doubts
from policy_match.dispatch.month import Month
from policy_match.dispatch.report import Background, Dispatch, monthly
from policy_match.dispatch.snapshot import Snapshot
from policy_match.dispatch.wording import yi_text
from policy_match.exchange.dispatch_csv import long_csv
from policy_match.exchange.dispatch_docx import circular
from policy_match.exchange.dispatch_html import page
from policy_match.exchange.dispatch_text import figure_text
from policy_match.exchange.dispatch_xlsx import workbook
from policy_match.exchange.letterhead import Letterhead, load_letterhead
from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import whole
from policy_match.workflows.close_month import refuse_open_month
from policy_match.workflows.dispatch_plain import dispatch_plain
from policy_match.workflows.draft_month import corrected_since, drafted, drafted_alone, frozen
from policy_match.workflows.library_names import DEMO, INVENTED, shown_library
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive

_MADE: Mapping[str, Callable[[Dispatch, Letterhead], bytes]] = {
    "html": page,
    "xlsx": workbook,
    "csv": long_csv,
    "docx": circular,
}
FORMS = ("table", "json", *_MADE)


def read_month(archive: Archive, library: str, written: str, now: datetime) -> Dispatch:
    """The report of a month; FactError MONTH_FORM, UsageError MONTH_OPEN for a month that has not begun."""
    month = Month.parse(written)
    refuse_open_month(month, now, begun=True)
    sections = {code: name for code, name in archive.vocabulary.industries.names.items() if len(code) == 1}
    with archive.database.reading() as session:
        snapshot = frozen(session, library, month) or drafted(session, archive, library, month, now)
        before = frozen(session, library, month.previous)
    return monthly(snapshot, before, Background(archive.table, archive.calendar, sections))


def report_month(
    archive: Archive, library: str, written: str, *, form: str | None, out: Path | None, now: datetime
) -> None:
    """Write the report in one of FORMS; the forms that are files need `out`."""
    chosen = chosen_form(form or (None if out else "table"), out, FORMS)
    dispatch = read_month(archive, library, written, now)
    if chosen in _MADE:
        _write(made(archive, library, dispatch, chosen), out)
    elif chosen == "json":
        write_lines([orjson.dumps({"library": library, **dispatch_plain(dispatch)}) + b"\n"], out)
    else:
        write_lines((f"{line}\n".encode() for line in _lines(dispatch, library)), out)


def made(archive: Archive, library: str, dispatch: Dispatch, form: str) -> bytes:
    """The report as a file of a form: html, xlsx, csv, docx."""
    return _MADE[form](dispatch, _letterhead(archive, library))


def check_month(archive: Archive, library: str, written: str, now: datetime) -> list[str]:
    """What to ask before closing, one line each."""
    _, found = doubts_of(archive, library, written, now)
    return [f"{one.kind}  {one.code} {one.name}：{one.what}" for one in found]


def doubts_of(archive: Archive, library: str, written: str, now: datetime) -> tuple[Snapshot, tuple[Doubt, ...]]:
    """The projects of the month as they are known now, and what to ask before it is closed: who has not sent, what fell, jumped or changed in silence.

    FactError MONTH_FORM, UsageError MONTH_OPEN for a month that has not begun.
    """
    month = Month.parse(written)
    refuse_open_month(month, now, begun=True)
    with archive.database.reading() as session:
        before = frozen(session, library, month.previous)
        earlier = frozen(session, library, month.previous.previous)
        snapshot = drafted_alone(session, archive, library, month, now)
        corrected = corrected_since(session, library, before)
    return snapshot, doubts(before, snapshot, archive.table, corrected, earlier=earlier)


def _letterhead(archive: Archive, library: str) -> Letterhead:
    """The letterhead; of the demonstration library every title says that it is invented."""
    letterhead = load_letterhead(archive.rules / "letterhead.yaml")
    if library != DEMO:
        return letterhead
    return replace(
        letterhead,
        brand=INVENTED,
        office="示范单位",
        dispatch=f"【示范数据】{letterhead.dispatch}",
        circular=f"【示范数据】{letterhead.circular}",
    )


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        write_lines([content], None)
        return
    with whole(out) as place:
        place.write_bytes(content)


def _lines(dispatch: Dispatch, library: str) -> Iterator[str]:
    snapshot = dispatch.snapshot
    state = "未封存，仅供预览" if snapshot.closed_at is None else "已封存"
    yield f"{shown_library(library)} {snapshot.month} 月调度（{state}），截至 {snapshot.as_of}，{len(snapshot.rows)} 个项目，快照 {dispatch.content_hash[:12]}"
    if dispatch.changes is not None:
        yield "【与上月比】"
        yield from (
            f"  {delta.name}：{delta.was} → {delta.now}（{delta.difference}）" for delta in dispatch.changes.deltas
        )
        yield from (f"  {one.kind} {one.code} {one.name} {one.was} → {one.now}" for one in dispatch.changes.changes)
    for block in (*dispatch.blocks, dispatch.tickets):
        yield f"【{block.name}】"
        yield from (f"  {figure.name}：{figure_text(figure)}" for figure in block.figures)
    yield "【分档】"
    for group in dispatch.breakdown("tiers").groups:
        amount = "未知" if group.fen is None else f"{yi_text(group.fen)}亿元"
        yield f"  {group.name}：{len(group.projects)} 个，{amount}"
    for one in snapshot.restatements:
        yield f"  更正 {one.month} {one.figure}：{one.was} → {one.now}（{'、'.join(one.projects)}）"
