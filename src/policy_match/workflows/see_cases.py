"""Which 免申即享 cases a viewer sees in full, with all steps; of the others what a public notice shows, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import visible
from policy_match.access.viewer import Viewer
from policy_match.eligibility.rulebook import Rulebook
from policy_match.store import subjects
from policy_match.store.case_tables import Case
from policy_match.store.tables import Actor
from policy_match.workflows.at_case import HANDLES
from policy_match.workflows.library_names import DEMO
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Libraries, Library
from policy_match.workflows.own_measure import is_own
from policy_match.workflows.see_library import scope_in


@dataclass(frozen=True, slots=True)
class CaseSight:
    """What is seen in full: whole libraries, cases under some measures, cases of some subjects (by row id).

    `of_firm`: by the firm itself, from which those who object are protected.
    """

    libraries: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    subject_ids: frozenset[int] = frozenset()
    of_firm: bool = False

    def reaches(self, library: str) -> bool:
        """Whether any case of a library may be seen in full."""
        return library in self.libraries or bool(self.measures or self.subject_ids)

    def sees(self, case: Case) -> bool:
        """Whether a case is seen in full."""
        return (
            case.library in self.libraries
            or case.measure in self.measures
            or not self.subject_ids.isdisjoint({case.beneficiary_id, case.project_id})
        )


def case_sight(session: Session, archive: Archive, viewer: Viewer, libraries: Libraries) -> CaseSight:
    """How far a viewer sees: an area and a firm the cases of their own subjects, a city unit those of its measures.

    `libraries`: as the viewer sees them.
    """
    held = {library.name for library in libraries.every if viewer.library in (None, library.name)}
    match archive.permissions.reach(viewer, "cases", Right.READ):
        case Reach.ALL:
            return CaseSight(frozenset(held))
        case Reach.PUBLIC:
            return CaseSight(frozenset(held & {DEMO}))
        case Reach.OWN if archive.table.roles[viewer.role].own_area:
            own = (_own_subjects(session, archive, viewer, one) for one in libraries.every if one.name in held)
            return CaseSight(subject_ids=frozenset().union(*own), of_firm=viewer.firm is not None)
        case Reach.OWN:
            who = session.get_one(Actor, viewer.actor)
            return CaseSight(measures=_own_measures(archive, libraries.rulebook, who))
        case _:
            return CaseSight()


def _own_subjects(session: Session, archive: Archive, viewer: Viewer, library: Library) -> frozenset[int]:
    """Row ids of the own subjects: what anybody may see is not the viewer's own."""
    scope = scope_in(library.name, viewer, archive.permissions)
    own = visible(library.matching.subjects, scope, public=())
    return frozenset(subjects.ids_of(session, library.name, [one.id for one in own]))


def _own_measures(archive: Archive, book: Rulebook, who: Actor) -> frozenset[str]:
    return frozenset(rule.id for rule in book.rules if is_own(archive, rule, who, HANDLES))
