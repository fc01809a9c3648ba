"""Send what is approved to the treasury (`msjx export`): one batch, one transaction, everything looked at once more before.

A case that does not hold any longer is left out with the reason, and ends or starts anew as it would at its approval;
the others go. The text of a batch is kept, so that the same file can be written again: holder and account as marks,
which are opened when the file is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_match.entitlement.states import STATE_NAMES, Action, State
from policy_match.errors import PolicyMatchError
from policy_match.exchange.screen import write_lines
from policy_match.exchange.tables import write_csv, write_xlsx
from policy_match.store import cases, instructions
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case, Instruction, PaymentBatch
from policy_match.workflows.approve_case import require_fresh_lists, start_anew, within_budget
from policy_match.workflows.at_case import CaseDesk
from policy_match.workflows.confirm_case import account_of
from policy_match.workflows.examine_case import examine
from policy_match.workflows.library_names import REAL
from policy_match.workflows.match_file import chosen_form
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.pay_desk import PayDesk, at_pay_desk
from policy_match.workflows.seal_value import about_case, open_value
from policy_match.workflows.verify_case import ended, require_proved
from policy_match.workflows.write_entry import By

FORMS = ("csv", "xlsx")
HEADER = (
    "批次号", "指令号", "办件编号", "措施编号", "措施名称", "受益单位", "受益单位代码", "户名", "账号", "金额（元）",
    "金额（分）", "预算科目", "预算年度", "证明",
)  # fmt: skip
_SEALED = {"户名": "holder", "账号": "account"}
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An approved case that was not sent, and why."""

    number: str
    why: str


