"""List the 免申即享 cases of a library, each with where it stands and by when the next thing is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.entitlement.states import STATE_NAMES, State
from policy_match.errors import Issue, UsageError
from policy_match.store import cases, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.units import format_money
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.print_rows import FILES, Row, Rows, print_rows

_HEADER = {
    "number": "编号", "state_name": "状态", "measure": "措施", "beneficiary": "受益单位", "name": "名称", "period": "期间",
    "amount": "金额", "as_of": "判定日", "due": "到期",
}  # fmt: skip


def print_cases(
    archive: Archive, library: str, *, states: Sequence[str] = (), form: str | None, out: Path | None = None
) -> None:
    """A line a case, in the order of numbers; UsageError for an unknown state or format."""
    with archive.database.reading() as session:
        rows = case_rows(session, library, states)
    print_rows(Rows("免申即享办件", _HEADER, rows), form=form, out=out, forms=FILES)


def case_rows(session: Session, library: str, states: Sequence[str] = ()) -> tuple[Row, ...]:
    """The cases as rows; `states`: codes or names of those that are wanted, all where none is named."""
    found = cases.every(session, library, states=[named_state(one) for one in states] or None)
    rows = subjects.by_ids(session, [case.beneficiary_id for case in found])
    return tuple(case_row(case, rows[case.beneficiary_id].code, rows[case.beneficiary_id].name) for case in found)


def case_row(case: Case, code: str, name: str | None) -> dict[str, Plain]:
    """One case for a list."""
    due = due_on(case)
    return {
        "number": case.number,
        "state": case.state,
        "state_name": STATE_NAMES[State(case.state)],
        "measure": case.measure,
        "version": case.version,
        "beneficiary": code,
        "name": name,
        "period": case.period,
        "amount_fen": case.amount_fen,
        "amount": "未定" if case.amount_fen is None else format_money(case.amount_fen),
        "as_of": case.as_of.isoformat(),
        "release": case.release,
        "due": None if due is None else due.isoformat(),
        "row_version": case.row_version,
    }


def due_on(case: Case) -> date | None:
    """The day on which what is waited for ends: a notice, or the time in which the firm may answer."""
    return {State.NOTICE: case.notice_last, State.CONSENT: case.consent_last}.get(State(case.state))


def named_state(written: str) -> State:
    """The state of a code or name; UsageError MSJX_STATE_NAME."""
    for state, name in STATE_NAMES.items():
        if written.strip().upper() == state.value or written.strip() == name:
            return state
    allowed = "、".join(f"{state.value} {name}" for state, name in STATE_NAMES.items())
    raise UsageError(Issue("MSJX_STATE_NAME", f"没有状态“{written[:20]}”", "--state", allowed, "用代码或名称"))
