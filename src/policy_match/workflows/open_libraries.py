"""Open the two libraries: the real projects and the invented demonstration subjects.

They are two objects that no function adds up: every count, list and line is of
one library. What is shown of the demonstration library is called 示范数据.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from policy_match.benefits.ledger import Paid
from policy_match.eligibility.rulebook import Rulebook
from policy_match.facts.subjects import Subject, known_facts
from policy_match.facts.table import FactTable
from policy_match.lifecycle.table import LifecycleTable
from policy_match.ranking.scoring import Ordering
from policy_match.store import payments, read_marks
from policy_match.store.read_marks import ReadMark
from policy_match.workflows.library_names import DEMO, REAL, TITLES
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import OpenRelease, deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.read_subjects import read_subjects, read_touched
from policy_match.workflows.weigh_matches import Weighing

MOST_TOUCHED = 1_000
"""Of more subjects than that, reading all of them takes no longer."""


@dataclass(frozen=True)
class Library:
    """One library matched on one day. `name`: real or demo; everything it holds belongs to that one.

    `release`: the hash of the rules that decided; `paid`: the ledger as it stood, our own payments and those told of.
    `mark`: how far it was read; `renewed`: ids of the subjects that are others than in the library that it was brought up
    from, None: it was read anew.
    `whole`, `shared`: the matching and the weighing of every subject where this library is what one viewer sees of it
    (workflows/see_library.py).
    """

    name: str
    matching: Matching
    table: LifecycleTable
    release: str
    paid: tuple[Paid, ...] = ()
    mark: ReadMark | None = field(default=None, repr=False)
    renewed: frozenset[str] | None = None
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
    before: Libraries | None = None,
) -> Libraries:
    """Read the subjects of both libraries on a day and decide every pair of each by the release of the day.

    `rulebook`: that of the program's folder, None if it does not load (`deciding_rulebook`). `before`: the same as they stood
    earlier; of subjects of which nothing was recorded since, what was read is kept.
    """
    view = View.of(as_of, None, now)

    def opened(name: str) -> Library:
        held = next((one for one in (() if before is None else before.every) if one.name == name), None)
        if held is None:
            return open_library(session, archive, name, view, own=rulebook, ordering=ordering)
        return reopen_library(session, archive, held, view, own=rulebook, ordering=ordering)

    with archive.database.reading() as session:
        real = opened(REAL)
        invented = opened(DEMO) if demo else None
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
    mark = read_marks.mark_of(session, name)
    subjects = subjects_for(session, archive, release.rulebook, name, view)
    matching = Matching(release.rulebook, subjects, view.as_of, ordering)
    return _decided(session, archive, name, view, release, matching, mark)


def reopen_library(
    session: Session,
    archive: Archive,
    before: Library,
    view: View,
    *,
    own: Rulebook | None = None,
    ordering: Ordering | None = None,
) -> Library:
    """The same library as `open_library` gives it, of which only those subjects are read that something was recorded of since.

    Where day, rules or order are others than before, where that cannot be told, or where it concerns very many, all are read.
    """
    release, was = deciding_rulebook(session, archive.shelf, before.name, view, own=own), before.matching
    mark = read_marks.mark_of(session, before.name)
    is_same = was.rulebook is release.rulebook and was.as_of == view.as_of and was.ordering is ordering
    touched = None
    if is_same and before.mark is not None and view.known_at is None:
        touched = read_marks.touched_since(session, before.mark, mark)
    if touched is None or len(touched) > MOST_TOUCHED:
        return open_library(session, archive, before.name, view, own=own, ordering=ordering)
    matching, renewed = was, frozenset[str]()
    if touched:
        read = read_touched(session, replace(archive, vocabulary=release.rulebook.vocabulary), touched, view)
        changed = {subject.id: subject for subject in read.values()}
        left_out = {mark.code(row) for row in touched} - changed.keys()
        matching, renewed = brought_up(was, changed, left_out), frozenset(left_out | changed.keys())
    return replace(_decided(session, archive, before.name, view, release, matching, mark), renewed=renewed)


def brought_up(was: Matching, changed: Mapping[str, Subject], left_out: AbstractSet[str]) -> Matching:
    """A matching with some subjects as they are now, new ones among them, and without others, by id; facts are derived of the
    changed ones alone."""
    vocabulary, as_of = was.rulebook.vocabulary, was.as_of
    rows = [
        (subject, cells)
        for subject, cells in zip(was.subjects, was.table.cells, strict=True)
        if subject.id not in changed and subject.id not in left_out
    ]
    rows += [(subject, known_facts(subject, vocabulary, as_of)) for subject in changed.values()]
    rows.sort(key=lambda row: row[0].id)
    table = FactTable(vocabulary, [cells for _, cells in rows])
    return Matching(was.rulebook, tuple(subject for subject, _ in rows), as_of, was.ordering, table=table)


def _decided(
    session: Session, archive: Archive, name: str, view: View, release: OpenRelease, matching: Matching, mark: ReadMark
) -> Library:  # fmt: skip
    for measure_id in release.rulebook.ids:
        matching.decision(measure_id)
    paid = tuple(payments.paid(row) for row in payments.ledger(session, name, known_at=view.instant))
    return Library(name, matching, archive.table, release.release, paid, mark)


def subjects_for(session: Session, archive: Archive, rulebook: Rulebook, name: str, view: View) -> tuple[Subject, ...]:
    """The subjects of a library with the facts that a rulebook knows, by its own terms of freshness and authority."""
    return read_subjects(session, replace(archive, vocabulary=rulebook.vocabulary), name, view)
