"""Why: one reason per condition, built from what was compared.

Every number shown is the number used. What is missing names the fact, what was
set aside (stale, in conflict, wrong purpose) is shown with its date, and a refusal
names every false condition that decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar

from policy_match.dates import add_period, format_date
from policy_match.eligibility.conditions import Need
from policy_match.eligibility.decide import Deciding, Verdict
from policy_match.eligibility.nodes import AllNode, AnyNode, AtLeastNode, Named, Node, NotNode, SelectNode, leaves_of
from policy_match.eligibility.rulebook import Rule, RuleCondition
from policy_match.eligibility.truth import Truth
from policy_match.facts.cells import Cause, Cell, Items, Possible
from policy_match.facts.show import number_text, value_text
from policy_match.facts.vocabulary import FactType
from policy_match.units import Band, Number, format_ratio

_Then = TypeVar("_Then")

CAUSE_TEXT = {
    Cause.MISSING: "缺少数据",
    Cause.STALE: "数据已过期",
    Cause.CONFLICT: "数据互相矛盾",
    Cause.WEAK_SOURCE: "来源不足以采信",
    Cause.PURPOSE: "统计资料不得用于此用途",
    Cause.NO_AUTHORISATION: "缺少授权",
    Cause.BAND: "只知道范围，界限落在其中",
    Cause.COARSE_CODE: "编码不够细",
    Cause.UNDEFINED: "无法计算（没有可用的基数）",
    Cause.VALIDITY: "有效期不明",
    Cause.HUMAN: "需人工判断",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a figure is from its threshold, in words and relative to the threshold; days for a date."""

    by: str
    relative: Fraction | None
    days: int | None
    can_change: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of one verdict; field names as in the match line."""

    condition: str
    article: str | None
    truth: Truth
    fact: str | None
    have: str | None
    need: str
    gap: Gap | None
    source: str | None
    observed_on: date | None
    cause: Cause | None
    text: str


class Explaining:
    """Builds reasons from one `Deciding`; nothing is evaluated a second time."""

    def __init__(self, deciding: Deciding) -> None:
        self.deciding = deciding
        self.table = deciding.table
        self.vocabulary = deciding.table.vocabulary
        self._have: dict[tuple[int, str], str | None] = {}

    def reasons(self, rule: Rule, row: int, verdict: Verdict, *, every: bool = False) -> list[Reason]:
        """Reasons in the order of the rule file: for a refusal the false ones that decide, else (or with `every`) all."""
        names = list(rule.conditions)
        if verdict is Verdict.INELIGIBLE and not every:
            deciding = self.deciders(rule.root, row, -1)
            names = [name for name in names if name in deciding]
        off = {name for when, gated in rule.gates if self.truth(when, row) < 0 for name in gated}
        return [
            self.reason(rule.conditions[name], row, applicable=name not in off)
            for name in names
            if rule.conditions[name].kind != "assumed"
        ]

    def truth(self, node: Node, row: int) -> int:
        """1, 0 (unknown) or -1."""
        return int(self.deciding.truths(node)[row])

    def deciders(self, node: Node, row: int, want: int) -> set[str]:
        """Named conditions that make a node what it is (`want` 1 or -1)."""
        if self.truth(node, row) != want:
            return set()
        if isinstance(node, Named):
            return {node.name}
        if isinstance(node, NotNode):
            return self.deciders(node.part, row, -want)
        if isinstance(node, AllNode | AnyNode | AtLeastNode):
            return {name for part in node.parts for name in self.deciders(part, row, want)}
        if isinstance(node, SelectNode):
            return {name for _, then in self.reachable(node.rows, row) for name in self.deciders(then, row, want)}
        return set()

    def reachable(self, rows: tuple[tuple[Node | None, _Then], ...], row: int) -> list[tuple[Node | None, _Then]]:
        """Rows of a table that the key may still reach."""
        found: list[tuple[Node | None, _Then]] = []
        for guard, then in rows:
            answer = 1 if guard is None else self.truth(guard, row)
            if answer >= 0:
                found.append((guard, then))
            if answer > 0:
                break
        return found

    def reason(self, condition: RuleCondition, row: int, *, applicable: bool = True) -> Reason:
        """The reason of one condition for one subject."""
        needs = [need for _, need in self.reachable(condition.needs, row)]
        need = " 或 ".join(dict.fromkeys(need.text for need in needs))
        article = f"（{_article(condition.article)}）" if condition.article else ""
        if condition.fact is None:
            text = f"需人工判断：{need}{article}"
            return Reason(
                condition.name, condition.article, Truth.UNKNOWN, None, None, need, None, None, None, Cause.HUMAN, text
            )
        truth = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)[self.truth(condition.node, row) + 1]
        truth = truth if applicable else Truth.NOT_APPLICABLE
        cell = self.table.cell(row, condition.fact)
        have = self.have(row, condition.fact)
        cause = self.cause(condition, row) if truth is Truth.UNKNOWN else None
        gap = self.gap(condition, cell, needs[0]) if truth is Truth.FALSE and len(needs) == 1 else None
        text = self.text(condition, truth, have, need, cell, cause, gap) + article
        return Reason(
            condition.name,
            condition.article,
            truth,
            condition.fact,
            have,
            need,
            gap,
            cell.source,
            cell.observed_on,
            cause,
            text,
        )

    def have(self, row: int, fact: str) -> str | None:
        key = (row, fact)
        if key not in self._have:
            value = self.table.cell(row, fact).value
            self._have[key] = None if value is None else value_text(self.vocabulary[fact], value, self.vocabulary)
        return self._have[key]

    def text(
        self,
        condition: RuleCondition,
        truth: Truth,
        have: str | None,
        need: str,
        cell: Cell,
        cause: Cause | None,
        gap: Gap | None,
    ) -> str:
        if truth is Truth.NOT_APPLICABLE:
            return f"{condition.label}：不适用"
        if have is None:
            seen = ""
            if cell.last_seen is not None and condition.fact is not None:
                shown = value_text(self.vocabulary[condition.fact], cell.last_seen, self.vocabulary)
                seen = f"，最近一次为{shown}" + (f"（{cell.observed_on.isoformat()}）" if cell.observed_on else "")
            return f"{condition.label}：{CAUSE_TEXT[cause or Cause.MISSING]}{seen}，要求{need}"
        tail = f"，{CAUSE_TEXT[cause]}" if cause is not None else ""
        far = f"，还差{gap.by}" if gap is not None else ""
        sep = "" if have[:1].isdigit() else "："
        return f"{condition.label}{sep}{have}，要求{need}{far}{tail}"

    def cause(self, condition: RuleCondition, row: int) -> Cause:
        """Why a condition is unknown: its own fact first, then the facts of its table or reference day."""
        facts = [condition.fact or "", *(name for leaf in leaves_of(condition.node) for name in leaf.facts)]
        cells = [self.table.cell(row, name) for name in dict.fromkeys(facts)]
        for cell in cells:
            if cell.value is None:
                return cell.cause or Cause.MISSING
        return next((cause for name in facts if (cause := self.vague(name, row)) is not None), Cause.UNDEFINED)

    def vague(self, fact: str, row: int) -> Cause | None:
        value = self.table.cell(row, fact).value
        if isinstance(value, Band):
            return None if value.is_exact else Cause.BAND
        if isinstance(value, Possible):
            coded = self.vocabulary[fact].type in (FactType.INDUSTRY, FactType.REGION)
            return Cause.COARSE_CODE if coded else None if value.single else Cause.BAND
        return Cause.VALIDITY if isinstance(value, Items) else None

    def gap(self, condition: RuleCondition, cell: Cell, need: Need) -> Gap | None:
        """Distance of a false condition from true; None where nothing can be measured."""
        if not isinstance(cell.value, Band) or condition.fact is None:
            return None
        spec = self.vocabulary[condition.fact]
        if spec.type is FactType.DATE:
            return self.days(condition, cell.value, need)
        distance, threshold = _distance(cell.value, need)
        if distance is None or threshold is None:
            return None
        by = (
            format_ratio(distance).replace("%", "个百分点")
            if spec.type is FactType.RATIO
            else number_text(spec, distance)
        )
        relative = Fraction(distance) / abs(Fraction(threshold)) if threshold else None
        return Gap(by, relative, None, condition.can_change)

    def days(self, condition: RuleCondition, value: Band, need: Need) -> Gap | None:
        if need.period is None or value.high is None:
            return None
        true_on = add_period(date.fromordinal(int(value.high)), need.period)
        days = (true_on - self.deciding.as_of).days
        return (
            Gap(f"{days}天（{format_date(true_on.toordinal())}起满足）", None, days, condition.can_change)
            if days > 0
            else None
        )


def _distance(value: Band, need: Need) -> tuple[Number | None, Number | None]:
    if need.low is not None and value.high is not None and value.high <= need.low:
        return need.low - value.high, need.low
    if need.high is not None and value.low is not None and value.low >= need.high:
        return value.low - need.high, need.high
    return None, None


def _article(article: str) -> str:
    return f"第{article}条" if article[:1].isdigit() else article
