"""The treasury at work on many cases at once, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.store import audit
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case
from policy_match.store.tables import Actor
from policy_match.workflows.at_case import PAYS, CaseDesk
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_library_desk


@dataclass(frozen=True, slots=True)
class PayDesk:
    """A request of the treasury about no one case."""

    session: Session
    archive: Archive
    by: By
    who: Actor

    def at(self, case: Case) -> CaseDesk:
        """The same request at work on a case, by the rules that decide on its day."""
        view = View.of(case.as_of, None, self.by.now)
        deciding = deciding_rulebook(self.session, self.archive.shelf, self.by.library, view)
        rule = deciding.rulebook.at(case.measure, case.as_of)
        return CaseDesk(self.session, self.archive, self.by, self.who, case, deciding, rule)

    def note(self, action: str, kind: str, number: str, detail: dict[str, Plain]) -> None:
        """A row of the audit chain about a file."""
        audit.record(
            self.session, self.who, f"msjx.{action}", object_kind=kind, object_id=number, at=self.by.now,
            library=self.by.library, detail=detail,
        )  # fmt: skip


@contextmanager
def at_pay_desk(archive: Archive, by: By, *, about: str = "") -> Iterator[PayDesk]:
    """Begin; what the block writes is kept if it ends well. NotFound ACTOR_UNKNOWN, Forbidden CARE_ROLE."""
    with at_library_desk(archive, PAYS, by, about=about) as (session, who):
        yield PayDesk(session, archive, by, who)
