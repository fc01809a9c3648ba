"""Record one thing about one project, or about the library: in one transaction, by whoever may, with its audit row.

Every use case of the daily care goes through here: who asks is known and in office, the project is read as it
stands now, nobody else writes meanwhile, and a refusal for lack of right leaves its own audit row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.errors import Conflict, Forbidden, Issue, NotFound, UsageError
from policy_match.lifecycle.case import entitled, who_may
from policy_match.lifecycle.table import Who
from policy_match.lifecycle.words import LIVING
from policy_match.store import audit, log
from policy_match.store.actors import actor
from policy_match.store.audit import Plain
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, find_project, read_records
from policy_match.workflows.record_event import case_of

_Entry = TypeVar("_Entry", bound=log.Entry)


@dataclass(frozen=True, slots=True)
class By:
    """Who asks, when, and the library that is meant."""

    library: str
    actor: str
    now: datetime

    @property
    def today(self) -> date:
        """The local day of the request."""
        return local_day(self.now)


@dataclass(frozen=True, slots=True)
class Desk:
    """A request at work: its transaction, who asks, the project (row and record of today)."""

    session: Session
    archive: Archive
    by: By
    who: Actor
    project: Subject
    record: Record

    @property
    def lead(self) -> str:
        """The role that leads now, by what is recorded or else by what was seen."""
        table, record = self.archive.table, self.record
        return table.interval(record.state.point or table.point_of(record.choice("stage") or "")).lead

    @property
    def source(self) -> str:
        """The register that the entry counts as: the district's where the actor is of an area, else the department's."""
        return "DISTRICT" if self.archive.table.roles[self.who.role].own_area else "DEPT"

    def require(self, action: str, also: Iterable[str] = ()) -> None:
        """Refuse who may not: the table's list for the sort of entry, and roles or units that this case adds."""
        self.require_one((*self.archive.table.may[action], *_roles(also, self.archive)), also)

    def require_one(self, allowed: tuple[Who, ...], units: Iterable[str] = ()) -> None:
        """Refuse who is none of those, and not of one of the units by name."""
        table, case = self.archive.table, case_of(self.session, self.archive, self.record, self.who, self.by.now)
        if entitled(allowed, "", self.lead, table, case) or (self.who.unit is not None and self.who.unit in units):
            return
        what = f"“{self.who.name}”不办这一项"
        hint = "请由允许的单位办理；属地单位只办本地区的项目"
        raise Forbidden(Issue("CARE_ROLE", what, self.project.code, who_may(allowed, self.lead, table, case), hint))

    def require_living(self) -> None:
        """Refuse a project that is terminated, out of the library or merged."""
        side = self.record.state.side
        if side not in LIVING:
            what = f"项目处于“{self.archive.table.side_names[side]}”，不再登记"
            raise Conflict(Issue("LC_SIDE", what, self.project.code, "在库或暂停的项目", "先重新入库"))

    def write(
        self, entry: _Entry, action: str, *, on: date, detail: Mapping[str, Plain], reason: str = "",
        key: str | None = None,
    ) -> _Entry:  # fmt: skip
        """Add the entry to the log and a row to the audit chain."""
        by = log.By(self.who.id, self.by.now, self.source, key=key)
        kept = log.add(self.session, self.project, entry, on=on, by=by)
        audit.record(
            self.session, self.who, action, object_kind="project", object_id=self.project.code, at=self.by.now,
            reason=reason or None, library=self.by.library, detail={"on": on.isoformat(), **detail},
        )  # fmt: skip
        return kept


@contextmanager
def at_desk(archive: Archive, code: str, by: By) -> Iterator[Desk]:
    """Begin a request about a project; NotFound for actor or project. What the block writes is kept if it ends well."""
    try:
        with archive.database.writing() as session:
            audit.take_turn(session)
            who = actor(session, by.actor, by.today)
            project = find_project(session, by.library, code)
            record = read_records(session, archive, [project], View(by.today))[0]
            yield Desk(session, archive, by, who, project, record)
    except Forbidden as refusal:
        note_refusal(archive, by, code, refusal)
        raise


