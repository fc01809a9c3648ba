"""Take in a file of many items of a pipeline: good rows are kept, what is there already is left, bad rows come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from policy_match.errors import Conflict, FactError, NotFound, UsageError
from policy_match.exchange.named_columns import ReadRows
from policy_match.exchange.pipeline_rows import SUBJECT, ItemRow, columns_of, read_items
from policy_match.exchange.refusals import Refusal
from policy_match.pipelines.kinds import Pipeline
from policy_match.store import audit
from policy_match.workflows.at_pipeline import PipelineDesk, at_pipeline
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_item import NewItem, open_at
from policy_match.workflows.write_entry import By


@dataclass(slots=True)
class Imported:
    """What became of a file: numbers of new items, how many were there already, rows refused, what was noticed."""

    new: list[str] = field(default_factory=list)
    same: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def import_items(archive: Archive, pipeline_id: str, file: Path, by: By) -> Imported:
    """Open an item for each row; NotFound PIPELINE_UNKNOWN, Forbidden PIPELINE_ROLE, UsageError for an unreadable file."""
    with at_pipeline(archive, pipeline_id, by) as desk:
        read = read_items(file, desk.pipeline, by.today)
        done = Imported(refusals=[*read.refusals], notes=read.notes)
        for number, row in read.rows:
            _take(desk, number, row, done)
        _note(desk, file, read, done)
        return done


def _take(desk: PipelineDesk, number: int, row: ItemRow, done: Imported) -> None:
    asked = NewItem(desk.pipeline.id, row.subject, row.on, row.said, row.step, row.evidence, row.reason)
    try:
        opened = open_at(desk, asked)
    except (UsageError, FactError, NotFound, Conflict) as error:
        names = _columns(desk.pipeline)
        done.refusals += [
            Refusal(number, names.get(issue.where, issue.where), _value(row, issue.where), issue.code, issue.what,
                    issue.allowed, issue.hint)
            for issue in error.issues
        ]  # fmt: skip
        return
    if opened.is_new:
        done.new.append(opened.number)
    else:
        done.same += 1


def _columns(pipeline: Pipeline) -> dict[str, str]:
    """What the file calls the place of a fault."""
    names = {key.removeprefix("field_"): names[0] for key, names in columns_of(pipeline).names.items()}
    return names | {"": names.get(SUBJECT, "")}


def _value(row: ItemRow, where: str) -> str:
    return row.said.get(where, row.subject if where == "" else "")


def _note(desk: PipelineDesk, file: Path, read: ReadRows[ItemRow], done: Imported) -> None:
    audit.record(
        desk.session, desk.who, "pipeline.import", object_kind="pipeline", object_id=desk.pipeline.id, at=desk.by.now,
        library=desk.by.library,
        detail={"file": file.name, "sha256": read.sha256, "new": len(done.new), "same": done.same,
                "refused": len({one.row for one in done.refusals})},
    )  # fmt: skip