@dataclass(frozen=True, slots=True)
class SentBatch:
    """A batch as the treasury gets it; `content`: the CSV with holders and accounts."""

    number: str
    content: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A batch as it was sent, None where there was nothing to send, and the cases that were left out."""

    batch: SentBatch | None
    cases: int
    amount_fen: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Order:
    """One order to pay, before it is written: the case, its number of attempts, marks of holder and account, and the budget line."""

    desk: CaseDesk
    attempt: int
    holder: str
    account: str
    budget: dict[str, Plain]

    @property
    def id(self) -> str:
        return instruction_id(self.desk.case, self.attempt)

    @property
    def fen(self) -> int:
        if self.desk.case.amount_fen is None:
            raise TypeError(f"{self.desk.case.number} has no amount")
        return self.desk.case.amount_fen


def instruction_id(case: Case, attempt: int) -> str:
    """Unique in all libraries; one of the demonstration library can never be taken for a real one."""
    return f"{'' if case.library == REAL else case.library + '-'}{case.number}-{attempt}"


def export_payments(archive: Archive, by: By) -> Exported:
    """Order the payment of every approved case of the library. Forbidden CARE_ROLE; no batch where nothing can go."""
    with at_pay_desk(archive, by) as desk:
        orders: list[_Order] = []
        left_out: list[LeftOut] = []
        for case in cases.every(desk.session, by.library, states=[State.APPROVED]):
            order = _order(desk, case)
            orders += [order] if isinstance(order, _Order) else []
            left_out += [order] if isinstance(order, LeftOut) else []
        batch = _batch(desk, orders) if orders else None
        sent = None if batch is None else _opened(desk, batch)
        return Exported(sent, len(orders), sum(order.fen for order in orders), tuple(left_out))


def kept_batch(archive: Archive, number: str, by: By) -> SentBatch:
    """A batch that was sent before, to be written again.

    NotFound BATCH_UNKNOWN, Forbidden CARE_ROLE; Conflict SEAL_OTHER_KEY, SEAL_BROKEN or SEAL_GONE where an account
    cannot be opened.
    """
    with at_pay_desk(archive, by, about=number) as desk:
        batch = instructions.batch(desk.session, by.library, number)
        desk.note("export_again", "payment_batch", batch.number, {"sha256": batch.content_hash})
        return _opened(desk, batch)


def form_of(out: Path | None) -> str:
    """The format of a file by its ending, CSV for the screen or without a name; UsageError FORMAT for another ending."""
    return "csv" if out is None else chosen_form(None, out, FORMS)


def write_batch(batch: SentBatch, out: Path | None) -> None:
    """Write the instructions to a file or, without one, to the screen: the same bytes each time."""
    if form_of(out) == "csv" or out is None:
        write_lines([((_BOM if out else "") + batch.content).encode()], out)
        return
    header, *rows = csv.reader(io.StringIO(batch.content, newline=""))
    write_xlsx(out, header, rows, title="拨付指令")


def _order(desk: PayDesk, case: Case) -> _Order | LeftOut:
    """What is to be paid for a case by what is known now, or why it is not."""
    try:
        at = desk.at(case)
        found = examine(at)
        if ended(at, found):
            return LeftOut(case.number, _last_reason(at))
        if found.body is not None and found.pay_fen != case.amount_fen:
            start_anew(at, found)
            return LeftOut(case.number, _last_reason(at))
        require_proved(at, found)
        require_fresh_lists(at, found)
        budget = within_budget(at)
        holder, account = account_of(at)
    except PolicyMatchError as refusal:
        return LeftOut(case.number, "；".join(issue.what for issue in refusal.issues))
    attempt = instructions.last_attempt(desk.session, case) + 1
    return _Order(at, attempt, holder, account, budget if isinstance(budget, dict) else {})


def _last_reason(desk: CaseDesk) -> str:
    last = cases.steps_of(desk.session, desk.case)[-1]
    return f"{STATE_NAMES[desk.state]}：{cases.body_of(last).get('why', '')}"


def _batch(desk: PayDesk, orders: Sequence[_Order]) -> PaymentBatch:
    """Write batch, instructions and steps together."""
    number = instructions.next_batch_number(desk.session, desk.by.library, desk.by.today.year)
    content = write_csv(None, HEADER, _rows(number, orders))
    batch = PaymentBatch(
        library=desk.by.library, number=number, exported_at=desk.by.now, actor_id=desk.who.id, content=content,
        content_hash=hashlib.sha256(content.encode()).hexdigest(),
    )  # fmt: skip
    desk.session.add(batch)
    desk.session.flush()
    for order in orders:
        _send(desk, batch, order)
    detail: dict[str, Plain] = {
        "cases": len(orders), "amount_fen": sum(order.fen for order in orders), "sha256": batch.content_hash,
    }  # fmt: skip
    desk.note("export_batch", "payment_batch", number, detail)
    return batch


def _send(desk: PayDesk, batch: PaymentBatch, order: _Order) -> None:
    case = order.desk.case
    row = Instruction(
        id=order.id, library=case.library, case_id=case.id, attempt=order.attempt, batch_id=batch.id,
        amount_fen=order.fen,
    )  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    body: dict[str, Plain] = {
        "instruction": order.id, "batch": batch.number, "amount_fen": order.fen, "account": order.account,
        "budget": order.budget,
    }  # fmt: skip
    order.desk.move(Action.EXPORT, body)


def _opened(desk: PayDesk, batch: PaymentBatch) -> SentBatch:
    """The batch with the values of its marks; one of before values were sealed is as it was written."""
    rows = csv.DictReader(io.StringIO(batch.content, newline=""))
    return SentBatch(batch.number, write_csv(None, HEADER, [_opened_row(desk, row) for row in rows]))


def _opened_row(desk: PayDesk, row: dict[str, str]) -> list[str]:
    case = cases.by_number(desk.session, desk.by.library, row["办件编号"])
    values = {
        column: open_value(desk.session, desk.archive.sealer, row[column], about_case(case, name))
        for column, name in _SEALED.items()
    }
    return [*(row | values).values()]


def _rows(number: str, orders: Sequence[_Order]) -> Iterator[tuple[str, ...]]:
    for order in orders:
        case, beneficiary, fen = order.desk.case, order.desk.beneficiary(), order.fen
        yield (
            number, order.id, case.number, case.measure, order.desk.rule.measure.title,
            beneficiary.name or beneficiary.code, beneficiary.code, order.holder, order.account,
            f"{fen // 100}.{fen % 100:02d}", str(fen), str(order.budget["line"]), str(order.budget["year"]),
            case.proof_hash or "",
        )  # fmt: skip
