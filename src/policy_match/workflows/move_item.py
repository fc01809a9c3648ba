"""Move an item of a pipeline to a step, or tell more of it where it is; the same told twice is written once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policy_match.errors import Conflict, Issue, UsageError
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.log import replay
from policy_match.pipelines.moves import check
from policy_match.workflows.at_pipeline import at_pipeline
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_item import refuse, step_of
from policy_match.workflows.write_entry import By


@dataclass(frozen=True, slots=True)
class ItemMove:
    """What is asked. `to`: a step by id or name, "" to stay; `seen`: the version that the person looked at, None: not said."""

    pipeline: str
    number: str
    to: str
    on: date
    said: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the item is now. `is_new`: False where the newest entry said the same already."""

    number: str
    step: str
    is_new: bool
    row_version: int


def move_item(archive: Archive, asked: ItemMove, by: By) -> Moved:
    """Record it.

    NotFound for the pipeline or the number; Conflict PIPELINE_MOVE with the legal steps, PIPELINE_SEEN; Forbidden
    PIPELINE_ROLE; UsageError with every other fault. Nothing is changed where it raises.
    """
    with at_pipeline(archive, asked.pipeline, by) as desk:
        pipeline, kept = desk.pipeline, desk.look.item(asked.number)
        last = kept.entries[-1]
        step = step_of(pipeline, asked.to) if asked.to.strip() else last.step
        entry = desk.entry(step, asked)
        item = kept.item
        if entry != last:
            _require_seen(asked, item.row_version)
            position = replay(kept.entries, pipeline, by.today)
            if entry.step == last.step and not entry.said:
                what = "没有写要补充的内容"
                raise UsageError(Issue("PIPELINE_LACKS", what, "内容", "至少一项", "写上一项，或选下一步"))
            refuse(check(entry, position, pipeline, by.today))
            desk.write(item, entry)
        return Moved(item.number, pipeline.step(step).name, entry != last, item.row_version)


def _require_seen(asked: ItemMove, version: int) -> None:
    if asked.seen is not None and asked.seen != version:
        what = f"您看到的是第 {asked.seen} 版，现在是第 {version} 版"
        raise Conflict(Issue("PIPELINE_SEEN", what, asked.number, "", "重新打开，看过别人的改动再提交"))
