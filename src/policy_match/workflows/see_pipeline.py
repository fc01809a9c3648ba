"""Which items of a pipeline somebody sees: all, those of the own area, or those of the own firm; others are not there.

An item of a firm or project lies where that lies; one of neither lies in the area of whoever opened it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

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


def sees_items(pipeline: Pipeline, who: Actor) -> bool:
    """Whether somebody sees items and not only how many there are."""
    return who.role in pipeline.rights.reads


def items_seen(
    session: Session, archive: Archive, pipeline: Pipeline, who: Actor, kept: Sequence[Kept], view: View
) -> list[Kept]:
    """Those of the items that somebody sees, or whose counts they see."""
    if reach_of(archive, who, Right.READ) is not Reach.OWN:
        return [*kept]
    if pipeline.of is Of.NONE:
        openers = {one.opener: session.get_one(Actor, one.opener) for one in kept}
        return [one for one in kept if _is_of_area(openers[one.opener], who)]
    ids = {one.item.subject_id for one in kept if one.item.subject_id is not None}
    own = own_subjects(session, archive, who, ids, view)
    return [one for one in kept if one.item.subject_id in own]


def own_subjects(session: Session, archive: Archive, who: Actor, ids: Collection[int], view: View) -> set[int]:
    """Row ids of those of the subjects that are of somebody's own area or firm.

    Where something lies is taken as last said: an item does not vanish because the report of a district is a month old.
    """
    found = read_touched(session, archive, set(ids), view)
    seen = {one.id for one in visible([_placed(one) for one in found.values()], _scope(who), ())}
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


def find_item(
    session: Session, archive: Archive, pipeline: Pipeline, who: Actor, library: str, number: str, view: View
) -> Kept:
    """The item of a number; NotFound PIPELINE_ITEM_UNKNOWN for one that is hidden as for one that is not there."""
    found = pipelines.by_number(session, library, number) if _NUMBER.fullmatch(number) else None
    if (
        found is None
        or found.item.pipeline != pipeline.id
        or not sees_items(pipeline, who)
        or not items_seen(session, archive, pipeline, who, [found], view)
    ):
        what = f"“{pipeline.name}”里没有“{number[:30]}”"
        raise NotFound(Issue("PIPELINE_ITEM_UNKNOWN", what, "", f"如 {pipeline.prefix}-2025-00001", "从清单里查编号"))
    return found


def find_subject(session: Session, library: str, kind: Of, written: str) -> Subject:
    """The firm (by credit code or code) or project (by 库内编号 or 项目代码) of a library; NotFound SUBJECT_UNKNOWN."""
    text = written.strip()
    found = subjects.by_code(session, library, text)
    if kind is Of.PROJECT:
        found = found or subjects.by_project_code(session, library, text)
    elif found is None:
        found = _by_credit_code(session, library, text)
    if found is None or found.kind != kind.value:
        what = f"库里没有{'项目' if kind is Of.PROJECT else '企业'}“{text[:40]}”"
        allowed = "库内编号或项目代码" if kind is Of.PROJECT else "统一社会信用代码"
        raise NotFound(Issue("SUBJECT_UNKNOWN", what, "", allowed, "核对编号，或先登记"))
    return found


def _by_credit_code(session: Session, library: str, text: str) -> Subject | None:
    try:
        given = Given(subjects.CREDIT_CODE, check_uscc(text))
    except FactError:
        return None
    return subjects.by_key(session, library, given)