@contextmanager
def at_library_desk(archive: Archive, action: str, by: By, *, about: str = "") -> Iterator[tuple[Session, Actor]]:
    """Begin a request about no one project, by one of the roles that the table lists for the action.

    `about`: what it is about, as a refusal is audited; the library without it.
    """
    try:
        with archive.database.writing() as session:
            audit.take_turn(session)
            who = actor(session, by.actor, by.today)
            require_role(archive, action, who)
            yield session, who
    except Forbidden as refusal:
        note_refusal(archive, by, about or by.library, refusal)
        raise


def require_role(archive: Archive, action: str, who: Actor) -> None:
    """Refuse who has none of the roles that the table lists for the action; Forbidden CARE_ROLE."""
    table = archive.table
    roles = [one.role for one in table.may[action]]
    if who.role not in roles:
        names = "、".join(table.unit_name(role) for role in roles)
        raise Forbidden(Issue("CARE_ROLE", f"“{who.name}”不办这一项", "--by", names, "请由允许的单位办理"))


def write_to_library(
    session: Session, who: Actor, entry: _Entry, action: str, *, by: By, on: date, detail: Mapping[str, Plain]
) -> _Entry:
    """Add an entry of no one project to the log and a row to the audit chain."""
    kept = log.add_to_library(session, by.library, entry, on=on, by=log.By(who.id, by.now, "DEPT"))
    audit.record(
        session, who, action, object_kind="library", object_id=by.library, at=by.now,
        library=by.library, detail={"on": on.isoformat(), **detail},
    )  # fmt: skip
    return kept


def not_in_future(on: date, today: date, option: str = "--on") -> None:
    """Refuse a day that is still to come for what has happened; UsageError LC_FUTURE."""
    if on > today:
        raise UsageError(Issue("LC_FUTURE", f"{on} 晚于今天", option, f"{today} 以前", "计划日期请填“计划”栏"))


def said(text: str, what: str, option: str, *, longest: int | None = None) -> str:
    """A text that must be there, without blanks around it; UsageError TEXT_MISSING, or TEXT_TOO_LONG for what its column cannot hold."""
    if longest is not None and len(text.strip()) > longest:
        raise UsageError(Issue("TEXT_TOO_LONG", f"{what}有 {len(text.strip())} 个字", option, f"不超过 {longest} 个字"))
    if not text.strip():
        raise UsageError(Issue("TEXT_MISSING", f"没有写{what}", option, "文字", "写上再提交"))
    return text.strip()


def find_unit(written: str, archive: Archive) -> str:
    """A unit by id or name of a role, or by any name of the list of units: the id of the role, else the one name.

    NotFound UNIT_UNKNOWN with the names there are.
    """
    table, names = archive.table, archive.vocabulary.taxonomies.unit_names
    text = written.strip()
    name = names.get(text, text)
    for role in table.roles.values():
        if text == role.id or name == role.name:
            return role.id
    if text in names:
        return name
    known = "、".join(dict.fromkeys([*(role.name for role in table.roles.values()), *names.values()]))
    raise NotFound(Issue("UNIT_UNKNOWN", f"没有单位“{text[:30]}”", "", known, "改用名录中的名称"))


def _roles(units: Iterable[str], archive: Archive) -> list[Who]:
    return [Who(unit) for unit in units if unit in archive.table.roles]


def note_refusal(archive: Archive, by: By, about: str, refusal: Forbidden) -> None:
    """Leave a row in the audit chain that somebody was refused, once the transaction of the request is gone."""
    with archive.database.writing() as session:
        who = actor(session, by.actor, by.today)
        audit.record(
            session, who, "care.refused", object_kind="request", object_id=about[:120], at=by.now, result="forbidden",
            library=by.library, reason="；".join(issue.what for issue in refusal.issues),
        )  # fmt: skip
