"""The items of a pipeline as somebody sees them on a day: where each stands, since when, what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.errors import Issue, UsageError
from policy_match.pipelines.counts import Counts, Quarter, count, quarters
from policy_match.pipelines.kinds import Field, Of, Pipeline
from policy_match.pipelines.log import Position, is_expired, is_open, is_overdue, replay, told_warnings
from policy_match.pipelines.values import show_value
from policy_match.store import subjects
from policy_match.store.actors import actor
from policy_match.store.pipelines import Kept
from policy_match.store.tables import Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_pipelines import find_pipeline, pipelines_seen
from policy_match.workflows.print_rows import Row, Rows
from policy_match.workflows.read_records import View
from policy_match.workflows.see_pipeline import Look
from policy_match.workflows.write_entry import By

STATES = {"open": "办理中", "overdue": "超时", "warned": "要核对", "expired": "已过期", "over": "已办完"}


@dataclass(frozen=True, slots=True)
class Line:
    """One item on a day. `subject`, `name`: code and name of its firm or project, "" where it is of neither."""

    number: str
    subject: str
    name: str
    position: Position
    states: tuple[str, ...]
    warnings: tuple[str, ...]
    days: int
    row_version: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A pipeline as somebody sees it. `lines`: () for whoever sees counts alone; `shows_items`: whether that is so."""

    pipeline: Pipeline
    lines: tuple[Line, ...]
    counts: Counts
    quarters: tuple[Quarter, ...]
    shows_items: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Filters; "" for none. `step`: id; `state`: of STATES; `words`: somewhere in number, subject or what is said openly."""

    step: str = ""
    state: str = ""
    words: str = ""


def list_items(archive: Archive, pipeline_id: str, by: By, as_of: date, *, year: int | None = None) -> Listed:
    """All of it; NotFound PIPELINE_UNKNOWN. `year`: of the quarters, that of the day without one."""
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        pipeline = find_pipeline(archive, who, pipeline_id)
        return _listed(Look(session, archive, who, pipeline, by.library, View(as_of)), year or as_of.year)


def list_pipelines(archive: Archive, by: By, as_of: date) -> list[Listed]:
    """Every pipeline that somebody sees, in the order of their files."""
    with archive.database.reading() as session:
        who = actor(session, by.actor, by.today)
        seen = pipelines_seen(archive, who).values()
        return [_listed(Look(session, archive, who, one, by.library, View(as_of)), as_of.year) for one in seen]


def _listed(look: Look, year: int) -> Listed:
    pipeline, as_of = look.pipeline, look.view.as_of
    placed = placed_in(look.every(), pipeline, as_of)
    positions = [position for _, position in placed]
    return Listed(
        pipeline=pipeline,
        lines=lines_of(look, placed) if look.shows_items else (),
        counts=count(positions, pipeline, as_of),
        quarters=quarters(positions, pipeline, year, as_of),
        shows_items=look.shows_items,
        may_write=look.who.role in pipeline.rights.writes,
    )


def placed_in(kept: Sequence[Kept], pipeline: Pipeline, as_of: date) -> list[tuple[Kept, Position]]:
    """The items that were opened by the day, with where they stood."""
    found = ((one, replay(one.entries, pipeline, as_of)) for one in kept)
    return [(one, position) for one, position in found if position is not None]


def lines_of(look: Look, placed: Sequence[tuple[Kept, Position]]) -> tuple[Line, ...]:
    """A line per item, those that are overdue first, then by how long they have been at their step."""
    ids = {one.item.subject_id for one, _ in placed if one.item.subject_id is not None}
    own = subjects.by_ids(look.session, sorted(ids))
    lines = [_line(look, one, position, own.get(one.item.subject_id or 0)) for one, position in placed]
    return tuple(
        sorted(
            lines, key=lambda line: ("overdue" not in line.states, "open" not in line.states, -line.days, line.number)
        )
    )


def _line(look: Look, kept: Kept, position: Position, subject: Subject | None) -> Line:
    pipeline, as_of = look.pipeline, look.view.as_of
    warnings = told_warnings(position, pipeline)
    holds = {
        "open": is_open(position, pipeline, as_of),
        "overdue": is_overdue(position, pipeline, as_of),
        "warned": bool(warnings),
        "expired": is_expired(position, pipeline, as_of) and not pipeline.is_over(position.step),
        "over": pipeline.is_over(position.step),
    }
    return Line(
        number=kept.item.number,
        subject="" if subject is None else subject.code,
        name="" if subject is None else subject.name or subject.code,
        position=position,
        states=tuple(state for state, holding in holds.items() if holding),
        warnings=warnings,
        days=position.days(as_of),
        row_version=kept.item.row_version,
    )


def narrowed(listed: Listed, by: Narrowed) -> tuple[Line, ...]:
    """The lines that the filters leave; UsageError PARAM_VALUE for a step or state that there is not."""
    steps = {step.id: step.name for step in listed.pipeline.steps}
    for name, value, known in (("step", by.step, steps), ("state", by.state, STATES)):
        if value and value not in known:
            allowed = "、".join(f"{key} {text}" for key, text in known.items())
            raise UsageError(Issue("PARAM_VALUE", f"没有“{value[:20]}”", name, allowed, "改用列出的一个"))
    words = by.words.split()
    return tuple(
        line
        for line in listed.lines
        if by.step in ("", line.position.step)
        and (not by.state or by.state in line.states)
        and all(any(word in text for text in _texts(line, listed.pipeline)) for word in words)
    )


def _texts(line: Line, pipeline: Pipeline) -> list[str]:
    return [line.number, line.subject, line.name, *open_said(line.position, pipeline).values()]


def open_fields(pipeline: Pipeline) -> tuple[Field, ...]:
    """The fields that a list shows: the sensitive ones stand on the item alone."""
    return tuple(one for one in pipeline.fields if not one.is_sensitive)


def open_said(position: Position, pipeline: Pipeline) -> dict[str, str]:
    """What was said in them, as people read it, by id; what was not said is not there."""
    said = position.said
    return {one.id: show_value(one, said[one.id]) for one in open_fields(pipeline) if one.id in said}


def rows_of(listed: Listed, lines: Sequence[Line]) -> Rows:
    """The lines as rows for screen and files."""
    pipeline = listed.pipeline
    subject = (
        {}
        if pipeline.of is Of.NONE
        else {"subject": "编号" if pipeline.of is Of.PROJECT else "信用代码", "name": _NAMES[pipeline.of]}
    )
    header = {
        "number": "号", **subject, "step": "步骤", "since": "自", "days": "天数", "states": "状态", "warnings": "要核对",
        **{f"field_{one.id}": one.name for one in open_fields(pipeline)},
    }  # fmt: skip
    return Rows(pipeline.name, header, [_row(line, pipeline) for line in lines])


_NAMES: Mapping[Of, str] = {Of.PROJECT: "项目", Of.ENTERPRISE: "企业"}


def _row(line: Line, pipeline: Pipeline) -> Row:
    said = open_said(line.position, pipeline)
    return {
        "number": line.number,
        "subject": line.subject or None,
        "name": line.name or None,
        "step": pipeline.step(line.position.step).name,
        "since": line.position.stays[-1].since.isoformat(),
        "days": None if "over" in line.states else line.days,
        "states": [STATES[state] for state in line.states],
        "warnings": [*line.warnings],
        **{f"field_{one.id}": said.get(one.id) for one in open_fields(pipeline)},
    }
