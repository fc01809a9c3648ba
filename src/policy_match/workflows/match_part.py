"""One part of a large run: some rows of a folder of facts against all measures, and what is kept of it.

Kept are counts, the first measures of each subject, the first subjects of each measure, and the planes if they are asked for;
every pair as a row would be more than anybody reads. Pairs are decided measure by measure, some at a time, so that what a
process holds does not grow with the number of measures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from policy_match.eligibility.decide import Batch, Verdict, Verdicts
from policy_match.eligibility.nodes import leaves_of
from policy_match.eligibility.rulebook import Rule
from policy_match.exchange.fact_folder import KINDS, FactFolder, FactPart, read_part
from policy_match.exchange.run_files import NOBODY, Kept
from policy_match.facts.cells import Cell, Possible
from policy_match.facts.coded import CodedFact, coded_table, with_derived
from policy_match.facts.planes import WORD, Words, pack, unpack
from policy_match.facts.read import usable
from policy_match.facts.subjects import Kind
from policy_match.facts.table import LOWEST, FactTable, Keys, Rows
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.workflows.match import concerns, reads_project

TOGETHER = 1_000
"""Measures that are decided together: the registers of more would not stay near the processor."""
ORDER = tuple(Verdict)
OPEN = (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)
PLANES = ("eligible", "open")
CODED = (FactType.CHOICE, FactType.FLAG, FactType.INDUSTRY, FactType.REGION)


class Decides(Protocol):
    """Decides the rules of a batch for a table, the plain way or the compiled one."""

    def decide(self, table: FactTable) -> Verdicts: ...


@dataclass(frozen=True)
class Run:
    """What every part of a run is decided by. `rules`: of the day, in the order of their ids; `firsts`: places of the rules,
    those of the greatest amount first; `twice`: rows whose id an earlier row has; `figure`: by which the first subjects of a
    measure are chosen; `top`: how many are kept first; `planes`: where planes go, None: nowhere."""

    folder: FactFolder
    vocabulary: Vocabulary
    rules: tuple[Rule, ...]
    firsts: tuple[int, ...]
    as_of: date
    twice: Mapping[int, int]
    figure: str
    top: int
    planes: Path | None
    is_compiled: bool

    @cached_property
    def batches(self) -> tuple[Batch, ...]:
        """The rules, so many together."""
        left = iter(self.rules)
        parts = iter(lambda: tuple(islice(left, TOGETHER)), ())
        return tuple(Batch(part, self.as_of) for part in parts)

    @cached_property
    def kinds(self) -> NDArray[np.bool_]:
        """Which kinds of subject a rule is matched with, bool (n_rules, n_kinds)."""
        return np.array([[self._concerns(rule, kind) for kind in KINDS] for rule in self.rules], dtype=bool)

    def _concerns(self, rule: Rule, kind: Kind) -> bool:
        return concerns(rule, kind) and (kind is not Kind.ENTERPRISE or not reads_project(rule, self.vocabulary))

    @cached_property
    def read(self) -> frozenset[str]:
        """The facts that the rules and the choice of the first subjects read."""
        leaves = (leaf for rule in self.rules for leaf in leaves_of(rule.root))
        return frozenset({self.figure, *(fact for leaf in leaves for fact in leaf.facts)})

    @cached_property
    def made(self) -> dict[tuple[object, ...], tuple[Decides, ...]]:
        """The batches made for tables of a shape, by the shape: few shapes come again and again."""
        return {}

    @cached_property
    def seen(self) -> defaultdict[str, dict[Cell, int]]:
        """The values that this process has seen of each coded fact: a table has them all, so that its shape seldom changes."""
        return defaultdict(dict)

    def widened(self, name: str, fact: CodedFact) -> CodedFact:
        """The values of a fact, without where they come from; a coded one with all that were seen of it."""
        cells = self.seen[name] if self.vocabulary[name].type in CODED else {}
        codes = np.array([cells.setdefault(Cell(cell.value), len(cells)) for cell in fact.cells], dtype=np.int32)
        return CodedFact(codes[fact.codes], tuple(cells))


def match_part(run: Run, first: int, last: int) -> Kept:
    """Decide the rows from `first`, a multiple of 64, to before `last`."""
    part = read_part(run.folder, run.vocabulary, first, last, run.twice)
    facts = {name: _usable(fact, name, run) for name, fact in part.facts.items()}
    known = with_derived(facts, run.vocabulary, run.as_of, run.read)
    values = {name: run.widened(name, fact) for name, fact in known.items() if name in run.read}
    table = coded_table(values, run.vocabulary, last - first)
    tally = _Tally(run, part, first, table.numbers(run.figure).low, _regions(facts, part))
    for made in _made(run, table):
        verdicts = made.decide(table)
        for own in range(len(verdicts.rules)):
            tally.add(verdicts, own)
    return tally.kept()


def _regions(facts: Mapping[str, CodedFact], part: FactPart) -> tuple[str | None, ...]:
    """Where each subject is: a firm where it is registered, a project at its site; None where no one region is known."""
    found: list[str | None] = [None] * len(part.ids)
    for name, of_firms in (("registered_region", True), ("district", False)):
        if name in facts:
            known = [_only(cell) for cell in facts[name].cells]
            for row in np.flatnonzero((part.kinds == KINDS.index(Kind.ENTERPRISE)) == of_firms).tolist():
                found[row] = known[facts[name].codes[row]]
    return tuple(found)


def _only(cell: Cell) -> str | None:
    value = cell.value
    return value.single if isinstance(value, Possible) else None


def _usable(fact: CodedFact, name: str, run: Run) -> CodedFact:
    spec = run.vocabulary[name]
    return CodedFact(fact.codes, tuple(usable(spec, cell, run.as_of, run.vocabulary) for cell in fact.cells))


def _made(run: Run, table: FactTable) -> tuple[Decides, ...]:
    if not run.is_compiled:
        return run.batches
    from policy_match.eligibility.wired import WiredBatch, shape_of

    shape = shape_of(table)
    if shape not in run.made:
        run.made[shape] = tuple(WiredBatch(batch, table) for batch in run.batches)
    return run.made[shape]


class _Tally:
    """Gathers what is kept, measure by measure. `keys`: by what the first subjects are chosen, the unknown ones lowest."""

    def __init__(
        self, run: Run, part: FactPart, first: int, keys: Keys, regions: tuple[str | None, ...]
    ) -> None:  # fmt: skip
        self._run, self._part, self._first, self._keys, self._regions = run, part, first, keys, regions
        self._size = len(part.ids)
        self._of_kind = [pack(part.taken & (part.kinds == place)) for place in range(len(KINDS))]
        self._counts = np.zeros((self._size, len(OPEN)), dtype=np.int32)
        self._totals = np.zeros((len(run.rules), len(ORDER)), dtype=np.int64)
        self._first_rows = np.full((len(run.rules), run.top), NOBODY, dtype=np.int64)
        self._first_keys = np.full((len(run.rules), run.top), LOWEST, dtype=np.int64)
        self._planes: list[tuple[Words, Words]] = []
        self._rows = _rows_of(run, self._size)

    def add(self, verdicts: Verdicts, own: int) -> None:
        """Take up the verdicts of the next rule."""
        place = len(self._planes)
        matched = self._matched(place)
        for column, verdict in enumerate(ORDER):
            plane = verdicts.plane(own, verdict) & matched
            self._totals[place, column] = np.bitwise_count(plane).sum()
            if verdict in OPEN:
                rows = self._rows(plane)
                self._counts[rows, OPEN.index(verdict)] += 1
                if verdict is Verdict.ELIGIBLE:
                    self._choose(place, rows.astype(np.int64))
        eligible = verdicts.eligible[own] & matched
        self._planes.append((eligible, matched & ~(verdicts.eligible[own] | verdicts.refused[own])))

    def _matched(self, place: int) -> Words:
        found = np.zeros_like(self._of_kind[0])
        for kind in np.flatnonzero(self._run.kinds[place]).tolist():
            found |= self._of_kind[kind]
        return found

    def _choose(self, place: int, rows: Rows) -> None:
        keys = self._keys[rows]
        order = np.lexsort((rows, -keys))[: self._run.top]
        self._first_rows[place, : len(order)] = rows[order] + self._first
        self._first_keys[place, : len(order)] = keys[order]

    def _firsts(self, which: int) -> NDArray[np.int32]:
        """The first measures of each subject."""
        top = self._run.top
        found = np.full((self._size, top), NOBODY, dtype=np.int32)
        count = np.zeros(self._size, dtype=np.int64)
        hungry = pack(np.ones(self._size, dtype=bool))
        for place in self._run.firsts:
            rows = self._rows(self._planes[place][which] & hungry)
            found[rows, count[rows]] = place
            count[rows] += 1
            full = rows[count[rows] == top]
            if len(full):
                fed = np.zeros(self._size, dtype=bool)
                fed[full] = True
                hungry &= ~pack(fed)
        return found

    def kept(self) -> Kept:
        """Everything that was gathered."""
        taken = np.flatnonzero(self._part.taken)
        if self._run.planes is not None:
            self._write_planes(self._run.planes)
        return Kept(
            ids=tuple(one for one in self._part.ids if one),
            rows=taken + self._first,
            regions=tuple(self._regions[row] for row in taken.tolist()),
            weights=self._keys[taken],
            counts=self._counts[taken],
            eligible=self._firsts(0)[taken],
            unsettled=self._firsts(1)[taken],
            totals=self._totals,
            first_rows=self._first_rows,
            first_keys=self._first_keys,
            refusals=self._part.refusals,
        )

    def _write_planes(self, folder: Path) -> None:
        start = self._first // WORD
        for which, name in enumerate(PLANES):
            rows: NDArray[np.uint64] = np.load(folder / f"{name}.npy", mmap_mode="r+")
            for place, planes in enumerate(self._planes):
                rows[place, start : start + len(planes[which])] = planes[which]


def _rows_of(run: Run, size: int) -> Callable[[Words], NDArray[np.int32] | Rows]:
    if not run.is_compiled:
        return lambda plane: np.flatnonzero(unpack(plane, size))
    from policy_match.eligibility.wired import Listing

    return Listing(size).of
