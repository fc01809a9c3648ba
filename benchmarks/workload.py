"""The seeded workload: subjects with gaps in their facts, conditions, and measures as trees of conditions.

Everybody gets the same: facts as plain columns with a mask of what is missing, and
conditions and trees as plain values that each contender writes in its own language.
Industry classes are those of GB/T 4754-2017, manufacturing the most frequent; regions
are invented codes of six digits. Nothing here is a policy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

SEED = 20240607
INDUSTRY, REGION, STAGE, HELD, DAY = "industry_code", "registered_region", "stage", "honours", "approved_on"
FIGURES = {
    "total_investment": (8.0, 1.6),
    "equipment_investment": (7.0, 1.8),
    "revenue_last": (8.5, 2.0),
    "rd_staff_ratio": (1.2, 0.9),
    "insured_staff": (4.5, 1.3),
    "unemployment_ins_months": (4.0, 0.9),
}
RATIO = "rd_staff_ratio"
FLAGS = {
    "above_scale_industry": 0.45,
    "blacklisted": 0.03,
    "hnte_valid": 0.35,
    "specialised_sme_valid": 0.2,
    "vat_general_taxpayer": 0.3,
    "own_brand": 0.8,
    "mgmt_system_cert": 0.9,
    "has_core_ip": 0.85,
}
STAGES = ("签约", "立项", "开工", "竣工", "投产")
TITLES = tuple(f"称号{number}" for number in range(40))
REGIONS = tuple(
    f"{province}{city:02d}{place:02d}" for province in range(31, 37) for city in range(1, 11) for place in range(1, 6)
)
FIRST_DAY, LAST_DAY = date(2020, 1, 1).toordinal(), date(2025, 12, 31).toordinal()
LARGEST = 2**24 - 1
MISSING = 0.15


@dataclass(frozen=True, slots=True)
class Under:
    """The industry begins with one of the codes."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """The region or stage is one of the options."""

    fact: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure is at least (or less than) a threshold, in 万元, percent, people or months."""

    fact: str
    at_least: bool
    threshold: float


@dataclass(frozen=True, slots=True)
class Flag:
    """The flag is set."""

    fact: str


@dataclass(frozen=True, slots=True)
class Holds:
    """One of the titles is held."""

    titles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """The day lies from `first` to before `end` (ordinals)."""

    first: int
    end: int


Condition: TypeAlias = Under | Among | Figure | Flag | Holds | Days


@dataclass(frozen=True, slots=True)
class Group:
    """All (or any) of the parts."""

    every: bool
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: Tree


Tree: TypeAlias = "int | Group | Negation"


@dataclass(frozen=True, slots=True)
class Column:
    """`values` (n_subjects,): int16 places for codes, float32 figures, bool flags, uint64 sets of titles, int32 days;
    `missing` bool (n_subjects,)."""

    values: NDArray[np.generic]
    missing: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Workload:
    """Facts by name, distinct conditions, and measures as trees over the numbers of conditions."""

    facts: Mapping[str, Column]
    classes: tuple[str, ...]
    conditions: tuple[Condition, ...]
    measures: tuple[Tree, ...]

    @property
    def subjects(self) -> int:
        return len(self.facts[DAY].missing)

    @property
    def used(self) -> tuple[int, ...]:
        """Numbers of the conditions that some measure uses, ascending."""
        return tuple(sorted({number for measure in self.measures for number in leaves_of(measure)}))

    def first(self, count: int) -> Workload:
        """The same with the first subjects only."""
        facts = {name: Column(c.values[:count], c.missing[:count]) for name, c in self.facts.items()}
        return Workload(facts, self.classes, self.conditions, self.measures)

    def options(self, fact: str) -> tuple[str, ...]:
        """What the places of a coded column stand for."""
        return {INDUSTRY: self.classes, REGION: REGIONS, STAGE: STAGES}[fact]

    def row(self, subject: int) -> dict[str, str | float | bool | int | list[str] | None]:
        """One subject as plain values; None: missing."""
        return {name: self._plain(name, column, subject) for name, column in self.facts.items()}

    def _plain(self, name: str, column: Column, subject: int) -> str | float | bool | int | list[str] | None:
        value: int | float | bool = column.values[subject].item()
        if column.missing[subject]:
            return None
        if name == HELD:
            return [title for place, title in enumerate(TITLES) if int(value) >> place & 1]
        if name in FIGURES:
            return round(float(value), 1)
        return self.options(name)[int(value)] if name in (INDUSTRY, REGION, STAGE) else value


def fact_of(condition: Condition) -> str:
    """The fact that a condition reads."""
    if isinstance(condition, Under):
        return INDUSTRY
    if isinstance(condition, Holds):
        return HELD
    return DAY if isinstance(condition, Days) else condition.fact


