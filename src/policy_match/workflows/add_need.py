"""Record what a project needs of an element (土地 用林 资金 人才 用工 电力 排污 能耗): a ticket for the unit that answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.errors import Issue, UsageError
from policy_match.lifecycle.table import TicketCause
from policy_match.lifecycle.tickets import Need
from policy_match.units import format_area, format_count, format_money, parse_area, parse_count, parse_money
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_ticket import NewTicket, Opened, cause_of, open_at
from policy_match.workflows.write_entry import By, at_desk

LAND, MONEY = "亩", "元"


@dataclass(frozen=True, slots=True)
class NewNeed:
    """What is asked. `amount` as written, None: not known yet; `by_date`: when it is needed."""

    project: str
    element: str
    text: str
    amount: str | None = None
    by_date: date | None = None


def add_need(archive: Archive, asked: NewNeed, by: By) -> Opened:
    """Open the ticket; UsageError NEED_ELEMENT, FactError for an amount that cannot be read, and as `open_ticket`."""
    element = element_of(asked.element, archive)
    amount = None if asked.amount is None else read_amount(asked.amount, element)
    with at_desk(archive, asked.project, by) as desk:
        return open_at(desk, NewTicket(asked.project, element.name, asked.text), Need(amount, asked.by_date))


def element_of(written: str, archive: Archive) -> TicketCause:
    """A cause that is an element; UsageError NEED_ELEMENT with those there are."""
    elements = {cause.name: cause for cause in archive.table.tickets.causes.values() if cause.unit is not None}
    if written.strip() not in elements:
        what = f"“{written[:20]}”不是要素"
        raise UsageError(
            Issue("NEED_ELEMENT", what, "要素", "、".join(elements), "改用其中一个；其他问题用 ticket open")
        )
    return cause_of(written, archive.table)


def read_amount(written: str, element: TicketCause) -> Fraction:
    """An amount in ㎡ for land, 分 for money, else the unit of the element; FactError, or UsageError for nothing or less."""
    if element.unit == LAND:
        amount = Fraction(parse_area(written))
    elif element.unit == MONEY:
        amount = Fraction(parse_money(written))
    else:
        amount = Fraction(parse_count(written, element.unit or ""))
    if amount <= 0:
        raise UsageError(
            Issue("NEED_AMOUNT", "需求须大于零", "--amount", f"正数，{element.unit}", "还不知道数量的不写")
        )
    return amount


def amount_text(amount: Fraction, element: TicketCause) -> str:
    """The amount in words."""
    if element.unit == LAND:
        return format_area(amount)
    return format_money(amount) if element.unit == MONEY else format_count(amount, element.unit or "")
