"""Open the two libraries: the real projects and the invented demonstration subjects.

They are two objects that no function adds up: every count, list and line is of
one library. What is shown of the demonstration library is called 示范数据.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from policy_match.benefits.ledger import Paid
from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.subjects import Subject
from policy_match.lifecycle.table import LifecycleTable
from policy_match.ranking.scoring import Ordering
from policy_match.store import payments
from policy_match.workflows.library_names import DEMO, REAL, TITLES
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects
from policy_match.workflows.weigh_matches import Weighing


@dataclass(frozen=True)
class Library:
    """One library matched on one day. `name`: real or demo; everything it holds belongs to that one.

    `release`: the hash of the rules that decided; `paid`: the ledger as it stood, our own payments and those told of.
    `whole`, `shared`: the matching and the weighing of every subject where this library is what one viewer sees of it
    (workflows/see_library.py).
    """

    name: str
    matching: Matching
    table: LifecycleTable
    release: str
    paid: tuple[Paid, ...] = ()
    whole: Matching | None = None
    shared: Weighing | None = None

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

    @cached_property
    def weighed(self) -> Weighing:
        """What may come before people, the same for everybody who sees a subject."""
        return self.shared or Weighing(self.matching)


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
    rulebook: Rulebook | None,
    as_of: date,
    now: datetime,
    *,
    demo: bool = True,
    ordering: Ordering | None = None,
) -> Libraries:
    """Read the subjects of both libraries on a day and decide every pair of each by the release of the day.

    `rulebook`: that of the program's folder, None if it does not load (`deciding_rulebook`).
    """
    view = View.of(as_of, None, now)
    with archive.database.reading() as session:
        real = open_library(session, archive, REAL, view, own=rulebook, ordering=ordering)
        invented = open_library(session, archive, DEMO, view, own=rulebook, ordering=ordering) if demo else None
    held = invented if invented is not None and invented.matching.subjects else None
    return Libraries(real.matching.rulebook, as_of, real, held)


def open_library(
    session: Session,
    archive: Archive,
    name: str,
    view: View,
    *,
    own: Rulebook | None = None,
    ordering: Ordering | None = None,
) -> Library:
    """Read the subjects of one library, as the release that decides there understands facts, and decide every pair."""
    release = deciding_rulebook(session, archive.shelf, name, view, own=own)
    subjects = subjects_for(session, archive, release.rulebook, name, view)
    matching = Matching(release.rulebook, subjects, view.as_of, ordering)
    for measure_id in release.rulebook.ids:
        matching.decision(measure_id)
    ledger = payments.ledger(session, name, known_at=view.instant)
    return Library(name, matching, archive.table, release.release, tuple(payments.paid(row) for row in ledger))


def subjects_for(session: Session, archive: Archive, rulebook: Rulebook, name: str, view: View) -> tuple[Subject, ...]:
    """The subjects of a library with the facts that a rulebook knows, by its own terms of freshness and authority."""
    return read_subjects(session, replace(archive, vocabulary=rulebook.vocabulary), name, view)
