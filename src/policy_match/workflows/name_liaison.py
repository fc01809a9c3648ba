"""Name the liaison of a unit, and note that its liaisons were confirmed: one primary, others beside it. Work names only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.errors import Forbidden, Issue, NotFound
from policy_match.lifecycle.organisation import Organisation
from policy_match.store import audit, posts
from policy_match.store.actors import actor
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_organisation import open_organisation
from policy_match.workflows.write_entry import By, said

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Liaison:
    """What is asked. `since`: the day from which the post is held."""

    unit: str
    holder: str
    since: date
    is_primary: bool = True


def name_liaison(archive: Archive, asked: Liaison, by: By) -> str:
    """Put somebody on the post and give back the unit's one name; NotFound UNIT_UNKNOWN, UsageError for no name, Forbidden CARE_ROLE."""
    holder, organisation = said(asked.holder, "姓名", "姓名", longest=_LONGEST_NAME), open_organisation(archive)
    unit = unit_of(asked.unit, archive, organisation)
    with archive.database.writing() as session:
        who = _entitled(session, archive, organisation, unit, by)
        posts.appoint(
            session, by.library, posts.LIAISON, unit=unit, holder=holder, since=asked.since, at=by.now,
            is_primary=asked.is_primary,
        )  # fmt: skip
        audit.record(
            session, who, "liaison.name", object_kind="unit", object_id=unit, at=by.now, library=by.library,
            detail={"holder": holder, "primary": asked.is_primary, "since": asked.since.isoformat()},
        )  # fmt: skip
    return unit


def check_liaison(archive: Archive, unit: str, by: By) -> int:
    """Note today as the day on which the liaisons of a unit were confirmed; how many. NotFound LIAISON_NONE if it has none."""
    organisation = open_organisation(archive)
    name = unit_of(unit, archive, organisation)
    with archive.database.writing() as session:
        who = _entitled(session, archive, organisation, name, by)
        count = posts.check(session, by.library, posts.LIAISON, name, on=by.today, at=by.now)
        if not count:
            raise NotFound(Issue("LIAISON_NONE", f"{name}还没有联络员", "", "", "先用 liaison set 登记"))
        audit.record(
            session, who, "liaison.check", object_kind="unit", object_id=name, at=by.now, library=by.library,
            detail={"liaisons": count},
        )  # fmt: skip
    return count


def unit_of(written: str, archive: Archive, organisation: Organisation) -> str:
    """The one name of a unit that has a part in the organisation; NotFound UNIT_UNKNOWN with those there are."""
    text = written.strip()
    name = archive.vocabulary.taxonomies.unit_names.get(text, text)
    if name not in organisation.units:
        units = "、".join(organisation.units)
        raise NotFound(
            Issue(
                "UNIT_UNKNOWN", f"“{text[:30]}”不在组织名录中", "", units, "改名，或先在 rules/organisation.yaml 登记"
            )
        )
    return name


def _entitled(session: Session, archive: Archive, organisation: Organisation, unit: str, by: By) -> Actor:
    """Who asks, if the table lets its role keep posts (of its own area, where it is of one) or the unit is its own."""
    who = actor(session, by.actor, by.today)
    own = organisation.unit_of(who.role, who.region)
    roles = archive.table.roles
    keeps = any(one.role == who.role for one in archive.table.may["posts"]) and not roles[who.role].own_area
    if not (keeps or unit in (own, who.unit)):
        names = "、".join(archive.table.unit_name(one.role) for one in archive.table.may["posts"])
        raise Forbidden(
            Issue(
                "CARE_ROLE", f"“{who.name}”不办{unit}的联络员", "--by", f"{names}，或该单位自己", "请由允许的单位办理"
            )
        )
    return who
