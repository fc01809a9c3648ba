"""Rows as a register's file gives them, taken in, acted upon and read back in the shortest form that tests can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

from policy_match.errors import PolicyMatchError
from policy_match.exchange.intake_rows import Firm, Intake, IntakeRow, ToldPoint
from policy_match.exchange.refusals import Refusal
from policy_match.facts.observations import Observation
from policy_match.facts.read import read_text_cell
from policy_match.facts.subjects import Kind
from policy_match.identifiers import Given, check_project_code
from policy_match.lifecycle.events import Evidence
from policy_match.lifecycle.words import EventKind
from policy_match.store import audit, doubts, subjects
from policy_match.store.tables import Audit, Base
from policy_match.workflows.advance_project import Advance, advance_project
from policy_match.workflows.move_aside import Aside, move_aside
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, read_record
from policy_match.workflows.record_event import Recorded
from policy_match.workflows.take_in import Delivery, Taken, take_in

LIBRARY = "real"
NOW = datetime(2025, 3, 31, 2, tzinfo=UTC)
"""10:00 in Changzhou, 2025-03-31: the clock of the scenarios."""
E1, E2, E3, E4 = "91320412MAYYYY0160", "91320411MAYYYY024C", "91320402MAYYYY0326", "91320413MAYYYY040Y"
CODE, LATER_CODE = "2409-320412-89-01-100011", "2503-320412-89-01-100029"
PROOF = {
    "SIGNED": "投资协议",
    "APPROVED": "备案证",
    "STARTED": "施工许可证 现场照片",
    "COMPLETED": "联合竣工验收意见书",
    "PRODUCING": "销售发票",
}
_NUMBERS = count()
_EMPTIED = """DO $$
DECLARE
    one text;
    is_filled boolean;
    filled text[];
