"""Many rules as one straight line of word-wise AND and OR.

The logic of `truth.py` is run once over wires instead of planes; what it asks for is
written down as steps, equal steps once. Negation costs nothing: it only changes
which wire is read. A program runs over one block of subjects at a time, with few
working registers, so that they stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np

from policy_match.eligibility.leaves import Leaf
from policy_match.eligibility.nodes import Assumed, Human, Node, Test, combine, questions_in
from policy_match.eligibility.truth import Planes, Wire, Words, all_of, any_of

AND, OR = 0, 1
NONE, EVERY = 0, 1
Step: TypeAlias = tuple[int, int, int, int]
_CALLS: tuple[Callable[[Words, Words, Words], Words], ...] = (np.bitwise_and, np.bitwise_or)


@dataclass(frozen=True, slots=True)
class _Gate:
    """A wire: its number in the circuit that it belongs to."""

    circuit: Circuit
    number: int

    def __and__(self, other: Wire, /) -> Wire:
        return self.circuit.joined(AND, self.number, _number(other))

    def __or__(self, other: Wire, /) -> Wire:
        return self.circuit.joined(OR, self.number, _number(other))


class Circuit:
    """Collects the wires of nodes. Wires 0 and 1 are nowhere and everywhere."""

    def __init__(self) -> None:
        self.leaves: dict[Leaf, Planes[Wire]] = {}
        self.steps: dict[tuple[int, int, int], int] = {}
        self._count = 2
        self._nodes: dict[tuple[int, frozenset[Human] | None], tuple[Node, Planes[Wire]]] = {}

    def wires(self, node: Node) -> tuple[int, int]:
        """The wires on which the node is surely true, surely false; questions for people stay open."""
        planes = self.planes(node, None)
        return _number(planes.true), _number(planes.false)

    def settled_by_people(self, node: Node) -> int:
        """The wire of the subjects for which the answers of the people would settle it, however each turns out."""
        asked = sorted(questions_in(node), key=lambda human: human.question)
        ways = (frozenset(yes) for size in range(len(asked) + 1) for yes in combinations(asked, size))
        settled = [self.planes(node, yes) for yes in ways]
        return _number(all_of([any_of([Planes(p.true, p.true), Planes(p.false, p.false)]) for p in settled]).true)

    def planes(self, node: Node, judged: frozenset[Human] | None) -> Planes[Wire]:
        """The wires of a node; `judged`: the questions answered yes, all others no (None: all stay open)."""
        key = (id(node), judged)
        if key not in self._nodes:
            self._nodes[key] = (node, self._planes(node, judged))
        return self._nodes[key][1]

    def _planes(self, node: Node, judged: frozenset[Human] | None) -> Planes[Wire]:
        none: Wire = _Gate(self, NONE)
        every: Wire = _Gate(self, EVERY)
        if isinstance(node, Test):
            return self._leaf(node.leaf)
        if isinstance(node, Assumed):
            return Planes(every, none)
        if isinstance(node, Human):
            if judged is None:
                return Planes(none, none)
            return Planes(every, none) if node in judged else Planes(none, every)
        return combine(node, lambda part: self.planes(part, judged))

    def _leaf(self, leaf: Leaf) -> Planes[Wire]:
        if leaf not in self.leaves:
            self.leaves[leaf] = Planes(_Gate(self, self._count), _Gate(self, self._count + 1))
            self._count += 2
        return self.leaves[leaf]

    def joined(self, call: int, first: int, second: int) -> Wire:
        """The wire of AND or OR of two wires; no step where one of them settles it or both are one."""
        low, high = sorted((first, second))
        if low == high:
            return _Gate(self, low)
        if low <= EVERY:
            settled = (low == NONE) == (call == AND)
            return _Gate(self, low if settled else high)
        key = (call, low, high)
        if key not in self.steps:
            self.steps[key] = self._count
            self._count += 1
        return _Gate(self, self.steps[key])


def _number(wire: Wire) -> int:
    if not isinstance(wire, _Gate):
        raise TypeError("not a wire of this circuit")
    return wire.number


@dataclass(frozen=True, slots=True)
class Program:
    """Registers: nowhere, everywhere, two per leaf, one per output, then working ones.

    `steps`: (AND or OR, register, register, result); `outputs`: the register that each output is read from.
    """

    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    working: int

    def run(self, planes: Callable[[Leaf], Planes[Words]], out: Words) -> None:
        """Fill `out`, uint64 (n_outputs, n_words), for the subjects of one block."""
        size = out.shape[1]
        none = np.zeros(size, dtype=np.uint64)
        registers: list[Words] = [none, ~none]
        for leaf in self.leaves:
            registers += planes(leaf)
        registers += [*out, *np.empty((self.working, size), dtype=np.uint64)]
        for call, first, second, result in self.steps:
            _CALLS[call](registers[first], registers[second], registers[result])
        for row, register in enumerate(self.outputs):
            if registers[register] is not registers[2 + 2 * len(self.leaves) + row]:
                out[row] = registers[register]


def compiled(circuit: Circuit, outputs: Sequence[int]) -> Program:
    """The program of the steps that the output wires need, in the order in which they were written down."""
    needed = _needed(circuit, outputs)
    steps = [(key, wire) for key, wire in circuit.steps.items() if wire in needed]
    # conditions of one fact follow each other, while its column is in the cache
    leaves = sorted(circuit.leaves, key=lambda leaf: leaf.facts)
    inputs = [_number(wire) for leaf in leaves for wire in circuit.leaves[leaf]]
    place = {NONE: NONE, EVERY: EVERY} | {wire: 2 + index for index, wire in enumerate(inputs)}
    first_output = 2 + len(inputs)
    produced = {wire for _, wire in steps}
    for row, wire in enumerate(outputs):
        if wire in produced:
            place.setdefault(wire, first_output + row)
    fixed = set(place)
    last_read = {wire: index for index, ((_, a, b), _) in enumerate(steps) for wire in (a, b)}
    free: list[int] = []
    working = 0
    placed: list[Step] = []
    for index, ((call, a, b), wire) in enumerate(steps):
        if wire not in fixed:
            if not free:
                free.append(first_output + len(outputs) + working)
                working += 1
            place[wire] = free.pop()
        placed.append((call, place[a], place[b], place[wire]))
        free += [place[read] for read in {a, b} - fixed if last_read[read] == index]
    return Program(tuple(leaves), tuple(placed), tuple(place[wire] for wire in outputs), working)


def _needed(circuit: Circuit, outputs: Sequence[int]) -> set[int]:
    needed = set(outputs)
    for (_, first, second), wire in reversed(circuit.steps.items()):
        if wire in needed:
            needed |= {first, second}
    return needed
