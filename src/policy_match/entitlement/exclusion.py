"""Who is on an exclusion list: entries rest on a law, hold for their days, and may concern some measures only.

An entry excludes from its first day until the day on which it was repaired or ran out; it stays in the history. Kinds
that only warn never exclude. Domain specification §4.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from policy_match.entitlement.proof import ExclusionSeen
from policy_match.entitlement.terms import EXCLUDES, Terms


def holds(entry: ExclusionSeen, on: date) -> bool:
    """Whether an entry counts on a day; first and last day included, the day of its repair not."""
    began = entry.since <= on and (entry.through is None or on <= entry.through)
    return began and (entry.ended_on is None or on < entry.ended_on)


def concerns(entry: ExclusionSeen, measure: str) -> bool:
    """Whether an entry counts for a measure."""
    return not entry.measures or measure in entry.measures


def hits(entries: Iterable[ExclusionSeen], measure: str, on: date, terms: Terms) -> tuple[ExclusionSeen, ...]:
    """The entries that exclude from a measure on a day."""
    return _counting(entries, measure, on, terms, excludes=True)


def warnings(entries: Iterable[ExclusionSeen], measure: str, on: date, terms: Terms) -> tuple[ExclusionSeen, ...]:
    """The entries that the officers are only told of."""
    return _counting(entries, measure, on, terms, excludes=False)


def _counting(
    entries: Iterable[ExclusionSeen], measure: str, on: date, terms: Terms, *, excludes: bool
) -> tuple[ExclusionSeen, ...]:
    return tuple(
        one
        for one in entries
        if holds(one, on) and concerns(one, measure) and (terms.exclusions[one.kind].effect == EXCLUDES) is excludes
    )
