"""Everything one page says of one subject: what to ask, what is proved, what is open, and the facts it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.eligibility.ask import Question
from policy_match.eligibility.decide import Verdict
from policy_match.eligibility.explain import CAUSE_TEXT, STOPPED, Reason
from policy_match.eligibility.nodes import AllNode, AnyNode, AtLeastNode, Named, Node, NotNode, SelectNode, children
from policy_match.eligibility.truth import Truth
from policy_match.facts.cells import Cell
from policy_match.facts.subjects import Subject
from policy_match.facts.veil import Veil
from policy_match.facts.vocabulary import Vocabulary
from policy_match.ranking.order import REST, Column, group_of, in_columns
from policy_match.workflows.ask import questions
from policy_match.workflows.choose_finance import FinanceChoice, choose_finance
from policy_match.workflows.match import Match, Matching

READING = "READING"
NO_SOURCE = "文件所载"


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact for people. `set_aside`: why it may not be used on this day, empty if it may; `derived`: worked out by us."""

    name: str
    label: str
    text: str
    source: str
    is_reading: bool
    observed_on: date | None
    set_aside: str
    derived: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One subject in full. The groups hold every measure that it was matched with, each once, best first; `finance`
    names the best finance option of each group, which stands in its list as well. `columns`: what is not refused, money,
    finance, services and people side by side, the best first in each."""

    subject: Subject
    questions: tuple[Question, ...]
    finance: tuple[FinanceChoice, ...]
    columns: Mapping[Column, tuple[Match, ...]]
    eligible: tuple[Match, ...]
    needs_human: tuple[Match, ...]
    unknown: tuple[Match, ...]
    near: tuple[Match, ...]
    rest: tuple[Match, ...]
    facts: tuple[FactLine, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """The units to ask about what is open, each once, the one with most open measures first."""
        owners = [m.rule.measure.owner_unit for m in (*self.needs_human, *self.unknown)]
        named = [unit for owner in owners if owner is not None for unit in owner.split("、")]
        return tuple(sorted(dict.fromkeys(named), key=lambda unit: (-named.count(unit), unit)))


def show_project(matching: Matching, row: int) -> Shown:
    """One subject of the load with all its matches."""
    matches = matching.in_order(matching.of(row))
    groups: dict[str, list[Match]] = {name: [] for name in ("eligible", "needs_human", "unknown", "near", "rest")}
    for match in matches:
        near = match.verdict is Verdict.INELIGIBLE and match.near is not None
        groups["near" if near else match.verdict.value if match.verdict.value in groups else "rest"].append(match)
    return Shown(
        subject=matching.subjects[row],
        questions=questions(matching, row),
        finance=choose_finance(matches),
        columns=in_columns(
            (m for m in matches if group_of(m.verdict, near=m.near is not None) < REST),
            lambda match: match.rule.measure,
        ),
        facts=tuple(fact_lines(matching, row)),
        **{name: tuple(found) for name, found in groups.items()},
    )


def fact_lines(matching: Matching, row: int) -> Iterator[FactLine]:
    """Given facts in the order of the vocabulary, then what is derived from them."""
    vocabulary, given = matching.rulebook.vocabulary, matching.subjects[row].cells
    for name in vocabulary.facts:
        cell = matching.table.cell(row, name)
        if name in given and (given[name].value or given[name].last_seen) is not None:
            yield _fact_line(name, cell, vocabulary, matching.veil)
    for name in vocabulary.order:
        cell = matching.table.cell(row, name)
        if name not in given and cell.value is not None:
            yield _fact_line(name, cell, vocabulary, matching.veil)


def _fact_line(name: str, cell: Cell, vocabulary: Vocabulary, veil: Veil) -> FactLine:
    spec = vocabulary[name]
    value = cell.value if cell.value is not None else cell.last_seen
    return FactLine(
        name=name,
        label=spec.label,
        text="" if value is None else veil.text(spec, value, vocabulary),
        source=source_text(cell.source, vocabulary) if not cell.derived else "由已知事实推导",
        is_reading=cell.source == READING,
        observed_on=cell.observed_on,
        set_aside=CAUSE_TEXT[cell.cause] if cell.value is None and cell.cause is not None else "",
        derived=cell.derived,
    )


def source_text(source: str | None, vocabulary: Vocabulary) -> str:
    """The register in words; a value without one is what the file says."""
    return vocabulary.registers.get(source or "", NO_SOURCE)


@dataclass(frozen=True, slots=True)
class Marking:
    """How the conditions of one rule read.

    `refused`: must not hold; `joint`: of those, the ones that stand in the way only together with others;
    `guards`: only say whether others are asked; `spare`: one of several ways of which another is met, so that
    it stands in nobody's way if it does not hold; `proved`: the rule holds as a whole, and everything is spare.
    """

    refused: frozenset[str]
    joint: frozenset[str]
    guards: frozenset[str]
    spare: frozenset[str]
    proved: bool

    def mark(self, reason: Reason) -> tuple[str, str]:
        """(style, word) of a reason as people read it; a condition that must not hold says 未触及 or 触及."""
        if reason.truth is Truth.NOT_APPLICABLE:
            return "off", "不适用"
        if reason.condition == STOPPED:
            return "open", "已停用"
        if reason.truth is Truth.UNKNOWN:
            return "open", "待判断" if reason.fact is None else "未知"
        holds = reason.truth is Truth.TRUE
        if reason.condition in self.guards:
            return "off", "适用" if holds else "不适用"
        if holds != (reason.condition in self.refused):
            return "yes", "满足" if holds else "未触及"
        if (self.proved or reason.condition in self.spare) and not holds:
            return "off", "非必需"
        if self.proved or reason.condition in self.joint:
            return "off", "属实"
        return "no", "触及" if holds else "不满足"


def marking_of(match: Match) -> Marking:
    """The reading of every condition of one match; an odd number of 不 above a condition means that it must not hold."""
    rule = match.rule
    guards = frozenset(name for when, _ in rule.gates for name, _, _ in _polarity(when, False, False))
    found = [(name, joint) for name, refused, joint in _polarity(rule.root, False, False) if refused]
    refused = frozenset(name for name, _ in found) - guards
    truths = {reason.condition: _SIGN.get(reason.truth, 0) for reason in match.reasons}
    under = list(_under_what_holds(rule.root, truths, False))
    spare = frozenset(name for name, met in under if met) - {name for name, met in under if not met}
    joint = frozenset(name for name, together in found if together) & refused
    return Marking(refused, joint, guards, spare - refused, match.verdict is Verdict.ELIGIBLE)


_SIGN = {Truth.TRUE: 1, Truth.FALSE: -1}


def _holds(node: Node, truths: Mapping[str, int]) -> int:
    """1, 0 (unknown, or not to be told from the conditions shown) or -1."""
    if isinstance(node, Named):
        return truths.get(node.name, 0)
    if isinstance(node, NotNode):
        return -_holds(node.part, truths)
    if not isinstance(node, AllNode | AnyNode | AtLeastNode):
        return 0
    signs = sorted((_holds(part, truths) for part in node.parts), reverse=True)
    needed = len(signs) if isinstance(node, AllNode) else node.count if isinstance(node, AtLeastNode) else 1
    return signs[needed - 1]


def _under_what_holds(node: Node, truths: Mapping[str, int], met: bool) -> Iterator[tuple[str, bool]]:
    """Every condition under a node, and whether a part that holds has it as one of its ways."""
    if isinstance(node, Named):
        yield node.name, met
        return
    met = not isinstance(node, NotNode) and (met or _holds(node, truths) > 0)
    for part in children(node):
        yield from _under_what_holds(part, truths, met)


def _polarity(node: Node, refused: bool, joint: bool) -> Iterator[tuple[str, bool, bool]]:
    """Every condition under a node: its name, whether it must not hold, whether only together with others."""
    if isinstance(node, Named):
        yield node.name, refused, joint
    elif isinstance(node, NotNode):
        yield from _polarity(node.part, not refused, False)
    elif isinstance(node, AllNode | AnyNode | AtLeastNode):
        together = refused and len(node.parts) > 1 and not isinstance(node, AnyNode)
        for part in node.parts:
            yield from _polarity(part, refused, joint or together)
    elif isinstance(node, SelectNode):
        for _, then in node.rows:
            yield from _polarity(then, refused, joint)
