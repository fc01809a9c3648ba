"""Write to a pipeline: in one transaction, by whoever may change its items, with an audit row that holds nothing said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from policy_match.access.permissions import Reach, Right
from policy_match.errors import FactError, Forbidden, Issue, NotFound, UsageError
from policy_match.lifecycle.events import Evidence
from policy_match.pipelines.kinds import BETWEEN, Field, Of, Pipeline, Type
from policy_match.pipelines.log import Entry
from policy_match.pipelines.moves import unknown_field
from policy_match.pipelines.values import plain_text, read_value
from policy_match.store import audit, pipelines
from policy_match.store.actors import actor
from policy_match.store.pipeline_tables import PipelineItem
from policy_match.store.pipelines import NewEntry
from policy_match.store.tables import Actor, Subject
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_pipelines import find_pipeline, reach_of
from policy_match.workflows.read_records import View
from policy_match.workflows.see_pipeline import Look, find_subject, no_subject
from policy_match.workflows.write_entry import By, find_unit, note_refusal

_MARKS = "，,;；"


class Told(Protocol):
    """What a request tells of an item, as written."""

    @property
    def on(self) -> date:
        """The day."""

    @property
    def said(self) -> Mapping[str, str]:
        """Values by id or name of their field."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Documents by kind and number."""

    @property
    def reason(self) -> str:
        """In words."""


@dataclass(frozen=True, slots=True)
class PipelineDesk:
    """A request at work: its transaction, who asks, of which pipeline."""

    session: Session
    archive: Archive
    by: By
    who: Actor
    pipeline: Pipeline

    @property
    def look(self) -> Look:
        """What the asker sees of it today."""
        return Look(self.session, self.archive, self.who, self.pipeline, self.by.library, View(self.by.today))

    def subject(self, written: str, kind: Of) -> Subject:
        """A firm or project within the asker's reach; NotFound SUBJECT_UNKNOWN, for one beyond it too."""
        found = find_subject(self.session, self.by.library, kind, written)
        is_own = reach_of(self.archive, self.who, Right.WRITE) is Reach.OWN
        if is_own and found.id not in self.look.own_subjects({found.id}):
            raise no_subject(kind, written)
        return found

    def said(self, written: Mapping[str, str]) -> dict[str, str]:
        """What was written under ids or names of fields, as it is kept; blanks say nothing. UsageError with every fault."""
        fields = {one.name: one for one in self.pipeline.fields} | {one.id: one for one in self.pipeline.fields}
        found: dict[str, str] = {}
        issues: list[Issue] = []
        for name, text in written.items():
            if name not in fields:
                issues.append(unknown_field(name, self.pipeline))
            elif text.strip():
                self._take(fields[name], text, found, issues)
        if issues:
            raise UsageError(*issues)
        return found

    def _take(self, one: Field, text: str, found: dict[str, str], issues: list[Issue]) -> None:
        try:
            found[one.id] = self._read(one, text)
        except FactError as error:
            issues += error.issues
        except NotFound as error:
            issues += [replace(issue, what=f"“{one.name}”：{issue.what}", where=one.id) for issue in error.issues]

    def _read(self, one: Field, text: str) -> str:
        if one.type in (Type.ENTERPRISE, Type.PROJECT):
            return self.subject(text, Of(one.type.value)).code
        if one.type is Type.ITEM:
            other = find_pipeline(self.archive, self.who, one.pipeline)
            return replace(self.look, pipeline=other).item(text.strip()).item.number
        if one.type is Type.UNITS:
            return self._units(text)
        return read_value(one, text)

    def _units(self, text: str) -> str:
        plain = text.translate({ord(mark): BETWEEN for mark in _MARKS})
        names = [
            self.archive.table.unit_name(find_unit(part, self.archive)) for part in plain.split(BETWEEN) if part.strip()
        ]
        return BETWEEN.join(dict.fromkeys(names))

    def entry(self, step: str, told: Told) -> Entry:
        """What was told as an entry at a step; UsageError or FactError for what cannot be kept."""
        evidence = tuple(Evidence(piece.kind, plain_text(piece.id)) for piece in told.evidence)
        return Entry(step, told.on, self.said(told.said), evidence, plain_text(told.reason))

    def add(self, item: PipelineItem, entry: Entry) -> None:
        """Open an item with its first entry."""
        pipelines.add_item(self.session, item, NewEntry(entry, self.who.id, self.by.now))
        self._note(item, entry, "pipeline.open")

    def write(self, item: PipelineItem, entry: Entry) -> None:
        """Add an entry to an item."""
        pipelines.add_entry(self.session, item, NewEntry(entry, self.who.id, self.by.now))
        self._note(item, entry, "pipeline.move")

    def _note(self, item: PipelineItem, entry: Entry, action: str) -> None:
        """Which fields were said, never what: some of it is for few eyes."""
        audit.record(
            self.session, self.who, action, object_kind="pipeline", object_id=item.number, at=self.by.now,
            library=self.by.library,
            detail={"pipeline": item.pipeline, "step": entry.step, "on": entry.on.isoformat(), "said": [*sorted(entry.said)],
                    "version": item.row_version},
        )  # fmt: skip


@contextmanager
def at_pipeline(archive: Archive, pipeline_id: str, by: By) -> Iterator[PipelineDesk]:
    """Begin a request; NotFound PIPELINE_UNKNOWN for one that the asker does not see, Forbidden PIPELINE_ROLE for one whose
    items the asker does not change. What the block writes is kept if it ends well."""
    try:
        with archive.database.writing() as session:
            audit.take_turn(session)
            who = actor(session, by.actor, by.today)
            pipeline = find_pipeline(archive, who, pipeline_id)
            if who.role not in pipeline.rights.writes:
                roles = archive.table.roles.values()
                names = "、".join(role.name for role in roles if role.id in pipeline.rights.writes)
                what = f"“{who.name}”不办“{pipeline.name}”"
                raise Forbidden(Issue("PIPELINE_ROLE", what, "", names, "请由列出的单位办理"))
            yield PipelineDesk(session, archive, by, who, pipeline)
    except Forbidden as refusal:
        note_refusal(archive, by, pipeline_id, refusal)
        raise
