"""The tables of the library. Rows of facts, events and audit are only ever added; a correction is a new row.

Money inside a value is whole 分, days are local dates, instants are UTC. `library` keeps the
real projects and the demonstration apart: no question asks both at once.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, MetaData, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from policy_match.store.types import Instant, RowId

CHANGES = "object_kind NOT IN ('access', 'delivery', 'matches', 'message', 'review')"
"""Of a row of the audit chain: whether it tells of a change of what is decided."""


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Actor(Base):
    """Somebody, or a job, that acts: with a role, a unit, and a scope (a region, or one firm)."""

    __tablename__ = "actors"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(30))
    unit: Mapped[str | None] = mapped_column(String(60))
    region: Mapped[str | None] = mapped_column(String(6))
    firm: Mapped[str | None] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_through: Mapped[date | None]


class Batch(Base):
    """One file taken in: the same file of the same source is taken once."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("library", "source", "file_sha256"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    received_at: Mapped[datetime] = mapped_column(Instant)
    rows: Mapped[int]
    refused: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class Subject(Base):
    """A project or an enterprise, one record in its library.

    `code`: what people call it by, 库内编号 or credit code. `survivor_id`: the record that it was merged into.
    `parent_id`: the project of which it is a phase; `in_parent`: the project's own figures hold those of the phase.
    `extra`: what its first source said in columns of its own, shown and never judged.
    `row_version` counts the writes of people: whoever saves an older
    one is told.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        UniqueConstraint("library", "code"),
        Index(None, "enterprise_id"),
        # Few were merged or are phases of another, and which those are is asked for with every record.
        *(
            Index(
                None, column, postgresql_where=text(f"{column} IS NOT NULL"), sqlite_where=text(f"{column} IS NOT NULL")
            )
            for column in ("survivor_id", "parent_id")
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str | None] = mapped_column(Text)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    survivor_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    in_parent: Mapped[bool] = mapped_column(default=False, server_default=false())
    extra: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Instant)
    row_version: Mapped[int] = mapped_column(default=1)
    held_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))


class Former(Base):
    """What stood in a column (`field`) of a subject before it was changed; a subject never changed has no row.

    `until`: the day from which the new value holds; `recorded_at`: when the change was made. Changes of one column
    follow each other in both.
    """

    __tablename__ = "former"
    __table_args__ = (Index(None, "subject_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    field: Mapped[str] = mapped_column(String(20))
    value: Mapped[str | int | bool | None] = mapped_column(JSON)
    until: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class Key(Base):
    """A number by which others know a subject; `kind` is open: a new kind needs no migration.

    Of the kinds that are `exclusive` one number belongs to one subject at a time. `ended_at`: when it was recorded
    that the number holds no longer.
    """

    __tablename__ = "keys"
    __table_args__ = (
        Index(
            "uq_keys_exclusive",
            "library",
            "kind",
            "value",
            unique=True,
            sqlite_where=text("exclusive AND valid_through IS NULL"),
            postgresql_where=text("exclusive AND valid_through IS NULL"),
        ),
        Index(None, "library", "kind", "value"),
        Index(None, "subject_id"),
        # Few end, and how many did tells whether any did lately (store/read_marks.py).
        Index(
            None, "ended_at", postgresql_where=text("ended_at IS NOT NULL"), sqlite_where=text("ended_at IS NOT NULL")
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(120))
    exclusive: Mapped[bool]
    source: Mapped[str] = mapped_column(String(10))
    received_at: Mapped[datetime] = mapped_column(Instant)
    valid_from: Mapped[date | None]
    valid_through: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Fact(Base):
    """One observation of one fact, as facts/observations.py describes it; `value` is canonical JSON (facts/stored.py).

    `row_hash` is of everything but the instant and the batch (store/facts.py): the same observation is kept once,
    and once more each time its source comes back to it.
    """

    __tablename__ = "facts"
    __table_args__ = (Index(None, "subject_id", "fact"), CheckConstraint("confidence BETWEEN 0 AND 100", "confidence"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    fact: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(10))
    record: Mapped[str | None] = mapped_column(String(120))
    observed_on: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_through: Mapped[date | None]
    received_at: Mapped[datetime] = mapped_column(Instant)
    confidence: Mapped[int]
    authorised_by: Mapped[str | None] = mapped_column(String(120))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    row_hash: Mapped[bytes] = mapped_column(unique=True)


class CurrentFacts(Base):
    """All observations of one subject that may still count, in one row: read for pages and matching.

    It follows from `facts` and can be rebuilt from it; tests hold the two equal.
    """

    __tablename__ = "current_facts"

    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"), primary_key=True)
    observations: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class SubjectWords(Base):
    """The words of a name or a text (`field`) of a subject as it is today, each once, with blanks between (store/words.py).

    `cut_by`: what cut the text into words. A row is never changed in place: the triggers of SQLite know only rows that
    come and go.
    """

    __tablename__ = "subject_words"
    __table_args__ = (UniqueConstraint("subject_id", "field"), Index(None, "cut_by"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    field: Mapped[str] = mapped_column(String(20))
    tokens: Mapped[str] = mapped_column(Text)
    cut_by: Mapped[str] = mapped_column(String(20))


class Log(Base):
    """One entry of the life of a project (or of its library): a point, a step, a visit, a ticket move, a quota entry, …

    `kind` names the sort of entry, `body` holds it as JSON (store/log.py); `effective_on` is when it took effect.
    `idempotency_key`: the same request sent again adds nothing.
    """

    __tablename__ = "log"
    __table_args__ = (Index(None, "subject_id", "kind"), Index(None, "library", "kind"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    kind: Mapped[str] = mapped_column(String(20))
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    source: Mapped[str] = mapped_column(String(10))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    body: Mapped[str] = mapped_column(Text)


class Doubt(Base):
    """Something that a person has to settle; once settled it is remembered and not asked again.

    `code`: what sort of doubt; `key`: what it is about, the same each time it comes up. `outcome`: the answer.
    """

    __tablename__ = "doubts"
    __table_args__ = (UniqueConstraint("library", "code", "key"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(200))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    what: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    outcome: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")


class Waiting(Base):
    """A record of a source that belongs to no project of the library yet; `body` is the row (store/waiting.py)."""

    __tablename__ = "waiting"
    __table_args__ = (Index(None, "library", "source"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    record: Mapped[str] = mapped_column(String(120))
    name: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    received_at: Mapped[datetime] = mapped_column(Instant)
    linked_at: Mapped[datetime | None] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(Text)


class Shown(Base):
    """A piece of evidence as it was shown with an entry of the log, so that its use for another project is seen."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "library", "kind", "number"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(120))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    log_id: Mapped[int] = mapped_column(ForeignKey("log.id"))


