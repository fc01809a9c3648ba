"""Who may see and who may decide which matches under review: own area, own measures, or all (rules/permissions.yaml)."""

from __future__ import annotations

from dataclasses import dataclass

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import Scope, visible
from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Forbidden, Issue
from policy_match.facts.subjects import Subject
from policy_match.identifiers import region_name
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.own_measure import is_own, require_own

REVIEWS = "review"
_CAPABILITY = "reviews"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who looks at the queue; `sees_all`: not only what is of the own area or the own unit."""

    archive: Archive
    who: Actor
    sees_all: bool

    def sees_measure(self, rule: Rule) -> bool:
        """Whether the measure, by itself, does not keep a match out of sight."""
        return self.sees_all or _is_of_area(self.archive, self.who) or is_own(self.archive, rule, self.who, REVIEWS)

    def sees_subject(self, subject: Subject) -> bool:
        """Whether the subject does not."""
        return self.sees_all or not _is_of_area(self.archive, self.who) or lies_in(subject, self.who.region)


def reader_of(archive: Archive, who: Actor) -> Reader:
    """Forbidden REVIEW_ROLE for a role that reads no reviews."""
    cells = archive.permissions.capabilities[_CAPABILITY].cells
    reach = cells[who.role].reach.get(Right.READ) if who.role in cells else None
    if reach is None:
        names = "、".join(archive.table.unit_name(role) for role in cells if role in archive.table.roles)
        what = f"“{who.name}”不看待审匹配"
        raise Forbidden(Issue("REVIEW_ROLE", what, "--by", names, "请由有权的单位查看"))
    return Reader(archive, who, reach is Reach.ALL)


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
