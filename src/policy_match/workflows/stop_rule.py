"""Stop a version of a measure, or put it back: at once, by whoever may, as a record in the audit chain.

Nothing of the rule file changes. A stop made for the real library counts everywhere; one made for the
demonstration library counts there alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlalchemy.orm import Session

from policy_match.dates import local_day
from policy_match.eligibility.documents import OFFICIAL_URL
from policy_match.eligibility.rulebook import Rule, Rulebook
from policy_match.eligibility.stops import Stop
from policy_match.errors import Conflict, Issue, NotFound, UsageError
from policy_match.store import audit, rule_stops
from policy_match.store.tables import Actor, RuleStop
from policy_match.workflows.match_file import unknown_measure
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.write_entry import By, at_library_desk, said

ACTION = "rule_stop"
_Desk: TypeAlias = tuple[Session, Actor, Rule]


@dataclass(frozen=True, slots=True)
class NewStop:
    """What is asked. `since` None: today; `source`: id of a registered document or an address under gov.cn."""

    measure: str
    version: int
    reason: str
    since: date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class NewLift:
    """What is asked: the version counts again from today."""

    measure: str
    version: int
    reason: str


def stop_rule(archive: Archive, rulebook: Rulebook, asked: NewStop, by: By) -> RuleStop:
    """Stop a version.

    UsageError for an unknown measure or version, an empty reason or another sort of source; Conflict
    RULE_STOPPED if it is stopped already; Forbidden CARE_ROLE.
    """
    reason, source = said(asked.reason, "原因", "--reason"), _source(asked.source, rulebook)
    with _at_desk(archive, rulebook, (asked.measure, asked.version), by) as (session, who, rule):
        _not_stopped(session, rule, by.library)
        row = _row(rule, asked.since or by.today, reason, who, by)
        row.source = source
        return _write(session, row, who, "rule.stop")


def lift_rule(archive: Archive, rulebook: Rulebook, asked: NewLift, by: By) -> RuleStop:
    """Put a stopped version back from today.

    UsageError for an unknown measure or version or an empty reason; Conflict RULE_NOT_STOPPED if the library
    holds no stop of it; Forbidden CARE_ROLE.
    """
    reason = said(asked.reason, "原因", "--reason")
    with _at_desk(archive, rulebook, (asked.measure, asked.version), by) as (session, who, rule):
        stop = rule_stops.standing(session, by.library, _key(rule))
        if stop is None:
            what = f"{rule.measure.title}第 {rule.measure.version} 版没有停用"
            raise Conflict(Issue("RULE_NOT_STOPPED", what, rule.measure.key, "停用中的版本", "先看 rules stops"))
        row = _row(rule, by.today, reason, who, by)
        row.stop_id = stop.id
        return _write(session, row, who, "rule.lift")


@contextmanager
def _at_desk(archive: Archive, rulebook: Rulebook, asked: tuple[str, int], by: By) -> Iterator[_Desk]:
    rule = _version(rulebook, *asked)
    with at_library_desk(archive, ACTION, by, about=rule.measure.key) as (session, who):
        require_own(archive, rule, who, ACTION, "停用和恢复")
        yield session, who, rule


def _version(rulebook: Rulebook, measure: str, version: int) -> Rule:
    if measure not in rulebook.ids:
        raise unknown_measure(measure, rulebook.ids, "编号")
    versions = rulebook.versions(measure)
    for rule in versions:
        if rule.measure.version == version:
            return rule
    known = "、".join(str(rule.measure.version) for rule in versions)
    raise NotFound(Issue("VERSION_UNKNOWN", f"{measure} 没有第 {version} 版", "--version", known, "改用列出的版本"))


def _source(written: str | None, rulebook: Rulebook) -> str | None:
    """A registered document or an official address, as written; None where nothing was."""
    text = (written or "").strip()
    if not text:
        return None
    if text in rulebook.documents or OFFICIAL_URL.fullmatch(text):
        return text
    what = f"“{text[:60]}”不是登记的文件，也不是政府网站的网址"
    raise UsageError(Issue("RULE_SOURCE", what, "--source", "文件编号，或 *.gov.cn 的网址", "改正，或不写"))


def _not_stopped(session: Session, rule: Rule, library: str) -> None:
    found = rule_stops.standing(session, library, _key(rule))
    if found is not None:
        what = f"{rule.measure.title}第 {rule.measure.version} 版{told(found)}"
        raise Conflict(Issue("RULE_STOPPED", what, rule.measure.key, "没有停用的版本", "要恢复用 rules lift"))


def told(stop: Stop) -> str:
    """What a stop says of itself, with the day on which it was recorded."""
    return f"{stop.text}；{local_day(stop.recorded_at)} 登记"


def _key(rule: Rule) -> tuple[str, int]:
    return rule.id, rule.measure.version


def _row(rule: Rule, since: date, reason: str, who: Actor, by: By) -> RuleStop:
    return RuleStop(
        library=by.library, measure=rule.id, version=rule.measure.version, since=since, recorded_at=by.now,
        actor_id=who.id, reason=reason,
    )  # fmt: skip


def _write(session: Session, row: RuleStop, who: Actor, action: str) -> RuleStop:
    kept = rule_stops.add(session, row)
    audit.record(
        session, who, action, object_kind="rule", object_id=f"{row.measure}.v{row.version}", at=row.recorded_at,
        reason=row.reason, library=row.library,
        detail={
            "library": row.library, "since": row.since.isoformat(), "source": row.source, "id": kept.id,
            "stop": row.stop_id,
        },
    )  # fmt: skip
    return kept
