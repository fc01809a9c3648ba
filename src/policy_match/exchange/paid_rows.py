"""A ledger of payments from CSV or XLSX: measure, beneficiary, project, day, amount with unit, reference.

A payment that is not counted would promise money twice, so that nothing here is guessed: not the measure, not the unit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process

from policy_match.benefits.ledger import Paid
from policy_match.errors import FactError, Issue
from policy_match.exchange.jsonl import checked_key
from policy_match.exchange.named_columns import Cells, Columns, read_day, read_named
from policy_match.exchange.refusals import Refusal
from policy_match.facts.subjects import Kind

COLUMNS = Columns(
    {
        "measure": ("措施编号", "措施", "measure"),
        "beneficiary": ("受益人", "统一社会信用代码", "beneficiary"),
        "project": ("项目编号", "项目", "project"),
        "paid_on": ("兑付日期", "拨付日期", "paid_on"),
        "amount": ("金额", "兑付金额", "amount"),
        "reference": ("凭证号", "拨付文号", "reference"),
    },
    needed=("measure", "beneficiary", "paid_on", "amount"),
    money="amount",
)


@dataclass(frozen=True, slots=True)
class PaidRows:
    """The payments of a file in its order, the rows refused, and what was noticed while reading."""

    payments: tuple[Paid, ...]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]


def read_paid(path: Path, measures: Collection[str]) -> PaidRows:
    """Read a ledger; `measures`: the ids that exist. UsageError for a file or header that cannot be understood."""
    seen: set[Paid] = set()

    def make(cells: Cells) -> Paid | None:
        made = _payment(cells, measures)
        if made is not None and made.reference is not None and made in seen:
            # Without a reference equal rows are two payments.
            cells.refuse(
                "reference", Issue("PAID_TWICE", "与前面一行是同一笔", "", "每笔一行", "删去重复行，或改正凭证号")
            )
        elif made is not None:
            seen.add(made)
        return made

    found = read_named(path, COLUMNS, make)
    return PaidRows(tuple(payment for _, payment in found.rows), found.refusals, found.notes)


def _payment(cells: Cells, measures: Collection[str]) -> Paid | None:
    measure = cells.read("measure", known_measure(measures))
    beneficiary = cells.read("beneficiary", _beneficiary)
    paid_on = cells.read("paid_on", read_day)
    fen = cells.money()
    project = cells.read_if_said("project", lambda text: checked_key("project", text))
    reference = cells.read_if_said("reference", str)
    if fen is not None and fen <= 0:
        hint = "退回的款项从原来那一笔减去，全部退回的删去那一行"
        cells.refuse("amount", Issue("NUM_RANGE", "兑付金额应大于零", "", "大于零的金额", hint))
    if measure is None or beneficiary is None or paid_on is None or fen is None:
        return None
    return Paid(measure, beneficiary, project, paid_on, fen, reference)


def known_measure(measures: Collection[str]) -> Callable[[str], str]:
    """A reader of measure ids; FactError MEASURE_UNKNOWN with the nearest for one that does not exist."""

    def read(text: str) -> str:
        if text not in measures:
            near = "、".join(match for match, _, _ in process.extract(text[:60], sorted(measures), limit=3))
            raise FactError(Issue("MEASURE_UNKNOWN", f"没有编号为“{text[:60]}”的措施", "", near, "检查编号"))
        return text

    return read


def _beneficiary(text: str) -> str:
    """`enterprise:…`, `project:…` or `person:…`; a bare key is an enterprise."""
    kind, mark, key = text.partition(":")
    if not mark:
        return f"{Kind.ENTERPRISE}:{checked_key('beneficiary', text)}"
    if kind not in set(Kind) or not key:
        allowed = "统一社会信用代码，或 enterprise:编号、project:编号、person:编号"
        raise FactError(Issue("BENEFICIARY", f"看不出受益人是谁“{text[:40]}”", "", allowed, "改正前缀"))
    return f"{kind}:{checked_key('beneficiary', key)}"
