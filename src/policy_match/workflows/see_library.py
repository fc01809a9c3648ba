"""A library as one viewer sees it: other subjects are not there, and sensitive figures lie under a veil.

What is restricted here is restricted everywhere after it: lists, counts, pages and files are made of the library that
they are given. Verdicts and amounts of what is seen are those of the whole library.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from policy_match.access.permissions import Permissions, Reach, Right
from policy_match.access.scope import NOTHING, Scope, scope_of, visible
from policy_match.access.viewer import Means, Viewer
from policy_match.facts.table import FactTable
from policy_match.facts.veil import OFF, Veil
from policy_match.store import subjects
from policy_match.workflows.choose_bundle import Bundle, bundled, household_of
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.match import Matching
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.read_records import View
from policy_match.workflows.show_record import RecordShown, show_merged

_SHOWN = (Reach.ALL, Reach.OWN, Reach.PUBLIC)


def scope_in(library: str, viewer: Viewer, permissions: Permissions) -> Scope:
    """How far a viewer sees into a library; whoever is not signed in sees the whole demonstration, which is invented.

    Outside the one library of its rights a person is as good as a visitor, and a key sees nothing.
    """
    if viewer.library not in (None, library):
        return NOTHING if viewer.means is Means.KEY else Scope(shows=Reach.PUBLIC)
    facts = permissions.reach(viewer, "facts", Right.READ)
    projects = permissions.reach(viewer, "projects", Right.READ)
    if library == DEMO and projects is Reach.PUBLIC:
        return Scope(everything=True, shows=facts)
    return scope_of(viewer, projects, facts)


def public_subjects(
    session: Session, library: Library, permissions: Permissions, before: frozenset[str] | None = None
) -> frozenset[str]:
    """Ids of the real subjects of which nothing was ever told but from public pages, and nothing recorded; the same for
    every day that is asked about. `before`: those of the library that this one was brought up from."""
    if library.is_demo:
        return frozenset()
    if before is None or library.renewed is None:
        return subjects.told_only_by(session, library.name, permissions.public_sources)
    new = subjects.told_only_by(session, library.name, permissions.public_sources, library.renewed)
    return (before - library.renewed) | new


def see_library(library: Library, scope: Scope, public: frozenset[str], permissions: Permissions) -> Library:
    """The library with the subjects of a scope alone; decided anew where it is not the whole one."""
    veil = veil_of(scope, permissions)
    subjects = visible(library.matching.subjects, scope, public)
    whole = library.matching
    if len(subjects) == len(whole.subjects):
        return (
            library
            if veil is OFF
            else replace(library, matching=whole.under(veil), whole=whole, shared=library.weighed)
        )
    table = FactTable(whole.rulebook.vocabulary, [whole.table.cells[library.rows[one.id]] for one in subjects])
    matching = Matching(whole.rulebook, subjects, whole.as_of, whole.ordering, veil, table=table)
    for measure_id in whole.rulebook.ids:
        matching.decision(measure_id)
    return replace(library, matching=matching, whole=whole, shared=library.weighed)


def veil_of(scope: Scope, permissions: Permissions) -> Veil:
    """What lies over sensitive figures for whoever sees so far."""
    return OFF if scope.shows in _SHOWN else Veil(permissions.sensitive, as_range=scope.shows is Reach.BAND)


def bundle_seen(library: Library, row: int) -> Bundle:
    """The best set of a subject with those it belongs together with, also those that are not seen; of these nothing is told."""
    matching = library.matching
    subject = matching.subjects[row]
    if library.whole is None:
        return bundled(matching, household_of(matching.subjects, row), library.paid)
    whole = library.whole
    place = next(place for place, one in enumerate(whole.subjects) if one.id == subject.id)
    found = bundled(whole, household_of(whole.subjects, place), library.paid)
    return replace(
        found,
        subjects=tuple(one for one in found.subjects if one.id in library.rows),
        chosen=tuple(one for one in found.chosen if one.offer.subject in library.rows),
        not_taken=tuple(one for one in found.not_taken if one.offer.subject in library.rows),
        free=tuple(one for one in found.free if one.subject in library.rows),
    )


def merged_seen(library: Library, archive: Archive, code: str, view: View) -> RecordShown | None:
    """A project that was merged into one that is seen; None for any other."""
    found = show_merged(archive, library.name, code, view, library.matching.veil)
    survivor = None if found is None else found.record.survivor
    return found if survivor is not None and survivor.code in library.rows else None
