"""What is left of the upper limits that the offers of one account draw on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy_match.benefits.account import Account, Offer, project_of
from policy_match.benefits.instance import Limit, Option
from policy_match.benefits.ledger import Paid
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.schema import Cap
from policy_match.units import format_money, parse_money

PER_NAMES = {
    "project": "单个项目",
    "project_year": "单个项目每年",
    "enterprise_year": "单个企业每年",
    "enterprise": "单个企业",
    "person": "每人",
    "pool_year": "全年资金总额",
    "lifetime": "累计",
}
YEARLY = frozenset({"project_year", "enterprise_year", "pool_year"})


def limits_of(offers: Sequence[Offer], options: Sequence[Option], account: Account) -> tuple[Limit, ...]:
    """Every limit that leaves less than the options (in the order of their offers) ask of it, each once, by measure."""
    found: dict[tuple[frozenset[int], int], Limit] = {}
    for _, rule in sorted(account.rules.items()):
        for cap in rule.measure.benefit.caps if rule.measure.benefit is not None else ():
            drawing = _drawing(rule, cap, account)
            for project, members in _scopes(offers, drawing, cap):
                left = max(0, parse_money(cap.amount) - _drawn(drawing, cap, project, account))
                if sum(options[place].high_fen for place in members) > left:
                    found.setdefault((members, left), Limit(_text(rule, cap, left), members, left))
    return tuple(found.values())


def _drawing(rule: Rule, cap: Cap, account: Account) -> frozenset[str]:
    """The measures that draw on a limit: the one that writes it, those it names, and all that name the same pool."""
    pools = set(cap.shared_with) - account.rules.keys()
    same = {
        other.id
        for other in account.rules.values()
        if other.measure.benefit is not None and any(pools & set(c.shared_with) for c in other.measure.benefit.caps)
    }
    return frozenset({rule.id, *cap.shared_with, *same})


def _scopes(offers: Sequence[Offer], drawing: frozenset[str], cap: Cap) -> Iterator[tuple[str | None, frozenset[int]]]:
    """The places that share one limit; one limit for each project where it is per project."""
    members = [place for place, offer in enumerate(offers) if offer.rule.id in drawing]
    if cap.per not in ("project", "project_year"):
        yield None, frozenset(members)
        return
    for project in dict.fromkeys(offers[place].project for place in members):
        yield project, frozenset(place for place in members if offers[place].project == project)


def _drawn(drawing: frozenset[str], cap: Cap, project: str | None, account: Account) -> int:
    """What was paid out of a limit already, 分; a payment that names no project counts against each."""
    payments = account.seen(drawing) if cap.per == "pool_year" else account.payments(drawing)
    return sum(payment.amount_fen for payment in payments if _counts(payment, cap, project, account))


def _counts(payment: Paid, cap: Cap, project: str | None, account: Account) -> bool:
    if cap.per in YEARLY and not account.in_year(payment):
        return False
    return project is None or project_of(payment) in (None, project)


def _text(rule: Rule, cap: Cap, left: int) -> str:
    full = parse_money(cap.amount)
    rest = "" if left == full else f"，已兑付以后还剩{format_money(left)}"
    return f"“{rule.measure.title}”{PER_NAMES[cap.per]}上限{cap.amount}{rest}"
