"""Simulation of a draft at size: 100,000 subjects, every shipped measure that pays with one of its figures moved.

`make campaign NAME=simulate` runs it; `make test` runs it on 1,000. The subjects are those of the worked cases of the
shipped rules, each with the facts of a few cases and its sums of money changed at random: facts stand together as often
as the authors of the cases put them together, and no firm is real. Timed is all that a draft asks for once the facts
stand in columns: verdicts before and after, amounts, each beneficiary once, totals, and four ways to group.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks.report import machine
from policy_match.authoring.lifecycle_file import load_lifecycle
from policy_match.benefits.budget import ELIGIBLE, NO, Cost, Tally, firm_cap
from policy_match.benefits.columns import amounts
from policy_match.benefits.formula import Computing
from policy_match.eligibility.decide import Deciding, Verdict
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.facts.cells import Cell
from policy_match.facts.subjects import Kind, Subject
from policy_match.facts.vocabulary import FactType, Vocabulary
from policy_match.lifecycle.table import LifecycleTable
from policy_match.proving.situations import situations_of
from policy_match.units import Band
from policy_match.workflows.group_subjects import groupings_of
from policy_match.workflows.match import Matching
from policy_match.workflows.move_figure import figures_of, moved_rule
from policy_match.workflows.open_rules import open_rulebook
from policy_match.workflows.simulate_draft import Drafts, Simulation, simulate
from policy_match.workflows.weigh_rules import Weighing

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261129
SUBJECTS, SAMPLE = 100_000, 300
AS_OF = date(2024, 12, 1)
CASES_EACH = 3
ROUNDS = 3
OPEN = (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NEEDS_HUMAN)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds: `loading` the facts into a table, `first` simulation of every draft in turn, which makes the columns,
    `each` draft by itself after that (the middle of the rounds), `together` all drafts as one folder. `singly`: amounts
    that did not fit 64 bits."""

    loading: float
    first: float
    each: Mapping[str, float]
    together: float
    singly: int
    found: Simulation


def main() -> list[str]:
    """Run at full size; the lines of the evidence. AssertionError where a total is not the sum of single explanations."""
    rulebook = open_rulebook(ROOT / "rules", ROOT / "corpus")
    measured = run(rulebook, SUBJECTS)
    checked = checked_sample(rulebook, SAMPLE)
    each = np.array(list(measured.each.values()))
    slowest = max(measured.each, key=measured.each.__getitem__)
    total = measured.found.weighed.total
    return [
        f"- {machine()}; seed {SEED}; {SUBJECTS:,} subjects; as of {AS_OF}",
        f"- {len(each)} drafts, one a shipped measure that pays, one figure raised by a tenth; middle of {ROUNDS} rounds",
        f"- one draft, facts loaded: median {np.median(each):.3f} s, 95 % within {np.percentile(each, 95):.3f} s, slowest {each.max():.3f} s ({slowest}); the target is 1 s",
        f"- all {len(each)} drafts as one folder: {measured.together:.2f} s; {total.eligible:,} awards, {total.unknown + total.needs_human:,} open",
        f"- before that: facts read, derived and put into a table {measured.loading:.0f} s; every draft for the first time, which makes the columns, {measured.first:.1f} s in all",
        f"- amounts computed one by one because they do not fit 64 bits: {measured.singly}",
        f"- {checked:,} verdicts and amounts of {SAMPLE} subjects explained one by one: every total is their sum",
    ]


def run(rulebook: Rulebook, size: int) -> Measured:
    """Measure `size` subjects."""
    lifecycle = load_lifecycle(ROOT / "rules" / "lifecycle.yaml")
    subjects, started = made(rulebook, size), time.perf_counter()
    matching = Matching(rulebook, subjects, AS_OF)
    loading = time.perf_counter() - started
    drafts = drafted(rulebook)
    first = sum(_timed(matching, lifecycle, Drafts(rulebook, (pair,)))[0] for pair in drafts)
    rounds: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
        for pair in drafts:
            rounds[pair[1].id].append(_timed(matching, lifecycle, Drafts(rulebook, (pair,)))[0])
    each = {key: float(np.median(times)) for key, times in rounds.items()}
    together, found = _timed(matching, lifecycle, Drafts(rulebook, drafts))
    return Measured(loading, first, each, together, _singly(matching, drafts), found)


def _timed(matching: Matching, lifecycle: LifecycleTable, drafts: Drafts) -> tuple[float, Simulation]:
    started = time.perf_counter()
    found = simulate(drafts, Weighing(matching, matching), groupings_of(matching.table, lifecycle))
    return time.perf_counter() - started, found


def _singly(matching: Matching, drafts: Sequence[tuple[Rule | None, Rule]]) -> int:
    rows = np.arange(len(matching.subjects), dtype=np.int64)
    deciding = Deciding(matching.table, AS_OF)
    return sum(amounts(Computing(deciding, rule), rows).singly for _, rule in drafts)


