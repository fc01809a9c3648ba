"""An invented measure that is applied for, whose matches people look at, in the shortest form that tests can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time

from rows import E1, LIBRARY, day, row, seen, taken

from policy_match.facts.subjects import Subject
from policy_match.ranking.scoring import Ordering
from policy_match.settings import LOCAL
from policy_match.workflows.find_reviews import Review, Wanted, open_queue
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import open_library
from policy_match.workflows.open_ranking import open_ordering
from policy_match.workflows.read_records import View
from policy_match.workflows.review_rights import Reader
from policy_match.workflows.write_entry import By

EQ = "eq_device"
ON = "2025-03-31"
MEASURE = """
schema: measure/1
id: eq_device
version: 1
status: active
title: 示范设备补助
topics: [equipment_subsidy]
family: 奖补
mode: apply
target: project
document: {id: test-gx, article: 第五条}
owner_unit: 市工信局
how_to: {contact: 示范窗口}
verified: {conditions: page, benefit: page, by: 示范核验员, on: "2025-01-02"}
effective: {from: "2025-01-01", through: open}
reviewed_on: "2025-01-02"
next_review_on: "2026-01-02"
clauses:
  - {article: 第五条, says: 常州市中小企业的开工项目，合成生物项目或总投资1亿元以上, by: [in_city, started, sme, track, big]}
  - {article: 第六条, says: 给20万元, by: [benefit, stacking]}
conditions:
  in_city: {fact: district, op: within_region, value: "320400"}
  started: {fact: stage, op: is, value: 开工, can_change: time}
  sme: {fact: enterprise_size, op: one_of, value: [medium, small], can_change: never}
  track: {fact: track, op: on_list, value: [合成生物], can_change: never}
  big: {fact: total_investment, op: at_least, value: "1亿元", can_change: enterprise}
eligible_when: {all: [in_city, started, sme, {any: [track, big]}]}
benefit: {kind: cash, fixed: "20万元", rounding: {to: "1元", mode: floor}}
stacking: {free: 不与其他待遇相抵, scope: 同一项目}
boundaries:
  big: {at: eligible, under: ineligible, missing: unknown}
cases:
  - {name: 开工, as_of: "2025-06-03", facts: {district: "320412", stage: 开工, enterprise_size: medium, track: [], total_investment: "1亿元"}, expect: {verdict: eligible, amount: "20万元"}}
  - {name: 大企业, like: 开工, facts: {enterprise_size: large}, expect: {verdict: ineligible}}
changes: [{version: 1, date: "2025-01-02", why: 示范}]
"""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The same likeness of the text of every subject to every measure."""

    value: float = 0.017

    def __call__(self, _subject: Subject) -> Mapping[str, float]:
        return {EQ: self.value}


def by(actor: str, hour: str = "10:00", on: str = ON) -> By:
    """Somebody asks at an hour of a day, Changzhou time."""
    return By(LIBRARY, actor, datetime.combine(day(on), time.fromisoformat(hour), LOCAL))


def with_project(archive: Archive, *, when: datetime | None = None, **facts: str) -> str:
    """The project of 武进 that has started, with what differs; its code. `name`, `firm`: of the project and its firm."""
    at = when or by("importer", "08:00").now
    name, firm = facts.pop("name", "示范设备项目"), facts.pop("firm", "示范设备有限公司")
    told = {
        "district": "320412", "stage": "开工", "total_investment": "12亿元", "industry_code": "3670",
        "project_kind": "新招引",
    }  # fmt: skip
    size = facts.pop("enterprise_size", "medium")
    made = row(archive, name, uscc=facts.pop("uscc", E1), firm=firm, code=None, when=at, facts=told | facts)
    taken(archive, replace(made, firm_observations=(seen(archive, "enterprise_size", size, "ENT", at),)), when=at)
    return code_named(archive, name)


def code_named(archive: Archive, name: str) -> str:
    """The code of the project of a name."""
    return next(one.id for one in library_of(archive) if one.name == name)


def library_of(archive: Archive, on: str = ON) -> tuple[Subject, ...]:
    """The subjects as they are matched on a day."""
    with archive.database.reading() as session:
        return tuple(open_library(session, archive, LIBRARY, View(day(on))).matching.subjects)


def ordering_of(archive: Archive, likeness: float = 0.017) -> Ordering:
    """The shipped weights, with that likeness of every text."""
    ordering = open_ordering(archive.rules)
    assert ordering is not None
    return replace(ordering, likeness=Likeness(likeness))


def queue(
    archive: Archive, asked: By | None = None, *, likeness: float = 0.017, wanted: Wanted = Wanted(),
    reader: Reader | None = None,
) -> list[Review]:  # fmt: skip
    """What waits for people, as the scenario's texts have it."""
    request = asked or by("development")
    with archive.database.reading() as session:
        library = open_library(session, archive, LIBRARY, View(request.today), ordering=ordering_of(archive, likeness))
        return open_queue(session, archive, library, request.now).reviews(wanted, reader)
