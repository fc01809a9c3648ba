"""Many items of one pipeline from CSV or XLSX: a row each, columns by the names or ids of the fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policy_match.exchange.named_columns import Cells, Columns, ReadRows, day_until, read_named
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.kinds import Of, Pipeline

SUBJECT, STEP, ON, REASON = "subject", "step", "on", "reason"
_NAMES = {Of.ENTERPRISE: ("信用代码", "统一社会信用代码", "企业"), Of.PROJECT: ("项目编号", "项目代码", "项目")}
_SHOWN = "佐证："


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One row. `step`: as written, "" for the first; `said`: cells by id of their field, those that are filled."""

    subject: str
    step: str
    on: date
    said: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    reason: str


def columns_of(pipeline: Pipeline) -> Columns:
    """The columns that a file of a pipeline may have; those of documents are called 佐证：种类."""
    subject = {} if pipeline.of is Of.NONE else {SUBJECT: _NAMES[pipeline.of]}
    return Columns(
        {
            **subject,
            ON: ("日期", "登记日期"),
            STEP: ("步骤",),
            REASON: ("原因",),
            **{f"field_{one.id}": (one.name, one.id) for one in pipeline.fields},
            **{f"shown_{kind}": (f"{_SHOWN}{kind}",) for kind in _kinds(pipeline)},
        },
        needed=(*subject, ON),
    )


def read_items(path: Path, pipeline: Pipeline, today: date) -> ReadRows[ItemRow]:
    """Read a file; rows without a day are refused. UsageError for a file or header that cannot be understood."""

    def make(cells: Cells) -> ItemRow | None:
        on = cells.read(ON, day_until(today))
        subject = "" if pipeline.of is Of.NONE else cells.read(SUBJECT, str) or ""
        said = {one.id: text for one in pipeline.fields if (text := cells.read_if_said(f"field_{one.id}", str))}
        shown = {kind: text for kind in _kinds(pipeline) if (text := cells.read_if_said(f"shown_{kind}", str))}
        if on is None:
            return None
        evidence = tuple(Evidence(kind, text) for kind, text in shown.items())
        step, reason = (cells.read_if_said(name, str) or "" for name in (STEP, REASON))
        return ItemRow(subject, step, on, said, evidence, reason)

    return read_named(path, columns_of(pipeline), make)


def _kinds(pipeline: Pipeline) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for step in pipeline.steps for kind in step.evidence))
