"""Add one project by hand: the same way into the library as a row of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from policy_match.errors import Issue, UsageError
from policy_match.exchange.intake_rows import Firm, IntakeRow
from policy_match.facts.observations import Observation
from policy_match.facts.read import read_text_cell
from policy_match.facts.subjects import Kind
from policy_match.facts.vocabulary import Vocabulary
from policy_match.identifiers import Given, check_uscc, read_project_code
from policy_match.lifecycle.events import local_day
from policy_match.store import audit, batches, subjects
from policy_match.store.actors import actor
from policy_match.workflows.keep_rows import OPENS
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.take_in import keep


@dataclass(frozen=True, slots=True)
class NewProject:
    """What is known of a project that is to be added; `facts` as written, by name."""

    name: str
    facts: Mapping[str, str]
    uscc: str | None = None
    firm_name: str | None = None
    project_code: str | None = None
    source: str = "DISTRICT"


@dataclass(frozen=True, slots=True)
class Added:
    """The 库内编号 given, and what a person has to look at."""

    code: str
    asked: tuple[str, ...]


def add_project(archive: Archive, library: str, new: NewProject, by: str, now: datetime) -> Added:
    """Add it; UsageError or FactError with every fault, Conflict for a number that another project has."""
    if not new.name.strip():
        raise UsageError(Issue("NAME_MISSING", "没有项目名称", "--name", "", "写上项目名称"))
    if new.source not in OPENS:
        raise UsageError(Issue("SOURCE", f"来源“{new.source}”不新建项目", "--source", "、".join(sorted(OPENS))))
    today = local_day(now)
    code = None if new.project_code is None else read_project_code(new.project_code, today).code
    firm = None
    if new.uscc is not None or new.firm_name is not None:
        firm = Firm(None if new.uscc is None else check_uscc(new.uscc), new.firm_name)
    row = IntakeRow(
        row=1,
        kind=Kind.PROJECT,
        code=None,
        name=new.name.strip(),
        keys=() if code is None else (Given(subjects.PROJECT_CODE, code),),
        firm=firm,
        observations=observed(new.facts, archive.vocabulary, new.source, now),
    )
    with archive.database.writing() as session:
        who = actor(session, by, today)
        text = f"{row.name}|{code}|{new.uscc}|{now.isoformat()}"
        batch = batches.begin(
            session,
            library,
            new.source,
            file_name="手工录入",
            file_sha256=sha256(text.encode()).hexdigest(),
            by=by,
            at=now,
        )
        before = {one.code for one in subjects.every(session, library, "project")}
        kept = keep(session, archive, batch, (row,))
        if kept.refusals:
            raise UsageError(*(Issue(r.code, r.what, "", r.allowed, r.hint) for r in kept.refusals))
        fresh = [one.code for one in subjects.every(session, library, "project") if one.code not in before]
        if not fresh:
            what = "库里已有这个项目：同一项目代码，或同一企业的同名项目"
            raise UsageError(
                Issue("PROJECT_EXISTS", what, "", "", "用 project show 查看；确是另一个项目的，写明区别（如二期）")
            )
        batches.end(session, batch, rows=1, refused=0, counts={"new": 1})
        audit.record(session, who, "project.add", object_kind="project", object_id=fresh[0], at=now)
    return Added(fresh[0], tuple(kept.asked))


def observed(facts: Mapping[str, str], vocabulary: Vocabulary, source: str, now: datetime) -> tuple[Observation, ...]:
    """Facts as a person writes them, by name or label, as observations of today; FactError for a wrong one."""
    found = []
    for name, written in facts.items():
        spec = vocabulary.named(name)
        value = read_text_cell(spec, written, None, vocabulary)
        if value is not None:
            confidence = vocabulary.confidence(spec.name, source)
            found.append(Observation(spec.name, value, source, local_day(now), now, confidence=confidence))
    return tuple(found)
