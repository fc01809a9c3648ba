"""How benefits are had: the number of measures in force by mode, and the share of those without application."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import get_args

from policy_match.eligibility.rulebook import Rulebook
from policy_match.eligibility.schema_words import Mode

MODES: tuple[str, ...] = get_args(Mode)
NO_APPLICATION = "msjx"


@dataclass(frozen=True, slots=True)
class ModeCount:
    """Measures surely in force on a day, by mode (every mode is there). `unsure`: in force perhaps, in no mode's number."""

    on: date
    by_mode: Mapping[str, int]
    unsure: int

    @property
    def total(self) -> int:
        """Measures surely in force."""
        return sum(self.by_mode.values())

    @property
    def share(self) -> Fraction | None:
        """Those without application among all; None where there is none at all."""
        return Fraction(self.by_mode[NO_APPLICATION], self.total) if self.total else None


def count_modes(rulebook: Rulebook, on: date) -> ModeCount:
    """Count each measure once, by the version that decides on the day; drafts and repealed measures do not count."""
    deciding = [rulebook.at(measure_id, on) for measure_id in rulebook.ids]
    answers = [(rule.measure.mode, rule.in_force(on)) for rule in deciding if rule.measure.status != "repealed"]
    found = Counter[str](mode for mode, answer in answers if answer)
    return ModeCount(on, {mode: found[mode] for mode in MODES}, sum(answer is None for _, answer in answers))


def count_modes_by_year(rulebook: Rulebook, as_of: date, years: int) -> tuple[ModeCount, ...]:
    """The counts at the end of the last years, the year of `as_of` on that day itself; the oldest first."""
    ends = [date(as_of.year - back, 12, 31) for back in range(years - 1, 0, -1)]
    return tuple(count_modes(rulebook, day) for day in (*ends, as_of))
