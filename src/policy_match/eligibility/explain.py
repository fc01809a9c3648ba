"""Why: one reason per condition, built from what was compared.

Every number shown is the number used. What is missing names the fact, what was
set aside (stale, in conflict, wrong purpose) is shown with its date, and a refusal
names every false condition that decides.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from policy_match.eligibility.conditions import Need
from policy_match.eligibility.decide import Deciding, Verdict
from policy_match.eligibility.gap import Gap, Measuring
from policy_match.eligibility.leaves import GrowthAtLeast, Leaf
from policy_match.eligibility.nodes import (
    AllNode,
    AnyNode,
    AtLeastNode,
    Named,
    Node,
    NotNode,
    SelectNode,
    Test,
    children,
    leaves_of,
)
from policy_match.eligibility.rulebook import Rule, RuleCondition
from policy_match.eligibility.stops import Stop
from policy_match.eligibility.truth import Truth
from policy_match.facts.cells import Cause, Items, Possible, Series
from policy_match.facts.show import value_text
from policy_match.facts.veil import OFF, Veil
from policy_match.facts.vocabulary import FactType
from policy_match.units import Band, format_band, format_ratio

_Then = TypeVar("_Then")
STOPPED = "_stop"  # no condition has this name: theirs begin with a letter

CAUSE_TEXT = {
    Cause.MISSING: "缺少数据",
    Cause.STALE: "数据已过期",
    Cause.CONFLICT: "数据互相矛盾",
    Cause.WEAK_SOURCE: "来源不足以采信",
    Cause.PURPOSE: "统计资料不得用于此用途",
    Cause.NO_AUTHORISATION: "缺少授权",
    Cause.BAND: "只知道范围，是否达到界限还不能确定",
    Cause.COARSE_CODE: "只知道大类或上级地区，无法判断",
    Cause.UNDEFINED: "无法计算（没有可用的基数）",
    Cause.VALIDITY: "有效期不明",
    Cause.HUMAN: "需人工判断",
}


class Role(StrEnum):
    """What a condition is for in its rule; the value is how its requirement is introduced."""

    REQUIRED = "要求"
    OPTION = "其中一种情形要求"
    EXCLUDED = "排除情形："
    APPLIES = "适用条件："
    EXEMPT = "不适用情形："
    AMOUNT = "只影响金额："


_RANK = {role: rank for rank, role in enumerate(Role)}


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

    def __init__(self, deciding: Deciding, veil: Veil = OFF) -> None:
        """`veil`: figures that the reader of the reasons may not see exactly."""
        self.deciding, self.veil = deciding, veil
        self.table = deciding.table
        self.vocabulary = deciding.table.vocabulary
        self.measuring = Measuring(self.table, deciding.as_of)
        self._have: dict[tuple[int, str], str | None] = {}
        self._roles: dict[str, Mapping[str, Role]] = {}

    def reasons(self, rule: Rule, row: int, verdict: Verdict, *, every: bool = False) -> list[Reason]:
        """Reasons in the order of the rule file: for a refusal the false ones that decide, else (or with `every`) all.

        Of a version that was stopped the stop comes first; a refusal stands without it, unless all reasons are asked for.
        """
        names = list(rule.conditions)
        stopped = [] if rule.stop is None else [_stopped(rule.stop)]
        if verdict is Verdict.INELIGIBLE and not every:
            deciding = self.deciders(rule.root, row, -1, {id(when) for when, _ in rule.gates})
            names = [name for name in names if name in deciding]
            stopped = []
        asked = self.asked(rule, row)
        roles = self.roles(rule)
        return stopped + [
            self.reason(
                rule.conditions[name],
                row,
                applicable=name in asked,
                role=roles.get(name, Role.AMOUNT),
                covered=self.veil.covers(rule.conditions[name].fact),
            )
            for name in names
            if rule.conditions[name].kind != "assumed"
        ]

    def asked(self, rule: Rule, row: int) -> Container[str]:
        """Conditions that the tree asks for: not those that stand only behind a `when` that is false."""
        off = {id(when) for when, _ in rule.gates if self.truth(when, row) < 0}
        if not off:
            return rule.conditions
        return (rule.conditions.keys() - self.roles(rule).keys()).union(_names_outside(rule.root, off))

    def roles(self, rule: Rule) -> Mapping[str, Role]:
        """What each condition is for; one with several roles is shown in the most demanding one."""
        if rule.measure.key not in self._roles:
            whens = {id(when) for when, _ in rule.gates}
            found: dict[str, Role] = {}
            for name, role in _roles_in(rule.root, whens, (Role.REQUIRED, Role.EXCLUDED)):
                found[name] = min(found.get(name, role), role, key=_RANK.__getitem__)
            self._roles[rule.measure.key] = found
        return self._roles[rule.measure.key]

    def truth(self, node: Node, row: int) -> int:
        """1, 0 (unknown) or -1."""
        return int(self.deciding.truths(node)[row])

    def deciders(self, node: Node, row: int, want: int, whens: Container[int] = ()) -> set[str]:
        """Named conditions that make a node what it is (`want` 1 or -1); `whens`: gates, which decide no refusal themselves."""
        if self.truth(node, row) != want:
            return set()
        if isinstance(node, Named):
            return {node.name}
        if isinstance(node, NotNode):
            return self.deciders(node.part, row, -want, whens)
        if isinstance(node, AnyNode) and want < 0 and (gate := _gate(node, whens)) is not None:
            return self.deciders(gate[1], row, want, whens)
        if isinstance(node, AllNode | AnyNode | AtLeastNode):
            return {name for part in node.parts for name in self.deciders(part, row, want, whens)}
        if isinstance(node, SelectNode):
            return {n for _, then in self.reachable(node.rows, row) for n in self.deciders(then, row, want, whens)}
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

    def reason(
        self,
        condition: RuleCondition,
        row: int,
        *,
        applicable: bool = True,
        role: Role = Role.REQUIRED,
        covered: bool = False,
    ) -> Reason:
        """The reason of one condition for one subject; `covered`: its figure lies under the veil."""
        needs = [need for _, need in self.reachable(condition.needs, row)]
        texts = dict.fromkeys(need.text for need in needs) if len(needs) > 1 else (needs[0].text,)
        need = " 或 ".join(texts)
        article = f"（{article_text(condition.article)}）" if condition.article else ""
        if condition.fact is None:
            return _judgement(condition, need, article, applicable=applicable)
        truth = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)[self.truth(condition.node, row) + 1]
        truth = truth if applicable else Truth.NOT_APPLICABLE
        cell = self.table.cell(row, condition.fact)
        have = self.covered(row, condition.fact) if covered else self.have(row, condition.fact)
        cause, blamed = self.cause(condition, row) if truth is Truth.UNKNOWN else (None, None)
        gap = None
        if truth is Truth.FALSE and role is not Role.EXCLUDED and len(texts) == 1 and not covered:
            gap = self.measuring.gap(self.vocabulary[condition.fact], needs[0], row, condition.can_change)
        asks = _asks(role, truth, need)
        said = self.said(condition, row, have, needs[0], covered=covered)
        tail = ""
        if cause is not None and (have is not None or blamed != condition.fact):
            other = "" if blamed == condition.fact else f"“{self.vocabulary[blamed or ''].label}”"
            tail = f"，{other}{CAUSE_TEXT[cause]}"
        far = f"，{gap.words}" if gap is not None else ""
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
            f"{said}，{asks}{far}{tail}{article}",
        )

    def have(self, row: int, fact: str) -> str | None:
        key = (row, fact)
        if key not in self._have:
            value = self.table.cell(row, fact).value
            self._have[key] = None if value is None else value_text(self.vocabulary[fact], value, self.vocabulary)
        return self._have[key]

    def covered(self, row: int, fact: str) -> str | None:
        """What may be seen of a figure under the veil, in words; None where there is none."""
        value = self.table.cell(row, fact).value
        return None if value is None else self.veil.text(self.vocabulary[fact], value, self.vocabulary)

    def said(self, condition: RuleCondition, row: int, have: str | None, need: Need, *, covered: bool) -> str:
        """Label and value, or why there is none and what was seen last."""
        cell = self.table.cell(row, condition.fact or "")
        if have is not None:
            leaf = None if covered else need.leaf
            growth = self.measuring.growth(leaf, row) if isinstance(leaf, GrowthAtLeast) else None
            grown = f"（增长{format_band(growth, format_ratio)}）" if growth is not None else ""
            return f"{condition.label}{'' if have[:1].isdigit() else '：'}{have}{grown}"
        seen = ""
        if cell.last_seen is not None and condition.fact is not None:
            shown = self.veil.text(self.vocabulary[condition.fact], cell.last_seen, self.vocabulary)
            seen = f"，最近一次为{shown}" + (f"（{cell.observed_on.isoformat()}）" if cell.observed_on else "")
        return f"{condition.label}：{CAUSE_TEXT[cell.cause or Cause.MISSING]}{seen}"

    def cause(self, condition: RuleCondition, row: int) -> tuple[Cause, str]:
        """Why a condition is unknown, and through which fact: the figure itself, else the key of its table."""
        node = condition.node.node
        leaves = (node.leaf,) if isinstance(node, Test) else tuple(dict.fromkeys(self.open_leaves(node, row)))
        facts = [(leaf, fact) for leaf in leaves for fact in leaf.facts]
        for _, fact in facts:
            cell = self.table.cell(row, fact)
            if cell.value is None:
                return cell.cause or Cause.MISSING, fact
        for leaf, fact in facts:
            vague = self.vague(leaf, fact, row)
            if vague is not None:
                return vague, fact
        return Cause.UNDEFINED, condition.fact or ""

    def open_leaves(self, node: Node, row: int) -> Iterator[Leaf]:
        """Tests that leave a condition open: those of reachable rows, or if these are all decided, their bounds."""
        if not isinstance(node, SelectNode):
            yield from leaves_of(node)
            return
        rows = self.reachable(node.rows, row)
        open_ = [then for _, then in rows if self.truth(then, row) == 0]
        for part in open_ or [guard for guard, _ in rows if guard is not None and self.truth(guard, row) == 0]:
            yield from leaves_of(part)

    def vague(self, leaf: Leaf, fact: str, row: int) -> Cause | None:
        """What keeps a value that is there from deciding a test."""
        value = self.table.cell(row, fact).value
        if isinstance(value, Series) and isinstance(leaf, GrowthAtLeast):
            years = [self.measuring.band(row, leaf.base), self.measuring.band(row, leaf.fact)]
            if any(year is None or (year.low is None and year.high is None) for year in years):
                return Cause.MISSING
            return None if all(year is not None and year.is_exact for year in years) else Cause.BAND
        if isinstance(value, Band):
            return None if value.is_exact else Cause.BAND
        if isinstance(value, Possible):
            coded = self.vocabulary[fact].type in (FactType.INDUSTRY, FactType.REGION)
            return Cause.COARSE_CODE if coded else None if value.single else Cause.BAND
        if isinstance(value, Items):
            return Cause.VALIDITY if value.is_complete else Cause.WEAK_SOURCE
        return None


def _stopped(stop: Stop) -> Reason:
    need, cause = "未停用", Cause.VALIDITY
    return Reason(STOPPED, None, Truth.UNKNOWN, None, None, need, None, None, stop.since, cause, f"本措施{stop.text}")


def _judgement(condition: RuleCondition, need: str, article: str, *, applicable: bool) -> Reason:
    truth, cause = (Truth.UNKNOWN, Cause.HUMAN) if applicable else (Truth.NOT_APPLICABLE, None)
    text = f"{'需人工判断' if applicable else '不适用'}：{need}{article}"
    return Reason(condition.name, condition.article, truth, None, None, need, None, None, None, cause, text)


def _asks(role: Role, truth: Truth, need: str) -> str:
    """The requirement as a reason says it."""
    if truth is Truth.NOT_APPLICABLE:
        return f"本项不适用（{role}{need}）"
    if role is Role.EXCLUDED and truth is not Truth.UNKNOWN:
        return f"{'属于' if truth is Truth.TRUE else '不属于'}排除情形（{need.removeprefix('属于')}）"
    return f"{role}{need}"


def _gate(node: AnyNode, whens: Container[int]) -> tuple[Node, Node] | None:
    """(when, then) of a branch that was written as if_applicable; None for any other alternative."""
    first = node.parts[0]
    if len(node.parts) == 2 and isinstance(first, NotNode) and id(first.part) in whens:
        return first.part, node.parts[1]
    return None


def _names_outside(node: Node, off: Container[int]) -> Iterator[str]:
    """Names in a tree without the branches behind the gates that are off."""
    if isinstance(node, Named):
        yield node.name
        return
    gate = _gate(node, off) if isinstance(node, AnyNode) else None
    for part in children(node) if gate is None else gate[:1]:
        yield from _names_outside(part, off)


def _roles_in(node: Node, whens: Container[int], roles: tuple[Role, Role]) -> Iterator[tuple[str, Role]]:
    """Each name with its role; `roles`: where the branch is wanted, and where it is not."""
    if isinstance(node, Named):
        yield node.name, roles[0]
    elif isinstance(node, NotNode):
        yield from _roles_in(node.part, whens, (roles[1], roles[0]))
    elif isinstance(node, AnyNode) and (gate := _gate(node, whens)) is not None:
        yield from _roles_in(gate[0], whens, (Role.APPLIES, Role.EXEMPT))
        yield from _roles_in(gate[1], whens, roles)
    else:
        if isinstance(node, AnyNode | AtLeastNode) and roles[0] is Role.REQUIRED and len(node.parts) > 1:
            roles = (Role.OPTION, roles[1])
        for part in children(node):
            yield from _roles_in(part, whens, roles)


def article_text(article: str) -> str:
    """第4.2条 where the article is a number, else as written."""
    return f"第{article}条" if article.replace(".", "").isdigit() else article
