"""One beneficiary's account: who it is, what it was paid, and whether a payment settles a benefit that is open now.

A firm and all its projects are one account, and so is a person. Payments after the day are not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.benefits.formula import Amount
from policy_match.benefits.instance import Why
from policy_match.benefits.ledger import Paid
from policy_match.eligibility.rulebook import Rule
from policy_match.units import format_money


@dataclass(frozen=True, slots=True)
class Offer:
    """One measure that one subject is eligible for. `project`: the subject where it is a project; `amount` None: none is known."""

    subject: str
    rule: Rule
    beneficiary: str
    project: str | None
    amount: Amount | None

    @property
    def is_of_project(self) -> bool:
        """Whether the benefit belongs to one project, not to the firm or person."""
        return self.project is not None and self.rule.measure.target == "project"


@dataclass(frozen=True, slots=True)
class Account:
    """`names`: the beneficiaries that are this firm or person; `rules`: every measure in the version of the day; `paid`: any payments."""

    names: frozenset[str]
    rules: Mapping[str, Rule]
    paid: tuple[Paid, ...]
    as_of: date

    def payments(self, measures: Collection[str]) -> Iterator[Paid]:
        """What this account was paid for some measures, as given."""
        for payment in self.seen(measures):
            if payment.beneficiary in self.names:
                yield payment

    def seen(self, measures: Collection[str]) -> Iterator[Paid]:
        """What anybody was paid for some measures until the day."""
        return (payment for payment in self.paid if payment.measure in measures and payment.paid_on <= self.as_of)

    def in_year(self, payment: Paid) -> bool:
        """Whether a payment is of the calendar year of the day."""
        return payment.paid_on.year == self.as_of.year

    def settles(self, offer: Offer, payment: Paid) -> bool:
        """Whether a payment to this account is for the same matter as an offer.

        Of a project: one for that project, or for none that is named; where it is yearly, one of the year. Else: one
        of the year. Had once for good, or stood on by a top-up that takes off what was paid whenever: of any year.
        """
        stacking, benefit = offer.rule.measure.stacking, offer.rule.measure.benefit
        once = None if stacking is None else stacking.once
        if once == "lifetime":
            return True
        if once == "year":
            return self.in_year(payment)
        if offer.is_of_project and project_of(payment) not in (None, offer.project):
            return False
        yearly = not offer.is_of_project or (once is None and benefit is not None and benefit.a == "year")
        return not yearly or self.in_year(payment) or self.is_topped(offer.rule.id)

    def is_topped(self, measure: str) -> bool:
        """Whether another measure tops up this one."""
        stackings = (rule.measure.stacking for rule in self.rules.values())
        return any(stacking is not None and stacking.top_up_of == measure for stacking in stackings)


def project_of(payment: Paid) -> str | None:
    """The project that a payment is for; None where it names none."""
    kind, _, name = payment.beneficiary.partition(":")
    return payment.project or (name if kind == "project" else None)


def related(one: Rule, other: Rule) -> Why | None:
    """Why two measures cannot both be had for one matter; None if nothing is said against it."""
    first, second = one.measure.stacking, other.measure.stacking
    if one.id == other.id:
        return Why.SAME
    if first is not None and second is not None and first.exclusive and first.exclusive == second.exclusive:
        return Why.EXCLUSIVE
    for mine, partner in ((first, other.id), (second, one.id)):
        if mine is None:
            continue
        if partner in mine.level_substitute:
            return Why.LEVEL
        if mine.top_up_of == partner:
            return Why.TOP_UP
        if partner in mine.unwritten_with:
            return Why.UNWRITTEN
    return None


def conflict_of(one: Offer, other: Offer) -> Why | None:
    """Why two offers of one account cannot both be taken; None if they can.

    Benefits of two different projects are different matters, unless the measure is had once for good or once a year.
    """
    why = related(one.rule, other.rule)
    if not (one.is_of_project and other.is_of_project and one.project != other.project):
        return why
    stacking = one.rule.measure.stacking
    is_once = why is Why.SAME and stacking is not None and stacking.once in ("lifetime", "year")
    return Why.ONCE if is_once else None


def told(payment: Paid, rules: Mapping[str, Rule]) -> str:
    """A payment as people read it: “措施”2025-03-01已兑付120万元."""
    rule = rules.get(payment.measure)
    title = payment.measure if rule is None else rule.measure.title
    return f"“{title}”{payment.paid_on.isoformat()}已兑付{format_money(payment.amount_fen)}"
