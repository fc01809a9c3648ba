"""Let held messages go, or stop them: the first matches of a new version once somebody looked at them, a run that would have
told far more than usual (domain specification §5.6). Each decision names the person and stands in the audit chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from policy_match.eligibility.rulebook import Rule
from policy_match.errors import Conflict, Forbidden, Issue, NotFound
from policy_match.push.value import sample_size
from policy_match.push.words import MessageState, Withheld
from policy_match.store import audit, messages
from policy_match.store.push_tables import Message, PushRun
from policy_match.store.tables import Actor
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.open_release import rulebook_in_force
from policy_match.workflows.own_measure import require_own
from policy_match.workflows.queue_messages import note_messages
from policy_match.workflows.read_records import View
from policy_match.workflows.review_rights import REVIEWS
from policy_match.workflows.send_waiting import Sent, in_order, send_looked_at
from policy_match.workflows.write_entry import By, at_library_desk, said

HINT = "用 push held list 查看"


class Outcome(StrEnum):
    """What somebody decides about what is held."""

    RELEASE = "release"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """The held messages of a new version, the most valuable first. `sample`: how many subjects somebody has to look at."""

    measure: str
    version: int
    messages: Sequence[Message]
    sample: int


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that waits for a person: versions by id, runs the oldest first."""

    versions: Sequence[HeldVersion]
    runs: Sequence[PushRun]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided. `seen`: how many messages were held when the person looked; more of them are not let go unseen."""

    outcome: Outcome
    seen: int
    reason: str


def list_held(session: Session, library: str) -> Held:
    """What is held in a library."""
    found: dict[tuple[str, int], list[Message]] = {}
    for row in messages.in_state(session, library, MessageState.HELD):
        if row.run_id is None and row.measure is not None and row.version is not None:
            found.setdefault((row.measure, row.version), []).append(row)
    known = messages.matches_of(session, library, {measure for measure, _ in found})
    versions = [
        HeldVersion(*version, in_order(rows), min(sample_size(sum(known.get(version, (0, 0)))), _subjects(rows)))
        for version, rows in sorted(found.items())
    ]
    return Held(versions, messages.held_runs(session, library))


def decide_held(archive: Archive, target: str, asked: Decision, by: By) -> Sent:
    """Decide what people name as in `push held list`: `措施.v2`, or the number of a run. Errors as of the two below."""
    measure, mark, version = target.strip().rpartition(".v")
    if mark and version.isdigit():
        return decide_version(archive, measure, int(version), asked, by)
    if target.strip().isdigit():
        return decide_run(archive, int(target), asked, by)
    allowed = "措施.v版本，或批次编号"
    raise NotFound(Issue("HELD_UNKNOWN", f"没有等人放行的“{target[:60]}”", "目标", allowed, HINT))


def decide_version(archive: Archive, measure: str, version: int, asked: Decision, by: By) -> Sent:
    """Let the first matches of a version go after looking at them, or stop them.

    NotFound HELD_UNKNOWN; Conflict HELD_CHANGED; UsageError without a reason; Forbidden CARE_ROLE for whose measure it is not.
    """
    reason = said(asked.reason, "原因", "--reason")
    about = f"{measure}.v{version}"
    with at_library_desk(archive, REVIEWS, by, about=about) as (session, who):
        require_own(archive, _rule(archive, measure, version, by), who, REVIEWS, "首批抽查")
        held = {(one.measure, one.version): one for one in list_held(session, by.library).versions}.get(
            (measure, version)
        )
        if held is None:
            raise NotFound(Issue("HELD_UNKNOWN", f"{about} 没有等人放行的消息", "编号", "", HINT))
        _require_seen(asked, held.messages, about)
        _audit(session, who, "version", about, (asked, reason, len(held.messages)), by)
        return _decided(session, archive, (held.messages, None), asked, by)


def decide_run(archive: Archive, number: int, asked: Decision, by: By) -> Sent:
    """Let a held run go, or stop it. It is of the whole city: whoever has only an area leaves it to the departments.

    NotFound HELD_UNKNOWN; Conflict HELD_CHANGED; UsageError without a reason; Forbidden CARE_ROLE.
    """
    reason = said(asked.reason, "原因", "--reason")
    with at_library_desk(archive, REVIEWS, by, about=f"批次 {number}") as (session, who):
        if archive.table.roles[who.role].own_area:
            raise Forbidden(
                Issue("CARE_ROLE", f"“{who.name}”只办本地区的事，批次是全市的", "--by", "市级单位", "请市级单位放行")
            )
        run = messages.run(session, by.library, number)
        if run is None or not run.held or run.decided_at is not None:
            raise NotFound(Issue("HELD_UNKNOWN", f"没有等人放行的第 {number} 批", "编号", "", HINT))
        rows = [row for row in messages.of_run(session, number) if row.state == MessageState.HELD]
        _require_seen(asked, rows, f"第 {number} 批")
        run.decided_by, run.decided_at, run.held = who.id, by.now, asked.outcome is Outcome.CANCEL
        _audit(session, who, "run", str(number), (asked, reason, len(rows)), by)
        return _decided(session, archive, (rows, run), asked, by)


def _decided(
    session: Session, archive: Archive, held: tuple[Sequence[Message], PushRun | None], asked: Decision, by: By
) -> Sent:
    rows, run = held
    if asked.outcome is Outcome.RELEASE:
        return send_looked_at(session, archive, by.library, rows, by.now, run)
    for row in rows:
        row.state, row.withheld = MessageState.CANCELLED.value, Withheld.WITHDRAWN.value
    session.flush()
    note_messages(session, by.library, "message.cancel", rows, by.now)
    return Sent(suppressed=len(rows))


def _rule(archive: Archive, measure: str, version: int, by: By) -> Rule:
    """The version, or where the rules have it no more another one of the measure; NotFound without any."""
    book = rulebook_in_force(archive, by.library, View(by.today))
    if measure not in book.ids:
        raise NotFound(Issue("HELD_UNKNOWN", f"规则里没有措施“{measure[:60]}”", "目标", "", HINT))
    versions = book.versions(measure)
    return next((rule for rule in versions if rule.measure.version == version), versions[-1])


def _require_seen(asked: Decision, rows: Sequence[Message], about: str) -> None:
    if asked.seen != len(rows):
        what = f"{about} 现在有 {len(rows)} 条等人放行，您看到的是 {asked.seen} 条"
        raise Conflict(Issue("HELD_CHANGED", what, "--seen", str(len(rows)), "重新看过再办"))


def _audit(session: Session, who: Actor, kind: str, about: str, decided: tuple[Decision, str, int], by: By) -> None:
    asked, reason, count = decided
    audit.record(
        session, who, f"push.{asked.outcome}", object_kind="message", object_id=f"{kind}/{about}", at=by.now,
        library=by.library, reason=reason, detail={"messages": count},
    )  # fmt: skip


def _subjects(rows: Sequence[Message]) -> int:
    return len({row.subject_id for row in rows})
