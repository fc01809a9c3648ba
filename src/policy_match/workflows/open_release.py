"""Open the release that decides: of the day and of what was known at the instant, whatever the rule folder says by now.

The rule folder of the program is the first release of an archive. Once it differs from the release in force, the
archive goes on with its release until two people agree to another one (activate_rules.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rulebook
from policy_match.release import in_force
from policy_match.store import releases
from policy_match.workflows.list_stops import rulebook_on
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import Shelf


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """What decides: the hash of a release, and its rulebook as it stands with the stops of the day."""

    release: str
    rulebook: Rulebook


def deciding_rulebook(
    session: Session, shelf: Shelf, library: str, view: View, *, own: Rulebook | None = None
) -> OpenRelease:
    """What decides in a library on a day, by what was known at the instant; RuleError if a text of it was changed.

    Where no release was recorded yet the program's folder decides. `own`: its rulebook, if it was read already.
    """
    found = in_force(releases.activations(session, library, known_at=view.known_at), view.as_of)
    release_hash = shelf.hash if found is None else found.release
    if own is not None and release_hash == shelf.hash:
        rulebook = own
    else:
        rulebook = shelf.folder if found is None else shelf.rulebook(session, release_hash)
    return OpenRelease(release_hash, rulebook_on(session, rulebook, library, view))


def rulebook_in_force(archive: Archive, library: str, view: View) -> Rulebook:
    """The rulebook that decides in a library on a day, for who needs no more than the rules."""
    with archive.database.reading() as session:
        return deciding_rulebook(session, archive.shelf, library, view).rulebook
