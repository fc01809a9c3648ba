"""Who may see and who may decide which matches under review: own area, own measures, or all (rules/permissions.yaml)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import Scope, visible
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Forbidden, Issue
from policy_match.facts.subjects import Subject
from policy_match.identifiers import region_name
from policy_match.store import delegations
from policy_match.store.actors import is_in_office
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.own_measure import is_own, require_own

REVIEWS = "review"
_CAPABILITY = "reviews"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at the queue; `sees_all`: not only what is of the own area or the own unit.

    `givers`: whose queue it is as well, by a delegation that holds today.
    """

    archive: Archive
    who: Actor
    sees_all: bool
    givers: tuple[Actor, ...] = ()

    @property
    def people(self) -> tuple[Actor, ...]:
        """Whose matches they are."""
        return self.who, *self.givers

    def sees_measure(self, rule: Rule) -> bool:
        """Whether the measure, by itself, does not keep a match out of sight."""
        return self.sees_all or any(
            _is_of_area(self.archive, one) or is_own(self.archive, rule, one, REVIEWS) for one in self.people
        )

    def sees_subject(self, subject: Subject) -> bool:
        """Whether the subject does not."""
        return self.sees_all or not _is_of_area(self.archive, self.who) or lies_in(subject, self.who.region)


def givers_of(session: Session, who: Actor, on: date) -> tuple[Actor, ...]:
    """Those in office who handed their queue over to somebody on a day."""
    rows = delegations.in_force(session, who.id, on)
    given = dict.fromkeys(row.from_actor for row in rows)
    return tuple(giver for giver in (session.get_one(Actor, one) for one in given) if is_in_office(giver, on))


def reader_of(archive: Archive, who: Actor, givers: tuple[Actor, ...] = ()) -> Reader:
    """Forbidden REVIEW_ROLE for a role that reads no reviews."""
    cells = archive.permissions.capabilities[_CAPABILITY].cells
    reach = cells[who.role].reach.get(Right.READ) if who.role in cells else None
    if reach is None:
        names = "、".join(archive.table.unit_name(role) for role in cells if role in archive.table.roles)
        what = f"“{who.name}”不看待审匹配"
        raise Forbidden(Issue("REVIEW_ROLE", what, "--by", names, "请由有权的单位查看"))
    return Reader(archive, who, reach is Reach.ALL, givers)


def decider_among(archive: Archive, rule: Rule, subject: Subject, people: Sequence[Actor]) -> Actor:
    """The first whose match it is: who asks, before those who handed their queue over; Forbidden CARE_ROLE."""
    found = next((one for one in people if _decides(archive, rule, subject, one)), None)
    if found is None:
        require_decider(archive, rule, subject, people[0])
    return found or people[0]


def _decides(archive: Archive, rule: Rule, subject: Subject, who: Actor) -> bool:
    try:
        require_decider(archive, rule, subject, who)
    except Forbidden:
        return False
    return True


def require_decider(archive: Archive, rule: Rule, subject: Subject, who: Actor) -> None:
    """Refuse whose match it is not: those of an area decide about its subjects, city units under their own measures.

    Forbidden CARE_ROLE.
    """
    if not _is_of_area(archive, who):
        require_own(archive, rule, who, REVIEWS, "匹配审核")
    elif not lies_in(subject, who.region):
        area = "本地区" if who.region is None else region_name(who.region)
        what = f"“{who.name}”只审{area}的项目和企业"
        raise Forbidden(Issue("CARE_ROLE", what, subject.id, area, "请由项目所在地或主管单位审核"))


def lies_in(subject: Subject, region: str | None) -> bool:
    """Whether a subject lies in an area; one whose place is not known lies in none."""
    return region is not None and bool(visible((subject,), Scope(region=region), ()))


def _is_of_area(archive: Archive, who: Actor) -> bool:
    return archive.table.roles[who.role].own_area
