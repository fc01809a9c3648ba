"""Find trees that stay unknown although every value of the missing fact gives one answer.

Kleene's logic looks at each occurrence of a fact by itself: `a or not a` stays unknown
without a. Such a tree asks for what cannot matter. It is looked for on the rule's own
cases, with each fact taken away, and on the first case with each two facts taken away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, product

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
    found = (_settled(rule, case, facts, probing) for case, facts in waiting)
    return tuple(one for one in found if one is not None)


def _settled(rule: Rule, case: Situation, facts: tuple[str, ...], probing: Probing) -> NeedlessUnknown | None:
    values = [probing.values(fact, case.cells, case.as_of) for fact in facts]
    rows = [
        (case.as_of, _set(case, {fact: Cell(value) for fact, value in zip(facts, chosen, strict=True)}))
        for chosen in product(*values)
    ]
    if not rows or len(rows) > MOST_ROWS:
        return None
    verdicts = set(Ground(rows, probing.vocabulary).verdicts(rule))
    if len(verdicts) > 1 or verdicts & OPEN:
        return None
    return NeedlessUnknown(case.name, facts, verdicts.pop())


def _set(case: Situation, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    return {**case.cells, **cells}
