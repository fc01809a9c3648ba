"""What the organisation lacks: units without a liaison, liaisons not confirmed for long, projects whose agent is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from policy_match.lifecycle.organisation import Organisation
from policy_match.lifecycle.table import Clock, LifecycleTable
from policy_match.lifecycle.words import Colour
from policy_match.store import posts
from policy_match.store.posts import Term
from policy_match.workflows.list_standings import whole_projects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_organisation import open_organisation
from policy_match.workflows.print_rows import Rows, print_rows
from policy_match.workflows.read_records import View, read_records

NO_LIAISON, NO_PRIMARY, STALE, NO_AGENT = "没有联络员", "没有主联络员", "联络员久未核对", "帮办空缺"
# Marks of the lifecycle file whose clocks say how long a liaison stays confirmed and a post may be empty.
_CHECKED, _VACANT = "liaison_checked", "agent_vacant"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing. `about`: a unit, or the code of a project; `since` None where nobody ever was."""

    what: str
    about: str
    since: date | None
    detail: str


def list_gaps(archive: Archive, library: str, view: View) -> list[Gap]:
    """All gaps of a view, those of units first, in the order of the organisation, then those of projects by code."""
    organisation = open_organisation(archive)
    with archive.database.reading() as session:
        held = posts.held(session, library, posts.LIAISON, view.as_of, view.known_at)
        of_units = [*_of_units(organisation, held, archive, view.as_of)]
        return [*of_units, *_of_projects(session, archive, library, view)]


def _of_units(organisation: Organisation, held: list[Term], archive: Archive, as_of: date) -> Iterator[Gap]:
    clock = _clock(archive.table, _CHECKED)
    for unit in organisation.units:
        own = [post for post in held if post.unit == unit]
        if not own:
            yield Gap(NO_LIAISON, unit, None, "")
        elif not any(post.is_primary for post in own):
            yield Gap(NO_PRIMARY, unit, None, "、".join(post.holder for post in own))
        for post in own:
            term = None if clock is None else clock.yellow
            if term is not None and term.after(post.checked_on, archive.calendar) <= as_of:
                yield Gap(STALE, unit, post.checked_on, f"{post.holder}，上次核对 {post.checked_on}")


def _of_projects(session: Session, archive: Archive, library: str, view: View) -> Iterator[Gap]:
    clock = _clock(archive.table, _VACANT)
    if clock is None:
        return
    for record in read_records(session, archive, whole_projects(session, library, view), view):
        for light in record.lights:
            if light.id == clock.id and light.colour is Colour.RED:
                vacant = max((mark.on for mark in record.marks if mark.kind == _VACANT), default=None)
                yield Gap(NO_AGENT, record.code, vacant, record.name)


def _clock(table: LifecycleTable, mark: str) -> Clock | None:
    return next((clock for clock in table.clocks if mark in clock.starts), None)


def print_gaps(archive: Archive, library: str, view: View, *, form: str) -> None:
    """The list in a form."""
    header = {"what": "缺什么", "about": "单位或项目", "since": "自", "detail": "说明"}
    rows = tuple(
        {
            "what": gap.what,
            "about": gap.about,
            "since": None if gap.since is None else gap.since.isoformat(),
            "detail": gap.detail,
        }
        for gap in list_gaps(archive, library, view)
    )
    print_rows(Rows("组织缺口", header, rows), form=form)
