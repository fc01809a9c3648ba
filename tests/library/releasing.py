"""A small rule folder to put in force and change, and the requests about it in the shortest form that tests can read."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

from rows import codes, row, taken

from policy_match.release import Activation
from policy_match.settings import LOCAL
from policy_match.workflows.activate_rules import NewRelease, Step, approve_release, propose_release
from policy_match.workflows.library_names import REAL
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_libraries import Library, open_library
from policy_match.workflows.read_records import View
from policy_match.workflows.read_release import Shelf
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[2]
EQ = "eq_award"
TEXT = """# Invented: form only.
schema: measure/1
id: eq_award
version: {version}
status: active
title: 示例设备贷款奖励
topics: [equipment_subsidy]
family: 奖补
mode: apply
target: project
document: {{id: czbf-2024-37, article: "二"}}
owner_unit: {owner}
verified: {{conditions: page, benefit: page}}
effective: {{from: "{begins}", through: {through}}}
reviewed_on: "2026-01-10"
next_review_on: "2027-01-10"
clauses:
  - {{article: "二", says: 设备贷款500万元以上, by: [equipment]}}
  - {{article: "四", says: 按10%奖励，有上限，同一项目一次, by: [benefit, stacking]}}
conditions:
  equipment: {{fact: equipment_loan, op: at_least, value: "{least}", can_change: enterprise}}
eligible_when: {{all: [equipment]}}
benefit:
  kind: cash
  rate: "10%"
  of: equipment_loan
  caps: [{{amount: "{cap}", per: project}}]
  rounding: {{to: "1元", mode: floor}}
stacking: {{once: project, scope: 同一项目}}
boundaries:
  equipment: {{at: eligible, under: ineligible, missing: unknown}}
cases:
  - {{name: 符合, as_of: "{begins}", facts: {{equipment_loan: "{least}"}}, expect: {{verdict: eligible}}}}
  - {{name: 未知, as_of: "{begins}", facts: {{}}, expect: {{verdict: unknown, missing: [equipment_loan]}}}}
changes: [{{version: {version}, date: "2026-01-10", why: 首次录入}}]
"""


def measure(version: int = 1, **parts: str) -> str:
    """The text of a version of the measure, with some of its parts changed."""
    told = {"owner": "市工信局", "begins": "2024-09-01", "through": "open", "least": "500万元", "cap": "200万元"}
    return TEXT.format(version=version, **(told | parts))


def folder(place: Path, *versions: str) -> Path:
    """A rule folder with these versions of the measure, in the order of their numbers, beside a corpus of one document."""
    rules, corpus = place / "rules", place / "corpus"
    for part in ("facts.yaml", "lifecycle.yaml", "entitlement.yaml", "permissions.yaml"):
        rules.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "rules" / part, rules / part)
    shutil.copytree(ROOT / "rules" / "calendar", rules / "calendar")
    for number, text in enumerate(versions, start=1):
        put(rules, number, text)
    (corpus / "documents").mkdir(parents=True)
    shutil.copy(ROOT / "corpus" / "documents" / "czbf-2024-37.yaml", corpus / "documents")
    (corpus / "taxonomies").symlink_to(ROOT / "corpus" / "taxonomies")
    return rules


def put(rules: Path, version: int, text: str, measure_id: str = EQ) -> Path:
    """Write a version into a rule folder."""
    path = rules / "measures" / "city" / "INVENTED" / f"{measure_id}.v{version}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(EQ, measure_id), encoding="utf-8")
    return path


def shelved(archive: Archive, rules: Path) -> Archive:
    """The archive with another rule folder as the program's own."""
    return replace(archive, shelf=Shelf(rules, rules.parent / "corpus"))


def at(on: str, hour: str = "10:00") -> datetime:
    """An hour of a day in Changzhou."""
    return datetime.combine(datetime.fromisoformat(on).date(), time.fromisoformat(hour), LOCAL)


def by(actor: str = "development", on: str = "2025-05-20", hour: str = "10:00", library: str = REAL) -> By:
    """Somebody asks at an hour of a day."""
    return By(library, actor, at(on, hour))


def proposed(archive: Archive, source: Path | str, who: By | None = None, **more: object) -> Step:
    """A proposal by 市发改委, which owns nothing in it."""
    asked = replace(NewRelease(str(source), "更新"), **more)  # type: ignore[arg-type]
    return propose_release(archive, archive.shelf.corpus, asked, who or by())


def activated(archive: Archive, source: Path | str, on: str = "2025-05-20", **more: object) -> Activation:
    """A proposal agreed to by two of 市工信局 on the same day, at 11:00 and 12:00."""
    step = proposed(archive, source, by(on=on), **more)
    approve_release(archive, step.activation.id, by("industry", on, "11:00"))
    return approve_release(archive, step.activation.id, by("industry-2", on, "12:00")).activation


def with_project(archive: Archive, loan: str = "3000万元") -> str:
    """One project with its loan for equipment; its code."""
    taken(archive, row(archive, "示范设备项目", facts={"equipment_loan": loan, "district": "320412"}))
    (code,) = codes(archive)
    return code


def opened(
    archive: Archive, on: str, known: datetime | None = None, name: str = REAL, now: str = "2026-01-01"
) -> Library:
    """A library decided on a day, by what was known at an instant."""
    with archive.database.reading() as session:
        return open_library(session, archive, name, View.of(datetime.fromisoformat(on).date(), known, at(now)))


def verdict(library: Library, code: str) -> str:
    """What the measure says of a project."""
    return library.matching.decision(EQ).verdicts[library.rows[code]].value


def amount(library: Library, code: str) -> int | None:
    """What the measure comes to for a project, in 分; None where it comes to nothing."""
    matching = library.matching
    found = matching.match(matching.decision(EQ), library.rows[code]).amount
    return None if found is None else found.high_fen
