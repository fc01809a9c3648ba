"""Which changes somebody is told of: those of what may be seen, by the row of the permissions that a kind belongs to."""

from __future__ import annotations

from policy_match.access.permissions import Reach, Right
from policy_match.access.viewer import Viewer
from policy_match.store.tables import Actor
from policy_match.workflows.list_changes import Change
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library
from policy_match.workflows.own_measure import is_own

BELONGS_TO = {
    "project": "projects", "unit": "projects", "library": "projects", "case": "cases", "objection": "cases",
    "exclusions": "cases", "review": "reviews", "doubt": "sources", "batch": "sources", "month": "months",
    "release": "rules", "rule": "rules", "budget": "payments", "payment_batch": "payments", "payments": "payments",
    "receipts": "payments", "message": "push", "evaluation": "evaluation",
    "figure": "evaluation",
}  # fmt: skip
"""The row of rules/permissions.yaml whose readers are told of a kind of change."""
_ACTIONS = {"cases": "msjx_case", "reviews": "review", "push": "review"}


def sees_change(change: Change, library: Library, viewer: Viewer, archive: Archive) -> bool:
    """Whether a viewer is told. `library`: as the viewer sees it (see_library.py).

    What is of the whole library is for those who read all of its kind. Of the real library whoever only reads what is
    public is told nothing: of what is public nothing was recorded. A city unit that reads its own cases and reviews is
    told of those under its own measures.
    """
    row = BELONGS_TO[change.kind]
    reach = archive.permissions.reach(viewer, row, Right.READ)
    if reach is None or (reach is Reach.PUBLIC and not library.is_demo):
        return False
    if change.subject is None:
        return reach is Reach.ALL
    is_own_kind = (
        reach is not Reach.OWN or change.measure is None or _is_own(change.measure, row, library, viewer, archive)
    )
    return change.subject in library.rows and is_own_kind


def _is_own(measure: str, row: str, library: Library, viewer: Viewer, archive: Archive) -> bool:
    """Of an area or a firm everything that is seen is its own."""
    rulebook = library.matching.rulebook
    if viewer.region is not None or viewer.firm is not None:
        return True
    who = Actor(id=viewer.actor, name=viewer.name, role=viewer.role, unit=viewer.unit)
    return measure in rulebook.ids and is_own(archive, rulebook.at(measure, library.matching.as_of), who, _ACTIONS[row])