BEGIN
    FOREACH one IN ARRAY ARRAY[{tables}] LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || one || ')' INTO is_filled;
        IF is_filled THEN
            filled := filled || one;
        END IF;
    END LOOP;
    IF filled IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE';
    END IF;
    PERFORM setval(sequencename::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$"""


def emptied(archive: Archive) -> None:
    """Take everything out of an archive on PostgreSQL but those who may act, and count from 1 again.

    Only tables with something in them are truncated: PostgreSQL makes new files for every table and index that is.
    """
    tables = [f"'{table}'" for table in Base.metadata.tables if table != "actors"]
    with archive.database.engine.begin() as connection:
        connection.exec_driver_sql(_EMPTIED.format(tables=", ".join(tables)))


def day(text: str) -> date:
    """A day of a text."""
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """10:00 in Changzhou on a day."""
    return datetime.combine(day(text), NOW.timetz())


def proof(kinds: str, of: str) -> tuple[Evidence, ...]:
    """Pieces of evidence of these kinds, with numbers of their own."""
    return tuple(Evidence(kind, f"{of}-{kind}") for kind in kinds.split())


def point(name: str, on: str, of: str = "甲", *, shown: str | None = None) -> ToldPoint:
    """A point that a source tells of, with the evidence that it needs unless other kinds are named."""
    return ToldPoint(name, day(on), proof(PROOF[name] if shown is None else shown, of))


def seen(
    archive: Archive, fact: str, text: str, source: str = "DISTRICT", when: datetime = NOW, **more: object
) -> Observation:
    """What a source says of a fact on a day, in the words of a file."""
    value = read_text_cell(archive.vocabulary[fact], text, None, archive.vocabulary)
    assert value is not None
    made = Observation(fact, value, source, when.date(), when, confidence=archive.vocabulary.confidence(fact, source))
    return replace(made, **more)  # type: ignore[arg-type]


def row(
    archive: Archive,
    name: str | None = "示范电池项目",
    *,
    number: int = 2,
    uscc: str | None = E1,
    firm: str | None = "示范电池有限公司",
    code: str | None = CODE,
    points: Sequence[ToldPoint] = (),
    source: str = "DISTRICT",
    when: datetime = NOW,
    facts: dict[str, str] | None = None,
    **more: object,
) -> IntakeRow:
    """A row about a project in 武进 of 新招引 with 12亿元, unless it says otherwise."""
    told = {"district": "320412", "project_kind": "新招引", "total_investment": "12亿元"} if facts is None else facts
    made = IntakeRow(
        row=number,
        kind=Kind.PROJECT,
        code=None,
        name=name,
        keys=() if code is None else (Given(subjects.PROJECT_CODE, check_project_code(code)),),
        firm=None if uscc is None and firm is None else Firm(uscc, firm),
        observations=tuple(seen(archive, fact, text, source, when) for fact, text in told.items()),
        points=tuple(points),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def firm_row(archive: Archive, uscc: str, name: str, when: datetime = NOW, **facts: str) -> IntakeRow:
    """A row of the enterprise archives."""
    told = tuple(seen(archive, fact, text, "ENT", when) for fact, text in facts.items())
    return IntakeRow(2, Kind.ENTERPRISE, None, name, (), Firm(uscc, name), firm_observations=told)


def taken(
    archive: Archive,
    *rows: IntakeRow,
    source: str = "DISTRICT",
    when: datetime = NOW,
    file: str | None = None,
    library: str = LIBRARY,
    refused: Sequence[Refusal] = (),
    is_whole: bool = False,
    may_shrink: bool = False,
) -> Taken:
    """Rows taken in as one file of a source; `file`: its hash, else a file never seen before."""
    intake = Intake(rows, tuple(refused), (), file or f"{source}-{next(_NUMBERS)}")
    delivery = Delivery(source, f"{source}.csv", intake, "importer", is_whole=is_whole, may_shrink=may_shrink)
    return take_in(archive, library, delivery, when)


def with_signed(archive: Archive, library: str = LIBRARY) -> None:
    """A project that was signed on 2024-09-20."""
    taken(archive, row(archive, points=[point("SIGNED", "2024-09-20")]), library=library)


def codes(archive: Archive, kind: str = "project", library: str = LIBRARY) -> list[str]:
    """The codes of all subjects of a kind."""
    with archive.database.reading() as session:
        return [one.code for one in subjects.every(session, library, kind)]


def read(
    archive: Archive, code: str, as_of: str = "2025-03-31", *, known_at: datetime | None = None, library: str = LIBRARY
) -> Record:
    """A project as it stands on a day, by what is known on 2025-03-31 or was known at an instant."""
    with archive.database.reading() as session:
        return read_record(session, archive, library, code, View.of(day(as_of), known_at, NOW))


def advance(
    archive: Archive,
    code: str,
    name: str,
    on: str,
    by: str,
    *,
    now: datetime = NOW,
    shown: str | None = None,
    facts: dict[str, str] | None = None,
    cause: str = "",
    seen: int | None = None,
    key: str | None = None,
    library: str = LIBRARY,
    source: str = "DEPT",
) -> Recorded:
    """Move a project to a point with the evidence that it needs, unless other kinds are named."""
    evidence = proof(PROOF[name] if shown is None else shown, f"{code}-{name}")
    asked = Advance(code, (name,), (day(on),), evidence, facts, cause, source=source)
    return advance_project(archive, library, asked, by=by, now=now, seen=seen, key=key)


def pause(archive: Archive, code: str, by: str, *, seen: int | None = None, on: str = "2025-03-30") -> Recorded:
    """Pause a project as the table asks for it."""
    aside = Aside(code, EventKind.PAUSE, day(on), proof("停工报告", code), "用地", expected_on=day("2025-06-01"))
    return move_aside(archive, LIBRARY, aside, by=by, now=NOW, seen=seen)


def told(error: PolicyMatchError) -> set[str]:
    """The codes of the faults of an error."""
    return {issue.code for issue in error.issues}


def asked(archive: Archive, library: str = LIBRARY) -> list[str]:
    """The codes of what people are asked."""
    with archive.database.reading() as session:
        return [doubt.code for doubt in doubts.still_open(session, library)]


def doubt_number(archive: Archive, code: str) -> int:
    """The number of the one open question of a sort."""
    with archive.database.reading() as session:
        (found,) = [doubt.id for doubt in doubts.still_open(session, LIBRARY) if doubt.code == code]
    return found


def audited(archive: Archive, action: str) -> list[Audit]:
    """The rows of the audit chain about one sort of act."""
    with archive.database.reading() as session:
        assert audit.first_break(session) is None
        return [line for line in session.query(Audit).order_by(Audit.seq) if line.action == action]
