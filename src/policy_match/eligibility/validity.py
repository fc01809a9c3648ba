"""From when to when a version of a measure is in force, as far as anyone has seen.

Both ends are included. An end known to the month or year is a band: inside it
the answer is unknown. After the last day on which a measure is known to have
been in force the answer is unknown, never yes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from policy_match.dates import parse_date
from policy_match.eligibility.schema import Effective
from policy_match.errors import FactError, Issue


@dataclass(frozen=True, slots=True)
class Validity:
    """Day ordinals. In force surely from `sure_from` to `sure_through`, surely not before `first` nor after `last`.

    `last` None: no end is known; `sure_through` None: a standing rule without an end.
    """

    first: int
    sure_from: int
    sure_through: int | None
    last: int | None

    def holds(self, as_of: date) -> bool | None:
        """True or False where it is sure, None between."""
        day = as_of.toordinal()
        if day < self.first or (self.last is not None and day > self.last):
            return False
        if day >= self.sure_from and (self.sure_through is None or day <= self.sure_through):
            return True
        return None


def validity_of(effective: Effective, next_from: str | None) -> Validity:
    """Read `effective`; `next_from` is the first day of whatever supersedes it, None if nothing does.

    FactError where a date cannot be read or `superseded` names nothing that supersedes.
    """
    start = parse_date(effective.from_)
    first, sure_from = int(start.low or 0), int(start.high or 0)
    if effective.through == "open":
        return Validity(first, sure_from, None, None)
    if effective.through == "superseded":
        if next_from is None:
            raise FactError(
                Issue(
                    "SUPERSEDED",
                    "没有后续版本或替代文件",
                    "",
                    "",
                    "登记后续版本，或在文件登记中写 replaced_by，或改为 unknown",
                )
            )
        following = parse_date(next_from)
        return Validity(first, sure_from, int(following.low or 0) - 1, int(following.high or 0) - 1)
    if effective.through == "unknown":
        seen = [int(parse_date(day).high or 0) for day in effective.seen_in_force_on]
        return Validity(first, sure_from, max(seen, default=sure_from - 1), None)
    end = parse_date(effective.through)
    return Validity(first, sure_from, int(end.low or 0), int(end.high or 0))
