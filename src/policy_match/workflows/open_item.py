"""Open an item of a pipeline: what is the same is kept once, and the number of the one that is there is given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.kinds import Of, Pipeline
from policy_match.pipelines.moves import MOVE, check
from policy_match.pipelines.same import mark_of
from policy_match.store import pipelines
from policy_match.store.pipeline_tables import PipelineItem
from policy_match.store.tables import Subject
from policy_match.workflows.at_pipeline import PipelineDesk, at_pipeline
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.write_entry import By


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is told. `subject`: code of the firm or project, "" where the pipeline is of neither; `said`: by id or name of
    the fields; `step`: by id or name, "" for the first at which one is opened."""

    pipeline: str
    subject: str
    on: date
    said: Mapping[str, str] = field(default_factory=dict)
    step: str = ""
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The number of the item. `is_new`: False where the same one was there already, which is left as it is."""

    number: str
    is_new: bool


def open_item(archive: Archive, asked: NewItem, by: By) -> Opened:
    """Open it; NotFound for the pipeline or the subject, Forbidden PIPELINE_ROLE, UsageError with every fault."""
    with at_pipeline(archive, asked.pipeline, by) as desk:
        return open_at(desk, asked)


def open_at(desk: PipelineDesk, asked: NewItem) -> Opened:
    """The same in a request that is at work; nothing is written where it raises."""
    pipeline = desk.pipeline
    subject = _subject(desk, asked.subject)
    step = step_of(pipeline, asked.step) if asked.step.strip() else pipeline.opens_at[0]
    entry = desk.entry(step, asked)
    refuse(check(entry, None, pipeline, desk.by.today))
    mark = mark_of(pipeline, "" if subject is None else subject.code, entry)
    there = pipelines.by_mark(desk.session, desk.by.library, pipeline.id, mark)
    if there is not None:
        return Opened(there.number, is_new=False)
    number = pipelines.next_number(desk.session, desk.by.library, pipeline.prefix, desk.by.today.year)
    item = PipelineItem(
        library=desk.by.library, pipeline=pipeline.id, number=number, mark=mark, opened_at=desk.by.now, row_version=1,
        subject_id=None if subject is None else subject.id,
    )  # fmt: skip
    desk.add(item, entry)
    return Opened(number, is_new=True)


def _subject(desk: PipelineDesk, written: str) -> Subject | None:
    pipeline = desk.pipeline
    if pipeline.of is Of.NONE:
        if written.strip():
            what = f"“{pipeline.name}”不属于哪个项目或企业"
            raise UsageError(Issue("PIPELINE_SUBJECT", what, "", "不写", "删去项目或企业"))
        return None
    if not written.strip():
        name = "项目" if pipeline.of is Of.PROJECT else "企业"
        raise UsageError(Issue("PIPELINE_SUBJECT", f"没有写是哪个{name}", name, "编号", "补上再提交"))
    return desk.subject(written, pipeline.of)


def step_of(pipeline: Pipeline, written: str) -> str:
    """The id of a step by id or name; UsageError PIPELINE_STEP with those there are."""
    text = written.strip()
    found = next((step.id for step in pipeline.steps if text in (step.id, step.name)), None)
    if found is None:
        allowed = "、".join(f"{step.id} {step.name}" for step in pipeline.steps)
        what = f"“{pipeline.name}”没有“{text[:30]}”这一步"
        raise UsageError(Issue("PIPELINE_STEP", what, "步骤", allowed, "改用列出的一步"))
    return found


def refuse(issues: list[Issue]) -> None:
    """Raise what is wrong: Conflict where the step cannot be reached, else UsageError; nothing for no fault."""
    if any(issue.code == MOVE for issue in issues):
        raise Conflict(*issues)
    if issues:
        raise UsageError(*issues)