def leaves_of(tree: Tree) -> Iterator[int]:
    """Numbers of the conditions in a tree, in reading order."""
    if isinstance(tree, int):
        yield tree
    elif isinstance(tree, Negation):
        yield from leaves_of(tree.part)
    else:
        for part in tree.parts:
            yield from leaves_of(part)


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition or its negation, in a tree whose negations have been moved down to the conditions."""

    number: int
    negated: bool


Normal: TypeAlias = "Literal | tuple[bool, tuple[Normal, ...]]"


def normal(tree: Tree, negated: bool = False) -> Normal:
    """The tree with negations at its conditions only; a group is (every, parts)."""
    if isinstance(tree, int):
        return Literal(tree, negated)
    if isinstance(tree, Negation):
        return normal(tree.part, not negated)
    return tree.every is not negated, tuple(normal(part, negated) for part in tree.parts)


def make_workload(subjects: int, measures: int, classes: tuple[str, ...], seed: int = SEED) -> Workload:
    """Facts of `subjects` subjects and `measures` measures over as many conditions; same arguments, same workload."""
    dice = random.Random(seed * 7 + measures)  # noqa: S311  # nothing secret
    rules = _Rules(dice, classes)
    conditions = rules.conditions(max(measures, 60))
    trees = rules.trees(measures, conditions)
    return Workload(_facts(subjects, classes, seed), classes, conditions, trees)


def _facts(subjects: int, classes: tuple[str, ...], seed: int) -> dict[str, Column]:
    dice = np.random.default_rng(seed + subjects)

    def column(values: NDArray[np.generic]) -> Column:
        return Column(values, dice.random(subjects) < MISSING * dice.uniform(0.7, 1.3))

    weight = np.array([6.0 if code[0] == "C" else 1.0 for code in classes])
    facts = {INDUSTRY: column(dice.choice(len(classes), subjects, p=weight / weight.sum()).astype(np.int16))}
    facts[REGION] = column(dice.integers(0, len(REGIONS), subjects).astype(np.int16))
    facts[STAGE] = column(dice.integers(0, len(STAGES), subjects).astype(np.int16))
    for name, (mean, spread) in FIGURES.items():
        # whole numbers (percentages with one decimal) that float32 holds exactly: every contender compares the same
        figures = np.minimum(np.round(dice.lognormal(mean, spread, subjects), 1 if name == RATIO else 0), LARGEST)
        facts[name] = column(figures.astype(np.float32))
    for name, share in FLAGS.items():
        facts[name] = column(dice.random(subjects) < share)
    held = np.zeros(subjects, np.uint64)
    for place in range(len(TITLES)):
        held |= (dice.random(subjects) < 0.08).astype(np.uint64) << np.uint64(place)
    facts[HELD] = column(held)
    facts[DAY] = column(dice.integers(FIRST_DAY, LAST_DAY + 1, subjects).astype(np.int32))
    return facts


class _Rules:
    """Draws conditions and trees: seven conditions a measure, a few conditions in very many measures."""

    def __init__(self, dice: random.Random, classes: tuple[str, ...]) -> None:
        self.dice, self.classes = dice, classes
        self.manufacturing = [code for code in classes if code[0] == "C"]

    def conditions(self, count: int) -> tuple[Condition, ...]:
        found: dict[Condition, None] = dict.fromkeys(Flag(name) for name in FLAGS)
        found[Under(("C",))] = None
        while len(found) < count:
            found[self._condition()] = None
        return tuple(found)

    def _condition(self) -> Condition:
        draw = self.dice.random()
        if draw < 0.22:
            return self._under()
        if draw < 0.36:
            return Among(REGION, self._places())
        if draw < 0.40:
            return Among(STAGE, tuple(sorted(self.dice.sample(STAGES, self.dice.randint(1, 4)))))
        if draw < 0.80:
            return self._figure()
        if draw < 0.92:
            return Holds(tuple(sorted(self.dice.sample(range(len(TITLES)), self.dice.randint(1, 4)))))
        first = self.dice.randrange(FIRST_DAY, LAST_DAY - 450)
        return Days(first, first + self.dice.choice((365, 730, 1095, 2000)))

    def _under(self) -> Under:
        codes = {self.dice.choice(self.classes)[: self.dice.choice((1, 3, 3, 4, 5))] for _ in range(self._few(6))}
        if self.dice.random() < 0.5:
            codes.add(self.dice.choice(self.manufacturing)[:3])
        return Under(tuple(sorted(codes)))

    def _places(self) -> tuple[str, ...]:
        kind = self.dice.random()
        if kind < 0.5:
            return tuple(place for place in REGIONS if self.dice.random() < 1 / 6) or REGIONS[:1]
        size = 50 if kind < 0.65 else 5
        start = self.dice.randrange(len(REGIONS) // size) * size
        return REGIONS[start : start + size]

    def _figure(self) -> Figure:
        name = self.dice.choice(tuple(FIGURES))
        mean, spread = FIGURES[name]
        drawn = float(np.exp(mean + spread * self.dice.gauss(-0.5, 0.9)))
        threshold = round(drawn, 1) if name == RATIO else float(max(1, int(float(f"{drawn:.2g}"))))
        return Figure(name, self.dice.random() < 0.75, threshold)

    def _few(self, most: int) -> int:
        return self.dice.randint(1, most)

    def trees(self, count: int, conditions: tuple[Condition, ...]) -> tuple[Tree, ...]:
        rest = list(range(9, len(conditions)))
        self.dice.shuffle(rest)
        order = [*range(9), *rest]
        shares = np.cumsum(1 / np.arange(1, len(conditions) + 1) ** 0.7)
        shares /= shares[-1]

        def leaf() -> Tree:
            number = order[int(np.searchsorted(shares, self.dice.random()))]
            return Negation(number) if conditions[number] == Flag("blacklisted") else number

        return tuple(self._tree(leaf) for _ in range(count))

    def _tree(self, leaf: Callable[[], Tree]) -> Tree:
        left = self.dice.randint(4, 10)
        parts = [leaf() for _ in range(self._few(3))]
        left -= len(parts)
        while left > 0:
            size = min(left, self.dice.randint(2, 4))
            left -= size
            parts.append(leaf() if size == 1 else self._group([leaf() for _ in range(size)]))
        return Group(True, tuple(parts))

    def _group(self, kids: list[Tree]) -> Tree:
        if len(kids) >= 3 and self.dice.random() < 0.25:
            kids = [Group(True, tuple(kids[:2])), *kids[2:]]
        if self.dice.random() < 0.12:
            return Negation(Group(True, tuple(kids)))
        return Group(False, tuple(kids))
