"""An invented measure that pays without application, and cases of it taken as far as a test needs, in the shortest form."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

from rows import E2, LIBRARY, firm_row, seen, taken

from policy_match.settings import LOCAL
from policy_match.store import cases
from policy_match.store.case_tables import Budget, Case, ExclusionCheck
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.confirm_case import Consent, confirm_case
from policy_match.workflows.find_candidates import Found, Hunt, find_candidates
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.publish_notice import Notice, publish_notice
from policy_match.workflows.verify_case import verify_case
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[2]
GX = "gx_first_hnte"
FIRST, SECOND, APPROVER = "science", "science-2", "science-3"
FIRM = "enterprise-320411"
HOLDER = "示范氢能有限公司"
ACCOUNT = "3204110012345678"
URL = "https://kjj.changzhou.gov.cn/gs/1.html"
LISTED = "2024-11-06"

DOCUMENT = """
schema: document/1
id: test-gx
title: 示范高企奖励办法
number: null
number_unseen: true
issuers: [常州市人民政府办公室]
level: city
region: "320400"
package: TEST
seen: page
effective: {from: "2025-01-01", through: open}
"""

MEASURE = """
schema: measure/1
id: gx_first_hnte
version: 1
status: active
title: 示范首次认定高企奖励
topics: [hightech_recognition]
family: 奖补
mode: msjx
target: enterprise
document: {id: test-gx, article: 第二条}
owner_unit: 市科技局
how_to: {contact: 示范窗口}
verified: {conditions: page, benefit: page, by: 示范核验员, on: "2025-01-02"}
effective: {from: "2025-01-01", through: open}
reviewed_on: "2025-01-02"
next_review_on: "2026-01-02"
clauses:
  - {article: 第二条, says: 常州市企业首次认定为高企, by: [in_city, first, recognised, not_excluded]}
  - {article: 第三条, says: 给20万元，单个企业一年最高30万元，一次认定只给一次, by: [benefit, stacking, no_application]}
use: [not_excluded]
conditions:
  in_city: {fact: registered_region, op: within_region, value: "320400"}
  first: {fact: hnte_event, op: is, value: 首次认定高企, can_change: authority}
  recognised: {fact: recognised_on, op: on_or_after, value: "2024-01-01", can_change: never}
eligible_when: {all: [in_city, first, recognised, not_excluded]}
benefit:
  kind: cash
  fixed: "20万元"
  caps: [{amount: "30万元", per: enterprise_year}]
  rounding: {to: "1元", mode: floor}
stacking: {free: 不与其他待遇相抵, scope: 同一次认定}
no_application:
  evidence:
    registered_region: {from: [ENT], max_age_days: 366}
    hnte_event: {from: [DEPT], max_age_days: 366}
    recognised_on: {from: [DEPT], max_age_days: 366}
    blacklisted: {from: [CREDIT], max_age_days: 7}
  period: recognised_on
  consent: required
  notice_working_days: 5
boundaries:
  recognised: {at: eligible, under: ineligible, missing: unknown}
cases:
  - {name: 首次, as_of: "2025-06-03", facts: {registered_region: "320411", hnte_event: 首次认定高企, recognised_on: "2024-11-06", blacklisted: false}, expect: {verdict: eligible, amount: "20万元"}}
  - {name: 再次, like: 首次, facts: {hnte_event: 再次认定高企}, expect: {verdict: ineligible}}
  - {name: 市外, like: 首次, facts: {registered_region: "320500"}, expect: {verdict: ineligible}}
  - {name: 失信, like: 首次, facts: {blacklisted: true}, expect: {verdict: ineligible}}
