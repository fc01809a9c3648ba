"""Verdicts of every (subject, measure) pair of a table.

Order: not in force; then the tree: ineligible, eligible, needs_human (only
judgements by people are open), unknown. A measure that is only perhaps in force
is never eligible: at most unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from policy_match.eligibility.leaves import Leaf
from policy_match.eligibility.nodes import Evaluation, Named, Node, questions_in
from policy_match.eligibility.program import EVERY, NONE, Circuit, Input, Side, compiled
from policy_match.eligibility.rulebook import Rule
from policy_match.eligibility.truth import WORD, Planes, Words, unpack
from policy_match.facts.planes import PackedColumns, words_of
from policy_match.facts.table import FactTable

BLOCK = 2048 * WORD


class Verdict(StrEnum):
    """The answer for one subject and one measure."""

    ELIGIBLE = "eligible"
    UNKNOWN = "unknown"
    NEEDS_HUMAN = "needs_human"
    INELIGIBLE = "ineligible"
    NOT_IN_FORCE = "not_in_force"


VERDICT_NAMES = {
    Verdict.ELIGIBLE: "符合",
    Verdict.UNKNOWN: "待补数据",
    Verdict.NEEDS_HUMAN: "待人工判断",
    Verdict.INELIGIBLE: "不符合",
    Verdict.NOT_IN_FORCE: "不在施行期",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One measure decided for every subject: `verdicts` in subject order; `in_force` None: perhaps."""

    rule: Rule
    verdicts: tuple[Verdict, ...]
    in_force: bool | None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts of `rules` for the `size` subjects of a table, as bit planes uint64 (n_rules, n_words).

    A pair that is neither eligible nor refused is open: `human` has the planes, by place of the rule, of those
    where only judgements by people are; the others are unknown. Bits beyond the subjects are free.
    """

    rules: tuple[Rule, ...]
    in_force: tuple[bool | None, ...]
    size: int
    eligible: Words
    refused: Words
    human: Mapping[int, Words]

    def plane(self, place: int, verdict: Verdict) -> Words:
        """Where the rule in that place has this verdict."""
        eligible: Words = self.eligible[place]
        refused: Words = self.refused[place]
        if verdict is Verdict.ELIGIBLE:
            return eligible
        if verdict in (Verdict.INELIGIBLE, Verdict.NOT_IN_FORCE):
            is_refusal = (verdict is Verdict.NOT_IN_FORCE) == (self.in_force[place] is False)
            return refused if is_refusal else np.zeros_like(refused)
        open_ = ~(eligible | refused)
        human = self.human.get(place)
        if human is None:
            return open_ if verdict is Verdict.UNKNOWN else np.zeros_like(refused)
        return open_ & (human if verdict is Verdict.NEEDS_HUMAN else ~human)

    def listed(self, verdict: Verdict) -> Iterator[tuple[Rule, NDArray[np.int64]]]:
        """The rows of the subjects with this verdict, rule by rule, ascending."""
        for place, rule in enumerate(self.rules):
            yield rule, np.flatnonzero(unpack(self.plane(place, verdict), self.size))

    def codes(self) -> NDArray[np.int8]:
        """The verdict of every pair as its code (`CODES`), int8 (n_rules, n_subjects)."""
        eligible, refused = (
            np.array([unpack(plane, self.size) for plane in planes]) for planes in (self.eligible, self.refused)
        )
        out = np.array([in_force is False for in_force in self.in_force])[:, None]
        found = np.full((len(self.rules), self.size), CODES[Verdict.UNKNOWN], dtype=np.int8)
        for place, plane in self.human.items():
            found[place][unpack(plane, self.size)] = CODES[Verdict.NEEDS_HUMAN]
        found[refused & ~out] = CODES[Verdict.INELIGIBLE]
        found[refused & out] = CODES[Verdict.NOT_IN_FORCE]
        found[eligible] = CODES[Verdict.ELIGIBLE]
        return found

    def decision(self, place: int) -> Decision:
        """The verdicts of the rule in that place, subject by subject."""
        codes = np.zeros(self.size, dtype=np.int8)
        for code, verdict in enumerate(_IN_CODE_ORDER):
            codes[unpack(self.plane(place, verdict), self.size)] = code
        verdicts = tuple(map(_IN_CODE_ORDER.__getitem__, codes.tolist()))
        return Decision(self.rules[place], verdicts, self.in_force[place])


_IN_CODE_ORDER = tuple(Verdict)
CODES = {verdict: code for code, verdict in enumerate(_IN_CODE_ORDER)}
"""The number that stands for a verdict in columns."""


class Batch:
    """Rules compiled together, to decide any number of subjects on one day; equal conditions are worked out once."""

    def __init__(self, rules: Sequence[Rule], as_of: date) -> None:
        self.rules, self.as_of = tuple(rules), as_of
        self.in_force = tuple(rule.in_force(as_of) for rule in rules)
        self._asking = [i for i, rule in enumerate(self.rules) if self.in_force[i] and questions_in(rule.root)]
        circuit = Circuit()
        # conditions of one fact follow each other, while its column is in the cache
        self.program = compiled(circuit, self.outputs(circuit), _facts_of)

    def outputs(self, circuit: Circuit) -> list[int]:
        """The wires of where each rule is eligible, where each is refused, where people alone would settle each that asks them."""
        eligible, refused = [], []
        for rule, in_force in zip(self.rules, self.in_force, strict=True):
            true, false = circuit.wires(rule.root) if in_force is not False else (NONE, EVERY)
            eligible.append(true if in_force else NONE)
            refused.append(false)
        human = [circuit.settled_by_people(self.rules[place].root) for place in self._asking]
        return [*eligible, *refused, *human]

    def decide(self, table: FactTable, *, block: int = BLOCK) -> Verdicts:
        """Decide every subject; `block`: subjects worked on at a time, a multiple of 64."""
        planes = self._planes(table.size)
        for first in range(0, table.size, block):
            last = min(first + block, table.size)
            columns = PackedColumns(table if last - first == table.size else table.block(first, last))
            words = planes[:, first // WORD : -(-last // WORD)]
            self.program.run(partial(self._leaf, columns), words)
        return self.verdicts(planes, table.size)

    def decide_within(self, evaluation: Evaluation) -> Verdicts:
        """Decide the subjects of an evaluation, with the conditions that it has worked out already."""
        if evaluation.bits is not None:
            planes = words_of(self.program.run_bits(evaluation.bits.test)).reshape(-1, 1)
        else:
            planes = self._planes(evaluation.size)
            self.program.run(evaluation.words.test, planes)
        return self.verdicts(planes, evaluation.size)

    def _leaf(self, columns: PackedColumns, leaf: Leaf) -> Planes[Words]:
        return leaf.decide(columns, self.as_of)

    def _planes(self, size: int) -> Words:
        return np.empty((len(self.program.outputs), -(-size // WORD)), dtype=np.uint64)

    def verdicts(self, planes: Words, size: int) -> Verdicts:
        """The verdicts that the planes of the outputs say, uint64 (n_outputs, n_words)."""
        count = len(self.rules)
        human = dict(zip(self._asking, planes[2 * count :], strict=True))
        return Verdicts(self.rules, self.in_force, size, planes[:count], planes[count : 2 * count], human)


def _facts_of(one: Input) -> tuple[str, ...]:
    return one.leaf.facts if isinstance(one, Side) else ()


class Deciding:
    """Decides rules over one table on one day; conditions are worked out once and shared with their explanation."""

    def __init__(self, table: FactTable, as_of: date) -> None:
        self.table, self.as_of = table, as_of
        self.evaluation = Evaluation(table, as_of)
        self._truths: dict[int, tuple[Node, NDArray[np.int8]]] = {}

    def truths(self, node: Node) -> NDArray[np.int8]:
        """Truth of a node for every subject, int8 (n_subjects,): 1, 0 (unknown), -1."""
        while isinstance(node, Named):
            node = node.node
        known = self._truths.get(id(node))
        if known is None:
            known = (node, self.evaluation.truths(node))
            self._truths[id(node)] = known
        return known[1]

    def decide(self, rule: Rule) -> Decision:
        """The verdict of one version for every subject."""
        return Batch((rule,), self.as_of).decide_within(self.evaluation).decision(0)
