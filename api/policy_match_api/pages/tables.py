"""What pages that show a list have in common: a part of it at a time, and the whole as an Excel file, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from policy_match.workflows.note_export import note_export
from policy_match.workflows.print_rows import Row, Rows, print_rows
from policy_match.workflows.write_entry import said
from policy_match_api.pages.projects import PAGE_SIZE, XLSX
from policy_match_api.params import count_of
from policy_match_api.seen import Seen


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a list. `total`: rows of the whole list; `number` counts pages from 1."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int


def part_of(request: Request, rows: Sequence[Row]) -> Part:
    """The page of the rows that `?page=` asks for; UsageError PARAM_VALUE past the last one."""
    number = number_of(request, len(rows))
    first = (number - 1) * PAGE_SIZE
    return Part(rows[first : first + PAGE_SIZE], len(rows), number, pages_of(len(rows)))


def number_of(request: Request, total: int) -> int:
    """The page that is asked for, the first without one; UsageError PARAM_VALUE past the last one."""
    return count_of(request.query_params.get("page"), "page", 1, 1, pages_of(total))


def pages_of(total: int) -> int:
    """How many pages a list takes, 1 at least."""
    return max(1, -(-total // PAGE_SIZE))


def reason_noted(request: Request, state: Seen) -> None:
    """Note who takes a table away and why; UsageError TEXT_MISSING without `?reason=`."""
    reason = said(request.query_params.get("reason", ""), "导出原因", "reason", longest=200)
    note_export(state.archive, state.viewer.actor, request.url.path, reason, state.now)


def attachment(content: bytes, name: str, kind: str) -> Response:
    """A file to be kept under a name, which may be Chinese; `kind`: its media type."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=kind, headers=headers)


def workbook(rows: Rows, name: str) -> Response:
    """A list as an Excel file of that name."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.xlsx"
        print_rows(rows, form="xlsx", out=path, forms=("xlsx",))
        body = path.read_bytes()
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'})
