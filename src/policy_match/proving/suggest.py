"""Facts for new cases: the fewest that would notice every mutant that no case notices yet.

Only facts are proposed. What the verdict should be is for whoever reads the clause:
an expected value copied from the engine would prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policy_match.facts.cells import Value
from policy_match.proving.prove import Proving, Unnoticed


@dataclass(frozen=True, slots=True)
class SuggestedCase:
    """A case like an existing one with some facts changed; `notices`: the mutants that it would notice."""

    like: str
    facts: Mapping[str, Value]
    notices: tuple[str, ...]
    is_amount: bool


def suggested_cases(proving: Proving) -> tuple[SuggestedCase, ...]:
    """The fewest changes (greedily chosen, first in reading order among equals) that notice every unnoticed mutant."""
    conditions, amounts = proving.unnoticed_conditions()[1], proving.unnoticed_amounts()[1]
    return (*_chosen(proving, conditions, is_amount=False), *_chosen(proving, amounts, is_amount=True))


def _chosen(proving: Proving, unnoticed: list[Unnoticed], *, is_amount: bool) -> list[SuggestedCase]:
    changes = proving.changed[0] if unnoticed else ()
    places = {id(change): place for place, change in enumerate(changes)}
    noticed_by: dict[int, set[int]] = {}
    for number, one in enumerate(unnoticed):
        for change in one.tells:
            noticed_by.setdefault(places[id(change)], set()).add(number)
    open_, found = set(range(len(unnoticed))), list[SuggestedCase]()
    while open_:
        best = max(sorted(noticed_by), key=lambda place: (len(noticed_by[place] & open_), -len(changes[place].values)))
        notices = noticed_by[best] & open_
        open_ -= notices
        change = changes[best]
        whats = tuple(unnoticed[number].mutant.what for number in sorted(notices))
        found.append(SuggestedCase(proving.situations[change.row].name, change.values, whats, is_amount))
    return found
