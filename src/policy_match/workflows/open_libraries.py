"""Open the two libraries: the real projects and the invented demonstration subjects.

They are two objects that no function adds up: every count, list and line is of
one library. What is shown of the demonstration library is called 示范数据.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.subjects import Subject
from policy_match.lifecycle.table import LifecycleTable
from policy_match.ranking.scoring import Ordering
from policy_match.workflows.library_names import DEMO, REAL, TITLES
from policy_match.workflows.list_stops import rulebook_on
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects


@dataclass(frozen=True)
class Library:
    """One library matched on one day. `name`: real or demo; everything it holds belongs to that one."""

    name: str
    matching: Matching
    table: LifecycleTable

    @property
    def title(self) -> str:
        """The name that people read."""
        return TITLES[self.name]

    @property
    def is_demo(self) -> bool:
        """Whether the subjects are invented."""
        return self.name == DEMO

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each subject by its id."""
        return {subject.id: row for row, subject in enumerate(self.matching.subjects)}


@dataclass(frozen=True, slots=True)
class Libraries:
    """Both libraries on one day; `demo` is None where it was left out or holds nothing.

    `rulebook`: as it stands for real projects; what was stopped for the demonstration alone is in its matching only.
    """

    rulebook: Rulebook
    as_of: date
    real: Library
    demo: Library | None

    @property
    def every(self) -> tuple[Library, ...]:
        """The libraries that are open, the real one first."""
        return (self.real,) if self.demo is None else (self.real, self.demo)


def open_libraries(
    archive: Archive,
    rulebook: Rulebook,
    as_of: date,
    now: datetime,
    *,
    demo: bool = True,
    ordering: Ordering | None = None,
) -> Libraries:
    """Read the subjects of both libraries on a day and decide every pair of each."""
    view = View.of(as_of, None, now)
    with archive.database.reading() as session:
        real = read_subjects(session, archive, REAL, view)
        invented = read_subjects(session, archive, DEMO, view) if demo else ()
        common, played = (rulebook_on(session, rulebook, name, view) for name in (REAL, DEMO))
    held = Library(DEMO, _matched(played, invented, as_of, ordering), archive.table) if invented else None
    return Libraries(common, as_of, Library(REAL, _matched(common, real, as_of, ordering), archive.table), held)


def _matched(rulebook: Rulebook, subjects: Sequence[Subject], as_of: date, ordering: Ordering | None) -> Matching:
    matching = Matching(rulebook, subjects, as_of, ordering)
    for measure_id in rulebook.ids:
        matching.decision(measure_id)
    return matching
