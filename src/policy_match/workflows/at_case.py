"""Do one thing about one 免申即享 case: in one transaction, by whoever may, with its step, its audit row and, if refused, a note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rule
from policy_match.entitlement.states import Action, State
from policy_match.errors import Conflict, Issue
from policy_match.store import audit, cases, subjects
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Case, CaseStep
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.announce_case import Happened, announce_case
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import OpenRelease, deciding_rulebook
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.read_records import View
from policy_match.workflows.seal_value import about_case, open_value, seal_value
from policy_match.workflows.write_entry import By, at_library_desk

HANDLES, ANSWERS, OBJECTS, PAYS, EXCLUDES = "msjx_case", "msjx_consent", "msjx_object", "msjx_pay", "msjx_exclude"
_WHAT = "免申即享"


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """A request at work on a case. `rule`: the version that decides on the case's day, by the release in force now."""

    session: Session
    archive: Archive
    by: By
    who: Actor
    case: Case
    deciding: OpenRelease
    rule: Rule

    def move(self, action: Action, body: Mapping[str, Plain], *, to: State | None = None, reason: str = "") -> CaseStep:
        """Write the step, chained, with its row of the audit chain and what the firm is told of it."""
        start = self.case.state
        step = cases.move(self.session, self.case, self.who, action, self.by.now, body, to=to)
        audit.record(
            self.session, self.who, f"msjx.{action}", object_kind="case", object_id=self.case.number, at=self.by.now,
            reason=reason or None, library=self.case.library,
            detail={"from": start, "to": self.case.state, "step": step.row_hash},
        )  # fmt: skip
        announce_case(self.session, self.archive, self.case, Happened(action, body, self.rule), by=self.by)
        return step

    def seal(self, name: str, value: str) -> str:
        """The mark of a value of this case, which is kept sealed."""
        return seal_value(self.session, self.archive.sealer, value, about_case(self.case, name))

    def unseal(self, name: str, written: str) -> str:
        """The value of a mark; Conflict SEAL_OTHER_KEY, SEAL_BROKEN or SEAL_GONE where it cannot be opened."""
        return open_value(self.session, self.archive.sealer, written, about_case(self.case, name))

    @property
    def state(self) -> State:
        """Where the case stands."""
        return State(self.case.state)

    @property
    def view(self) -> View:
        """The day by whose law the case is decided, with what is known now."""
        return View.of(self.case.as_of, None, self.by.now)

    def beneficiary(self) -> Subject:
        """The row of who is paid."""
        return subjects.by_ids(self.session, [self.case.beneficiary_id])[self.case.beneficiary_id]

    def project(self) -> Subject | None:
        """The row of the project that speaks for the case, if one does."""
        wanted = self.case.project_id
        return None if wanted is None else subjects.by_ids(self.session, [wanted])[wanted]


@contextmanager
def at_case(archive: Archive, number: str, by: By, right: str, *, seen: int | None = None) -> Iterator[CaseDesk]:
    """Begin a request about a case; what the block writes is kept if it ends well.

    `right`: one of the rights of the lifecycle table; handling a case is for the measure's own unit alone. `seen`: the
    row version that the asker saw. NotFound MSJX_UNKNOWN or ACTOR_UNKNOWN, Forbidden CARE_ROLE, Conflict MSJX_SEEN.
    """
    with at_library_desk(archive, right, by, about=number) as (session, who):
        case = cases.by_number(session, by.library, number)
        deciding = deciding_rulebook(session, archive.shelf, by.library, View.of(case.as_of, None, by.now))
        rule = deciding.rulebook.at(case.measure, case.as_of)
        if right == HANDLES:
            require_own(archive, rule, who, right, _WHAT)
        if seen is not None and seen != case.row_version:
            what = f"{number} 已被别人办过（您看到的是第 {seen} 版，现在是第 {case.row_version} 版）"
            raise Conflict(Issue("MSJX_SEEN", what, "--seen", str(case.row_version), "重新打开看过再办"))
        yield CaseDesk(session, archive, by, who, case, deciding, rule)


def not_the_same(who: Actor, others: Mapping[str, str | None], what: str) -> None:
    """Refuse who did an earlier part that must be another person's; Conflict MSJX_SAME_PERSON.

    `others`: actor ids by what they did.
    """
    for did, other in others.items():
        if other == who.id:
            told = f"{did}也是“{who.name}”办的，{what}要换一个人"
            raise Conflict(Issue("MSJX_SAME_PERSON", told, "--by", "另一位经办人", "请另一位经办人办理"))
