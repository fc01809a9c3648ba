"""Which items of a pipeline somebody sees: all, those of the own area, or those of the own firm; others are not there.

An item of a firm or project lies where that lies; one of neither lies in the area of whoever opened it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.access.scope import FIRM, NOTHING, Scope, visible
from policy_match.errors import FactError, Issue, NotFound
from policy_match.facts.subjects import Subject as Seen
from policy_match.identifiers import Given, check_uscc, region_path
from policy_match.pipelines.kinds import Of, Pipeline
from policy_match.store import pipelines, subjects
from policy_match.store.pipelines import Kept
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_pipelines import reach_of
from policy_match.workflows.read_records import View, last_said
from policy_match.workflows.read_subjects import read_touched

_NUMBER = re.compile(r"[A-Z]{2,6}-\d{4}-\d{5,}")
_PLACES = frozenset({"district", "registered_region"})


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of a pipeline: by whom, in which library, on which day."""

    session: Session
    archive: Archive
    who: Actor
    pipeline: Pipeline
    library: str
    view: View

    @property
    def shows_items(self) -> bool:
        """Whether items are seen and not only how many there are."""
        return self.who.role in self.pipeline.rights.reads

    def every(self) -> list[Kept]:
        """The items that are seen, or whose counts are."""
        return self.seen(pipelines.of_pipeline(self.session, self.library, self.pipeline.id))

    def seen(self, kept: Sequence[Kept]) -> list[Kept]:
        """Those of some items."""
        if reach_of(self.archive, self.who, Right.READ) is not Reach.OWN:
            return [*kept]
        if self.pipeline.of is Of.NONE:
            openers = {one.opener: self.session.get_one(Actor, one.opener) for one in kept}
            return [one for one in kept if _is_of_area(openers[one.opener], self.who)]
        own = self.own_subjects({one.item.subject_id for one in kept if one.item.subject_id is not None})
        return [one for one in kept if one.item.subject_id in own]

    def item(self, number: str) -> Kept:
        """The item of a number; NotFound PIPELINE_ITEM_UNKNOWN for one that is hidden as for one that is not there."""
        found = pipelines.by_number(self.session, self.library, number) if _NUMBER.fullmatch(number) else None
        of_this = found is not None and found.item.pipeline == self.pipeline.id and self.shows_items
        if found is None or not of_this or not self.seen([found]):
            what = f"“{self.pipeline.name}”里没有“{number[:30]}”"
            allowed = f"如 {self.pipeline.prefix}-2025-00001"
            raise NotFound(Issue("PIPELINE_ITEM_UNKNOWN", what, "", allowed, "从清单里查编号"))
        return found

    def own_subjects(self, ids: Collection[int]) -> set[int]:
        """Row ids of those of the subjects that are of the own area or firm.

        Where something lies is taken as last said: an item does not vanish because the report of a district is a month old.
        """
        found = read_touched(self.session, self.archive, set(ids), self.view)
        seen = {one.id for one in visible([_placed(one) for one in found.values()], _scope(self.who), ())}
        return {row for row, subject in found.items() if subject.id in seen and row in ids}


def _placed(subject: Seen) -> Seen:
    cells = dict(subject.cells)
    for name in _PLACES & cells.keys():
        cells[name] = replace(cells[name], value=last_said(cells[name]))
    return replace(subject, cells=cells)


def _scope(who: Actor) -> Scope:
    if who.role == FIRM or who.firm is not None:
        return NOTHING if who.firm is None else Scope(firm=who.firm)
    return Scope(region=who.region)


def _is_of_area(opener: Actor, who: Actor) -> bool:
    return who.region is not None and opener.region is not None and who.region in region_path(opener.region)


def find_subject(session: Session, library: str, kind: Of, written: str) -> Subject:
    """The firm (by credit code or code) or project (by 库内编号 or 项目代码) of a library; NotFound SUBJECT_UNKNOWN."""
    text = written.strip()
    found = subjects.by_code(session, library, text)
    if kind is Of.PROJECT:
        found = found or subjects.by_project_code(session, library, text)
    elif found is None:
        found = _by_credit_code(session, library, text)
    if found is None or found.kind != kind.value:
        raise no_subject(kind, written)
    return found


def no_subject(kind: Of, written: str) -> NotFound:
    """What is answered of a firm or project that is not there, or that the asker does not see."""
    what = f"库里没有{'项目' if kind is Of.PROJECT else '企业'}“{written.strip()[:40]}”"
    allowed = "库内编号或项目代码" if kind is Of.PROJECT else "统一社会信用代码"
    return NotFound(Issue("SUBJECT_UNKNOWN", what, "", allowed, "核对编号，或先登记；只办本地区、本企业的"))


def _by_credit_code(session: Session, library: str, text: str) -> Subject | None:
    try:
        given = Given(subjects.CREDIT_CODE, check_uscc(text))
    except FactError:
        return None
    return subjects.by_key(session, library, given)
