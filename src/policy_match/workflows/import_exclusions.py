"""Take in the exclusion list of a source (`msjx exclusions`): entries are kept for ever, ended ones too.

A whole list (`is_whole`) also ends what it no longer holds, and says that its source was looked at today: paying asks
for that. A list of which a row was refused is not whole, for nobody knows whom that row names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from policy_match.entitlement.checklist import SURE
from policy_match.errors import Issue, UsageError
from policy_match.exchange.exclusion_file import Entry, read_exclusions
from policy_match.exchange.refusals import Refusal
from policy_match.facts.observations import Purpose
from policy_match.store import audit, exclusions
from policy_match.store.audit import Plain
from policy_match.store.case_tables import Exclusion, ExclusionCheck
from policy_match.store.tables import Actor
from policy_match.workflows.at_case import EXCLUDES
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import deciding_rulebook
from policy_match.workflows.read_records import View
from policy_match.workflows.write_entry import By, at_library_desk


@dataclass(frozen=True, slots=True)
class ExclusionList:
    """A file of one source; `is_whole`: it holds every entry that the source knows of."""

    file: Path
    source: str
    is_whole: bool


@dataclass(slots=True)
class Listed:
    """What became of a list. `checked`: it counts as a look into the whole list of its source."""

    new: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0
    checked: bool = False
    refusals: list[Refusal] = field(default_factory=list)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taking:
    """A list at work: whose it is, who brought it, and what has become of it so far."""

    session: Session
    who: Actor
    by: By
    source: str
    done: Listed


def import_exclusions(archive: Archive, asked: ExclusionList, by: By) -> Listed:
    """Keep the good rows and tell the bad ones.

    UsageError for an unreadable file, a source that there is not or whose data may not be used for paying; Forbidden
    CARE_ROLE. A row that says otherwise than the same record did before is refused EXCL_CHANGED.
    """
    with at_library_desk(archive, EXCLUDES, by) as (session, who):
        source = _source(archive, asked.source)
        view = View.of(by.today, None, by.now, Purpose.PAYOUT)
        ids = deciding_rulebook(session, archive.shelf, by.library, view).rulebook.ids
        read = read_exclusions(asked.file, archive.terms.exclusions, ids, by.today)
        taking = _Taking(session, who, by, source, Listed(refusals=[*read.refusals], notes=read.notes))
        held = exclusions.by_key(session, by.library)
        for number, entry in read.rows:
            _take(taking, number, entry, held.get(entry.key))
        if asked.is_whole and not taking.done.refusals:
            _check(taking, {entry.key for _, entry in read.rows}, held.values())
        _note(taking, asked, read.sha256)
        return taking.done


def _source(archive: Archive, written: str) -> str:
    """The code of a source that is sure enough and may be used for paying; UsageError SOURCE or EXCL_SOURCE."""
    registers = archive.vocabulary.sources
    fit = {
        code: one.name
        for code, one in registers.items()
        if one.confidence >= SURE and (not one.only_for or Purpose.PAYOUT in one.only_for)
    }
    code = written.strip().upper()
    if code in fit:
        return code
    allowed = "、".join(f"{key} {name}" for key, name in fit.items())
    if code in registers:
        what = f"{registers[code].name}的数据不能用来决定兑付"
        raise UsageError(Issue("EXCL_SOURCE", what, "--source", allowed, "改用列出的来源"))
    raise UsageError(Issue("SOURCE", f"不认识的来源“{written[:20]}”", "--source", allowed, "改用列出的来源"))


def _take(taking: _Taking, number: int, entry: Entry, row: Exclusion | None) -> None:
    done = taking.done
    if row is None:
        taking.session.add(_row(taking, entry))
        done.new += 1
    elif _said(row) != (entry.issuer, entry.basis, entry.since, entry.through, entry.measures, taking.source):
        done.refusals.append(_refusal(number, entry, row))
    elif row.ended_on != entry.ended_on:
        # Listed again after it was ended: whoever may be excluded is, until the source says otherwise.
        row.ended_on, row.ended_at = entry.ended_on, None if entry.ended_on is None else taking.by.now
        done.changed += 1
    else:
        done.same += 1


def _said(row: Exclusion) -> tuple[object, ...]:
    return row.issuer, row.basis, row.since, row.through, tuple(row.measures or ()), row.source


def _row(taking: _Taking, entry: Entry) -> Exclusion:
    by = taking.by
    return Exclusion(
        library=by.library, code=entry.code, kind=entry.kind, record=entry.record, issuer=entry.issuer,
        basis=entry.basis, since=entry.since, through=entry.through, ended_on=entry.ended_on,
        measures=[*entry.measures] or None, source=taking.source, recorded_at=by.now,
        ended_at=None if entry.ended_on is None else by.now, actor_id=taking.who.id,
    )  # fmt: skip


def _refusal(number: int, entry: Entry, row: Exclusion) -> Refusal:
    until = row.through or "无期限"
    what = f"这条记录以前报的不是这样：{row.issuer}，{row.basis}，{row.since} 至 {until}，来源 {row.source}"
    hint = "与列入机关核对；确已变更的，旧记录写修复日，另用新的记录号"
    return Refusal(number, "记录号", entry.record, "EXCL_CHANGED", what, "与以前相同，修复日除外", hint)


def _check(taking: _Taking, there: Collection[tuple[str, str, str]], before: Iterable[Exclusion]) -> None:
    """End what the whole list no longer holds, and note the look."""
    by, done = taking.by, taking.done
    for row in before:
        if row.source == taking.source and row.ended_on is None and (row.kind, row.code, row.record) not in there:
            row.ended_on, row.ended_at = by.today, by.now
            done.ended += 1
    check = ExclusionCheck(library=by.library, checked_at=by.now, source=taking.source, entries=len(there))
    check.actor_id = taking.who.id
    taking.session.add(check)
    taking.session.flush()
    done.checked = True


def _note(taking: _Taking, asked: ExclusionList, sha256: str) -> None:
    done = taking.done
    detail: dict[str, Plain] = {
        "file": asked.file.name, "sha256": sha256, "whole": done.checked, "new": done.new, "changed": done.changed,
        "same": done.same, "ended": done.ended, "refused": len({one.row for one in done.refusals}),
    }  # fmt: skip
    audit.record(
        taking.session, taking.who, "msjx.exclusions", object_kind="exclusions", object_id=taking.source,
        at=taking.by.now, library=taking.by.library, detail=detail,
    )  # fmt: skip
