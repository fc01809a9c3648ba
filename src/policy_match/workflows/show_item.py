"""One item of a pipeline with its log, the steps it may go to, and what each of them asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from policy_match.errors import Issue, NotFound
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.kinds import Pipeline, Step
from policy_match.pipelines.log import Stay, clock_days
from policy_match.pipelines.moves import Lacking, lacking, next_steps
from policy_match.pipelines.values import show_value
from policy_match.store import actors
from policy_match.store.audit import Plain
from policy_match.store.pipelines import Kept
from policy_match.workflows.list_items import STATES, Line, lines_of, placed_in
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_pipelines import find_pipeline
from policy_match.workflows.read_records import View
from policy_match.workflows.see_pipeline import Look
from policy_match.workflows.write_entry import By


@dataclass(frozen=True, slots=True)
class EntryShown:
    """One entry as people read it. `said`: values by name of their field; `actor`: by name."""

    step: str
    on: date
    said: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that the item may go to, and what it asks for."""

    step: Step
    lacking: Lacking


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item on a day. `said`: everything said of it, by name of the field, with the unit in charge in `owners`."""

    pipeline: Pipeline
    line: Line
    as_of: date
    said: Mapping[str, str]
    owners: Mapping[str, str]
    clocks: Mapping[str, int | None]
    log: tuple[EntryShown, ...]
    choices: tuple[Choice, ...]
    may_write: bool

    @property
    def stays(self) -> tuple[tuple[str, Stay, int], ...]:
        """Each stay with the name of its step and its days."""
        steps = {step.id: step.name for step in self.pipeline.steps}
        return tuple((steps[stay.step], stay, stay.days(self.as_of)) for stay in self.line.position.stays)


def show_item(archive: Archive, pipeline_id: str, number: str, by: By, *, as_of: date) -> ItemShown:
    """The item; NotFound PIPELINE_UNKNOWN, PIPELINE_ITEM_UNKNOWN, PIPELINE_NOT_YET before it was opened."""
    with archive.database.reading() as session:
        who = actors.actor(session, by.actor, by.today)
        look = Look(session, archive, who, find_pipeline(archive, who, pipeline_id), by.library, View(as_of))
        kept = look.item(number)
        placed = placed_in([kept], look.pipeline, as_of)
        if not placed:
            what = f"{as_of} 还没有登记 {kept.item.number}"
            first = f"{kept.entries[0].on} 起"
            raise NotFound(Issue("PIPELINE_NOT_YET", what, "", first, "改用登记以后的日期"))
        (line,) = lines_of(look, placed)
        return _shown(look, kept, line)


def _shown(look: Look, kept: Kept, line: Line) -> ItemShown:
    pipeline, as_of, said = look.pipeline, look.view.as_of, line.position.said
    return ItemShown(
        pipeline=pipeline,
        line=line,
        as_of=as_of,
        said={one.name: show_value(one, said[one.id]) for one in pipeline.fields if one.id in said},
        owners={one.name: one.owners[said[one.id]] for one in pipeline.fields if said.get(one.id) in one.owners},
        clocks=clock_days(line.position, pipeline, as_of),
        log=_log(kept, pipeline, as_of, actors.names(look.session)),
        choices=tuple(Choice(step, lacking(said, step.id, pipeline)) for step in next_steps(line.position, pipeline)),
        may_write=look.who.role in pipeline.rights.writes,
    )


def _log(kept: Kept, pipeline: Pipeline, as_of: date, names: Mapping[str, str]) -> tuple[EntryShown, ...]:
    return tuple(
        EntryShown(
            step=pipeline.step(entry.step).name,
            on=entry.on,
            said={
                pipeline.field(name).name: show_value(pipeline.field(name), text) for name, text in entry.said.items()
            },
            evidence=entry.evidence,
            reason=entry.reason,
            actor=names[row.actor_id],
        )
        for row, entry in zip(kept.rows, kept.entries, strict=True)
        if entry.on <= as_of
    )


def item_plain(shown: ItemShown) -> dict[str, Plain]:
    """The item as data."""
    line = shown.line
    return {
        "number": line.number,
        "pipeline": shown.pipeline.id,
        "subject": line.subject or None,
        "name": line.name or None,
        "step": line.position.step,
        "step_name": shown.pipeline.step(line.position.step).name,
        "since": line.position.stays[-1].since.isoformat(),
        "days": None if "over" in line.states else line.days,
        "states": [*line.states],
        "warnings": [*line.warnings],
        "clocks": {**shown.clocks},
        "said": {**line.position.said},
        "stays": [
            {"step": stay.step, "name": name, "since": stay.since.isoformat(),
             "until": None if stay.until is None else stay.until.isoformat(), "days": days}
            for name, stay, days in shown.stays
        ],
        "next": [choice.step.id for choice in shown.choices],
        "row_version": line.row_version,
    }  # fmt: skip


def item_lines(shown: ItemShown) -> list[str]:
    """The item for the screen."""
    line, pipeline = shown.line, shown.pipeline
    states = "、".join(STATES[state] for state in line.states)
    head = f"{line.number} {pipeline.name}" + (f" {line.subject} {line.name}" if line.subject else "")
    days = "" if "over" in line.states else f"{line.days}天，"
    found = [head, f"{pipeline.step(line.position.step).name}，{days}{states}"]
    found += [f"要核对：{text}" for text in line.warnings]
    found += [f"{name}：{'没有开始' if length is None else f'{length}天'}" for name, length in shown.clocks.items()]
    found += [f"{name}：{text}" for name, text in shown.said.items()]
    found += [f"  {stay.since} {name} {length}天" for name, stay, length in shown.stays]
    steps = "、".join(choice.step.name for choice in shown.choices)
    return [*found, f"下一步：{steps or '没有'}"]
