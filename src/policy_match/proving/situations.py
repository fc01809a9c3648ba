"""Worked cases and boundary lines of a rule, as facts with what the author expects of them.

A case is read exactly as a user's subject is. A boundary line takes the first case,
sets the fact of its condition at the threshold, one step under, one step over, or
takes it away; the steps are those of the rule language: 1元, 0.01 percentage points,
1 of a count, 1 day, 0.1 of a score, 1㎡.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from policy_match.dates import add_period
from policy_match.eligibility.conditions import Need
from policy_match.eligibility.leaves import AgeAtLeast, GrowthAtLeast, InRange, Leaf, Spacing, latest_with_age
from policy_match.eligibility.nodes import SelectNode, Test
from policy_match.eligibility.rulebook import Rule, RuleCondition
from policy_match.eligibility.schema import Boundary, Case, Expect, FactInput, Verdict
from policy_match.errors import Issue, RuleError
from policy_match.facts.cells import MISSING, Cell, Series, Value
from policy_match.facts.derive import derive_all
from policy_match.facts.read import read_cell, usable
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.units import Band, Number

STEPS: Mapping[FactType, Number] = {
    FactType.MONEY: 100,
    FactType.RATIO: Fraction(1, 10_000),
    FactType.SCORE: Fraction(1, 10),
    FactType.COUNT: 1,
    FactType.DATE: 1,
    FactType.MONTH: 1,
    FactType.AREA: 1,
}
PROBES = ("at", "under", "over", "missing")


@dataclass(frozen=True, slots=True)
class Situation:
    """Known facts on a day, derived ones included, and what the author expects."""

    name: str
    as_of: date
    cells: Mapping[str, Cell]
    expect: Expect


def situations_of(rule: Rule, vocabulary: Vocabulary) -> tuple[Situation, ...]:
    """Every case and boundary probe of a rule, cases first; RuleError where one cannot be built."""
    cases = _Cases(rule, vocabulary)
    found = [cases.situation(case) for case in rule.measure.cases]
    for name, lines in rule.measure.boundaries.items():
        every = lines if isinstance(lines, list) else [lines]
        for row, line in enumerate(every):
            found.extend(cases.probes(rule.conditions[name], line, row if line.row is None else line.row - 1))
    return tuple(found)


class _Cases:
    def __init__(self, rule: Rule, vocabulary: Vocabulary) -> None:
        self.rule, self.vocabulary = rule, vocabulary
        self._given: dict[str, tuple[date, dict[str, Cell]]] = {}

    def refuse(self, what: str) -> RuleError:
        return RuleError(Issue("CASE", what, self.rule.measure.key, "", "改正用例或边界"))

    def given(self, case: Case) -> tuple[date, dict[str, Cell]]:
        """Day and facts of a case, those of the case it is like included."""
        if case.name not in self._given:
            cells: dict[str, Cell] = {}
            as_of: date | None = None
            if case.like is not None:
                base = next((c for c in self.rule.measure.cases if c.name == case.like), None)
                if base is None:
                    raise self.refuse(f"用例“{case.name}”的 like 找不到“{case.like}”")
                as_of, inherited = self.given(base)
                cells = dict(inherited)
            for name in case.without:
                cells.pop(name, None)
            cells |= self.read(case.facts)
            if case.as_of is not None:
                as_of = date.fromisoformat(case.as_of)
            if as_of is None:
                raise self.refuse(f"用例“{case.name}”没有写 as_of")
            self._given[case.name] = (as_of, cells)
        return self._given[case.name]

    def read(self, facts: Mapping[str, FactInput]) -> dict[str, Cell]:
        return {
            name: read_cell(self.vocabulary[name], written, self.vocabulary)  # type: ignore[arg-type]
            for name, written in facts.items()
        }

    def situation(self, case: Case) -> Situation:
        as_of, cells = self.given(case)
        return Situation(case.name, as_of, self.known(cells, as_of), case.expect)

    def known(self, cells: Mapping[str, Cell], as_of: date, fixed: frozenset[str] = frozenset()) -> dict[str, Cell]:
        fresh = {name: usable(self.vocabulary[name], cell, as_of, self.vocabulary) for name, cell in cells.items()}
        return derive_all(fresh, self.vocabulary, as_of, fixed=fixed)

    # boundary probes

    def probes(self, condition: RuleCondition, line: Boundary, row: int) -> Iterator[Situation]:
        as_of, base = self.given(self.rule.measure.cases[0])
        cells = base | self.read(line.with_)
        leaf, need = self.threshold(condition, row)
        fact = leaf.facts[0]
        # A derived fact that a line sets stands as it is, whatever the figures of the first case would give.
        fixed = frozenset({fact, *line.with_})
        known = self.known(cells, as_of, fixed)
        for probe in PROBES:
            verdict: Verdict | None = getattr(line, probe)
            if verdict is None:
                continue
            changed = {name: cell for name, cell in cells.items() if name != fact}
            if probe != "missing":
                sign = {"at": 0, "under": -1, "over": 1}[probe]
                changed[fact] = replace(
                    cells.get(fact, MISSING), value=self.value(leaf, need, row, sign, known, as_of), cause=None
                )
            yield Situation(
                name=f"边界 {condition.name} 第 {row + 1} 行 {probe}",
                as_of=as_of,
                cells=self.known(changed, as_of, fixed),
                expect=Expect(verdict=verdict),
            )

    def threshold(self, condition: RuleCondition, row: int) -> tuple[Leaf, Need]:
        """The test and the requirement of one row; both ends of a `between` or `within` are one test."""
        node = condition.node.node
        if isinstance(node, Test):
            return node.leaf, condition.needs[0][1]
        if isinstance(node, SelectNode) and row < len(node.rows) and isinstance(test := node.rows[row][1], Test):
            return test.leaf, condition.needs[row][1]
        raise self.refuse(f"边界“{condition.name}”的第 {row + 1} 行没有界限")

    def value(self, leaf: Leaf, need: Need, row: int, sign: int, known: Mapping[str, Cell], as_of: date) -> Value:
        """The value at the threshold, `sign` steps beside it; the second line of a two-ended test is its upper end."""
        if isinstance(leaf, InRange):
            kind = self.vocabulary[leaf.facts[0]].type
            number = need.low if need.low is not None and (need.high is None or row == 0) else need.high
            if number is None:
                raise self.refuse(f"{leaf.facts[0]} 没有界限")
            return Band.exact(number + sign * STEPS[kind])
        if isinstance(leaf, AgeAtLeast):
            reference = self.day(known, leaf.at) if isinstance(leaf.at, str) else leaf.at or as_of
            return Band.exact(latest_with_age(reference, leaf.period).toordinal() - sign)
        if isinstance(leaf, Spacing):
            period = leaf.start if leaf.start is not None and (leaf.end is None or row == 0) else leaf.end
            if period is None:
                raise self.refuse(f"{leaf.fact} 没有界限")
            return Band.exact(add_period(self.day(known, leaf.of), period).toordinal() + sign)
        if isinstance(leaf, GrowthAtLeast):
            return self.growth(leaf, known, sign)
        raise self.refuse(f"{leaf.facts[0]} 不是带界限的条件")

    def growth(self, leaf: GrowthAtLeast, known: Mapping[str, Cell], sign: int) -> Value:
        fact = leaf.facts[0]
        spec = self.vocabulary[fact]
        if isinstance(leaf.fact, tuple):
            series = known[fact].value
            if not isinstance(series, Series) or len(series.entries) < 2 or series.entries[-2].low is None:
                raise self.refuse(f"基准用例没有 {fact} 的两年数据")
            figure = series.entries[-2].low * (1 + leaf.rate) + sign * STEPS[spec.of or FactType.MONEY]
            return Series((*series.entries[:-1], Band.exact(figure)))
        base = known[str(leaf.base)].value
        if not isinstance(base, Band) or base.low is None:
            raise self.refuse(f"基准用例没有 {leaf.base}")
        return Band.exact(base.low * (1 + leaf.rate) + sign * STEPS[spec.type])

    def day(self, known: Mapping[str, Cell], fact: str) -> date:
        value = known[fact].value if fact in known else None
        if not isinstance(value, Band) or value.low is None:
            raise self.refuse(f"基准用例没有日期 {fact}")
        return date.fromordinal(int(value.low))
