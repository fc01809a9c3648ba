"""Take in what other systems paid (`msjx ledger`): each reference once, so that nobody is paid again what they had elsewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import process
from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.errors import FactError, Issue, NotFound
from policy_match.exchange.ledger_file import ONCE, ToldPayment, read_ledger_file
from policy_match.exchange.refusals import Refusal
from policy_match.facts.subjects import Kind
from policy_match.identifiers import check_uscc
from policy_match.store import payments, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Payment
from policy_match.workflows.book_payment import TREASURY
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.pay_desk import PayDesk, at_pay_desk
from policy_match.workflows.read_records import View, find_project
from policy_match.workflows.write_entry import By

_FORMS = {"event": "日期，如 2025-06-01", "year": "年度，如 2025", ONCE: "一次性，或留空"}


@dataclass(slots=True)
class LedgerTaken:
    """What became of a ledger: payments added, those that were there, the rows refused."""

    new: int = 0
    same: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notes: tuple[str, ...] = ()


class _Unfit(Exception):
    """A row that cannot be kept: the column, and what is wrong."""

    def __init__(self, column: str, issue: Issue) -> None:
        super().__init__(issue.what)
        self.column, self.issue = column, issue


def import_payments(archive: Archive, file: Path, by: By) -> LedgerTaken:
    """Keep the good rows and tell the bad ones.

    A reference that was told otherwise before is refused PAID_CHANGED. UsageError for a file that cannot be read;
    Forbidden CARE_ROLE.
    """
    with at_pay_desk(archive, by, about=file.name) as desk:
        view = View.of(by.today, None, by.now)
        rulebook = deciding_rulebook(desk.session, archive.shelf, by.library, view).rulebook
        read = read_ledger_file(file, rulebook.ids, by.today)
        done = LedgerTaken(refusals=[*read.refusals], notes=read.notes)
        for number, told in read.rows:
            try:
                _take(desk, rulebook, told, done)
            except _Unfit as unfit:
                done.refusals.append(_refusal(number, told, unfit))
        systems: dict[str, Plain] = {**Counter(told.system for _, told in read.rows)}
        detail: dict[str, Plain] = {
            "file": file.name, "sha256": read.sha256, "new": done.new, "same": done.same, "systems": systems,
            "refused": len({one.row for one in done.refusals}),
        }  # fmt: skip
        desk.note("ledger", "payments", file.name[:120], detail)
        return done


def _take(desk: PayDesk, rulebook: Rulebook, told: ToldPayment, done: LedgerTaken) -> None:
    row = Payment(
        library=desk.by.library, reference=told.reference, measure=told.measure,
        beneficiary=_beneficiary(desk.session, desk.by.library, told.beneficiary),
        project=_project(desk, told.project), period=_period(rulebook.at(told.measure, told.paid_on), told.period),
        paid_on=told.paid_on, amount_fen=told.amount_fen, source=TREASURY, recorded_at=desk.by.now,
    )  # fmt: skip
    before = payments.by_reference(desk.session, desk.by.library, told.reference)
    if before is None:
        desk.session.add(row)
        desk.session.flush()
        done.new += 1
    elif _said(before, row) == _said(row, row):
        done.same += 1
    else:
        what = f"这个凭证号以前记的是 {before.measure}，{before.beneficiary}，{before.paid_on}，{before.amount_fen} 分"
        hint = "与来源系统核对；两个系统号码相同的，在凭证号前加系统名"
        raise _Unfit("凭证号", Issue("PAID_CHANGED", what, "", "与以前相同", hint))


def _said(row: Payment, told: Payment) -> tuple[object, ...]:
    """What has to agree; a file that names no project agrees with one that does."""
    project = row.project if told.project is not None else None
    return row.measure, row.beneficiary, project, row.period, row.paid_on, row.amount_fen


def _beneficiary(session: Session, library: str, written: str) -> str:
    """`enterprise:CODE` or `project:CODE`: one of the library, else an enterprise by its credit code."""
    kind, mark, key = written.partition(":")
    code = key.strip() if mark and kind in set(Kind) else written
    row = subjects.by_code(session, library, code)
    if row is not None:
        return f"{row.kind}:{row.code}"
    try:
        return f"{Kind.ENTERPRISE}:{check_uscc(code)}"
    except FactError as error:
        ids = [one.code for one in subjects.every(session, library, Kind.PROJECT)]
        near = "、".join(match for match, _, _ in process.extract(code, ids, limit=3))
        why = f"库里没有“{code[:40]}”，也不是信用代码：{error.issues[0].what}"
        hint = "写统一社会信用代码，或库内编号"
        raise _Unfit("受益单位", Issue("BENEFICIARY", why, "", near, hint)) from None


def _project(desk: PayDesk, written: str) -> str | None:
    if not written:
        return None
    try:
        return find_project(desk.session, desk.by.library, written).code
    except NotFound as error:
        raise _Unfit("项目", error.issues[0]) from None


def _period(rule: Rule, told: str) -> str:
    """The period as a case of the measure would name it, so that the two can be compared."""
    form = _form(rule)
    if form == ONCE and told in ("", ONCE):
        return ONCE
    if form != ONCE and told and told != ONCE and (len(told) == len("2025")) is (form == "year"):
        return told
    what = f"{rule.measure.title}不是按“{told or '空'}”兑付的"
    raise _Unfit("期间", Issue("PERIOD_FORM", what, "", _FORMS[form], "按措施的兑付期间填写"))


def _form(rule: Rule) -> str:
    """For what a measure pays once: `event`, `year`, or once for ever."""
    plan, benefit = rule.measure.no_application, rule.measure.benefit
    if plan is not None and plan.period is not None:
        return "event"
    return "year" if benefit is not None and benefit.a == "year" else ONCE


def _refusal(number: int, told: ToldPayment, unfit: _Unfit) -> Refusal:
    values = {"受益单位": told.beneficiary, "项目": told.project, "期间": told.period, "凭证号": told.reference}
    issue = unfit.issue
    return Refusal(number, unfit.column, values[unfit.column], issue.code, issue.what, issue.allowed, issue.hint)
