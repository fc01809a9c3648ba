"""The pages of the auditor, all read-only: the chain, its rows, and where to look: overrides, pairs, corrections, a sample."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from policy_match.access.permissions import Reach
from policy_match.dates import local_day
from policy_match.errors import Forbidden, Issue
from policy_match.store.audit import Sought
from policy_match.workflows.library_names import DEMO, REAL, TITLES
from policy_match.workflows.list_audit import (
    GROUPS,
    RESULTS,
    audit_page,
    days_between,
    every_audit_row,
    look_at_chain,
)
from policy_match.workflows.list_corrections import correction_rows
from policy_match.workflows.list_overrides import override_rows
from policy_match.workflows.pair_signers import signer_pairs
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.recheck_cases import look_back
from policy_match.workflows.sample_decisions import CASE, Draw, sample_rows
from policy_match.workflows.write_entry import By
from policy_match_api.pages.projects import BASES, PAGE_SIZE
from policy_match_api.pages.render import link, page
from policy_match_api.pages.tables import number_of, pages_of, part_of, reason_noted, workbook
from policy_match_api.params import count_of, date_of, one_of
from policy_match_api.seen import Seen, seen

router = APIRouter(include_in_schema=False)
LOOKED_AT = 2_000
FILTERS = ("actor", "action", "about", "result", "library", "since", "through")
NOTES = {
    "overrides": "审核人改判了规则结论的匹配。没有第二个人签字的不算数；改判只改变推送，不改事实，也不产生免申即享办件。",
    "pairs": "两个人一起签字的次数。总是同一对：至少一起签过 3 次，而且其中一人没有和别人签过。只提示看哪里，不是结论。",
    "corrections": "拨付登记以后，办件依据的事实又报了不同的值、项目的节点被更正或撤回、决定追回的钱。",
    "recheck": "按现在知道的事实和规则，把已兑付、正在拨付和被排除的每一件在它自己的判定日重新判定；也找当时该享受而没有列入的。只列出相差多少，不改任何记录。",
    "sample": "按种子抽取已有结论的办件和审核决定，种类分开抽。抽样值是 SHA-256（种子|种类|编号）的前 16 位，取最小的；换谁来抽都一样。",
}
TITLES_OF = {
    "overrides": "改判",
    "pairs": "双人签字",
    "corrections": "拨付后的更正",
    "recheck": "回头看",
    "sample": "抽样复核",
}


@router.get("/audit")
def show_chain(request: Request, state: Seen = Depends(seen)) -> Response:
    """The state of the chain, and its rows as they are filtered, newest first."""
    require_reads_all(state)
    given, sought = _sought(request, state)
    number = count_of(request.query_params.get("page"), "page", 1, 1, 10**6)
    total, rows = audit_page(state.archive, sought, (number - 1) * PAGE_SIZE, PAGE_SIZE)
    number_of(request, total)
    return page(
        request,
        "audit.html",
        {
            "chain": look_at_chain(state.archive, LOOKED_AT),
            "rows": rows.rows,
            "total": total,
            "number": number,
            "numbers": _around(number, pages_of(total)),
            "given": given,
            "groups": GROUPS,
            "results": RESULTS,
            "libraries": _libraries(state),
            "titles": TITLES_OF,
        },
    )


@router.get("/audit/rows.xlsx")
def export_chain(request: Request, state: Seen = Depends(seen)) -> Response:
    """The rows of the chain as they are filtered, for Excel; noted with its reason."""
    require_reads_all(state)
    state.require("export")
    _, sought = _sought(request, state)
    rows = every_audit_row(state.archive, sought)
    reason_noted(request, state)
    return workbook(rows, f"audit-{state.day}")


@router.get("/audit/{table}.xlsx")
def export_table(request: Request, table: str, state: Seen = Depends(seen)) -> Response:
    """One of the other lists for Excel; noted with its reason."""
    require_reads_all(state)
    state.require("export")
    rows = _rows(request, state, table)
    reason_noted(request, state)
    return workbook(rows, f"{table}-{_library(request, state)}-{state.day}")


@router.get("/audit/{table}")
def show_table(request: Request, table: str, state: Seen = Depends(seen)) -> Response:
    """Overrides, pairs of signers, corrections after payment, or a sample, of one library."""
    require_reads_all(state)
    rows, name = _rows(request, state, table), _library(request, state)
    draw = _draw(request, state)
    return page(
        request,
        "audit_table.html",
        {
            "table": table,
            "titles": TITLES_OF,
            "note": NOTES[table],
            "rows": rows,
            "part": part_of(request, rows.rows),
            "library": name,
            "libraries": _libraries(state),
            "draw": draw if table == "sample" else None,
            "address": lambda row: address_of(row, name),
            "demo": name == DEMO,
        },
    )


def require_reads_all(state: Seen) -> None:
    """Refuse whoever may not read everything that there is; Forbidden PERMISSION."""
    if any(state.may(one) is not Reach.ALL for one in state.archive.permissions.capabilities):
        what = f"“{state.viewer.name}”不看审计记录"
        raise Forbidden(Issue("PERMISSION", what, "", "审计", "请审计人员查看；还没有登录的先登录"))


def address_of(row: Row, library: str) -> str:
    """Where what a row tells of can be seen; "" where it has no page."""
    if "case" in row:
        return link(f"/msjx/{row['case']}", library=library)
    if row.get("sort") == CASE:
        return link(f"/msjx/{row['id']}", library=library)
    if "subject" in row and "measure" in row:
        return f"{BASES[library]}/{row['subject']}/{row['measure']}"
    return ""


def _sought(request: Request, state: Seen) -> tuple[dict[str, str], Sought]:
    """What the form asks for, as written and as it is looked for; UsageError PARAM_VALUE, DATE_FORMAT."""
    given = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    first, after = (date_of(given[name], name) if given[name] else None for name in ("since", "through"))
    since, until = days_between(first, after)
    sought = Sought(
        actor=given["actor"] or None,
        action=given["action"] or None,
        about=given["about"] or None,
        result=one_of(given["result"], "result", RESULTS),
        library=one_of(given["library"], "library", TITLES),
        since=since,
        until=until,
        demo_alone=state.viewer.library == DEMO,
    )
    return given, sought


def _rows(request: Request, state: Seen, table: str) -> Rows:
    one_of(table, "table", TITLES_OF)
    archive, library = state.archive, _library(request, state)
    tables: dict[str, Callable[[], Rows]] = {
        "overrides": lambda: override_rows(archive, library),
        "pairs": lambda: signer_pairs(archive, library),
        "corrections": lambda: correction_rows(archive, library, state.now),
        "recheck": lambda: look_back(archive, By(library, state.viewer.actor, state.now)),
        "sample": lambda: sample_rows(archive, library, _draw(request, state)),
    }
    return tables[table]()


def _draw(request: Request, state: Seen) -> Draw:
    """The seed and size that are asked for; today as the seed without one."""
    given = request.query_params
    seed = given.get("seed", "").strip()[:60] or local_day(state.now).isoformat()
    return Draw(seed, count_of(given.get("size"), "size", 20, 1, 500))


def _libraries(state: Seen) -> dict[str, str]:
    """The libraries that may be looked into: an account of the demonstration sees no other."""
    only = state.viewer.library
    return {name: title for name, title in TITLES.items() if only in (None, name)}


def _library(request: Request, state: Seen) -> str:
    allowed = _libraries(state)
    return one_of(request.query_params.get("library"), "library", allowed) or next(iter(allowed), REAL)


def _around(number: int, pages: int) -> tuple[int, ...]:
    """The first page, the last, and those about the one that is shown."""
    near = range(max(1, number - 3), min(pages, number + 3) + 1)
    return tuple(sorted({1, *near, pages}))
