"""Write what the rows of one batch came to, in bulk: subjects, numbers, facts, entries, questions, records that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.facts.observations import Observation
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.words import EventKind
from policy_match.store import audit, doubts, evidence, log, subjects
from policy_match.store import facts as stored_facts
from policy_match.store.audit import Plain
from policy_match.store.doubts import Question
from policy_match.store.tables import Actor, Batch, Subject
from policy_match.workflows.note_words import note_words, tells_words
from policy_match.workflows.open_archive import Archive

BEFORE_ENTRY = "入库前已到达"


@dataclass
class Writing:
    """What is to be written of one subject once all rows are judged. `changed`: by the row at hand; `is_named`: anew."""

    subject: Subject
    firm: Subject | None = None
    is_new: bool = False
    keys: list[Given] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    entries: list[log.Entry] = field(default_factory=list)
    changed: bool = False
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """The batch that is written, by whom."""

    session: Session
    archive: Archive
    batch: Batch
    who: Actor

    @property
    def now(self) -> datetime:
        """The instant of the batch."""
        return self.batch.received_at

    def write(self, every: Sequence[Writing]) -> None:
        """All of the subjects, in the order in which they need each other."""
        self._subjects(every)
        given = [(one.subject, key) for one in every for key in one.keys]
        subjects.add_keys(self.session, given, source=self.batch.source, at=self.now)
        observed = {one.subject.id: one.observations for one in every if one.observations}
        stored_facts.keep(self.session, observed, self.archive.vocabulary, actor_id=self.who.id, batch_id=self.batch.id)
        spoken_of = [one for one in every if one.is_new or one.is_named or tells_words(one.observations)]
        ids = [one.subject.id for one in spoken_of]
        note_words(self.session, self.archive.vocabulary, self.archive.cutter, ids)
        self._entries(every)

    def ask(self, questions: Sequence[Question]) -> list[str]:
        """Note the questions; those that nobody has answered yet, in words."""
        raised = doubts.raise_all(self.session, self.batch.library, questions, at=self.now, batch_id=self.batch.id)
        return [doubt.what for doubt in raised if doubt.settled_at is None]

    def _subjects(self, every: Sequence[Writing]) -> None:
        fresh = [one for one in every if one.is_new]
        self.session.add_all(one.subject for one in fresh if one.subject.kind == Kind.ENTERPRISE)
        self.session.flush()
        for one in every:
            if one.firm is None:
                continue
            if one.is_new:
                one.subject.enterprise_id = one.firm.id
            else:
                subjects.change(self.session, one.subject, subjects.FIRM, one.firm.id, at=self.now)
        self.session.add_all(one.subject for one in fresh if one.subject.kind != Kind.ENTERPRISE)
        self.session.flush()

    def _entries(self, every: Sequence[Writing]) -> None:
        by = log.By(self.who.id, self.now, self.batch.source, batch_id=self.batch.id)
        pairs = [(one.subject, entry) for one in every for entry in one.entries]
        stored = log.add_all(self.session, pairs, by=by, on=local_day(self.now))
        told = list(zip(pairs, stored, strict=True))
        shown = ((subject, number, entry) for (subject, entry), number in told if isinstance(entry, Event))
        evidence.show(self.session, ((subject, n, piece) for subject, n, entry in shown for piece in entry.evidence))
        points = (
            (subject.code, self._detail(entry, number))
            for (subject, entry), number in told
            if isinstance(entry, Event) and entry.cause != BEFORE_ENTRY and entry.kind is EventKind.POINT
        )
        audit.record_each(
            self.session, self.who, "event.point", points, object_kind="project", at=self.now,
            library=self.batch.library,
        )  # fmt: skip

    def _detail(self, event: Event, number: int) -> dict[str, Plain]:
        on = event.effective_on.isoformat()
        return {
            "event": f"{number:09d}", "point": event.point, "on": on, "source": event.source, "batch": self.batch.id,
        }  # fmt: skip
