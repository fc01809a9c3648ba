"""Print what people are asked: open doubts, and records of other registers that have no project yet."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from policy_match.exchange.screen import write_lines
from policy_match.store import doubts, waiting
from policy_match.store.tables import Subject
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_records import FORMS


def print_doubts(archive: Archive, library: str, *, form: str) -> None:
    """Open doubts, the oldest first."""
    form = chosen_form(form, None, FORMS)
    with archive.database.reading() as session:
        found = doubts.still_open(session, library)
        codes: dict[int | None, str] = {
            one.subject_id: session.get_one(Subject, one.subject_id).code for one in found if one.subject_id
        }
    if form == "json":
        rows = (
            {
                "number": d.id,
                "code": d.code,
                "project": codes.get(d.subject_id),
                "what": d.what,
                "value": d.value,
                "opened_at": d.opened_at,
            }
            for d in found
        )
        _write(orjson.dumps(row) for row in rows)
    else:
        lines = [f"{d.id}  {codes.get(d.subject_id) or '—'}  {d.code}  {d.what}" for d in found]
        _write(line.encode() for line in (*lines, f"共 {len(found)} 条待核实"))


def print_waiting(archive: Archive, library: str, *, form: str) -> None:
    """Records that wait, by source and number."""
    form = chosen_form(form, None, FORMS)
    with archive.database.reading() as session:
        found = waiting.waiting(session, library)
    if form == "json":
        rows = ({"source": w.source, "record": w.record, "name": w.name, "received_at": w.received_at} for w in found)
        _write(orjson.dumps(row) for row in rows)
    else:
        lines = [f"{w.source}  {w.record}  {w.name or '—'}" for w in found]
        _write(line.encode() for line in (*lines, f"共 {len(found)} 条待关联"))


def _write(lines: Iterable[bytes]) -> None:
    write_lines((line + b"\n" for line in lines), None)
