"""Enter the money of a measure for a year, with the fair-competition review without which nothing is paid (`msjx budget`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.errors import Conflict, FactError, Issue, UsageError
from policy_match.store import audit, payments
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Budget
from policy_match.units import format_money, parse_money
from policy_match.workflows.at_case import PAYS
from policy_match.workflows.bound_money import bound_fen
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_library_desk, not_in_future, said

_YEARS_AHEAD, _FIRST_YEAR = 2, 2020


@dataclass(frozen=True, slots=True)
class NewBudget:
    """A budget as it is asked for. `amount`: with its unit; `line`: where in the budget; `reviewer`: of fair competition."""

    measure: str
    year: int
    amount: str
    line: str
    reviewed_on: date
    reviewer: str


def enter_budget(archive: Archive, asked: NewBudget, by: By) -> Budget:
    """Record the money, or raise or lower what was recorded.

    UsageError for an unknown measure, a year or day that cannot be, a missing text, a sum without unit; Conflict
    BUDGET_BOUND below what is paid or promised; Forbidden CARE_ROLE.
    """
    not_in_future(asked.reviewed_on, by.today, "--reviewed-on")
    line, reviewer = (
        said(asked.line, "预算科目", "--line", longest=120),
        said(asked.reviewer, "审查人", "--reviewer", longest=60),
    )
    amount = sum_of(asked.amount, "金额")
    _require_year(asked.year, by.today.year)
    with at_library_desk(archive, PAYS, by, about=asked.measure) as (session, who):
        ids = deciding_rulebook(session, archive.shelf, by.library, View.of(by.today, None, by.now)).rulebook.ids
        if asked.measure not in ids:
            raise unknown_measure(asked.measure, ids, "措施")
        row = payments.budget(session, by.library, asked.measure, asked.year)
        before = None if row is None else row.amount_fen
        if row is None:
            row = Budget(library=by.library, measure=asked.measure, year=asked.year)
        else:
            _require_enough(row, amount, bound_fen(session, row, by.now))
        row.amount_fen, row.line, row.reviewed_on, row.reviewer = amount, line, asked.reviewed_on, reviewer
        row.recorded_at, row.actor_id = by.now, who.id
        session.add(row)
        session.flush()
        detail, about = _detail(row, before), f"{row.measure}/{row.year}"
        audit.record(
            session, who, "msjx.budget", object_kind="budget", object_id=about, at=by.now, library=by.library,
            detail=detail,
        )  # fmt: skip
        return row


def sum_of(written: str, option: str) -> int:
    """A sum above zero with its unit, 分; UsageError with the option otherwise."""
    try:
        fen = parse_money(written)
    except FactError as error:
        (issue,) = error.issues
        raise UsageError(Issue(issue.code, issue.what, option, issue.allowed, issue.hint)) from None
    if fen <= 0:
        raise UsageError(Issue("NUM_RANGE", f"金额“{written[:20]}”应大于零", option, "大于零的金额", "核对金额"))
    return fen


def _require_year(year: int, now: int) -> None:
    if not _FIRST_YEAR <= year <= now + _YEARS_AHEAD:
        allowed = f"{_FIRST_YEAR} 至 {now + _YEARS_AHEAD}"
        raise UsageError(Issue("YEAR", f"{year} 不是能登记预算的年度", "年度", allowed, "核对年度"))


def _require_enough(row: Budget, amount: int, bound: int) -> None:
    if amount < bound:
        what = f"已拨付和已审批{format_money(bound)}，预算不能低于它"
        raise Conflict(Issue("BUDGET_BOUND", what, row.measure, f"至少{format_money(bound)}", "先撤销未拨付的办件"))


def _detail(row: Budget, before: int | None) -> dict[str, Plain]:
    return {
        "before_fen": before, "amount_fen": row.amount_fen, "line": row.line, "reviewer": row.reviewer,
        "reviewed_on": row.reviewed_on.isoformat(),
    }  # fmt: skip
