"""Facts for the first case of a rule that has none: every condition just met, so that the others can start from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from policy_match.benefits.formula import Amount
from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import Cell, Value
from policy_match.facts.derive import derive_all
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.ground import Ground
from policy_match.proving.probes import Probing

OVER = frozenset({"ineligible", "not_in_force"})


def first_facts(rule: Rule, vocabulary: Vocabulary) -> tuple[date, Mapping[str, Value]]:
    """A day on which the rule is surely in force, and for each fact that it reads the first value that refuses nobody.

    A value that leaves something to pay comes first. A fact without such a value is left out, and is missing.
    """
    as_of, probing = date.fromordinal(rule.validity.sure_from), Probing(rule, vocabulary)
    chosen: dict[str, Value] = {}
    for fact in probing.facts:
        values = probing.values(fact, _known(chosen, vocabulary, as_of), as_of)
        rows = [(as_of, _known({**chosen, fact: value}, vocabulary, as_of)) for value in values]
        ground = Ground(rows, vocabulary)
        decided = zip(values, ground.verdicts(rule), ground.amounts(rule), strict=True)
        kept = [(value, _pays(amount)) for value, verdict, amount in decided if verdict not in OVER]
        if kept:
            chosen[fact] = next((value for value, pays in kept if pays), kept[0][0])
    return as_of, chosen


def _pays(amount: Amount | None) -> bool:
    return amount is not None and amount.high_fen != 0


def _known(values: Mapping[str, Value], vocabulary: Vocabulary, as_of: date) -> dict[str, Cell]:
    cells = {fact: Cell(value) for fact, value in values.items()}
    return derive_all(cells, vocabulary, as_of, fixed=frozenset(cells))
