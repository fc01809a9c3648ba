"""The distinct values of a coded column, and where options and codes stand among them.

A test of a choice, flag or code is answered once per distinct value; what the tests
of one column share (which values lie under a region, which classes under an industry
code) is worked out once per column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from policy_match.facts.cells import Possible
from policy_match.identifiers import IndustryTree, region_path

Answers: TypeAlias = NDArray[np.int8]


class Spans(NamedTuple):
    """Finest industry classes that known values may stand for, as places in code order (IndustryTree.spans).

    `first`, `last`: int64 (n_codes,), last excluded, of every code of every known value in turn; `starts`: int64
    (n_values - 1,), where the codes of each value begin; `classes`: int64 (n_values - 1,), how many each stands for.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    starts: NDArray[np.int64]
    classes: NDArray[np.int64]

    def sums(self, per_code: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sums per value of what is given per code."""
        if len(per_code) == len(self.starts):
            return per_code
        return np.asarray(np.add.reduceat(per_code, self.starts), dtype=np.int64)


@dataclass(frozen=True)
class Domain:
    """Distinct values of a column; values[0] is None: unknown. Answers are int8 (n_values,): 1 true, -1 false, 0 open."""

    values: tuple[Possible | None, ...]

    @classmethod
    def of(cls, values: Iterable[Possible]) -> Domain:
        """The domain of some values, in the order of their options: codes that lie together stand together."""
        return cls((None, *sorted(set(values), key=lambda value: sorted(value.options))))

    @cached_property
    def singles(self) -> Mapping[str, int]:
        """Index of each option or code that is a value by itself."""
        return {v.single: i for i, v in enumerate(self.values) if v is not None and v.single is not None}

    @cached_property
    def vague(self) -> tuple[int, ...]:
        """Indexes of values with several options."""
        return tuple(i for i, v in enumerate(self.values) if v is not None and v.single is None)

    @cached_property
    def under_region(self) -> Mapping[str, tuple[int, ...]]:
        """Indexes of the single values that are a region or lie in it."""
        found: dict[str, list[int]] = {}
        for code, index in self.singles.items():
            for region in region_path(code):
                found.setdefault(region, []).append(index)
        return {region: tuple(indexes) for region, indexes in found.items()}

    @cached_property
    def _spans(self) -> dict[int, tuple[IndustryTree, Spans]]:
        return {}

    def spans(self, tree: IndustryTree) -> Spans:
        """Where the classes of each value stand in the tree."""
        if id(tree) not in self._spans:
            codes = [sorted(value.options) for value in self.values if value is not None]
            ends = np.array([tree.spans[code] for group in codes for code in group], dtype=np.int64).reshape(-1, 2)
            starts = np.cumsum([0, *(len(group) for group in codes)], dtype=np.int64)[:-1]
            spans = Spans(ends[:, 0].copy(), ends[:, 1].copy(), starts, starts)
            self._spans[id(tree)] = (tree, spans._replace(classes=spans.sums(spans.last - spans.first)))
        return self._spans[id(tree)][1]

    def answer(self, true: Iterable[int], open_: Iterable[int], vague: Callable[[Possible], bool | None]) -> Answers:
        """Answers from the indexes of single values that are true or open; `vague` answers values with several options."""
        answers = np.full(len(self.values), -1, dtype=np.int8)
        answers[list(open_)] = 0
        answers[list(true)] = 1
        answers[0] = 0
        for index in self.vague:
            value = self.values[index]
            answer = None if value is None else vague(value)
            answers[index] = 0 if answer is None else 1 if answer else -1
        return answers
