"""One look-back as it stands: each conclusion drawn, with what is recorded behind it and what was found.

What the table asks for at a point is put beside what is there, and the day that other sources tell beside the recorded
one. Read anew each time: a correction that was made since is seen, and nothing is changed by reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.dispatch.look_back import LookBackRules, Proposal, Result
from policy_match.errors import Issue, NotFound
from policy_match.lifecycle.events import Event
from policy_match.lifecycle.moves import lacking_evidence
from policy_match.lifecycle.table import LifecycleTable
from policy_match.lifecycle.words import CORRECTIONS
from policy_match.store import look_backs, subjects
from policy_match.store.actors import names
from policy_match.store.look_back_tables import LookBack, LookBackFinding
from policy_match.units import Band
from policy_match.workflows.choose_district import Area
from policy_match.workflows.draw_look_back import look_back_rules
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.read_records import Record, View, read_records
from policy_match.workflows.show_project import source_text


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at a conclusion. `true_on`: the day that was found, with a wrong one; `is_corrected`: the record was
    corrected, or withdrawn, after the finding; `ticket`: its number, None where none was opened."""

    result: Result
    true_on: date | None
    visited_on: date | None
    note: str
    evidence: tuple[str, ...]
    proposal: Proposal | None
    is_corrected: bool
    ticket: str | None
    actor: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Drawn:
    """One conclusion of the sample. `on`: the day recorded when it was drawn, `now_on`: the one that holds, None if it was
    withdrawn; `evidence`: as recorded; `lacking`: what the table asks for beside it; `others`: the days that other
    sources tell; `row_version`: of the project."""

    district: str | None
    project: str
    name: str
    event: str
    point: str
    point_name: str
    on: date
    now_on: date | None
    evidence: tuple[str, ...]
    lacking: tuple[str, ...]
    others: tuple[str, ...]
    row_version: int
    found: Found | None

    @property
    def differs(self) -> bool:
        """Whether something was found against the record."""
        return self.found is not None and self.found.result.differs

    @property
    def waits(self) -> bool:
        """Whether a correction is asked for that nobody has confirmed yet."""
        return self.found is not None and self.found.proposal is not None and not self.found.is_corrected


@dataclass(frozen=True, slots=True)
class LookBackShown:
    """A look-back. `share`, `at_least`: by which it was drawn; `drawn`: of the area that was asked for, in the order of the draw."""

    number: int
    seed: int
    as_of: date
    by: str
    drawn_at: datetime
    share: Fraction
    at_least: int
    drawn: tuple[Drawn, ...]


def read_look_back(
    archive: Archive, library: str, number: int | None, now: datetime, area: Area | None = None
) -> LookBackShown:
    """One look-back, the newest without a number; NotFound LOOK_BACK_UNKNOWN, LOOK_BACK_NONE."""
    rules = look_back_rules(archive)
    with archive.database.reading() as session:
        row = look_back_row(session, library, number)
        found, people = look_backs.findings(session, row.id), names(session)
        sample = [one for one in row.sample if area is None or (one["district"] or None) == area.district]
        records = drawn_records(session, archive, library, sample, View(local_day(now)))
    return LookBackShown(
        number=row.id,
        seed=row.seed,
        as_of=row.as_of,
        by=people.get(row.actor_id, row.actor_id),
        drawn_at=row.drawn_at,
        share=Fraction(row.asked["share"]),
        at_least=int(row.asked["at_least"]),
        drawn=tuple(
            _drawn(one, records[one["project"]], found.get(one["event"]), _Words(archive, rules, people))
            for one in sample
        ),
    )


def look_back_row(session: Session, library: str, number: int | None) -> LookBack:
    """The row of a look-back, the newest without a number; NotFound LOOK_BACK_UNKNOWN, LOOK_BACK_NONE."""
    if number is None:
        newest = next(iter(look_backs.every(session, library)), None)
        if newest is None:
            raise NotFound(Issue("LOOK_BACK_NONE", "还没有做过回头看", library, "", "由市发改委先抽样：写一个随机种子"))
        return newest
    found = look_backs.by_number(session, library, number)
    if found is None:
        known = "、".join(str(row.id) for row in look_backs.every(session, library))
        raise NotFound(Issue("LOOK_BACK_UNKNOWN", f"没有第 {number} 号回头看", library, known or "还没有", "核对编号"))
    return found


