"""Find trees that stay unknown although every value of the missing fact gives one answer.

Kleene's logic looks at each occurrence of a fact by itself: `a or not a` stays unknown
without a. Such a tree asks for what cannot matter. It is looked for on the rule's own
cases, with each fact taken away, and on the first case with each two facts taken away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice, product
from math import prod

from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import MISSING, Cell
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.ground import Ground
from policy_match.proving.probes import Probing
from policy_match.proving.situations import Situation, situations_of

OPEN = frozenset({"unknown", "needs_human"})
MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class NeedlessUnknown:
    """Facts that a rule waits for in a case although each of their values gives the same verdict."""

    case: str
    facts: tuple[str, ...]
    verdict: str


def needless_unknowns(rule: Rule, vocabulary: Vocabulary) -> tuple[NeedlessUnknown, ...]:
    """Every needless unknown found on the cases of a rule; empty for a well-made tree."""
    probing = Probing(rule, vocabulary)
    cases = situations_of(rule, vocabulary)[: len(rule.measure.cases)]
    asked: list[tuple[Situation, tuple[str, ...]]] = [(case, (fact,)) for case in cases for fact in probing.facts]
    asked += [(case, pair) for case in cases[:1] for pair in combinations(probing.facts, 2)]
    without = Ground([(case.as_of, _set(case, dict.fromkeys(facts, MISSING))) for case, facts in asked], vocabulary)
    waiting = [pair for pair, verdict in zip(asked, without.verdicts(rule), strict=True) if verdict == "unknown"]
    tried = [_rows(case, facts, probing) for case, facts in waiting]
    # One ground for all: a table for each would cost more than deciding it.
    verdicts = iter(Ground([row for rows in tried for row in rows], vocabulary).verdicts(rule))
    answers = [set(islice(verdicts, len(rows))) for rows in tried]
    return tuple(
        NeedlessUnknown(case.name, facts, verdict)
        for (case, facts), answer in zip(waiting, answers, strict=True)
        if len(answer) == 1 and not answer & OPEN
        for verdict in answer
    )


def _rows(case: Situation, facts: tuple[str, ...], probing: Probing) -> list[tuple[date, Mapping[str, Cell]]]:
    """A case with every value of some facts, on its day; none where there are too many to try."""
    values = [probing.values(fact, case.cells, case.as_of) for fact in facts]
    if prod(map(len, values)) > MOST_ROWS:
        return []
    cells = [{fact: Cell(value) for fact, value in zip(facts, chosen, strict=True)} for chosen in product(*values)]
    return [(case.as_of, _set(case, own)) for own in cells]


def _set(case: Situation, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    return {**case.cells, **cells}