def drafted(rulebook: Rulebook) -> tuple[tuple[Rule, Rule], ...]:
    """Each measure that pays and is or may be in force, and a draft of it with its first figure a tenth higher."""
    found = []
    for measure in rulebook.ids:
        rule = rulebook.at(measure, AS_OF)
        figures = figures_of(rule, rulebook.vocabulary)
        if (
            rule.in_force(AS_OF) is not False
            and figures
            and rule.measure.benefit
            and rule.measure.benefit.kind == "cash"
        ):
            value = figures[0].value + (
                1 if figures[0].spec.type is FactType.COUNT else figures[0].value / Fraction(10)
            )
            value = value if figures[0].spec.type is not FactType.MONEY else int(value)
            found.append((rule, moved_rule(rule, rulebook, figures[0], value)))
    return tuple(found)


def made(rulebook: Rulebook, size: int) -> list[Subject]:
    """Firms, projects and persons with the facts of worked cases; every second project is one of a firm before it."""
    dice = random.Random(SEED)  # noqa: S311
    known: dict[str, list[Mapping[str, Cell]]] = {kind: [] for kind in Kind}
    for rule in rulebook.rules:
        for one in situations_of(rule, rulebook.vocabulary):
            given = {name: cell for name, cell in one.cells.items() if cell.value is not None and not cell.derived}
            known[rule.measure.target].append(given)
    subjects: list[Subject] = []
    for number in range(size):
        kind = dice.choices((Kind.ENTERPRISE, Kind.PROJECT, Kind.PERSON), (5, 4, 1))[0]
        cells: dict[str, Cell] = {}
        for _ in range(CASES_EACH):
            cells |= dice.choice(known[kind])
        changed = {name: _moved(name, cell, rulebook.vocabulary, dice) for name, cell in cells.items()}
        firm = f"E{dice.randrange(number + 1) // 2}" if kind is Kind.PROJECT and number % 2 else None
        subjects.append(Subject(f"S{number}", kind, changed, enterprise=firm))
    return subjects


def _moved(name: str, cell: Cell, vocabulary: Vocabulary, dice: random.Random) -> Cell:
    """A sum of money between half and one and a half of what the case has; every tenth is a band."""
    value = cell.value
    if vocabulary[name].type is not FactType.MONEY or not isinstance(value, Band) or not value.is_exact:
        return cell
    fen = int(value.low or 0) * dice.randrange(50, 150) // 100
    wide = dice.random() < 0.1 and fen >= 0
    return replace(cell, value=Band(fen, fen * 2) if wide else Band.exact(fen))


def checked_sample(rulebook: Rulebook, size: int) -> int:
    """How many pairs were explained singly; AssertionError where what they come to is not what is weighed."""
    matching = Matching(rulebook, made(rulebook, size), AS_OF)
    weighing, pairs = Weighing(matching, matching), 0
    for rule, _ in drafted(rulebook):
        decision = matching.decision(rule.id)
        rows = [row for row, one in enumerate(matching.subjects) if matching.concerns(rule, one.kind)]
        expected = added_up(matching, rule, rows)
        found = weighing.tally(None, rule)
        if (found.eligible, found.cost) != (expected.eligible, expected.cost):
            raise AssertionError(f"{rule.measure.key}: {found} is not {expected}")
        pairs += len(rows) if decision.in_force is not False else 0
    return pairs


def added_up(matching: Matching, rule: Rule, rows: Sequence[int]) -> Tally:
    """The awards of one rule and their cost, one explanation after the other."""
    states: dict[str, int] = defaultdict(int)
    ends: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    firms: dict[str, str] = {}
    for row in rows:
        match = matching.match(matching.decision(rule.id), row)
        if match.verdict not in OPEN:
            continue
        is_sure, end = match.verdict is Verdict.ELIGIBLE, ends[match.beneficiary]
        states[match.beneficiary] = max(states[match.beneficiary], ELIGIBLE if is_sure else NO)
        firms.setdefault(match.beneficiary, match.subject.enterprise or match.beneficiary)
        if match.amount is None or match.amount.high_fen is None:
            end[2] = 1
        if match.amount is not None:
            end[0] = max(end[0], match.amount.low_fen if is_sure else 0)
            end[1] = max(end[1], match.amount.high_fen or 0)
    return Tally(eligible=sum(state == ELIGIBLE for state in states.values()), cost=_cost(ends, firms, firm_cap(rule)))


def _cost(ends: Mapping[str, Sequence[int]], firms: Mapping[str, str], cap: int | None) -> Cost:
    of: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, end in ends.items():
        whose = of[key if cap is None else firms[key]]
        whose[:] = [a + b for a, b in zip(whose, end, strict=True)]
    low, high, unknown = (
        [end[place] if cap is None or place == 2 else min(end[place], cap) for end in of.values()] for place in range(3)
    )
    return Cost(sum(low), sum(high), sum(unknown))
