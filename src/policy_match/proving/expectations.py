"""What an author expects of a case, compared with what the engine says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policy_match.authoring.expected import NOTHING, expected_amount
from policy_match.benefits.formula import Amount
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.explain import Explaining
from policy_match.eligibility.leaves import HasAny
from policy_match.eligibility.missing import Searching
from policy_match.eligibility.near_miss import near_miss
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement.route import route_of
from policy_match.facts.cells import Items
from policy_match.proving.ground import Ground
from policy_match.proving.situations import Situation
from policy_match.units import format_money


def amount_agrees(written: str, amount: Amount | None) -> bool:
    """Whether a computed amount is the one an author wrote."""
    expected = expected_amount(written)
    if expected is None or amount is None:
        return expected is None and amount is None
    return (amount.low_fen, amount.high_fen, amount.promise) == (expected.low, expected.high, expected.promise)


def written_amount(amount: Amount | None) -> str:
    """An amount in the form in which cases write it, which `expected_amount` reads back."""
    if amount is None:
        return NOTHING
    if amount.high_fen is None:
        return f"{format_money(amount.low_fen)}~"
    high = format_money(amount.high_fen)
    if amount.promise == "ceiling":
        return f"最高{high}"
    if amount.low_fen == amount.high_fen:
        return high
    return f"最多{high}" if amount.low_fen == 0 else f"{format_money(amount.low_fen)}~{high}"


def disagreements(rule: Rule, situation: Situation, ground: Ground, place: int) -> list[str]:
    """What of an expectation does not hold, in words; empty where all holds."""
    return list(_Comparing(rule, situation, ground, place).all())


class _Comparing:
    def __init__(self, rule: Rule, situation: Situation, ground: Ground, place: int) -> None:
        self.rule, self.situation, self.expect = rule, situation, situation.expect
        self.ground, self.place = ground, place
        self.deciding, self.row = ground.at(place)
        self.explaining = Explaining(self.deciding)
        self.verdict = self.deciding.decide(rule).verdicts[self.row]

    def all(self) -> Iterator[str]:
        if self.verdict.value != self.expect.verdict:
            yield f"结论应为 {self.expect.verdict}，实为 {self.verdict.value}{self.because()}"
        if self.expect.amount is not None:
            amount = self.ground.amounts(self.rule, frozenset({self.place}))[self.place]
            if not amount_agrees(self.expect.amount, amount):
                yield f"金额应为 {self.expect.amount}，实为 {written_amount(amount)}"
        for name, expected, found in (
            ("missing", self.expect.missing, self.missing),
            ("deciding", self.expect.deciding, self.deciders),
        ):
            if expected is not None and sorted(expected) != (names := found()):
                yield f"{name} 应为 {'、'.join(sorted(expected)) or '无'}，实为 {'、'.join(names) or '无'}"
        yield from self.plain()

    def because(self) -> str:
        """What makes a verdict that its author did not expect, as far as names can tell it."""
        if self.verdict is Verdict.UNKNOWN and self.rule.in_force(self.deciding.as_of) is None:
            return "：那一天是否施行不能确定，见 effective（截止日未见的，到 seen_in_force_on 最后一天为止）"
        if self.verdict is Verdict.UNKNOWN and (names := self.missing()):
            return f"：缺 {'、'.join(text for name in names for text in self.wanting(name))}"
        if self.verdict is Verdict.INELIGIBLE:
            return f"：由 {'、'.join(self.deciders())} 决定"
        return ""

    def wanting(self, fact: str) -> list[str]:
        """What of a fact is wanting: the dates of the items that a condition asks for and that are there, else all of it."""
        value = self.situation.cells[fact].value if fact in self.situation.cells else None
        if not isinstance(value, Items):
            return [fact]
        asked = [leaf for leaf in leaves_of(self.rule.root) if isinstance(leaf, HasAny) and leaf.fact == fact]
        found = {
            f"“{item.name}”的{name}": None
            for leaf in asked
            for item in value.items
            if item.name in leaf.names and leaf.holds(item, self.deciding.as_of) is None
            for name, band in (("取得日（granted_on）", item.granted), ("有效期（valid_through）", item.through))
            if band is None
        }
        return list(found) or [fact]

    def plain(self) -> Iterator[str]:
        answers: tuple[tuple[str, object, Callable[[], object]], ...] = (
            ("route", self.expect.route, self.route),
            ("near_miss", self.expect.near_miss, self.is_near),
        )
        for name, expected, found in answers:
            if expected is not None and expected != (answer := found()):
                yield f"{name} 应为 {expected}，实为 {answer}"

    def missing(self) -> list[str]:
        """The union of the missing sets."""
        if self.verdict is not Verdict.UNKNOWN:
            return []
        return sorted({name for names in Searching(self.deciding).missing(self.rule, self.row) for name in names})

    def deciders(self) -> list[str]:
        """Conditions that make an ineligible subject ineligible, or an eligible one eligible."""
        want = -1 if self.verdict is Verdict.INELIGIBLE else 1
        return sorted(self.explaining.deciders(self.rule.root, self.row, want))

    def route(self) -> str:
        return route_of(self.rule, self.verdict, self.deciding.table, self.row, self.deciding.as_of).value

    def is_near(self) -> bool:
        return self.verdict is Verdict.INELIGIBLE and near_miss(self.explaining, self.rule, self.row) is not None
