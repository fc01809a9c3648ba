"""The assessment of the jobs that a project brings: its figures, and what of the form is due. Domain specification §7.8."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy_match.dates import add_period
from policy_match.schemes.figures import Given, index_value
from policy_match.schemes.scheme import Due, Index, Scheme


@dataclass(frozen=True, slots=True)
class DueStep:
    """A part of the form: since when it is due, None before its point; `missing`: facts not filled in by then."""

    name: str
    due_on: date | None
    missing: tuple[str, ...]

    def is_late(self, as_of: date) -> bool:
        """Whether it was due before the day and something is missing; the day itself is in time."""
        return self.due_on is not None and self.due_on < as_of and bool(self.missing)


def job_figures(scheme: Scheme, inputs: Mapping[str, Given]) -> tuple[tuple[Index, Fraction | None], ...]:
    """Each index of the scheme with its value; None where an input is missing."""
    return tuple((index, index_value(index, inputs)) for index in scheme.indices)


def due_steps(scheme: Scheme, points: Mapping[str, date], known: Collection[str]) -> tuple[DueStep, ...]:
    """The parts of the form with their days, by the points that a project reached; `known`: facts that are filled in."""
    return tuple(_step(due, points.get(due.point), known) for due in scheme.job_terms.due)


def _step(due: Due, reached: date | None, known: Collection[str]) -> DueStep:
    missing = tuple(fact for fact in due.facts if fact not in known)
    return DueStep(due.name, None if reached is None else add_period(reached, due.after), missing)