changes: [{version: 1, date: "2025-01-02", why: 示范}]
"""


def rule_folders(
    folder: Path, changes: Iterable[tuple[str, str]] = (), more: dict[str, str] | None = None
) -> tuple[Path, Path]:
    """Rules and corpus of the product with the invented measure alone; `changes`: texts of its file to replace.

    `more`: further measures by file name, in the same package.
    """
    rules, corpus = folder / "rules", folder / "corpus"
    shutil.copytree(ROOT / "rules", rules, ignore=shutil.ignore_patterns("measures"))
    corpus.mkdir()
    for part in (ROOT / "corpus").iterdir():
        if part.name != "documents":
            (corpus / part.name).symlink_to(part)
    shutil.copytree(ROOT / "corpus" / "documents", corpus / "documents")
    (corpus / "documents" / "test-gx.yaml").write_text(DOCUMENT, encoding="utf-8")
    place = rules / "measures" / "city" / "TEST"
    place.mkdir(parents=True)
    text = MEASURE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (place / f"{GX}.v1.yaml").write_text(text, encoding="utf-8")
    for name, written in (more or {}).items():
        (place / name).write_text(written, encoding="utf-8")
    return rules, corpus


def by(actor: str, on: str, hour: str = "10:00") -> By:
    """Somebody asks at an hour of a day, Changzhou time."""
    return By(LIBRARY, actor, datetime.combine(date.fromisoformat(on), time.fromisoformat(hour), LOCAL))


def with_firm(archive: Archive, uscc: str = E2, name: str = HOLDER, on: str = "2025-06-01", **facts: str) -> None:
    """A firm on the list of 2024: region by ENT, recognition by DEPT, credit by CREDIT, as known on a day.

    A fact of another value is named; `fact="SOURCE:value"` names the source too, `fact=""` leaves it out.
    """
    told = {
        "registered_region": "ENT:320411", "hnte_event": "DEPT:首次认定高企", "recognised_on": f"DEPT:{LISTED}",
        "blacklisted": "CREDIT:否",
    }  # fmt: skip
    sources = {fact: said.partition(":")[0] for fact, said in told.items()}
    when = by("importer", on).now
    row = firm_row(archive, uscc, name, when)
    observations = []
    for fact, said in (told | facts).items():
        source, mark, value = said.partition(":")
        if said:
            observations.append(seen(archive, fact, value if mark else said, source if mark else sources[fact], when))
    taken(archive, replace(row, firm_observations=tuple(observations)), source="ENT", when=when)


def found(archive: Archive, on: str = "2025-06-03") -> Found:
    """The hunt of a day for the invented measure."""
    return find_candidates(archive, Hunt(date.fromisoformat(on), (GX,)), by(FIRST, on))[0]


def with_money(archive: Archive, year: int = 2025, amount: int = 10**9) -> None:
    """A budget line of the year, reviewed; 1000万元 unless another sum is given, 分."""
    with archive.database.writing() as session:
        session.add(
            Budget(
                library=LIBRARY, measure=GX, year=year, amount_fen=amount, line="示范专项",
                reviewed_on=date(2025, 1, 2), reviewer="示范审查人", recorded_at=by(FIRST, f"{year}-01-02").now,
                actor_id="treasury",
            )
        )  # fmt: skip


def with_lists(archive: Archive, on: str) -> None:
    """The exclusion lists were complete on a day, with nobody on them."""
    asked = by("data", on, "08:00")
    with archive.database.writing() as session:
        session.add(ExclusionCheck(library=LIBRARY, checked_at=asked.now, source="CREDIT", entries=0, actor_id="data"))


def verified(archive: Archive, number: str, on: str = "2025-06-03") -> Case:
    """Two officers verify on a day."""
    verify_case(archive, number, by(FIRST, on))
    return verify_case(archive, number, by(SECOND, on))


def noticed(archive: Archive, number: str, on: str = "2025-06-03") -> Case:
    """The notice is published on a day."""
    return publish_notice(archive, number, Notice(URL, date.fromisoformat(on), "0" * 64), by(FIRST, on))


def confirmed(archive: Archive, number: str, on: str = "2025-06-13", *, holder: str = HOLDER) -> Case:
    """The firm confirms on a day."""
    return confirm_case(archive, number, Consent("示范负责人", "政企通实名", holder, ACCOUNT), by(FIRM, on))


def approved(archive: Archive, number: str, on: str = "2025-06-13") -> Case:
    """Approved on a day, with the lists of the day."""
    with_lists(archive, on)
    return approve_case(archive, number, by(APPROVER, on))


def to_approved(archive: Archive) -> str:
    """A case of one firm, found on 2025-06-03 and approved on 06-13; its number."""
    with_firm(archive)
    with_money(archive)
    number = found(archive).opened[0]
    verified(archive, number)
    noticed(archive, number)
    move_cases(archive, by(FIRST, "2025-06-11"))
    confirmed(archive, number)
    approved(archive, number)
    return number


def state(archive: Archive, number: str) -> str:
    """The code of the state of a case."""
    with archive.database.reading() as session:
        return cases.by_number(session, LIBRARY, number).state
