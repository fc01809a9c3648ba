"""Projects that are pushed by themselves, matched and told, in the shortest form that tests can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pushing import HANDLER, contact, person
from reviewing import EQ, by, code_named, ordering_of
from rows import E1, LIBRARY, row, seen, taken
from sqlalchemy import select
from sqlalchemy.orm import Session

from policy_match.exchange.intake_rows import ToldPoint
from policy_match.push.words import MessageState
from policy_match.store import audit
from policy_match.store import facts as stored_facts
from policy_match.store.push_tables import Delivery, Message
from policy_match.store.subjects import by_code
from policy_match.store.tables import Subject
from policy_match.workflows.announce_changes import announce_changes
from policy_match.workflows.open_archive import Archive
from policy_match.workflows.rematch import Rematching
from policy_match.workflows.send_waiting import Sent, send_waiting

FIRM = "示范设备有限公司"
LIKE = 0.1
"""A likeness of texts by which the match is near enough to go out by itself."""
SMALL = {"total_investment": "5000万元", "track": "低空经济"}
_SURE = {"stage": "GG", "district": "TZXM", "total_investment": "TZXM", "industry_code": "TZXM", "track": "TZXM"}


def sure_project(
    archive: Archive, name: str = "示范设备项目", *, uscc: str = E1, firm: str = FIRM, points: Sequence[ToldPoint] = (),
    code: str | None = None, **facts: str,
) -> str:  # fmt: skip
    """A project of 武进 of whose facts nobody has doubts, so that its match goes out by itself; its code."""
    when = by("importer", "08:00").now
    size = facts.pop("enterprise_size", "medium")
    told = {"district": "320412", "stage": "开工", "total_investment": "12亿元", "industry_code": "3670"} | facts
    made = row(archive, name, uscc=uscc, firm=firm, code=code, when=when, facts={}, points=points)
    observations = tuple(seen(archive, fact, text, _SURE[fact], when) for fact, text in told.items() if text)
    sized = (seen(archive, "enterprise_size", size, "ENT", when),)
    taken(archive, replace(made, observations=observations, firm_observations=sized), when=when)
    return code_named(archive, name)


@dataclass
class Telling:
    """An archive whose changes are announced, with somebody to tell."""

    archive: Archive
    like: float = LIKE
    rematching: Rematching = field(init=False)

    def __post_init__(self) -> None:
        self.rematching = Rematching(self.archive, announce_changes, ordering_of(self.archive, self.like))

    def match(self, at: datetime) -> int:
        """Everything decided and announced; how many pairs changed."""
        changed = 0
        while True:
            found = self.rematching.rematch(LIBRARY, at)
            changed += found.changed
            if not found.more:
                return changed

    def send(self, at: datetime) -> Sent:
        """What waits, sent."""
        with self.archive.database.writing() as session:
            audit.take_turn(session)
            return send_waiting(session, self.archive, LIBRARY, at)

    def sampled(self, measure: str = EQ, version: int = 1) -> None:
        """A version that was looked at long ago: twenty other subjects were told of it."""
        with self.archive.database.writing() as session:
            session.add_all([past_match(session, measure, version, number) for number in range(20)])

    def told(self, *states: MessageState, recipient: str = HANDLER) -> list[Message]:
        """The messages of somebody in some states, all without one, the oldest first."""
        with self.archive.database.reading() as session:
            asked = select(Message).where(Message.recipient_id == recipient).order_by(Message.id)
            asked = asked.where(Message.dedup_key.not_like("past%"))
            return [row for row in session.scalars(asked) if not states or row.state in states]

    def deliveries(self) -> list[Delivery]:
        """Every delivery, the oldest first."""
        with self.archive.database.reading() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def past_match(session: Session, measure: str, version: int, number: int) -> Message:
    """A message about a version to another firm, from long ago."""
    when = by("importer", on="2024-10-01").now
    stranger = Subject(
        library=LIBRARY, code=f"past-{number}", kind="enterprise", name=f"示范旧企业{number}", extra={}, created_at=when,
        row_version=1,
    )  # fmt: skip
    session.add(stranger)
    session.flush()
    return Message(
        library=LIBRARY, dedup_key=f"past{measure}{version}{number}", recipient_id="importer", subject_id=stranger.id,
        measure=measure, version=version, trigger="TR4", content="match", topic="奖补", mandatory=False, template="match",
        template_version=1, title="", body="", short="", why="", state="out", made_at=when,
    )  # fmt: skip


def begun(
    archive: Archive, *, with_contact: bool = True, more: Mapping[str, str] | None = None, **facts: str
) -> tuple[str, Telling]:
    """A project of a firm with a handler, matched once while it was too small: nothing was told."""
    code = sure_project(archive, **(SMALL | facts | dict(more or {})))
    if with_contact:
        person(archive)
        contact(archive)
    telling = Telling(archive)
    telling.match(by("importer").now)
    return code, telling


def tell(archive: Archive, code: str, when: datetime, **facts: str) -> None:
    """What the registers say of a project from now on."""
    with archive.database.writing() as session:
        subject = by_code(session, LIBRARY, code)
        assert subject is not None
        seen_now = [seen(archive, fact, text, _SURE[fact], when) for fact, text in facts.items()]
        stored_facts.keep(session, {subject.id: seen_now}, archive.vocabulary, actor_id="importer", batch_id=None)
