"""Many rules as one straight line of word-wise AND, OR and XOR.

The logic of `truth.py` is run once over wires instead of planes; what it asks for is
written down as steps, equal steps once. Negation of a rule costs nothing: it only changes
which wire is read. A program runs over one block of subjects at a time, with few
working registers, so that they stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np

from policy_match.eligibility.leaves import Leaf
from policy_match.eligibility.nodes import Assumed, Human, Node, Test, combine, questions_in
from policy_match.eligibility.truth import Plane, Planes, Wire, Words, all_of, any_of
from policy_match.facts.planes import End
from policy_match.facts.table import ColumnKey

AND, OR, XOR = 0, 1, 2
NONE, EVERY = 0, 1
Step: TypeAlias = tuple[int, int, int, int]
_CALLS: tuple[Callable[[Words, Words, Words], Words], ...] = (np.bitwise_and, np.bitwise_or, np.bitwise_xor)


class Side(NamedTuple):
    """An input: where a test is surely true, or surely false."""

    leaf: Leaf
    is_true: bool


class Reach(NamedTuple):
    """An input: where one end of a column is `key` or more (ColumnPlanes.reaches)."""

    fact: ColumnKey
    end: End
    key: int


class Known(NamedTuple):
    """An input: where anything is known of a fact."""

    fact: ColumnKey


class Listed(NamedTuple):
    """An input: where an item of that name is on the list."""

    fact: str
    name: str


Input: TypeAlias = Side | Reach | Known | Listed


@dataclass(frozen=True, slots=True)
class Gate:
    """A wire: its number in the circuit that it belongs to."""

    circuit: Circuit
    number: int

    def __and__(self, other: Wire, /) -> Wire:
        return self.circuit.joined(AND, self.number, _number(other))

    def __or__(self, other: Wire, /) -> Wire:
        return self.circuit.joined(OR, self.number, _number(other))

    def __xor__(self, other: Wire, /) -> Wire:
        return self.circuit.joined(XOR, self.number, _number(other))

    def __invert__(self) -> Wire:
        return self.circuit.joined(XOR, self.number, EVERY)


class Circuit:
    """Collects the wires of nodes. Wires 0 and 1 are nowhere and everywhere.

    `wired` gives the wires of a test; without it a test is two inputs.
    """

    def __init__(self, wired: Callable[[Circuit, Leaf], Planes[Wire]] | None = None) -> None:
        self.inputs: dict[Input, int] = {}
        self.steps: dict[tuple[int, int, int], int] = {}
        self._wired = wired or Circuit.sides
        self._leaves: dict[Leaf, Planes[Wire]] = {}
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
        none: Wire = Gate(self, NONE)
        every: Wire = Gate(self, EVERY)
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
        if leaf not in self._leaves:
            self._leaves[leaf] = self._wired(self, leaf)
        return self._leaves[leaf]

    def sides(self, leaf: Leaf) -> Planes[Wire]:
        """A test as two inputs."""
        return Planes(self.input(Side(leaf, True)), self.input(Side(leaf, False)))

    def input(self, key: Input) -> Wire:
        """The wire of an input."""
        if key not in self.inputs:
            self.inputs[key] = self._new()
        return Gate(self, self.inputs[key])

    def joined(self, call: int, first: int, second: int) -> Wire:
        """The wire of AND, OR or XOR of two wires; no step where one of them settles it or both are one."""
        low, high = sorted((first, second))
        if low == high:
            return Gate(self, NONE if call == XOR else low)
        if low == NONE:
            return Gate(self, NONE if call == AND else high)
        if low == EVERY and call != XOR:
            return Gate(self, high if call == AND else EVERY)
        key = (call, low, high)
        if key not in self.steps:
            self.steps[key] = self._new()
        return Gate(self, self.steps[key])

    def _new(self) -> int:
        self._count += 1
        return self._count - 1


def _number(wire: Wire) -> int:
    if not isinstance(wire, Gate):
        raise TypeError("not a wire of this circuit")
    return wire.number


@dataclass(frozen=True, slots=True)
class Program:
    """Registers: nowhere, everywhere, one per input, one per output, then working ones.

    `steps`: (AND, OR or XOR, register, register, result); `outputs`: the register that each output is read from.
    """

    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    working: int

    @property
    def first_output(self) -> int:
        """The register of the first output."""
        return 2 + len(self.inputs)

    @property
    def registers(self) -> int:
        """How many there are."""
        return self.first_output + len(self.outputs) + self.working

    def run(self, planes: Callable[[Leaf], Planes[Words]], out: Words) -> None:
        """Fill `out`, uint64 (n_outputs, n_words), for the subjects of one block; every input is a side of a test."""
        size = out.shape[1]
        none = np.zeros(size, dtype=np.uint64)
        registers: list[Words] = [none, ~none, *self._sides(planes)]
        registers += [*out, *np.empty((self.working, size), dtype=np.uint64)]
        for call, first, second, result in self.steps:
            _CALLS[call](registers[first], registers[second], registers[result])
        for row, register in enumerate(self.outputs):
            if register != self.first_output + row:
                out[row] = registers[register]

    def run_bits(self, planes: Callable[[Leaf], Planes[int]]) -> list[int]:
        """The same for few subjects whose planes are whole numbers: the outputs."""
        registers = [0, -1, *self._sides(planes), *([0] * (len(self.outputs) + self.working))]
        for call, first, second, result in self.steps:
            if call == AND:
                registers[result] = registers[first] & registers[second]
            elif call == OR:
                registers[result] = registers[first] | registers[second]
            else:
                registers[result] = registers[first] ^ registers[second]
        return [registers[register] for register in self.outputs]

    def _sides(self, planes: Callable[[Leaf], Planes[Plane]]) -> Iterator[Plane]:
        decided: dict[Leaf, Planes[Plane]] = {}
        for side in self.inputs:
            if not isinstance(side, Side):
                raise TypeError("made for columns, not for tests")
            if side.leaf not in decided:
                decided[side.leaf] = planes(side.leaf)
            yield decided[side.leaf].true if side.is_true else decided[side.leaf].false


def compiled(circuit: Circuit, outputs: Sequence[int], order: Callable[[Input], tuple[object, ...]]) -> Program:
    """The program of the steps that the output wires need, in the order in which they were written down; `order` of the inputs."""
    needed = _needed(circuit, outputs)
    steps = [(key, wire) for key, wire in circuit.steps.items() if wire in needed]
    inputs = sorted((key for key, wire in circuit.inputs.items() if wire in needed), key=order)
    place = {NONE: NONE, EVERY: EVERY} | {circuit.inputs[key]: 2 + index for index, key in enumerate(inputs)}
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
    return Program(tuple(inputs), tuple(placed), tuple(place[wire] for wire in outputs), working)


def _needed(circuit: Circuit, outputs: Sequence[int]) -> set[int]:
    needed = set(outputs)
    for (_, first, second), wire in reversed(circuit.steps.items()):
        if wire in needed:
            needed |= {first, second}
    return needed
