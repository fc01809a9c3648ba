"""The best set of benefits that a firm with its projects, or a person, can lawfully have together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from policy_match.benefits.account import Account, Offer
from policy_match.benefits.combine import best_set
from policy_match.benefits.formula import Amount
from policy_match.benefits.instance import Best
from policy_match.benefits.ledger import Paid
from policy_match.benefits.options import Choice, NotTaken, choice_of, not_taken
from policy_match.eligibility.decide import Verdict
from policy_match.facts.subjects import Kind, Subject
from policy_match.units import format_money
from policy_match.workflows.match import Matching, beneficiary_of


@dataclass(frozen=True, slots=True)
class Taken:
    """One benefit of the set, with what its limits leave of the amount. `low_fen`, `high_fen`: its share of the sums."""

    offer: Offer
    amount: Amount
    low_fen: int
    high_fen: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """The best set of one firm with its projects, or one person; cash alone is added up, 分.

    `free`: what has no amount and stands in nothing's way (recognitions, services). `proved` False: a better set may exist.
    """

    subjects: tuple[Subject, ...]
    as_of: date
    chosen: tuple[Taken, ...]
    not_taken: tuple[NotTaken, ...]
    free: tuple[Offer, ...]
    proved: bool

    @property
    def low_fen(self) -> int:
        """The sum of low ends of cash under all limits."""
        return sum(taken.low_fen for taken in self.chosen if taken.amount.kind == "cash")

    @property
    def high_fen(self) -> int:
        """The sum of high ends of cash under all limits."""
        return sum(taken.high_fen for taken in self.chosen if taken.amount.kind == "cash")

    def of(self, subject_id: str) -> Bundle:
        """The part of one subject; the parts of all subjects add up to the whole."""
        return replace(
            self,
            subjects=tuple(subject for subject in self.subjects if subject.id == subject_id),
            chosen=tuple(taken for taken in self.chosen if taken.offer.subject == subject_id),
            not_taken=tuple(left for left in self.not_taken if left.offer.subject == subject_id),
            free=tuple(offer for offer in self.free if offer.subject == subject_id),
        )


def households(subjects: Sequence[Subject]) -> list[tuple[int, ...]]:
    """Rows that belong together, in the order of the first: a firm with its projects; each person alone."""
    ids = {
        subject.enterprise: subject.id
        for subject in subjects
        if subject.kind is Kind.ENTERPRISE and subject.enterprise is not None
    }
    found: dict[str, list[int]] = {}
    for row, subject in enumerate(subjects):
        found.setdefault(_owner(subject, ids), []).append(row)
    return [tuple(rows) for rows in found.values()]


def household_of(subjects: Sequence[Subject], row: int) -> tuple[int, ...]:
    """The rows that belong together with one."""
    return next(rows for rows in households(subjects) if row in rows)


def _owner(subject: Subject, ids: dict[str, str]) -> str:
    if subject.kind is not Kind.PROJECT:
        return f"{subject.kind}:{subject.id}"
    firm = subject.enterprise or subject.enterprise_name
    return f"project:{subject.id}" if firm is None else f"enterprise:{ids.get(firm, firm)}"


def bundled(matching: Matching, rows: Sequence[int], paid: Iterable[Paid]) -> Bundle:
    """The best set for rows that belong together (see `households`), after what was paid until the day."""
    offers = [offer for row in rows for offer in _offers(matching, row)]
    book = matching.rulebook
    rules = {measure: book.at(measure, matching.as_of) for measure in book.ids}
    account = Account(_names(matching, rows, offers), rules, tuple(paid), matching.as_of)
    choice = choice_of(offers, account)
    best = best_set(choice.instance)
    left = not_taken(choice, best)
    free = tuple(one.offer for one in left if _is_free(one))
    return Bundle(
        subjects=tuple(matching.subjects[row] for row in rows),
        as_of=matching.as_of,
        chosen=tuple(_taken(choice, best, place) for place in best.chosen),
        not_taken=tuple(one for one in left if not _is_free(one)),
        free=free,
        proved=best.proved,
    )


def _offers(matching: Matching, row: int) -> Iterator[Offer]:
    subject = matching.subjects[row]
    for decision in matching.decisions(row):
        if decision.verdicts[row] is Verdict.ELIGIBLE:
            rule = decision.rule
            project = subject.id if subject.kind is Kind.PROJECT else None
            yield Offer(subject.id, rule, beneficiary_of(subject, rule), project, matching.computing(rule).amount(row))


def _names(matching: Matching, rows: Sequence[int], offers: Iterable[Offer]) -> frozenset[str]:
    """Every name under which a ledger may hold what these subjects were paid."""
    subjects = [matching.subjects[row] for row in rows]
    names = {f"{subject.kind}:{subject.id}" for subject in subjects} | {offer.beneficiary for offer in offers}
    firms = {subject.enterprise for subject in subjects if subject.kind is not Kind.PERSON and subject.enterprise}
    return frozenset(names | {f"enterprise:{firm}" for firm in firms})


def _is_free(left: NotTaken) -> bool:
    """Whether an offer is left out for want of an amount alone, and is no cash: it can be had beside the set."""
    benefit = left.offer.rule.measure.benefit
    return left.offer.amount is None and not left.instead and (benefit is None or benefit.kind != "cash")


def _taken(choice: Choice, best: Best, place: int) -> Taken:
    offer, low, high = choice.offers[place], best.low_fen[place], best.high_fen[place]
    if offer.amount is None:
        raise ValueError(f"{offer.rule.id} is an option without an amount")
    return Taken(offer, cut(offer.amount, low, high), low, high)


def cut(amount: Amount, low: int, high: int) -> Amount:
    """An amount of which limits, or what a top-up stands on, leave less; the text tells both."""
    if (low, high) == (amount.low_fen, amount.high_fen):
        return amount
    least, most = min(low, high), max(low, high)
    if amount.promise == "ceiling":
        text = f"最高{format_money(most)}"
    else:
        text = format_money(most) if least == most else f"{format_money(least)}至{format_money(most)}"
    return replace(amount, low_fen=least, high_fen=most, text=f"{text}（封顶或补差以后；单独计{amount.text}）")
