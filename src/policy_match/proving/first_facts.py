"""Facts for the first case of a rule that has none: every condition just met, so that the others can start from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from policy_match.eligibility.rulebook import Rule
from policy_match.facts.cells import Cell, Value
from policy_match.facts.derive import derive_all
from policy_match.facts.vocabulary import Vocabulary
from policy_match.proving.ground import Ground
from policy_match.proving.probes import Probing
from policy_match.units import Band

OVER = frozenset({"ineligible", "not_in_force"})


def first_facts(rule: Rule, vocabulary: Vocabulary) -> tuple[date, Mapping[str, Value]]:
    """A day on which the rule is surely in force, and for each fact that it reads the first value that refuses nobody.

    Zero comes last: it would leave nothing to pay. A fact without such a value is left out, and is missing.
    """
    as_of, probing = date.fromordinal(rule.validity.sure_from), Probing(rule, vocabulary)
    chosen: dict[str, Value] = {}
    for fact in probing.facts:
        known = _known(chosen, vocabulary, as_of)
        values = sorted(probing.values(fact, known, as_of), key=_is_zero)
        rows = [(as_of, _known({**chosen, fact: value}, vocabulary, as_of)) for value in values]
        verdicts = Ground(rows, vocabulary).verdicts(rule) if rows else []
        kept = next((value for value, verdict in zip(values, verdicts, strict=True) if verdict not in OVER), None)
        if kept is not None:
            chosen[fact] = kept
    return as_of, chosen


def _is_zero(value: Value) -> bool:
    return isinstance(value, Band) and value.low == 0


def _known(values: Mapping[str, Value], vocabulary: Vocabulary, as_of: date) -> dict[str, Cell]:
    cells = {fact: Cell(value) for fact, value in values.items()}
    return derive_all(cells, vocabulary, as_of, fixed=frozenset(cells))
