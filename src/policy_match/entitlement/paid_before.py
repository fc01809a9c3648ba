"""What earlier payments leave of a benefit: the rest of each cap, and payments that stand in its place altogether.

The year of a yearly cap is the calendar year in which is paid. Payments of other systems count as our own do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from policy_match.benefits.account import project_of, related
from policy_match.benefits.instance import Why
from policy_match.benefits.ledger import Paid
from policy_match.benefits.limits import YEARLY
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.schema import Cap
from policy_match.entitlement.proof import Cut
from policy_match.units import format_money, parse_money

_OF_PROJECT = frozenset({"project", "project_year"})


@dataclass(frozen=True, slots=True)
class Payee:
    """Who would be paid, for which project (None: none), for which period, in which calendar year."""

    beneficiary: str
    project: str | None
    period: str
    year: int


@dataclass(frozen=True, slots=True)
class InItsPlace:
    """A payment that leaves nothing of a benefit, or that nobody can say may stand beside it (`is_open`)."""

    paid: Paid
    why: str
    is_open: bool = False


def cuts(rule: Rule, payee: Payee, ledger: Sequence[Paid]) -> tuple[Cut, ...]:
    """The rest of every cap of the benefit, in the order of the caps; none where the benefit has no cap."""
    benefit = rule.measure.benefit
    caps = () if benefit is None else benefit.caps
    return tuple(_cut(place, cap, rule, payee, ledger) for place, cap in enumerate(caps))


def pooled(rule: Rule) -> frozenset[str]:
    """The measures whose payments to anybody count against a cap of the rule: those of its pools."""
    benefit = rule.measure.benefit
    caps = () if benefit is None else benefit.caps
    return frozenset(name for cap in caps if cap.per == "pool_year" for name in (rule.id, *cap.shared_with))


def _cut(place: int, cap: Cap, rule: Rule, payee: Payee, ledger: Sequence[Paid]) -> Cut:
    measures = {rule.id, *cap.shared_with}
    paid = [one for one in ledger if one.measure in measures and _counts(one, cap, payee)]
    limit, spent = parse_money(cap.amount), max(sum(one.amount_fen for one in paid), 0)
    why = f"封顶{format_money(limit)}，已兑付{format_money(spent)}"
    return Cut(place, why, limit, spent)


def _counts(one: Paid, cap: Cap, payee: Payee) -> bool:
    """Whether a payment draws on a cap: everybody's for a pool, else the payee's own."""
    if cap.per in YEARLY and one.paid_on.year != payee.year:
        return False
    if cap.per == "pool_year":
        return True
    if one.beneficiary != payee.beneficiary:
        return False
    return cap.per not in _OF_PROJECT or project_of(one) in (None, payee.project)


def in_its_place(
    rule: Rule, rulebook: Rulebook, payee: Payee, ledger: Iterable[Paid], period_of: Callable[[Paid], str]
) -> InItsPlace | None:
    """The first payment, by day and reference, that keeps the benefit from being paid; None where none does.

    What came back in whole, of one measure, project and period, keeps nothing away. `period_of`: the period for which an
    earlier payment was made.
    """
    mine = [one for one in ledger if one.beneficiary == payee.beneficiary]
    left = Counter[tuple[str, str | None, str]]()
    for one in mine:
        left[one.measure, one.project, period_of(one)] += one.amount_fen
    standing = [one for one in mine if one.amount_fen > 0 and left[one.measure, one.project, period_of(one)] > 0]
    return next(_found(rule, rulebook, payee, sorted(standing, key=_order), period_of), None)


def _found(
    rule: Rule, rulebook: Rulebook, payee: Payee, own: Sequence[Paid], period_of: Callable[[Paid], str]
) -> Iterator[InItsPlace]:
    once = None if rule.measure.stacking is None else rule.measure.stacking.once
    for one in own:
        same_project = project_of(one) in (None, payee.project)
        if one.measure == rule.id:
            if period_of(one) == payee.period:
                yield InItsPlace(one, "这一期已经兑付过")
            elif once == "lifetime" or (once == "project" and same_project):
                yield InItsPlace(one, "一次性，已经享受过")
        elif same_project and (found := _of_another(rule, rulebook, payee, one)) is not None:
            yield found


def _of_another(rule: Rule, rulebook: Rulebook, payee: Payee, one: Paid) -> InItsPlace | None:
    """What a payment under another measure, in any version, means for this one; None where both may be had."""
    why = next((why for other in rulebook.rules if other.id == one.measure and (why := related(rule, other))), None)
    if why is None or (why is Why.EXCLUSIVE and one.paid_on.year != payee.year):
        return None
    if why is Why.EXCLUSIVE:
        return InItsPlace(one, "同组就高不重复，已经兑付过另一项")
    stacking = rule.measure.stacking
    if why is Why.LEVEL and stacking is not None and one.measure in stacking.level_substitute:
        return InItsPlace(one, "上级已经兑付")
    # Whether and how much may be paid beside it is for a person: nothing is added up by guess.
    return InItsPlace(one, f"另一项已经兑付，{why}", is_open=True)


def _order(paid: Paid) -> tuple[str, str]:
    return paid.paid_on.isoformat(), paid.reference or ""
