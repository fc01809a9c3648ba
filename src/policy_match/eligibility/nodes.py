"""Compiled conditions as a graph of nodes, and their truth for every subject of a table.

Nodes are values: equal conditions of different measures are one node and are
evaluated once. One evaluator serves columns (64 subjects a word) and the
alternatives of a single subject (bits of a whole number); see `truth.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.eligibility.leaves import Leaf
from policy_match.eligibility.truth import Plane, Planes, Words, all_of, any_of, at_least, negate, select, unpack
from policy_match.facts.planes import WORD, ColumnPlanes, Columns, FewColumns, PackedColumns, words_of
from policy_match.facts.table import FactTable


@dataclass(frozen=True, slots=True)
class Test:
    """A leaf of the graph: one test of one fact."""

    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Human:
    """A judgement by people: unknown until they give it."""

    question: str


@dataclass(frozen=True, slots=True)
class Assumed:
    """A precondition that no fact expresses: taken as given, printed with the answer."""

    precondition: str


@dataclass(frozen=True, slots=True)
class AllNode:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyNode:
    """At least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NotNode:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True, slots=True)
class AtLeastNode:
    """At least `count` parts hold."""

    count: int
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class SelectNode:
    """The consequence of the first row whose guard holds; the last row has no guard."""

    rows: tuple[tuple[Node | None, Node], ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A named condition of a measure, so that its own truth can be shown or overridden."""

    name: str
    node: Node


Node: TypeAlias = Test | Human | Assumed | AllNode | AnyNode | NotNode | AtLeastNode | SelectNode | Named


def children(node: Node) -> tuple[Node, ...]:
    """Direct parts of a node, guards included."""
    if isinstance(node, AllNode | AnyNode | AtLeastNode):
        return node.parts
    if isinstance(node, NotNode):
        return (node.part,)
    if isinstance(node, SelectNode):
        return tuple(part for row in node.rows for part in row if part is not None)
    return (node.node,) if isinstance(node, Named) else ()


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Every test under a node, in reading order, repeats included."""
    if isinstance(node, Test):
        yield node.leaf
    for part in children(node):
        yield from leaves_of(part)


def questions_in(node: Node) -> frozenset[Human]:
    """The judgements by people that stand under a node."""
    if isinstance(node, Human):
        return frozenset({node})
    return frozenset().union(*(questions_in(part) for part in children(node)))


def combine(node: Node, truth: Callable[[Node], Planes[Plane]]) -> Planes[Plane]:
    """Truth of an inner node from the truth of its parts; the only place where the logic is written."""
    if isinstance(node, AllNode):
        return all_of([truth(part) for part in node.parts])
    if isinstance(node, AnyNode):
        return any_of([truth(part) for part in node.parts])
    if isinstance(node, NotNode):
        return negate(truth(node.part))
    if isinstance(node, AtLeastNode):
        return at_least(node.count, [truth(part) for part in node.parts])
    if isinstance(node, SelectNode):
        return select([(None if guard is None else truth(guard), truth(then)) for guard, then in node.rows])
    if isinstance(node, Named):
        return truth(node.node)
    raise TypeError(f"{type(node).__name__} is a leaf")


class NodePlanes(Generic[Columns]):
    """Planes of tests and nodes over the columns of a table, each worked out once; questions for people stay open."""

    def __init__(self, columns: ColumnPlanes[Columns], as_of: date) -> None:
        self._columns: ColumnPlanes[Columns] = columns
        self._as_of = as_of
        self._tests: dict[Leaf, Planes[Columns]] = {}
        self._nodes: dict[int, tuple[Node, Planes[Columns]]] = {}

    def test(self, leaf: Leaf) -> Planes[Columns]:
        """The planes of one test."""
        if leaf not in self._tests:
            self._tests[leaf] = leaf.decide(self._columns, self._as_of)
        return self._tests[leaf]

    def of(self, node: Node) -> Planes[Columns]:
        """The planes of a node."""
        if id(node) not in self._nodes:
            self._nodes[id(node)] = (node, self._made(node))
        return self._nodes[id(node)][1]

    def _made(self, node: Node) -> Planes[Columns]:
        if isinstance(node, Test):
            return self.test(node.leaf)
        if isinstance(node, Assumed):
            return Planes(self._columns.every, self._columns.none)
        if isinstance(node, Human):
            return Planes(self._columns.none, self._columns.none)
        return combine(node, self.of)


class Evaluation:
    """Truth of nodes for every subject of a table. `bits`: where there are few subjects, their planes as whole numbers."""

    def __init__(self, table: FactTable, as_of: date) -> None:
        self.table, self.as_of = table, as_of
        self.size = table.size
        self.words = NodePlanes(PackedColumns(table), as_of)
        self.bits = NodePlanes(FewColumns(table), as_of) if 0 < table.size <= WORD else None

    def planes(self, node: Node) -> Planes[Words]:
        """Bit planes of a node, uint64 ((n_subjects + 63) // 64,) each; bits beyond the subjects are free."""
        if self.bits is None:
            return self.words.of(node)
        true, false = self.bits.of(node)
        return Planes(words_of([true]), words_of([false]))

    def truths(self, node: Node) -> NDArray[np.int8]:
        """Truth as int8 (n_subjects,): 1 true, 0 unknown, -1 false."""
        if self.bits is None:
            true, false = self.words.of(node)
            return unpack(true, self.size).astype(np.int8) - unpack(false, self.size).astype(np.int8)
        surely, never = self.bits.of(node)
        return np.array([(surely >> row & 1) - (never >> row & 1) for row in range(self.size)], dtype=np.int8)


def evaluate_named(
    node: Node, truth_of: Mapping[str, Planes[Plane]], leaf_of: Callable[[Node], Planes[Plane]]
) -> Planes[Plane]:
    """Truth of a tree when the truth of its named conditions is given (as alternatives in the bits of whole numbers).

    `leaf_of` gives the truth of guards and other parts that carry no name.
    """

    def truth(part: Node) -> Planes[Plane]:
        if isinstance(part, Named) and part.name in truth_of:
            return truth_of[part.name]
        if isinstance(part, Test | Human | Assumed):
            return leaf_of(part)
        return combine(part, truth)

    return truth(node)
