"""Records that are older than they have to be are deleted, to the day, and how many is told; a file cannot name anything else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rows import at
from sqlalchemy import select

from policy_match.access.tokens import hash_of
from policy_match.authoring.retention_file import load_retention
from policy_match.dates import Period
from policy_match.errors import RuleError
from policy_match.store.push_tables import Attempt, Delivery, Message
from policy_match.store.tables import Audit
from policy_match.workflows.drop_old import drop_old
from policy_match.workflows.open_archive import Archive

ROOT = Path(__file__).resolve().parents[2]
NOW = at("2026-03-10")
EDGE = datetime.fromisoformat("2024-03-10T00:00:00+08:00")


def attempts(archive: Archive, *instants: datetime) -> None:
    """A delivery with a try at each instant."""
    with archive.database.writing() as session:
        message = Message(
            library="real", dedup_key="0" * 64, recipient_id="data", trigger="TR1", content="match", topic="奖补",
            mandatory=False, template="match", template_version=1, title="示范", body="示范", short="示范", why="示范",
            state="out", made_at=NOW,
        )  # fmt: skip
        session.add(message)
        session.flush()
        delivery = Delivery(
            library="real", message_id=message.id, channel="gateway", client_msg_id=hash_of("x")[:40], state="sent",
            due_at=NOW, changed_at=NOW,
        )  # fmt: skip
        session.add(delivery)
        session.flush()
        for number, instant in enumerate(instants, start=1):
            session.add(Attempt(delivery_id=delivery.id, number=number, at=instant, state="sent", outcome="示范"))


def left(archive: Archive) -> list[int]:
    with archive.database.reading() as session:
        return sorted(session.scalars(select(Attempt.number)))


def test_what_is_older_than_two_years_goes_and_what_is_a_day_younger_stays(archive: Archive) -> None:
    attempts(archive, EDGE - timedelta(days=400), EDGE - timedelta(seconds=1), EDGE, NOW)

    assert drop_old(archive, NOW) == {"消息逐次发送的记录": 2}

    assert left(archive) == [3, 4]
    with archive.database.reading() as session:
        assert session.query(Message).count() == session.query(Delivery).count() == 1
        row = session.scalars(select(Audit).where(Audit.action == "records.drop")).one()
    assert json.loads(row.detail) == {"消息逐次发送的记录": 2}
    assert drop_old(archive, NOW) == {}


def changed(archive: Archive, folder: Path, written: str, instead: str) -> Archive:
    """The archive by another file."""
    folder.mkdir()
    text = (ROOT / "rules" / "retention.yaml").read_text("utf-8")
    assert written in text
    (folder / "retention.yaml").write_text(text.replace(written, instead), encoding="utf-8")
    return replace(archive, rules=folder)


def test_another_time_is_a_change_of_the_file_alone(archive: Archive, tmp_path: Path) -> None:
    attempts(archive, EDGE - timedelta(seconds=1), NOW - timedelta(days=31), NOW)

    assert drop_old(changed(archive, tmp_path / "rules", "发送的记录, for: 2年", "发送的记录, for: 30天"), NOW) != {}

    assert left(archive) == [3]


@pytest.mark.parametrize(
    ("written", "instead", "code"),
    [
        ("  attempts:", "  facts:", "SHAPE"),
        ("for: 2年", "for: 两年", "PERIOD_FORMAT"),
        ("for: 2年", "for: -2年", "RETENTION_PERIOD"),
        ("for: 2年", "for: 0天", "RETENTION_PERIOD"),
        ("source: D", "source: X", "SHAPE"),
        ("reading:", "readin:", "KEY_UNKNOWN"),
    ],
)
def test_a_file_that_means_nothing_is_refused_with_its_line(
    one_archive: Archive, tmp_path: Path, written: str, instead: str, code: str
) -> None:
    other = changed(one_archive, tmp_path / "rules", written, instead)
    with pytest.raises(RuleError) as told:
        load_retention(other.rules / "retention.yaml")

    assert code in {issue.code for issue in told.value.issues}
    assert "rules/retention.yaml:" in str(told.value)


def test_the_shipped_file_keeps_what_is_sent_for_two_years() -> None:
    shipped = load_retention(ROOT / "rules" / "retention.yaml")

    assert {kind: one.period for kind, one in shipped.items()} == {
        "attempts": Period(24, 0), "trials": Period(24, 0),
    }  # fmt: skip