class Post(Base):
    """An appointment, or its confirmation on `checked_on`: 帮办 agent of a project, or liaison of a unit. Work names only.

    How long it lasts follows from the appointments after it (store/posts.py).
    """

    __tablename__ = "posts"
    __table_args__ = (Index(None, "library", "kind"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subjects.id"))
    holder: Mapped[str] = mapped_column(String(60))
    is_primary: Mapped[bool] = mapped_column(default=True)
    since: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    checked_on: Mapped[date]


class ClosedMonth(Base):
    """The frozen snapshot of a month; its text never changes, what is found later is a restatement."""

    __tablename__ = "closed_months"
    __table_args__ = (UniqueConstraint("library", "month"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    month: Mapped[str] = mapped_column(String(7))
    closed_at: Mapped[datetime] = mapped_column(Instant)
    closed_by: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)


class MonthReport(Base):
    """What came of the file of one district of one month, beside its batch, so that nothing of it is lost.

    `month`: YYYY-MM; `district`: code; `refusals`: the rows refused, each fault by the names of `Refusal`; `told`: what the
    file left to tell, line by line.
    """

    __tablename__ = "month_reports"
    __table_args__ = (UniqueConstraint("batch_id"), Index(None, "library", "month"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    library: Mapped[str] = mapped_column(String(10))
    month: Mapped[str] = mapped_column(String(7))
    district: Mapped[str] = mapped_column(String(6))
    refusals: Mapped[list[dict[str, str | int]]] = mapped_column(JSON)
    told: Mapped[list[str]] = mapped_column(JSON)


class RuleStop(Base):
    """A version of a measure stopped from a day on, or, where `stop_id` names a stop, that stop lifted from a day on.

    `since`: the first day on which the row counts; `source`: a document or an official address.
    """

    __tablename__ = "rule_stops"
    __table_args__ = (Index(None, "measure", "version"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    measure: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("rule_stops.id"), unique=True)
    since: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    reason: Mapped[str] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)


class KeptRelease(Base):
    """A release that was recorded: its manifest names every piece with the hash of its text. Never changed."""

    __tablename__ = "releases"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    engine: Mapped[str] = mapped_column(String(20))
    manifest: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class ReleaseText(Base):
    """The text of a piece, under its hash; releases share the texts that they have in common."""

    __tablename__ = "release_texts"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class ActivationRow(Base):
    """A release proposed to decide from a day on; only its two approvals are ever filled in.

    `difference`: what it changes, as JSON, by the subjects of the day of the proposal.
    """

    __tablename__ = "activations"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    library: Mapped[str] = mapped_column(String(10))
    release_hash: Mapped[str] = mapped_column(ForeignKey("releases.hash"))
    effective_from: Mapped[date]
    drafter: Mapped[str] = mapped_column(ForeignKey("actors.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    difference: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    first_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    first_at: Mapped[datetime | None] = mapped_column(Instant)
    second_by: Mapped[str | None] = mapped_column(ForeignKey("actors.id"))
    second_at: Mapped[datetime | None] = mapped_column(Instant)
    is_first: Mapped[bool] = mapped_column(server_default=false())


class Audit(Base):
    """What was done, by whom and when, chained: each row holds the hash of the one before it.

    `library`: the one that the object is of; None for what is of no library, and in rows older than the column.
    """

    __tablename__ = "audit"
    # Rows about signing in, reads, refusals, what was decided anew and what was sent change nothing that is decided: the
    # newest other one counts.
    __table_args__ = (
        Index(
            "ix_audit_changes",
            "seq",
            sqlite_where=text(CHANGES),
            postgresql_where=text(CHANGES),
        ),
    )

    seq: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(30))
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(120))
    library: Mapped[str | None] = mapped_column(String(10))
    result: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    trace_id: Mapped[str | None] = mapped_column(String(60))
    terminal: Mapped[str | None] = mapped_column(String(60))
    acts_for: Mapped[str | None] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64), unique=True)
