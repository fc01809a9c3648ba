"""The twelve invented projects of the scenarios, records of the 固投库, and the shortest way to take them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from rows import LIBRARY, NOW, at, day

from policy_match.exchange.intake_rows import Firm, Intake, IntakeRow, ToldPoint
from policy_match.facts.observations import Observation
from policy_match.facts.read import read_text_cell
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given, canonical_region, check_project_code
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.milestones import Milestone
from policy_match.lifecycle.words import MilestoneStatus
from policy_match.store import subjects
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import View
from policy_match.workflows.take_in import Delivery, Taken, take_in

_NUMBERS = count()

FIRMS = {
    "E1": "91320412MAYYYY0160", "E2": "91320411MAYYYY024C", "E3": "91320402MAYYYY0326", "E4": "91320413MAYYYY040Y",
    "E5": "91320481MAYYYY059B", "E6": "91320404MAYYYY067M", "E7": "91320412MAYYYY091Q", "E8": "91320405MAYYYY075Y",
}  # fmt: skip
# Firm, region, kind, filed and agreed investment in 亿元, code, days of the points in their order.
PROJECTS = {
    "P01": ("E1", "320412", "新招引", "12", None, "2409-320412-89-01-100011", "S2024-08-20 A2024-09-25 B2025-02-10"),
    "P02": ("E2", "320411", "新招引", "3.5", None, None, "S2024-12-20"),
    "P03": ("E3", "320402", "新招引", "30", None, "2410-320402-89-01-100037", "S2024-07-05 A2024-10-15"),
    "P04": ("E4", "320413", "新招引", "1", None, "2309-320413-89-01-100045", "S2023-06-01 A2023-09-12 B2023-12-18 C2025-03-12"),
    "P05": ("E5", "320481", "新招引", "105", None, "2406-320481-89-01-100053", "S2024-03-28 A2024-06-20 B2024-10-30"),
    "P06": ("E6", "320404", "技改", "1.8", None, "2208-320404-89-02-100061", "A2022-08-09 B2022-10-08 C2023-09-28 P2023-11-15"),
    "P07": ("E7", "JK", "新招引", "52", None, "2501-320412-89-01-100079", "S2024-11-18 A2025-01-22"),
    "P08": ("E1", "320412", "新招引", "9.9999", None, "2407-320412-89-01-100087", "S2024-05-06 A2024-07-19 B2024-12-05"),
    "P09": ("E2", "320411", "技改", "2.2", None, "2411-320411-89-02-100095", "A2024-11-11 B2025-01-15"),
    "P10": ("E5", "320481", "新招引", "10", None, None, "S2025-03-18"),
    "P11": ("E8", "320402", "技改", "1.2", None, "2202-320402-89-02-100113", "A2022-02-17 B2022-04-06 C2023-03-30 P2023-05-20"),
    "P12": ("E4", "320413", "新招引", "0.98", "1.05", "2412-320413-89-01-100121", "S2024-10-08 A2024-12-16"),
}  # fmt: skip
POINTS = {"S": "SIGNED", "A": "APPROVED", "B": "STARTED", "C": "COMPLETED", "P": "PRODUCING"}
_EVIDENCE = {
    "S": "投资协议", "A": "备案证", "B": "施工许可证 现场照片", "C": "联合竣工验收意见书", "P": "销售发票",
}  # fmt: skip


def observed(archive: Archive, fact: str, text: str, source: str, when: datetime, **more: object) -> Observation:
    """What a source says of a fact on a day, in the words of a file."""
    value = read_text_cell(archive.vocabulary[fact], text, None, archive.vocabulary)
    assert value is not None
    said = Observation(fact, value, source, when.date(), when)
    return replace(said, **more)  # type: ignore[arg-type]


def project(archive: Archive, name: str, when: datetime = NOW, **facts: str) -> IntakeRow:
    """The row of one project of PROJECTS as its district tells it; `facts` are added."""
    firm, region, kind, filed, agreed, code, points = PROJECTS[name]
    told = {"district": canonical_region(region), "project_kind": kind, "total_investment": f"{filed}亿元", **facts}
    told |= {} if agreed is None else {"agreed_investment": f"{agreed}亿元"}
    return IntakeRow(
        row=int(name[1:]),
        kind=Kind.PROJECT,
        code=None,
        name=f"示范项目{name}",
        keys=() if code is None else (Given(subjects.PROJECT_CODE, code),),
        firm=Firm(FIRMS[firm], f"示范企业{firm}"),
        observations=tuple(observed(archive, fact, text, "DISTRICT", when) for fact, text in told.items()),
        points=tuple(_point(written, name) for written in points.split()),
    )


def _point(written: str, name: str) -> ToldPoint:
    letter, on = written[0], written[1:]
    shown = tuple(Evidence(kind, f"{name}-{letter}-{kind}") for kind in _EVIDENCE[letter].split())
    return ToldPoint(POINTS[letter], day(on), shown)


def fai_row(
    archive: Archive, number: int, code: str | None, yi: str, when: datetime = NOW, **more: object
) -> IntakeRow:
    """A record of the 固投库; `code` as the register writes it."""
    row = IntakeRow(
        row=number,
        kind=Kind.PROJECT,
        code=None,
        name=f"固投记录{number}",
        keys=() if code is None else (Given(subjects.PROJECT_CODE, check_project_code(code)),),
        firm=None,
        observations=(observed(archive, "fai_planned_total", f"{yi}亿元", "FAI", when, record=f"F{number}"),),
        record=f"F{number}",
    )
    return replace(row, **more)  # type: ignore[arg-type]


def step(kind: str, on: str, *, applied: str | None = None, evidence: str = "", source: str = "GG") -> Milestone:
    """A step that was done on a day."""
    proofs = tuple(evidence.split())
    applied_on = None if applied is None else day(applied)
    return Milestone(kind, MilestoneStatus.DONE, None, applied_on, day(on), None, source, proofs)


def taken(
    archive: Archive, rows: Sequence[IntakeRow], source: str = "DISTRICT", when: datetime = NOW, library: str = LIBRARY
) -> Taken:
    """Rows taken in as one file of a source."""
    intake = Intake(tuple(rows), (), (), f"{source}-{next(_NUMBERS)}")
    done = take_in(archive, library, Delivery(source, f"{source}.csv", intake, "importer"), when)
    assert done.refusals == ()
    return done


def code_of(archive: Archive, name: str) -> str:
    """The 库内编号 that a project of PROJECTS got."""
    with archive.database.reading() as session:
        rows = subjects.every(session, LIBRARY, "project")
    return next(row.code for row in rows if row.name == f"示范项目{name}")


def view(as_of: str, now: datetime | None = None) -> View:
    """A day seen from an instant, by default its own 10:00."""
    return View.of(day(as_of), None, now or at(as_of))
