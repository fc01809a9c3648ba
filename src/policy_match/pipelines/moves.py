"""Which steps an item may go to, what a step asks for, and what is wrong with an entry before it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.errors import Issue
from policy_match.pipelines.kinds import Field, Pipeline, Sort, Step
from policy_match.pipelines.log import Entry, Position

MOVE = "PIPELINE_MOVE"


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a step still asks for: fields, kinds of evidence, a reason."""

    fields: tuple[Field, ...]
    evidence: tuple[str, ...]
    reason: bool


def next_steps(position: Position | None, pipeline: Pipeline) -> tuple[Step, ...]:
    """The steps an item may go to, in the order of the file; without a position those at which one is opened."""
    if position is None:
        return tuple(step for step in pipeline.steps if step.id in pipeline.opens_at)
    return tuple(step for step in pipeline.steps if _may_go(position, step, pipeline))


def _may_go(position: Position, to: Step, pipeline: Pipeline) -> bool:
    start = pipeline.step(position.step)
    if (start.id, to.id) in pipeline.moves:
        return True
    if start.sort is Sort.END or start.id == pipeline.way[-1].id:
        return False
    if start.sort is Sort.PAUSE:
        return to.id == position.back or to.sort is Sort.END
    return to.sort is not Sort.WAY or to == _following(start, pipeline)


def _following(start: Step, pipeline: Pipeline) -> Step:
    return pipeline.way[pipeline.way.index(start) + 1]


def lacking(said: Mapping[str, str], to: str, pipeline: Pipeline, entry: Entry | None = None) -> Lacking:
    """What a step asks for beyond what has been said; `entry`: which would bring more of it."""
    step = pipeline.step(to)
    told = said if entry is None else {**said, **entry.said}
    shown = set() if entry is None else {piece.kind for piece in entry.evidence}
    return Lacking(
        tuple(one for one in pipeline.fields if is_needed(one, to, told, pipeline) and one.id not in told),
        tuple(kind for kind in step.evidence if kind not in shown),
        step.sort is not Sort.WAY and not (entry is not None and entry.reason),
    )


def is_needed(one: Field, to: str, said: Mapping[str, str], pipeline: Pipeline) -> bool:
    """Whether a field must be said by the time of a step. A field of a step beside the way is asked for there alone."""
    if one.needed_at is None or any(said.get(other) not in values for other, values in one.when.items()):
        return False
    way = [step.id for step in pipeline.way]
    return one.needed_at == to or (to in way and one.needed_at in way and way.index(one.needed_at) <= way.index(to))


def check(entry: Entry, position: Position | None, pipeline: Pipeline, today: date) -> list[Issue]:
    """Every fault of an entry; none if it may be written. `position`: None to open an item.

    PIPELINE_MOVE for a step that cannot be reached, PIPELINE_DAY, PIPELINE_FIELD, PIPELINE_LACKS, PIPELINE_EVIDENCE,
    PIPELINE_REASON, and the codes of words that are refused.
    """
    if entry.step not in {step.id for step in pipeline.steps}:
        return [_no_move(entry.step, position, pipeline)]
    stays = position is not None and entry.step == position.step
    if not stays and entry.step not in {step.id for step in next_steps(position, pipeline)}:
        return [_no_move(pipeline.step(entry.step).name, position, pipeline)]
    return [
        *_day_faults(entry, position, today),
        *_field_faults(entry, pipeline),
        *_evidence_faults(entry, pipeline),
        *([] if stays else _lacks(entry, position, pipeline)),
        *_reason_faults(entry, pipeline),
        *banned_faults(entry.said, pipeline),
    ]


def _no_move(to: str, position: Position | None, pipeline: Pipeline) -> Issue:
    allowed = "、".join(step.name for step in next_steps(position, pipeline)) or "没有下一步：已经办完"
    start = "登记" if position is None else f"从“{pipeline.step(position.step).name}”"
    return Issue(MOVE, f"{start}不能到“{to[:30]}”", pipeline.name, allowed, "改用列出的一步")


def _day_faults(entry: Entry, position: Position | None, today: date) -> Iterator[Issue]:
    if entry.on > today:
        yield Issue(
            "PIPELINE_DAY", f"{entry.on} 晚于今天", "日期", f"{today} 以前", "只登记已经发生的；计划写在计划一栏"
        )
    elif position is not None and entry.on < position.last_on:
        what = f"{entry.on} 早于上一条的 {position.last_on}"
        yield Issue("PIPELINE_DAY", what, "日期", f"{position.last_on} 以后", "核对日期")


def _field_faults(entry: Entry, pipeline: Pipeline) -> Iterator[Issue]:
    known = {one.id for one in pipeline.fields}
    for name in entry.said:
        if name not in known:
            yield unknown_field(name, pipeline)


def unknown_field(name: str, pipeline: Pipeline) -> Issue:
    """The fault of a field that the pipeline does not have."""
    allowed = "、".join(f"{one.id} {one.name}" for one in pipeline.fields)
    return Issue("PIPELINE_FIELD", f"“{pipeline.name}”没有“{name[:30]}”这一项", name[:30], allowed, "改名或删去")


def _evidence_faults(entry: Entry, pipeline: Pipeline) -> Iterator[Issue]:
    step = pipeline.step(entry.step)
    for piece in entry.evidence:
        if piece.kind not in step.evidence:
            allowed = "、".join(step.evidence) or "这一步不收佐证"
            yield Issue("PIPELINE_EVIDENCE", f"“{step.name}”不收“{piece.kind[:30]}”", "佐证", allowed, "改用列出的种类")


def _lacks(entry: Entry, position: Position | None, pipeline: Pipeline) -> Iterator[Issue]:
    said = {} if position is None else position.said
    found = lacking(said, entry.step, pipeline, entry)
    step = pipeline.step(entry.step).name
    for one in found.fields:
        allowed = "、".join(one.options)
        yield Issue("PIPELINE_LACKS", f"到“{step}”要写“{one.name}”", one.id, allowed, "补上再提交")
    for kind in found.evidence:
        yield Issue("PIPELINE_LACKS", f"到“{step}”要有“{kind}”", "佐证", f"{kind}=文号", "补上再提交")
    if found.reason:
        allowed = "、".join(pipeline.step(entry.step).reasons)
        yield Issue("PIPELINE_LACKS", f"到“{step}”要写原因", "原因", allowed, "补上再提交")


def _reason_faults(entry: Entry, pipeline: Pipeline) -> Iterator[Issue]:
    step = pipeline.step(entry.step)
    if entry.reason and step.reasons and entry.reason not in step.reasons:
        what = f"“{entry.reason[:30]}”不是“{step.name}”的原因"
        yield Issue("PIPELINE_REASON", what, "原因", "、".join(step.reasons), "改用列出的一个")


def banned_faults(said: Mapping[str, str], pipeline: Pipeline) -> Iterator[Issue]:
    """A fault for each field that holds a word it must not, however it is spaced or widened."""
    for banned in pipeline.banned:
        for name in banned.fields:
            text = _plain(said.get(name, ""))
            for phrase in banned.allowed:
                text = text.replace(_plain(phrase), "")
            word = next((word for word in banned.words if _plain(word) in text), None)
            if word is not None:
                what = f"“{pipeline.field(name).name}”里不能写“{word}”"
                yield Issue(banned.code, what, name, "", banned.hint)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
