"""From what a firm or person is eligible for, and was paid, to a choice: what can be taken, and what cannot and why.

What the ledger settles is settled here, before any search: paid already, had once, a partner of the group paid, a
higher level paid, the difference of a top-up, what is left of a limit. An amount that is not known to its upper end
cannot be compared: it is told, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from policy_match.benefits.account import Account, Offer, conflict_of, project_of, related, told
from policy_match.benefits.instance import Best, Instance, Option, Why
from policy_match.benefits.ledger import Paid
from policy_match.benefits.limits import limits_of


@dataclass(frozen=True, slots=True)
class NotTaken:
    """An offer that is not in the set. `instead`: the measures that stand or were paid in its place, by id."""

    offer: Offer
    why: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`offers` stand in the order of the options of `instance`; `settled`: out before the search; `open_`: not comparable."""

    instance: Instance
    offers: tuple[Offer, ...]
    settled: tuple[NotTaken, ...]
    open_: tuple[Offer, ...]


def choice_of(offers: Sequence[Offer], account: Account) -> Choice:
    """The choice of one account; offers in any order."""
    ordered = sorted(offers, key=lambda offer: (offer.rule.id, offer.subject))
    settled: list[NotTaken] = []
    open_: list[Offer] = []
    kept: list[Offer] = []
    options: list[Option] = []
    for offer in ordered:
        if (gone := _settled(offer, account)) is not None:
            settled.append(gone)
        elif (option := _option(offer, account)) is None:
            open_.append(offer)
        else:
            kept.append(offer)
            options.append(option)
    pairs = combinations(enumerate(kept), 2)
    conflicts = {(i, j): why for (i, one), (j, other) in pairs if (why := conflict_of(one, other)) is not None}
    instance = Instance(tuple(options), conflicts, limits_of(kept, options, account))
    return Choice(instance, tuple(kept), tuple(settled), tuple(open_))


def _settled(offer: Offer, account: Account) -> NotTaken | None:
    """Why the ledger leaves nothing of an offer; None if it leaves something."""
    for payment in sorted(account.payments(account.rules.keys()), key=_when):
        why = _settled_by(offer, payment, account)
        if why is not None:
            return NotTaken(offer, f"{why}：{told(payment, account.rules)}", (payment.measure,))
    return None


def _settled_by(offer: Offer, payment: Paid, account: Account) -> str | None:
    stacking = offer.rule.measure.stacking
    if stacking is not None and payment.measure in stacking.level_substitute:
        return "上级已补" if _may_be_of(offer, payment) else None
    why = related(offer.rule, account.rules[payment.measure])
    if why is None or why is Why.LEVEL or _tops_up(offer, payment) or not account.settles(offer, payment):
        return None
    if why is Why.SAME:
        return "一次性已享受" if stacking is not None and stacking.once is not None else "同一事项已兑付"
    return why.value


def _may_be_of(offer: Offer, payment: Paid) -> bool:
    """Whether a payment is not known to be for another project."""
    return not offer.is_of_project or project_of(payment) in (None, offer.project)


def _tops_up(offer: Offer, payment: Paid) -> bool:
    stacking = offer.rule.measure.stacking
    return stacking is not None and stacking.top_up_of == payment.measure


def _option(offer: Offer, account: Account) -> Option | None:
    """An offer with both ends known, less what its top-up stands on; None where the upper end is open or nothing is known."""
    amount = offer.amount
    if amount is None or amount.high_fen is None:
        return None
    paid = _topped(offer, account)
    low, high = max(0, amount.low_fen - paid), max(0, amount.high_fen - paid)
    return Option(offer.rule.id, offer.beneficiary, offer.project, amount.kind, low, high)


def _topped(offer: Offer, account: Account) -> int:
    """What was paid of the level that a top-up starts from, 分; 0 where the formula itself takes it off."""
    stacking, benefit = offer.rule.measure.stacking, offer.rule.measure.benefit
    if stacking is None or stacking.top_up_of is None or benefit is None or benefit.form == "top_up":
        return 0
    payments = account.payments((stacking.top_up_of,))
    return sum(payment.amount_fen for payment in payments if _may_be_of(offer, payment))


def not_taken(choice: Choice, best: Best) -> tuple[NotTaken, ...]:
    """Every offer that is not in the best set, by id and subject, each with its reason."""
    chosen = [choice.offers[place] for place in best.chosen]
    left = [_left_out(choice, best, place) for place in range(len(choice.offers)) if place not in best.high_fen]
    beside = [_uncompared(offer, chosen) for offer in choice.open_]
    return tuple(sorted((*choice.settled, *left, *beside), key=lambda one: (one.offer.rule.id, one.offer.subject)))


def _left_out(choice: Choice, best: Best, place: int) -> NotTaken:
    offer, instance = choice.offers[place], choice.instance
    rivals = [other for other in best.chosen if instance.conflict(place, other) is not None]
    if rivals:
        whys = sorted({why for other in rivals if (why := instance.conflict(place, other))}, key=list(Why).index)
        return NotTaken(offer, _against(whys[0], [choice.offers[other] for other in rivals]), _ids(choice, rivals))
    if not instance.options[place].high_fen:
        return NotTaken(offer, "补差以后没有余额" if offer.amount and offer.amount.high_fen else "金额为零", ())
    full = [limit for limit in instance.limits if place in limit.members]
    drawing = [other for other in best.chosen if any(other in limit.members for limit in full)]
    if not full:
        return NotTaken(offer, "组合太多，没有证完，这一项未选", ())
    return NotTaken(offer, f"封顶已满：{full[0].text}", _ids(choice, drawing))


def _uncompared(offer: Offer, chosen: Sequence[Offer]) -> NotTaken:
    """An offer without a comparable amount; where it conflicts with one that is taken, that is said."""
    why = "金额没有见到或算不出，不能比较" if offer.amount is None else f"{offer.amount.text}，没有上限，不能比较"
    rivals = [(rival, reason) for rival in chosen if (reason := conflict_of(offer, rival)) is not None]
    if not rivals:
        return NotTaken(offer, why, ())
    against = _against(min((reason for _, reason in rivals), key=list(Why).index), [rival for rival, _ in rivals])
    return NotTaken(offer, f"{why}；{against}", tuple(sorted({rival.rule.id for rival, _ in rivals})))


def _against(why: Why, rivals: Sequence[Offer]) -> str:
    if why is Why.SAME:
        return f"{why}：已计入{'、'.join(rival.subject for rival in rivals)}"
    titles = dict.fromkeys(f"“{rival.rule.measure.title}”" for rival in rivals)
    return f"{why}：已选{'、'.join(titles)}"


def _ids(choice: Choice, places: Sequence[int]) -> tuple[str, ...]:
    return tuple(sorted({choice.offers[place].rule.id for place in places}))


def _when(payment: Paid) -> tuple[str, str, str]:
    return payment.paid_on.isoformat(), payment.measure, payment.reference or ""