def drawn_of(row: LookBack, project: str, point: str, table: LifecycleTable) -> Mapping[str, str]:
    """A conclusion of the sample by project and point (id or name); NotFound LOOK_BACK_DRAWN with those of the project."""
    own = [one for one in row.sample if one["project"] == project]
    found = next((one for one in own if point.strip() in (one["point"], table.name(one["point"]))), None)
    if found is None:
        raise _not_drawn(row.id, project, point, [table.name(one["point"]) for one in own])
    return found


def one_of(shown: LookBackShown, project: str, point: str) -> Drawn:
    """The same of a look-back that was read."""
    own = [one for one in shown.drawn if one.project == project]
    found = next((one for one in own if point.strip() in (one.point, one.point_name)), None)
    if found is None:
        raise _not_drawn(shown.number, project, point, [one.point_name for one in own])
    return found


def _not_drawn(number: int, project: str, point: str, names: Sequence[str]) -> NotFound:
    what = f"第 {number} 号回头看没有抽到“{point[:20]}”"
    return NotFound(Issue("LOOK_BACK_DRAWN", what, project, "、".join(names) or "这个项目没有抽到", "只核查抽到的结论"))


def drawn_records(
    session: Session, archive: Archive, library: str, sample: Sequence[Mapping[str, str]], view: View
) -> dict[str, Record]:
    """The projects of a sample as they stand for a view, by code."""
    ids = subjects.ids_of(session, library, sorted({one["project"] for one in sample}))
    rows = [*subjects.by_ids(session, ids).values()]
    return {record.code: record for record in read_records(session, archive, rows, view)}


@dataclass(frozen=True, slots=True)
class _Words:
    archive: Archive
    rules: LookBackRules
    people: Mapping[str, str]


def _drawn(one: Mapping[str, str], record: Record, row: LookBackFinding | None, words: _Words) -> Drawn:
    archive, table = words.archive, words.archive.table
    event = record.state.event(one["event"])
    return Drawn(
        district=one["district"] or None,
        project=record.code,
        name=record.name,
        event=one["event"],
        point=one["point"],
        point_name=table.name(one["point"]),
        on=date.fromisoformat(one["on"]),
        now_on=None if event is None else event.effective_on,
        evidence=() if event is None else tuple(f"{piece.kind} {piece.id}" for piece in event.evidence),
        lacking=() if event is None else lacking_evidence(event, record.state, table, record.variant),
        others=() if event is None else tuple(_others(event, record, archive)),
        row_version=record.row_version,
        found=None if row is None else _found(row, record, words),
    )


def _others(event: Event, record: Record, archive: Archive) -> Iterator[str]:
    """Days that other sources tell of the point."""
    fact = archive.table.point(event.point or "").fact
    for other in () if fact is None else record.fact(fact).against:
        if isinstance(other.value, Band) and other.value.is_exact and other.value.low is not None:
            yield f"{source_text(other.source, archive.vocabulary)}：{date.fromordinal(int(other.value.low))}"


def _found(row: LookBackFinding, record: Record, words: _Words) -> Found:
    later = [one for one in record.log if one.kind in CORRECTIONS and one.supersedes == row.event]
    return Found(
        # A result that the rules no longer name was against the record if it opened anything.
        result=words.rules.result(row.result) or Result(row.result, row.result, row.ticket is not None),
        true_on=row.true_on,
        visited_on=row.visited_on,
        note=row.note,
        evidence=tuple(f"{piece['kind']} {piece['id']}" for piece in row.evidence),
        proposal=None if row.proposal is None else Proposal(row.proposal),
        is_corrected=any(one.recorded_at > row.at for one in later),
        ticket=row.ticket,
        actor=row.actor_id,
        by=words.people.get(row.actor_id, row.actor_id),
        at=row.at,
    )
